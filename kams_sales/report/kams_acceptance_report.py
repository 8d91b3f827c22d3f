from odoo import api, models

FACTS = ("customer_id", "contract_id", "delivery_id", "phase_id", "kind", "attempt", "held_on", "place", "user_id")
SIGNED = ("conclusion", "signed_by_id", "signed_at")


class ReportAcceptance(models.AbstractModel):
    """The certificate of an acceptance: what was inspected and how it came out, the committee, room to sign (8.3).

    It is handed to the customer: it carries no word of ours that isn't theirs as well.
    """

    _name = "report.kams_sales.report_acceptance"
    _description = "Acceptance certificate"
    _inherit = ["kams.paper"]
    _paper_model = "kams.acceptance"
    _kams_confidential = False

    @api.model
    def _title(self):
        return self.env._("Acceptance Certificate")

    @api.model
    def _sheets(self, records):
        criteria = self._lines_of("kams.acceptance.criterion", records, "acceptance_id", order="aspect, sequence, id")
        members = self._lines_of("kams.acceptance.member", records, "acceptance_id")
        found = self._lines_of("kams.acceptance.rectification", records, "acceptance_id", order="date_due, id")
        return {
            one.id: {
                "subtitle": " · ".join(filter(None, (one.number, self._value(one, "state")))),
                "mark": self._value(one, "state") if one.state in ("refused", "cancelled") else "",
                "sections": [
                    self._section_facts(self.env._("Overview"), [self._fact(one, name) for name in FACTS]),
                    *self._criteria(criteria[one]),
                    self._rectifications(found[one]),
                    self._conclusion(one),
                    self._committee(members[one]),
                ],
            }
            for one in records
        }

    def _criteria(self, criteria):
        """By aspect, in the order of the law: technical, service, safety."""
        if not criteria:
            yield self._section_texts(self.env._("Acceptance Criteria"), [("", self.env._("None were agreed."))])
            return
        aspects = dict(criteria._fields["aspect"]._description_selection(self.env))
        label, of = self._label, criteria.grouped("aspect")
        columns = [
            (label(criteria, "item"), 32, ""),
            (label(criteria, "standard"), 30, ""),
            (label(criteria, "result"), 14, ""),
            (label(criteria, "evidence"), 24, ""),
        ]
        for aspect, title in aspects.items():
            if lines := of.get(aspect):
                rows = [
                    [
                        self._cell(line.item, note=line.source or ""),
                        line.standard or "",
                        self._cell(
                            self._value(line, "result") or "☐",
                            tone={"pass": "good", "fail": "bad"}.get(line.result, ""),
                        ),
                        line.evidence or "",
                    ]
                    for line in lines
                ]
                yield self._section_table(self.env._("Criteria: %s", title), columns, rows)

    def _rectifications(self, lines):
        if not lines:
            return self._section_texts("", [])
        shares = {"issue": 46, "severity": 12, "user_id": 16, "date_due": 13, "closed_on": 13}
        return self._section_fields(self.env._("Rectifications"), lines, shares)

    def _conclusion(self, one):
        """What both sides say; before the signature, room for it."""
        if one.state == "signed":
            pairs = [self._fact(one, name) for name in SIGNED]
        elif one.state == "refused":
            pairs = [self._fact(one, name) for name in ("conclusion", "refused_on", "refuse_reason")]
        else:
            choices = one._fields["conclusion"]._description_selection(self.env)
            pairs = [
                (self._label(one, "conclusion"), "   ".join(f"☐ {word}" for _key, word in choices)),
                (self.env._("Name"), " "),
                (self.env._("Date"), " "),
                (self.env._("Signature"), "\n\n"),
            ]
        if one.remark:
            pairs.append(self._fact(one, "remark"))
        return self._section_facts(self._label(one, "conclusion"), pairs)

    def _committee(self, members):
        if not members:
            return self._section_texts("", [])
        columns = [
            (self._label(members, "name"), 28, ""),
            (self._label(members, "side"), 18, ""),
            (self._label(members, "office"), 24, ""),
            (self.env._("Signature"), 30, ""),
        ]
        rows = [
            [
                member.name or "",
                self._value(member, "side"),
                member.office or "",
                self._cell(self.env._("Has Signed"), tone="good") if member.signed else "\n\n",
            ]
            for member in members
        ]
        return self._section_table(self.env._("Acceptance Committee"), columns, rows, together=True)
