from odoo import api, models
from odoo.tools import formatLang

from ..models.blank import known

FACTS = ("number", "kind", "requested_on", "side", "requested_by_id", "user_id")


class ReportChange(models.AbstractModel):
    """A change order for both signatures: what changes, why, what it does to price and days (8.3 变更).

    What it costs us is on no paper that the customer reads; the price is, if whoever prints may know it.
    """

    _name = "report.kams_sales.report_change"
    _description = "Change order"
    _inherit = ["kams.paper"]
    _kams_confidential = False
    _paper_model = "kams.change"

    @api.model
    def _title(self):
        return self.env._("Change Order")

    @api.model
    def _sheets(self, records):
        lines = self._lines_of("kams.change.phase", records, "change_id")
        return {
            change.id: {
                "subtitle": change.delivery_id.sudo().display_name,  # sudo: the name, to who reads the change
                "mark": "" if change.state in ("approved", "signed") else self._value(change, "state"),
                "sections": [
                    self._section_facts(
                        self.env._("Overview"), [*self._of(change), *(self._fact(change, name) for name in FACTS)]
                    ),
                    self._section_texts(
                        "",
                        [
                            (self._label(change, "request"), change.request),
                            (self._label(change, "reason"), change.reason),
                            (self._label(change, "effect"), change.effect),
                        ],
                    ),
                    self._section_facts(self.env._("Effect on Contract and Payment"), self._effect(change)),
                    *self._phases(lines[change]),
                    *self._signatures(change),
                ],
            }
            for change in records
        }

    def _of(self, change):
        contract = change.contract_id.sudo()  # sudo: the name, to who reads the change
        return [
            (self.env._("Customer"), change.delivery_id.customer_id.sudo().display_name or ""),
            (self._label(change, "contract_id"), contract.display_name or ""),
        ]

    def _effect(self, change):
        days = known(change.days)
        pairs = [(self._label(change, "days"), "" if days is None else str(days))]
        if change._shows_price():
            price = known(change.price_change)
            told = self.env._("None") if not price else formatLang(self.env, price, currency_obj=change.currency_id)
            pairs.append((self._label(change, "price_change"), told))
            contract = change.contract_id
            if contract.has_access("read") and price:
                pairs.append((self.env._("Contract Amount before"), self._before(change, contract)))
                pairs.append((self.env._("Contract Amount after"), self._before(change, contract, price)))
        if change.own_acceptance:
            pairs.append((self._label(change, "own_acceptance"), self.env._("Yes")))
        return pairs

    def _before(self, change, contract, more=0.0):
        """The contract with what was signed before this change; with it, if ``more`` is its price."""
        total = known(contract.changed_total)
        if total is None:
            return ""
        signed = (known(change.price_change) or 0.0) if change.state == "signed" else 0.0
        return self._money(total - signed + more, change.currency_id)

    def _phases(self, lines):
        if not lines:
            return
        columns = [
            (self.env._("Phase"), 40, ""),
            (self.env._("Promised"), 30, ""),
            (self.env._("New"), 30, ""),
        ]
        rows = [
            [
                line.phase_id.name,
                self._from_to(line.promised_start, line.promised_end),
                self._from_to(line.new_start or line.promised_start, line.new_end or line.promised_end),
            ]
            for line in lines
        ]
        yield self._section_table(self.env._("Phases It Moves"), columns, rows)

    def _from_to(self, start, end):
        return " – ".join(filter(None, (self._date(start), self._date(end))))

    def _signatures(self, change):
        """Who signed, or room to sign."""
        if change.state == "signed":
            names = ("approved_by_id", "approved_at", "signed_by_id", "signed_at")
            yield self._section_facts(self.env._("Signatures"), [self._fact(change, name) for name in names])
            return
        room = "\n\n\n"
        for title in (self.env._("For the Customer"), self.env._("For Us")):
            pairs = [(self.env._("Name"), " "), (self.env._("Date"), " "), (self.env._("Signature"), room)]
            yield self._section_facts(title, pairs)
