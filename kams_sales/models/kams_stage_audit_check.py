from odoo import api, fields, models
from odoo.exceptions import UserError

from .kams_stage_audit import ENGINE, HAND

SAID = {"judgement", "note"}


class KamsStageAuditCheck(models.Model):
    """A control point as it stood when the deal was audited, and what the auditor thinks of its evidence (9, C12)."""

    _name = "kams.stage.audit.check"
    _description = "Control point in an audit"
    _inherit = ["kams.computed.mixin", "kams.hand.mixin"]
    _hand = HAND, ENGINE
    _order = "audit_id, sequence, id"

    audit_id = fields.Many2one("kams.stage.audit", string="Stage Audit", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="audit_id.company_id", store=True, index=True)
    sequence = fields.Integer(readonly=True)
    # As it stood
    point_id = fields.Many2one(
        "kams.control.point",
        string="Control Point of This Version",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    name = fields.Char(string="Control Point", required=True, readonly=True)
    phase_id = fields.Many2one("kams.process.phase", string="Phase", readonly=True, ondelete="set null")
    level = fields.Selection([("mandatory", "Mandatory"), ("advisory", "Advisory")], readonly=True)
    state = fields.Selection(
        [("met", "Met"), ("waived", "Waived"), ("missing", "Missing")], string="Status", readonly=True, required=True
    )
    lapsed = fields.Boolean(string="Met Then, Not Now", readonly=True)
    weight = fields.Float(readonly=True)
    evidence = fields.Char(string="Kind of Evidence", readonly=True)
    waiver_approver_id = fields.Many2one("res.users", string="Waived By", readonly=True, ondelete="set null")
    waiver_reason = fields.Text(readonly=True)
    waiver_expiry = fields.Date(string="Waived Until", readonly=True)
    # What the auditor thinks of it
    judgement = fields.Selection(
        [("sound", "Sound Evidence"), ("weak", "Weak Evidence")],
        string="Judged By the Auditor",
        help="A record may be there and still say nothing.",
    )
    note = fields.Char(string="Auditor's Note")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            self._refuse()
        return super().create(vals_list)

    def write(self, vals):
        if not self._in_hand():
            if vals.keys() - SAID:
                self._refuse()
            self.audit_id._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_by_the_audit(self):
        if not self._in_hand():
            self._refuse()

    # ACTIONS
    def action_open_evidence(self):
        """What the point rests on today, for whoever is to judge it."""
        self.ensure_one()
        check = self.env["kams.control.check"].search(
            [("lead_id", "=", self.audit_id.lead_id.id), ("point_id", "=", self.point_id.id)], limit=1
        )
        if not check:
            raise UserError(self.env._("“%s” isn't asked of this deal any more.", self.name))
        return check.action_open_evidence()

    # BUSINESS
    def _refuse(self):
        raise UserError(self.env._("The points of an audit are taken from the deal; only the auditor's note is typed."))
