from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools import clauses as reading

SHOWN = 20


class KamsTenderClausePaste(models.TransientModel):
    """Put the clauses of tender documents into the matrix: pasted from Excel or Word, or from a file (6.4).

    What is pasted is shown as it was understood, column by column, before anything is recorded.
    """

    _name = "kams.tender.clause.paste"
    _description = "Add clauses"

    tender_id = fields.Many2one("kams.tender", required=True, readonly=True, ondelete="cascade")
    source = fields.Selection(
        [("paste", "Paste Rows"), ("file", "Import a Spreadsheet")], string="How", required=True, default="paste"
    )
    text = fields.Text(string="Clauses", help="Rows of a spreadsheet, a table or paragraphs of a document.")
    kind = fields.Selection(
        selection=lambda self: self.env["kams.tender.clause"]._fields["kind"]._description_selection(self.env),
        string="Kind Where None Is Said",
        required=True,
        default="technical",
    )
    repeats = fields.Selection(
        [("refuse", "Refuse Them"), ("number", "Number Them")],
        string="Repeated Clause Numbers",
        required=True,
        default="refuse",
        help="Numbered, both are kept: the later one as 3.2 (2).",
    )
    user_id = fields.Many2one("res.users", string="Owner of All", domain="[('share', '=', False)]")
    heading = fields.Boolean(string="First Row Holds Headings")
    column_ids = fields.One2many("kams.tender.clause.paste.column", "paste_id", string="Columns")
    preview = fields.Html(compute="_compute_preview", sanitize=False)
    number = fields.Integer(compute="_compute_preview", string="Clauses Found")

    # COMPUTES
    @api.onchange("text")
    def _onchange_text(self):
        table = reading.cells(self.text)
        meanings, self.heading = reading.columns(table)
        filled = [row for row in table if any(row)]
        self.column_ids = [Command.clear()] + [
            Command.create(
                {
                    "place": place,
                    "name": filled[0][place] if self.heading else self.env._("Column %s", place + 1),
                    "sample": next((row[place] for row in filled[self.heading :] if row[place]), "")[:80],
                    "meaning": meaning or False,
                }
            )
            for place, meaning in enumerate(meanings)
        ]

    @api.depends("text", "heading", "kind", "repeats", "tender_id", "column_ids.meaning")
    def _compute_preview(self):
        labels = self.env["kams.tender.clause"]
        for paste in self:
            found = paste._found()
            paste.number = len(found)
            repeated = reading.repeats([clause["clause_no"] for clause in found], paste.tender_id._clause_numbers())
            paste.preview = found and self.env["ir.qweb"]._render(
                "kams_sales.kams_tender_clause_preview",
                {
                    "clauses": found[:SHOWN],
                    "more": len(found) - SHOWN,
                    "stars": len([clause for clause in found if clause["mark"] == "star"]),
                    "repeated": ", ".join(repeated),
                    "kinds": dict(labels._fields["kind"]._description_selection(self.env)),
                    "signs": {"star": "★", "important": "▲"},
                },
            )

    # ACTIONS
    def action_confirm(self):
        """Record the clauses; rows without a text are left out."""
        self.ensure_one()
        found = self._found()
        if not found:
            raise UserError(self.env._("Paste the clauses first: rows of a spreadsheet, a table or paragraphs."))
        numbers, taken = [clause["clause_no"] for clause in found], self.tender_id._clause_numbers()
        if self.repeats == "number":
            numbers = reading.renumber(numbers, taken)
        elif reading.repeats(numbers, taken):
            clauses = self.env["kams.tender.clause"]
            named = clauses._import_repeats_named(numbers, taken, [clause["row"] - 1 for clause in found])
            raise UserError(clauses._import_repeats_message(named))
        last = max(self.tender_id.clause_ids.mapped("sequence"), default=0)
        self.env["kams.tender.clause"].create(
            [
                {
                    "tender_id": self.tender_id.id,
                    "sequence": last + place,
                    "user_id": self.user_id.id,
                    **{name: value for name, value in clause.items() if name != "row" and value},
                    "clause_no": number,
                }
                for place, (clause, number) in enumerate(zip(found, numbers, strict=True), 1)
            ]
        )
        return self.tender_id.action_clauses()

    def action_import(self):
        """Odoo's import, with a template, for this tender: good rows come in, the others are named."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "import",
            "name": self.env._("Import Clauses"),
            "params": {
                "active_model": "kams.tender.clause",
                "context": {
                    "default_tender_id": self.tender_id.id,
                    "default_kind": self.kind,
                    "kams_keep_good_rows": True,
                    "kams_number_repeats": self.repeats == "number",
                },
            },
        }

    # BUSINESS
    def _found(self):
        """What the matrix would hold, each choice by its technical value."""
        table = reading.cells(self.text)
        columns = {column.place: column.meaning or None for column in self.column_ids}
        width = len(table[0]) if table else 0
        found = reading.clauses(
            table,
            [columns.get(place) for place in range(width)] if columns else reading.columns(table)[0],
            heading=self.heading,
            **self.tender_id._signs(),
        )
        model = self.env["kams.tender.clause"]
        for clause in found:
            for name, default in (("kind", self.kind), ("mark", "normal"), ("status", "tbd")):
                choices = dict(model._fields[name]._description_selection(self.env))
                by_label = {label.lower(): value for value, label in choices.items()}
                said = clause[name]
                clause[name] = said if said in choices else by_label.get(said.lower(), default)
        return [clause for clause in found if clause["text"]]


class KamsTenderClausePasteColumn(models.TransientModel):
    """What one of the pasted columns holds."""

    _name = "kams.tender.clause.paste.column"
    _description = "Column of pasted clauses"
    _order = "place, id"

    paste_id = fields.Many2one("kams.tender.clause.paste", required=True, ondelete="cascade")
    place = fields.Integer()
    name = fields.Char(string="Heading")
    sample = fields.Char(string="Example")
    meaning = fields.Selection(
        [
            ("clause_no", "Clause No."),
            ("page", "Page"),
            ("text", "Requirement"),
            ("kind", "Kind"),
            ("mark", "Mark"),
            ("response", "Response"),
            ("status", "Status"),
            ("evidence", "Evidence"),
        ],
        string="Holds",
        help="Empty: it is left out.",
    )
