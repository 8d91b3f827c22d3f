from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools import negotiation as arithmetic
from .blank import BlankMonetary, known, refuse_negative
from .kams_authority import RANKS, ROLES
from .kams_negotiation import STRATEGIES

ACTIVITY_TYPE = "kams_sales.mail_activity_type_negotiation"
# Where we stop is nobody's to decide alone: below this role nobody approves a plan
LEAST = "manager"
FULL = 100.0


class KamsNegotiation(models.Model):
    """The plan and its approval (7.3): who says yes to where we stop and to what we may give."""

    _inherit = "kams.negotiation"

    # What holds us up
    batna = fields.Text(string="Best Alternative (BATNA)", help="What we do if nothing comes of it.")
    batna_value = BlankMonetary(string="Worth of Our Alternative")
    their_batna = fields.Text(string="Their Alternative", help="What they do if nothing comes of it.")
    strategy = fields.Selection(STRATEGIES, string="Negotiation Strategy")
    power_analysis = fields.Text(string="Who Holds Which Cards")
    time_limit = fields.Date(string="To Be Settled By")
    agenda = fields.Html()
    # What we may give
    planned_total = BlankMonetary(string="May Be Conceded", compute="_compute_concessions")
    rhythm_state = fields.Selection(
        [
            ("decreasing", "Each Smaller Than the Last"),
            ("uneven", "Not Always Smaller"),
            ("unknown", "Not Known"),
        ],
        string="Rhythm of Concessions",
        compute="_compute_concessions",
        help="Steps that get smaller tell them that the end is near.",
    )
    rhythm_parts = fields.Char(string="Each as a Part of the One Before", compute="_compute_concessions")
    # Approval
    needed_role = fields.Selection(ROLES, string="To Be Approved By", compute="_compute_needed_role")
    asked_by_id = fields.Many2one(
        "res.users", string="Approval Asked For By", readonly=True, copy=False, ondelete="restrict"
    )
    author_ids = fields.Many2many(
        "res.users",
        "kams_negotiation_author_rel",
        string="Plan Made By",
        readonly=True,
        copy=False,
        help="Whoever entered something of it, or led it: they don't approve it.",
    )
    approved_at = fields.Datetime(string="Approved On", readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        "res.users", string="Plan Approved By", readonly=True, copy=False, ondelete="restrict", tracking=True
    )
    is_plan_complete = fields.Boolean(
        string="Plan Complete",
        compute="_compute_is_plan_complete",
        store=True,
        help="An issue with what we want and where we stop, an alternative, a team, and weights that add up to 100.",
    )
    plan_gaps = fields.Char(string="The Plan Still Lacks", compute="_compute_plan_gaps")
    may_approve = fields.Boolean(string="I May Approve", compute="_compute_may_approve")

    # COMPUTES
    @api.depends("concession_ids.amount", "concession_ids.round")
    def _compute_concessions(self):
        """Together, and step by step; in the order of the rounds."""
        for negotiation in self:
            lines = negotiation.concession_ids.sorted(lambda line: (line.round, line.sequence, line._origin.id or 0))
            steps = [known(line.amount) for line in lines]
            told = [step for step in steps if step is not None]
            negotiation.planned_total = sum(told) if told else None
            smaller = arithmetic.is_decreasing(steps)
            negotiation.rhythm_state = "unknown" if smaller is None else "decreasing" if smaller else "uneven"
            parts = [] if None in steps else arithmetic.rhythm(steps)
            negotiation.rhythm_parts = " · ".join("–" if part is None else f"{part:.4g}" for part in parts)

    @api.depends("concession_ids.role")
    def _compute_needed_role(self):
        """The highest that any concession of the plan needs."""
        for negotiation in self:
            negotiation.needed_role = max([LEAST, *negotiation.concession_ids.mapped("role")], key=RANKS.get)

    @api.depends(
        *("batna", "member_ids", "issue_ids.target", "issue_ids.reservation", "issue_ids.weight", "issue_ids.locked")
    )
    def _compute_is_plan_complete(self):
        for negotiation in self:
            negotiation.is_plan_complete = not negotiation._plan_gaps()

    @api.depends("is_plan_complete")
    def _compute_plan_gaps(self):
        for negotiation in self:
            negotiation.plan_gaps = ", ".join(negotiation._plan_gaps())

    @api.depends("state", "needed_role", "user_id", "asked_by_id")
    @api.depends_context("uid")
    def _compute_may_approve(self):
        for negotiation in self:
            negotiation.may_approve = negotiation.state == "preparing" and not negotiation._why_not_approve()

    # ORM
    def copy(self, default=None):
        """What lines say of issues, their copies say of the copied issues."""
        copies = super().copy(default)
        for old, new in zip(self, copies, strict=True):
            became = dict(zip(old.issue_ids, new.issue_ids.sorted("id"), strict=False))
            for before, after in zip(old.concession_ids, new.concession_ids.sorted("id"), strict=False):
                after.issue_id = became.get(before.issue_id)
            for before, after in became.items():
                after.tradable_against_ids = self.env["kams.negotiation.issue"].union(
                    *(became[other] for other in before.tradable_against_ids if other in became)
                )
        return copies

    # ACTIONS
    def action_ask_approval(self):
        """Ask whoever may say yes, by an activity."""
        self.check_access("write")
        for negotiation in self:
            negotiation._check_plan()
            approver = negotiation._find_approver()
            if not approver:
                raise UserError(
                    self.env._(
                        "Nobody can be asked to approve “%(negotiation)s”: it takes %(role)s other than its authors.",
                        negotiation=negotiation.display_name,
                        role=negotiation._role_label(),
                    )
                )
            negotiation._engine().write({"asked_by_id": self.env.uid})
            negotiation.activity_unlink([ACTIVITY_TYPE])
            negotiation.activity_schedule(
                ACTIVITY_TYPE,
                fields.Date.context_today(negotiation),
                summary=self.env._("Approve the plan of %s", negotiation.display_name),
                user_id=approver.id,
            )
        return True

    def action_approve(self):
        """Say yes to the plan, for whoever may: never its authors."""
        for negotiation in self:
            negotiation.check_access("write")
            if negotiation.state != "preparing":
                raise UserError(self.env._("The plan of “%s” is approved already.", negotiation.display_name))
            negotiation._check_plan()
            if reason := negotiation._why_not_approve():
                raise AccessError(reason)
            negotiation._engine().write(
                {"state": "approved", "approved_by_id": self.env.uid, "approved_at": fields.Datetime.now()}
            )
            negotiation.activity_feedback([ACTIVITY_TYPE], feedback=self.env._("Approved."))
            negotiation.message_post(body=self.env._("%s approved the plan.", self.env.user.name))
        return True

    def action_reopen_plan(self):
        """The plan is changed, and needs a new approval; the chatter keeps what was approved."""
        self.check_access("write")
        for negotiation in self:
            if "preparing" not in self._state_transitions[negotiation.state]:
                negotiation._check_open()
                raise UserError(
                    self.env._("“%s” has no approved plan that could be changed.", negotiation.display_name)
                )
            negotiation._keep_plan()
            negotiation._engine().write(
                {"state": "preparing", "approved_by_id": False, "approved_at": False, "asked_by_id": False}
            )
        return True

    # BUSINESS
    def _plan_gaps(self):
        """What the plan still lacks, in words."""
        self.ensure_one()
        gaps = []
        # what is locked has nothing to weigh; where all is locked, only how it is said is left
        open_ones = self.issue_ids.filtered(lambda issue: not issue.locked)
        if not self.issue_ids:
            gaps.append(self.env._("an issue"))
        elif open_ones:
            if not any(known(one.target) is not None and known(one.reservation) is not None for one in open_ones):
                gaps.append(self.env._("an issue with what we want and where we stop"))
            if abs(sum(known(one.weight) or 0.0 for one in open_ones) - FULL) > 0.005:
                gaps.append(self.env._("weights that add up to 100"))
        if not (self.batna or "").strip():
            gaps.append(self.env._("our best alternative"))
        if not self.member_ids:
            gaps.append(self.env._("our team"))
        return gaps

    def _check_plan(self):
        if gaps := self._plan_gaps():
            raise UserError(
                self.env._(
                    "The plan of “%(negotiation)s” still lacks: %(gaps)s.",
                    negotiation=self.display_name,
                    gaps=", ".join(gaps),
                )
            )

    def _authors(self):
        """Who made the plan: they don't approve it."""
        return self.create_uid | self.user_id | self.asked_by_id | self.author_ids

    def _note_authors(self, users):
        """Remember who made the plan; what the program writes by sudo has no author."""
        if users and not self.env.su:
            strangers = self.filtered(lambda one: users - one.author_ids)
            strangers._engine().write({"author_ids": [Command.link(user.id) for user in users]})

    def _role_label(self):
        return dict(self._fields["needed_role"]._description_selection(self.env))[self.needed_role]

    def _why_not_approve(self):
        """Why the user can't approve this plan, in words; False for who can."""
        self.ensure_one()
        if self.env.user in self._authors():
            return self.env._("You made the plan of “%s”: somebody else has to approve it.", self.display_name)
        return self._why_not_role(self.env.user)

    def _why_not_role(self, user):
        """Why somebody's rights don't reach as far as the plan. What is for the price review, it has decided before."""
        role, reviewed = self.needed_role, False
        if role == "committee":
            # sudo: whether a price review said yes, for whoever may see the plan
            reviewed = bool(
                self.sudo().lead_id.kams_review_ids.filtered(lambda one: one.kind == "price" and one.is_valid)
            )
            role = "director" if reviewed else role
        if RANKS[role] <= RANKS[self.env["kams.authority"]._role_of(user)]:
            return False
        if self.needed_role == "committee" and not reviewed:
            return self.env._(
                "“%s” holds a concession that only a price review may agree to: let it decide first.",
                self.display_name,
            )
        return self.env._(
            "The plan of “%(negotiation)s” is to be approved by: %(role)s.",
            negotiation=self.display_name,
            role=self._role_label(),
        )

    def _find_approver(self):
        """Who is asked: the account's manager, the team's leader, or else a director who works for the company."""
        self.ensure_one()
        # sudo: who manages the account or leads the team, to ask them
        deal = self.sudo().lead_id
        directors = self.env.ref("kams_sales.group_director").sudo().all_user_ids
        for user in deal.kams_account_id.manager_id | deal.team_id.user_id | directors.sorted("id"):
            works_here = not self.company_id or self.company_id in user.company_ids
            if user.active and works_here and user not in self._authors() and not self._why_not_role(user):
                if self.with_user(user).has_access("write"):
                    return user.sudo(False)
        return self.env["res.users"]

    def _keep_plan(self):
        """What was approved goes on record before it is changed."""
        self.ensure_one()
        lines = [
            self.env._(
                "%(issue)s: from %(opening)s, to %(target)s, not beyond %(reservation)s",
                issue=issue.name,
                **{
                    name: "–" if known(issue[name]) is None else f"{issue[name]:g}"
                    for name in ("opening", "target", "reservation")
                },
            )
            for issue in self.issue_ids
        ]
        lines += [
            self.env._(
                "Round %(round)s: %(give)s, for %(condition)s",
                round=line.round,
                give=line.give,
                condition=line.condition or "–",
            )
            for line in self.concession_ids
        ]
        self.message_post(
            body=self.env._(
                "The plan is being changed. What %(who)s approved was: %(plan)s.",
                who=self.approved_by_id.name or "–",
                plan="; ".join(lines) or "–",
            )
        )


class KamsNegotiationConcession(models.Model):
    """What we may give in which round, for what in return, and who must have agreed to it (7.3 让步计划)."""

    _name = "kams.negotiation.concession"
    _description = "Planned concession"
    _inherit = ["kams.negotiation.part"]
    _order = "negotiation_id, round, sequence, id"
    _rec_name = "give"

    currency_id = fields.Many2one(related="negotiation_id.currency_id")
    round = fields.Integer(default=1, required=True, help="Not before this round.")
    issue_id = fields.Many2one(
        "kams.negotiation.issue",
        domain="[('negotiation_id', '=', negotiation_id)]",
        ondelete="cascade",
        index="btree_not_null",
        copy=False,
    )
    give = fields.Char(string="We Give", required=True)
    amount = BlankMonetary(string="Worth", help="What it costs us.")
    condition = fields.Char(string="In Return For", help="What they must give for it.")
    role = fields.Selection(ROLES, string="Who Must Agree", required=True, default="sales")

    _round_positive = models.Constraint("CHECK (round > 0)", "Rounds are counted from 1.")

    # CONSTRAINTS
    @api.constrains("issue_id", "amount")
    def _check_concession(self):
        """It is about an issue of the same plan that isn't locked, and costs something or nothing."""
        refuse_negative(self, "amount")
        for line in self.filtered("issue_id"):
            if line.issue_id.negotiation_id != line.negotiation_id:
                raise ValidationError(
                    self.env._("“%(give)s”: choose an issue of the same negotiation.", give=line.give)
                )
            if line.issue_id.locked:
                raise ValidationError(
                    self.env._(
                        "“%(give)s”: nothing can be given of “%(issue)s”, which the law locks to the bid.",
                        give=line.give,
                        issue=line.issue_id.name,
                    )
                )
