from odoo import api, fields, models
from odoo.tools import SQL


class KamsForecastDeals(models.AbstractModel):
    """The open deals that forecasts of periods are about, each with its category and its chances.

    Book chapter 9. A deal is in the forecast of a period if it is open and is to close by the period's end: also one
    that should have closed before. Without a date it is in no forecast, unless somebody gave it a category.
    """

    _name = "kams.forecast.deals"
    _description = "Deals of forecasts"

    # BUSINESS
    @api.model
    def _deals_sql(self, scopes):
        """One row for each deal of each of these forecasts; ``number`` is the place of the forecast among them."""
        figures = self.env["kams.target.figures"]
        rule = self.env["kams.legal.rule"]
        rows, chances = [], []
        for number, scope in enumerate(scopes):
            rows.append((number, *figures._whose(scope), None, None, None, scope.date_to))
        for company, own in figures._own_chances(scopes.company_id).items():
            chances += [(company.id, code, chance) for code, chance in own.items()]
        self.env["crm.lead"].flush_model(["kams_forecast_category"])
        return SQL(
            """
            WITH asked AS (%(asked)s)
            SELECT asked.number, state.lead_id, state.lead_ref, state.lead_name, state.partner_name, state.user_id,
                   state.team_id, state.phase_code, state.expected_revenue AS amount, state.date_deadline AS deadline,
                   COALESCE(
                       deal.kams_forecast_category,
                       CASE WHEN phase.policy_probability >= %(commit)s THEN 'commit'
                            WHEN phase.policy_probability >= %(best)s THEN 'best_case'
                            ELSE 'pipeline' END) AS category,
                   deal.kams_forecast_category IS NOT NULL AS by_hand,
                   phase.policy_probability AS probability, own.chance * 100 AS own_probability,
                   state.probability AS odoo_probability,
                   state.expected_revenue * COALESCE(phase.policy_probability, 0) / 100 AS weighted
              FROM asked
              JOIN kams_deal_history state ON state.valid_to IS NULL AND state.status = 'open' AND %(scope)s
              JOIN crm_lead deal ON deal.id = state.lead_id
         LEFT JOIN kams_process_phase phase ON phase.id = state.phase_id
         LEFT JOIN UNNEST(%(companies)s::int[], %(codes)s::varchar[], %(chances)s::float[])
                       AS own (company, code, chance)
                ON own.company = asked.company AND own.code = state.phase_code
             WHERE state.phase_code <> 'delivery'
               AND (state.date_deadline <= asked.due
                    OR state.date_deadline IS NULL AND deal.kams_forecast_category IS NOT NULL)
            """,
            asked=figures._as_table(rows).table,
            scope=figures._in_scope("state"),
            commit=rule._value("forecast_commit_from"),
            best=rule._value("forecast_best_case_from"),
            companies=[company for company, _code, _chance in chances],
            codes=[code for _company, code, _chance in chances],
            chances=[chance for _company, _code, chance in chances],
        )

    @api.model
    def _amounts(self, scopes):
        """``{forecast id: {category: (deals, amount, weighted)}}`` of the open deals as they are now."""
        if not scopes:
            return {}
        found = {}
        for number, category, *figures in self.env.execute_query(
            SQL(
                """
                SELECT number, category, count(*), sum(amount)::float, sum(weighted)::float
                  FROM (%s) deal GROUP BY number, category
                """,
                self._deals_sql(scopes),
            )
        ):
            found.setdefault(scopes[number]._origin.id, {})[category] = tuple(figures)
        return found

    @api.model
    def _won_so_far(self, scopes):
        """``{forecast id: what was won in the period up to now}``"""
        if not scopes:
            return {}
        figures = self.env["kams.target.figures"]
        rows = figures._won(figures._asked(scopes, fields.Datetime.now()))
        found = {number: amount for number, _count, amount in rows}
        return {scope.id: found.get(number, 0.0) for number, scope in enumerate(scopes)}

    @api.model
    def _deal_ids(self, scope):
        """The deals that a draft is about now."""
        query = self._deals_sql(scope)
        return [lead_id for (lead_id,) in self.env.execute_query(SQL("SELECT deal.lead_id FROM (%s) deal", query))]
