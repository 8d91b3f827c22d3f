from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

REASON_LENGTH = 10


class KamsControlCheck(models.Model):
    """A control point on one deal: met or not, and by which record.

    Book section 0.1. Rows are written by the engine only, in batches, when evidence changes; a
    director's waiver is the one thing that a person adds, and it stays visible.
    """

    _name = "kams.control.check"
    _description = "Control point check"
    _order = "lead_id, phase_sequence, sequence, id"
    _rec_name = "point_id"
    _log_access = False  # many rows a deal, written by the engine: who and when is in the deal's history

    lead_id = fields.Many2one("crm.lead", string="Deal", required=True, ondelete="cascade")
    point_id = fields.Many2one(
        "kams.control.point", string="Control Point", required=True, ondelete="cascade", index=True
    )
    phase_id = fields.Many2one(related="point_id.phase_id")
    company_id = fields.Many2one("res.company")
    phase_sequence = fields.Integer(related="phase_id.sequence", store=True, string="Phase Order")
    sequence = fields.Integer(related="point_id.sequence", store=True)
    state = fields.Selection(
        [
            ("pending", "Not yet asked"),
            ("pass", "Met"),
            ("fail", "Missing"),
            ("waived", "Waived"),
            ("na", "Not applicable"),
        ],
        default="pending",
        required=True,
        readonly=True,
    )
    checked_at = fields.Datetime(readonly=True)
    evidence_ref = fields.Reference(
        selection="_selection_evidence_ref", string="Evidence", readonly=True, help="The record that it rests on."
    )
    # Waiver
    waiver_reason = fields.Text(readonly=True)
    waiver_approver_id = fields.Many2one("res.users", string="Waived By", readonly=True, ondelete="restrict")
    waiver_expiry = fields.Date(string="Waived Until", readonly=True)
    waived_at = fields.Datetime(string="Waived On", readonly=True)
    # What the panel shows: without asking the points, which is done a hundred times a day
    level = fields.Selection(related="point_id.level", store=True)
    owner_role = fields.Selection(related="point_id.owner_role", store=True)
    label = fields.Char(compute="_compute_words", string="Control Point (Label)")
    evidence_hint = fields.Text(compute="_compute_words", string="What Would Meet It")
    can_open = fields.Boolean(
        compute="_compute_words", help="There is something to open: evidence, or where to record it."
    )
    is_current = fields.Boolean(compute="_compute_is_current", search="_search_is_current", string="Present Phase")
    user_id = fields.Many2one(related="lead_id.user_id", string="Salesperson")

    _lead_point_uniq = models.UniqueIndex("(lead_id, point_id)")
    _waived_idx = models.Index("(lead_id) WHERE waived_at IS NOT NULL OR state = 'waived'")

    @api.model
    def _selection_evidence_ref(self):
        return self.env["kams.control.point"]._evidence_models()

    @api.depends_context("lang")
    @api.depends("point_id", "evidence_ref")
    def _compute_words(self):
        """The point's name and hint, from what the points keep at hand: no query."""
        for check in self:
            words = check.point_id._words(check.point_id.id)
            check.label, check.evidence_hint = words.label, words.hint
            check.can_open = words.elsewhere

    @api.depends("phase_id", "lead_id.kams_phase_id")
    def _compute_is_current(self):
        for check in self:
            check.is_current = check.phase_id == check.lead_id.kams_phase_id

    def _search_is_current(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [
            (
                "id",
                "in" if True in value else "not in",
                SQL(
                    "(SELECT c.id FROM kams_control_check c JOIN kams_control_point p ON p.id = c.point_id"
                    " JOIN crm_lead l ON l.id = c.lead_id AND l.kams_phase_id = p.phase_id)"
                ),
            )
        ]

    # ACTIONS
    def action_open_evidence(self):
        """Open what would meet this point: the evidence there is, or the place to record it."""
        self.ensure_one()
        self.check_access("read")
        if self.evidence_ref and self.evidence_ref.exists() and self.evidence_ref._name != "crm.lead":
            record = self.evidence_ref
            record.check_access("read")
            return {
                "type": "ir.actions.act_window",
                "res_model": record._name,
                "res_id": record.id,
                "view_mode": "form",
                "views": [(False, "form")],
            }
        return self.lead_id._kams_open_evidence(self.point_id)

    def action_waive(self):
        """Open the waiver wizard on this point's deal."""
        return self.lead_id.action_kams_waive()

    def waive(self, reason, expiry):
        """Let deals pass these points without evidence, until a date. Sales directors only.

        :param reason: why, ten characters at least
        :param expiry: last day on which the waiver holds (date or ISO string)
        :raise AccessError: without the director group
        :raise ValidationError: short reason, day gone by, or the approver owns the deal
        """
        if not self.env.user.has_group("kams_sales.group_director"):
            raise AccessError(self.env._("Only a sales director can waive a control point."))
        self.check_access("read")
        self.lead_id.check_access("write")
        expiry = fields.Date.to_date(expiry)
        if len((reason or "").strip()) < REASON_LENGTH:
            raise ValidationError(
                self.env._("Say why in at least %s characters: the reason stays on the deal.", REASON_LENGTH)
            )
        today = fields.Date.context_today(self)
        if not expiry or expiry < today:
            raise ValidationError(
                self.env._("A waiver needs a last day, today or later; %s is not.", expiry or self.env._("none"))
            )
        for check in self:
            if check.lead_id.user_id == self.env.user:
                raise ValidationError(
                    self.env._(
                        "You are the salesperson of %(deal)s. Another director must decide on its waivers.",
                        deal=check.lead_id.display_name,
                    )
                )
            if check.state == "na":
                raise ValidationError(
                    self.env._(
                        "%(point)s does not apply to %(deal)s: there is nothing to waive.",
                        point=check.point_id.display_name,
                        deal=check.lead_id.display_name,
                    )
                )
        # sudo: nobody may write checks; the director's right was checked above
        self.sudo().write(
            {
                "waiver_reason": reason.strip(),
                "waiver_approver_id": self.env.uid,
                "waiver_expiry": expiry,
                "waived_at": fields.Datetime.now(),
            }
        )
        self._note_points({point: checks.lead_id.ids for point, checks in self.grouped("point_id").items()})
        self._refresh_pending()
        for lead, checks in self.grouped("lead_id").items():
            lead._kams_post_waiver(checks)
        return True
