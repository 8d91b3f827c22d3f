from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .blank import BlankFloat, BlankInteger, known, refuse_negative

BEHAVIOURS = [("yes", "Applies It"), ("partly", "Applies It in Part"), ("no", "Doesn't Apply It")]
# What is looked at weeks later, when the training has long been signed off
LATER = {"behaviour", "behaviour_on", "behaviour_note", "certificate"}


class KamsTrainingAttendee(models.Model):
    """Somebody of the customer's who is trained: whether they came, what they learnt, what they do with it (8.4).

    Most operators are nobody's contact: a name is enough.
    """

    _name = "kams.training.attendee"
    _description = "Trainee"
    _inherit = ["kams.computed.mixin", "kams.import.mixin"]
    _order = "training_id, sequence, id"

    training_id = fields.Many2one("kams.training", string="Training", required=True, ondelete="cascade", index=True)
    training_state = fields.Selection(related="training_id.state", string="Training Status")
    company_id = fields.Many2one(related="training_id.company_id", store=True, index=True)
    lead_id = fields.Many2one(related="training_id.lead_id", string="Deal")
    customer_id = fields.Many2one(related="training_id.customer_id", string="Customer")
    sequence = fields.Integer(default=10)
    # Who
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        ondelete="set null",
        index="btree_not_null",
        domain="[('id', 'child_of', customer_id)]",
        help="If they are a contact of ours; a name is enough.",
    )
    name = fields.Char(
        string="Trainee", required=True, compute="_compute_name", store=True, readonly=False, precompute=True
    )
    unit = fields.Char(string="Department of the Trainee")
    # Whether they came
    invited = fields.Boolean(string="Was Invited", default=True)
    attended = fields.Boolean(string="Attended", copy=False)
    # What they learnt
    pre_score = BlankFloat(string="Score Before", digits=(16, 2), copy=False, aggregator="avg")
    post_score = BlankFloat(string="Score After", digits=(16, 2), copy=False, aggregator="avg")
    passed = fields.Boolean(
        string="Has Passed",
        compute="_compute_passed",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="Follows from score and pass mark; without a score or a pass mark it is ticked by hand.",
    )
    # What they thought of it, and what they do with it
    satisfaction = BlankInteger(string="Satisfaction (1–5)", copy=False, aggregator="avg")
    behaviour = fields.Selection(BEHAVIOURS, string="At Work", copy=False)
    behaviour_on = fields.Date(string="Seen On", copy=False)
    behaviour_note = fields.Char(string="Seen at Work", copy=False)
    certificate = fields.Char(string="Certificate No.", copy=False)

    # COMPUTES
    @api.depends("partner_id")
    def _compute_name(self):
        for attendee in self:
            attendee.name = attendee.name or attendee.partner_id.name

    @api.depends("post_score", "training_id.pass_mark")
    def _compute_passed(self):
        for attendee in self:
            score, mark = known(attendee.post_score), known(attendee.training_id.pass_mark)
            attendee.passed = attendee.passed if score is None or mark is None else score >= mark

    # CONSTRAINTS
    @api.constrains("pre_score", "post_score")
    def _check_scores(self):
        refuse_negative(self, "pre_score", "post_score")

    @api.constrains("satisfaction")
    def _check_satisfaction(self):
        for attendee in self:
            if (marked := known(attendee.satisfaction)) is not None and not 1 <= marked <= 5:
                raise ValidationError(
                    self.env._("%s: satisfaction is 1 (poor) to 5 (excellent), or empty.", attendee.name)
                )

    @api.constrains("passed", "post_score", "training_id")
    def _check_passed(self):
        """Nobody passes by a tick whose score says otherwise."""
        for attendee in self:
            score, mark = known(attendee.post_score), known(attendee.training_id.pass_mark)
            if score is not None and mark is not None and attendee.passed != (score >= mark):
                raise ValidationError(
                    self.env._(
                        "%(who)s has %(score)s points, and %(mark)s are needed: whether they passed follows from that.",
                        who=attendee.name,
                        score=f"{score:g}",
                        mark=f"{mark:g}",
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        attendees = super().create(vals_list)
        attendees.training_id._check_open()
        return attendees

    def write(self, vals):
        if not LATER.issuperset(vals):
            (self.training_id | self.training_id.browse(vals.get("training_id") or ()))._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self.training_id._check_open()

    # BUSINESS
    @api.model
    def _import_columns(self):
        return [
            ("training_id", self.env._("Example Deal")),
            ("name", self.env._("Example Engineer")),
            ("unit", self.env._("Operations")),
            ("attended", "1"),
            ("pre_score", "55"),
            ("post_score", "82"),
            ("satisfaction", "5"),
        ]
