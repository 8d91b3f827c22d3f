from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools import rounds
from .blank import BlankMonetary, known, refuse_negative
from .insiders import INSIDERS
from .kams_authority import RANKS, ROLES
from .kams_meeting_part import SYSTEM

# Nobody types who approved, nor empties it
APPROVAL = ("approved_by_id", "approved_at")
# What was accepted
AGREED_TO = {"direction", "name", "amount", "plan_id", "issue_id", "event_id"}
# Who may know the plan: those who serve the customer later needn't
PLANNERS = ",".join(f"kams_sales.group_{name}" for name in ("salesperson", "bid_desk", "legal", "finance", "auditor"))


class KamsNegotiationGiven(models.Model):
    """What we gave, or got, in a round, what for, and whether it was planned (7.4 正式谈判, 交换不白让).

    Without a plan, beyond its amount or before its round it is unplanned: who approved the plan is told.
    """

    _name = "kams.negotiation.given"
    _description = "Concession in a round"
    _inherit = ["kams.round.part"]
    _order = "event_id, id"
    _stamps = frozenset(APPROVAL)

    currency_id = fields.Many2one(related="negotiation_id.currency_id")
    round = fields.Integer(related="event_id.kams_round", string="Round")
    direction = fields.Selection(
        [("given", "Given by Us"), ("received", "Given by Them")], string="Who Gave", required=True, default="given"
    )
    plan_id = fields.Many2one(
        "kams.negotiation.concession",
        string="As Planned",
        domain="[('negotiation_id', '=', negotiation_id)]",
        ondelete="set null",  # with its deal; people are refused (kams_negotiation_rounds.py)
        index="btree_not_null",
        groups=PLANNERS,
        help="The line of the concession plan that this uses. Empty: it wasn't planned.",
    )
    name = fields.Char(
        string="Concession",
        compute="_compute_from_plan",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    amount = BlankMonetary(
        string="Worth",
        help="What it costs who gives it. Empty: nobody knows, or it can't be put into money.",
        groups=INSIDERS,
    )
    condition = fields.Char(
        string="In Return For",
        compute="_compute_from_plan",
        store=True,
        readonly=False,
        precompute=True,
        help="What the other side gave for it.",
    )
    reason = fields.Char(string="Why for Nothing", help="Why we gave it without getting anything for it.")
    unplanned = fields.Boolean(
        compute="_compute_unplanned",
        store=True,
        help="Given without a plan, beyond what was planned, or before its round.",
    )
    departure = fields.Char(
        string="Departs From the Plan", compute="_compute_departure", compute_sudo=True, groups=PLANNERS
    )
    approved_by_id = fields.Many2one(
        "res.users", string="Accepted By", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )
    approved_at = fields.Datetime(string="Accepted On", readonly=True, copy=False)

    # COMPUTES
    @api.depends("plan_id")
    def _compute_from_plan(self):
        """What is used of the plan is named as it is named there."""
        for line in self:
            plan = line.plan_id.sudo()  # sudo: whoever may choose the line of the plan knows it
            line.name = line.name or plan.give
            line.condition = line.condition or plan.condition

    @api.depends(
        *("direction", "amount", "event_id", "plan_id.amount", "plan_id.round"),
        *("plan_id.used_ids.amount", "plan_id.used_ids.direction"),
    )
    def _compute_unplanned(self):
        found = self._departures()
        for line in self:
            line.unplanned = bool(found.get(line))

    @api.depends("unplanned")
    @api.depends_context("lang")
    def _compute_departure(self):
        labels = {
            rounds.NO_PLAN: self.env._("Not in the plan"),
            rounds.TOO_EARLY: self.env._("Before its round"),
            rounds.TOO_MUCH: self.env._("More than planned"),
        }
        found = self._departures()
        for line in self:
            line.departure = labels.get(found.get(line), False)

    # CONSTRAINTS
    @api.constrains("event_id", "plan_id")
    def _check_plan(self):
        for line in self.sudo().filtered("plan_id"):  # sudo: compared, and named to whoever wrote it
            if line.plan_id.negotiation_id != line.event_id.kams_negotiation_id:
                raise ValidationError(
                    self.env._(
                        "“%(plan)s” stands in the plan of another negotiation than that of “%(meeting)s”.",
                        plan=line.plan_id.give,
                        meeting=line.event_id.name,
                    )
                )

    @api.constrains("amount")
    def _check_amount(self):
        refuse_negative(self, "amount")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_approval(vals)
        return super().create(vals_list)

    def write(self, vals):
        if not self.event_id._kams_by_system():
            self._refuse_approval(vals)
            if not AGREED_TO.isdisjoint(vals):  # another concession than the one that was accepted
                vals = {**vals, **dict.fromkeys(APPROVAL, False)}
        return super().write(vals)

    # ACTIONS
    def action_approve(self):
        """Accept a concession that wasn't planned: somebody does who may agree to it and didn't give it."""
        for line in self.filtered(lambda line: line.unplanned and not line.approved_by_id):
            line._check_may_approve()
            line.with_context(**SYSTEM).write({"approved_by_id": self.env.uid, "approved_at": fields.Datetime.now()})
        self.negotiation_id._tell_unplanned()
        return True

    # BUSINESS
    def _departures(self):
        """``{line: why it wasn't planned}``, of those that we gave; each plan is asked once."""
        given = self.filtered(lambda line: line.direction == "given")
        # sudo: the plan decides, whoever gave; what it says isn't shown
        found = {line: rounds.NO_PLAN for line in given if not line.sudo().plan_id}
        for plan in given.sudo().plan_id:
            used = (plan.used_ids | given.sudo().filtered(lambda line, plan=plan: line.plan_id == plan)).filtered(
                lambda line: line.direction == "given"
            )
            used = used.sorted(lambda line: (known(line.event_id.kams_round) or 0, line._origin.id or 0))
            turns = [(known(line.event_id.kams_round), known(line.amount)) for line in used]
            for line, why in zip(used, rounds.departures((plan.round, known(plan.amount)), turns), strict=True):
                found[line] = why
        return found

    def _refuse_approval(self, vals):
        if any(vals.get(name) for name in APPROVAL):
            raise UserError(self.env._("A concession is accepted by “Accept”, not by writing so."))

    def _role_needed(self):
        """Who must agree: whom the plan names, else who may agree to all that stands in it."""
        plan = self.sudo().plan_id or self.sudo().negotiation_id.concession_ids  # sudo: a role, no amount
        return max(plan.mapped("role"), key=RANKS.get, default="manager")

    def _check_may_approve(self):
        self.check_access("read")
        self.lead_id.check_access("read")
        user = self.env.user
        if user in self.event_id.user_id | self.create_uid:
            raise UserError(
                self.env._("You gave “%s” yourself: let somebody else say whether that was right.", self.name)
            )
        role = self._role_needed()
        # above the director only a committee decides; it is a director who says what it decided
        if RANKS[self.env["kams.authority"]._role_of(user)] < min(RANKS[role], RANKS["director"]):
            raise AccessError(
                self.env._(
                    "“%(what)s” needs the agreement of: %(role)s.",
                    what=self.name,
                    role=dict(ROLES)[role],
                )
            )
