from odoo import api, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """The way from a customer to its key account, and a group that follows its customers."""

    _inherit = "res.partner"

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if "parent_id" in vals:
            self.env["kams.account"]._regroup(self)  # all below them may have another group now
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_key_accounts(self):
        # sudo: an account that the user may not see keeps its customer all the same
        accounts = self.env["kams.account"].sudo().with_context(active_test=False)
        if found := accounts.search([("partner_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "%s has a key account, with all that is known of this customer. Archive the contact, merge it "
                    "with the one that stays, or let a sales director delete the account first.",
                    found.partner_id.display_name,
                )
            )

    # ACTIONS
    def action_kams_account(self):
        """Open the customer's key account in the present company, made now if it has none."""
        self.ensure_one()
        customer = self.commercial_partner_id
        if not customer.is_company:
            raise UserError(
                self.env._("%s is a person. Key accounts are for companies: choose the company.", customer.display_name)
            )
        accounts = self.env["kams.account"].with_context(active_test=False)
        company = customer.company_id or self.env.company
        account = accounts.search([("partner_id", "=", customer.id), ("company_id", "=", company.id)])
        if not account:
            account = self.env["kams.account"].create({"partner_id": customer.id, "company_id": company.id})
        return account._get_records_action(name=account.name)
