from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .blank import known

# Who may read payments and entries in Odoo
ACCOUNTING = "account.group_account_invoice,account.group_account_readonly"
LINK = {"groups": ACCOUNTING, "ondelete": "set null", "index": "btree_not_null", "copy": False}
OF_THEM = "('company_id', '=?', company_id), ('partner_id', 'child_of', counterpart_ids)"
LINKS = ("payment_id", "move_line_id", "returned_payment_id", "returned_move_line_id")


class KamsGuarantee(models.Model):
    """Which payment or journal item a guarantee was paid and came back by, as the books know it.

    Who may not read payments sees that there is one, and whether it still stands, never its amount. The books don't
    depend on the ledger: a payment that is reset or deleted later is shown here, and remembered by its number.
    """

    _inherit = "kams.guarantee"

    counterpart_ids = fields.Many2many(
        "res.partner", compute="_compute_counterpart_ids", help="To whom it may be paid: holder, issuer, agency."
    )
    payment_id = fields.Many2one(
        "account.payment",
        string="Paid by Payment",
        domain=f"[('payment_type', '=', 'outbound'), {OF_THEM}]",
        **LINK,
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Paid by Journal Item",
        domain=f"[('parent_state', '!=', 'cancel'), {OF_THEM}]",
        **LINK,
    )
    returned_payment_id = fields.Many2one(
        "account.payment",
        string="Returned by Payment",
        domain=f"[('payment_type', '=', 'inbound'), {OF_THEM}]",
        **LINK,
    )
    returned_move_line_id = fields.Many2one(
        "account.move.line",
        string="Returned by Journal Item",
        domain=f"[('parent_state', '!=', 'cancel'), {OF_THEM}]",
        **LINK,
    )
    # What is remembered of them, also by those who may not see them
    paid_by = fields.Char(compute="_compute_paid_by", store=True, help="The number of the payment or entry.")
    returned_by = fields.Char(
        compute="_compute_returned_by", store=True, help="The number of the payment or entry it came back by."
    )
    books_state = fields.Selection(
        [
            ("none", "Not in the Books"),
            ("draft", "Draft"),
            ("posted", "Posted"),
            ("cancelled", "Cancelled"),
            ("deleted", "Deleted"),
        ],
        string="In the Books",
        compute="_compute_books_state",
        compute_sudo=True,
        help="What has become of the payment or entry that it was paid by.",
    )

    # COMPUTES
    @api.depends("beneficiary_id", "issuer_id", "tender_id.agency_id", "tender_id.tenderee_id")
    def _compute_counterpart_ids(self):
        for guarantee in self:
            tender = guarantee.tender_id
            people = guarantee.beneficiary_id | guarantee.issuer_id | tender.agency_id | tender.tenderee_id
            guarantee.counterpart_ids = people.commercial_partner_id

    @api.depends("payment_id", "move_line_id")
    def _compute_paid_by(self):
        for guarantee in self:
            guarantee.paid_by = guarantee.payment_id.display_name or guarantee.move_line_id.move_id.display_name

    @api.depends("returned_payment_id", "returned_move_line_id")
    def _compute_returned_by(self):
        for guarantee in self:
            payment, line = guarantee.returned_payment_id, guarantee.returned_move_line_id
            guarantee.returned_by = payment.display_name or line.move_id.display_name

    @api.depends("payment_id", "move_line_id", "paid_by")
    def _compute_books_state(self):
        """sudo: that a payment stands or not, never how much it is."""
        states = {"draft": "draft", "cancel": "cancelled", "canceled": "cancelled", "rejected": "cancelled"}
        for guarantee in self:
            payment, line = guarantee.payment_id, guarantee.move_line_id
            if payment or line:
                guarantee.books_state = states.get(payment.state or line.parent_state, "posted")
            else:
                guarantee.books_state = "deleted" if guarantee.paid_by else "none"

    @api.onchange("payment_id", "move_line_id")
    def _onchange_paid_by(self):
        """The day and the amount of the payment are offered, the amount in the guarantee's currency."""
        day, amount, currency = self._of_books(self.payment_id, self.move_line_id)
        if not day:
            return
        self.paid_at = self.paid_at or day
        if known(self.amount) is None and currency:
            company = self.company_id or self.env.company
            self.amount = currency._convert(amount, self.currency_id or currency, company, day)

    @api.onchange("returned_payment_id", "returned_move_line_id")
    def _onchange_returned_by(self):
        day, _amount, _currency = self._of_books(self.returned_payment_id, self.returned_move_line_id)
        self.returned_at = self.returned_at or day

    # CONSTRAINTS
    @api.constrains(*LINKS)
    def _check_books_company(self):
        for guarantee in self:
            company = guarantee.company_id
            for name in LINKS:
                # sudo: the company only
                entry = guarantee.sudo()[name]
                if company and entry and entry.company_id != company:
                    raise ValidationError(
                        self.env._(
                            "“%(guarantee)s” belongs to %(company)s: choose a payment or entry of that company.",
                            guarantee=guarantee.display_name,
                            company=company.name,
                        )
                    )

    # BUSINESS
    @api.model
    def _of_books(self, payment, line):
        """``(day, amount, currency)`` of what the user may read of these, else blanks."""
        payment, line = payment._origin._filtered_access("read"), line._origin._filtered_access("read")
        if payment:
            return payment.date, payment.amount, payment.currency_id
        if line:
            return line.date, abs(line.amount_currency), line.currency_id
        return False, 0.0, self.env["res.currency"]
