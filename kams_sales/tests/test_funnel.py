from odoo.tests import tagged

from .past import PHASES, PastCase


@tagged("post_install", "-at_install")
class TestFunnel(PastCase):
    """What came of deals, phase by phase, from their history alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.funnel = cls.env["kams.funnel"]

    def _rates(self, *measures, group="phase_code", domain=()):
        """``{phase: values}`` of this case's team."""
        groups = self.funnel._read_group([("team_id", "=", self.past_team.id), *domain], [group], measures)
        return {key: values[0] if len(values) == 1 else tuple(values) for key, *values in groups}

    def _rows(self, deal, *names):
        rows = self.funnel.search([("lead_ref", "=", deal.id)])
        return [(row.phase_code, *(row[name] for name in names)) for row in rows]

    # Worked examples
    def test_c01_conversion_is_of_the_cohort(self):
        self._world_c01()
        self._tell(self._through(1), self._through(3), self._through(5))  # open ones don't count where they stand
        entered = self._rates("entered:sum", "conversion:avg", "present:sum")
        # the open ones did advance from where they were before
        self.assertEqual([value[0] for value in entered.values()], [122, 74, 49, 37, 18])
        self._assert_close([value[1] for value in entered.values()], [74 / 122, 50 / 74, 37 / 49, 19 / 37, 12 / 18])
        self.assertEqual([value[2] for value in entered.values()], [1, 0, 1, 0, 1])

    def test_c01_c02_c03_of_closed_deals(self):
        self._world_c01()
        found = self._rates("entered:sum", "conversion:avg", "leaked:sum", "leak_share:avg", "win_probability:avg")
        entered, conversion, leaked, share, probability = (list(one) for one in zip(*found.values(), strict=True))
        self.assertEqual(list(found), list(PHASES))
        self.assertEqual(entered, [120, 72, 48, 36, 18])
        self._assert_close(conversion, [0.6, 2 / 3, 0.75, 0.5, 2 / 3])
        self.assertEqual((leaked, sum(leaked)), ([48, 24, 12, 18, 6], 120 - 12))
        self._assert_close(share[:1], [48 / 108])
        self._assert_close(probability, [0.1, 1 / 6, 0.25, 1 / 3, 2 / 3])
        mine = [("team_id", "=", self.past_team.id)]
        self.assertEqual(
            self.funnel._win_probabilities(mine),
            dict(zip(PHASES, [(12, 120), (12, 72), (12, 48), (12, 36), (12, 18)], strict=True)),
        )

    def test_phases_together_have_no_conversion_of_their_own(self):
        self._world_c01()
        mine = [("team_id", "=", self.past_team.id)]
        names = ("entered:sum", "conversion:avg", "win_probability:avg", "win_low:avg", "back_rate:avg")
        [found] = self.funnel._read_group(mine, [], names)
        self.assertEqual(found, (120 + 72 + 48 + 36 + 18, False, False, False, False))
        [found] = self.env["kams.phase.time"]._read_group(mine, [], ["visited:sum", "back_rate:avg"])
        self.assertEqual(found, (120 + 72 + 48 + 36 + 18, False))

    def _assert_close(self, percent, shares):
        for found, wanted in zip(percent, shares, strict=True):
            self.assertAlmostEqual(found, 100 * wanted, 9)

    def test_c09_median_of_won_deals(self):
        days = (20, 30, 28, 45, 77)
        self._tell(*(self._through(5, "won", days=[each, 1, 1, 1, 1]) for each in days))
        self._tell(self._through(5, "lost", days=500), self._through(2, days=300))
        won = self._rates("mean_days:avg", "median_days:avg", "p80_days:avg", domain=[("outcome", "=", "won")])
        self.assertEqual(won["development"][:2], (40.0, 30.0))
        self.assertAlmostEqual(won["development"][2], 51.4, 9)  # 45 + 0.2 × (77 − 45)
        mine = [("team_id", "=", self.past_team.id)]
        self.assertEqual(self.funnel._median_days(mine)["development"], 30.0)

    def test_c38_a_deal_without_a_decision_is_neither_won_nor_lost(self):
        self._tell(
            *[self._through(5, "won")] * 12, *[self._through(2, "lost")] * 18, *[self._through(3, "archived")] * 10
        )
        found = self._rates("win_rate:avg", "undecided_rate:avg", "deals:sum", group="team_id")[self.past_team]
        self.assertEqual(found, (40.0, 25.0, 40))

    # How deals go
    def test_a_phase_jumped_over_was_entered_and_advanced_from(self):
        [deal] = self._tell(
            {"steps": [("2026-01-05", "development"), ("2026-02-05", "tendering"), ("2026-03-05", "lost")]}
        )
        self.assertEqual(
            self._rows(deal, "state", "entered", "advanced", "leaked", "visits", "days"),
            [
                ("development", "advanced", 1, 1, 0, 1, 31.0),
                ("initiation", "advanced", 1, 1, 0, 0, False),
                ("proposal", "advanced", 1, 1, 0, 0, False),
                ("tendering", "lost", 1, 0, 1, 1, 28.0),
            ],
        )
        self.assertEqual({str(when) for _phase, when in self._rows(deal, "entered_at")[1:]}, {"2026-02-05 08:00:00"})

    def test_a_phase_that_the_way_of_buying_skips_is_not_there(self):
        deals = self._tell(
            {**self._through(3, "won"), "mode": "direct"}, {**self._through(3, "won"), "mode": "tender_open"}
        )
        self.assertNotIn("tendering", [row[0] for row in self._rows(deals[0])])
        self.assertIn("tendering", [row[0] for row in self._rows(deals[1])])
        self.assertEqual(self._rows(deals[0], "state")[-1], ("negotiation", "won"))

    def test_a_deal_that_went_back_three_times(self):
        steps = [("2026-01-01", "development"), ("2026-01-11", "initiation")]
        for month in ("02", "03", "04"):
            steps += [(f"2026-{month}-01", "proposal"), (f"2026-{month}-11", "initiation")]
        [deal] = self._tell({"steps": [*steps, ("2026-05-01", "proposal"), ("2026-05-02", "lost")]})
        times = self.env["kams.phase.time"].search([("lead_ref", "=", deal.id)])
        self.assertEqual(times.mapped("went_back"), [0, 0, 3])
        self.assertEqual(times.mapped("days"), [10.0, 80.0, 31.0])
        rows = self._rows(deal, "state", "visits", "went_back", "days", "leaked")
        self.assertEqual(
            rows,
            [
                ("development", "advanced", 1, 0, 10.0, 0),
                ("initiation", "advanced", 4, 0, 21 + 18 + 21 + 20, 0),
                ("proposal", "lost", 4, 3, 31.0, 1),
            ],
        )
        self.assertEqual(self._rates("back_rate:avg")["proposal"], 100.0)

    def test_an_open_deal_that_went_back_stands_where_it_is_and_leaked_nowhere(self):
        [deal] = self._tell(
            {"steps": [("2026-01-05", "initiation"), ("2026-02-05", "tendering"), ("2026-03-05", "proposal")]}
        )
        self.assertEqual(
            self._rows(deal, "state", "present", "entered", "leaked"),
            [
                ("development", "advanced", 0, 1, 0),
                ("initiation", "advanced", 0, 1, 0),
                ("proposal", "advanced", 1, 1, 0),
                ("tendering", "open", 0, 0, 0),
            ],
        )

    def test_a_lost_deal_that_was_opened_again_and_won_is_won_once(self):
        [deal] = self._tell(
            {
                "steps": [
                    ("2026-01-05", "development"),
                    ("2026-02-05", "lost"),
                    ("2026-04-05", "development"),
                    ("2026-04-15", "negotiation"),
                    ("2026-05-05", "won"),
                ]
            }
        )
        rows = self._rows(deal, "won", "lost", "closed")
        self.assertEqual({row[1:] for row in rows}, {(1, 0, 1)})
        self.assertEqual(self._rows(deal, "days")[0], ("development", 41.0))  # not while it was lost
        self.assertEqual(str(self._rows(deal, "closed_at")[0][1]), "2026-05-05 08:00:00")

    def test_what_changes_after_closing_does_not_move_the_closing(self):
        [deal] = self._tell(
            {"steps": [("2026-01-05", "development"), ("2026-02-05", "won"), ("2026-06-05", None, {"amount": 9.0})]}
        )
        self.assertEqual(str(self._rows(deal, "closed_at")[0][1]), "2026-02-05 08:00:00")
        self.assertEqual(self._rows(deal, "amount")[0][1], 9.0)

    def test_gone_deals_are_shown_and_in_no_rate(self):
        self._tell(*(self._through(2, end) for end in ("deleted", "merged", "left")))
        found = self._rates("__count", "entered:sum", "closed:sum", "conversion:avg", "deals_gone:sum")
        self.assertEqual(found["development"], (3, 0, 0, False, 0))
        self.assertEqual(found["initiation"], (3, 0, 0, False, 3))

    def test_deals_that_came_along_closed_were_never_in_the_funnel(self):
        deals = self._tell({"steps": [("2026-01-05", "won")]})
        self.assertFalse(self.funnel.search([("lead_ref", "in", deals.ids)]))

    def test_without_history_nothing_is_naught_percent(self):
        nobody = self.env["crm.team"].create({"name": "Nobody"})
        domain = [("team_id", "=", nobody.id)]
        self.assertEqual(self.funnel._win_probabilities(domain), {})
        self.assertEqual(self.funnel._median_days(domain), {})
        [found] = self.funnel._read_group(domain, [], ["conversion:avg", "win_rate:avg", "median_days:avg"])
        self.assertEqual(found, (False, False, False))

    def test_one_deal(self):
        [deal] = self._tell(self._through(1))
        self.assertEqual(
            self._rows(deal, "state", "entered", "present", "days"), [("development", "open", 0, 1, False)]
        )
        self.assertEqual(self._rates("conversion:avg", "win_low:avg")["development"], (False, False))

    def test_a_phase_that_a_newer_version_lost_stays_readable(self):
        [deal] = self._tell({**self._through(4, "lost"), "mode": "direct"})  # its route skips tendering, it was there
        self.assertEqual(self._rows(deal, "state", "days")[-1], ("tendering", "lost", 10.0))

    def test_the_tier_is_that_of_the_day(self):
        account = self._account()
        self.env.flush_all()
        self.env.cr.execute(
            """
            INSERT INTO kams_account_tier_history (account_id, tier_from, tier_to, date, user_id, company_id)
            VALUES (%(a)s, NULL, 'c', '2026-01-01', 1, %(c)s), (%(a)s, 'c', 'a', '2026-06-01', 1, %(c)s)
            """,
            {"a": account.id, "c": account.company_id.id},
        )
        deals = self._tell(
            self._through(1, "lost", account=account, start="2025-01-05"),
            self._through(1, "lost", account=account, start="2026-02-05"),
            self._through(1, "lost", account=account, start="2026-08-05"),
            self._through(1, account=account),
            self._through(1),
        )
        self.assertEqual([self._rows(deal, "tier")[0][1] for deal in deals], [False, "c", "a", "a", False])

    def test_statements_for_joins_say_the_same_as_the_methods(self):
        self._world_c01()
        for named, statement in (
            (self.funnel._win_probabilities(), self.funnel._win_probabilities_sql()),
            (self.funnel._median_days(), self.funnel._median_days_sql()),
        ):
            found = {}
            for phase, company, *values in self.env.execute_query(statement):
                if company == self.env.company.id:
                    found[phase] = tuple(values) if len(values) > 1 else values[0]
            self.assertEqual(found, named)

    def test_days_of_a_phase_against_its_standard(self):
        [deal] = self._tell(self._through(2, "lost", days=[46, 30]))
        self.assertEqual(
            self._rows(deal, "standard_days", "over_standard"),
            [("development", 45, True), ("initiation", 30, False)],
        )
        self.assertEqual(self._rates("on_time_rate:avg"), {"development": 0.0, "initiation": 100.0})

    def test_everybody_sees_rows_of_the_deals_they_see(self):
        self._tell(self._through(2), self._through(2, user=self.colleague), self._through(2, "deleted"))
        for model in ("kams.funnel", "kams.phase.time"):
            rows = self.env[model]
            for user, seen in ((self.salesperson, 4), (self.colleague, 2), (self.director, 6), (self.auditor, 6)):
                self.assertEqual(
                    rows.with_user(user).search_count([("team_id", "=", self.past_team.id)]), seen, (model, user.login)
                )

    def test_leaving_kams_is_no_step_back(self):
        [deal] = self._tell(self._through(3, "left"))
        self.assertEqual({row[1] for row in self._rows(deal, "went_back")}, {0})

    def test_leakage_is_shared_the_same_however_it_is_grouped(self):
        self._world_c01()
        mine = [("team_id", "=", self.past_team.id)]
        by_phase, by_both, total = self.funnel._read_grouping_sets(
            mine, [["phase_code"], ["phase_code", "user_id"], []], ["leak_share:avg"]
        )
        self.assertAlmostEqual(by_phase[0][-1], 100 * 48 / 108, 9)
        self.assertAlmostEqual(by_both[0][-1], 100 * 48 / 108, 9)
        self.assertAlmostEqual(total[0][-1], 100.0, 9)

    def test_time_in_phase_is_told_by_a_report_of_its_own(self):
        self._tell(*(self._through(5, "won", days=[each, 1, 1, 1, 1]) for each in (20, 30, 28, 45, 77)))
        self._tell(self._through(1, start="2026-01-05"))
        found = self.env["kams.phase.time"]._read_group(
            [("team_id", "=", self.past_team.id)],
            ["phase_code"],
            ["visited:sum", "timed:sum", "mean_days:avg", "median_days:avg", "standard_days:avg", "on_time_rate:avg"],
        )
        self.assertEqual(found[0][1:5], (6, 5, 40.0, 30.0))
        self.assertEqual(found[0][6], 80.0)
        self.assertEqual([row[0] for row in found], list(PHASES))

    def test_a_row_opens_its_deal_and_says_when_it_is_gone(self):
        [deal] = self._tell(self._through(1))
        row = self.funnel.search([("lead_ref", "=", deal.id)])
        self.assertEqual(row.action_open_deal()["res_id"], deal.id)
