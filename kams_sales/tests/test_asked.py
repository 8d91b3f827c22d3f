from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .test_winloss import WinlossCase


@tagged("post_install", "-at_install")
class TestAsked(WinlossCase):
    """Nightly jobs ask hundreds of people, each about something else, in as many statements as ten."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        seller = cls.env.ref("sales_team.group_sale_salesman")
        cls.crowd = (
            cls.env["res.users"]
            .with_context(no_reset_password=True, mail_create_nolog=True, tracking_disable=True)
            .create(
                [
                    {
                        "name": f"Seller {number}",
                        "login": f"kams_crowd_{number}",
                        "email": f"{number}@example.com",
                        "group_ids": [Command.set(seller.ids)],
                    }
                    for number in range(110)
                ]
            )
        )
        cls.env.flush_all()

    def _counted(self, job):
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.user.read(["company_id", "lang", "tz"])  # who runs it
        before = self.cr.sql_log_count
        result = job()
        self.env.flush_all()
        return self.cr.sql_log_count - before, result

    def _reviews_of(self, people):
        """Start the reviews of deals that these people lost, one each."""
        deals = self.env["crm.lead"].create(
            [
                {"name": f"Lost by {user.name}", "type": "opportunity", "team_id": self.team.id, "user_id": user.id}
                for user in people
            ]
        )
        self._settle()
        self._clock(self.cr.now() + timedelta(minutes=5))
        deals.action_set_lost()
        self._settle()
        statements, _done = self._counted(lambda: self._run_cron("kams.winloss", "_cron_start"))
        reviews = self.env["kams.winloss"].search([("lead_id", "in", deals.ids)])
        self.assertEqual({review.owner_id for review in reviews}, set(people))
        for review in reviews:
            self.assertEqual(review.activity_ids.user_id, review.owner_id)
            self.assertEqual(review.message_follower_ids.partner_id, review.owner_id.partner_id)
        return statements, reviews

    def test_reviews_of_many_people_cost_the_statements_of_a_few(self):
        self._reviews_of(self.crowd[:2])  # what is asked once only
        # more may be inserted and written at once than Odoo's 100 rows: a review has six lines
        with patch("odoo.orm.models.INSERT_BATCH_SIZE", 10_000), patch("odoo.orm.models.UPDATE_BATCH_SIZE", 10_000):
            counts = [self._reviews_of(people)[0] for people in (self.crowd[:10], self.crowd[10:])]
        self.assertEqual(*counts)
        self.assertLess(counts[0], 40)

    def test_reminding_many_people_costs_the_statements_of_a_few(self):
        reviews = [self._reviews_of(people)[1] for people in (self.crowd[:2], self.crowd[2:7], self.crowd[7:45])]
        first, few, many = reviews

        def remind(reviews):
            return self._counted(lambda: reviews._remind(reviews, fields.Date.today()))[0]

        def tell(reviews):
            return self._counted(lambda: reviews._tell_director(reviews, fields.Date.today()))[0]

        for job in (remind, tell):
            job(first)
            self.assertEqual(job(few), job(many))

    def test_whoever_is_asked_follows_once_and_keeps_what_they_chose(self):
        _statements, reviews = self._reviews_of(self.crowd[:3])
        default = self.env["mail.message.subtype"].default_subtypes("kams.winloss")[0]
        followers = reviews.message_follower_ids
        for follower in followers:
            self.assertEqual(follower.subtype_ids, default)
        followers[0].subtype_ids = default[:1]
        reviews._remind(reviews, fields.Date.today())
        self.assertEqual(reviews.message_follower_ids, followers)
        self.assertEqual(followers[0].subtype_ids, default[:1])
        # one by one as Odoo does it, it comes to the same
        alone = reviews[0].copy()
        alone.activity_schedule("mail.mail_activity_data_todo", user_id=self.crowd[9].id)
        follower = alone.message_follower_ids.filtered(lambda one: one.partner_id == self.crowd[9].partner_id)
        self.assertEqual(follower.subtype_ids, default)

    def test_a_client_puts_nobody_off(self):
        """The context of a call carries no collector."""
        _statements, reviews = self._reviews_of(self.crowd[:1])
        asked = reviews.with_context(kams_followers_later={"pairs": {}})
        asked.message_subscribe(partner_ids=self.crowd[5].partner_id.ids)
        self.assertIn(self.crowd[5].partner_id, reviews.message_partner_ids)

    # FORECASTS
    def _targets(self, people, first):
        return self.env["kams.target"].create(
            [
                {
                    "user_id": user.id,
                    "team_id": self.team.id,
                    "period_kind": "month",
                    "date_from": first,
                    "quota": 100.0,
                }
                for user in people
            ]
        )

    def test_forecasts_of_many_people_cost_the_statements_of_a_few(self):
        """Made, asked for, locked and closed."""
        forecasts, counts = self.env["kams.forecast"], {}
        today = fields.Date.today()
        month = fields.Date.start_of(fields.Date.add(today, months=1), "month")

        def make(people):
            self._targets(people, month)
            # the month is about to begin
            with patch.object(fields.Date, "context_today", lambda *_args, **_kwargs: month - timedelta(days=1)):
                made = self._counted(lambda: self._run_cron("kams.forecast", "_make_due"))[0]
            found = forecasts.search([("user_id", "in", people.ids), ("date_from", "=", month)])
            self.assertEqual(len(found), len(people))
            for forecast in found:
                self.assertEqual(forecast.activity_ids.user_id, forecast.user_id)
                self.assertIn(forecast.user_id.partner_id, forecast.message_partner_ids)
            quiet = found.with_context(tracking_disable=True)
            return made, self._counted(quiet._lock)[0], self._counted(quiet._close)[0]

        for name, people in (("first", self.crowd[:2]), ("few", self.crowd[2:7]), ("many", self.crowd[7:55])):
            counts[name] = make(people)
        self.assertEqual(counts["few"], counts["many"])
        self.assertLess(sum(counts["few"]), 130)
