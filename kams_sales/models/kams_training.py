from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ..tools import training as arithmetic
from .blank import BlankFloat, known, refuse_negative
from .crm_lead_gate import InternalPass

LEVELS = [("operation", "Operation"), ("maintenance", "Maintenance"), ("management", "Management")]
STATES = [
    ("planned", "Training Planned"),
    ("held", "Training Held"),
    ("signed", "Training Signed Off"),
    ("cancelled", "Training Cancelled"),
]
# What only buttons write, after they have looked
STAMPS = {"state", "signed_hash", "signed_recorded_by_id"}
# What is still noted on a training that is signed off: what people do with it, and why it is taken up again
AFTERWARDS = {"results", "reopen_why", "attendee_ids"}
# What Odoo's chatter writes beside
ODOOS = ("message_", "activity_", "website_", "rating_", "my_activity_")
HAND, ENGINE = "kams_training_engine", InternalPass("training")


class KamsTraining(models.Model):
    """A training of the customer's people: planned, held, tested, and signed off by the customer.

    Book section 8.4 客户培训管理; Kirkpatrick's four levels: what they thought of it, what they learnt, what they do
    at work, what comes of it. Control point S6-4 relies on attendance and passes (C37).
    """

    _name = "kams.training"
    _description = "Training"
    _inherit = [
        *("kams.deal.part", "kams.state.mixin", "kams.hand.mixin", "kams.files.mixin"),
        *("mail.thread", "mail.activity.mixin"),
    ]
    _hand = HAND, ENGINE
    _stamps = frozenset(STAMPS)
    _kept_files = ("signed_file_ids", "material_ids")
    _order = "date_start desc, id desc"
    _rec_names_search = ["name", "lead_id.name", "delivery_id.name"]
    _state_transitions = {
        "planned": {"held", "cancelled"},
        "held": {"planned", "signed"},
        "signed": {"held"},
        "cancelled": {"planned"},
    }

    # Of what
    delivery_id = fields.Many2one("kams.delivery", string="Delivery", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(compute="_compute_lead_id", store=True, precompute=True, index=True)
    customer_id = fields.Many2one("res.partner", string="Customer", compute="_compute_customer")
    # Plan
    name = fields.Char(string="Training", required=True)
    audience = fields.Char(help="Who of the customer's people it is for.")
    level = fields.Selection(LEVELS, string="Level of Training", required=True, default="operation")
    objectives = fields.Text(string="Training Objectives", help="What they can do afterwards.")
    syllabus = fields.Text(help="What is taught, in which order.")
    hours = BlankFloat(string="Training Hours", digits=(16, 1))
    trainer_id = fields.Many2one(
        "res.users",
        string="Trainer",
        domain="[('share', '=', False)]",
        ondelete="set null",
        index="btree_not_null",
        tracking=True,
    )
    trainer_partner_id = fields.Many2one(
        "res.partner", string="Outside Trainer", ondelete="set null", index="btree_not_null"
    )
    place = fields.Char(string="Place of Training")
    date_start = fields.Date(string="Training From", tracking=True)
    date_end = fields.Date(string="Training Until", tracking=True)
    pass_mark = BlankFloat(
        string="Pass Mark",
        digits=(16, 2),
        default=lambda self: self.env["kams.legal.rule"]._value("training_pass_mark"),
        help="Whoever reaches this score has passed; empty: whoever teaches says who passed.",
    )
    material_ids = fields.Many2many("ir.attachment", "kams_training_material_rel", string="Training Materials")
    # What happened
    attendee_ids = fields.One2many("kams.training.attendee", "training_id", string="Trainees", copy=True)
    results = fields.Text(string="What Came of It", help="What changed in the customer's figures.")
    state = fields.Selection(
        STATES, string="Status", default="planned", required=True, copy=False, index=True, tracking=True
    )
    # Signed off
    signed_by_id = fields.Many2one(
        "res.partner",
        string="Signed Off By",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        domain="['|', ('id', '=', customer_id), ('id', 'child_of', customer_id)]",
        help="Who of the customer's people signed.",
    )
    signed_at = fields.Date(string="Signed Off On", copy=False, tracking=True)
    signed_file_ids = fields.Many2many(
        "ir.attachment", "kams_training_signed_rel", string="Signed Training Sheet", copy=False
    )
    signed_hash = fields.Text(
        string="Signed Sheet (SHA-256)", readonly=True, copy=False, help="A line for each file: checksum and name."
    )
    signed_recorded_by_id = fields.Many2one(
        "res.users", string="Sign-Off Recorded By", readonly=True, copy=False, ondelete="restrict"
    )
    reopen_why = fields.Text(string="Why It Is Reopened", copy=False)
    # What it came to
    invited_count = fields.Integer(string="Invited", compute="_compute_rates", store=True)
    attended_count = fields.Integer(string="Came", compute="_compute_rates", store=True)
    passed_count = fields.Integer(string="Passed", compute="_compute_rates", store=True)
    attendance_rate = BlankFloat(
        string="Attendance (%)",
        compute="_compute_rates",
        store=True,
        digits=(16, 2),
        aggregator="avg",
        help="Of those who were invited, how many came.",
    )
    pass_rate = BlankFloat(
        string="Pass Rate (%)",
        compute="_compute_rates",
        store=True,
        digits=(16, 2),
        aggregator="avg",
        help="Of those who came, how many passed. Empty until somebody was tested.",
    )
    gain = BlankFloat(
        string="Gain",
        compute="_compute_rates",
        store=True,
        digits=(16, 2),
        aggregator="avg",
        help="By how many points scores rose on average, of those who took both tests.",
    )
    satisfaction = BlankFloat(
        string="Satisfaction with the Training",
        compute="_compute_rates",
        store=True,
        digits=(16, 2),
        aggregator="avg",
        help="On average, 1 to 5.",
    )
    behaviour_rate = BlankFloat(
        string="Applied at Work (%)",
        compute="_compute_rates",
        store=True,
        digits=(16, 2),
        aggregator="avg",
        help="Of those whose work was looked at afterwards, how many apply what they learnt; in part counts half.",
    )
    shortfall = fields.Text(string="Short of What Is Wanted", compute="_compute_shortfall")

    # COMPUTES
    @api.depends("delivery_id.lead_id")
    def _compute_lead_id(self):
        for training in self:
            training.lead_id = training.delivery_id.lead_id

    @api.depends("lead_id.partner_id")
    def _compute_customer(self):
        for training in self:
            training.customer_id = training.lead_id.partner_id.commercial_partner_id

    @api.depends("name", "lead_id.name")
    def _compute_display_name(self):
        for training in self:
            training.display_name = " – ".join(filter(None, (training.lead_id.name, training.name)))

    @api.depends(
        *(f"attendee_ids.{name}" for name in ("invited", "attended", "passed", "pre_score", "post_score")),
        *(f"attendee_ids.{name}" for name in ("satisfaction", "behaviour")),
    )
    def _compute_rates(self):
        weights = {"yes": 100.0, "partly": 50.0, "no": 0.0}
        for training in self:
            people = training.attendee_ids
            came = people.filtered("attended")
            passed = came.filtered("passed")
            tested = passed or came.filtered(lambda one: known(one.post_score) is not None)
            training.invited_count = len(people.filtered("invited"))
            training.attended_count = len(came)
            training.passed_count = len(passed)
            # whoever came without having been invited was welcome, and is in neither number
            training.attendance_rate = arithmetic.attendance_rate(len(came.filtered("invited")), training.invited_count)
            training.pass_rate = arithmetic.pass_rate(len(passed), len(came)) if tested else None
            training.gain = arithmetic.gain([(known(one.pre_score), known(one.post_score)) for one in came])
            training.satisfaction = arithmetic.mean([known(one.satisfaction) for one in came])
            training.behaviour_rate = arithmetic.mean([weights.get(one.behaviour) for one in came])

    @api.depends_context("lang")
    @api.depends("state", "attendance_rate", "pass_rate", "satisfaction", "date_end")
    def _compute_shortfall(self):
        for training in self:
            training.shortfall = "\n".join(training._short()) if training.state in ("held", "signed") else False

    # CONSTRAINTS
    @api.constrains("hours", "pass_mark")
    def _check_numbers(self):
        refuse_negative(self, "hours", "pass_mark")

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for training in self:
            if training.date_start and training.date_end and training.date_end < training.date_start:
                raise ValidationError(self.env._("“%s” can't end before it begins.", training.display_name))

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in STAMPS} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        names = {name for name in vals if not name.startswith(ODOOS)}
        # merges and companies take a training along as it is
        if self._in_hand() or (self.env.su and names <= {"lead_id", "company_id"}):
            return super().write(vals)
        if names & STAMPS:
            raise UserError(self.env._("%s: this is written with its buttons, not by hand.", self[:1].display_name))
        if names - AFTERWARDS:
            self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self._check_open()

    # ACTIONS
    def action_hold(self):
        """It was held: who came and how they did is known now."""
        for training in self:
            if not training.attendee_ids.filtered("attended"):
                raise UserError(
                    self.env._(
                        "“%s”: nobody is noted as having come. Note who came, here or in its sessions, first.",
                        training.display_name,
                    )
                )
        self._engine().write({"state": "held"})
        return True

    def action_sign(self):
        """The customer signed that they were trained: from now on it stays as it is."""
        for training in self:
            if missing := training._signing_obstacles():
                raise UserError(
                    self.env._(
                        "“%(training)s” can't be signed off yet:\n%(missing)s",
                        training=training.display_name,
                        missing="\n".join(f"  • {one}" for one in missing),
                    )
                )
        for training in self:
            training._engine().write(
                {
                    "state": "signed",
                    "signed_recorded_by_id": self.env.uid,
                    "signed_hash": self.env["kams.tender.submission"]._checksums(training.signed_file_ids),
                    "reopen_why": False,
                }
            )
        self._plan_behaviour_check()
        return True

    def action_reopen(self):
        """There is something to put right: the customer signs it again afterwards."""
        self.check_access("write")
        director = self.env.user.has_group("kams_sales.group_director")
        for training in self:
            if training.state == "signed":
                if not director and self.env.user != training.delivery_id.user_id:
                    raise UserError(
                        self.env._(
                            "“%s” is signed off: its project manager or a sales director can reopen it.",
                            training.display_name,
                        )
                    )
                why = (training.reopen_why or "").strip()
                if not why:
                    raise UserError(
                        self.env._("“%s”: say why it is reopened first; the reason stays.", training.display_name)
                    )
                training.message_post(body=self.env._("Reopened: %s", why))
            target = "held" if training.state == "signed" else "planned"
            training._engine().write({"state": target, "signed_hash": False, "reopen_why": False})
        return True

    def action_cancel(self):
        """It won't be held."""
        self._engine().write({"state": "cancelled"})
        return True

    def action_verify_signed(self):
        """Count the checksums of the signed sheet again and say whether it is what was signed."""
        self.ensure_one()
        self.check_access("read")
        same = self.env["kams.tender.submission"]._checksums(self.signed_file_ids) == self.signed_hash
        return self._tell_same_files(
            same,
            self.env._("The files are those that were kept at the signature."),
            self.env._("The files aren't those that were kept at the signature."),
        )

    # BUSINESS
    def _check_open(self):
        """What the customer signed stays as they signed it."""
        for training in self:
            if training.state == "signed":
                raise UserError(
                    self.env._(
                        "“%s” was signed off by the customer and stays as it is. Reopen it to change it.",
                        training.display_name,
                    )
                )

    def _check_files_free(self, name):
        self._check_open()

    def _signing_obstacles(self):
        """What keeps the training from being signed off, as sentences."""
        self.ensure_one()
        found = []
        if self.state != "held":
            found.append(self.env._("It isn't noted as held."))
        if not self.signed_by_id:
            found.append(self.env._("Who of the customer signed isn't named."))
        if not self.signed_at:
            found.append(self.env._("The day of the signature is missing."))
        elif self.signed_at > fields.Date.context_today(self):
            found.append(self.env._("The day of the signature is still to come."))
        elif self.date_start and self.signed_at < self.date_start:
            found.append(self.env._("It can't have been signed before it began."))
        if not self.signed_file_ids:
            found.append(self.env._("The signed training sheet is missing."))
        return found

    def _short(self):
        """What of the training is less than is wanted, as sentences."""
        self.ensure_one()
        day = self.date_end or self.date_start
        value = self.env["kams.legal.rule"]._value
        short = []
        for name, key in (
            ("attendance_rate", "training_attendance_target"),
            ("pass_rate", "training_pass_target"),
            ("satisfaction", "training_satisfaction_target"),
        ):
            reached, wanted = known(self[name]), value(key, day)
            label = self._fields[name]._description_string(self.env)
            if wanted is None:
                continue
            if reached is None:
                short.append(self.env._("%s: not known yet.", label))
            elif reached < wanted - 1e-6:
                short.append(
                    self.env._(
                        "%(what)s: %(reached)s instead of %(wanted)s.",
                        what=label,
                        reached=f"{reached:.2f}".rstrip("0").rstrip("."),
                        wanted=f"{wanted:g}",
                    )
                )
        return short

    def _plan_behaviour_check(self):
        """Whoever taught looks after a while what people do with it (Kirkpatrick, level 3)."""
        value = self.env["kams.legal.rule"]._value
        for training in self:
            day = training.date_end or training.signed_at
            first, last = value("training_behaviour_from", day), value("training_behaviour_until", day)
            user = training.trainer_id or training.delivery_id.user_id
            if first is None or not user.active:
                continue
            due = fields.Date.add(day, days=int(first))
            note = self.env._("Ask what they apply, and note it with each trainee.")
            if last is not None:
                note = self.env._(
                    "Ask what they apply, and note it with each trainee, until %s.",
                    format_date(self.env, fields.Date.add(day, days=int(last))),
                )
            training.activity_unlink(["kams_sales.mail_activity_type_behaviour"])
            training.activity_schedule("kams_sales.mail_activity_type_behaviour", due, note=note, user_id=user.id)
