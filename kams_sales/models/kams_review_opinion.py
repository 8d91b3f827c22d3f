from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from .kams_review_policy import ROLES

VOTES = [("agree", "Agree"), ("conditional", "Agree on Conditions"), ("reject", "Reject"), ("abstain", "Abstain")]


class KamsReviewOpinion(models.Model):
    """A member of the committee, and what they voted: a seat that only its own person can speak from (4.3)."""

    _name = "kams.review.opinion"
    _description = "Opinion of a reviewer"
    _inherit = ["kams.review.part"]
    _order = "review_id, replaced, sequence, id"
    _rec_name = "user_id"
    # what is chosen while the review is a draft; the rest is written by voting and replacing
    _draft_fields = {"user_id", "role", "sequence"}

    sequence = fields.Integer(default=10)
    role = fields.Selection(ROLES, required=True)
    user_id = fields.Many2one(
        "res.users", string="Reviewer", domain="[('share', '=', False)]", ondelete="restrict", index=True
    )
    required = fields.Boolean(string="Must Vote", readonly=True)
    veto = fields.Boolean(readonly=True)
    vote = fields.Selection(VOTES, readonly=True, copy=False)
    opinion = fields.Text(readonly=True, copy=False)
    voted_at = fields.Datetime(string="Voted On", readonly=True, copy=False)
    replaced = fields.Boolean(string="Replaced", readonly=True, copy=False)
    replaced_by_id = fields.Many2one("kams.review.opinion", string="Replaced By", readonly=True, copy=False)
    replaced_why = fields.Char(string="Why Replaced", readonly=True, copy=False)
    condition_ids = fields.One2many("kams.review.condition", "opinion_id", string="Conditions Asked")
    activity_id = fields.Many2one("mail.activity", string="Asked By", readonly=True, copy=False, ondelete="set null")

    _person_uniq = models.UniqueIndex(
        "(review_id, user_id) WHERE replaced IS NOT TRUE",
        "This person sits on the committee already: one person, one vote.",
    )

    # COMPUTES
    @api.depends("role", "user_id")
    def _compute_display_name(self):
        roles = dict(self._fields["role"]._description_selection(self.env))
        for opinion in self:
            opinion.display_name = f"{roles.get(opinion.role, '')}: {opinion.user_id.name or '–'}"

    # CONSTRAINTS
    @api.constrains("user_id", "review_id")
    def _check_reviewer(self):
        """Nobody judges what they apply for or sell, and whoever judges must be able to open the review."""
        for opinion in self.filtered(lambda one: one.user_id and not one.replaced):
            review, user = opinion.review_id, opinion.user_id
            if user in review._authors():
                raise ValidationError(
                    self.env._(
                        "%(person)s can't review %(review)s: they apply for it or sell this deal. Name somebody else.",
                        person=user.name,
                        review=review.display_name,
                    )
                )
            if problem := review._why_unfit(user):
                raise ValidationError(problem)

    # BUSINESS
    def _seats(self):
        """The seats that count: taken by somebody who is still here, or whose vote was cast while they were."""
        return self.filtered(lambda one: not one.replaced and one.user_id and (one.user_id.active or one.vote))

    def _role_names(self):
        roles = dict(self._fields["role"]._description_selection(self.env))
        return [roles[seat.role] for seat in self]

    def _unlink_empty(self):
        """Seats that nobody needs and nobody took."""
        self.with_env(self.review_id._engine().env).unlink()

    def _cast(self, vote, opinion="", conditions=()):
        """Vote, or vote anew until the decision. Only the person who sits there can.

        :param conditions: values of the conditions that a conditional yes asks for
        """
        self.ensure_one()
        # sudo: reviewers may only read reviews; that this one is theirs to answer is checked right here
        seat, review = self.sudo(), self.review_id.sudo()
        if self.user_id != self.env.user or self.replaced:
            raise UserError(self.env._("Only %s can vote from this seat.", self.user_id.name or self.env._("nobody")))
        review._check_may_vote(self.user_id)
        labels = dict(self._fields["vote"]._description_selection(self.env))
        if vote not in labels:
            raise UserError(self.env._("Vote with one of: %s.", ", ".join(labels.values())))
        if vote == "reject" and not (opinion or "").strip():
            raise UserError(self.env._("Say why you reject %s: the others will want to know.", review.display_name))
        if vote == "conditional" and not conditions:
            raise UserError(
                self.env._("Name at least one condition for %s, or agree without conditions.", review.display_name)
            )
        hand = review._engine()
        seat.with_env(hand.env).condition_ids.unlink()
        seat.with_env(hand.env).write({"vote": vote, "opinion": opinion, "voted_at": fields.Datetime.now()})
        if vote == "conditional":
            hand.env["kams.review.condition"].create(
                [{**values, "review_id": review.id, "opinion_id": self.id} for values in conditions]
            )
        hand.last_vote_at = fields.Datetime.now()
        review._tell(seat.activity_id, self.env._("Voted: %s", labels[vote]))

    def _replace(self, user, why=""):
        """Give the seat to somebody else. The old one stays as it was, struck out, and counts no more."""
        self.ensure_one()
        review = self.review_id
        if review.state != "open":
            raise UserError(
                self.env._(
                    "%s isn't under review. In a draft, choose another reviewer on the page “Committee”.",
                    review.display_name,
                )
            )
        gone = not self.user_id.active and self.env.user in review._authors()
        if not (review._may_chair() or gone):
            raise AccessError(
                self.env._(
                    "A sales director replaces reviewers; the applicant may only replace who is no longer active."
                )
            )
        if self.replaced:
            raise UserError(self.env._("%s was replaced already.", self.display_name))
        # sudo: that the user may replace this one was checked above
        seat = self.sudo().with_env(review._engine().env)
        seat.condition_ids.unlink()
        seat.activity_id.unlink()
        seat.write({"replaced": True, "replaced_why": why})
        seat.replaced_by_id = seat.create(
            {
                "review_id": review.id,
                "user_id": user.id,
                **{name: seat[name] for name in ("role", "sequence", "required", "veto")},
            }
        )
        seat.replaced_by_id._ask()
        seat.review_id.message_subscribe(user.partner_id.ids)
        seat.review_id.message_post(
            body=self.env._("%(new)s replaces %(old)s. %(why)s", new=user.name, old=self.user_id.name, why=why or "")
        )

    def _ask(self):
        """Put the vote that is missing among each reviewer's activities."""
        for seat in self._seats().filtered(lambda one: not one.vote and not one.activity_id.active):
            seat.activity_id = seat.review_id._plan_activity(seat.user_id, seat.review_id.display_name)

    # ACTIONS
    def action_replace(self):
        """Open the dialog in which somebody else takes this seat."""
        self.ensure_one()
        return self.review_id._open_dialog(
            "kams.review.replacement", self.env._("Replace Reviewer"), opinion_id=self.id
        )

    @api.model
    def _mine(self):
        """The open seats of the user whose vote is missing."""
        return (
            Domain("user_id", "=", self.env.uid)
            & Domain("replaced", "=", False)
            & Domain("vote", "=", False)
            & Domain("review_id.state", "=", "open")
        )
