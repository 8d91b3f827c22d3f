import io

import xlsxwriter

from odoo import http
from odoo.http import content_disposition, request


class ImportTemplate(http.Controller):
    """The spreadsheet to fill in before an import: headings, examples and choices in the user's language."""

    @http.route("/kams_sales/import_template/<string:model_name>", type="http", auth="user", readonly=True)
    def template(self, model_name):
        """A file made on the spot always has the fields' present labels, so Odoo recognises its columns."""
        model = request.env.get(model_name)
        if model is None or not isinstance(model, request.env.registry["kams.import.mixin"]):
            raise request.not_found()
        model.check_access("create")
        # sudo: the model's name only, of which the user may create records
        title = request.env["ir.model"]._get(model_name).sudo().name
        return request.make_response(
            _workbook(model, title),
            headers=[
                ("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
                ("Content-Disposition", content_disposition(f"{title}.xlsx")),
            ],
        )


def _workbook(model, title):
    described = model.fields_get(attributes=["string", "selection", "help", "required", "type"])
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as workbook:
        bold = workbook.add_format({"bold": True, "bottom": 1})
        sheet = workbook.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        for column, (name, example) in enumerate(model._import_columns()):
            field = described[name]
            choices = dict(field.get("selection") or [])
            sheet.set_column(column, column, max(14, len(field["string"]) * 1.3))
            sheet.write_string(0, column, field["string"], bold)
            sheet.write(1, column, choices.get(example, example))
            if field.get("help"):
                sheet.write_comment(0, column, field["help"])
            if choices and sum(map(len, choices.values())) < 240:
                labels = [label for label in choices.values() if "," not in label]
                sheet.data_validation(1, column, 2000, column, {"validate": "list", "source": labels})
    return output.getvalue()
