from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .test_contract import ContractCase


@tagged("post_install", "-at_install")
class TestContractFindings(ContractCase):
    """The numbers of the law as findings, from dated rules (L11 to L18)."""

    def _found(self, rule, contract=None, level=None):
        contract = contract or self.contract
        found = contract._findings()[contract.id]
        return [one for one in found if one["rule"] == rule and (not level or one["level"] == level)]

    def _one(self, rule, contract=None, level=None):
        (found,) = self._found(rule, contract, level)
        return found

    def test_l17_earnest_money_is_a_fifth_of_the_contract_at_most(self):
        self.assertFalse(self._found("L17"))
        self.contract.deposit_amount = 1_380_000
        self.assertEqual(self._one("L17")["level"], "info")
        self.contract.deposit_amount = 1_380_000.01
        found = self._one("L17")
        self.assertEqual((found["level"], found["lawful"], found["article"]), ("error", 1_380_000, "民法典 586"))
        self.assertEqual(self.contract.error_count, 1)
        self.assertIn("Unlawful", self.contract.findings_page)
        self.contract.amount_total = None
        self.assertEqual(self._one("L17")["level"], "info", "Of what isn't known nothing is too much.")

    def test_l17_damages_above_thirty_percent_are_warned_about(self):
        self.contract.damages_cap_pct = 30
        self.assertFalse(self._found("L17"))
        self.contract.damages_cap_pct = 30.5
        found = self._one("L17")
        self.assertEqual((found["level"], found["lawful"]), ("warning", 30))
        self.assertIn("65", found["article"])

    def test_l12_contract_6900000_performance_bond_690000(self):
        contract = self._contract(tender_id=self._won_tender(performance_bond_pct=10).id)
        found = self._one("L12", contract)
        self.assertEqual((found["level"], found["lawful"]), ("info", 10))
        self.assertIn("690,000.00", found["message"])
        contract.performance_bond_pct = 10.01
        found = self._one("L12", contract)
        self.assertEqual((found["level"], found["article"]), ("error", "招标投标法实施条例 58"))
        self.assertIn("690,000.00", found["message"])

    def test_l12_asks_the_law_that_the_deal_falls_under(self):
        contract = self._contract(tender_id=self._won_tender(legal_regime="enterprise").id)
        contract.write({"performance_bond_required": True, "performance_bond_pct": 15})
        self.assertFalse(self._found("L12", contract), "Nobody but a tender's law caps it.")

    def test_l18_retention_in_construction(self):
        works = self._contract(tender_id=self._won_tender(category="works").id)
        for pct, level in ((3, None), (3.5, "error")):
            works.retention_pct = pct
            self.assertEqual([one["level"] for one in self._found("L18", works)], [level] if level else [])
        self.contract.tender_id.category = "goods"
        self.contract.retention_pct = 5
        self.assertEqual(self._one("L18")["level"], "warning")

    def test_l11_award_notice_2026_04_10_warns_on_sunday_2026_05_10(self):
        contract = self._contract(tender_id=self._won_tender(award_notice_at="2026-04-10").id)
        with freeze_time("2026-05-01"):
            found = self._one("L11", contract)
            self.assertEqual((found["level"], found["lawful"]), ("warning", date(2026, 5, 10)))
            self.assertIn("05/11/2026", found["message"])
        for day, level in (("2026-05-10", "info"), ("2026-05-11", "warning"), ("2026-05-12", "error")):
            contract.signed_at = day
            self.assertEqual(self._one("L11", contract)["level"], level, day)
        contract.signed_at = False
        with freeze_time("2026-05-12"):
            self.assertEqual(self._one("L11", contract)["level"], "error", "It is overdue and not signed.")

    def test_l13_small_firms_are_paid_in_time(self):
        found = self._one("L13")
        self.assertEqual(found["level"], "info")
        self.assertIn("60", found["message"])
        deal = self.contract.lead_id
        payment = self.env["kams.payment.milestone"].create(
            {"contract_id": self.contract.id, "pct": 100, "trigger": "final", "days": 60}
        )
        levels = {}
        for regime in ("enterprise", "gov_procurement"):
            (self.contract.tender_id.sudo() or deal).write(
                {"legal_regime" if self.contract.tender_id else "kams_legal_regime": regime}
            )
            for days in (30, 31, 60, 61):
                payment.days = days
                levels[regime, days] = self._one("L13")["level"]
        self.assertEqual([levels["enterprise", days] for days in (30, 31, 60, 61)], ["info"] * 3 + ["warning"])
        self.assertEqual([levels["gov_procurement", days] for days in (30, 31, 60, 61)], ["info"] + ["warning"] * 3)

    def test_rules_are_those_of_the_day_it_was_signed(self):
        old = self.env["kams.legal.rule"].search([("key", "=", "contract_deposit_cap_pct")])
        old.valid_to = "2026-06-30"
        old.create(
            {
                "name": "Earnest money, at most",
                "key": "contract_deposit_cap_pct",
                "value": 10,
                "valid_from": "2026-07-01",
                "source": "A later law",
            }
        )
        self.contract.write({"deposit_amount": 1_000_000, "signed_at": "2026-06-30"})
        self.assertEqual(self._one("L17")["level"], "info")
        self.contract.signed_at = "2026-07-01"
        self.assertEqual((self._one("L17")["level"], self._one("L17")["article"]), ("error", "A later law"))

    def test_without_rules_nothing_is_found(self):
        self.env["kams.legal.rule"].search([("key", "like", "contract_%")]).unlink()
        self.contract.write({"deposit_amount": 6_900_000, "damages_cap_pct": 90, "retention_pct": 50})
        self.assertFalse(self._found("L17") + self._found("L18"))
