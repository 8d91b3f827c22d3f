from odoo import api, models

from .kams_paper import LANDSCAPE

TONES = {"accepted": "good", "unresolved": "bad"}


class ReportObjections(models.AbstractModel):
    """A deal's objections on paper: who said what, what is behind it, our answer, and who accepted it when (5.5)."""

    _name = "report.kams_sales.report_objections"
    _description = "Objection log"
    _inherit = ["kams.paper"]
    _paper_model = "crm.lead"
    _paper = LANDSCAPE

    @api.model
    def _title(self):
        return self.env._("Objection Log")

    @api.model
    def _sheets(self, records):
        objections = self._lines_of(
            "kams.objection", records, "lead_id", order="is_open_major desc, state desc, severity desc, date, id"
        )
        return {
            deal.id: {
                "subtitle": deal.partner_id.commercial_partner_id.name or "",
                "sections": [self._figures(objections[deal]), self._log(objections[deal])],
            }
            for deal in records
        }

    def _figures(self, objections):
        accepted = objections.filtered(lambda one: one.state == "accepted")
        days = [one.days_to_close for one in accepted if one.days_to_close is not False]
        rate = self._number(100 * len(accepted) / len(objections), 1) if objections else ""
        return self._section_facts(
            self.env._("Overview"),
            [
                (self.env._("Objections"), self._number(len(objections))),
                (self.env._("Major and open"), self._number(len(objections.filtered("is_open_major")))),
                (self._label(objections, "resolution"), rate),
                (self.env._("Mean days to close"), self._number(sum(days) / len(days), 1) if days else ""),
            ],
        )

    def _log(self, objections):
        label = self._label
        columns = [
            (label(objections, "date"), 9, ""),
            (label(objections, "statement"), 27, ""),
            (label(objections, "category"), 12, ""),
            (label(objections, "severity"), 8, ""),
            (label(objections, "response"), 27, ""),
            (label(objections, "user_id"), 8, ""),
            (label(objections, "state"), 9, ""),
        ]
        rows = [
            [
                self._date(one.date),
                self._cell(one.statement, note=self._behind(one)),
                self._cell(self._value(one, "category"), note=self._value(one, "true_type")),
                self._cell(one.severity, tone="bad" if one.is_open_major else ""),
                self._cell(one.response, note=one.evidence),
                self._cell(one.user_id.name, note=self._date(one.date_due) if one.state != "accepted" else ""),
                self._cell(
                    self._value(one, "state"),
                    tone=TONES.get(one.state, ""),
                    note=" · ".join(filter(None, [one.confirmed_by_id.name, self._date(one.confirmed_at)])),
                ),
            ]
            for one in objections
        ]
        return self._section_table(self.env._("Log"), columns, rows, empty=self.env._("No objection was raised."))

    def _behind(self, objection):
        """Who said it, why, and whose argument it is."""
        rival = objection.competitor_id.partner_id.name
        return " · ".join(filter(None, [objection.partner_id.name, objection.root_cause, rival]))
