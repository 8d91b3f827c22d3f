from datetime import datetime, timedelta
from random import Random

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..demo.kams_demo_past import ENDS
from ..models.blank import known
from .past import PHASES
from .test_compliance import ComplianceCase

MOMENT = "2026-06-15 12:00:00"
# Each report of deals, as it is asked, and measures that add up
REPORTS = (
    ("kams.funnel", {}, ("entered", "advanced", "leaked", "present", "present_amount", "deals_won")),
    ("kams.phase.time", {}, ("visited", "visits", "timed", "went_back")),
    ("kams.pipeline", {}, ("deals", "amount", "weighted", "stagnant")),
    ("kams.pipeline", {"kams_as_of": MOMENT}, ("deals", "amount", "weighted")),
    ("kams.pipeline.change", {"kams_from": MOMENT}, ("amount",)),
    ("kams.compliance", {}, ("applicable", "met", "missing", "mandatory")),
    ("kams.winloss.report", {}, ("won", "lost", "undecided", "won_amount", "lost_amount")),
)
RATES = {"kams.winloss.report": "win_rate", "kams.compliance": "compliance", "kams.phase.time": "mean_days"}


@tagged("post_install", "-at_install")
class TestControlReaders(ComplianceCase):
    """Whoever reads a report reads of the deals that they may read, no more and no less, by whatever way they ask."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.firm = cls._firm("Firm elsewhere")
        cls.stranger = cls._abroad("kams_stranger", "kams_sales.group_director")
        cls.worker = cls._abroad("kams_worker", "sales_team.group_sale_salesman")
        cls.keeper = cls._person("kams_keeper", "kams_sales.group_finance")
        cls.everywhere = cls._person("kams_everywhere", "kams_sales.group_director")
        cls.everywhere.company_ids |= cls.firm
        account = cls._account()  # the account manager's
        random, stories = Random(15), []
        people = (cls.salesperson, cls.colleague, cls.director, cls.worker, None)
        for number in range(150):
            company = random.choice((cls.env.company, cls.env.company, cls.firm))
            stories.append(
                {
                    "name": f"Life {number}",
                    "steps": cls._life(random, people),
                    "user": random.choice(people),
                    "amount": float(random.randint(1, 10**6)),
                    "company": company,
                    "partner": cls.customer if random.random() < 0.3 else None,
                    "account": account if company == cls.env.company and random.random() < 0.2 else None,
                }
            )
        cls.deals = cls._tell(*stories)
        cls._say(cls.deals, S1_O1="pass", S1_O2="fail", S2_O1="waived", S3_O1="fail")

    @classmethod
    def _abroad(cls, login, groups):
        return new_test_user(
            cls.env,
            login=login,
            groups=f"base.group_user,{groups}",
            company_id=cls.firm.id,
            company_ids=[Command.set(cls.firm.ids)],
        )

    @classmethod
    def _life(cls, random, people):
        """As the lives of the funnel's oracle, with owners and amounts that change on the way."""
        when, steps = datetime(2026, 1, 1, 8), []
        for _step in range(random.randint(1, 8)):
            closed = steps and steps[-1][1] in ("won", "lost", "archived")
            what = random.choice(PHASES)
            if steps and not closed:
                what = random.choice([*PHASES, *PHASES, None, "lost", "archived", "won"])
            values = {"user": random.choice(people)} if random.random() < 0.3 else {}
            values |= {"amount": float(random.randint(1, 10**6))} if random.random() < 0.3 else {}
            steps.append((when, what, values))
            when += timedelta(hours=random.randint(1, 900))
        if random.random() < 0.2:
            steps.append((when, random.choice(sorted(ENDS))))
        return steps

    def _readers(self):
        return (self.salesperson | self.colleague | self.manager | self.director | self.auditor | self.keeper) | (
            self.stranger | self.worker | self.everywhere
        )

    def _as(self, model, user, **context):
        return self.env[model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids, **context)

    def _may_read(self, user):
        return self._as("crm.lead", user, active_test=False).search([]).ids

    def _sees_row(self, row, user, mine):
        """A deal's row is seen by who sees the deal; of one that is gone, by who had it or sees all."""
        if row.company_id and row.company_id not in user.company_ids:
            return False
        if row.lead_id:
            return row.lead_id.id in mine
        if user in (self.salesperson, self.colleague, self.worker, self.manager):
            return row.user_id == user
        return True

    # WHAT THEY SEE
    def test_each_reads_of_the_deals_they_may_read(self):
        told = {}
        ours = [("team_id", "=", self.past_team.id)]
        both = {"allowed_company_ids": (self.env.company | self.firm).ids}
        for place, (model, context, names) in enumerate(REPORTS):
            rows = self.env[model].sudo().with_context(**both, **context).search(ours)
            told[place] = [(row, {name: row[name] or 0 for name in names}) for row in rows]
            self.assertGreater(len(rows), 20, model)
        for user in self._readers():
            mine = set(self._may_read(user))
            seen = 0
            for place, (model, context, names) in enumerate(REPORTS):
                report = self._as(model, user, **context)
                if not report.has_access("read"):
                    continue
                with self.subTest(model=model, user=user.login, **context):
                    expected = [values for row, values in told[place] if self._sees_row(row, user, mine)]
                    seen += len(expected)
                    self.assertEqual(report.search_count(ours), len(expected))
                    [sums] = report._read_group(ours, [], [f"{name}:sum" for name in names])
                    for name, value in zip(names, sums, strict=True):
                        self.assertAlmostEqual(value or 0, sum(one[name] for one in expected), 2, name)
                    groups = report._read_group(ours, ["user_id", "company_id"], [f"{names[0]}:sum"])
                    self.assertAlmostEqual(
                        sum(value or 0 for *_whose, value in groups), sum(one[names[0]] for one in expected), 2
                    )
            self.assertTrue(seen, user.login)

    def test_rows_of_others_are_not_to_be_had_by_their_numbers(self):
        for model, context, names in REPORTS:
            with self.subTest(model=model, **context):
                rows = self.env[model].sudo().with_context(**context).search([("team_id", "=", self.past_team.id)])
                theirs = rows.filtered(lambda row: row.lead_id and row.user_id == self.colleague)[:1]
                row = self._as(model, self.salesperson, **context).browse(theirs.id)
                with self.assertRaises(AccessError):
                    row.read([names[0]])
                with self.assertRaises(AccessError):
                    row.action_open_deal().get("x")
                abroad = self._as(model, self.stranger, **context).browse(
                    rows.filtered(lambda row: row.company_id == self.env.company)[:1].id
                )
                with self.assertRaises(AccessError):
                    abroad.read([names[0]])

    def test_what_somebody_puts_into_the_context_shows_nothing_more(self):
        """Whatever a browser sends along is read as data: who asks stays who asks, and nothing breaks."""
        hostile = {
            "kams_people": self._readers().ids,
            "kams_teams": self.past_team.ids,
            "kams_parts": ["closings", "nothing"],
            "kams_money_wanted": {"lead_ids": None},
            "kams_mandatory": 1,
            "kams_team_id": "1 OR 1=1",
            "tz": "Nowhere'; --",
        }
        mine = set(self._may_read(self.salesperson))
        for model, context, names in REPORTS:
            with self.subTest(model=model, **context):
                plain = self._as(model, self.salesperson, **context)
                report = self._as(model, self.salesperson, **{**hostile, **context})
                if model == "kams.compliance":
                    self.assertLessEqual(set(report.search([]).lead_id.ids), mine)
                    continue
                self.assertEqual(report.search([]).ids, plain.search([]).ids)
                specs = [f"{name}:sum" for name in names]
                self.assertEqual(report._read_group([], [], specs), plain._read_group([], [], specs))
        rows = self._as("kams.performance", self.salesperson, **hostile).search([])
        self.assertLessEqual(set(rows.user_id.ids), set(self.salesperson.ids))
        money = self._as("kams.money", self.director, **hostile)
        money._read_group([], ["deal_user_id"], ["net_invoiced:sum"])
        for asked in ("2026-13-45", "x", 7, None, ["2026-01-01"], {"a": 1}, "2026-01-01T00:00:00Z'"):
            for name, model in (("kams_as_of", "kams.pipeline"), ("kams_from", "kams.pipeline.change")):
                self._as(model, self.salesperson, **{name: asked}).search([])

    def test_pages_and_targets_say_to_each_what_they_may_know(self):
        """A page of the funnel is of the reader's deals; a target tells its figure to whoever sees the target."""
        for user in (self.salesperson, self.director, self.auditor, self.stranger, self.everywhere):
            page = self._as("kams.funnel.page", user).create({"team_id": self.past_team.id})
            rows = self._as("kams.funnel", user).search([("team_id", "=", self.past_team.id)])
            figures = page._figures()
            for number, code in enumerate(PHASES):
                self.assertEqual(
                    figures["phases"][number]["present"],
                    sum(rows.filtered(lambda row, code=code: row.phase_code == code).mapped("present")),
                    (user.login, code),
                )
        target = self.env["kams.target"].create(
            {
                "company_id": self.env.company.id,
                "user_id": self.colleague.id,
                "period_kind": "year",
                "date_from": "2026-01-01",
                "quota": 100.0,
                "tz": "UTC",
            }
        )
        for user in (self.salesperson, self.stranger, self.worker):
            with self.assertRaises(AccessError):
                self._as("kams.target", user).browse(target.id).read(["closed"])
        for user in (self.director, self.auditor, self.colleague):
            self.assertEqual(self._as("kams.target", user).browse(target.id).closed, target.closed)
        with self.assertRaises(AccessError):
            self._as("kams.target", self.auditor).browse(target.id).quota = 1.0
        with self.assertRaises(AccessError):
            self._as("kams.target", self.colleague).browse(target.id).quota = 1.0

    def test_a_target_beside_random_histories(self):
        """Won and open of each person, row by row of the history, whoever reads and whosever the deal is now."""
        bounds = datetime(2026, 4, 1), datetime(2026, 7, 1)
        history = self.env["kams.deal.history"].sudo().search([("lead_ref", "in", self.deals.ids)], order="valid_from")
        for user in (self.salesperson, self.colleague, self.director):
            target = self.env["kams.target"].create(
                {
                    "company_id": self.env.company.id,
                    "user_id": user.id,
                    "team_id": self.past_team.id,
                    "period_kind": "quarter",
                    "date_from": "2026-04-01",
                    "quota": 100.0,
                    "tz": "UTC",
                }
            )
            won = held = 0.0
            for rows in history.grouped("lead_ref").values():
                closing = None
                for before, row in zip([None, *rows], rows, strict=False):
                    begun = row.status == "won" and (not before or before.status != "won")
                    if begun and bounds[0] <= row.valid_from < bounds[1]:
                        closing = row
                last = rows.filtered(lambda row: row.valid_from < bounds[1])[-1:]
                own = last.user_id == user and last.company_id == self.env.company
                if closing and last.status == "won" and closing.user_id == user and last.company_id == self.env.company:
                    won += last.expected_revenue
                if last.status == "open" and last.phase_code in PHASES and own:
                    held += last.expected_revenue
            self.assertAlmostEqual(target.with_user(self.director).closed, won, 2, user.login)
            self.assertAlmostEqual(target.with_user(self.director).open_pipeline, held, 2, user.login)
            self.assertEqual(fields.Date.to_string(target.date_to), "2026-06-30")

    def test_a_rate_of_a_reader_is_of_their_rows(self):
        for model, name in RATES.items():
            above, below, factor = self.env[model]._ratios[name]
            for user in (self.salesperson, self.director, self.stranger):
                report = self._as(model, user)
                rows = report.search([])
                part, whole = (sum(known(row[one]) or 0 for row in rows) for one in (above, below))
                self.assertTrue(whole, (model, user.login))
                [(rate,)] = report._read_group([], [], [f"{name}:avg"])
                self.assertAlmostEqual(rate, factor * part / whole, 6, (model, user.login))
