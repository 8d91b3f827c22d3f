import doctest
from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..tools import targets
from .common import KamsCase


@tagged("post_install", "-at_install")
class TestDevelopmentTarget(KamsCase):
    """Section 3.1: what development must bring, and how many leads that asks for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.plain_team = cls.env["crm.team"].create({"name": "Plain"})
        cls.won_stage = cls.env["crm.stage"].create(
            {"name": "Won here", "is_won": True, "team_ids": cls.plain_team.ids}
        )

    @classmethod
    def _target(cls, **vals):
        return cls.env["kams.development.target"].create(
            {
                "name": "Utilities",
                "revenue_target": 12_000_000,
                "team_id": cls.plain_team.id,
                "date_from": cls.today - timedelta(days=30),
                "date_to": cls.today + timedelta(days=30),
                **vals,
            }
        )

    def _close(self, won, amount=100.0, days=0, partner=None, **vals):
        """A deal of the plain team, won or lost so many days ago."""
        deal = self._deal(
            team_id=self.plain_team.id,
            partner_id=(partner or self.customer).id,
            expected_revenue=amount,
            **vals,
        )
        if won:
            deal.stage_id = self.won_stage
        else:
            deal.action_set_lost()
        deal.date_closed = fields.Datetime.now() - timedelta(days=days)
        return deal

    def test_the_arithmetic_holds(self):
        self.assertEqual(doctest.testmod(targets).failed, 0)

    def test_c17_twelve_million_ask_for_24_wins_and_240_leads(self):
        target = self._target(avg_deal=500_000, overall_conversion=10)
        self.assertEqual((target.required_wins, target.required_leads), (24, 240))

    def test_without_average_deal_or_conversion_nothing_is_required(self):
        target = self._target()
        self.assertIs(target.required_wins, False)
        self.assertIs(target.required_leads, False)
        self.assertIs(target.leads_share, False)
        target.avg_deal = 500_000
        self.assertEqual(target.required_wins, 24)
        self.assertIs(target.required_leads, False)

    def test_actual_figures_come_from_the_deals_in_scope(self):
        new = self.env["res.partner"].create({"name": "New Power", "is_company": True})
        self._close(True, 300_000, days=40)  # the customer isn't new any more
        self._close(True, 200_000)
        self._close(True, 400_000, partner=new)
        self._close(False, 900_000)
        self._deal(partner_id=self.customer.id, expected_revenue=50)  # of another team
        self._deal(team_id=self.plain_team.id)
        target = self._target(avg_deal=500_000, overall_conversion=10, new_account_target=4)
        self.assertEqual(
            (target.actual_leads, target.actual_wins, target.actual_revenue, target.actual_accounts),
            (5, 2, 600_000, 1),
        )
        self.assertAlmostEqual(target.wins_share, 100 * 2 / 24)
        self.assertEqual((target.revenue_share, target.accounts_share), (5, 25))

    def test_scopes_narrow_down(self):
        industry = self.env["res.partner.industry"].create({"name": "Power"})
        country = self.env.ref("base.cn")
        self.customer.write({"industry_id": industry.id, "country_id": country.id})
        other = self.env["res.partner"].create({"name": "Elsewhere", "is_company": True})
        self._close(True, 100)
        self._close(True, 20, partner=other, user_id=self.colleague.id)
        for vals, revenue in (
            ({}, 120),
            ({"user_id": self.colleague.id}, 20),
            ({"industry_id": industry.id}, 100),
            ({"country_id": country.id}, 100),
            ({"team_id": self.env["crm.team"].create({"name": "Idle"}).id}, 0),
        ):
            with self.subTest(vals=vals):
                self.assertEqual(self._target(**vals).actual_revenue, revenue)

    def test_average_and_conversion_come_from_own_history_when_there_is_enough(self):
        self.env.ref("kams_sales.rule_development_history_deals").value = 4
        for amount in (100, 300):
            self._close(True, amount, days=60)
        self._close(False, 900, days=60)
        few = self._target()
        self.assertEqual(few.proposed_from, 3)
        self.assertIs(few.proposed_conversion, False)
        with self.assertRaisesRegex(UserError, "only 3 deals were closed in this scope before"):
            few.action_use_history()
        self._close(False, 900, days=60)
        target = self._target()
        self.assertEqual((target.proposed_from, target.avg_deal, target.overall_conversion), (4, 200, 50))
        typed = self._target(avg_deal=500, overall_conversion=10)
        self.assertEqual((typed.avg_deal, typed.overall_conversion), (500, 10))
        typed.action_use_history()
        self.assertEqual((typed.avg_deal, typed.overall_conversion), (200, 50))

    def test_impossible_figures_are_refused(self):
        for vals in ({"overall_conversion": 0}, {"overall_conversion": 101}, {"revenue_target": -1}, {"avg_deal": -1}):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, "Utilities: "):
                self._target(**vals)

    def test_many_targets_take_as_many_statements_as_one(self):
        counts = []
        for number in (1, 1, 30):
            many = (
                self.env["kams.development.target"]
                .browse()
                .union(
                    *(self._target(name=f"T{n}", date_from=date(2026, 1, 1) - timedelta(days=n)) for n in range(number))
                )
            )
            self._settle()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            many.mapped(lambda target: (target.leads_share, target.proposed_from))
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
        self.assertLessEqual(counts[2], 6)

    def test_targets_are_the_directors_and_a_salesperson_sees_the_own_and_the_common_ones(self):
        own = self._target(user_id=self.salesperson.id)
        common, colleagues = self._target(), self._target(user_id=self.colleague.id)
        seen = self.env["kams.development.target"].with_user(self.salesperson).search([("name", "=", "Utilities")])
        self.assertEqual(seen, own | common)
        self.assertNotIn(colleagues, seen)
        with self.assertRaises(AccessError):
            own.with_user(self.salesperson).revenue_target = 1
        own.with_user(self.director).revenue_target = 1
