from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.kams_sales.models import res_partner_personal

from .common import KamsCase

ALL = (*res_partner_personal.PERSONAL, *res_partner_personal.TERMS)


@tagged("post_install", "-at_install")
class TestPersonalData(KamsCase):
    """What is known of a person: seen by few, kept on a basis, erased when its time is over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.keeper = cls._person(
            "kams_keeper", "kams_sales.group_account_manager,kams_sales.group_personal_data,base.group_allow_export"
        )
        cls.account = cls._account()
        cls.contact = cls.env["res.partner"].create({"name": "Ms Li", "parent_id": cls.customer.id})
        cls.terms = {"kams_pi_basis": "contract", "kams_retention_until": cls.today + timedelta(days=300)}

    def _erasures(self, partner):
        return [message for message in partner.message_ids if "erased" in message.body]

    def test_only_the_group_sees_exports_and_writes_it(self):
        self.contact.write({"kams_interests": "Weiqi", **self.terms})
        ours = self.contact.with_user(self.keeper)
        self.assertEqual(ours.read(["kams_interests"])[0]["kams_interests"], "Weiqi")
        self.assertEqual(ours.export_data(["kams_interests"])["datas"], [["Weiqi"]])
        exporter = self._person("kams_exporter", "kams_sales.group_director,base.group_allow_export")
        for user in (self.manager, self.auditor, self.sales_admin, exporter):
            contact = self.contact.with_user(user)
            with self.subTest(user=user.login):
                self.assertFalse(set(ALL) & contact.fields_get().keys())
                self.assertNotIn("kams_interests", contact.get_view(view_type="form")["arch"])
                with self.assertRaises(AccessError):
                    contact.read(["kams_interests"])
                with self.assertRaises(AccessError):
                    contact.search([("kams_interests", "=", "Weiqi")])
                with self.assertRaises(AccessError), self.cr.savepoint():
                    contact.write({"kams_interests": "Go"})
        with self.assertRaises(AccessError):
            self.contact.with_user(exporter).export_data(["kams_interests"])
        self.assertIn("kams_interests", ours.get_view(view_type="form")["arch"])

    def test_every_field_of_it_is_behind_the_group_and_stays_with_its_contact(self):
        for name in ALL:
            field = self.contact._fields[name]
            self.assertEqual((field.groups, field.copy), ("kams_sales.group_personal_data", False), name)
        self.contact.write({"kams_interests": "Weiqi", **self.terms})
        self.assertFalse(self.contact.copy().kams_interests)

    def test_without_basis_and_end_it_is_refused(self):
        values = {name: "x" for name in res_partner_personal.PERSONAL} | {"kams_birthday": "1980-01-01"}
        for name, value in values.items():
            for terms in ({}, {"kams_pi_basis": "contract"}, {"kams_retention_until": self.today}):
                with self.subTest(field=name, **terms):
                    with self.assertRaisesRegex(ValidationError, "Ms Li"), self.cr.savepoint():
                        self.contact.write({name: value, **terms})
            self.contact.write({name: value, **self.terms})
            self.contact.write(dict.fromkeys((name, *self.terms), False))
        self.contact.write({"kams_agenda": "Retire", **self.terms})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.contact.kams_pi_basis = False

    def test_consent_has_its_date(self):
        with self.assertRaisesRegex(ValidationError, "Ms Li"), self.cr.savepoint():
            self.contact.write({"kams_agenda": "Retire", **self.terms, "kams_pi_basis": "consent"})
        self.contact.write(
            {"kams_agenda": "Retire", **self.terms, "kams_pi_basis": "consent", "kams_consent_date": self.today}
        )

    def test_the_account_manager_is_reminded_once_and_again_for_a_new_day(self):
        self.contact.write({"kams_agenda": "Retire", **self.terms})
        self._run_cron("res.partner", "_cron_kams_retention")
        self.assertFalse(self.contact.activity_ids, "300 days ahead is too early")
        self.contact.kams_retention_until = self.today + timedelta(days=30)
        for _again in range(2):
            self._run_cron("res.partner", "_cron_kams_retention")
            self.assertEqual(self.contact.activity_ids.user_id, self.manager)
            self.assertEqual(len(self.contact.activity_ids), 1)
        self.contact.kams_retention_until = self.today + timedelta(days=20)
        self._run_cron("res.partner", "_cron_kams_retention")
        self.assertEqual(len(self.contact.activity_ids), 2)
        self.assertEqual(self.contact.kams_agenda, "Retire")

    def test_the_days_ahead_are_a_parameter(self):
        self.contact.write({"kams_agenda": "Retire", **self.terms})
        self.env.ref("kams_sales.rule_pi_reminder_days").value = 300
        self._run_cron("res.partner", "_cron_kams_retention")
        self.assertEqual(len(self.contact.activity_ids), 1)

    def test_after_its_day_it_is_erased_and_the_chatter_says_so_without_it(self):
        other = self.env["res.partner"].create({"name": "Mr Wang", "active": False})
        for partner, days in ((self.contact, -1), (other, -10)):
            partner.write(
                {
                    "kams_agenda": "Wants to retire",
                    **self.terms,
                    "kams_retention_until": self.today + timedelta(days=days),
                }
            )
        last_day = self.env["res.partner"].create(
            {"name": "Ms Wu", "kams_agenda": "Grow", **self.terms, "kams_retention_until": self.today}
        )
        self._run_cron("res.partner", "_cron_kams_retention")
        for partner in (self.contact, other):
            self.assertFalse(any(partner[name] for name in ALL))
            (message,) = self._erasures(partner)
            self.assertNotIn("retire", message.body)
            self.assertFalse(partner.activity_ids)
        self.assertEqual(last_day.kams_agenda, "Grow")
        self.assertEqual(self.contact.name, "Ms Li")

    def test_a_stop_between_batches_loses_nothing(self):
        partners = self.env["res.partner"].create(
            [{"name": f"P{n}", "kams_agenda": "x", **self.terms} for n in range(5)]
        )
        partners.kams_retention_until = self.today - timedelta(days=1)
        with patch.object(res_partner_personal, "BATCH", 2):
            with patch.object(self.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 0):
                self.env["res.partner"]._cron_kams_retention()
            self.assertEqual(len(partners.filtered("kams_agenda")), 3)
            done = self._run_cron("res.partner", "_cron_kams_retention")
        self.assertEqual(sum(number for number, _left in done), 3)
        self.assertFalse(partners.filtered("kams_agenda"))
        self.assertEqual([len(self._erasures(partner)) for partner in partners], [1] * 5)
