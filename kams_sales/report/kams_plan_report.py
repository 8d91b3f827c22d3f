from odoo import api, fields, models

FACTS = ("customer_id", "user_id", "state", "date_from", "date_to", "review_date", "last_review", "cost", "health")
TEXTS = ("goal", "value_proposition", "success_factors", "health_drivers")


class ReportPlan(models.AbstractModel):
    """A plan on paper: what we want to reach, how far we are, who does what until when (0.2 大客户计划)."""

    _name = "report.kams_sales.report_plan"
    _description = "Plan"
    _inherit = ["kams.paper"]
    _paper_model = "kams.plan"

    @api.model
    def _title(self):
        return self.env._("Account Plan")

    @api.model
    def _sheets(self, records):
        objectives = self._lines_of("kams.plan.objective", records, "plan_id")
        actions = self._lines_of("kams.plan.action", records, "plan_id")
        return {
            plan.id: {
                "title": self._value(plan, "kind"),
                "mark": self.env._("Draft") if plan.state == "draft" else "",
                "sections": [
                    self._section_facts(self.env._("Overview"), [self._fact(plan, name) for name in FACTS]),
                    self._section_texts("", [(self._label(plan, name), plan[name]) for name in TEXTS]),
                    self._objectives(objectives[plan]),
                    self._actions(actions[plan]),
                ],
            }
            for plan in records
        }

    def _objectives(self, objectives):
        label = self._label
        columns = [
            (label(objectives, "name"), 26, ""),
            (label(objectives, "strategy"), 28, ""),
            (label(objectives, "measure"), 13, ""),
            (label(objectives, "current"), 11, "right"),
            (label(objectives, "target"), 11, "right"),
            (label(objectives, "progress"), 11, ""),
        ]
        rows = []
        for objective in objectives:
            about = [objective.unit_id.name or objective.resource, self._value(objective, "type")]
            start = self._figure(objective.start)
            rows.append(
                [
                    self._cell(objective.name, note=" · ".join(filter(None, about))),
                    objective.strategy or "",
                    self._value(objective, "measure"),
                    self._cell(self._figure(objective.current), note=start and f"{label(objective, 'start')}: {start}"),
                    self._figure(objective.target),
                    self._cell(self._number(objective.progress), bar=objective.progress),
                ]
            )
        return self._section_table(self.env._("Objectives"), columns, rows)

    def _actions(self, actions):
        label, today = self._label, fields.Date.context_today(self)
        columns = [
            (label(actions, "name"), 25, ""),
            (label(actions, "partner_id"), 12, ""),
            (label(actions, "user_id"), 12, ""),
            (label(actions, "date_due"), 11, ""),
            (label(actions, "state"), 10, ""),
            (label(actions, "expected"), 15, ""),
            (label(actions, "result"), 15, ""),
        ]
        rows = []
        for action in actions:
            late = action.state == "open" and action.date_due < today
            cost = f"{label(action, 'cost')}: {self._money(action.cost, action.currency_id)}" if action.cost else ""
            rows.append(
                [
                    self._cell(action.name, note=" · ".join(filter(None, [action.purpose, action.resource, cost]))),
                    action.partner_id.name or "",
                    action.user_id.name,
                    self._cell(self._date(action.date_due), tone="bad" if late else ""),
                    self._cell(
                        self._value(action, "state"),
                        tone={"done": "good", "dropped": "muted"}.get(action.state, ""),
                        note=self.env._("Overdue") if late else self._date(action.done_on),
                    ),
                    action.expected or "",
                    action.result or "",
                ]
            )
        return self._section_table(self.env._("Actions"), columns, rows)
