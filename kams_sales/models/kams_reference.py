from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamsReference(models.Model):
    """A customer who shows others what we did for them: what they show, under which consent (5.4 案例客户).

    Everybody who sells in the company may read it, since a reference is there to be shown; amounts aren't in it.
    When it is offered for a visit, and why not, stands in kams_reference_offer.py.
    """

    _name = "kams.reference"
    _description = "Reference customer"
    _inherit = ["mail.thread", "mail.activity.mixin", "kams.import.mixin", "kams.files.mixin", "kams.computed.mixin"]
    _kept_files = ("consent_file_ids",)
    _order = "name, id"

    # Who
    name = fields.Char(
        string="Reference",
        required=True,
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        help="What others call it, for example the customer and the plant.",
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
    avatar_128 = fields.Image(related="partner_id.avatar_128", string="Picture")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    contact_id = fields.Many2one(
        "res.partner",
        string="Reference Contact",
        domain="[('id', 'child_of', partner_id), ('is_company', '=', False)]",
        ondelete="restrict",
        index="btree_not_null",
        help="Who of theirs receives visitors.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        index=True,
        tracking=True,
        help="Who of us looks after this reference and thanks them.",
    )
    # What we did there
    deal_id = fields.Many2one(
        "crm.lead",
        string="Delivered Deal",
        domain="[('kams_process_id', '!=', False), ('partner_id', 'child_of', partner_id)]",
        ondelete="set null",
        index="btree_not_null",
        help="All its sales orders count.",
    )
    order_id = fields.Many2one(
        "sale.order",
        string="Sales Order",
        domain="[('state', '=', 'sale'), ('partner_id', 'child_of', partner_id)]",
        ondelete="set null",
        index="btree_not_null",
        help="If it wasn't for a deal, or only this one counts.",
    )
    delivered_on = fields.Date(
        string="Accepted On",
        tracking=True,
        help="The day the customer accepted it. Empty: the lines of its orders say.",
    )
    industry_id = fields.Many2one(
        "res.partner.industry",
        string="Industry",
        compute="_compute_industry_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
    )
    employees = fields.Integer(
        compute="_compute_employees",
        store=True,
        readonly=False,
        precompute=True,
        help="How large they are; 0 is not known.",
    )
    offering_id = fields.Many2one(
        "product.category", string="Offering", ondelete="set null", help="What they use of ours."
    )
    application = fields.Text(help="What they use it for, and what came of it.")
    # Under which consent
    consent = fields.Boolean(tracking=True, help="They agreed to be visited by others.")
    consent_date = fields.Date(string="Consent Given On", tracking=True)
    consent_until = fields.Date(string="Consent Ends On", tracking=True, help="Empty: until they take it back.")
    consent_file_ids = fields.Many2many(
        "ir.attachment", string="Consent on File", copy=False, help="Their letter, mail or signed form."
    )
    # What is shown
    topics_show = fields.Text(string="Topics to Show")
    topics_avoid = fields.Text(string="Topics to Avoid")

    _employees_sign = models.Constraint("CHECK(employees >= 0)", "A customer has no employees or some, not fewer.")

    # COMPUTES
    @api.depends("partner_id")
    def _compute_name(self):
        for reference in self:
            reference.name = reference.partner_id.commercial_partner_id.name

    @api.depends("partner_id")
    def _compute_industry_id(self):
        for reference in self:
            reference.industry_id = reference.partner_id.commercial_partner_id.industry_id

    @api.depends("partner_id", "company_id")
    def _compute_employees(self):
        # sudo: how many employees a customer has is no secret of an account; nothing else is taken
        accounts = self.env["kams.account"].sudo().with_context(active_test=False)
        known = accounts.search_fetch(
            [
                ("partner_id", "in", self.partner_id.commercial_partner_id.ids),
                ("company_id", "in", self.company_id.ids),
            ],
            ["partner_id", "company_id", "employees"],
        )
        employees = {(account.partner_id.id, account.company_id.id): account.employees for account in known}
        for reference in self:
            place = reference.partner_id.commercial_partner_id.id, reference.company_id.id
            reference.employees = employees.get(place, 0)

    # CONSTRAINTS
    @api.constrains("consent", "consent_date", "consent_until")
    def _check_consent(self):
        for reference in self:
            start, end = reference.consent_date, reference.consent_until
            if reference.consent and not start:
                raise ValidationError(self.env._("Say since when %s agrees to be visited.", reference.display_name))
            if start and end and end < start:
                raise ValidationError(
                    self.env._("The consent of %s can't end before it is given.", reference.display_name)
                )

    @api.constrains("partner_id", "contact_id", "deal_id", "order_id", "company_id")
    def _check_customer(self):
        """Deal, order and contact are of the reference's own customer and company."""
        for reference in self:
            customer, company = reference.partner_id.commercial_partner_id, reference.company_id
            for name in ("contact_id", "deal_id", "order_id"):
                # sudo: compared, not shown; what isn't theirs is named by its field only
                other = reference[name].sudo()
                partner = other.partner_id if name != "contact_id" else other
                if other and (
                    partner.commercial_partner_id != customer or (other.company_id and other.company_id != company)
                ):
                    raise ValidationError(
                        self.env._(
                            "%(reference)s: “%(field)s” is of another customer or company.",
                            reference=reference.name,
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    # ACTIONS
    def action_visits(self):
        """The visits to these references, as far as the user may see their deals."""
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.calendar_event_kams_action")
        return {
            **action,
            "name": self.env._("Visits"),
            "domain": [("kams_reference_id", "in", self.ids)],
            "view_mode": "list,kanban,form",
            "views": [
                (self.env.ref(f"kams_sales.calendar_event_view_{kind}_kams").id, kind)
                for kind in ("list", "kanban", "form")
            ],
        }

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
