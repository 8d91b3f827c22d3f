from odoo import api, models

FACTS = ("customer_id", "contract_id", "user_id", "customer_manager_id", "date_start", "date_end", "kickoff_at")
CONFIRMED = ("plan_confirmed_by_id", "plan_confirmed_at", "plan_hash")


class ReportDelivery(models.AbstractModel):
    """The organisation and plan of a project on paper, for both sides to sign (8.2 项目实施组织).

    The customer gets it: nothing of costs, risks or what we think of people is on it.
    """

    _name = "report.kams_sales.report_delivery"
    _description = "Project organisation paper"
    _inherit = ["kams.paper"]
    _kams_confidential = False
    _paper_model = "kams.delivery"

    @api.model
    def _title(self):
        return self.env._("Project Organisation")

    @api.model
    def _sheets(self, records):
        roles = self._lines_of("kams.delivery.role", records, "delivery_id")
        phases = self._lines_of("kams.delivery.phase", records, "delivery_id")
        return {
            delivery.id: {
                "subtitle": self._value(delivery, "plan_state"),
                "sections": [
                    self._section_facts(self.env._("Overview"), [self._fact(delivery, name) for name in FACTS]),
                    self._steering(roles[delivery].filtered("is_steering")),
                    *self._sides(roles[delivery]),
                    self._phases(phases[delivery]),
                    self._confirmation(delivery),
                ],
            }
            for delivery in records
        }

    def _steering(self, roles):
        if not roles:
            return self._section_texts("", [])
        return self._people(self.env._("Steering Committee"), roles, self.env._("On Whose Side"), "side")

    def _sides(self, roles):
        for side, label in roles._fields["side"]._description_selection(self.env):
            if some := roles.filtered(lambda role, side=side: role.side == side):
                yield self._people(label, some, self._label(roles, "share"), "share")

    def _people(self, title, roles, heading, name):
        """Who, what for, and how to reach them as far as the reader may see that."""
        columns = [
            (self._label(roles, "name"), 20, ""),
            (self._label(roles, "person"), 24, ""),
            (self._label(roles, "duty"), 40, ""),
            (heading, 16, "right" if name == "share" else ""),
        ]
        rows = []
        for role in roles:
            person = role.user_id.partner_id or role.partner_id
            reach = (person.phone, person.email) if person.has_access("read") else ()
            rows.append(
                [
                    role.name,
                    self._cell(role.person or "–", note=" · ".join(filter(None, reach))),
                    role.duty or "",
                    self._value(role, name),
                ]
            )
        return self._section_table(title, columns, rows)

    def _phases(self, phases):
        shares = {"name": 40, "user_id": 20, "baseline_start": 15, "baseline_end": 15, "weight": 10}
        return self._section_fields(self.env._("Phases"), phases, shares)

    def _confirmation(self, delivery):
        """Who confirmed it; while nobody has, room to sign for both sides."""
        if delivery.plan_state == "confirmed":
            pairs = [self._fact(delivery, name) for name in CONFIRMED]
        else:
            pairs = [
                (self.env._("For the Customer"), "\n\n"),
                (self.env._("For Us"), "\n\n"),
                (self.env._("Date"), " "),
                (self.env._("Signature"), " "),
            ]
        return self._section_facts(self.env._("Plan Confirmed By"), pairs)
