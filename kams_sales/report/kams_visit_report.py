from odoo import api, models

WHO = ("kams_kind", "kams_visit_level", "kams_host_id", "user_id")
TEXTS = ("kams_visit_purpose", "kams_visitors", "kams_messages")
CAME = ("kams_outcome", "kams_support_effect", "kams_next_step", "kams_next_step_date", "kams_compliance")
SAID = ("kams_executive_notes", "kams_reference_notes", "kams_minutes")


class ReportVisit(models.AbstractModel):
    """A visit on paper, for those who receive the customer: who comes, when, where, what is ready, what it costs (5.3).

    The record follows once it is submitted.
    """

    _name = "report.kams_sales.report_visit"
    _description = "Visit plan"
    _inherit = ["kams.meeting.paper"]

    @api.model
    def _title(self):
        return self.env._("Visit Plan")

    @api.model
    def _sheets(self, records):
        records.opportunity_id.check_access("read")
        stops = self._lines_of("kams.meeting.itinerary", records, "event_id")
        checks = self._lines_of("kams.meeting.check", records, "event_id")
        costs = self._lines_of("kams.meeting.cost", records, "event_id")
        people = self._lines_of("kams.meeting.attendance", records, "event_id")
        return {
            event.id: {
                **self._head(event),
                "sections": [
                    self._section_facts(self.env._("Overview"), self._overview(event)),
                    self._section_texts(
                        self.env._("What For"), [(self._label(event, name), event[name]) for name in TEXTS]
                    ),
                    *self._reference(event),
                    self._itinerary(stops[event]),
                    self._checks(checks[event]),
                    self._costs(costs[event]),
                    *self._record(event, people[event]),
                ],
            }
            for event in records
        }

    def _overview(self, event):
        return [
            *self._where_and_when(event),
            *[self._fact(event, name) for name in WHO if name != "kams_visit_level" or event.kams_visit_level],
        ]

    def _reference(self, event):
        """Whom we visit, as far as the user may read the reference."""
        reference = event.kams_reference_id._filtered_access("read")
        if not reference:
            return []
        names = ("partner_id", "contact_id", "application", "topics_show", "topics_avoid")
        facts = [self._fact(reference, name) for name in names]
        return [self._section_facts(self.env._("Reference Customer"), [*facts, self._fact(event, "kams_briefed_at")])]

    def _itinerary(self, stops):
        return self._section_fields(
            self.env._("Itinerary"), stops, {"time": 20, "place": 22, "item": 38, "user_id": 20}
        )

    def _costs(self, costs):
        columns = [
            (self._label(costs, "item"), 40, ""),
            (self._label(costs, "amount"), 20, "right"),
            (self._label(costs, "approver_id"), 24, ""),
            (self._label(costs, "approved"), 16, ""),
        ]
        rows = [
            [
                line.item,
                self._money(line.amount, line.currency_id),
                line.approver_id.name or "",
                self._cell(self._value(line, "approved"), tone="good" if line.approved else "bad"),
            ]
            for line in costs
        ]
        if len(costs) > 1:
            total = self._money(sum(costs.mapped("amount")), costs.currency_id[:1])
            rows.append([self._cell(self.env._("Total"), tone="strong"), self._cell(total, tone="strong"), "", ""])
        return self._section_table(self.env._("Costs"), columns, rows)

    def _record(self, event, people):
        """What came of it; nothing before it is recorded."""
        if event.kams_record_state != "done":
            return []
        shares = {"partner_id": 24, "feedback": 30, "concern": 22, "attitude_before": 12, "attitude_after": 12}
        return [
            self._section_texts(
                self.env._("What Was Said"), [(self._label(event, name), event[name]) for name in SAID]
            ),
            self._section_facts(self.env._("What Came of It"), [self._fact(event, name) for name in CAME]),
            self._section_fields(self.env._("Who Came"), people, shares),
        ]
