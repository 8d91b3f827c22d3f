from odoo import api, models

from ..tools import clauses as reading

READ = ("clause_no", "page", "text", "kind", "mark", "response", "status", "evidence")


class KamsTenderClause(models.Model):
    """Clauses that come in by spreadsheet, as tender documents have them: merged cells, empty rows, repeated numbers.

    Signs and Chinese words stand for marks, kinds and statuses. Repeated numbers are told in one message; with
    ``kams_number_repeats`` in the context both are kept, the later one as “3.2 (2)”.
    """

    _inherit = "kams.tender.clause"

    # ORM
    @api.model
    def load(self, fields, data):
        data = self._import_read(fields, [["" if cell is None else cell for cell in row] for row in data])
        repeated = self._import_repeats(fields, data)
        if not repeated:
            return super().load(fields, data)
        message = {
            "type": "error",
            "message": self._import_repeats_message(repeated),
            "record": repeated[0][1],
            "rows": {"from": repeated[0][1], "to": repeated[0][1]},
        }
        if not self.env.context.get("kams_keep_good_rows"):
            return {"ids": False, "messages": [message], "nextrow": 0}
        for _number, _first, later, _taken in repeated:
            for row in later:
                data[row] = [""] * len(fields)
        result = super().load(fields, data)
        left = self.env._("Left out: %s", message["message"])
        return {**result, "messages": [{**message, "type": "warning", "message": left}, *result["messages"]]}

    @api.model
    def _extract_records(self, field_paths, data, log=lambda a: None, limit=float("inf")):
        """Empty rows are nobody's fault."""
        for record, info in super()._extract_records(field_paths, data, log=log, limit=limit):
            if any(data[info["rows"]["from"]]):
                yield record, info

    # BUSINESS
    @api.model
    def _import_columns(self):
        return [
            ("tender_id", self.env._("Example Tender")),
            ("clause_no", "3.2.1"),
            ("page", "14"),
            ("mark", "star"),
            ("text", self.env._("The boiler reaches full load within one hour.")),
            ("kind", "technical"),
            ("response", self.env._("Full load after 48 minutes")),
            ("status", "positive"),
            ("evidence", self.env._("Volume 2, page 31")),
            ("user_id", ""),
            ("date_due", ""),
            ("reviewer_id", ""),
        ]

    @api.model
    def _import_spans(self, fields, data):
        return [(start, stop) for start, stop in super()._import_spans(fields, data) if any(data[start])]

    @api.model
    def _import_read(self, fields, data):
        """The same rows, with what merged cells, signs and words mean written out."""
        data = [[cell.strip() if isinstance(cell, str) else cell for cell in row] for row in data]
        place = {name: fields.index(name) for name in READ if name in fields}
        head = next((at for at, path in enumerate(fields) if path.split("/")[0] == "tender_id"), None)
        chosen = {"kind": self.env.context.get("default_kind") or "technical", "status": "tbd"}
        for rows in self._import_tenders(data, head).values():
            table = [[str(data[row][at]) for at in place.values()] for row in rows]
            found = reading.clauses(
                table, list(place), paragraphs=False, **self._import_tender(data, rows, head)._signs()
            )
            for clause in found:
                row = rows[clause["row"] - 1]
                for name, at in place.items():
                    data[row][at] = clause[name] or chosen.get(name, "")
        return data

    @api.model
    def _import_tenders(self, data, head):
        """``{name of a tender: its rows}``; a blank cell goes on with the tender above, as merged cells do."""
        found, name = {}, ""
        for row, line in enumerate(data):
            if any(line):
                if head is not None:
                    name = line[head] = line[head] or name
                found.setdefault(name, []).append(row)
        return found

    @api.model
    def _import_tender(self, data, rows, head):
        """The tender that rows are of, as far as it can be told before they are loaded."""
        tenders = self.env["kams.tender"]
        name = data[rows[0]][head] if head is not None else ""
        if not name:
            return tenders.browse(self.env.context.get("default_tender_id"))
        found = tenders.name_search(name, operator="=", limit=2) if isinstance(name, str) else []
        return tenders.browse(found[0][0]) if len(found) == 1 else tenders

    @api.model
    def _import_repeats(self, fields, data):
        """``[(number, first row, later rows, whether it is on the tender already), …]``; or they get numbers of their
        own. Rows that change clauses which exist keep theirs."""
        if "clause_no" not in fields or {"id", ".id"} & set(fields):
            return []
        at = fields.index("clause_no")
        head = next((place for place, path in enumerate(fields) if path.split("/")[0] == "tender_id"), None)
        repeated = []
        for rows in self._import_tenders(data, head).values():
            tender = self._import_tender(data, rows, head)
            numbers = [data[row][at] for row in rows]
            taken = tender._clause_numbers() if tender else set()
            if self.env.context.get("kams_number_repeats"):
                for row, number in zip(rows, reading.renumber(numbers, taken), strict=True):
                    data[row][at] = number
                continue
            repeated += self._import_repeats_named(numbers, taken, rows)
        return repeated

    @api.model
    def _import_repeats_named(self, numbers, taken, rows):
        """Where each repeated number stands: ``[(number, first row, rows too many, on the tender already), …]``."""
        return [
            (number, rows[places[0]], [rows[n] for n in places[0 if number in taken else 1 :]], number in taken)
            for number, places in reading.repeats(numbers, taken).items()
        ]

    @api.model
    def _import_repeats_message(self, repeated):
        """One message for all numbers that stand more than once, with their rows as a spreadsheet counts them."""
        each = [
            self.env._("%(number)s (on the tender already; row %(rows)s)", number=number, rows=_rows(later))
            if taken
            else self.env._("%(number)s (rows %(rows)s)", number=number, rows=_rows([first, *later]))
            for number, first, later, taken in repeated
        ]
        return self.env._(
            "These clause numbers stand more than once: %(numbers)s. Give them different numbers, or choose “Number "
            "Them” where you add clauses to the tender: both are kept then, the later one as “%(example)s”.",
            numbers="; ".join(each),
            example=f"{repeated[0][0]} (2)",
        )


def _rows(places):
    return ", ".join(str(place + 1) for place in places)
