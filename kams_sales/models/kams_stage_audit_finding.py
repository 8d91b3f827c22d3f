from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_lead_gate import InternalPass

SEVERITIES = [("minor", "Minor Finding"), ("major", "Major Finding"), ("critical", "Critical Finding")]
STAMPS = frozenset({"closed_on", "closed_by_id"})
# What the auditor said; who sees to it until when may still change once it is recorded
SAID = {"audit_id", "text", "severity", "point_id"}
ODOOS = ("message_", "activity_", "website_", "rating_", "my_activity_")
ACTIVITY_TYPE = "kams_sales.mail_activity_type_audit_finding"
HAND, ENGINE = "kams_audit_finding_engine", InternalPass("audit finding")


class KamsStageAuditFinding(models.Model):
    """What an audit found wrong with a deal: who puts it right until when, and what shows that it is (9 审计发现)."""

    _name = "kams.stage.audit.finding"
    _description = "Audit finding"
    _inherit = ["kams.computed.mixin", "kams.hand.mixin", "mail.thread", "mail.activity.mixin"]
    _hand = HAND, ENGINE
    _stamps = STAMPS
    _order = "closed_on desc, date_due, id"
    _rec_name = "text"

    # Of what
    audit_id = fields.Many2one("kams.stage.audit", string="Stage Audit", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="audit_id.lead_id", string="Deal", store=True, index="btree_not_null")
    company_id = fields.Many2one(related="audit_id.company_id", store=True, index=True)
    audit_state = fields.Selection(related="audit_id.state", string="Status of the Audit")
    point_id = fields.Many2one(
        "kams.control.point",
        string="Control Point",
        ondelete="set null",
        index="btree_not_null",
        help="A point that is met and named here counts as met on weak evidence, unless the audit calls it sound.",
    )
    # What, who, when
    text = fields.Text(string="What Was Found", required=True)
    severity = fields.Selection(SEVERITIES, required=True, default="minor")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('share', '=', False)]",
        ondelete="set null",
        index="btree_not_null",
        tracking=True,
    )
    date_due = fields.Date(string="Put Right By", index=True)
    is_overdue = fields.Boolean(string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue")
    # Done
    evidence = fields.Text(string="How It Was Put Right")
    closed_on = fields.Date(string="Put Right On", readonly=True, copy=False, tracking=True)
    closed_by_id = fields.Many2one("res.users", string="Closed By", readonly=True, copy=False, ondelete="restrict")

    # COMPUTES
    @api.depends("audit_id")
    def _compute_user_id(self):
        """The deal's salesperson, unless somebody else is named."""
        for finding in self:
            finding.user_id = finding.user_id or finding.audit_id.lead_id.user_id

    @api.depends("text")
    def _compute_display_name(self):
        for finding in self:
            finding.display_name = finding._short()

    @api.depends("date_due", "closed_on")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for finding in self:
            finding.is_overdue = bool(not finding.closed_on and finding.date_due and finding.date_due < today)

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = self._search([("closed_on", "=", False), ("date_due", "<", fields.Date.context_today(self))])
        return [("id", "in" if True in value else "not in", late)] if len(set(value)) == 1 else []

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in STAMPS} for vals in vals_list]
        findings = super().create(vals_list)
        findings.audit_id._check_draft()
        return findings

    def write(self, vals):
        names = {name for name in vals if not name.startswith(ODOOS)}
        if not self._in_hand() and names:
            if names & STAMPS:
                raise UserError(self.env._("%s: this is written with its buttons, not by hand.", self[:1].display_name))
            if names & SAID:
                (self.audit_id | self.audit_id.browse(vals.get("audit_id") or ()))._check_draft()
            if names - {"evidence"} and not self.audit_id.has_access("write"):
                raise UserError(
                    self.env._("%s: the auditor said so. Write down how it was put right.", self[:1].display_name)
                )
            self._check_not_closed()
        result = super().write(vals)
        if names & {"user_id", "date_due", "text", "closed_on"}:
            self._sync_activities()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_in_draft(self):
        self.audit_id._check_draft()

    # ACTIONS
    def action_close(self):
        """It is put right, and something shows it."""
        self.check_access("write")
        for finding in self:
            if finding.audit_id.state != "done":
                raise UserError(self.env._("“%s”: the audit isn't recorded yet.", finding._short()))
            if finding.closed_on:
                raise UserError(self.env._("“%s” is closed already.", finding._short()))
            if not (finding.evidence or "").strip():
                raise UserError(self.env._("“%s”: say how it was put right.", finding._short()))
        self._engine().write({"closed_on": fields.Date.context_today(self), "closed_by_id": self.env.uid})
        return True

    def action_open_again(self):
        """It wasn't put right after all: for those who audit."""
        self.check_access("write")
        self.audit_id.check_access("write")
        self._engine().write({"closed_on": False, "closed_by_id": False})
        return True

    @api.readonly
    def action_open_audit(self):
        self.ensure_one()
        return self.audit_id._get_records_action(name=self.audit_id.display_name)

    # BUSINESS
    def _short(self):
        words = " ".join((self.text or "").split())
        return words if len(words) <= 60 else f"{words[:57]}…"

    def _check_not_closed(self):
        for finding in self:
            if finding.closed_on:
                raise UserError(self.env._("“%s” is closed: open it again to change it.", finding._short()))

    def _sync_activities(self):
        """Whoever has something to put right finds it among their activities, once the audit is recorded."""
        today = fields.Date.context_today(self)
        # sudo: activities of these findings, which the user may write
        for finding in self.sudo().with_context(mail_activity_quick_update=True):
            waiting = finding.activity_ids.filtered(lambda act: act.activity_type_id == self.env.ref(ACTIVITY_TYPE))
            if finding.closed_on or finding.audit_id.state != "done":
                finding.activity_feedback([ACTIVITY_TYPE]) if finding.closed_on else waiting.unlink()
                continue
            stale = waiting.filtered(lambda act, finding=finding: act.user_id != finding.user_id)
            stale.unlink()
            values = {"date_deadline": finding.date_due or today, "summary": finding._short()}
            if kept := waiting - stale:
                kept.write(values)
            elif finding.user_id:
                finding.activity_schedule(ACTIVITY_TYPE, user_id=finding.user_id.id, **values)
