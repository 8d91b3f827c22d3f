from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

DEFAULT_DAYS = 14


class KamsWaiver(models.TransientModel):
    """A director sees what is missing and lets the deal pass without it, with a reason and until a day."""

    _name = "kams.waiver"
    _description = "Waive control points"

    lead_id = fields.Many2one("crm.lead", string="Deal", required=True, readonly=True, ondelete="cascade")
    available_check_ids = fields.Many2many("kams.control.check", compute="_compute_available_check_ids")
    check_ids = fields.Many2many(
        "kams.control.check",
        string="Points to Waive",
        compute="_compute_check_ids",
        store=True,
        readonly=False,
        domain="[('id', 'in', available_check_ids)]",
    )
    reason = fields.Text(help="Stays on the deal for ever. Ten characters at least.")
    expiry = fields.Date(
        string="Holds Until", default=lambda self: fields.Date.context_today(self) + timedelta(days=DEFAULT_DAYS)
    )

    @api.depends("lead_id")
    def _compute_available_check_ids(self):
        for wizard in self:
            phase = wizard.lead_id.kams_phase_id
            wizard.available_check_ids = wizard.lead_id.kams_check_ids.filtered(
                lambda check, phase=phase: (
                    check.state in ("fail", "pending")
                    and check.point_id.level == "mandatory"
                    and check.phase_id.process_id == phase.process_id
                    and check.phase_id.sequence >= phase.sequence
                )
            )

    @api.depends("lead_id")
    def _compute_check_ids(self):
        for wizard in self:
            wizard.check_ids = wizard.available_check_ids.filtered("is_current")

    def action_confirm(self):
        """Waive the chosen points; see ``kams.control.check.waive`` for what is refused."""
        self.ensure_one()
        if not self.check_ids:
            raise UserError(self.env._("Choose at least one point of %s to waive.", self.lead_id.display_name))
        if foreign := self.check_ids.filtered(lambda check: check.lead_id != self.lead_id):
            raise UserError(self.env._("%s belongs to another deal.", foreign[0].display_name))
        self.check_ids.waive(self.reason, self.expiry)
        return {"type": "ir.actions.act_window_close"}
