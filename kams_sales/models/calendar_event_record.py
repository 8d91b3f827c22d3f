from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from .calendar_event import GROUPS, OUTCOME_KINDS, RECORD
from .crm_lead_gate import InternalPass
from .kams_meeting_part import SYSTEM, WRITING

# What the system says of a record; nobody types it
STATUS = ("kams_record_state", "kams_recorded_at", "kams_record_late", "kams_reminder_id", "kams_next_activity_id")
STATUS += ("kams_demo_score", "kams_round")
# What was held when is part of what was recorded
HELD = {"start", "stop", "start_date", "stop_date", "duration", "allday", "opportunity_id", "active"}


class CalendarEvent(models.Model):
    """The record of a meeting: submitted once it is over, fixed from then on, its next step in somebody's diary."""

    _inherit = "calendar.event"

    kams_next_activity_id = fields.Many2one(
        "mail.activity",
        string="Activity of the Next Step",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        **RECORD,
    )

    # CONSTRAINTS
    @api.constrains("kams_next_step_date")
    def _check_kams_next_step_date(self):
        for event in self:
            event._kams_check_next_step()

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._kams_refuse_status(vals)
        # nor does a default in a context say that it is recorded
        barred = {f"default_{name}" for name in STATUS} & self.env.context.keys()
        clean = {key: value for key, value in self.env.context.items() if key not in barred} if barred else None
        return super(CalendarEvent, self.with_context(clean) if barred else self).create(vals_list)

    def write(self, vals):
        self._kams_refuse_status(vals)
        ours = {name for name in vals if name.startswith("kams_")}
        if not self._kams_by_system() and (ours or not HELD.isdisjoint(vals)):
            self._kams_check_open(vals)
        recorded = ours & self._kams_record_fields()
        if ours and vals.get("recurrence_update") in ("all_events", "future_events"):
            if recorded or "kams_question_ids" in ours:
                raise UserError(
                    self.env._("Questions and records belong to one meeting: save them with “This event” chosen.")
                )
        result = super().write(vals)
        if recorded:
            self._kams_leave_series()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_recorded(self):
        if not self.env.su:
            self._kams_check_open()

    # ACTIONS
    def action_kams_submit(self):
        """Submit the record: what must be there is there, and from now on it stays as it is."""
        for event in self:
            event._kams_check_record()
        now = fields.Datetime.now()
        for event in self:
            event.with_context(**SYSTEM).write(
                {
                    "kams_record_state": "done",
                    "kams_recorded_at": now,
                    "kams_record_late": event._kams_record_deadline() < now,
                }
            )
        self.kams_attendance_ids._tell_chain()
        self._kams_schedule_next_step()
        return True

    def action_kams_reopen(self):
        """Let a submitted record be corrected: its organiser may, and a director."""
        director = self.env.user.has_group("kams_sales.group_director")
        for event in self:
            if event.kams_record_state != "done":
                raise UserError(self.env._("The record of “%s” isn't submitted: just go on writing.", event.name))
            if event.user_id != self.env.user and not director:
                raise AccessError(
                    self.env._("Only the organiser of “%s” or a sales director can reopen its record.", event.name)
                )
            event._kams_check_may_write()
            event.with_context(**SYSTEM).write({"kams_record_state": "planned", "kams_recorded_at": False})
            event.message_post(body=self.env._("%s reopened the record of this meeting.", self.env.user.name))
        return True

    # BUSINESS
    def _kams_by_system(self):
        return isinstance(self.env.context.get(WRITING), InternalPass)

    @api.model
    def _kams_record_fields(self):
        """What belongs to one meeting and is never copied to another."""
        return {name for name, field in self._fields.items() if field.groups == GROUPS and not field.copy}

    def _kams_refuse_status(self, vals):
        """Whether a record is submitted is said by submitting it."""
        if not self._kams_by_system():
            for name in STATUS:
                if vals.get(name):
                    raise UserError(self.env._("A meeting is recorded by submitting its record, not by writing so."))

    def _kams_check_open(self, vals=None):
        """Refuse to touch a submitted record; what is written as it stands already is no change."""
        for event in self.filtered(lambda event: event.kams_record_state == "done"):
            if vals is None or any(event._kams_changes(name, value) for name, value in vals.items()):
                raise UserError(
                    self.env._(
                        "The record of “%s” is submitted and can't be changed any more. Let its organiser or a sales "
                        "director reopen it first.",
                        event.name,
                    )
                )

    def _kams_check_deal(self):
        """Only a deal's meeting is planned and recorded."""
        for event in self:
            if not event.opportunity_id:
                raise UserError(
                    self.env._("“%s” belongs to no deal: choose its deal before planning or recording it.", event.name)
                )

    def _kams_changes(self, name, value):
        if name not in HELD and not name.startswith("kams_"):
            return False
        field = self._fields[name]
        if field.type == "one2many":
            return False  # each line looks for itself
        return field.convert_to_cache(value, self) != field.convert_to_cache(self[name], self)

    def _kams_check_record(self):
        """What a record needs before it is submitted."""
        self.ensure_one()
        self._kams_check_may_write()
        if self.kams_record_state == "done":
            raise UserError(self.env._("The record of “%s” is submitted already.", self.name))
        if not self.kams_kind or not self.opportunity_id:
            raise UserError(self.env._("Say which deal “%s” belongs to and what kind of meeting it is.", self.name))
        if not self.active:
            raise UserError(self.env._("“%s” was cancelled: there is nothing to record.", self.name))
        if self.start > fields.Datetime.now():
            raise UserError(self.env._("“%s” is still to come: record it once it is over.", self.name))
        missing = self._kams_missing()
        if missing:
            raise UserError(
                self.env._(
                    "The record of “%(meeting)s” still lacks: %(what)s.", meeting=self.name, what=", ".join(missing)
                )
            )
        self._kams_check_next_step()

    def _kams_missing(self):
        """Labels of what the record of this meeting lacks."""
        needed = []
        if not (self.kams_minutes or self.kams_situation or self.kams_conclusions):
            needed.append("kams_minutes")
        if self.kams_kind in OUTCOME_KINDS:
            if not self.kams_outcome:
                needed.append("kams_outcome")
            if self.kams_outcome != "no_sale":
                needed += [name for name in ("kams_next_step", "kams_next_step_date") if not self[name]]
        return [self._fields[name]._description_string(self.env) for name in needed]

    def _kams_check_next_step(self):
        day = self.kams_next_step_date
        if day and day < self._kams_day():
            raise ValidationError(
                self.env._(
                    "The next step after “%(meeting)s” can't be on %(day)s, before the meeting itself.",
                    meeting=self.name,
                    day=format_date(self.env, day),
                )
            )

    def _kams_day(self):
        """The day of the meeting where its people are."""
        return self.start_date if self.allday else fields.Datetime.context_timestamp(self, self.start).date()

    def _kams_record_deadline(self):
        hours = self.env["kams.legal.rule"]._value("meeting_record_hours", self._kams_day())
        return self.stop + timedelta(hours=hours or 0)

    def _kams_schedule_next_step(self):
        """The next step stands in the diary of who met the customer, on the deal; once, however often it is said."""
        owners = self._kams_record_owners()
        for event in self:
            activity = event.kams_next_activity_id.filtered("active")
            if not event.kams_next_step_date:
                activity.unlink()
                continue
            step = {"summary": event.kams_next_step[:200], "date_deadline": event.kams_next_step_date}
            if activity:
                activity.write(step)
            else:
                activity = event.opportunity_id.activity_schedule(
                    "mail.mail_activity_data_todo", user_id=(owners[event] or self.env.user).id, **step
                )
                event.with_context(**SYSTEM).kams_next_activity_id = activity

    def _kams_record_owners(self):
        """``{meeting: user}``: the organiser, or the deal's salesperson where the organiser can't see the deal."""
        owners = {}
        for user, events in self.grouped("user_id").items():
            deals = events.opportunity_id
            seen = deals.with_user(user)._filtered_access("read") if user.active and not user.share else deals.browse()
            for event in events:
                salesperson = event.opportunity_id.user_id
                owners[event] = user if event.opportunity_id.id in seen._ids else salesperson.filtered("active")
        return owners

    def _kams_leave_series(self):
        """What has a record of its own is no longer one of many: changes of the series pass it by."""
        for event in self.filtered("recurrence_id"):
            series = event.recurrence_id
            event.with_context(dont_notify=True).write({"recurrence_id": False, "recurrency": False})
            if not series.calendar_event_ids:
                series.unlink()
            elif series.base_event_id == event:
                # any will do: Odoo counts the rule anew from the first that is left, and may find none that fits it
                series.base_event_id = series._get_first_event() or series._get_first_event(include_outliers=True)
