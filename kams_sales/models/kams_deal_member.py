from odoo import api, fields, models
from odoo.exceptions import ValidationError

ROLES = [
    ("sales", "Sales"),
    ("presales", "Pre-sales"),
    ("manager", "Project Manager"),
    ("bid", "Bid Desk"),
    ("legal", "Legal"),
    ("finance", "Finance"),
    ("delivery", "Delivery"),
]


class KamsDealMember(models.Model):
    """Who works on a deal, and as what (4.1 项目组: the project team that an approved initiation appoints)."""

    _name = "kams.deal.member"
    _description = "Member of a deal's team"
    _inherit = ["kams.deal.part"]
    _order = "role, id"
    _rec_name = "user_id"

    lead_id = fields.Many2one(required=True)
    user_id = fields.Many2one(
        "res.users", string="Person", required=True, ondelete="restrict", domain="[('share', '=', False)]", index=True
    )
    role = fields.Selection(ROLES, required=True)
    days = fields.Float(string="Days Planned", help="Working days that this person gives before the contract.")
    note = fields.Char()

    _person_role_uniq = models.UniqueIndex("(lead_id, user_id, role)", "This person has that role on the deal already.")

    @api.constrains("lead_id")
    def _check_deal(self):
        for member in self:
            if not member.lead_id.kams_process_id:
                raise ValidationError(
                    self.env._(
                        "%s is not under a KAMS process: bring it under one before naming its team.",
                        member.lead_id.display_name,
                    )
                )
