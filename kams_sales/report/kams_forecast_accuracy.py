from odoo import api, fields, models
from odoo.tools import SQL

from ..models.blank import BlankFloat, BlankMonetary
from ..models.kams_forecast import CATEGORIES
from ..models.kams_process_phase import PHASE_CODES

# What is held against what: {suffix of the measures: (forecast, actual)}
PAIRS = {
    "": ("forecast", "actual_won"),
    "_adjusted": ("adjusted", "actual_won"),
    "_invoiced": ("forecast", "actual_invoiced"),
    "_adjusted_invoiced": ("adjusted", "actual_invoiced"),
}
# {measure of chances: column of the line}
CHANCES = {"brier": "probability", "brier_own": "own_probability", "brier_odoo": "odoo_probability"}


def _measure(label, help=None, digits=(16, 2)):
    return BlankFloat(string=label, readonly=True, aggregator="avg", digits=digits, help=help)


class KamsForecastAccuracy(models.Model):
    """How good forecasts were: what was called when a period began against what was won and invoiced (9, C11).

    One row for each forecast of a period that is closed, and one for each deal in it, for the chances. Measures hold
    for any group: the errors of all together, never a mean of means. MAPE is undefined as soon as a period of the group
    brought nothing; WAPE holds then.
    """

    _name = "kams.forecast.accuracy"
    _inherit = ["kams.report"]
    _description = "Forecast against actual"
    _auto = False
    _order = "date_from desc, id desc"
    _rec_name = "forecast_id"

    # Whose and when
    kind = fields.Selection([("forecast", "Forecast"), ("deal", "Deal in a Forecast")], string="Row", readonly=True)
    forecast_id = fields.Many2one("kams.forecast", string="Forecast of", readonly=True)
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True)
    lead_name = fields.Char(string="Deal Name", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    scope = fields.Selection(
        [("company", "A Company's"), ("team", "A Team's"), ("user", "A Person's")],
        string="Whose Forecast",
        readonly=True,
    )
    period_kind = fields.Selection(
        [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")], string="Kind of Period", readonly=True
    )
    date_from = fields.Date(string="Period from", readonly=True)
    date_to = fields.Date(string="Period to", readonly=True)
    # A forecast's amounts
    forecast = BlankMonetary(string="Forecast", readonly=True)
    adjusted = BlankMonetary(string="Forecast after Adjustment", readonly=True)
    actual_won = BlankMonetary(string="Actually Won", readonly=True)
    actual_invoiced = BlankMonetary(string="Actually Invoiced", readonly=True)
    error = BlankMonetary(string="Forecast Error", readonly=True, help="Forecast less actually won.")
    abs_error = BlankMonetary(string="Absolute Error", readonly=True)
    error_adjusted = BlankMonetary(string="Error after Adjustment", readonly=True)
    abs_error_adjusted = BlankMonetary(string="Absolute Error after Adjustment", readonly=True)
    error_invoiced = BlankMonetary(string="Error against Invoiced", readonly=True)
    abs_error_invoiced = BlankMonetary(string="Absolute Error against Invoiced", readonly=True)
    error_adjusted_invoiced = BlankMonetary(string="Error after Adjustment, against Invoiced", readonly=True)
    abs_error_adjusted_invoiced = BlankMonetary(
        string="Absolute Error after Adjustment, against Invoiced", readonly=True
    )
    forecasts = fields.Integer(string="Forecasts", readonly=True)
    # A deal's chances
    category = fields.Selection(CATEGORIES, string="Forecast Category", readonly=True)
    phase_code = fields.Selection(PHASE_CODES, string="Phase", readonly=True)
    amount = BlankMonetary(string="Amount as Locked", readonly=True)
    amount_won = BlankMonetary(string="Amount Won", readonly=True)
    outcome = fields.Selection(
        selection=lambda self: self.env["kams.forecast.line"]._fields["outcome"].selection, readonly=True
    )
    probability = _measure("Chance by Policy (%)", digits=(16, 1))
    own_probability = _measure("Chance by Own History (%)", digits=(16, 1))
    odoo_probability = _measure("Chance on the Deal (%)", digits=(16, 1))
    deals = fields.Integer(string="Deals in Forecasts", readonly=True)
    won_deals = fields.Integer(string="Of These Won", readonly=True)
    # How good: against won
    mape = _measure("MAPE (%)", "Mean of the errors in percent; undefined where nothing was won.")
    wape = _measure("WAPE (%)", "Errors of all together ÷ what was won of all together.")
    bias = _measure("Bias (%)", "Above 0 too much was forecast.")
    mean_error = _measure("Mean Signed Error (%)")
    accuracy = _measure("Accuracy (%)", "100 less MAPE.")
    mape_adjusted = _measure("MAPE after Adjustment (%)")
    wape_adjusted = _measure("WAPE after Adjustment (%)")
    bias_adjusted = _measure("Bias after Adjustment (%)")
    mean_error_adjusted = _measure("Mean Signed Error after Adjustment (%)")
    accuracy_adjusted = _measure("Accuracy after Adjustment (%)")
    # How good: against invoiced
    mape_invoiced = _measure("MAPE against Invoiced (%)")
    wape_invoiced = _measure("WAPE against Invoiced (%)")
    bias_invoiced = _measure("Bias against Invoiced (%)")
    mean_error_invoiced = _measure("Mean Signed Error against Invoiced (%)")
    accuracy_invoiced = _measure("Accuracy against Invoiced (%)")
    mape_adjusted_invoiced = _measure("MAPE after Adjustment, against Invoiced (%)")
    wape_adjusted_invoiced = _measure("WAPE after Adjustment, against Invoiced (%)")
    bias_adjusted_invoiced = _measure("Bias after Adjustment, against Invoiced (%)")
    mean_error_adjusted_invoiced = _measure("Mean Signed Error after Adjustment, against Invoiced (%)")
    accuracy_adjusted_invoiced = _measure("Accuracy after Adjustment, against Invoiced (%)")
    # How good: chances
    win_share = _measure("Won of the Deals (%)", "Of the deals in forecasts, how many were won by the period's end.")
    brier = _measure(
        "Brier, Policy", "How far the chances of the phases were from what came; 0 is perfect.", digits=(16, 3)
    )
    brier_own = _measure("Brier, Own History", digits=(16, 3))
    brier_odoo = _measure("Brier, Chance on the Deal", digits=(16, 3))

    _ratios = {
        **{f"wape{pair}": (f"abs_error{pair}", actual, 100) for pair, (_forecast, actual) in PAIRS.items()},
        **{f"bias{pair}": (f"error{pair}", actual, 100) for pair, (_forecast, actual) in PAIRS.items()},
        "win_share": ("won_deals", "deals", 100),
    }
    _depends = {
        "kams.forecast": [
            *("company_id", "team_id", "user_id", "period_kind", "date_from", "date_to", "state", "forecast"),
            *("adjusted", "actual_won", "actual_invoiced"),
        ],
        "kams.forecast.line": [
            *("forecast_id", "lead_id", "lead_name", "user_id", "team_id", "category", "phase_code", "amount"),
            *("actual_amount", "outcome", "probability", "own_probability", "odoo_probability"),
        ],
    }

    @property
    def _table_query(self) -> SQL:
        factor = self._present_rate(SQL("forecast.company_id"))
        shared = SQL(
            """
            forecast.id AS forecast_id, forecast.company_id, %(currency)s AS currency_id, forecast.period_kind,
            forecast.date_from, forecast.date_to,
            CASE WHEN forecast.user_id IS NOT NULL THEN 'user' WHEN forecast.team_id IS NOT NULL THEN 'team'
                 ELSE 'company' END AS scope
            """,
            currency=self._currency(),
        )
        errors = SQL(", ").join(
            SQL(
                "(%(f)s - %(a)s) * %(factor)s AS %(error)s, abs(%(f)s - %(a)s) * %(factor)s AS %(absolute)s",
                f=SQL.identifier("forecast", forecast),
                a=SQL.identifier("forecast", actual),
                factor=factor,
                error=SQL.identifier(f"error{pair}"),
                absolute=SQL.identifier(f"abs_error{pair}"),
            )
            for pair, (forecast, actual) in PAIRS.items()
        )
        no_errors = SQL(", ").join(SQL("NULL::numeric, NULL::numeric") for _pair in PAIRS)
        names = SQL(", ").join(
            SQL("NULL::double precision AS %s", SQL.identifier(name)) for name in self._group_measures()
        )
        # both halves have the same types: PostgreSQL then reads only the columns that somebody wants
        return SQL(
            """
            SELECT row.*, %(names)s
              FROM (SELECT forecast.id::bigint * 2 AS id, 'forecast'::text AS kind, %(shared)s,
                           forecast.user_id, forecast.team_id, NULL::int4 AS lead_id, NULL::varchar AS lead_name,
                           forecast.forecast * %(factor)s AS forecast, forecast.adjusted * %(factor)s AS adjusted,
                           forecast.actual_won * %(factor)s AS actual_won,
                           forecast.actual_invoiced * %(factor)s AS actual_invoiced, %(errors)s, 1 AS forecasts,
                           NULL::varchar AS category, NULL::varchar AS phase_code, NULL::numeric AS amount,
                           NULL::numeric AS amount_won, NULL::varchar AS outcome,
                           NULL::double precision AS probability, NULL::double precision AS own_probability,
                           NULL::double precision AS odoo_probability, 0 AS deals, 0 AS won_deals
                      FROM kams_forecast forecast
                     WHERE forecast.state = 'closed'
                 UNION ALL
                    SELECT line.id::bigint * 2 + 1, 'deal'::text, %(shared)s,
                           line.user_id, line.team_id, line.lead_id, line.lead_name,
                           NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, %(no_errors)s, 0,
                           line.category, line.phase_code, line.amount * %(factor)s,
                           line.actual_amount * %(factor)s, line.outcome,
                           line.probability::double precision, line.own_probability::double precision,
                           line.odoo_probability::double precision, 1,
                           CASE WHEN line.outcome = 'won' THEN 1 ELSE 0 END
                      FROM kams_forecast_line line
                      JOIN kams_forecast forecast ON forecast.id = line.forecast_id AND forecast.state = 'closed'
                     WHERE line.outcome <> 'gone') row
            """,
            names=names,
            shared=shared,
            factor=factor,
            errors=errors,
            no_errors=no_errors,
        )

    # ORM
    @api.model
    def _group_measures(self):
        return [
            *self._ratios,
            *(f"{name}{pair}" for pair in PAIRS for name in ("mape", "mean_error", "accuracy")),
            *CHANCES,
        ]

    @api.model
    def _measure(self, name, query):
        if name in CHANCES:
            return self._brier(CHANCES[name], query)
        kind, _rest, pair = next(
            (
                (kind, "", name.removeprefix(kind))
                for kind in ("mape", "mean_error", "accuracy")
                if name.startswith(kind) and name.removeprefix(kind) in PAIRS
            ),
            ("", "", ""),
        )
        if not kind:
            return super()._measure(name, query)
        error = "error" if kind == "mean_error" else "abs_error"
        mean = self._mean_percentage(f"{error}{pair}", PAIRS[pair][1], query)
        return SQL("100 - %s", mean) if kind == "accuracy" else mean

    # BUSINESS
    @api.model
    def _mean_percentage(self, error, actual, query):
        """The mean of errors in percent of the actual; undefined as soon as one actual is 0."""
        error, actual = (
            SQL("%s::double precision", self._field_to_sql(self._table, name, query)) for name in (error, actual)
        )
        return SQL(
            """
            CASE WHEN count(*) FILTER (WHERE %(actual)s = 0) = 0
                 THEN 100 * avg(%(error)s / abs(NULLIF(%(actual)s, 0))) END
            """,
            error=error,
            actual=actual,
        )

    @api.model
    def _brier(self, chance, query):
        """The mean of (chance − outcome)² over deals whose chance was known."""
        return SQL(
            "avg((%(chance)s / 100 - %(won)s) ^ 2)",
            chance=self._field_to_sql(self._table, chance, query),
            won=self._field_to_sql(self._table, "won_deals", query),
        )

    # ACTIONS
    @api.readonly
    def action_open(self):
        """A deal's row leads to the deal, a forecast's to the forecast."""
        self.ensure_one()
        self.check_access("read")
        record = self.lead_id if self.kind == "deal" and self.lead_id else self.forecast_id
        return record._get_records_action(name=record.display_name)
