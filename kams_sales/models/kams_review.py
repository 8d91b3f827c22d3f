from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .blank import BlankFloat
from .insiders import INSIDERS
from .kams_review_part import ENGINE, HAND
from .kams_review_policy import KINDS, LEVELS, REVIEWER_GROUPS

STATES = [
    ("draft", "Draft"),
    ("open", "Under Review"),
    ("approved", "Approved"),
    ("conditional", "Approved on Conditions"),
    ("rejected", "Rejected"),
    ("deferred", "Deferred"),
    ("cancelled", "Cancelled"),
]
DECIDED = ("approved", "conditional", "rejected", "deferred")
PASSED = ("approved", "conditional")
# What only the engine writes, in any state: looked at, counted, decided
ENGINES = {
    *("state", "version", "previous_id", "policy_id", "level", "quorum_pct", "pass_pct", "margin_floor"),
    *("currency_id", "amount", "date_deadline", "p_win", "figures_on", "scorecard_id", "submitted_at", "last_vote_at"),
    *("decided_at", "decided_by_id", "minutes", "snapshot", "is_valid", "is_latest"),
    *("rereview_due", "rereview_facts", "rereview_base", "rereview_at"),
}
# Odoo's own keeping of messages and activities isn't part of what was decided
ODOOS = ("message_", "activity_", "website_message_", "my_activity_")


class KamsReview(models.Model):
    """A committee's yes or no to something about a deal, with what it knew, what each said, and what it asked for.

    Book section 4.3 售前立项评审. The engine serves every review of the book; a chapter adds the fields of its own
    kind. Who sits, what counts and which outcomes are left is ``kams_review_decision.py``; when a yes no longer fits
    its deal, ``kams_review_trigger.py``.
    """

    _name = "kams.review"
    _description = "Review"
    _inherit = ["kams.deal.part", "kams.state.mixin", "kams.hand.mixin", "mail.thread", "mail.activity.mixin"]
    _hand = HAND, ENGINE
    _order = "id desc"
    _mail_post_access = "read"  # reviewers only read it, and may ask
    _rec_names_search = ["lead_id.name", "account_id.name"]
    _state_transitions = {
        "draft": {"open", "cancelled"},
        "open": {"draft", "cancelled", *DECIDED},
        "cancelled": {"draft"},
    }

    # What a review is about: a later decision of the same kind about the same replaces it
    _subject_fields = ("lead_id", "account_id")

    # What is reviewed
    kind = fields.Selection(KINDS, string="Review", required=True, default="initiation", index=True)
    account_id = fields.Many2one("kams.account", string="Key Account", index="btree_not_null", ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", compute="_compute_partner_id")
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, precompute=True, index=True)
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one("kams.review", string="Review Before This", readonly=True, copy=False, index=True)
    # Who asks, who presides
    applicant_id = fields.Many2one(
        "res.users",
        string="Applicant",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index=True,
    )
    chair_id = fields.Many2one(
        "res.users",
        string="Chair",
        domain="[('share', '=', False)]",
        copy=False,
        ondelete="restrict",
        help="Who decides when the votes are in. Empty: any sales director who isn't the applicant.",
    )
    state = fields.Selection(STATES, string="Status", default="draft", required=True, copy=False, index=True)
    submitted_at = fields.Datetime(string="Submitted On", readonly=True, copy=False)
    last_vote_at = fields.Datetime(
        string="Last Vote On",
        readonly=True,
        copy=False,
        help="Written by each vote, so that one cast while the chair decides is asked again instead of slipping in.",
    )
    # The deal as the review sees it: taken when it is made, when it is submitted and when it is decided
    currency_id = fields.Many2one("res.currency", readonly=True, copy=False)
    amount = fields.Monetary(string="Deal Amount", readonly=True, copy=False)
    date_deadline = fields.Date(string="Expected Closing", readonly=True, copy=False)
    p_win = BlankFloat(string="Chance to Win (%)", readonly=True, copy=False, digits=(16, 1))
    figures_on = fields.Datetime(string="Figures Taken On", readonly=True, copy=False)
    # By which rules
    policy_id = fields.Many2one("kams.review.policy", string="Policy", readonly=True, copy=False, ondelete="restrict")
    level = fields.Selection(LEVELS, string="Project Level", readonly=True, copy=False)
    quorum_pct = fields.Float(string="Quorum (%)", digits=(16, 1), readonly=True, copy=False)
    pass_pct = fields.Float(string="Passes Above (%)", digits=(16, 1), readonly=True, copy=False)
    margin_floor = fields.Float(string="Margin Floor (%)", digits=(16, 1), readonly=True, copy=False, groups=INSIDERS)
    # What was said
    opinion_ids = fields.One2many("kams.review.opinion", "review_id", string="Committee", copy=False)
    condition_ids = fields.One2many("kams.review.condition", "review_id", string="Conditions", copy=False)
    scorecard_id = fields.Many2one("kams.scorecard", string="Scorecard", readonly=True, copy=False, ondelete="restrict")
    open_condition_count = fields.Integer(string="Open Conditions", compute="_compute_open_condition_count")
    # What was decided
    decided_at = fields.Datetime(string="Decided On", readonly=True, copy=False)
    decided_by_id = fields.Many2one("res.users", string="Decided By", readonly=True, copy=False, ondelete="restrict")
    minutes = fields.Text(readonly=True, copy=False)
    is_latest = fields.Boolean(
        string="Latest Decision",
        compute="_compute_standing",
        store=True,
        copy=False,
        help="No later decision of this kind was made on this deal.",
    )
    is_valid = fields.Boolean(
        string="Valid",
        compute="_compute_standing",
        store=True,
        copy=False,
        index=True,
        help="It passed, its conditions are closed, nothing calls for a new review, and no later decision replaced it.",
    )

    # COMPUTES
    @api.depends("kind", "version", "lead_id.name", "account_id.name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for review in self:
            review.display_name = " · ".join(filter(None, (kinds.get(review.kind), review._subject_name())))

    def _subject_name(self):
        """What is reviewed, and for the how-manieth time.

        sudo: reviewers may read what they review by name, also where they can't open the deal itself.
        """
        subject = self.lead_id.sudo().name or self.account_id.sudo().name
        return " · ".join(filter(None, (subject, self.version > 1 and f"v{self.version}")))

    @api.depends("account_id.partner_id", "lead_id.partner_id")
    def _compute_partner_id(self):
        for review in self.sudo():  # sudo: see display_name
            review.partner_id = review.account_id.partner_id or review.lead_id.partner_id.commercial_partner_id

    @api.depends("account_id.company_id", "lead_id")
    def _compute_company_id(self):
        """A deal that changes company says so itself (crm_lead_parts.py), plain deals are not asked."""
        for review in self:
            review.company_id = review.account_id.company_id or review.lead_id.company_id

    @api.depends("condition_ids.state")
    def _compute_open_condition_count(self):
        for review in self:
            review.open_condition_count = len(review.condition_ids.filtered(lambda one: one.state == "open"))

    @api.depends("state", "decided_at", "kind", "lead_id", "account_id", "condition_ids.state", "rereview_due")
    def _compute_standing(self):
        latest = self._latest_decisions()
        for review in self:
            review.is_latest = review.state in DECIDED and latest.get(review._subject()) == review._origin.id
            closed = all(condition.state == "closed" for condition in review.condition_ids)
            review.is_valid = (
                review.is_latest
                and not review.rereview_due
                and (review.state == "approved" or (review.state == "conditional" and closed))
            )

    # CONSTRAINTS
    @api.constrains("lead_id", "account_id")
    def _check_subject(self):
        for review in self:
            if bool(review.lead_id) == bool(review.account_id):
                raise ValidationError(
                    self.env._("A review is about one thing: choose either its deal or its key account.")
                )

    @api.constrains("applicant_id", "chair_id")
    def _check_applicant(self):
        for review in self:
            if review.applicant_id in review._members():
                raise ValidationError(
                    self.env._(
                        "%(person)s sits on the committee of %(review)s and can't apply for it too. "
                        "Name another applicant, or another reviewer first.",
                        person=review.applicant_id.name,
                        review=review.display_name,
                    )
                )
            if review.chair_id and review.chair_id in review._authors():
                raise ValidationError(
                    self.env._(
                        "%(person)s can't chair %(review)s: they apply for it or sell this deal.",
                        person=review.chair_id.name,
                        review=review.display_name,
                    )
                )
            if review.chair_id and (problem := review._why_unfit(review.chair_id)):
                raise ValidationError(problem)

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        reviews = super().create(vals_list)
        # looked at as they came to be: not only what was given, also what the user's defaults may have added
        self._check_may_name_chair(review.chair_id for review in reviews)
        if not self._in_hand():
            for review, vals in zip(reviews, vals_list, strict=True):
                found = [vals.get(name) for name in ENGINES - {"state"}]
                found += [review[name] for name in ENGINES - {"state", "version", "is_valid", "is_latest"}]
                if any(found) or review.version != 1:
                    raise UserError(self.env._("What a review found and decided is written by the review itself."))
        hand = reviews._engine()
        hand._take_figures()
        hand._prefill()
        hand._propose_committee()
        return reviews

    def write(self, vals):
        if not self._in_hand():
            self._check_lock(vals)
            if any(review.chair_id.id != vals.get("chair_id", review.chair_id.id) for review in self):
                self._check_may_name_chair([True])
        siblings = self._siblings() if vals.keys() & set(self._subject_fields) else self.browse()
        result = super().write(vals)
        if {"state", "kind", *self._subject_fields} & vals.keys():
            self._weigh_again(siblings)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for review in self:
            if review.state != "draft" and not review._in_hand():
                review._refuse_locked()

    # LOCK
    def _engine(self):
        """These reviews as the engine writes them. sudo: votes and decisions are checked before, by name."""
        return super()._engine().sudo()

    def _check_lock(self, vals):
        """What was submitted stays as it was read; what was decided, for ever."""
        if self.env.su and vals.keys() <= {"lead_id", "account_id"}:
            return  # deals or accounts are merged
        names = {name for name in vals if not name.startswith(ODOOS)}
        for review in self:
            if names & ENGINES:
                raise UserError(
                    self.env._(
                        "%s: what a review found and decided is written with its buttons, not by hand.",
                        review.display_name,
                    )
                )
            if names and review.state != "draft" and not (review.state == "open" and names <= {"chair_id"}):
                review._refuse_locked()

    def _check_draft(self):
        """Only a draft's rows may be added, changed and taken away by hand."""
        if not self._in_hand():
            for review in self:
                if review.state != "draft":
                    review._refuse_locked()

    def _refuse_locked(self):
        self.ensure_one()
        if self.state == "open":
            raise UserError(
                self.env._(
                    "%s is under review: take it back to draft before changing what was submitted.", self.display_name
                )
            )
        raise UserError(
            self.env._(
                "%(review)s is %(state)s and stays as it was. Use “Review Again” for a new version.",
                review=self.display_name,
                state=dict(self._fields["state"]._description_selection(self.env))[self.state].lower(),
            )
        )

    # BUSINESS
    def _subject(self):
        """What later decisions of the same kind would replace."""
        return self.kind, *(self[name]._origin.id for name in self._subject_fields)

    def _siblings(self):
        """Decided reviews of the same deals or accounts."""
        # sudo: which decision is the latest doesn't depend on who asks
        return self.sudo().search(
            [
                ("state", "in", DECIDED),
                "|",
                ("lead_id", "in", self.lead_id.ids or [0]),
                ("account_id", "in", self.account_id.ids or [0]),
            ]
        )

    def _latest_decisions(self):
        """``{subject: id of its latest decided review}``, one statement for all."""
        # sudo: which decision came last doesn't depend on who looks; ids only
        decided = (self._siblings() | self.sudo()).filtered(lambda one: one.state in DECIDED)
        latest = {}
        for review in decided.sorted(lambda one: (one.decided_at or one.create_date, one._origin.id)):
            latest[review._subject()] = review._origin.id
        return latest

    def _weigh_again(self, others):
        """Which decision is the latest, asked for all that share a deal with these, or did so before."""
        affected = (self._siblings() | others | self).sudo()  # sudo: computed anew, nothing is shown
        for name in ("is_latest", "is_valid"):
            self.env.add_to_compute(affected._fields[name], affected)

    def _authors(self):
        """Who may not judge it: the applicant, and whoever sells the deal."""
        reviews = self.sudo()  # sudo: compared only
        return reviews.applicant_id | reviews.lead_id.user_id

    def _members(self):
        return self.opinion_ids.filtered(lambda one: not one.replaced).user_id

    def _why_unfit(self, user):
        """Why a person could not even open the review, in words; False for those who can."""
        groups = [f"kams_sales.group_{name}" for name in REVIEWER_GROUPS]
        user = user.sudo()  # sudo: whether somebody has a right is told to whoever names them
        if not any(user.has_group(group) for group in groups):
            return self.env._(
                "%s can't open reviews: ask the administrator for one of the rights under “Key Accounts”.", user.name
            )
        if self.company_id and self.company_id not in user.company_ids:
            return self.env._(
                "%(person)s doesn't work for %(company)s, so they can't open this review.",
                person=user.name,
                company=self.company_id.sudo().name,  # sudo: a company's name, to whoever names its reviewers
            )
        return False

    def _may_chair(self):
        """Whether the user decides here: a director or the chair who was named, never the applicant."""
        self.ensure_one()
        user = self.env.user
        return user not in self._authors() and (user == self.chair_id or user.has_group("kams_sales.group_director"))

    def _check_may_chair(self):
        for review in self:
            if not review._may_chair():
                raise AccessError(
                    self.env._(
                        "%s is decided by a sales director or its chair, who neither applies for it nor sells it.",
                        review.display_name,
                    )
                )

    def _check_may_name_chair(self, named):
        """The chair decides and closes conditions: nobody who applies chooses who that is."""
        if any(named) and not (self.env.su or self.env.user.has_group("kams_sales.group_director")):
            raise AccessError(self.env._("Only a sales director names the chair of a review."))

    def _plan_activity(self, user, summary, day=None):
        """An activity on this review for a person; sudo came with the caller."""
        self.ensure_one()
        return self.activity_schedule(
            "kams_sales.mail_activity_type_review",
            day or fields.Date.context_today(self),
            summary=summary,
            user_id=user.id,
        )

    def _tell(self, activity, text):
        """Close the activity that asked for something; what was done is on the record once, with it or without."""
        if activity.active:
            activity.action_feedback(feedback=text)
        else:
            self.message_post(body=text)

    def _open_dialog(self, model, name, **defaults):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_review_id": self.id,
                **{f"default_{key}": value for key, value in defaults.items()},
            },
        }
