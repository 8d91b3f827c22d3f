from odoo import api, models

from .kams_paper import LANDSCAPE

# The guarantees of one sheet, in the context of the builder alone
CHOSEN = "kams_ledger_ids"


class ReportGuarantees(models.AbstractModel):
    """The guarantees that were chosen as one ledger a company: what is out, with whom, and when it comes back (6.3)."""

    _name = "report.kams_sales.report_guarantees"
    _description = "Guarantee ledger"
    _inherit = ["kams.paper"]
    _paper_model = "kams.guarantee"
    _paper = LANDSCAPE

    @api.model
    def _get_report_values(self, docids, data=None):
        chosen = self.env["kams.guarantee"].browse(docids or [])
        chosen.check_access("read")
        heads = chosen.browse().union(*(ledger[:1] for ledger in chosen.grouped("company_id").values()))
        return super(ReportGuarantees, self.with_context(**{CHOSEN: chosen.ids}))._get_report_values(heads.ids, data)

    @api.model
    def _title(self):
        return self.env._("Guarantee Ledger")

    @api.model
    def _name_of(self, record):
        return self._company_of(record).name

    @api.model
    def _sheets(self, records):
        chosen = self.env["kams.guarantee"].browse(self.env.context.get(CHOSEN, records.ids))
        ledgers = chosen.sorted(lambda one: (one.due_back or one.create_date.date(), one.id)).grouped("company_id")
        return {
            head.id: {"sections": [self._totals(ledgers[head.company_id]), *self._kinds(ledgers[head.company_id])]}
            for head in records
        }

    def _totals(self, ledger):
        """What is out, and of that overdue, in each currency."""
        pairs = []
        for currency, ones in ledger.grouped("currency_id").items():
            out, overdue = ones.filtered(lambda one: one.state == "paid"), ones.filtered("is_overdue")
            pairs += [
                (self.env._("Outstanding, %s", currency.name), self._money(sum(out.mapped("outstanding")), currency)),
                (self.env._("Overdue, %s", currency.name), self._money(sum(overdue.mapped("outstanding")), currency)),
            ]
        return self._section_facts(self.env._("Overview"), pairs)

    def _kinds(self, ledger):
        kinds = dict(ledger._fields["kind"]._description_selection(self.env))
        found = ledger.grouped("kind")
        return [self._section_kind(kinds[kind], found[kind]) for kind in kinds if kind in found]

    def _section_kind(self, title, ledger):
        label = self._label
        columns = [
            (self.env._("For"), 25, ""),
            (label(ledger, "beneficiary_id"), 17, ""),
            (label(ledger, "form"), 12, ""),
            (label(ledger, "amount"), 13, "right"),
            (label(ledger, "paid_at"), 11, ""),
            (label(ledger, "due_back"), 11, ""),
            (label(ledger, "state"), 11, ""),
        ]
        rows = [
            [
                self._cell(one.tender_id.display_name or one.lead_id.name, note=one.reference),
                self._cell(one.beneficiary_id.name, note=one.issuer_id.name),
                self._cell(self._value(one, "form"), note=self._date(one.date_expiry)),
                self._money(one.amount, one.currency_id),
                self._cell(self._date(one.paid_at), note=one.paid_by),
                self._cell(
                    self._date(one.due_back),
                    tone="bad" if one.is_overdue else "",
                    note=self._value(one, "due_back_rule") if one.state == "paid" else "",
                ),
                self._cell(
                    self._value(one, "state"),
                    tone={"returned": "good", "forfeited": "bad"}.get(one.state, ""),
                    note=self._date(one.returned_at or one.forfeited_at),
                ),
            ]
            for one in ledger
        ]
        return self._section_table(title, columns, rows)
