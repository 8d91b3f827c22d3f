from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ..tools import contracts
from .blank import known
from .kams_contract import SIGNED
from .kams_finding_mixin import LEVELS


class KamsContract(models.Model):
    """What the law says of a contract's numbers: earnest money, damages, bond, retention, days (7.5; L11 to L18).

    Rules are dated: they are asked with the day of the signature, or before it with today.
    """

    _inherit = "kams.contract"

    findings_page = fields.Html(string="What the Law Says", compute="_compute_findings", sanitize=False)
    finding_count = fields.Integer(string="Findings", compute="_compute_findings")
    error_count = fields.Integer(string="Unlawful Terms", compute="_compute_findings")

    # COMPUTES
    @api.depends(
        *("amount_total", "currency_id", "deposit_amount", "damages_cap_pct", "retention_pct"),
        *("performance_bond_required", "performance_bond_pct", "signed_at", "contract_due", "tender_id", "state"),
        "payment_days",
    )
    @api.depends_context("lang")
    def _compute_findings(self):
        for contract, findings in zip(self, self._findings().values(), strict=True):
            findings.sort(key=lambda one: LEVELS.index(one["level"]))
            contract.error_count = sum(one["level"] == "error" for one in findings)
            contract.finding_count = sum(one["level"] != "info" for one in findings)
            contract.findings_page = self.env["ir.qweb"]._render(
                "kams_sales.kams_contract_findings", {"findings": findings}
            )

    # BUSINESS
    def _findings(self):
        """What the law and others say of these contracts: ``{contract id: [finding, ...]}``, in the order of ``self``.

        A finding is a dict made by :meth:`_finding`. Chapters extend it by ``super()``.
        """
        return {
            contract.id: [
                *contract._check_l17(),
                *contract._check_l17_damages(),
                *contract._check_l12(),
                *contract._check_l18(),
                *contract._check_l11(),
                *contract._check_l13(),
            ]
            for contract in self
        }

    def _finding(self, level, rule, message, field=False, article="", lawful=None, use=None):
        """With the lawful value in words: an amount, a percentage or a day."""
        found = super()._finding(level, rule, message, field, article, lawful, use)
        return {**found, "lawful_told": self._lawful_told(field, lawful)}

    def _lawful_told(self, field, lawful):
        if lawful is None:
            return ""
        if field == "deposit_amount":
            return self._money(lawful)
        return format_date(self.env, lawful) if not isinstance(lawful, int | float) else f"{lawful:g} %"

    def _money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _rule(self, key):
        """The number of a rule with unit and source on the day that counts; or None."""
        day = self.signed_at or fields.Date.context_today(self)
        # sudo: under which law the deal falls, to find the rule
        tender, deal = self.tender_id.sudo(), self.lead_id.sudo()
        regime = tender.legal_regime or deal.kams_legal_regime
        return self.env["kams.legal.rule"]._found(key, day, regime, tender.mode or deal.kams_procurement_mode)

    # RULES
    def _check_l17(self):
        """Earnest money: what is above the cap isn't any."""
        rule, deposit = self._rule("contract_deposit_cap_pct"), known(self.deposit_amount)
        if not rule or not deposit:
            return []
        cap = contracts.cap(known(self.amount_total), rule.value, self.currency_id.decimal_places)
        if cap is None:
            message = self.env._("The contract amount isn't known, so the earnest money isn't checked.")
            return [self._finding("info", "L17", message, "deposit_amount", rule.source)]
        words = {"cap": self._money(cap), "pct": f"{rule.value:g}", "deposit": self._money(deposit)}
        if self.currency_id.compare_amounts(deposit, cap) > 0:
            message = self.env._(
                "Earnest money of %(deposit)s is more than %(pct)s %% of the contract: what is above %(cap)s has no "
                "such effect.",
                **words,
            )
            return [self._finding("error", "L17", message, "deposit_amount", rule.source, cap)]
        message = self.env._("Earnest money: %(cap)s at most, %(pct)s %% of the contract.", **words)
        return [self._finding("info", "L17", message, "deposit_amount", rule.source, cap)]

    def _check_l17_damages(self):
        """Damages above so much of the loss are usually cut by the court."""
        rule, pct = self._rule("contract_damages_excess_pct"), known(self.damages_cap_pct)
        if not rule or pct is None:
            return []
        words = {"pct": f"{pct:g}", "most": f"{rule.value:g}"}
        if pct > rule.value:
            message = self.env._(
                "Damages up to %(pct)s %% of the contract: what exceeds the loss by more than %(most)s %% is usually "
                "held excessive, and cut on request.",
                **words,
            )
            return [self._finding("warning", "L17", message, "damages_cap_pct", rule.source, rule.value)]
        return []

    def _check_l12(self):
        """The performance bond."""
        rule, pct = self._rule("performance_bond_cap_pct"), known(self.performance_bond_pct)
        if not rule or not (self.performance_bond_required or pct):
            return []
        cap = contracts.cap(known(self.amount_total), rule.value, self.currency_id.decimal_places)
        words = {"most": f"{rule.value:g}", "cap": "–" if cap is None else self._money(cap), "pct": f"{pct or 0.0:g}"}
        if pct is not None and pct > rule.value:
            message = self.env._(
                "A performance bond of %(pct)s %% is more than %(most)s %% of the contract: %(cap)s at most.", **words
            )
            return [self._finding("error", "L12", message, "performance_bond_pct", rule.source, rule.value)]
        message = self.env._("Performance bond: %(cap)s at most, %(most)s %% of the contract.", **words)
        return [self._finding("info", "L12", message, "performance_bond_pct", rule.source, rule.value)]

    def _check_l18(self):
        """Retention for quality, in construction works; elsewhere the rule is only a yardstick."""
        rule, pct = self._rule("contract_retention_cap_pct"), known(self.retention_pct)
        if not rule or not pct or pct <= rule.value:
            return []
        words = {"pct": f"{pct:g}", "most": f"{rule.value:g}"}
        if self.tender_id.sudo().category == "works":  # sudo: what is built, to choose the rule
            message = self.env._("A retention of %(pct)s %% is more than %(most)s %% of the settlement.", **words)
            return [self._finding("error", "L18", message, "retention_pct", rule.source, rule.value)]
        message = self.env._(
            "A retention of %(pct)s %%: for construction works the law allows %(most)s %% of the settlement at most.",
            **words,
        )
        return [self._finding("warning", "L18", message, "retention_pct", rule.source, rule.value)]

    def _check_l11(self):
        """The day of the signature."""
        due, rule = self.contract_due, self._rule("contract_days")
        if not due or not rule:
            return []
        last, signed = self._last_day(), self.signed_at
        if not signed and self.state not in (*SIGNED, "terminated") and fields.Date.context_today(self) > last:
            message = self.env._("The contract was to be signed by %(last)s, and isn't.", last=self._said(last))
            return [self._finding("error", "L11", message, "contract_due", rule.source, last)]
        return self._find_signed_in_time(rule, due, last, signed, "signed_at")

    def _check_l13(self):
        """When a small or medium firm is paid, beside the longest time that the contract gives the customer."""
        public, most, large = (self._rule(f"sme_payment_{who}_days") for who in ("public", "public_most", "large"))
        if not (public and most and large):
            return []
        days, limits = known(self.payment_days), (public.value, most.value, large.value)
        words = dict(zip(("public", "most", "large"), (f"{limit:g}" for limit in limits), strict=True), days=days)
        tender, deal = self.tender_id.sudo(), self.lead_id.sudo()  # sudo: under which law the deal falls
        by_public_body = (tender.legal_regime or deal.kams_legal_regime) == "gov_procurement"
        if days is not None and days > (most.value if by_public_body else max(most.value, large.value)):
            message = self.env._(
                "The customer may pay after %(days)s days. A small or medium firm needn't agree to that: public bodies "
                "pay within %(most)s days at most, large firms within %(large)s.",
                **words,
            )
            return [self._finding("warning", "L13", message, "payment_days", public.source)]
        if days is not None and by_public_body and days > public.value:
            message = self.env._(
                "The customer may pay after %(days)s days. Public bodies pay small and medium firms within %(public)s "
                "days, unless the contract says otherwise for a reason, and then within %(most)s.",
                **words,
            )
            return [self._finding("warning", "L13", message, "payment_days", public.source)]
        message = self.env._(
            "As a small or medium firm we are paid by public bodies within %(public)s days, %(most)s by contract at "
            "most, and by large firms within %(large)s. Say in the contract that we are one.",
            **words,
        )
        return [self._finding("info", "L13", message, "payment_days", public.source)]
