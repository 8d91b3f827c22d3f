from odoo import api, models

PRICES = ("approved_min_price", "approved_target_price", "bid_cost", "bid_margin_pct", "bid_price")
TIME = ("deadline_feasible", "deadline_note")


class ReportReview(models.AbstractModel):
    """A bid review on paper: which tender, down to which price, and what decides alone (6.7 投标评审)."""

    _inherit = "report.kams_sales.report_review"

    @api.model
    def _money_sections(self, review):
        sections = super()._money_sections(review)
        if review.kind != "bid":
            return sections
        tells = review._tells_margins()
        floor = (
            [(self._label(review, "margin_floor"), self._value(review, "margin_floor"))]
            if review.policy_id and tells
            else []
        )
        return [
            *sections,
            self._section_texts(
                self.env._("Each of These Alone Means No Bid") if review.veto_grounds else "",
                [("", review.veto_grounds)],
            ),
            self._section_facts(
                self.env._("Price"),
                [(self._label(review, "tender_id"), self._subject(review))]
                + [self._fact(review, name) for name in PRICES if tells]
                + floor,
            ),
            self._section_facts(self.env._("Time"), [self._fact(review, name) for name in TIME]),
        ]

    def _subject(self, review):
        """sudo: reviewers may read what they review by name, also where they can't open the tender itself."""
        return review.tender_id.sudo().display_name
