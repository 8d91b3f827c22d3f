from odoo import api, models

ABOUT = (
    *("tender_id", "version", "user_id", "bid_form", "sheet_total", "amount_in_words", "validity_date"),
    *("page_total", "submitted_at"),
)
TONES = {"open": "bad", "ok": "good", "na": "muted"}


class ReportSealChecklist(models.AbstractModel):
    """The list that is gone through before a bid goes out, with who found what (6.5 签字盖章密封检查表)."""

    _name = "report.kams_sales.report_seal_checklist"
    _description = "Seal Checklist"
    _inherit = ["kams.paper"]
    _paper_model = "kams.proposal"

    @api.model
    def _title(self):
        return self.env._("Seal Checklist")

    @api.model
    def _sheets(self, records):
        checks = self._lines_of("kams.bid.check", records, "proposal_id")
        chapters = self._lines_of("kams.proposal.chapter", records, "proposal_id")
        return {
            bid.id: {
                "mark": self.env._("To Check") if any(one.state == "open" for one in checks[bid]) else "",
                "sections": [
                    self._section_facts(self.env._("Bid"), [self._fact(bid, name) for name in ABOUT]),
                    self._checks(checks[bid]),
                    self._chapters(chapters[bid]),
                    self._section_table(
                        self.env._("Signatures"),
                        [(label, 50, "") for label in (self.env._("Checked by"), self.env._("Released by"))],
                        [["\n\n", "\n\n"]],
                    ),
                ],
            }
            for bid in records
        }

    def _checks(self, checks):
        label = self._label
        columns = [
            ("", 6, "right"),
            (label(checks, "code"), 22, ""),
            (label(checks, "state"), 12, ""),
            (label(checks, "finding"), 26, ""),
            (label(checks, "note"), 19, ""),
            (label(checks, "done_by_id"), 15, ""),
        ]
        rows = [
            [
                str(place),
                check.name,
                self._cell(self._value(check, "state"), tone=TONES.get(check.state, "")),
                check.finding or "",
                check.note or "",
                self._cell(
                    check.done_by_id.name or ("" if not check.automatic or check.state == "na" else "–"),
                    note=self._date(check.done_at),
                ),
            ]
            for place, check in enumerate(checks, 1)
        ]
        return self._section_table(self.env._("Checklist"), columns, rows, together=True)

    def _chapters(self, chapters):
        label = self._label
        columns = [
            (label(chapters, "name"), 46, ""),
            (label(chapters, "user_id"), 22, ""),
            (label(chapters, "state"), 16, ""),
            (label(chapters, "pages"), 16, "right"),
        ]
        volumes = dict(chapters._fields["volume"]._description_selection(self.env))
        rows = []
        for volume, name in [*volumes.items(), (False, self.env._("Without a volume"))]:
            found = chapters.filtered(lambda one, volume=volume: (one.volume or False) == volume)
            if found:
                rows.append([self._cell(name, tone="strong")])
            rows += [
                [one.name, one.user_id.name or "", self._value(one, "state"), str(one.pages or "")] for one in found
            ]
        return self._section_table(self.env._("Volumes"), columns, rows)
