from datetime import datetime

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .test_tender_clause import ClauseCase


@tagged("post_install", "-at_install")
class TestTenderQuestion(ClauseCase):
    def _question(self, **vals):
        return self.env["kams.tender.question"].create(
            {"tender_id": self.tender.id, "question": "Is an equal make allowed?", **vals}
        )

    def test_a_question_is_sent_answered_and_stays_as_it_was_sent(self):
        question = self._question(reason="Our rival's make is named")
        question.action_send()
        self.assertTrue(question.sent_at)
        with self.assertRaisesRegex(UserError, "stays as it was sent"), self.cr.savepoint():
            question.question = "Something else"
        with self.assertRaisesRegex(UserError, "was sent"), self.cr.savepoint():
            question.unlink()
        with self.assertRaisesRegex(UserError, "Write down"), self.cr.savepoint():
            question.action_answered()
        question.write({"answer": "Yes", "effect": "We offer our own"})
        question.action_answered()
        self.assertTrue(question.answered_at >= question.sent_at)
        question.action_reopen()
        self.assertEqual((question.state, question.answered_at), ("sent", False))
        question.action_reopen()
        self.assertEqual((question.state, question.sent_at), ("draft", False))
        question.action_drop()
        question.action_reopen()
        question.unlink()

    def test_a_long_question_is_named_by_its_first_words(self):
        question = self._question(question="Which flange?\n" + "法兰" * 5000)
        self.assertLess(len(question.display_name), 70)
        with self.assertRaises(UserError) as refused, self.cr.savepoint():
            question.action_answered()
        self.assertLess(len(str(refused.exception)), 300)

    def test_states_move_along_their_ways_only(self):
        question = self._question(answer="Yes")
        with self.assertRaises(UserError), self.cr.savepoint():
            question.action_answered()
        with self.assertRaises(UserError), self.cr.savepoint():
            self._question(state="answered")

    def test_a_question_is_sent_until_the_very_minute_of_the_deadline(self):
        """The tender is held in Shanghai, the server counts in UTC: 17:00 there is 09:00."""
        self.tender.question_deadline = "2026-03-10 09:00:00"
        question = self._question()
        self.assertTrue(question.is_late)
        with self.assertRaisesRegex(UserError, "Boilers takes questions until"), self.cr.savepoint():
            question.action_send()
        with self.assertRaises(UserError), self.cr.savepoint():
            question.write({"state": "sent", "sent_at": "2026-03-10 09:00:01"})
        question.sent_at = "2026-03-10 09:00:00"
        question.action_send()
        self.assertFalse(question.is_late)
        self.assertEqual(question.sent_at, datetime(2026, 3, 10, 9))

    def test_an_objection_has_the_laws_last_day_where_the_tender_is_held(self):
        question = self._question(kind="objection")
        last = fields.Date.to_date("2026-03-15")
        self.env.add_to_compute(self.tender._fields["objection_deadline"], self.env["kams.tender"])
        self.env.cr.execute("UPDATE kams_tender SET objection_deadline = %s WHERE id = %s", (last, self.tender.id))
        self.tender.invalidate_recordset(flush=False)
        self.assertEqual(question.date_limit, datetime(2026, 3, 15, 15, 59, 59), "Midnight in Shanghai")
        with self.assertRaisesRegex(UserError, "L05"), self.cr.savepoint():
            question.write({"state": "sent", "sent_at": "2026-03-15 16:00:00"})
        question.write({"state": "sent", "sent_at": "2026-03-15 15:59:00"})

    def test_a_question_is_about_a_clause_of_its_tender(self):
        other = self._clauses("Pump", tender=self.tender.copy({"name": "Lot 2"}))
        with self.assertRaisesRegex(ValidationError, "another tender"), self.cr.savepoint():
            self._question(clause_id=other.id)

    def test_an_answer_does_not_come_before_the_question(self):
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._question(sent_at="2026-03-10 09:00:00", answered_at="2026-03-09 09:00:00")


@tagged("post_install", "-at_install")
class TestTenderAddendum(ClauseCase):
    def _addendum(self, **vals):
        return self.env["kams.tender.addendum"].create(
            {"tender_id": self.tender.id, "name": "Addendum 1", "issued_on": "2026-03-12", **vals}
        )

    def test_one_that_nobody_has_processed_is_flagged_and_forbids_to_submit(self):
        addendum = self._addendum()
        self.assertEqual((self.tender.addendum_open, self.tender._unprocessed_addenda()), (1, addendum))
        self.assertIn("Addendum 1", "\n".join(self.tender._submission_obstacles()))
        self.assertTrue(any("Addendum 1" in one["message"] for one in self.tender._findings()[self.tender.id]))
        with self.assertRaisesRegex(UserError, "what “Addendum 1” changes"), self.cr.savepoint():
            addendum.action_process()
        addendum.effect = "Two more pumps"
        addendum.with_user(self.bidder).action_process()
        self.assertEqual((addendum.state, addendum.processed_by_id), ("processed", self.bidder))
        self.assertEqual((self.tender.addendum_open, self.tender._unprocessed_addenda()), (0, addendum.browse()))
        self.assertNotIn("Addendum 1", "\n".join(self.tender._submission_obstacles()))

    def test_what_was_processed_stays_until_it_is_reopened(self):
        addendum = self._addendum(affects_bid=False)
        addendum.action_process()
        for vals in ({"effect": "x"}, {"issued_on": "2026-03-13"}, {"affects_bid": True}, {"new_deadline": False}):
            with self.assertRaisesRegex(UserError, "Reopen"), self.cr.savepoint():
                addendum.write(vals)
        with self.assertRaisesRegex(UserError, "Reopen"), self.cr.savepoint():
            self.tender.write({"addendum_ids": [Command.delete(addendum.id)]})
        who, when = addendum.processed_by_id, addendum.processed_at
        addendum.with_user(self.bidder).write({"processed_by_id": self.salesperson.id, "processed_at": False})
        self.assertEqual((addendum.processed_by_id, addendum.processed_at), (who, when))
        addendum.action_reopen()
        self.assertFalse(addendum.processed_by_id or addendum.processed_at)
        addendum.effect = "None"

    def test_its_new_deadline_becomes_the_tenders(self):
        self.tender.bid_deadline = "2026-03-25 01:30:00"
        addendum = self._addendum(effect="Two more pumps", new_deadline="2026-03-30 01:30:00")
        with self.assertRaisesRegex(UserError, "Apply New Deadline"), self.cr.savepoint():
            addendum.action_process()
        addendum.action_apply_deadline()
        self.assertEqual(self.tender.bid_deadline, datetime(2026, 3, 30, 1, 30))
        addendum.action_process()
        with self.assertRaisesRegex(UserError, "sets no new bid deadline"), self.cr.savepoint():
            self._addendum(name="Addendum 2").action_apply_deadline()

    def test_a_deadline_moves_after_the_bid_is_in(self):
        self.tender.bid_deadline = "2026-03-25 01:30:00"
        self._submitted()
        addendum = self._addendum(effect="None", new_deadline="2026-03-20 01:30:00")
        addendum.action_apply_deadline()
        addendum.action_process()
        self.assertEqual(self.tender.bid_deadline, datetime(2026, 3, 20, 1, 30))

    def test_the_last_addendum_that_affects_bids_is_the_tenders(self):
        self._addendum()
        self._addendum(name="Addendum 2", issued_on="2026-03-14", affects_bid=False)
        self._addendum(name="Prequalification", issued_on="2026-03-15", document="prequal")
        self.assertEqual(str(self.tender.last_addendum_at), "2026-03-12")
        later = self._addendum(name="Addendum 3", issued_on="2026-03-16")
        self.assertEqual(str(self.tender.last_addendum_at), "2026-03-16")
        later.unlink()
        self.assertEqual(str(self.tender.last_addendum_at), "2026-03-12")

    def test_l04_deadline_2026_03_25_addendum_2026_03_12_is_lawful_from_2026_03_27(self):
        self.tender.write({"issued_at": "2026-03-01", "bid_deadline": "2026-03-25 01:30:00"})
        self._addendum(effect="Two more pumps")
        found = [one for one in self.tender._findings()[self.tender.id] if one["rule"] == "L04" and one["lawful"]]
        self.assertEqual([(one["level"], str(one["lawful"])) for one in found], [("error", "2026-03-27")])
        self.assertEqual(self.tender.dates_state, "unlawful")
        self.tender.addendum_ids.write({"new_deadline": "2026-03-27 01:30:00"})
        self.tender.addendum_ids.action_apply_deadline()
        found = [one for one in self.tender._findings()[self.tender.id] if one["rule"] == "L04" and one["lawful"]]
        self.assertEqual([one["level"] for one in found], ["info"])

    def test_l04_applicants_get_three_days_after_a_change_of_prequalification_documents(self):
        self.tender.write(
            {"issued_at": "2026-03-01", "prequal_required": True, "prequal_deadline": "2026-03-12 09:00:00"}
        )
        self._addendum(issued_on="2026-03-10", document="prequal")

        def found():
            rows = self.tender._findings()[self.tender.id]
            return [str(one["lawful"]) for one in rows if one["rule"] == "L04" and one["field"] == "prequal_deadline"]

        self.assertEqual(found(), ["2026-03-13"])
        self.tender.prequal_deadline = "2026-03-13 09:00:00"
        self.assertEqual(found(), [])

    def test_open_addenda_of_many_tenders_are_counted_in_one_statement(self):
        tenders = self.tender
        for n in range(10):
            tenders |= self.tender.copy({"name": f"Lot {n}"})
        for tender in tenders:
            self._addendum(tender_id=tender.id)
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            self.assertEqual(set(tenders.mapped("addendum_open")), {1})

    def test_uploaded_files_belong_to_the_addendum(self):
        file = self.env["ir.attachment"].create({"name": "Addendum.pdf", "raw": b"x"})
        addendum = self._addendum(attachment_ids=[Command.link(file.id)])
        self.assertEqual((file.res_model, file.res_id), ("kams.tender.addendum", addendum.id))
