from odoo import api, models


class MergePartnerAutomatic(models.TransientModel):
    """Merged contacts change their deals by SQL: history and checks are told. The past keeps the old name.

    Their key accounts become one before that: the SQL would delete the second account of a customer.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _get_fk_on(self, table):
        return [link for link in super()._get_fk_on(table) if link[0] != "kams_deal_history"]

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        deals = self.env["crm.lead"]
        deals = deals.browse(deals._kams_ids_linked("partner_id", src_partners))
        accounts = self._kams_merge_accounts(src_partners, dst_partner)
        self.env["kams.stakeholder"]._follow_merged_contacts(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        deals._kams_note_state(deals.ids)
        if watched := deals._kams_watched():
            self.env["kams.control.check"]._note_change(deals, watched, {"partner_id"})
        accounts._follow_merged_customer(dst_partner)
        return result

    @api.model
    def _kams_merge_accounts(self, src_partners, dst_partner):
        """Leave one account per company, the destination's if it has one. Answers those that stay."""
        # sudo: whoever may merge customers merges what hangs on them, seen or not
        accounts = self.env["kams.account"].sudo().with_context(active_test=False)
        found = accounts.search([("partner_id", "in", (src_partners | dst_partner).ids)], order="id")
        stay = accounts
        for _company, rivals in found.grouped("company_id").items():
            kept = (rivals.filtered(lambda account: account.partner_id == dst_partner) or rivals)[:1]
            if rivals != kept:
                (rivals - kept)._merge_into(kept)
            stay |= kept
        return stay
