"""`make dashboards`: writes the spreadsheet dashboards that ship with the addon, and the sample of each.

What a dashboard shows is said in dev/boards. Here it becomes Odoo's spreadsheet JSON: cards on top, charts
in two columns, tables below them, and a hidden sheet with the cells that cards are read from. A sample has the same
cards, charts and tables over invented numbers; its words are those of the dashboard, so that both are translated.
"""

import json

from dev import paths
from dev.boards import BOARDS
from dev.dashboard_parts import Bars, Chart, Cloud, Rows, Steps, Table, is_day, named, text

FOLDER = paths.ROOT / "kams_sales" / "data" / "files"
VERSION = "18.5.10"
WIDTH, GAP, CARD_HEIGHT, CHART_HEIGHT, ROW = 1070, 12, 100, 300, 23
COLUMNS, FIRST, SECOND, OTHERS = 7, 225, 160, 140
LABELS = {
    "period": "Period",
    "team": "Sales Team",
    "company": "Company",
    "user": "Salesperson",
    "manager": "Account Manager",
    "account": "Key Account",
    "industry": "Industry",
    "source": "Source",
}
MODELS = {
    "team": "crm.team",
    "company": "res.company",
    "user": "res.users",
    "manager": "res.users",
    "account": "kams.account",
    "industry": "res.partner.industry",
    "source": "utm.source",
}
FORMATS = {"number": "#,##0", "percent": '0.0"%"', "decimal": "#,##0.0", "month": "mmm yyyy", "money": "#,##0"}
FORMATS |= {"axis": '0"%"', "day": "yyyy-mm-dd"}
FORMAT_IDS = {name: number for number, name in enumerate(FORMATS, start=1)}
TITLE, HEADER, NUMBERS, LABEL = 1, 2, 3, 4
HEADER_STYLE = {"bold": True, "fontSize": 10, "textColor": "#434343", "wrapping": "wrap", "verticalAlign": "bottom"}
STYLES = {
    str(TITLE): {"bold": True, "fontSize": 16, "textColor": "#01666B"},
    str(HEADER): HEADER_STYLE,
    str(NUMBERS): {**HEADER_STYLE, "align": "right"},
    str(LABEL): {"align": "left"},
}


class Sheet:
    """What is being written, of a dashboard or of its sample."""

    def __init__(self, board):
        self.board = board
        self.figures, self.cells, self.styles, self.formats, self.rows = [], {}, {}, {}, {}
        self.data, self.data_formats, self.data_row = {}, {}, 0
        self.pivots, self.lists, self.menus, self.numbers = {}, {}, {}, {}
        self.top = 10

    # LAYOUT
    def figure(self, name, data, place, per_line, height):
        width = (WIDTH - GAP * (per_line - 1)) // per_line
        name = f"kams-{self.board.key}-{name}"
        x = 10 + (place % per_line) * (width + GAP)
        self.figures.append(
            {
                "id": name,
                "col": 0,
                "row": 0,
                "offset": {"x": x, "y": self.top},
                "width": width,
                "height": height,
                "tag": "chart",
                "data": {"chartId": name, **data},
            }
        )
        return name

    def block(self, size):
        """The first of so many rows of the hidden sheet, a row below what is there."""
        first = self.data_row + 2
        self.data_row = first + size - 1
        return first

    def title_row(self, title, menu):
        row = self.next_row
        self.cells[f"A{row}"] = f"[{title}](odoo://ir_menu_xml_id/kams_sales.{menu})"
        self.styles[f"A{row}"] = TITLE
        self.rows[str(row - 1)], self.rows[str(row)] = {"size": 40}, {"size": 50}
        return row

    def header_styles(self, row, table):
        """Bold headers, above numbers at their right edge; one decimal below those of rates and days."""
        for place, header in enumerate(table.headers, start=1):
            number = place > 1 if isinstance(table, Table) else is_right(table.sample[0][place - 1])
            self.styles[f"{letters(place)}{row}"] = NUMBERS if number else HEADER
            form = self.column_format(table, place, header)
            if form:
                self.formats[f"{letters(place)}{row + 1}:{letters(place)}{row + table.rows}"] = FORMAT_IDS[form]
        self.styles[f"A{row + 1}:A{row + table.rows}"] = LABEL

    def column_format(self, table, place, header):
        if isinstance(table, Rows) and table.columns[place - 1] in table.days:
            return "day"
        return "decimal" if "%" in header or "Days" in header or "(Points)" in header else None

    def axis_format(self, chart, first, last, columns=1):
        """An axis is written as its first figures are: whole percents and days."""
        form = "axis" if "%" in chart.title else "number" if "Days" in chart.title or "(Points" in chart.title else None
        if form:
            self.data_formats[f"B{first}:{letters(columns + 1)}{last}"] = FORMAT_IDS[form]

    # PARTS: the same for a dashboard and its sample, but for where figures come from
    def write(self):
        board = self.board
        per_line = 3 if len(board.cards) % 3 == 0 else 4
        for place, card in enumerate(board.cards):
            self.card(place, card, per_line)
            if place % per_line == per_line - 1 or card is board.cards[-1]:
                self.top += CARD_HEIGHT + GAP
        place = 0
        for number, chart in enumerate(board.charts):
            per_line = 1 if chart.wide else 2
            if chart.wide and place % 2:
                self.top, place = self.top + CHART_HEIGHT + GAP, 0
            data = self.chart(number, chart)
            name = self.figure(f"chart-{number}", data, place % 2, per_line, CHART_HEIGHT)
            self.linked(name, chart)
            if chart.wide or place % 2:
                self.top, place = self.top + CHART_HEIGHT + GAP, 0
            else:
                place += 1
        self.top += (CHART_HEIGHT + GAP) if place % 2 else 0
        self.next_row = self.top // ROW + 2
        for table in board.tables:
            self.table(table)
        return self.json()

    def card(self, place, card, per_line):
        self.data_row += 1
        row = self.data_row
        self.data[f"A{row}"] = text(card.title)
        self.data[f"B{row}"] = self.card_value(card)
        if card.format != "money":
            self.data_formats[f"B{row}"] = FORMAT_IDS[card.format]
        data = {
            "type": "scorecard",
            "title": {"text": card.title, "bold": True, "color": "#434343"},
            "background": "#EFF6FF" if card.good else "#FFF7ED",
            "keyValue": f"Data!B{row}",
            "humanize": card.format in ("money", "number"),
            "baselineMode": "text",
            "baselineColorUp": "#00A04A",
            "baselineColorDown": "#DC6965",
        }
        name = self.figure(f"card-{place}", data, place, per_line, CARD_HEIGHT)
        self.menus[name] = f"kams_sales.{card.menu}"

    def native(self, chart, kind, first, count, **more):
        return {
            "type": kind,
            "title": {"text": chart.title, "bold": True},
            "background": "#FFFFFF",
            "legendPosition": "none",
            "dataSetsHaveTitle": False,
            "dataSets": [{"dataRange": f"Data!B{first}:B{first + count - 1}"}],
            "labelRange": f"Data!A{first}:A{first + count - 1}",
            "stacked": False,
            "aggregated": False,
            **more,
        }

    def fill(self, pairs, styles=None):
        """Labels and numbers on the hidden sheet; the first row of them."""
        first = self.block(len(pairs))
        for row, (label, number) in enumerate(pairs, start=first):
            self.data[f"A{row}"], self.data[f"B{row}"] = str(label), str(number)
            if str(label).startswith("=EDATE"):
                self.data_formats[f"A{row}"] = FORMAT_IDS["month"]
        return first

    def series(self, chart, rows, titles):
        """Bars beside each other: of each label as many numbers as there are titles."""
        first = self.block(len(rows) + 1)
        for place, title in enumerate(titles):
            self.data[f"{letters(place + 2)}{first}"] = title
        for row, (label, numbers) in enumerate(rows, start=first + 1):
            self.data[f"A{row}"] = str(label)
            if str(label).startswith("=EDATE"):
                self.data_formats[f"A{row}"] = FORMAT_IDS["month"]
            for place, number in enumerate(numbers):
                self.data[f"{letters(place + 2)}{row}"] = str(number)
        last = first + len(rows)
        self.axis_format(chart, first + 1, last, len(titles))
        return {
            **self.native(chart, chart.kind, first, len(rows) + 1, labelsAsText=True),
            "dataSetsHaveTitle": True,
            "dataSets": [
                {"dataRange": f"Data!{letters(place + 2)}{first}:{letters(place + 2)}{last}"}
                for place in range(len(titles))
            ],
            "legendPosition": "top" if len(titles) > 1 else "none",
        }

    def cloud(self, chart, pairs, names):
        """One series a point, on the diagonal of a square, so that each has its name."""
        count = len(pairs)
        first = self.block(count + 1) + 1
        for place, (across, up) in enumerate(pairs):
            row, column = first + place, letters(place + 2)
            self.data[f"A{row}"] = str(across)
            if chart.format:
                self.data_formats[f"A{row}"] = FORMAT_IDS[chart.format]
            self.data[f"{column}{row}"] = str(up)
            self.data_formats[f"{column}{row}"] = FORMAT_IDS["percent"]
            self.data[f"{column}{first - 1}"] = str(names[place])
        sets = [
            {"dataRange": f"Data!{letters(place + 2)}{first - 1}:{letters(place + 2)}{first + count - 1}"}
            for place in range(count)
        ]
        return {
            **self.native(chart, "scatter", first - 1, count + 1),
            "dataSets": sets,
            "dataSetsHaveTitle": True,
            "labelsAsText": False,
        }

    # JSON
    def json(self):
        widths = {str(column): {"size": {0: FIRST, 1: SECOND}.get(column, OTHERS)} for column in range(COLUMNS)}
        common = {
            "borders": {},
            "merges": [],
            "conditionalFormats": [],
            "dataValidationRules": [],
            "tables": [],
        }
        return {
            "version": VERSION,
            "sheets": [
                {
                    "id": "board",
                    "name": "Dashboard",
                    "colNumber": COLUMNS,
                    "rowNumber": self.next_row + 5,
                    "cols": widths,
                    "rows": self.rows,
                    "cells": self.cells,
                    "styles": self.styles,
                    "formats": self.formats,
                    **common,
                    "areGridLinesVisible": False,
                    "isVisible": True,
                    "figures": self.figures,
                },
                {
                    "id": "data",
                    "name": "Data",
                    "colNumber": 26,
                    "rowNumber": self.data_row + 5,
                    "cols": {},
                    "rows": {},
                    "cells": self.data,
                    "styles": {},
                    "formats": self.data_formats,
                    **common,
                    "areGridLinesVisible": True,
                    "isVisible": False,
                    "figures": [],
                },
            ],
            "styles": STYLES,
            "formats": {str(number): FORMATS[name] for name, number in FORMAT_IDS.items()},
            "borders": {},
            "revisionId": "START_REVISION",
            "uniqueFigureIds": True,
            "settings": {
                "locale": {
                    "name": "English (US)",
                    "code": "en_US",
                    "thousandsSeparator": ",",
                    "decimalSeparator": ".",
                    "dateFormat": "m/d/yyyy",
                    "timeFormat": "hh:mm:ss a",
                    "formulaArgSeparator": ",",
                    "weekStart": 7,
                }
            },
            "pivots": self.pivots,
            "pivotNextId": len(self.pivots) + 1,
            "lists": self.lists,
            "listNextId": len(self.lists) + 1,
            "customTableStyles": {},
            "globalFilters": self.filters(),
            "chartOdooMenusReferences": self.menus,
        }

    def filters(self):
        return []


class Dashboard(Sheet):
    """A dashboard over the records of a company."""

    def filters(self):
        found = []
        for key in self.board.filters:
            if key == "period":
                found.append({"id": f"kams-{key}", "type": "date", "label": LABELS[key]})
                if self.board.period:
                    found[-1]["defaultValue"] = self.board.period
            else:
                one = {"id": f"kams-{key}", "type": "relation", "label": LABELS[key], "modelName": MODELS[key]}
                found.append({**one, "defaultValueDisplayNames": []})
        return found

    def matching(self, model):
        """Which field of a model each filter of the dashboard filters by."""
        found = {}
        for key, chain in self.board.match[model].items():
            if key not in self.board.filters or chain is None:
                continue
            chain, _, kind = chain.partition(":")
            found[f"kams-{key}"] = (
                {"chain": chain, "type": kind, "offset": 0} if kind else {"chain": chain, "type": "many2one"}
            )
        return found

    def pivot(self, model, domain, group, measures, sort=None, own=False, context=None):
        """The number of the pivot of a model, domain and group: its parts share it, which is one question.

        :param own: share it only with what is sorted alike
        """
        key = model, json.dumps(domain), json.dumps(context or {}), *group, sort if own else None
        number = self.numbers.setdefault(key, str(len(self.numbers) + 1))
        pivot = self.pivots.setdefault(
            number,
            {
                "type": "ODOO",
                "id": number,
                "formulaId": number,
                "name": " ",
                "model": model,
                "domain": domain,
                "context": context or {},
                "rows": [pivot_group(name) for name in group],
                "columns": [],
                "measures": [],
                "fieldMatching": self.matching(model),
            },
        )
        known = [one["id"] for one in pivot["measures"]]
        pivot["measures"] += [{"id": name, "fieldName": name} for name in measures if name not in known]
        if sort:
            pivot["sortedColumn"] = {"measure": sort, "order": "desc", "domain": []}
        return number

    def card_value(self, card):
        """A sum over all, out of a pivot that is asked for anyway, if there is one."""
        above = self.total(card.model, card.measure, card.domain)
        if not card.below:
            return f"={above}"
        measure, domain = card.below
        return f'=IFERROR({above}/{self.total(card.model, measure, domain)}*100,"")'

    def total(self, model, measure, domain):
        group = []
        for part in (*self.board.tables, *self.board.charts):
            if isinstance(part, Table | Bars | Cloud) and (part.model, part.domain) == (model, domain):
                group = [part.group] if isinstance(part, Cloud) else part.group
                break
        return f'PIVOT.VALUE({self.pivot(model, domain, group, [measure])},"{measure}")'

    def linked(self, name, chart):
        if not isinstance(chart, Chart):
            self.menus[name] = f"kams_sales.{chart.menu}"

    def chart(self, number, chart):
        if isinstance(chart, Steps):
            return self.steps(chart)
        if isinstance(chart, Cloud):
            return self.points(chart)
        if isinstance(chart, Bars):
            return self.bars(chart)
        mode = chart.kind if chart.kind in ("bar", "line", "pie") else "bar"
        return {
            "type": f"odoo_{chart.kind}",
            "title": {"text": chart.title, "bold": True},
            "background": "#FFFFFF",
            "legendPosition": "top" if len(chart.group) > 1 or chart.kind == "pie" else "none",
            "metaData": {
                "groupBy": chart.group,
                "measure": chart.measure,
                "order": chart.order,
                "resModel": chart.model,
                "mode": mode,
            },
            "searchParams": {
                "comparison": None,
                "context": chart.context,
                "domain": chart.domain,
                "groupBy": chart.group,
                "orderBy": [],
            },
            "dataSets": [{}],
            "verticalAxisPosition": "left",
            "stacked": chart.stacked,
            "actionXmlId": f"kams_sales.{chart.action}",
            "fieldMatching": self.matching(chart.model),
            **chart.extra,
        }

    def bars(self, chart):
        measures = chart.measure if isinstance(chart.measure, list) else [chart.measure]
        pivot = self.pivot(
            chart.model, chart.domain, chart.group, measures, chart.sort, bool(chart.sort), chart.context
        )
        titles = [f'=PIVOT.HEADER({pivot},"measure","{measure}")' for measure in measures]
        pairs = []
        for place in range(1, chart.points + 1):
            at = f'"#{chart.group[0]}",{place}'
            pairs.append(
                (
                    f'=IFERROR(PIVOT.HEADER({pivot},{at}),"")',
                    [f'=IFERROR(PIVOT.VALUE({pivot},"{measure}",{at}),"")' for measure in measures],
                )
            )
        if chart.kind == "waterfall":
            return waterfall(self, chart, [(label, number) for label, (number,) in pairs])
        return self.series(chart, pairs, titles)

    def steps(self, chart):
        measures = [measure for _label, measure, _sign in chart.steps]
        group = chart.group or []
        pivot = self.pivot(chart.model, chart.domain, group, measures)
        pairs = [
            (text(label), f'={"-" if sign < 0 else ""}PIVOT.VALUE({pivot},"{measure}")')
            for label, measure, sign in chart.steps
        ]
        return waterfall(self, chart, pairs)

    def points(self, chart):
        above, *below = chart.up
        measures = list(dict.fromkeys((chart.across, above, *below)))
        pivot = self.pivot(chart.model, chart.domain, [chart.group], measures, sort=chart.across)
        pairs, names = [], []
        for place in range(1, chart.points + 1):
            at = f'"#{chart.group}",{place}'
            value = {name: f'PIVOT.VALUE({pivot},"{name}",{at})' for name in measures}
            ratio = f"{value[above]}/{value[below[0]]}*100" if below else value[above]
            pairs.append((f'=IFERROR({value[chart.across]},"")', f'=IFERROR({ratio},"")'))
            names.append(f'=IFERROR(PIVOT.HEADER({pivot},{at}),"")')
        return self.cloud(chart, pairs, names)

    def table(self, table):
        row = self.title_row(table.title, table.menu)
        if isinstance(table, Rows):
            number = str(len(self.lists) + 1)
            self.lists[number] = {
                "id": number,
                "name": table.title,
                "model": table.model,
                "columns": table.columns,
                "domain": table.domain,
                "context": {},
                "orderBy": [{"name": name, "asc": asc} for name, asc in table.order],
                "fieldMatching": self.matching(table.model),
            }
            for place, name in enumerate(table.columns):
                column = letters(place + 1)
                self.cells[f"{column}{row + 1}"] = f'=ODOO.LIST.HEADER({number},"{name}")'
                for line in range(1, table.rows + 1):
                    self.cells[f"{column}{row + 1 + line}"] = f'=ODOO.LIST({number},{line},"{name}")'
            self.header_styles(row + 1, table)
        else:
            number = self.pivot(table.model, table.domain, table.group, table.measures, sort=table.sort)
            for place, measure in enumerate(table.measures, start=2):
                self.cells[f"{letters(place)}{row + 1}"] = f'=PIVOT.HEADER({number},"measure","{measure}")'
            self.header_styles(row + 1, table)
            for line in range(1, table.rows + 1):
                at = f'"#{table.group[0]}",{line}'
                self.cells[f"A{row + 1 + line}"] = f'=IFERROR(PIVOT.HEADER({number},{at}),"")'
                for place, measure in enumerate(table.measures, start=2):
                    self.cells[f"{letters(place)}{row + 1 + line}"] = f'=PIVOT.VALUE({number},"{measure}",{at})'
        self.next_row = row + table.rows + 3


class Sample(Sheet):
    """What a dashboard will look like, over invented numbers."""

    def card_value(self, card):
        return str(card.sample)

    def linked(self, name, chart):
        """A sample leads nowhere: there is nothing yet."""

    def title_row(self, title, menu):
        row = super().title_row(title, menu)
        self.cells[f"A{row}"] = text(title)
        return row

    def chart(self, number, chart):
        if isinstance(chart, Steps):
            return waterfall(
                self, chart, [(text(step[0]), value) for step, value in zip(chart.steps, chart.sample, strict=True)]
            )
        if isinstance(chart, Cloud):
            names = [label for label, _number in named(chart.word, *chart.sample)]
            return self.cloud(chart, chart.sample, names)
        if isinstance(chart, Bars) and chart.kind == "waterfall":
            return waterfall(self, chart, chart.sample)
        if isinstance(chart, Bars):
            titles = [text(title) for title in chart.titles or [chart.title]]
            rows = [(label, number if isinstance(number, tuple) else (number,)) for label, number in chart.sample]
            return self.series(chart, rows, titles)
        first = self.fill(chart.sample)
        extra = getattr(chart, "extra", {})
        return self.native(chart, chart.kind, first, len(chart.sample), labelsAsText=True, **extra)

    def column_format(self, table, place, header):
        """Amounts have no currency yet, and days no language."""
        column = [values[place - 1] for values in table.sample]
        if any(map(is_day, column)):
            return "day"
        if max((value for value in column if is_number(value)), default=0) >= 1000:
            return "money"
        return super().column_format(table, place, header)

    def table(self, table):
        row = self.title_row(table.title, table.menu)
        for place, header in enumerate(table.headers):
            self.cells[f"{letters(place + 1)}{row + 1}"] = text(header) if header else ""
        self.header_styles(row + 1, table)
        for line, values in enumerate(table.sample, start=2):
            for place, value in enumerate(values):
                self.cells[f"{letters(place + 1)}{row + line}"] = str(value)
        self.next_row = row + table.rows + 3


def waterfall(sheet, chart, pairs):
    first = sheet.fill(pairs)
    more = {
        "verticalAxisPosition": "left",
        "showSubTotals": True,
        "showConnectorLines": True,
        "firstValueAsSubtotal": True,
        "dataSets": [{"dataRange": f"Data!B{first}:B{first + len(pairs) - 1}", "label": chart.left}],
    }
    return sheet.native(chart, "waterfall", first, len(pairs), **more)


def pivot_group(name):
    name, _, granularity = name.partition(":")
    return {"fieldName": name, **({"granularity": granularity, "order": "asc"} if granularity else {})}


def is_number(value):
    return isinstance(value, int | float)


def is_right(value):
    return is_number(value) or is_day(value)


def letters(column):
    """The name of a column.

    >>> letters(1), letters(26), letters(27)
    ('A', 'Z', 'AA')
    """
    name = ""
    while column:
        column, place = divmod(column - 1, 26)
        name = chr(65 + place) + name
    return name


def files():
    """``{file name: its text}`` of all dashboards and samples."""
    found = {}
    for board in BOARDS:
        for name, sheet in ((board.file, Dashboard), (board.sample_file, Sample)):
            found[name] = json.dumps(sheet(board).write(), indent=4, ensure_ascii=False) + "\n"
    return found


def main():
    for name, content in files().items():
        (FOLDER / name).write_text(content)
