from odoo import api, fields, models

from .kams_meeting_part import SYSTEM

ACTIVITY_TYPE = "kams_sales.mail_activity_type_meeting_record"
BATCH = 200


class CalendarEvent(models.Model):
    """The 24-hour rule (3.4): who met the customer is reminded of the record once the meeting is over."""

    _inherit = "calendar.event"

    kams_reminder_id = fields.Many2one(
        "mail.activity",
        string="Reminder of the Record",
        ondelete="set null",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups="base.group_user",
    )
    kams_reminded_at = fields.Datetime(
        string="Reminded On", copy=False, readonly=True, groups="base.group_user", prefetch="kams_meeting"
    )

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if "active" in vals or "stop" in vals or "start" in vals:
            now = fields.Datetime.now()
            off = self.filtered(lambda event: event.kams_reminder_id and (not event.active or event.stop > now))
            off._kams_forget_reminder()
        return result

    # ACTIONS
    def action_kams_submit(self):
        result = super().action_kams_submit()
        if reminders := self.kams_reminder_id.filtered("active"):
            reminders.action_feedback()
        return result

    # BUSINESS
    def _kams_forget_reminder(self):
        """A meeting that was cancelled or put off needs no record yet."""
        self = self.with_context(**SYSTEM)
        # sudo: whoever may move the meeting takes its reminder along; nothing is shown
        reminders = self.kams_reminder_id.sudo()
        self.write({"kams_reminder_id": False, "kams_reminded_at": False})
        reminders.filtered("active").unlink()

    @api.model
    def _cron_kams_remind(self):
        """Put the missing records into their organisers' activities, once for each meeting."""
        self._kams_drop_stray_reminders()
        due = self.search(
            [
                ("kams_record_due", "=", True),
                ("kams_reminded_at", "=", False),
                ("opportunity_id.active", "=", True),
                ("opportunity_id.kams_process_id", "!=", False),
            ],
            order="stop",
        )
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(due))
        for first in range(0, len(due), BATCH):
            events = due[first : first + BATCH]
            events.with_context(**SYSTEM)._kams_remind()
            if not progress._commit_progress(len(events)):
                break

    def _kams_remind(self):
        owners = self._kams_record_owners()
        told = self.filtered(owners.get)
        # in their list is enough: no mail besides
        activities = (
            self.env["mail.activity"]
            .with_context(mail_activity_quick_update=True)
            .create(
                [
                    {
                        "activity_type_id": self.env.ref(ACTIVITY_TYPE).id,
                        "automated": True,
                        "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                        "res_id": event.opportunity_id.id,
                        "summary": event.name,
                        "user_id": owners[event].id,
                        "date_deadline": fields.Datetime.context_timestamp(
                            event.with_context(tz=owners[event].tz), event._kams_record_deadline()
                        ).date(),
                    }
                    for event in told
                ]
            )
        )
        for event, activity in zip(told, activities, strict=True):
            event.kams_reminder_id = activity
        self.write({"kams_reminded_at": fields.Datetime.now()})

    @api.model
    def _kams_drop_stray_reminders(self):
        """Reminders of meetings that were deleted since."""
        reminders = self.env["mail.activity"].search(
            [("activity_type_id", "=", self.env.ref(ACTIVITY_TYPE).id), ("automated", "=", True)]
        )
        kept = self.with_context(active_test=False).search([("kams_reminder_id", "in", reminders.ids)]).kams_reminder_id
        (reminders - kept).unlink()
