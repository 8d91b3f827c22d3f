from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import clauses as reading
from ..tools.deviation import deviation
from .blank import BlankFloat, known, refuse_negative
from .kams_tender_clause import MET, UNMET


class KamsTender(models.Model):
    """The response matrix of a tender: how far it is, what it costs in points, and what still forbids to submit (6.4).

    Figures are counted when they are shown and never stored: people who work on two clauses at once would wait for
    each other.
    """

    _inherit = "kams.tender"

    clause_ids = fields.One2many("kams.tender.clause", "tender_id", string="Clauses", copy=True)
    # Signs in these documents
    star_signs = fields.Char(
        string="Signs for ★", default=reading.STAR, help="Signs that these documents put before substantive clauses."
    )
    important_signs = fields.Char(
        string="Signs for ▲", default=reading.IMPORTANT, help="Signs that these documents put before important clauses."
    )
    # How far it is
    clause_count = fields.Integer(compute="_compute_matrix", string="Number of Clauses")
    clause_open = fields.Integer(compute="_compute_matrix", string="Clauses to Answer")
    clause_unmet = fields.Integer(
        compute="_compute_matrix", string="Clauses Not Met", help="Answered as partly met or as a negative deviation."
    )
    clause_star_open = fields.Integer(
        compute="_compute_matrix",
        string="★ Open",
        help="Starred or disqualifying clauses that aren't met: nothing is submitted before they are.",
    )
    clause_closed = fields.Integer(compute="_compute_matrix", string="Clauses Checked")
    clause_progress = BlankFloat(compute="_compute_matrix", string="Answered (%)", digits=(5, 1))
    # What deviations cost
    deviation_full = BlankFloat(
        string="Points for Compliance",
        digits=(16, 2),
        help="Points of the technical response before deductions; empty: these documents don't score deviations.",
    )
    deviation_important = BlankFloat(
        string="Minus per ▲",
        digits=(16, 2),
        default=lambda self: self._default_deduction("important"),
        help="Points off for each important clause that isn't met.",
    )
    deviation_normal = BlankFloat(
        string="Minus per Ordinary Clause",
        digits=(16, 2),
        default=lambda self: self._default_deduction("normal"),
        help="Points off for each ordinary clause that isn't met.",
    )
    deviation_score = BlankFloat(
        string="Points Left",
        compute="_compute_matrix",
        digits=(16, 2),
        help="Points for compliance, less the deductions for clauses that are known not to be met.",
    )
    deviation_invalid = fields.Boolean(
        string="Bid Invalid", compute="_compute_matrix", help="A starred or disqualifying clause isn't met."
    )

    # COMPUTES
    @api.model
    def _default_deduction(self, mark):
        return self.env["kams.legal.rule"]._value(f"deviation_minus_{mark}")

    @api.depends(
        "clause_ids.status",
        "clause_ids.mark",
        "clause_ids.disqualify",
        "clause_ids.closed",
        "deviation_full",
        "deviation_important",
        "deviation_normal",
    )
    def _compute_matrix(self):
        """One statement for any number of tenders and clauses."""
        rows = {}
        groups = ["tender_id", "status", "mark", "is_mandatory", "closed"]
        for tender, *group in self.env["kams.tender.clause"]._read_group(
            [("tender_id", "in", self._origin.ids)], groups, ["__count"]
        ):
            rows.setdefault(tender.id, []).append(group)
        for tender in self:
            found = rows.get(tender._origin.id, [])

            def count(test, found=found):
                return sum(row[-1] for row in found if test(*row[:-1]))

            total = count(lambda *_row: True)
            tender.clause_count = total
            tender.clause_open = count(lambda status, *_: status == "tbd")
            tender.clause_unmet = count(lambda status, *_: status in UNMET)
            tender.clause_star_open = count(lambda status, _mark, must, _closed: must and status not in MET)
            tender.clause_closed = count(lambda _status, _mark, _must, closed: closed)
            tender.clause_progress = 100 * (total - tender.clause_open) / total if total else None
            outcome = deviation(
                [
                    "star" if must else mark
                    for status, mark, must, _closed, number in found
                    if status in UNMET
                    for _one in range(number)
                ],
                known(tender.deviation_full),
                known(tender.deviation_important),
                known(tender.deviation_normal),
            )
            tender.deviation_invalid, tender.deviation_score = outcome.invalid, outcome.score

    # CONSTRAINTS
    @api.constrains("deviation_full", "deviation_important", "deviation_normal")
    def _check_deductions(self):
        refuse_negative(self, "deviation_full", "deviation_important", "deviation_normal")

    @api.constrains("star_signs", "important_signs")
    def _check_signs(self):
        for tender in self:
            if both := set(tender.star_signs or "") & set(tender.important_signs or "") - {" "}:
                raise ValidationError(
                    self.env._(
                        "%(tender)s: “%(signs)s” can't stand for ★ and for ▲.",
                        tender=tender.display_name,
                        signs="".join(sorted(both)),
                    )
                )

    # ACTIONS
    def action_clauses(self):
        """The matrix on a page of its own: quicker to type, filter, group and assign."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_tender_clause_action")
        return {
            **action,
            "name": self.env._("Clauses of %s", self.display_name),
            "domain": [("tender_id", "=", self.id)],
            "context": {"default_tender_id": self.id},
        }

    def action_open_stars(self):
        """The clauses that forbid to submit."""
        return {**self.action_clauses(), "context": {"default_tender_id": self.id, "search_default_star_open": 1}}

    def action_add_clauses(self):
        """Paste clauses, or import a spreadsheet."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Add Clauses"),
            "res_model": "kams.tender.clause.paste",
            "view_mode": "form",
            "target": "new",
            "context": {"default_tender_id": self.id},
        }

    def action_add_disqualifications(self):
        """Start the matrix from the list of what throws a bid out; entries that are there already stay as they are."""
        added = self.env["kams.tender.clause"]
        for tender in self:
            there = tender.clause_ids
            taken = tender._clause_numbers()
            entries = self.env["kams.tender.clause.template"]._for_tender(tender) - there.template_id
            numbers = reading.renumber(entries.mapped("number"), taken)
            added |= added.create(
                [
                    {
                        "tender_id": tender.id,
                        "template_id": entry.id,
                        "sequence": 1,
                        "clause_no": number,
                        "text": entry.text,
                        "kind": entry.kind,
                        "mark": "star",
                        "disqualify": True,
                    }
                    for entry, number in zip(entries, numbers, strict=True)
                ]
            )
        return self.action_clauses() if len(self) == 1 else True

    # BUSINESS
    def _signs(self):
        """The signs of this tender's documents, for :mod:`tools.clauses`; the usual ones where there is no tender."""
        if not self:
            return {}
        return {"star": self.star_signs or "", "important": self.important_signs or ""}

    def _clause_numbers(self):
        """The numbers that clauses of this tender have."""
        clauses = self.env["kams.tender.clause"].search_fetch([("tender_id", "in", self.ids)], ["clause_no"])
        return set(filter(None, clauses.mapped("clause_no")))

    def _open_stars(self):
        """Starred and disqualifying clauses of these tenders that aren't met."""
        return self.env["kams.tender.clause"].search(
            [("tender_id", "in", self.ids), ("is_mandatory", "=", True), ("status", "not in", MET)]
        )
