from odoo import api, fields, models

FACTS = ("customer_id", "delivery_id", "user_id", "date_from", "date_to")
KEPT = ("comm_due", "comm_held", "comm_rate")


class ReportCommunicationPlan(models.AbstractModel):
    """A communication plan on paper: who hears what by which way and how often, and what came of it (8.5 沟通计划)."""

    _name = "report.kams_sales.report_communication_plan"
    _description = "Communication plan"
    _inherit = ["report.kams_sales.report_plan"]

    @api.model
    def _title(self):
        return self.env._("Communication Plan")

    @api.model
    def _sheets(self, records):
        lines = self._lines_of("kams.comm.line", records, "plan_id")
        logs = self._lines_of("kams.comm.log", records, "plan_id", order="date_due, id")
        issues = self._lines_of(
            "kams.issue", records.lead_id, "lead_id", [("state", "!=", "closed")], order="raised_on, id"
        )
        return {
            plan.id: {
                "mark": self.env._("Draft") if plan.state == "draft" else "",
                "sections": [
                    self._section_facts(
                        self.env._("Overview"),
                        [self._fact(plan, name) for name in FACTS]
                        + [self._fact(plan, name, zero=bool(plan.comm_due)) for name in KEPT],
                    ),
                    self._section_texts("", [(self._label(plan, "goal"), plan.goal)]),
                    self._lines(lines[plan]),
                    self._contacts(logs[plan]),
                    self._issues(issues.get(plan.lead_id, self.env["kams.issue"]), plan),
                ],
            }
            for plan in records
        }

    def _lines(self, lines):
        label = self._label
        columns = [
            (self.env._("To Whom"), 22, ""),
            (label(lines, "content"), 30, ""),
            (label(lines, "channel"), 14, ""),
            (label(lines, "frequency"), 16, ""),
            (label(lines, "user_id"), 18, ""),
        ]
        rows = [
            [
                self._cell(line._whom(), note=line.stakeholder_id.function or ""),
                line.content,
                self._value(line, "channel"),
                self._value(line, "frequency"),
                self._value(line, "user_id"),
            ]
            for line in lines
        ]
        return self._section_table(self._label(lines.plan_id, "line_ids"), columns, rows)

    def _contacts(self, logs):
        """What was due so far, and what came of it."""
        today = fields.Date.context_today(self)
        logs = logs.filtered(lambda log: log.state != "due" or log.date_due < today)
        label = self._label
        columns = [
            (label(logs, "date_due"), 13, ""),
            (label(logs, "line_id"), 30, ""),
            (label(logs, "held_on"), 13, ""),
            (label(logs, "summary"), 32, ""),
            (label(logs, "state"), 12, ""),
        ]
        rows = [
            [
                self._value(log, "date_due"),
                log.line_id.display_name,
                self._value(log, "held_on"),
                log.summary or "",
                self._cell(self._value(log, "state"), tone="" if log.state == "held" else "bad"),
            ]
            for log in logs
        ]
        return self._section_table(self.env._("Contacts That Were Due"), columns, rows)

    def _issues(self, issues, plan):
        """What still stands in the way, of this delivery or of the deal as a whole."""
        mine = issues.filtered(
            lambda issue: not plan.delivery_id or not issue.delivery_id or issue.delivery_id == plan.delivery_id
        )
        shares = {"raised_on": 14, "name": 36, "severity": 14, "user_id": 18, "date_due": 14, "state": 14}
        return self._section_fields(self.env._("Issues Not Closed"), mine, shares)
