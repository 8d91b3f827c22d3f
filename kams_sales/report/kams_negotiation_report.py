from odoo import api, models
from odoo.tools import html2plaintext

from ..models.blank import known
from ..models.kams_negotiation_terms import VARIANTS

ABOUT = ("lead_id", "tender_id", "scope", "user_id", "time_limit", "state", "approved_by_id", "approved_at")
STRENGTH = ("batna", "their_batna", "power_analysis")
RESULT = ("settlement", "zopa", "surplus_share", "conceded", "unplanned_count")


class ReportNegotiation(models.AbstractModel):
    """What we want, where we stop and what we give for what, on paper, for our own team only (7.3 谈判方案).

    The mark across each page says to whom it belongs; what isn't approved says so instead.
    """

    _name = "report.kams_sales.report_negotiation"
    _description = "Negotiation Plan"
    _inherit = ["kams.paper"]
    _paper_model = "kams.negotiation"

    @api.model
    def _title(self):
        return self.env._("Negotiation Plan")

    @api.model
    def _sheets(self, records):
        issues = self._lines_of("kams.negotiation.issue", records, "negotiation_id")
        concessions = self._lines_of("kams.negotiation.concession", records, "negotiation_id")
        members = self._lines_of("kams.negotiation.member", records, "negotiation_id")
        counterparts = self._lines_of("kams.negotiation.counterpart", records, "negotiation_id")
        terms = self._lines_of("kams.negotiation.term", records, "negotiation_id")
        return {
            plan.id: {
                "subtitle": self._value(plan, "state"),
                # printed for the table: whoever finds it there knows whose it is
                "mark": self.env._("Not Approved")
                if plan.state == "preparing"
                else self.env._("Strictly Confidential"),
                "sections": [
                    self._section_facts(self.env._("Overview"), [self._fact(plan, name) for name in ABOUT]),
                    self._limits(plan),
                    self._issues(issues[plan], plan),
                    self._concessions(concessions[plan], plan),
                    self._people(members[plan], counterparts[plan]),
                    self._section_texts(
                        self.env._("Alternatives and Power"),
                        [
                            *((self._label(plan, name), plan[name]) for name in STRENGTH),
                            (self._label(plan, "batna_value"), self._value(plan, "batna_value")),
                            (self._label(plan, "strategy"), self._value(plan, "strategy")),
                            (self._label(plan, "agenda"), html2plaintext(plan.agenda or "")),
                        ],
                    ),
                    *self._terms(terms[plan], plan),
                    *self._result(plan),
                ],
            }
            for plan in records
        }

    def _limits(self, plan):
        """What the law keeps to the bid, in a sentence."""
        text = ""
        if plan.scope == "non_substantive":
            text = self.env._(
                "It was tendered: subject, price, quality and time of delivery end as they were bid "
                "(招标投标法 43, 46; 条例 57)."
            )
        elif plan.locked_kinds:
            text = self.env._(
                "It is bought by inquiry: the price was offered once and can't be changed (政府采购法 40)."
            )
        return self._section_texts(self.env._("Locked by Law") if text else "", [("", text)])

    def _issues(self, issues, plan):
        ended = plan.state not in ("preparing", "approved")
        label = self._label
        columns = [
            (label(issues, "name"), 22, ""),
            (label(issues, "weight"), 10, "right"),
            (label(issues, "opening"), 12, "right"),
            (label(issues, "target"), 12, "right"),
            (label(issues, "reservation"), 12, "right"),
            (label(issues, "est_their_reservation"), 18, "right"),
            (label(issues, "agreed") if ended else label(issues, "zopa"), 14, "right"),
        ]
        rows = []
        for issue in issues:
            note = " · ".join(
                filter(
                    None,
                    [
                        issue.unit,
                        issue.locked and self.env._("locked to the bid"),
                        issue.tradable_against_ids
                        and self.env._("can be traded for %s", ", ".join(issue.tradable_against_ids.mapped("name"))),
                    ],
                )
            )
            last = self._figure(known(issue.agreed)) or issue.agreed_text if ended else self._figure(known(issue.zopa))
            if issue.locked:
                figures = [self._cell("–", "muted")] * 5
                last = self._figure(known(issue.bid_value)) or issue.bid_text
            else:
                names = ("weight", "opening", "target", "reservation", "est_their_reservation")
                figures = [self._figure(known(issue[name])) for name in names]
                figures[3] = self._cell(figures[3], "strong")
            rows.append([self._cell(issue.name, note=note), *figures, last or ""])
        return self._section_table(self.env._("Issues"), columns, rows)

    def _concessions(self, lines, plan):
        label = self._label
        columns = [
            (label(lines, "round"), 10, "right"),
            (label(lines, "give"), 28, ""),
            (label(lines, "amount"), 14, "right"),
            (label(lines, "condition"), 30, ""),
            (label(lines, "role"), 18, ""),
        ]
        rows = [
            [
                str(line.round),
                self._cell(line.give, note=line.issue_id.name),
                self._money(known(line.amount)),
                line.condition or self._cell("–", "bad"),
                self._value(line, "role"),
            ]
            for line in lines
        ]
        legend = ""
        if lines:
            legend = " · ".join(
                f"{self._label(plan, name)}: {self._value(plan, name)}"
                for name in ("planned_total", "rhythm_state", "rhythm_parts")
                if plan[name]
            )
        return self._section_table(self.env._("Concession Plan"), columns, rows, legend=legend)

    def _people(self, members, counterparts):
        """Ours and theirs in one table."""
        columns = [(self.env._("Person"), 28, ""), (self.env._("Part"), 26, ""), (self.env._("Notes"), 46, "")]
        rows = [[self._cell(self.env._("Our Team"))]] if members else []
        rows += [[one.user_id.name, self._value(one, "role"), ""] for one in members]
        rows += [[self._cell(self.env._("Counterparts"))]] if counterparts else []
        for one in counterparts:
            part = " · ".join(filter(None, (self._value(one, "style"), self._value(one, "authority"))))
            rows.append([one.stakeholder_id.display_name, part, one.notes or ""])
        return self._section_table(self.env._("At the Table"), columns, rows)

    def _terms(self, terms, plan):
        if not terms:
            return []
        rows = []
        for variant, _label in VARIANTS:
            lines = terms.filtered(lambda term, variant=variant: term.variant == variant)
            if not lines:
                continue
            worth = self._money(known(plan[f"terms_{variant}"]), plan.currency_id)
            share = self._number(known(plan[f"terms_{variant}_pct"]), 2)
            today = " · ".join(filter(None, (worth, share and f"{share} %")))
            head = self._value(lines[:1], "variant")
            rows.append(
                [self._cell(self.env._("%(variant)s, worth today: %(worth)s", variant=head, worth=today or "–"))]
            )
            rows += [
                [line.name or "", self._figure(known(line.pct)), self._figure(known(line.months))] for line in lines
            ]
        columns = [
            (self._label(terms, "name"), 50, ""),
            (self._label(terms, "pct"), 20, "right"),
            (self._label(terms, "months"), 30, "right"),
        ]
        legend = f"{self._label(plan, 'terms_rate')}: {self._value(plan, 'terms_rate') or '–'}"
        return [self._section_table(self.env._("Payment"), columns, rows, legend=legend)]

    def _result(self, plan):
        if plan.state in ("preparing", "approved"):
            return []
        pairs = [self._fact(plan, name, zero=True) for name in RESULT]
        return [self._section_facts(self.env._("Result"), [*pairs, self._fact(plan, "broken_because")])]
