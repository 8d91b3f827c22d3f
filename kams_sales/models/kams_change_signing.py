from odoo import fields, models


class KamsChange(models.Model):
    """Both sides sign a change: we by whoever may agree to it, the customer by their person and a paper (8.3)."""

    _inherit = "kams.change"

    approved_by_id = fields.Many2one(
        "res.users", string="Agreed To By", readonly=True, copy=False, ondelete="restrict", tracking=True
    )
    approved_at = fields.Date(string="Agreed To On", readonly=True, copy=False)
    signed_by_id = fields.Many2one(
        "res.partner",
        string="Signed for the Customer By",
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        tracking=True,
    )
    signed_at = fields.Date(string="Signed On", copy=False, tracking=True)
    signed_file_ids = fields.Many2many(
        "ir.attachment", "kams_change_signed_rel", string="Signed Change Order", copy=False
    )
    signed_hash = fields.Text(
        string="Signed Change Order (SHA-256)", readonly=True, copy=False, help="A line for each file."
    )
