from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .blank import BlankFloat, refuse_negative

FITS = [
    ("standard", "Standard"),
    ("configured", "Configured"),
    ("developed", "Developed"),
    ("third_party", "Third Party"),
    ("unsupported", "Unsupported"),
]
IMPORTANCE = [
    ("1", "1 Nice"),
    ("2", "2 Useful"),
    ("3", "3 Important"),
    ("4", "4 High"),
    ("5", "5 Vital"),
]
# What the customer confirms; how we meet it is ours to say, before and after
WISH = {"code", "name", "department", "description", "type", "importance", "must", "partner_id", "survey_id", "lead_id"}


class KamsRequirement(models.Model):
    """One thing the customer needs, how much it matters to them, and how we can give it (4.2 需求清单).

    The fit's weight (dated parameters ``fit_weight_…``) is noted on the day the fit is judged, so that a later policy
    doesn't change what was judged before.
    """

    _name = "kams.requirement"
    _description = "Requirement"
    _inherit = ["kams.deal.part", "kams.import.mixin"]
    _order = "lead_id, sequence, code, id"

    # Place
    lead_id = fields.Many2one(
        required=True, compute="_compute_lead_id", store=True, readonly=False, precompute=True, index=True
    )
    survey_id = fields.Many2one(
        "kams.survey", ondelete="cascade", index="btree_not_null", domain="[('lead_id', '=', lead_id)]"
    )
    survey_state = fields.Selection(related="survey_id.state", string="Survey Status")
    customer_id = fields.Many2one("res.partner", string="Customer", compute="_compute_customer")
    sequence = fields.Integer(default=10)
    # What they need
    code = fields.Char(string="No.")
    name = fields.Char(string="Requirement", required=True)
    department = fields.Char()
    description = fields.Text()
    type = fields.Selection(
        [
            ("functional", "Functional"),
            ("performance", "Performance"),
            ("interface", "Interface"),
            ("service", "Service"),
            ("commercial", "Commercial"),
        ],
        required=True,
        default="functional",
    )
    importance = fields.Selection(IMPORTANCE, required=True, default="3")
    must = fields.Boolean(help="Without it they don't buy.")
    partner_id = fields.Many2one(
        "res.partner",
        string="Wanted By",
        index="btree_not_null",
        domain="[('id', 'child_of', customer_id)]",
        help="Who of the customer's people stands for it.",
    )
    # How we meet it
    fit = fields.Selection(FITS, help="Empty: nobody has looked yet.")
    fit_weight = BlankFloat(compute="_compute_fit_weight", store=True, help="What this fit counts, 0 to 1.")
    is_must_gap = fields.Boolean(string="Must Gap", compute="_compute_is_must_gap", store=True)
    effort_days = BlankFloat(string="Effort (Days)", digits=(16, 1))
    user_id = fields.Many2one(
        "res.users", string="Owner", domain="[('share', '=', False)]", help="Who of us looks after it."
    )

    # COMPUTES
    @api.depends("survey_id.lead_id")
    def _compute_lead_id(self):
        """A requirement is about the deal of its survey."""
        for requirement in self:
            requirement.lead_id = requirement.survey_id.lead_id or requirement.lead_id

    @api.depends("lead_id.partner_id")
    def _compute_customer(self):
        for requirement in self:
            requirement.customer_id = requirement.lead_id.partner_id.commercial_partner_id

    @api.depends("fit")
    def _compute_fit_weight(self):
        value = self.env["kams.legal.rule"]._value
        for requirement in self:
            requirement.fit_weight = value(f"fit_weight_{requirement.fit}") if requirement.fit else None

    @api.depends("must", "fit")
    def _compute_is_must_gap(self):
        for requirement in self:
            requirement.is_must_gap = requirement.must and requirement.fit == "unsupported"

    # CONSTRAINTS
    @api.constrains("lead_id", "survey_id")
    def _check_survey(self):
        for requirement in self:
            if requirement.survey_id and requirement.survey_id.lead_id != requirement.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(requirement)s” can't be of %(deal)s: its survey is of %(other)s.",
                        requirement=requirement.name,
                        deal=requirement.lead_id.display_name,
                        other=requirement.survey_id.lead_id.display_name,
                    )
                )

    @api.constrains("effort_days")
    def _check_effort(self):
        refuse_negative(self, "effort_days")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        requirements = super().create(vals_list)
        requirements.survey_id._check_open()
        return requirements

    def write(self, vals):
        if "lead_id" in vals and "survey_id" not in vals and self.env.su:
            # deals are merged: requirements of a survey follow it
            own = self.filtered(lambda requirement: not requirement.survey_id)
            rest = {name: value for name, value in vals.items() if name != "lead_id"}
            super(KamsRequirement, self - own).write(rest)
            return super(KamsRequirement, own).write(vals)
        if not WISH.isdisjoint(vals):
            self._check_open()
        result = super().write(vals)
        if "survey_id" in vals:
            self._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_of_drafts(self):
        self._check_open()

    # BUSINESS
    def _check_open(self):
        for survey in self.survey_id:
            if survey.state == "confirmed":
                raise UserError(
                    self.env._(
                        "Requirements of “%(survey)s” stay as %(who)s confirmed them; only fit, effort and owner may "
                        "change. Reopen the survey to change more.",
                        survey=survey.display_name,
                        who=survey.confirmed_by_id.display_name,
                    )
                )

    @api.model
    def _import_columns(self):
        return [
            ("lead_id", self.env._("Example Deal")),
            ("code", "R1"),
            ("department", self.env._("Operations")),
            ("name", self.env._("Boiler data every second")),
            ("description", self.env._("From all sensors, kept for a year")),
            ("type", "functional"),
            ("importance", "5"),
            ("must", "1"),
            ("partner_id", self.env._("Example Engineer")),
            ("fit", "standard"),
            ("effort_days", "2"),
        ]
