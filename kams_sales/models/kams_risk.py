from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .blank import BlankMonetary, refuse_beyond, refuse_negative
from .crm_lead_gate import InternalPass

CATEGORIES = [
    ("schedule", "Schedule"),
    ("technical", "Technical"),
    ("resources", "Resources"),
    ("requirements", "Changed Requirements"),
    ("customer", "Customer's Cooperation"),
    ("supply", "Supply"),
    ("payment", "Commercial and Payment"),
    ("safety", "Quality and Safety"),
    ("policy", "Policy and Law"),
]
PROBABILITIES = [
    ("1", "1 Hardly Ever"),
    ("2", "2 Unlikely"),
    ("3", "3 Possible"),
    ("4", "4 Likely"),
    ("5", "5 Almost Certain"),
]
IMPACTS = [
    ("1", "1 Hardly Felt"),
    ("2", "2 Slight Damage"),
    ("3", "3 Serious Damage"),
    ("4", "4 Grave Damage"),
    ("5", "5 Ruins the Delivery"),
]
RESPONSES = [
    ("avoid", "Avoid the Risk"),
    ("transfer", "Transfer the Risk"),
    ("mitigate", "Mitigate the Risk"),
    ("accept", "Accept the Risk"),
]
STATES = [
    ("open", "Risk Open"),
    ("occurred", "Has Happened"),
    ("closed", "Risk Closed"),
]
SHORT = 120
# What stays of a risk that is closed: it is what later deals learn from
CONTENT = {
    *("delivery_id", "phase_id", "code", "category", "name", "cause", "effect", "trigger", "probability", "impact"),
    *("probability_pct", "impact_amount", "response", "action", "action_cost", "user_id", "date_due", "outcome"),
    *("residual_probability", "residual_impact", "residual_pct", "residual_amount", "reviewed_on", "occurred_on"),
    *("closed_on", "actual_amount"),
}
HAND, ENGINE = "kams_risk_engine", InternalPass("risk")


class KamsRisk(models.Model):
    """What may go wrong with a delivery, how grave that would be, and who does what about it until when.

    Book section 8.7 风险管理. Risks come from the handover and are kept until the delivery is closed. A high one that
    nobody looks after holds the end of the deal up (control point S6-5).
    """

    _name = "kams.risk"
    _description = "Risk"
    _inherit = [
        "kams.deal.part",
        "kams.state.mixin",
        "kams.hand.mixin",
        "kams.import.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _hand = HAND, ENGINE
    _order = "score desc nulls last, id"
    _rec_names_search = ["code", "name", "lead_id.name"]
    _state_transitions = {
        "open": {"occurred", "closed"},
        "occurred": {"open", "closed"},
        "closed": {"open"},
    }

    # Of what
    lead_id = fields.Many2one(
        required=True, compute="_compute_lead_id", store=True, readonly=False, precompute=True, index=True
    )
    delivery_id = fields.Many2one(
        "kams.delivery",
        string="Delivery",
        ondelete="set null",
        index="btree_not_null",
        domain="[('lead_id', '=', lead_id)]",
        tracking=True,
    )
    phase_id = fields.Many2one(
        "kams.delivery.phase",
        string="Phase of Delivery",
        ondelete="set null",
        index="btree_not_null",
        domain="[('delivery_id', '=', delivery_id)]",
    )
    customer_id = fields.Many2one("res.partner", string="Customer", compute="_compute_customer")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    # What may happen
    code = fields.Char(string="Risk No.", copy=False, help="Empty: the next number of the deal.")
    category = fields.Selection(CATEGORIES, string="Kind of Risk", index=True)
    name = fields.Text(string="What May Happen", required=True)
    name_short = fields.Char(string="Risk", compute="_compute_name_short")
    cause = fields.Text(string="Why It May Happen")
    effect = fields.Text(string="What Follows from It")
    trigger = fields.Text(string="How We Would Notice", help="The sign that it is about to happen.")
    # What is done about it
    response = fields.Selection(RESPONSES, string="Response to the Risk", tracking=True)
    action = fields.Text(string="What We Do about It")
    action_cost = BlankMonetary(string="Cost of the Action")
    user_id = fields.Many2one(
        "res.users",
        string="Risk Owner",
        domain="[('share', '=', False)]",
        ondelete="set null",
        index="btree_not_null",
        tracking=True,
    )
    date_due = fields.Date(string="Act By", tracking=True)
    reviewed_on = fields.Date(string="Last Looked At", copy=False)
    # How it went
    state = fields.Selection(
        STATES,
        string="Status",
        default="open",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    occurred_on = fields.Date(string="Happened On", copy=False, readonly=True)
    closed_on = fields.Date(string="Risk Closed On", copy=False, readonly=True)
    actual_amount = BlankMonetary(string="What It Cost", copy=False)
    outcome = fields.Text(string="What Came of It", copy=False, help="What later deals may learn from it.")

    # COMPUTES
    @api.depends("delivery_id")
    def _compute_lead_id(self):
        """A risk is of the deal of its delivery."""
        for risk in self:
            risk.lead_id = risk.delivery_id.lead_id or risk.lead_id

    @api.depends("lead_id.partner_id")
    def _compute_customer(self):
        for risk in self:
            risk.customer_id = risk.lead_id.partner_id.commercial_partner_id

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for risk in self:
            risk.currency_id = (risk.company_id or self.env.company).currency_id

    @api.depends("name")
    def _compute_name_short(self):
        for risk in self:
            words = " ".join((risk.name or "").split())
            risk.name_short = words if len(words) <= SHORT else f"{words[: SHORT - 1]}…"

    @api.depends("code", "name_short")
    def _compute_display_name(self):
        for risk in self:
            words = " ".join(filter(None, (risk.code, risk.name_short)))
            risk.display_name = words if len(words) <= 60 else f"{words[:59]}…"

    # CONSTRAINTS
    @api.constrains("lead_id", "delivery_id", "phase_id")
    def _check_same_deal(self):
        for risk in self:
            if risk.delivery_id and risk.delivery_id.lead_id != risk.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(delivery)s” is of another deal than the risk “%(risk)s”: choose a delivery of %(deal)s.",
                        delivery=risk.delivery_id.display_name,
                        risk=risk.display_name,
                        deal=risk.lead_id.display_name,
                    )
                )
            if risk.phase_id and risk.phase_id.delivery_id != risk.delivery_id:
                raise ValidationError(
                    self.env._(
                        "“%(phase)s” is a phase of another delivery: choose a phase of the delivery that the risk "
                        "“%(risk)s” is of.",
                        phase=risk.phase_id.display_name,
                        risk=risk.display_name,
                    )
                )

    @api.constrains("impact_amount", "action_cost", "residual_amount", "probability_pct", "residual_pct")
    def _check_numbers(self):
        refuse_negative(self, "impact_amount", "action_cost", "residual_amount", "probability_pct", "residual_pct")
        refuse_beyond(self, 100, "probability_pct", "residual_pct")

    @api.constrains("state", "outcome")
    def _check_outcome(self):
        for risk in self:
            if risk.state != "open" and not (risk.outcome or "").strip():
                raise ValidationError(
                    self.env._("“%s”: say what came of it, so that later deals can learn from it.", risk.display_name)
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        risks = super().create([self._tidied(vals) for vals in vals_list])
        risks._number()
        return risks

    def write(self, vals):
        vals = self._tidied(vals)
        # a merge of deals takes a risk along as it is
        if self._in_hand() or (self.env.su and vals.keys() <= {"lead_id"}):
            return super().write(vals)
        if vals.keys() & {"occurred_on", "closed_on"}:
            raise UserError(self.env._("%s: this is written with its buttons, not by hand.", self[:1].display_name))
        if "state" in vals and any(risk.state != vals["state"] for risk in self):
            raise UserError(
                self.env._("“%s” goes on with its buttons: “It Happened”, “Close” and “Reopen”.", self[:1].display_name)
            )
        if not CONTENT.isdisjoint(vals):
            self._check_not_closed()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        for risk in self:
            if risk.state != "open":
                raise UserError(
                    self.env._(
                        "“%s” stays, since later deals learn from it. Close it where it is over.", risk.display_name
                    )
                )

    # ACTIONS
    def action_reviewed(self):
        """Somebody looked at it today, and it is still as it says."""
        return self.write({"reviewed_on": fields.Date.context_today(self)})

    def action_occurred(self):
        """It happened: when, what came of it and what it cost."""
        return self._open_note("occurred", self.env._("It Happened"))

    def action_close(self):
        """It can't happen any more, or its consequences are dealt with."""
        return self._open_note("closed", self.env._("Close the Risk"))

    def action_reopen(self):
        """It may happen after all: say why."""
        return self._open_note("open", self.env._("Reopen"))

    # BUSINESS
    def _open_note(self, step, title):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "kams.risk.note",
            "view_mode": "form",
            "target": "new",
            "context": {"default_risk_id": self.id, "default_step": step},
        }

    def _go_on(self, step, day, note, amount):
        """What its buttons do, after they asked what there is to say."""
        self.ensure_one()
        risk = self._engine()
        if step == "open":
            self.message_post(body=self.env._("Reopened: %(reason)s", reason=note))
            risk.write({"state": "open", "occurred_on": False, "closed_on": False})
            return
        field = "occurred_on" if step == "occurred" else "closed_on"
        paid = {} if amount is None else {"actual_amount": amount}
        risk.write({field: day, "outcome": note, "state": step, **paid})

    def _engine(self):
        self.check_access("write")
        return super()._engine()

    @api.model
    def _tidied(self, vals):
        """Blanks are no action: they are looked for in the database."""
        if "action" in vals and not (vals["action"] or "").strip():
            return {**vals, "action": False}
        return vals

    def _check_not_closed(self):
        for risk in self:
            if risk.state == "closed":
                raise UserError(
                    self.env._(
                        "“%s” is closed and stays as it is. Use “Reopen” and say why, to change it.",
                        risk.display_name,
                    )
                )

    def _number(self):
        """The next number of its deal for each that has none: one statement for all."""
        bare = self.filtered(lambda risk: not risk.code)
        if not bare:
            return
        # sudo: only which numbers are taken, also by risks that the user may not read
        taken = self.sudo()._read_group(
            [("lead_id", "in", bare.lead_id.ids), ("code", "=like", "R%")], ["lead_id"], ["code:array_agg"]
        )
        last = {
            deal.id: max((int(code[1:]) for code in codes if code[1:].isdecimal()), default=0) for deal, codes in taken
        }
        for risk in bare:
            number = last.get(risk.lead_id.id, 0) + 1
            last[risk.lead_id.id] = number
            risk.code = f"R{number}"

    @api.model
    def _import_columns(self):
        return [
            ("lead_id", self.env._("Example Deal")),
            ("category", "supply"),
            ("cause", self.env._("One supplier only")),
            ("name", self.env._("The pumps come four weeks late")),
            ("effect", self.env._("Installation stands still")),
            ("probability", "4"),
            ("impact", "5"),
            ("probability_pct", "30"),
            ("impact_amount", "500000"),
            ("response", "mitigate"),
            ("action", self.env._("Order in advance, and ask a second supplier")),
            ("date_due", "2026-03-09"),
            ("trigger", self.env._("No confirmation ten days after the order")),
        ]
