import doctest

from odoo.tests import tagged

from ..tools import funnel as arithmetic
from ..wizard import kams_funnel_page
from .past import PHASES, PastCase
from .test_reports import PaperCase


@tagged("post_install", "-at_install")
class TestFunnelPage(PastCase):
    """The funnel on one page, each figure of which leads to its deals."""

    def _page(self, user=None, **vals):
        pages = self.env["kams.funnel.page"].with_user(user or self.director)
        return pages.create({"team_id": self.past_team.id, **vals})

    def test_arithmetic_is_as_its_examples_say(self):
        for module in (arithmetic, kams_funnel_page):
            self.assertEqual(doctest.testmod(module).failed, 0)

    def test_c01_c02_c03_stand_on_the_page(self):
        self._world_c01()
        page = self._page()
        figures = page._figures()
        self.assertEqual([phase["entered"] for phase in figures["phases"]], [120, 72, 48, 36, 18])
        self.assertEqual([phase["code"] for phase in figures["phases"] if phase["narrow"]], ["tendering"])
        self.assertEqual(figures["overall"], 0.1)
        for words in ("60.0 %", "66.7 %", "75.0 %", "50.0 %", "44.4 %", "33.3 %", "Bottleneck", "10.0 %"):
            self.assertIn(words, page.page)

    def test_c10_the_shape_of_what_stands_now(self):
        self._world_c01()
        for reached, number in enumerate((10, 10, 8, 8, 4), 1):
            self._tell(*[self._through(reached)] * number)
        # dated by closing: what is open is in no phase's entries, but stands there
        page = self._page(date_from="2020-01-01", date_to="2030-01-01")
        figures = page._figures()
        self.assertAlmostEqual(figures["shape"]["distortion"], 0.158163, 6)
        self.assertAlmostEqual(figures["shape"]["top"], 0.6125, 4)
        self.assertEqual(figures["shape"]["verdict"], "top_starved")
        self.assertIn("Top-starved", page.page)

    def test_each_figure_leads_to_as_many_deals(self):
        self._world_c01()
        self._tell(*[self._through(3)] * 4, *[self._through(2, "archived")] * 2, self._through(2, "deleted"))
        page = self._page(date_from="2020-01-01", date_to="2030-01-01")
        figures = page._figures()
        rows = self.env["kams.funnel"].with_user(self.director)
        for place, phase in enumerate(figures["phases"], 1):
            self.assertEqual(phase["code"], PHASES[place - 1])
            for name in kams_funnel_page.OF_PHASE:
                number = int(page._url(name, place).split("/")[-2])
                self.assertEqual(rows.search_count([("figure", "=", number)]), phase[name], (phase["code"], name))
        for name in ("deals_closed", "deals_won", "deals_lost", "deals_undecided", "deals_gone"):
            number = int(page._url(name).split("/")[-2])
            self.assertEqual(rows.search_count([("figure", "=", number)]), figures["totals"][name], name)

    def test_a_page_of_somebody_else_or_of_yesterday_leads_to_nothing(self):
        self._world_c01()
        page = self._page()
        number = page.id * 100 + 10
        self.assertTrue(self.env["kams.funnel"].with_user(self.director).search_count([("figure", "=", number)]))
        self.assertFalse(self.env["kams.funnel"].with_user(self.auditor).search_count([("figure", "=", number)]))
        page.unlink()
        self.assertFalse(self.env["kams.funnel"].with_user(self.director).search_count([("figure", "=", number)]))
        self.assertFalse(self.env["kams.funnel"].with_user(self.director).search_count([("figure", "in", [-5, 99])]))

    def test_a_day_ends_at_midnight_where_the_reader_is(self):
        """23:30 on 31 January in Shanghai is still January there, 15:30 UTC; half an hour past midnight isn't."""
        self.director.tz = "Asia/Shanghai"
        self._tell(
            {"steps": [("2026-01-05", "development"), ("2026-01-31T15:30:00", "lost")]},
            {"steps": [("2026-01-05", "development"), ("2026-01-31T16:30:00", "lost")]},
        )
        january = self._page(date_from="2026-01-01", date_to="2026-01-31")._figures()
        february = self._page(date_from="2026-02-01", date_to="2026-02-28")._figures()
        self.assertEqual((january["totals"]["deals_lost"], february["totals"]["deals_lost"]), (1, 1))
        months = self.env["kams.funnel"].with_user(self.director).with_context(tz="Asia/Shanghai")
        months = months._read_group([("team_id", "=", self.past_team.id)], ["closed_at:month"], ["deals_lost:sum"])
        self.assertEqual([count for _month, count in months], [1, 1])

    def test_a_period_with_nothing_has_no_rate_and_no_verdict(self):
        page = self._page(date_from="1999-01-01", date_to="1999-12-31")
        figures = page._figures()
        self.assertEqual((figures["win_rate"], figures["overall"], figures["shape"]["verdict"]), (None, None, None))
        self.assertIn("no verdict", page.page)
        self.assertNotIn("0.0 %", page.page)

    def test_figures_are_two_statements_for_any_number_of_deals(self):
        self._world_c01()
        page = self._page()
        page._figures()
        self.env.invalidate_all()
        self.env.flush_all()
        with self.assertQueryCount(5):  # and the page itself, its team and rule
            page._figures()

    def test_an_unsaved_page_says_how_its_figures_get_links(self):
        self._world_c01()
        page = self.env["kams.funnel.page"].with_user(self.director).new({"team_id": self.past_team.id})
        self.assertIn("Press “Show”", page.page)
        self.assertNotIn("/odoo/", page.page)

    def test_an_archived_team_and_an_owner_who_left_stay_readable(self):
        self._world_c01()
        page = self._page(user_id=self.salesperson.id)
        self.past_team.active = False
        self.salesperson.active = False
        self.env.invalidate_all()
        self.assertEqual(page._figures()["phases"][0]["entered"], 120)
        [(team, user, count)] = self.env["kams.funnel"]._read_group(
            [("team_id", "=", self.past_team.id)], ["team_id", "user_id"], ["deals:sum"]
        )
        self.assertEqual((team, user, count), (self.past_team, self.salesperson, 120))


@tagged("post_install", "-at_install")
class TestFunnelOnPaper(PaperCase, PastCase):
    """The funnel report on paper."""

    def test_the_cohort_the_shape_and_the_filters_are_printed(self):
        self._world_c01()
        pages = self.env["kams.funnel.page"].with_user(self.director)
        page = pages.create({"team_id": self.past_team.id, "date_from": "2020-01-01", "date_to": "2030-01-01"})
        text = " ".join(self._print("kams_sales.report_funnel", page, user=self.director))
        for words in ("Funnel Report", "Team of the past", "120", "60.0 %", "44.4 %", "Bottleneck"):
            self.assertIn(words, text)
        self.assertIn("no verdict", text)

    def test_an_empty_funnel_prints(self):
        page = self.env["kams.funnel.page"].with_user(self.director).create({"date_from": "2090-01-01"})
        self.assertIn("Customer Development", " ".join(self._print("kams_sales.report_funnel", page, self.director)))
