from odoo import api, models

INDENT = "\u00a0" * 4
TONES = {"-2": "bad", "-1": "bad", "0": "", "1": "good", "2": "good"}
STATUS = {"red": "bad", "amber": "fair", "green": "good"}


class ReportChain(models.AbstractModel):
    """A decision chain on paper: who decides, how they stand, what is missing, and the steps of the decision (3.6).

    Personal agendas stay off paper: they are personal data of the contacts.
    """

    _name = "report.kams_sales.report_chain"
    _description = "Decision chain on paper"
    _inherit = ["kams.paper"]
    _paper_model = "crm.lead"

    @api.model
    def _title(self):
        return self.env._("Decision Chain")

    @api.model
    def _sheets(self, records):
        people = self._lines_of("kams.stakeholder", records, "lead_id")
        everybody = self.env["kams.stakeholder"].union(*people.values())
        criteria = self._lines_of("kams.stakeholder.criterion", everybody, "stakeholder_id")
        steps = self._lines_of("kams.decision.step", records, "lead_id")
        return {
            deal.id: {
                "sections": [
                    self._section_facts(
                        self.env._("Overview"),
                        [
                            (self.env._("Customer"), deal.partner_id.commercial_partner_id.name),
                            (self.env._("Salesperson"), deal.user_id.name),
                            *(
                                self._fact(deal, name)
                                for name in ("kams_map_status", "kams_support_index", "kams_coverage")
                            ),
                        ],
                    ),
                    self._section_texts("", [(self.env._("What Is Missing"), deal.kams_chain_advice)]),
                    self._chain(people[deal]),
                    self._plans(people[deal], criteria),
                    self._steps(steps[deal]),
                ],
            }
            for deal in records
        }

    def _chain(self, people):
        """The chart as a table: each is set in below whom they report to."""
        columns = [
            (self._label(people, "partner_id"), 32, ""),
            (self._label(people, "mh_role"), 24, ""),
            (self._label(people, "influence"), 12, ""),
            (self._label(people, "attitude"), 14, ""),
            (self._label(people, "coverage"), 18, ""),
        ]
        rows = []
        for depth, person in people._chart():
            indent = INDENT * min(depth, 6)
            key = self.env._("Key player") if person.is_key_player else ""
            roles = ", ".join(person.buying_role_ids.mapped("name"))
            rows.append(
                [
                    self._cell(
                        indent + person.display_name, "strong", note=person.function and indent + person.function
                    ),
                    self._cell(self._value(person, "mh_role") or "–", note=", ".join(filter(None, (key, roles)))),
                    self._value(person, "influence") or "–",
                    self._cell(self._value(person, "attitude") or "–", TONES.get(person.attitude, "")),
                    self._cell(self._value(person, "coverage"), "bad" if person.coverage == "none" else ""),
                ]
            )
        return self._section_table(
            self.env._("Who Decides"), columns, rows, empty=self.env._("Nobody is named yet."), together=True
        )

    def _plans(self, people, criteria):
        """What each of them wants, decides by and is told; those of whom nothing is known are left out."""
        columns = [
            (self._label(people, "partner_id"), 20, ""),
            (self.env._("Wants"), 28, ""),
            (self._label(people, "criterion_ids"), 20, ""),
            (self.env._("What We Do"), 32, ""),
        ]
        rows = []
        for _depth, person in people._chart():
            wants = "\n".join(filter(None, (person.business_agenda, person.win_result)))
            decides_by = "\n".join(
                f"{line.criterion} {self._number(line.weight)} %" if line.weight else line.criterion
                for line in criteria[person]
            )
            ours = "\n".join(filter(None, (person.strategy, person.next_action)))
            if wants or decides_by or ours or person.red_flag:
                rows.append([self._cell(person.display_name, "strong", note=person.red_flag), wants, decides_by, ours])
        return self._section_table(
            self.env._("What They Want and What We Do"), columns, rows, empty=self.env._("Nothing is written down yet.")
        )

    def _steps(self, steps):
        shares = {"name": 24, "stakeholder_id": 18, "date_start": 12, "date_end": 12, "state": 12, "evidence": 22}
        return self._section_fields(
            self.env._("Decision Steps"), steps, shares, empty=self.env._("No step of the decision is known yet.")
        )
