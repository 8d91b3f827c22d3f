from odoo import api, fields, models

from .crm_lead_gate import InternalPass

STATES = [("draft", "Being Prepared"), ("approved", "Closing Approved")]
CONSENTS = [("not_asked", "Not Asked"), ("consent", "Agrees"), ("refused", "Declines")]
HAND, ENGINE = "kams_closing_engine", InternalPass("closing")


class KamsDeliveryClosing(models.Model):
    """What remains of a delivery when it ends: lessons, a reference, who serves the customer on, what we earned.

    Book section 8.8 管理要点 (closure).
    """

    _name = "kams.delivery.closing"
    _description = "Closing of a delivery"
    _inherit = [
        *("kams.deal.part", "kams.state.mixin", "kams.files.mixin", "kams.hand.mixin"),
        *("mail.thread", "mail.activity.mixin"),
    ]
    _hand = HAND, ENGINE
    _order = "id desc"
    _rec_name = "delivery_id"
    _rec_names_search = ["delivery_id.name", "lead_id.name"]
    _kept_files = ("reference_file_ids",)
    _state_transitions = {"draft": {"approved"}, "approved": {"draft"}}

    # Of what
    delivery_id = fields.Many2one("kams.delivery", string="Delivery", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(
        required=True, compute="_compute_lead_id", store=True, readonly=False, precompute=True, index=True
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related="delivery_id.currency_id")
    user_id = fields.Many2one(
        "res.users",
        string="Closed By",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index=True,
    )
    state = fields.Selection(
        STATES, string="Status", default="draft", required=True, copy=False, index=True, tracking=True
    )
    approved_by_id = fields.Many2one("res.users", string="Approved By", readonly=True, copy=False, ondelete="restrict")
    approved_at = fields.Date(string="Approved On", readonly=True, copy=False)
    # What we learnt
    summary = fields.Text(string="How It Went")
    lesson_ids = fields.One2many("kams.lesson", "closing_id", string="Lessons")
    # Whether they show it to others
    reference_consent = fields.Selection(
        CONSENTS, string="Consent as a Reference", required=True, default="not_asked", tracking=True
    )
    reference_contact_id = fields.Many2one(
        "res.partner", string="Reference Contact", ondelete="restrict", index="btree_not_null"
    )
    reference_on = fields.Date(string="Consent Given On")
    reference_until = fields.Date(string="Consent Ends On", help="Empty: until they take it back.")
    reference_file_ids = fields.Many2many(
        "ir.attachment", "kams_closing_reference_rel", string="Consent on File", copy=False
    )
    reference_id = fields.Many2one(
        "kams.reference",
        string="Reference Customer",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    # Who serves them on
    service_user_id = fields.Many2one(
        "res.users",
        string="Warranty Goes To",
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Who serves the customer from now on.",
    )
    warranty_until = fields.Date(string="Warranty Until")
    service_contact_ids = fields.Many2many("res.partner", "kams_closing_contact_rel", string="Contacts for Service")
    service_note = fields.Text(string="To Know for Service", help="Serial numbers, spare parts, open wishes, habits.")
    accepted_on = fields.Date(string="Warranty Taken Over On", readonly=True, copy=False, tracking=True)

    _once = models.UniqueIndex("(delivery_id)", "A delivery is closed once: open the closing that is there.")

    # COMPUTES
    @api.depends("delivery_id.lead_id")
    def _compute_lead_id(self):
        for closing in self:
            closing.lead_id = closing.delivery_id.lead_id or closing.lead_id
