import random
from datetime import datetime, time, timedelta

import pytz

from odoo.tests import tagged

from .past import PastCase
from .test_money_history import MoneyCase

MONTHS = ("2025-02-01", "2025-03-01", "2025-04-01")


@tagged("post_install", "-at_install")
class TestForecastInvoiced(PastCase, MoneyCase):
    """An invoice counts for whose the deal was on its day, as history says: the same rule as for what was won."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_team = cls.past_team.copy({"name": "Team that took over"})

    def _forecasts(self, **vals):
        return self.env["kams.forecast"].create(
            [{"period_kind": "month", "date_from": day, "tz": "UTC", "user_id": False, **vals} for day in MONTHS]
        )

    def _changing_hands(self, when="2025-03-10T12:00:00", **vals):
        """A deal of the salesperson and their team, then of the colleague and another team."""
        then = {"user": self.colleague, "team": self.other_team}
        steps = [("2025-01-10", "development"), ("2025-02-05", "won"), (datetime.fromisoformat(when), None, then)]
        return self._tell({"name": "Changes hands", "steps": steps, **vals})

    def test_a_deal_that_changes_hands_takes_no_invoice_along(self):
        deal = self._changing_hands()
        for day, amount in (("2025-02-20", 100.0), ("2025-03-09", 40.0), ("2025-03-11", 7.0), ("2025-04-02", 3.0)):
            self._bill((deal, amount), day=day)
        self._bill((deal, 5.0), day="2025-04-03", kind="out_refund")
        own, theirs = (self._forecasts(user_id=user.id) for user in (self.salesperson, self.colleague))
        teams = [self._forecasts(team_id=team.id) for team in (self.past_team, self.other_team)]
        both = self._forecasts(user_id=self.salesperson.id, team_id=self.other_team.id)
        everybody = own | theirs | teams[0] | teams[1] | both
        found = everybody._invoiced()

        def amounts(forecasts):
            return [found[forecast] for forecast in forecasts]

        self.assertEqual(amounts(own), [100.0, 40.0, 0.0])
        self.assertEqual(amounts(theirs), [0.0, 7.0, -2.0])
        self.assertEqual([amounts(forecasts) for forecasts in teams], [[100.0, 40.0, 0.0], [0.0, 7.0, -2.0]])
        self.assertEqual(amounts(both), [0.0, 0.0, 0.0])
        # each figure leads to its rows
        for forecast in everybody:
            action = forecast.action_money()
            rows = self.env["kams.money"].with_context(**action["context"]).search(action["domain"])
            self.assertAlmostEqual(sum(rows.mapped("net_invoiced")), found[forecast], 6, forecast.display_name)

    def test_the_day_ends_where_the_forecast_is(self):
        """16:00 UTC is midnight in Shanghai: what changes hands then is the next one's from the next day on there."""
        deal = self._changing_hands(when="2025-03-10T16:00:00")
        self._bill((deal, 100.0), day="2025-03-10")
        for zone, mine in (("Asia/Shanghai", 100.0), ("UTC", 0.0), ("America/Los_Angeles", 0.0)):
            forecast = self._forecasts(user_id=self.salesperson.id, tz=zone)
            self.assertEqual(forecast._invoiced()[forecast[1]], mine, zone)
            forecast.unlink()
        deal = self._changing_hands(when="2025-03-11T05:00:00")  # 22:00 of the 10th in Los Angeles
        self._bill((deal, 30.0), day="2025-03-10")
        for zone, mine in (("Asia/Shanghai", 130.0), ("UTC", 30.0), ("America/Los_Angeles", 0.0)):
            forecast = self._forecasts(user_id=self.salesperson.id, tz=zone)
            self.assertEqual(forecast._invoiced()[forecast[1]], mine, zone)
            forecast.unlink()

    def test_an_invoice_from_before_kams_is_the_first_owners(self):
        deal = self._tell(
            {
                "steps": [
                    ("2025-03-20", "proposal"),
                    ("2025-03-25", None, {"user": self.colleague, "team": self.other_team}),
                ]
            }
        )
        self._bill((deal, 100.0), day="2025-02-02")
        own, theirs = (self._forecasts(user_id=user.id) for user in (self.salesperson, self.colleague))
        found = (own | theirs)._invoiced()
        self.assertEqual([found[one] for one in own], [100.0, 0.0, 0.0])
        self.assertEqual([found[one] for one in theirs], [0.0, 0.0, 0.0])

    def test_nobodys_time_is_nobodys(self):
        """While a deal had no salesperson, its invoices are its team's alone."""
        steps = [
            ("2025-01-10", "development"),
            ("2025-02-10", None, {"user": None}),
            ("2025-03-10", None, {"user": self.colleague}),
        ]
        deal = self._tell({"steps": steps})
        self._bill((deal, 60.0), day="2025-02-20")
        own, theirs, team = (
            self._forecasts(**vals)
            for vals in (
                {"user_id": self.salesperson.id},
                {"user_id": self.colleague.id},
                {"team_id": self.past_team.id},
            )
        )
        found = (own | theirs | team)._invoiced()
        self.assertEqual([found[one] for one in own | theirs], [0.0] * 6)
        self.assertEqual([found[one] for one in team], [60.0, 0.0, 0.0])

    def test_money_can_be_asked_by_whose_the_deal_was(self):
        """Any kind of row, in a pivot or a list, without a day or without a deal."""
        deal = self._changing_hands()
        move = self._bill((deal, 100.0), (None, 9.0), day="2025-02-20")
        self._pay(move, day="2025-04-01")
        self.env.invalidate_all()
        rows = self.money.search([("move_id", "=", move.id)])
        told = {(row.kind, row.lead_id == deal): (row.deal_user_id, row.deal_team_id) for row in rows}
        nobody = self.env["res.users"], self.env["crm.team"]
        self.assertEqual(
            told,
            {
                ("invoice", True): (self.salesperson, self.past_team),
                ("payment", True): (self.colleague, self.other_team),
                ("invoice", False): nobody,
                ("payment", False): nobody,
            },
        )
        [expected] = self.money.search([("lead_id", "=", deal.id), ("kind", "=", "forecast")])
        self.assertEqual(expected.deal_user_id, self.colleague)
        groups = self.money._read_group(
            [("lead_id", "=", deal.id), ("deal_user_id", "!=", False)], ["deal_user_id"], ["net_invoiced:sum"]
        )
        self.assertEqual({user: amount or 0.0 for user, amount in groups}[self.salesperson], 100.0)
        # whoever wrote the document is another question
        self.assertEqual(rows.user_id, self.director)

    def test_random_changes_of_hands_are_counted_as_by_hand(self):
        """Each invoice is looked up in each deal's history, row by row."""
        dice, people, teams = random.Random(8), (self.salesperson, self.colleague), (self.past_team, self.other_team)
        begin = datetime(2025, 1, 20)
        deals = self._tell(
            *(
                {
                    "name": f"Random {number}",
                    "steps": [
                        (begin + timedelta(hours=hour), "development" if not place else None, values)
                        for place, (hour, values) in enumerate(
                            (hour, {"user": dice.choice((*people, None)), "team": dice.choice(teams)})
                            for hour in sorted(dice.sample(range(24 * 90), 6))
                        )
                    ],
                }
                for number in range(6)
            )
        )
        bills = [
            (deal, round(dice.uniform(1, 900), 2), begin.date() + timedelta(days=dice.randrange(95)))
            for deal in deals
            for _n in range(5)
        ]
        for deal, amount, day in bills:
            self._bill((deal, amount), day=day)
        history = self.env["kams.deal.history"].search([("lead_ref", "in", deals.ids)], order="valid_from")

        def whose(deal, day, zone):
            ended = pytz.timezone(zone).localize(datetime.combine(day + timedelta(days=1), time.min))
            ended = ended.astimezone(pytz.utc).replace(tzinfo=None)
            rows = history.filtered(lambda row: row.lead_ref == deal.id)
            row = rows.filtered(lambda row: row.valid_from < ended)[-1:] or rows[:1]
            return row.user_id, row.team_id

        for zone in ("Asia/Shanghai", "America/Los_Angeles"):
            forecasts = self.env["kams.forecast"]
            for user in (*people, self.env["res.users"]):
                for team in (*teams, self.env["crm.team"]):
                    forecasts |= self._forecasts(user_id=user.id, team_id=team.id, tz=zone)
            forecasts.filtered(lambda one: not one.user_id and not one.team_id).unlink()
            forecasts = forecasts.exists()
            found = forecasts._invoiced()
            for forecast in forecasts:
                expected = sum(
                    amount
                    for deal, amount, day in bills
                    if forecast.date_from <= day <= forecast.date_to
                    and all(
                        not wanted or wanted == had
                        for wanted, had in zip(
                            (forecast.user_id, forecast.team_id), whose(deal, day, zone), strict=True
                        )
                    )
                )
                self.assertAlmostEqual(found[forecast], expected, 2, (forecast.display_name, zone))
            self.assertTrue(any(found.values()))
            forecasts.unlink()

    def test_all_forecasts_of_a_period_are_one_statement(self):
        deal = self._changing_hands()
        self._bill((deal, 100.0), day="2025-02-20")
        many = self.env["kams.forecast"].create(
            [
                {"period_kind": "month", "date_from": "2025-02-01", "tz": "UTC", "user_id": user.id, "team_id": team.id}
                for user in (self.salesperson, self.colleague)
                for team in (self.past_team, self.other_team)
            ]
        )
        self.env.flush_all()
        many._invoiced()  # what is cached is cached
        with self.assertQueryCount(2):  # and the setting for it
            many._invoiced()
