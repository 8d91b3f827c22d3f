from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .crm_lead_gate import InternalPass
from .kams_proposal_chapter import ODOOS
from .kams_review_policy import REVIEWER_GROUPS

STATES = [("draft", "Being Prepared"), ("approved", "Closing Approved")]
CONSENTS = [("not_asked", "Not Asked Yet for Consent"), ("consent", "Agrees to Be Shown"), ("refused", "Declines")]
# What only buttons write, after they have looked
STAMPS = {"state", "approved_by_id", "approved_at", "reference_id", "accepted_on", "figures"}
HAND, ENGINE = "kams_closing_engine", InternalPass("closing")


class KamsDeliveryClosing(models.Model):
    """What remains of a delivery when it ends: lessons, a reference, who serves the customer on, what we earned.

    Book section 8.8 管理要点 (closure). The steps stand in kams_closing_steps.py, the money in kams_closing_money.py.
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
    _stamps = frozenset(STAMPS)
    _state_transitions = {"draft": {"approved"}, "approved": {"draft"}}

    # Of what
    delivery_id = fields.Many2one("kams.delivery", string="Delivery", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(
        required=True, compute="_compute_lead_id", store=True, readonly=False, precompute=True, index=True
    )
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related="delivery_id.currency_id")
    customer_id = fields.Many2one(related="delivery_id.customer_id", string="Customer")
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
        "res.partner",
        string="Reference Contact",
        domain="[('id', 'child_of', customer_id), ('is_company', '=', False)]",
        ondelete="restrict",
        index="btree_not_null",
        help="Who of theirs receives visitors.",
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
    warranty_until = fields.Date(
        string="Warranty Until", compute="_compute_warranty_until", store=True, readonly=False, precompute=True
    )
    no_warranty = fields.Boolean(string="No Warranty", help="Nothing is promised beyond the acceptance.")
    service_contact_ids = fields.Many2many(
        "res.partner", "kams_closing_contact_rel", string="Contacts for Service", help="Whom of theirs we talk to."
    )
    service_note = fields.Text(string="To Know for Service", help="Serial numbers, spare parts, open wishes, habits.")
    accepted_on = fields.Date(string="Warranty Taken Over On", readonly=True, copy=False, tracking=True)

    _once = models.UniqueIndex("(delivery_id)", "A delivery is closed once: open the closing that is there.")

    # COMPUTES
    @api.depends("delivery_id.lead_id")
    def _compute_lead_id(self):
        for closing in self:
            closing.lead_id = closing.delivery_id.lead_id or closing.lead_id

    @api.depends("delivery_id")
    def _compute_warranty_until(self):
        """As the final acceptance says; another day may be agreed."""
        for closing in self:
            closing.warranty_until = closing.warranty_until or closing.delivery_id._warranty_ends()

    # CONSTRAINTS
    @api.constrains("service_user_id")
    def _check_service_user(self):
        """Whoever takes it over has to be able to read it."""
        groups = [f"kams_sales.group_{name}" for name in REVIEWER_GROUPS]
        for closing in self:
            user = closing.service_user_id.sudo()  # sudo: whether somebody has a right, for who names them
            if user and not any(user.has_group(group) for group in groups):
                raise ValidationError(
                    self.env._(
                        "%s can't open closings: ask the administrator for one of the rights under “Key Accounts”, "
                        "“Delivery” for example.",
                        user.name,
                    )
                )

    @api.constrains("reference_on", "reference_until")
    def _check_consent_dates(self):
        for closing in self:
            start, end = closing.reference_on, closing.reference_until
            if start and end and end < start:
                raise ValidationError(
                    self.env._("The consent of %s can't end before it is given.", closing.display_name)
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in STAMPS} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        names = {name for name in vals if not name.startswith(ODOOS)}
        # a merge of deals takes a closing along as it is
        if self._in_hand() or (self.env.su and names <= {"lead_id"}):
            return super().write(vals)
        if names & STAMPS:
            raise UserError(self.env._("%s: this is written with its buttons, not by hand.", self[:1].display_name))
        if names:
            self._check_open()
        result = super().write(vals)
        if "service_user_id" in vals:
            # whoever is named now has taken over nothing yet
            self.filtered("accepted_on")._engine().write({"accepted_on": False})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self._check_open()

    # LOCK
    def _check_open(self):
        for closing in self:
            if closing.state == "approved" and not closing._in_hand():
                raise UserError(
                    self.env._(
                        "The closing of “%s” was approved and stays as it is. A director can reopen it.",
                        closing.display_name,
                    )
                )

    def _check_files_free(self, name):
        self._check_open()


class KamsLesson(models.Model):
    """Lessons stay once the closing is approved."""

    _inherit = "kams.lesson"

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        lessons = super().create(vals_list)
        lessons.closing_id._check_open()
        return lessons

    def write(self, vals):
        self.closing_id._check_open()
        result = super().write(vals)
        self.closing_id._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self.closing_id._check_open()
