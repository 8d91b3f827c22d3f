from odoo import api, fields, models


class CrmLead(models.Model):
    """The payments that a deal's contract brings (8.8 回款)."""

    _inherit = "crm.lead"

    kams_milestone_ids = fields.One2many("kams.payment.milestone", "lead_id", string="Payment Milestones")
    kams_payment_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Payment Milestones")

    # COMPUTES
    @api.model
    def _kams_chapter_counts(self):
        counts = super()._kams_chapter_counts()
        return {**counts, "kams_payment_count": self._kams_count_of("kams_payment_milestone")}

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.payment.milestone": "action_kams_payments"}

    # ACTIONS
    def action_kams_payments(self):
        return self._kams_open_part(
            "kams.payment.milestone", self.env._("Payment Milestones"), views="list,kanban,form,calendar"
        )
