from odoo import api, fields, models
from odoo.exceptions import UserError

from .kams_negotiation import ENGINE, HAND

# What follows when deals or people become one
LINKS = {"stakeholder_id"}


class KamsNegotiationPart(models.AbstractModel):
    """A line of a negotiation's plan: seen by whoever sees the negotiation, fixed once the plan is approved (7.3)."""

    _name = "kams.negotiation.part"
    _description = "Part of a negotiation"
    _inherit = ["kams.computed.mixin", "kams.hand.mixin"]
    _hand = HAND, ENGINE
    _order = "negotiation_id, sequence, id"
    # What still comes in while we negotiate: the rest is the plan
    _afterwards = frozenset()

    negotiation_id = fields.Many2one("kams.negotiation", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="negotiation_id.lead_id", store=True, index=True)
    company_id = fields.Many2one(related="negotiation_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        for part, vals in zip(parts, vals_list, strict=True):
            part._open_for(vals)
        return parts

    def write(self, vals):
        names = set(vals) - {"sequence"}
        # who may merge people or deals takes along what hangs on them
        if names and not (self.env.su and names <= LINKS):
            for part in self:
                if "negotiation_id" in names and vals["negotiation_id"] != part.negotiation_id.id:
                    raise UserError(
                        self.env._("“%s” stays with its negotiation: add another there instead.", part.display_name)
                    )
                part._open_for(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        for part in self:
            part._open_for({"negotiation_id": False})

    # BUSINESS
    def _open_for(self, vals):
        """Refuse these values where the plan is approved, or all is agreed; the engine itself may."""
        if not self._in_hand():
            self.negotiation_id._check_open(plan := self._is_plan(vals))
            if plan:
                self.negotiation_id._note_authors(self.env.user)

    def _is_plan(self, vals):
        """Whether these values change what was, or will be, approved."""
        return bool(set(vals) - self._afterwards - {"sequence"})
