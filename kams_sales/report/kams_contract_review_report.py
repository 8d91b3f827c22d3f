from odoo import api, models

from .kams_paper import LANDSCAPE

FACTS = (
    *("number", "partner_id", "amount_total", "margin_pct", "tender_id", "award_notice_at", "contract_due", "user_id"),
    *("state", "opinions_state", "consistency_state", "signature_state"),
)
TERMS = (
    *("deposit_amount", "damages_cap_pct", "warranty_months", "retention_pct"),
    *("performance_bond_required", "performance_bond_pct", "date_start", "date_end"),
)
VOTES = {"agree": "good", "conditional": "fair", "reject": "bad", "abstain": "muted"}
DEVIATIONS = {"none": "good", "minor": "fair", "major": "bad"}


class ReportContractReview(models.AbstractModel):
    """The review of a contract on paper: what legal, finance, technical and others said, and every clause beside our
    standard, with its risk and who bears it (7.5 审核合同)."""

    _name = "report.kams_sales.report_contract_review"
    _description = "Contract review"
    _inherit = ["kams.paper"]
    _paper = LANDSCAPE
    _paper_model = "kams.contract"

    @api.model
    def _title(self):
        return self.env._("Contract Review")

    @api.model
    def _sheets(self, records):
        clauses = self._lines_of("kams.contract.clause", records, "contract_id")
        kept = self._lines_of("kams.contract.consistency", records, "contract_id")
        reviews = self._lines_of("kams.review", records, "contract_id", [("kind", "=", "contract")], order="id desc")
        # the latest that anybody was asked in; one that is only being prepared says nothing yet
        latest = {
            contract: found.filtered(lambda one: one.state not in ("draft", "cancelled"))[:1] or found[:1]
            for contract, found in reviews.items()
        }
        seen = records.env["kams.review"].union(*latest.values())
        opinions = self._lines_of("kams.review.opinion", seen, "review_id")
        conditions = self._lines_of("kams.review.condition", seen, "review_id")
        return {
            contract.id: {
                "subtitle": self._value(contract, "opinions_state"),
                "mark": self.env._("Draft") if contract.state == "draft" else "",
                "sections": [
                    self._section_facts(
                        "", [self._fact(contract, name) for name in FACTS if self._may(contract, name)]
                    ),
                    *self._warnings(contract, clauses[contract]),
                    *self._opinions(latest[contract], opinions, conditions),
                    self._section_facts(self.env._("Terms"), [self._fact(contract, name, zero=True) for name in TERMS]),
                    *self._consistency(kept[contract]),
                    *self._clauses(clauses[contract]),
                    *self._signatures(latest[contract], opinions),
                ],
            }
            for contract in records
        }

    def _warnings(self, contract, clauses):
        risky = clauses.filtered("is_open_risk")
        texts = [
            (self._label(contract, "missing_clauses"), contract.missing_clauses),
            (self._label(contract, "open_risk_count"), ", ".join(risky.mapped("display_name"))),
        ]
        found = [pair for pair in texts if pair[1]]
        return [self._section_texts(self.env._("To Be Settled before Signing"), found)] if found else []

    def _opinions(self, review, opinions, conditions):
        if not review:
            return [self._section_table(self.env._("Opinions"), [("", 100, "")], [])]
        seats = opinions[review]
        columns = [
            (self._label(seats, "role"), 12, ""),
            (self._label(seats, "user_id"), 16, ""),
            (self._label(seats, "vote"), 14, ""),
            (self._label(seats, "opinion"), 44, ""),
            (self._label(seats, "voted_at"), 14, ""),
        ]
        rows = [
            [
                self._value(seat, "role"),
                seat.user_id.name or "–",
                self._cell(self._value(seat, "vote") or "–", tone=VOTES.get(seat.vote, "")),
                seat.opinion or "",
                self._date(seat.voted_at),
            ]
            for seat in seats.filtered(lambda one: not one.replaced)
        ]
        decided = self.env._(
            "%(state)s by %(who)s on %(day)s. %(minutes)s",
            state=self._value(review, "state"),
            who=review.decided_by_id.name or "–",
            day=self._date(review.decided_at),
            minutes=review.minutes or "",
        )
        legend = decided if review.decided_at else self._value(review, "state")
        if review.rereview_due:
            legend = f"{legend} {self.env._('To be reviewed again. %s', review.rereview_reason)}"
        sections = [self._section_table(self.env._("Opinions"), columns, rows, legend=legend)]
        asked = conditions[review]
        if asked:
            shares = {"name": 44, "user_id": 16, "date_due": 12, "state": 10, "closure_note": 18}
            sections.append(self._section_fields(self.env._("Conditions"), asked, shares))
        return sections

    def _consistency(self, lines):
        if not lines:
            return []
        shares = {"aspect": 20, "bid_value": 34, "contract_value": 34, "same": 12}
        return [self._section_fields(self.env._("Contract beside the Bid"), lines, shares)]

    def _clauses(self, clauses):
        """What differs, is risky or was spoken about; the rest is named in a line."""
        calm = clauses.filtered(
            lambda one: one.deviation == "none" and not (one.differs or one.opinion or (one.risk or "0") >= "3")
        )
        columns = [
            (self.env._("Clause"), 13, ""),
            (self._label(clauses, "standard"), 25, ""),
            (self._label(clauses, "actual"), 25, ""),
            (self._label(clauses, "deviation"), 11, ""),
            (self._label(clauses, "risk"), 8, ""),
            (self._label(clauses, "opinion"), 18, ""),
        ]
        rows = []
        for clause in clauses - calm:
            alike = clause.standard and clause.actual and not clause.differs
            borne = self.env._(
                "Risk accepted by %(who)s. %(why)s",
                who=clause.accepted_by_id.name or "",
                why=clause.accepted_why or "",
            )
            rows.append(
                [
                    self._cell(clause.display_name, note=self._value(clause, "role")),
                    clause.standard or "",
                    self._cell(self.env._("As our standard"), tone="muted") if alike else clause.actual or "–",
                    self._cell(
                        self._value(clause, "deviation"),
                        tone=DEVIATIONS.get(clause.deviation, ""),
                        note=clause.deviation_text or "",
                    ),
                    self._cell(clause.risk or "", tone="bad" if clause.is_open_risk else ""),
                    self._cell(clause.opinion or "", note=borne if clause.accepted else ""),
                ]
            )
        table = self._section_table(
            self.env._("Contract Clauses"), columns, rows, empty=self.env._("No clause deviates from our standard.")
        )
        alike = self._section_texts("", [(self.env._("As our standard"), ", ".join(calm.mapped("display_name")))])
        return [table, alike] if calm else [table]

    def _signatures(self, review, opinions):
        """Room to sign by hand, where a house wants the opinions on paper as well (会签)."""
        seats = opinions[review].filtered(lambda one: not one.replaced) if review else ()
        pairs = [(f"{self._value(seat, 'role')}, {self.env._('Signature')}", "\n") for seat in seats]
        return [self._section_facts("", pairs)] if pairs else []
