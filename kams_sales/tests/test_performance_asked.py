from ast import literal_eval
from datetime import date, datetime, timedelta
from random import Random
from unittest.mock import patch

from freezegun import freeze_time
from lxml import etree

from odoo import fields
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL

from ..report.kams_performance_asked import About
from .past import PHASES
from .test_compliance import ComplianceCase

QUARTERS = [date(year, month, 1) for year in (2025, 2026) for month in (1, 4, 7, 10)]


@tagged("post_install", "-at_install")
class TestPerformanceAsked(ComplianceCase):
    """What isn't asked for is left out of the statement, and no figure changes by that."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["kams.performance"]
        cls.other_team = cls.past_team.copy({"name": "Another team of the past"})
        cls.plain_team = cls.env["crm.team"].create({"name": "Plain team"})
        cls.random = Random(20)
        cls.people = [cls.salesperson, cls.colleague, cls.director]
        cls._tell_much()
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _tell_much(cls):
        random, stories, teams = cls.random, [], [cls.past_team, cls.other_team]
        for _number in range(70):
            moment = datetime(2025, random.randint(1, 12), random.randint(1, 28), random.randint(0, 23))
            steps, values = [], {}
            for phase in random.choices(PHASES, k=random.randint(1, 7)):  # to and fro
                values = {"gate": random.choice(["none", "pass", "waived", "exempt"])}
                if random.random() < 0.3:
                    values.update(
                        user=random.choice([*cls.people, None]), team=random.choice([cls.past_team, cls.other_team])
                    )
                steps.append((moment, phase, values))
                moment += timedelta(days=random.randint(1, 70), hours=random.randint(0, 23))
            if random.random() < 0.8:
                steps.append((moment, random.choice(["won", "lost", "archived", "left"])))
            whose = {"user": random.choice([*cls.people, None]), "team": random.choice(teams)}
            stories.append({"steps": steps, "amount": float(random.randint(1, 999)), **whose})
        cls.deals = cls._tell(*stories)
        codes = [point.code.replace("-", "_") for point in cls.process.phase_ids.point_ids]
        for deal in cls.deals:
            cls._say(deal, **{code: random.choice(["pass", "fail", "waived", "na"]) for code in codes})
        for team in (cls.past_team, cls.other_team):
            for user in (cls.salesperson, cls.colleague, None):
                cls.env["kams.target"].create(
                    {
                        "team_id": team.id,
                        "user_id": user and user.id,
                        "period_kind": "quarter",
                        "date_from": random.choice(QUARTERS),
                        "quota": random.randint(100, 900),
                    }
                )
        alive = cls.deals.filtered("kams_process_id")
        plans = cls.env["kams.plan"].create(
            [
                {
                    "name": "P",
                    "kind": "project_marketing",
                    "lead_id": deal.id,
                    "date_from": "2025-01-01",
                    "date_to": "2026-12-31",
                }
                for deal in random.sample(alive, 4)
            ]
        )
        cls.env["kams.plan.action"].create(
            [
                {
                    "plan_id": random.choice(plans).id,
                    "name": "A",
                    "user_id": random.choice(cls.people).id,
                    "date_due": date(2025, random.randint(1, 12), random.randint(1, 28)),
                }
                for _number in range(20)
            ]
        )
        cls.env.flush_all()
        cls.env.cr.execute(SQL("UPDATE kams_plan SET state = 'active' WHERE id = ANY(%s)", plans.ids))
        # an account's plan hangs on no deal
        cls.env.cr.execute(SQL("UPDATE kams_plan SET lead_id = NULL WHERE id = %s", plans[0].id))
        for deal in random.sample(alive, 20):
            day = date(2025, random.randint(1, 12), random.randint(1, 28))
            cls.env["kams.objection"].create({"lead_id": deal.id, "statement": "x", "date": day})

    def _values(self, rows):
        names = ["kind", "user_id", "team_id", "company_id", "date_from", *self._measures()]
        return {row["id"]: row for row in rows.read(names, load=False)}

    def _measures(self):
        return [
            name
            for name, field in self.report._fields.items()
            if field.type in ("integer", "float", "monetary") and name != "id"
        ]

    def _whole(self):
        """All rows by a statement that leaves nothing out."""
        with patch.object(type(self.report), "_about", lambda *_args: About()):
            self.env.invalidate_all()
            return self._values(self.report.search([("team_id", "in", (self.past_team | self.other_team).ids)]))

    def _asked(self, rows):
        """Random questions, as clients put them, with and without something that leaves rows out."""
        random, q = self.random, lambda: self.random.choice(QUARTERS)
        day = lambda: fields.Date.to_string(q() + timedelta(days=self.random.randint(-3, 3)))  # noqa: E731
        teams = [self.past_team.id, self.other_team.id]
        return random.choice(
            [
                lambda: [("date_from", "=", fields.Date.to_string(q()))],
                lambda: [("date_from", ">=", day()), ("date_from", "<=", day())],
                lambda: [("date_from", ">", day())],
                lambda: [("date_from", "<", day())],
                lambda: ["!", ("date_from", "<", day())],
                lambda: ["|", ("date_from", "=", str(q())), "&", ("date_from", ">=", day()), ("date_from", "<", day())],
                lambda: ["|", ("date_from", "=", str(q())), ("user_id", "=", random.choice(self.people).id)],
                lambda: [("date_from", "in", [str(q()), str(q())]), ("kind", "=", random.choice(["person", "team"]))],
                lambda: [("user_id", "in", [one.id for one in random.sample(self.people, 2)])],
                lambda: [("user_id", "=", False), ("date_from", ">=", day())],
                lambda: [("user_id", "!=", self.salesperson.id), ("date_from", "<=", day())],
                lambda: [("team_id", "=", random.choice(teams)), ("date_from", ">=", day())],
                lambda: [("team_id", "in", [*teams, False]), ("user_id", "=", self.colleague.id)],
                lambda: ["|", ("team_id", "=", teams[0]), ("team_id", "=", teams[1]), ("won", ">", 0)],
                lambda: [("id", "in", random.sample(list(rows), 3))],
                lambda: ["|", ("id", "=", random.choice(list(rows))), ("date_from", "=", str(q()))],
                lambda: [("date_from.quarter_number", "=", 2)],
            ]
        )()

    def test_rows_of_random_questions_are_those_of_the_whole(self):
        whole, mine = self._whole(), Domain("team_id", "in", (self.past_team | self.other_team).ids)
        self.assertGreater(len(whole), 30)
        for name in ("won", "points", "actions", "objections", "quota", "undecided"):
            self.assertTrue(any(row[name] for row in whole.values()), name)
        found = 0
        for _number in range(40):
            asked = self._asked(whole)
            with self.subTest(asked=asked):
                # which of the rows are in a domain, the whole says by itself
                with patch.object(type(self.report), "_about", lambda *_args: About()):
                    wanted = self.report.search(Domain(asked) & mine)
                self.env.invalidate_all()
                rows = self.report.search(Domain(asked) & mine)
                self.assertEqual(rows, wanted)
                self.env.invalidate_all()
                self.assertEqual(self._values(rows), {id_: whole[id_] for id_ in rows.ids})
                found += len(rows)
                sums = [f"{name}:sum" for name in ("won", "won_amount", "points_met", "actions", "objections")]
                rates = [f"{name}:avg" for name in self.report._ratios]
                with patch.object(type(self.report), "_about", lambda *_args: About()):
                    groups = self.report._read_group(
                        Domain(asked) & mine, ["user_id", "date_from:quarter"], sums + rates
                    )
                again = self.report._read_group(Domain(asked) & mine, ["user_id", "date_from:quarter"], sums + rates)
                self.assertEqual(again, groups)
        self.assertGreater(found, 200)

    def test_wherever_the_reader_is(self):
        """Moments near midnight belong to the reader's quarter, and are found for it."""
        closer = self.env["res.users"].create({"name": "Closer", "login": "kams_closer"})
        self._tell(
            *[
                {"steps": [("2026-05-01", "development"), (f"2026-{moment}", "won")], "user": closer}
                for moment in ("06-30T09:30:00", "06-30T23:30:00", "07-01T00:30:00", "07-01T11:30:00")
            ]
        )
        mine = [("kind", "=", "person"), ("user_id", "=", closer.id)]
        for zone, second in (("UTC", 2), ("Pacific/Kiritimati", 1), ("America/Los_Angeles", 3), ("Asia/Shanghai", 1)):
            with self.subTest(zone=zone):
                rows = self.report.with_context(tz=zone)
                won = []
                for quarter in ("2026-04-01", "2026-07-01"):
                    self.env.invalidate_all()
                    won.append(rows.search([*mine, ("date_from", "=", quarter)]).won)
                self.assertEqual(won, [second, 4 - second])

    def test_compliance_is_that_of_its_own_report(self):
        """Both count mandatory points of phases that were left, whatever way a deal went; for any question."""
        both = (self.past_team | self.other_team).ids
        checks = self.env["kams.compliance"].search(
            [("team_id", "in", both), ("level", "=", "mandatory"), ("left_at", "!=", False)]
        )
        some = {"date_from": date(2025, 10, 1), "user_id": self.colleague.id}
        for asked in ({"kind": "team"}, {"kind": "team", "date_from": some["date_from"]}, {"user_id": some["user_id"]}):
            groups = self.report._read_group(
                [("team_id", "in", both), ("points", ">", 0), *((name, "=", value) for name, value in asked.items())],
                ["team_id", "date_from:quarter"],
                ["points:sum", "points_met:sum", "compliance:avg"],
            )
            expected = {}
            for check in checks:
                quarter = fields.Date.start_of(check.left_at.date(), "quarter")
                told = {"kind": "team", "date_from": quarter, "user_id": check.user_id.id}
                if all(told[name] == value for name, value in asked.items()):
                    counts = expected.setdefault((check.team_id, quarter), [0, 0])
                    counts[0] += 1
                    counts[1] += check.state == "met"
            self.assertTrue(expected)
            self.assertEqual({(team, quarter): counts for team, quarter, *counts, _rate in groups}, expected)
            for _team, _quarter, points, met, rate in groups:
                self.assertAlmostEqual(rate, 100 * met / points)

    def test_statements_leave_out_what_isnt_asked(self):
        about = self.report._about
        quarter = about(Domain("date_from", "=", "2026-04-01").optimize_full(self.report))
        self.assertEqual((quarter.first, quarter.after), (date(2026, 4, 1), date(2026, 7, 1)))
        for operator, day, first in (
            (">=", "2026-04-01", "2026-04-01"),
            (">=", "2026-04-02", "2026-07-01"),
            (">", "2026-03-31", "2026-04-01"),
            (">", "2026-04-01", "2026-07-01"),
            (">=", "2026-11-30", "2027-01-01"),
            (">", "2026-01-31", "2026-04-01"),
        ):
            asked = about(Domain("date_from", operator, day).optimize_full(self.report))
            self.assertEqual((str(asked.first), asked.after), (first, None), (operator, day))
        for operator, day, after in (("<", "2026-04-01", "2026-04-01"), ("<=", "2026-04-01", "2026-07-01")):
            asked = about(Domain("date_from", operator, day).optimize_full(self.report))
            self.assertEqual((asked.first, str(asked.after)), (None, after), (operator, day))
        for today in ("2025-12-31", "2026-01-01", "2026-05-31", "2026-09-30", "2026-10-01"):
            with freeze_time(today):
                [asked] = self._default_filters("kams_sales.kams_performance_action")
                shown = about(Domain(asked).optimize_full(self.report))
                quarter = fields.Date.start_of(fields.Date.today(), "quarter")
                self.assertEqual(shown.after, fields.Date.add(quarter, months=3))
                quarters = [fields.Date.add(quarter, months=months) for months in (-3, 0, 3)]
                chosen = [day for day in quarters if shown.first <= day < shown.after]
                self.assertEqual(chosen, [quarter], "Just this quarter.")
        row = self.report.search([("kind", "=", "person"), ("team_id", "=", self.past_team.id)], limit=1)
        one = about(Domain("id", "=", row.id).optimize_full(self.report))
        self.assertEqual((one.first, one.people, one.teams), (row.date_from, {row.user_id.id}, {row.team_id.id}))
        self.assertFalse(about(Domain.TRUE).few)
        either = about(
            Domain.OR([[("date_from", "=", "2026-04-01")], [("user_id", "=", 2)]]).optimize_full(self.report)
        )
        self.assertFalse(either.few)

    def _default_filters(self, action):
        """The domains of the filters that an action's page opens with."""
        view = etree.fromstring(self.report.get_view(view_type="search")["arch"])
        context = literal_eval(self.env.ref(action).context)
        names = [name.removeprefix("search_default_") for name in context]
        return [literal_eval(view.find(f".//filter[@name='{name}']").get("domain")) for name in names]

    def test_the_context_of_a_client_carries_nothing_of_it(self):
        asked = {"first": "1999-01-01", "people": [1]}
        self.assertEqual(
            self.report.with_context(kams_performance_about=asked).search_count([]), self.report.search_count([])
        )

    def test_a_salesperson_is_read_for_alone(self):
        """Record rules say so, without a domain."""
        asked = []
        search = type(self.report)._where_asked

        def where(report, *args):
            asked.append(report._about_asked())
            return search(report, *args)

        with patch.object(type(self.report), "_where_asked", where):
            rows = self.report.with_user(self.salesperson).search([])
        self.assertEqual(rows.user_id, self.salesperson)
        self.assertEqual({frozenset(about.people) for about in asked}, {frozenset(self.salesperson.ids)})

    def test_a_page_is_one_statement(self):
        """Rows that a list or a kanban shows are read once, whatever columns a view has."""
        asked = []
        table = type(self.report)._table_query

        def table_query(report):
            asked.append(report._asked_parts())
            return table.fget(report)

        for names in (["won"], ["display_name", "points", "won_amount"], ["user_id", "late_rate"]):
            for user in (self.salesperson, self.director):
                self.env.invalidate_all()
                asked.clear()
                with patch.object(type(self.report), "_table_query", property(table_query)):
                    rows = self.report.with_user(user).web_search_read([], dict.fromkeys(names, {}))["records"]
                self.assertTrue(rows)
                self.assertEqual(len(asked), 1, names)

    # WHICH TEAMS
    def _actions(self, user, **plan):
        """An action that is overdue, of a plan that hangs on no deal."""
        plan = self.env["kams.plan"].create(
            {
                "name": "P",
                "kind": "project_marketing",
                "lead_id": self.deals.filtered("kams_process_id")[:1].id,
                "date_from": "2026-01-01",
                "date_to": "2026-12-31",
                **plan,
            }
        )
        self.env["kams.plan.action"].create(
            {"plan_id": plan.id, "name": "A", "user_id": user.id, "date_due": "2026-02-01"}
        )
        self.env.flush_all()
        self.env.cr.execute(SQL("UPDATE kams_plan SET state = 'active', lead_id = NULL WHERE id = %s", plan.id))
        self.env.invalidate_all()

    def test_plain_teams_are_not_in_it(self):
        """Whoever is in a plain team alone works for the team under KAMS whose deals they have; else for none."""
        stranger = self.env["res.users"].create({"name": "Stranger", "login": "kams_stranger"})
        newcomer = self.env["res.users"].create({"name": "Newcomer", "login": "kams_newcomer"})
        for user in (stranger, newcomer):
            self.env["crm.team.member"].create({"crm_team_id": self.plain_team.id, "user_id": user.id})
        self._tell({"steps": [("2026-01-02", "development")], "user": newcomer, "team": self.other_team})
        for user in (stranger, newcomer):
            self._actions(user)
        rows = self.report.search([("user_id", "in", (stranger | newcomer).ids), ("actions", ">", 0)])
        self.assertEqual(
            {(row.user_id, row.team_id, row.actions) for row in rows},
            {(stranger, self.env["crm.team"], 1), (newcomer, self.other_team, 1)},
        )
        self.assertFalse(self.report.search([("team_id", "=", self.plain_team.id)]))

    def test_work_on_a_plain_deal_is_not_in_it(self):
        deal = self.env["crm.lead"].create(
            {"name": "Plain", "type": "opportunity", "team_id": self.plain_team.id, "user_id": self.salesperson.id}
        )
        event = self.env["calendar.event"].create(
            {"name": "M", "start": "2026-02-02 08:00:00", "stop": "2026-02-02 09:00:00", "user_id": self.salesperson.id}
        )
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE calendar_event SET opportunity_id = %s, kams_kind = 'interview', kams_record_state = 'done',"
                " kams_outcome = 'advance' WHERE id = %s",
                deal.id,
                event.id,
            )
        )
        self.env.invalidate_all()
        self.assertTrue(self.env["kams.meeting.report"].search([("lead_id", "=", deal.id)]))
        self.assertFalse(self.report.search([("team_id", "=", self.plain_team.id)]))

    def test_nothing_without_a_denominator_is_nought(self):
        self._actions(self.salesperson)
        for row in self.report.search([]):
            for name, (_part, whole, _factor) in self.report._ratios.items():
                with self.subTest(row=row.display_name, name=name):
                    if not row[whole]:
                        self.assertIs(row[name], False)
