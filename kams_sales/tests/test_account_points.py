from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import PROFILE, KamsCase

MANDATORY = ("A0-1", "A0-2", "A0-3", "A0-4")
ADVISORY = ("A0-5", "A0-6")


@tagged("post_install", "-at_install")
class TestAccountPoints(KamsCase):
    """What must be known of a customer before a deal leaves development (method 2.4, A0-1 to A0-6)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.today()
        cls.account = cls._account().with_user(cls.manager)
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls._meeting(cls.deal)
        cls._settle()

    def assertPoint(self, code, state, deal=None):
        self.assertEqual(self._state(deal or self.deal, code), state, code)

    def _ago(self, months=0, days=0):
        return self.today - relativedelta(months=months, days=days)

    # A0-1
    def _complete(self):
        self.account.write(
            {
                **PROFILE,
                "credit_grade": "a",
                "swot_ids": [Command.create({"quadrant": "1s", "statement": "Cheap coal"})],
                "year_ids": [Command.create({"year": "2025", "revenue": 9e6})],
                "initiative_ids": [Command.create({"name": "Retrofit"})],
                "chain_ids": [Command.create({"activity": "Operations"})],
                "profile_item_ids": [
                    Command.create({"category": category, "key": "k", "value": "v", "source": "s"})
                    for category in ("organisation", "purchasing", "competition")
                ],
            }
        )

    def test_a0_1_an_analysis_must_be_complete_and_confirmed(self):
        self.assertPoint("A0-1", "fail")
        self.account.action_confirm_profile()
        self.assertPoint("A0-1", "fail")
        self._complete()
        self.assertGreaterEqual(self.account.completeness, 80)
        self.assertPoint("A0-1", "pass")
        self.account.write({"initiative_ids": [Command.clear()], "mission": False})
        self.assertLess(self.account.completeness, 80)
        self.assertPoint("A0-1", "fail")

    def test_a0_1_an_analysis_holds_for_twelve_months(self):
        self._complete()
        self.assertPoint("A0-1", "fail")
        self.account.as_of = self._ago(months=12)
        self.assertEqual(self.account.valid_until, self.today)
        self.assertPoint("A0-1", "pass")
        self.account.as_of = self._ago(months=12, days=1)
        self.assertPoint("A0-1", "fail")

    # A0-2
    def test_a0_2_both_places_of_a_category_must_be_judged(self):
        self._invoice(1000)
        position = (
            self.env["kams.supply.position"]
            .with_user(self.manager)
            .create({"account_id": self.account.id, "category_id": self.env["product.category"].search([], limit=1).id})
        )
        for action, answers in (
            ("action_judge_impact", {"cost": 4, "quality": 5, "result": 3}),
            ("action_judge_risk", {"suppliers": 2, "competition": 4, "substitution": 2, "logistics": 3}),
        ):
            self.assertFalse(position.kraljic)
            self.assertPoint("A0-2", "fail")
            card = self.env["kams.scorecard"].with_user(self.manager).browse(getattr(position, action)()["res_id"])
            card._answer(answers).action_done()
        self.assertEqual(position.kraljic, "leverage")
        self.assertPoint("A0-2", "fail")
        position.attractiveness = 4
        self.assertTrue(position.preferencing)
        self.assertPoint("A0-2", "pass")
        position.unlink()
        self.assertPoint("A0-2", "fail")

    def test_a0_2_a_company_that_never_invoiced_can_place_its_customers_too(self):
        position = self.env["kams.supply.position"].create(
            {
                "account_id": self.account.id,
                "category_id": self.env["product.category"].search([], limit=1).id,
                "as_of": "2001-01-01",
            }
        )
        for action, answers in (
            ("action_judge_impact", {"cost": 4, "quality": 5, "result": 3}),
            ("action_judge_risk", {"suppliers": 2, "competition": 4, "substitution": 2, "logistics": 3}),
        ):
            self.env["kams.scorecard"].browse(getattr(position, action)()["res_id"])._answer(answers).action_done()
        self.assertEqual((position.company_sales, position.preferencing), (0, False))
        self.assertPoint("A0-2", "fail")
        position.attractiveness = 4
        self.assertPoint("A0-2", "pass")

    # A0-3
    def _value(self, **vals):
        return (
            self.env["kams.account.value"]
            .with_user(self.manager)
            .create(
                {
                    "account_id": self.account.id,
                    "figure_ids": [Command.create({"key": "strategic", "typed_value": 80, "why": "Opens a province"})],
                    **vals,
                }
            )
        )

    def test_a0_3_a_value_must_be_graded_and_done(self):
        self._value(figure_ids=[]).action_done()
        self.assertPoint("A0-3", "fail")
        value = self._value()
        self.assertEqual(value.grade, "a")
        self.assertPoint("A0-3", "fail")
        value.action_done()
        self.assertPoint("A0-3", "pass")

    def test_a0_3_a_value_is_not_older_than_twelve_months(self):
        begin = {"date_from": self._ago(months=24)}
        self._value(**begin, date_to=self._ago(months=12, days=1)).action_done()
        self.assertPoint("A0-3", "fail")
        value = self._value(**begin, date_to=self._ago(months=12))
        value.action_done()
        self.assertPoint("A0-3", "pass")
        value.sudo().done_on = self._ago(months=12, days=1)
        self.assertPoint("A0-3", "fail")

    # A0-4
    def test_a0_4_credit_must_have_been_checked_within_twelve_months(self):
        self.account.credit_grade = "b"
        self.assertPoint("A0-4", "fail")
        self.account.credit_checked_on = self._ago(months=12, days=1)
        self.assertPoint("A0-4", "fail")
        self.account.credit_checked_on = self._ago(months=12)
        self.assertPoint("A0-4", "pass")
        self.account.credit_grade = False
        self.assertPoint("A0-4", "fail")

    # A0-5
    def test_a0_5_one_cell_is_potential_or_in_talks(self):
        offering = self.env["product.category"].create({"name": "Boilers", "kams_is_offering": True})
        unit = (
            self.env["kams.account.unit"]
            .with_user(self.manager)
            .create({"account_id": self.account.id, "name": "Generation"})
        )
        cell = unit.cell_ids.filtered(lambda cell: cell.offering_id == offering)
        self.assertPoint("A0-5", "fail")
        for state, expected in (("potential", "pass"), ("competitor", "fail"), ("na", "fail"), ("installed", "fail")):
            cell.state = state
            self.assertPoint("A0-5", expected)
        other = self._deal(partner_id=self.customer.id, kams_unit_id=unit.id, kams_offering_id=offering.id)
        self.assertEqual(cell.state, "current")
        self.assertPoint("A0-5", "pass")
        self.assertPoint("A0-5", "pass", other)
        other.action_set_lost()
        self.assertPoint("A0-5", "fail")

    # A0-6
    def test_a0_6_the_group_is_mapped_or_somebody_says_that_there_is_none(self):
        self.assertPoint("A0-6", "fail")
        self.account.is_standalone = True
        self.assertPoint("A0-6", "pass")
        self.account.is_standalone = False
        self.assertPoint("A0-6", "fail")

    def test_a0_6_parent_and_subsidiary_both_count(self):
        parent = self._company("Huaneng Group")
        of_parent = self._deal(partner_id=parent.id)
        self.customer.parent_id = parent
        self.assertPoint("A0-6", "fail")
        group = self._account(parent)
        self.assertEqual(self.account.parent_id, group)
        self.assertPoint("A0-6", "pass")
        self.assertPoint("A0-6", "pass", of_parent)
        self.customer.parent_id = False
        self.assertPoint("A0-6", "fail")
        self.assertPoint("A0-6", "fail", of_parent)

    # THE GATE
    def test_a_customer_of_whom_nothing_is_known_holds_the_deal_and_says_what_to_do(self):
        with self.assertRaises(ValidationError) as refusal, self.cr.savepoint():
            self.deal.with_user(self.salesperson).stage_id = self.stages["initiation"]
        message = str(refusal.exception)
        for code in MANDATORY:
            point = self.process.point_ids.filtered(lambda point, code=code: point.code == code)
            self.assertIn(point.display_name, message)
            self.assertIn(point.evidence_hint, message)
            self.assertIn("key account", point.evidence_hint)
        for code in ADVISORY:
            self.assertNotIn(code, message)

    def test_advisory_points_show_what_is_missing_and_hold_nobody(self):
        self._known_account(self.customer).is_standalone = False
        for code in ADVISORY:
            self.assertPoint(code, "fail")
        self.deal.with_user(self.salesperson).stage_id = self.stages["initiation"]
        self.assertEqual(self.deal.kams_phase_id, self.phases["initiation"])

    def test_a_director_waives_one_of_them(self):
        known = self._known_account(self.customer)
        known.credit_checked_on = False
        with self.assertRaisesRegex(ValidationError, "A0-4"), self.cr.savepoint():
            self.deal.stage_id = self.stages["initiation"]
        check = self.deal.kams_check_ids.filtered(lambda check: check.point_id.code == "A0-4")
        check.with_user(self.director).waive("Pays in advance, says the contract", self.today)
        self.deal.with_user(self.salesperson).stage_id = self.stages["initiation"]
        self.assertEqual(self._history(self.deal, "reason", "gate_result")[-1], ("waived", "waived"))

    def test_what_has_gone_stale_since_holds_the_deal_before_any_cron_looks(self):
        account = self._known_account(self.customer)
        self._settle()
        self.cr.execute(
            "UPDATE kams_account SET valid_until = %s WHERE id = %s", [self._ago(days=1), account.id]
        )  # as if the day had come
        self.env.invalidate_all()
        with self.assertRaisesRegex(ValidationError, "A0-1"), self.cr.savepoint():
            self.deal.stage_id = self.stages["initiation"]

    # WHOSE ACCOUNT
    def test_another_companys_account_does_not_count(self):
        there = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        self.env["account.chart.template"].try_loading("generic_coa", company=there, install_demo=False)
        self._known_account(self.customer, there)
        foreign = self._deal(partner_id=self.customer.id, company_id=there.id, user_id=False)
        for code in MANDATORY:
            self.assertPoint(code, "fail")
            self.assertPoint(code, "pass", foreign)

    def test_the_account_goes_with_the_deals_customer(self):
        self._known_account(self.customer)
        self.assertPoint("A0-4", "pass")
        self.deal.partner_id = self._company("Datang")
        self.assertPoint("A0-4", "fail")
        self.deal.partner_id = self.env["res.partner"].create({"name": "Li Wei", "parent_id": self.customer.id})
        self.assertPoint("A0-4", "pass")

    def test_an_archived_or_deleted_account_does_not_count(self):
        account = self._known_account(self.customer)
        account.active = False
        self.assertPoint("A0-4", "fail")
        account.active = True
        self.assertPoint("A0-4", "pass")
        account.unlink()
        for code in MANDATORY:
            self.assertPoint(code, "fail")

    # OPEN IT
    def _open(self, code, deal=None):
        deal = (deal or self.deal).with_user(self.salesperson)
        self._settle()
        return deal.kams_check_ids.filtered(lambda check: check.point_id.code == code).action_open_evidence()

    def test_open_it_leads_to_the_account_or_to_its_lines_ready_for_a_new_one(self):
        for code in ("A0-1", "A0-4", "A0-5", "A0-6"):
            action = self._open(code)
            self.assertEqual((action["res_model"], action["res_id"]), ("kams.account", self.account.id), code)
        for code, model in (("A0-2", "kams.supply.position"), ("A0-3", "kams.account.value")):
            action = self._open(code)
            self.assertEqual((action["res_model"], action["domain"]), (model, [("account_id", "=", self.account.id)]))
            self.assertEqual(action["context"]["default_account_id"], self.account.id)
            self.assertIn("form", action["view_mode"])
        self.env["kams.account.unit"].create({"account_id": self.account.id, "name": "Generation"})
        action = self._open("A0-5")
        self.assertEqual(action["res_model"], "kams.whitespace.cell")
        self.assertEqual(action["domain"], [("account_id", "=", self.account.id)])

    def test_open_it_leads_to_the_evidence_once_it_is_there(self):
        account = self._known_account(self.customer)
        for code, model in (
            ("A0-1", "kams.account"),
            ("A0-2", "kams.supply.position"),
            ("A0-3", "kams.account.value"),
            ("A0-4", "kams.account"),
        ):
            action = self._open(code)
            self.assertEqual(action["res_model"], model)
            record = self.env[model].browse(action["res_id"])
            self.assertEqual(record if model == "kams.account" else record.account_id, account)

    def test_open_it_makes_the_account_of_a_customer_that_has_none(self):
        customer = self._company("Datang")
        deal = self._deal(partner_id=customer.id)
        for code in (*MANDATORY, *ADVISORY):
            with self.subTest(code=code), self.cr.savepoint() as savepoint:
                action = self._open(code, deal)
                account = self.env["kams.account"].browse(action["res_id"])
                self.assertEqual((action["res_model"], account.partner_id), ("kams.account", customer))
                savepoint.rollback()
            self.env.invalidate_all()

    def test_open_it_asks_for_the_customer_first(self):
        deal = self._deal()
        for code in (*MANDATORY, *ADVISORY):
            with self.subTest(code=code), self.assertRaisesRegex(UserError, "Choose the customer"):
                self._open(code, deal)

    # COST
    def test_each_point_is_one_statement_for_any_number_of_deals(self):
        self._known_account(self.customer)
        points = self.process.point_ids.filtered(lambda point: point.code.startswith("A0"))
        self.assertEqual(len(points), 6)
        for number in (1, 40):
            deals = self.env["crm.lead"].union(*(self._deal(partner_id=self.customer.id) for _n in range(number)))
            self._settle()
            for point in points:
                point._evaluate(deals)
                with self.assertQueryCount(1, flush=False):
                    met = point._evaluate(deals)[point.id]
                self.assertEqual(set(met), set() if point.code == "A0-5" else set(deals.ids))

    def test_a_new_deal_does_not_have_its_customers_other_deals_asked_again(self):
        for _n in range(3):
            self._deal(partner_id=self.customer.id)
        self._settle()
        asked = set()
        refresh = type(self.env["kams.control.check"])._refresh

        def watch(check, deal_ids_by_point):
            asked.update(id_ for ids in deal_ids_by_point.values() for id_ in ids)
            return refresh(check, deal_ids_by_point)

        with patch.object(self.registry["kams.control.check"], "_refresh", watch):
            deal = self._deal(partner_id=self.customer.id)
            self._settle()
            self.assertEqual(asked, set(deal.ids))
            self.deal.partner_id = False
            self._settle()
            self.assertEqual(asked, {deal.id, self.deal.id})
