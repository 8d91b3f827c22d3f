from odoo.tests import BaseCase, tagged

from ..tools import meetings


@tagged("post_install", "-at_install")
class TestWorkedExamples(BaseCase):
    """Worked examples of the method that no record computes yet, each by its code."""

    def test_c18_advance_rate(self):
        self.assertAlmostEqual(meetings.advance_rate(3, 5, 12), 66.67, 2)
        self.assertIsNone(meetings.advance_rate(0, 0, 0), "Nobody called: there is no rate.")
