from odoo import api, models
from odoo.tools import SQL, formatLang

from ..tools import scoring
from .kams_account_standing import RANGED


class KamsAccount(models.Model):
    """How accounts compare with each other: ranges, medians, ranks, and the tier that follows (2.3).

    The portfolio is the company's active accounts that bought something in the last twelve months.
    """

    _inherit = "kams.account"

    # BUSINESS
    @api.model
    def _value_basis(self, companies):
        """What accounts are compared with: their company's portfolio and policy; two statements for all.

        :return: ``{company id: {ranges, medians, weights, grades, tops, cuts}}``, fit to be kept with an analysis
        """
        policies = self.env["kams.value.policy"]._by_company(companies)
        found = {row.pop("company_id"): row for row in self.env.execute_query_dict(self._portfolio_query(companies))}
        basis = {}
        for company in companies:
            policy = policies[company.id]
            number = {
                name: None if value is None else float(value) for name, value in found.get(company.id, {}).items()
            }
            basis[company.id] = {
                "ranges": {name: [number.get(f"low_{name}"), number.get(f"high_{name}")] for name in RANGED},
                "median_price": number.get("median_price"),
                "median_cts": number.get("median_cts"),
                "weights": list(policy._weights()),
                "grades": [policy.grade_a, policy.grade_b, policy.grade_c],
                "tops": [policy.top_a, policy.top_b],
                "cuts": [policy.fiocca_cut, policy.cell_low, policy.cell_high],
            }
        return basis

    @api.model
    def _sub_scores(self, basis, net_sales, contribution, potential_gap, cts_ratio, dso, strategic, late):
        """The four sub-scores, 0 to 100: where figures of one customer stand in its portfolio (C19).

        Current value is the mean of the places of sales and contribution; cost and risk the mean of those of
        cost to serve, DSO, and the overdue share of receivables. What isn't known isn't scored.
        """
        ranges = basis.get("ranges") or {}
        if not net_sales:  # a prospect is worth what it may become
            net_sales = contribution = None

        def place(name, value, direction="benefit"):
            ends = ranges.get(name) or (None, None)
            return None if None in ends else scoring.normalise(value, *ends, direction)

        def mean(*scores):
            scores = [score for score in scores if score is not None]
            return sum(scores) / len(scores) if scores else None

        return {
            "current": mean(place("net_sales_12m", net_sales), place("contribution_12m", contribution)),
            "potential": place("potential_gap_12m", potential_gap),
            "strategic": strategic,
            "risk": mean(
                place("cts_ratio_12m", cts_ratio, "cost"),
                place("dso_12m", dso, "cost"),
                scoring.normalise(late, 0, 100, "cost"),
            ),
        }

    def _propose_tier(self):
        """The tier that the figures speak for, and why: ``{account id: (tier, reason)}``; a director decides."""
        return {
            account.id: (account.proposed_tier, account.proposed_tier_reason)
            for account in self
            if account.proposed_tier
        }

    def _tier_reason(self):
        """Such as “A: value 77.0, contribution 1,450,000 € in the top 10 %”, in the reader's language."""
        facts = {
            "tier": self.proposed_tier.upper(),
            "score": formatLang(self.env, self.value_score or 0.0, digits=1),
            "amount": formatLang(self.env, self.contribution_12m, currency_obj=self.currency_id),
            "top": formatLang(self.env, self.contribution_top or 0.0, digits=0),
        }
        if self.contribution_top is False:
            return self.env._("%(tier)s: value %(score)s, no sales in twelve months", **facts)
        return self.env._("%(tier)s: value %(score)s, contribution %(amount)s in the top %(top)s %%", **facts)

    def _follow_merged_customer(self, customer):
        """The merged customer's books are read again: its invoices have come together."""
        result = super()._follow_merged_customer(customer)
        self._note_value()
        return result

    # SQL
    @api.model
    def _portfolio_query(self, companies):
        self.flush_model()
        return SQL(
            """
            SELECT account.company_id,
                   %(ranges)s,
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY account.price_realisation_12m) AS median_price,
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY account.cts_ratio_12m) AS median_cts
              FROM kams_account account
             WHERE account.company_id IN %(companies)s
               AND account.active
               AND account.net_sales_12m > 0
          GROUP BY account.company_id
            """,
            companies=tuple(companies.ids) or (0,),
            ranges=SQL(", ").join(
                SQL(
                    "min(account.%(name)s) AS %(low)s, max(account.%(name)s) AS %(high)s",
                    name=SQL.identifier(name),
                    low=SQL.identifier(f"low_{name}"),
                    high=SQL.identifier(f"high_{name}"),
                )
                for name in RANGED
            ),
        )

    @api.model
    def _contribution_ranks(self):
        """``{account id: per cent of the portfolio that contributes at least as much}``, of all companies."""
        self.flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT id, cume_dist() OVER (PARTITION BY company_id ORDER BY contribution_12m DESC) * 100
                      FROM kams_account
                     WHERE active AND net_sales_12m > 0
                    """
                )
            )
        )
