from odoo import api, fields, models

from .insiders import INSIDERS


class CrmLead(models.Model):
    """A deal's quotations know whether they are on a deal under a process (7.7): they are told when that changes."""

    _inherit = "crm.lead"

    kams_approval_count = fields.Integer(
        string="Number of Approvals", compute="_compute_kams_chapter_counts", groups=INSIDERS
    )

    # ORM
    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        if any("kams_process_id" in vals for vals in vals_list):
            for on_deal in (True, False):
                ids = [
                    lead.id
                    for lead, vals in zip(self, vals_list, strict=True)
                    if "kams_process_id" in vals and bool(vals["kams_process_id"]) is on_deal
                ]
                if ids:
                    self.env["sale.order"]._kams_follow_process(ids, on_deal)
        return result

    # ACTIONS
    def action_kams_approvals(self):
        return self._kams_open_part("kams.authority.approval", self.env._("Approvals of Terms"), "list,kanban,form")

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        """Where nobody was asked, nothing waits: only what somebody was asked for is counted."""
        asked = self._kams_count_of("kams_authority_approval", "NOT COALESCE(by_confirmation, FALSE)")
        return {**super()._kams_chapter_counts(), "kams_approval_count": asked}
