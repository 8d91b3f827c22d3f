from lxml import etree

from odoo.tests import Form, tagged

from .common import KamsCase

SALES = {"action_set_won_rainbowman", "action_sale_quotations_new", "action_restore"}


@tagged("post_install", "-at_install")
class TestDealReaders(KamsCase):
    """Finance reads deals; Odoo's buttons to sell would be answered with a refusal."""

    def test_who_only_reads_a_deal_is_not_offered_to_sell(self):
        deal = self._deal()
        finance = self._person("kams_reading_finance", "kams_sales.group_finance")
        for user, may in ((finance, False), (self.director, True)):
            seen = deal.with_user(user)
            self.assertEqual((seen.kams_may_change, seen.kams_may_quote), (may, may))
            self.assertEqual(seen.has_access("write"), may)

    def test_the_form_hides_just_these_buttons_and_of_deals_only(self):
        arch = etree.fromstring(self.env["crm.lead"].with_user(self.director).get_view(view_type="form")["arch"])
        lost = str(self.env.ref("crm.crm_lead_lost_action").id)
        told = {}
        for button in arch.xpath("//header/button"):
            if button.get("name") in SALES | {lost}:
                told[button.get("name")] = button.get("invisible")
        self.assertEqual(set(told), SALES | {lost})
        for name, invisible in told.items():
            field = "kams_may_quote" if name == "action_sale_quotations_new" else "kams_may_change"
            self.assertTrue(invisible.endswith(f" or (kams_process_id and not {field})"), (name, invisible))

    def test_a_plain_lead_asks_nothing_more(self):
        plain = self.env["crm.lead"].create({"name": "Plain", "team_id": False, "type": "opportunity"})
        self.assertFalse(plain.kams_process_id)
        plain.kams_may_change  # noqa: B018 (the access of the models is in the cache from here on)
        plain.invalidate_recordset()
        with self.assertQueryCount(0):
            self.assertTrue(plain.kams_may_change and plain.kams_may_quote)
        self.assertTrue(Form(plain).kams_may_quote)
