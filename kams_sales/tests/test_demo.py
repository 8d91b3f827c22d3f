from datetime import timedelta
from random import Random

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.kams_sales.tools.meetings import demo_score

from .test_meeting import MeetingCase

HOSTILE = "<script>alert(1)</script>&lt;b&gt; " + "长" * 10_000 + " שלום \u202e 😀👩‍🔧"


class ShowCase(MeetingCase):
    """A deal with a decision chain, demonstrated to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = cls.env["res.partner"].create(
            [{"name": name, "parent_id": cls.customer.id} for name in ("Ms Li", "Mr Wang", "Ms Zhao")]
        )
        cls.chain = cls.env["kams.stakeholder"].create(
            [
                {"lead_id": cls.deal.id, "partner_id": person.id, "influence": influence, "attitude": "0"}
                for person, influence in zip(cls.people, ("5", "3", False), strict=True)
            ]
        )

    @classmethod
    def _demo(cls, days=-1, **vals):
        return cls._interview(days=days, kams_kind="demo", partner_ids=[Command.set(cls.people.ids)], **vals)

    @classmethod
    def _requirements(cls, *musts):
        return cls.env["kams.requirement"].create(
            [{"lead_id": cls.deal.id, "name": f"R{place}", "must": must} for place, must in enumerate(musts)]
        )


@tagged("post_install", "-at_install")
class TestDemo(ShowCase):
    # SCORE
    def test_the_score_is_written_when_the_record_is_submitted(self):
        demo = self._demo()
        demo.kams_attendance_ids[0].score = "4"
        demo.kams_attendance_ids[1].score = "2"
        demo.kams_attendance_ids[2].score = "1"  # whose influence nobody knows
        self.assertIs(demo.kams_demo_score, False)
        self._record(demo, kams_demo_result="reached")
        self.assertAlmostEqual(demo.kams_demo_score, (5 * 4 + 3 * 2) / 8)
        self.assertEqual(demo.kams_attendance_ids.mapped("influence"), ["5", "3", False])
        self.chain[0].influence = "1"
        self.assertAlmostEqual(demo.kams_demo_score, 3.25, msg="What was found stays as it was.")
        demo.action_kams_reopen()
        self.assertIs(demo.kams_demo_score, False, "A reopened record says nothing.")
        demo.action_kams_submit()
        self.assertAlmostEqual(demo.kams_demo_score, (1 * 4 + 3 * 2) / 4)

    def test_a_score_of_nobody_who_counts_is_not_zero(self):
        demo = self._demo()
        demo.kams_attendance_ids[2].score = "5"
        self._record(demo, kams_demo_result="failed")
        self.assertIs(demo.kams_demo_score, False)
        self.env.flush_all()
        self.assertFalse(self.env["calendar.event"].search([("id", "=", demo.id), ("kams_demo_score", ">=", 0.01)]))

    def test_any_set_of_marks_gives_the_same_as_counting_each_point(self):
        """By brute force: as if everybody voted as often as they weigh."""
        dice = Random(5)
        for _round in range(300):
            marks = [
                (dice.choice([None, 1, 2, 3, 4, 5]), dice.choice([None, 1, 2, 3, 4, 5]))
                for _person in range(dice.randrange(9))
            ]
            votes = [score for weight, score in marks if weight and score for _vote in range(weight)]
            found = demo_score(marks)
            if not votes:
                self.assertIsNone(found)
            else:
                self.assertAlmostEqual(found, sum(votes) / len(votes))
                self.assertTrue(min(votes) <= found <= max(votes))
                self.assertAlmostEqual(found, demo_score(dice.sample(marks, len(marks))))

    def test_nobody_types_the_score(self):
        demo = self._demo()
        with self.assertRaisesRegex(UserError, "by submitting"), self.cr.savepoint():
            demo.kams_demo_score = 5.0
        with self.assertRaisesRegex(UserError, "by submitting"), self.cr.savepoint():
            self._demo(kams_demo_score=5.0)
        self._record(demo, kams_demo_result="reached")
        for attempt in (
            lambda: demo.write({"kams_demo_result": "failed"}),
            lambda: demo.kams_attendance_ids[0].write({"score": "5"}),
            lambda: demo.kams_attendance_ids[0].write({"concern": "x"}),
            lambda: demo.write({"kams_script_ids": [Command.create({"scene": "x"})]}),
            lambda: demo.kams_check_ids[0].write({"done": True}),
        ):
            with self.assertRaisesRegex(UserError, "submitted"), self.cr.savepoint():
                attempt()

    def test_a_demonstration_is_submitted_with_its_result(self):
        demo = self._demo()
        with self.assertRaisesRegex(UserError, "lacks: Result of the Demonstration"), self.cr.savepoint():
            self._record(demo)
        self._record(self._interview())  # an interview has none

    # SCRIPT
    def test_the_script_covers_the_requirements_without_which_they_do_not_buy(self):
        musts, nice = self._requirements(True, True, True), self._requirements(False)
        demo = self._demo(
            kams_script_ids=[
                Command.create({"scene": "Cold start", "requirement_id": musts[0].id}),
                Command.create({"scene": "Cold start again", "requirement_id": musts[0].id}),
                Command.create({"scene": "Report", "requirement_id": nice.id}),
                Command.create({"scene": "Alarm", "requirement_id": musts[1].id}),
            ]
        )
        self.assertEqual(demo.kams_requirement_coverage, 66.7)
        demo.kams_script_ids[3].shown = False
        self.assertEqual(demo.kams_requirement_coverage, 33.3)
        musts.must = False
        demo.invalidate_recordset(["kams_requirement_coverage"])
        self.assertIs(demo.kams_requirement_coverage, False, "Without a must there is nothing to cover.")
        self.assertIs(self._interview().kams_requirement_coverage, False)

    def test_coverage_and_advice_of_many_demonstrations_take_few_statements(self):
        self._requirements(True)
        found = []
        for number in (1, 1, 9):  # the first fills caches
            demos = self.env["calendar.event"].browse()
            for _demo in range(number):
                demos |= self._demo(days=1)
            self._settle()
            self.env.invalidate_all()
            # what the form has read anyway
            demos.mapped("kams_demo_goal")
            demos.kams_script_ids.mapped("minutes")
            demos.kams_attendance_ids.mapped("score")
            demos.opportunity_id.mapped("name")
            before = self.cr.sql_log_count
            demos.mapped("kams_requirement_coverage")
            demos.mapped("kams_demo_advice")
            found.append(self.cr.sql_log_count - before)
        self.assertLessEqual(found[1], 6)
        self.assertEqual(found[1], found[2])

    def test_a_scene_is_for_a_requirement_of_the_same_deal(self):
        other = self.env["kams.requirement"].create({"lead_id": self._deal().id, "name": "Else"})
        with self.assertRaisesRegex(ValidationError, "another deal"), self.cr.savepoint():
            self._demo(kams_script_ids=[Command.create({"scene": "x", "requirement_id": other.id})])
        mine = self._requirements(True)
        demo = self._demo(kams_script_ids=[Command.create({"scene": "x", "requirement_id": mine.id})])
        demo.opportunity_id = self._deal()
        self.assertFalse(demo.kams_script_ids.requirement_id)
        self.assertEqual(demo.kams_script_ids.scene, "x")

    def test_scripts_follow_a_merge_with_their_requirements(self):
        other = self._deal(partner_id=self.customer.id)
        wish = self.env["kams.requirement"].create({"lead_id": other.id, "name": "Alarm", "must": True})
        demo = self._interview(
            other, kams_kind="demo", kams_script_ids=[Command.create({"scene": "x", "requirement_id": wish.id})]
        )
        kept = (self.deal | other).with_user(self.director).merge_opportunity()
        self.assertEqual(demo.opportunity_id, kept)
        self.assertEqual(demo.kams_script_ids.requirement_id, wish)
        self.assertEqual(wish.lead_id, kept)

    # ADVICE
    def test_what_a_demonstration_lacks_is_said_and_holds_nobody_up(self):
        demo = self._interview(days=5, kams_kind="demo")
        for words in ("no requirement", "critical business issue", "goal", "decision chain", "script", "Rehearse by"):
            self.assertIn(words, demo.kams_demo_advice)
        self._requirements(True)
        demo.write(
            {
                "kams_critical_issue": "Cold starts take a day",
                "kams_demo_goal": "Show that it starts in an hour",
                "kams_contingency": "Film",
                "kams_rehearsed_at": fields.Date.today(),
                "partner_ids": [Command.set(self.people.ids)],
                "kams_script_ids": [Command.create({"scene": "Start", "minutes": 90})],
            }
        )
        demo.invalidate_recordset()
        self.assertEqual(demo.kams_demo_advice, "The script takes 90 minutes, the meeting has 60.")
        demo.kams_script_ids.minutes = 50
        demo.kams_competitor_demo_date = fields.Date.today() + timedelta(days=9)
        self.assertIn("Competitors show theirs later", demo.kams_demo_advice)
        self.assertFalse(demo.with_user(self.colleague).kams_demo_advice, "Whose deal it isn't is told nothing.")

    def test_a_demonstration_starts_with_the_usual_checklist(self):
        demo = self._demo(days=1)
        self.assertEqual(len(demo.kams_check_ids), 6)
        self.assertEqual(demo.kams_checklist, "0 of 6 ready")
        demo.kams_check_ids[:2].done = True
        self.assertEqual(demo.kams_checklist, "2 of 6 ready")
        self.assertFalse(self._interview().kams_check_ids)
        own = self._demo(kams_check_ids=[Command.create({"item": "Coffee"})])
        self.assertEqual(own.kams_check_ids.mapped("item"), ["Coffee"])
        meeting = self._interview()
        meeting.kams_kind = "company_visit"
        self.assertIn("Interpreter", meeting.kams_check_ids.mapped("item"))

    # FEEDBACK
    def test_a_concern_becomes_an_objection_once(self):
        demo = self._demo()
        line = demo.kams_attendance_ids[0]
        with self.assertRaisesRegex(UserError, "what troubles Ms Li"), self.cr.savepoint():
            line.action_make_objection()
        line.concern = HOSTILE
        line.action_make_objection()
        objection = self.deal.kams_objection_ids
        self.assertEqual(
            (objection.event_id, objection.stakeholder_id, objection.statement), (demo, self.chain[0], HOSTILE)
        )
        self.assertEqual(line.objection_id, objection)
        self._record(demo, kams_demo_result="partly")
        self.assertEqual(line.action_make_objection()["res_id"], objection.id)
        self.assertEqual(len(self.deal.kams_objection_ids), 1)

    def test_the_effect_on_the_decision_chain_is_shown_and_taken_over(self):
        demo = self._demo()
        self.assertFalse(demo.kams_support_effect)
        demo.kams_attendance_ids[0].attitude_after = "2"
        demo.kams_attendance_ids[1].attitude_after = "-1"
        self.assertEqual(demo.kams_attendance_ids.mapped("change"), ["+2", "-1", False])
        # C20: (5·2 − 3·1) ÷ (2·8) = 0.4375
        self.assertEqual(demo.kams_support_effect, "Support index 50.0 → 71.9")
        self._record(demo, kams_demo_result="reached")
        self.assertEqual(self.chain.mapped("attitude"), ["2", "-1", "0"])
        self.deal.invalidate_recordset()
        self.assertEqual(self.deal.kams_support_index, 71.88)
        self.env.invalidate_all()
        self.assertEqual(demo.kams_support_effect, "Support index 50.0 → 71.9")

    # FROM THE DEAL
    def test_a_demonstration_is_planned_from_the_deal(self):
        action = self.deal.with_user(self.salesperson).action_kams_plan_demo()
        start = fields.Datetime.now()
        demo = (
            self.env["calendar.event"]
            .with_user(self.salesperson)
            .with_context(**action["context"])
            .create({"start": start, "stop": start + timedelta(hours=1)})
        )
        self.assertEqual((demo.opportunity_id, demo.kams_kind), (self.deal, "demo"))
        self.assertEqual(demo.partner_ids, self.salesperson.partner_id, "Nobody else is written to.")
        self.assertEqual(demo.name, "Demonstration – Boiler retrofit")

    def test_visits_are_planned_from_the_deal(self):
        for kind in ("company_visit", "reference_visit"):
            button = "action_kams_plan_visit" if kind == "company_visit" else "action_kams_plan_reference_visit"
            action = getattr(self.deal.with_user(self.salesperson), button)()
            with self.subTest(kind=kind):
                self.assertEqual(action["context"]["default_kams_kind"], kind)
                self.assertEqual(action["context"]["default_opportunity_id"], self.deal.id)

    def test_any_text_is_kept_as_it_was_typed(self):
        demo = self._demo(
            kams_demo_goal=HOSTILE, kams_critical_issue=HOSTILE, kams_script_ids=[Command.create({"scene": HOSTILE})]
        )
        self.env.invalidate_all()
        self.assertEqual((demo.kams_demo_goal, demo.kams_script_ids.scene), (HOSTILE, HOSTILE))


@tagged("post_install", "-at_install")
class TestDemoOnPaper(ShowCase):
    def test_plans_and_what_came_of_them_go_on_paper(self):
        wish = self._requirements(True, True)
        demo = self._demo(
            kams_demo_goal=HOSTILE,
            kams_script_ids=[
                Command.create({"scene": "Cold start", "requirement_id": wish[0].id, "minutes": 20, "proof": "Log"})
            ],
        )
        reports = self.env["ir.actions.report"].with_user(self.salesperson)
        plan = reports._render_qweb_html("kams_sales.report_demo", demo.ids)[0].decode()
        for text in ("Cold start", "R0", "Musts Not Shown", "R1", "20 minutes in all", "Ms Li", "Draft", "😀"):
            self.assertIn(text, plan)
        self.assertNotIn("<script>alert", plan)
        self.assertNotIn("What Came of It", plan)
        demo.kams_attendance_ids[0].write({"score": "4", "concern": "Too dear"})
        self._record(demo, kams_demo_result="partly")
        record = reports._render_qweb_html("kams_sales.report_demo", demo.ids)[0].decode()
        for text in ("What Came of It", "Partly Reached", "4.00", "Too dear"):
            self.assertIn(text, record)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(self.colleague)._render_qweb_html(
                "kams_sales.report_demo", demo.ids
            )

    def test_day_and_hours_are_where_the_reader_is(self):
        paper = self.env["kams.meeting.paper"].with_context(tz="Asia/Shanghai", lang="en_US")
        demo = self._demo().with_env(paper.env)
        demo.write({"start": "2026-03-02 01:00:10", "stop": "2026-03-02 03:30:00"})
        self.assertEqual(paper._when(demo).replace("\u202f", " "), "3/2/26, 9:00 AM – 11:30 AM (Asia/Shanghai)")
        demo.stop = "2026-03-02 17:00:00"
        self.assertIn("– 3/3/26, 1:00", paper._when(demo))
        demo.write({"allday": True, "start_date": "2026-03-02", "stop_date": "2026-03-02"})
        self.assertEqual(paper._when(demo), "03/02/2026")

    def test_a_visit_plan_goes_on_paper(self):
        visit = self._interview(
            kams_kind="company_visit",
            kams_visitors="Three engineers",
            kams_itinerary_ids=[Command.create({"time": fields.Datetime.now(), "item": "Welcome", "place": "Hall"})],
            kams_cost_ids=[
                Command.create({"item": "Hotel", "amount": 100}),
                Command.create({"item": "Bus", "amount": 50}),
            ],
        )
        reports = self.env["ir.actions.report"].with_user(self.salesperson)
        plan = reports._render_qweb_html("kams_sales.report_visit", visit.ids)[0].decode()
        for text in ("Three engineers", "Welcome", "Hall", "Interpreter", "Hotel", "150.00"):
            self.assertIn(text, plan)
