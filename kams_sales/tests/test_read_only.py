import re
from contextlib import contextmanager
from datetime import date, timedelta

from psycopg2.errors import ReadOnlySqlTransaction

from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .past import PastCase

# Kinds of fields that rows are grouped by
GROUPED = ("selection", "many2one")


@tagged("post_install", "-at_install")
class TestReadOnly(PastCase):
    """A replica takes reports: they write nothing, not even a temporary table, with two currencies neither."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = date.today()
        cls.home = cls.env.company
        euro, dollar = cls.env.ref("base.EUR"), cls.env.ref("base.USD")
        cls.away = euro if cls.home.currency_id == dollar else dollar
        (euro | dollar).active = True
        cls.env["res.currency.rate"].search([("currency_id", "in", (euro | dollar).ids)]).unlink()
        cls.abroad = cls.env["res.company"].create({"name": "Abroad", "currency_id": cls.away.id})
        cls.env.user.company_ids |= cls.abroad
        cls.both = (cls.home | cls.abroad).ids

    def _rate(self, rate, day, company=None):
        self.env["res.currency.rate"].create(
            {"currency_id": self.away.id, "name": day, "rate": rate, "company_id": company and company.id}
        )

    @contextmanager
    def _on_replica(self):
        """As a replica does, PostgreSQL refuses whatever isn't read."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.cr.execute("SAVEPOINT replica")
        self.cr.execute("SET LOCAL transaction_read_only = on")
        try:
            yield
        finally:
            self.cr.execute("ROLLBACK TO SAVEPOINT replica")
            self.env.invalidate_all(flush=False)

    def _reports(self):
        """Models of ours that are made of a statement."""
        ours = [
            model
            for name, model in self.env.items()
            if name.startswith("kams.") and not model._auto and not model._abstract and model._table_query is not None
        ]
        self.assertGreater(len(ours), 15)
        return ours

    def _factor(self, companies, company):
        env = self.env(context={**self.env.context, "allowed_company_ids": companies.ids})
        factor = env["kams.report"]._present_rate(SQL("%s::int", company.id))
        return float(env.execute_query(SQL("SELECT %s", factor))[0][0])

    # READING
    def test_a_replica_refuses_odoos_table_of_currencies(self):
        """Else this file would prove nothing."""
        self._rate(0.8, self.today)
        currencies = self.env["res.currency"].with_context(allowed_company_ids=self.both)
        with self.assertRaises(ReadOnlySqlTransaction), mute_logger("odoo.sql_db"), self._on_replica():
            currencies._get_simple_currency_table(self.home | self.abroad)

    def test_each_report_is_only_read(self):
        self._rate(0.8, self.today)
        start, end = self.today - timedelta(days=400), self.today - timedelta(days=30)
        asked = {"kams_from": start.isoformat(), "kams_to": end.isoformat()}
        for companies in (self.home.ids, self.both):
            for model in self._reports():
                model = model.with_context(allowed_company_ids=companies, **asked)
                fields = {name: field for name, field in model._fields.items() if name != "id" and field.store}
                measures = [f"{name}:{field.aggregator}" for name, field in fields.items() if field.aggregator]
                groups = [name for name, field in fields.items() if field.type in GROUPED][:2]
                with self.subTest(report=model._name, companies=len(companies)), self._on_replica():
                    model.formatted_read_group([], groups, ["__count", *measures])
                    model.formatted_read_grouping_sets([], [groups, []], ["__count", *measures])
                    model.web_search_read([], {name: {} for name in fields}, limit=20)

    def test_pages_made_of_reports_are_only_read(self):
        self._rate(0.8, self.today)
        self._tell(self._through(1, "lost"), self._through(3))
        both = self.env(context={**self.env.context, "allowed_company_ids": self.both})
        page = both["kams.funnel.page"].create({})
        ask = both["kams.pipeline.change.ask"].create({"date_from": self.today - timedelta(days=90)})
        day = both["kams.pipeline.as.of"].create({})
        target = both["kams.target"].search([], limit=1) or both["kams.target"].create(
            {"date_from": self.today.replace(month=1, day=1), "quota": 100.0}
        )
        asked = {
            "the funnel on a page": lambda: page.web_read({"page": {}}),
            "its deals": page.action_deals,
            "what changed": ask.action_show,
            "the pipeline as of a day": day.action_show,
            "a target's figures": lambda: target.web_read({name: {} for name in target._fields}),
            "a target's deals": target.action_open_deals,
        }
        for name, read in asked.items():
            with self.subTest(page=name), self._on_replica():
                read()

    def test_what_a_row_leads_to_is_only_read(self):
        """Else a replica isn't asked: Odoo takes whatever doesn't say so for something that writes."""
        for model in self._reports():
            for name in filter(re.compile("action_(?!archive|unarchive)").match, dir(type(model))):
                action = getattr(type(model), name)
                with self.subTest(report=model._name, action=name):
                    self.assertTrue(name in model._fields or getattr(action, "_readonly", False))

    # AT PRESENT RATES
    def test_the_present_rate_is_that_of_odoos_sales_analysis(self):
        self._rate(0.8, self.today - timedelta(days=60), self.home)
        self._rate(0.75, self.today - timedelta(days=10), self.home)
        self._rate(0.5, self.today + timedelta(days=1), self.home)  # not yet
        for companies in (self.home | self.abroad, self.abroad | self.home):
            env = self.env(context={**self.env.context, "allowed_company_ids": companies.ids})
            table = env["res.currency"]._get_simple_currency_table(companies)
            for company in companies:
                query = SQL("SELECT rate FROM %s WHERE company_id = %s", table, company.id)
                expected = float(env.execute_query(query)[0][0])
                self.assertAlmostEqual(self._factor(companies, company), expected, 12)
        self.assertAlmostEqual(self._factor(self.home | self.abroad, self.abroad), 1 / 0.75, 12)

    def test_the_present_rate_is_that_by_which_odoo_converts(self):
        """Also a rate that all companies share, which Odoo's table doesn't know of, and a branch's."""
        companies = self.home | self.abroad
        self._rate(0.8, self.today - timedelta(days=60))
        self.assertAlmostEqual(self._factor(companies, self.abroad), 1.25, 12)
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.abroad.id})
        self.env.user.company_ids |= branch
        self.assertAlmostEqual(self._factor(companies | branch, branch), 1.25, 12)
        self.assertEqual(self._factor(companies | branch, self.home), 1.0)
        one = self.away._convert(1.0, self.home.currency_id, self.home, self.today, round=False)
        self.assertAlmostEqual(one, 1.25, 12)

    def test_with_one_currency_nothing_is_multiplied(self):
        twin = self.env["res.company"].create({"name": "Twin", "currency_id": self.home.currency_id.id})
        report = self.env["kams.report"].with_context(allowed_company_ids=(self.home | twin).ids)
        self.assertEqual(report._present_rate(SQL("company_id")).code, "1")
        self.assertEqual(report._present_rate(SQL("company_id")).params, [])

    def test_a_rate_added_late_changes_all_figures_alike(self):
        """The same deal abroad, of a year ago, in what is open, in what changed and in the funnel."""
        then = self.today - timedelta(days=400)
        self._tell(self._through(2, amount=600.0), company=self.abroad)
        figures = {
            "pipeline": ("kams.pipeline", "amount:sum", []),
            "change": ("kams.pipeline.change", "amount:sum", [("kind", "=", "closing")]),
            "funnel": ("kams.funnel", "amount:sum", [("present", "=", 1)]),
        }

        def sums():
            self.env.invalidate_all()
            return {
                name: self.env[model]
                .with_context(allowed_company_ids=self.both, kams_from="2000-01-01T00:00:00")
                ._read_group([("team_id", "=", self.past_team.id), *domain], [], [measure])[0][0]
                for name, (model, measure, domain) in figures.items()
            }

        self.past_team.company_id = False
        self.assertEqual(sums(), dict.fromkeys(figures, 600.0))  # as no rate is known
        self._rate(0.5, then, self.home)
        self.assertEqual(sums(), dict.fromkeys(figures, 1200.0))
        self._rate(0.75, self.today - timedelta(days=3), self.home)  # and it was so before
        self.assertEqual(sums(), dict.fromkeys(figures, 800.0))
