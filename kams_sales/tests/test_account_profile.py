from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import KamsCase


@tagged("post_install", "-at_install")
class TestAccountProfile(KamsCase):
    """How complete, how fresh and how valid a profile is, and who sees its secrets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._account()
        cls.requirements = cls.env["kams.profile.requirement"]

    def _item(self, **vals):
        return self.env["kams.profile.item"].create(
            {"account_id": self.account.id, "key": "Signature", "value": "CEO", "source": "Ms Li", **vals}
        )

    def _ask(self, **weights):
        """Let our company ask for these fields alone."""
        company = {"company_id": self.env.company.id}
        return self.requirements.create(
            [{**company, "field_name": name, "weight": weight} for name, weight in weights.items()]
        )

    def test_completeness_is_the_weight_of_what_is_filled_in(self):
        self._ask(uscc=3, pains=1, swot_ids=4)
        self.requirements.create(
            {"company_id": self.env.company.id, "kind": "item", "item_category": "purchasing", "weight": 2}
        )
        self.assertEqual(self.account.completeness, 0.0)
        self.account.write({"uscc": "9144030071526726XG"})
        self.assertEqual(self.account.completeness, 30.0)
        line = self.env["kams.account.swot"].create(
            {"account_id": self.account.id, "quadrant": "1s", "statement": "Cash"}
        )
        self.assertEqual(self.account.completeness, 70.0)
        item = self._item(category="purchasing")
        self.assertEqual(self.account.completeness, 90.0)
        self.assertEqual(self.account.profile_missing, "Pains")
        (line | self.env["kams.account.swot"]).unlink()
        item.category = "project"
        self.assertEqual(self.account.completeness, 30.0)
        self.assertEqual(self.account.profile_missing, "SWOT, Purchasing, Pains")

    def test_a_change_of_what_is_asked_counts_all_accounts_again(self):
        rows = self._ask(uscc=1, pains=1)
        self.account.pains = "Old boilers"
        self.assertEqual(self.account.completeness, 50.0)
        rows[0].weight = 3
        self.assertEqual(self.account.completeness, 25.0)
        rows[0].active = False
        self.assertEqual(self.account.completeness, 100.0)
        rows.unlink()  # the rows of all companies count again
        self.assertLess(self.account.completeness, 20.0)
        self.requirements.search([]).unlink()
        self.assertIs(self.account.completeness, False)

    def test_a_company_with_rows_of_its_own_counts_only_these(self):
        there = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        abroad = self._account(company_id=there.id, pains="Dust")
        self._ask(pains=1)
        self.account.pains = "Dust"
        self.assertEqual(self.account.completeness, 100.0)
        self.assertLess(abroad.completeness, 20.0)

    def test_an_item_is_asked_for_by_subject(self):
        self.requirements.create(
            {"company_id": self.env.company.id, "kind": "item", "item_category": "project", "item_key": "Budget cycle"}
        )
        item = self._item(category="project")
        self.assertEqual(self.account.completeness, 0.0)
        item.key = "budget CYCLE "
        self.assertEqual(self.account.completeness, 100.0)

    def test_a_requirement_says_what_it_asks_for(self):
        for vals in ({"kind": "item"}, {"kind": "field"}):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.requirements.create(vals)

    def test_freshness_is_the_share_of_items_that_still_hold(self):
        self.assertIs(self.account.freshness, False)
        today = fields.Date.context_today(self.account)
        month_ago = today - timedelta(days=30)
        self._item()
        for days in (-1, 0, 5):
            self._item(collected_at=month_ago, expires_at=today + timedelta(days=days))
        self.account.invalidate_recordset()
        self.assertEqual(self.account.freshness, 75.0)

    def test_a_profile_is_valid_for_twelve_months_from_the_day_it_was_confirmed(self):
        self.account.with_user(self.manager).action_confirm_profile()
        today = fields.Date.context_today(self.account)
        self.assertEqual((self.account.as_of, self.account.author_id), (today, self.manager))
        self.assertEqual(self.account.valid_until, today + relativedelta(months=12))
        self.account.as_of = date(2024, 2, 29)
        self.assertEqual(self.account.valid_until, date(2025, 2, 28))

    def test_secrets_are_for_manager_team_and_directors(self):
        self._deal(partner_id=self.customer.id)
        item = self._item(confidentiality="secret")
        plain = self._item(confidentiality="internal")
        self.env.flush_all()
        items = self.env["kams.profile.item"]
        for user, sees in (
            (self.manager, item | plain),
            (self.director, item | plain),
            (self.salesperson, plain),  # has a deal with the customer
            (self.sales_admin, plain),
            (self.auditor, plain),
            (self.colleague, items),
        ):
            with self.subTest(user=user.login):
                self.assertEqual(items.with_user(user).search([("account_id", "=", self.account.id)]), sees)
                if item not in sees:
                    with self.assertRaises(AccessError):
                        item.with_user(user).read(["value"])
        account = self.account.with_user(self.salesperson)
        self.assertEqual(account.profile_item_ids, plain)
        self.account.member_ids = self.salesperson
        self.env.invalidate_all()
        self.assertEqual(account.profile_item_ids, plain | item)

    def test_completeness_counts_secrets_for_everybody(self):
        self._deal(partner_id=self.customer.id)
        self.requirements.create({"company_id": self.env.company.id, "kind": "item", "item_category": "project"})
        self._item(category="project", confidentiality="secret")
        for user in (self.manager, self.salesperson, self.auditor):
            account = self.account.with_user(user)
            self.env.invalidate_all()
            self.assertEqual((account.completeness, account.freshness), (100.0, 100.0))
            self.assertFalse(account.profile_missing)

    def test_credit_checked_in_time_is_evidence_for_a_control_point(self):
        """A0-4: a grade, and a date not older than twelve months."""
        domain = [
            ("id", "=", self.account.id),
            ("credit_grade", "!=", False),
            ("credit_checked_on", ">=", "-12m"),
        ]
        today = fields.Date.context_today(self.account)
        self.account.credit_grade = "aa"
        for months, met in ((13, False), (11, True)):
            self.account.credit_checked_on = today - relativedelta(months=months)
            self.assertEqual(bool(self.account.search(domain)), met)
        with self.assertRaisesRegex(ValidationError, "Huaneng Power"):
            self.account.credit_checked_on = today + timedelta(days=1)

    def test_a_relationship_set_by_hand_says_why(self):
        with self.assertRaisesRegex(ValidationError, "Huaneng Power"), self.cr.savepoint():
            self.account.relationship_manual = "disintegrating"
        self.account.write({"relationship_manual": "disintegrating", "relationship_reason": "They sued us"})
        self.assertEqual(self.account.relationship_stage, "disintegrating")

    def test_the_relationship_stage_is_what_six_statements_add_up_to(self):
        template = self.env["kams.scorecard.template"].search([("code", "=", "relationship_stage")], limit=1)
        codes = template.criterion_ids.mapped("code")
        self.assertEqual(len(codes), 6)
        for marks, stage in (
            ((1, 1, 1, 1, 1, 1), "basic"),
            ((2, 2, 2, 2, 1, 1), "basic"),
            ((2, 2, 2, 2, 2, 1), "cooperative"),
            ((3, 3, 3, 3, 2, 2), "cooperative"),
            ((3, 3, 3, 3, 3, 2), "interdependent"),
            ((4, 4, 4, 4, 3, 3), "interdependent"),
            ((4, 4, 4, 4, 4, 3), "integrated"),
            ((4, 4, 4, 4, 4, 4), "integrated"),
        ):
            card = self.env["kams.scorecard"].create({"template_id": template.id, "account_id": self.account.id})
            before = self.account.relationship_stage
            card._answer(dict(zip(codes, marks, strict=True)))
            self.assertEqual(self.account.relationship_stage, before, "a draft says nothing yet")
            card.action_done()
            with self.subTest(points=sum(marks)):
                self.assertEqual(self.account.relationship_stage, stage)
        self.account.write({"relationship_manual": "disintegrating", "relationship_reason": "They sued us"})
        self.assertEqual(self.account.relationship_stage, "disintegrating")
        self.account.relationship_manual = False
        self.assertEqual(self.account.relationship_stage, "integrated")
