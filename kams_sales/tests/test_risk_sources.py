import re
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_risk import TODAY, RiskCase

ACTIVITY = "kams_sales.mail_activity_type_risk"


@tagged("post_install", "-at_install")
class TestRiskSources(RiskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls.env["kams.contract"].create({"lead_id": cls.deal.id})
        cls.handover = cls.env["kams.handover"].create({"lead_id": cls.deal.id, "contract_id": cls.contract.id})
        cls.points = cls.env["kams.handover.line"].create(
            [
                {"handover_id": cls.handover.id, "section": "risk", "name": "No crane on site"},
                {"handover_id": cls.handover.id, "section": "risk", "name": "Old drawings", "date_due": "2030-05-01"},
                {"handover_id": cls.handover.id, "section": "promise", "name": "A spare pump"},
                {
                    "handover_id": cls.handover.id,
                    "section": "risk",
                    "name": "Solved",
                    "left_out": True,
                    "note": "It is",
                },
            ]
        )
        clause = cls.env["kams.contract.clause"]
        cls.clause = clause.create(
            {
                "contract_id": cls.contract.id,
                "name": "Damages",
                "kind": "damages_cap",
                "risk": "5",
                "deviation_text": "No cap",
            }
        )
        clause.create({"contract_id": cls.contract.id, "name": "Law", "kind": "disputes", "risk": "2"})
        cls.delivery.write({"contract_id": cls.contract.id, "handover_id": cls.handover.id})

    def test_the_register_begins_with_handover_and_contract(self):
        risks = self.delivery._take_risks()
        self.assertEqual(
            sorted(risks.mapped("name")),
            ["Contract, Damages: No cap", "No crane on site", "Old drawings"],
        )
        self.assertEqual(risks.delivery_id, self.delivery)
        self.assertEqual(risks.user_id, self.pm)
        of_clause = risks.filtered("clause_id")
        self.assertEqual((of_clause.clause_id, of_clause.impact, of_clause.category), (self.clause, "5", "payment"))
        self.assertFalse(of_clause.probability)
        drawings = risks.filtered(lambda one: one.name == "Old drawings")
        self.assertEqual(drawings.date_due, fields.Date.to_date("2030-05-01"))

    def test_taking_again_makes_no_doubles(self):
        self.delivery._take_risks()
        self.assertFalse(self.delivery._take_risks())
        self.assertEqual(len(self.delivery.risk_ids), 3)
        second = self.env["kams.delivery"].create(
            {"lead_id": self.deal.id, "contract_id": self.contract.id, "handover_id": self.handover.id}
        )
        self.assertFalse(second._take_risks())  # two projects for one contract: a thing is in the register once

    def test_a_risk_that_lost_its_delivery_joins_the_next(self):
        risks = self.delivery._take_risks()
        self.delivery.unlink()
        self.env.invalidate_all()
        again = self.env["kams.delivery"].create(
            {"lead_id": self.deal.id, "contract_id": self.contract.id, "handover_id": self.handover.id}
        )
        self.assertEqual(again._take_risks(), risks)
        self.assertEqual(again.risk_ids, risks)

    def test_a_project_manager_takes_them_without_sales_rights(self):
        self.env.invalidate_all()
        self.delivery.with_user(self.pm).action_take_risks()
        self.assertEqual(len(self.delivery.risk_ids), 3)

    def test_a_delivery_without_handover_and_contract_takes_nothing(self):
        other = self.env["kams.delivery"].create({"lead_id": self._deal().id})
        self.assertFalse(other._take_risks())

    def test_who_only_reads_takes_nothing(self):
        with self.assertRaises(AccessError):
            self.delivery.with_user(self.auditor).action_take_risks()


@tagged("post_install", "-at_install")
class TestRiskOffer(RiskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.industry = cls.env["res.partner.industry"].create({"name": "Power"})
        cls.customer.industry_id = cls.industry
        cls.before = cls._past("Before", cls._company("Datang", industry_id=cls.industry.id))

    @classmethod
    def _past(cls, name, partner, **vals):
        deal = cls._deal(name=name, partner_id=partner.id, **vals)
        cls.env.cr.flush()
        cls.env.cr.execute("UPDATE crm_lead SET won_status = 'won' WHERE id = %s", [deal.id])
        deal.invalidate_recordset()
        return deal

    def _offered(self, user=None):
        env = self.env(user=user) if user else self.env
        action = env["kams.risk.offer"]._opened(self.deal.with_env(env), self.delivery.with_env(env))
        return env["kams.risk.offer"].browse(action["res_id"])

    def test_risks_of_deals_alike_are_offered_with_why(self):
        risk = self._risk(lead_id=self.before.id, probability="4", impact="4", action="Order early")
        same = self._risk(lead_id=self._past("Again", self.before.partner_id).id)
        self._risk(lead_id=self._past("Bakery", self._company("Bakery")).id, name="Mice")
        open_deal = self._deal(name="Open", partner_id=self.before.partner_id.id)
        self._risk(lead_id=open_deal.id, name="Not won yet")
        offer = self._offered()
        self.assertEqual(len(offer.line_ids), 1)  # the same words twice are one
        self.assertIn(offer.line_ids.risk_id, risk | same)
        self.assertEqual(offer.line_ids.why, "Power")

    def test_what_was_chosen_comes_once_and_without_money_or_people(self):
        risk = self._risk(
            lead_id=self.before.id, probability="4", impact="4", impact_amount=9, user_id=self.engineer.id
        )
        offer = self._offered()
        with self.assertRaises(UserError):
            offer.action_take()
        offer.line_ids.taken = True
        offer.action_take()
        taken = self.delivery.risk_ids
        self.assertEqual((taken.origin_id, taken.score, taken.user_id), (risk, 16, self.pm))
        self.assertIs(taken.impact_amount, False)
        self.assertFalse(self._offered().line_ids)
        offer.action_take()
        self.assertEqual(len(self.delivery.risk_ids), 1)

    def test_what_happened_comes_first(self):
        self._risk(lead_id=self.before.id, probability="5", impact="5", name="Grave")
        happened = self._risk(lead_id=self.before.id, name="Happened")
        happened._go_on("occurred", TODAY(), "It did", None)
        self.assertEqual(self._offered().line_ids[0].risk_id, happened)

    def test_only_what_the_user_may_read_is_offered(self):
        self._risk(lead_id=self._past("A colleague's", self.before.partner_id, user_id=self.colleague.id).id)
        self.assertFalse(self._offered(self.salesperson).line_ids)
        self.assertTrue(self._offered(self.pm).line_ids)

    def test_nothing_known_of_the_deal_offers_nothing(self):
        self._risk(lead_id=self.before.id)
        self.customer.industry_id = False
        self.deal.kams_procurement_mode = False
        self.assertFalse(self._offered().line_ids)


@tagged("post_install", "-at_install")
class TestRiskActivities(RiskCase):
    def _asked(self, risk):
        return risk.activity_ids.filtered(lambda one: one.activity_type_id == self.env.ref(ACTIVITY))

    def test_the_owner_of_a_high_risk_is_asked_until_it_is_over(self):
        risk = self._high(date_due=TODAY() + timedelta(days=9))
        activity = self._asked(risk)
        self.assertEqual((activity.user_id, activity.date_deadline), (self.engineer, TODAY() + timedelta(days=9)))
        risk.date_due += timedelta(days=1)
        self.assertEqual(activity.date_deadline, risk.date_due)
        risk._go_on("closed", TODAY(), "Delivered", None)
        self.assertFalse(self._asked(risk))

    def test_a_low_risk_without_a_day_asks_nobody(self):
        self.assertFalse(self._asked(self._high(probability="1", impact="1")))

    def test_who_leaves_leaves_no_risk_alone(self):
        risk = self._high(probability="1", impact="1")
        self.engineer.active = False
        activity = self._asked(risk)
        self.assertEqual(activity.user_id, self.pm)
        self.assertIn("kams_risk_engineer left", activity.summary)
        risk.user_id = self.pm
        self.assertFalse(self._asked(risk))

    def test_a_project_manager_who_left_as_well_passes_it_to_sales(self):
        risk = self._high()
        (self.engineer | self.pm).active = False
        self.assertEqual(self._asked(risk).user_id, self.salesperson)

    def test_the_nightly_job_finds_who_left_unseen(self):
        risk = self._high()
        self.env.flush_all()
        self._asked(risk).unlink()
        self.env.cr.execute("UPDATE res_users SET active = FALSE WHERE id = %s", [self.engineer.id])
        self.env.invalidate_all()
        self._run_cron("kams.risk", "_cron_sync")
        self.assertEqual(self._asked(risk).user_id, self.pm)
        self._run_cron("kams.risk", "_cron_sync")
        self.assertEqual(len(self._asked(risk)), 1)

    def test_archiving_a_user_without_risks_costs_one_statement(self):
        person = self._person("kams_risk_none", "kams_sales.group_delivery")
        self.env.flush_all()
        self.env["kams.risk"].search([], limit=1)
        with self.assertQueryCount(1):
            self.env["kams.risk"].sudo().search([("user_id", "in", person.ids), ("state", "=", "open")])


@tagged("post_install", "-at_install")
class TestRiskMap(RiskCase):
    def _squares(self, html):
        """``{place: number}`` of the squares that hold something."""
        return {
            place: int(number)
            for place, number in re.findall(
                r'data-place="(\d\d)"[^>]*>\s*<div class="kams_risk_count">(\d+)</div>', str(html)
            )
        }

    def test_each_risk_stands_in_its_square(self):
        self._risk(probability="4", impact="5")
        self._risk(probability="4", impact="5")
        self._risk(probability="1", impact="2", residual_impact="1")
        self._risk()
        closed = self._risk(probability="5", impact="5")
        closed._go_on("closed", TODAY(), "Over", None)
        one = self.env["kams.risk.map"].create({"delivery_id": self.delivery.id})
        self.assertEqual(self._squares(one.map), {"45": 2, "12": 1})
        self.assertEqual(len(one.risk_ids), 4)
        one.when = "after"
        self.assertEqual(self._squares(one.map), {"45": 2, "11": 1})
        self.assertEqual(self._squares(self.delivery.risk_map), {"45": 2, "12": 1})

    def test_names_are_escaped_and_the_rest_is_counted(self):
        for number in range(9):
            self._risk(name=f"<script>alert({number})</script> & مخاطر 🚧", probability="3", impact="3")
        html = str(self.delivery.risk_map)
        self.assertNotIn("<script>", html)
        self.assertEqual(html.count("/odoo/kams-risks/"), 6)
        self.assertRegex(html, r"\+\s*3")

    def test_a_map_costs_the_same_however_many_risks(self):
        def cost(number):
            self.env["kams.risk"].create(
                [
                    {
                        "name": str(place),
                        "delivery_id": self.delivery.id,
                        "probability": str(1 + place % 5),
                        "impact": str(1 + place // 5 % 5),
                    }
                    for place in range(number)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            str(self.env["kams.risk"]._drawn_map([("delivery_id", "=", self.delivery.id)]))
            return self.cr.sql_log_count - before

        cost(3)
        self.assertEqual(cost(25), cost(200))

    def test_counts_of_deliveries_are_two_statements(self):
        self._high(user_id=False)
        self._high()
        other = self.env["kams.delivery"].create({"lead_id": self._deal().id})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((self.delivery | other).mapped("risk_count"), [2, 0])
        self.assertEqual((self.delivery.risk_count, self.delivery.uncontrolled_count), (2, 1))

    def test_c33_totals_over_the_map(self):
        """290,000; with the actions 50,000 in place of the first 150,000."""
        currency = self.env.company.currency_id
        self._risk(probability_pct=30, impact_amount=5e5, residual_pct=10, action_cost=4e4)
        self._risk(probability_pct=10, impact_amount=1e6)
        self._risk(probability_pct=50, impact_amount=8e4)
        self._risk(probability="5", impact="4")
        figures = {word: number for word, number, _tone in self.env["kams.risk"]._map_figures(self._of_delivery())}
        self.assertEqual(figures["Exposure"], currency.format(290_000))
        self.assertEqual(figures["Exposure with the Actions"], currency.format(190_000))
        self.assertEqual(figures["Cost of the Actions"], currency.format(40_000))
        self.assertEqual(
            [figures[word] for word in ("Open Risks", "High Risks", "Not under Control", "Without an Amount")],
            ["4", "1", "1", "1"],
        )

    def test_what_nobody_knows_is_no_amount(self):
        self._risk(probability="5", impact="4")
        words = [word for word, _number, _tone in self.env["kams.risk"]._map_figures(self._of_delivery())]
        self.assertNotIn("Exposure", words)

    def _of_delivery(self):
        return [("delivery_id", "=", self.delivery.id), ("state", "=", "open")]

    def test_readers_see_only_what_is_theirs(self):
        self._risk(probability="4", impact="5")
        self.deal.user_id = self.colleague
        theirs = self.env["kams.risk.map"].with_user(self.salesperson).create({"lead_id": self.deal.id})
        self.assertEqual(self._squares(theirs.map), {})
        mine = self.env["kams.risk.map"].with_user(self.pm).create({"lead_id": self.deal.id})
        self.assertEqual(self._squares(mine.map), {"45": 1})


@tagged("post_install", "-at_install")
class TestRiskImport(RiskCase):
    def test_the_template_can_be_loaded(self):
        self.deal.name = "Example Deal"
        columns = self.env["kams.risk"]._import_columns()
        names = [name for name, _example in columns]
        result = self.env["kams.risk"].load(names, [[example for _name, example in columns]])
        self.assertFalse(result["messages"])
        risk = self.env["kams.risk"].browse(result["ids"])
        self.assertEqual((risk.lead_id, risk.level, risk.exposure), (self.deal, "high", 150_000))
