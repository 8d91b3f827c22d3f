from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .test_change import ChangeCase
from .test_contract_clause import LONG


class ClosingCase(ChangeCase):
    """A delivery that was accepted, and somebody to serve the customer on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls._person("kams_service", "kams_sales.group_delivery")

    def _closing(self, user=None, delivery=None, **vals):
        delivery = delivery or self.delivery
        closing = self.env["kams.delivery.closing"].browse(
            delivery.with_user(user or self.planner).action_closing()["res_id"]
        )
        closing = closing.with_user(user or self.planner)
        if vals:
            closing.write(vals)
        return closing

    def _complete(self):
        """A closing that lacks nothing."""
        closing = self._closing(
            lesson_ids=[Command.create({"text": "The gate was too small", "advice": "Measure it first"})],
            reference_consent="refused",
            service_user_id=self.service.id,
            warranty_until="2030-01-01",
        )
        closing.with_user(self.service).action_take_over()
        return closing


@tagged("post_install", "-at_install")
class TestClosing(ClosingCase):
    """What a delivery's end asks for (8.8)."""

    def test_one_message_names_all_that_keeps_it_open(self):
        self._change()
        self.env["kams.risk"].create(
            {
                "lead_id": self.deal.id,
                "delivery_id": self.delivery.id,
                "name": "The crane fails",
                "probability": "5",
                "impact": "5",
                "user_id": False,
            }
        )
        pending = self.env["kams.acceptance"].create({"delivery_id": self.delivery.id, "kind": "arrival"})
        with self.assertRaises(UserError) as caught:
            self.delivery.with_user(self.planner).action_close()
        for words in (
            *("final acceptance isn't signed", pending.name, "Changes neither signed nor withdrawn: CO-01"),
            *("High risks without an owner", "closing isn't written"),
        ):
            self.assertIn(words, str(caught.exception))

    def test_a_complete_one_is_approved_by_a_director_and_the_delivery_closed(self):
        self._accept()
        closing = self._complete()
        self.assertFalse(closing.still_missing)
        with self.assertRaisesRegex(UserError, "no director has approved"):
            self.delivery.with_user(self.planner).action_close()
        with self.assertRaises(AccessError):
            closing.action_approve()
        closing.with_user(self.director).action_approve()
        self.assertFalse(self.delivery.closing_missing)
        self.delivery.with_user(self.planner).action_close()
        self.assertEqual((self.delivery.state, self.delivery.closed_on), ("closed", self.today))

    def test_what_was_approved_stays_by_every_route_until_a_director_reopens_it(self):
        self._accept()
        closing = self._complete()
        closing.with_user(self.director).action_approve()
        lesson = closing.lesson_ids
        for attempt in (
            lambda: closing.write({"summary": "x"}),
            lambda: closing.write({"lesson_ids": [Command.create({"text": "x"})]}),
            lambda: closing.write({"state": "draft"}),
            lambda: closing.write({"figures": False}),
            lambda: lesson.write({"text": "x"}),
            lambda: lesson.unlink(),
            lambda: lesson.copy(),
            lambda: closing.unlink(),
            lambda: closing.action_reopen(),
            lambda: self.delivery.with_user(self.planner).write({"closed_on": "2030-01-01"}),
        ):
            with self.assertRaises(UserError):
                attempt()
        self.delivery.action_close()
        with self.assertRaisesRegex(UserError, "take the delivery up again"):
            closing.with_user(self.director).action_reopen()
        with self.assertRaises(AccessError):
            self.delivery.with_user(self.planner)._reopen("Leaks")
        note = self.env["kams.delivery.note"].with_user(self.director)
        note.create({"delivery_id": self.delivery.id, "step": "reopen", "reason": "Leaks"}).action_confirm()
        self.assertEqual((self.delivery.state, self.delivery.closed_on), ("running", False))
        closing.with_user(self.director).action_reopen()
        closing.summary = "Again"

    def test_nobody_takes_the_warranty_over_for_another(self):
        closing = self._closing(service_user_id=self.service.id)
        with self.assertRaisesRegex(AccessError, "nobody else"):
            closing.action_take_over()
        closing.action_ask_service()
        self.assertEqual(closing.activity_ids.user_id, self.service)
        closing.with_user(self.service).action_take_over()
        self.assertEqual(closing.accepted_on, self.today)
        self.assertFalse(closing.activity_ids)
        closing.service_user_id = self.planner
        self.assertFalse(closing.accepted_on, "whoever is named now has taken over nothing")
        with self.assertRaises(UserError):
            closing.accepted_on = self.today

    def test_whoever_cannot_read_it_cannot_take_it_over(self):
        stranger = self._person("kams_stranger", "base.group_user")
        with self.assertRaisesRegex(ValidationError, "can't open closings"):
            self._closing(service_user_id=stranger.id)

    def test_a_delivery_has_one_closing(self):
        self.assertEqual(self._closing(), self._closing(self.salesperson))

    def test_the_warranty_ends_as_the_final_acceptance_says(self):
        self.contract.sudo()._engine().warranty_months = 12
        self._accept()
        self.assertEqual(self._closing().warranty_until, fields.Date.add(self.today, months=12))

    # REFERENCE
    def test_consent_makes_a_reference_and_later_brings_it_up_to_date(self):
        self._accept()
        letter = self.env["ir.attachment"].with_user(self.salesperson).create({"name": "Letter.txt", "raw": b"Yes"})
        closing = self._closing(
            self.salesperson,
            reference_consent="consent",
            reference_contact_id=self.engineer.id,
            reference_on=self.today,
            reference_file_ids=[Command.link(letter.id)],
        )
        reference = self.env["kams.reference"].browse(closing.action_make_reference()["res_id"])
        self.assertEqual((reference.partner_id, reference.deal_id), (self.customer, self.deal))
        self.assertEqual((reference.delivered_on, reference.consent), (self.today, True))
        self.assertEqual(reference.consent_file_ids.mapped("name"), ["Letter.txt"])
        self.assertEqual(closing.reference_id, reference)
        closing.reference_until = fields.Date.add(self.today, years=1)
        closing.action_make_reference()
        self.assertEqual(reference.consent_until, closing.reference_until)
        self.assertEqual(self.env["kams.reference"].search_count([("partner_id", "=", self.customer.id)]), 1)

    def test_without_consent_there_is_no_reference(self):
        closing = self._closing(self.salesperson)
        with self.assertRaisesRegex(UserError, "hasn't agreed"):
            closing.action_make_reference()
        closing.reference_consent = "consent"
        with self.assertRaisesRegex(UserError, "receives visitors"):
            closing.action_make_reference()

    # MONEY
    def test_costs_are_the_phases_and_what_changes_added(self):
        self._signed(cost=7_000.0)
        closing = self._closing()
        self.assertEqual((closing.estimated_cost, closing.change_cost), (600_000.0, 7_000.0))
        self.install.other_cost = 640_000.0
        closing.invalidate_recordset()
        self.assertEqual((closing.actual_cost, closing.cost_overrun), (640_000.0, 33_000.0))

    def test_a_project_manager_sees_costs_and_no_profit(self):
        self._accept()
        closing = self._complete()
        with Form(closing) as form:
            self.assertNotIn("realised_profit", form._view["fields"])
        for name in ("realised_profit", "estimated_profit", "estimated_margin_pct", "realised_margin_pct", "figures"):
            with self.assertRaises(AccessError):
                closing.read([name])
        self.assertIn("Actual Cost", self._printed(closing, self.planner, "report_closing"))
        self.assertNotIn("Profit</", self._printed(closing, self.planner, "report_closing"))
        self.assertIn("Realised Profit", self._printed(closing, self.salesperson, "report_closing"))

    def test_with_the_approval_figures_stay(self):
        self._accept()
        closing = self._complete()
        self.contract.sudo()._engine().planned_cost = 800_000.0
        self.assertEqual(closing.with_user(self.salesperson).estimated_profit, 200_000.0)
        closing.with_user(self.director).action_approve()
        self.contract.sudo()._engine().planned_cost = 900_000.0
        self.install.other_cost = 640_000.0
        closing.invalidate_recordset()
        self.assertEqual(closing.with_user(self.salesperson).estimated_profit, 200_000.0)
        self.assertNotEqual(closing.actual_cost, 640_000.0)

    def test_words_of_any_kind_are_kept_and_printed(self):
        closing = self._closing(
            summary=LONG, service_note=LONG, lesson_ids=[Command.create({"text": LONG, "advice": LONG})]
        )
        page = self._printed(closing, self.salesperson, "report_closing")
        self.assertIn("العربية", page)
        self.assertNotIn("<b>bold</b>", page)
