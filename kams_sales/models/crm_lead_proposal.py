from odoo import api, fields, models


class CrmLead(models.Model):
    """A deal's proposals (5.6). Plain deals have none and ask nothing."""

    _inherit = "crm.lead"

    kams_proposal_ids = fields.One2many("kams.proposal", "lead_id", string="Proposals")
    kams_proposal_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Proposals")

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.proposal": "action_kams_proposals"}

    @api.model
    def _kams_chapter_counts(self):
        return {
            **super()._kams_chapter_counts(),
            "kams_proposal_count": self._kams_count_of("kams_proposal", "kind = 'proposal'"),
        }

    # ORM
    def write(self, vals):
        """A lost deal's chapters ask nobody for anything; once it is open again they do."""
        result = super().write(vals)
        if "active" in vals and (deals := self.filtered("kams_process_id")):
            # sudo: whoever may lose or reopen a deal settles what hangs on it, seen or not
            chapters = self.env["kams.proposal.chapter"].sudo()
            chapters.search([("proposal_id.lead_id", "in", deals.ids), ("state", "!=", "done")])._sync_activities()
        return result

    # ACTIONS
    def action_kams_proposals(self):
        action = self._kams_open_part(
            "kams.proposal", self.env._("Proposals"), views="list,kanban,form", default_kind="proposal"
        )
        return {**action, "domain": [*action["domain"], ("kind", "=", "proposal")]}

    # BUSINESS
    def _kams_threads(self, deal_ids):
        """Chapters have activities too."""
        threads = super()._kams_threads(deal_ids)
        if proposals := threads.get("kams.proposal"):
            # sudo: whoever may delete a deal deletes what belongs to it
            chapters = self.env["kams.proposal.chapter"].sudo()
            threads["kams.proposal.chapter"] = chapters.search([("proposal_id", "in", proposals)]).ids
        return threads
