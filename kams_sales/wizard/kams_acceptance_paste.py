from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import acceptance as reading


class KamsAcceptancePaste(models.TransientModel):
    """Criteria as they stand in the technical agreement, pasted in one go (8.3)."""

    _name = "kams.acceptance.paste"
    _description = "Paste criteria of an acceptance"

    acceptance_id = fields.Many2one("kams.acceptance", required=True, readonly=True, ondelete="cascade")
    text = fields.Text()
    source = fields.Char(string="Taken From", help="Where it was agreed: the technical agreement, its annex.")
    found = fields.Char(compute="_compute_found")

    # COMPUTES
    @api.depends("text")
    def _compute_found(self):
        for wizard in self:
            count = len(reading.read_criteria(wizard.text))
            wizard.found = self.env._("%s criteria.", count) if count else ""

    # ACTIONS
    def action_confirm(self):
        self.ensure_one()
        rows = reading.read_criteria(self.text)
        if not rows:
            raise UserError(self.env._("No criterion was found: paste one a line, with its standard beside it."))
        self.acceptance_id._add_criteria(
            [
                {"item": item, "standard": standard, "aspect": aspect, "source": self.source}
                for item, standard, aspect in rows
            ]
        )
        return {"type": "ir.actions.act_window_close"}
