from odoo import api, fields, models

from .kams_review import PASSED


class KamsChange(models.Model):
    """A change past everybody's authority is decided by a committee, and its status follows (8.3)."""

    _inherit = "kams.change"

    review_ids = fields.One2many("kams.review", "change_id", string="Change Reviews")
    review_count = fields.Integer(compute="_compute_review_count", string="Number of Reviews")

    # COMPUTES
    @api.depends("review_ids")
    def _compute_review_count(self):
        counts = dict(self.env["kams.review"]._read_group([("change_id", "in", self.ids)], ["change_id"], ["__count"]))
        for change in self:
            change.review_count = counts.get(change._origin, 0)

    # ACTIONS
    def action_ask_review(self):
        """Open the review of this change: the one that is under way, else a new one."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "draft":
            self._check_complete()
            self._engine().state = "review"
        if self.state != "review":
            self._refuse_state(self.state, "review")
        reviews = self.env["kams.review"]
        mine = reviews.search([("change_id", "=", self.id), ("kind", "=", "change")])
        review = mine.filtered(lambda one: one.state in ("draft", "open"))[:1]
        if not review:
            before = mine.filtered(lambda one: one.state in (*PASSED, "rejected", "deferred"))[:1]
            review = before._new_version() if before else reviews.create({"change_id": self.id, "kind": "change"})
        return review._get_records_action(name=review.display_name)

    def action_reviews(self):
        """The reviews of this change."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_review_action")
        return {
            **action,
            "domain": [("change_id", "=", self.id)],
            "context": {"default_change_id": self.id, "default_kind": "change", "create": False},
        }

    # BUSINESS
    def _follow_reviews(self):
        """Let the status follow what the committee decided.

        sudo: who votes or decides may only read the change, and its status follows from that.
        """
        for change in self.sudo().filtered(lambda one: one.state == "review"):
            latest = change.review_ids.filtered(lambda one: one.is_latest and not one.rereview_due)
            if yes := latest.filtered("is_valid"):
                change._agree(by=yes[:1].decided_by_id)
            elif no := latest.filtered(lambda one: one.state == "rejected"):
                change._engine().state = "rejected"
                change._done_activities()
                change.message_post(body=self.env._("%s decided against it.", no[:1].display_name))
