from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools import plans
from .blank import BlankFloat, BlankMonetary

STRATEGIES = [
    ("frontal", "Frontal"),
    ("flanking", "Flanking"),
    ("fragment", "Fragment"),
    ("defend", "Defend"),
    ("develop", "Develop"),
]
# What was approved: to change it, the plan goes back to draft
APPROVED = {
    "goal",
    "competitive_strategy",
    "objective_product",
    "objective_amount",
    "objective_date",
    "budget",
    "lead_id",
}


APPROVAL = {"approved_by_id", "approved_on"}


class KamsPlan(models.Model):
    """How we win one project: objective, way of competing, what we tell them, who is won over by whom.

    Book section 4.4 大客户项目营销计划 (goal, objective, strategy, tactics, resources, test). It holds once somebody
    other than its owner has approved it (control point S2-6).
    """

    _inherit = "kams.plan"
    _state_transitions = {"draft": {"active"}, "active": {"closed", "draft"}, "closed": {"active"}}

    # Objective
    objective_product = fields.Char(string="What We Sell", tracking=True)
    objective_amount = BlankMonetary(string="For How Much", tracking=True)
    objective_date = fields.Date(string="Until", tracking=True)
    # How we compete
    competitive_strategy = fields.Selection(STRATEGIES, string="Competitive Strategy", tracking=True)
    key_message = fields.Text(help="The one thing that all of them should have heard from us.")
    stakeholder_ids = fields.Many2many(
        "kams.stakeholder",
        compute="_compute_stakeholders",
        inverse="_inverse_stakeholders",
        string="Decision Chain",
    )
    # Money
    budget = BlankMonetary(tracking=True, help="What may be spent on winning this project.")
    budget_left = BlankMonetary(compute="_compute_budget_left", string="Left of the Budget")
    # Tests and execution
    test_ids = fields.One2many("kams.plan.test", "plan_id", string="Test Questions", copy=True)
    execution_rate = BlankFloat(
        string="Execution (%)",
        compute="_compute_execution_rate",
        help="Actions done on time ÷ actions whose day has come; empty while none has.",
    )
    # Approval
    approved_by_id = fields.Many2one("res.users", string="Approved By", readonly=True, copy=False, tracking=True)
    approved_on = fields.Date(readonly=True, copy=False, tracking=True)

    # COMPUTES
    @api.depends("kind")
    def _compute_name(self):
        """What wins a project is called so until somebody gives it a name."""
        result = super()._compute_name()
        for plan in self:
            if plan.kind == "project_marketing" and (plan.name or "").replace("–", "").isdigit():
                plan.name = self.env._("Marketing Plan")
        return result

    @api.depends("lead_id.kams_stakeholder_ids")
    def _compute_stakeholders(self):
        """The deal's decision chain as far as the user may see it."""
        stakeholders = self.env["kams.stakeholder"]
        found = stakeholders.search([("lead_id", "in", self.lead_id._origin.ids)]).grouped("lead_id")
        for plan in self:
            plan.stakeholder_ids = found.get(plan.lead_id._origin, stakeholders)

    def _inverse_stakeholders(self):
        """Their strategies may be typed in the plan, and are written where they stand: in the decision chain."""

    @api.depends("budget", "cost")
    def _compute_budget_left(self):
        for plan in self:
            plan.budget_left = None if plan.budget is False else plan.budget - plan.cost

    @api.depends("action_ids.state", "action_ids.date_due", "action_ids.done_on")
    def _compute_execution_rate(self):
        today = fields.Date.context_today(self)
        for plan in self:
            counted = plan.action_ids.filtered(lambda action: action.state != "dropped")
            plan.execution_rate = plans.execution_rate(
                [(action.date_due, action.done_on or None) for action in counted], today
            )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        made = super().create(
            [{name: value for name, value in vals.items() if name not in APPROVAL} for vals in vals_list]
        )
        # a user's defaults approve nothing either
        super(KamsPlan, made.filtered("approved_by_id")).write(dict.fromkeys(APPROVAL, False))  # pylint: disable=super-method-mismatch
        for plan in made:
            if plan.kind == "project_marketing" and not plan.test_ids:
                plan.test_ids = [Command.create({"question": question}) for question in plan._test_questions()]
        return made

    def write(self, vals):
        marketing = self.filtered(lambda plan: vals.get("kind", plan.kind) == "project_marketing")
        if "kind" in vals:
            self._check_kind(vals["kind"])
        if not APPROVAL.isdisjoint(vals):
            raise UserError(
                self.env._("“%s” is approved with its button “Approve”, by whoever clicks it.", self[:1].display_name)
            )
        if vals.get("state") == "draft":
            for plan in (self - marketing).filtered(lambda plan: plan.state != "draft"):
                plan._refuse_state(plan.state, "draft")
            vals = {**vals, "approved_by_id": False, "approved_on": False}
        elif not (self.env.su and vals.keys() <= {"lead_id"}) and not APPROVED.isdisjoint(vals):
            marketing._check_not_approved()
        if vals.get("state") == "active" and (approving := marketing.filtered(lambda plan: plan.state != "active")):
            approving._check_approver()  # whose plan it was before it may be handed over
            super().write({name: value for name, value in vals.items() if name != "state"})
            approving._check_approver()
            approving._check_whole()
            super(KamsPlan, approving).write(
                {"approved_by_id": self.env.uid, "approved_on": fields.Date.context_today(self)}
            )
            return super().write({"state": "active"})
        return super().write(vals)

    @api.model
    def get_formview_id(self, access_uid=None):
        """Marketing plans have a form of their own, wherever they are opened from."""
        if len(self) == 1 and self.kind == "project_marketing":
            return self.env.ref("kams_sales.kams_plan_marketing_view_form").id
        return super().get_formview_id(access_uid)

    # ACTIONS
    def action_revise(self):
        """Take an approved plan back to draft, to change what was approved; it needs an approval again."""
        self.state = "draft"

    def action_open_own_form(self):
        """Lists of mixed plans, such as those of activities, open the form of account plans: the way out of it."""
        return self._get_records_action(name=self.display_name)

    # BUSINESS
    @api.model
    def _test_questions(self):
        """What a plan is tested by (4.4); a plan may have others."""
        return [
            self.env._("Does the plan create value for the customer?"),
            self.env._("Is the objective consistent with the strategy?"),
            self.env._("Does each action win over somebody or take a competitor's advantage away?"),
            self.env._("Do we have the people and the money for it?"),
            self.env._("Would the plan still hold if our strongest competitor knew it?"),
        ]

    def _check_kind(self, kind):
        """A plan that is in force doesn't become one that needs an approval, nor the other way round."""
        for plan in self:
            if plan.kind != kind and plan.state != "draft" and "project_marketing" in (plan.kind, kind):
                raise UserError(
                    self.env._("“%s” is in force: make another plan for another purpose.", plan.display_name)
                )

    def _check_not_approved(self):
        for plan in self:
            if plan.state != "draft":
                raise UserError(
                    self.env._(
                        "“%(plan)s” was approved by %(who)s with this objective, strategy and budget. Take it back to "
                        "draft to change them; it needs an approval again then.",
                        plan=plan.display_name,
                        who=plan.approved_by_id.name,
                    )
                )

    def _check_approver(self):
        """Somebody else than the owner says yes."""
        may = self.env.su or self.env.user.has_group("kams_sales.group_account_manager")
        for plan in self:
            if not may:
                raise AccessError(
                    self.env._(
                        "“%(plan)s” is approved by a key-account manager or a sales director.", plan=plan.display_name
                    )
                )
            if plan.user_id == self.env.user:
                raise UserError(
                    self.env._(
                        "You own “%(plan)s”, so somebody else approves it: a key-account manager or a sales director.",
                        plan=plan.display_name,
                    )
                )

    def _open_or_done(self):
        return self.action_ids.filtered(lambda action: action.state != "dropped")

    def _check_whole(self):
        """What is approved has an objective, a strategy, dated actions, and stood its test questions."""
        for plan in self:
            missing = [
                plan._fields[name]._description_string(self.env)
                for name in ("goal", "objective_product", "objective_date", "competitive_strategy", "action_ids")
                if not (plan._open_or_done() if name == "action_ids" else plan[name])
            ]
            if plan.objective_amount is False:
                missing.append(plan._fields["objective_amount"]._description_string(self.env))
            if missing:
                raise UserError(
                    self.env._(
                        "%(plan)s isn't ready. Still to fill in: %(fields)s.",
                        plan=plan.display_name,
                        fields=", ".join(missing),
                    )
                )
            if unanswered := plan.test_ids.filtered(lambda test: not test.answer):
                raise UserError(
                    self.env._(
                        "%(plan)s isn't ready. Answer its test questions first: %(questions)s",
                        plan=plan.display_name,
                        questions=" ".join(unanswered.mapped("question")),
                    )
                )


class KamsPlanTest(models.Model):
    """A question that a plan has to stand (4.4, the T of GOST+R)."""

    _name = "kams.plan.test"
    _description = "Test question of a plan"
    _order = "plan_id, sequence, id"

    plan_id = fields.Many2one("kams.plan", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    question = fields.Char(required=True)
    answer = fields.Selection([("yes", "Yes"), ("no", "No"), ("unsure", "Not Sure")], copy=False)
    note = fields.Char(copy=False)


class KamsPlanAction(models.Model):
    """Whom of the decision chain an action of a marketing plan is aimed at, and what it takes besides money."""

    _inherit = "kams.plan.action"

    lead_id = fields.Many2one(related="plan_id.lead_id")
    stakeholder_id = fields.Many2one(
        "kams.stakeholder",
        string="Aimed At",
        ondelete="set null",
        index="btree_not_null",
        domain="[('lead_id', '=', lead_id)]",
        help="Who of the decision chain it is for; empty for milestones.",
    )
    partner_id = fields.Many2one(compute="_compute_partner_id", store=True, readonly=False, precompute=True)
    resource = fields.Char(help="Whom or what it takes besides money: an engineer, a demo unit, an executive's day.")

    @api.depends("stakeholder_id")
    def _compute_partner_id(self):
        for action in self:
            action.partner_id = action.stakeholder_id.partner_id or action.partner_id

    @api.constrains("stakeholder_id", "plan_id")
    def _check_stakeholder(self):
        for action in self:
            if action.stakeholder_id and action.stakeholder_id.lead_id != action.plan_id.lead_id:
                raise ValidationError(
                    self.env._(
                        "%(person)s isn't in the decision chain of “%(plan)s”. Choose somebody who is.",
                        person=action.stakeholder_id.display_name,
                        plan=action.plan_id.display_name,
                    )
                )


class KamsStakeholder(models.Model):
    """What plans do about a person (4.4)."""

    _inherit = "kams.stakeholder"

    plan_action_ids = fields.One2many("kams.plan.action", "stakeholder_id", string="Actions", copy=False)
