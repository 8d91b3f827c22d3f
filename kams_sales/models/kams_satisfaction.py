from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import relation
from .blank import BlankFloat

METHODS = [
    ("survey", "Questionnaire"),
    ("interview", "Interview"),
    ("visit", "Visit"),
]
ASPECTS = [
    ("product", "Product or Solution"),
    ("schedule", "Keeping Dates"),
    ("quality", "Quality of the Work"),
    ("service", "Service and Support"),
    ("people", "Our People"),
    ("value", "Value for Money"),
    ("overall", "All in All"),
]
# "0" is what the star widget leaves when a star is taken back
SCORES = [
    ("0", "Not Answered"),
    ("1", "1 Very dissatisfied"),
    ("2", "2 Dissatisfied"),
    ("3", "3 Neither nor"),
    ("4", "4 Satisfied"),
    ("5", "5 Very satisfied"),
]
STATES = [("draft", "Draft"), ("done", "Answer Recorded")]
# What the customer said: it stays as it was said
SAID = {"delivery_id", "stakeholder_id", "partner_id", "date", "method", "line_ids", "comment", "file_ids"}
# What follows when deals or people become one
LINKS = {"lead_id", "stakeholder_id"}


class KamsSatisfaction(models.Model):
    """How satisfied somebody at the customer's is with what we delivered: asked on a day, aspect by aspect, 1 to 5.

    Book section 8.6 满意度回访. Once the answer is recorded it stays as it was given; the last answer of each person
    counts (control point S6-8, health of the relationship).
    """

    _name = "kams.satisfaction"
    _description = "Customer satisfaction"
    _inherit = [
        "kams.deal.part",
        "kams.state.mixin",
        "kams.import.mixin",
        "kams.files.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date desc, id desc"
    _kept_files = ("file_ids",)
    _stamps = frozenset({"is_latest"})
    _rec_names_search = ["partner_id", "lead_id.name"]
    _state_transitions = {"draft": {"done"}, "done": {"draft"}}

    # With what, who was asked
    lead_id = fields.Many2one(required=True)
    delivery_id = fields.Many2one(
        "kams.delivery",
        string="Delivery",
        domain="[('lead_id', '=', lead_id)]",
        ondelete="set null",
        index="btree_not_null",
    )
    customer_id = fields.Many2one("res.partner", string="Customer", compute="_compute_customer")
    stakeholder_id = fields.Many2one(
        "kams.stakeholder",
        string="Stakeholder",
        domain="[('lead_id', '=', lead_id)]",
        ondelete="set null",
        index="btree_not_null",
    )
    # stays when the person is taken out of the decision chain
    partner_id = fields.Many2one(
        "res.partner",
        string="Who Was Asked",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('id', 'child_of', customer_id)]",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
    )
    # How
    date = fields.Date(string="Asked On", required=True, default=fields.Date.context_today)
    method = fields.Selection(METHODS, string="Asked By Way Of", required=True, default="interview")
    user_id = fields.Many2one(
        "res.users",
        string="Asked By",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        index=True,
    )
    # What they said
    line_ids = fields.One2many(
        "kams.satisfaction.line",
        "satisfaction_id",
        string="Scores",
        copy=True,
        default=lambda self: [Command.create({"aspect": aspect}) for aspect, _label in ASPECTS],
    )
    score = BlankFloat(
        string="Satisfaction (1–5)",
        digits=(3, 2),
        compute="_compute_score",
        store=True,
        aggregator="avg",
        help="Mean of the aspects that were answered.",
    )
    comment = fields.Text(string="In Their Words", help="What they said beside the scores.")
    file_ids = fields.Many2many("ir.attachment", string="Filled-In Form", copy=False, ondelete="restrict")
    # Whether it stands
    state = fields.Selection(
        STATES, string="Status", default="draft", required=True, copy=False, index=True, tracking=True
    )
    is_latest = fields.Boolean(
        string="Last Answer",
        readonly=True,
        copy=False,
        help="The last recorded answer of this person about this deal.",
    )

    # COMPUTES
    @api.depends("lead_id.partner_id")
    def _compute_customer(self):
        for answer in self:
            answer.customer_id = answer.lead_id.partner_id.commercial_partner_id

    @api.depends("stakeholder_id")
    def _compute_partner_id(self):
        for answer in self:
            answer.partner_id = answer.stakeholder_id.partner_id or answer.partner_id

    @api.depends("line_ids.score")
    def _compute_score(self):
        for answer in self:
            answer.score = relation.satisfaction([int(line.score or 0) or None for line in answer.line_ids])

    @api.depends("lead_id.name", "partner_id.name", "date")
    def _compute_display_name(self):
        for answer in self:
            day = fields.Date.to_string(answer.date) if answer.date else ""
            answer.display_name = " – ".join(filter(None, (answer.lead_id.name, answer.partner_id.name, day)))

    # CONSTRAINTS
    @api.constrains("delivery_id", "stakeholder_id")
    def _check_same_deal(self):
        """Deals that merge take answers along before their people; by hand the deal is asked as well."""
        for answer in self:
            for part in (answer.delivery_id, answer.stakeholder_id):
                if part and part.lead_id != answer.lead_id:
                    raise ValidationError(
                        self.env._(
                            "“%(part)s” is of another deal: choose one of %(deal)s.",
                            part=part.display_name,
                            deal=answer.lead_id.display_name,
                        )
                    )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [{name: value for name, value in vals.items() if name != "is_latest"} for vals in vals_list]
        )

    def write(self, vals):
        vals = {name: value for name, value in vals.items() if name != "is_latest"}
        if vals.get("state") == "draft":
            self.check_access("write")
        elif not (self.env.su and vals.keys() <= LINKS) and not (SAID | {"lead_id"}).isdisjoint(vals):
            self._check_open()
        before = self.lead_id
        if vals.get("state") == "done":
            asked = self.filtered(lambda answer: answer.state != "done")
            super().write({name: value for name, value in vals.items() if name != "state"})
            asked._check_whole()
            result = super().write({"state": "done"})
        else:
            result = super().write(vals)
        if "lead_id" in vals and not self.env.su:
            self._check_same_deal()
        if not {"state", "lead_id"}.isdisjoint(vals):
            (before | self.lead_id)._kams_mark_last_answers()
        return result

    def unlink(self):
        deals = self.lead_id
        result = super().unlink()
        deals._kams_mark_last_answers()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self._check_open()

    # ACTIONS
    def action_done(self):
        """Record the answer: from now on it stays as it was given, and counts."""
        return self.write({"state": "done"})

    def action_reopen(self):
        """Take recorded answers up again, to correct what was written down; the messages say what they were."""
        self.check_access("write")
        for answer in self.filtered(lambda answer: answer.state == "done"):
            answer.message_post(
                body=self.env._(
                    "%(who)s took this answer up again to correct it. It was %(score)s.",
                    who=self.env.user.name,
                    score=f"{answer.score:.2f}",
                )
            )
        return self.write({"state": "draft"})

    # BUSINESS
    @api.model
    def _import_columns(self):
        return [
            ("lead_id", "Boiler House"),
            ("partner_id", "Wang Wei"),
            ("date", "2026-11-20"),
            ("method", "interview"),
            ("line_ids/aspect", "service"),
            ("line_ids/score", "4"),
            ("line_ids/note", "Answered within the hour"),
        ]

    def _set_latest(self, latest):
        """The mark follows by itself and is written by nobody: past this model's own ``write``."""
        super().write({"is_latest": latest})  # pylint: disable=super-method-mismatch

    def _check_open(self):
        for answer in self:
            if answer.state == "done":
                raise UserError(
                    self.env._(
                        "“%s” stays as the customer answered. Use “Correct the Answer” to change it.",
                        answer.display_name,
                    )
                )

    def _check_whole(self):
        """An answer says who gave it, on a day that has come, and scores at least one aspect."""
        today = fields.Date.context_today(self)
        for answer in self:
            if not answer.partner_id or not answer.score:
                raise UserError(
                    self.env._(
                        "“%s” isn't an answer yet: name who was asked, and score at least one aspect.",
                        answer.display_name,
                    )
                )
            if answer.date > today:
                raise UserError(self.env._("“%s” is still to come: record it when it was asked.", answer.display_name))
            chain = answer.lead_id.kams_stakeholder_ids.partner_id
            if answer.partner_id.commercial_partner_id != answer.customer_id and answer.partner_id not in chain:
                raise UserError(
                    self.env._(
                        "%(who)s is neither one of %(customer)s's people nor in the decision chain: name the one who "
                        "answered.",
                        who=answer.partner_id.display_name,
                        customer=answer.customer_id.display_name or self.env._("the customer"),
                    )
                )

    def _check_files_free(self, name):
        """What they filled in stays with the answer."""
        self._check_open()


class KamsSatisfactionLine(models.Model):
    """How satisfied they are with one aspect of what we do (8.6)."""

    _name = "kams.satisfaction.line"
    _description = "Satisfaction with one aspect"
    _order = "satisfaction_id, id"
    _rec_name = "aspect"

    satisfaction_id = fields.Many2one("kams.satisfaction", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="satisfaction_id.company_id", store=True, index=True)
    aspect = fields.Selection(ASPECTS, required=True, default="overall")
    score = fields.Selection(SCORES, default="0")
    note = fields.Char(string="Why So")

    _once = models.UniqueIndex("(satisfaction_id, aspect)", "An aspect is scored once: change the line that is there.")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.satisfaction_id._check_open()
        return lines

    def write(self, vals):
        self.satisfaction_id._check_open()
        result = super().write(vals)
        if "satisfaction_id" in vals:
            self.satisfaction_id._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_of_drafts(self):
        self.satisfaction_id._check_open()
