from odoo import api, models

FACTS = ("customer_id", "user_id", "date", "method")
TEXTS = ("scope", "current_state", "constraints")
CONFIRMATION = ("confirmed_by_id", "confirmed_at", "minutes_ids")


class ReportSurvey(models.AbstractModel):
    """A survey on paper, to be signed by the customer or read by those who review the deal (4.2 调研报告)."""

    _name = "report.kams_sales.report_survey"
    _description = "Survey report"
    _inherit = ["kams.paper"]
    _paper_model = "kams.survey"

    @api.model
    def _title(self):
        return self.env._("Survey Report")

    @api.model
    def _sheets(self, records):
        problems = self._lines_of("kams.survey.problem", records, "survey_id")
        requirements = self._lines_of("kams.requirement", records, "survey_id", order="department, sequence, code, id")
        meetings = self._lines_of("calendar.event", records.lead_id, "opportunity_id", order="start, id")
        return {
            survey.id: {
                "subtitle": self._value(survey, "state"),
                "sections": [
                    self._section_facts(
                        self.env._("Overview"),
                        [self._fact(survey, name) for name in FACTS] + self._figures(survey, requirements[survey]),
                    ),
                    self._section_texts("", [(self._label(survey, name), survey[name]) for name in TEXTS]),
                    self._problems(problems[survey]),
                    self._requirements(requirements[survey]),
                    self._meetings(meetings[survey.lead_id]),
                    self._confirmation(survey),
                ],
            }
            for survey in records
        }

    def _figures(self, survey, requirements):
        if not requirements:
            return []
        return [
            (self._label(survey, "requirement_ids"), self._number(survey.requirement_count)),
            (self._label(survey, "fit_rate"), self._number(survey.fit_rate, 1)),
            (self._label(survey, "must_gap"), self._number(survey.must_gap)),
        ]

    def _problems(self, problems):
        label = self._label
        columns = [
            (label(problems, "name"), 50, ""),
            (label(problems, "department"), 20, ""),
            (label(problems, "impact_amount"), 18, "right"),
            (label(problems, "priority"), 12, ""),
        ]
        rows = [
            [
                problem.name,
                problem.department or "",
                self._money(problem.impact_amount, problem.currency_id),
                self._value(problem, "priority"),
            ]
            for problem in problems
        ]
        return self._section_table(self.env._("Problems"), columns, rows)

    def _requirements(self, requirements):
        """By department, each with how much it matters and how we meet it."""
        label = self._label
        columns = [
            (label(requirements, "code"), 8, ""),
            (label(requirements, "name"), 46, ""),
            (label(requirements, "type"), 13, ""),
            (label(requirements, "importance"), 17, ""),
            (label(requirements, "fit"), 16, ""),
        ]
        rows = []
        for department, lines in requirements.grouped("department").items():
            if department or rows:
                rows.append([self._cell(department or self.env._("Other"))])
            for line in lines:
                rows.append(
                    [
                        line.code or "",
                        self._cell(line.name, note=" · ".join(filter(None, [line.partner_id.name, line.description]))),
                        self._value(line, "type"),
                        self._cell(self._value(line, "importance"), note=self.env._("A must") if line.must else ""),
                        self._cell(self._value(line, "fit"), tone="bad" if line.is_must_gap else ""),
                    ]
                )
        return self._section_table(self.env._("Requirements"), columns, rows)

    def _meetings(self, meetings):
        shares = {"start": 22, "name": 48, "partner_ids": 30}
        return self._section_fields(self.env._("Meetings"), meetings, shares)

    def _confirmation(self, survey):
        """Who confirmed it; while nobody has, room to sign."""
        if survey.state == "confirmed":
            pairs = [self._fact(survey, name) for name in CONFIRMATION]
        else:
            pairs = [(self.env._("Name"), " "), (self.env._("Date"), " "), (self.env._("Signature"), "\n\n")]
        return self._section_facts(self.env._("Customer's Confirmation"), pairs)
