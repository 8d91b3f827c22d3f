from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CrmLead(models.Model):
    """A deal under a process belongs to its customer's key account."""

    _name = "crm.lead"
    _inherit = ["crm.lead", "kams.computed.mixin"]

    kams_account_id = fields.Many2one(
        "kams.account",
        string="Key Account",
        compute="_compute_kams_account_id",
        store=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.depends("partner_id", "kams_process_id", "company_id")
    def _compute_kams_account_id(self):
        """The account of the deal's customer in the deal's company; one statement for all, none for plain deals."""
        deals = self.filtered(lambda lead: lead.kams_process_id and lead.partner_id)
        (self - deals).kams_account_id = False
        if not deals:
            return
        # sudo: which account a deal belongs to doesn't depend on who asks
        accounts = self.env["kams.account"].sudo().with_context(active_test=False)
        found = {
            (account.partner_id.id, account.company_id.id): account.id
            for account in accounts.search_fetch(
                [("partner_id", "in", deals.partner_id.commercial_partner_id.ids)], ["partner_id", "company_id"]
            )
        }
        for lead in deals:
            company = lead.company_id or self.env.company
            lead.kams_account_id = found.get((lead.partner_id.commercial_partner_id.id, company.id))

    @api.model
    def _follows(self, name):
        """Another customer's account would lend the deal its evidence. Odoo's own fields are Odoo's."""
        return name == "kams_account_id"

    # SQL
    @api.model
    def _kams_join_customers(self, query, account):
        """Join to accounts the deals that are theirs by customer and company, linked or not. :return: the alias"""
        customer = query.join(account, "partner_id", "res_partner", "commercial_partner_id", "customers")
        deal = query.make_alias(account, "customers_deals")
        company = SQL.identifier(deal, "company_id", to_flush=self._fields["company_id"])
        condition = SQL(
            "%s = %s AND COALESCE(%s, %s) = %s",
            SQL.identifier(deal, "partner_id", to_flush=self._fields["partner_id"]),
            SQL.identifier(customer, "id"),
            company,
            self.env.company.id,
            SQL.identifier(account, "company_id"),
        )
        query.add_join("JOIN", deal, self._table, condition)
        return deal

    # ACTIONS
    def action_kams_account(self):
        """Open the customer's key account, made now if it has none."""
        self.ensure_one()
        account = self.kams_account_id
        if not account:
            if not self.partner_id:
                raise UserError(
                    self.env._("%s has no customer yet. Choose the customer on the deal first.", self.display_name)
                )
            self.check_access("write")
            account = self.env["kams.account"].create(
                {
                    "partner_id": self.partner_id.commercial_partner_id.id,
                    "company_id": (self.company_id or self.env.company).id,
                    "manager_id": self.user_id.id or self.env.uid,
                }
            )
        return account._get_records_action(name=account.name)
