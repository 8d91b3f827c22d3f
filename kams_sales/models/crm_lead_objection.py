from odoo import api, fields, models


class CrmLead(models.Model):
    """The objections raised on a deal, and how many major ones the customer hasn't dropped (5.5)."""

    _inherit = "crm.lead"

    kams_objection_ids = fields.One2many("kams.objection", "lead_id", string="Objections")
    kams_objection_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Objections")
    kams_objection_major_count = fields.Integer(
        compute="_compute_kams_chapter_counts", string="Number of Major Objections Open"
    )

    # COMPUTES
    @api.model
    def _kams_chapter_counts(self):
        return {
            **super()._kams_chapter_counts(),
            "kams_objection_count": self._kams_count_of("kams_objection"),
            "kams_objection_major_count": self._kams_count_of("kams_objection", "is_open_major"),
        }

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.objection": "action_kams_objections"}

    # ORM
    def write(self, vals):
        """A lost deal's objections ask nobody for anything; once it is open again they do."""
        result = super().write(vals)
        if "active" in vals and (deals := self.filtered("kams_process_id")):
            # sudo: whoever may lose or reopen a deal settles what hangs on it, seen or not
            waiting = (
                self.env["kams.objection"]
                .sudo()
                .search([("lead_id", "in", deals.ids), ("state", "in", ("open", "unresolved"))])
            )
            waiting._sync_activities()
        return result

    # ACTIONS
    def action_kams_objections(self):
        views = "list,kanban,form,pivot,graph"
        return self._kams_open_part("kams.objection", self.env._("Objections"), views=views)
