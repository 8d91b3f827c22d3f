from odoo import api, fields, models
from odoo.exceptions import ValidationError

TIERS = [("a", "A Strategic"), ("b", "B Key"), ("c", "C Ordinary"), ("d", "D Watch")]


class KamsAccount(models.Model):
    """What a company knows of one customer: the page that an account manager opens before a meeting.

    Book sections 0.2 客户导向管理 and 2 认识你的客户. One per commercial partner and company; the chapters
    hang their lines on it (``kams.account.part``).
    """

    _name = "kams.account"
    _description = "Key account"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"

    # Customer
    name = fields.Char(related="partner_id.name", store=True, index="trigram")
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('is_company', '=', True)]",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    # Who looks after it
    manager_id = fields.Many2one(
        "res.users",
        string="Account Manager",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        index=True,
        tracking=True,
    )
    member_ids = fields.Many2many("res.users", string="Account Team", domain="[('share', '=', False)]")
    since = fields.Date(string="Key Account Since", default=fields.Date.context_today)
    # Its deals
    lead_ids = fields.One2many("crm.lead", "kams_account_id", string="Deals")

    _partner_company_uniq = models.UniqueIndex(
        "(partner_id, company_id)", "A customer has one key account per company: open that one instead."
    )

    # CONSTRAINTS
    @api.constrains("partner_id", "company_id")
    def _check_partner(self):
        for account in self:
            partner, company = account.partner_id, account.company_id
            if partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(contact)s belongs to %(customer)s: make the key account for %(customer)s.",
                        contact=partner.display_name,
                        customer=partner.commercial_partner_id.display_name,
                    )
                )
            if partner.company_id and partner.company_id != company:
                raise ValidationError(
                    self.env._(
                        "%(customer)s is a customer of %(theirs)s alone, its account can't belong to %(company)s.",
                        customer=partner.display_name,
                        theirs=partner.company_id.name,
                        company=company.name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts._link_deals()
        return accounts

    # BUSINESS
    def _link_deals(self):
        """Let the deals that these customers already have find their account."""
        # sudo: which account a deal belongs to follows from its customer, whoever makes the account
        self.env["crm.lead"].sudo().with_context(active_test=False).search(
            [("kams_process_id", "!=", False), ("partner_id.commercial_partner_id", "in", self.partner_id.ids)]
        )._compute_kams_account_id()
