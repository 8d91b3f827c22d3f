from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..tools import valuation
from .blank import BlankFloat, BlankMonetary, known
from .kams_account import TIERS
from .kams_account_value import GRADES

BATCH = 500
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


class KamsAccount(models.Model):
    """How each customer stands now: the last twelve full months, refreshed every night for all accounts (2.3).

    Two sweeps: first everybody's figures, then scores and tier proposals, which compare each with all.
    """

    _inherit = "kams.account"

    # The last twelve full months
    net_sales_12m = fields.Monetary(string="Net Sales, 12 Months", readonly=True, copy=False)
    gross_margin_12m = fields.Monetary(string="Gross Margin, 12 Months", readonly=True, copy=False)
    contribution_12m = fields.Monetary(string="Contribution, 12 Months", readonly=True, copy=False)
    contribution_pct_12m = BlankFloat(
        string="Contribution, 12 Months (%)", digits=(16, 2), readonly=True, copy=False, aggregator="avg"
    )
    price_realisation_12m = BlankFloat(
        string="Price Realisation, 12 Months (%)", digits=(16, 2), readonly=True, copy=False, aggregator="avg"
    )
    cts_ratio_12m = BlankFloat(
        string="Cost to Serve, 12 Months (%)", digits=(16, 2), readonly=True, copy=False, aggregator="avg"
    )
    dso_12m = BlankFloat(string="DSO, 12 Months", digits=(16, 1), readonly=True, copy=False, aggregator="avg")
    payment_days_12m = BlankFloat(
        string="Payment Days, 12 Months", digits=(16, 1), readonly=True, copy=False, aggregator="avg"
    )
    receivables_now = fields.Monetary(string="Receivables", readonly=True, copy=False)
    overdue_now = fields.Monetary(string="Overdue", readonly=True, copy=False)
    potential_gap_12m = BlankMonetary(string="Gap to Target Share, 12 Months", readonly=True, copy=False)
    value_date = fields.Date(string="Valued On", readonly=True, copy=False)
    standing_date = fields.Date(string="Compared On", readonly=True, copy=False)
    # What follows
    value_score = BlankFloat(digits=(16, 2), readonly=True, copy=False, aggregator="avg")
    value_grade = fields.Selection(GRADES, readonly=True, copy=False)
    contribution_top = BlankFloat(
        string="Contribution Within the Top (%)",
        digits=(16, 1),
        readonly=True,
        copy=False,
        aggregator=None,
        help="10 means: among the tenth of customers that contribute most.",
    )
    proposed_tier = fields.Selection(TIERS, readonly=True, copy=False)
    proposed_tier_reason = fields.Char(string="Why This Tier", compute="_compute_proposed_tier_reason")
    # Analyses
    value_ids = fields.One2many("kams.account.value", "account_id", string="Value Analyses")
    cost_ids = fields.One2many("kams.account.cost", "account_id", string="Costs to Serve")

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
        if not self.env.su and not {*CURRENT, *STANDING, "value_date", "standing_date"}.isdisjoint(names):
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
        figures, standing = self._accounts_before("value_date", today), self._accounts_before("standing_date", today)
        cron._commit_progress(0, remaining=len(figures) + len(standing))
        for start in range(0, len(figures), BATCH):
            self.browse(figures[start : start + BATCH])._refresh_figures()
            if not cron._commit_progress(len(figures[start : start + BATCH])):
                return
        basis = self._value_basis(self.browse(standing).company_id)
        ranks = self._contribution_ranks()
        for start in range(0, len(standing), BATCH):
            self.browse(standing[start : start + BATCH])._refresh_standing(basis, ranks)
            if not cron._commit_progress(len(standing[start : start + BATCH])):
                return

    def _accounts_before(self, fname, day):
        accounts = self.with_context(active_test=False)
        return accounts.search(["|", (fname, "=", False), (fname, "<", day)], order="id").ids

    def _refresh_figures(self):
        """Read the last twelve full months from the books and keep them on the accounts."""
        value = self.env["kams.account.value"]
        date_from, date_to = value._default_period()
        days = (date_to - date_from).days + 1
        policies = self.env["kams.value.policy"]._by_company(self.company_id)
        personal = self._personal_figures()
        totals = self._totals(date_from, date_to)
        rows = []
        for account in self:
            sums, policy = totals[account.id], policies[account.company_id.id]
            capital = sums.capital_lines
            if not sums.capital_recorded:
                capital = valuation.capital_cost(sums.receivables_average, policy.capital_rate)
            result = valuation.profitability(sums.gross_sales, sums.discounts, sums.cogs, sums.service_cost + capital)
            spend, target = personal.get(account.id, (None, None, None))[:2]
            rows.append(
                {
                    "net_sales_12m": result.net_sales,
                    "gross_margin_12m": result.gross_margin,
                    "contribution_12m": result.contribution,
                    "contribution_pct_12m": result.contribution_pct,
                    "price_realisation_12m": result.price_realisation,
                    "cts_ratio_12m": result.cts_ratio,
                    "dso_12m": valuation.dso(sums.receivables_average, sums.invoiced, days),
                    "payment_days_12m": sums.payment_days,
                    "receivables_now": sums.receivables,
                    "overdue_now": sums.overdue,
                    "potential_gap_12m": valuation.wallet(result.net_sales, spend, target)[1],
                }
            )
        self._keep(CURRENT, rows, value_date=fields.Date.context_today(self))

    def _refresh_standing(self, basis, ranks):
        """Score, grade and propose a tier, against the portfolio of each account's company."""
        personal = self._personal_figures()
        rows = []
        for account in self:
            company = basis[account.company_id.id]
            scores = self._sub_scores(
                company,
                net_sales=account.net_sales_12m,
                contribution=account.contribution_12m,
                potential_gap=known(account.potential_gap_12m),
                strategic=personal.get(account.id, (None, None, None))[2],
                cts_ratio=known(account.cts_ratio_12m),
                dso=known(account.dso_12m),
                late=valuation.ratio(account.overdue_now, account.receivables_now or None, 100),
            )
            score, _coverage = valuation.weighted(zip(scores.values(), company["weights"], strict=True))
            top = ranks.get(account.id)
            rows.append(
                {
                    "value_score": score,
                    "value_grade": valuation.grade(score, company["grades"]),
                    "contribution_top": top,
                    "proposed_tier": valuation.tier(score, top, company["grades"], company["tops"]),
                }
            )
        self._keep(STANDING, rows, standing_date=fields.Date.context_today(self))

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

    def _keep(self, columns, rows, **same):
        """Write figures on accounts, one row each, in one statement: the ORM would track and check each of them."""
        names = list(columns)
        self.env.execute_query(
            SQL(
                """
                UPDATE kams_account account
                   SET %(assigned)s
                  FROM unnest(%(arrays)s) AS row (id, %(names)s)
                 WHERE account.id = row.id
             RETURNING account.id
                """,
                assigned=SQL(", ").join(
                    [SQL("%s = row.%s", SQL.identifier(name), SQL.identifier(name)) for name in names]
                    + [SQL("%s = %s", SQL.identifier(name), value) for name, value in same.items()]
                ),
                names=SQL(", ").join(map(SQL.identifier, names)),
                arrays=SQL(", ").join(
                    [SQL("%s::int[]", self.ids)]
                    + [SQL("%s::" + columns[name] + "[]", [row[name] for row in rows]) for name in names]
                ),
            )
        )
        self.invalidate_recordset([*names, *same], flush=False)
