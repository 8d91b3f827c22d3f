from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import format_date, format_datetime, formatLang
from odoo.tools.image import image_data_uri

from ..tools import paper


class Sheet(NamedTuple):
    """What fits on a page: characters of Latin width across, lines of a block as a rule and at most."""

    room: int
    block: int
    together: int
    margin: float  # of head and foot, in percent of the page's width


PORTRAIT = Sheet(116, 26, 50, 1600 / 210)
LANDSCAPE = Sheet(172, 16, 30, 1600 / 297)


class KamsPaper(models.AbstractModel):
    """What is printed for a customer or a meeting: built here, row by row, and only drawn by the templates.

    To put another record on paper, a chapter needs three things:

    - a builder, ``report.kams_sales.<name>``, that inherits this model, names its ``_paper_model`` and ``_title``, and
      answers ``_sheets(records)``: for each record's id its sections, made by the ``_section_…`` methods. It reads all
      records at once, by ``_lines_of``, as the user who prints: access and record rules decide what is on paper, and
      nothing is read by sudo;
    - a template of the same name that calls ``kams_sales.paper``. A section with a look of its own is
      ``{"template": "kams_sales.<mine>", …}``, and that template finds it as ``section``;
    - an ``ir.actions.report`` on ``kams_sales.paperformat_portrait``, bound to the model; or on ``_landscape``, then
      the builder says ``_paper = LANDSCAPE``.

    Page numbers, running head and foot and the mark across the page come by themselves (``ir.actions.report``), for
    one record or many. Each page says “Confidential”, unless the builder says ``_kams_confidential = False`` or a sheet
    ``"confidential": False``. A cell is a text or what ``_cell`` makes. What isn't known is “–” or empty, never 0.
    """

    _name = "kams.paper"
    _description = "Printed form"
    _kams_paper = True
    _kams_booklet = False  # whether it is cover, contents and chapters instead of one sheet
    _kams_confidential = True  # whether each page says so; not what is handed to the customer
    _paper_model = None
    _paper = PORTRAIT

    @api.model
    def _get_report_values(self, docids, data=None):
        records = self.env[self._paper_model].browse(docids or [])
        records.check_access("read")
        contents = self._sheets(records)
        return {
            "doc_ids": records.ids,
            "doc_model": self._paper_model,
            "docs": records,
            "language": self.env.lang or "en_US",
            "title": self._title(),
            "margin": self._paper.margin,
            "sheets": [
                {
                    "record": record,
                    "title": self._title(),
                    "name": self._name_of(record),
                    "subtitle": "",
                    "mark": "",
                    "confidential": self._kams_confidential,
                    "company": self._company_of(record),
                    "logo": self._logo(self._company_of(record)),
                    "printed": self.env._(
                        "Printed on %(moment)s by %(user)s",
                        moment=format_datetime(self.env, fields.Datetime.now(), dt_format="short"),
                        user=self.env.user.name,
                    ),
                    **contents[record.id],
                }
                for record in records
            ],
        }

    # WHAT A FORM SAYS
    @api.model
    def _title(self):
        """What the form is called."""
        raise NotImplementedError

    @api.model
    def _sheets(self, records):
        """``{record id: {"sections": […], "subtitle": …, "mark": …}}``; the mark goes across each page."""
        raise NotImplementedError

    @api.model
    def _name_of(self, record):
        return record.display_name

    @api.model
    def _company_of(self, record):
        return record.company_id or self.env.company

    @api.model
    def _logo(self, company):
        return "" if company.uses_default_logo or not company.logo_web else image_data_uri(company.logo_web)

    # READING
    @api.model
    def _lines_of(self, model, records, name, domain=(), order=None):
        """``{record: its lines}`` as far as the user may see them; a one2many at hand may hold more than that."""
        lines = self.env[model]
        if not lines.has_access("read"):
            return dict.fromkeys(records, lines)
        found = lines.search([(name, "in", records.ids), *domain], order=order).grouped(name)
        return {record: found.get(record, lines) for record in records}

    @api.model
    def _label(self, record, name):
        return record._fields[name]._description_string(self.env)

    @api.model
    def _may(self, record, name):
        """Whether the reader may read a field; a form is printed without what they may not."""
        return record._has_field_access(record._fields[name], "read")

    @api.model
    def _value(self, record, name):
        """A field's value in words and in the user's formats; unknown is empty."""
        field, value = record._fields[name], record[name]
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if value is False or value is None or value == "":
            return ""
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "monetary":
            return self._money(value, record[field.get_currency_field(record)])
        if field.type in ("float", "integer"):
            most = (field.get_digits(self.env) or (16, 2))[1] if field.type == "float" else 0
            return self._number(value, next(n for n in range(most + 1) if n == most or round(value, n) == value))
        if field.type == "date":
            return format_date(self.env, value)
        if field.type == "datetime":
            return format_datetime(self.env, value, dt_format="short")
        if field.type == "many2one":
            # sudo: the name alone of what is linked, as Odoo's own forms show it to whoever may read the record
            return value.sudo().display_name
        if field.relational:
            return ", ".join(value.mapped("display_name"))
        return str(value)

    @api.model
    def _fact(self, record, name, zero=False):
        """A field's label and value. An amount or count of 0 was never typed, unless it is told that 0 is known."""
        known = zero or record[name] or record._fields[name].type in ("boolean", "float")
        return self._label(record, name), self._value(record, name) if known else ""

    # FORMATS
    @api.model
    def _number(self, number, digits=0):
        return "" if number is None or number is False else formatLang(self.env, number, digits=digits)

    @api.model
    def _figure(self, number):
        """A number that may be an amount, a count or a mark: without decimals if it is whole."""
        return self._number(number, 0 if not number or number == round(number) else 2)

    @api.model
    def _money(self, amount, currency=None):
        """An amount; large ones without cents, and without a currency where a heading names it."""
        if amount is None or amount is False:
            return ""
        if currency is None:
            return formatLang(self.env, amount, digits=0)
        unit = "units" if abs(amount) >= 10_000 else "decimals"
        return formatLang(self.env, amount, currency_obj=currency, rounding_unit=unit)

    @api.model
    def _date(self, day):
        return format_date(self.env, day) if day else ""

    # SECTIONS
    @api.model
    def _cell(self, text="", tone="", bar=None, note=""):
        """A cell: its text in a tone (good, fair, bad, muted, strong), a bar of so many percent, a note below."""
        return {
            "text": text or "",
            "tone": tone,
            "bar": None if bar is None or bar is False else min(max(round(bar), 0), 100),
            "note": note or "",
        }

    @api.model
    def _section_facts(self, title, pairs):
        """Label and value, two to a line; what is too long for half a line has one of its own."""
        rows, half = [], []
        for label, value in pairs:
            fact = {"label": label, "value": value or "–"}
            if paper.width(fact["value"]) > 60 or "\n" in fact["value"]:
                if half:
                    rows.append(half)
                    half = []
                rows += [
                    [{**fact, "value": piece, "label": "" if place else label}]
                    for place, piece in enumerate(
                        paper.pieces(fact["value"], int(self._paper.room * 0.78), self._paper.block)
                    )
                ]
            elif half:
                rows.append([*half, fact])
                half = []
            else:
                half = [fact]
        if half:
            rows.append([*half, {"label": "", "value": ""}])
        heights = [
            max(
                1.4 * paper.lines(fact["value"], int(self._paper.room * (0.78 if len(row) == 1 else 0.28)))
                for fact in row
            )
            for row in rows
        ]
        return {
            "template": "kams_sales.paper_facts",
            "title": title,
            "chunks": [
                rows[start:stop] for start, stop in paper.chunks(heights, rows=16, most=self._paper.block, first=2)
            ],
        }

    @api.model
    def _section_texts(self, title, pairs):
        """Headed paragraphs; those without text are left out, and so is the section when none is left."""
        blocks = [
            {"label": label if not place else "", "text": piece}
            for label, text in pairs
            if (text or "").strip()
            for place, piece in enumerate(paper.pieces(text.strip(), self._paper.room, self._paper.block - 10))
        ]
        return {"template": "kams_sales.paper_texts", "title": title, "blocks": blocks}

    @api.model
    def _section_table(self, title, columns, rows, empty=None, legend="", together=False):
        """A table. Columns are ``(label, width in percent, "" or "right" or "center")``.

        A row is a list of cells; a row of one single cell is a heading, and stays with the row after it. Rows go on
        paper in blocks that stay whole, each with the columns' names: about ten rows, or as many as a page holds if
        they belong ``together``. A row too long for a block goes on in the next.
        """
        columns = [{"label": label, "width": share, "align": align} for label, share, align in columns]
        rooms = [max(int(self._paper.room * column["width"] / 100) - 2, 4) for column in columns]
        units, heads, taken = [], [], 0
        for cells, height in (part for row in rows for part in self._lay(row, rooms)):
            heads, taken = [*heads, cells], taken + height
            if len(cells) > 1:
                units.append((heads, taken))
                heads, taken = [], 0
        limits = {"rows": 60, "most": self._paper.together} if together else {"rows": 10, "most": self._paper.block}
        spans = paper.chunks([height for _rows, height in units], first=3, **limits)
        return {
            "template": "kams_sales.paper_table",
            "title": title,
            "columns": columns,
            "chunks": [[cells for rows, _height in units[start:stop] for cells in rows] for start, stop in spans],
            "empty": empty or self.env._("Nothing recorded."),
            "legend": legend,
        }

    @api.model
    def _section_fields(self, title, lines, shares, **kwargs):
        """A table of fields as they are: ``{field: width in percent}``."""
        right = ("monetary", "float", "integer")
        columns = [
            (self._label(lines, name), share, "right" if lines._fields[name].type in right else "")
            for name, share in shares.items()
        ]
        rows = [[self._fact(line, name)[1] for name in shares] for line in lines]
        return self._section_table(title, columns, rows, **kwargs)

    @api.model
    def _lay(self, row, rooms):
        """A row as ``(cells, height in lines)``, in as many parts as it takes."""
        cells = [self._cell(cell) if not isinstance(cell, dict) else cell for cell in row]
        if len(cells) == 1:
            return [(cells, 1.5)]
        cut = [paper.pieces(cell["text"], room, self._paper.block - 3) for cell, room in zip(cells, rooms, strict=True)]
        parts = []
        for place in range(max(map(len, cut))):
            part = [
                {
                    **cell,
                    "text": texts[place] if place < len(texts) else "",
                    "bar": None if place else cell["bar"],
                    "note": cell["note"] if place == len(texts) - 1 else "",
                }
                for cell, texts in zip(cells, cut, strict=True)
            ]
            height = max(
                paper.lines(cell["text"], room)
                + (paper.lines(cell["note"], room) if cell["note"] else 0)
                + (0.5 if cell["bar"] is not None else 0)
                for cell, room in zip(part, rooms, strict=True)
            )
            parts.append((part, height + 0.4))
        return parts

    @api.model
    def _section_quadrants(self, title, quadrants):
        """Four fields of a square: ``(title, tone, [(text, note)])``. Where they get too high, a table instead."""
        room = self._paper.room // 2 - 4
        heights = [
            sum(paper.lines(text, room) + (paper.lines(note, room) if note else 0) for text, note in items)
            for _title, _tone, items in quadrants
        ]
        if max(heights[:2]) + max(heights[2:]) > self._paper.together - 10:
            rows = []
            for heading, _tone, items in quadrants:
                rows.append([self._cell(heading)])
                rows += [[text, note or ""] for text, note in items]
            return self._section_table(
                title, [(self.env._("Statement"), 55, ""), (self.env._("Meaning"), 45, "")], rows
            )
        cells = [{"title": heading, "tone": tone, "items": items} for heading, tone, items in quadrants]
        return {"template": "kams_sales.paper_quadrants", "title": title, "rows": [cells[:2], cells[2:]]}
