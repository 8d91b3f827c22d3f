from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

TIERS = [("a", "A Strategic"), ("b", "B Key"), ("c", "C Ordinary"), ("d", "D Watch")]


class KamsAccount(models.Model):
    """What a company knows of one customer: the page that an account manager opens before a meeting.

    Book sections 0.2 客户导向管理 and 2 认识你的客户. One per commercial partner and company; the chapters
    hang their lines on it (``kams.account.part``).
    """

    _name = "kams.account"
    _description = "Key account"
    _inherit = ["mail.thread", "mail.activity.mixin", "kams.import.mixin", "kams.computed.mixin"]
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
    avatar_128 = fields.Image(related="partner_id.avatar_128", string="Picture")
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
    next_review_date = fields.Date(string="Next Review", copy=False)
    # Its deals and people
    lead_ids = fields.One2many("crm.lead", "kams_account_id", string="Deals")
    deal_count = fields.Integer(string="Open Deals", compute="_compute_deals")
    deal_amount = fields.Monetary(string="Open Deals' Amount", compute="_compute_deals")
    contact_count = fields.Integer(string="Contacts", compute="_compute_contact_count")

    _partner_company_uniq = models.UniqueIndex(
        "(partner_id, company_id)", "A customer has one key account per company: open that one instead."
    )

    # COMPUTES
    def _compute_deals(self):
        """Open deals, and those that are won and not finished, as the user may see them: one statement for all."""
        groups = self.env["crm.lead"]._read_group(
            [
                ("kams_account_id", "in", self.ids),
                *("|", ("won_status", "=", "pending"), ("kams_is_unfinished", "=", True)),
            ],
            ["kams_account_id", "won_status"],
            ["__count", "expected_revenue:sum"],
        )
        found = {(account.id, status): figures for account, status, *figures in groups}
        for account in self:
            account.deal_count, account.deal_amount = found.get((account.id, "pending"), (0, 0.0))
            account.unfinished_count, account.unfinished_amount = found.get((account.id, "won"), (0, 0.0))

    def _compute_contact_count(self):
        customers = self.partner_id.ids
        counts = dict(
            self.env["res.partner"]._read_group(
                [("commercial_partner_id", "in", customers), ("id", "not in", customers)],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        for account in self:
            account.contact_count = counts.get(account.partner_id, 0)

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
        self._check_no_twin(vals_list)
        accounts = super().create(vals_list)
        accounts._link_deals()
        return accounts

    def write(self, vals):
        if "manager_id" in vals or "member_ids" in vals:
            self._check_may_hand_over()
        result = super().write(vals)
        if "partner_id" in vals or "company_id" in vals:
            self._link_deals()
        return result

    # ACTIONS
    def action_view_deals(self):
        """Open the account's open deals."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.crm_lead_kams_action")
        return dict(
            action,
            domain=[("kams_account_id", "=", self.id), ("type", "=", "opportunity")],
            context={
                "default_type": "opportunity",
                "default_partner_id": self.partner_id.id,
                "search_default_filter_won_status_pending": 1,
            },
            display_name=self.env._("Deals of %s", self.name),
        )

    def action_view_contacts(self):
        """Open the customer's people."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contacts of %s", self.name),
            "res_model": "res.partner",
            "view_mode": "kanban,list,form",
            "domain": [("commercial_partner_id", "=", self.partner_id.id), ("id", "!=", self.partner_id.id)],
            "context": {"default_parent_id": self.partner_id.id, "default_is_company": False},
        }

    def action_view_invoices(self):
        """Open the customer's invoices, for those who may see them."""
        self.ensure_one()
        self.env["account.move"].check_access("read")
        return self.partner_id.action_view_partner_invoices()

    # BUSINESS
    @api.model
    def _import_columns(self):
        return [
            ("partner_id", self.env._("Example Power Ltd")),
            ("since", "2026-01-31"),
            ("next_review_date", "2026-07-31"),
        ]

    def _link_deals(self):
        """Let the deals that these customers already have find their account."""
        # sudo: which account a deal belongs to follows from its customer, whoever makes the account
        self.env["crm.lead"].sudo().with_context(active_test=False).search(
            [("kams_process_id", "!=", False), ("partner_id.commercial_partner_id", "in", self.partner_id.ids)]
        )._compute_kams_account_id()

    @api.model
    def _check_no_twin(self, vals_list):
        """Refuse a second account with the customer's name: an import of many says which row it is."""
        # sudo: a twin that the user may not see is a twin all the same; only its existence is told
        accounts = self.sudo().with_context(active_test=False)
        default = self.default_get(["company_id", "partner_id"])
        wanted = [
            (vals.get("partner_id", default.get("partner_id")), vals.get("company_id", default.get("company_id")))
            for vals in vals_list
        ]
        found = accounts.search_fetch(
            [("partner_id", "in", [partner_id for partner_id, _company in wanted if partner_id])],
            ["partner_id", "company_id"],
        )
        taken = {(account.partner_id.id, account.company_id.id) for account in found}
        for partner_id, company_id in wanted:
            if partner_id and (partner_id, company_id) in taken:
                raise ValidationError(
                    self.env._(
                        "%s has a key account already: a customer has one per company. Open that one instead.",
                        self.env["res.partner"].browse(partner_id).display_name,
                    )
                )
            taken.add((partner_id, company_id))

    def _check_may_hand_over(self):
        """Who looks after an account sees its secrets: only who does so now, or a director, lets others in."""
        if self.env.su or self.env.user.has_group("kams_sales.group_director"):
            return
        for account in self:
            if account.manager_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "The manager and team of %(account)s are changed by %(manager)s or by a sales director.",
                        account=account.display_name,
                        manager=account.manager_id.name or self.env._("its account manager"),
                    )
                )
