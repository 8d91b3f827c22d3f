from odoo import api, models

PLAN = ("kams_objective", "kams_call_reason", "kams_our_ask", "kams_materials")
SAID = (
    "kams_minutes",
    "kams_situation",
    "kams_problems",
    "kams_implications",
    "kams_expected_value",
    "kams_conclusions",
)
HINTS = ("kams_budget_hint", "kams_timeline_hint", "kams_decision_hint", "kams_competitors_mentioned")
CAME = ("kams_outcome", "kams_attitude", "kams_next_step", "kams_next_step_date", "kams_confirmed_with_customer")
EXCHANGE = ("kams_prepared_at", "kams_rehearsed_at", "kams_rating", "kams_archived_at")


class ReportInterview(models.AbstractModel):
    """A meeting on paper: what we wanted, what was said, who promised what, and what comes next (3.4 初次访谈)."""

    _name = "report.kams_sales.report_interview"
    _description = "Interview record"
    _inherit = ["kams.meeting.paper"]

    @api.model
    def _title(self):
        return self.env._("Interview Record")

    @api.model
    def _sheets(self, records):
        records.opportunity_id.check_access("read")
        questions = self._lines_of("kams.meeting.question", records, "event_id")
        commitments = self._lines_of("kams.meeting.commitment", records, "event_id")
        attendances = self._lines_of("kams.meeting.attendance", records, "event_id")
        return {
            event.id: {
                "title": self._title() if event.kams_kind in (False, "interview") else self._value(event, "kams_kind"),
                **self._head(event),
                "sections": [
                    self._section_facts(self.env._("Overview"), self._overview(event)),
                    self._section_texts(self.env._("Plan"), [(self._label(event, name), event[name]) for name in PLAN]),
                    self._questions(questions[event]),
                    self._section_texts(
                        self.env._("What Was Said"), [(self._label(event, name), event[name]) for name in SAID]
                    ),
                    self._section_facts(self.env._("Hints"), [self._fact(event, name) for name in HINTS]),
                    self._section_facts(self.env._("What Came of It"), [self._fact(event, name) for name in CAME]),
                    self._commitments(commitments[event]),
                    self._attendance(attendances[event]),
                ],
            }
            for event in records
        }

    def _overview(self, event):
        facts = [
            *self._where_and_when(event),
            self._fact(event, "user_id"),
            (self.env._("Invited"), ", ".join(event.partner_ids.mapped("name"))),
            self._fact(event, "kams_recorded_at"),
        ]
        if event.kams_kind == "interview":
            facts.append(self._fact(event, "kams_interview_type"))
        if event.kams_kind == "exchange":
            facts += [self._fact(event, name) for name in EXCHANGE]
        return facts

    def _questions(self, questions):
        shares = {"type": 18, "question": 41, "answer": 41}
        return self._section_fields(self.env._("Questions"), questions, shares)

    def _commitments(self, commitments):
        label = self._label
        columns = [
            (label(commitments, "side"), 12, ""),
            (self.env._("Who"), 20, ""),
            (label(commitments, "what"), 42, ""),
            (label(commitments, "due"), 14, ""),
            (label(commitments, "done"), 12, ""),
        ]
        rows = [
            [
                self._value(line, "side"),
                line.partner_id.name or line.user_id.name or "",
                line.what,
                self._date(line.due),
                self._cell(self._value(line, "done"), tone="good" if line.done else ""),
            ]
            for line in commitments
        ]
        return self._section_table(self.env._("Commitments"), columns, rows)

    def _attendance(self, attendances):
        shares = {"partner_id": 25, "feedback": 45, "attitude_before": 15, "attitude_after": 15}
        return self._section_fields(self.env._("Who Came"), attendances, shares)
