from odoo import api, fields, models

from ..tools import acceptance as arithmetic
from .kams_finding_mixin import LEVELS

STANDARDS = ("technical", "service", "safety")


class KamsAcceptance(models.Model):
    """What the law says of an acceptance in government procurement, and what a certificate should have anywhere (8.3).

    The certificate covers each technical, service and safety standard (政府采购法实施条例 45), and all members of the
    committee sign (政府采购法 41). Told, not refused: a certificate that lacks it is a fact as well.
    """

    _inherit = "kams.acceptance"

    refusal_count = fields.Integer(
        string="Refusals", compute="_compute_refusal_count", help="How often the customer refused so far."
    )
    findings_page = fields.Html(string="What the Law Says", compute="_compute_findings", sanitize=False)
    finding_count = fields.Integer(string="Number of Findings", compute="_compute_findings")
    error_count = fields.Integer(string="Number of Breaches", compute="_compute_findings")

    # COMPUTES
    @api.depends("attempt", "state")
    def _compute_refusal_count(self):
        for acceptance in self:
            acceptance.refusal_count = acceptance.attempt - 1 + (acceptance.state == "refused")

    @api.depends(
        *("state", "conclusion", "signed_at", "held_on", "delivery_id", "criterion_ids.aspect"),
        *("criterion_ids.result", "member_ids.signed"),
    )
    @api.depends_context("lang")
    def _compute_findings(self):
        for acceptance in self:
            findings = acceptance._findings()
            findings.sort(key=lambda one: LEVELS.index(one["level"]))
            acceptance.error_count = sum(one["level"] == "error" for one in findings)
            acceptance.finding_count = sum(one["level"] != "info" for one in findings)
            acceptance.findings_page = (
                self.env["ir.qweb"]._render("kams_sales.kams_contract_findings", {"findings": findings})
                if findings
                else False
            )

    # BUSINESS
    def _findings(self):
        """What the law says of this acceptance; chapters add theirs by ``super()``."""
        self.ensure_one()
        return [*self._find_standards(), *self._find_signatures()]

    def _finding(self, level, rule, message, field=False, article="", lawful=None, use=None):
        return {**super()._finding(level, rule, message, field, article, lawful, use), "lawful_told": ""}

    def _rule(self, key):
        """The number of a rule on the day of the acceptance; rules of government procurement hold there only."""
        day = self.signed_at or self.held_on or fields.Date.context_today(self)
        # sudo: under which law the deal falls, to find the rule
        tender, deal = self.delivery_id.contract_id.sudo().tender_id, self.lead_id.sudo()
        regime = tender.legal_regime or deal.kams_legal_regime
        return self.env["kams.legal.rule"]._found(key, day, regime, tender.mode or deal.kams_procurement_mode)

    # RULES
    def _find_standards(self):
        """Each technical, service and safety standard is in the certificate."""
        rule = self._rule("acceptance_standards")
        if not rule or not rule.value:
            return []
        labels = dict(self.criterion_ids._fields["aspect"]._description_selection(self.env))
        there = set(self.criterion_ids.mapped("aspect"))
        missing = [labels[aspect] for aspect in STANDARDS if aspect not in there]
        if not missing:
            message = self.env._("The criteria cover technical, service and safety standards.")
            return [self._finding("info", self.env._("Certificate"), message, "criterion_ids", rule.source)]
        message = self.env._(
            "The certificate has to cover each technical, service and safety standard. No criterion is: %s.",
            ", ".join(missing),
        )
        level = "error" if self.state == "signed" else "warning"
        return [self._finding(level, self.env._("Certificate"), message, "criterion_ids", rule.source)]

    def _find_signatures(self):
        """All members of the committee sign."""
        rule = self._rule("acceptance_members_sign_pct")
        if not rule or self.state not in ("held", "signed"):
            return []
        level = "error" if self.state == "signed" else "warning"
        share = arithmetic.signed_share(self.member_ids.mapped("signed"))
        if share is None:
            message = self.env._("The members of the committee sign the certificate: nobody is named.")
        elif share < rule.value:
            message = self.env._(
                "All members of the committee sign the certificate. Not yet: %s.",
                ", ".join(self.member_ids.filtered(lambda one: not one.signed).mapped("name")),
            )
        else:
            level, message = "info", self.env._("All members of the committee have signed.")
        return [self._finding(level, self.env._("Certificate"), message, "member_ids", rule.source)]
