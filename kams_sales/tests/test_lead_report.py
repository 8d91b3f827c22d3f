import random
from datetime import timedelta
from statistics import median

from odoo import fields
from odoo.tests import tagged

from .test_lead import LeadCase


@tagged("post_install", "-at_install")
class TestLeadReport(LeadCase):
    """Leads by source against the same figures counted by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everything = cls.env["crm.lead"].with_context(active_test=False)
        cls.everything.search([("type", "=", "lead")]).unlink()  # the demo's
        cls.everything.search([("kams_lead_source_id", "!=", False)]).kams_lead_source_id = False
        cls.env["kams.lead.cost"].search([]).unlink()
        rng = random.Random(4)
        cls.phone.sla_hours = 6
        cls.sources = cls.phone | cls.event | cls.env.ref("kams_sales.lead_source_partner")
        cls.leads = cls.env["crm.lead"]
        for number in range(60):
            found = fields.Datetime.to_datetime("2026-01-01 09:00:00") + timedelta(hours=rng.randrange(24 * 180))
            answered = rng.choice([None, 0.0, 3.5, 23.9, 24.1, 100])
            lead = cls._lead(
                name=f"Clue {number}",
                kams_lead_source_id=rng.choice([*cls.sources.ids, False]),
                kams_discovered_at=found,
                kams_first_response_at=answered is not None and found + timedelta(hours=answered),
                user_id=rng.choice([cls.salesperson.id, cls.colleague.id]),
            )
            fate = rng.randrange(4)
            if fate == 0:
                lead.action_set_lost()
            elif fate == 1:
                lead.convert_opportunity(cls.customer)
            cls.leads |= lead
        cls.leads |= cls._deal(kams_lead_source_id=cls.event.id, kams_discovered_at="2026-03-03 03:00:00")
        cls._lead(team_id=cls.plain_team.id)
        cls.env["kams.lead.cost"].create(
            [
                {"source_id": cls.event.id, "amount": 3000, "date_from": "2026-03-30", "date_to": "2026-04-01"},
                {"source_id": cls.phone.id, "amount": 365, "date_from": "2026-01-01", "date_to": "2026-12-31"},
                {"source_id": cls.env.ref("kams_sales.lead_source_media").id, "amount": 7},
            ]
        )

    def _report(self, kind, day=None, **conditions):
        domain = [("kind", "=", kind), *((name, "=", value) for name, value in conditions.items())]
        if day:
            domain += [("date_from", "<=", day), ("date_to", ">=", day)]
        return self.env["kams.lead.source.report"].search(domain)

    def _by_hand(self, leads):
        hours = [
            (lead.kams_first_response_at - lead.kams_discovered_at).total_seconds() / 3600
            for lead in leads
            if lead.kams_first_response_at and lead.kams_response_state
        ]
        opportunities = leads.filtered(lambda lead: lead.type == "opportunity")
        return {
            "leads": len(leads),
            "opportunities": len(opportunities),
            "answered": len(hours),
            "waiting": len(leads.filtered(lambda lead: lead.kams_response_state in ("waiting", "overdue"))),
            "overdue": len(leads.filtered(lambda lead: lead.kams_response_state in ("late", "overdue"))),
            "conversion": len(leads) and round(100 * len(opportunities) / len(leads), 6),
            "median_hours": round(median(hours), 6) if hours else False,
        }

    def _shown(self, row):
        return {name: row[name] for name in self._by_hand(self.leads)} | {
            "conversion": round(row.conversion, 6),
            "median_hours": row.median_hours is not False and round(row.median_hours, 6),
        }

    def test_each_period_and_source_is_as_counted_by_hand(self):
        compared = 0
        for kind, months in (("month", 1), ("quarter", 3), ("year", 12), ("all", 0)):
            for row in self._report(kind).filtered("leads"):
                found = self.leads
                if kind != "all":
                    found = found.filtered(
                        lambda lead, row=row: row.date_from <= lead.kams_discovered_at.date() <= row.date_to
                    )
                    self.assertEqual(row.date_to, fields.Date.add(row.date_from, months=months, days=-1))
                if row.scope == "source":
                    found = found.filtered(lambda lead, row=row: lead.kams_lead_source_id == row.source_id)
                with self.subTest(kind=kind, day=row.date_from, label=row.label):
                    self.assertEqual(self._shown(row), self._by_hand(found))
                compared += 1
        self.assertGreater(compared, 40)

    def test_a_cost_is_shared_by_days(self):
        march, april = (self._report("month", day, source_id=self.event.id) for day in ("2026-03-15", "2026-04-15"))
        self.assertEqual((march.cost, april.cost), (2000, 1000))
        self.assertAlmostEqual(march.cost_per_lead, 2000 / march.leads)
        year = self._report("year", "2026-06-01", scope="total")
        self.assertAlmostEqual(year.cost, 3372)
        february = self._report("month", "2026-02-15", source_id=self.phone.id)
        self.assertAlmostEqual(february.cost, 28)
        media = self._report("all", source_id=self.env.ref("kams_sales.lead_source_media").id)
        self.assertEqual((media.leads, media.cost, media.cost_per_lead, media.conversion), (0, 7, False, False))

    def test_each_number_opens_the_leads_behind_it(self):
        for row in self._report("quarter") | self._report("all"):
            for name in ("leads", "opportunities", "won", "answered", "waiting", "overdue"):
                action = getattr(row, f"action_{name}")()
                with self.subTest(row=row.label, number=name):
                    self.assertEqual(self.everything.search_count(action["domain"]), row[name])
            costs = self.env["kams.lead.cost"].search(row.action_costs()["domain"])
            self.assertEqual(bool(costs), bool(row.cost))

    def test_a_salesperson_sees_the_figures_of_their_own_leads_and_no_costs(self):
        total = self._report("all", scope="total")
        own = total.with_user(self.salesperson)
        own.invalidate_recordset()
        mine = self.leads.filtered(lambda lead: lead.user_id == self.salesperson)
        self.assertEqual(own.leads, len(mine))
        self.assertFalse(own.cost)
        report = self.env["kams.lead.report"]
        self.assertEqual(set(report.with_user(self.salesperson).search([]).lead_id.ids), set(mine.ids))
        self.assertEqual(set(report.with_user(self.director).search([]).lead_id.ids), set(self.leads.ids))
        by_director = total.with_user(self.director)
        by_director.invalidate_recordset()
        self.assertTrue(by_director.cost)

    def test_ids_are_unique(self):
        ids = self._report("month").ids + self._report("quarter").ids + self._report("year").ids
        ids += self._report("all").ids
        self.assertEqual(len(ids), len(set(ids)))

    def test_the_list_is_one_statement_and_a_half(self):
        report = self.env["kams.lead.source.report"]
        fields_shown = {name: {} for name in ("leads", "conversion", "median_hours", "cost", "scope")}
        report.web_search_read([("kind", "=", "year")], fields_shown)
        self._settle()
        self.env.invalidate_all()
        with self.assertQueryCount(2):  # the list, and the rates of the companies
            report.web_search_read([("kind", "=", "year")], fields_shown)

    def test_the_analysis_averages_what_it_shows(self):
        report = self.env["kams.lead.report"]
        rows = report._read_group([], ["source_id"], ["converted:avg", "response_hours:avg", "overdue:avg", "__count"])
        for source, converted, hours, overdue, number in rows:
            leads = self.leads.filtered(lambda lead, source=source: lead.kams_lead_source_id == source)
            told = leads.filtered(lambda lead: lead.kams_response_state in ("late", "overdue", "on_time"))
            late = told.filtered(lambda lead: lead.kams_response_state != "on_time")
            answered = leads.filtered("kams_response_state").filtered("kams_first_response_at")
            self.assertEqual(number, len(leads))
            opportunities = leads.filtered(lambda lead: lead.type == "opportunity")
            self.assertAlmostEqual(converted, 100 * len(opportunities) / len(leads))
            self.assertAlmostEqual(overdue, 100 * len(late) / len(told))
            self.assertAlmostEqual(hours, sum(answered.mapped("kams_response_hours")) / len(answered), 4)
