import re
from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .test_reminder import ReminderCase

NOON = datetime(2026, 6, 10, 4, 0)  # a Wednesday: noon in Shanghai, four in the morning in London


@tagged("post_install", "-at_install")
class TestDigest(ReminderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.users"].search([]).kams_digest = False
        (cls.salesperson | cls.colleague).kams_digest = True
        cls.salesperson.email, cls.colleague.email = "li@example.com", "wang@example.com"

    def _morning(self, moment=None):
        """The hourly job at a moment; answers the mails that it wrote."""
        before = self.env["mail.mail"].search([])
        moment = moment or datetime.combine(self._working_day(), datetime.min.time()) + timedelta(hours=9)
        with patch.object(fields.Datetime, "now", lambda *_args: moment), self._frozen_day(moment):
            self._run_cron("kams.digest", "_cron_digest")
        return self.env["mail.mail"].search([]) - before

    def _frozen_day(self, moment):
        """Days as they are at the moment; zones move them."""
        import pytz

        def context_today(record, timestamp=None):
            zone = pytz.timezone(record.env.context.get("tz") or record.env.user.tz or "UTC")
            return pytz.utc.localize(timestamp or moment).astimezone(zone).date()

        return patch.object(fields.Date, "context_today", context_today)

    def _working_day(self):
        return self.env["kams.holiday"]._calendar(self.env.company).next_open(self.today)

    def test_one_message_a_person_and_day_only_if_there_is_something(self):
        deal = self._stands(5)
        self._plan(deal, -2)
        [mail] = self._morning()
        self.assertEqual(mail.recipient_ids, self.salesperson.partner_id)
        self.assertIn(deal.name, mail.body_html)
        self.assertIn(f"/odoo/crm.lead/{deal.id}", mail.body_html)
        self.assertIn("kams_today_overdue_action", mail.body_html)
        self.assertFalse(self._morning())
        digests = self.env["kams.digest"].search([("user_id", "in", (self.salesperson | self.colleague).ids)])
        self.assertEqual({d.user_id: d.items for d in digests}, {self.salesperson: 1, self.colleague: 0})

    def test_not_before_the_hour_not_on_a_day_off_and_not_for_who_opted_out(self):
        self._plan(self._stands(5), -2)
        day = datetime.combine(self._working_day(), datetime.min.time())
        self.assertFalse(self._morning(day + timedelta(hours=6, minutes=59)))
        sunday = day + timedelta(days=6 - day.weekday(), hours=9)
        self.assertFalse(self._morning(sunday))
        self.salesperson.with_user(self.salesperson).kams_digest = False
        self.assertFalse(self._morning(day + timedelta(hours=9)))
        self.salesperson.kams_digest = True
        self.assertEqual(len(self._morning(day + timedelta(hours=10))), 1)

    def test_each_in_their_own_zone_and_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.salesperson.write({"tz": "Asia/Shanghai", "lang": "zh_CN"})
        self.colleague.tz = "Europe/London"
        for user in (self.salesperson, self.colleague):
            self.env["mail.activity"].create(
                {
                    "res_model_id": self.env["ir.model"]._get_id("crm.lead"),
                    "res_id": self._stands(5, user=user).id,
                    "date_deadline": NOON.date() - timedelta(days=1),
                    "user_id": user.id,
                    "summary": "Call them",
                    "activity_type_id": self.env.ref("mail.mail_activity_data_call").id,
                }
            )
        [mail] = self._morning(NOON)
        self.assertEqual(mail.recipient_ids, self.salesperson.partner_id)
        [later] = self._morning(NOON + timedelta(hours=3))
        self.assertEqual(later.recipient_ids, self.colleague.partner_id)

    def test_many_things_are_counted_and_the_first_ones_shown(self):
        deals = self._tell(*[{"steps": [(self.today.isoformat(), "development")], "name": "Many"}] * 9)
        for deal in deals:
            self._plan(deal, -1)
        [mail] = self._morning()
        self.assertEqual(len(re.findall(r">\s*Many\s*<", mail.body_html)), 5)
        self.assertIn("And 4 more", mail.body_html)
        self.assertIn("9 things", mail.subject)

    def test_what_somebody_does_not_want_is_not_told(self):
        self._stands(5)
        self.salesperson.kams_remind_step = False
        self.assertFalse(self._morning())

    def test_html_in_a_name_stays_text(self):
        deal = self._stands(5, name="<img src=x onerror=alert(1)> 🚀 שלום")
        self._plan(deal, -1)
        [mail] = self._morning()
        self.assertNotIn("<img src=x", mail.body_html)
        self.assertIn("🚀 שלום", mail.body_html)

    def test_a_job_that_is_killed_tells_everybody_once(self):
        for user in (self.salesperson, self.colleague):
            self._plan(self._stands(5, user=user), -1, user)
        with patch("odoo.addons.kams_sales.models.kams_digest_send.BATCH", 1):
            progress, left = self.registry["ir.cron"]._commit_progress, iter([60, 0])
            with patch.object(self.registry["ir.cron"], "_commit_progress", lambda *_args, **_kwargs: next(left)):
                with patch.object(
                    type(self), "_run_cron", lambda _self, model, method: getattr(self.env[model], method)()
                ):
                    first = self._morning()
            self.assertEqual(self.registry["ir.cron"]._commit_progress, progress)
            second = self._morning()
        self.assertEqual((len(first), len(second)), (1, 1))
        self.assertNotEqual(first.recipient_ids, second.recipient_ids)
        self.assertFalse(self._morning())

    def test_a_batch_costs_the_same_however_much_it_tells(self):
        counts = []
        for number in (2, 30):
            for deal in self._tell(*[{"steps": [(self.today.isoformat(), "development")]}] * number):
                self._plan(deal, -1)
            self.env["kams.digest"].search([]).unlink()
            self._settle()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._morning()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)
