from odoo import api, models

OVERVIEW = ("customer_id", "owner_id", "auditor_id", "date", "phase_id", "verdict")
FIGURES = ("compliance", "compliance_waived", "compliance_weighted", "data_quality")
COUNTS = ("missing_count", "weak_count", "days_in_phase", "standard_days")
TONES = {"met": "good", "waived": "fair", "missing": "bad"}


class ReportStageAudit(models.AbstractModel):
    """A stage audit on paper: figures of the day, findings with owners and days, and each control point (T48)."""

    _name = "report.kams_sales.report_stage_audit"
    _description = "Stage audit report"
    _inherit = ["kams.paper"]
    _paper_model = "kams.stage.audit"

    @api.model
    def _title(self):
        return self.env._("Stage Audit")

    @api.model
    def _name_of(self, record):
        return record.lead_id.display_name

    @api.model
    def _sheets(self, records):
        findings = self._lines_of("kams.stage.audit.finding", records, "audit_id", order="date_due, id")
        checks = self._lines_of("kams.stage.audit.check", records, "audit_id")
        return {
            audit.id: {
                "subtitle": self._value(audit, "state"),
                "mark": "" if audit.state == "done" else self._value(audit, "state"),
                "sections": [
                    self._section_facts(self.env._("Overview"), self._overview(audit)),
                    self._section_texts("", [(self._label(audit, "summary"), audit.summary)]),
                    self._section_texts("", [(self._label(audit, "data_lacks"), audit.data_lacks)]),
                    self._findings(findings[audit]),
                    self._checks(checks[audit]),
                ],
            }
            for audit in records
        }

    def _overview(self, audit):
        return [
            *(self._fact(audit, name) for name in OVERVIEW),
            # a figure of 0 is known; without a denominator it is blank
            *((self._label(audit, name), "" if audit[name] is False else self._value(audit, name)) for name in FIGURES),
            *(self._fact(audit, name, zero=audit[name] is not False) for name in COUNTS),
        ]

    def _findings(self, findings):
        columns = [
            (self._label(findings, "text"), 36, ""),
            (self._label(findings, "point_id"), 19, ""),
            (self._label(findings, "severity"), 14, ""),
            (self._label(findings, "user_id"), 15, ""),
            (self._label(findings, "date_due"), 16, ""),
        ]
        rows = [
            [
                self._cell(finding.text, note=finding.evidence or ""),
                self._value(finding, "point_id"),
                self._cell(self._value(finding, "severity"), tone="bad" if finding.severity == "critical" else ""),
                self._value(finding, "user_id"),
                self._cell(
                    self._value(finding, "date_due"),
                    note=self.env._("Put right on %s", self._value(finding, "closed_on")) if finding.closed_on else "",
                ),
            ]
            for finding in findings
        ]
        return self._section_table(self.env._("Audit Findings"), columns, rows, empty=self.env._("Nothing was found."))

    def _checks(self, checks):
        """Phase by phase, each point with what it rests on."""
        columns = [
            (self._label(checks, "name"), 42, ""),
            (self._label(checks, "level"), 14, ""),
            (self._label(checks, "state"), 14, ""),
            (self._label(checks, "evidence"), 30, ""),
        ]
        rows = []
        for phase, points in checks.grouped("phase_id").items():
            rows.append([self._cell(phase.sudo().name or "", tone="strong")])  # sudo: the name alone
            for check in points:
                words = [self._value(check, "judgement"), check.note or "", check.waiver_reason or ""]
                rows.append(
                    [
                        check.name,
                        self._value(check, "level"),
                        self._cell(self._value(check, "state"), tone=TONES[check.state]),
                        self._cell(check.evidence or "", note=" · ".join(filter(None, words))),
                    ]
                )
        return self._section_table(
            self._label(self.env["kams.stage.audit"], "check_ids"), columns, rows, empty=self.env._("No point applied.")
        )
