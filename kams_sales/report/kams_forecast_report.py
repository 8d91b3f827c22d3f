from odoo import api, models

from ..models.blank import known
from ..tools import forecast as arithmetic

PAST = 12  # so many earlier periods stand beside this one
MOST = 200  # so many deals stand on paper, the largest: a company's forecast has thousands


class ReportForecast(models.AbstractModel):
    """A forecast against what came, on paper: the call and its adjustment, the deals as locked, and the record so far.

    Book chapter 9 (预测准确度表), formula C11.
    """

    _name = "report.kams_sales.report_forecast"
    _description = "Forecast against actual on paper"
    _inherit = ["kams.paper"]
    _paper_model = "kams.forecast"

    @api.model
    def _title(self):
        return self.env._("Forecast against Actual")

    @api.model
    def _sheets(self, records):
        sums = self._sums(records)
        past = self._past(records)
        return {
            record.id: {
                "mark": self.env._("Draft") if record.state == "draft" else "",
                "subtitle": self._value(record, "state"),
                "sections": [
                    self._section_facts(self.env._("Overview"), self._overview(record)),
                    self._call(record),
                    self._categories(record, sums.get(record, {})),
                    self._deals(record, sum(row[0] for row in sums.get(record, {}).values())),
                    self._track(record, past[record]),
                ],
            }
            for record in records
        }

    def _overview(self, record):
        return [
            self._fact(record, "user_id"),
            self._fact(record, "team_id"),
            (
                self.env._("Period"),
                f"{self._date(record.date_from)} – {self._date(record.date_to)}",
            ),
            (self._label(record, "quota"), self._amount(record, "quota")),
            self._fact(record, "locked_at"),
            self._fact(record, "closed_at"),
        ]

    def _amount(self, record, name):
        value = known(record[name])
        return "–" if value is None else self._money(value, record.currency_id)

    def _percent(self, value):
        return "–" if value is None else f"{self._number(value, 1)} %"

    def _call(self, record):
        """Forecast and adjusted forecast, each against won and against invoiced."""
        won, invoiced = known(record.actual_won), known(record.actual_invoiced)
        rows = []
        for name in ("forecast", "adjusted"):
            call = known(record[name])
            cells = [self._label(record, name), self._amount(record, name)]
            for actual in (won, invoiced):
                unknown = call is None or actual is None
                error = None if unknown else call - actual
                share = None if unknown else arithmetic.ratio(error, actual)
                cells += [
                    "–" if error is None else self._money(error, record.currency_id),
                    self._percent(None if share is None else share * 100),
                ]
            rows.append(cells)
        columns = [
            ("", 24, ""),
            (self.env._("Amount"), 16, "right"),
            (self.env._("Error against Won"), 18, "right"),
            (self.env._("In %"), 12, "right"),
            (self.env._("Error against Invoiced"), 18, "right"),
            (self.env._("In %"), 12, "right"),
        ]
        legend = [
            f"{self._label(record, 'actual_won')}: {self._amount(record, 'actual_won')}",
            f"{self._label(record, 'actual_invoiced')}: {self._amount(record, 'actual_invoiced')}",
        ]
        if known(record.adjustment):
            legend.append(
                self.env._(
                    "Adjusted by %(amount)s by %(manager)s: %(reason)s",
                    amount=self._amount(record, "adjustment"),
                    manager=record.adjusted_by_id.name or "–",
                    reason=record.adjustment_reason or "–",
                )
            )
        return self._section_table(self.env._("Call and Result"), columns, rows, legend=" · ".join(legend))

    @api.model
    def _sums(self, records):
        """``{forecast: {(category, outcome): (deals, amount, amount won)}}`` of the deals that the reader may see."""
        sums = {}
        for forecast, category, outcome, *found in self.env["kams.forecast.line"]._read_group(
            [("forecast_id", "in", records.ids)],
            ["forecast_id", "category", "outcome"],
            ["__count", "amount:sum", "actual_amount:sum"],
        ):
            sums.setdefault(forecast, {})[category, outcome] = found
        return sums

    def _categories(self, record, sums):
        """Amounts by category as locked, and what was won of each, of the deals that the reader may see."""
        lines = self.env["kams.forecast.line"]
        label = lines._fields["category"]._description_selection(self.env)
        columns = [
            (self._label(lines, "category"), 28, ""),
            (self.env._("Deals"), 12, "right"),
            (self.env._("Amount as Locked"), 20, "right"),
            (self.env._("Deals Won"), 12, "right"),
            (self._label(lines, "actual_amount"), 20, "right"),
        ]
        rows = []
        for code, words in label:
            some = [found for (category, _outcome), found in sums.items() if category == code]
            won = sums.get((code, "won"), (0, 0.0, 0.0))
            rows.append(
                [
                    words,
                    str(sum(deals for deals, _amount, _won in some)),
                    self._money(sum(amount or 0.0 for _deals, amount, _won in some), record.currency_id),
                    str(won[0]) if record.state == "closed" else "–",
                    self._money(won[2] or 0.0, record.currency_id) if record.state == "closed" else "–",
                ]
            )
        return self._section_table(self.env._("By Category"), columns, rows)

    def _deals(self, record, number):
        lines = self.env["kams.forecast.line"].search(
            [("forecast_id", "=", record.id)],
            order="category, amount desc, id" if number <= MOST else "amount desc, id",
            limit=MOST,
        )
        columns = [
            (self._label(lines, "lead_name"), 34, ""),
            (self._label(lines, "category"), 13, ""),
            (self._label(lines, "deadline"), 13, ""),
            (self._label(lines, "amount"), 15, "right"),
            (self._label(lines, "probability"), 11, "right"),
            (self._label(lines, "outcome"), 14, ""),
        ]
        tones = {"won": "good", "lost": "bad", "archived": "muted", "gone": "muted"}
        rows = [
            [
                self._cell(line.lead_name, note=line.partner_name or ""),
                self._value(line, "category"),
                self._date(line.deadline),
                self._money(line.amount, line.currency_id),
                self._percent(known(line.probability)),
                self._cell(self._value(line, "outcome") or "–", tone=tones.get(line.outcome, "")),
            ]
            for line in lines
        ]
        more = self.env._("And %s more", number - MOST) if number > MOST else ""
        return self._section_table(self.env._("Deals as Locked"), columns, rows, legend=more)

    def _past(self, records):
        """Closed forecasts of the same people and kind of period, up to each record: one search for all."""
        found = self.env["kams.forecast"].search(
            [
                ("state", "=", "closed"),
                ("company_id", "in", records.company_id.ids),
                ("period_kind", "in", records.mapped("period_kind")),
                ("user_id", "in", [*records.user_id.ids, False]),
                ("team_id", "in", [*records.team_id.ids, False]),
                ("date_from", "<=", max(records.mapped("date_from"))),
            ],
            order="date_from desc",
        )
        by_scope = found.grouped(lambda one: one._scope())
        return {
            record: by_scope.get(record._scope(), found.browse()).filtered(
                lambda one, record=record: one.date_from <= record.date_from
            )[:PAST]
            for record in records
        }

    def _track(self, record, past):
        """Period by period, and how good they were together."""
        columns = [
            (self.env._("Period"), 22, ""),
            (self._label(record, "forecast"), 20, "right"),
            (self._label(record, "adjusted"), 20, "right"),
            (self._label(record, "actual_won"), 20, "right"),
            (self._label(record, "error_pct"), 18, "right"),
        ]
        rows = [
            [
                one._period_name(),
                *(self._amount(one, name) for name in ("forecast", "adjusted", "actual_won")),
                self._percent(known(one.error_pct)),
            ]
            for one in past
        ]
        pairs = [(known(one.forecast), known(one.actual_won)) for one in past]
        figures = [
            ("MAPE", arithmetic.mape(pairs)),
            ("WAPE", arithmetic.wape(pairs)),
            (self.env._("Bias"), arithmetic.bias(pairs)),
        ]
        legend = " · ".join(
            f"{word}: {self._percent(None if value is None else value * 100)}" for word, value in figures
        )
        return self._section_table(
            self.env._("So Far"),
            columns,
            rows,
            empty=self.env._("No period of these people is closed yet."),
            legend=legend if past else "",
        )
