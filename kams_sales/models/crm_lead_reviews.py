from odoo import api, fields, models

WATCHED = {"expected_revenue", "date_deadline", "company_id"}
ENDING = {"active", "won_status"}


class CrmLead(models.Model):
    """A deal's reviews, and what on the deal calls for a new one. Plain deals have none and ask nothing."""

    _inherit = "crm.lead"

    kams_review_ids = fields.One2many("kams.review", "lead_id", string="Reviews")
    kams_review_count = fields.Integer(string="Number of Reviews", compute="_compute_kams_chapter_counts")

    # ORM
    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        if any(not ENDING.isdisjoint(vals) for vals in vals_list) and (deals := list(self._kams_maybe_deals())):
            if any("active" in vals for vals in vals_list):
                self.env["kams.review"]._follow_deals(deals)
            self.env["kams.review"]._follow_calls(deals)
        if any(not WATCHED.isdisjoint(vals) for vals in vals_list) and (deals := list(self._kams_maybe_deals())):
            self.env["kams.review"]._check_deals(deals)
        return result

    def _merge_dependences(self, opportunities):
        """Costs that were for a merged deal are for the one that remains."""
        result = super()._merge_dependences(opportunities)
        if opportunities.kams_process_id:
            # sudo: whoever may merge deals takes along what was spent on them; nothing is shown
            costs = self.env["kams.account.cost"].sudo().search([("lead_id", "in", opportunities.ids)])
            costs.filtered(lambda cost: cost.account_id == self.kams_account_id).lead_id = self
            self.env["kams.review"]._check_deals(self.ids)
        return result

    @api.model
    def _kams_evidence_actions(self):
        return {
            **super()._kams_evidence_actions(),
            "kams.review": "action_kams_apply_initiation",
        }

    @api.model
    def _kams_chapter_counts(self):
        return {**super()._kams_chapter_counts(), "kams_review_count": self._kams_count_of("kams_review")}

    # ACTIONS
    def action_kams_reviews(self):
        """Open the deal's reviews."""
        return self._kams_open_part("kams.review", self.env._("Reviews"))

    def action_kams_apply_initiation(self):
        """Open the application for this deal's initiation review, made now if none is under way."""
        self.ensure_one()
        reviews = self.env["kams.review"]
        review = reviews.search(
            [("lead_id", "=", self.id), ("kind", "=", "initiation"), ("state", "in", ("draft", "open"))], limit=1
        )
        before = reviews.search([("lead_id", "=", self.id), ("kind", "=", "initiation")], limit=1)
        if not review:
            review = (
                before._new_version()
                if before.state in ("approved", "conditional", "rejected", "deferred")
                else reviews.create({"lead_id": self.id, "kind": "initiation"})
            )
        return review._get_records_action(name=review.display_name)
