from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import KamsCase


class ObjectionCase(KamsCase):
    """A deal with an engineer in its decision chain who objects."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.engineer = cls.env["res.partner"].create({"name": "Engineer Zhao", "parent_id": cls.customer.id})
        cls.zhao = cls.env["kams.stakeholder"].create({"lead_id": cls.deal.id, "partner_id": cls.engineer.id})
        cls.today = fields.Date.today()

    @classmethod
    def _objection(cls, **vals):
        return cls.env["kams.objection"].create(
            {
                "lead_id": cls.deal.id,
                "stakeholder_id": cls.zhao.id,
                "statement": "Your price is a tenth above the others'",
                "severity": "4",
                **vals,
            }
        )


@tagged("post_install", "-at_install")
class TestObjection(ObjectionCase):
    """Only the customer settles an objection, and then it stays as it is (5.5)."""

    def test_it_is_accepted_only_when_the_customer_said_so(self):
        objection = self._objection(date=date(2026, 3, 2))
        with self.assertRaises(UserError):
            objection.state = "accepted"
        objection.write({"response": "Compared over five years"})
        objection.action_accept()
        self.assertEqual(objection.state, "accepted")
        self.assertEqual(objection.confirmed_by_id, self.engineer)
        self.assertEqual(objection.confirmed_at, self.today)
        self.assertEqual(objection.closed_at, self.today)

    def test_nobody_is_born_accepted(self):
        with self.assertRaises(UserError):
            self._objection(state="accepted", customer_confirmed=True)

    def test_one_of_us_does_not_accept_for_them(self):
        objection = self._objection(response="Compared")
        objection.confirmed_by_id = self.env.user.partner_id
        with self.assertRaises(UserError):
            objection.action_accept()

    def test_days_to_close_count_from_the_day_it_was_raised(self):
        objection = self._objection(date=date(2026, 3, 2), response="Compared", confirmed_at=date(2026, 3, 12))
        self.assertFalse(objection.days_to_close)
        objection.action_accept()
        self.assertEqual(objection.days_to_close, 10.0)
        self.assertEqual(objection.resolution, 100.0)

    def test_it_cannot_be_accepted_before_it_was_raised_or_tomorrow(self):
        for day in (self.today - timedelta(days=8), self.today + timedelta(days=1)):
            objection = self._objection(date=self.today - timedelta(days=7), response="Compared", confirmed_at=day)
            with self.subTest(day=day), self.assertRaises(UserError), self.cr.savepoint():
                objection.action_accept()

    def test_major_means_four_or_five_and_not_accepted(self):
        for severity, major in (("1", False), ("2", False), ("3", False), ("4", True), ("5", True)):
            objection = self._objection(severity=severity, response="Compared")
            self.assertEqual(objection.is_open_major, major, severity)
            objection.action_unresolved()
            self.assertEqual(objection.is_open_major, major, severity)
            objection.action_accept()
            self.assertFalse(objection.is_open_major, severity)

    def test_the_deal_counts_them(self):
        self._objection()
        self._objection(severity="2")
        self.assertEqual((self.deal.kams_objection_count, self.deal.kams_objection_major_count), (2, 1))

    def test_what_was_accepted_stays_as_it_was(self):
        objection = self._objection(response="Compared")
        objection.action_accept()
        for vals in ({"severity": "2"}, {"response": "x"}, {"state": "open"}, {"confirmed_at": False}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                objection.write(vals)
        with self.assertRaises(UserError), mute_logger("odoo.models.unlink"):
            objection.unlink()
        objection.user_id = self.colleague  # who looks after it isn't part of what was said

    def test_it_is_reopened_with_a_reason_that_stays(self):
        objection = self._objection(response="Compared")
        objection.action_accept()
        action = objection.action_open_again()
        wizard = self.env[action["res_model"]].with_context(**action["context"]).create({})
        with self.assertRaises(UserError):
            wizard.action_confirm()
        wizard.reason = "They asked again"
        wizard.action_confirm()
        self.assertEqual(objection.state, "open")
        self.assertFalse(objection.customer_confirmed or objection.confirmed_by_id or objection.closed_at)
        self.assertIn("They asked again", objection.message_ids[0].body)
        self.assertIn("Engineer Zhao", objection.message_ids[0].body)
        self.assertEqual(objection.reopened_because, "They asked again")
        objection.action_accept()
        self.assertFalse(objection.reopened_because)

    def test_people_meetings_and_competitors_are_of_the_same_deal(self):
        other = self._deal(name="Another", partner_id=self.customer.id)
        stranger = self.env["kams.stakeholder"].create({"lead_id": other.id, "partner_id": self.engineer.id})
        rival = self.env["kams.competitor"].create({"lead_id": other.id, "partner_id": self._company("Rival").id})
        for vals in (
            {"stakeholder_id": stranger.id},
            {"event_id": self._meeting(other).id},
            {"competitor_id": rival.id},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValidationError):
                self._objection(**vals)

    def test_it_goes_with_a_merged_deal(self):
        other = self._deal(name="Another", partner_id=self.customer.id)
        stranger = self.env["kams.stakeholder"].create({"lead_id": other.id, "partner_id": self.engineer.id})
        objection = self._objection(lead_id=other.id, stakeholder_id=stranger.id, response="Compared")
        objection.action_accept()
        (self.deal | other)._merge_opportunity(user_id=False, team_id=False)
        kept = (self.deal | other).exists()
        self.assertEqual(objection.lead_id, kept)
        self.assertEqual(objection.stakeholder_id.lead_id, kept)
        self.assertEqual(objection.state, "accepted")

    def test_free_text_of_any_script_is_kept(self):
        text = "价格太高 😀 السعر مرتفع <b>too dear</b>\n" * 400
        objection = self._objection(statement=text)
        self.assertEqual(objection.statement, text)
        self.assertLessEqual(len(objection.display_name), 100)

    def test_its_owner_has_it_in_their_activities_until_it_is_answered(self):
        objection = self._objection(date=self.today, user_id=self.salesperson.id)
        activity = objection.activity_ids
        self.assertEqual((activity.user_id, activity.date_deadline), (self.salesperson, self.today + timedelta(days=5)))
        objection.write({"user_id": self.manager.id, "date_due": self.today})
        self.assertEqual((activity.user_id, activity.date_deadline), (self.manager, self.today))
        objection.response = "Compared"
        objection.action_answered()
        self.assertFalse(objection.activity_ids)
        objection.action_unresolved()

    def test_a_lost_deals_objections_ask_nobody(self):
        objection = self._objection(user_id=self.salesperson.id)
        self.deal.action_set_lost()
        self.assertFalse(objection.activity_ids)
        self.deal.action_unarchive()
        self.assertEqual(len(objection.activity_ids), 1)

    def test_rows_come_in_by_spreadsheet(self):
        columns = self.env["kams.objection"]._import_columns()
        names = [name for name, _example in columns]
        row = dict(columns)
        row |= {"lead_id": self.deal.name, "partner_id": self.engineer.display_name}
        self.deal.name = row["lead_id"] = "Objections by spreadsheet"
        result = self.env["kams.objection"].load(names, [[row[name] for name in names]])
        self.assertFalse([message for message in result["messages"] if message["type"] == "error"], result)
        self.assertEqual(self.deal.kams_objection_ids.severity, "4")
        self.assertEqual(self.deal.kams_objection_ids.stakeholder_id, self.zhao, "who is in the chain is found there")

    def test_rate_and_days_add_up_by_salesperson_and_category(self):
        """One of two accepted after 10 days, of another kind none: means over what is known."""
        first = self._objection(date=date(2026, 3, 2), response="x", confirmed_at=date(2026, 3, 12), category="price")
        first.action_accept()
        self._objection(category="price")
        self._objection(category="brand")
        rows = self.env["kams.objection"]._read_group(
            [("lead_id", "=", self.deal.id)], ["category"], ["resolution:avg", "days_to_close:avg"]
        )
        self.assertEqual({row[0]: row[1:] for row in rows}, {"price": (50.0, 10.0), "brand": (0.0, False)})
        [[person, rate]] = self.env["kams.objection"]._read_group(
            [("lead_id", "=", self.deal.id)], ["salesperson_id"], ["resolution:avg"]
        )
        self.assertEqual(person, self.salesperson)
        self.assertAlmostEqual(rate, 100 / 3)

    def test_a_concern_of_a_meeting_becomes_an_objection(self):
        meeting = self._meeting(self.deal)
        line = self.env["kams.meeting.attendance"].create(
            {"event_id": meeting.id, "stakeholder_id": self.zhao.id, "concern": "Who repairs it at night?"}
        )
        if not hasattr(line, "action_make_objection"):
            self.skipTest("The button comes with the meetings' chapter")
        line.action_make_objection()
        objection = self.deal.kams_objection_ids
        self.assertEqual((objection.event_id, objection.partner_id), (meeting, self.engineer))
        self.assertEqual(objection.statement, "Who repairs it at night?")
