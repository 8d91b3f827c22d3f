from odoo import fields, models


class KamsContract(models.Model):
    """The text of a contract: what was reviewed, compared again before it is sealed (7.5)."""

    _inherit = "kams.contract"

    text_file_ids = fields.Many2many(
        "ir.attachment", "kams_contract_text_rel", string="Contract Text", copy=False, help="The text under review."
    )
    reviewed_hash = fields.Text(string="Text Reviewed (SHA-256)", readonly=True, copy=False)
    compared_at = fields.Datetime(string="Text Compared On", readonly=True, copy=False)
    compared_by_id = fields.Many2one(
        "res.users", string="Text Compared By", readonly=True, copy=False, ondelete="restrict"
    )
