from odoo import fields, models
from odoo.exceptions import UserError

from ..models.kams_account import TIERS


class KamsTierChange(models.TransientModel):
    """A director gives an account another tier and says why; the reason stays in the account's tier history."""

    _name = "kams.tier.change"
    _description = "Change the tier"

    account_id = fields.Many2one("kams.account", string="Key Account", required=True, readonly=True, ondelete="cascade")
    tier_now = fields.Selection(related="account_id.tier", string="Present Tier")
    proposed_tier_reason = fields.Char(related="account_id.proposed_tier_reason", string="What the Figures Say")
    tier = fields.Selection(TIERS, string="New Tier")
    reason = fields.Text()

    def action_confirm(self):
        """Change the tier; only a director may, see ``kams.account.write``."""
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why %s gets another tier: the reason stays.", self.account_id.display_name))
        if self.tier == self.account_id.tier:
            raise UserError(self.env._("%s has this tier already. Choose another one.", self.account_id.display_name))
        self.account_id._set_tier(self.tier, self.reason.strip())
        return {"type": "ir.actions.act_window_close"}
