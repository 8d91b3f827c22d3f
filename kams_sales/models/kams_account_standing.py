from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..tools import valuation
from .blank import BlankFloat, BlankMonetary, known
from .insiders import INSIDERS
from .kams_account import TIERS
from .kams_account_value import GRADES

BATCH = 5000  # accounts a commit: they take two seconds and a few MB, and smaller ones would be read slower
# Where a customer stands is measured between the lowest and the highest of these, and against these medians
RANGED = ("net_sales_12m", "contribution_12m", "potential_gap_12m", "cts_ratio_12m", "dso_12m")
CURRENT = {
    "net_sales_12m": "numeric",
    "gross_margin_12m": "numeric",
    "contribution_12m": "numeric",
    "contribution_pct_12m": "float8",
    "price_realisation_12m": "float8",
    "cts_ratio_12m": "float8",
    "dso_12m": "float8",
    "payment_days_12m": "float8",
    "receivables_now": "numeric",
    "overdue_now": "numeric",
    "potential_gap_12m": "numeric",
}
STANDING = {"value_score": "float8", "value_grade": "varchar", "contribution_top": "float8", "proposed_tier": "varchar"}
NOTHING = (None, None, None)


class KamsAccount(models.Model):
    """How each customer stands now: the last twelve full months, refreshed every night for all accounts (2.3).

    Two sweeps: first everybody's figures, then scores and tier proposals, which compare each with all.
    """

    _inherit = "kams.account"

    # The last twelve full months
    net_sales_12m = fields.Monetary(string="Net Sales, 12 Months", readonly=True, copy=False, groups=INSIDERS)
    gross_margin_12m = fields.Monetary(string="Gross Margin, 12 Months", readonly=True, copy=False, groups=INSIDERS)
    contribution_12m = fields.Monetary(string="Contribution, 12 Months", readonly=True, copy=False, groups=INSIDERS)
    contribution_pct_12m = BlankFloat(
        string="Contribution, 12 Months (%)",
        digits=(16, 2),
        readonly=True,
        copy=False,
        aggregator="avg",
        groups=INSIDERS,
    )
    price_realisation_12m = BlankFloat(
        string="Price Realisation, 12 Months (%)",
        digits=(16, 2),
        readonly=True,
        copy=False,
        aggregator="avg",
        groups=INSIDERS,
    )
    cts_ratio_12m = BlankFloat(
        string="Cost to Serve, 12 Months (%)",
        digits=(16, 2),
        readonly=True,
        copy=False,
        aggregator="avg",
        groups=INSIDERS,
    )
    dso_12m = BlankFloat(string="DSO, 12 Months", digits=(16, 1), readonly=True, copy=False, aggregator="avg")
    payment_days_12m = BlankFloat(
        string="Payment Days, 12 Months", digits=(16, 1), readonly=True, copy=False, aggregator="avg"
    )
    receivables_now = fields.Monetary(string="Receivables", readonly=True, copy=False)
    overdue_now = fields.Monetary(string="Overdue", readonly=True, copy=False)
    potential_gap_12m = BlankMonetary(
        string="Gap to Target Share, 12 Months", readonly=True, copy=False, groups=INSIDERS
    )
    value_date = fields.Date(string="Valued On", readonly=True, copy=False)
    # What follows
    value_score = BlankFloat(digits=(16, 2), readonly=True, copy=False, aggregator="avg", groups=INSIDERS)
    value_grade = fields.Selection(GRADES, readonly=True, copy=False, groups=INSIDERS)
    contribution_top = BlankFloat(
        string="Contribution Within the Top (%)",
        digits=(16, 1),
        readonly=True,
        copy=False,
        aggregator=None,
        help="10 means: among the tenth of customers that contribute most.",
        groups=INSIDERS,
    )
    proposed_tier = fields.Selection(TIERS, readonly=True, copy=False, groups=INSIDERS)
    proposed_tier_reason = fields.Char(string="Why This Tier", compute="_compute_proposed_tier_reason", groups=INSIDERS)
    # Analyses
    value_ids = fields.One2many("kams.account.value", "account_id", string="Value Analyses", groups=INSIDERS)
    cost_ids = fields.One2many("kams.account.cost", "account_id", string="Costs to Serve", groups=INSIDERS)

    # COMPUTES
    @api.depends("proposed_tier", "value_score", "contribution_12m", "contribution_top")
    @api.depends_context("lang")
    def _compute_proposed_tier_reason(self):
        """The reason in the reader's words, from the figures that the proposal was made with."""
        for account in self:
            account.proposed_tier_reason = account.proposed_tier and account._tier_reason()

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        self._check_current(name for vals in vals_list for name in vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_current(vals)
        return super().write(vals)

    def _check_current(self, names):
        """Current figures come from the books, on every route."""
        if not self.env.su and not {*CURRENT, *STANDING, "value_date"}.isdisjoint(names):
            raise AccessError(self.env._("Current figures of an account come from the books and can't be changed."))

    # ACTIONS
    def action_value_sales(self):
        """Open the invoice lines of these accounts."""
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_account_sales_action")
        return action | {
            "domain": [("account_id", "in", self.ids)],
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
        }

    def action_value_analyses(self):
        """Open the value analyses of this account."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_account_value_action")
        return action | {
            "domain": [("account_id", "=", self.id)],
            "context": {"default_account_id": self.id},
        }

    # BUSINESS: current figures
    @api.model
    def _cron_refresh_values(self):
        """Refresh the figures of all accounts, then compare them; goes on where it was stopped."""
        today, cron = fields.Date.context_today(self), self.env["ir.cron"]
        accounts = self.with_context(active_test=False)
        stale = accounts.search(["|", ("value_date", "=", False), ("value_date", "<", today)], order="id").ids
        cron._commit_progress(0, remaining=len(stale))
        for start in range(0, len(stale), BATCH):
            self.browse(stale[start : start + BATCH])._refresh_figures()
            if not cron._commit_progress(len(stale[start : start + BATCH])):
                return
        everyone = accounts.search([("value_date", "!=", False)], order="id")
        basis, ranks = self._value_basis(everyone.company_id), self._contribution_ranks()
        for start in range(0, len(everyone), BATCH):
            everyone[start : start + BATCH]._refresh_standing(basis, ranks)
            if not cron._commit_progress(0):
                return

    def _refresh_figures(self):
        """Read the last twelve full months from the books and keep them on the accounts."""
        value = self.env["kams.account.value"]
        date_from, date_to = value._default_period()
        days = (date_to - date_from).days + 1
        policies = self.env["kams.value.policy"]._by_company(self.company_id)
        personal = self._personal_figures()
        totals = self._totals(date_from, date_to)
        rows = []
        for id_, company_id in self._kept("company_id"):
            sums, policy = totals[id_], policies[company_id]
            capital = sums.capital_lines
            if not sums.capital_recorded:
                capital = valuation.capital_cost(sums.receivables_average, policy.capital_rate)
            result = valuation.profitability(sums.gross_sales, sums.discounts, sums.cogs, sums.service_cost + capital)
            spend, target = personal.get(id_, NOTHING)[:2]
            rows.append(
                (
                    result.net_sales,
                    result.gross_margin,
                    result.contribution,
                    result.contribution_pct,
                    result.price_realisation,
                    result.cts_ratio,
                    valuation.dso(sums.receivables_average, sums.invoiced, days),
                    sums.payment_days,
                    sums.receivables,
                    sums.overdue,
                    valuation.wallet(result.net_sales, spend, target)[1],
                )
            )
        self._keep(CURRENT, rows, value_date=fields.Date.context_today(self))

    def _refresh_standing(self, basis, ranks):
        """Score, grade and propose a tier, against the portfolio of each account's company."""
        personal = self._personal_figures()
        rows = []
        for id_, company_id, receivables, overdue, *figures in self._kept(
            "company_id", "receivables_now", "overdue_now", *RANGED
        ):
            company, top = basis[company_id], ranks.get(id_)
            late = valuation.ratio(overdue, receivables or None, 100)
            scores = self._sub_scores(company, *figures, personal.get(id_, NOTHING)[2], late)
            score, _coverage = valuation.weighted(zip(scores.values(), company["weights"], strict=True))
            rows.append(
                (
                    score,
                    valuation.grade(score, company["grades"]),
                    top,
                    valuation.tier(score, top, company["grades"], company["tops"]),
                )
            )
        self._keep(STANDING, rows, only_changed=True)

    def _note_value(self):
        """An analysis is done: its customers' standing takes in what people know."""
        # sudo: current figures are nobody's to write by hand
        accounts = self.sudo()
        accounts._refresh_figures()
        accounts._refresh_standing(self._value_basis(accounts.company_id), self._contribution_ranks())

    def _personal_figures(self):
        """What people know, from each account's last analysis that is done.

        :return: ``{account id: (category spend, target share, strategic value)}``
        """
        # sudo: the account keeps what its analysis said
        values = self.env["kams.account.value"].sudo()
        latest = {}
        for value in values.search([("account_id", "in", self.ids), ("state", "=", "done")], order="date_to, id"):
            latest[value.account_id.id] = value
        figures = {}
        lines = self.env["kams.account.figure"].sudo()  # sudo: as above
        for line in lines.search(
            [
                ("value_id", "in", [value.id for value in latest.values()]),
                ("key", "in", ("category_spend", "strategic")),
            ]
        ):
            figures[line.account_id.id, line.key] = known(line.value)
        return {
            account_id: (
                figures.get((account_id, "category_spend")),
                value.target_share,
                figures.get((account_id, "strategic")),
            )
            for account_id, value in latest.items()
        }

    def _kept(self, *names):
        """Columns of the accounts as plain rows ``(id, …)``, in the order of the accounts."""
        self.flush_model(names)
        columns = SQL(", ").join(SQL.identifier(name) for name in ("id", *names))
        rows = self.env.execute_query(SQL("SELECT %s FROM kams_account WHERE id = ANY(%s)", columns, self.ids))
        by_id = {row[0]: row for row in rows}
        return [by_id[id_] for id_ in self.ids]

    def _keep(self, columns, rows, only_changed=False, **same):
        """Write figures on accounts, one row each, in one statement: the ORM would track and check each of them.

        :param columns: ``{column: its type}``
        :param rows: one tuple of values per account
        """
        names = list(columns)
        values = list(zip(*rows, strict=True)) or [()] * len(names)
        new = [SQL("row.%s", SQL.identifier(name)) for name in names] + [SQL("%s", value) for value in same.values()]
        old = [SQL("account.%s", SQL.identifier(name)) for name in [*names, *same]]
        self.env.execute_query(
            SQL(
                """
                UPDATE kams_account account
                   SET %(assigned)s
                  FROM unnest(%(arrays)s) AS row (id, %(names)s)
                 WHERE account.id = row.id %(changed)s
             RETURNING account.id
                """,
                assigned=SQL(", ").join(
                    SQL("%s = %s", SQL.identifier(name), value)
                    for name, value in zip([*names, *same], new, strict=True)
                ),
                names=SQL(", ").join(map(SQL.identifier, names)),
                arrays=SQL(", ").join(
                    [SQL("%s::int[]", self.ids)]
                    + [SQL(f"%s::{columns[name]}[]", list(value)) for name, value in zip(names, values, strict=True)]
                ),
                changed=SQL("AND (%s) IS DISTINCT FROM (%s)", SQL(", ").join(old), SQL(", ").join(new))
                if only_changed
                else SQL(),
            )
        )
        self.invalidate_recordset([*names, *same], flush=False)
