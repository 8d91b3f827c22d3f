"""What people of the demo owe today, and what the night found: My Day has something to say from the first minute."""

from datetime import datetime, time, timedelta

import pytz

from odoo import Command, api, fields, models


class CrmLead(models.Model):
    """A salesperson's morning in the demo: a meeting, a review that is owed, deals that lack something."""

    _inherit = "crm.lead"

    @api.model
    def _kams_demo_today(self):
        seller, today = self.env.ref("base.user_demo"), fields.Date.context_today(self)
        self._kams_demo_meeting_today(seller, self.env.ref("kams_sales.lead_furnace"), today)
        self._kams_demo_owe_reviews(seller, today)
        self._kams_demo_night(today)

    @api.model
    def _kams_demo_meeting_today(self, seller, deal, today):
        """At three in the afternoon, where the seller is."""
        zone = pytz.timezone(seller.tz or "UTC")
        start = zone.localize(datetime.combine(today, time(15))).astimezone(pytz.utc).replace(tzinfo=None)
        self.env["calendar.event"].with_context(no_mail_to_attendees=True).create(
            {
                "name": "Walk through the furnace hall with the shift leader",
                "start": start,
                "stop": start + timedelta(hours=1),
                "opportunity_id": deal.id,
                "user_id": seller.id,
                "partner_ids": [Command.set((seller.partner_id | deal.partner_id).ids)],
            }
        )

    @api.model
    def _kams_demo_owe_reviews(self, seller, today):
        """Reviews that nobody confirmed were asked for two weeks ago."""
        owed = self.env["kams.winloss"].search([("state", "=", "draft"), ("owner_id", "=", seller.id)], limit=2)
        owed._ask()
        owed.asked_on = today - timedelta(days=16)
        owed._activities_of_reviews().date_deadline = today + timedelta(days=5)

    @api.model
    def _kams_demo_night(self, today):
        """What the nightly job finds, without its commits: what won deals usually took, and what each deal lacks."""
        reminder = self.env["kams.reminder"]
        run = self.env["kams.reminder.run"]._begin(today)
        last, number = reminder._next_batch(0)
        noticed, _mended = reminder._compare(0, last, today)
        run.write({"last_ref": last, "deals": number, "noticed": noticed})
        people = reminder.search([("is_open", "=", True)]).user_id
        run.write({"activities": reminder._give(people.ids, today, today), "finished_at": fields.Datetime.now()})
        self._kams_write_cards(self.search([("kams_process_id", "!=", False)]).ids)
