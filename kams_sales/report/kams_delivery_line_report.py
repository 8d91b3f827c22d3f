from odoo import api, models

FACTS = ("customer_id", "contract_id", "user_id", "customer_manager_id", "date_start", "date_end", "inspection_days")


class ReportDeliveryList(models.AbstractModel):
    """A delivery list on paper: what was shipped and has arrived, for both sides to sign at the gate (8.2 交货清单)."""

    _name = "report.kams_sales.report_delivery_list"
    _description = "Delivery list"
    _inherit = ["kams.paper"]
    _kams_confidential = False  # the customer signs it and keeps a copy
    _paper_model = "kams.delivery"

    @api.model
    def _title(self):
        return self.env._("Delivery List")

    @api.model
    def _sheets(self, records):
        lines = self._lines_of("kams.delivery.line", records, "delivery_id")
        return {
            delivery.id: {
                "sections": [
                    self._section_facts(
                        self.env._("Overview"),
                        [self._fact(delivery, name, zero=name == "inspection_days") for name in FACTS],
                    ),
                    self._goods(lines[delivery]),
                    self._discrepancies(lines[delivery].filtered(lambda line: line.discrepancy_kind != "none")),
                    *self._signatures(lines[delivery]),
                ],
            }
            for delivery in records
        }

    def _goods(self, lines):
        label = self._label
        columns = [
            (self.env._("No."), 5, "right"),
            (label(lines, "name"), 23, ""),
            (self.env._("Unit of Goods"), 7, ""),
            (self.env._("Planned"), 10, "right"),
            (label(lines, "planned_ship"), 12, ""),
            (self.env._("Shipped"), 12, "right"),
            (self.env._("Arrived"), 10, "right"),
            (self.env._("Accepted"), 10, "right"),
            (label(lines, "arrived_on"), 11, ""),
        ]
        rows = [
            [
                self._number(place),
                self._cell(line.name, note=line.serials and self.env._("Serial numbers: %s", line.serials) or ""),
                line.uom_id.name or "",
                self._value(line, "planned_qty"),
                self._date(line.planned_ship),
                self._cell(self._value(line, "shipped_qty"), note=self._date(line.shipped_on)),
                self._value(line, "arrived_qty"),
                self._value(line, "accepted_qty"),
                self._date(line.arrived_on),
            ]
            for place, line in enumerate(lines, 1)
        ]
        return self._section_table(
            self.env._("Goods"), columns, rows, empty=self.env._("Services only: there are no goods to deliver.")
        )

    def _discrepancies(self, lines):
        if not lines:
            return self._section_texts("", [])
        shares = {"name": 32, "discrepancy_kind": 16, "discrepancy": 38, "discrepancy_closed_on": 14}
        return self._section_fields(self.env._("Discrepancies"), lines, shares)

    def _signatures(self, lines):
        """Room for both sides; until when something can be said stands beside it."""
        words = [
            self.env._("%(goods)s: until %(day)s", goods=line.name, day=self._date(line.inspection_until))
            for line in lines
            if line.inspection_state == "open" and line.inspection_until
        ]
        yield self._section_texts("", [(self._label(lines, "inspection_until"), "\n".join(words))])
        for side in (self.env._("Handed Over By"), self.env._("Received By")):
            yield self._section_facts(
                side, [(self.env._("Name"), " "), (self.env._("Date"), " "), (self.env._("Signature"), "\n\n")]
            )
