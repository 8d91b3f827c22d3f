import doctest
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..tools import relation
from .common import KamsCase


class SatisfactionCase(KamsCase):
    """A deal with two people of the customer's, who are asked how satisfied they are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(partner_id=cls.customer.id)
        contacts = cls.env["res.partner"]
        cls.engineer = contacts.create({"name": "Engineer Zhao", "parent_id": cls.customer.id})
        cls.buyer = contacts.create({"name": "Buyer Qian", "parent_id": cls.customer.id})
        cls.zhao = cls.env["kams.stakeholder"].create({"lead_id": cls.deal.id, "partner_id": cls.engineer.id})
        cls.today = fields.Date.today()

    @classmethod
    def _answer(cls, scores=(), **vals):
        """An answer with a score per aspect, in the aspects' order."""
        answer = cls.env["kams.satisfaction"].create(
            {"lead_id": cls.deal.id, "partner_id": cls.engineer.id, "date": cls.today, **vals}
        )
        for line, score in zip(answer.line_ids, scores, strict=False):
            line.score = str(score)
        return answer


@tagged("post_install", "-at_install")
class TestSatisfaction(SatisfactionCase):
    """8.6: what the customer answered stays as it was answered, and the last answer of each person counts."""

    def test_arithmetic_stands_its_examples(self):
        self.assertEqual(doctest.testmod(relation).failed, 0)

    def test_score_is_the_mean_of_what_was_answered(self):
        answer = self._answer([5, 4, 0, 4])
        self.assertAlmostEqual(answer.score, 4.33, 2)
        self.assertIs(self._answer().score, False, "nobody said anything yet: that isn't 0")

    def test_an_answer_needs_somebody_who_gave_it_and_a_score(self):
        for lacking in (self._answer(), self._answer([5], partner_id=False)):
            with self.assertRaises(UserError):
                lacking.action_done()
        with self.assertRaises(UserError):
            self._answer([5], date=self.today + timedelta(days=1)).action_done()
        with self.assertRaises(UserError, msg="one of us doesn't answer for them"):
            self._answer([5], partner_id=self.env.user.partner_id.id).action_done()

    def test_a_consultant_in_the_chain_may_be_asked(self):
        adviser = self.env["res.partner"].create({"name": "Design Institute"})
        person = self.env["kams.stakeholder"].create({"lead_id": self.deal.id, "partner_id": adviser.id})
        answer = self._answer([4], stakeholder_id=person.id, partner_id=adviser.id)
        answer.action_done()
        self.assertEqual(answer.state, "done")

    def test_nobody_is_born_answered(self):
        with self.assertRaises(UserError):
            self._answer([5], state="done")

    def test_what_was_recorded_stays_on_every_route(self):
        answer = self._answer([2], comment="Two weeks late").with_user(self.salesperson)
        answer.line_ids.filtered(lambda line: line.aspect == "people").unlink()
        answer.action_done()
        for write in (
            lambda: answer.write({"comment": "All fine"}),
            lambda: answer.write({"line_ids": [Command.update(answer.line_ids[0].id, {"score": "5"})]}),
            lambda: answer.line_ids[0].write({"score": "5"}),
            lambda: answer.line_ids[0].unlink(),
            lambda: answer.line_ids.create({"satisfaction_id": answer.id, "aspect": "people", "score": "5"}),
            lambda: answer.write({"lead_id": self._deal().id}),
            lambda: answer.write({"score": 5}),
            answer.unlink,
        ):
            with self.assertRaises(UserError):
                write()
        self.assertEqual((answer.score, answer.comment), (2.0, "Two weeks late"))

    def test_correcting_says_who_did_and_what_it_was(self):
        answer = self._answer([2])
        answer.action_done()
        answer.with_user(self.salesperson).action_reopen()
        self.assertIn("2.00", answer.message_ids[0].body)
        self.assertFalse(answer.is_latest)
        answer.line_ids[0].score = "4"
        answer.action_done()
        self.assertEqual((answer.score, answer.is_latest), (4.0, True))

    def test_the_last_answer_of_each_person_counts(self):
        first = self._answer([2], date=self.today - timedelta(days=30))
        second = self._answer([5])
        other = self._answer([3], partner_id=self.buyer.id)
        (first | second | other).action_done()
        self.assertEqual((first | second | other).filtered("is_latest"), second | other)
        second.action_reopen()
        self.assertTrue(first.is_latest)
        first.write({"is_latest": False})
        self.assertTrue(first.is_latest, "the mark follows by itself")

    def test_a_merge_takes_answers_along(self):
        other = self._deal(partner_id=self.customer.id, name="Other")
        answer = self._answer([5], stakeholder_id=self.zhao.id)
        answer.action_done()
        stays = (other | self.deal).merge_opportunity()
        self.assertEqual(answer.lead_id, stays)
        self.assertEqual(answer.partner_id, self.engineer)
        self.assertTrue(answer.is_latest)

    def test_delivery_asks_and_records(self):
        engineer = self._person("kams_delivery", "kams_sales.group_delivery,project.group_project_user")
        delivery = self.env["kams.delivery"].create({"lead_id": self.deal.id})
        answers = self.env["kams.satisfaction"].with_user(engineer)
        answer = answers.create({"delivery_id": delivery.id, "lead_id": self.deal.id, "partner_id": self.buyer.id})
        answer.line_ids[0].score = "4"
        answer.action_done()
        self.assertTrue(answer.is_latest)
        self.assertEqual(delivery.with_user(engineer).satisfaction_score, 4)

    def test_what_they_are_not_satisfied_with_is_an_issue_once(self):
        answer = self._answer([5, 2], comment="Two weeks late").with_user(self.salesperson)
        answer.line_ids[1].note = "The crane"
        answer.action_done()
        answer.action_make_issue()
        answer.action_make_issue()
        issue = self.env["kams.issue"].search([("lead_id", "=", self.deal.id)])
        self.assertEqual((issue.raised_by_id, issue.severity), (self.engineer, "minor"))
        self.assertEqual(issue.description, "Keeping Dates: The crane\nTwo weeks late")
        self.assertEqual(self.env["crm.lead"]._kams_issue_closure(self.deal), {self.deal.id: 0.0})

    def test_any_text_is_taken(self):
        text = "<b>مرحبا</b> 😀 满意 " * 500
        answer = self._answer([5], comment=text)
        answer.action_done()
        self.assertEqual(answer.comment, text)

    def test_import_brings_in_scores_by_aspect(self):
        result = self.env["kams.satisfaction"].load(
            ["lead_id/.id", "partner_id/.id", "date", "line_ids/aspect", "line_ids/score"],
            [
                [str(self.deal.id), str(self.engineer.id), "2026-03-02", "service", "4"],
                ["", "", "", "people", "5"],
            ],
        )
        self.assertFalse(result["messages"])
        answer = self.env["kams.satisfaction"].browse(result["ids"])
        self.assertEqual((answer.score, answer.state, len(answer.line_ids)), (4.5, "draft", 2))
