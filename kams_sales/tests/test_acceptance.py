import doctest
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..tools import acceptance as arithmetic
from .test_payment import PaymentCase

ODD = "<b>مرحبا</b> 🚀 " + "很长" * 5000  # HTML, right to left, an emoji, 10,000 characters


class AcceptanceCase(PaymentCase):
    """A delivery of the contract over 6,900,000, led by a project manager without any right to sales."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.builder = cls._person("kams_builder", "kams_sales.group_delivery,project.group_project_user")
        cls.engineer = cls.env["res.partner"].create({"name": "Zhang Wei", "parent_id": cls.customer.id})
        cls.delivery = cls._delivery()

    @classmethod
    def _delivery(cls, deal=None, contract=None, **vals):
        contract = cls.contract if contract is None else contract
        return cls.env["kams.delivery"].create(
            {"lead_id": (deal or cls.deal).id, "contract_id": contract.id, "user_id": cls.builder.id, **vals}
        )

    @classmethod
    def _acceptance(cls, kind="final", delivery=None, user=None, **vals):
        """An acceptance as the project manager plans it."""
        return (
            cls.env["kams.acceptance"]
            .with_user(user or cls.builder)
            .create({"delivery_id": (delivery or cls.delivery).id, "kind": kind, **vals})
        )

    def _file(self, name="certificate.pdf", user=None):
        return self.env["ir.attachment"].with_user(user or self.builder).create({"name": name, "raw": b"signed"})

    def _ready(self, acceptance, conclusion="passed", **vals):
        """Inspected, judged and signed for by the customer, but not noted yet."""
        if acceptance.state == "draft":
            acceptance.action_hold()
        acceptance.write(
            {
                "conclusion": conclusion,
                "signed_by_id": self.engineer.id,
                "signed_at": self.today,
                "signed_file_ids": [Command.set(self._file().ids)],
                **vals,
            }
        )
        return acceptance

    def _sign(self, acceptance, conclusion="passed", **vals):
        self._ready(acceptance, conclusion, **vals).action_sign()
        return acceptance

    def _refuse(self, acceptance, reason="It leaks"):
        if acceptance.state == "draft":
            acceptance.action_hold()
        notes = self.env["kams.acceptance.note"].with_env(acceptance.env)
        notes.create({"acceptance_id": acceptance.id, "step": "refuse", "reason": reason}).action_confirm()

    def _again(self, acceptance):
        return acceptance.browse(acceptance.action_again()["res_id"])

    def _reopen(self, acceptance, user, reason="A wrong day"):
        notes = self.env["kams.acceptance.note"].with_user(user)
        notes.create({"acceptance_id": acceptance.id, "step": "reopen", "reason": reason}).action_confirm()

    def _rectification(self, acceptance, **vals):
        return acceptance.rectification_ids.create({"acceptance_id": acceptance.id, "issue": "A leak", **vals})


@tagged("post_install", "-at_install")
class TestAcceptance(AcceptanceCase):
    """From the plan to the customer's yes or no."""

    def test_examples_of_the_arithmetic_hold(self):
        self.assertEqual(doctest.testmod(arithmetic).failed, 0)

    def test_a_signed_acceptance_says_all_that_it_rests_upon(self):
        one = self._acceptance(criterion_ids=[Command.create({"item": "Heat rate"})])
        self.assertTrue(one.is_open)
        one.action_hold()
        with self.assertRaises(UserError) as refused:
            one.action_sign()
        for word in ("conclusion", "for the customer", "day of the signature", "certificate is missing"):
            self.assertIn(word, str(refused.exception))
        self._ready(one)
        with self.assertRaises(UserError) as refused:
            one.action_sign()
        self.assertIn("no result", str(refused.exception))
        one.criterion_ids.result = "fail"
        with self.assertRaises(UserError):
            one.action_sign()
        one.criterion_ids.result = "pass"
        one.action_sign()
        self.assertEqual((one.state, one.is_open, one.is_done, one.open_rectifications), ("signed", False, True, 0))
        self.assertIn("certificate.pdf", one.signed_hash)
        self.assertEqual(one.recorded_by_id, self.builder)
        self.assertEqual(one.action_verify_signed()["params"]["type"], "success")

    def test_nothing_is_signed_before_it_is_inspected_or_in_the_future(self):
        one = self._ready(self._acceptance())
        one.signed_at = self.today + timedelta(days=1)
        with self.assertRaises(UserError):
            one.action_sign()
        one.signed_at = self.today - timedelta(days=1)
        with self.assertRaises(UserError):
            one.action_sign()

    def test_our_people_do_not_sign_for_the_customer(self):
        one = self._acceptance()
        with self.assertRaises(ValidationError):
            one.signed_by_id = self.salesperson.partner_id
        with self.assertRaises(ValidationError):
            one.signed_by_id = (one.company_id or self.env.company).partner_id

    def test_conditions_are_written_down_with_an_owner_and_a_day(self):
        one = self._ready(self._acceptance(), "conditional")
        with self.assertRaises(UserError):
            one.action_sign()
        line = self._rectification(one)
        with self.assertRaises(UserError):
            one.action_sign()
        line.write({"user_id": self.builder.id, "date_due": self.today})
        one.action_sign()
        self.assertEqual((one.is_done, one.open_rectifications), (False, 1))
        self.assertEqual(line.activity_ids.user_id, self.builder)
        with self.assertRaises(UserError):
            line.action_close()
        line.evidence = "Sealed, and seen by Mr Zhang"
        line.action_close()
        self.assertEqual((one.is_done, one.open_rectifications, line.closed_on), (True, 0, self.today))
        self.assertFalse(line.activity_ids)
        with self.assertRaises(UserError):
            line.evidence = "Otherwise"
        line.action_open_again()
        self.assertEqual((one.is_done, one.open_rectifications), (False, 1))
        self.assertTrue(line.activity_ids)

    def test_an_acceptance_refused_twice(self):
        one = self._acceptance(
            criterion_ids=[Command.create({"item": "Heat rate", "standard": "7,900"})],
            member_ids=[Command.create({"partner_id": self.engineer.id, "signed": True})],
        )
        self._rectification(one)
        self._refuse(one)
        self.assertEqual((one.state, one.conclusion, one.is_open, one.is_done), ("refused", "failed", False, False))
        two = self._again(one)
        self.assertEqual((two.attempt, two.previous_id, one.is_superseded, two.is_superseded), (2, one, True, False))
        self.assertEqual(two.criterion_ids.mapped("standard"), ["7,900"])
        self.assertFalse(two.criterion_ids.result or two.member_ids.signed or two.rectification_ids)
        self._refuse(two, ODD)
        self.assertEqual(two.refuse_reason, ODD.strip())
        three = self._again(two)
        self.assertEqual((three.attempt, three.refusal_count, two.is_superseded), (3, 2, True))
        self.assertEqual(self._again(two), three, "another press opens the attempt that is there")
        three.criterion_ids.result = "pass"
        self._ready(three)
        with self.assertRaises(UserError) as refused:
            three.action_sign()
        self.assertIn("A leak", str(refused.exception), "what was found before is put right first")
        one.rectification_ids.evidence = "Sealed"
        one.rectification_ids.action_close()
        three.action_sign()
        self.assertTrue(three.is_done)
        self.assertEqual(self.delivery.acceptance_count, 1, "one acceptance, in three attempts")
        self.assertEqual(self.delivery.accepted_count, 1)
        with self.assertRaises(UserError):
            self._again(three)
        with self.assertRaises(UserError):
            self._reopen(one, self.director)

    def test_a_cancelled_attempt_does_not_count(self):
        one = self._acceptance()
        self._refuse(one)
        two = self._again(one)
        two.action_cancel()
        self.assertFalse(one.is_superseded)
        self.assertEqual(self._again(one).attempt, 2)

    def test_a_refusal_needs_its_reason(self):
        one = self._acceptance()
        one.action_hold()
        with self.assertRaises(UserError):
            self._refuse(one, "  ")

    def test_what_was_signed_stays_on_every_route(self):
        one = self._acceptance(
            criterion_ids=[Command.create({"item": "Heat rate", "result": "pass"})],
            member_ids=[Command.create({"name": "Zhang", "side": "expert"})],
        )
        line = self._rectification(one, evidence="x", user_id=self.builder.id)
        line.action_close()
        self._sign(one)
        for user in (self.builder, self.director):
            mine, file = one.with_user(user), one.signed_file_ids.with_user(user)
            for change in (
                lambda mine=mine: mine.write({"signed_at": "2020-01-01"}),
                lambda mine=mine: mine.write({"state": "draft"}),
                lambda mine=mine: mine.write({"signed_file_ids": [Command.clear()]}),
                lambda mine=mine: mine.criterion_ids.write({"result": "fail"}),
                lambda mine=mine: mine.criterion_ids.unlink(),
                lambda mine=mine: mine.criterion_ids.copy(),
                lambda mine=mine: mine.member_ids.write({"signed": True}),
                lambda mine=mine: mine.rectification_ids.write({"issue": "Another"}),
                lambda mine=mine: mine.rectification_ids.copy(),
                lambda mine=mine: mine.rectification_ids.write({"closed_on": False}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.load([".id", "signed_at"], [[str(mine.id), "2020-01-01"]])["ids"] or refuse(),
                lambda file=file: file.write({"raw": b"other"}),
                lambda file=file: file.unlink(),
            ):
                with self.assertRaises(UserError):  # or that there is no right, which is one
                    change()
                self.env.invalidate_all()
        self.assertEqual((one.signed_at, one.criterion_ids.result), (self.today, "pass"))

    def test_stamps_are_written_by_buttons_alone(self):
        one = self._acceptance(state="draft", attempt=7, refuse_reason="x", signed_hash="x")
        self.assertEqual((one.attempt, one.refuse_reason, one.signed_hash), (1, False, False))
        for name, value in (("attempt", 3), ("is_done", True), ("lead_id", self.deal.id), ("refused_on", self.today)):
            with self.assertRaises(UserError):
                one.write({name: value})
        line = self._rectification(one, closed_on=self.today)
        self.assertFalse(line.closed_on)

    def test_a_director_reopens_with_a_reason(self):
        one = self._sign(self._acceptance())
        with self.assertRaises(AccessError):
            self._reopen(one, self.builder)
        self._reopen(one, self.director)
        self.assertEqual((one.state, one.signed_hash), ("held", False))
        self.assertIn("A wrong day", one.message_ids[0].body)
        one.signed_at = self.today
        one.action_sign()

    def test_text_of_any_kind_is_kept(self):
        one = self._acceptance(name=ODD[:200], remark=ODD, criterion_ids=[Command.create({"item": ODD})])
        self._rectification(one, issue=ODD, user_id=self.builder.id)
        self.assertEqual((one.remark, one.criterion_ids.item, one.rectification_ids.issue), (ODD, ODD, ODD))

    def test_without_contract_and_without_goods(self):
        """A deal whose delivery has no contract at all, and a contract with services only."""
        bare = self._delivery(contract=self.contract.browse())
        self.assertTrue(self._sign(self._acceptance(delivery=bare)).is_done)
        self.assertFalse(bare.warranty_end)
        self.product.type = "service"
        one = self._acceptance()
        one.action_hold()
        self.assertTrue(self._sign(one).is_done)
        self.assertEqual(self.delivery.warranty_start, self.today)

    def test_a_merged_deal_takes_its_acceptances_along(self):
        one = self._sign(self._acceptance())
        other = self._deal(partner_id=self.customer.id)
        (self.deal | other).merge_opportunity(auto_unlink=False)
        self.assertEqual(one.lead_id, one.delivery_id.lead_id)
        self.assertTrue(one.lead_id.active)

    def test_the_certificate_on_paper(self):
        one = self._acceptance(
            remark=ODD,
            criterion_ids=[Command.create({"item": "Heat rate", "standard": "7,900", "aspect": "safety"})],
            member_ids=[Command.create({"name": "Prof. Li", "side": "expert"})],
        )
        self._rectification(one, issue="A leak")
        reports = self.env["ir.actions.report"].with_user(self.builder)
        words = reports._render_qweb_html("kams_sales.report_acceptance", one.ids)[0].decode()
        for told in ("Heat rate", "7,900", "Criteria: Safety", "Prof. Li", "A leak", "☐ Passed", "&lt;b&gt;"):
            self.assertIn(told, words)
        self.assertNotIn("Confidential", words)

    def test_who_may_only_read_presses_nothing(self):
        one = self._ready(self._acceptance())
        for user in (self.finance, self.auditor):
            for press in ("action_sign", "action_cancel", "action_take_criteria"):
                with self.assertRaises(AccessError):
                    getattr(one.with_user(user), press)()


@tagged("post_install", "-at_install")
class TestCriteria(AcceptanceCase):
    """What is inspected is what was agreed."""

    def test_what_was_agreed_is_taken_once(self):
        self.env["kams.requirement"].create(
            [
                {"lead_id": self.deal.id, "code": "R1", "name": "Data every second", "fit": "standard"},
                {"lead_id": self.deal.id, "code": "R2", "name": "Runs on the moon", "fit": "unsupported"},
                {"lead_id": self.deal.id, "code": "R3", "name": "Two trainings", "type": "service"},
            ]
        )
        tender = self.env["kams.tender"].create({"lead_id": self.deal.id, "name": "Boilers"})
        self.env["kams.tender.clause"].create(
            [
                {"tender_id": tender.id, "clause_no": "4.1", "text": "消防系统符合GB50116", "status": "comply"},
                {"tender_id": tender.id, "clause_no": "4.2", "text": "Not ours", "status": "negative"},
                {"tender_id": tender.id, "clause_no": "4.3", "text": "Paper", "kind": "format", "status": "comply"},
            ]
        )
        self.contract.write({"tender_id": tender.id, "quality_text": "Heat rate\t7,900 kJ/kWh\nData every second"})
        one = self._acceptance()
        one.action_take_criteria()
        self.assertEqual(
            [(line.item, line.aspect, line.source) for line in one.criterion_ids],
            [
                ("Data every second", "technical", "Requirement R1"),
                ("Two trainings", "service", "Requirement R3"),
                ("消防系统符合GB50116", "safety", "Clause 4.1"),
                ("Heat rate", "technical", "Contract: quality agreed"),
            ],
        )
        one.action_take_criteria()
        self.assertEqual(len(one.criterion_ids), 4)
        one.criterion_ids[0].unlink()
        one.action_take_criteria()
        self.assertEqual(len(one.criterion_ids), 4)

    def test_nothing_agreed_is_said(self):
        with self.assertRaises(UserError):
            self._acceptance().action_take_criteria()

    def test_criteria_are_pasted(self):
        one = self._acceptance()
        pastes = self.env["kams.acceptance.paste"].with_user(self.builder)
        paste = pastes.create(
            {"acceptance_id": one.id, "text": "Heat rate\t7,900\n培训\t两次\t服务", "source": "Annex 2"}
        )
        self.assertEqual(paste.found, "2 criteria.")
        paste.action_confirm()
        self.assertEqual(one.criterion_ids.mapped("aspect"), ["technical", "service"])
        self.assertEqual(one.criterion_ids.mapped("source"), ["Annex 2", "Annex 2"])
        with self.assertRaises(UserError):
            pastes.create({"acceptance_id": one.id, "text": "\n\t\n"}).action_confirm()

    def test_taking_criteria_asks_as_often_for_many_as_for_few(self):
        self.env["kams.requirement"].create(
            [{"lead_id": self.deal.id, "name": f"Need {number}"} for number in range(40)]
        )
        one = self._acceptance(kind="arrival")
        many = self._acceptance() | self._acceptance(kind="trial") | self._acceptance(kind="preliminary")

        def statements(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records._agreed()
            return self.env.cr.sql_log_count - before

        statements(one)
        self.assertLessEqual(statements(many), statements(one) + 1)


@tagged("post_install", "-at_install")
class TestGovernment(AcceptanceCase):
    """What the law asks of acceptances in government procurement."""

    def _levels(self, one):
        one.invalidate_recordset()
        return [(found["level"], found["article"]) for found in one._findings()]

    def test_only_government_procurement_is_asked(self):
        self.assertFalse(self._acceptance()._findings())

    def test_the_certificate_covers_each_standard_and_all_members_sign(self):
        self.deal.kams_legal_regime = "gov_procurement"
        one = self._acceptance(criterion_ids=[Command.create({"item": "Heat rate", "result": "pass"})])
        self.assertEqual(self._levels(one), [("warning", "政府采购法实施条例 45")])
        self.assertIn("Service, Safety", one._findings()[0]["message"])
        one.criterion_ids = [
            Command.create({"item": "Training", "aspect": "service", "result": "pass"}),
            Command.create({"item": "Fire alarm", "aspect": "safety", "result": "pass"}),
        ]
        one.action_hold()
        self.assertEqual([level for level, _article in self._levels(one)], ["info", "warning"])
        one.member_ids = [
            Command.create({"name": "Zhang", "side": "customer", "signed": True}),
            Command.create({"name": "Prof. Li", "side": "expert"}),
        ]
        self.assertIn("Prof. Li", one._findings()[1]["message"])
        self._sign(one)
        self.assertEqual(self._levels(one)[1], ("error", "政府采购法 41"))
        self.assertEqual(one.error_count, 1)
        self._reopen(one, self.director)
        one.member_ids.signed = True
        one.action_sign()
        self.assertEqual([level for level, _article in self._levels(one)], ["info", "info"])

    def test_the_law_of_the_day_counts(self):
        self.deal.kams_legal_regime = "gov_procurement"
        self.assertFalse(self._acceptance(signed_at=fields.Date.to_date("2014-12-31"))._find_standards())


def refuse():
    raise UserError("not loaded")  # pylint: disable=translation-required
