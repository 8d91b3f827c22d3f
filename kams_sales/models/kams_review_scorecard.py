from odoo import models
from odoo.exceptions import AccessError

from .kams_review_part import ENGINE, HAND


class KamsScorecard(models.Model):
    """The card that a committee scores by is the committee's: who applies doesn't answer it (4.3)."""

    _inherit = "kams.scorecard"

    def _check_open(self):
        super()._check_open()
        deals = self.filtered("lead_id")
        if not deals or self.env.context.get(HAND) is ENGINE:
            return
        # sudo: only whether the user applies for it is looked at
        reviews = self.env["kams.review"].sudo().search([("scorecard_id", "in", deals.ids), ("state", "=", "open")])
        for review in reviews:
            if self.env.user in review._authors() and not self.env.su:
                raise AccessError(
                    self.env._(
                        "The scorecard of %s is answered by its reviewers and its chair, not by who applies.",
                        review.display_name,
                    )
                )
