from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_lead_gate import InternalPass
from .kams_acceptance import ODOOS

SEVERITIES = [("minor", "Minor"), ("major", "Major"), ("critical", "Critical")]
# What was agreed with the customer; who of us does it, and what shows that it is done, is ours to say
AGREED = {"acceptance_id", "issue", "severity", "date_due"}
STAMPS = frozenset({"closed_on", "closed_by_id"})
HAND, ENGINE = "kams_rectification_engine", InternalPass("rectification")


class KamsAcceptanceRectification(models.Model):
    """What an acceptance found wrong, who of us puts it right until when, and what shows that it is (8.3 整改)."""

    _name = "kams.acceptance.rectification"
    _description = "Rectification"
    _inherit = ["kams.computed.mixin", "kams.files.mixin", "kams.hand.mixin", "mail.thread", "mail.activity.mixin"]
    _hand = HAND, ENGINE
    _stamps = STAMPS
    _order = "acceptance_id, closed_on desc, date_due, id"
    _rec_name = "issue"
    _kept_files = ("file_ids",)

    # Of what
    acceptance_id = fields.Many2one(
        "kams.acceptance", string="Acceptance", required=True, ondelete="cascade", index=True
    )
    delivery_id = fields.Many2one(related="acceptance_id.delivery_id", string="Delivery")
    lead_id = fields.Many2one(related="acceptance_id.lead_id", string="Deal")
    company_id = fields.Many2one(related="acceptance_id.company_id", store=True, index=True)
    criterion_id = fields.Many2one(
        "kams.acceptance.criterion",
        string="Acceptance Criterion",
        ondelete="set null",
        index="btree_not_null",
        domain="[('acceptance_id', '=', acceptance_id)]",
    )
    # What, who, when
    issue = fields.Text(string="To Be Rectified", required=True)
    severity = fields.Selection(SEVERITIES, required=True, default="minor")
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        domain="[('share', '=', False)]",
        ondelete="set null",
        index="btree_not_null",
        tracking=True,
    )
    date_due = fields.Date(string="To Be Rectified By", index=True)
    is_overdue = fields.Boolean(string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue")
    # Done
    evidence = fields.Text(string="How It Was Put Right", help="What was done, and how the customer saw it.")
    file_ids = fields.Many2many("ir.attachment", "kams_acceptance_rectification_file_rel", string="Files", copy=False)
    closed_on = fields.Date(string="Put Right On", readonly=True, copy=False, tracking=True)
    closed_by_id = fields.Many2one("res.users", string="Closed By", readonly=True, copy=False, ondelete="restrict")

    # COMPUTES
    @api.depends("date_due", "closed_on")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for one in self:
            one.is_overdue = bool(not one.closed_on and one.date_due and one.date_due < today)

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = [("closed_on", "=", False), ("date_due", "<", fields.Date.context_today(self))]
        ids = self._search(late)
        return [("id", "in" if True in value else "not in", ids)] if len(set(value)) == 1 else []

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in STAMPS} for vals in vals_list]
        found = super().create(vals_list)
        found.acceptance_id._check_free()
        return found

    def write(self, vals):
        names = {name for name in vals if not name.startswith(ODOOS)}
        if not self._in_hand() and names:
            if names & STAMPS:
                raise UserError(self.env._("%s: this is written with its buttons, not by hand.", self[:1].display_name))
            if names & AGREED:
                (self.acceptance_id | self.acceptance_id.browse(vals.get("acceptance_id") or ()))._check_free()
            self._check_not_closed()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_free(self):
        self.acceptance_id._check_free()

    # ACTIONS
    def action_close(self):
        """It is put right, and something shows it."""
        self.check_access("write")
        for one in self:
            if one.closed_on:
                raise UserError(self.env._("“%s” is closed already.", one._short()))
            if not (one.evidence or "").strip() and not one.file_ids:
                raise UserError(
                    self.env._("“%s”: say how it was put right, or add a file that shows it.", one._short())
                )
        self._engine().write({"closed_on": fields.Date.context_today(self), "closed_by_id": self.env.uid})
        self.acceptance_id._trigger_payments()
        return True

    def action_open_again(self):
        """It wasn't put right after all."""
        self.check_access("write")
        self._engine().write({"closed_on": False, "closed_by_id": False})
        return True

    # BUSINESS
    def _short(self):
        words = " ".join((self.issue or "").split())
        return words if len(words) <= 60 else f"{words[:57]}…"

    def _check_not_closed(self):
        for one in self:
            if one.closed_on:
                raise UserError(self.env._("“%s” is closed: open it again to change it.", one._short()))

    def _check_files_free(self, name):
        self._check_not_closed()
