from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import valuation
from .blank import BlankFloat, BlankMonetary, known
from .kams_account_figure import FIGURES
from .kams_value_policy import CONVENTIONS

GRADES = [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")]
SHAPIRO = [
    ("carriage", "Carriage Trade: high price, high cost to serve"),
    ("passive", "Passive: high price, low cost to serve"),
    ("aggressive", "Aggressive: low price, high cost to serve"),
    ("bargain", "Bargain Basement: low price, low cost to serve"),
]
FIOCCA = [
    ("key_difficult", "Key – Difficult"),
    ("key_easy", "Key – Easy"),
    ("nonkey_difficult", "Non-key – Difficult"),
    ("nonkey_easy", "Non-key – Easy"),
]
LEVELS = {"h": "High", "m": "Medium", "l": "Low"}
CELLS = [(a + b, f"{LEVELS[a]} attractiveness, {LEVELS[b].lower()} strength") for a in "hml" for b in "hml"]
SALES_FIGURES = ("gross_sales", "discounts", "cogs")
LEDGER_FIGURES = ("receivables", "receivables_average", "overdue", "invoiced", "payment_days")
# Figures that scorecards answer, by the code of the template
SCORED_FIGURES = {
    "fiocca_importance": "importance",
    "fiocca_difficulty": "difficulty",
    "selection_attractiveness": "attractiveness",
}
COPIED = ("capital_rate", "clv_convention", "retention_rate", "discount_rate", "horizon_years", "target_share")


class KamsAccountValue(models.Model):
    """What a customer was worth over a period, what it could be worth, and how it stands among the others.

    Book section 2.3 大客户价值分析 (C14, C15, C16, C19, C22). The figures come from Odoo's books; what a machine
    can't know is typed, and says by whom. Once done it keeps its figures for ever.
    """

    _name = "kams.account.value"
    _description = "Value analysis of a key account"
    _inherit = ["kams.account.part", "kams.state.mixin", "mail.thread"]
    _order = "date_to desc, id desc"
    _state_transitions = {"draft": {"done"}}

    # Period
    date_from = fields.Date(string="From", required=True, default=lambda self: self._default_period()[0])
    date_to = fields.Date(string="To", required=True, default=lambda self: self._default_period()[1])
    with_group = fields.Boolean(string="With Subsidiaries", help="Count the customer's whole group.")
    state = fields.Selection([("draft", "Draft"), ("done", "Done")], default="draft", required=True, tracking=True)
    done_on = fields.Date(readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", string="Done By", readonly=True, copy=False)
    # Inputs
    figure_ids = fields.One2many("kams.account.figure", "value_id", string="Figures")
    typed_count = fields.Integer(string="Typed Figures", compute="_compute_results", store=True)
    basis = fields.Json(string="Compared With", readonly=True, copy=False)
    capital_rate = fields.Float(string="Cost of Capital (% a Year)")
    clv_convention = fields.Selection(CONVENTIONS, string="CLV Convention")
    retention_rate = fields.Float(string="Retention Rate (%)")
    discount_rate = fields.Float(string="Discount Rate (%)")
    margin_growth = fields.Float(string="Margin Growth (% a Year)")
    horizon_years = fields.Integer(string="Horizon (Years)")
    acquisition_cost = fields.Monetary()
    target_share = fields.Float(string="Target Wallet Share (%)")
    # Profitability
    net_sales = fields.Monetary(compute="_compute_results", store=True)
    gross_margin = fields.Monetary(compute="_compute_results", store=True)
    gross_margin_pct = BlankFloat(string="Gross Margin (%)", digits=(16, 2), compute="_compute_results", store=True)
    cogs_known = BlankFloat(
        string="Sales with Known Cost (%)",
        digits=(16, 2),
        readonly=True,
        help="Share of net sales whose cost of goods Odoo knows; the rest counts without cost.",
    )
    cost_to_serve = fields.Monetary(string="Cost to Serve", compute="_compute_results", store=True)
    capital_cost = fields.Monetary(
        string="Cost of Capital", compute="_compute_results", store=True, help="Average receivables at that rate."
    )
    contribution = fields.Monetary(compute="_compute_results", store=True)
    contribution_pct = BlankFloat(string="Contribution (%)", digits=(16, 2), compute="_compute_results", store=True)
    price_realisation = BlankFloat(
        string="Price Realisation (%)", digits=(16, 2), compute="_compute_results", store=True
    )
    cts_ratio = BlankFloat(string="Cost to Serve (%)", digits=(16, 2), compute="_compute_results", store=True)
    # Money
    dso = BlankFloat(string="DSO (Days)", digits=(16, 1), compute="_compute_results", store=True)
    overdue = fields.Monetary(compute="_compute_results", store=True)
    payment_days = BlankFloat(string="Payment Days", digits=(16, 1), compute="_compute_results", store=True)
    # Future
    wallet_share = BlankFloat(string="Wallet Share (%)", digits=(16, 2), compute="_compute_results", store=True)
    potential_gap = BlankMonetary(string="Gap to Target Share", compute="_compute_results", store=True)
    clv = BlankMonetary(string="Customer Lifetime Value", compute="_compute_results", store=True)
    # Standing
    score_current = BlankFloat(string="Current Value", digits=(16, 2), compute="_compute_results", store=True)
    score_potential = BlankFloat(string="Potential", digits=(16, 2), compute="_compute_results", store=True)
    score_strategic = BlankFloat(string="Strategic Value", digits=(16, 2), compute="_compute_results", store=True)
    score_risk = BlankFloat(string="Cost and Risk", digits=(16, 2), compute="_compute_results", store=True)
    value_score = BlankFloat(digits=(16, 2), compute="_compute_results", store=True)
    score_coverage = fields.Float(
        string="Weight Scored (%)",
        digits=(16, 0),
        compute="_compute_results",
        store=True,
        help="How much of the weight the known sub-scores carry.",
    )
    grade = fields.Selection(GRADES, compute="_compute_results", store=True)
    shapiro = fields.Selection(SHAPIRO, string="Shapiro Position", compute="_compute_results", store=True)
    fiocca = fields.Selection(FIOCCA, string="Fiocca, Step 1", compute="_compute_results", store=True)
    fiocca_cell = fields.Selection(CELLS, string="Fiocca, Step 2", compute="_compute_results", store=True)

    _period_order = models.Constraint("CHECK (date_from <= date_to)", "A period begins before it ends.")

    # COMPUTES
    @api.depends("account_id.name", "date_from", "date_to")
    def _compute_display_name(self):
        for value in self:
            period = [format_date(self.env, day) for day in (value.date_from, value.date_to) if day]
            value.display_name = " ".join([value.account_id.name or "", " – ".join(period)]).strip()

    @api.depends("figure_ids.value", "basis", "margin_growth", "acquisition_cost", "date_from", "date_to", *COPIED)
    def _compute_results(self):
        for value in self:
            figures = value._figures()
            basis = value.basis or {}
            years, days = value._years(), (value.date_to - value.date_from).days + 1 if value._years() else 0
            value.typed_count = len(value.figure_ids.filtered("is_typed"))
            value._set_profitability(figures, years)
            value.overdue = figures["overdue"] or 0.0
            value.payment_days = figures["payment_days"]
            value.dso = valuation.dso(figures["receivables_average"], figures["invoiced"], days)
            a_year = value.net_sales / years if years else None
            value.wallet_share, value.potential_gap = valuation.wallet(
                a_year, figures["category_spend"], value.target_share
            )
            value.clv = valuation.lifetime_value(
                value.contribution / years if years else None,
                value.retention_rate * (1 + value.margin_growth / 100),
                value.discount_rate,
                value.clv_convention,
                value.horizon_years,
                value.acquisition_cost,
            )
            value._set_scores(figures, basis, years)

    def _set_profitability(self, figures, years):
        capital = figures["capital_cost"]
        if capital is None:
            capital = valuation.capital_cost(figures["receivables_average"] or 0.0, self.capital_rate, years)
        self.capital_cost = capital
        result = valuation.profitability(
            *(figures[key] or 0.0 for key in SALES_FIGURES), (figures["service_cost"] or 0.0) + capital
        )
        for name, amount in vars(result).items():
            self[name] = amount

    def _set_scores(self, figures, basis, years):
        account = self.env["kams.account"]
        late = valuation.ratio(figures["overdue"], figures["receivables"] or None, 100)
        scores = account._sub_scores(
            basis,
            net_sales=self.net_sales / years if years else None,
            contribution=self.contribution / years if years else None,
            potential_gap=known(self.potential_gap),
            strategic=figures["strategic"],
            cts_ratio=known(self.cts_ratio),
            dso=known(self.dso),
            late=late,
        )
        for name, score in scores.items():
            self[f"score_{name}"] = score
        weights = basis.get("weights") or [0.0] * len(scores)
        score, self.score_coverage = valuation.weighted(zip(scores.values(), weights, strict=True))
        self.value_score = score
        self.grade = valuation.grade(score, basis.get("grades") or (75, 60, 40))
        self.shapiro = valuation.shapiro(
            known(self.price_realisation), known(self.cts_ratio), basis.get("median_price"), basis.get("median_cts")
        )
        cut, low, high = basis.get("cuts") or (5.5, 4, 7)
        self.fiocca = valuation.fiocca(figures["importance"], figures["difficulty"], cut)
        is_key = self.fiocca in ("key_difficult", "key_easy")  # step 2 is for key accounts only
        self.fiocca_cell = is_key and valuation.nine_cells(
            figures["attractiveness"], figures["relationship"], low, high
        )

    # CONSTRAINTS
    @api.constrains("retention_rate", "discount_rate", "target_share", "capital_rate")
    def _check_rates(self):
        for value in self:
            if not (0 <= value.retention_rate <= 100 and value.discount_rate >= 0 and value.capital_rate >= 0):
                raise ValidationError(
                    self.env._(
                        "%(analysis)s: a retention rate lies between 0 and 100 %%, discount and capital rates "
                        "aren't below 0.",
                        analysis=value.display_name,
                    )
                )
            if not 0 <= value.target_share <= 100:
                raise ValidationError(
                    self.env._("%(analysis)s: a target share lies between 0 and 100 %%.", analysis=value.display_name)
                )

    @api.constrains("date_from", "date_to", "with_group")
    def _check_one_draft(self):
        """Not asked when customers are merged: their drafts come together."""
        period = ["account_id", "date_from:day", "date_to:day", "with_group"]
        drafts = [("account_id", "in", self.account_id.ids), ("state", "=", "draft")]
        for account, *_period in self._read_group(drafts, period, having=[("__count", ">", 1)]):
            raise ValidationError(
                self.env._("%s has an open analysis of that period already: work on that one.", account.display_name)
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        self._check_open()

    # ORM
    @api.model
    def default_get(self, fields):
        """A form opens with the policy's rates: it sends all its fields along, and an empty rate would count as 0."""
        return {**self._policy_rates(self.env.company, fields), **super().default_get(fields)}

    @api.onchange("account_id")
    def _onchange_account_id(self):
        """A new analysis of another company's account goes by that company's policy."""
        if self.account_id and not self._origin:
            self.update(self._policy_rates(self.account_id.company_id, COPIED))

    @api.model_create_multi
    def create(self, vals_list):
        self._check_computed(key for vals in vals_list for key in vals)
        values = super().create([{k: v for k, v in vals.items() if k != "figure_ids"} for vals in vals_list])
        for value, vals in zip(values, vals_list, strict=True):
            value.write(self._policy_rates(value.company_id, [name for name in COPIED if name not in vals]))
        values.check_access("write")
        values._refresh()
        for value, vals in zip(values, vals_list, strict=True):
            value._take_typed(vals.get("figure_ids"))
        return values

    def write(self, vals):
        self._check_computed(vals)
        merging = self.env.su and vals.keys() == {"account_id"}  # a merged customer takes its past along
        if self._inputs() & vals.keys() and not merging:
            self._check_open()
        result = super().write(vals)
        if {"date_from", "date_to", "with_group", "account_id"} & vals.keys():
            self.filtered(lambda value: value.state == "draft")._refresh()
        return result

    def _inputs(self):
        return {"account_id", "date_from", "date_to", "with_group", "margin_growth", "acquisition_cost", *COPIED}

    def _check_computed(self, names):
        """Results follow from the figures; nobody writes them."""
        if not self.env.su and any(
            name in self._fields and (self._fields[name].compute == "_compute_results" or name in ("basis",))
            for name in names
        ):
            raise UserError(
                self.env._("The results of a value analysis are computed. Type a figure instead, with its source.")
            )

    def _check_open(self):
        for value in self:
            if value.state == "done":
                raise UserError(
                    self.env._(
                        "%(analysis)s is done and keeps its figures. Make a new analysis instead.",
                        analysis=value.display_name,
                    )
                )

    # ACTIONS
    def action_refresh(self):
        """Read the books again."""
        self.check_access("write")
        self._check_open()
        self._refresh()

    def action_done(self):
        """Keep the figures as they are now."""
        self.write({"state": "done", "done_on": fields.Date.context_today(self), "done_by_id": self.env.uid})
        self.account_id._note_value()

    # BUSINESS
    @api.model
    def _default_period(self):
        """The last twelve full months."""
        first = fields.Date.context_today(self).replace(day=1)
        return first - relativedelta(years=1), first - relativedelta(days=1)

    def _years(self):
        """How long the period is: whole months count as such, so that twelve of them are exactly a year."""
        if not (self.date_from and self.date_to):
            return 0.0
        end = self.date_to + relativedelta(days=1)
        span = relativedelta(end, self.date_from)
        if not span.days:
            return span.years + span.months / 12
        return (end - self.date_from).days / 365.0

    def _figures(self):
        """``{key: number or None}`` of what counts."""
        found = {figure.key: known(figure.value) for figure in self.figure_ids}
        return {key: found.get(key) for key, _label in FIGURES}

    @api.model
    def _policy_rates(self, company, names):
        """The company's rates and conventions by these names; none if it has no policy."""
        policy = self.env["kams.value.policy"]._by_company(company)[company.id]
        return {name: policy[name] for name in COPIED if name in names and policy}

    def _take_typed(self, commands):
        """What a form sent along with a new analysis: its typed figures find their lines by their keys."""
        figures = self.figure_ids.grouped("key")
        for command in commands or []:
            line = command[2] if command[0] in (0, 1) else None
            if line and known(line.get("typed_value")) is not None and line.get("key") in figures:
                figures[line["key"]].write({"typed_value": line["typed_value"], "why": line.get("why")})

    def _refresh(self):
        """Fill the figures from the books: a constant number of statements for all analyses of a period."""
        basis = self.env["kams.account"]._value_basis(self.company_id)
        scored = self._scored_figures()
        vals_list = []
        for (date_from, date_to, with_group), values in self.grouped(
            lambda value: (value.date_from, value.date_to, value.with_group)
        ).items():
            totals = values.account_id._totals(date_from, date_to, with_group)
            known_lines = {(line.value_id.id, line.key): line for line in values.figure_ids}
            for value in values:
                sums = totals[value.account_id.id]
                found = {**self._odoo_figures(sums), **scored.get(value.account_id.id, {})}
                # sudo: the figures are Odoo's, so nobody may write them by hand: the user may write the analysis
                value.sudo().write(
                    {
                        "basis": basis[value.company_id.id],
                        "cogs_known": valuation.ratio(sums.costed_sales, sums.net_sales or None, 100),
                    }
                )
                for sequence, (key, _label) in enumerate(FIGURES):
                    line = known_lines.get((value.id, key))
                    if line is None:
                        vals_list.append(
                            {"value_id": value.id, "key": key, "sequence": sequence, "odoo_value": found.get(key)}
                        )
                    elif known(line.odoo_value) != found.get(key):
                        line.sudo().odoo_value = found.get(key)  # sudo: as above
        self.env["kams.account.figure"].sudo().create(vals_list)  # sudo: as above

    @api.model
    def _odoo_figures(self, sums):
        """What the books say, by key; the figures that only people know are missing."""
        figures = {key: getattr(sums, key) for key in (*SALES_FIGURES, *LEDGER_FIGURES, "service_cost")}
        if sums.capital_recorded:
            figures["capital_cost"] = sums.capital_lines
        return figures

    def _scored_figures(self):
        """What the last scorecards that are done say of each account: ``{account id: {key: rating}}``."""
        cards = self.env["kams.scorecard"].search_fetch(
            [
                ("account_id", "in", self.account_id.ids),
                ("state", "=", "done"),
                ("template_id.code", "in", list(SCORED_FIGURES)),
            ],
            ["account_id", "template_id", "rating"],
            order="date, id",
        )
        found = {}
        for card in cards:
            if known(card.rating) is not None:
                found.setdefault(card.account_id.id, {})[SCORED_FIGURES[card.template_id.code]] = card.rating
        return found

    def _open_rows(self, key):
        """The rows behind a figure: sales lines, invoices still open, payments, or recorded costs."""
        self.ensure_one()
        accounts = self.account_id
        if self.with_group:
            # sudo: the key of what was found; the rows are read as the user
            accounts |= accounts._value_families().get(accounts.sudo(), accounts.browse()).with_env(self.env)
        in_period = Domain("date", ">=", self.date_from) & Domain("date", "<=", self.date_to)
        if key in SALES_FIGURES:
            model, domain = "kams.account.sales", Domain("account_id", "in", accounts.ids) & in_period
        elif key in ("service_cost", "capital_cost"):
            model, domain = "kams.account.cost", Domain("account_id", "in", accounts.ids) & in_period
        elif key in SCORED_FIGURES.values():
            model = "kams.scorecard"
            code = next(code for code, figure in SCORED_FIGURES.items() if figure == key)
            domain = Domain("account_id", "=", self.account_id.id) & Domain("template_id.code", "=", code)
        elif key in LEDGER_FIGURES:
            model = "account.move.line"
            domain = (
                Domain("partner_id", "child_of", accounts.partner_id.ids)
                & Domain("company_id", "=", self.company_id.id)
                & Domain("parent_state", "=", "posted")
                & Domain("account_id.account_type", "=", "asset_receivable")
                & Domain("date", "<=", self.date_to)
            )
            if key == "invoiced":
                domain &= Domain("move_id.move_type", "in", ("out_invoice", "out_refund", "out_receipt")) & in_period
            elif key == "overdue":
                domain &= Domain("date_maturity", "<", self.date_to) & Domain("amount_residual", ">", 0)
        else:
            raise UserError(self.env._("This figure is typed by people: there are no rows behind it."))
        label = dict(self.env["kams.account.figure"]._fields["key"]._description_selection(self.env))[key]
        return {
            "type": "ir.actions.act_window",
            "name": f"{label}: {self.display_name}",
            "res_model": model,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": list(domain),
            "context": {"create": False},
        }
