from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import evm
from ..tools.arithmetic import ratio
from .blank import BlankFloat, BlankInteger, BlankMonetary, known

TRACKS = [(evm.ON_TRACK, "On Track"), (evm.AT_RISK, "At Risk"), (evm.OFF_TRACK, "Off Track")]
# The book's names of the figures, and the fields that show them
FIGURES = {
    "bac": "bac",
    "pv": "planned_value",
    "ev": "earned_value",
    "ac": "actual_cost",
    "sv": "sv",
    "cv": "cv",
    "cpi": "cpi",
    "eac": "eac",
    "etc": "etc_cost",
    "vac": "vac",
    "tcpi": "tcpi",
}
# What a customer owes us isn't a cost
INCOME = ("income", "income_other")


class KamsDelivery(models.Model):
    """What was done for what was spent: earned value from tasks, planned costs and what was booked (8.3, C34).

    Nothing of it is stored: tasks, timesheets and bills change in other apps. All deliveries in a list are asked
    about in a constant number of statements. What isn't known stays blank.
    """

    _inherit = "kams.delivery"

    # How far it is
    progress = BlankFloat(
        string="Delivered (%)", compute="_compute_value", help="The progress of its phases, by their weights."
    )
    planned_progress = BlankFloat(
        string="Should Be (%)", compute="_compute_value", help="By the baselines of its phases, until today."
    )
    late_days = BlankInteger(
        string="Latest Phase (Days)", compute="_compute_value", help="How late the latest phase is that isn't done."
    )
    track = fields.Selection(
        TRACKS,
        string="On Schedule and Cost",
        compute="_compute_value",
        help="By the worst of schedule and cost performance and of the latest phase (dated parameters).",
    )
    # Earned value
    bac = BlankMonetary(string="Budget at Completion", compute="_compute_value", help="BAC: all planned costs.")
    planned_value = BlankMonetary(
        string="Planned Value", compute="_compute_value", help="PV: what should have been done by today."
    )
    earned_value = BlankMonetary(
        string="Earned Value", compute="_compute_value", help="EV: planned costs of what was done."
    )
    actual_cost = BlankMonetary(
        string="Actual Cost",
        compute="_compute_value",
        help="AC: costs booked on the project's account (timesheets, bills), and those of phases that weren't booked.",
    )
    sv = BlankMonetary(string="Schedule Variance", compute="_compute_value", help="SV = EV − PV")
    cv = BlankMonetary(string="Cost Variance", compute="_compute_value", help="CV = EV − AC")
    spi = BlankFloat(
        string="Schedule Performance",
        digits=(16, 4),
        compute="_compute_value",
        help="SPI = EV ÷ PV; without planned costs, progress against what it should be.",
    )
    cpi = BlankFloat(string="Cost Performance", digits=(16, 4), compute="_compute_value", help="CPI = EV ÷ AC")
    eac = BlankMonetary(string="Estimate at Completion", compute="_compute_value", help="EAC = BAC ÷ CPI")
    etc_cost = BlankMonetary(string="Estimate to Complete", compute="_compute_value", help="ETC = EAC − AC")
    vac = BlankMonetary(string="Variance at Completion", compute="_compute_value", help="VAC = BAC − EAC")
    tcpi = BlankFloat(
        string="Performance Still Needed",
        digits=(16, 4),
        compute="_compute_value",
        help="TCPI = (BAC − EV) ÷ (BAC − AC)",
    )
    costs_shared = fields.Boolean(
        string="Costs Not Told Apart",
        compute="_compute_value",
        help="The project shares its analytic account with another one, so that its own costs aren't known.",
    )

    # COMPUTES
    @api.depends(
        *("project_id.account_id", "currency_id", "phase_ids.weight", "phase_ids.budget", "phase_ids.other_cost"),
        *("phase_ids.baseline_start", "phase_ids.baseline_end", "phase_ids.pct", "phase_ids.lateness_days"),
    )
    def _compute_value(self):
        """As of today."""
        today = fields.Date.context_today(self)
        shared = self._shared_accounts()
        values, limits = self._evm(today, shared), self._track_limits(today)
        for delivery in self:
            value, phases = values[delivery.id], delivery.phase_ids
            for key, name in FIGURES.items():
                figure = getattr(value, key)
                delivery[name] = False if figure is None else figure
            weights = [known(phase.weight) for phase in phases]
            weight = evm.total(weights)
            progress = ratio(
                evm.total(evm.times(w, known(phase.pct)) for w, phase in zip(weights, phases, strict=True)), weight
            )
            planned = ratio(
                evm.total(
                    evm.times(w, evm.share_planned(phase.baseline_start, phase.baseline_end, today))
                    for w, phase in zip(weights, phases, strict=True)
                ),
                weight,
                100,
            )
            spi = value.spi if value.spi is not None else ratio(progress, planned)
            late = [known(phase.lateness_days) for phase in phases if phase.state != "done"]
            late_days = max((days for days in late if days is not None), default=None)
            if late_days is None and phases and not late:
                late_days = 0  # all done
            for name, figure in (("progress", progress), ("planned_progress", planned), ("spi", spi)):
                delivery[name] = False if figure is None else figure
            delivery.late_days = False if late_days is None else late_days
            delivery.track = evm.status(spi, value.cpi, late_days, *limits) or False
            account = delivery.sudo().project_id.account_id  # sudo: which account, not what is booked on it
            delivery.costs_shared = bool(account & shared)

    # ACTIONS
    def action_phases(self):
        """The board of its phases."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_delivery_phase_action")
        return {**action, "domain": [("delivery_id", "=", self.id)], "context": {"default_delivery_id": self.id}}

    # BUSINESS
    def _evm(self, day, shared=None):
        """Earned value at the end of a day, with the progress that phases have now.

        :return: ``{delivery id: evm.Value}``
        """
        booked = self._booked_costs(day, self._shared_accounts() if shared is None else shared)
        found = {}
        for delivery in self:
            phases = delivery.phase_ids
            budgets = [known(phase.budget) for phase in phases]
            shares = [evm.share_planned(phase.baseline_start, phase.baseline_end, day) for phase in phases]
            done = [None if known(phase.pct) is None else phase.pct / 100 for phase in phases]
            costs = [cost for cost in (booked.get(delivery.id), *map(known, phases.mapped("other_cost"))) if cost]
            found[delivery.id] = evm.value(
                evm.total(budgets),
                evm.total(map(evm.times, budgets, shares)),
                evm.total(map(evm.times, budgets, done)),
                sum(costs) if costs or booked.get(delivery.id) is not None else None,
            )
        return found

    def _project_accounts(self):
        """``{delivery id: analytic account}``; sudo: which account, nothing of what is booked on it."""
        return {delivery.id: delivery.sudo().project_id.account_id for delivery in self}

    def _shared_accounts(self):
        """The analytic accounts of several projects: what is booked on them is no project's own cost."""
        accounts = self.sudo().project_id.account_id  # sudo: as above
        if not accounts:
            return accounts
        # sudo: how many projects an account has
        rows = (
            self.env["project.project"]
            .sudo()
            .with_context(active_test=False)
            ._read_group([("account_id", "in", accounts.ids)], ["account_id"], having=[("__count", ">", 1)])
        )
        return accounts.browse(account.id for (account,) in rows)

    def _booked_costs(self, day, shared):
        """``{delivery id: costs}`` of those whose project has an analytic account of its own, in their currency.

        Costs are what Odoo books there but revenue: bills, credit notes of suppliers, timesheets, expenses.
        """
        accounts = self._project_accounts()
        own = self.env["account.analytic.account"].browse(
            account.id for account in accounts.values() if account and account not in shared
        )
        if not own:
            return {}
        is_cost = Domain("general_account_id", "=", False) & Domain("amount", "<", 0) | Domain(
            "general_account_id", "!=", False
        ) & Domain("general_account_id.account_type", "not in", INCOME)
        # sudo: the sum of a delivery's costs, which whoever sees the delivery may know; no line, no revenue
        rows = (
            self.env["account.analytic.line"]
            .sudo()
            ._read_group(
                Domain("account_id", "in", own.ids) & Domain("date", "<=", day) & is_cost,
                ["account_id", "currency_id"],
                ["amount:sum"],
            )
        )
        by_account = defaultdict(list)
        for account, currency, amount in rows:
            by_account[account.id].append((currency, -amount))
        costs = {}
        for delivery in self:
            if (account := accounts[delivery.id]) in own and account:
                company = delivery.company_id or self.env.company
                costs[delivery.id] = sum(
                    currency._convert(amount, delivery.currency_id, company, day)
                    for currency, amount in by_account[account.id]
                )
        return costs

    @api.model
    def _track_limits(self, day):
        """From where on a delivery is at risk or off track: dated parameters."""
        value = self.env["kams.legal.rule"]._value
        return tuple(
            value(key, day) for key in ("track_risk_index", "track_off_index", "track_risk_days", "track_off_days")
        )
