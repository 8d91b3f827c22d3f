from odoo import api, models

from ..wizard.kams_funnel_page import percent
from .kams_paper import LANDSCAPE

FILTERS = ("by", "date_from", "date_to", "team_id", "user_id", "tier", "procurement_mode", "industry_id", "source_id")


class ReportFunnel(models.AbstractModel):
    """The funnel on paper, for the meeting at which a team's pipeline is gone through.

    Book section 1.2 (利用销售漏斗进行销售流程管理), toolset T03 销售漏斗表.
    """

    _name = "report.kams_sales.report_funnel"
    _description = "Funnel report on paper"
    _inherit = ["kams.paper"]
    _paper_model = "kams.funnel.page"
    _paper = LANDSCAPE

    @api.model
    def _title(self):
        return self.env._("Funnel Report")

    @api.model
    def _sheets(self, records):
        sheets = {}
        for page in records:
            figures = page._figures()
            verdict, _tone = page._verdict(figures)
            sheets[page.id] = {
                "subtitle": " · ".join(self._value(page, name) for name in FILTERS[1:3] if page[name]),
                "sections": [
                    self._section_facts(
                        self.env._("Shown Deals"), [self._fact(page, name) for name in FILTERS if page[name]]
                    ),
                    self._section_facts(
                        self.env._("Results"), [(word, number) for word, number, _name in page._headline(figures)]
                    ),
                    self._phases(figures),
                    self._section_facts(
                        self.env._("Shape of the Funnel"),
                        [(self.env._("Verdict"), verdict), *page._notes(figures)],
                    ),
                ],
            }
        return sheets

    def _phases(self, figures):
        columns = [
            (self.env._("Phase"), 17, ""),
            (self.env._("Entered"), 9, "right"),
            (self.env._("Advanced"), 9, "right"),
            (self.env._("Conversion"), 10, "right"),
            (self.env._("Leaked"), 8, "right"),
            (self.env._("Share of Leakage"), 11, "right"),
            (self.env._("Win Probability"), 14, "right"),
            (self.env._("Stand Here Now"), 8, "right"),
            (self.env._("Share Now"), 7, "right"),
            (self.env._("Ideal Share"), 7, "right"),
        ]
        return self._section_table(
            self.env._("Phases"),
            columns,
            [self._row(phase) for phase in figures["phases"]],
            legend=self.env._(
                "Of the deals that closed or advanced; an open deal isn't counted where it stands. The range of a"
                " probability holds 95 times of 100."
            ),
        )

    def _row(self, phase):
        note = ""
        if phase["closed"]:
            note = f"{phase['won']} / {phase['closed']} · {phase['range']}"
        return [
            self._cell(phase["name"], bar=phase["width"], note=self.env._("Bottleneck") if phase["narrow"] else ""),
            str(phase["entered"]),
            str(phase["advanced"]),
            self._cell(percent(phase["conversion"]), tone="bad" if phase["narrow"] else ""),
            str(phase["leaked"]),
            percent(phase["leak_share"]),
            self._cell(percent(phase["win_probability"]), note=note),
            str(phase["present"]),
            percent(phase["actual"]),
            percent(phase["ideal"]),
        ]
