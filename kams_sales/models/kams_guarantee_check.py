from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ..tools import guarantee as arithmetic
from .blank import BlankMonetary, known, refuse_negative
from .kams_guarantee import LETTERS

# The dated parameter that caps a kind
CAPS = {
    "bid": "bond_cap_pct",
    "performance": "performance_bond_cap_pct",
    "quality": "quality_retention_cap_pct",
}


class KamsGuarantee(models.Model):
    """What is wrong or open with a guarantee: more than the law allows, too little, too late, or not known.

    Statutory table L07 (bid bond), L12 (performance bond) and L18 (quality retention of works), by the numbers of the
    day on which the tender's documents were issued.
    """

    _inherit = "kams.guarantee"

    base_amount = BlankMonetary(
        string="Estimate, Contract or Settlement",
        compute="_compute_base_amount",
        store=True,
        readonly=False,
        precompute=True,
        help="What the law's cap is a share of: the estimate or budget for a bid bond, the contract's amount for a "
        "performance bond, the settlement for a quality retention. Empty: not known.",
    )
    cap_amount = BlankMonetary(
        string="At Most by Law", compute="_compute_findings", help="Empty: there is no cap, or it isn't known."
    )
    findings = fields.Text(string="To Look At", compute="_compute_findings")
    has_findings = fields.Boolean(compute="_compute_findings")

    # COMPUTES
    @api.depends("kind", "currency_id", "tender_id", "tender_id.estimate", "tender_id.bid_price")
    def _compute_base_amount(self):
        for guarantee in self:
            tender = guarantee.tender_id
            known_by_tender = {"bid": tender.estimate, "performance": tender.bid_price}.get(guarantee.kind)
            same = tender and tender.currency_id == guarantee.currency_id
            if same and known(known_by_tender) is not None:
                guarantee.base_amount = known_by_tender
            else:
                guarantee.base_amount = guarantee.base_amount

    @api.depends(
        *("kind", "state", "form", "amount", "required_amount", "base_amount", "currency_id", "paid_at"),
        *("date_expiry", "released_at", "due_back", "books_state", "tender_id"),
    )
    def _compute_findings(self):
        for guarantee in self:
            found = guarantee._cap()
            base = known(guarantee.base_amount)
            most = arithmetic.cap(base, found.value) if found else None
            guarantee.cap_amount = None if most is None else guarantee.currency_id.round(most)
            lines = [
                *guarantee._findings_of_cap(found),
                *guarantee._findings_of_bond(),
                *guarantee._findings_of_return(),
                *guarantee._findings_of_books(),
            ]
            guarantee.findings = "\n".join(lines) or False
            guarantee.has_findings = bool(lines)

    # CONSTRAINTS
    @api.constrains("base_amount")
    def _check_base_amount(self):
        refuse_negative(self, "base_amount")

    # BUSINESS
    def _cap(self):
        """The dated rule that caps this guarantee, or None. Retentions are capped for works only."""
        tender = self.tender_id
        key = CAPS.get(self.kind)
        if not key or (self.kind == "quality" and tender and tender.category != "works"):
            return None
        if self.kind != "quality" and not tender:
            return None
        regime = tender.legal_regime or self.lead_id.kams_legal_regime
        return self.env["kams.legal.rule"]._found(key, tender.issued_at or self.paid_at, regime, tender.mode)

    def _findings_of_cap(self, found):
        if not found or self.state in ("returned", "forfeited"):
            return []
        pct, cap = f"{found.value:g}", known(self.cap_amount)
        if cap is None:
            unknown = {
                "bid": self.env._("The estimate isn't known: the cap of %(pct)s %% isn't checked (%(article)s)."),
                "performance": self.env._(
                    "The contract's amount isn't known: the cap of %(pct)s %% isn't checked (%(article)s)."
                ),
                "quality": self.env._("The settlement isn't known: the cap of %(pct)s %% isn't checked (%(article)s)."),
            }
            return [unknown[self.kind] % {"pct": pct, "article": found.source}]
        demanded = known(self.required_amount)
        demanded = known(self.amount) if demanded is None else demanded
        if demanded is not None and self.currency_id.compare_amounts(demanded, cap) > 0:
            return [
                self.env._(
                    "%(demanded)s is demanded; %(pct)s %% is %(cap)s at most (%(article)s).",
                    demanded=self._money(demanded),
                    pct=pct,
                    cap=self._money(cap),
                    article=found.source,
                )
            ]
        return []

    def _findings_of_bond(self):
        """Whether this bid bond is enough, in time, lasts, and comes from the right account."""
        tender, lines = self.tender_id, []
        if self.state in ("returned", "forfeited"):
            return lines
        amount, demanded = known(self._put_up()), known(self.required_amount)
        if None not in (amount, demanded) and self.currency_id.compare_amounts(amount, demanded) < 0:
            short = self._money(demanded - amount)
            lines.append(self.env._("It is %s less than demanded.", short))
        if self.form in LETTERS and self.state == "paid" and not self.date_expiry:
            lines.append(self.env._("The letter's last day isn't noted."))
        if self.kind != "bid" or not tender:
            return lines
        deadline = tender._local_day("bond_deadline") or tender._local_day("bid_deadline")
        if self.paid_at and deadline and self.paid_at > deadline:
            lines.append(self.env._("It was due on %s.", format_date(self.env, deadline)))
        valid_until = tender.bid_valid_until
        if self.date_expiry and valid_until and self.date_expiry < valid_until:
            lines.append(
                self.env._("It ends before our bid, which is valid until %s.", format_date(self.env, valid_until))
            )
        cash = self.form in ("transfer", "check")
        if self.state == "planned" and tender.legal_regime == "bidding_law" and tender.is_mandatory and cash:
            article = (self._cap() or ("", "", "条例 26"))[2]
            lines.append(self.env._("It must come from our basic bank account (%s).", article))
        return lines

    def _put_up(self):
        """What is there against what is demanded: several bonds may make up a tender's amount."""
        if self.kind != "bid" or not self.tender_id or known(self.amount) is None:
            return self.amount
        others = (self.tender_id._bonds() - self._origin).filtered(lambda one: one.currency_id == self.currency_id)
        return self.amount + sum(known(one.amount) or 0.0 for one in others)

    def _findings_of_return(self):
        if self.state in ("planned", "paid") and not self.due_back and not self._has_own_day():
            if self.kind == "bid" and not self.tender_id:
                return [self.env._("Choose its tender, or note under “Due Back by Contract” when it comes back.")]
            return [
                self.env._(
                    "No law names the day on which it comes back: note the day of the contract or the documents under "
                    "“Due Back by Contract”."
                )
            ]
        if self.is_overdue:
            return [
                self.env._(
                    "It was due back on %(day)s, %(days)s days ago.",
                    day=format_date(self.env, self.due_back),
                    days=self.days_overdue,
                )
            ]
        if self.state == "paid" and self.tender_id.result in ("cancelled", "abandoned") and not self.due_back:
            return [self.env._("The bid is over: note the day on which it was withdrawn or called off.")]
        return []

    def _has_own_day(self):
        """Whether the law will name a day for it to come back, sooner or later."""
        return self.kind == "bid" and bool(self.tender_id) and bool(self.tender_id._period("bond_return"))

    def _findings_of_books(self):
        messages = {
            "deleted": self.env._("The payment or entry %s was deleted in the books."),
            "draft": self.env._("The payment or entry %s isn't posted."),
            "cancelled": self.env._("The payment or entry %s was cancelled in the books."),
        }
        if self.books_state not in messages or self.state == "planned":
            return []
        return [messages[self.books_state] % self.paid_by]

    def _money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)
