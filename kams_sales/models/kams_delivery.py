from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .crm_lead_gate import InternalPass

STATES = [
    ("planned", "Being Planned"),
    ("running", "Being Delivered"),
    ("closed", "Delivery Closed"),
    ("cancelled", "Delivery Cancelled"),
]
GROUP = "kams_sales.group_delivery"
HAND, ENGINE = "kams_delivery_engine", InternalPass("delivery")


class KamsDelivery(models.Model):
    """What was sold is delivered: one of Odoo's projects, with the organisation, plan and evidence the method asks for.

    Book section 8.2 项目实施组织. Tasks, milestones, updates and profitability are the project's; a plain project
    knows nothing of it. Two projects for one contract are two deliveries, and a delivery outlives its project.
    """

    _name = "kams.delivery"
    _description = "Delivery"
    _inherit = ["kams.deal.part", "kams.state.mixin", "kams.hand.mixin", "mail.thread", "mail.activity.mixin"]
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
    # When
    date_start = fields.Date(string="Delivery From")
    date_end = fields.Date(string="Delivery Until")
    # How far it is
    state = fields.Selection(
        STATES, string="Status", default="planned", required=True, copy=False, index=True, tracking=True
    )

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

    # CONSTRAINTS
    @api.constrains("lead_id", "contract_id", "handover_id")
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
