from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamsMeetingCommitment(models.Model):
    """Who promised what at a meeting, until when, and whether they kept it (3.4). Ticking it off needs no reopening."""

    _name = "kams.meeting.commitment"
    _description = "Commitment made at a meeting"
    _inherit = ["kams.meeting.part"]
    _order = "event_id, due, id"
    _rec_name = "what"
    _kams_open_fields = frozenset({"done"})

    side = fields.Selection([("us", "Us"), ("customer", "Customer")], required=True, default="customer")
    partner_id = fields.Many2one("res.partner", string="Contact", ondelete="restrict", index="btree_not_null")
    user_id = fields.Many2one(
        "res.users", string="Person", domain="[('share', '=', False)]", ondelete="restrict", index="btree_not_null"
    )
    what = fields.Text(string="Commitment", required=True)
    due = fields.Date()
    done = fields.Boolean(string="Kept")

    @api.constrains("side", "partner_id", "user_id")
    def _check_who(self):
        """Our people promise for us, theirs for them."""
        for line in self:
            if line.user_id if line.side == "customer" else line.partner_id:
                raise ValidationError(
                    self.env._("“%s”: name one of ours for us, or one of the customer's people for them.", line.what)
                )
