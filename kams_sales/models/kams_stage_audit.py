from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools import compliance
from .blank import BlankFloat, BlankInteger
from .crm_lead_gate import InternalPass
from .kams_process_phase import PHASE_CODES

VERDICTS = [
    ("continue", "Go On"),
    ("fix", "Fix, Then Go On"),
    ("return", "Back to an Earlier Phase"),
    ("stop", "Stop the Deal"),
]
STATES = [("draft", "Audit under Way"), ("done", "Audit Recorded")]
# What the audit found when its figures were taken: nobody types it
TAKEN = frozenset(
    {
        *("date", "phase_id", "phase_code", "owner_id", "days_in_phase", "standard_days", "is_stagnant"),
        *("data_quality", "data_lacks", "check_ids"),
    }
)
# What only buttons write
STAMPS = TAKEN | {"state", "done_on", "done_at", "reopened_because"}
ODOOS = ("message_", "activity_", "website_", "rating_", "my_activity_")
HAND, ENGINE = "kams_stage_audit_engine", InternalPass("stage audit")


class KamsStageAudit(models.Model):
    """Somebody who doesn't own the deal looks at how it is run: what is on record, what is weak, does it go on?

    Book chapter 9 阶段审计 (T48). Points, compliance, data quality and days in the phase are those of the day on which
    the audit took them; once recorded it stays as it was, and only a director takes it up again, with a reason.
    """

    _name = "kams.stage.audit"
    _description = "Stage audit"
    _inherit = ["kams.deal.part", "kams.state.mixin", "kams.hand.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _hand = HAND, ENGINE
    _stamps = STAMPS
    _state_transitions = {"draft": {"done"}, "done": {"draft"}}

    # Of what
    lead_id = fields.Many2one(required=True)
    customer_id = fields.Many2one(related="lead_id.partner_id", string="Customer")
    owner_id = fields.Many2one(
        "res.users", string="Salesperson", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    auditor_id = fields.Many2one(
        "res.users",
        string="Audited By",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index=True,
        tracking=True,
        help="Nobody audits a deal of their own.",
    )
    date = fields.Date(string="Audited On", readonly=True, copy=False, index=True)
    phase_id = fields.Many2one(
        "kams.process.phase", string="Phase", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )
    phase_code = fields.Selection(PHASE_CODES, string="Phase Kind", readonly=True, copy=False)
    # What was on record
    check_ids = fields.One2many(
        "kams.stage.audit.check", "audit_id", string="Control Points on That Day", readonly=True
    )
    point_ids = fields.Many2many(
        "kams.control.point", compute="_compute_point_ids", string="Points That a Finding May Name"
    )
    compliance = BlankFloat(
        string="Compliance (%)", compute="_compute_compliance", store=True, digits=(16, 2), aggregator="avg"
    )
    compliance_waived = BlankFloat(
        string="Compliance with Waivers (%)",
        compute="_compute_compliance",
        store=True,
        digits=(16, 2),
        aggregator="avg",
    )
    compliance_weighted = BlankFloat(
        string="Weighted Compliance (%)", compute="_compute_compliance", store=True, digits=(16, 2), aggregator="avg"
    )
    missing_count = fields.Integer(string="Mandatory Points Missing", compute="_compute_compliance", store=True)
    weak_count = fields.Integer(string="Points on Weak Evidence", compute="_compute_weak_count", store=True)
    data_quality = BlankFloat(
        string="Data Quality (%)",
        readonly=True,
        copy=False,
        digits=(16, 1),
        aggregator="avg",
        help="How much of what a deal in its phase should say is on it.",
    )
    data_lacks = fields.Text(string="What the Deal Doesn't Say", readonly=True, copy=False)
    days_in_phase = BlankInteger(string="Days in Phase", readonly=True, copy=False, aggregator="avg")
    standard_days = BlankInteger(string="Standard Days", readonly=True, copy=False, aggregator="avg")
    is_stagnant = fields.Boolean(string="Stagnant", readonly=True, copy=False)
    # What came of it
    summary = fields.Text(string="What the Audit Saw", copy=False)
    finding_ids = fields.One2many("kams.stage.audit.finding", "audit_id", string="Audit Findings")
    finding_count = fields.Integer(string="Number of Findings", compute="_compute_finding_count")
    open_finding_count = fields.Integer(string="Findings Not Closed", compute="_compute_finding_count")
    verdict = fields.Selection(VERDICTS, copy=False, tracking=True, index=True)
    state = fields.Selection(
        STATES, string="Status", default="draft", required=True, readonly=True, copy=False, index=True, tracking=True
    )
    done_on = fields.Date(string="Recorded On", readonly=True, copy=False)
    done_at = fields.Datetime(readonly=True, copy=False, help="Whether the deal was still open when this was said.")
    reopened_because = fields.Text(string="Taken Up Again Because", readonly=True, copy=False)

    # COMPUTES
    @api.depends("lead_id.name", "date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for audit in self:
            day = fields.Date.to_string(audit.date) if audit.date else ""
            audit.display_name = " – ".join(filter(None, (self.env._("Stage Audit"), audit.lead_id.name, day)))

    @api.depends("check_ids.point_id")
    def _compute_point_ids(self):
        for audit in self:
            audit.point_ids = audit.check_ids.point_id

    @api.depends("check_ids.state", "check_ids.level", "check_ids.weight")
    def _compute_compliance(self):
        """C12, of the points that applied on the day."""
        for audit in self:
            checks = [
                compliance.Check(check.state, check.level == "mandatory", check.weight) for check in audit.check_ids
            ]
            audit.compliance = compliance.strict(checks)
            audit.compliance_waived = compliance.with_waivers(checks)
            audit.compliance_weighted = compliance.weighted(checks)
            audit.missing_count = sum(check.mandatory and check.state == "missing" for check in checks)

    @api.depends("check_ids.judgement")
    def _compute_weak_count(self):
        for audit in self:
            audit.weak_count = sum(check.judgement == "weak" for check in audit.check_ids)

    @api.depends("finding_ids.closed_on")
    def _compute_finding_count(self):
        groups = self.env["kams.stage.audit.finding"]._read_group(
            [("audit_id", "in", self.ids)], ["audit_id", "closed_on:year"], ["__count"]
        )
        total, waiting = {}, {}
        for audit, closed, number in groups:
            total[audit.id] = total.get(audit.id, 0) + number
            if not closed:
                waiting[audit.id] = number
        for audit in self:
            audit.finding_count = total.get(audit._origin.id, 0)
            audit.open_finding_count = waiting.get(audit._origin.id, 0)

    # CONSTRAINTS: not @api.constrains, since deals that merge bring audits together with a new salesperson
    def _check_auditor(self):
        for audit in self:
            if audit.auditor_id == audit.lead_id.user_id:
                raise ValidationError(
                    self.env._(
                        "%(who)s is the salesperson of %(deal)s: let somebody else audit it.",
                        who=audit.auditor_id.name,
                        deal=audit.lead_id.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in STAMPS} for vals in vals_list]
        audits = super().create(vals_list)
        audits._check_auditor()
        if not self._in_hand():
            audits._take()
        return audits

    def write(self, vals):
        names = {name for name in vals if not name.startswith(ODOOS)}
        if "check_ids" in names and all(command[0] == Command.UPDATE for command in vals["check_ids"]):
            # as a form sends what its lines say; they know themselves what may be written
            names = names - {"check_ids"} | {"judged"}
        # a merge of deals takes an audit along as it is
        if not (self._in_hand() or (self.env.su and names <= {"lead_id"})) and names:
            if names & (STAMPS | {"lead_id"}):
                raise UserError(
                    self.env._("%s: this is taken from the deal or written with its buttons.", self[:1].display_name)
                )
            self._check_draft()
        result = super().write(vals)
        if "auditor_id" in names:
            self._check_auditor()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never_recorded(self):
        for audit in self:
            if audit.done_on:
                raise UserError(self.env._("“%s” was recorded and stays.", audit.display_name))

    # ACTIONS
    def action_take(self):
        """Look at the deal again: an audit that was begun days ago should show it as it is."""
        self.check_access("write")
        self._check_draft()
        for audit in self:
            if audit.done_on:
                raise UserError(
                    self.env._(
                        "“%s” was recorded once: its figures stay those of that day. Begin a new audit instead.",
                        audit.display_name,
                    )
                )
        self._take()
        return True

    def action_done(self):
        """Record the audit: from now on it stays, and the owners of its findings are asked."""
        self.check_access("write")
        self._check_draft()
        for audit in self:
            audit._check_whole()
        self._check_auditor()
        self._judge_named()
        self._engine().write(
            {"state": "done", "done_on": fields.Date.context_today(self), "done_at": fields.Datetime.now()}
        )
        self.finding_ids._sync_activities()
        words = dict(self._fields["verdict"]._description_selection(self.env))
        for audit in self:
            # sudo: the auditor reads the deal; that it was audited belongs to its record
            audit.lead_id.sudo().message_post(
                body=self.env._(
                    "Stage audit by %(who)s: %(verdict)s. Findings: %(count)s.",
                    who=audit.auditor_id.name,
                    verdict=words[audit.verdict],
                    count=audit.finding_count,
                )
            )
        return True

    def action_reopen(self):
        """Ask why a recorded audit is taken up again."""
        self.ensure_one()
        self._check_director()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take the Audit Up Again"),
            "res_model": "kams.stage.audit.reopen",
            "view_mode": "form",
            "target": "new",
            "context": {"default_audit_id": self.id},
        }

    @api.readonly
    def action_findings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_stage_audit_finding_action")
        return {**action, "domain": [("audit_id", "=", self.id)], "context": {"default_audit_id": self.id}}

    # BUSINESS
    def _reopen(self, reason):
        """Take recorded audits up again: a director's right, with the reason in the messages."""
        self._check_director()
        self.check_access("write")
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the audit is taken up again: the reason stays."))
        for audit in self:
            audit.message_post(body=self.env._("Taken up again: %s", reason))
        self._engine().write({"state": "draft", "reopened_because": reason})

    def _judge_named(self):
        """A point that is met and that a finding names rests on weak evidence, unless the auditor called it sound."""
        for audit in self:
            named = audit.finding_ids.point_id
            unsaid = audit.check_ids.filtered(
                lambda check, named=named: check.state == "met" and not check.judgement and check.point_id in named
            )
            unsaid.judgement = "weak"

    def _check_director(self):
        if not self.env.user.has_group("kams_sales.group_director"):
            raise AccessError(self.env._("Only a sales director takes up an audit again that was recorded."))

    def _check_draft(self):
        for audit in self:
            if audit.state != "draft":
                raise UserError(
                    self.env._(
                        "“%s” is recorded and stays as it is. A sales director may take it up again.",
                        audit.display_name,
                    )
                )

    def _check_whole(self):
        """A verdict that asks for something says what, of whom and until when."""
        self.ensure_one()
        if not self.verdict:
            raise UserError(self.env._("“%s” has no verdict yet.", self.display_name))
        if self.verdict == "fix" and not self.finding_ids:
            raise UserError(self.env._("“%s”: write down as a finding what is to be fixed.", self.display_name))
        if self.verdict in ("return", "stop") and not (self.summary or "").strip():
            raise UserError(self.env._("“%s”: say in a sentence why.", self.display_name))
        for finding in self.finding_ids:
            if not finding.user_id or not finding.date_due:
                raise UserError(
                    self.env._("Finding “%s” needs somebody who sees to it, and a day.", finding.display_name)
                )
