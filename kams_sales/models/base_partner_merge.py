from odoo import api, models


class MergePartnerAutomatic(models.TransientModel):
    """Merged contacts change their deals by SQL: history and checks are told. The past keeps the old name."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _get_fk_on(self, table):
        return [link for link in super()._get_fk_on(table) if link[0] != "kams_deal_history"]

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        deals = self.env["crm.lead"]
        deals = deals.browse(deals._kams_ids_linked("partner_id", src_partners))
        result = super()._update_foreign_keys(src_partners, dst_partner)
        deals._kams_note_state(deals.ids)
        if watched := deals._kams_watched():
            self.env["kams.control.check"]._note_change(deals, watched, {"partner_id"})
        return result
