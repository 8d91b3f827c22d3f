from datetime import timedelta
from itertools import product

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..models.kams_conflict_check import RELATIONS, SERVICES
from .common import KamsCase


@tagged("post_install", "-at_install")
class TestConflictCheck(KamsCase):
    """S2-7: 政府采购法实施条例, Article 18."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(kams_legal_regime="gov_procurement")

    def _check(self, yes=(), **vals):
        answers = {name: "yes" if name in yes else "no" for name in (*SERVICES, *RELATIONS)}
        return self.env["kams.conflict.check"].create({"lead_id": self.deal.id, **answers, **vals})

    def test_what_the_law_says_holds_for_every_answer(self):
        for served, single, tied, shared, withdrawn in product((False, True), repeat=5):
            yes = {"did_testing": served, "has_relation": tied, "shares_control": shared}
            check = self._check(
                [name for name, value in yes.items() if value], single_source=single, has_withdrawn=withdrawn
            )
            if shared or (tied and not withdrawn) or (served and not single):
                expected = "conflict"
            else:
                expected = "exempt" if served else "clear"
            with self.subTest(served=served, single=single, tied=tied, shared=shared, withdrawn=withdrawn):
                self.assertEqual(check.result, expected)

    def test_each_service_before_is_a_conflict(self):
        for name in SERVICES:
            with self.subTest(service=name):
                self.assertEqual(self._check([name]).result, "conflict")

    def test_single_source_is_known_from_the_deal(self):
        self.deal.kams_procurement_mode = "single_source"
        self.assertEqual(self._check(["did_design"]).result, "exempt")
        self.assertEqual(self._check(["did_design"], single_source=False).result, "conflict")

    def test_unanswered_is_not_clear(self):
        check = self._check(did_testing=False)
        self.assertFalse(check.result)
        with self.assertRaisesRegex(UserError, "Still to answer: Testing"):
            check.action_done()
        self.assertEqual(self._check(["did_design"], did_testing=False).result, "conflict")

    def test_a_conflict_is_explained_and_then_stays(self):
        check = self._check(["did_design"]).with_user(self.director)
        with self.assertRaisesRegex(UserError, "Explanation"):
            check.action_done()
        check.explanation = "Our institute drew the plans in 2024 <b>🚧</b>"
        file = self.env["ir.attachment"].with_user(self.director).create({"name": "Opinion.txt", "raw": b"No conflict"})
        check.attachment_ids = file
        self.assertEqual((file.res_model, file.res_id), (check._name, check.id))
        check.action_done()
        self.assertEqual((check.state, check.checked_by_id), ("done", self.director))
        for attempt in (
            lambda: file.write({"raw": b"Conflict"}),
            lambda: file.unlink(),
            lambda: check.write({"did_design": "no"}),
            lambda: check.write({"state": "draft"}),
            lambda: check.unlink(),
        ):
            with self.assertRaisesRegex(UserError, "stays as it is"), self.cr.savepoint():
                attempt()

    def test_what_was_found_last_holds(self):
        first = self._check()
        first.action_done()
        second = self._check(["did_design"], explanation="Our institute drew the plans")
        second.with_user(self.director).action_done()
        self.assertEqual((first.state, second.state), ("replaced", "done"))
        with self.assertRaisesRegex(UserError, "stays as it is"):
            first.write({"explanation": "x"})
        other = self._deal(name="Again", kams_legal_regime="gov_procurement")
        older = self._check(lead_id=other.id, date=fields.Date.today() - timedelta(days=9))
        older.action_done()
        (self.deal | other).merge_opportunity()
        self.assertEqual((older.state, second.state), ("replaced", "done"))

    def test_a_result_follows_from_the_answers_and_nobody_writes_it(self):
        check = self._check(["did_design"]).with_user(self.salesperson)
        for vals in ({"result": "clear"}, {"result": "clear", "state": "done"}):
            with self.assertRaisesRegex(UserError, "Result.* follows from other entries"):
                check.write(vals)
        self.assertEqual(check.result, "conflict")

    def test_a_check_is_not_of_a_day_to_come(self):
        early = self._check(date=fields.Date.today() + timedelta(days=900))
        early.action_done()
        self.assertEqual(early.date, fields.Date.today())
        late = self._check(["shares_control"], explanation="Same owner")
        late.action_done()
        self.assertEqual((early.state, late.state), ("replaced", "done"))

    def test_a_done_check_follows_its_deal_into_a_merge(self):
        check = self._check()
        check.action_done()
        kept = (self.deal | self._deal(name="Again")).merge_opportunity()
        self.assertEqual(check.lead_id, kept)
        self.assertEqual(check.date, fields.Date.today())

    def test_a_plain_deal_is_not_checked(self):
        plain = self._deal(team_id=self.env["crm.team"].create({"name": "Plain"}).id)
        with self.assertRaisesRegex(ValidationError, "not under a KAMS process"):
            self._check(lead_id=plain.id)
