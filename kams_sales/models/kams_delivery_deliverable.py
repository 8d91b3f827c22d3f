from odoo import api, fields, models
from odoo.exceptions import UserError

from .crm_lead_gate import InternalPass

STATES = [("open", "To Deliver"), ("handed_in", "Handed In"), ("accepted", "Deliverable Accepted")]
# What was handed in, and against what: stays as it is from then on
CONTENT = {"phase_id", "name", "standard", "file_ids"}
STAMPS = {"state", "handed_in_on", "accepted_on"}
HAND, ENGINE = "kams_delivery_deliverable_engine", InternalPass("deliverable")


class KamsDeliveryDeliverable(models.Model):
    """What a phase hands to the customer, by which standard it is good, and the file that shows it (8.3 交付物)."""

    _name = "kams.delivery.deliverable"
    _description = "Deliverable of a phase"
    _inherit = ["kams.computed.mixin", "kams.files.mixin", "kams.hand.mixin", "kams.state.mixin"]
    _kept_files = ("file_ids",)
    _hand = HAND, ENGINE
    _stamps = frozenset(STAMPS)
    _order = "delivery_id, phase_id, sequence, id"
    _state_transitions = {"open": {"handed_in"}, "handed_in": {"open", "accepted"}, "accepted": {"open"}}

    delivery_id = fields.Many2one(
        "kams.delivery",
        string="Delivery",
        required=True,
        compute="_compute_delivery_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="cascade",
        index=True,
    )
    phase_id = fields.Many2one(
        "kams.delivery.phase",
        string="Phase",
        ondelete="cascade",
        index="btree_not_null",
        domain="[('delivery_id', '=?', delivery_id)]",
    )
    lead_id = fields.Many2one(related="delivery_id.lead_id", string="Deal")
    company_id = fields.Many2one(related="delivery_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Deliverable", required=True)
    standard = fields.Text(string="Good If", help="What it has to meet: standard, drawing, clause of the contract.")
    date_due = fields.Date(string="To Be Handed In By")
    user_id = fields.Many2one(
        "res.users", string="Made By", domain="[('share', '=', False)]", ondelete="set null", index="btree_not_null"
    )
    file_ids = fields.Many2many(
        "ir.attachment", "kams_delivery_deliverable_file_rel", string="Files of the Deliverable", copy=False
    )
    state = fields.Selection(
        STATES, string="Status of the Deliverable", default="open", required=True, readonly=True, copy=False, index=True
    )
    handed_in_on = fields.Date(readonly=True, copy=False)
    accepted_on = fields.Date(string="Accepted by the Customer On", readonly=True, copy=False)

    # COMPUTES
    @api.depends("phase_id.delivery_id")
    def _compute_delivery_id(self):
        for deliverable in self:
            deliverable.delivery_id = deliverable.phase_id.delivery_id or deliverable.delivery_id

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in STAMPS} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self._in_hand():
            if STAMPS & vals.keys():
                raise UserError(self.env._("%s: this is written with its buttons, not by hand.", self[:1].display_name))
            if CONTENT & vals.keys():
                self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self._check_open()

    # ACTIONS
    def action_hand_in(self):
        """It was given to the customer: from now on it stays as it is."""
        for deliverable in self:
            if deliverable.state != "open":
                raise UserError(self.env._("“%s” was handed in already.", deliverable.name))
            if not deliverable.file_ids:
                raise UserError(self.env._("“%s”: add the file that is handed in.", deliverable.name))
        self._move({"state": "handed_in", "handed_in_on": fields.Date.context_today(self)})
        return True

    def action_accept(self):
        """The customer takes it as good."""
        for deliverable in self:
            if deliverable.state != "handed_in":
                raise UserError(self.env._("“%s” isn't handed in: hand it in first.", deliverable.name))
        self._move({"state": "accepted", "accepted_on": fields.Date.context_today(self)})
        return True

    def action_reopen(self):
        """It has to change although it was handed in: say why."""
        self.ensure_one()
        self.check_access("write")
        if self.state == "open":
            raise UserError(self.env._("“%s” isn't handed in yet: just change it.", self.name))
        action = self.delivery_id._open_note("reopen_deliverable", self.env._("Change Again"))
        return {**action, "context": {**action["context"], "default_deliverable_id": self.id}}

    # BUSINESS
    def _move(self, vals):
        self.check_access("write")
        self._engine().write(vals)

    def _reopen(self, reason):
        """That it was handed in, which files those were, and why they change, stays in the delivery's chatter."""
        self.ensure_one()
        files = self.sudo().file_ids.mapped("name")  # sudo: names of its own files
        self.delivery_id.message_post(
            body=self.env._(
                "“%(deliverable)s” is changed again: %(reason)s. It was handed in on %(day)s: %(files)s",
                deliverable=self.name,
                reason=reason,
                day=self.handed_in_on,
                files=", ".join(files),
            )
        )
        self._move({"state": "open", "handed_in_on": False, "accepted_on": False})

    def _check_open(self):
        for deliverable in self:
            if deliverable.state != "open":
                raise UserError(
                    self.env._(
                        "“%s” stays as it was handed in. Use “Change Again” if it has to change.", deliverable.name
                    )
                )

    def _check_files_free(self, name):
        super()._check_files_free(name)
        self._check_open()
