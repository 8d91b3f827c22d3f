from datetime import date, timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..tools import relation
from .test_satisfaction import SatisfactionCase


class RelationCase(SatisfactionCase):
    """A relationship plan on a deal, of a key-account manager."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = cls.env["kams.plan"].create(
            {
                "kind": "relationship",
                "lead_id": cls.deal.id,
                "user_id": cls.salesperson.id,
                "date_from": cls.today - timedelta(days=120),
                "date_to": cls.today + timedelta(days=120),
            }
        )

    @classmethod
    def _action(cls, **vals):
        return cls.env["kams.plan.action"].create(
            {
                "plan_id": cls.plan.id,
                "name": "Lunch at the plant",
                "user_id": cls.salesperson.id,
                "stakeholder_id": cls.zhao.id,
                "date_due": cls.today,
                **vals,
            }
        )

    def _lunch(self, value=100, **vals):
        return self._action(benefit_kind="hospitality", benefit_value=value, benefit_people=2, **vals)


@tagged("post_install", "-at_install")
class TestBenefit(RelationCase):
    """反不正当竞争法 art. 8: nothing of value for a customer's people, on every route."""

    def test_a_gift_is_refused_on_every_route(self):
        gift = {"benefit_kind": "gift", "benefit_value": 10, "benefit_people": 1}
        plain = self._action()
        values = {"name": "Moon cakes", "plan_id": self.plan.id, "partner_id": self.engineer.id, **gift}
        routes = (
            lambda: self._action(**gift),
            lambda: plain.write(gift),
            lambda: plain.with_user(self.salesperson).write(gift),
            lambda: self.plan.write({"action_ids": [Command.create(values)]}),
            lambda: self.env["kams.plan.action"].sudo().create(values),
            lambda: self._action(benefit_kind="favour", benefit_value=10, benefit_people=1),
        )
        for route in routes:
            with self.assertRaises(ValidationError) as refused:
                route()
            self.assertIn("反不正当竞争法 (2025) 8", str(refused.exception))
        result = self.env["kams.plan.action"].load(
            ["plan_id/.id", "name", "benefit_kind", "benefit_value", "benefit_people"],
            [[str(self.plan.id), "Moon cakes", "gift", "10", "1"]],
        )
        self.assertTrue(result["messages"])

    def test_the_law_of_the_day_is_named(self):
        with self.assertRaises(ValidationError) as refused:
            self._action(benefit_kind="gift", benefit_value=1, benefit_people=1, date_due=date(2025, 10, 14))
        self.assertIn("(2017, 2019) 7", str(refused.exception))

    def test_it_holds_for_plans_of_other_kinds(self):
        plan = self.env["kams.plan"].create({"kind": "project_marketing", "lead_id": self.deal.id})
        with self.assertRaises(ValidationError):
            plan.action_ids.create(
                {"plan_id": plan.id, "name": "Watch", "benefit_kind": "gift", "benefit_value": 9, "benefit_people": 1}
            )

    def test_greetings_that_cost_money_say_what_they_give(self):
        self._action(relation_kind="greeting")
        with self.assertRaises(ValidationError):
            self._action(relation_kind="greeting", cost=50)

    def test_hospitality_stays_below_the_limit_per_head(self):
        self._lunch(300)
        with self.assertRaises(ValidationError):
            self._lunch(302)
        with self.assertRaises(ValidationError):
            self._action(benefit_kind="hospitality")

    def test_a_public_buyer_gets_no_hospitality(self):
        self.deal.kams_legal_regime = "gov_procurement"
        with self.assertRaises(ValidationError):
            self._lunch(2)

    def test_without_a_rule_nothing_is_allowed(self):
        self.env["kams.legal.rule"].search([("key", "=", "benefit_hospitality_limit")]).unlink()
        with self.assertRaises(ValidationError):
            self._lunch(1)

    def test_hospitality_is_done_once_somebody_else_approved_it(self):
        lunch = self._lunch()
        with self.assertRaises(ValidationError):
            lunch.action_done()
        with self.assertRaises(AccessError):
            lunch.with_user(self.salesperson).action_approve_benefit()
        own = self._lunch(user_id=self.director.id)
        with self.assertRaises(UserError):
            own.with_user(self.director).action_approve_benefit()
        with self.assertRaises(UserError):
            lunch.write({"benefit_approved_by_id": self.director.id})
        lunch.with_user(self.director).action_approve_benefit()
        with self.assertRaises(ValidationError):
            lunch.user_id = self.director
        lunch.action_done()
        self.assertEqual((lunch.state, lunch.benefit_approved_by_id), ("done", self.director))

    def test_closing_the_activity_is_no_way_round(self):
        self.plan.action_activate()
        lunch = self._lunch()
        with self.assertRaises(ValidationError):
            lunch.activity_id.action_feedback(feedback="Had lunch")

    def test_an_approval_holds_for_what_it_was_given_for(self):
        lunch = self._lunch()
        lunch.with_user(self.director).action_approve_benefit()
        lunch.write({"benefit_value": 100, "expected": "A date for the visit"})
        self.assertTrue(lunch.benefit_approved_by_id)
        lunch.benefit_value = 120
        self.assertFalse(lunch.benefit_approved_by_id or lunch.benefit_approved_on)

    def test_nobody_is_born_approved(self):
        lunch = self._lunch(benefit_approved_by_id=self.director.id)
        self.assertFalse(lunch.benefit_approved_by_id)

    def test_what_was_given_stays(self):
        lunch = self._lunch()
        lunch.with_user(self.director).action_approve_benefit()
        lunch.action_done()
        given = lunch.with_user(self.salesperson)
        for route in (
            lambda: given.write({"benefit_kind": "none"}),
            lambda: given.write({"benefit_value": 1}),
            lambda: given.write({"state": "open"}),
            given.unlink,
            self.plan.with_user(self.salesperson).unlink,
        ):
            with self.assertRaises(UserError):
                route()
        given.write({"result": "They will visit us"})
        lunch.with_user(self.director).write({"state": "open"})
        self.assertIn("took", self.plan.message_ids[0].body)

    def test_a_price_reduction_goes_to_the_customer_and_into_the_books(self):
        terms = {"benefit_kind": "discount", "benefit_terms": "Contract 7, clause 3"}
        for wrong in (
            {**terms, "recipient_id": self.engineer.id},
            {**terms, "recipient_id": False},
            {**terms, "recipient_id": self.customer.id, "benefit_terms": False},
        ):
            with self.assertRaises(ValidationError):
                self._action(**wrong)
        action = self._action(**terms, recipient_id=self.customer.id)
        with self.assertRaises(ValidationError):
            action.action_done()
        move = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.customer.id,
                "invoice_date": self.today,
                "invoice_line_ids": [Command.create({"name": "Bonus", "quantity": 1, "price_unit": 9})],
            }
        )
        action.benefit_move_id = move
        with self.assertRaises(ValidationError):
            action.action_done()
        move.action_post()
        action.action_done()
        self.assertEqual(action.state, "done")

    def test_a_commission_goes_to_a_firm_in_between(self):
        terms = {"benefit_kind": "commission", "benefit_terms": "Agency agreement 3"}
        agency = self.env["res.partner"].create({"name": "Agency", "is_company": True})
        for wrong in (self.customer, self.engineer):
            with self.assertRaises(ValidationError):
                self._action(**terms, recipient_id=wrong.id)
        self._action(**terms, recipient_id=agency.id)
        self.env["kams.stakeholder"].create({"lead_id": self.deal.id, "partner_id": agency.id})
        with self.assertRaises(ValidationError):
            self._action(**terms, recipient_id=agency.id)


@tagged("post_install", "-at_install")
class TestRelation(RelationCase):
    """8.6: whom we want where, how the relationship is doing, and what comes next."""

    def test_c35_relation_health(self):
        parts = {"coverage": 80, "contact": 75, "support": 60.42, "satisfaction": 90, "issues": 70}
        weights = self.env["kams.plan"]._relation_weights()
        self.assertEqual(sum(weights.values()), 100)
        self.assertAlmostEqual(relation.health(parts, weights), 75.834, 3)

    def _chain(self):
        """Four of five key players met; support 5/24 as in C20."""
        self.zhao.unlink()
        people = [(5, "0", "eb", True), (3, "-1", "tb", True), (2, "2", "ub", True), (2, "2", "coach", True)]
        for number, (influence, attitude, role, met) in enumerate([*people, (False, False, False, False)]):
            self.env["kams.stakeholder"].create(
                {
                    "lead_id": self.deal.id,
                    "partner_id": self.env["res.partner"].create({"name": f"P{number}"}).id,
                    "influence": influence and str(influence),
                    "attitude": attitude,
                    "mh_role": role,
                    "political": "inner_circle",
                    "coverage": "multiple" if met else "none",
                }
            )

    def test_health_is_made_of_what_was_recorded(self):
        self._chain()
        self._answer([5]).action_done()
        self._answer([4], partner_id=self.buyer.id).action_done()
        for days in (100, 70, 40):
            action = self._action(stakeholder_id=False, name=f"Visit {days}")
            self.env.cr.execute(
                "UPDATE kams_plan_action SET state = 'done', done_on = %s WHERE id = %s",
                [self.today - timedelta(days=days), action.id],
            )
        self.env.invalidate_all()
        plan = self.plan
        self.assertAlmostEqual(plan.relation_coverage, 80)
        self.assertAlmostEqual(plan.relation_contact, 75)  # 3 of 120 ÷ 30
        self.assertAlmostEqual(plan.relation_support, 60.42, 2)
        self.assertAlmostEqual(plan.relation_satisfaction, 90)
        self.assertIs(plan.relation_issues, False)
        # (20 + 18.75 + 12.0833 + 18) ÷ 0.9
        self.assertAlmostEqual(plan.relation_health, 76.48, 2)
        self.assertIn("Not known, so left out: Issues Closed", plan.relation_drivers)
        plan.action_activate()
        self.assertAlmostEqual(self.deal.kams_relation_health, plan.relation_health)
        self.assertAlmostEqual(self.deal.kams_satisfaction_score, 4.5)

    def test_nothing_known_is_blank(self):
        deal = self._deal()
        self.assertIs(deal.kams_relation_health, False)
        self.assertIs(deal.kams_satisfaction_score, False)
        account = self.env["kams.account"].create({"partner_id": self.env["res.partner"].create({"name": "New"}).id})
        self.assertIs(account.relation_health, False)
        self.assertIs(account.satisfaction_score, False)

    def test_the_account_says_it_of_all_its_deals(self):
        self._answer([5]).action_done()
        other = self._deal(partner_id=self.customer.id, name="Other")
        self._answer([3], lead_id=other.id).action_done()
        account = self.deal.kams_account_id or self.env["kams.account"].create({"partner_id": self.customer.id})
        self.assertEqual(account.lead_ids, self.deal | other)
        self.assertAlmostEqual(account.satisfaction_score, 4.0)
        plan = self.plan.create({"kind": "relationship", "account_id": account.id, "state": "draft"})
        self.assertEqual(plan.name, "Relationship Plan")
        self.assertAlmostEqual(plan.relation_satisfaction, 80)

    def test_figures_of_many_take_as_many_statements_as_of_one(self):
        plans = self.plan
        for number in range(4):
            deal = self._deal(name=f"Deal {number}", partner_id=self.customer.id)
            plans |= self.plan.copy({"lead_id": deal.id})
        plans.action_activate()
        counts = []
        for some in (plans[:1], plans):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("relation_health")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
        counts = []
        deals = self.env["crm.lead"].browse(plans.lead_id.ids)
        for some in (deals[:1], deals):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("kams_relation_health")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])

    def test_where_somebody_stood_after_is_where_they_stand(self):
        self.zhao.attitude = "-1"
        action = self._action(attitude_wanted="1")
        self.assertEqual(action.attitude_now, "-1")
        action.write({"attitude_after": "1", "state": "done"})
        self.assertEqual((self.zhao.attitude, action.attitude_now), ("1", "-1"))

    def test_people_of_the_chain_are_taken_once(self):
        self.env["kams.stakeholder"].create({"lead_id": self.deal.id, "partner_id": self.buyer.id})
        self.plan.with_user(self.salesperson).action_take_people()
        self.plan.with_user(self.salesperson).action_take_people()
        self.assertEqual(self.plan.action_ids.partner_id, self.engineer | self.buyer)
        self.assertEqual(len(self.plan.action_ids), 2)

    def test_on_paper_it_says_who_stands_where_and_what_is_not_known(self):
        self.zhao.attitude = "-1"
        text = "<b>مرحبا</b> 😀 " + "很长 " * 3000
        self._action(attitude_wanted="1", name="Show them the plant", expected="x", state="done", result=text)
        self._lunch()
        html, _kind = self.env["ir.actions.report"]._render_qweb_html("kams_sales.report_relation_plan", self.plan.ids)
        page = html.decode()
        for words in ("Engineer Zhao", "Sceptical → Supportive", "not known", "Hospitality", "Own choice", "&lt;b&gt;"):
            self.assertIn(words, page)

    def test_plans_open_in_their_own_form(self):
        form = self.env.ref("kams_sales.kams_plan_relation_view_form")
        self.assertEqual(self.plan.get_formview_id(), form.id)


@tagged("post_install", "-at_install")
class TestFollowOn(RelationCase):
    """What we did leads to the next deal, and both sides say so."""

    def _idea(self, action, user=None):
        context = action["context"]
        wizard = self.env["kams.follow.on"].with_user(user or self.salesperson).with_context(**context)
        return wizard.create({"name": "Spare parts"})

    def test_an_idea_becomes_a_lead_with_its_origin(self):
        idea = self._idea(self._action().with_user(self.salesperson).action_make_follow_on())
        idea.action_confirm()
        lead = self.deal.kams_follow_on_ids
        self.assertEqual(lead.kams_origin_lead_id, self.deal)
        self.assertEqual(lead.partner_id, self.engineer)
        self.assertEqual(lead.kams_account_id, self.deal.kams_account_id)
        self.assertEqual(lead.kams_lead_source_id, self.env.ref("kams_sales.lead_source_upsell"))
        self.assertEqual(lead.user_id, self.salesperson)
        self.assertEqual(self.deal.kams_follow_on_count, 1)
        self.assertEqual(self.plan.action_ids.follow_on_id, lead)

    def test_an_idea_says_what_they_need(self):
        idea = self._idea(self.deal.with_user(self.salesperson).action_kams_make_follow_on())
        idea.name = " "
        with self.assertRaises(UserError):
            idea.action_confirm()

    def test_delivery_passes_its_ideas_to_the_salesperson(self):
        delivery = self.env["kams.delivery"].create({"lead_id": self.deal.id})
        engineer = self._person("kams_delivery", "kams_sales.group_delivery,project.group_project_user")
        mine = delivery.with_user(engineer)
        self.assertFalse(self.env["crm.lead"].with_user(engineer).has_access("create"))
        self._idea(mine.action_make_follow_on(), engineer).action_confirm()
        lead = self.deal.kams_follow_on_ids
        self.assertEqual((lead.user_id, lead.name), (self.salesperson, "Spare parts"))
        self.assertIn("heard of this need", lead.message_ids[0].body)
        mine.read(["satisfaction_score", "relation_health", "relation_note"])

    def test_a_stranger_makes_no_lead_of_a_deal_they_do_not_see(self):
        values = {"lead_id": self.deal.id, "customer_id": self.customer.id, "name": "Spare parts"}
        wizard = self.env["kams.follow.on"].with_user(self.colleague).create(values)
        with self.assertRaises(AccessError):
            wizard.action_confirm()

    def test_nothing_follows_from_itself(self):
        other = self._deal(name="Other", kams_origin_lead_id=self.deal.id)
        for lead, origin in ((self.deal, other), (other, other)):
            with self.assertRaises(ValidationError):
                lead.kams_origin_lead_id = origin

    def test_merged_deals_keep_where_they_came_from(self):
        origin = self._deal(name="Origin", partner_id=self.customer.id)
        first = self._deal(name="First", partner_id=self.customer.id, kams_origin_lead_id=origin.id)
        second = self._deal(name="Second", partner_id=self.customer.id)
        follower = self._deal(name="Follower", kams_origin_lead_id=second.id)
        stays = (first | second).merge_opportunity()
        self.assertEqual(stays.kams_origin_lead_id, origin)
        self.assertEqual(follower.kams_origin_lead_id, stays)
        stays = (stays | origin).merge_opportunity()
        self.assertFalse(stays.kams_origin_lead_id)

    def test_the_origin_may_go(self):
        other = self._deal(name="Other", kams_origin_lead_id=self.deal.id)
        self.deal.unlink()
        self.assertTrue(other.exists())
        self.assertFalse(other.kams_origin_lead_id)

    def test_plain_leads_pay_nothing(self):
        """Neither for the column nor for what counts by it."""
        plain = self.env["crm.lead"].create(
            [{"name": name, "type": "opportunity", "team_id": False} for name in ("Warm", "Plain")]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        for lead in plain:  # the first one warms up what everybody needs
            self.assertFalse(lead.kams_process_id)
            before = self.env.cr.sql_log_count
            self.assertFalse(lead.kams_origin_lead_id)
            self.assertFalse(lead.kams_relation_health)
            self.assertEqual(lead.kams_follow_on_count, 0)
        self.assertEqual(self.env.cr.sql_log_count, before)
