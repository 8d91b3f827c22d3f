import doctest
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..tools import chain
from .common import KamsCase


class ChainCase(KamsCase):
    """A deal with a customer, and short words for the people of its decision chain."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.roles = {role.code: role for role in cls.env["kams.buying.role"].search([])}
        cls.deal = cls._deal(partner_id=cls.customer.id)

    @classmethod
    def _contact(cls, name, **vals):
        return cls.env["res.partner"].create({"name": name, "parent_id": cls.customer.id, **vals})

    @classmethod
    def _person(cls, name, deal=None, roles=(), **vals):
        """Somebody in a deal's chain; a login and groups make a user, as in the class above."""
        if isinstance(deal, str):
            return super()._person(name, deal)
        partner = vals.pop("partner", None) or cls._contact(name)
        return cls.env["kams.stakeholder"].create(
            {
                "lead_id": (deal or cls.deal).id,
                "partner_id": partner.id,
                "buying_role_ids": [Command.set([cls.roles[code].id for code in roles])],
                **vals,
            }
        )

    @classmethod
    def _example(cls, deal=None):
        """The people of C20: economic buyer, technical buyer, user buyer, coach; three of four are met."""
        rows = (
            ("eb", "5", "0", "none"),
            ("tb", "3", "-1", "brief"),
            ("ub", "2", "2", "multiple"),
            ("coach", "2", "2", "in_depth"),
        )
        return [
            cls._person(
                role.upper(),
                deal,
                mh_role=role,
                influence=influence,
                attitude=attitude,
                coverage=coverage,
                political="inner_circle",
            )
            for role, influence, attitude, coverage in rows
        ]


@tagged("post_install", "-at_install")
class TestDecisionChain(ChainCase):
    """Section 3.6: how a chain stands, and what it lacks."""

    def _advice(self):
        self.env.invalidate_all()
        return (self.deal.kams_chain_advice or "").split("\n")

    # FIGURES
    def test_arithmetic_is_as_its_examples_say(self):
        self.assertEqual(doctest.testmod(chain).failed, 0)

    def test_c20_support_index_and_coverage(self):
        self._example()
        self.assertAlmostEqual(self.deal.kams_support_index, 60.42, 2)
        self.assertEqual(self.deal.kams_coverage, 75)

    def test_who_is_unknown_does_not_count_and_nobody_is_not_naught(self):
        self.assertIs(self.deal.kams_support_index, False)
        self.assertIs(self.deal.kams_coverage, False)
        self.assertFalse(self.deal.kams_map_status)
        self._person("Silent", influence="5", political="inner_circle")
        self.assertIs(self.deal.kams_support_index, False)
        self.assertEqual(self.deal.kams_coverage, 0)
        self._person("Weightless", attitude="2")
        self.assertIs(self.deal.kams_support_index, False)
        self._person("Against", attitude="-2", influence="2")
        self.assertEqual(self.deal.kams_support_index, 0)

    def test_the_map_is_red_amber_or_green(self):
        decider = self._person("Decider", roles=["decider"], political="inner_circle", attitude="0")
        self._person("Outside", roles=["approver"], political="outside", attitude="2")
        self.assertEqual(self.deal.kams_map_status, "red")
        self._person("User", roles=["user"], political="political_structure", attitude="1")
        self.assertEqual(self.deal.kams_map_status, "amber")
        decider.attitude = "1"
        self.assertEqual(self.deal.kams_map_status, "green")
        decider.political = False
        self.assertEqual(self.deal.kams_map_status, "amber")
        self._person("Chief", mh_role="eb", political="inner_circle", attitude="1")
        self.assertEqual(self.deal.kams_map_status, "green", "An economic buyer gives the final approval.")

    def test_figures_of_many_deals_take_a_constant_number_of_statements(self):
        deals = self.deal
        for _n in range(4):
            deals |= self._deal(partner_id=self.customer.id)
        for deal in deals:
            for person in self._example(deal):
                person.buying_role_ids = self.roles["decider"]
        self._settle()
        deals.mapped("kams_chain_advice")  # what is kept for the next time is kept
        for some in (deals[:1], deals):
            self.env.invalidate_all()
            some.mapped("kams_process_id")
            with self.subTest(deals=len(some)), self.assertQueryCount(1):
                some.mapped(lambda deal: (deal.kams_support_index, deal.kams_coverage, deal.kams_map_status))
            with self.subTest(deals=len(some), advice=True), self.assertQueryCount(6):
                some.mapped("kams_chain_advice")

    def test_a_plain_deal_pays_nothing(self):
        team = self.env["crm.team"].create({"name": "Plain"})
        plain = self._deal(team_id=team.id)
        self._settle()
        self.env.invalidate_all()
        plain.mapped("kams_process_id")
        with self.assertQueryCount(0):
            self.assertFalse(plain.kams_map_status)
            self.assertFalse(plain.kams_chain_advice)

    # ADVICE
    def test_advice_names_what_is_missing_the_most_important_first(self):
        self.assertEqual(self._advice(), ["Nobody is named yet: add who decides, who is asked and who can say no."])
        technical = self._person("Tang", mh_role="tb", coverage="brief", attitude="0", political="inner_circle")
        advice = self._advice()
        self.assertEqual(advice[0], "No economic buyer is named: find out who gives the final yes.")
        self.assertIn("Nobody guides us: win a coach.", advice)
        self.assertIn("We know only one of them, Tang: what if they leave?", advice)
        self.assertIn("No meeting of this deal is in the calendar yet.", advice)
        self.assertNotIn("Nobody above the technical buyer has been met.", advice)
        chief = self._person("Chen", mh_role="eb", political="inner_circle", influence="5")
        between = self._person("Bo", political="political_structure")
        technical.reports_to_id, between.reports_to_id = between, chief
        advice = self._advice()
        self.assertEqual(
            advice[:2],
            ["The economic buyer, Chen, has not been met.", "Nobody above the technical buyer has been met."],
        )
        self.assertLessEqual(len(advice), 5)
        between.coverage = "brief"
        self.assertNotIn("Nobody above the technical buyer has been met.", self._advice())

    def test_advice_ends_when_all_is_well(self):
        for person in self._example():
            person.write({"coverage": "in_depth", "attitude": "2"})
        self._meeting(self.deal)
        self.assertEqual(self._advice(), [""])

    def test_advice_on_people_against_us_red_flags_and_unknown_attitudes(self):
        eb, tb, ub, coach = self._example()
        eb.coverage = "brief"
        self._meeting(self.deal)
        self.assertEqual(self._advice(), ["Key players against us, and no strategy for them: TB."])
        tb.strategy = "Show the test rig"
        self.assertEqual(self._advice(), [""])
        ub.write({"coverage": "none", "red_flag": "Retires in May"})
        eb.attitude = False
        self.assertEqual(
            self._advice(),
            ["Key players not met: UB.", "Key players whose attitude isn't known: EB.", "Red flags: UB."],
        )
        coach.attitude = "1"
        self.assertEqual(self._advice()[0], "COACH is named as coach, but isn't known as an advocate.")

    def test_a_meeting_too_long_ago_is_told_by_the_dated_parameter(self):
        for person in self._example():
            person.write({"coverage": "in_depth", "attitude": "2"})
        self._meeting(self.deal, days=-40)
        self.assertEqual(self._advice(), ["The last meeting was 40 days ago, more than 30: see them again."])
        self.env.ref("kams_sales.rule_chain_meeting_days").value = 45
        self.assertEqual(self._advice(), [""])
        self._meeting(self.deal, days=3)
        self.assertEqual(self._advice(), [""], "A meeting to come hasn't been.")

    def test_a_reader_sees_figures_of_the_deals_they_see(self):
        self._example()
        self.env.invalidate_all()
        for user in (self.salesperson, self.director, self.auditor):
            with self.subTest(user=user.login):
                self.assertEqual(self.deal.with_user(user).kams_map_status, "amber")
                self.assertIn("COACH", self.deal.with_user(user).kams_chain_map)

    # PICTURES
    def test_the_map_shows_everybody_and_escapes_what_people_typed(self):
        chief = self._person("Chen", mh_role="eb", influence="5", red_flag="<script>alert(1)</script>")
        self._person("فاطمة 😀", reports_to_id=chief.id, attitude="-2")
        for number in range(60):
            self._person(f"Person {number}.", reports_to_id=chief.id)
        html = str(self.deal.kams_chain_map)
        self.assertNotIn("<script>", html)
        self.assertIn("&lt;script&gt;", html)
        self.assertIn("فاطمة 😀", html)
        self.assertEqual(html.count("kams_chain_row"), 62)
        self.assertEqual(html.count("kams_chain_depth_1"), 61)
        self.assertEqual(html.count("★★★★★"), 1)

    def test_the_title_of_the_chart_says_how_the_chain_stands(self):
        self.assertEqual(self.deal.action_kams_chain()["name"], "Decision Chain")
        self._example()
        action = self.deal.action_kams_chain()
        self.assertEqual((action["name"], action["views"][0][1]), ("Decision Chain: support 60", "hierarchy"))

    # STEPS
    def test_eight_usual_steps_are_put_down_once(self):
        self.env["kams.decision.step"].create({"lead_id": self.deal.id, "name": "Tender", "sequence": 3})
        for _twice in range(2):
            self.deal.with_user(self.salesperson).action_kams_standard_steps()
        steps = self.deal.kams_decision_step_ids
        self.assertEqual(len(steps), 8)
        self.assertEqual(steps.sorted()[-1].name, "Contract Signed")
        self.assertEqual(set(steps.mapped("state")), {"planned"})

    def test_a_step_ends_after_it_begins_and_is_decided_by_somebody_of_the_chain(self):
        step = self.env["kams.decision.step"].create({"lead_id": self.deal.id, "name": "Tender"})
        today = fields.Date.today()
        step.write({"date_start": today, "date_end": today})
        with self.assertRaisesRegex(ValidationError, "Tender ends before it begins"):
            step.date_end = today - timedelta(days=1)
        stranger = self._person("Stranger", self._deal(name="Another"))
        with self.assertRaisesRegex(ValidationError, "Stranger doesn't stand in the decision chain of Boiler retrofit"):
            step.stakeholder_id = stranger

    def test_a_plain_deal_has_no_chain_and_no_steps(self):
        plain = self._deal(team_id=self.env["crm.team"].create({"name": "Plain"}).id)
        with self.assertRaisesRegex(ValidationError, "not under a KAMS process"):
            self._person("Chen", plain)
        with self.assertRaisesRegex(ValidationError, "not under a KAMS process"):
            plain.action_kams_standard_steps()

    # TAKING OVER
    def test_the_last_chain_of_a_customer_is_taken_over(self):
        chief = self._person("Chen", mh_role="eb", influence="5", attitude="2", coverage="in_depth", roles=["decider"])
        chief.criterion_ids = [Command.create({"criterion": "Price", "weight": 60})]
        engineer = self._person("Li", mh_role="tb", political="inner_circle", reports_to_id=chief.id)
        self._settle()
        deal = self._deal(name="Next", partner_id=self.customer.id)
        there = self._person("", deal, partner=engineer.partner_id, influence="1")
        deal.with_user(self.salesperson).action_kams_take_over_chain()
        people = deal.kams_stakeholder_ids
        self.assertEqual(people.partner_id, chief.partner_id | engineer.partner_id)
        self.assertEqual((there.influence, there.mh_role), ("1", False), "Who is there stays as they are.")
        copy = people - there
        self.assertEqual((copy.influence, copy.buying_role_ids.code, copy.criterion_ids.weight), ("5", "decider", 60))
        self.assertEqual((copy.attitude, copy.coverage), (False, "none"), "These are towards another offer.")
        self.assertIn("Advocate", copy.earlier_hint)
        with self.assertRaisesRegex(UserError, "already"):
            deal.action_kams_take_over_chain()
        with self.assertRaisesRegex(UserError, "add its people here"):
            self._deal(name="Customer unknown").action_kams_take_over_chain()
