from odoo import api, fields, models

from .insiders import INSIDERS


class CrmLead(models.Model):
    """Why a deal was won or lost (6.7, 9)."""

    _inherit = "crm.lead"

    kams_winloss_ids = fields.One2many("kams.winloss", "lead_id", string="Win and Loss Reviews", groups=INSIDERS)
    kams_winloss_count = fields.Integer(
        compute="_compute_kams_chapter_counts", string="Number of Win and Loss Reviews", groups=INSIDERS
    )

    # ACTIONS
    def action_kams_winloss(self):
        result = "won" if self.won_status == "won" else "lost"
        return self._kams_open_part(
            "kams.winloss",
            self.env._("Win and Loss Reviews"),
            views="list,kanban,form",
            default_result=result,
        )

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        return {**super()._kams_chapter_counts(), "kams_winloss_count": self._kams_count_of("kams_winloss")}

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.winloss": "action_kams_winloss"}
