from odoo import models
from odoo.tools import html2plaintext


class CrmLeadLost(models.TransientModel):
    """The closing note tells why a lead is invalid where no reason was chosen."""

    _inherit = "crm.lead.lost"

    def action_lost_reason_apply(self):
        note = html2plaintext(self.lost_feedback or "").strip()
        wizard = self.with_context(kams_lost_note=note)
        return super(CrmLeadLost, wizard).action_lost_reason_apply()
