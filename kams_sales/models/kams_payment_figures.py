from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import collections as arithmetic
from .blank import BlankMonetary
from .kams_payment_milestone import STATES

# Who may read invoices in Odoo
INVOICES = "account.group_account_invoice,account.group_account_readonly,sales_team.group_sale_salesman"


class KamsPaymentMilestone(models.Model):
    """What of a payment was invoiced, received, is still to come and is late, as the books know it (8.8, C36, L13).

    Amounts are for those who may read the invoices behind them, by Odoo's own rules, and for finance; others see that
    it was invoiced or paid, never how much. A draft or cancelled invoice counts for nothing, whatever it was before.
    """

    _inherit = "kams.payment.milestone"

    invoice_ids = fields.Many2many(
        "account.move",
        "kams_payment_milestone_move_rel",
        "milestone_id",
        "move_id",
        string="Invoices",
        copy=False,
        groups=INVOICES,
        domain="[('move_type', 'in', ('out_invoice', 'out_refund', 'out_receipt')), ('state', '!=', 'cancel'),"
        " ('company_id', '=?', company_id), ('commercial_partner_id', 'parent_of', partner_id)]",
        help="Invoices and credit notes of this payment. Credit notes of an invoice in here needn't be added.",
    )
    state = fields.Selection(
        STATES, string="Status", compute="_compute_state", search="_search_state", help="Follows from the invoices."
    )
    has_draft = fields.Boolean(string="Draft Invoice", compute="_compute_state")
    expected_on = fields.Date(
        compute="_compute_state",
        help="When it is due, and as many days later as this customer usually pays.",
    )
    days_overdue = fields.Integer(compute="_compute_state")
    is_overdue = fields.Boolean(compute="_compute_state", search="_search_is_overdue", string="Overdue")
    invoiced = BlankMonetary(
        compute="_compute_figures", help="With tax, credit notes deducted. Empty: not for you to see, or not known."
    )
    received = BlankMonetary(compute="_compute_figures", help="What was paid, reconciled with the invoices.")
    written_off = BlankMonetary(compute="_compute_figures", help="What was given up: discounts, fees, bad debts.")
    residual = BlankMonetary(string="Still to Come", compute="_compute_figures")
    overdue_amount = BlankMonetary(compute="_compute_figures")
    default_interest = BlankMonetary(
        string="Late Interest",
        compute="_compute_figures",
        help="What the customer owes for paying late: the contract's rate a day, else that of the law for small and "
        "medium firms.",
    )

    # COMPUTES
    @api.depends(
        *("amount", "currency_id", "contract_id.state", "trigger_date", "date_due", "partner_id", "sequence"),
        "invoice_ids",
    )
    def _compute_state(self):
        figures = self._figures()
        for milestone in self:
            row = figures.get(milestone._origin.id, {})
            milestone.state = row.get("state", "planned")
            milestone.has_draft = row.get("has_draft", False)
            milestone.expected_on = row.get("expected_on") or milestone.date_due
            milestone.days_overdue = row.get("days_overdue") or 0
            milestone.is_overdue = milestone.days_overdue > 0

    @api.depends(
        *("amount", "currency_id", "contract_id.state", "trigger_date", "date_due", "sequence"),
        *("invoice_ids", "contract_id.late_interest_pct"),
    )
    @api.depends_context("uid")
    def _compute_figures(self):
        figures = self._figures()
        readable = self._readable_moves({id_ for row in figures.values() for id_ in row["move_ids"] or ()})
        for milestone in self:
            row = figures.get(milestone._origin.id)
            if row and not readable.issuperset(row["move_ids"] or ()):
                row = {}
            elif row is None:  # not saved yet
                row = {"residual": milestone.amount}
            for name in ("invoiced", "received", "written_off", "residual", "overdue_amount"):
                value = row.get(name)
                milestone[name] = None if value is None else float(value)
            milestone.default_interest = arithmetic.default_interest(
                row.get("overdue_amount") and float(row["overdue_amount"]),
                milestone._late_interest_pct(),
                row.get("days_overdue"),
            )

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in", self._matching(lambda row: row["state"] in value))]

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in", self._matching(lambda row: (row["days_overdue"] > 0) in value))]

    # CONSTRAINTS
    @api.constrains("invoice_ids", "currency_id")
    def _check_invoices(self):
        """sudo: an invoice that somebody may not read is held against what it is all the same."""
        for milestone in self.sudo():
            company, customer = milestone.company_id, milestone.partner_id.commercial_partner_id
            for move in milestone.invoice_ids:
                own = self.env.company.currency_id if not company else company.currency_id
                wrong = (
                    move.move_type not in ("out_invoice", "out_refund", "out_receipt")
                    or (company and move.company_id != company)
                    or (customer and move.commercial_partner_id != customer)
                )
                if wrong:
                    raise ValidationError(
                        self.env._(
                            "“%(milestone)s”: %(invoice)s isn't an invoice of %(company)s to %(customer)s.",
                            milestone=milestone.display_name,
                            invoice=move.display_name,
                            company=(company or move.company_id).name,
                            customer=customer.name,
                        )
                    )
                if move.currency_id != milestone.currency_id and milestone.currency_id != own:
                    raise ValidationError(
                        self.env._(
                            "“%(milestone)s” is in %(currency)s, and %(invoice)s in %(other)s: what of it is paid "
                            "can't be told. Link an invoice in %(currency)s.",
                            milestone=milestone.display_name,
                            currency=milestone.currency_id.name,
                            invoice=move.display_name,
                            other=move.currency_id.name,
                        )
                    )

    # BUSINESS
    def _figures(self):
        """``{id: row}`` of what became of these, in one statement; see ``kams.collection._figures``."""
        ids = self._origin.ids
        return self.env["kams.collection"]._rows(ids) if ids else {}

    @api.model
    def _matching(self, wanted):
        """The ids of all milestones whose row is wanted; who may see which is the rules' to say."""
        return [id_ for id_, row in self.env["kams.collection"]._rows().items() if wanted(row)]

    def _readable_moves(self, ids):
        """Of invoices, those whose amounts the user may know."""
        if self.env.su or not ids or self.env.user.has_group("kams_sales.group_finance"):
            return ids
        moves = self.env["account.move"].browse(ids)
        return set(moves._filtered_access("read").ids) if moves.has_access("read") else set()

    def _late_interest_pct(self):
        """Percent a day: as agreed, else by law where the customer is bound to it."""
        agreed = self.contract_id.late_interest_pct
        if agreed is not False and agreed is not None:
            return agreed
        return self.env["kams.legal.rule"]._value("sme_default_interest_day_pct", self.date_due or None)
