from contextlib import suppress

from odoo import api, models


class KamsImportMixin(models.AbstractModel):
    """Records that come in by spreadsheet: a template to start from, and every bad row named.

    Odoo stops at the first of several things that are wrong with a file, and blames a failed batch on its first
    row. Here each bad row is told by itself. Nothing is taken in then, unless whoever imports has asked for the
    good rows (``kams_keep_good_rows`` in the context, see the menu “Import, Good Rows Only”).
    """

    _name = "kams.import.mixin"
    _description = "Import by spreadsheet"

    @api.model
    def _import_columns(self):
        """``[(field path, example), ...]`` of the template; an example of a selection is its technical value."""
        return []

    @api.model
    def get_import_templates(self):
        """The template on the upload page, made in the user's language."""
        return [
            {
                # sudo: the model's name only
                "label": self.env._("Import Template for %s", self.env["ir.model"]._get(self._name).sudo().name),
                "template": f"/kams_sales/import_template/{self._name}",
            }
        ]

    # ORM
    @api.model
    def load(self, fields, data):
        load = super().load
        if not self.env.context.get("kams_keep_good_rows"):
            result = load(fields, data)
            if not _errors(result):
                return result
            with suppress(_OnlyTried), self.env.cr.savepoint():
                each = self._load_each(load, fields, data)
                raise _OnlyTried
            # what comes to light only when all rows stand side by side is told as Odoo tells it
            return {**result, "messages": each["messages"] if _errors(each) else result["messages"]}
        result = self._load_each(load, fields, data)
        bad = _errors(result)
        if bad and result["ids"]:
            for message in bad:
                message.update(type="warning", message=self.env._("Left out: %s", message["message"]))
            summary = self.env._(
                "%(taken)s records are in, %(left)s were left out. Mend these rows and import them alone.",
                taken=len(result["ids"]),
                left=len({message["record"] for message in bad if "record" in message}),
            )
            result["messages"].insert(0, {"type": "info", "message": summary})
        return result

    # BUSINESS
    @api.model
    def _load_each(self, load, fields, data):
        """Load record by record: what is wrong with one stays with it, and those before it are seen by those after."""
        ids, messages = [], []
        for start, stop in self._import_spans(fields, data):
            result = load(fields, data[start:stop])
            ids += result["ids"] or []
            # a cell that can't be read leaves its field empty: what follows from that is told by the cell already
            cells = [message for message in result["messages"] if message["type"] == "error" and "field" in message]
            for message in cells[:1] or result["messages"]:
                if rows := message.get("rows"):
                    message["rows"] = {"from": rows["from"] + start, "to": rows["to"] + start}
                if "record" in message:
                    message["record"] = start
                    if not message.get("not_matching_error"):  # the page says the row of these by itself
                        text = self.env._("Row %(row)s: %(message)s", row=start + 1, message=message["message"])
                        message["message"] = text
                messages.append(message)
        return {"ids": ids, "messages": messages, "nextrow": 0}

    @api.model
    def _import_spans(self, fields, data):
        """Where each record begins and ends: rows that fill in nothing but lines belong to the record above."""
        own = [
            index
            for index, path in enumerate(fields)
            if getattr(self._fields.get(path.split("/")[0]), "type", None) != "one2many"
        ]
        starts = [row for row, line in enumerate(data) if row == 0 or any(line[index] for index in own)]
        return list(zip(starts, [*starts[1:], len(data)], strict=True)) if data else []


def _errors(result):
    return [message for message in result["messages"] if message["type"] == "error"]


class _OnlyTried(Exception):
    """Undo what was loaded to learn what is wrong with it."""
