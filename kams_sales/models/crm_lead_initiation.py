from odoo import api, fields, models


class CrmLead(models.Model):
    """What an initiated deal has: its team (4.1). Surveys, reviews and plans are behind its smart buttons."""

    _inherit = "crm.lead"

    kams_member_ids = fields.One2many("kams.deal.member", "lead_id", string="Project Team")
    kams_member_count = fields.Integer(string="Members", compute="_compute_kams_chapter_counts")

    def action_kams_members(self):
        """Open the deal's team, to name its people."""
        return self._kams_open_part("kams.deal.member", self.env._("Project Team"), views="list")

    @api.model
    def _kams_chapter_counts(self):
        return {**super()._kams_chapter_counts(), "kams_member_count": self._kams_count_of("kams_deal_member")}
