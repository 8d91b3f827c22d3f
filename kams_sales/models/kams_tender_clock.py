from odoo import api, fields, models
from odoo.tools import format_date

from ..tools import legal_days
from .kams_finding_mixin import LEVELS

# Errors of these make the dates unlawful (control point S4-1)
DECISIVE = {"L01", "L02", "L03", "L04", "L05", "L06", "order"}
# What can be put right by moving it
MOVABLE = ("prequal_doc_end", "prequal_deadline", "doc_end", "bid_deadline", "opening_at", "publicity_end")
CLOCK_FIELDS = (
    *("legal_regime", "mode", "is_mandatory", "tz", "result", "company_id"),
    *("issued_at", "doc_start", "doc_end", "prequal_required", "prequal_notice_at", "prequal_doc_end"),
    *("prequal_deadline", "question_deadline", "last_addendum_at", "bond_required", "bond_deadline"),
    *("bid_deadline", "opening_at", "bids_received", "publicity_start", "publicity_end", "award_notice_at"),
)


class KamsTender(models.Model):
    """The legal clock of a tender: which dates break which rule, and which would be lawful.

    Book section 6.3; statutory table L01 to L16, whose checks stand in kams_tender_rules.py. Rules are asked with the
    day the documents were issued, so that an old tender keeps the rule of its day; a tender that is closed keeps what
    was found about it.
    """

    _inherit = "kams.tender"

    dates_state = fields.Selection(
        [("incomplete", "Dates Missing"), ("unlawful", "Unlawful"), ("lawful", "Lawful")],
        string="Legal Clock",
        compute="_compute_clock",
        store=True,
        index=True,
        help="Lawful: the dates that matter are registered and keep the rules L01 to L06.",
    )
    findings_page = fields.Html(string="What the Law Says", compute="_compute_findings", sanitize=False)
    finding_count = fields.Integer(string="Findings", compute="_compute_findings")
    # What is wrong with a date, and the day that would be right: shown beside it
    prequal_doc_end_finding = fields.Char(compute="_compute_findings")
    prequal_deadline_finding = fields.Char(compute="_compute_findings")
    doc_end_finding = fields.Char(compute="_compute_findings")
    bid_deadline_finding = fields.Char(compute="_compute_findings")
    opening_at_finding = fields.Char(compute="_compute_findings")
    publicity_end_finding = fields.Char(compute="_compute_findings")

    # COMPUTES
    @api.depends(*CLOCK_FIELDS)
    def _compute_clock(self):
        for tender, findings in zip(self, self._clock_findings().values(), strict=True):
            broken = any(one["level"] == "error" and one["rule"] in DECISIVE for one in findings)
            missing = any(one["rule"] == "missing" for one in findings)
            tender.dates_state = "unlawful" if broken else "incomplete" if missing else "lawful"
            tender.contract_due = tender._contract_due()
            tender.objection_deadline = tender._objection_deadline()
            tender.complaint_deadline = tender._complaint_deadline()

    @api.depends(
        *CLOCK_FIELDS,
        *("estimate", "currency_id", "category", "bond_amount", "bond_form", "performance_bond_pct", "bid_price"),
        *("committee_size", "committee_experts", "evaluation_report_at", "contract_signed_at", "state", "doc_fee"),
        *("consortium_allowed", "consortium_partner_ids", "platform_url"),
    )
    @api.depends_context("lang")
    def _compute_findings(self):
        for tender, findings in zip(self, self._findings().values(), strict=True):
            findings.sort(key=lambda one: LEVELS.index(one["level"]))
            tender.finding_count = sum(one["level"] != "info" for one in findings)
            tender.findings_page = self.env["ir.qweb"]._render(
                "kams_sales.kams_tender_findings",
                {"findings": findings, "day": lambda day: format_date(self.env, day)},
            )
            for name in MOVABLE:
                found = [one for one in findings if one["field"] == name and one["use"]]
                tender[f"{name}_finding"] = tender._shown_beside(found[0]) if found else False

    # ACTIONS
    def action_use_lawful_date(self):
        """Put the date named in the context on the day that the finding beside it says."""
        name = self.env.context.get("kams_field")
        for tender, findings in zip(self, self._findings().values(), strict=True):
            found = [one for one in findings if one["field"] == name and one["use"]]
            if name == "opening_at" and found:
                tender.opening_at = tender.bid_deadline
            elif name in MOVABLE and found:
                tender._move_date(name, max(one["use"] for one in found))
        return True

    # BUSINESS
    def _findings(self):
        """What the law and others say of these tenders: ``{tender id: [finding, ...]}``, in the order of ``self``.

        A finding is a dict made by :meth:`_finding`. Chapters extend it by ``super()``; only what stands in
        :meth:`_clock_findings` decides on ``dates_state``.
        """
        found = self._clock_findings()
        for tender in self:
            found[tender.id] += tender._money_findings() + tender._course_findings()
        return found

    def _shown_beside(self, finding):
        return self.env._(
            "%(message)s → %(day)s", message=finding["message"], day=format_date(self.env, finding["use"])
        )

    @api.model
    def _restart_clocks(self):
        """Holidays or rules changed: count again for the tenders that still run.

        sudo: whoever keeps the calendar changes what follows from it for all tenders; nothing is shown.
        """
        # what was still to be computed may have been counted by the old ones, and kept them at hand
        self.env.registry.clear_cache()
        running = self.sudo().search([("state", "!=", "closed")])
        self.env.add_to_compute(self._fields["dates_state"], running)
        milestones = running.milestone_ids
        self.env.add_to_compute(milestones._fields["planned"], milestones)

    # COUNTING
    def _calendar(self):
        return self.env["kams.holiday"]._calendar(self.company_id)

    def _rule(self, key):
        """The number of a rule with unit and source, as of the day the documents were issued; or None."""
        day = self.issued_at or self.prequal_notice_at
        return self.env["kams.legal.rule"]._found(key, day, self.legal_regime, self.mode)

    def _period(self, key):
        """A period that may be given in days or in working days: ``(rule, function of the first day)`` or None.

        The function answers the day on which the period is over, not moved on when that is a day off.
        """
        if rule := self._rule(f"{key}_days"):
            return rule, lambda start: legal_days.after(start, int(rule.value))
        if rule := self._rule(f"{key}_working_days"):
            calendar = self._calendar()
            return rule, lambda start: legal_days.working_after(start, int(rule.value), calendar)
        return None

    def _contract_due(self):
        """L11, on the earlier day: that a day off moves it on isn't relied on."""
        period = self._period("contract")
        return bool(self.award_notice_at and period) and period[1](self.award_notice_at)

    def _objection_deadline(self):
        """L05: so many days before the deadline; in government procurement L14: after the documents are known."""
        end = self._local_day("bid_deadline")
        if end and (rule := self._rule("objection_days")):
            return legal_days.before(end, int(rule.value))
        period = self._period("challenge")
        return bool(self.issued_at and period) and period[1](self.issued_at)

    def _complaint_deadline(self):
        """L14: counted from the day the result is known; a challenge from the end of its publication."""
        if period := self._period("challenge"):
            known = self.publicity_end or self.publicity_start or self.award_notice_at
        else:
            known = self.publicity_start or self.award_notice_at
            period = self._period("complaint")
        return bool(known and period) and period[1](known)


class KamsLegalRule(models.Model):
    """Clocks of running tenders follow when a rule is added or changed; tenders keep the rule of their day."""

    _inherit = "kams.legal.rule"

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        self.env["kams.tender"]._restart_clocks()
        return rules

    def write(self, vals):
        result = super().write(vals)
        if not {"key", "value", "regime", "mode", "valid_from", "valid_to"}.isdisjoint(vals):
            self.env["kams.tender"]._restart_clocks()
        return result

    def unlink(self):
        result = super().unlink()
        self.env["kams.tender"]._restart_clocks()
        return result
