from datetime import datetime

from odoo import fields, models

# Year first: no other reading is possible
PLAIN_FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")


class ImportWizard(models.TransientModel):
    """A column may hold dates in several formats: what can be read in one way only is read, the rest is named."""

    _inherit = "base_import.import"

    def _parse_date_from_data(self, data, index, name, field_type, options):
        model = self.env.get(self.res_model)
        if field_type != "date" or model is None or not isinstance(model, self.pool["kams.import.mixin"]):
            return super()._parse_date_from_data(data, index, name, field_type, options)
        formats = [options.get("date_format"), *PLAIN_FORMATS]
        for line in data:
            if isinstance(line[index], str) and line[index].strip():
                line[index] = _as_date(line[index].strip(), filter(None, formats))
        return None


def _as_date(text, formats):
    """The date in Odoo's own writing; the text as it is when no format fits, for the load to refuse with its row."""
    for date_format in formats:
        try:
            return fields.Date.to_string(datetime.strptime(text, date_format))
        except ValueError:
            continue
    return text
