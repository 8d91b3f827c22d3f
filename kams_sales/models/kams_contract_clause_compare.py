from odoo import api, models

from ..tools.contract_text import clauses as read_clauses
from ..tools.contract_text import differences, kind_of, same

CALM = 4


class KamsContractClause(models.Model):
    """Our standard beside the contract, what differs marked; and clauses that come in by spreadsheet (7.5)."""

    _inherit = "kams.contract.clause"

    # BUSINESS: the comparison
    def _row(self):
        """What a page or a paper shows of a clause, as plain values."""
        self.ensure_one()
        return {
            "id": self.id,
            "title": self.display_name or "",
            "kind": self.kind,
            "standard": self.standard or "",
            "actual": self.actual or "",
            "deviation": self.deviation or "",
            "deviation_text": self.deviation_text or "",
            "risk": self.risk or "",
            "opinion": self.opinion or "",
            "role": self.role or "",
            "open": self.is_open_risk,
            "accepted": self.accepted,
            "accepted_by": self.accepted_by_id.sudo().name or "",  # sudo: a colleague's name
            "accepted_why": self.accepted_why or "",
        }

    @api.model
    def _drawn(self, rows, judged=False):
        """Rows as a page shows them, every word escaped by its template: what needs a look first, and what says the
        same as our standard folded.

        :param judged: with risk, opinion and acceptance below each clause
        """
        if judged:
            rows = sorted(rows, key=urgency)
        labels = {
            name: dict(self._fields[name]._description_selection(self.env)) for name in ("deviation", "risk", "role")
        }
        pieces = [
            {
                **row,
                "pieces": differences(row["standard"], row["actual"]) if row["standard"] and row["actual"] else [],
                "folded": judged and urgency(row) == CALM and same(row["standard"], row["actual"]),
                **{f"{name}_label": labels[name].get(row[name], "") for name in labels},
            }
            for row in rows
        ]
        return self.env["ir.qweb"]._render(
            "kams_sales.kams_contract_clause_comparison", {"rows": pieces, "judged": judged}
        )

    # IMPORT
    @api.model
    def _import_columns(self):
        return [
            ("contract_id", self.env._("Example Contract")),
            ("code", "7"),
            ("kind", "payment"),
            ("name", self.env._("Terms of Payment")),
            ("standard", self.env._("30 % in advance, 60 % after acceptance, 10 % after the warranty.")),
            ("actual", self.env._("100 % ninety days after acceptance.")),
            ("deviation", "major"),
            ("deviation_text", self.env._("No advance, and late")),
            ("risk", "4"),
            ("role", "finance"),
            ("opinion", ""),
            ("user_id", ""),
        ]

    @api.model
    def load(self, fields, data):
        """A clause whose kind isn't said is of the kind that its heading names; empty rows are nobody's fault."""
        data = [["" if cell is None else cell for cell in row] for row in data]
        if "name" in fields:
            name = fields.index("name")
            if "kind" not in fields:
                fields, data = [*fields, "kind"], [[*row, ""] for row in data]
            at = fields.index("kind")
            for row in data:
                if any(row) and not row[at]:
                    row[at] = kind_of(str(row[name])) or "other"
        return super().load(fields, [row for row in data if any(row)])

    @api.model
    def _read_pasted(self, text):
        return read_clauses(text)


def urgency(row):
    """How soon a reviewer wants to read a clause: open risks first, what says the same as our standard last."""
    if row["open"]:
        return 0
    if row["deviation"] == "major" or row["risk"] in ("4", "5"):
        return 1
    if row["deviation"] == "minor" or row["risk"] == "3":
        return 2
    if row["deviation"] != "none" or row["opinion"]:
        return 3
    return CALM
