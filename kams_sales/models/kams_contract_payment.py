from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..tools import collections as arithmetic
from .blank import BlankFloat, BlankInteger, BlankMonetary, known, refuse_negative
from .kams_payment_milestone import NEAR

PAYMENT_STATES = [
    ("unknown", "Not Known Yet"),
    ("within", "Within Policy"),
    ("approved", "Specially Approved"),
    ("beyond", "Beyond Policy"),
]


class KamsContract(models.Model):
    """How a contract is paid: its milestones, what they are worth today, and whether we may grant so much time.

    Control point S5-5. The days that the customer has to pay are judged by the authority matrix for whoever drafts the
    contract; a special approval covers what was asked, and anything better.
    """

    _inherit = "kams.contract"

    milestone_ids = fields.One2many("kams.payment.milestone", "contract_id", string="Payment Milestones")
    payment_template_id = fields.Many2one(
        "kams.payment.template",
        string="Payment Scheme",
        ondelete="set null",
        index="btree_not_null",
        help="A usual division, such as 30-30-30-10, that the milestones are taken from.",
    )
    late_interest_pct = BlankFloat(
        string="Late Interest (% a Day)",
        digits=(16, 4),
        help="What is agreed for paying late; empty: what the law grants small and medium firms.",
    )
    payment_days = BlankInteger(
        string="Days to Pay",
        compute="_compute_payment_state",
        store=True,
        help="The longest time that the customer has to pay, from what it falls due upon; without milestones that of "
        "the order's payment terms. Empty: not agreed or not known.",
    )
    payment_state = fields.Selection(
        PAYMENT_STATES, string="Payment Terms", compute="_compute_payment_state", store=True, index=True
    )
    payment_findings = fields.Text(string="Payments to Look At", compute="_compute_payment_findings")
    present_value = BlankMonetary(
        compute="_compute_present_value",
        help="What the payments are worth on the day of signature, or today before it, at the rate of the dated "
        "parameter “terms_discount_rate_pct”. Empty: a day, an amount or the rate isn't known.",
    )
    present_value_pct = BlankFloat(string="Present Value (%)", digits=(16, 4), compute="_compute_present_value")

    # COMPUTES
    @api.depends(
        *("state", "user_id", "owner_set_by_id", "currency_id", "amount_untaxed", "order_id", "company_id"),
        *("milestone_ids.days", "milestone_ids.trigger"),
    )
    def _compute_payment_state(self):
        """Nothing of the order is watched: plain orders pay nothing, and orders of deals ask again themselves."""
        authority, approvals = self.env["kams.authority"], self.env["kams.authority.approval"]
        for contract in self:
            days = contract.payment_days = contract._payment_days()
            values = {"payment_days": days}
            if days is None:
                contract.payment_state = "unknown"
            elif not authority._judge(contract.company_id, contract._whose_authority(), values):
                contract.payment_state = "within"
            else:
                agreed = approvals._agreed_for_contract(contract._origin, values)
                contract.payment_state = "approved" if agreed else "beyond"

    @api.depends("amount_total", "currency_id", "milestone_ids.pct", "milestone_ids.amount", "milestone_ids.days")
    def _compute_payment_findings(self):
        for contract in self:
            contract.payment_findings = "\n".join(contract._payment_findings()) or False

    @api.depends("signed_at", "milestone_ids.amount", "milestone_ids.date_due", "amount_total")
    def _compute_present_value(self):
        today = fields.Date.context_today(self)
        value = self.env["kams.legal.rule"]._value
        for contract in self:
            start, milestones = contract.signed_at or today, contract.milestone_ids
            # money that came in before is worth what it is
            payments = [(one.date_due and max(one.date_due, start), known(one.amount)) for one in milestones]
            payments = [(day or None, amount) for day, amount in payments]
            rate = value("terms_discount_rate_pct", start)
            worth = arithmetic.present_value(payments, rate, start) if payments else None
            contract.present_value = worth
            total = sum(amount for _day, amount in payments) if worth is not None else None
            contract.present_value_pct = arithmetic.collection_rate(worth, total)

    # CONSTRAINTS
    @api.constrains("late_interest_pct")
    def _check_late_interest(self):
        refuse_negative(self, "late_interest_pct")

    # ORM
    def write(self, vals):
        """Payments follow a changed amount by their shares; a terminated contract asks for no more money."""
        totals = {contract: known(contract.amount_total) for contract in self} if "amount_total" in vals else {}
        result = super().write(vals)
        for contract, before in totals.items():
            if known(contract.amount_total) != before:
                contract.milestone_ids._follow_total()
        if not vals.keys().isdisjoint({"warranty_months"}):
            self.milestone_ids._follow_final()
        return result

    # ACTIONS
    def action_payments(self):
        """The payments of this contract, ready for more."""
        self.ensure_one()
        action = self.lead_id._kams_open_part(
            "kams.payment.milestone",
            self.env._("Payment Milestones"),
            views="list,kanban,form,calendar",
            default_contract_id=self.id,
        )
        return {**action, "domain": [("contract_id", "=", self.id)]}

    def action_take_payment_scheme(self):
        """Take over the payments of the scheme, in place of those that are there."""
        for contract in self:
            if not contract.payment_template_id:
                raise UserError(
                    self.env._("“%s”: choose a payment scheme first, such as 30-30-30-10.", contract.display_name)
                )
            contract._agreed_payments().unlink()
            self.env["kams.payment.milestone"].create(contract.payment_template_id._milestones_for(contract))
        return True

    # BUSINESS
    def _milestones(self):
        """``{contract: its milestones in order}``, in one search."""
        found = self.env["kams.payment.milestone"].search(
            [("contract_id", "in", self.ids)], order="contract_id, sequence, id"
        )
        return found.grouped("contract_id")

    def _judge_payments(self):
        """Something that isn't a contract's own has changed: the payment terms of its order."""
        open_ones = self.filtered(lambda one: one.state in ("draft", "review", "approved"))
        for name in ("payment_days", "payment_state"):
            self.env.add_to_compute(open_ones._fields[name], open_ones)

    def _payment_days(self):
        """The longest time to pay, or None where it isn't agreed or known."""
        self.ensure_one()
        if payments := self._agreed_payments():
            days = [0 if known(one.days) is None and one.trigger == "date" else known(one.days) for one in payments]
            return None if None in days else max(days)
        # sudo: how long the customer has to pay, no amount of the order
        order = self.order_id.sudo()
        return order._kams_payment_days() if order.payment_term_id else None

    def _review_terms(self):
        """What a yes rests upon, the payments among it."""
        names = ("kind", "pct", "amount", "trigger", "days", "condition")
        payments = [[known(one[name]) for name in names] for one in self._agreed_payments().sorted("sequence")]
        return {**super()._review_terms(), "milestone_ids": payments or None}

    def _check_reviewable(self):
        """Payments that are planned have to make up the contract before somebody judges them."""
        result = super()._check_reviewable()
        for contract in self.filtered("milestone_ids"):
            if contract.payment_findings:
                raise UserError(
                    self.env._(
                        "The payments of “%(contract)s” can't be reviewed yet: %(findings)s",
                        contract=contract.display_name,
                        findings=contract.payment_findings,
                    )
                )
        return result

    def _payment_findings(self):
        """What isn't right with the payments yet, in words."""
        self.ensure_one()
        milestones, currency = self._agreed_payments(), self.currency_id
        if not milestones:
            return [self.env._("No payments are planned: take over a payment scheme, or add them.")]
        found = []
        shares, amounts = [known(one.pct) for one in milestones], [one._agreed_amount() for one in milestones]
        total = known(self.amount_total)
        if None in shares:
            found.append(self.env._("Some payments have no share."))
        elif abs(sum(shares) - 100) > NEAR:
            found.append(
                self.env._(
                    "The payments come to %s %% in place of 100 %%.", f"{sum(shares):.2f}".rstrip("0").rstrip(".")
                )
            )
        if None in amounts:
            found.append(self.env._("Some payments have no amount."))
        elif total is not None and currency.compare_amounts(sum(amounts), total):
            found.append(
                self.env._(
                    "The payments come to %(sum)s, the contract to %(total)s.",
                    sum=formatLang(self.env, sum(amounts), currency_obj=currency),
                    total=formatLang(self.env, total, currency_obj=currency),
                )
            )
        if any(known(one.days) is None and one.trigger != "date" for one in milestones):
            found.append(self.env._("How many days the customer has isn't agreed for every payment."))
        return found
