from odoo import api, fields, models


class KamsTenderFewBids(models.TransientModel):
    """Fewer bids than an opening needs: the tender is cancelled, unless there is a ground to open them (L06)."""

    _name = "kams.tender.few.bids"
    _description = "Too few bids"

    tender_id = fields.Many2one("kams.tender", required=True, readonly=True, ondelete="cascade")
    bidders_opened = fields.Integer(related="tender_id.bidders_opened")
    source = fields.Char(compute="_compute_source")

    # COMPUTES
    @api.depends("tender_id")
    def _compute_source(self):
        for wizard in self:
            wizard.source = wizard.tender_id._rule_source("bidders_min")

    # ACTIONS
    def action_cancelled(self):
        """Not opened: the tender has to be called anew."""
        self.tender_id.write({"result": "cancelled", "bids_received": self.bidders_opened})
        return {"type": "ir.actions.act_window_close"}

    def action_record(self):
        """Opened all the same, say after a change of the procurement mode was approved."""
        tender = self.tender_id
        tender.with_context(kams_few_bids=True).action_record_opening()
        tender.message_post(body=self.env._("Opened all the same, with %s bids.", self.bidders_opened))
        return {"type": "ir.actions.act_window_close"}
