from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from .calendar_event import GROUPS, RECORD
from .kams_meeting_part import SYSTEM


class CalendarEvent(models.Model):
    """A visit to a customer of ours who shows what we did there (5.4 案例客户参观)."""

    _inherit = "calendar.event"

    kams_reference_id = fields.Many2one(
        "kams.reference",
        string="Reference Customer",
        ondelete="restrict",
        index="btree_not_null",
        help="Whom we visit: offered only when delivered, paid, on good terms with us, not visited too often and with "
        "their consent.",
        **RECORD,
    )
    kams_reference_topics = fields.Text(string="What to Show", compute="_compute_kams_reference_topics", groups=GROUPS)
    kams_briefed_at = fields.Date(
        string="Reference Briefed On", help="When we told the reference customer who comes and why.", **RECORD
    )
    kams_reference_notes = fields.Text(
        string="What the Reference Said", help="Questions to the reference customer, and their answers.", **RECORD
    )
    kams_thanks_planned = fields.Boolean(string="Thanks Planned", readonly=True, **RECORD)

    # COMPUTES
    @api.depends("kams_kind", "kams_reference_id", "opportunity_id")
    @api.depends_context("lang", "uid")
    def _compute_kams_reference_topics(self):
        """What the reference customer shows, what not, and how alike they are."""
        visits = self.filtered(lambda event: event.kams_kind == "reference_visit" and event.kams_reference_id)
        (self - visits).kams_reference_topics = False
        for deal, events in visits.grouped("opportunity_id").items():
            alike = events.kams_reference_id._origin._filtered_access("read")._similarity(deal._origin)
            for event in events:
                reference = event.kams_reference_id._origin
                if reference not in alike:  # of another company
                    event.kams_reference_topics = False
                    continue
                mark, why = alike[reference]
                lines = [
                    mark and self.env._("Similarity %(mark)s of 5: %(why)s", mark=mark, why=why),
                    reference.topics_show and self.env._("Show: %s", reference.topics_show),
                    reference.topics_avoid and self.env._("Avoid: %s", reference.topics_avoid),
                ]
                event.kams_reference_topics = "\n".join(filter(None, lines))

    # CONSTRAINTS
    @api.constrains("kams_reference_id", "kams_kind", "start", "active")
    def _check_kams_reference(self):
        """A reference is visited only while it is offered, on the day it is visited."""
        visits = self.filtered(
            lambda event: (
                event.kams_kind == "reference_visit"
                and event.active
                and event.kams_record_state != "done"
                and event.kams_reference_id
            )
        )
        for event in visits:
            reference = event.kams_reference_id
            if reasons := reference._obstacles(event._kams_day(), without=event)[reference]:
                raise ValidationError(
                    self.env._(
                        "%(reference)s can't be visited on %(day)s. %(reasons)s",
                        reference=reference.display_name,
                        day=format_date(self.env, event._kams_day()),
                        reasons=" ".join(reasons),
                    )
                )

    # ACTIONS
    def action_kams_find_reference(self):
        """Show all reference customers: who is like this customer, and who may be visited on that day."""
        self.ensure_one()
        self._kams_check_open()
        self._kams_check_deal()
        self._kams_check_may_write()
        if self.kams_kind != "reference_visit":
            raise UserError(self.env._("“%s” is no reference visit: choose that kind of meeting first.", self.name))
        finder = self.env["kams.reference.finder"].create({"event_id": self.id})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Find a Reference"),
            "res_model": "kams.reference.finder",
            "res_id": finder.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_kams_submit(self):
        result = super().action_kams_submit()
        self._kams_plan_thanks()
        return result

    # BUSINESS
    def _kams_missing(self):
        missing = super()._kams_missing()
        if self.kams_kind == "reference_visit" and not self.kams_reference_id:
            missing.append(self._fields["kams_reference_id"]._description_string(self.env))
        return missing

    def _kams_plan_thanks(self):
        """Who looks after the reference thanks them for the visit, once."""
        days = self.env["kams.legal.rule"]._value("reference_thanks_days") or 0
        for event in self.filtered(lambda event: event.kams_kind == "reference_visit" and event.kams_reference_id):
            if event.kams_thanks_planned:
                continue
            # sudo: who visited with a deal of their own need not write the reference; it isn't said who visited
            reference = event.kams_reference_id.sudo()
            reference.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=fields.Date.context_today(self) + timedelta(days=days),
                summary=self.env._(
                    "Thank %(who)s for the visit on %(day)s",
                    who=reference.contact_id.name or reference.name,
                    day=format_date(self.env, event._kams_day()),
                ),
                user_id=(reference.user_id.filtered("active") or self.env.user).id,
            )
            event.with_context(**SYSTEM).kams_thanks_planned = True
