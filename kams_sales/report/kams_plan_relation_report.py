from odoo import api, fields, models

from ..models.blank import known
from ..models.kams_plan_relation_health import PARTS

FACTS = ("customer_id", "user_id", "state", "date_from", "date_to", "contact_days", "review_date", "cost")


class ReportRelationPlan(models.AbstractModel):
    """A relationship plan on paper: who stands where, who sees them when, and how the relationship is doing (8.6)."""

    _name = "report.kams_sales.report_relation_plan"
    _description = "Relationship plan"
    _inherit = ["report.kams_sales.report_plan"]

    @api.model
    def _title(self):
        return self.env._("Customer Relationship Plan")

    @api.model
    def _sheets(self, records):
        actions = self._lines_of("kams.plan.action", records, "plan_id", order="date_due, id")
        weights = records._relation_weights()
        return {
            plan.id: {
                "mark": self.env._("Draft") if plan.state == "draft" else "",
                "sections": [
                    self._section_facts(self.env._("Overview"), [self._fact(plan, name) for name in FACTS]),
                    self._section_texts("", [(self._label(plan, "goal"), plan.goal)]),
                    self._health(plan, weights),
                    self._contacts(actions[plan]),
                    self._given(actions[plan]),
                ],
            }
            for plan in records
        }

    def _health(self, plan, weights):
        """C35, part by part; what isn't known is said."""
        rows = [
            [
                self._label(plan, name),
                self._number(weights[part]),
                self._cell(
                    self._number(plan[name], 1) if known(plan[name]) is not None else self.env._("not known"),
                    bar=plan[name],
                    tone="" if known(plan[name]) is not None else "muted",
                ),
            ]
            for part, name in PARTS.items()
        ]
        rows.append(
            [
                self._cell(self._label(plan, "relation_health"), tone="strong"),
                "",
                self._cell(self._number(plan.relation_health, 1) or "–", bar=plan.relation_health, tone="strong"),
            ]
        )
        columns = [(self.env._("Part"), 44, ""), (self.env._("Weight"), 16, "right"), (self.env._("Value"), 40, "")]
        legend = self.env._("Mean by weight of what is known; what isn't known is left out.")
        return self._section_table(self.env._("Health of the Relationship"), columns, rows, legend=legend)

    def _contacts(self, actions):
        """Person by person: from where to where, by what, by whom, and what came of it."""
        label, today = self._label, fields.Date.context_today(self)
        columns = [
            (self.env._("Person"), 15, ""),
            (self.env._("Attitude"), 15, ""),
            (label(actions, "name"), 26, ""),
            (label(actions, "user_id"), 11, ""),
            (label(actions, "date_due"), 11, ""),
            (label(actions, "state"), 8, ""),
            (label(actions, "result"), 14, ""),
        ]
        rows = []
        for action in actions:
            late = action.state == "open" and action.date_due < today
            wanted, after = self._value(action, "attitude_wanted"), self._value(action, "attitude_after")
            cost = f"{label(action, 'cost')}: {self._money(action.cost, action.currency_id)}" if action.cost else ""
            rows.append(
                [
                    self._cell(action.partner_id.name or "", note=action.partner_id.function),
                    self._cell(
                        " → ".join(filter(None, (self._value(action, "attitude_now"), wanted))),
                        note=after and f"{label(action, 'attitude_after')}: {after}",
                    ),
                    self._cell(
                        action.name,
                        note=" · ".join(filter(None, (self._value(action, "relation_kind"), action.purpose, cost))),
                    ),
                    action.user_id.name,
                    self._cell(self._date(action.date_due), tone="bad" if late else ""),
                    self._cell(
                        self._value(action, "state"), tone={"done": "good", "dropped": "muted"}.get(action.state, "")
                    ),
                    self._cell(
                        action.result or "",
                        note=action.follow_on_id
                        and f"{label(action, 'follow_on_id')}: {self._value(action, 'follow_on_id')}",
                    ),
                ]
            )
        return self._section_table(self.env._("People and Actions"), columns, rows)

    def _given(self, actions):
        """What somebody gets, and who said yes: the law wants it in the open."""
        given = actions.filtered(lambda action: action.benefit_kind != "none" and action.state != "dropped")
        shares = {"name": 24, "benefit_kind": 13, "benefit_value": 12, "benefit_people": 9, "benefit_rule": 26}
        return self._section_fields(
            self.env._("What They Get"),
            given,
            {**shares, "benefit_approved_by_id": 16},
            empty=self.env._("Nothing of value is given to anybody."),
        )
