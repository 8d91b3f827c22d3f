from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..tools import guarantee as arithmetic
from .blank import BlankMonetary, known
from .kams_guarantee import LETTERS

BOND_STATES = [
    ("not_required", "Not Required"),
    ("missing", "None Put Up"),
    ("short", "Too Little"),
    ("beyond_cap", "More Than the Law Allows"),
    ("late", "Too Late"),
    ("expires", "Ends Too Early"),
    ("valid", "Valid"),
]


class KamsContract(models.Model):
    """Whether the contract's performance bond is there, enough, lawful, in time, and lasts until we have delivered.

    Book section 7.7, statutory table L12; control point S5-7. What else is out for the contract, and when it comes
    back, stands beside it.
    """

    _inherit = "kams.contract"

    guarantee_ids = fields.One2many("kams.guarantee", "contract_id", string="Guarantees")
    performance_bond_due = fields.Date(
        string="Bond Due On", help="The last day to hand it in; empty: the day of the signature."
    )
    performance_bond_until = fields.Date(string="Bond Must Last Until", help="Empty: the last day of the performance.")
    performance_bond_amount = BlankMonetary(
        string="Bond Demanded", compute="_compute_performance_bond_amounts", help="Empty: not known."
    )
    performance_bond_cap = BlankMonetary(
        string="Bond at Most by Law",
        compute="_compute_performance_bond_amounts",
        help="Empty: no law caps it, or the contract's amount isn't known.",
    )
    performance_bond_state = fields.Selection(
        BOND_STATES,
        string="State of the Performance Bond",
        compute="_compute_performance_bond_state",
        store=True,
        index=True,
    )
    bond_note = fields.Text(string="Guarantees to Look At", compute="_compute_bond_note")

    # COMPUTES
    @api.depends("performance_bond_pct", "amount_total", "currency_id", "tender_id", "signed_at")
    def _compute_performance_bond_amounts(self):
        for contract in self:
            contract.performance_bond_amount = contract._rounded(known(contract.performance_bond_pct))
            rule = contract._performance_bond_rule()
            contract.performance_bond_cap = contract._rounded(rule.value if rule else None)

    @api.depends(
        *("performance_bond_required", "performance_bond_pct", "performance_bond_due", "performance_bond_until"),
        *("amount_total", "currency_id", "signed_at", "date_end", "tender_id.legal_regime", "tender_id.issued_at"),
        *("guarantee_ids.kind", "guarantee_ids.state", "guarantee_ids.amount", "guarantee_ids.currency_id"),
        *("guarantee_ids.form", "guarantee_ids.paid_at", "guarantee_ids.date_expiry", "guarantee_ids.required_amount"),
    )
    def _compute_performance_bond_state(self):
        for contract in self:
            if not contract.performance_bond_required:
                contract.performance_bond_state = "not_required"
                continue
            bonds = contract._performance_bonds()
            demanded = known(contract.performance_bond_amount)
            if demanded is None:
                own = bonds.filtered(lambda one, money=contract.currency_id: one.currency_id == money)
                demanded = max(filter(None, (known(one.required_amount) for one in own)), default=None)
            contract.performance_bond_state = arithmetic.performance_bond_state(
                demanded,
                known(contract.performance_bond_cap),
                contract.performance_bond_due or contract.signed_at or None,
                contract.performance_bond_until or contract.date_end or None,
                [contract._bond(one) for one in bonds],
            )

    @api.depends("guarantee_ids.findings", "tender_id.guarantee_ids.findings", "performance_bond_state")
    def _compute_bond_note(self):
        """What is wrong with each, as the ledger says it."""
        for contract in self:
            lines = []
            for one in contract._all_guarantees():
                lines += [f"{one.display_name}: {text}" for text in (one.findings or "").splitlines()]
            contract.bond_note = "\n".join(lines) or False

    # ACTIONS
    def action_guarantees(self):
        """What was put up for this contract and its tender, ready for another."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_guarantee_action")
        context = {
            "default_contract_id": self.id,
            "default_lead_id": self.lead_id.id,
            "default_kind": "performance",
        }
        return {**action, "domain": [("id", "in", self._all_guarantees().ids)], "context": context}

    # BUSINESS
    def _all_guarantees(self):
        """The contract's own, and the bid bonds of its tender: these come back because it is signed."""
        return self.guarantee_ids | self.tender_id.guarantee_ids.filtered(lambda one: one.kind == "bid")

    def _performance_bonds(self):
        """The performance bonds that were put up, also those that came back since."""
        return self.guarantee_ids.filtered(lambda one: one.kind == "performance" and one.state != "planned")

    def _performance_bond_rule(self):
        """The dated rule that caps it (L12), or None: the law caps no bond between enterprises that bid nothing."""
        self.ensure_one()
        tender = self.tender_id
        regime = tender.legal_regime or self.lead_id.kams_legal_regime
        day = tender.issued_at or self.signed_at
        return self.env["kams.legal.rule"]._found("performance_bond_cap_pct", day, regime, tender.mode or None)

    def _rounded(self, pct):
        amount = arithmetic.cap(known(self.amount_total), pct)
        return None if amount is None else self.currency_id.round(amount)

    def _bond(self, guarantee):
        """A guarantee as arithmetic takes it, in the contract's currency at the rate of the day it was paid."""
        amount = known(guarantee.amount) or 0.0
        if guarantee.currency_id != self.currency_id:
            company = self.company_id or self.env.company
            day = guarantee.paid_at or fields.Date.context_today(self)
            amount = guarantee.currency_id._convert(amount, self.currency_id, company, day)
        return arithmetic.Bond(
            amount, guarantee.paid_at or None, guarantee.date_expiry or None, guarantee.form in LETTERS
        )


class KamsGuarantee(models.Model):
    """What a guarantee takes from its contract: for whom, how much, what the law's cap is a share of, when it is back.

    Statutory table L12 and L18. No law names the day on which a performance bond comes back: it is the contract's.
    """

    _inherit = "kams.guarantee"

    contract_id = fields.Many2one(
        "kams.contract",
        string="Contract",
        ondelete="set null",
        index="btree_not_null",
        domain="[('lead_id', '=', lead_id)]",
        tracking=True,
    )
    due_back_agreed = fields.Date(
        compute="_compute_due_back_agreed", store=True, readonly=False, precompute=True, copy=False
    )

    # COMPUTES
    @api.depends("contract_id")
    def _compute_from_tender(self):
        for guarantee in self.filtered("contract_id"):
            contract = guarantee.contract_id
            guarantee.lead_id = guarantee.lead_id or contract.lead_id
            guarantee.currency_id = guarantee.currency_id or contract.currency_id
            guarantee.beneficiary_id = guarantee.beneficiary_id or contract.partner_id
        return super()._compute_from_tender()

    @api.depends("contract_id", "kind")
    def _compute_due_back_agreed(self):
        """A performance bond comes back when we have delivered, a retention when the warranty is over; or as typed."""
        for guarantee in self:
            contract, end = guarantee.contract_id, guarantee.contract_id.date_end
            day = guarantee.due_back_agreed
            if not day and end and guarantee.kind == "performance":
                day = contract.performance_bond_until or end
            elif not day and end and guarantee.kind == "quality" and known(contract.warranty_months) is not None:
                day = end + relativedelta(months=int(contract.warranty_months))
            guarantee.due_back_agreed = day

    @api.depends("contract_id", "contract_id.performance_bond_pct", "contract_id.amount_total")
    def _compute_required_amount(self):
        """What the contract demands of a performance bond, and what it keeps back."""
        ours = self.filtered(lambda one: one.contract_id and one.contract_id.currency_id == one.currency_id)
        for guarantee in ours:
            contract = guarantee.contract_id
            pct = {"performance": contract.performance_bond_pct, "quality": contract.retention_pct}.get(guarantee.kind)
            demanded = contract._rounded(known(pct))
            guarantee.required_amount = guarantee.required_amount if demanded is None else demanded
        return super(KamsGuarantee, self - ours)._compute_required_amount()

    @api.depends("contract_id", "contract_id.amount_total")
    def _compute_base_amount(self):
        ours = self.filtered(
            lambda one: (
                one.kind in ("performance", "quality")
                and one.contract_id.currency_id == one.currency_id
                and known(one.contract_id.amount_total) is not None
            )
        )
        for guarantee in ours:
            guarantee.base_amount = guarantee.contract_id.amount_total
        return super(KamsGuarantee, self - ours)._compute_base_amount()

    @api.depends("contract_id.performance_bond_due", "contract_id.performance_bond_until", "contract_id.date_end")
    def _compute_findings(self):
        return super()._compute_findings()

    # CONSTRAINTS
    @api.constrains("contract_id")
    def _check_contract(self):
        for guarantee in self:
            if guarantee.contract_id and guarantee.contract_id.lead_id != guarantee.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(contract)s” is of another deal than the guarantee: choose a contract of %(deal)s.",
                        contract=guarantee.contract_id.display_name,
                        deal=guarantee.lead_id.display_name,
                    )
                )

    # BUSINESS
    def _cap(self):
        """Where the guarantee hangs on a contract alone, the contract says which law caps it."""
        if self.kind == "performance" and self.contract_id:
            return self.contract_id._performance_bond_rule()
        return super()._cap()

    def _findings_of_bond(self):
        """A performance bond is there by its day and lasts until we have delivered."""
        lines, contract = super()._findings_of_bond(), self.contract_id
        if self.kind != "performance" or not contract or self.state in ("returned", "forfeited"):
            return lines
        due = contract.performance_bond_due or contract.signed_at
        if self.paid_at and due and self.paid_at > due:
            lines.append(self.env._("It was due on %s.", format_date(self.env, due)))
        until = contract.performance_bond_until or contract.date_end
        if self.date_expiry and until and self.date_expiry < until:
            lines.append(self.env._("It ends before %s, until when it must last.", format_date(self.env, until)))
        return lines

    def _put_up(self):
        """Several bonds may make up what a contract demands."""
        if self.kind != "performance" or not self.contract_id or known(self.amount) is None:
            return super()._put_up()
        others = self.contract_id._performance_bonds() - self._origin
        return self.amount + sum(known(one.amount) or 0.0 for one in others if one.currency_id == self.currency_id)
