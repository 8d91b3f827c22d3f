from contextlib import suppress
from datetime import datetime
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import kams_forecast_lock
from .test_target import TargetCase


class ForecastCase(TargetCase):
    @classmethod
    def _forecast(cls, **vals):
        return cls.env["kams.forecast"].create(
            {
                "company_id": cls.firm.id,
                "user_id": cls.salesperson.id,
                "period_kind": "month",
                "date_from": "2026-11-01",
                "tz": "UTC",
                **vals,
            }
        )

    @classmethod
    def _closed(cls, called, won, invoiced=0.0, **vals):
        """A forecast of a period long over, as it would have been locked and closed."""
        forecast = cls._forecast(**vals)
        forecast._engine().write(
            {
                "state": "locked",
                "forecast": called,
                "locked_at": forecast._bounds()[0],
                "won_before": 0.0,
                "adjustment": vals.get("adjustment", 0.0),
            }
        )
        forecast._engine().write({"state": "closed", "actual_won": won, "actual_invoiced": invoiced})
        return forecast

    def _measures(self, domain, *names, groupby=()):
        rows = self.env["kams.forecast.accuracy"]._read_group(
            [("company_id", "=", self.firm.id), *domain], groupby, [f"{name}:avg" for name in names]
        )
        return rows if groupby else rows[0]


@tagged("post_install", "-at_install")
class TestForecast(ForecastCase):
    def setUp(self):
        super().setUp()
        self._at("2026-11-02T09:00:00")

    def _at(self, moment):
        """What the clock says to forecasts."""
        self.now = datetime.fromisoformat(moment)
        for target in ("odoo.fields.Datetime.now",):
            patcher = patch(target, lambda *_args: self.now)
            patcher.start()
            self.addCleanup(patcher.stop)
        patcher = patch("odoo.fields.Date.context_today", lambda *_args, **_kwargs: self.now.date())
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_lock_keeps_the_deals_as_they_are(self):
        due = "2026-11-20"
        told = self._tell(
            self._through(5, amount=100.0, deadline=due, name="Commit"),
            self._through(4, amount=50.0, deadline=due, name="Best"),
            self._through(2, amount=20.0, deadline="2026-10-01", name="Late"),
            self._through(3, amount=7.0, deadline="2026-12-05", name="After"),
            self._through(3, amount=8.0, name="No date"),
            self._through(5, amount=9.0, deadline=due, name="Colleague's", user=self.colleague),
            self._through(5, "won", amount=3.0, deadline=due, name="Won", start="2026-11-01T10:00:00", days=0.01),
        )
        told[1].kams_forecast_category = "commit"
        told[4].kams_forecast_category = "best_case"
        forecast = self._forecast()
        self.assertEqual(
            (forecast.commit_amount, forecast.best_case_amount, forecast.pipeline_amount), (150.0, 8.0, 20.0)
        )
        forecast.action_lock()
        self.assertEqual(forecast.state, "locked")
        self.assertEqual((forecast.won_before, forecast.forecast, forecast.adjusted), (3.0, 153.0, 153.0))
        told[0].write({"expected_revenue": 900.0, "name": "Other"})
        told[1].kams_forecast_category = False
        self._settle()
        self.env.invalidate_all()
        lines = {line.lead_name: (line.category, line.by_hand, line.amount) for line in forecast.line_ids}
        self.assertEqual(
            lines,
            {
                "Commit": ("commit", False, 100.0),
                "Best": ("commit", True, 50.0),
                "Late": ("pipeline", False, 20.0),
                "No date": ("best_case", True, 8.0),
            },
        )
        self.assertEqual(
            (forecast.commit_amount, forecast.best_case_amount, forecast.pipeline_amount), (150.0, 8.0, 20.0)
        )
        self.assertAlmostEqual(forecast.weighted_amount, 100 * 0.8 + 50 * 0.5 + 20 * 0.2 + 8 * 0.3)

    def test_what_is_locked_stays_on_every_route(self):
        self._tell(self._through(5, amount=100.0, deadline="2026-11-20"))
        forecast = self._forecast(own_call=80.0)
        with self.assertRaises(UserError):
            forecast.write({"state": "locked"})
        forecast.action_lock()
        line = forecast.line_ids
        refused = [
            lambda: forecast.write({"own_call": 5.0}),
            lambda: forecast.write({"date_from": "2026-12-01"}),
            lambda: forecast.write({"forecast": 5.0}),
            lambda: forecast.write({"actual_won": 5.0}),
            lambda: forecast.write({"line_ids": [(5, 0, 0)]}),
            lambda: forecast.write({"line_ids": [(0, 0, {"lead_ref": 5, "category": "commit"})]}),
            lambda: line.write({"amount": 5.0}),
            lambda: line.unlink(),
            lambda: line.copy(),
            lambda: forecast.unlink(),
            lambda: forecast.action_lock(),
        ]
        for number, call in enumerate(refused):
            with self.subTest(number), self.assertRaises(UserError), self.cr.savepoint():
                call()
        self.assertEqual((forecast.forecast, line.amount), (80.0, 100.0))
        self.assertIs(forecast.copy({"date_from": "2026-12-01"}).forecast, False)

    def test_a_lock_is_neither_too_early_nor_too_late(self):
        early, late = self._forecast(date_from="2026-12-10"), self._forecast(date_from="2026-08-01")
        for forecast, word in ((early, "7 days"), (late, "is over")):
            with self.assertRaisesRegex(UserError, word):
                forecast.action_lock()
        self._at("2026-12-04T09:00:00")
        early.action_lock()
        with self.assertRaisesRegex(UserError, "runs until"):
            early.action_close()

    def test_an_adjustment_is_a_managers_and_stands_beside_the_own_call(self):
        forecast = self._forecast(own_call=80.0)
        forecast.action_lock()
        with self.assertRaises(UserError):
            forecast.with_user(self.salesperson).write({"adjustment": -10.0, "adjustment_reason": "Mine"})
        director = forecast.with_user(self.director)
        self.director.company_ids |= self.firm
        director = director.with_context(allowed_company_ids=self.firm.ids)
        with self.assertRaisesRegex(ValidationError, "say why"), self.cr.savepoint():
            director.write({"adjustment": -10.0})
        director.write({"adjustment": -10.0, "adjustment_reason": "The tender slips"})
        self.assertEqual((forecast.own_call, forecast.forecast, forecast.adjusted), (80.0, 80.0, 70.0))
        self.assertEqual(forecast.adjusted_by_id, self.director)
        own = self._forecast(user_id=self.director.id, own_call=5.0)
        with self.assertRaisesRegex(UserError, "your own"):
            own.with_user(self.director).with_context(allowed_company_ids=self.firm.ids).write(
                {"adjustment": 1.0, "adjustment_reason": "x"}
            )
        self._at("2026-11-20T09:00:00")
        with self.assertRaisesRegex(UserError, "too much"):
            director.write({"adjustment": -20.0, "adjustment_reason": "I know now"})

    def test_people_write_their_own_and_their_teams_only(self):
        self.past_team.user_id = self.manager
        (self.salesperson | self.colleague | self.manager).company_ids |= self.firm
        forecast = self._forecast(team_id=self.past_team.id)

        def as_user(user):
            return forecast.with_user(user).with_context(allowed_company_ids=self.firm.ids)

        as_user(self.salesperson).own_call = 5.0
        as_user(self.manager).own_call = 6.0
        self.env.flush_all()
        with self.assertRaises(AccessError):
            as_user(self.colleague).write({"own_call": 7.0})
        team = self._forecast(team_id=self.past_team.id, user_id=False)
        self.assertEqual(team.with_user(self.colleague).with_context(allowed_company_ids=self.firm.ids).deal_count, 0)
        with self.assertRaises(AccessError):
            team.with_user(self.salesperson).with_context(allowed_company_ids=self.firm.ids).action_lock()

    def test_closing_tells_what_came_of_each_deal(self):
        due = "2026-11-20"
        self._tell(
            self._through(5, amount=100.0, deadline=due, name="Won", start="2026-08-01"),
            self._through(4, amount=50.0, deadline=due, name="Lost", start="2026-08-01"),
            self._through(3, amount=20.0, deadline=due, name="Open", start="2026-08-01"),
            self._through(3, amount=30.0, deadline=due, name="Won later", start="2026-08-01"),
            self._through(3, amount=40.0, deadline=due, name="Gone", start="2026-08-01"),
        )
        forecast = self._forecast()
        forecast.action_lock()
        for line in forecast.line_ids:
            self._goes_on(line, {"Won": ("2026-11-25", "won"), "Lost": ("2026-11-26", "lost")}.get(line.lead_name))
            self._goes_on(
                line, {"Won later": ("2026-12-02", "won"), "Gone": ("2026-11-27", "deleted")}.get(line.lead_name)
            )
        self._at("2026-12-03T09:00:00")
        forecast.action_close()
        self.assertEqual(
            {line.lead_name: (line.outcome, line.actual_amount) for line in forecast.line_ids},
            {
                "Won": ("won", 100.0),
                "Lost": ("lost", False),
                "Open": ("open", False),
                "Won later": ("open", False),
                "Gone": ("gone", False),
            },
        )
        self.assertEqual((forecast.forecast, forecast.actual_won, forecast.error), (100.0, 100.0, 0.0))
        brier, share = self._measures([("kind", "=", "deal")], "brier", "win_share")
        self.assertAlmostEqual(brier, (0.2**2 + 0.5**2 + 0.3**2 + 0.3**2) / 4)
        self.assertEqual(share, 25.0)

    def _goes_on(self, line, step):
        if step:
            when, status = datetime.fromisoformat(step[0]), step[1]
            self.cr.execute(
                """
                UPDATE kams_deal_history SET valid_to = %s WHERE lead_ref = %s AND valid_to IS NULL RETURNING id
                """,
                (when, line.lead_ref),
            )
            (row_id,) = self.cr.fetchone()
            names = ", ".join(
                name
                for name, field in self.env["kams.deal.history"]._fields.items()
                if field.store and field.column_type and name not in ("id", "valid_from", "valid_to", "status")
            )
            self.cr.execute(
                f"INSERT INTO kams_deal_history (valid_from, status, {names})"
                f" SELECT %s, %s, {names} FROM kams_deal_history WHERE id = %s",
                (when, status, row_id),
            )

    def test_the_job_opens_locks_and_closes_and_does_nothing_twice(self):
        self._tell(self._through(5, amount=100.0, deadline="2026-11-20"))
        self._target(period_kind="month", date_from="2026-11-01", user_id=self.salesperson.id)
        self._target(period_kind="month", date_from="2026-12-01", user_id=self.salesperson.id)
        self._target(period_kind="month", date_from="2026-11-01", user_id=self.colleague.id)
        forecasts = self.env["kams.forecast"]
        domain = [("company_id", "=", self.firm.id)]
        with patch.object(kams_forecast_lock, "BATCH", 1):
            done = self._run_cron("kams.forecast", "_cron_lock")
            self.assertGreaterEqual(len(done), 4)
            self.assertEqual(forecasts.search(domain).mapped("state"), ["locked", "locked"])
            lines = forecasts.search(domain).line_ids
            self.assertEqual(len(lines), 1)
            self._run_cron("kams.forecast", "_cron_lock")
            self.assertEqual(forecasts.search(domain).line_ids, lines)
            self._at("2026-11-26T09:00:00")
            self._run_cron("kams.forecast", "_cron_lock")
            self.assertEqual(sorted(forecasts.search(domain).mapped("state")), ["draft", "locked", "locked"])
            draft = forecasts.search([*domain, ("state", "=", "draft")])
            self.assertEqual(draft.activity_ids.mapped("user_id"), self.salesperson)
            self.assertFalse((forecasts.search(domain) - draft).activity_ids)
            self._at("2026-12-02T09:00:00")
            self._run_cron("kams.forecast", "_cron_lock")
        self.assertEqual(sorted(forecasts.search(domain).mapped("state")), ["closed", "closed", "locked"])

    def test_a_job_killed_between_batches_goes_on_where_it_was(self):
        self._tell(self._through(5, amount=100.0, deadline="2026-11-20"))
        for user in (self.salesperson, self.colleague, self.manager):
            self._forecast(user_id=user.id)
        calls = []

        def killed(cron, processed=0, *, remaining=None, **_kwargs):
            calls.append(processed)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return float("inf")

        drafts = [("company_id", "=", self.firm.id), ("state", "=", "draft")]
        with patch.object(kams_forecast_lock, "BATCH", 1):
            # not assertRaises, which would undo what had been committed
            with patch.object(self.registry["ir.cron"], "_commit_progress", killed), suppress(KeyboardInterrupt):
                self.env["kams.forecast"]._in_batches(lambda one: one.company_id == self.firm, "draft", "_lock")
            self.assertEqual(self.env["kams.forecast"].search_count(drafts), 1)
            self._run_cron("kams.forecast", "_cron_lock")
        self.assertFalse(self.env["kams.forecast"].search_count(drafts))
        lines = self.env["kams.forecast.line"].search([("company_id", "=", self.firm.id)])
        self.assertEqual(len(lines), 1)

    def test_locking_many_takes_no_more_statements_for_deals_than_locking_one(self):
        self._tell(*[self._through(5, amount=1.0, deadline="2026-11-20")] * 9)
        one, first = self._forecast(), self._forecast(user_id=False)
        many = [self._forecast(user_id=False, date_from=f"2026-{month:02}-01") for month in range(1, 7)]

        execute = type(self.env).execute_query

        def inserts(forecasts):
            with patch.object(type(self.env), "execute_query", autospec=True, side_effect=execute) as run:
                forecasts._lock()
            return run.call_count

        inserts(first)  # rules and rates are at hand from then on
        self.assertEqual(inserts(one), inserts(self.env["kams.forecast"].concat(*many)))

    def test_one_forecast_for_one_scope_and_period(self):
        self._forecast()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self._forecast()
        with self.assertRaisesRegex(ValidationError, "overlaps"), self.cr.savepoint():
            self._forecast(date_from="2026-11-15")

    def test_a_forecast_knows_its_target(self):
        target = self._target(period_kind="month", date_from="2026-11-01", user_id=self.salesperson.id, quota=500)
        forecast = self._forecast()
        self.assertEqual((forecast.target_id, forecast.quota), (target, 500.0))
        self.assertEqual(target.action_forecast()["res_id"], forecast.id)
        self.assertIs(self._forecast(user_id=False).quota, False)


@tagged("post_install", "-at_install")
class TestForecastAccuracy(ForecastCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for month, (called, won) in enumerate(((100, 80), (120, 125), (90, 100), (110, 110)), 1):
            cls._closed(called, won, invoiced=2 * won, date_from=f"2026-{month:02}-01")

    def test_c11_errors_and_bias(self):
        names = ("mape", "wape", "bias", "mean_error", "accuracy")
        for domain in ([], [("user_id", "=", self.salesperson.id)], [("date_to", "<=", "2026-12-31")]):
            found = self._measures([("kind", "=", "forecast"), *domain], *names)
            self.assertEqual([round(one, 4) for one in found], [9.75, 8.4337, 1.2048, 2.75, 90.25])
        # rows of deals beside them change nothing
        self.assertAlmostEqual(self._measures([], "wape")[0], 8.4337, 4)

    def test_c11_against_invoiced_and_after_adjustment(self):
        (wape, bias) = self._measures([], "wape_invoiced", "bias_invoiced")
        self.assertAlmostEqual(wape, 100 * (60 + 130 + 110 + 110) / 830)
        self.assertAlmostEqual(bias, 100 * (420 - 830) / 830)
        self._closed(50, 40, user_id=self.colleague.id, adjustment=-10.0, adjustment_reason="Slips")
        one = [("user_id", "=", self.colleague.id)]
        self.assertEqual(self._measures(one, "wape", "wape_adjusted", "mape_adjusted"), (25.0, 0.0, 0.0))

    def test_mape_is_undefined_where_nothing_was_won(self):
        self._closed(50, 0, date_from="2026-05-01")
        mape, wape, accuracy, mean = self._measures([], "mape", "wape", "accuracy", "mean_error")
        self.assertEqual((mape, accuracy, mean), (False, False, False))
        self.assertAlmostEqual(wape, 100 * 85 / 415)
        by_month = self._measures([], "mape", "wape", groupby=["date_from:month"])
        self.assertEqual([row[1:] for row in by_month][-1], (False, False))

    def test_c11_brier(self):
        forecast = self._closed(1, 1, date_from="2026-06-01")
        for chance, outcome in ((80, "won"), (50, "lost"), (30, "open"), (60, "won"), (99, "gone")):
            self.cr.execute(
                """
                INSERT INTO kams_forecast_line
                       (forecast_id, company_id, lead_ref, category, probability, own_probability, outcome, user_id)
                VALUES (%s, %s, 1, 'commit', %s, NULL, %s, %s)
                """,
                (forecast.id, self.firm.id, chance, outcome, self.salesperson.id),
            )
        brier, own = self._measures([], "brier", "brier_own")
        self.assertAlmostEqual(brier, 0.135)
        self.assertIs(own, False)
        rows = self._measures([("kind", "=", "deal")], "brier", groupby=["user_id", "date_from:quarter"])
        self.assertEqual([round(row[2], 4) for row in rows], [0.135])

    def test_amounts_of_two_currencies_are_added_in_the_readers(self):
        euro = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "EUR")])
        euro.active = True
        abroad = self.env["res.company"].create({"name": "Abroad", "currency_id": euro.id})
        self.env.user.company_ids |= abroad
        self._closed(10, 10, company_id=abroad.id, user_id=False)
        both = self.env["kams.forecast.accuracy"].with_context(allowed_company_ids=[self.firm.id, abroad.id])
        rate = euro._convert(10, self.firm.currency_id, self.firm, datetime.now().date(), round=False)
        companies = [("company_id", "in", [self.firm.id, abroad.id])]
        (won,) = both._read_group(companies, [], ["actual_won:sum"])[0]
        self.assertAlmostEqual(won, 415 + rate, 1)

    def test_list_rows_open_their_forecast(self):
        row = self.env["kams.forecast.accuracy"].search([("company_id", "=", self.firm.id)], limit=1)
        self.assertEqual(row.action_open()["res_id"], row.forecast_id.id)
        self.assertFalse(row.mape)
