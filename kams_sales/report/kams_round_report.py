from odoo import api, models

from ..models.blank import known

SIDES = ("given", "received")


class ReportRound(models.AbstractModel):
    """The minutes of a round, for both sides to sign: where both stand, what was agreed, what is left open (7.4).

    It goes to the customer: neither what we planned nor what a concession costs us is on it.
    """

    _name = "report.kams_sales.report_round"
    _description = "Round minutes"
    _inherit = ["kams.meeting.paper"]
    _kams_confidential = False

    @api.model
    def _title(self):
        return self.env._("Minutes of Negotiation")

    @api.model
    def _sheets(self, records):
        records.opportunity_id.check_access("read")
        moves = self._lines_of("kams.negotiation.move", records, "event_id")
        given = self._lines_of("kams.negotiation.given", records, "event_id")
        points = self._lines_of("kams.negotiation.point", records, "event_id")
        return {
            event.id: {
                **self._head(event),
                "sections": [
                    self._section_facts(self.env._("Overview"), self._overview(event)),
                    self._moves(moves[event]),
                    self._section_texts(
                        "", [(self._label(event, name), event[name]) for name in ("kams_agreed_points", "kams_minutes")]
                    ),
                    *self._exchanges(given[event]),
                    self._points(points[event]),
                    self._section_facts(
                        self.env._("What Follows"),
                        [self._fact(event, name) for name in ("kams_next_step", "kams_next_step_date")],
                    ),
                    self._signatures(event),
                ],
            }
            for event in records
        }

    def _overview(self, event):
        ours = event.partner_ids.filtered(lambda partner: not partner.partner_share)
        return [
            *self._where_and_when(event),
            self._fact(event, "kams_round"),
            (self.env._("For Us"), ", ".join(ours.mapped("name"))),
            (self.env._("For Them"), ", ".join((event.partner_ids - ours).mapped("name"))),
        ]

    def _moves(self, moves):
        columns = [
            (self.env._("Issue"), 30, ""),
            (self._label(moves, "their_offer"), 17, "right"),
            (self._label(moves, "our_offer"), 17, "right"),
            (self._label(moves, "unit"), 12, ""),
            (self._label(moves, "note"), 24, ""),
        ]
        rows = [
            [
                move.name,
                *(self._figure(known(move[name])) or "–" for name in ("their_offer", "our_offer")),
                move.unit or "",
                move.note or "",
            ]
            for move in moves
        ]
        return self._section_table(self.env._("Where Both Sides Stand"), columns, rows)

    def _exchanges(self, given):
        """Who gave what for what, without what it is worth to us."""
        if not given:
            return []
        columns = [
            (self._label(given, "direction"), 20, ""),
            (self._label(given, "name"), 45, ""),
            (self._label(given, "condition"), 35, ""),
        ]
        rows = [[self._value(line, "direction"), line.name, line.condition or "–"] for line in given]
        return [self._section_table(self.env._("Given and Received"), columns, rows)]

    def _points(self, points):
        columns = [
            (self._label(points, "text"), 50, ""),
            (self._label(points, "user_id"), 22, ""),
            (self._label(points, "date_due"), 14, ""),
            (self._label(points, "state"), 14, ""),
        ]
        rows = [
            [point.text, point.user_id.name or "", self._date(point.date_due), self._value(point, "state")]
            for point in points
        ]
        empty = self.env._("Nothing is left open.")
        return self._section_table(self.env._("Open Points"), columns, rows, empty=empty)

    def _signatures(self, event):
        """One line for each side."""
        customer = event.opportunity_id.partner_id.commercial_partner_id.name or self.env._("Customer")
        names = (self._company_of(event).name, customer)
        columns = [(name, 50, "") for name in names]
        line = "\n\n\n" + self.env._("Name, date, signature")
        return self._section_table(self.env._("Signed For Both Sides"), columns, [[line, line]], together=True)
