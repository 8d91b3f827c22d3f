from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamsChangePhase(models.Model):
    """A phase that a change moves: from when until when it is promised once both sides have signed (8.3)."""

    _name = "kams.change.phase"
    _description = "Phase that a change moves"
    _inherit = ["kams.computed.mixin"]
    _order = "change_id, id"
    _rec_name = "phase_id"

    change_id = fields.Many2one("kams.change", string="Change", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="change_id.lead_id", string="Deal")
    company_id = fields.Many2one(related="change_id.company_id", store=True, index=True)
    delivery_id = fields.Many2one(related="change_id.delivery_id", string="Delivery")
    phase_id = fields.Many2one(
        "kams.delivery.phase",
        string="Phase of Delivery",
        required=True,
        ondelete="cascade",
        index=True,
        domain="[('delivery_id', '=', delivery_id)]",
    )
    old_start = fields.Date(readonly=True, copy=False, help="As it was promised when both sides signed.")
    old_end = fields.Date(readonly=True, copy=False)
    promised_start = fields.Date(string="Promised From", compute="_compute_promised")
    promised_end = fields.Date(string="Promised Until", compute="_compute_promised")
    new_start = fields.Date(string="New Start")
    new_end = fields.Date(string="New End")

    _once = models.UniqueIndex("(change_id, phase_id)", "A change moves a phase once: change the line that is there.")

    # COMPUTES
    @api.depends("phase_id.baseline_start", "phase_id.baseline_end", "old_start", "old_end", "change_id.state")
    def _compute_promised(self):
        """As the phase is promised now, or was when the change was signed."""
        for line in self:
            signed = line.change_id.state == "signed"
            line.promised_start = line.old_start if signed else line.phase_id.baseline_start
            line.promised_end = line.old_end if signed else line.phase_id.baseline_end

    # CONSTRAINTS
    @api.constrains("new_start", "new_end")
    def _check_dates(self):
        for line in self:
            if line.new_start and line.new_end and line.new_end < line.new_start:
                raise ValidationError(self.env._("“%s”: the new end is before the new start.", line.phase_id.name))

    @api.constrains("change_id", "phase_id")
    def _check_same_delivery(self):
        for line in self:
            if line.phase_id.delivery_id != line.change_id.delivery_id:
                raise ValidationError(
                    self.env._(
                        "“%(phase)s” is a phase of another delivery than “%(change)s”.",
                        phase=line.phase_id.name,
                        change=line.change_id.display_name,
                    )
                )
