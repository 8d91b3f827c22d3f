from odoo import api, models


class CrmLead(models.Model):
    """From a point on bids to the deal's tenders: reviews, documents and submissions are found there (6.5, 6.7)."""

    _inherit = "crm.lead"

    @api.model
    def _kams_evidence_actions(self):
        places = ("kams.bid.check", "kams.bid.integrity", "kams.tender.submission")
        return {**super()._kams_evidence_actions(), **dict.fromkeys(places, "action_kams_tenders")}

    def _kams_open_evidence(self, point):
        """Reviews that the tendering phase asks for are about a tender, not about the initiation."""
        if point._records() == "kams.review" and point.phase_id.code == "tendering":
            return self.action_kams_tenders()
        return super()._kams_open_evidence(point)
