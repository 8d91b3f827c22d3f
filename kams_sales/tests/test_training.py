import base64
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import KamsCase


class TrainingCase(KamsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.engineer = cls.env["res.partner"].create({"name": "Zhang Wei", "parent_id": cls.customer.id})
        cls.project_manager = new_test_user(
            cls.env,
            login="kams_pm",
            groups="base.group_user,kams_sales.group_delivery,project.group_project_user",
        )
        cls.delivery = cls.env["kams.delivery"].create(
            {"lead_id": cls.deal.id, "user_id": cls.project_manager.id, "final_needs_training": True}
        )
        cls.sheet = base64.b64encode(b"signed")

    def _training(self, people=3, **vals):
        return self.env["kams.training"].create(
            {
                "delivery_id": self.delivery.id,
                "name": "Operators",
                "date_start": "2026-03-02",
                "date_end": "2026-03-04",
                "attendee_ids": [Command.create({"name": f"Trainee {number}"}) for number in range(people)],
                **vals,
            }
        )

    def _session(self, training, hours, who, day=-3, **vals):
        start = fields.Datetime.now().replace(hour=2) + timedelta(days=day)
        return self.env["calendar.event"].create(
            {
                "name": "Session",
                "start": start,
                "stop": start + timedelta(hours=hours),
                "kams_training_id": training.id,
                "kams_trainee_ids": [Command.set(who.ids)],
                **vals,
            }
        )

    def _sign(self, training):
        training.write(
            {
                "signed_by_id": self.engineer.id,
                "signed_at": "2026-03-05",
                "signed_file_ids": [Command.create({"name": "sheet.pdf", "datas": self.sheet})],
            }
        )
        training.action_sign()


@tagged("post_install", "-at_install")
class TestTraining(TrainingCase):
    def test_c37_training(self):
        """50 invited, 45 came, 40 passed; on average 55 points before and 82 after."""
        training = self._training(people=50, pass_mark=60)
        came = training.attendee_ids[:45]
        came.write({"attended": True, "pre_score": 55.0})
        # 40 with 86 points and 5 with 50: 82 on average
        came[:40].post_score = 86.0
        came[40:].post_score = 50.0
        self.assertEqual((training.invited_count, training.attended_count, training.passed_count), (50, 45, 40))
        self.assertAlmostEqual(training.attendance_rate, 90.0)
        self.assertAlmostEqual(training.pass_rate, 88.89, places=2)
        self.assertAlmostEqual(training.gain, 27.0)

    def test_what_nobody_noted_is_blank_and_not_nought(self):
        training = self._training(people=0)
        for name in ("attendance_rate", "pass_rate", "gain", "satisfaction", "behaviour_rate"):
            self.assertIs(training[name], False, name)
        training.attendee_ids = [Command.create({"name": "Wang", "attended": True})]
        self.assertEqual(training.attendance_rate, 100.0)
        self.assertIs(training.pass_rate, False)  # nobody was tested
        training.attendee_ids.post_score = 10.0
        self.assertEqual(training.pass_rate, 0.0)

    def test_whoever_came_without_an_invitation_is_in_neither_number_of_the_attendance(self):
        training = self._training(people=2)
        training.attendee_ids[0].attended = True
        training.attendee_ids = [Command.create({"name": "A guest", "invited": False, "attended": True})]
        self.assertEqual(training.attendance_rate, 50.0)

    def test_a_trainee_without_a_contact(self):
        training = self._training(people=0, pass_mark=60)
        training.attendee_ids = [
            Command.create({"name": "李师傅 👷 <b>x</b>", "attended": True, "post_score": 90.0}),
            Command.create({"partner_id": self.engineer.id, "attended": True, "post_score": 30.0}),
        ]
        nobody, contact = training.attendee_ids
        self.assertFalse(nobody.partner_id)
        self.assertEqual(contact.name, "Zhang Wei")
        self.assertEqual((nobody.passed, contact.passed), (True, False))
        self.engineer.unlink()
        self.assertEqual(contact.name, "Zhang Wei")  # a contact that is gone leaves the name

    def test_a_pass_follows_from_the_score_where_there_is_one(self):
        training = self._training(people=2, pass_mark=60)
        one, other = training.attendee_ids
        one.post_score = 60.0
        self.assertTrue(one.passed)
        with self.assertRaises(ValidationError):
            one.passed = False
        other.passed = True  # a practical test without points
        self.assertTrue(other.passed)
        training.pass_mark = 70
        self.assertEqual((one.passed, other.passed), (False, True))
        with self.assertRaises(ValidationError):
            one.satisfaction = 6

    def test_sessions_say_who_attended(self):
        """80 % of the hours that were recorded are needed (dated rule)."""
        training = self._training(people=3)
        first, second, third = training.attendee_ids
        long = self._session(training, 8, first | second)
        self.assertEqual(long.opportunity_id, self.deal)
        self.assertEqual((long.kams_kind, long.kams_delivery_id), ("training", self.delivery))
        self.assertEqual(training.attendee_ids.mapped("attended"), [True, True, False])
        short = self._session(training, 2, first | third, day=-2)
        self.assertEqual(training.attendee_ids.mapped("attended"), [True, True, False])
        self.assertTrue(training.has_presence)
        self.assertEqual(training.session_count, 2)
        long.kams_trainee_ids -= second
        self.assertEqual(training.attendee_ids.mapped("attended"), [True, False, False])
        long.unlink()
        self.assertEqual(training.attendee_ids.mapped("attended"), [True, False, True])
        stranger = self._training(name="Another").attendee_ids[0]
        with self.assertRaises(ValidationError):
            short.kams_trainee_ids = stranger

    def test_a_session_is_of_the_deal_of_its_training(self):
        training = self._training()
        other = self._deal(name="Other")
        with self.assertRaises(ValidationError):
            self._session(training, 2, training.attendee_ids, opportunity_id=other.id)

    def test_sign_off_needs_all_and_fixes_all(self):
        training = self._training()
        with self.assertRaisesRegex(UserError, "nobody is noted"):
            training.action_hold()
        session = self._session(training, 2, training.attendee_ids[:2])
        training.action_hold()
        with self.assertRaisesRegex(UserError, "Who of the customer signed"):
            training.action_sign()
        with self.assertRaises(UserError):
            training.state = "signed"
        self._sign(training)
        self.assertIn("sheet.pdf", training.signed_hash)
        attendee = training.attendee_ids[0]
        for attempt in (
            lambda: training.write({"name": "Other"}),
            lambda: training.write({"signed_file_ids": [Command.clear()]}),
            lambda: training.unlink(),
            lambda: attendee.write({"attended": False}),
            lambda: attendee.write({"post_score": 99.0}),
            lambda: attendee.unlink(),
            lambda: training.write({"attendee_ids": [Command.create({"name": "Late"})]}),
            lambda: attendee.write({"session_ids": [Command.clear()]}),
            lambda: session.write({"kams_trainee_ids": [Command.clear()]}),
            lambda: session.write({"kams_training_id": False}),
            lambda: training.signed_file_ids.unlink(),
            lambda: training.with_user(self.director).signed_file_ids.write({"name": "other.pdf"}),
            lambda: self._session(training, 2, training.attendee_ids),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                attempt()
        session.unlink()  # a meeting that goes takes nothing of what was signed
        self.assertEqual(training.attended_count, 2)
        attendee.write({"behaviour": "partly", "behaviour_on": "2026-05-01"})
        self.assertEqual(training.behaviour_rate, 50.0)

    def test_signing_reminds_of_what_is_applied_at_work(self):
        training = self._training(trainer_id=self.project_manager.id)
        training.attendee_ids.attended = True
        training.action_hold()
        self._sign(training)
        activity = training.activity_ids
        self.assertEqual(activity.user_id, self.project_manager)
        self.assertEqual(activity.date_deadline, fields.Date.to_date("2026-04-03"))

    def test_reopening_asks_for_a_reason_and_is_the_project_managers(self):
        training = self._training()
        training.attendee_ids.attended = True
        training.action_hold()
        self._sign(training)
        with self.assertRaises(UserError):
            training.with_user(self.salesperson).action_reopen()
        mine = training.with_user(self.project_manager)
        with self.assertRaisesRegex(UserError, "say why"):
            mine.action_reopen()
        mine.reopen_why = "A trainee was forgotten"
        mine.action_reopen()
        self.assertEqual((training.state, training.signed_hash), ("held", False))
        self.assertIn("A trainee was forgotten", training.message_ids[:1].body)
        self.assertFalse(training.reopen_why)

    def test_what_is_short_of_the_targets_is_said(self):
        training = self._training(people=10)
        training.attendee_ids[:9].write({"attended": True, "post_score": 90.0, "satisfaction": 3})
        self.assertFalse(training.shortfall)  # it isn't held yet
        training.action_hold()
        self.assertEqual(training.shortfall, "Satisfaction with the Training: 3 instead of 4.")

    def test_a_project_manager_without_sales_rights_keeps_trainings_and_sessions(self):
        training = self._training().with_user(self.project_manager)
        training.write({"hours": 12.0, "attendee_ids": [Command.create({"name": "Wang"})]})
        context = training.action_plan_session()["context"]
        session = (
            self.env["calendar.event"]
            .with_user(self.project_manager)
            .with_context(**context)
            .create({"start": "2026-03-02 01:00:00", "stop": "2026-03-02 05:00:00"})
        )
        session.kams_trainee_ids = training.attendee_ids
        self.assertEqual(training.attended_count, 4)
        training.action_hold()
        with self.assertRaises(AccessError):
            training.with_user(self.auditor).write({"hours": 1.0})

    def test_the_final_invoice_waits_for_the_sign_off(self):
        milestone = self.env["kams.payment.milestone"].create(
            {"lead_id": self.deal.id, "kind": "final", "amount": 100.0}
        )
        other = self.env["kams.payment.milestone"].create({"lead_id": self.deal.id, "kind": "arrival", "amount": 100.0})
        with self.assertRaisesRegex(UserError, "none is recorded"):
            milestone.action_invoice()
        training = self._training()
        with self.assertRaisesRegex(UserError, "Operators"):
            milestone.action_invoice()
        with self.assertRaisesRegex(UserError, "no order"):
            other.action_invoice()
        training.attendee_ids.attended = True
        training.action_hold()
        self._sign(training)
        with self.assertRaisesRegex(UserError, "no order"):  # as any other payment now
            milestone.action_invoice()

    def test_only_a_delivery_that_says_so_holds_the_invoice_up(self):
        milestone = self.env["kams.payment.milestone"].create(
            {"lead_id": self.deal.id, "kind": "other", "trigger": "final", "amount": 100.0}
        )
        self._training()
        self.delivery.final_needs_training = False
        with self.assertRaisesRegex(UserError, "no order"):
            milestone.action_invoice()
        self.delivery.write({"final_needs_training": True})
        self.delivery._engine().state = "cancelled"
        with self.assertRaisesRegex(UserError, "no order"):
            milestone.action_invoice()

    def test_a_merge_takes_trainings_along(self):
        training = self._training()
        training.attendee_ids.attended = True
        training.action_hold()
        self._sign(training)
        other = self._deal(name="Other", partner_id=self.customer.id)
        (other | self.deal).merge_opportunity(auto_unlink=False)
        self.assertEqual(training.lead_id, training.delivery_id.lead_id)
        self.assertEqual(training.state, "signed")

    def test_trainees_come_in_by_spreadsheet(self):
        training = self._training(people=0)
        result = self.env["kams.training.attendee"].load(
            ["training_id/.id", "name", "unit", "attended", "post_score", "satisfaction"],
            [[str(training.id), "Wang", "Shift A", "1", "82", "5"], [str(training.id), "Li", "Shift B", "0", "", ""]],
        )
        self.assertTrue(result["ids"], result["messages"])
        self.assertEqual((training.invited_count, training.attended_count, training.satisfaction), (2, 1, 5.0))
