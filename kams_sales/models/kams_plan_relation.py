from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from .kams_stakeholder import ATTITUDES

RELATION_KINDS = [
    ("executive_visit", "Executive Visit"),
    ("salon", "Technical Salon"),
    ("joint_promotion", "Joint Promotion"),
    ("satisfaction_visit", "Satisfaction Visit"),
    ("greeting", "Season's Greetings"),
    ("other", "Other Contact"),
]


class KamsPlan(models.Model):
    """How we keep a customer after the sale: whom we want where, and who sees them how often.

    Book section 8.6 客户关系维护计划, on a deal or on a key account.
    """

    _inherit = "kams.plan"

    contact_days = fields.Integer(
        string="A Contact Every (Days)",
        default=lambda self: int(self.env["kams.legal.rule"]._value("relation_contact_days") or 0),
        help="How often they should hear from us: meetings, calls and visits held are counted against it.",
    )

    _contact_days_positive = models.Constraint("CHECK (contact_days >= 0)", "A contact can't come back before today.")

    # COMPUTES
    @api.depends("kind")
    def _compute_name(self):
        """It is called so until somebody gives it a name."""
        result = super()._compute_name()
        for plan in self:
            if plan.kind == "relationship" and (plan.name or "").replace("–", "").isdigit():
                plan.name = self.env._("Relationship Plan")
        return result

    # ORM
    @api.model
    def get_formview_id(self, access_uid=None):
        """Relationship plans have a form of their own, wherever they are opened from."""
        if len(self) == 1 and self.kind == "relationship":
            return self.env.ref("kams_sales.kams_plan_relation_view_form").id
        return super().get_formview_id(access_uid)

    # ACTIONS
    def action_take_people(self):
        """An action for each person of the decision chain who has none here yet, from where they stand now."""
        self.ensure_one()
        self.check_access("write")
        there = self.action_ids.stakeholder_id
        first = fields.Date.context_today(self) + relativedelta(days=self.contact_days)
        people = self.env["kams.stakeholder"].search([("lead_id", "=", self.lead_id.id)]) if self.lead_id else there
        self.env["kams.plan.action"].create(
            [
                {
                    "plan_id": self.id,
                    "name": self.env._("Stay in touch with %s", person.partner_id.name),
                    "stakeholder_id": person.id,
                    "relation_kind": "other",
                    "date_due": first,
                    "user_id": (person.user_id.filtered("active") or self.user_id).id,
                }
                for person in people - there
            ]
        )
        return True


class KamsPlanAction(models.Model):
    """What we do to keep a person on our side: where they stand, where we want them, and where they stood after."""

    _inherit = "kams.plan.action"

    plan_kind = fields.Selection(related="plan_id.kind", string="Kind of Plan")
    relation_kind = fields.Selection(RELATION_KINDS, string="Kind of Contact")
    attitude_now = fields.Selection(
        ATTITUDES,
        string="Attitude Now",
        compute="_compute_attitude_now",
        store=True,
        readonly=False,
        precompute=True,
        help="As the decision chain has it on the day the action is written down.",
    )
    attitude_wanted = fields.Selection(ATTITUDES, string="Attitude Wanted")
    attitude_after = fields.Selection(
        ATTITUDES,
        string="Attitude Afterwards",
        copy=False,
        help="What the decision chain says of this person from then on.",
    )

    follow_on_id = fields.Many2one(
        "crm.lead",
        string="Follow-On Lead",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="The lead that came of it.",
    )

    # COMPUTES
    @api.depends("stakeholder_id")
    def _compute_attitude_now(self):
        for action in self:
            action.attitude_now = action.attitude_now or action.stakeholder_id.attitude

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        actions.filtered("attitude_after")._tell_chain()
        return actions

    def write(self, vals):
        result = super().write(vals)
        if vals.get("attitude_after"):
            self._tell_chain()
        return result

    # ACTIONS
    def action_make_follow_on(self):
        """A need that came up: make a lead of it, or open the one that was made."""
        self.ensure_one()
        self.check_access("read")
        if self.follow_on_id:
            return self.follow_on_id._get_records_action(name=self.follow_on_id.display_name)
        # sudo: who has an action of a deal's plan may name the deal
        deal = self.plan_id.sudo().lead_id
        return self.env["kams.follow.on"]._open(self.customer_id, lead=deal, action=self, contact=self.partner_id)

    # BUSINESS
    def _tell_chain(self):
        """Where somebody stood after our action is where they stand: the decision chain says so, by its own rights."""
        for action in self:
            if action.stakeholder_id and action.stakeholder_id.attitude != action.attitude_after:
                action.stakeholder_id.attitude = action.attitude_after
