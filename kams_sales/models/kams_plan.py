from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

KINDS = [
    ("account", "Account Plan"),
    ("project_marketing", "Project Marketing Plan"),
    ("relationship", "Relationship Plan"),
    ("communication", "Communication Plan"),
]
STATES = [("draft", "Draft"), ("active", "Active"), ("closed", "Closed")]


class KamsPlan(models.Model):
    """What we want to reach with a customer in a period, how we know that we did, and who does what until when.

    Book section 0.2 大客户计划 for accounts; project marketing (4.4), relationship (8.6) and communication plans (8.5)
    are other kinds of it.
    """

    _name = "kams.plan"
    _description = "Plan for a customer"
    _inherit = ["kams.deal.part", "kams.state.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _state_transitions = {"draft": {"active"}, "active": {"closed"}, "closed": {"active"}}

    # For whom, and when
    name = fields.Char(string="Plan", compute="_compute_name", store=True, readonly=False, precompute=True, copy=False)
    kind = fields.Selection(KINDS, required=True, default="account")
    state = fields.Selection(STATES, string="Status", default="draft", required=True, copy=False, tracking=True)
    account_id = fields.Many2one("kams.account", string="Key Account", index=True, ondelete="cascade")
    customer_id = fields.Many2one("res.partner", string="Customer", compute="_compute_customer")
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        required=True,
        domain="[('share', '=', False)]",
        tracking=True,
    )
    date_from = fields.Date(string="From", required=True, default=lambda self: self._this_year()[0])
    date_to = fields.Date(string="To", required=True, default=lambda self: self._this_year()[1])
    previous_id = fields.Many2one("kams.plan", string="Plan before This", readonly=True, copy=False, index=True)
    # What for
    goal = fields.Text(help="The level of business that we want with this customer at the end of the period.")
    value_proposition = fields.Text(help="What the customer gets from us, as the customer would say it.")
    success_factors = fields.Text(string="Critical Success Factors", help="What must go right for the plan to succeed.")
    # How
    objective_ids = fields.One2many("kams.plan.objective", "plan_id", string="Objectives", copy=False)
    action_ids = fields.One2many("kams.plan.action", "plan_id", string="Actions", copy=False)
    cost = fields.Monetary(compute="_compute_cost", string="Planned Cost")

    _period = models.Constraint("CHECK (date_to >= date_from)", "A plan ends after it begins.")

    # COMPUTES
    @api.model
    def _this_year(self):
        today = fields.Date.context_today(self)
        return today.replace(month=1, day=1), today.replace(month=12, day=31)

    @api.depends("date_from", "date_to")
    def _compute_name(self):
        """A plan is called by its years until somebody gives it a name."""
        for plan in self:
            if plan.date_from and plan.date_to and (not plan.name or plan.name.replace("–", "").isdigit()):
                years = sorted({plan.date_from.year, plan.date_to.year})
                plan.name = "–".join(str(year) for year in years)
            else:
                plan.name = plan.name

    @api.depends("name", "account_id.name", "lead_id.name")
    def _compute_display_name(self):
        for plan in self:
            deal = plan.sudo().lead_id  # sudo: who has an action in a plan may know the name of its deal
            whose = deal.name or plan.account_id.name
            plan.display_name = " – ".join(filter(None, (whose, plan.name)))

    @api.depends("account_id.partner_id", "lead_id.partner_id")
    def _compute_customer(self):
        for plan in self:
            deal = plan.sudo().lead_id  # sudo: who has an action in a plan may know its customer
            plan.customer_id = plan.account_id.partner_id or deal.partner_id.commercial_partner_id

    @api.depends("account_id.company_id", "lead_id")
    def _compute_company_id(self):
        """A deal that changes company says so itself (crm_lead_parts.py), plain deals are not asked."""
        for plan in self:
            plan.company_id = plan.account_id.company_id or plan.lead_id.company_id or self.env.company

    @api.depends("action_ids.cost", "action_ids.state")
    def _compute_cost(self):
        for plan in self:
            plan.cost = sum(action.cost for action in plan.action_ids if action.state != "dropped")

    # CONSTRAINTS
    @api.constrains("kind", "account_id", "lead_id")
    def _check_for_whom(self):
        for plan in self:
            if not (plan.account_id or plan.lead_id) or (plan.kind == "account" and not plan.account_id):
                raise ValidationError(
                    self.env._("%(plan)s: choose the key account or the deal that the plan is for.", plan=plan.name)
                )

    @api.constrains("state", "kind", "date_from", "date_to")
    def _check_one_at_a_time(self):
        """Two account plans in force on the same day would tell two stories. Accounts that merge may bring two."""
        active = self.filtered(lambda plan: plan.state == "active" and plan.kind == "account")
        others = self.search(
            [("kind", "=", "account"), ("state", "=", "active"), ("account_id", "in", active.account_id.ids)]
        )
        for plan in active:
            for other in others - plan:
                if (
                    other.account_id == plan.account_id
                    and other.date_from <= plan.date_to
                    and other.date_to >= plan.date_from
                ):
                    raise ValidationError(
                        self.env._(
                            "%(plan)s and %(other)s are for the same days. Close one of them first.",
                            plan=plan.display_name,
                            other=other.display_name,
                        )
                    )

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self.objective_ids._note_state(vals["state"])
            self.action_ids._sync_activities()
        if not {"state", "review_date", "user_id"}.isdisjoint(vals):
            self._sync_review()
        return result

    # ACTIONS
    def action_activate(self):
        for plan in self:
            missing = [
                plan._fields[name]._description_string(self.env)
                for name in ("goal", "objective_ids")
                if plan.kind == "account" and not plan[name]
            ]
            if missing:
                raise UserError(
                    self.env._(
                        "%(plan)s isn't ready. Still to fill in: %(fields)s.",
                        plan=plan.display_name,
                        fields=", ".join(missing),
                    )
                )
        self.state = "active"

    def action_close(self):
        self.state = "closed"

    def action_reopen(self):
        self.state = "active"

    def action_next_year(self):
        """Open next year's plan, made from this one if there is none yet."""
        self.ensure_one()
        following = self.search([("previous_id", "=", self.id)], limit=1) or self._carry_over()
        return following._get_records_action(name=following.display_name)

    # BUSINESS
    def _is_in_force(self):
        """Whether people should do what it says now: not while its deal is lost or archived."""
        self.ensure_one()
        deal = self.sudo().lead_id  # sudo: only whether it goes on
        return self.state == "active" and (not deal or deal.active)

    def _carry_over(self):
        """The plan for the year after: objectives and what is still open go along, every date a year later."""
        self.ensure_one()
        year = relativedelta(years=1)
        return self.copy(
            {
                "previous_id": self.id,
                "date_from": self.date_from + year,
                "date_to": self.date_to + year,
                "review_date": self.review_date and self.review_date + year,
                "objective_ids": [Command.create(vals) for vals in self.objective_ids.copy_data()],
                "action_ids": [
                    Command.create({**vals, "date_due": action.date_due + year})
                    for action in self.action_ids
                    if action.state == "open"
                    for vals in action.copy_data()
                ],
            }
        )
