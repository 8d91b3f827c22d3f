from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError


class KamsReviewCondition(models.Model):
    """What must be done before a conditional yes counts: by whom, until when, and how it was met (4.3)."""

    _name = "kams.review.condition"
    _description = "Condition of a review"
    _inherit = ["kams.review.part"]
    _order = "state desc, date_due, id"

    name = fields.Text(string="Condition", required=True)
    user_id = fields.Many2one(
        "res.users", string="Owner", required=True, domain="[('share', '=', False)]", ondelete="restrict", index=True
    )
    date_due = fields.Date(string="Due", required=True)
    state = fields.Selection([("open", "Open"), ("closed", "Closed")], default="open", required=True, index=True)
    opinion_id = fields.Many2one("kams.review.opinion", string="Asked For By", ondelete="cascade", index=True)
    closure_note = fields.Text(string="How It Was Met", readonly=True)
    closed_by_id = fields.Many2one("res.users", string="Closed By", readonly=True)
    closed_on = fields.Date(readonly=True)
    reopened_why = fields.Text(string="Why Reopened", readonly=True)
    activity_id = fields.Many2one("mail.activity", string="Asked By", readonly=True, copy=False, ondelete="set null")
    lead_id = fields.Many2one(related="review_id.lead_id", string="Deal")

    # COMPUTES
    @api.depends("name")
    def _compute_display_name(self):
        for condition in self:
            words = (condition.name or "").split()
            condition.display_name = " ".join(words)[:80]

    # CONSTRAINTS
    @api.constrains("user_id")
    def _check_owner(self):
        for condition in self:
            if problem := condition.review_id._why_unfit(condition.user_id):
                raise ValidationError(problem)

    # ACTIONS
    def action_close(self):
        """Open the dialog in which the owner, or the chair, says how the condition was met."""
        self.ensure_one()
        return self.review_id._open_dialog(
            "kams.review.note", self.env._("Close Condition"), condition_id=self.id, step="close"
        )

    def action_reopen(self):
        """Open the dialog in which a reviewer or director says why it isn't met after all."""
        self.ensure_one()
        return self.review_id._open_dialog(
            "kams.review.note", self.env._("Reopen Condition"), condition_id=self.id, step="reopen"
        )

    # BUSINESS
    def _wishes(self):
        """The same conditions as somebody would ask for them anew."""
        return [{"name": one.name, "user_id": one.user_id.id, "date_due": one.date_due} for one in self]

    def _close(self, note):
        """Say that the condition is met, and how: its owner, or whoever may chair the review."""
        self.ensure_one()
        review = self.review_id
        if self.env.user != self.user_id and not review._may_chair():
            raise AccessError(
                self.env._(
                    "“%(condition)s” is closed by %(owner)s, or by a sales director.",
                    condition=self.display_name,
                    owner=self.user_id.name,
                )
            )
        if review.state != "conditional":
            raise UserError(
                self.env._("%s isn't a conditional yes, so its conditions aren't closed.", review.display_name)
            )
        if not (note or "").strip():
            raise UserError(self.env._("Say how “%s” was met.", self.display_name))
        # sudo: its owner may only read it; that they may close it was checked above
        hand = self.sudo().with_env(review._engine().env)
        hand.write(
            {
                "state": "closed",
                "closure_note": note,
                "closed_by_id": self.env.uid,
                "closed_on": fields.Date.context_today(self),
            }
        )
        hand.review_id._tell(
            hand.activity_id,
            self.env._("Condition closed: %(condition)s\n%(note)s", condition=self.display_name, note=note),
        )

    def _reopen(self, why):
        """Say that it isn't met after all: a reviewer of this review, or whoever may chair it."""
        self.ensure_one()
        review = self.review_id
        if self.env.user not in review._seats().user_id and not review._may_chair():
            raise AccessError(self.env._("“%s” is reopened by a reviewer or a sales director.", self.display_name))
        if self.state != "closed":
            raise UserError(self.env._("“%s” is open already.", self.display_name))
        if not (why or "").strip():
            raise UserError(self.env._("Say why “%s” isn't met after all.", self.display_name))
        # sudo: reviewers may only read it; that they may reopen it was checked above
        hand = self.sudo().with_env(review._engine().env)
        hand.write({"state": "open", "reopened_why": why, "closed_by_id": False, "closed_on": False})
        hand._ask()
        hand.review_id.message_post(
            body=self.env._("Condition reopened: %(condition)s\n%(why)s", condition=self.name, why=why)
        )

    def _ask(self):
        """Put each open condition among its owner's activities."""
        for condition in self.filtered(lambda one: one.state == "open" and not one.activity_id.active):
            condition.activity_id = condition.review_id._plan_activity(
                condition.user_id, self.env._("Condition: %s", condition.display_name), condition.date_due
            )
