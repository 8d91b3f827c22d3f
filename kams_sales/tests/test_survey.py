import base64
import doctest
import random
from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import survey
from .common import KamsCase

WEIGHTS = {"standard": 1, "configured": 0.8, "developed": 0.5, "third_party": 0.5, "unsupported": 0}


class SurveyCase(KamsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.engineer = cls.env["res.partner"].create({"name": "Ms Li", "parent_id": cls.customer.id})
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.survey = cls._survey()

    @classmethod
    def _survey(cls, deal=None, **vals):
        return cls.env["kams.survey"].create({"lead_id": (deal or cls.deal).id, **vals})

    @classmethod
    def _requirement(cls, fit=False, importance="3", **vals):
        if "survey_id" not in vals and "lead_id" not in vals:
            vals["survey_id"] = cls.survey.id
        return cls.env["kams.requirement"].create({"name": "Alarm", "fit": fit, "importance": importance, **vals})

    @classmethod
    def _minutes(cls, user=None):
        return (
            cls.env["ir.attachment"]
            .with_user(user or cls.env.user)
            .create({"name": "minutes.pdf", "datas": base64.b64encode(b"signed"), "res_model": "kams.survey"})
        )

    @classmethod
    def _confirm(cls, record=None):
        record = record or cls.survey
        if not record.requirement_ids:
            cls._requirement(survey_id=record.id)
        record.write(
            {
                "confirmed_by_id": cls.engineer.id,
                "confirmed_at": cls.today,
                "minutes_ids": [Command.set(cls._minutes().ids)],
            }
        )
        record.action_confirm()


@tagged("post_install", "-at_install")
class TestFit(SurveyCase):
    """Section 4.2: Σ importance × fit ÷ Σ importance, and the musts that nobody can give."""

    def test_the_arithmetic_holds(self):
        self.assertEqual(doctest.testmod(survey).failed, 0)

    def test_fit_rate_weighs_what_we_can_give_by_what_matters_to_them(self):
        """(5×1 + 4×0.8 + 3×0.5 + 2×0) ÷ 14 = 9.7 ÷ 14 = 69.29 %; what nobody looked at yet is left out."""
        for fit, importance in (("standard", "5"), ("configured", "4"), ("developed", "3"), ("unsupported", "2")):
            self._requirement(fit, importance)
        self._requirement(False, "5")
        self.assertAlmostEqual(self.survey.fit_rate, 100 * 9.7 / 14)
        self.assertAlmostEqual(self.deal.kams_fit_rate, 100 * 9.7 / 14)
        self.assertEqual(self.survey.requirement_count, 5)

    def test_fit_rate_agrees_with_plain_counting_for_any_requirements(self):
        dice = random.Random(4)
        deals = [self._deal(name=f"Deal {number}") for number in range(6)]
        for deal in deals:
            own = self._survey(deal)
            rows = [
                (dice.choice([*WEIGHTS, False]), str(dice.randint(1, 5)), dice.random() < 0.4, dice.random() < 0.5)
                for _number in range(dice.randint(0, 12))
            ]
            for fit, importance, must, loose in rows:
                place = {"lead_id": deal.id} if loose else {"survey_id": own.id}
                self._requirement(fit, importance, must=must, **place)
            for record, rate, gaps, some in (
                (deal, "kams_fit_rate", "kams_must_gap", rows),
                (own, "fit_rate", "must_gap", [row for row in rows if not row[3]]),
            ):
                above = below = lacking = 0
                for fit, importance, must, _loose in some:
                    lacking += must and fit == "unsupported"
                    if fit:
                        above += int(importance) * WEIGHTS[fit]
                        below += int(importance)
                with self.subTest(deal=deal.name, of=record._name):
                    self.assertEqual(record[gaps], lacking)
                    if below:
                        self.assertAlmostEqual(record[rate], 100 * above / below)
                    else:
                        self.assertIs(record[rate], False)

    def test_without_a_known_fit_there_is_no_rate(self):
        self.assertIs(self.survey.fit_rate, False)
        self.assertIs(self.deal.kams_fit_rate, False)
        requirement = self._requirement()
        self.assertIs(self.survey.fit_rate, False)
        requirement.fit = "unsupported"
        self.assertEqual(self.survey.fit_rate, 0.0)
        self.assertIsNot(self.survey.fit_rate, False)
        requirement.fit = False
        self.assertIs(self.survey.fit_rate, False)

    def test_effort_is_not_negative(self):
        with self.assertRaisesRegex(ValidationError, "Effort"):
            self._requirement(effort_days=-3)

    def test_a_must_that_we_cannot_give_is_a_gap(self):
        requirement = self._requirement("unsupported", must=True)
        self._requirement("unsupported")
        self._requirement("developed", must=True)
        self.assertEqual((self.survey.must_gap, self.deal.kams_must_gap), (1, 1))
        gaps = self.env["kams.requirement"].search([("is_must_gap", "=", True), ("lead_id", "=", self.deal.id)])
        self.assertEqual(gaps, requirement)
        requirement.fit = "third_party"
        self.deal.invalidate_recordset()
        self.assertEqual((self.survey.must_gap, self.deal.kams_must_gap), (0, 0))

    def test_a_later_policy_does_not_rescore_what_was_judged(self):
        self._requirement("developed")
        self.assertEqual(self.survey.fit_rate, 50)
        self.env.ref("kams_sales.rule_fit_weight_developed").value = 0.6
        self._requirement("developed")
        self.assertAlmostEqual(self.survey.fit_rate, 55)

    def test_many_deals_cost_as_much_as_one(self):
        deals = self.env["crm.lead"].concat(*(self._deal(name=str(number)) for number in range(12)))
        for deal in deals:
            self._requirement("standard", lead_id=deal.id)
        for some in (deals[:1], deals):
            self.env.flush_all()
            some.invalidate_recordset()
            some.mapped("kams_process_id")
            with self.assertQueryCount(1):
                self.assertEqual(set(some.mapped("kams_fit_rate")), {100.0})
                self.assertEqual(set(some.mapped("kams_must_gap")), {0})

    def test_a_plain_deal_asks_nothing(self):
        plain = self._deal(team_id=self.env["crm.team"].create({"name": "Plain"}).id)
        self.env.flush_all()
        plain.mapped("kams_process_id")
        with self.assertQueryCount(0):
            self.assertIs(plain.kams_fit_rate, False)
        for model in ("kams.survey", "kams.requirement"):
            with self.assertRaisesRegex(ValidationError, "not under a KAMS process"):
                self.env[model].create({"name": "x", "lead_id": plain.id})


@tagged("post_install", "-at_install")
class TestSurvey(SurveyCase):
    """What the customer signed stays as it was signed."""

    def test_a_confirmation_says_who_when_and_shows_the_minutes(self):
        with self.assertRaisesRegex(UserError, "Requirements, Confirmed By, Confirmed On, Signed Minutes"):
            self.survey.action_confirm()
        self._confirm()
        self.assertEqual(self.survey.state, "confirmed")

    def test_somebody_of_the_customer_confirms(self):
        stranger = self.env["res.partner"].create({"name": "Mr Stranger"})
        self._requirement()
        self.survey.write(
            {
                "confirmed_by_id": stranger.id,
                "confirmed_at": self.today,
                "minutes_ids": [Command.set(self._minutes().ids)],
            }
        )
        with self.assertRaisesRegex(UserError, "Mr Stranger isn't one of the customer's people.*Huaneng Power"):
            self.survey.action_confirm()
        self.survey.write({"confirmed_by_id": self.engineer.id, "confirmed_at": self.today + timedelta(days=1)})
        with self.assertRaisesRegex(UserError, "still to come"):
            self.survey.write({"state": "confirmed"})

    def test_what_was_confirmed_is_locked(self):
        requirement = self._requirement("standard", must=True)
        problem = self.env["kams.survey.problem"].create({"survey_id": self.survey.id, "name": "Slow"})
        self._confirm()
        for attempt in (
            lambda: self.survey.write({"scope": "More"}),
            lambda: self.survey.write({"minutes_ids": [Command.clear()]}),
            lambda: self.survey.write({"requirement_ids": [Command.create({"name": "One more"})]}),
            lambda: self.survey.unlink(),
            lambda: requirement.write({"importance": "1"}),
            lambda: requirement.write({"survey_id": False}),
            lambda: requirement.unlink(),
            lambda: self._requirement(),
            lambda: self._requirement(lead_id=self.deal.id).write({"survey_id": self.survey.id}),
            lambda: problem.write({"impact_amount": 5}),
            lambda: problem.unlink(),
            lambda: problem.copy(),
        ):
            with self.assertRaisesRegex(UserError, "Ms Li confirmed"), self.cr.savepoint():
                attempt()

    def test_how_we_meet_it_may_be_said_after_the_confirmation(self):
        requirement = self._requirement("unsupported", must=True)
        self._confirm()
        requirement.write({"fit": "developed", "effort_days": 12, "user_id": self.salesperson.id})
        self.assertEqual((self.survey.must_gap, self.survey.fit_rate), (0, 50))

    def test_reopening_says_why_and_what_had_been_confirmed(self):
        self._confirm()
        self.survey.user_id = self.salesperson
        with self.assertRaisesRegex(UserError, "say why"):
            self.survey.with_user(self.salesperson).write({"state": "draft"})
        action = self.survey.with_user(self.salesperson).action_reopen()
        wizard = self.env[action["res_model"]].with_user(self.salesperson).with_context(**action["context"])
        with self.assertRaisesRegex(UserError, "Say why"):
            wizard.create({"reason": "  "}).action_confirm()
        wizard.create({"reason": "A <b>third</b> boiler"}).action_confirm()
        self.assertEqual(self.survey.state, "draft")
        self.assertFalse(self.survey.confirmed_at or self.survey.minutes_ids)
        self.assertEqual(self.survey.reopened_because, "A <b>third</b> boiler")
        said = self.survey.message_ids.mapped("body")
        self.assertTrue(any("&lt;b&gt;third&lt;/b&gt;" in body and "Ms Li" in body for body in said), said)
        self.assertTrue(any("minutes.pdf" in body for body in said))
        self.survey.scope = "Three boilers"
        self._confirm()
        self.assertFalse(self.survey.reopened_because)

    def test_minutes_are_read_by_those_who_see_the_survey(self):
        survey = self.survey.with_user(self.salesperson)
        minutes = self.env["ir.attachment"].with_user(self.salesperson).create({"name": "m.pdf", "raw": b"x"})
        survey.minutes_ids = minutes
        self.assertEqual(minutes.with_user(self.auditor).raw, b"x")
        with self.assertRaises(AccessError):
            minutes.with_user(self.colleague).read(["raw"])

    def test_minutes_stay_while_a_survey_rests_on_them(self):
        self._confirm()
        minutes = self.survey.minutes_ids
        for attempt in (
            lambda: minutes.unlink(),
            lambda: minutes.with_user(self.salesperson).unlink(),
            lambda: minutes.with_user(self.salesperson).write({"raw": b"Other words"}),
        ):
            with self.assertRaisesRegex(UserError, "stays as .* confirmed it"), self.cr.savepoint():
                attempt()
        self.survey.write({"state": "draft", "reopened_because": "Changed"})
        minutes.unlink()
        self.assertFalse(minutes.exists())

    def test_a_requirement_goes_with_its_survey(self):
        other = self._deal(name="Another")
        requirement = self._requirement()
        self.assertEqual(requirement.lead_id, self.deal)
        with self.assertRaisesRegex(ValidationError, "its survey is of Boiler retrofit"):
            self._requirement(survey_id=self.survey.id, lead_id=other.id)
        with self.assertRaisesRegex(ValidationError, "its survey is of Boiler retrofit"):
            requirement.with_user(self.director).lead_id = other
        self.survey.lead_id = other
        self.assertEqual(requirement.lead_id, other)

    def test_a_survey_follows_its_deal_into_a_merge_confirmed_or_not(self):
        other = self._deal(name="The same again", partner_id=self.customer.id)
        second = self._survey(other)
        loose = self._requirement("unsupported", lead_id=other.id, must=True)
        self._requirement("standard")
        self._confirm()
        self._confirm(second)
        kept = (self.deal | other).merge_opportunity()
        self._settle()
        self.assertEqual((self.survey | second).lead_id, kept)
        self.assertEqual((self.survey | second).mapped("state"), ["confirmed"] * 2)
        self.assertEqual((self.survey.requirement_ids | second.requirement_ids | loose).lead_id, kept)
        kept.invalidate_recordset()
        self.assertEqual((kept.kams_fit_rate, kept.kams_must_gap, kept.kams_survey_count), (50, 1, 2))

    def test_a_survey_follows_its_deal_into_another_company(self):
        there = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        requirement = self._requirement()
        problem = self.env["kams.survey.problem"].create({"survey_id": self.survey.id, "name": "Slow"})
        self._confirm()
        self.deal.write({"company_id": there.id, "team_id": False, "user_id": False})
        self._settle()
        for record in (self.survey, requirement, problem):
            self.assertEqual(record.company_id, there, record._name)
        self.assertEqual(self.survey.state, "confirmed")

    def test_who_confirmed_may_be_merged_but_not_deleted(self):
        self._requirement(partner_id=self.engineer.id)
        self._confirm()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.engineer.unlink()
            self.env.flush_all()
        twin = self.env["res.partner"].create({"name": "Li, Ms", "parent_id": self.customer.id})
        self.env["base.partner.merge.automatic.wizard"]._merge((twin | self.engineer).ids, twin)
        self.env.invalidate_all()
        self.assertEqual(self.survey.confirmed_by_id, twin)
        self.assertEqual(self.survey.requirement_ids.partner_id, twin)
        self.assertEqual(self.survey.state, "confirmed")

    def test_a_lost_or_deleted_deal_keeps_or_takes_its_survey(self):
        self._confirm()
        self.deal.action_set_lost()
        self.assertEqual(self.survey.state, "confirmed")
        requirements = self.survey.requirement_ids
        self.deal.unlink()
        self.assertFalse(self.survey.exists() or requirements.exists())

    def test_free_text_is_kept_as_it_was_typed(self):
        for text in ("<script>alert(1)</script> & “x”", "需求" * 5000, "שלום‏ עולם", "🚀 <b>👩🏽‍🔧</b>"):
            self.survey.write({"scope": text, "current_state": text, "constraints": text})
            requirement = self._requirement(description=text)
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(self.survey.scope, text)
            self.assertEqual(requirement.description, text)

    def test_forty_requirements_come_in_by_spreadsheet_and_each_bad_row_is_named(self):
        requirements = self.env["kams.requirement"].with_user(self.salesperson)
        columns = [column for column, _example in requirements._import_columns()]
        self.assertIn("lead_id", columns)
        names = ["lead_id", "code", "name", "type", "importance", "must", "fit", "effort_days"]
        rows = [
            ["Boiler retrofit", f"R{number}", f"Need {number}", "Functional", "5 Vital", "1", "Standard", "1.5"]
            for number in range(40)
        ]
        good = requirements.load(names, rows)
        self.assertEqual(len(good["ids"]), 40, good["messages"])
        self.assertEqual(self.deal.kams_requirement_count, 40)
        rows[3][0], rows[7][4], rows[9][2] = "No such deal", "Huge", ""
        bad = requirements.load(names, rows)
        self.assertFalse(bad["ids"])
        self.assertEqual({message["record"] for message in bad["messages"]}, {3, 7, 9})
