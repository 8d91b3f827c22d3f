from odoo import api, fields, models

from ..tools import guarantee as arithmetic
from ..tools import legal_days
from .kams_guarantee import LETTERS

RULES = [
    ("agreed", "Contract or tender documents"),
    ("contract", "Law: after the contract"),
    ("contract_last", "Law: after the last day for the contract"),
    ("notice", "Law: after the award notice"),
    ("withdrawn", "Law: after the withdrawal"),
    ("cancelled", "Law: at once, the tender was called off"),
]
# What of a tender the day of return depends on
CLOCK = ("legal_regime", "mode", "issued_at", "result", "award_notice_at", "contract_due", "contract_signed_at")
SUBMISSION = ("state", "withdrawn_at", "withdrawn_late")


class KamsGuarantee(models.Model):
    """When a guarantee has to come back, by which rule, and what interest is due on it.

    Statutory table L08. A bid bond comes back after the contract, for losers of a government purchase after the award
    notice, and after a withdrawal in time; other guarantees on the day that the contract names. Days are counted by the
    tender's legal clock, with the rule of the day its documents were issued.
    """

    _inherit = "kams.guarantee"

    due_back_agreed = fields.Date(
        string="Due Back by Contract", copy=False, help="The day that the tender or contract names; empty: the law's."
    )
    released_at = fields.Date(
        string="Withdrawn or Called Off On",
        copy=False,
        help="The day our withdrawal reached them before the deadline, or the tender was called off.",
    )
    due_back = fields.Date(
        compute="_compute_due_back", store=True, index=True, tracking=True, help="The last day for it to come back."
    )
    due_back_rule = fields.Selection(RULES, string="Due Back by", compute="_compute_due_back", store=True)
    due_back_source = fields.Char(
        string="Source",
        compute="_compute_due_back_source",
        compute_sudo=True,
        help="The statute and article behind the day.",
    )
    is_overdue = fields.Boolean(string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue")
    days_overdue = fields.Integer(compute="_compute_is_overdue")
    interest_due = fields.Monetary(
        compute="_compute_interest_due",
        help="Bank interest that comes back with a bid bond paid in money, by the dated parameter “deposit_rate_pct”.",
    )

    # COMPUTES
    @api.depends(
        *("kind", "tender_id", "due_back_agreed", "released_at"),
        *(f"tender_id.{name}" for name in CLOCK),
        *(f"tender_id.submission_ids.{name}" for name in SUBMISSION),
    )
    def _compute_due_back(self):
        for guarantee in self:
            rule, day, _period = guarantee._due_back()
            guarantee.due_back, guarantee.due_back_rule = day, rule

    @api.depends("due_back", "due_back_rule")
    def _compute_due_back_source(self):
        for guarantee in self:
            _rule, _day, period = guarantee._due_back()
            guarantee.due_back_source = period.source if period else False

    @api.depends("state", "due_back")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for guarantee in self:
            late = guarantee.state == "paid" and guarantee.due_back and guarantee.due_back < today
            guarantee.is_overdue = late
            guarantee.days_overdue = (today - guarantee.due_back).days if late else 0

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        return [("state", "=", "paid"), ("due_back", "<", today)]

    @api.depends("kind", "form", "amount", "paid_at", "returned_at", "state", "tender_id.legal_regime")
    def _compute_interest_due(self):
        """What the bank would have paid, up to the return or today; on money only, and by the bidding law only."""
        today = fields.Date.context_today(self)
        value = self.env["kams.legal.rule"]._value
        for guarantee in self:
            tender = guarantee.tender_id
            due = (
                guarantee.kind == "bid"
                and guarantee.paid_at
                and guarantee.form not in LETTERS
                and tender.legal_regime == "bidding_law"
            )
            days = ((guarantee.returned_at or today) - guarantee.paid_at).days if due else None
            rate = value("deposit_rate_pct", guarantee.paid_at) if due else None
            guarantee.interest_due = arithmetic.interest(guarantee.amount or 0.0, rate, days) or 0.0

    # BUSINESS
    def _due_back(self):
        """``(rule, day, the dated rule or None)``; no day where neither law nor contract names one."""
        self.ensure_one()
        tender = self.tender_id
        if self.due_back_agreed:
            return "agreed", self.due_back_agreed, None
        if self.kind != "bid" or not tender:
            return False, False, None
        if released := self.released_at or self._withdrawn_on():
            if tender.result == "cancelled":
                return "cancelled", released, None
            return self._due_after("withdrawn", "bond_return_withdrawn", released)
        if tender.legal_regime == "gov_procurement" and tender.result == "lost":
            return self._due_after("notice", "bond_return", tender.award_notice_at)
        if tender.contract_signed_at:
            return self._due_after("contract", "bond_return", tender.contract_signed_at)
        # whether the winner has signed, a loser may never hear
        return self._due_after("contract_last", "bond_return", tender.contract_due)

    def _withdrawn_on(self):
        """The day on which our bid was withdrawn in time and for good, as its submission says."""
        tender = self.tender_id
        if tender.result != "abandoned":
            return False
        # sudo: that day only; finance may read the ledger without the tender's submissions
        submissions = tender.sudo().submission_ids.filtered(
            lambda one: one.state == "withdrawn" and not one.withdrawn_late
        )
        moments = submissions.mapped("withdrawn_at")
        return legal_days.local_day(max(moments), tender.tz) if moments else False

    def _due_after(self, rule, key, start):
        """A period of the law from a day on, moved on when its last day is off (民法典 203)."""
        period = self.tender_id._period(key)
        if not start or not period:
            return False, False, None
        found, end = period
        return rule, self.tender_id._calendar().next_open(end(start)), found
