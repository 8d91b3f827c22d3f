from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import formatLang

from .benefit_limit import PERSONAL, benefit_limit
from .blank import BlankInteger, BlankMonetary, known, refuse_negative
from .kams_meeting_part import SYSTEM

# What the system says of a cost; nobody types it
APPROVAL = ("approved", "approved_at", "entered_by_id")


class KamsMeetingCost(models.Model):
    """What a visit costs, item by item, each approved by somebody else than who entered it (5.3).

    Costs have a life of their own: bills come in after the meeting's record is submitted. What fixes a cost is its
    approval.
    """

    _name = "kams.meeting.cost"
    _description = "Cost of a visit"
    _inherit = ["kams.meeting.part"]
    _order = "event_id, id"
    _rec_name = "item"

    item = fields.Char(required=True)
    amount = BlankMonetary(string="Cost", required=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    entered_by_id = fields.Many2one("res.users", string="Entered By", readonly=True, copy=False)
    approver_id = fields.Many2one(
        "res.users",
        string="Approver",
        domain="[('share', '=', False)]",
        copy=False,
        help="Who shall approve it, and after that who did: somebody else than who entered it.",
    )
    approved = fields.Boolean(readonly=True, copy=False)
    approved_at = fields.Datetime(string="Approved On", readonly=True, copy=False)

    benefit_kind = fields.Selection(
        [("none", "Nothing of Value"), ("hospitality", "Hospitality"), ("gift", "Gift"), ("favour", "Another Favour")],
        string="What They Get",
        required=True,
        default="none",
        help="What the customer's people, or somebody with influence on them, get by this cost.",
    )
    benefit_people = BlankInteger(string="For How Many People", help="Theirs, without our own.")

    # COMPUTES
    @api.depends("event_id")
    def _compute_currency_id(self):
        for line in self:
            line.currency_id = (line.company_id or self.env.company).currency_id

    # CONSTRAINTS
    @api.constrains("amount")
    def _check_amount(self):
        refuse_negative(self, "amount")

    @api.constrains("benefit_kind", "benefit_people", "amount", "event_id")
    def _check_benefit(self):
        """The lock of the law, as for actions of plans: what it forbids is no cost of a visit."""
        for line in self.filtered(lambda one: one.benefit_kind in PERSONAL):
            # sudo: only which law the purchase falls under
            regime = line.event_id.sudo().opportunity_id.kams_legal_regime
            day = line.event_id._kams_day()
            most, source = benefit_limit(self.env, line.benefit_kind, day, regime)
            people = known(line.benefit_people)
            if not most or not people or people < 0 or line.amount / people > most:
                raise ValidationError(
                    self.env._(
                        "“%(item)s” gives something to people: at most %(most)s per head is allowed, with their number "
                        "beside it (%(law)s).",
                        item=line.item,
                        most=formatLang(self.env, most, currency_obj=line.currency_id),
                        law=source or self.env._("no rule allows it"),
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_approval(vals)
        return super().create([{**vals, "entered_by_id": self.env.uid} for vals in vals_list])

    def write(self, vals):
        if not self.event_id._kams_by_system():
            self._refuse_approval(vals)
            vals = {name: value for name, value in vals.items() if name != "entered_by_id"}  # nor is it emptied
            if not {"item", "amount", "benefit_kind", "benefit_people"}.isdisjoint(vals):
                vals = {**vals, "entered_by_id": self.env.uid}
        return super().write(vals)

    # ACTIONS
    def action_approve(self):
        """Agree to these costs; what one has entered oneself somebody else agrees to."""
        for line in self.filtered(lambda line: not line.approved):
            line._check_may_approve()
            line.with_context(**SYSTEM).write(
                {"approved": True, "approved_at": fields.Datetime.now(), "approver_id": self.env.uid}
            )
        return True

    # BUSINESS
    def _check_may_approve(self):
        """Who entered a cost doesn't approve it, and above a dated limit a sales director does."""
        self.check_access("write")
        self.event_id._kams_check_deal()
        if self.env.user == self.entered_by_id:
            raise UserError(self.env._("You entered “%s” yourself: let somebody else approve it.", self.item))
        limit = self.env["kams.legal.rule"]._value("visit_cost_director", self.event_id._kams_day())
        if limit is None or self.amount <= limit or self.env.user.has_group("kams_sales.group_director"):
            return
        raise AccessError(
            self.env._(
                "“%(item)s” costs more than %(limit)s: a sales director approves it.",
                item=self.item,
                limit=formatLang(self.env, limit, currency_obj=self.currency_id),
            )
        )

    def _refuse_approval(self, vals):
        if any(vals.get(name) for name in APPROVAL):
            raise UserError(self.env._("A cost is approved by “Approve”, not by writing so."))

    def _check_open(self):
        """An approved cost stays as it was approved; the meeting's record may be submitted before the bills come."""
        events = self.event_id
        if events._kams_by_system():
            return
        for line in self.filtered("approved"):
            raise UserError(
                self.env._(
                    "“%(item)s” was approved by %(who)s and can't be changed any more.",
                    item=line.item,
                    who=line.approver_id.name,
                )
            )
        events._kams_check_deal()
