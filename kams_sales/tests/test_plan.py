import doctest
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..tools import plans
from .common import KamsCase


@tagged("post_install", "-at_install")
class TestPlan(KamsCase):
    """Section 0.2: what we want to reach with a customer, measured by Odoo, done through activities."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.account = cls._account()
        cls.plan = cls._plan()

    @classmethod
    def _plan(cls, **vals):
        return cls.env["kams.plan"].create(
            {
                "account_id": cls.account.id,
                "user_id": cls.manager.id,
                "date_from": cls.today - timedelta(days=99),
                "date_to": cls.today + timedelta(days=100),
                "goal": "Double the service business",
                "objective_ids": [
                    Command.create({"name": "Sell service", "measure": "net_sales", "target": 1000}),
                    Command.create({"name": "Be known to the board", "target": 4}),
                ],
                "action_ids": [
                    Command.create(
                        {"name": "Invite the board", "user_id": cls.salesperson.id, "date_due": cls.today, "cost": 500}
                    ),
                    Command.create(
                        {
                            "name": "Call the buyer",
                            "user_id": cls.manager.id,
                            "date_due": cls.today + timedelta(days=9),
                        }
                    ),
                ],
                **vals,
            }
        )

    def _objective(self, measure, **vals):
        return self.env["kams.plan.objective"].create(
            {"plan_id": self.plan.id, "name": measure, "measure": measure, "target": 10, **vals}
        )

    def _now(self, objective):
        self.env.flush_all()
        self.env.invalidate_all()
        return objective.current

    # ARITHMETIC
    def test_the_arithmetic_holds(self):
        self.assertEqual(doctest.testmod(plans).failed, 0)

    # OBJECTIVES
    def test_net_sales_are_invoices_minus_refunds_of_the_period(self):
        self._invoice(900)
        self._invoice(300, refund=True)
        self._invoice(5000, day=self.today - timedelta(days=200))
        self._invoice(7000, partner=self.env["res.partner"].create({"name": "Somebody else"}))
        sales = self.plan.objective_ids[0]
        self.assertEqual(self._now(sales), 600)
        self.assertEqual(sales.progress, 60)

    def test_a_units_sales_are_those_of_its_address(self):
        site = self.env["res.partner"].create({"name": "Site", "parent_id": self.customer.id, "type": "delivery"})
        unit = self.env["kams.account.unit"].create(
            {"account_id": self.account.id, "name": "Generation", "partner_id": site.id}
        )
        objective = self._objective("net_sales", unit_id=unit.id)
        self._invoice(900, partner_shipping_id=self.customer.id)
        self._invoice(70, partner_shipping_id=site.id)
        self.assertEqual(self._now(objective), 70)

    def test_every_measure_reads_odoos_records(self):
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": self.customer.id})
        deal = self._deal(partner_id=contact.id, expected_revenue=400, kams_procurement_mode="direct")
        lost = self._deal(partner_id=self.customer.id, expected_revenue=70)
        lost.action_set_lost()
        self._meeting(deal)
        self._meeting(deal, days=3)
        self._quotation(deal).action_confirm()
        deal.expected_revenue = 400
        late = self._invoice(250)
        late.line_ids.filtered("date_maturity").date_maturity = self.today - timedelta(days=1)
        expected = {
            "pipeline": 400,
            "new_deals": 2,
            "meetings": 1,
            "orders": 1000,
            "overdue": late.amount_residual,
            "net_sales": 250,
            "deals_won": 0,
            "penetration": False,
        }
        self.assertEqual(set(expected), set(self.plan.objective_ids._measure_labels()), "Each measure is tried here.")
        for measure, value in expected.items():
            with self.subTest(measure=measure):
                self.assertEqual(self._now(self._objective(measure)), value)

    def test_penetration_is_read_from_the_whitespace_grid(self):
        category = self.env["product.category"].create({"name": "Turbines", "kams_is_offering": True})
        unit = self.env["kams.account.unit"].create({"account_id": self.account.id, "name": "Generation"})
        cells = unit.cell_ids
        cells.state = "na"
        cells.filtered(lambda cell: cell.offering_id == category).state = "installed"
        self.assertEqual(self._now(self._objective("penetration", target=100)), 100)

    def test_a_typed_value_says_so_and_by_whom(self):
        objective = self.plan.objective_ids[1].with_user(self.manager)
        self.assertIs(objective.current, False)
        self.assertIs(objective.progress, False)
        objective.current = 1
        self.assertEqual((objective.progress, objective.typed_by), (25, self.manager))
        self.assertTrue(objective.typed_on)
        objective.current = 0
        self.assertIsNot(self._now(objective), False)
        self.assertEqual((objective.current, objective.progress), (0, 0))

    def test_what_odoo_measures_is_not_typed(self):
        with self.assertRaisesRegex(UserError, "“Sell service” is read from Odoo's records \\(Net sales\\)"):
            self.plan.objective_ids[0].current = 5

    def test_a_level_counts_from_where_it_stood_when_the_plan_began(self):
        late = self._invoice(100)
        late.line_ids.filtered("date_maturity").date_maturity = self.today - timedelta(days=1)
        objective = self._objective("overdue", target=20)
        self.plan.action_activate()
        self.assertEqual(objective.start, 100)
        self._invoice(40, refund=True).line_ids.filtered("date_maturity").date_maturity = self.today - timedelta(days=1)
        self.assertEqual(self._now(objective), 60)
        self.assertEqual(objective.progress, 50)

    def test_measuring_takes_one_statement_a_measure_for_any_number_of_plans(self):
        counts = []
        for number in (1, 12):
            accounts = self.env["kams.account"].create(
                [{"partner_id": self._company(f"C{number}-{n}").id} for n in range(number)]
            )
            made = self.env["kams.plan"].create(
                [
                    {
                        "account_id": account.id,
                        "date_from": date(2026, 1, 1) + timedelta(days=n),
                        "objective_ids": [
                            Command.create({"name": measure, "measure": measure, "target": 5})
                            for measure in ("net_sales", "orders", "pipeline", "meetings", "overdue")
                        ],
                    }
                    for n, account in enumerate(accounts)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            made.objective_ids.mapped("progress")
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[1], 20)

    # ACTIONS AND ACTIVITIES
    def test_actions_of_an_active_plan_stand_in_their_owners_activities(self):
        self.assertFalse(self.plan.action_ids.activity_id)
        self.plan.action_activate()
        invite, call = self.plan.action_ids
        self.assertEqual(
            [(one.summary, one.user_id, one.date_deadline) for one in (invite.activity_id, call.activity_id)],
            [
                ("Invite the board", self.salesperson, self.today),
                ("Call the buyer", self.manager, self.today + timedelta(days=9)),
            ],
        )
        later = self.plan.action_ids.create({"plan_id": self.plan.id, "name": "Thank them"})
        self.assertTrue(later.activity_id)

    def test_closing_the_activity_closes_the_action(self):
        self.plan.action_activate()
        invite = self.plan.action_ids[0]
        invite.activity_id.with_user(self.salesperson).action_feedback(feedback="They come")
        self.assertEqual((invite.state, invite.result, invite.done_on), ("done", "They come", self.today))

    def test_closing_the_action_closes_the_activity(self):
        self.plan.action_activate()
        invite = self.plan.action_ids[0]
        activity = invite.activity_id
        invite.write({"result": "They come", "state": "done"})
        self.assertFalse(activity.active)
        self.assertIn("They come", self.plan.message_ids[0].body)
        invite.state = "open"
        self.assertTrue(invite.activity_id.active)
        self.assertNotEqual(invite.activity_id, activity)

    def test_a_new_owner_or_day_moves_the_activity_and_the_other_way_round(self):
        self.plan.action_activate()
        call = self.plan.action_ids[1]
        tomorrow, later = self.today + timedelta(days=1), self.today + timedelta(days=30)
        call.write({"user_id": self.salesperson.id, "date_due": tomorrow})
        self.assertEqual((call.activity_id.user_id, call.activity_id.date_deadline), (self.salesperson, tomorrow))
        call.activity_id.write({"user_id": self.director.id, "date_deadline": later})
        self.assertEqual((call.user_id, call.date_due), (self.director, later))

    def test_a_cancelled_activity_drops_its_action(self):
        self.plan.action_activate()
        call = self.plan.action_ids[1]
        call.activity_id.unlink()
        self.assertEqual(call.state, "dropped")

    def test_an_owner_without_the_account_sees_the_plan_and_closes_the_own_action(self):
        self.plan.action_activate()
        invite = self.plan.action_ids[0]
        plan = self.plan.with_user(self.salesperson)
        self.assertTrue(plan.has_access("read"))
        self.assertFalse(self.plan.with_user(self.colleague).has_access("read"))
        invite.activity_id.with_user(self.salesperson).action_done()
        self.assertEqual(invite.state, "done")

    def test_a_closed_plan_leaves_no_activity_and_a_deleted_action_neither(self):
        self.plan.action_activate()
        self.plan.action_ids[0].unlink()
        self.assertEqual(len(self.plan.activity_ids), 2)
        self.plan.action_close()
        self.assertFalse(self.plan.activity_ids)
        self.assertEqual(self.plan.action_ids.state, "open", "The plan says that it wasn't done.")

    def test_activities_of_other_records_cost_no_statement_of_plans(self):
        activity = self._deal().activity_schedule("mail.mail_activity_data_todo")
        other = self._deal().activity_schedule("mail.mail_activity_data_todo")
        found = []
        execute = type(self.cr).execute

        def watch(cursor, query, params=None, log_exceptions=True):
            found.append(str(getattr(query, "code", query)))
            return execute(cursor, query, params, log_exceptions)

        self.patch(type(self.cr), "execute", watch)
        activity.write({"user_id": self.colleague.id})
        activity.action_feedback()
        other.unlink()
        self.env.flush_all()
        self.assertFalse([query for query in found if "kams_plan" in query])

    # HEALTH
    def test_health_is_the_weighted_mean_of_its_drivers(self):
        """Half of the period is over: 25 % of the sales is a pace of 50; one of two due actions is overdue (50);
        the review is on time (100); the last meeting was 60 days ago, half way from fresh to stale (50)."""
        self._invoice(250)
        invite, call = self.plan.action_ids
        invite.date_due = self.today - timedelta(days=2)
        self.plan.action_activate()
        call.state = "done"
        self._meeting(self._deal(partner_id=self.customer.id), days=-60)
        self.env.flush_all()
        self.env.invalidate_all()
        # (50×50 + 50×25 + 100×15 + 50×10) / 100
        self.assertAlmostEqual(self.plan.health, 57.5)
        lines = self.plan.health_drivers.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertRegex(lines[0], "^50 of 100 .*Objectives: 50 % of the period is over; behind: Sell service$")
        self.assertIn("Actions: overdue: Invite the board", self.plan.health_drivers)

    def test_drivers_that_cant_be_told_are_left_out_and_a_draft_has_no_health(self):
        self.assertIs(self.plan.health, False)
        self.plan.objective_ids[0].unlink()
        self.plan.action_activate()
        self.plan.review_date = False
        self.env.invalidate_all()
        self.assertEqual(self.plan.health, 0)  # what is left: no contact yet
        self.assertEqual(len(self.plan.health_drivers.splitlines()), 1)

    def test_weights_are_configuration(self):
        self.plan.action_activate()
        for driver in ("objectives", "actions", "contact"):
            self.env.ref(f"kams_sales.rule_plan_health_{driver}").value = 0
        self.env.invalidate_all()
        self.assertEqual(self.plan.health, 100)

    def test_a_list_of_plans_takes_as_many_statements_for_forty_as_for_two(self):
        counts = []
        for number in (2, 2, 40):
            partners = [self._company(f"L{number}-{n}") for n in range(number)]
            listed = self.env["kams.plan"].create(
                [
                    {
                        "account_id": self._account(partner).id,
                        "user_id": self.manager.id,
                        "goal": "Grow",
                        "objective_ids": [Command.create({"name": "S", "measure": "net_sales", "target": 5})],
                        "action_ids": [Command.create({"name": "Call", "date_due": self.today})],
                    }
                    for partner in partners
                ]
            )
            listed.action_activate()
            self._settle()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["kams.plan"].with_user(self.manager).web_search_read(
                [("id", "in", listed.ids)], {"display_name": {}, "health": {}, "health_drivers": {}, "state": {}}
            )
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[2], counts[1] + 2)
        self.assertLessEqual(counts[2], 15)

    # LIFE
    def test_a_plan_without_goal_or_objective_is_not_activated(self):
        empty = self._plan(goal=False, objective_ids=False)
        with self.assertRaisesRegex(UserError, "isn't ready. Still to fill in: Goal, Objectives"):
            empty.action_activate()
        self.assertEqual(empty.state, "draft")

    def test_two_plans_of_an_account_are_not_in_force_on_the_same_day(self):
        self.plan.action_activate()
        other = self._plan(name="Second")
        with self.assertRaisesRegex(ValidationError, "Second and .* are for the same days. Close one of them first"):
            other.action_activate()
        next_year = self._plan(date_from=self.plan.date_to + timedelta(days=1), date_to="2029-01-01")
        next_year.action_activate()

    def test_states_move_along_listed_ways_only(self):
        with self.assertRaisesRegex(UserError, "cannot go from “Draft” to “Closed”"):
            self.plan.action_close()

    def test_a_closed_plan_keeps_what_it_had_come_to(self):
        self._invoice(600)
        self.plan.action_activate()
        self.plan.action_close()
        self._invoice(300)
        self.assertEqual(self._now(self.plan.objective_ids[0]), 600)
        self.plan.action_reopen()
        self.assertEqual(self._now(self.plan.objective_ids[0]), 900)

    def test_next_years_plan_carries_objectives_and_open_actions_a_year_later(self):
        self.plan.action_activate()
        invite, call = self.plan.action_ids
        invite.state = "done"
        following = self.env["kams.plan"].browse(self.plan.action_next_year()["res_id"])
        year = relativedelta(years=1)
        self.assertEqual((following.state, following.previous_id), ("draft", self.plan))
        self.assertEqual(following.date_from, self.plan.date_from + year)
        self.assertEqual(following.review_date, self.plan.review_date + year)
        self.assertEqual(following.objective_ids.mapped("name"), ["Sell service", "Be known to the board"])
        self.assertEqual(following.objective_ids.mapped("target"), [1000, 4])
        self.assertEqual(following.action_ids.mapped("name"), ["Call the buyer"])
        self.assertEqual(following.action_ids.date_due, call.date_due + year)
        self.assertFalse(following.activity_ids)
        self.assertEqual(self.plan.action_next_year()["res_id"], following.id, "Once is enough.")

    def test_a_plan_is_for_an_account_or_a_deal(self):
        deal = self._deal(partner_id=self.customer.id)
        marketing = self.env["kams.plan"].create({"kind": "project_marketing", "lead_id": deal.id})
        self.assertEqual(marketing.customer_id, self.customer)
        for vals in ({}, {"lead_id": deal.id}):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, "choose the key account or the deal"):
                self.env["kams.plan"].create({"kind": "account", **vals})

    def test_a_deals_plan_follows_it_into_another_company_and_into_a_merge(self):
        there = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        deal, other = self._deal(), self._deal(name="Second")
        plan = self.env["kams.plan"].create(
            {"kind": "project_marketing", "lead_id": other.id, "action_ids": [Command.create({"name": "Show"})]}
        )
        merged = (deal | other).merge_opportunity()
        self.assertEqual(plan.lead_id, merged)
        merged.write({"company_id": there.id, "user_id": False})
        self._settle()
        self.assertEqual((plan.company_id, plan.action_ids.company_id), (there, there))

    def test_a_plain_deal_has_no_plan(self):
        plain = self._deal(team_id=self.env["crm.team"].create({"name": "Plain"}).id)
        with self.assertRaisesRegex(ValidationError, "is not under a KAMS process"):
            self.env["kams.plan"].create({"kind": "project_marketing", "lead_id": plain.id})

    # REVIEW
    def test_the_review_reminds_its_owner_and_comes_back(self):
        self.plan.action_activate()
        reminder = self.plan.review_activity_id
        self.assertEqual((reminder.user_id, reminder.date_deadline), (self.manager, self.plan.review_date))
        self.assertEqual(self.account.next_review_date, self.plan.review_date)
        self.plan.review_date = self.today
        self.assertEqual(reminder.date_deadline, self.today)
        reminder.with_user(self.manager).action_feedback(feedback="On track")
        self.assertEqual(self.plan.last_review, self.today)
        self.assertEqual(self.plan.review_date, self.today + relativedelta(months=3))
        self.assertEqual(self.plan.review_activity_id.date_deadline, self.plan.review_date)
        self.assertNotEqual(self.plan.review_activity_id, reminder)

    # THE ACCOUNT
    def test_the_account_leads_to_its_plan(self):
        self.assertEqual(self.account.plan_count, 1)
        self.assertFalse(self.account.plan_id)
        self.plan.action_activate()
        self.assertEqual(self.account.plan_id, self.plan)
        self.assertEqual(self.account.action_view_plans()["res_id"], self.plan.id)

    def test_readers_change_nothing(self):
        with self.assertRaises(AccessError):
            self.plan.with_user(self.auditor).action_activate()
