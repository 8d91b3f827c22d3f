from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import date_utils, format_date

from ..tools import inspection
from .blank import BlankInteger, known, refuse_negative

STATES = [
    ("not_arrived", "Not Arrived Yet"),
    ("open", "To Be Inspected"),
    ("accepted", "Goods Accepted"),
    ("notified", "Defect Notified"),
    ("deemed", "Counts as Conforming"),
]
ACTIVITY_TYPE = "kams_sales.mail_activity_type_inspection"
BATCH = 500


class KamsDelivery(models.Model):
    """How long the customer may inspect what arrives, as the contract says."""

    _inherit = "kams.delivery"

    inspection_days = BlankInteger(
        string="Agreed Inspection Period (Days)",
        help="Days from arrival, as the contract says; empty: none agreed, the law's periods hold.",
    )


class KamsDeliveryLine(models.Model):
    """How long the customer may say that goods don't conform, and what follows if they don't (民法典 620–621).

    Within the agreed period; without one in time, and within two years at most, unless there is a warranty, whose
    period counts instead. Whoever lets it pass has accepted, unless we knew better.
    """

    _name = "kams.delivery.line"
    _inherit = ["kams.delivery.line", "kams.finding.mixin"]

    inspection_days = BlankInteger(
        string="Inspection Period (Days)",
        compute="_compute_inspection_days",
        store=True,
        readonly=False,
        precompute=True,
        help="Agreed with the customer; empty: none agreed.",
    )
    inspection_until = fields.Date(
        string="Inspection Until",
        compute="_compute_inspection_until",
        store=True,
        index=True,
        help="The last day on which the customer can say that something is wrong: of the agreed period, else of the "
        "warranty, else two years after arrival. A day off moves it on.",
    )
    inspect_by = fields.Date(
        string="Ask for Inspection By",
        compute="_compute_inspection_until",
        store=True,
        index=True,
        help="When the customer should have inspected: by the agreed period, else within the days that are usual.",
    )
    notified_on = fields.Date(
        string="Defect Notified On", copy=False, help="When the customer told us that something doesn't conform."
    )
    known_defect = fields.Boolean(
        string="We Knew of It",
        copy=False,
        help="We knew, or should have known, that it doesn't conform: then no period helps us.",
    )
    inspection_state = fields.Selection(
        STATES, string="Inspection", compute="_compute_inspection_state", search="_search_inspection_state"
    )
    inspection_told = fields.Date(copy=False, readonly=True, help="The day that the project manager was reminded of.")
    findings = fields.Text(string="What the Law Says", compute="_compute_findings")

    # COMPUTES
    @api.depends("delivery_id.inspection_days")
    def _compute_inspection_days(self):
        for line in self:
            agreed = known(line.delivery_id.inspection_days)
            # what has arrived is inspected by the period that held then
            keep = agreed is None or (line._origin and line.arrived_on)
            line.inspection_days = line.inspection_days if keep else agreed

    @api.depends("arrived_on", "inspection_days", "delivery_id.contract_id.warranty_months")
    def _compute_inspection_until(self):
        value = self.env["kams.legal.rule"]._value
        for line in self:
            start = line.arrived_on
            if not start:
                line.inspection_until = line.inspect_by = False
                continue
            calendar = self.env["kams.holiday"]._calendar(line.company_id)
            agreed = known(line.inspection_days)
            if agreed is not None:
                line.inspection_until = line.inspect_by = calendar.next_open(start + timedelta(days=agreed))
                continue
            # sudo: how long the warranty is
            warranty = known(line.sudo().delivery_id.contract_id.warranty_months)
            months = warranty or value("inspection_outer_months", start)
            line.inspection_until = months and calendar.next_open(_months_after(start, months))
            usual = value("inspection_reasonable_days", start)
            line.inspect_by = start + timedelta(days=int(usual)) if usual is not None else line.inspection_until

    @api.depends("arrived_on", "arrived_qty", "accepted_qty", "notified_on", "known_defect", "inspection_until")
    def _compute_inspection_state(self):
        today = fields.Date.context_today(self)
        for line in self:
            line.inspection_state = inspection.state(
                today,
                line.arrived_on or None,
                line.inspection_until or None,
                known(line.arrived_qty),
                known(line.accepted_qty),
                line.notified_on or None,
                line.known_defect,
            )

    def _search_inspection_state(self, operator, value):
        """The same by day: columns narrow it down, arithmetic decides."""
        if operator != "in":
            return NotImplemented
        wanted = set(value)
        arrived = Domain("arrived_on", "!=", False)
        found = ~arrived if "not_arrived" in wanted else Domain.FALSE
        if rest := wanted - {"not_arrived", False}:
            lines = self.search(arrived)
            found |= Domain("id", "in", lines.filtered(lambda line: line.inspection_state in rest).ids)
        return found

    @api.depends_context("lang")
    @api.depends("inspection_state", "inspection_days", "discrepancy_kind", "discrepancy_closed_on", "shipped_qty")
    def _compute_findings(self):
        for line in self:
            line.findings = "\n".join(
                " ".join(filter(None, (one["message"], one["article"] and f"({one['article']})")))
                for one in line._findings()
            )

    # CONSTRAINTS
    @api.constrains("inspection_days")
    def _check_inspection_days(self):
        refuse_negative(self, "inspection_days")

    # ORM
    def write(self, vals):
        """Another day is another reminder."""
        if not {"arrived_on", "inspection_days"}.isdisjoint(vals):
            vals = {**vals, "inspection_told": False}
        return super().write(vals)

    # BUSINESS
    def _findings(self):
        """What the law makes of these goods, and what their figures don't say by themselves."""
        self.ensure_one()
        if not self.arrived_on:
            return []
        found = self.env["kams.legal.rule"]._found
        outer = found("inspection_outer_months", self.arrived_on)
        article = outer.source if outer else ""
        agreed = known(self.inspection_days) is not None
        until, state = self.inspection_until, self.inspection_state
        words = {"day": until and format_date(self.env, until)}
        told = []
        shipped, arrived = known(self.shipped_qty), known(self.arrived_qty)
        if None not in (shipped, arrived) and shipped != arrived and self.discrepancy_kind == "none":
            message = self.env._("What arrived isn't what was shipped: say what is wrong.")
            told.append(self._finding("warning", "discrepancy", message, "discrepancy_kind"))
        if state == "open" and self.known_defect:
            message = self.env._("We knew that it doesn't conform: silence doesn't make it conforming.")
            told.append(self._finding("warning", "inspection", message, "known_defect", article))
        elif state == "open" and until:
            if agreed:
                message = self.env._(
                    "The customer can say until %(day)s that something is wrong; after that it counts as conforming.",
                    **words,
                )
            else:
                message = self.env._(
                    "No inspection period is agreed: the customer has to tell us of a defect in time, and by %(day)s "
                    "at the latest. Ask for an inspection soon.",
                    **words,
                )
            told.append(self._finding("info", "inspection", message, "inspection_until", article, until))
        elif state == "deemed" and self.notified_on:
            message = self.env._(
                "The customer told us after %(day)s: it counts as conforming, unless we knew of the defect.", **words
            )
            told.append(self._finding("warning", "inspection", message, "notified_on", article, until))
        elif state == "deemed":
            message = self.env._("Nobody complained until %(day)s: it counts as conforming.", **words)
            told.append(self._finding("info", "inspection", message, "inspection_until", article, until))
        elif state == "notified" and not self.discrepancy_closed_on:
            message = self.env._("The customer told us in time: put it right, and have it accepted.")
            told.append(self._finding("error", "inspection", message, "notified_on", article))
        return told

    @api.model
    def _cron_remind(self):
        """Project managers are told which goods should have been inspected soon: once a delivery and day."""
        today = fields.Date.context_today(self)
        soon = today + timedelta(days=int(self.env["kams.legal.rule"]._value("inspection_warn_days", today) or 0))
        due = self.search(
            [
                *("&", "&", ("arrived_on", "!=", False), ("inspect_by", "<=", soon)),
                *("&", ("delivery_id.state", "in", ("planned", "running")), ("inspection_told", "=", False)),
            ]
        )
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(due))
        for first in range(0, len(due), BATCH):
            batch = due[first : first + BATCH]
            batch._remind()
            if not progress._commit_progress(len(batch)):
                break

    def _remind(self):
        """One activity for each delivery, however many goods wait; what is settled is only noted as told."""
        waiting = self.filtered(lambda line: line.inspection_state == "open")
        activities = []
        for delivery, lines in waiting.grouped("delivery_id").items():
            user = (delivery.user_id | delivery.lead_id.user_id).filtered("active")[:1]
            if not user:
                continue
            day = min(lines.mapped("inspect_by"))
            env = self.with_context(lang=user.lang or self.env.lang).env
            summary = env._(
                "%(number)s goods to be inspected by the customer: have them signed by %(day)s",
                number=len(lines),
                day=format_date(env, day),
            )
            activities.append(
                {
                    "activity_type_id": self.env.ref(ACTIVITY_TYPE).id,
                    "automated": True,
                    "res_model_id": self.env["ir.model"]._get_id("kams.delivery"),
                    "res_id": delivery.id,
                    "summary": summary,
                    "user_id": user.id,
                    "date_deadline": day,
                }
            )
        # in their list is enough: no mail besides
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(activities)
        for day, lines in self.grouped("inspect_by").items():
            lines.inspection_told = day


def _months_after(day, months):
    """``months`` may be a part of one, as warranties of 1.5 months are."""
    whole = int(months)
    return date_utils.add(day, months=whole) + timedelta(days=round((months - whole) * 30))
