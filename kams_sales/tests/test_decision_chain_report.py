from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_decision_chain import ChainCase
from .test_reports import PaperCase

CHAIN = "kams_sales.report_chain"


@tagged("post_install", "-at_install")
class TestChainOnPaper(ChainCase, PaperCase):
    """A decision chain on paper."""

    def test_chart_figures_advice_and_steps_are_on_it(self):
        chief, technical, *_others = self._example()
        technical.write({"reports_to_id": chief.id, "strategy": "Show the test rig", "red_flag": "Retires in May"})
        technical.criterion_ids = [Command.create({"criterion": "Heat rate", "weight": 60})]
        self.deal.action_kams_standard_steps()
        text = " ".join(self._print(CHAIN, self.deal))
        for words in (
            "Decision Chain",
            "60.42",
            "75",
            "Amber",
            "The economic buyer, EB, has not been met.",
            "Economic Buyer",
            "Sceptical",
            "Show the test rig",
            "Retires in May",
            "Heat rate 60 %",
            "Contract Signed",
        ):
            self.assertIn(words, text)

    def test_sixty_people_are_printed_each_once_and_markup_is_text(self):
        chief = self._person("Chief.", mh_role="eb", business_agenda="<b>bold</b> & <script>x</script>")
        for number in range(60):
            self._person(f"Person {number}.", reports_to_id=chief.id)
        text = " ".join(self._print(CHAIN, self.deal))
        for number in range(60):
            self.assertEqual(text.count(f"Person {number}."), 1, number)
        self.assertIn("<b>bold</b> & <script>x</script>", text)

    def test_a_personal_agenda_stays_off_paper(self):
        person = self._person("Chen")
        person.partner_id.write({"kams_pi_basis": "contract", "kams_retention_until": "2099-01-01"})
        person.partner_id.kams_agenda = "Wants to be mayor"
        self.assertNotIn("mayor", " ".join(self._print(CHAIN, self.deal, user=self.env.user)))

    def test_many_are_printed_with_as_many_queries_as_one_empty_too(self):
        deals = self.deal | self._deal(name="Another", partner_id=self.customer.id)
        for deal in deals:
            self._example(deal)[0].criterion_ids = [Command.create({"criterion": "Price"})]
            deal.action_kams_standard_steps()
        builder = self.env[f"report.{CHAIN}"]
        counts = []
        for some in (deals[0], deals):
            builder._get_report_values(some.ids)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            builder._get_report_values(some.ids)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1, counts)
        empty = self._deal(name="Empty")
        self.assertIn("Nobody is named yet", " ".join(self._print(CHAIN, empty, user=self.salesperson)))

    def test_it_is_in_the_menu_of_deals_under_a_process_for_those_who_may_see_them(self):
        action = self.env["ir.actions.report"]._get_report(CHAIN)
        plain = self._deal(team_id=self.env["crm.team"].create({"name": "Plain"}).id)
        shown = (self.deal | plain).filtered_domain([("kams_process_id", "!=", False)])
        self.assertEqual((shown, action.domain), (self.deal, "[('kams_process_id', '!=', False)]"))
        stranger = super(ChainCase, self)._person("kams_stranger", "sales_team.group_sale_salesman")  # pylint: disable=super-method-mismatch
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            self._print(CHAIN, self.deal, user=stranger)
