from datetime import date, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from lxml import etree

from odoo import fields
from odoo.tests import tagged

from .past import PHASES
from .test_control_survives import SurviveCase, known

# The last half hour of March and the first one of April there, in UTC
ENDS = {
    "Asia/Shanghai": ("2026-03-31T15:30:00", "2026-03-31T16:30:00"),
    "America/Los_Angeles": ("2026-04-01T06:30:00", "2026-04-01T07:30:00"),
}
# The last half hour of February and the first one of March; winter time there, while March ends in summer time
BEGINS = {
    "Asia/Shanghai": ("2026-02-28T15:30:00", "2026-02-28T16:30:00"),
    "America/Los_Angeles": ("2026-03-01T07:30:00", "2026-03-01T08:30:00"),
}


@tagged("post_install", "-at_install")
class TestControlSurvivesMore(SurviveCase):
    """What each report of chapter 9 says where the others were asked already: months, phases, money, nothing."""

    def _word(self, name, records, user=None):
        """A printed form's text, as its reader gets it."""
        reports = self.env["ir.actions.report"].with_user(user or self.director)
        html, _kind = reports._render_qweb_html(f"kams_sales.{name}", records.ids)
        return " ".join(" ".join(etree.HTML(html).itertext()).split())

    # TIME ZONES
    def test_a_month_begins_and_ends_where_the_reader_is_east_and_west(self):
        """The same four wins, read by two people: two of March for each, and not the same two."""
        moments = sorted({moment for when in (ENDS, BEGINS) for pair in when.values() for moment in pair})
        deals = self._tell(
            *(
                {"steps": [("2026-01-05", "development", {"amount": 10.0**place}), (moment, "won")]}
                for place, moment in enumerate(moments)
            )
        )
        self._say(deals, S1_O1="pass", S1_O2="fail")
        amount = {moment: 10.0**place for place, moment in enumerate(moments)}
        for zone, (before, after) in ENDS.items():
            begin, end = BEGINS[zone][1], after
            march = [moment for moment in moments if begin <= moment < end]
            # the half hours around both ends of the month are on either side of it
            self.assertIn(before, march)
            self.assertNotIn(BEGINS[zone][0], march)
            reader = self.director if zone == "Asia/Shanghai" else self.auditor
            reader.tz = zone
            count, won = len(march), sum(amount[moment] for moment in march)
            for model, moment, measure, expected in (
                ("kams.funnel", "closed_at", "deals_won", count),
                ("kams.phase.time", "left_at", "timed", count),
                ("kams.winloss.report", "closed_at", "won", count),
                ("kams.winloss.report", "closed_at", "won_amount", won),
                ("kams.compliance", "closed_at", "met", count),
                ("kams.compliance", "left_at", "missing", count),
            ):
                with self.subTest(model=model, measure=measure, zone=zone):
                    rows = self._read(model, [f"{moment}:month"], [f"{measure}:sum"], user=reader, tz=zone)
                    found = {month.month: value for month, value in rows}
                    self.assertEqual(found.get(3), expected)
            page = self._page(user=reader, date_from="2026-03-01", date_to="2026-03-31")
            self.assertEqual(page._figures()["totals"]["deals_won"], count, zone)
            # process beside result, by quarters: the end of March is one
            quarters = dict(
                self._read(
                    "kams.performance",
                    ["date_from:quarter"],
                    ["won_amount:sum"],
                    [("kind", "=", "team"), ("won", ">", 0)],
                    user=reader,
                    tz=zone,
                )
            )
            first = sum(value for moment, value in amount.items() if moment < end)
            self.assertEqual(quarters.get(date(2026, 1, 1)), first, zone)
            self.assertEqual(quarters.get(date(2026, 4, 1)), (sum(amount.values()) - first) or None, zone)
            # what changed in the month
            ask = self.env["kams.pipeline.change.ask"].with_user(reader).with_context(tz=zone)
            ask = ask.create({"date_from": "2026-03-01", "date_to": "2026-03-31", "team_id": self.past_team.id})
            context = ask.action_show()["context"]
            bars = self._bars(context["kams_from"], context["kams_to"], user=reader)
            self.assertEqual(bars["won"], (count, -won), zone)
            # the pipeline as the month ended
            then = self.env["kams.pipeline.as.of"].with_user(reader).create({"day": "2026-03-31"}).action_show()
            [(left,)] = self._read("kams.pipeline", [], ["amount:sum"], user=reader, **then["context"])
            self.assertEqual(left, (sum(amount.values()) - first) or None, zone)
            # the target and the forecast of the month there, whoever looks
            target = self._target(period_kind="month", date_from="2026-03-01", tz=zone, user_id=self.salesperson.id)
            forecast = self._forecast(date_from="2026-03-01", tz=zone, user_id=self.salesperson.id)
            forecast._lock()
            forecast._close()
            self.assertEqual((target.closed, forecast.actual_won), (won, won), zone)
            (target | target.browse()).unlink()
            self.env.cr.execute("DELETE FROM kams_forecast WHERE id = %s", [forecast.id])
            self.env.invalidate_all()
        self._survives(self.director | self.auditor)

    def test_a_forecast_begins_and_ends_at_midnight_where_it_is(self):
        """At 03:00 UTC of 1 April it is April in Shanghai, and still March in Los Angeles."""
        self._tell(self._through(5, amount=100.0, deadline="2026-04-20"))
        pairs = {
            zone: [self._forecast(date_from=day, tz=zone, **scope) for day in ("2026-03-01", "2026-04-01")]
            for zone, scope in (("Asia/Shanghai", {"user_id": self.salesperson.id}), ("America/Los_Angeles", {}))
        }

        def states(moment):
            now = datetime.fromisoformat(moment)
            with (
                patch.object(fields.Datetime, "now", lambda *_args: now),
                patch.object(fields.Date, "context_today", lambda *_args, **_kwargs: now.date()),
            ):
                self._run_cron("kams.forecast", "_cron_lock")
            return [one.state for zone in pairs for one in pairs[zone]]

        self.assertEqual(states("2026-03-20T00:00:00"), ["locked", "draft", "locked", "draft"])
        self.assertEqual(states("2026-04-01T03:00:00"), ["closed", "locked", "locked", "draft"])
        self.assertEqual(states("2026-04-01T06:59:59"), ["closed", "locked", "locked", "draft"])
        self.assertEqual(states("2026-04-01T07:00:00"), ["closed", "locked", "closed", "locked"])
        april = pairs["America/Los_Angeles"][1]
        for zone, hour in (("Asia/Shanghai", "04/01/2026 15:00"), ("America/Los_Angeles", "04/01/2026 00:00")):
            self.director.tz = zone
            self.assertIn(hour[:10], self._word("report_forecast", april), zone)

    def test_my_day_is_the_day_where_i_am(self):
        """At 03:00 UTC of 1 April: what was due in March is late in Shanghai, and due today in Los Angeles."""
        now = datetime(2026, 4, 1, 3)
        deal = self._tell({"steps": [("2026-03-25", "development", {"amount": 5.0})]})
        kind, model = self.env.ref("mail.mail_activity_data_call").id, self.env["ir.model"]._get_id("crm.lead")
        for user in (self.salesperson, self.colleague):
            self.env["mail.activity"].create(
                {
                    "res_model_id": model,
                    "res_id": deal.id,
                    "summary": "Call them",
                    "date_deadline": "2026-03-31",
                    "user_id": user.id,
                    "activity_type_id": kind,
                }
            )
        self.salesperson.tz, self.colleague.tz = "Asia/Shanghai", "America/Los_Angeles"
        with freeze_time(now):
            found = {
                user: self.env["kams.today"].with_user(user).search([("kind", "=", "activity")]).mapped("section")
                for user in (self.salesperson, self.colleague)
            }
        self.assertEqual(found, {self.salesperson: ["1_overdue"], self.colleague: ["2_today"]})

    # A PHASE THAT IS GONE
    def test_a_phase_that_a_newer_version_removed_is_in_every_report(self):
        """Of two deals that stood in it, one moved on; of a third it was never asked."""
        today = fields.Date.today()
        standing, passed = self._tell(
            self._through(3, amount=40.0, deadline=today), self._through(5, "won", amount=100.0)
        )
        draft = self.env["kams.process"].browse(self.process.with_user(self.director).action_new_version()["res_id"])
        gone = draft.phase_ids.filtered(lambda phase: phase.code == "proposal")
        gone.point_ids.unlink()
        gone.with_user(self.director).unlink()
        draft.with_user(self.director).action_activate()
        lost = self._tell(
            {
                "steps": [
                    ("2026-03-01", "development", {"amount": 10.0}),
                    ("2026-03-11", "initiation"),
                    ("2026-03-21", "tendering"),
                    ("2026-03-31", "lost"),
                ]
            }
        )
        self._say(standing | passed, S1_O1="pass", S3_O1="fail")
        # the forecast weighs the one that stands there by its own version: 30 %, and calls it pipeline
        forecast = self._forecast()
        self.assertEqual(
            (forecast.pipeline_amount, forecast.weighted_amount, forecast.commit_amount), (40.0, 12.0, 0.0)
        )
        self._lock_and_close(forecast)
        self.assertEqual(forecast.line_ids.phase_code, "proposal")
        [(brier,)] = self.env["kams.forecast.accuracy"]._read_group(
            [("forecast_id", "=", forecast.id)], [], ["brier:avg"]
        )
        self.assertAlmostEqual(brier, 0.09)
        # points of the phase count where it was left
        [(points, met)] = self._read("kams.performance", [], ["points:sum", "points_met:sum"], [("kind", "=", "team")])
        [(applicable, met_then)] = self._read(
            "kams.compliance",
            [],
            ["mandatory:sum", "met_mandatory:sum"],
            [("left_at", "!=", False), ("level", "=", "mandatory")],
        )
        self.assertEqual((points, met), (applicable, met_then))
        self.assertGreater(points, met)
        # losses of a deal that never had the phase say nothing of it
        rows = self._by_phase("kams.winloss.report", "lost:sum", "won:sum")
        self.assertEqual({code: row for code, row in rows.items() if row[0]}, {"tendering": (1, 0)})
        self.assertEqual(
            self._bars("2026-03-25"),
            {"opening": (2, 50.0), "lost": (1, -10.0), "closing": (1, 40.0)},
        )
        mine = self.env["kams.today"].with_user(self.salesperson).search([("kind", "!=", "points")])
        self.assertEqual(mine.lead_id, standing)
        target = self._target(period_kind="year")
        self.assertEqual((target.open_pipeline, target.weighted, target.closed), (40.0, 12.0, 100.0))
        self.assertIn("Proposal", self._word("report_funnel", self._page()))
        self.assertEqual(lost.kams_process_id, draft)
        self._survives()

    # MONEY
    def test_a_rate_added_late_is_on_the_page_and_on_paper(self):
        one, other = self.env["res.currency"].create(
            [{"name": name, "symbol": name, "rounding": 0.01} for name in ("KA3", "KA4")]
        )
        self.firm.currency_id = one
        abroad = self.env["res.company"].create({"name": "Firm abroad", "currency_id": other.id})
        (self.director | self.env.user).company_ids |= abroad
        for company, amount in ((self.firm, 100.0), (abroad, 33.33)):
            self._tell(self._through(5, amount=amount), company=company)
            self._tell(self._through(5, "won", amount=amount), company=company)
        both = {"allowed_company_ids": (self.firm + abroad).ids}

        def told():
            self.env.invalidate_all()
            page = self.env["kams.funnel.page"].with_user(self.director).with_context(**both)
            page = page.create({"team_id": self.past_team.id})
            amounts = [phase["present_amount"] for phase in page._figures()["phases"]]
            [(rate,)] = self._read("kams.winloss.report", [], ["win_rate_value:avg"], **both)
            return round(sum(amounts), 2), rate

        self.assertEqual(told(), (133.33, 100.0))
        self._tell(self._through(2, "lost", amount=50.0), company=abroad)
        self.assertEqual(told()[1], 100 * 133.33 / 183.33)
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "company_id": False, "name": "2026-01-01", "rate": 0.5}
        )
        # 100 + 33.33 × 2; won 166.66 of 266.66
        present, rate = told()
        self.assertEqual(present, 166.66)
        self.assertAlmostEqual(rate, 100 * 166.66 / 266.66, 6)
        # what is locked is in its own company's currency and stays to the cent
        forecast = self._forecast(company_id=abroad.id)
        self._lock_and_close(forecast.with_context(**both))
        before = forecast.forecast, forecast.actual_won
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "company_id": False, "name": "2026-02-01", "rate": 0.25}
        )
        self.env.invalidate_all()
        self.assertEqual((forecast.forecast, forecast.actual_won), before)
        self.assertEqual(told()[0], 233.32)

    # NOTHING TO DIVIDE BY
    def test_a_median_of_zero_days_and_a_standard_of_none(self):
        """Won deals that rushed through within a second leave nothing that a deal could be late against."""
        start = datetime(2026, 1, 5, 8)
        rushed = [(start + timedelta(microseconds=place), phase) for place, phase in enumerate(PHASES)]
        rushed.append((start + timedelta(microseconds=5), "won"))
        self._tell({"steps": rushed}, {"steps": rushed})
        self.env.cr.execute(
            "UPDATE kams_deal_stay SET days = 0 WHERE lead_ref IN (SELECT lead_ref FROM kams_deal_history"
            " WHERE team_id = %s AND status = 'won')",
            [self.past_team.id],
        )
        standing = self._tell({"steps": [(fields.Date.today() - timedelta(days=3), "development", {"amount": 9.0})]})
        self.env.cr.execute(
            "UPDATE kams_process_phase SET standard_days = NULL WHERE process_id = %s", [self.process.id]
        )
        self.env.invalidate_all()
        row = self.env["kams.pipeline"].search([("lead_id", "=", standing.id)])
        self.assertEqual(known(row.ageing), None)
        self.assertEqual((row.is_stagnant, row.over_standard, known(row.standard_days)), (False, False, None))
        self._assert_none("kams.phase.time", "over_days:avg", domain=[("lead_id", "=", standing.id)])
        self._survives()

    def _assert_none(self, model, *specs, domain=()):
        [row] = self._read(model, [], list(specs), domain)
        self.assertEqual(row, (None,) * len(specs))

    def test_a_certain_pipeline_has_no_spread(self):
        """No variance: the quota is reached for sure, or for sure it isn't; without a pipeline and a quota likewise."""
        self.env.cr.execute(
            "UPDATE kams_process_phase SET policy_probability = 100 WHERE process_id = %s", [self.process.id]
        )
        self.env.invalidate_all()
        self._tell(self._through(5, amount=100.0))
        for quota, chance in ((99.0, 100.0), (100.0, 100.0), (101.0, 0.0), (0.0, 100.0)):
            target = self._target(period_kind="year", quota=quota)
            self.assertEqual(known(target.hit_probability), chance, quota)
            target.unlink()

    def test_a_forecast_of_nothing(self):
        """Nothing was called and nothing came: no error in percent, and no accuracy of 100 %."""
        forecast = self._forecast(own_call=0.0)
        self._lock_and_close(forecast)
        names = [
            f"{name}{pair}:avg"
            for pair in ("", "_adjusted", "_invoiced", "_adjusted_invoiced")
            for name in ("mape", "wape", "bias", "accuracy", "mean_error")
        ]
        [row] = self.env["kams.forecast.accuracy"]._read_group([("forecast_id", "=", forecast.id)], [], names)
        self.assertEqual({name: value for name, value in zip(names, row, strict=True) if value is not False}, {})
        self.assertNotRegex(self._word("report_forecast", forecast), r"\b(0\.0|100\.0) %")
