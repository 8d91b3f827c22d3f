from odoo import models


class CrmLead(models.Model):
    """What hangs on a deal asks nobody for anything while the deal is lost or archived (9)."""

    _inherit = "crm.lead"

    # ORM
    def write(self, vals):
        """Open points, reviews of plans and dates of bids that weren't handed in rest, and come back with the deal."""
        result = super().write(vals)
        if "active" in vals and (deals := self.filtered("kams_process_id")):
            # sudo: whoever may lose or reopen a deal settles what hangs on it, seen or not
            env = self.sudo().env
            points = env["kams.negotiation.point"].search([("lead_id", "in", deals.ids), ("state", "=", "open")])
            points._sync_activities()
            env["kams.plan"].search([("lead_id", "in", deals.ids), ("state", "=", "active")])._sync_review()
            env["kams.tender"].search([("lead_id", "in", deals.ids)]).milestone_ids._rest()
        return result
