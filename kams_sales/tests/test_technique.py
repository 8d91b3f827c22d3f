from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import KamsCase


@tagged("post_install", "-at_install")
class TestTechnique(KamsCase):
    """Techniques are offered where they help, and cost plain deals nothing."""

    def test_the_nine_of_the_method_are_shipped_and_say_something(self):
        shipped = self.env["ir.model.data"].search([("module", "=", "kams_sales"), ("model", "=", "kams.technique")])
        techniques = self.env["kams.technique"].browse(shipped.mapped("res_id"))
        self.assertGreaterEqual(len(techniques), 9)
        for technique in techniques:
            with self.subTest(technique=technique.name):
                self.assertTrue(technique.situation and technique.dos and technique.donts and technique.source)
                self.assertGreaterEqual(len(technique.steps.splitlines()), 3)

    def test_those_of_bidding_name_the_statute_that_limits_them(self):
        limited = ("unbalanced", "alternatives", "late_cut", "highlight", "questions", "presentation", "visit")
        for name in limited:
            technique = self.env.ref(f"kams_sales.technique_{name}")
            with self.subTest(technique=technique.name):
                self.assertRegex(technique.legal_limit, r"(招标投标法|条例|政府采购法)[^0-9]*[0-9]+")
        self.assertIn("招标投标法 29", self.env.ref("kams_sales.technique_late_cut").legal_limit)

    def test_a_deal_offers_those_of_its_phase(self):
        technique = self.env["kams.technique"]
        technique.search([]).active = False
        early, late, always = technique.create(
            [
                {"name": "Early", "phase_from": "development", "phase_to": "initiation"},
                {"name": "Late", "phase_from": "negotiation"},
                {"name": "Always", "sequence": 1},
            ]
        )
        deal = self._deal()
        self.assertEqual(deal.kams_technique_names, "Always · Early")
        offered = deal.action_kams_techniques()
        self.assertEqual(technique.search(offered["domain"]), always | early)
        late.phase_from = "initiation"
        early.active = False
        deal.invalidate_recordset()
        self.assertEqual(deal.kams_technique_names, "Always")
        plain = self._deal(team_id=self.env["crm.team"].create({"name": "Plain"}).id)
        self.assertFalse(plain.kams_technique_names)
        with self.assertRaises(UserError):
            plain.action_kams_techniques()

    def test_names_take_no_statement(self):
        deals = self.env["crm.lead"].union(*(self._deal() for _each in range(5)))
        plain = self._deal(team_id=self.env["crm.team"].create({"name": "Plain"}).id)
        names = {"kams_technique_names": {}}
        self._settle()
        for records in (deals, plain):
            counts = []
            for specification in ({"name": {}, "kams_phase_code": {}}, {"name": {}, "kams_phase_code": {}, **names}):
                records.web_read(specification)  # warms
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                records.web_read(specification)
                counts.append(self.cr.sql_log_count - before)
            self.assertEqual(counts[1], counts[0])

    def test_everybody_who_sells_reads_and_only_directors_write(self):
        technique = self.env["kams.technique"].search([], limit=1)
        for person in (self.salesperson, self.manager, self.auditor):
            self.assertTrue(technique.with_user(person).has_access("read"))
            self.assertFalse(technique.with_user(person).has_access("write"))
        self.assertTrue(technique.with_user(self.director).has_access("write"))
