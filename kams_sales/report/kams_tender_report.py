from odoo import api, fields, models

from ..models.kams_tender_milestone import NOT_BEHIND
from .kams_paper import LANDSCAPE

# The tenders of one sheet, in the context of the builder alone
CHOSEN = "kams_register_ids"
TONES = {"won": "good", "lost": "bad", "unlawful": "bad", "incomplete": "fair"}


class ReportTenderRegister(models.AbstractModel):
    """The tenders that were chosen as one register a company: whose, which dates, what came of them (6.3, T28)."""

    _name = "report.kams_sales.report_tender_register"
    _description = "Tender register"
    _inherit = ["kams.paper"]
    _paper_model = "kams.tender"
    _paper = LANDSCAPE

    @api.model
    def _get_report_values(self, docids, data=None):
        chosen = self.env["kams.tender"].browse(docids or [])
        chosen.check_access("read")
        heads = chosen.browse().union(*(register[:1] for register in chosen.grouped("company_id").values()))
        return super(ReportTenderRegister, self.with_context(**{CHOSEN: chosen.ids}))._get_report_values(
            heads.ids, data
        )

    @api.model
    def _title(self):
        return self.env._("Tender Register")

    @api.model
    def _name_of(self, record):
        return self._company_of(record).name

    @api.model
    def _sheets(self, records):
        chosen = self.env["kams.tender"].browse(self.env.context.get(CHOSEN, records.ids))
        registers = chosen.sorted(lambda one: (one.bid_deadline or one.create_date, one.id), reverse=True).grouped(
            "company_id"
        )
        coming = self._lines_of("kams.tender.milestone", chosen, "tender_id", [("state", "=", "open"), *NOT_BEHIND])
        return {
            head.id: {
                "sections": [
                    self._figures(registers[head.company_id]),
                    self._tenders(registers[head.company_id]),
                    self._coming(registers[head.company_id], coming),
                ]
            }
            for head in records
        }

    def _figures(self, tenders):
        """How many, and of those that are decided how many we won."""
        counts = {name: len(tenders.filtered(lambda one, n=name: one.result == n)) for name in ("won", "lost")}
        decided = counts["won"] + counts["lost"]
        rate = self._number(100 * counts["won"] / decided, 1) if decided else ""
        return self._section_facts(
            self.env._("Overview"),
            [
                (self.env._("Tenders"), self._number(len(tenders))),
                (self.env._("Running"), self._number(len(tenders.filtered(lambda one: one.state != "closed")))),
                (self.env._("Awarded to Us"), self._number(counts["won"])),
                (self.env._("Awarded to Another"), self._number(counts["lost"])),
                (self.env._("Won of those decided (%)"), rate),
            ],
        )

    def _tenders(self, tenders):
        label = self._label
        columns = [
            (label(tenders, "name"), 24, ""),
            (label(tenders, "tenderee_id"), 15, ""),
            (label(tenders, "estimate"), 12, "right"),
            (label(tenders, "issued_at"), 9, ""),
            (label(tenders, "bid_deadline"), 12, ""),
            (label(tenders, "dates_state"), 9, ""),
            (label(tenders, "award_notice_at"), 9, ""),
            (label(tenders, "result"), 10, ""),
        ]
        rows = [
            [
                self._cell(one.display_name, note=" · ".join(filter(None, [one.number, one.user_id.name]))),
                self._cell(one.tenderee_id.display_name or "", note=self._value(one, "legal_regime")),
                self._cell(
                    self._money(one.estimate, one.currency_id),
                    note=self.env._("Ours: %s", self._money(one.bid_price, one.currency_id))
                    if one.bid_price is not False
                    else "",
                ),
                self._date(one.issued_at),
                self._moment(one),
                self._cell(self._value(one, "dates_state"), tone=TONES.get(one.dates_state, "")),
                self._cell(self._date(one.award_notice_at), note=self._contract(one)),
                self._cell(self._value(one, "result") or self._value(one, "state"), tone=TONES.get(one.result, "")),
            ]
            for one in tenders
        ]
        return self._section_table(self.env._("Tenders"), columns, rows)

    def _moment(self, tender):
        """The deadline to the minute, where the tender is held."""
        if not tender.bid_deadline:
            return ""
        there = fields.Datetime.context_timestamp(tender.with_context(tz=tender.tz), tender.bid_deadline)
        return self._cell(self._date(there.date()), note=f"{there:%H:%M} {tender.tz}")

    def _contract(self, tender):
        if tender.contract_signed_at:
            return self.env._("Contract: %s", self._date(tender.contract_signed_at))
        return tender.contract_due and self.env._("Contract by %s", self._date(tender.contract_due))

    def _coming(self, tenders, coming):
        """What is to be done next in those that run."""
        columns = [
            (self.env._("Day"), 14, ""),
            (self.env._("Milestone"), 30, ""),
            (self.env._("Tender"), 38, ""),
            (self.env._("Owner"), 18, ""),
        ]
        running = tenders.filtered(lambda one: one.state != "closed")
        milestones = running.env["kams.tender.milestone"].union(*(coming[one] for one in running))
        rows = [
            [
                self._cell(self._date(one.planned), tone="bad" if one.is_overdue else ""),
                self._value(one, "kind"),
                one.tender_id.display_name,
                one.user_id.name or "",
            ]
            for one in milestones.filtered("planned").sorted(lambda one: (one.planned, one.sequence, one.id))
        ]
        return self._section_table(self.env._("Coming Up"), columns, rows, empty=self.env._("Nothing comes up."))
