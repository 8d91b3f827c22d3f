from odoo import api, models

FACTS = ("customer_id", "contract_id", "user_id", "delivery_user_id", "date_due", "sent_at")
CONTRACT = ("number", "signed_at", "date_start", "date_end", "warranty_months", "damages_cap_pct", "retention_pct")


class ReportHandover(models.AbstractModel):
    """A handover on paper, for the meeting at which delivery takes over: points by section, room to sign (7.7 交底).

    How to reach a person is read from the contact as the user who prints may see it.
    """

    _name = "report.kams_sales.report_handover"
    _description = "Handover paper"
    _inherit = ["kams.paper"]
    _paper_model = "kams.handover"

    @api.model
    def _title(self):
        return self.env._("Handover to Delivery")

    @api.model
    def _sheets(self, records):
        lines = self._lines_of("kams.handover.line", records, "handover_id")
        returns = self._lines_of("kams.handover.return", records, "handover_id")
        return {
            handover.id: {
                "subtitle": self._value(handover, "state"),
                "mark": "" if handover.state == "accepted" else self._value(handover, "state"),
                "sections": [
                    self._section_facts(self.env._("Overview"), [self._fact(handover, name) for name in FACTS]),
                    self._contract(handover),
                    self._section_texts("", [(self._label(handover, "note"), handover.note)]),
                    *self._points(lines[handover]),
                    self._left_out(lines[handover]),
                    self._returns(returns[handover]),
                    self._acceptance(handover),
                ],
            }
            for handover in records
        }

    def _contract(self, handover):
        """The contract's days and numbers that bind delivery; its amount is none of them."""
        contract = handover.contract_id
        if not contract or not contract.has_access("read"):
            return self._section_texts("", [])
        return self._section_facts(self.env._("From the Contract"), [self._fact(contract, name) for name in CONTRACT])

    def _points(self, lines):
        sections = dict(lines._fields["section"]._description_selection(self.env))
        told = lines.filtered(lambda line: not line.left_out).grouped("section")
        for section, label in sections.items():
            if some := told.get(section):
                yield self._people(label, some) if section == "contact" else self._said(label, some)

    def _said(self, title, lines):
        label = self._label
        columns = [
            (label(lines, "name"), 56, ""),
            (label(lines, "user_id"), 14, ""),
            (label(lines, "date_due"), 12, ""),
            (label(lines, "understood"), 18, ""),
        ]
        rows = [
            [
                self._cell(line.name, note=" · ".join(filter(None, (line.note, line.source_name)))),
                line.user_id.name or "",
                self._date(line.date_due),
                self._delivery(line),
            ]
            for line in lines
        ]
        return self._section_table(title, columns, rows)

    def _delivery(self, line):
        """What delivery says to a point."""
        words = [line.question and self.env._("Asked: %s", line.question), line.answer]
        return self._cell(
            self.env._("Yes") if line.understood else "☐",
            tone="good" if line.understood else "bad" if line.is_asked else "",
            note=" – ".join(filter(None, words)),
        )

    def _people(self, title, lines):
        label = self._label
        columns = [
            (label(lines, "partner_id"), 46, ""),
            (label(lines, "phone"), 16, ""),
            (label(lines, "email"), 22, ""),
            (label(lines, "user_id"), 16, ""),
        ]
        rows = [
            [
                self._cell(line.name, note=line.note or ""),
                line.phone or "",
                line.email or "",
                line.user_id.name or "",
            ]
            for line in lines
        ]
        return self._section_table(title, columns, rows)

    def _left_out(self, lines):
        out = lines.filtered("left_out")
        if not out:
            return self._section_texts("", [])
        columns = [(self._label(lines, "name"), 60, ""), (self.env._("Why"), 40, "")]
        return self._section_table(
            self._label(lines, "left_out"), columns, [[line.name_short, line.note or ""] for line in out]
        )

    def _returns(self, returns):
        if not returns:
            return self._section_texts("", [])
        shares = {"date": 18, "kind": 14, "user_id": 18, "reason": 50}
        return self._section_fields(self.env._("Sent Back or Reopened"), returns, shares)

    def _acceptance(self, handover):
        """Who accepted it; before, room to sign."""
        if handover.state == "accepted":
            pairs = [self._fact(handover, name) for name in ("accepted_by_id", "accepted_at")]
        else:
            pairs = [(self.env._("Name"), " "), (self.env._("Date"), " "), (self.env._("Signature"), "\n\n")]
        return self._section_facts(self.env._("Acceptance by Delivery"), pairs)
