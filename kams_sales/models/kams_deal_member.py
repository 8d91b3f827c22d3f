from odoo import fields, models

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

    # BUSINESS
    def _move_to_deal(self, deal):
        """Who has the same role on both deals has it once on the one that stays."""
        there = {(one.user_id, one.role) for one in self.search([("lead_id", "=", deal.id)])}
        moving = self.browse()
        for member in self:
            if (member.user_id, member.role) not in there:
                there.add((member.user_id, member.role))
                moving |= member
        (self - moving).unlink()
        return super(KamsDealMember, moving)._move_to_deal(deal)
