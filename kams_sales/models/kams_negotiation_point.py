from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

# What a point is: fixed with the record of the round that it came up in
SAID = {"negotiation_id", "event_id", "text"}


class KamsNegotiationPoint(models.Model):
    """Something that a round left open: who settles it, until when, and how it ended (7.4; control point S5-3)."""

    _name = "kams.negotiation.point"
    _description = "Open point of a negotiation"
    _inherit = ["kams.computed.mixin"]
    _order = "state desc, date_due, id"
    _rec_name = "text"

    negotiation_id = fields.Many2one(
        "kams.negotiation",
        compute="_compute_negotiation_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="cascade",
        index=True,
    )
    event_id = fields.Many2one(
        "calendar.event",
        string="Came Up In",
        domain="[('kams_negotiation_id', '=', negotiation_id)]",
        ondelete="set null",
        index="btree_not_null",
    )
    lead_id = fields.Many2one(related="negotiation_id.lead_id", store=True, index=True)
    company_id = fields.Many2one(related="negotiation_id.company_id", store=True, index=True)
    text = fields.Text(string="Open Point", required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Settled By",
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index="btree_not_null",
        help="Who sees to it.",
    )
    date_due = fields.Date(string="Due")
    state = fields.Selection(
        [("open", "To Be Settled"), ("closed", "Settled")], string="Status", default="open", required=True, index=True
    )
    solution = fields.Char(string="How It Was Settled")
    is_overdue = fields.Boolean(compute="_compute_is_overdue", search="_search_is_overdue", string="Overdue")

    # COMPUTES
    @api.depends("event_id")
    def _compute_negotiation_id(self):
        for point in self:
            # sudo: which negotiation a round is of, for whoever adds a point to the round
            point.negotiation_id = point.negotiation_id or point.event_id.sudo().kams_negotiation_id

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for point in self:
            point.is_overdue = point.state == "open" and bool(point.date_due) and point.date_due < today

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = fields.Domain([("state", "=", "open"), ("date_due", "<", fields.Date.context_today(self))])
        return late if True in value else ~late

    # CONSTRAINTS
    @api.constrains("negotiation_id", "event_id")
    def _check_round(self):
        for point in self.filtered("event_id"):
            # sudo: compared only
            if point.event_id.sudo().kams_negotiation_id != point.negotiation_id:
                raise ValidationError(
                    self.env._(
                        "“%(meeting)s” is no round of “%(negotiation)s”: choose one, or none.",
                        meeting=point.event_id.name,
                        negotiation=point.negotiation_id.display_name,
                    )
                )

    @api.constrains("state", "solution")
    def _check_solution(self):
        """Settled is what somebody said how, on whatever way it is noted."""
        for point in self:
            if point.state == "closed" and not (point.solution or "").strip():
                point._refuse_without_solution()

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        points = super().create(vals_list)
        points._check_open()
        points._check_not_settled()
        return points

    def write(self, vals):
        if "negotiation_id" in vals and any(point.negotiation_id.id != vals["negotiation_id"] for point in self):
            raise UserError(
                self.env._("“%s” stays with its negotiation: add another there instead.", self[:1].text[:80])
            )
        if not SAID.isdisjoint(vals):
            self._check_open(vals)
        result = super().write(vals)
        if "event_id" in vals:
            self._check_open()
        if vals.get("state") == "open":
            self._check_not_settled()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_if_open(self):
        self._check_open()

    # ACTIONS
    def action_settle(self):
        """It is settled, as its line says."""
        for point in self:
            if not (point.solution or "").strip():
                point._refuse_without_solution()
        self.write({"state": "closed"})
        return True

    def action_unsettle(self):
        """It came up again."""
        self.write({"state": "open"})
        return True

    # BUSINESS
    def _refuse_without_solution(self):
        raise UserError(self.env._("How was “%s” settled? Write it down first.", self.text[:80]))

    def _check_not_settled(self):
        """All was agreed because nothing was open (S5-3): what comes up later is negotiated again."""
        # sudo: how far the negotiation is, for whoever adds a point
        self.filtered(lambda point: point.state == "open").sudo().negotiation_id._check_open(plan=False)

    def _check_open(self, vals=None):
        """What a submitted record says was left open stays; that it was settled is said later."""
        events = self.event_id
        if events and not events._kams_by_system():
            events._kams_check_open()
            events._kams_check_deal()
