from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.arithmetic import ratio
from .blank import BlankFloat

KIND = "communication"


class KamsPlan(models.Model):
    """Who hears what from us, by which way and how often, while we deliver; and whether we keep to it.

    Book section 8.5 沟通与协调. The plan's execution rate is what was held of the contacts that were due.
    """

    _inherit = "kams.plan"

    delivery_id = fields.Many2one(
        "kams.delivery",
        string="Delivery",
        domain="[('lead_id', '=', lead_id)]",
        ondelete="set null",
        index="btree_not_null",
        tracking=True,
    )
    line_ids = fields.One2many("kams.comm.line", "plan_id", string="Who Hears What", copy=True)
    log_ids = fields.One2many("kams.comm.log", "plan_id", string="Planned Contacts", copy=False)
    comm_due = fields.Integer(string="Contacts That Were Due", compute="_compute_comm_rate", store=True, copy=False)
    comm_held = fields.Integer(string="Contacts Held", compute="_compute_comm_rate", store=True, copy=False)
    comm_rate = BlankFloat(
        string="Communication Kept (%)",
        compute="_compute_comm_rate",
        store=True,
        copy=False,
        digits=(16, 1),
        aggregator="avg",
        help="Contacts held ÷ contacts that were due; empty while none was.",
    )

    # COMPUTES
    @api.depends("kind")
    def _compute_name(self):
        """What keeps people informed is called so until somebody gives it a name."""
        result = super()._compute_name()
        for plan in self:
            if plan.kind == KIND and (plan.name or "").replace("–", "").isdigit():
                plan.name = self.env._("Communication Plan")
        return result

    @api.depends("log_ids.state", "log_ids.date_due", "log_ids.is_planned")
    def _compute_comm_rate(self):
        """All plans in one statement. A contact is due when its day is over, or once it is held.

        What nobody planned is in the log and not in the rate: typing past contacts doesn't raise it.
        """
        today = fields.Date.context_today(self)
        counts = {}
        if ids := self._origin.ids:
            # sudo: the rate counts all contacts of a plan, whoever looks at it
            groups = (
                self.env["kams.comm.log"]
                .sudo()
                ._read_group(
                    [
                        *(("plan_id", "in", ids), ("is_planned", "=", True)),
                        *("|", ("state", "!=", "due"), ("date_due", "<", today)),
                    ],
                    ["plan_id", "state"],
                    ["__count"],
                )
            )
            for plan, state, number in groups:
                due, held = counts.get(plan.id, (0, 0))
                counts[plan.id] = due + number, held + (number if state == "held" else 0)
        for plan in self:
            plan.comm_due, plan.comm_held = counts.get(plan._origin.id, (0, 0))
            plan.comm_rate = ratio(plan.comm_held, plan.comm_due, 100.0)

    # CONSTRAINTS
    @api.constrains("delivery_id", "lead_id")
    def _check_delivery(self):
        for plan in self:
            if plan.delivery_id and plan.delivery_id.lead_id != plan.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(delivery)s” is of another deal than “%(plan)s”: choose one of the plan's deal.",
                        delivery=plan.delivery_id.display_name,
                        plan=plan.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        """A plan for a delivery is a plan for its deal, for as long as it is delivered."""
        deliveries = self.env["kams.delivery"].browse(
            vals["delivery_id"] for vals in vals_list if vals.get("delivery_id") and not vals.get("lead_id")
        )
        deals = {delivery.id: delivery.lead_id.id for delivery in deliveries}
        return super().create(
            [
                {"lead_id": deals[vals["delivery_id"]], **vals} if vals.get("delivery_id") in deals else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        # a merge of deals takes a plan along as it is
        if not self.env.su and not {"kind", "lead_id", "account_id"}.isdisjoint(vals):
            new = {name: vals[name] or False for name in ("lead_id", "account_id") if name in vals}
            moved = self.filtered(
                lambda plan: (
                    plan.kind != vals.get("kind", plan.kind) or any(plan[name].id != id_ for name, id_ in new.items())
                )
            )
            moved.line_ids._check_nothing_was_due()
        result = super().write(vals)
        if not {"state", "date_from", "date_to", "delivery_id"}.isdisjoint(vals):
            plans = self.filtered(lambda plan: plan.kind == KIND)
            if vals.get("state") == "active":
                plans.line_ids._start()
            plans.line_ids._follow()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_keep_contacts(self):
        self.line_ids._check_nothing_was_due()

    @api.model
    def get_formview_id(self, access_uid=None):
        """Communication plans have a form of their own, wherever they are opened from."""
        if len(self) == 1 and self.kind == KIND:
            return self.env.ref("kams_sales.kams_plan_communication_view_form").id
        return super().get_formview_id(access_uid)

    # ACTIONS
    def action_activate(self):
        for plan in self:
            if plan.kind == KIND and not plan.line_ids:
                raise UserError(
                    self.env._("%s isn't ready. Say who hears what, and how often, first.", plan.display_name)
                )
        return super().action_activate()

    def action_comm_log(self):
        """The contacts of this plan: those that wait first."""
        self.ensure_one()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_comm_log_action"),
            "domain": [("plan_id", "=", self.id)],
            "context": {"kams_plan": self.id},
        }

    def action_take_stakeholders(self):
        """A line for each person of the deal's decision chain who has none yet; what is decided by hand comes after."""
        people = self.env["kams.stakeholder"].search([("lead_id", "in", self.lead_id.ids)])
        people = people.grouped("lead_id")
        self.env["kams.comm.line"].create(
            [
                {
                    "plan_id": plan.id,
                    "stakeholder_id": person.id,
                    "content": self.env._("Progress and open points"),
                    "channel": "meeting" if person.is_key_player else "mail",
                    "frequency": "fortnight",
                    "user_id": (person.user_id.filtered("active") or plan.user_id).id,
                }
                for plan in self
                for person in people.get(plan.lead_id, self.env["kams.stakeholder"]) - plan.line_ids.stakeholder_id
            ]
        )
        return True

    # BUSINESS
    def _is_in_force(self):
        """A cancelled delivery is nothing to talk about any more."""
        # sudo: only whether it goes on
        return super()._is_in_force() and self.sudo().delivery_id.state != "cancelled"
