from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.training import presence
from .calendar_event import GROUPS, PLAN
from .kams_meeting_part import MeetingFiles

# What decides to which training a meeting belongs
PLACED = {"kams_kind", "kams_training_id", "opportunity_id"}
# Who came to it: noted during the session, and after the meeting's record was submitted
PRESENCE = {"kams_trainee_ids"}


class MeetingTrainees(MeetingFiles):
    """Trainees who came to a session; a meeting that is none has none, and asks nothing."""


class CalendarEvent(models.Model):
    """A session of a training: a meeting in the calendar, with who of the trainees came to it (8.4)."""

    _inherit = "calendar.event"

    kams_training_id = fields.Many2one(
        "kams.training",
        string="Training",
        domain="[('lead_id', '=', opportunity_id), ('state', 'in', ('planned', 'held'))]",
        ondelete="set null",
        index="btree_not_null",
        **PLAN,
    )
    kams_trainee_ids = MeetingTrainees(
        "kams.training.attendee",
        "kams_training_presence_rel",
        "event_id",
        "attendee_id",
        string="Trainees Who Came",
        domain="[('training_id', '=', kams_training_id)]",
        copy=False,
        groups=GROUPS,
    )

    # CONSTRAINTS
    @api.constrains("kams_training_id")
    def _check_kams_training(self):
        for event in self.filtered("kams_training_id"):
            training = event.kams_training_id
            if training.lead_id != event.opportunity_id:
                raise ValidationError(
                    self.env._(
                        "“%(meeting)s” is a session of a training of another deal: choose one of “%(deal)s”.",
                        meeting=event.name,
                        deal=event.opportunity_id.name,
                    )
                )

    @api.constrains("kams_trainee_ids")
    def _check_kams_trainees(self):
        for event in self:
            if strangers := event.kams_trainee_ids.filtered(
                lambda one, event=event: one.training_id != event.kams_training_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(who)s isn't among the trainees of the training that “%(meeting)s” is a session of.",
                        who=strangers[0].name,
                        meeting=event.name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        events = super().create([self._kams_of_training(vals) for vals in vals_list])
        if any(vals.get("kams_trainee_ids") for vals in vals_list):
            events._kams_count_presence()
        return events

    def write(self, vals):
        sessions = self._kams_sessions() if not {*PLACED, *PRESENCE, "active"}.isdisjoint(vals) else self.browse()
        # sudo: whether the training is signed off decides, whoever may see it
        before = sessions.sudo().kams_training_id
        if not {"kams_training_id", *PRESENCE}.isdisjoint(vals) and not self._kams_by_system():
            before._check_open()
        result = super().write(vals)
        if before or not {"kams_training_id", *PRESENCE}.isdisjoint(vals):
            self._kams_count_presence(before)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_and_count_presence(self):
        if sessions := self._kams_sessions():
            # sudo: as in write; only what follows from who came is written
            sessions.sudo().kams_training_id._count_presence(without=sessions)
            self.env["kams.training.attendee"].flush_model(["attended"])  # before its sessions go

    # BUSINESS
    @api.model
    def _kams_of_training(self, vals):
        """A session belongs to the deal and the delivery of its training, and is a meeting of that kind."""
        training_id = vals.get("kams_training_id", self.env.context.get("default_kams_training_id"))
        if not training_id:
            return vals
        # sudo: which deal it is of; whether the user may write there is asked when the meeting is made
        training = self.env["kams.training"].sudo().browse(training_id)
        training._check_open()
        return {
            "kams_training_id": training_id,
            "kams_kind": "training",
            "opportunity_id": training.lead_id.id,
            "kams_delivery_id": training.delivery_id.id,
            **vals,
            # its activity is one of the training: whoever delivers has no right to write on the deal
            "res_model_id": self.env["ir.model"]._get_id("kams.training"),
            "res_id": training.id,
        }

    def _kams_sessions(self):
        return self.filtered(lambda event: event.kams_kind == "training")

    def _kams_count_presence(self, before=None):
        """Who came to enough of the sessions has attended.

        sudo: what follows from who came to a session that the user may write
        """
        trainings = self._kams_sessions().sudo().kams_training_id | (before or self.env["kams.training"].sudo())
        trainings._count_presence()

    def _kams_check_open(self, vals=None):
        """Who came may still be noted when the record is submitted; the training's sign-off fixes it."""
        if vals is not None and PRESENCE.issuperset(vals):
            return None
        return super()._kams_check_open(vals)


class KamsTraining(models.Model):
    """The sessions of a training, and who came to how much of it (8.4)."""

    _inherit = "kams.training"

    event_ids = fields.One2many("calendar.event", "kams_training_id", string="Sessions")
    session_count = fields.Integer(string="Number of Sessions", compute="_compute_session_count")
    has_presence = fields.Boolean(compute="_compute_session_count", string="Counted by Sessions")

    # COMPUTES
    @api.depends("event_ids", "attendee_ids.session_ids")
    def _compute_session_count(self):
        rows = dict(
            self.env["calendar.event"]._read_group(
                [("kams_training_id", "in", self.ids)], ["kams_training_id"], ["__count"]
            )
        )
        for training in self:
            training.session_count = rows.get(training._origin, 0)
            training.has_presence = bool(training.attendee_ids.session_ids)

    # ACTIONS
    def action_plan_session(self):
        """The form of a new session, ready to be planned."""
        self.ensure_one()
        self._check_open()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Session"),
            "res_model": "calendar.event",
            "views": [(self.env.ref("kams_sales.calendar_event_view_form_kams").id, "form")],
            "context": {
                **self._session_defaults(),
                "default_partner_ids": (self.trainer_id | self.env.user).partner_id.ids,
            },
        }

    def action_sessions(self):
        """The sessions of this training."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Sessions"),
            "res_model": "calendar.event",
            "view_mode": "list,calendar,form",
            "domain": [("kams_training_id", "=", self.id)],
            "context": self._session_defaults(),
        }

    # BUSINESS
    def _session_defaults(self):
        return {
            "default_kams_training_id": self.id,
            "default_kams_kind": "training",
            "default_opportunity_id": self.lead_id.id,
            "default_kams_delivery_id": self.delivery_id.id,
            "default_name": self.display_name,
            "default_location": self.place or False,
        }

    def _count_presence(self, without=()):
        """Where sessions say who came, attendance follows from them: for enough of the hours (dated rule).

        :param without: sessions that are about to be deleted
        """
        for training in self.filtered(lambda one: one.state != "signed"):
            day = training.date_end or training.date_start
            share = self.env["kams.legal.rule"]._value("training_presence_pct", day)
            sessions = training.attendee_ids.session_ids.filtered(lambda event: event.active and event not in without)
            hours = {event: event.duration for event in sessions}
            for attendee in training.attendee_ids if hours else ():
                if attendee.attended != (came := presence(set(attendee.session_ids & sessions), hours, share)):
                    attendee.attended = came


class KamsTrainingAttendee(models.Model):
    """To which sessions somebody came."""

    _inherit = "kams.training.attendee"

    session_ids = fields.Many2many(
        "calendar.event",
        "kams_training_presence_rel",
        "attendee_id",
        "event_id",
        string="Came To",
        copy=False,
        domain="[('kams_training_id', '=', training_id)]",
    )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        attendees = super().create(vals_list)
        if any(vals.get("session_ids") for vals in vals_list):
            attendees.training_id._count_presence()
        return attendees

    def write(self, vals):
        result = super().write(vals)
        if "session_ids" in vals:
            self.training_id._count_presence()
        return result
