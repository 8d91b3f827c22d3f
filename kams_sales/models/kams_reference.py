from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamsReference(models.Model):
    """A customer who shows others what we did for them: what they show, under which consent (5.4 案例客户).

    Everybody who sells in the company may read it, since a reference is there to be shown; amounts aren't in it.
    """

    _name = "kams.reference"
    _description = "Reference customer"
    _inherit = ["mail.thread", "mail.activity.mixin", "kams.import.mixin", "kams.computed.mixin"]
    _order = "name, id"

    # Who
    name = fields.Char(
        string="Reference", required=True, compute="_compute_name", store=True, readonly=False, precompute=True
    )
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('is_company', '=', True)]",
        tracking=True,
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    contact_id = fields.Many2one(
        "res.partner",
        string="Reference Contact",
        domain="[('commercial_partner_id', '=', partner_id), ('is_company', '=', False)]",
        ondelete="restrict",
        index="btree_not_null",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        tracking=True,
        help="Who of us looks after this reference and thanks them.",
    )
    # What we did there
    deal_id = fields.Many2one("crm.lead", string="Delivered Deal", ondelete="set null", index="btree_not_null")
    order_id = fields.Many2one("sale.order", string="Sales Order", ondelete="set null", index="btree_not_null")
    delivered_on = fields.Date(
        tracking=True, help="The day of acceptance. Empty: it is delivered when all lines of its orders are."
    )
    industry_id = fields.Many2one(
        "res.partner.industry", string="Industry", compute="_compute_industry_id", store=True, readonly=False
    )
    employees = fields.Integer(help="How large they are.")
    offering_id = fields.Many2one(
        "product.category", string="Offering", ondelete="set null", help="What they use of ours."
    )
    application = fields.Text(help="What they use it for, and what came of it.")
    # Under which consent
    consent = fields.Boolean(tracking=True, help="They agreed to be visited by others.")
    consent_date = fields.Date(string="Consent Given On", tracking=True)
    consent_until = fields.Date(string="Consent Ends On", tracking=True, help="Empty: until they take it back.")
    consent_file_ids = fields.Many2many("ir.attachment", string="Consent on File", copy=False)
    # What is shown
    topics_show = fields.Text(string="Topics to Show")
    topics_avoid = fields.Text(string="Topics to Avoid")

    # COMPUTES
    @api.depends("partner_id")
    def _compute_name(self):
        for reference in self:
            reference.name = reference.name or reference.partner_id.name

    @api.depends("partner_id")
    def _compute_industry_id(self):
        for reference in self:
            reference.industry_id = reference.partner_id.industry_id

    # CONSTRAINTS
    @api.constrains("consent", "consent_date", "consent_until")
    def _check_consent(self):
        for reference in self:
            if reference.consent and not reference.consent_date:
                raise ValidationError(self.env._("Say since when %s agrees to be visited.", reference.display_name))
            start, end = reference.consent_date, reference.consent_until
            if start and end and end < start:
                raise ValidationError(
                    self.env._("The consent of %s can't end before it is given.", reference.display_name)
                )

    # BUSINESS
    @api.model
    def _import_columns(self):
        return [
            ("partner_id", self.env._("Example Power Ltd")),
            ("contact_id", ""),
            ("delivered_on", "2026-01-31"),
            ("industry_id", ""),
            ("employees", 1200),
            ("offering_id", ""),
            ("application", self.env._("Two boilers, starting within the hour")),
            ("consent", "1"),
            ("consent_date", "2026-03-31"),
            ("consent_until", "2027-03-31"),
            ("topics_show", self.env._("Control room")),
            ("topics_avoid", self.env._("Prices")),
        ]
