from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .test_gate_routes import GateCase

REASON = "The chairman vouches for this one"


@tagged("post_install", "-at_install")
class TestWaiver(GateCase):
    """A director lets a deal pass without evidence: with a reason, until a day, for everybody to see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(name="Chairman's friend")
        cls._settle()
        cls.today = fields.Date.today()
        cls.check = cls._check(cls.deal, "S1-O2")

    @classmethod
    def _check(cls, deal, code):
        return deal.kams_check_ids.filtered(lambda check: check.point_id.code == code)

    def _waive(self, reason=REASON, days=7, user=None, check=None):
        return (check or self.check).with_user(user or self.director).waive(reason, self.today + timedelta(days=days))

    # WHO AND HOW
    def test_only_a_director_waives(self):
        others = [
            self._person(f"kams_{group}", f"kams_sales.group_{group}")
            for group in ("bid_desk", "legal", "finance", "delivery", "personal_data", "import_history")
        ]
        for user in (self.salesperson, self.colleague, self.manager, self.auditor, self.sales_admin, *others):
            with self.subTest(user=user.login), self.assertHeld(self.deal, error=AccessError):
                self._waive(user=user)
        self._waive()
        self.assertEqual(self._state(self.deal, "S1-O2"), "waived")

    def test_a_reason_has_ten_characters_besides_blanks(self):
        for reason in (None, False, "", "too short", "         ", "    short     ", "\n\n123456789\t\t"):
            with self.subTest(reason=reason), self.assertHeld(self.deal, "10"):
                self._waive(reason=reason)
        self._waive(reason="  1234567890 ")
        self.assertEqual(self.check.waiver_reason, "1234567890")

    def test_a_waiver_needs_a_last_day_that_has_not_gone_by(self):
        for expiry in (None, False, self.today - timedelta(days=1), "2020-01-31"):
            with self.subTest(expiry=expiry), self.assertHeld(self.deal, "today or later"):
                self.check.with_user(self.director).waive(REASON, expiry)
        with self.assertHeld(self.deal, error=(ValueError, UserError)):
            self.check.with_user(self.director).waive(REASON, "next week")
        self._waive(days=0)
        self.assertEqual(self.check.waiver_expiry, self.today)

    def test_a_director_does_not_waive_on_an_own_deal(self):
        own = self._deal(name="Director's own", user_id=self.director.id)
        self._settle()
        with self.assertHeld(own, "Director's own"):
            self._waive(check=self._check(own, "S1-O2"))

    def test_a_waiver_does_not_hold_once_its_giver_owns_the_deal(self):
        self._name_customer(self.deal)
        self._waive()
        self.assertTrue(self.deal.kams_gate_open)
        self.deal.user_id = self.director
        self.assertFalse(self.deal.kams_gate_open, "the card agrees with the gate")
        with self.assertHeld(self.deal, "S1-O2"):
            self.deal.stage_id = self.stages["initiation"]
        with self.assertHeld(self.deal, "S1-O2"):
            self.deal.write({"user_id": self.director.id, "stage_id": self.stages["initiation"].id})
        self.deal.user_id = self.colleague
        self.assertEqual(self._state(self.deal, "S1-O2"), "waived")
        self.deal.stage_id = self.stages["initiation"]

    def test_taking_a_deal_over_in_the_same_write_as_moving_it_is_judged_as_the_new_owner(self):
        self._name_customer(self.deal)
        self._waive()
        with self.assertHeld(self.deal, "S1-O2"):
            self.deal.write({"user_id": self.director.id, "stage_id": self.stages["initiation"].id})

    def test_a_batch_with_one_own_deal_waives_nothing(self):
        own = self._deal(name="Director's own", user_id=self.director.id)
        self._settle()
        both = self.check | self._check(own, "S1-O2")
        with self.assertHeld(self.deal | own, "Director's own"):
            self._waive(check=both)

    def test_a_waiver_does_not_hold_on_a_deal_that_its_approver_took_over(self):
        self._name_customer(self.deal)
        self._waive()
        self.deal.user_id = self.director
        self.assertEqual(self._state(self.deal, "S1-O2"), "fail")
        with self.assertHeld(self.deal, "S1-O2"):
            self.deal.with_user(self.director).stage_id = self.stages["initiation"]
        self.assertEqual(self.deal.kams_waived_check_ids, self.check)
        self.deal.user_id = self.salesperson
        self.assertEqual(self._state(self.deal, "S1-O2"), "waived")
        self.deal.with_user(self.salesperson).stage_id = self.stages["initiation"]

    def test_a_director_does_not_step_aside_to_waive_and_back_to_move(self):
        own = self._deal(name="Director's own", user_id=self.director.id)
        self._name_customer(own)
        self._settle()
        own.user_id = False
        self._waive(check=self._check(own, "S1-O2"))
        self._settle()
        with self.assertHeld(own, "S1-O2"):
            own.write({"user_id": self.director.id, "stage_id": self.stages["initiation"].id})

    def test_what_does_not_apply_cannot_be_waived(self):
        self.deal.kams_procurement_mode = "direct"
        self._settle()
        check = self._check(self.deal, "S4-O1")
        self.assertEqual(check.state, "na")
        with self.assertHeld(self.deal, "S4-O1", "does not apply"):
            self._waive(check=check)

    # WHAT IT LEAVES
    def test_a_waiver_is_on_the_check_on_the_deal_and_in_the_chatter(self):
        self._waive()
        self._settle()
        check = self.check
        self.assertEqual(
            (check.state, check.waiver_reason, check.waiver_approver_id, check.waiver_expiry),
            ("waived", REASON, self.director, self.today + timedelta(days=7)),
        )
        self.assertTrue(check.waived_at)
        self.assertEqual(self.deal.with_user(self.salesperson).kams_waived_check_ids, check)
        message = self.deal.message_ids[0]
        self.assertEqual(message.author_id, self.director.partner_id)
        for word in ("S1-O2", REASON, "kams_director"):
            self.assertIn(word, message.body)

    def test_the_reason_is_shown_as_it_was_typed_not_run(self):
        self._waive(reason="<script>alert('waived')</script>")
        body = self.deal.message_ids[0].body
        self.assertNotIn("<script", body)
        self.assertIn("alert(", body)

    def test_a_waiver_counts_as_met_on_the_card(self):
        before = self.deal.kams_points_done
        self._waive()
        self.assertEqual(self.deal.kams_points_done, before + 1)

    def test_a_waiver_stays_visible_after_the_evidence_came(self):
        self._waive()
        self._meeting(self.deal)
        self.assertEqual(self._state(self.deal, "S1-O2"), "pass")
        self.assertEqual((self.check.waiver_reason, self.check.waiver_approver_id), (REASON, self.director))
        self.assertEqual(self.deal.kams_waived_check_ids, self.check)
        self.deal.calendar_event_ids.unlink()
        self.assertEqual(self._state(self.deal, "S1-O2"), "waived")

    def test_a_waiver_stays_visible_after_it_ran_out(self):
        self._waive()
        self.env.flush_all()
        self.cr.execute(
            "UPDATE kams_control_check SET waiver_expiry = %s WHERE id = %s",
            [self.today - timedelta(days=1), self.check.id],
        )
        self.env.invalidate_all()
        with patch.object(self.registry["ir.cron"], "_commit_progress", lambda *_args, **_kwargs: 60):
            self.env["kams.control.check"]._cron_refresh_dynamic()
        self.assertEqual(self._state(self.deal, "S1-O2"), "fail")
        self.assertEqual(self.deal.kams_waived_check_ids, self.check)
        self.assertEqual(self.check.waiver_reason, REASON)

    def test_a_waiver_stays_visible_after_the_deal_left_kams(self):
        self._waive()
        self._settle()
        self.deal.with_user(self.director).action_kams_leave()
        self._settle()
        self.assertTrue(self.check.exists())
        self.assertEqual(self.deal.kams_waived_check_ids, self.check)
        self.assertTrue(self.deal.message_ids.filtered(lambda message: REASON in (message.body or "")))

    def test_nobody_takes_a_waiver_back_out_of_the_records(self):
        self._waive()
        self._settle()
        for user in (self.salesperson, self.director, self.sales_admin, self.env.ref("base.user_admin")):
            with self.subTest(user=user.login):
                with self.assertHeld(self.deal, error=AccessError):
                    self.check.with_user(user).write({"waiver_reason": "never happened at all"})
                with self.assertHeld(self.deal, error=AccessError):
                    self.check.with_user(user).unlink()

    def test_a_second_waiver_leaves_the_first_one_in_the_chatter(self):
        self._waive()
        self._waive(reason="Still no answer from the customer", days=20)
        self._settle()
        self.assertEqual(self.check.waiver_expiry, self.today + timedelta(days=20))
        bodies = " ".join(self.deal.message_ids.mapped("body"))
        self.assertIn(REASON, bodies)
        self.assertIn("Still no answer from the customer", bodies)

    # THE WIZARD
    def _wizard(self, user=None):
        action = self.deal.with_user(user or self.director).action_kams_waive()
        self.assertEqual((action["res_model"], action["target"]), ("kams.waiver", "new"))
        return self.env["kams.waiver"].with_user(user or self.director).with_context(**action["context"]).create({})

    def test_the_wizard_offers_what_is_missing_now_for_two_weeks(self):
        self._name_customer(self.deal)
        self._settle()
        wizard = self._wizard()
        self.assertEqual(wizard.lead_id, self.deal)
        self.assertEqual(wizard.check_ids, self.check)
        self.assertEqual(wizard.expiry, self.today + timedelta(days=14))
        self.assertFalse(wizard.reason)
        codes = set(wizard.available_check_ids.point_id.mapped("code"))
        self.assertIn("S2-O1", codes)  # points to come can be chosen as well
        self.assertFalse(codes & {"S1-O1", "S1-O3"})  # met, and advisory

    def test_the_wizard_waives_what_was_chosen(self):
        wizard = self._wizard()
        wizard.check_ids = self.check
        wizard.reason = REASON
        wizard.action_confirm()
        self.assertEqual((self._state(self.deal, "S1-O2"), self._state(self.deal, "S1-O1")), ("waived", "fail"))

    def test_the_wizard_refuses_what_the_rule_refuses(self):
        for values, words in (
            ({"reason": "short"}, ("10",)),
            ({"reason": REASON, "expiry": self.today - timedelta(days=1)}, ("today or later",)),
            ({"reason": REASON, "expiry": False}, ("today or later",)),
            ({"reason": REASON, "check_ids": False}, ("Chairman's friend",)),
        ):
            with self.subTest(values=values), self.assertHeld(self.deal, *words, error=UserError):
                wizard = self._wizard()
                wizard.write(values)
                wizard.action_confirm()

    def test_the_wizard_refuses_points_of_another_deal(self):
        other = self._deal(name="Another")
        self._settle()
        with self.assertHeld(self.deal | other, error=UserError):
            wizard = self._wizard()
            wizard.write({"reason": REASON, "check_ids": [(6, 0, self._check(other, "S1-O2").ids)]})
            wizard.action_confirm()

    def test_the_wizard_is_the_directors(self):
        for user in (self.salesperson, self.manager, self.sales_admin):
            with self.subTest(user=user.login), self.assertHeld(self.deal, error=AccessError):
                self._wizard(user)

    def test_the_wizards_form_opens_on_a_deal(self):
        if not self.env.ref("kams_sales.kams_waiver_view_form", raise_if_not_found=False):
            self.skipTest("views are not installed")
        with Form(self.env["kams.waiver"].with_user(self.director).with_context(default_lead_id=self.deal.id)) as form:
            form.reason = REASON
        form.record.action_confirm()
        self.assertEqual((self._state(self.deal, "S1-O2"), self._state(self.deal, "S1-O1")), ("waived", "waived"))

    def test_a_waiver_never_reaches_a_deal_the_director_cannot_see(self):
        other_company = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        foreign = self._deal(name="Foreign", company_id=other_company.id, team_id=self.team.id, user_id=False)
        self._settle()
        with self.assertHeld(foreign, error=AccessError):
            self._waive(check=self._check(foreign, "S1-O2"))

    def test_waiving_twice_in_one_batch_posts_one_message_a_deal(self):
        other = self._deal(name="Another")
        self._settle()
        count = len(self.deal.message_ids)
        checks = self.check | self._check(self.deal, "S1-O1") | self._check(other, "S1-O2")
        self._waive(check=checks)
        self._settle()
        self.assertEqual(len(self.deal.message_ids), count + 1)
        for code in ("S1-O2", "S1-O1"):
            self.assertIn(code, self.deal.message_ids[0].body)
        with self.assertRaises(ValidationError):
            self._waive(reason="short", check=checks)
