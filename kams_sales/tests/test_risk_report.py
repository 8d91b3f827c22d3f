from odoo.tests import tagged

from .test_reports import PaperCase
from .test_risk import TODAY, RiskCase

REGISTER = "kams_sales.report_risk"
OF_DEAL = "kams_sales.report_deal_risk"


@tagged("post_install", "-at_install")
class TestRiskOnPaper(RiskCase, PaperCase):
    """The risk register on paper."""

    def test_map_risks_and_what_came_of_them_are_on_it(self):
        self._high(probability_pct=30, impact_amount=5e5, residual_pct=10, action_cost=4e4, cause="One supplier")
        self._high(name="No crane", user_id=False)
        over = self._risk(name="Rain")
        over._go_on("closed", TODAY(), "It stayed dry", 0.0)
        for report, record in ((REGISTER, self.delivery), (OF_DEAL, self.deal)):
            text = " ".join(self._print(report, record, user=self.director))
            for words in (
                *("Risk Register", "Risk Map", "The pumps come late", "One supplier", "150,000", "Order in advance"),
                *("4 × 5 = 20", "No crane", "no owner", "R1", "R2", "It stayed dry", "Exposure with the Actions"),
            ):
                self.assertIn(words, text)

    def test_a_project_manager_without_sales_rights_prints_it_and_markup_is_text(self):
        self._high(name="<b>bold</b> & <script>x</script>")
        self.env.invalidate_all()
        self.assertIn("<b>bold</b> & <script>x</script>", " ".join(self._print(REGISTER, self.delivery, user=self.pm)))

    def test_sixty_risks_stand_on_it_once_each(self):
        for number in range(60):
            self._risk(name=f"Risk number {number}.", probability="2", impact="2")
        text = " ".join(self._print(REGISTER, self.delivery, user=self.director))
        for number in range(60):
            self.assertEqual(text.count(f"Risk number {number}."), 1, number)

    def test_an_empty_register_can_be_printed(self):
        self.assertIn("Risk Register", " ".join(self._print(REGISTER, self.delivery, user=self.director)))
