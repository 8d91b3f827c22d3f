from odoo import api, fields, models
from odoo.fields import Domain

BATCH = 200


class KamsWinloss(models.Model):
    """A review that is owed is asked for again and again for three weeks, and then by whoever stands above.

    Book section 9. How many days, and how often, are dated parameters (``winloss_days``, ``winloss_remind_days``).
    """

    _inherit = "kams.winloss"

    reminders = fields.Integer(string="Reminders Sent", readonly=True, copy=False, aggregator="sum")
    reminded_on = fields.Date(string="Last Reminder", readonly=True, copy=False)
    escalated_on = fields.Date(string="Director Told On", readonly=True, copy=False)
    escalated_to_id = fields.Many2one(
        "res.users", string="Director Told", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    is_overdue = fields.Boolean(string="Review Overdue", compute="_compute_is_overdue", search="_search_is_overdue")

    # COMPUTES
    @api.depends("state", "asked_on")
    def _compute_is_overdue(self):
        last = self._last_day_in_time()
        for review in self:
            review.is_overdue = review.state == "draft" and bool(review.asked_on) and review.asked_on < last

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain([("state", "=", "draft"), ("asked_on", "<", self._last_day_in_time())])
        return overdue if True in value else ~overdue

    # BUSINESS
    @api.model
    def _last_day_in_time(self):
        """Who was asked before this day is late today."""
        days = int(self.env["kams.legal.rule"]._value("winloss_days") or 0)
        return fields.Date.subtract(fields.Date.context_today(self), days=days)

    @api.model
    def _cron_chase(self):
        """Remind of reviews that are owed; after three weeks the director is told, and reminding ends."""
        self._take_back()
        rules = self.env["kams.legal.rule"]
        every, days = (int(rules._value(key) or 0) for key in ("winloss_remind_days", "winloss_days"))
        today = fields.Date.context_today(self)
        owed = [("state", "=", "draft"), ("escalated_on", "=", False)]
        late = Domain([*owed, ("asked_on", "<=", fields.Date.subtract(today, days=days))])
        since = fields.Date.subtract(today, days=every)
        again = Domain(
            [
                *owed,
                ("asked_on", "<=", since),
                ("asked_on", ">", fields.Date.subtract(today, days=days)),
                *("|", ("reminded_on", "=", False), ("reminded_on", "<=", since)),
            ]
        )
        if not every:
            again = Domain.FALSE
        for domain, step in ((late, self._tell_director), (again, self._remind)):
            # each batch drops out of the search by what it notes
            while batch := self.search(domain, limit=BATCH, order="asked_on, id"):
                step(batch, today)
                if not self.env["ir.cron"]._commit_progress(len(batch)):
                    return

    @api.model
    def _remind(self, reviews, today):
        """Ask whoever writes it once more: what stands in their list says how often they were reminded."""
        days = int(self.env["kams.legal.rule"]._value("winloss_days") or 0)
        for before, group in reviews.grouped("reminders").items():
            group.write({"reminders": before + 1, "reminded_on": today})
        reviews._activities_of_reviews().unlink()
        reviews._fetch_people()
        reviews._put_on_lists(
            {review: (review._person_asked(), fields.Date.add(review.asked_on, days=days)) for review in reviews}
        )

    @api.model
    def _tell_director(self, reviews, today):
        """Three weeks are over: the director is asked to see to it, besides whoever was to write it."""
        people = {}
        reviews._fetch_people()
        for review in reviews:
            director = review._director()
            people[review] = director, today
            review.write({"escalated_on": today, "escalated_to_id": director.id})
        reviews._put_on_lists(people)

    def _what_is_asked(self):
        asked = super()._what_is_asked()
        if not self.reminders:
            return asked
        return self.env._("%(asked)s (reminder %(number)s)", asked=asked, number=self.reminders)
