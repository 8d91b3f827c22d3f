from odoo import api, models

FACTS = (
    "customer_id",
    "user_id",
    "objective_product",
    "objective_amount",
    "objective_date",
    "competitive_strategy",
    "budget",
    "cost",
    "budget_left",
    "execution_rate",
    "approved_by_id",
    "approved_on",
)
TEXTS = ("goal", "strategy_advice", "key_message")


class ReportMarketingPlan(models.AbstractModel):
    """A marketing plan on paper: what we sell, how we compete, who is won over by what (4.4 大客户项目营销计划)."""

    _name = "report.kams_sales.report_marketing_plan"
    _description = "Project marketing plan"
    _inherit = ["report.kams_sales.report_plan"]

    @api.model
    def _title(self):
        return self.env._("Project Marketing Plan")

    @api.model
    def _sheets(self, records):
        actions = self._lines_of("kams.plan.action", records, "plan_id")
        tests = self._lines_of("kams.plan.test", records, "plan_id")
        people = self._lines_of("kams.stakeholder", records.lead_id, "lead_id")
        return {
            plan.id: {
                "mark": self.env._("Draft") if plan.state == "draft" else "",
                "sections": [
                    self._section_facts(self.env._("Overview"), [self._fact_of(plan, name) for name in FACTS]),
                    self._section_texts("", [(self._label(plan, name), plan[name]) for name in TEXTS]),
                    self._people(people.get(plan.lead_id, self.env["kams.stakeholder"]), actions[plan]),
                    self._actions(actions[plan]),
                    self._section_fields(
                        self.env._("Test Questions"), tests[plan], {"question": 54, "answer": 12, "note": 34}
                    ),
                ],
            }
            for plan in records
        }

    def _fact_of(self, plan, name):
        if name == "execution_rate":
            return self._label(plan, name), self._number(plan.execution_rate)
        known = plan[name] is not False
        return self._fact(plan, name, zero=known)

    def _people(self, people, actions):
        """Who decides, where they stand, how each of them is won over and by which actions."""
        label = self._label
        columns = [
            (label(people, "partner_id"), 22, ""),
            (label(people, "mh_role"), 15, ""),
            (label(people, "attitude"), 13, ""),
            (label(people, "strategy"), 28, ""),
            (self.env._("Actions"), 22, ""),
        ]
        aimed = actions.grouped("stakeholder_id")
        rows = [
            [
                self._cell(person.partner_id.name, note=person.function),
                self._value(person, "mh_role"),
                self._value(person, "attitude"),
                person.strategy or "",
                "\n".join(aimed.get(person, actions.browse()).mapped("name")),
            ]
            for person in people
        ]
        return self._section_table(self.env._("Decision Chain"), columns, rows)
