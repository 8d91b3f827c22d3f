from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools import survey as arithmetic
from .blank import BlankFloat, BlankMonetary, known

# What the customer signed: it stays as it was signed
SIGNED = {
    "name",
    "date",
    "scope",
    "method",
    "current_state",
    "constraints",
    "problem_ids",
    "confirmed_by_id",
    "confirmed_at",
    "minutes_ids",
}


class KamsSurvey(models.Model):
    """What we found out at the customer's before we offer: how things are, what hurts, what they need.

    Book section 4.2 初期调研. It counts once the customer has confirmed it with signed minutes (control point S2-1);
    from then on it stays as it was signed, and taking it back says why.
    """

    _name = "kams.survey"
    _description = "Survey"
    _inherit = ["kams.deal.part", "kams.state.mixin", "kams.files.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _kept_files = ("minutes_ids",)
    _state_transitions = {"draft": {"confirmed"}, "confirmed": {"draft"}}

    # Of what, by whom
    lead_id = fields.Many2one(required=True)
    name = fields.Char(string="Survey", required=True, default=lambda self: self.env._("Survey"))
    customer_id = fields.Many2one("res.partner", string="Customer", compute="_compute_customer")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
    )
    date = fields.Date(required=True, default=fields.Date.context_today)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency")
    # How
    scope = fields.Text(help="What was looked at, and what was left out.")
    method = fields.Selection(
        [
            ("interview", "Interviews"),
            ("questionnaire", "Questionnaire"),
            ("site", "Site Visit"),
            ("documents", "Documents"),
        ]
    )
    meeting_ids = fields.Many2many("calendar.event", compute="_compute_meetings", string="Meetings")
    # What came of it
    current_state = fields.Text(string="Present Situation", help="How they work today, with which systems.")
    constraints = fields.Text(help="What a solution has to live with: dates, standards, systems, places.")
    problem_ids = fields.One2many("kams.survey.problem", "survey_id", string="Problems", copy=True)
    requirement_ids = fields.One2many("kams.requirement", "survey_id", string="Requirements")
    requirement_count = fields.Integer(compute="_compute_fit", store=True, string="Number of Requirements")
    fit_rate = BlankFloat(
        string="Fit Rate (%)",
        compute="_compute_fit",
        store=True,
        aggregator="avg",
        help="Share of what they want, by importance, that we can give; of the requirements whose fit is known.",
    )
    must_gap = fields.Integer(
        string="Must Gaps", compute="_compute_fit", store=True, help="Requirements that are a must and unsupported."
    )
    # The customer's confirmation
    state = fields.Selection(
        [("draft", "Draft"), ("confirmed", "Confirmed")],
        string="Status",
        default="draft",
        required=True,
        copy=False,
        index=True,
        tracking=True,
    )
    confirmed_by_id = fields.Many2one(
        "res.partner",
        string="Confirmed By",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('id', 'child_of', customer_id)]",
        tracking=True,
        help="Who of the customer's people confirmed it.",
    )
    confirmed_at = fields.Date(string="Confirmed On", copy=False, tracking=True)
    minutes_ids = fields.Many2many(
        "ir.attachment",
        string="Signed Minutes",
        copy=False,
        ondelete="restrict",
        help="Files that the customer signed; they can't be deleted while the survey rests on them.",
    )
    reopened_because = fields.Text(readonly=True, copy=False)

    # COMPUTES
    @api.depends("lead_id.partner_id")
    def _compute_customer(self):
        for survey in self:
            survey.customer_id = survey.lead_id.partner_id.commercial_partner_id

    @api.depends("lead_id")
    def _compute_meetings(self):
        """What was said to us stands in the deal's meetings, as far as the user may see them."""
        meetings = self.env["calendar.event"]
        found = meetings.search([("opportunity_id", "in", self.lead_id._origin.ids)]).grouped("opportunity_id")
        for survey in self:
            survey.meeting_ids = found.get(survey.lead_id._origin, meetings)

    @api.depends("company_id")
    def _compute_currency(self):
        for survey in self:
            survey.currency_id = (survey.company_id or self.env.company).currency_id

    @api.depends("name", "lead_id.name")
    def _compute_display_name(self):
        for survey in self:
            survey.display_name = " – ".join(filter(None, (survey.lead_id.name, survey.name)))

    @api.depends(
        "requirement_ids.importance",
        "requirement_ids.fit_weight",
        "requirement_ids.is_must_gap",
    )
    def _compute_fit(self):
        for survey in self:
            requirements = survey.requirement_ids
            survey.requirement_count = len(requirements)
            survey.must_gap = len(requirements.filtered("is_must_gap"))
            survey.fit_rate = arithmetic.fit_rate(
                [(int(one.importance or 0), known(one.fit_weight)) for one in requirements]
            )

    # CONSTRAINTS
    # ORM
    def write(self, vals):
        if vals.get("state") == "draft":
            self.filtered(lambda survey: survey.state == "confirmed")._take_back(vals.get("reopened_because"))
        # a merge of deals takes a survey along as it is
        elif not (SIGNED if self.env.su else SIGNED | {"lead_id"}).isdisjoint(vals):
            self._check_open()
        if vals.get("state") == "confirmed":
            result = super().write({name: value for name, value in vals.items() if name != "state"})
            self._check_confirmation()
            super().write({"state": "confirmed", "reopened_because": False})
        else:
            result = super().write(vals)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self._check_open()

    # ACTIONS
    def action_confirm(self):
        """Note that the customer confirmed it; from now on it stays as it is."""
        return self.write({"state": "confirmed"})

    def action_reopen(self):
        """Ask why, then take the confirmation back."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reopen the Survey"),
            "res_model": "kams.survey.reopen",
            "view_mode": "form",
            "target": "new",
            "context": {"default_survey_id": self.id},
        }

    def action_requirements(self):
        """All requirements on a page of their own: quicker to type, filter, group and import."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_requirement_action")
        return {
            **action,
            "domain": [("survey_id", "=", self.id)],
            "context": {"default_survey_id": self.id, "default_lead_id": self.lead_id.id},
        }

    # BUSINESS
    def _take_back(self, reason):
        """The confirmation no longer holds; the chatter keeps it, and why it was taken back."""
        self.check_access("write")
        for survey in self:
            if not (reason or "").strip():
                raise UserError(
                    self.env._(
                        "%(who)s confirmed “%(survey)s”. Use “Reopen” and say why it is taken back.",
                        who=survey.confirmed_by_id.display_name,
                        survey=survey.display_name,
                    )
                )
            survey.message_post(
                body=self.env._(
                    "Reopened: %(reason)s – It was confirmed by %(who)s on %(day)s; minutes: %(files)s.",
                    reason=reason.strip(),
                    who=survey.confirmed_by_id.display_name,
                    day=survey.confirmed_at,
                    files=", ".join(survey.minutes_ids.mapped("name")),
                )
            )
        super().write({"state": "draft", "confirmed_at": False, "minutes_ids": [Command.clear()]})  # pylint: disable=super-method-mismatch

    def _check_open(self):
        for survey in self:
            if survey.state == "confirmed":
                raise UserError(
                    self.env._(
                        "“%(survey)s” stays as %(who)s confirmed it. Use “Reopen” and say why, to change it.",
                        survey=survey.display_name,
                        who=survey.confirmed_by_id.display_name,
                    )
                )

    def _check_confirmation(self):
        """A confirmation says who, when, to what, and has the signed minutes."""
        today = fields.Date.context_today(self)
        for survey in self:
            missing = [
                survey._fields[name]._description_string(self.env)
                for name in ("requirement_ids", "confirmed_by_id", "confirmed_at", "minutes_ids")
                if not survey[name]
            ]
            if missing:
                raise UserError(
                    self.env._(
                        "“%(survey)s” can't be confirmed yet. Still to fill in: %(fields)s.",
                        survey=survey.display_name,
                        fields=", ".join(missing),
                    )
                )
            if survey.confirmed_by_id.commercial_partner_id != survey.customer_id:
                raise UserError(
                    self.env._(
                        "%(who)s isn't one of the customer's people. Name somebody of %(customer)s as the one who "
                        "confirmed “%(survey)s”.",
                        who=survey.confirmed_by_id.display_name,
                        customer=survey.customer_id.display_name or self.env._("the deal's customer (none is named)"),
                        survey=survey.display_name,
                    )
                )
            if survey.confirmed_at > today:
                raise UserError(
                    self.env._(
                        "“%(survey)s” can't have been confirmed on %(day)s, which is still to come.",
                        survey=survey.display_name,
                        day=survey.confirmed_at,
                    )
                )

    def _check_files_free(self, name):
        """The minutes stay as the customer signed them."""
        self._check_open()


class KamsSurveyProblem(models.Model):
    """What hurts at the customer's, where, and what it costs them (4.2 问题清单)."""

    _name = "kams.survey.problem"
    _description = "Problem found in a survey"
    _order = "survey_id, priority desc, sequence, id"

    survey_id = fields.Many2one("kams.survey", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="survey_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="survey_id.currency_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Problem", required=True)
    department = fields.Char()
    impact_amount = BlankMonetary(string="Costs Them a Year")
    priority = fields.Selection([("0", "Low"), ("1", "Medium"), ("2", "High"), ("3", "Very High")], default="1")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        problems = super().create(vals_list)
        problems.survey_id._check_open()
        return problems

    def write(self, vals):
        self.survey_id._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_of_drafts(self):
        self.survey_id._check_open()
