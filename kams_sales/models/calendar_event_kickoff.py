from odoo import api, models

# What of a meeting decides whether a kick-off was held, and when
TOLD = {"active", "start", "start_date", "allday", "kams_kind", "kams_delivery_id", "kams_record_state"}


class CalendarEvent(models.Model):
    """A meeting of a delivery is kept by those who deliver; its kick-off tells the delivery how it stands (8.2)."""

    _inherit = "calendar.event"

    # ORM
    @api.model
    def default_get(self, fields):
        """A meeting that is planned on a delivery is about its deal.

        Not by a default of the deal in the context: Odoo would make an activity on the deal, which is sales' to write.
        """
        defaults = super().default_get(fields)
        if "opportunity_id" in fields and (delivery := self.env.context.get("default_kams_delivery_id")):
            defaults.setdefault("opportunity_id", self.env["kams.delivery"].browse(delivery).lead_id.id)
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        if of := self.env.context.get("kams_kickoff_of"):
            for event in events.filtered(lambda event: event.kams_delivery_id.id == of)[:1]:
                event.kams_delivery_id.kickoff_event_id = event
        return events

    def write(self, vals):
        before = self._kams_kickoffs() if "kams_delivery_id" in vals else ()
        result = super().write(vals)
        if not TOLD.isdisjoint(vals):
            self._kams_tell_kickoff()
        if before:
            before._tell_kickoff()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_and_tell_kickoff(self):
        if kickoffs := self._kams_kickoffs():
            kickoffs.kickoff_event_id = False

    # ACTIONS
    def action_kams_submit(self):
        kept = self._kams_kept_by_delivery()
        for event in kept:
            event._kams_check_record()
        # sudo: what follows from the record, as the next step on the deal, follows whoever of delivery wrote it
        super(CalendarEvent, kept.sudo()).action_kams_submit()
        return super(CalendarEvent, self - kept).action_kams_submit()

    # BUSINESS
    def _kams_check_may_write(self, old=False):
        """Who delivers keeps the meetings of the delivery, though the deal is sales'."""
        return super(CalendarEvent, self - self._kams_kept_by_delivery())._kams_check_may_write(old)

    def _kams_kept_by_delivery(self):
        """Meetings of deliveries that the user may write, though they may not write the deal."""
        if self.env.su or not self.env.user.has_group("kams_sales.group_delivery"):
            return self.browse()
        meetings = self.filtered("kams_delivery_id")
        theirs = meetings.opportunity_id._filtered_access("write")
        meetings = meetings.filtered(lambda event: event.opportunity_id not in theirs)
        mine = meetings.kams_delivery_id._filtered_access("write")
        return meetings.filtered(
            lambda event: event.kams_delivery_id in mine and event.kams_delivery_id.lead_id == event.opportunity_id
        )

    def _kams_kickoffs(self):
        """The deliveries that these meetings are the kick-off of; meetings without a kind of ours ask nothing.

        sudo: how a delivery's kick-off stands follows from its meeting, whoever changes that.
        """
        meetings = self.sudo().filtered(lambda event: event.kams_kind and event.kams_delivery_id)
        return self.env["kams.delivery"].sudo().search([("kickoff_event_id", "in", meetings.ids)]) if meetings else ()

    def _kams_tell_kickoff(self):
        if kickoffs := self._kams_kickoffs():
            kickoffs._tell_kickoff()
