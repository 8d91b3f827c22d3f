from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

KICKOFFS = [("none", "No Kick-Off Yet"), ("planned", "Kick-Off Planned"), ("held", "Kick-Off Held")]


class KamsDelivery(models.Model):
    """The kick-off of a delivery: a meeting of both sides whose minutes are submitted (8.2 启动会, S6-1)."""

    _inherit = "kams.delivery"

    kickoff_event_id = fields.Many2one(
        "calendar.event",
        string="Kick-Off Meeting",
        domain="[('kams_delivery_id', '=', id), ('kams_kind', '=', 'coordination')]",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
    )
    kickoff_state = fields.Selection(
        KICKOFFS,
        string="Kick-Off",
        compute="_compute_kickoff",
        store=True,
        index=True,
        tracking=True,
        help="Held once the minutes of the meeting are submitted.",
    )
    kickoff_at = fields.Date(string="Kick-Off On", compute="_compute_kickoff", store=True)

    # COMPUTES
    @api.depends("kickoff_event_id")
    def _compute_kickoff(self):
        """What happens to the meeting it is told by the meeting (``calendar_event_kickoff.py``): a dependency on it
        would ask the database at each change of any meeting."""
        for delivery in self:
            event = delivery.sudo().kickoff_event_id  # sudo: day and state of a meeting are no secret
            if not event.active or event.kams_delivery_id != delivery._origin or event.kams_kind != "coordination":
                event = event.browse()  # cancelled, or taken to another delivery since
            held = event.kams_record_state == "done"
            delivery.kickoff_state = "held" if held else "planned" if event else "none"
            delivery.kickoff_at = event and event._kams_day()

    # CONSTRAINTS
    @api.constrains("kickoff_event_id")
    def _check_kickoff(self):
        for delivery in self:
            event = delivery.sudo().kickoff_event_id  # sudo: compared only
            if event and (event.kams_delivery_id != delivery or event.kams_kind != "coordination"):
                raise ValidationError(
                    self.env._(
                        "“%(meeting)s” is no coordination meeting of “%(delivery)s”: choose one that is, or plan it "
                        "with “Plan Kick-Off”.",
                        meeting=event.name,
                        delivery=delivery.display_name,
                    )
                )

    # ACTIONS
    def action_plan_kickoff(self):
        """A meeting of both sides, with those who have a role; or the one that is planned."""
        self.ensure_one()
        self.check_access("read")
        if self.kickoff_event_id:
            return self.kickoff_event_id.action_kams_open()
        self.check_access("write")
        if not self.is_live:
            raise UserError(self.env._("“%s” is cancelled: there is nothing to start.", self.display_name))
        people = self._kickoff_people()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Kick-Off"),
            "res_model": "calendar.event",
            "views": [(self.env.ref("kams_sales.calendar_event_view_form_kams").id, "form")],
            "context": {
                "default_name": self.env._("Kick-off: %s", self.name),
                "default_kams_kind": "coordination",
                "default_kams_delivery_id": self.id,  # and by it its deal
                "default_partner_ids": people.ids,
                "default_kams_objective": self.env._("Both sides know goal, people, plan and how we work together."),
                "kams_kickoff_of": self.id,
            },
        }

    # BUSINESS
    def _kickoff_people(self):
        """Who should come: those with a role, and both project managers."""
        self.ensure_one()
        users = self.user_id | self.role_ids.user_id | self.env.user
        return users.partner_id | self.customer_manager_id | self.role_ids.partner_id

    def _tell_kickoff(self):
        """Their meeting was submitted, reopened, moved or cancelled."""
        for name in ("kickoff_state", "kickoff_at"):
            self.env.add_to_compute(self._fields[name], self)
