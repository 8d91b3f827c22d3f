from odoo import api, models

VERDICT = ("grade", "value_score", "score_coverage", "shapiro", "fiocca", "fiocca_cell")
DONE = ("done_by_id", "done_on")
RATIOS = (
    "price_realisation",
    "gross_margin_pct",
    "cts_ratio",
    "contribution_pct",
    "cogs_known",
    "capital_rate",
    "dso",
    "payment_days",
    "overdue",
)
FUTURE = (
    "wallet_share",
    "target_share",
    "potential_gap",
    "clv",
    "clv_convention",
    "retention_rate",
    "margin_growth",
    "discount_rate",
    "horizon_years",
    "acquisition_cost",
)
SCORES = ("score_current", "score_potential", "score_strategic", "score_risk")


class ReportAccountValue(models.AbstractModel):
    """The value analysis on paper: what a customer was and could be worth, and where each figure is from (2.3, T09)."""

    _name = "report.kams_sales.report_account_value"
    _description = "Value analysis"
    _inherit = ["kams.paper"]
    _paper_model = "kams.account.value"

    @api.model
    def _title(self):
        return self.env._("Value Analysis")

    @api.model
    def _name_of(self, record):
        return record.account_id.name

    @api.model
    def _sheets(self, records):
        figures = self._lines_of("kams.account.figure", records, "value_id")
        return {value.id: self._sheet(value, figures[value]) for value in records}

    def _sheet(self, value, figures):
        period = f"{self._date(value.date_from)} – {self._date(value.date_to)}"
        group = self._label(value, "with_group") if value.with_group else ""
        return {
            "subtitle": " · ".join(filter(None, [period, group, self._value(value, "state")])),
            "mark": self.env._("Draft") if value.state == "draft" else "",
            "sections": [
                self._section_facts(
                    self.env._("Verdict"),
                    [self._fact(value, name) for name in VERDICT + (DONE if value.state == "done" else ())],
                ),
                self._bridge(value, {figure.key: figure.value for figure in figures}),
                self._section_facts(self.env._("Ratios"), [self._fact(value, name, zero=True) for name in RATIOS]),
                self._section_facts(
                    self.env._("Potential and Lifetime Value"), [self._fact(value, name, zero=True) for name in FUTURE]
                ),
                self._scores(value),
                self._sources(value, figures),
            ],
        }

    # PARTS
    def _bridge(self, value, figures):
        """From sales to contribution, step by step; the bars compare with sales at list price."""
        keys = dict(self.env["kams.account.figure"]._fields["key"]._description_selection(self.env))
        steps = [
            (keys["gross_sales"], figures.get("gross_sales"), ""),
            (f"− {keys['discounts']}", figures.get("discounts"), "muted"),
            (self._label(value, "net_sales"), value.net_sales, "good"),
            (f"− {keys['cogs']}", figures.get("cogs"), "muted"),
            (self._label(value, "gross_margin"), value.gross_margin, "good"),
            (f"− {self._label(value, 'cost_to_serve')}", value.cost_to_serve, "muted"),
            (self._label(value, "contribution"), value.contribution, "bad" if value.contribution < 0 else "good"),
        ]
        gross = figures.get("gross_sales") or 0.0
        rows = []
        for label, amount, tone in steps:
            known = amount is not None and amount is not False
            share = 100 * amount / value.net_sales if known and value.net_sales > 0 else None
            bar = 100 * amount / gross if known and gross > 0 else None
            rows.append(
                [
                    self._cell(label, tone="" if tone == "good" else tone),
                    self._cell(self._money(amount), tone=tone if tone == "bad" else ""),
                    self._number(share, 1),
                    self._cell(bar=bar, tone=tone),
                ]
            )
        columns = [
            ("", 36, ""),
            (self.env._("Amount"), 20, "right"),
            (self.env._("% of Net Sales"), 14, "right"),
            ("", 30, ""),
        ]
        title = self.env._("From Sales to Contribution (%s)", value.currency_id.name)
        return self._section_table(title, columns, rows, together=True)

    def _scores(self, value):
        weights = (value.basis or {}).get("weights") or [None] * len(SCORES)
        rows = [
            [
                self._label(value, name),
                self._number(weight, 0),
                self._number(value[name], 1),
                self._cell(bar=value[name]),
            ]
            for name, weight in zip(SCORES, weights, strict=True)
        ]
        columns = [
            (self.env._("Sub-score"), 36, ""),
            (self.env._("Weight"), 14, "right"),
            (self.env._("0–100"), 20, "right"),
            ("", 30, ""),
        ]
        return self._section_table(self.env._("Scores"), columns, rows, together=True)

    def _sources(self, value, figures):
        """What counts is Odoo's figure or the one that somebody typed: then it says who, and why."""
        columns = [
            (self._label(figures, "key"), 32, ""),
            (self._label(figures, "odoo_value"), 17, "right"),
            (self._label(figures, "typed_value"), 17, "right"),
            (self._label(figures, "typed_by_id"), 14, ""),
            (self._label(figures, "why"), 20, ""),
        ]
        rows = [
            [
                self._value(figure, "key"),
                self._cell(self._figure(figure.odoo_value), tone="muted" if figure.is_typed else ""),
                self._figure(figure.typed_value) if figure.is_typed else "",
                self._cell(figure.typed_by_id.name or "", note=self._date(figure.typed_on)) if figure.is_typed else "",
                figure.why or "",
            ]
            for figure in figures
        ]
        return self._section_table(self.env._("Figures and Their Sources"), columns, rows, together=True)
