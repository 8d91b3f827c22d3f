from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .blank import BlankFloat, BlankMonetary, known
from .crm_lead_gate import InternalPass
from .kams_period_mixin import SCOPE

HAND, ENGINE = "kams_forecast_engine", InternalPass("forecast")
CATEGORIES = [
    ("commit", "Commit"),
    ("best_case", "Best Case"),
    ("pipeline", "Pipeline"),
    ("omitted", "Omitted"),
]
AMOUNTS = {code: f"{code}_amount" for code, _label in CATEGORIES}
# What only locking, adjusting and closing write
ENGINES = {
    *("state", "locked_at", "locked_by_id", "won_before", "forecast", "closed_at", "actual_won", "actual_invoiced"),
    *("adjusted_by_id", "adjusted_at"),
}
ADJUSTING = {"adjustment", "adjustment_reason"}
# What the person says, until it is locked
OWN = {"own_call", "note", "tz", *SCOPE}


class KamsForecast(models.Model):
    """What a person, a team or the company says it will win in a period, locked at its start, held against what came.

    Book chapter 9 (预测准确度表); formula C11. The deals stand as they were when it was locked, in categories; a
    manager's adjustment stands beside the person's own call and never replaces it.
    """

    _name = "kams.forecast"
    _description = "Forecast"
    _inherit = ["kams.period.mixin", "kams.state.mixin", "kams.hand.mixin", "kams.asked.mixin"]
    _order = "date_from desc, team_id, user_id, id desc"
    _rec_names_search = ["user_id.name", "team_id.name"]
    _hand = HAND, ENGINE
    _state_transitions = {"draft": {"locked"}, "locked": {"closed"}}

    user_id = fields.Many2one(default=lambda self: self.env.user)
    state = fields.Selection(
        [("draft", "Draft"), ("locked", "Locked"), ("closed", "Closed")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    target_id = fields.Many2one("kams.target", compute="_compute_target_id", string="Target")
    quota = BlankMonetary(compute="_compute_target_id", string="Quota of the Target")
    note = fields.Text(string="Notes")
    # The call
    own_call = BlankMonetary(
        string="Own Call",
        copy=False,
        tracking=True,
        help="What will be won in the period, as the person or team says. Empty: won before the lock, and commit.",
    )
    forecast = BlankMonetary(
        string="Forecast", readonly=True, copy=False, help="The own call as it was when the forecast was locked."
    )
    adjustment = BlankMonetary(
        copy=False, tracking=True, help="What a manager adds to the own call, or takes off it. The own call stays."
    )
    adjustment_reason = fields.Text(string="Reason of the Adjustment", copy=False, tracking=True)
    adjusted_by_id = fields.Many2one("res.users", string="Adjusted By", readonly=True, copy=False)
    adjusted_at = fields.Datetime(string="Adjusted On", readonly=True, copy=False)
    adjusted = BlankMonetary(
        string="Forecast after Adjustment", compute="_compute_adjusted", store=True, help="Forecast plus adjustment."
    )
    # The deals behind it
    line_ids = fields.One2many("kams.forecast.line", "forecast_id", string="Deals as Locked", readonly=True, copy=False)
    won_before = BlankMonetary(
        string="Won before the Lock", readonly=True, copy=False, help="Won in the period before it was locked."
    )
    commit_amount = BlankMonetary(string="Commit", compute="_compute_amounts")
    best_case_amount = BlankMonetary(string="Best Case", compute="_compute_amounts")
    pipeline_amount = BlankMonetary(string="Pipeline", compute="_compute_amounts")
    omitted_amount = BlankMonetary(string="Omitted", compute="_compute_amounts")
    weighted_amount = BlankMonetary(string="Weighted by Policy", compute="_compute_amounts")
    deal_count = fields.Integer(string="Deals", compute="_compute_amounts")
    # The lock
    locked_at = fields.Datetime(readonly=True, copy=False)
    locked_by_id = fields.Many2one("res.users", string="Locked By", readonly=True, copy=False)
    # What came
    closed_at = fields.Datetime(string="Closed On", readonly=True, copy=False)
    actual_won = BlankMonetary(
        string="Actually Won",
        readonly=True,
        copy=False,
        help="Deals won in the period and still won at its end, from history.",
    )
    actual_invoiced = BlankMonetary(
        string="Actually Invoiced",
        readonly=True,
        copy=False,
        help="Invoices less credit notes of the period, without taxes, for deals that these people had on the invoice's"
        " day, from history.",
    )
    error = BlankMonetary(compute="_compute_errors", string="Forecast Error", help="Forecast less actually won.")
    error_pct = BlankFloat(compute="_compute_errors", string="Forecast Error (%)", digits=(16, 4))
    adjusted_error = BlankMonetary(compute="_compute_errors", string="Error after Adjustment")

    _one_scope = models.UniqueIndex(
        "(company_id, COALESCE(team_id, 0), COALESCE(user_id, 0), period_kind, date_from)",
        "There is a forecast of these people and this period already.",
    )

    # COMPUTES
    @api.depends("company_id", "team_id", "user_id", "period_kind", "date_from")
    def _compute_target_id(self):
        targets = self.env["kams.target"].search(
            [("company_id", "in", self.company_id.ids), ("date_from", "in", list(set(self.mapped("date_from"))))]
        )
        found = {tuple(target[name] for name in SCOPE): target for target in targets}
        for forecast in self:
            target = found.get(tuple(forecast[name] for name in SCOPE))
            forecast.target_id = target
            forecast.quota = target.quota if target else None

    @api.depends("forecast", "adjustment")
    def _compute_adjusted(self):
        for forecast in self:
            call = known(forecast.forecast)
            forecast.adjusted = None if call is None else call + (known(forecast.adjustment) or 0.0)

    @api.depends("state", "company_id", "team_id", "user_id", "date_to", "tz")
    def _compute_amounts(self):
        """By category: of the lines once it is locked, of the open deals until then; a statement for each kind."""
        drafts = self.filtered(lambda one: one.state == "draft" and one.date_to and one.company_id)
        found = self.env["kams.forecast.deals"]._amounts(drafts)
        # sudo: totals by category, told to whoever sees the forecast; its deals are seen by their own rules
        lines = self.env["kams.forecast.line"].sudo()
        for forecast, category, count, amount, weighted in lines._read_group(
            [("forecast_id", "in", (self - drafts).ids)],
            ["forecast_id", "category"],
            ["__count", "amount:sum", "weighted:sum"],
        ):
            found.setdefault(forecast.id, {})[category] = count, amount, weighted
        for forecast in self:
            by_category = found.get(forecast._origin.id, {})
            for code, name in AMOUNTS.items():
                forecast[name] = by_category.get(code, (0, 0.0, 0.0))[1]
            counted = [row for code, row in by_category.items() if code != "omitted"]
            forecast.weighted_amount = sum(weighted for _count, _amount, weighted in counted)
            forecast.deal_count = sum(count for count, _amount, _weighted in by_category.values())

    @api.depends("forecast", "adjusted", "actual_won")
    def _compute_errors(self):
        for forecast in self:
            call, actual, adjusted = (known(forecast[name]) for name in ("forecast", "actual_won", "adjusted"))
            unknown = call is None or actual is None
            forecast.error = None if unknown else call - actual
            forecast.error_pct = None if unknown or not actual else (call - actual) / actual * 100
            forecast.adjusted_error = None if unknown else adjusted - actual

    # CONSTRAINTS
    @api.constrains("adjustment", "adjustment_reason")
    def _check_adjustment(self):
        for forecast in self:
            if known(forecast.adjustment) and not (forecast.adjustment_reason or "").strip():
                raise ValidationError(
                    self.env._("%s: say why you adjust the forecast.", forecast.display_name),
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in ENGINES} for vals in vals_list]
        forecasts = super().create(vals_list)
        if any(ADJUSTING & vals.keys() for vals in vals_list):
            forecasts.filtered(lambda one: known(one.adjustment) or one.adjustment_reason)._check_adjuster()
        return forecasts

    def write(self, vals):
        if self._in_hand():
            return super().write(vals)
        self.check_access("write")  # before anything is said of a forecast that isn't theirs to see
        names = set(vals)
        if names & ENGINES:
            raise UserError(self.env._("Lock and close a forecast with its buttons; what they note isn't typed."))
        if names & OWN:
            self._refuse_locked()
        if names & ADJUSTING:
            self._check_adjuster()
            stamp = {"adjusted_by_id": self.env.uid, "adjusted_at": fields.Datetime.now()}
            return super(KamsForecast, self._engine()).write({**vals, **stamp})
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self._refuse_locked()

    # BUSINESS
    def _refuse_locked(self):
        for forecast in self:
            if forecast.state != "draft":
                raise UserError(
                    self.env._(
                        "%s is locked: what was forecast stays as it was. A manager may still adjust it beside that.",
                        forecast.display_name,
                    )
                )

    def _check_adjuster(self):
        """An adjustment is a manager's, who isn't the person that forecasts, and comes before the period is known."""
        if not (self.env.su or self.env.user.has_group("kams_sales.group_account_manager")):
            raise UserError(self.env._("Only managers adjust forecasts. Change your own call instead."))
        for forecast in self:
            if forecast.user_id == self.env.user and not self.env.su:
                raise UserError(
                    self.env._(
                        "%s is your own forecast: somebody else adjusts it. Change your own call instead.",
                        forecast.display_name,
                    )
                )
            if forecast.state == "closed" or (forecast.state == "locked" and not forecast._may_still_adjust()):
                raise UserError(
                    self.env._(
                        "%s can't be adjusted any more: an adjustment made late would know too much.",
                        forecast.display_name,
                    )
                )

    def _may_still_adjust(self):
        days = self.env["kams.legal.rule"]._value("forecast_adjustment_days") or 0
        return (fields.Datetime.now() - self.locked_at).total_seconds() <= days * 86400

    @api.model
    def _of_targets(self, targets):
        """``{target: its forecast}``"""
        forecasts = self.search(
            [("company_id", "in", targets.company_id.ids), ("date_from", "in", list(set(targets.mapped("date_from"))))]
        )
        found = {tuple(forecast[name] for name in SCOPE): forecast for forecast in forecasts}
        places = {target: tuple(target[name] for name in SCOPE) for target in targets}
        return {target: found[place] for target, place in places.items() if place in found}
