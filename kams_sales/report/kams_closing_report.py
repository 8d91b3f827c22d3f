from odoo import api, models

REFERENCE = ("reference_consent", "reference_contact_id", "reference_on", "reference_until")
WARRANTY = ("service_user_id", "accepted_on", "warranty_until")
COSTS = ("estimated_cost", "change_cost", "actual_cost", "cost_overrun")
PROFITS = ("estimated_profit", "estimated_margin_pct", "realised_profit", "realised_margin_pct")


class ReportClosing(models.AbstractModel):
    """How a delivery ended: lessons, changes, reference, warranty, cost and profit against the estimate (8.8).

    Profit is on paper only for who may read it.
    """

    _name = "report.kams_sales.report_closing"
    _description = "Closing report"
    _inherit = ["kams.paper"]
    _paper_model = "kams.delivery.closing"

    @api.model
    def _title(self):
        return self.env._("Closing Report")

    @api.model
    def _sheets(self, records):
        lessons = self._lines_of("kams.lesson", records, "closing_id")
        deliveries = records.delivery_id
        acceptances = self._lines_of(
            "kams.acceptance", deliveries, "delivery_id", [("state", "!=", "cancelled")], order="id"
        )
        changes = self._lines_of(
            "kams.change", deliveries, "delivery_id", [("state", "not in", ("withdrawn", "rejected"))], order="id"
        )
        return {
            closing.id: {
                "subtitle": self._value(closing, "state"),
                "mark": "" if closing.state == "approved" else self._value(closing, "state"),
                "sections": [
                    self._section_facts(self.env._("Overview"), self._overview(closing)),
                    self._section_texts("", [(self._label(closing, "summary"), closing.summary)]),
                    self._acceptances(acceptances[closing.delivery_id]),
                    self._changes(changes[closing.delivery_id]),
                    self._lessons(lessons[closing]),
                    self._section_facts(self.env._("Reference"), [self._fact(closing, name) for name in REFERENCE]),
                    self._section_facts(self.env._("Warranty Handover"), self._warranty(closing)),
                    self._section_texts("", [(self._label(closing, "service_note"), closing.service_note)]),
                    self._section_facts(self.env._("Against the Estimate"), self._money_of(closing)),
                ],
            }
            for closing in records
        }

    def _overview(self, closing):
        delivery = closing.delivery_id
        return [
            (self.env._("Customer"), closing.customer_id.sudo().display_name or ""),  # sudo: the name alone
            *(self._fact(closing, name) for name in ("lead_id", "user_id")),
            (self._label(delivery, "user_id"), delivery.user_id.sudo().name or ""),  # sudo: as above
            *(self._fact(delivery, name) for name in ("date_start", "date_end", "warranty_start", "closed_on")),
            *(self._fact(closing, name) for name in ("approved_by_id", "approved_at")),
        ]

    def _acceptances(self, acceptances):
        shares = {"name": 34, "attempt": 10, "state": 20, "conclusion": 18, "signed_at": 18}
        return self._section_fields(self.env._("Acceptances"), acceptances, shares)

    def _changes(self, changes):
        if not changes:
            return self._section_texts("", [])
        shares = {"number": 12, "name": 40, "days": 14, "state": 20, "signed_at": 14}
        return self._section_fields(self.env._("Changes"), changes, shares)

    def _lessons(self, lessons):
        columns = [
            (self._label(lessons, "kind"), 14, ""),
            (self._label(lessons, "category"), 16, ""),
            (self._label(lessons, "text"), 35, ""),
            (self._label(lessons, "advice"), 35, ""),
        ]
        rows = [
            [
                self._cell(self._value(one, "kind"), tone="good" if one.kind == "keep" else "fair"),
                self._value(one, "category"),
                one.text or "",
                one.advice or "",
            ]
            for one in lessons
        ]
        return self._section_table(self.env._("Lessons"), columns, rows)

    def _warranty(self, closing):
        contacts = ", ".join(closing.service_contact_ids.mapped("display_name"))
        pairs = [self._fact(closing, name) for name in WARRANTY]
        if closing.no_warranty:
            pairs[-1] = (self._label(closing, "warranty_until"), self._label(closing, "no_warranty"))
        return [*pairs, (self._label(closing, "service_contact_ids"), contacts)]

    def _money_of(self, closing):
        """What the reader may read. An amount of 0 is known here: it was computed."""
        names = [name for name in (*COSTS, *PROFITS) if closing._has_field_access(closing._fields[name], "read")]
        return [(self._label(closing, name), self._known(closing, name)) for name in names]

    def _known(self, closing, name):
        value = closing[name]
        if value is False or value is None:
            return ""
        if name.endswith("_pct"):
            return f"{self._number(value, 1)} %"
        return self._money(value, closing.currency_id)
