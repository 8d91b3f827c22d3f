from io import BytesIO

from odoo import Command
from odoo.tests import tagged
from odoo.tools.pdf import PdfFileReader

from .test_training import TrainingCase


@tagged("post_install", "-at_install")
class TestTrainingReport(TrainingCase):
    def _pages(self, report, records):
        printer = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        content, kind = printer._render_qweb_pdf(f"kams_sales.{report}", records.ids)
        self.assertEqual(kind, "pdf")
        return len(PdfFileReader(BytesIO(content)).pages)

    def _held(self, **vals):
        training = self._training(people=0, objectives="مرحبا " * 40 + "🚀 <script>" + "长" * 10_000, **vals)
        training.attendee_ids = [
            Command.create({"name": f"Trainee {n} 李", "unit": "Shift", "attended": n < 3, "post_score": 90.0})
            for n in range(4)
        ]
        training.action_hold()
        return training

    def test_a_certificate_is_one_page_for_each_who_passed(self):
        training = self._held()
        self._sign(training)
        action = training.action_certificates()
        ids = action["context"]["active_ids"]
        self.assertEqual(ids, training.attendee_ids[:3].ids)
        self.assertEqual(self._pages("report_training_certificate", training.attendee_ids.browse(ids)), 3)
        numbers = training.attendee_ids.mapped("certificate")
        self.assertEqual(len({number for number in numbers if number}), 3)
        self.assertFalse(numbers[3])  # they passed a test at home, and never came

    def test_certificates_come_after_the_sign_off_and_keep_their_numbers(self):
        training = self._held()
        with self.assertRaisesRegex(Exception, "isn't signed off"):
            training.action_certificates()
        self._sign(training)
        before = training.attendee_ids.mapped("certificate")
        training.reopen_why = "A name was misspelt"
        training.with_user(self.director).action_reopen()
        training.action_sign()
        self.assertEqual(training.attendee_ids.mapped("certificate"), before)

    def test_the_training_sheet_says_who_came(self):
        training = self._held()
        self._session(training, 2, training.attendee_ids[:2])
        values = self.env["report.kams_sales.report_training_sheet"]._get_report_values(training.ids)
        said = str(values["sheets"][0]["sections"])
        for text in ("Trainee 0 李", "Session", "Confirmed by the Customer", "50"):
            self.assertIn(text, said)
        self.assertGreater(self._pages("report_training_sheet", training), 1)

    def test_the_delivery_list_prints(self):
        self.delivery.line_ids = [
            Command.create(
                {
                    "name": f"Pump {n} 泵",
                    "planned_qty": 2.0,
                    "shipped_qty": 2.0,
                    "shipped_on": "2026-03-02",
                    "arrived_qty": 1.0,
                    "arrived_on": "2026-03-04",
                    "serials": "FP-1, FP-2",
                    "discrepancy_kind": "short",
                    "discrepancy": "One is missing",
                }
            )
            for n in range(30)
        ]
        self.assertGreater(self._pages("report_delivery_list", self.delivery), 1)
