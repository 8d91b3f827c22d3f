from datetime import datetime, timedelta
from unittest.mock import patch

from lxml import etree

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .past import PHASES
from .test_compliance import ComplianceCase
from .test_dashboards import DashboardCase

# Every report of the chapter; what each of them is counted by
REPORTS = (
    "kams.funnel",
    "kams.phase.time",
    "kams.pipeline",
    "kams.pipeline.change",
    "kams.compliance",
    "kams.winloss.report",
    "kams.performance",
    "kams.forecast.accuracy",
)
SCREENS = (
    *REPORTS,
    "kams.pipeline.change.step",
    "kams.winloss.criterion",
    "kams.today",
    "kams.target",
    "kams.forecast",
    "kams.forecast.line",
    "kams.winloss",
    "kams.stage.audit",
    "kams.stage.audit.finding",
    "kams.reminder",
)
# What a target says of its figures
FIGURES = (
    *("closed", "closed_count", "attainment", "remaining", "open_pipeline", "open_count", "weighted", "weighted_own"),
    *("coverage", "weighted_coverage", "win_rate", "rate_basis", "target_coverage", "required_pipeline"),
    *("pipeline_gap", "average_deal", "cycle_days", "velocity", "months_to_quota", "hit_probability"),
)
# z² of the interval in which a rate lies 95 times of 100
Z2 = 1.959964**2


def known(value):
    """An empty figure reads False, which equals 0."""
    return None if value is False else value


class SurviveCase(ComplianceCase):
    """A firm and a team of their own: no deal of the demo counts. Whatever a world holds, everything opens in it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.read_screens = {}
        cls.firm = cls._firm("Firm that survives")
        people = cls.director | cls.salesperson | cls.colleague | cls.auditor
        (people | cls.env.user).company_ids |= cls.firm
        people.write({"company_id": cls.firm.id, "tz": "UTC", "company_ids": [Command.set(cls.firm.ids)]})
        cls.past_team.company_id = False
        cls.env = cls.env["base"].with_context(allowed_company_ids=cls.firm.ids).env
        for name in ("past_team", "process", "firm", "director", "salesperson", "colleague", "auditor", "customer"):
            setattr(cls, name, getattr(cls, name).with_env(cls.env))

    @classmethod
    def _tell(cls, *stories, **usual):
        return super()._tell(*stories, **{"company": cls.firm, **usual})

    # LOOKING
    def _read(self, model, by, measures, domain=(), user=None, **context):
        """Groups of a report as the director reads them, of this case's team."""
        report = self.env[model].with_user(user or self.director).with_context(**context)
        rows = report._read_group([("team_id", "=", self.past_team.id), *domain], by, measures)
        return [tuple(known(value) for value in row) for row in rows]

    def _by_phase(self, model, *measures, domain=(), **context):
        rows = self._read(model, ["phase_code"], measures, domain, **context)
        return {code: values[0] if len(values) == 1 else tuple(values) for code, *values in rows}

    def _bars(self, start, end=None, user=None, **context):
        """``{kind: (deals, amount)}`` of the bars that say something."""
        asked = {"kams_from": start, "kams_to": end, "kams_team_id": self.past_team.id, **context}
        steps = self.env["kams.pipeline.change.step"].with_user(user or self.director)
        steps.invalidate_model()
        return {
            step.kind: (step.deals, round(step.amount, 2))
            for step in steps.with_context(**asked).search([])
            if step.deals
        }

    def _measures(self, model):
        return [
            f"{name}:{field.aggregator}"
            for name, field in self.env[model]._fields.items()
            if field.type in ("integer", "float", "monetary") and field.aggregator in ("sum", "avg") and field.store
        ]

    def _everything(self):
        """What each report says of the team: what stays the same, whatever names and people do."""
        self._settle()
        self.env.invalidate_all()
        found = {model: self._read(model, [], self._measures(model)) for model in REPORTS}
        found["by person"] = [
            (user.id, team.id, *values)
            for user, team, *values in self._read("kams.performance", ["user_id", "team_id"], ["won:sum", "lost:sum"])
        ]
        found["bars"] = self._bars("2020-01-01")
        found["targets"] = [[known(target[name]) for name in FIGURES] for target in self._targets()]
        found["page"] = self._page()._figures()
        return found

    def _assert_no_rates(self, *models, domain=(), **context):
        """Each rate, percentile and interval is empty, never 0."""
        for model in models:
            rates = [spec for spec in self._measures(model) if spec.endswith(":avg")]
            [row] = self._read(model, [], rates, domain, **context)
            self.assertEqual(
                {spec: value for spec, value in zip(rates, row, strict=True) if value is not None}, {}, model
            )

    def _page(self, user=None, **vals):
        return (
            self.env["kams.funnel.page"].with_user(user or self.director).create({"team_id": self.past_team.id, **vals})
        )

    def _target(self, **vals):
        usual = {"company_id": self.firm.id, "team_id": self.past_team.id, "quota": 1000.0, "tz": "UTC"}
        return self.env["kams.target"].create({**usual, "period_kind": "quarter", "date_from": "2026-01-01", **vals})

    def _targets(self):
        return self.env["kams.target"].search([("team_id", "=", self.past_team.id)], order="id")

    def _figures(self, target):
        self.env.invalidate_all()
        return {name: known(target.with_user(self.director)[name]) for name in FIGURES}

    def _forecast(self, **vals):
        """A forecast of the running month, which may be locked."""
        usual = {"company_id": self.firm.id, "team_id": self.past_team.id, "user_id": False, "tz": "UTC"}
        first = fields.Date.today().replace(day=1)
        return self.env["kams.forecast"].create({**usual, "period_kind": "month", "date_from": first, **vals})

    def _lock_and_close(self, forecast):
        """The period passes."""
        self._settle()
        forecast.action_lock()
        after = datetime.combine(forecast.date_to, datetime.min.time()) + timedelta(days=2)
        with patch.object(fields.Datetime, "now", lambda *_args: after):
            forecast.action_close()
        self._settle()
        return forecast

    # SURVIVING
    def _survives(self, readers=None):
        """Each screen of the chapter opens for its readers, each paper prints, and the reports agree."""
        self._settle()
        self.env.invalidate_all()
        for user in readers or self.director:
            self._open_screens(user)
            self._open_forms(user)
            self._open_dashboards(user)
        self._print_papers()
        self._agree()

    def _screens(self, user):
        """``[(action, kind of view, its XML)]``, each way of looking at a model once; read once for each reader."""
        found = self.read_screens.get(user.id)
        if found is None:
            found = self.read_screens[user.id] = {}
            for action in self.env["ir.actions.act_window"].sudo().search([("res_model", "in", SCREENS)]):
                model = self.env[action.res_model].with_user(user)
                if not model.has_access("read"):
                    continue
                views = [
                    (number, kind) for number, kind in action.views if kind in ("list", "kanban", "pivot", "graph")
                ]
                for kind, view in model.get_views(views)["views"].items():
                    arch = etree.fromstring(view["arch"])
                    names = frozenset(arch.xpath("//field/@name"))
                    found.setdefault((action.res_model, kind, names), (action, kind, arch))
        return found.values()

    def _open_screens(self, user):
        for action, kind, arch in self._screens(user):
            values = {"uid": user.id, "context_today": fields.Date.today, "active_id": 0, "active_ids": []}
            asked = safe_eval(action.context or "{}", values)
            model = self.env[action.res_model].with_user(user)
            model = model.with_context(**{key: value for key, value in asked.items() if key.startswith("kams_")})
            try:
                self._open_view(model, kind, arch, safe_eval(action.domain or "[]", values))
            except Exception as error:
                raise AssertionError(f"{action.xml_id} ({kind}) as {user.login}: {error}") from error

    def _open_view(self, model, kind, arch, domain):
        names = arch.xpath("//field[not(ancestor::field)]/@name")
        if kind in ("list", "kanban"):
            asked = {
                name: {"fields": {"display_name": {}}} if model._fields[name].type == "many2one" else {}
                for name in names
                if name in model._fields
            }
            model.web_search_read(domain, asked, limit=80)
            return
        measures = [name for name in arch.xpath("//field[@type='measure']/@name") if model._fields[name].aggregator]
        groups = [
            f"{name}:month" if model._fields[name].type in ("date", "datetime") else name
            for name in arch.xpath("//field[not(@type='measure')][not(@invisible)]/@name")
        ]
        specs = [f"{name}:{model._fields[name].aggregator}" for name in measures]
        model.formatted_read_group(domain, groups, [*specs, "__count"])

    def _open_forms(self, user):
        """A record of each that has a page of its own, with all that stands on it and behind it."""
        for name in ("kams.performance", "kams.target", "kams.forecast", "kams.winloss", "kams.stage.audit"):
            model = self.env[name].with_user(user)
            if not model.has_access("read"):
                continue
            record = model.search([("company_id", "=", self.firm.id)], limit=1)
            arch = etree.fromstring(model.get_view(view_type="form")["arch"])
            names = {field for field in arch.xpath("//field[not(ancestor::field)]/@name") if field in model._fields}
            record.web_read({field: {} for field in names})
            if record and name == "kams.performance":
                for part in record._places():
                    action = record.with_context(part=part).action_part()
                    if self.env[action["res_model"]].with_user(user).has_access("read"):
                        self.env[action["res_model"]].with_user(user).search_count(action["domain"])

    def _dashboards(self):
        ours = self.env["ir.model.data"].search(
            [("module", "=", "kams_sales"), ("model", "=", "spreadsheet.dashboard")]
        )
        return self.env["spreadsheet.dashboard"].browse(ours.mapped("res_id"))

    def _open_dashboards(self, user):
        """What each chart, pivot and list of a dashboard asks, of the team: ``{place: rows}``."""
        found = {}
        for dashboard in self._dashboards():
            if not set(dashboard.sudo().group_ids.ids) & set(user.all_group_ids.ids):
                continue
            self.assertTrue(dashboard.with_user(user).has_access("read"))
            for place, (model, domain, groups, measures, matching) in enumerate(
                DashboardCase._sources(self, dashboard.sudo())
            ):
                records = self.env[model].with_user(user)
                chain = matching.get("kams-team", {}).get("chain")
                team = Domain(chain, "=", self.past_team.id) if chain else Domain.TRUE
                asked = Domain(domain) & team
                try:
                    if any(records._fields[name].aggregator is None for name in measures if name != "__count"):
                        records.web_search_read(asked, {name: {} for name in measures}, limit=8)
                        continue
                    specs = [
                        name if name == "__count" else f"{name}:{records._fields[name].aggregator}" for name in measures
                    ]
                    found[dashboard.name, place] = records.formatted_read_group(asked, groups, specs)
                except Exception as error:
                    raise AssertionError(f"{dashboard.name}, {model} as {user.login}: {error}") from error
        return found

    def _print_papers(self):
        reports = self.env["ir.actions.report"].with_user(self.director)
        mine = [("company_id", "=", self.firm.id)]
        papers = {
            "report_funnel": self._page(),
            "report_forecast": self.env["kams.forecast"].search(mine),
            "report_winloss": self.env["kams.winloss"].search(mine),
            "report_stage_audit": self.env["kams.stage.audit"].search(mine),
        }
        for name, records in papers.items():
            if not records:
                continue
            html, _kind = reports._render_qweb_html(f"kams_sales.{name}", records.ids)
            text = " ".join(etree.HTML(html).itertext())
            for word in ("nan", "None", "False", "inf"):
                self.assertNotRegex(text, rf"\b{word}\b", name)

    def _agree(self):
        """What two reports say of the same, they say alike."""
        bars = self._bars("2020-01-01")
        changes = sum(amount for kind, (_deals, amount) in bars.items() if kind not in ("opening", "closing"))
        closing = bars.get("closing", (0, 0.0))
        self.assertAlmostEqual(bars.get("opening", (0, 0.0))[1] + changes, closing[1], 2)
        steps = self.env["kams.pipeline.change.step"].with_user(self.director)
        for step in steps.with_context(kams_from="2020-01-01", kams_team_id=self.past_team.id).search([]):
            action = step.action_open_deals()
            behind = self.env[action["res_model"]].with_user(self.director).with_context(**action["context"])
            self.assertEqual(behind.search_count(action["domain"]), step.deals, step.kind)
        [(count, amount)] = self._read("kams.pipeline", [], ["deals:sum", "amount:sum"])
        self.assertEqual((count or 0, round(amount or 0, 2)), closing)
        [(present,)] = self._read("kams.funnel", [], ["present:sum"])
        self.assertEqual(present or 0, closing[0])
        self.assertEqual(sum(phase["present"] for phase in self._page()._figures()["phases"]), closing[0])
        [ends] = self._read("kams.funnel", [], ["deals_won:sum", "deals_lost:sum", "deals_undecided:sum"])
        [told] = self._read("kams.winloss.report", [], ["won:sum", "lost:sum", "undecided:sum", "won_amount:sum"])
        self.assertEqual([one or 0 for one in ends], [one or 0 for one in told[:3]])
        for kind in ("person", "team"):
            [row] = self._read(
                "kams.performance",
                [],
                ["won:sum", "lost:sum", "undecided:sum", "won_amount:sum"],
                [("kind", "=", kind)],
            )
            self.assertEqual([one or 0 for one in row], [one or 0 for one in told], kind)


@tagged("post_install", "-at_install")
class TestControlSurvives(SurviveCase):
    """The reports of chapter 9 on worlds in which reports break: each figure by hand, nothing without a ground."""

    # HOW MUCH THERE IS
    def test_no_history(self):
        self._target()
        forecast = self._lock_and_close(self._forecast())
        self._survives()
        self._assert_no_rates(*REPORTS[:6])
        for model in REPORTS[:6]:
            self.assertFalse(self.env[model].search([("team_id", "=", self.past_team.id)]), model)
        for place, rows in self._open_dashboards(self.director).items():
            for row in rows:
                rates = {name: value for name, value in row.items() if name.endswith(":avg")}
                self.assertFalse({name: value for name, value in rates.items() if value is not False}, place)
        figures = self._page()._figures()
        self.assertEqual([phase["conversion"] for phase in figures["phases"]], [None] * 5)
        self.assertEqual([phase["win_probability"] for phase in figures["phases"]], [None] * 5)
        self.assertEqual((figures["win_rate"], figures["overall"], figures["undecided"]), (None, None, None))
        self.assertIsNone(figures["shape"]["verdict"])
        self.assertEqual(self._bars("2026-01-01"), {})
        found = self._figures(self._targets())
        self.assertEqual(
            {name: value for name, value in found.items() if value is not None},
            {
                # nothing of 1000 is 0 %, and what is open covers 0 of it: these have a denominator
                **{"closed": 0, "closed_count": 0, "attainment": 0.0, "remaining": 1000.0, "open_pipeline": 0},
                **{"open_count": 0, "weighted": 0, "coverage": 0.0, "weighted_coverage": 0.0, "hit_probability": 0.0},
                **{"weighted_own": 0, "rate_basis": 0},
            },
        )
        self.assertEqual((forecast.forecast, forecast.actual_won, known(forecast.error_pct)), (0.0, 0.0, None))
        [(mape, wape, bias, brier, share)] = self.env["kams.forecast.accuracy"]._read_group(
            [("forecast_id", "=", forecast.id)],
            [],
            [f"{n}:avg" for n in ("mape", "wape", "bias", "brier", "win_share")],
        )
        self.assertEqual({mape, wape, bias, brier, share}, {False})
        self.assertIs(mape, False)
        self.assertFalse(self.env["kams.today"].with_user(self.salesperson).search([]))

    def test_one_deal_that_was_won(self):
        deal = self._tell(self._through(5, "won", amount=100.0))  # from 5 January to 24 February
        self._say(deal, S1_O1="pass", S1_O2="fail")
        target = self._target()
        self._survives()
        self.assertEqual(
            self._by_phase("kams.funnel", "entered:sum", "conversion:avg", "win_probability:avg", "median_days:avg"),
            dict.fromkeys(PHASES, (1, 100.0, 100.0, 10.0)),
        )
        self.assertEqual(
            self._by_phase("kams.phase.time", "visited:sum", "mean_days:avg", "p80_days:avg", "back_rate:avg"),
            dict.fromkeys(PHASES, (1, 10.0, 10.0, 0.0)),
        )
        [(rate, low, high, sure)] = self._read(
            "kams.winloss.report", [], ["win_rate:avg", "win_low:avg", "win_high:avg", "win_rate_sure:avg"]
        )
        # Wilson, 1 of 1: from 1 ÷ (1 + z²) to 1; nobody concludes anything from one deal
        self.assertEqual((rate, round(low, 2), round(high, 2), sure), (100.0, round(100 / (1 + Z2), 2), 100.0, None))
        [(compliance, difference)] = self._read("kams.compliance", [], ["compliance:avg", "difference:avg"])
        self.assertEqual((compliance, difference), (50.0, None))
        self.assertEqual(self._bars("2026-01-01", "2026-04-01"), {"new": (1, 100.0), "won": (1, -100.0)})
        self.assertEqual(self._bars("2026-02-01", "2026-04-01"), {"opening": (1, 100.0), "won": (1, -100.0)})
        [then] = self._read(
            "kams.pipeline",
            ["phase_code"],
            ["amount:sum", "weighted:sum", "weighted_own:sum", "phase_days:avg"],
            kams_as_of="2026-02-10",
        )
        # it was in tendering since 4 February, 08:00; nothing had closed by then
        self.assertEqual((*then[:4], round(then[4], 4)), ("tendering", 100.0, 50.0, None, 5.6667))
        found = self._figures(target)
        self.assertEqual(
            [found[name] for name in ("closed", "attainment", "remaining", "win_rate", "cycle_days", "velocity")],
            [100.0, 10.0, 900.0, 100.0, 50.0, 0.0],
        )
        self.assertEqual(
            (found["months_to_quota"], found["required_pipeline"], found["average_deal"]), (None, 900, 100)
        )
        [row] = self._read(
            "kams.performance",
            ["date_from:quarter"],
            ["won_amount:sum", "win_rate:avg", "days_to_close:avg", "attainment:avg"],
            [("kind", "=", "team")],
        )
        self.assertEqual(row, (datetime(2026, 1, 1).date(), 100.0, 100.0, 50.0, 10.0))

    def test_one_deal_that_is_open(self):
        today = fields.Date.today()
        deal = self._tell(self._through(5, amount=100.0, deadline=today))  # in negotiation since 14 February
        forecast = self._forecast()
        self._survives()
        self.assertEqual(
            self._by_phase("kams.funnel", "entered:sum", "conversion:avg", "win_probability:avg", "present:sum"),
            {
                **dict.fromkeys(PHASES[:4], (1, 100.0, None, 0)),  # advanced, but nothing closed: no chance to win
                "negotiation": (0, None, None, 1),
            },
        )
        [row] = self._read(
            "kams.pipeline", [], ["amount:sum", "weighted:sum", "weighted_own:sum", "stagnant:sum", "age_days:avg"]
        )
        # nothing was won, so the process says what is too long: 25 days × 1.5
        self.assertEqual(row[:4], (100.0, 80.0, None, 1))
        self._assert_no_rates("kams.winloss.report")
        [(won, rate, steps)] = self._read(
            "kams.performance", [], ["won:sum", "win_rate:avg", "step_rate:avg"], [("kind", "=", "team")]
        )
        self.assertEqual((won, rate, steps), (0, None, 100.0))
        self.assertEqual((forecast.commit_amount, forecast.deal_count), (100.0, 1))
        self._lock_and_close(forecast)
        self.assertEqual((forecast.forecast, forecast.actual_won, forecast.error), (100.0, 0.0, 100.0))
        self.assertIsNone(known(forecast.error_pct))
        self._print_papers()
        names = ("mape", "wape", "bias", "mape_invoiced", "brier", "win_share", "brier_own")
        [row] = self.env["kams.forecast.accuracy"]._read_group(
            [("forecast_id", "=", forecast.id)], [], [f"{name}:avg" for name in names]
        )
        # the chance was 80 %, and it didn't come: 0.8²; of one deal none was won, which is 0 % of something
        self.assertEqual([known(value) for value in row[:4]], [None] * 4)
        self.assertAlmostEqual(row[4], 0.64)
        self.assertEqual((known(row[5]), known(row[6])), (0.0, None))
        mine = self.env["kams.today"].with_user(self.salesperson).search([("kind", "!=", "points")])
        self.assertEqual(mine.lead_id, deal)

    def test_a_period_with_nothing(self):
        self._tell(self._through(5, "won", amount=100.0), self._through(2, "lost"), self._through(3, "archived"))
        never = [("closed_at", ">=", "1999-01-01"), ("closed_at", "<", "2000-01-01")]
        self._assert_no_rates("kams.funnel", "kams.winloss.report", "kams.compliance", domain=never)
        self._assert_no_rates("kams.phase.time", domain=[("left_at", "<", "2000-01-01")])
        self._assert_no_rates("kams.performance", domain=[("date_from", "<", "2000-01-01")])
        self._assert_no_rates("kams.pipeline", kams_as_of="1999-12-31")
        self.assertEqual(self._bars("1999-01-01", "1999-12-31"), {})
        page = self._page(date_from="1999-01-01", date_to="1999-12-31")
        self.assertNotRegex(page.page, r"\b0\.0 %")
        self.assertIn("–", page.page)
        before = self._figures(self._target(date_from="1999-01-01"))
        self.assertEqual((before["closed"], before["open_pipeline"], before["win_rate"]), (0, 0, None))
        self.assertEqual((before["average_deal"], before["cycle_days"], before["velocity"]), (None, None, None))
        ahead = self._figures(self._target(date_from="2040-01-01"))
        # the rate is of the last twelve months, or of none
        self.assertEqual((ahead["closed"], ahead["attainment"]), (0, 0.0))
        self._survives()

    # WAYS THAT DEALS GO
    def test_a_deal_that_went_back_three_times(self):
        steps = [("2026-01-01", "development", {"amount": 100.0}), ("2026-01-11", "initiation")]
        for month in ("02", "03", "04"):
            steps += [(f"2026-{month}-01", "proposal"), (f"2026-{month}-11", "initiation")]
        deal = self._tell({"steps": [*steps, ("2026-05-01", "proposal"), ("2026-05-02", "lost")]})
        self._say(deal, S1_O1="pass", S1_O2="pass", S2_O1="pass", S2_O2="fail", S3_O1="fail")
        self._survives()
        self.assertEqual(
            self._by_phase("kams.funnel", "entered:sum", "advanced:sum", "leaked:sum", "visits:sum", "went_back:sum"),
            {"development": (1, 1, 0, 1, 0), "initiation": (1, 1, 0, 4, 0), "proposal": (1, 0, 1, 4, 3)},
        )
        # in initiation 21 + 18 + 21 + 20 days, in proposal 10 + 10 + 10 + 1
        self.assertEqual(
            self._by_phase("kams.phase.time", "mean_days:avg", "median_days:avg", "back_rate:avg"),
            {"development": (10.0, 10.0, 0.0), "initiation": (80.0, 80.0, 0.0), "proposal": (31.0, 31.0, 100.0)},
        )
        self.assertEqual(self._bars("2025-12-01"), {"new": (1, 100.0), "lost": (1, -100.0)})
        self.assertEqual(self._bars("2026-02-05", "2026-04-05"), {"opening": (1, 100.0), "closing": (1, 100.0)})
        [(phase, days, deals)] = self._read(
            "kams.pipeline", ["phase_code"], ["phase_days:avg", "deals:sum"], kams_as_of="2026-03-20T08:00:00"
        )
        self.assertEqual((phase, days, deals), ("initiation", 9.0, 1))  # since it came here last
        rows = self.env["kams.compliance"].search([("lead_id", "=", deal.id)])
        points = {row.point_code: (row.state, str(row.left_at)[:10]) for row in rows}
        self.assertEqual(
            points,
            {
                "S1-O1": ("met", "2026-01-11"),
                "S1-O2": ("met", "2026-01-11"),
                "S2-O1": ("met", "2026-05-01"),
                "S2-O2": ("missing", "2026-05-01"),
                "S3-O1": ("missing", "2026-05-02"),
            },
        )
        [(lost, closed, review)] = self._read("kams.winloss.report", [], ["lost:sum", "closed:sum", "review_rate:avg"])
        self.assertEqual((lost, closed, review), (1, 1, 0.0))
        self.assertEqual(self._figures(self._target(date_from="2026-04-01"))["rate_basis"], 1)

    def test_a_phase_that_a_newer_version_removed(self):
        """The shipped designer makes the version; deals that run stay in theirs, and one changes over."""
        won, standing, moving = self._tell(
            self._through(5, "won", amount=100.0),
            self._through(3, amount=40.0),
            self._through(3, amount=7.0),
        )
        draft = self.env["kams.process"].browse(self.process.with_user(self.director).action_new_version()["res_id"])
        gone = draft.phase_ids.filtered(lambda phase: phase.code == "proposal")
        gone.point_ids.unlink()
        gone.with_user(self.director).unlink()
        draft.with_user(self.director).action_activate()
        self.assertEqual(self.past_team.kams_process_id, draft)
        short = self._tell(
            {
                "steps": [
                    ("2026-03-01", "development", {"amount": 10.0}),
                    ("2026-03-11", "initiation"),
                    ("2026-03-21", "tendering"),
                    ("2026-03-31", "negotiation"),
                    ("2026-04-10", "won"),
                ]
            }
        )
        moving.with_user(self.director).action_kams_leave()
        self._settle()
        moving.stage_id = draft.phase_ids.filtered(lambda phase: phase.code == "tendering").stage_id
        self._settle()
        moving.with_user(self.director).action_kams_join()
        self._settle()
        self.assertEqual((moving.kams_process_id, standing.kams_process_id), (draft, self.process))
        self._say(won + standing, S1_O1="pass", S3_O1="fail")
        self._judge(standing, won)
        self._judge(moving, short)
        self._survives()
        places = {
            lead: self.env["kams.funnel"].search([("lead_id", "=", lead.id)]).mapped("phase_code")
            for lead in (won, standing, moving, short)
        }
        self.assertEqual(
            places,
            {
                won: list(PHASES),
                standing: list(PHASES[:3]),
                moving: list(PHASES[:4]),  # it was in the phase that is gone
                short: [code for code in PHASES if code != "proposal"],
            },
        )
        self.assertEqual(
            self._by_phase("kams.funnel", "entered:sum", "advanced:sum", "present:sum"),
            {
                "development": (4, 4, 0),
                "initiation": (4, 4, 0),
                "proposal": (2, 2, 1),
                "tendering": (2, 2, 1),
                "negotiation": (2, 2, 0),
            },
        )
        # by the chances of their own versions: 40 × 30 % and 7 × 50 %
        [(amount, weighted)] = self._read("kams.pipeline", [], ["amount:sum", "weighted:sum"])
        self.assertEqual((amount, weighted), (47.0, 15.5))
        self.assertEqual(self._figures(self._target(period_kind="year"))["weighted"], 15.5)
        proposal = self._read("kams.compliance", [], ["missing:sum"], [("phase_code", "=", "proposal")])
        self.assertEqual(proposal, [(2,)])
        self.assertEqual(
            self._by_phase("kams.phase.time", "timed:sum")["proposal"], 2
        )  # the won one, and the one that left KAMS

    # PEOPLE AND TEAMS
    def test_each_role_opens_what_it_may(self):
        groups = ("bid_desk", "finance", "delivery")
        others = [self._person(f"survives_{name}", f"kams_sales.group_{name}") for name in groups]
        for user in others:
            user.write({"company_ids": [Command.set(self.firm.ids)], "company_id": self.firm.id})
        self._busy()
        self._survives([self.salesperson, self.auditor, *others])

    def _busy(self):
        now = fields.Datetime.now()
        self.startPatcher(patch.object(fields.Datetime, "now", lambda *_args: now))  # days in phase go on by the second
        deals = self._tell(
            self._through(5, "won", amount=100.0),
            self._through(2, "lost", amount=30.0),
            self._through(3, amount=50.0, deadline=fields.Date.today()),
            self._through(4, "won", amount=20.0, user=self.colleague),
        )
        self._say(deals, S1_O1="pass", S1_O2="fail")
        self._target()
        self._target(user_id=self.salesperson.id, quota=400.0)
        self._lock_and_close(self._forecast(user_id=self.salesperson.id))
        self._judge(deals[2], deals[1])
        return deals

    def _judge(self, audited, reviewed):
        """A stage audit that is recorded, and a review that is confirmed, so that their papers are printed too."""
        self.env["kams.stage.audit"].with_user(self.director).create(
            {
                "lead_id": audited.id,
                "verdict": "fix",
                "finding_ids": [
                    Command.create({"text": "No minutes", "date_due": "2030-01-01", "user_id": self.salesperson.id})
                ],
            }
        ).action_done()
        self.env["kams.winloss"].create(
            {
                "lead_id": reviewed.id,
                "result": "won" if reviewed.won_status == "won" else "lost",
                "lessons": "Ask earlier",
                "reason_ids": [Command.create({"category": "price", "source": "guess"})],
            }
        ).with_user(self.director).action_confirm()
        self._settle()

    def test_a_team_that_was_renamed_and_archived(self):
        self._busy()
        before = self._everything()
        self.past_team.write({"name": "Quite another name", "active": False})
        self.assertEqual(self._everything(), before)
        self._survives()
        for model in REPORTS[:6]:
            [(team, *_values)] = self._read(model, ["team_id"], ["__count"])
            self.assertEqual(team.display_name, "Quite another name", model)
        self.assertIn("Quite another name", self._targets()[:1].display_name)

    def test_an_owner_who_left(self):
        deals = self._busy()
        before = self._everything()
        self.past_team.user_id = self.director
        self.salesperson.active = False
        after = self._everything()
        self.assertEqual(after, before)
        self._survives()
        for model in REPORTS[:6]:
            names = [user.name for user, *_values in self._read(model, ["user_id"], ["__count"])]
            self.assertIn("kams_sales_user", names, model)
        row = self.env["kams.performance"].search(
            [("user_id", "=", self.salesperson.id), ("date_from", "=", "2026-01-01")]
        )
        self.assertEqual((row.won, row.lost, row.attainment), (1, 1, 25.0))
        self.assertIn("kams_sales_user", row.display_name)
        # what they owed is the team leader's now
        led = self.env["kams.today"].with_user(self.director).search([("kind", "!=", "points")])
        self.assertEqual(led.lead_id, deals[2])
        self._run_cron("kams.reminder", "_cron_remind")
        reminders = self.env["kams.reminder"].search([("lead_id", "=", deals[2].id), ("is_open", "=", True)])
        self.assertEqual(reminders.user_id, self.director)

    # MONEY
    def test_currency_rates_that_were_added_late(self):
        """Figures of two companies together follow the rate, all alike and to the cent; those of one don't move."""
        one, other = self.env["res.currency"].create(
            [{"name": name, "symbol": name, "rounding": 0.01} for name in ("KA1", "KA2")]
        )
        self.firm.currency_id = one
        abroad = self.env["res.company"].create({"name": "Firm abroad", "currency_id": other.id})
        self.director.company_ids |= abroad
        self.env.user.company_ids |= abroad
        for company, amount, number in ((self.firm, 100.0, 1), (abroad, 33.33, 3)):
            self._tell(*[self._through(5, amount=amount)] * number, company=company)  # 80 %
            self._tell(*[self._through(5, "won", amount=amount)] * number, company=company)
            self._tell(*[self._through(2, "lost", amount=amount)] * number, company=company)
        closed = self._target(company_id=abroad.id)
        self.assertAlmostEqual(closed.closed, 99.99, 2)
        for company, called, came in ((self.firm, 100.0, 80.0), (abroad, 33.33, 20.0)):
            forecast = self._forecast(company_id=company.id)
            forecast._engine().write({"state": "locked", "forecast": called, "locked_at": fields.Datetime.now()})
            forecast._engine().write({"state": "closed", "actual_won": came, "actual_invoiced": 0.0})

        def figures(companies):
            self.env.invalidate_all()
            asked = {"allowed_company_ids": companies.ids}
            [(pipeline, weighted, currency)] = self._read(
                "kams.pipeline", [], ["amount:sum", "weighted:sum", "currency_id:array_agg_distinct"], **asked
            )
            [(present, leaked)] = self._read("kams.funnel", [], ["present_amount:sum", "leaked_amount:sum"], **asked)
            bars = self._bars("2026-01-01", **asked)
            [(won, lost)] = self._read("kams.winloss.report", [], ["won_amount:sum", "lost_amount:sum"], **asked)
            [(earned,)] = self._read("kams.performance", [], ["won_amount:sum"], [("kind", "=", "person")], **asked)
            [accuracy] = (
                self.env["kams.forecast.accuracy"]
                .with_user(self.director)
                .with_context(**asked)
                ._read_group([("company_id", "in", companies.ids)], [], ["forecast:sum", "actual_won:sum", "wape:avg"])
            )
            self.assertEqual(currency, [companies[0].currency_id.id])
            self.assertAlmostEqual(weighted, pipeline * 0.8, 4)
            # the same deals in each of these
            amounts = {round(value, 2) for value in (pipeline, present, leaked, won, lost, earned)}
            amounts |= {bars["closing"][1], -bars["won"][1], -bars["lost"][1]}
            return amounts, [round(value, 2) for value in accuracy]

        both = self.firm + abroad
        self.assertEqual(figures(both)[0], {199.99})  # without any rate 1 is 1
        self.assertEqual(figures(self.firm), ({100.0}, [100.0, 80.0, 25.0]))
        alone = figures(abroad)
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "company_id": False, "name": "2026-01-01", "rate": 0.7}
        )
        # 100 + 3 × 33.33 ÷ 0.7 = 242.842857; forecast 100 + 47.614286 and won 80 + 28.571429, errors 20 + 19.042857
        self.assertEqual(figures(both), ({242.84}, [147.61, 108.57, 35.96]))
        self.assertEqual(figures(self.firm), ({100.0}, [100.0, 80.0, 25.0]))
        self.assertEqual(figures(abroad), alone)
        self.assertEqual(figures(abroad + self.firm)[0], {169.99})  # 99.99 + 100 × 0.7
        self.env.invalidate_all()
        self.assertAlmostEqual(closed.closed, 99.99, 2)  # a target is in its company's currency
        self._survives()

    # TIME
    def test_the_end_of_a_month_is_where_the_reader_is(self):
        """23:30 on 31 March in Shanghai is 15:30 UTC; half past midnight on 1 April is 16:30 UTC of 31 March."""
        people = self.director | self.salesperson | self.auditor
        people.tz = "Asia/Shanghai"
        first, second = self._tell(
            {"steps": [("2026-01-05", "development", {"amount": 100.0}), ("2026-03-31T15:30:00", "won")]},
            {"steps": [("2026-01-05", "development", {"amount": 7.0}), ("2026-03-31T16:30:00", "won")]},
        )
        self._say(first + second, S1_O1="pass")
        march, april = datetime(2026, 3, 1), datetime(2026, 4, 1)
        grouped = (
            ("kams.funnel", "closed_at", "deals_won"),
            ("kams.phase.time", "left_at", "timed"),
            ("kams.winloss.report", "closed_at", "won"),
            ("kams.compliance", "closed_at", "met"),
            ("kams.compliance", "left_at", "met"),
        )
        for model, moment, measure in grouped:
            with self.subTest(model=model, moment=moment):
                here = self._read(model, [f"{moment}:month"], [f"{measure}:sum"], tz="Asia/Shanghai")
                self.assertEqual(
                    [(month.replace(tzinfo=None), count) for month, count in here], [(march, 1), (april, 1)]
                )
                there = self._read(model, [f"{moment}:month"], [f"{measure}:sum"], tz="UTC")
                self.assertEqual([(month.replace(tzinfo=None), count) for month, count in there], [(march, 2)])
        # the page by its reader's zone
        pages = [
            self._page(date_from=f"2026-{month}-01", date_to=f"2026-{month}-{last}")
            for month, last in (("03", 31), ("04", 30))
        ]
        self.assertEqual([page._figures()["totals"]["deals_won"] for page in pages], [1, 1])
        number = int(pages[0]._url("deals_won").split("/")[-2])
        self.assertEqual(
            self.env["kams.funnel"].with_user(self.director).search([("figure", "=", number)]).lead_id, first
        )
        # process beside result
        quarters = self._read(
            "kams.performance",
            ["date_from:quarter"],
            ["won_amount:sum"],
            [("kind", "=", "person"), ("won", ">", 0)],
            tz="Asia/Shanghai",
        )
        self.assertEqual(quarters, [(march.replace(month=1).date(), 100.0), (april.date(), 7.0)])
        # targets and forecasts by the zone of their period, and the deals behind them
        deals = self.env["crm.lead"].with_context(active_test=False)
        nobody = deals.browse()
        for zone, scope, months in (
            ("Asia/Shanghai", {"user_id": self.salesperson.id}, {"2026-03-01": first, "2026-04-01": second}),
            ("UTC", {}, {"2026-03-01": first + second, "2026-04-01": nobody}),
        ):
            for day, won in months.items():
                target = self._target(period_kind="month", date_from=day, tz=zone, **scope)
                forecast = self._forecast(date_from=day, tz=zone, **scope)
                forecast._lock()
                forecast._close()
                amount = {first: 100.0, second: 7.0, first + second: 107.0, nobody: 0.0}[won]
                self.assertEqual((target.closed, forecast.actual_won), (amount, amount), (zone, day))
                for record in (target, forecast):
                    self.assertEqual(deals.search(record.action_won_deals()["domain"]), won, (zone, day))
        # what changed, asked in days
        for days, told in (
            (("2026-03-01", "2026-03-31"), {"opening": (2, 107.0), "won": (1, -100.0), "closing": (1, 7.0)}),
            (("2026-04-01", "2026-04-30"), {"opening": (1, 7.0), "won": (1, -7.0)}),
        ):
            ask = self.env["kams.pipeline.change.ask"].with_user(self.director).with_context(tz="Asia/Shanghai")
            ask = ask.create({"date_from": days[0], "date_to": days[1], "team_id": self.past_team.id})
            context = ask.action_show()["context"]
            self.assertEqual(self._bars(context["kams_from"], context["kams_to"]), told, days)
        then = self.env["kams.pipeline.as.of"].with_user(self.director).create({"day": "2026-03-31"}).action_show()
        rows = self.env["kams.pipeline"].with_user(self.director).with_context(**then["context"])
        self.assertEqual(rows.search([("team_id", "=", self.past_team.id)]).lead_id, second)
        self._survives()

    # NOTHING TO DIVIDE BY
    def test_a_denominator_of_zero(self):
        deal, given_up = self._tell(
            self._through(2, amount=0.0), self._through(1, "archived", amount=0.0, start="2026-02-02")
        )
        self._say(deal, S1_O3="fail")  # advisory
        self._survives()
        [row] = self._read(
            "kams.winloss.report",
            [],
            ["win_rate:avg", "win_low:avg", "win_rate_value:avg", "in_time_rate:avg", "undecided_rate:avg"],
        )
        self.assertEqual(row, (None, None, None, None, 100.0))
        [row] = self._read(
            "kams.compliance",
            [],
            ["compliance:avg", "compliance_waived:avg", "win_rate_met:avg", "compliance_weighted:avg"],
        )
        self.assertEqual(row, (None, None, None, 0.0))
        quota = self._target(quota=0.0)
        found = self._figures(quota)
        empty = ("attainment", "coverage", "weighted_coverage", "win_rate", "target_coverage", "required_pipeline")
        self.assertEqual({found[name] for name in empty}, {None})
        self.assertEqual({found[name] for name in ("average_deal", "cycle_days", "velocity", "pipeline_gap")}, {None})
        self.assertEqual((found["closed"], found["remaining"], found["months_to_quota"]), (0, 0, 0.0))
        self.assertNotIn("0.0 %", quota.stage_coverage)
        rates = [f"{name}:avg" for name in self.env["kams.performance"]._ratios]
        rows = self._read("kams.performance", ["date_from:quarter"], rates, [("date_from", "=", "2026-01-01")])
        self.assertEqual({value for row in rows for value in row[1:]}, {None})
        figures = self._page(by="closed_at", date_from="2026-01-01", date_to="2026-03-31")._figures()
        self.assertEqual((figures["win_rate"], figures["overall"], figures["undecided"]), (None, 0.0, 1.0))
        # nobody was won, of one that closed: 0 % of something
        self.assertEqual([phase["win_probability"] for phase in figures["phases"]], [0.0] + [None] * 4)

    def test_a_figure_of_a_deal_that_is_gone_says_so(self):
        ref = self.env["kams.deal.history"].search([], order="lead_ref desc", limit=1).lead_ref
        self._tell(self._through(2, "deleted"))
        self._survives()
        for model in ("kams.funnel", "kams.phase.time", "kams.pipeline.change"):
            rows = self.env[model].with_user(self.director).with_context(kams_from="2026-01-06")
            row = rows.search([("lead_ref", ">", ref), ("team_id", "=", self.past_team.id)], limit=1)
            with self.assertRaises(UserError):
                row.action_open_deal()
