from odoo import api, fields, models

# Where we stop is no delivery's business
INSIDERS = ",".join(f"kams_sales.group_{name}" for name in ("salesperson", "bid_desk", "legal", "finance", "auditor"))


class CrmLead(models.Model):
    """The negotiations of a deal (7.3)."""

    _inherit = "crm.lead"

    kams_negotiation_ids = fields.One2many("kams.negotiation", "lead_id", string="Negotiations", groups=INSIDERS)
    kams_negotiation_count = fields.Integer(
        string="Number of Negotiations", compute="_compute_kams_chapter_counts", groups=INSIDERS
    )

    # ACTIONS
    def action_kams_negotiations(self):
        return self._kams_open_part("kams.negotiation", self.env._("Negotiations"), views="list,form")

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        return {**super()._kams_chapter_counts(), "kams_negotiation_count": self._kams_count_of("kams_negotiation")}

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.negotiation": "action_kams_negotiations"}
