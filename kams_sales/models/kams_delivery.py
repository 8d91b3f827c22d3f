from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .crm_lead_gate import InternalPass

STATES = [
    ("planned", "Being Planned"),
    ("running", "Being Delivered"),
    ("closed", "Delivery Closed"),
    ("cancelled", "Delivery Cancelled"),
]
PROJECT_STATES = [("none", "No Project"), ("active", "Project Runs"), ("archived", "Project Archived")]
GROUP = "kams_sales.group_delivery"
HAND, ENGINE = "kams_delivery_engine", InternalPass("delivery")


class KamsDelivery(models.Model):
    """What was sold is delivered: one of Odoo's projects, with the organisation, plan and evidence the method asks for.

    Book section 8.2 项目实施组织. Tasks, milestones, updates and profitability are the project's; a plain project
    knows nothing of it. Two projects for one contract are two deliveries, and a delivery outlives its project.
    """

    _name = "kams.delivery"
    _description = "Delivery"
    _inherit = [
        *("kams.deal.part", "kams.state.mixin", "kams.hand.mixin", "kams.files.mixin"),
        *("mail.thread", "mail.activity.mixin"),
    ]
    _hand = HAND, ENGINE
    _order = "id desc"
    _rec_names_search = ["name", "lead_id.name", "project_id.name"]
    _state_transitions = {
        "planned": {"running", "cancelled"},
        "running": {"planned", "closed", "cancelled"},
        "closed": {"running"},
        "cancelled": {"planned"},
    }

    # Of what
    lead_id = fields.Many2one(required=True)
    name = fields.Char(
        string="Delivery", required=True, compute="_compute_name", store=True, readonly=False, precompute=True
    )
    contract_id = fields.Many2one(
        "kams.contract",
        string="Contract",
        ondelete="set null",
        index="btree_not_null",
        domain="[('lead_id', '=', lead_id)]",
        tracking=True,
    )
    handover_id = fields.Many2one(
        "kams.handover",
        string="Handover",
        ondelete="set null",
        index="btree_not_null",
        domain="[('lead_id', '=', lead_id)]",
    )
    project_id = fields.Many2one(
        "project.project", string="Project", ondelete="set null", index="btree_not_null", copy=False, tracking=True
    )
    project_state = fields.Selection(PROJECT_STATES, string="State of the Project", compute="_compute_project_state")
    customer_id = fields.Many2one("res.partner", string="Customer", compute="_compute_customer")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    # Who
    user_id = fields.Many2one(
        "res.users",
        string="Project Manager",
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
    )
    customer_manager_id = fields.Many2one(
        "res.partner",
        string="Customer's Project Manager",
        ondelete="set null",
        index="btree_not_null",
        help="Who speaks for the customer in the project.",
    )
    role_ids = fields.One2many("kams.delivery.role", "delivery_id", string="Organisation")
    # When
    date_start = fields.Date(string="Delivery From")
    date_end = fields.Date(string="Delivery Until")
    phase_ids = fields.One2many("kams.delivery.phase", "delivery_id", string="Phases")
    # How far it is
    state = fields.Selection(
        STATES, string="Status", default="planned", required=True, copy=False, index=True, tracking=True
    )

    is_live = fields.Boolean(compute="_compute_is_live", store=True, precompute=True, help="Not cancelled.")
    # What goes with it
    invoice_on_acceptance = fields.Boolean(
        string="Invoice on Acceptance",
        help="A signed acceptance that makes a payment fall due also makes the draft invoice.",
    )
    training_needed = fields.Boolean(
        string="Training Needed", default=True, help="Whether the customer's people are to be trained."
    )
    training_why_not = fields.Text(string="Why No Training")

    _project_once = models.UniqueIndex(
        "(project_id) WHERE project_id IS NOT NULL", "A project belongs to one delivery only: choose another one."
    )

    # COMPUTES
    @api.depends("lead_id")
    def _compute_name(self):
        for delivery in self:
            delivery.name = delivery.name or delivery.lead_id.name

    @api.depends("lead_id.partner_id")
    def _compute_customer(self):
        for delivery in self:
            delivery.customer_id = delivery.lead_id.partner_id.commercial_partner_id

    @api.depends("contract_id.currency_id", "company_id")
    def _compute_currency_id(self):
        for delivery in self:
            company = delivery.company_id or self.env.company
            delivery.currency_id = delivery.contract_id.currency_id or company.currency_id

    @api.depends("state")
    def _compute_is_live(self):
        for delivery in self:
            delivery.is_live = delivery.state != "cancelled"

    @api.depends("project_id.active")
    def _compute_project_state(self):
        for delivery in self:
            project = delivery.sudo().project_id  # sudo: whether it is there and active is no secret
            delivery.project_state = "none" if not project else "active" if project.active else "archived"

    # CONSTRAINTS
    @api.constrains("contract_id", "handover_id")
    def _check_same_deal(self):
        for delivery in self:
            for part in (delivery.contract_id, delivery.handover_id):
                if part and part.lead_id != delivery.lead_id:
                    raise ValidationError(
                        self.env._(
                            "“%(part)s” is of another deal than the delivery: choose one of %(deal)s.",
                            part=part.display_name,
                            deal=delivery.lead_id.display_name,
                        )
                    )

    @api.constrains("project_id", "company_id")
    def _check_project_company(self):
        for delivery in self:
            company = delivery.sudo().project_id.company_id  # sudo: compared only
            if company and delivery.company_id and company != delivery.company_id:
                raise ValidationError(
                    self.env._(
                        "The project of “%(delivery)s” is of %(company)s, and the deal isn't: choose a project of the "
                        "deal's company.",
                        delivery=delivery.display_name,
                        company=company.name,
                    )
                )

    # ORM
    def write(self, vals):
        if not self._in_hand() and "state" in vals and any(one.state != vals["state"] for one in self):
            raise UserError(
                self.env._("%s: its status is changed with its buttons, not by hand.", self[:1].display_name)
            )
        if "lead_id" in vals and not self.env.su and any(one.lead_id.id != vals["lead_id"] for one in self):
            raise UserError(
                self.env._("“%s” stays with its deal. Make a delivery on the other deal.", self[:1].display_name)
            )
        managers = {one: one.user_id for one in self} if "user_id" in vals else {}
        result = super().write(vals)
        for delivery, before in managers.items():
            if before != delivery.user_id:
                delivery._pass_on(before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_planned(self):
        for delivery in self:
            if delivery.state != "planned" or delivery.plan_state == "confirmed" or delivery.kickoff_state == "held":
                raise UserError(
                    self.env._(
                        "“%s” has begun, and what was recorded on it stays. Cancel it instead.", delivery.display_name
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_keep_what_was_signed(self):
        """The database would take along what its parts keep, without asking them."""
        parts = self.sudo()  # sudo: whether something stays, whoever may see it
        parts.acceptance_ids._unlink_only_drafts()
        parts.training_ids._unlink_only_open()
        parts.change_ids._unlink_only_unsigned()
        parts.closing_ids._unlink_only_open()
        parts.line_ids._unlink_only_open()

    # ACTIONS
    def action_start(self):
        """From now on it is being delivered; somebody of ours answers for it."""
        self.check_access("write")
        for delivery in self:
            if not delivery.user_id:
                raise UserError(
                    self.env._("“%s” has no project manager: appoint one, then start it.", delivery.display_name)
                )
        return self._engine().write({"state": "running"})

    def action_back_to_plan(self):
        """It isn't being delivered after all: planned again."""
        self.check_access("write")
        return self._engine().write({"state": "planned"})

    def action_cancel(self):
        """It won't be delivered: say why."""
        return self._open_note("cancel", self.env._("Cancel Delivery"))

    def action_make_project(self):
        """A project for a delivery that has none, or whose project was deleted: its phases get milestones again."""
        self.ensure_one()
        self.check_access("write")
        return self.env["kams.delivery.make"]._open(delivery=self)

    def action_open_project(self):
        """The project's tasks, for whoever may see the project."""
        self.ensure_one()
        self.check_access("read")
        if not self.project_id:
            return False
        self.project_id.check_access("read")
        return self.project_id.action_view_tasks()

    # BUSINESS
    def _pass_on(self, before):
        """Another project manager: the role in the organisation and the project are theirs, if they were the old one's.

        sudo: whoever may appoint the delivery's manager appoints the project's, which is only there for it.
        """
        self.ensure_one()
        role = self.env.ref("kams_sales.delivery_role_pm", raise_if_not_found=False)
        theirs = self.role_ids.filtered(lambda one: role and one.role_id == role and one.user_id == before)
        theirs.user_id = self.user_id
        project = self.project_id.sudo()
        if project.user_id == before:
            project.user_id = self.user_id

    def _open_note(self, step, title):
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "kams.delivery.note",
            "view_mode": "form",
            "target": "new",
            "context": {"default_delivery_id": self.id, "default_step": step},
        }

    def _cancel(self, reason):
        self.check_access("write")
        for delivery in self:
            delivery.message_post(body=self.env._("Cancelled: %s", reason))
        self._engine().write({"state": "cancelled"})
