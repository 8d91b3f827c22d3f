from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.blank import BlankMonetary, known

STEPS = [("occurred", "It Happened"), ("closed", "Close the Risk"), ("open", "Reopen")]


class KamsRiskNote(models.TransientModel):
    """A risk happened, is over, or is taken up again: what there is to say about it stays with it (8.7)."""

    _name = "kams.risk.note"
    _description = "What came of a risk"

    risk_id = fields.Many2one("kams.risk", required=True, readonly=True, ondelete="cascade")
    step = fields.Selection(STEPS, required=True, readonly=True)
    currency_id = fields.Many2one(related="risk_id.currency_id")
    day = fields.Date(string="On", default=fields.Date.context_today)
    note = fields.Text(
        string="What Came of It", compute="_compute_note", store=True, readonly=False, help="Later deals learn from it."
    )
    amount = BlankMonetary(
        string="What It Cost", compute="_compute_note", store=True, readonly=False, help="Empty: not known."
    )

    # COMPUTES
    @api.depends("risk_id", "step")
    def _compute_note(self):
        """A risk that happened has been told about already; why it is reopened hasn't."""
        for wizard in self:
            told = wizard.step == "closed"
            wizard.note = told and wizard.risk_id.outcome
            wizard.amount = known(wizard.risk_id.actual_amount) if told else None

    # ACTIONS
    def action_confirm(self):
        self.ensure_one()
        risk = self.risk_id
        note = (self.note or "").strip()
        if not note:
            raise UserError(
                self.env._("Say why “%s” is reopened: the reason stays.", risk.display_name)
                if self.step == "open"
                else self.env._("“%s”: say what came of it, so that later deals can learn from it.", risk.display_name)
            )
        today = fields.Date.context_today(self)
        if self.step != "open" and (self.day or today) > today:
            raise UserError(self.env._("“%s”: choose a day that isn't in the future.", risk.display_name))
        if (known(self.amount) or 0.0) < 0:
            raise UserError(self.env._("“%s”: what it cost can't be negative.", risk.display_name))
        risk._go_on(self.step, self.day or today, note, known(self.amount))
        return {"type": "ir.actions.act_window_close"}
