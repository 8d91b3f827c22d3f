from odoo import api, fields, models
from odoo.tools import formatLang

from ..tools.arithmetic import ratio
from .blank import known
from .kams_finding_mixin import LEVELS


class KamsChange(models.Model):
    """What to look at before a change is agreed to: the law's limit on additions, and what doesn't fit (8.3)."""

    _inherit = "kams.change"

    findings_page = fields.Html(string="To Look At", compute="_compute_findings", sanitize=False)
    finding_count = fields.Integer(compute="_compute_findings")

    # COMPUTES
    @api.depends("cost", "days", "phase_line_ids", "state", "own_acceptance", "delivery_id")
    @api.depends_context("lang", "uid")
    def _compute_findings(self):
        for change, findings in zip(self, self._findings().values(), strict=True):
            findings.sort(key=lambda one: LEVELS.index(one["level"]))
            change.finding_count = len(findings)
            change.findings_page = findings and self.env["ir.qweb"]._render(
                "kams_sales.kams_contract_findings", {"findings": findings}
            )

    # BUSINESS
    def _findings(self):
        """``{change id: [finding, …]}``, in the order of ``self``."""
        return {
            change.id: [*change._check_l15(), *change._check_after_final(), *change._check_fits()] for change in self
        }

    def _finding(self, level, rule, message, field=False, article="", lawful=None, use=None):
        found = super()._finding(level, rule, message, field, article, lawful, use)
        told = "" if lawful is None else formatLang(self.env, lawful, currency_obj=self.currency_id)
        return {**found, "lawful_told": told}

    def _check_l15(self):
        """What is added to a contract of government procurement, at most, by all changes together."""
        if not self._shows_price() or self.state in ("rejected", "withdrawn"):
            return []
        contract, deal = self.contract_id.sudo(), self.lead_id.sudo()  # sudo: under which law it falls, and its amount
        regime = contract.tender_id.legal_regime or deal.kams_legal_regime
        mode = contract.tender_id.mode or deal.kams_procurement_mode
        day = self.signed_at or fields.Date.context_today(self)
        rule = self.env["kams.legal.rule"]._found("gov_addon_cap_pct", day, regime, mode)
        total, price = known(contract.amount_total), known(self.price_change)
        if not rule or regime != "gov_procurement" or not total or not price or price <= 0:
            return []
        # sudo: all that was added counts, whichever of it the reader may see
        others = self.sudo().search([("delivery_id.contract_id", "=", contract.id), ("state", "=", "signed")])
        before = sum(max(known(one.price_change) or 0.0, 0.0) for one in others - self)
        cap = self.currency_id.round(total * rule.value / 100)
        words = {"pct": f"{ratio(before + price, total, 100):.2f}".rstrip("0").rstrip("."), "most": f"{rule.value:g}"}
        if self.currency_id.compare_amounts(before + price, cap) > 0:
            message = self.env._(
                "With this change %(pct)s %% is added to the contract: more than %(most)s %% needs a procurement of "
                "its own.",
                **words,
            )
            return [self._finding("error", "L15", message, "price_change", rule.source, max(cap - before, 0.0))]
        message = self.env._(
            "With this change %(pct)s %% is added to the contract: at most %(most)s %%, of the same goods or services.",
            **words,
        )
        return [self._finding("info", "L15", message, "price_change", rule.source, cap - before)]

    def _check_after_final(self):
        if not self.is_after_final or self.state in ("signed", "rejected", "withdrawn"):
            return []
        message = self.env._(
            "The final acceptance is signed: no phase is moved any more, and what changes now needs an acceptance of "
            "its own."
        )
        return [self._finding("warning", "8.3", message, "own_acceptance", self.env._("What was accepted stays"))]

    def _check_fits(self):
        """What doesn't go together."""
        found = []
        if self.state not in ("draft", "review", "approved"):
            return found
        if known(self.days) and not self.phase_line_ids and not self.is_after_final:
            message = self.env._("It takes days, and no phase is moved: the plan stays as it is.")
            found.append(self._finding("warning", "8.3", message, "phase_line_ids", self.env._("Own rule")))
        if self._shows_price() and (known(self.cost) or 0.0) > (known(self.price_change) or 0.0):
            message = self.env._("It costs us more than the customer pays for it.")
            found.append(self._finding("warning", "8.3", message, "price_change", self.env._("Own rule")))
        return found
