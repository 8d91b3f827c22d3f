from odoo import fields, models

from .blank import known
from .insiders import INSIDERS


class KamsReview(models.Model):
    """What was decided upon, kept as it was: later looks at the deal don't change what the committee knew (4.3)."""

    _inherit = "kams.review"

    snapshot = fields.Json(readonly=True, copy=False, groups=INSIDERS)

    def _snapshot(self):
        """Numbers and names, as plain values. A chapter adds what its kind was judged by."""
        self.ensure_one()
        lead, card = self.lead_id, self.scorecard_id
        return {
            "tally": self._tally()._asdict(),
            "amount": self.amount,
            "currency": self.currency_id.name,
            "date_deadline": fields.Date.to_string(self.date_deadline) or None,
            "p_win": known(self.p_win),
            "policy": {
                "id": self.policy_id.id,
                "name": self.policy_id.name,
                "quorum_pct": self.quorum_pct,
                "pass_pct": self.pass_pct,
                "margin_floor": self.margin_floor,
            },
            "scorecard": {
                "id": card.id,
                "rating": known(card.rating),
                "band": card.band_code or None,
            },
            "requirements": {"fit_rate": known(lead.kams_fit_rate), "must_gap": lead.kams_must_gap},
            "phase": lead.kams_phase_id.code or None,
            "stage": lead.stage_id.name or None,
            "salesperson": lead.user_id.name or None,
        }
