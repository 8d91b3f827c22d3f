from odoo import api, models

from .kams_paper import LANDSCAPE

FACTS = ("number", "lot", "tenderee_id", "agency_id", "bid_deadline", "user_id")
TONES = {"comply": "good", "positive": "good", "partial": "fair", "negative": "bad", "tbd": "muted"}
SIGNS = {"star": "★", "important": "▲", "normal": ""}


class ClausePaper(models.AbstractModel):
    """What the two forms of a tender's clauses share: all clauses in one search, and how one is written."""

    _name = "kams.clause.paper"
    _description = "Printed clauses"
    _inherit = ["kams.paper"]
    _paper = LANDSCAPE
    _paper_model = "kams.tender"

    def _clauses_of(self, tenders, domain=()):
        return self._lines_of("kams.tender.clause", tenders, "tender_id", domain, order="sequence, id")

    def _by_kind(self, clauses):
        """``[(label of the kind, its clauses), …]`` in the order of the kinds."""
        labels = dict(clauses._fields["kind"]._description_selection(self.env))
        grouped = clauses.grouped("kind")
        return [(label, grouped[kind]) for kind, label in labels.items() if kind in grouped]

    def _clause_cell(self, clause):
        """The clause's number with its sign, as the documents have it."""
        sign = SIGNS[clause.mark] or ("★" if clause.disqualify else "")
        return self._cell(f"{sign} {clause.clause_no or ''}".strip(), tone="strong" if clause.is_mandatory else "")

    def _status_cell(self, clause):
        return self._cell(self._value(clause, "status"), tone=TONES[clause.status])


class ReportResponseMatrix(models.AbstractModel):
    """The response matrix on paper: every clause with our answer, its evidence and who stands for it (6.4 响应矩阵)."""

    _name = "report.kams_sales.report_response_matrix"
    _description = "Response matrix"
    _inherit = ["kams.clause.paper"]

    @api.model
    def _title(self):
        return self.env._("Response Matrix")

    @api.model
    def _sheets(self, records):
        clauses = self._clauses_of(records)
        return {
            tender.id: {
                "subtitle": self._value(tender, "state"),
                "sections": [
                    self._section_facts("", [self._fact(tender, name) for name in FACTS] + self._figures(tender)),
                    *(self._kind(label, lines) for label, lines in self._by_kind(clauses[tender])),
                ],
            }
            for tender in records
        }

    def _figures(self, tender):
        names = ("clause_count", "clause_open", "clause_star_open", "clause_unmet")
        pairs = [(self._label(tender, name), self._number(tender[name])) for name in names]
        if tender.deviation_full is not False:
            score = self._number(tender.deviation_score, 2)
            pairs.append(
                (
                    self._label(tender, "deviation_score"),
                    self._label(tender, "deviation_invalid") if tender.deviation_invalid else score,
                )
            )
        return pairs

    def _kind(self, label, clauses):
        columns = [
            (self.env._("Clause"), 9, ""),
            (self._label(clauses, "page"), 5, ""),
            (self._label(clauses, "text"), 32, ""),
            (self._label(clauses, "response"), 23, ""),
            (self._label(clauses, "status"), 11, ""),
            (self._label(clauses, "evidence"), 11, ""),
            (self._label(clauses, "user_id"), 9, ""),
        ]
        rows = [
            [
                self._clause_cell(clause),
                clause.page or "",
                clause.text,
                clause.response or "",
                self._status_cell(clause),
                clause.evidence or "",
                self._cell(clause.user_id.name or "", note=self.env._("Checked") if clause.closed else ""),
            ]
            for clause in clauses
        ]
        return self._section_table(label, columns, rows)


class ReportDeviationTable(models.AbstractModel):
    """The deviation table that goes into the bid: where we differ from the documents, for better or worse (偏离表).

    It holds what the tenderee may see: neither owners nor reviewers. While clauses wait for an answer it is a draft.
    """

    _name = "report.kams_sales.report_deviation_table"
    _description = "Deviation table"
    _inherit = ["kams.clause.paper"]
    _kams_confidential = False

    @api.model
    def _title(self):
        return self.env._("Deviation Table")

    @api.model
    def _sheets(self, records):
        # what throws bids out by statute stands in no tender document: there is nothing to deviate from
        clauses = self._clauses_of(records, [("template_id", "=", False)])
        return {
            tender.id: {
                "subtitle": "",
                "printed": "",  # who printed it, and when, is no business of the tenderee's
                "mark": self.env._("Draft") if tender.clause_open else "",
                "sections": [
                    self._section_facts(
                        "",
                        [
                            *(self._fact(tender, name) for name in ("number", "lot", "tenderee_id")),
                            (self.env._("Bidder"), (tender.company_id or self.env.company).name),
                        ],
                    ),
                    *(self._kind(label, lines) for label, lines in self._by_kind(clauses[tender])),
                    self._section_facts(
                        "",
                        [
                            (self.env._("Signature and Seal"), "\n\n"),
                            (self.env._("Date"), " "),
                        ],
                    ),
                ],
            }
            for tender in records
        }

    def _kind(self, label, clauses):
        differ = clauses.filtered(lambda clause: clause.status in ("positive", "partial", "negative"))
        waiting = clauses.filtered(lambda clause: clause.status == "tbd")
        columns = [
            (self.env._("No."), 5, "right"),
            (self.env._("Clause"), 10, ""),
            (self.env._("Tender Documents Demand"), 32, ""),
            (self.env._("We Offer"), 29, ""),
            (self.env._("Deviation"), 12, ""),
            (self._label(clauses, "evidence"), 12, ""),
        ]
        rows = [
            [
                self._number(place),
                self._clause_cell(clause),
                self._cell(clause.text, note=self.env._("page %s", clause.page) if clause.page else ""),
                clause.response or "",
                self._value(clause, "status"),
                clause.evidence or "",
            ]
            for place, clause in enumerate(differ, 1)
        ]
        if waiting:
            legend = self.env._("Not answered yet: %s.", waiting._named())
        elif differ:
            legend = self.env._("No deviation from all other clauses.")
        else:
            legend = ""
        return self._section_table(
            label, columns, rows, empty=legend or self.env._("No deviation from any clause."), legend=differ and legend
        )
