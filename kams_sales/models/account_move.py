from odoo import models


class AccountMove(models.Model):
    """A key account finds the invoices of its customer at once, however many others there are."""

    _inherit = "account.move"

    _kams_customer_idx = models.Index(
        "(commercial_partner_id, invoice_date) "
        "WHERE state = 'posted' AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')"
    )
