from odoo import api, models

from .kams_paper import LANDSCAPE

# The payments of one sheet, in the context of the builder alone
CHOSEN = "kams_collection_ids"


class ReportPayments(models.AbstractModel):
    """A contract's payments on paper: how much, upon what, when, and what they are worth (7.5, T47 回款计划)."""

    _name = "report.kams_sales.report_payments"
    _description = "Payment schedule"
    _inherit = ["kams.paper"]
    _paper_model = "kams.contract"

    @api.model
    def _title(self):
        return self.env._("Payment Schedule")

    @api.model
    def _sheets(self, records):
        payments = self._lines_of("kams.payment.milestone", records, "contract_id", order="sequence, id")
        return {
            contract.id: {
                "subtitle": self._value(contract, "state"),
                "sections": [
                    self._section_facts(
                        self.env._("Overview"),
                        [
                            *(
                                self._fact(contract, name)
                                for name in ("partner_id", "lead_id", "number", "order_id", "amount_total", "signed_at")
                            ),
                            *(
                                self._fact(contract, name, zero=True)
                                for name in ("payment_state", "payment_days", "present_value", "present_value_pct")
                            ),
                        ],
                    ),
                    self._schedule(payments[contract], contract),
                    self._section_texts(
                        self.env._("Payment Conditions"), [(one.name, one.condition) for one in payments[contract]]
                    ),
                    self._section_texts("", [(self.env._("To Look At"), contract.payment_findings)]),
                ],
            }
            for contract in records
        }

    def _schedule(self, payments, contract):
        label = self._label
        columns = [
            (self.env._("Payment"), 28, ""),
            ("%", 9, "right"),
            (label(payments, "amount"), 19, "right"),
            (label(payments, "trigger"), 20, ""),
            (label(payments, "days"), 9, "right"),
            (label(payments, "date_due"), 15, ""),
        ]
        rows = [
            [
                self._cell(one.name, note=self._value(one, "kind")),
                self._number(one.pct, 2),
                self._money(one.amount, one.currency_id),
                self._cell(self._value(one, "trigger"), note=self._date(one.trigger_date or one.trigger_planned)),
                self._number(one.days),
                self._cell(self._date(one.date_due), tone="" if one.trigger_date else "muted"),
            ]
            for one in payments
        ]
        if rows:
            amounts = payments.mapped("amount")
            total = None if False in amounts else sum(amounts)
            rows.append(
                [
                    self._cell(self.env._("Total"), tone="strong"),
                    self._cell(self._number(sum(one.pct or 0.0 for one in payments), 2), tone="strong"),
                    self._cell(self._money(total, contract.currency_id), tone="strong"),
                    "",
                    "",
                    "",
                ]
            )
        return self._section_table(
            self.env._("Payments"),
            columns,
            rows,
            legend=self.env._("Days in grey are planned: the condition isn't met."),
        )


class ReportCollections(models.AbstractModel):
    """The payments that were chosen as one ledger a company: due, invoiced, received, late (8.8, T47 回款台账)."""

    _name = "report.kams_sales.report_collections"
    _description = "Collection ledger"
    _inherit = ["kams.paper"]
    _paper_model = "kams.payment.milestone"
    _paper = LANDSCAPE

    @api.model
    def _get_report_values(self, docids, data=None):
        chosen = self.env["kams.payment.milestone"].browse(docids or [])
        chosen.check_access("read")
        heads = chosen.browse().union(*(ledger[:1] for ledger in chosen.grouped("company_id").values()))
        return super(ReportCollections, self.with_context(**{CHOSEN: chosen.ids}))._get_report_values(heads.ids, data)

    @api.model
    def _title(self):
        return self.env._("Collection Ledger")

    @api.model
    def _name_of(self, record):
        return self._company_of(record).name

    @api.model
    def _sheets(self, records):
        chosen = self.env["kams.payment.milestone"].browse(self.env.context.get(CHOSEN, records.ids))
        ledgers = chosen.grouped("company_id")
        return {
            head.id: {"sections": [self._totals(ledgers[head.company_id]), *self._customers(ledgers[head.company_id])]}
            for head in records
        }

    def _totals(self, ledger):
        """What is due, came in and is late, in each currency; unknown where somebody may not see an invoice of it."""
        pairs = []
        for currency, ones in ledger.grouped("currency_id").items():
            for label, name in (
                (self.env._("To be paid, %s", currency.name), "amount"),
                (self.env._("Received, %s", currency.name), "received"),
                (self.env._("Still to come, %s", currency.name), "residual"),
                (self.env._("Overdue, %s", currency.name), "overdue_amount"),
            ):
                amounts = [one[name] for one in ones]
                known = not any(amount is False or amount is None for amount in amounts)
                pairs.append((label, self._money(sum(amounts), currency) if known else ""))
        return self._section_facts(self.env._("Overview"), pairs)

    def _customers(self, ledger):
        return [
            self._customer(partner.display_name or "–", ones.sorted(lambda one: (one.contract_id.id, one.sequence)))
            for partner, ones in ledger.grouped("partner_id").items()
        ]

    def _customer(self, title, ledger):
        label = self._label
        columns = [
            (label(ledger, "contract_id"), 20, ""),
            (self.env._("Payment"), 14, ""),
            (label(ledger, "amount"), 13, "right"),
            (label(ledger, "date_due"), 11, ""),
            (label(ledger, "invoiced"), 12, "right"),
            (label(ledger, "received"), 12, "right"),
            (label(ledger, "residual"), 12, "right"),
            (label(ledger, "state"), 6, ""),
        ]
        rows = [
            [
                self._cell(one.contract_id.display_name or one.lead_id.display_name),
                one.name,
                self._money(one.amount, one.currency_id),
                self._cell(
                    self._date(one.date_due),
                    tone="bad" if one.is_overdue else "",
                    note=self.env._("%s days late", one.days_overdue) if one.is_overdue else "",
                ),
                self._money(one.invoiced, one.currency_id),
                self._money(one.received, one.currency_id),
                self._cell(
                    self._money(one.residual, one.currency_id),
                    note=self.env._("interest %s", self._money(one.default_interest, one.currency_id))
                    if one.default_interest
                    else "",
                ),
                self._cell(self._value(one, "state"), tone="good" if one.state == "paid" else ""),
            ]
            for one in ledger
        ]
        return self._section_table(title, columns, rows)
