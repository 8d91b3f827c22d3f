from odoo import api, models

from ..models.blank import known
from .kams_paper import LANDSCAPE

TONES = {"high": "bad", "medium": "fair", "low": "good"}


class ReportRisk(models.AbstractModel):
    """The risk register of a delivery on paper, for the meeting at which it is gone through: the map, then each risk.

    Book section 8.7 风险管理.
    """

    _name = "report.kams_sales.report_risk"
    _description = "Risk register on paper"
    _inherit = ["kams.paper"]
    _paper_model = "kams.delivery"
    _paper = LANDSCAPE
    _of = "delivery_id"

    @api.model
    def _title(self):
        return self.env._("Risk Register")

    @api.model
    def _sheets(self, records):
        risks = self._lines_of("kams.risk", records, self._of, order="state, score desc nulls last, id")
        return {
            record.id: {
                "sections": [
                    self._section_facts(self.env._("Overview"), self._overview(record)),
                    self._map(record),
                    self._open_risks(self.env._("Open Risks"), risks[record].filtered(lambda one: one.state == "open")),
                    self._gone(risks[record].filtered(lambda one: one.state != "open")),
                ]
            }
            for record in records
        }

    def _overview(self, record):
        return [
            self._fact(record, "customer_id"),
            self._fact(record, "lead_id"),
            self._fact(record, "user_id"),
            *self._figures(record),
        ]

    def _figures(self, record):
        figures = self.env["kams.risk"]._map_figures([(self._of, "=", record.id), ("state", "=", "open")])
        return [(word, number) for word, number, _tone in figures]

    def _map(self, record):
        """Numbers of the risks in their squares: a table of fixed colours, since paper has no links."""
        shown = self.env["kams.risk"]._map([(self._of, "=", record.id)])
        return {"template": "kams_sales.paper_risk_map", "title": self.env._("Risk Map"), **shown}

    def _open_risks(self, title, risks):
        label = self._label
        columns = [
            (label(risks, "code"), 5, ""),
            (label(risks, "name_short"), 31, ""),
            (label(risks, "level"), 10, ""),
            (label(risks, "exposure"), 10, "right"),
            (label(risks, "action"), 22, ""),
            (label(risks, "user_id"), 11, ""),
            (label(risks, "residual_score"), 11, ""),
        ]
        return self._section_table(title, columns, [self._row(risk) for risk in risks])

    def _row(self, risk):
        why = [f"{self._label(risk, name)}: {risk[name]}" for name in ("cause", "effect", "trigger") if risk[name]]
        score = known(risk.score)
        cost = known(risk.action_cost)
        then = known(risk.residual_score)
        after = known(risk.residual_exposure)
        return [
            risk.code or "",
            self._cell(risk.name, note="\n".join(filter(None, [self._value(risk, "category"), *why]))),
            self._cell(
                self._value(risk, "level") or "–",
                tone=TONES.get(risk.level, ""),
                note="" if score is None else f"{risk.probability} × {risk.impact} = {score}",
            ),
            "" if known(risk.exposure) is None else self._money(risk.exposure, risk.currency_id),
            self._cell(
                risk.action or "–",
                tone="" if risk.action else "bad",
                note="\n".join(
                    filter(
                        None,
                        (
                            self._value(risk, "response"),
                            cost is not None
                            and f"{self._label(risk, 'action_cost')}: {self._money(cost, risk.currency_id)}",
                        ),
                    )
                ),
            ),
            self._cell(
                risk.user_id.name or "–",
                tone="bad" if risk.is_uncontrolled else "",
                note="\n".join(filter(None, (self._date(risk.date_due) if risk.date_due else "", risk.lacking))),
            ),
            self._cell(
                "–" if then is None else str(then),
                tone=TONES.get(risk.residual_level, ""),
                note="" if after is None else self._money(after, risk.currency_id),
            ),
        ]

    def _gone(self, risks):
        """What happened and what is over, with what came of it; nothing where there is none."""
        if not risks:
            return self._section_texts("", [])
        label = self._label
        columns = [
            (label(risks, "code"), 5, ""),
            (label(risks, "name_short"), 35, ""),
            (label(risks, "state"), 15, ""),
            (label(risks, "outcome"), 33, ""),
            (label(risks, "actual_amount"), 12, "right"),
        ]
        rows = [
            [
                risk.code or "",
                self._cell(risk.name, note=self._value(risk, "category") or ""),
                self._cell(
                    self._value(risk, "state"),
                    note=self._date(risk.closed_on or risk.occurred_on) if risk.closed_on or risk.occurred_on else "",
                ),
                risk.outcome or "",
                "" if known(risk.actual_amount) is None else self._money(risk.actual_amount, risk.currency_id),
            ]
            for risk in risks
        ]
        return self._section_table(self.env._("Happened or Closed"), columns, rows)


class ReportDealRisk(models.AbstractModel):
    """The risk register of a deal, over all its deliveries."""

    _name = "report.kams_sales.report_deal_risk"
    _description = "Risk register of a deal on paper"
    _inherit = ["report.kams_sales.report_risk"]
    _paper_model = "crm.lead"
    _of = "lead_id"

    def _overview(self, record):
        return [
            (self.env._("Customer"), record.partner_id.commercial_partner_id.name),
            (self.env._("Salesperson"), record.user_id.name),
            *self._figures(record),
        ]
