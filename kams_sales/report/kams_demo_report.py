from odoo import api, models

WHAT = ("kams_demo_type", "kams_requirement_coverage", "kams_rehearsed_at", "kams_competitor_demo_date")
AIM = ("kams_critical_issue", "kams_demo_goal", "kams_contingency")


class ReportDemo(models.AbstractModel):
    """A demonstration on paper: what it is to prove, scene by scene, for those who give it; then what came of it (5.2).

    For our own people: what is said of the customer's people stands in it.
    """

    _name = "report.kams_sales.report_demo"
    _description = "Demonstration plan"
    _inherit = ["kams.meeting.paper"]

    @api.model
    def _title(self):
        return self.env._("Demonstration Plan")

    @api.model
    def _sheets(self, records):
        records.opportunity_id.check_access("read")
        scripts = self._lines_of("kams.meeting.script", records, "event_id")
        checks = self._lines_of("kams.meeting.check", records, "event_id")
        people = self._lines_of("kams.meeting.attendance", records, "event_id")
        musts = self._lines_of("kams.requirement", records.opportunity_id, "lead_id", domain=[("must", "=", True)])
        return {
            event.id: {
                **self._head(event),
                "sections": [
                    self._section_facts(self.env._("Overview"), self._overview(event)),
                    self._section_texts(
                        self.env._("Goal of the Demonstration"),
                        [(self._label(event, name), event[name]) for name in AIM],
                    ),
                    self._audience(people[event]),
                    self._script(scripts[event]),
                    self._uncovered(scripts[event], musts.get(event.opportunity_id, self.env["kams.requirement"])),
                    self._checks(checks[event]),
                    *self._feedback(event, people[event]),
                ],
            }
            for event in records
        }

    def _overview(self, event):
        return [
            *self._where_and_when(event),
            self._fact(event, "user_id"),
            *[self._fact(event, name) for name in WHAT],
        ]

    def _audience(self, people):
        """Who must see it, and how much they weigh."""
        columns = [
            (self._label(people, "partner_id"), 34, ""),
            (self.env._("Job Position"), 30, ""),
            (self.env._("Influence"), 18, ""),
            (self._label(people, "attitude_before"), 18, ""),
        ]
        rows = [
            [
                line.partner_id.name,
                line.partner_id.function or "",
                self._value(line, "influence") or self._value(line.stakeholder_id, "influence"),
                self._value(line, "attitude_before"),
            ]
            for line in people
        ]
        return self._section_table(self.env._("For Whom"), columns, rows)

    def _script(self, lines):
        label = self._label
        columns = [
            (self.env._("No."), 6, "right"),
            (label(lines, "scene"), 34, ""),
            (label(lines, "requirement_id"), 24, ""),
            (label(lines, "presenter_id"), 14, ""),
            (label(lines, "minutes"), 11, "right"),
            (label(lines, "shown"), 11, ""),
        ]
        rows = [
            [
                str(place),
                self._cell(line.scene, note=line.proof),
                line.requirement_id.name or "",
                line.presenter_id.name or "",
                self._number(line.minutes) if line.minutes else "",
                self._cell(self._value(line, "shown"), tone="" if line.shown else "bad"),
            ]
            for place, line in enumerate(lines, 1)
        ]
        total = sum(lines.mapped("minutes"))
        legend = self.env._("%s minutes in all", total) if total else ""
        return self._section_table(self.env._("Script"), columns, rows, legend=legend)

    def _uncovered(self, lines, musts):
        """What they can't do without and the script doesn't show."""
        left = musts - lines.filtered("shown").requirement_id
        columns = [(self.env._("No."), 12, ""), (self.env._("Requirement"), 88, "")]
        return self._section_table(
            self.env._("Musts Not Shown"),
            columns,
            [[one.code or "", one.name] for one in left],
            empty=self.env._("None.") if musts else self.env._("No requirement is a must."),
        )

    def _feedback(self, event, people):
        """What those who came thought of it; nothing before it is recorded."""
        if event.kams_record_state != "done":
            return []
        shares = {
            "partner_id": 22,
            "score": 14,
            "feedback": 24,
            "concern": 20,
            "attitude_before": 10,
            "attitude_after": 10,
        }
        facts = [
            self._fact(event, "kams_demo_result"),
            (self._label(event, "kams_demo_score"), self._number(event.kams_demo_score, 2)),
            self._fact(event, "kams_support_effect"),
            self._fact(event, "kams_next_step"),
        ]
        return [
            self._section_facts(self.env._("What Came of It"), facts),
            self._section_fields(self.env._("Feedback"), people, shares),
        ]
