from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import KamsCase

GOOD = "9144030071526726XG"


@tagged("post_install", "-at_install")
class TestAccountMerge(KamsCase):
    """Two contacts turn out to be one customer: one account stays, and nothing known is lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.twin = cls._company("Huaneng Power Ltd")
        cls.kept, cls.gone = cls._account(uscc=GOOD), cls._account(cls.twin, manager_id=cls.salesperson.id)

    def _merge(self, *partners, into=None):
        partners = partners or (self.customer, self.twin)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge([partner.id for partner in partners], into or self.customer)
        self._settle()

    def _line(self, model, account, **vals):
        return self.env[model].create({"account_id": account.id, **vals})

    def test_one_account_stays_with_the_lines_of_both(self):
        swots = [
            self._line("kams.account.swot", account, quadrant="1s", statement="Cash")
            for account in (self.kept, self.gone)
        ]
        item = self._line("kams.profile.item", self.gone, key="Buyer", value="x", source="y", confidentiality="secret")
        self.gone.message_post(body="They called")
        self._merge()
        self.assertFalse(self.gone.exists())
        self.assertFalse(self.twin.exists())
        self.assertEqual(self.kept.swot_ids, swots[0] | swots[1])
        self.assertEqual(self.kept.profile_item_ids, item)
        self.assertIn("They called", "".join(self.kept.message_ids.mapped("body")))

    def test_a_year_that_both_know_is_one_line_and_takes_what_it_lacked(self):
        ours = self._line("kams.account.year", self.kept, year="2025", revenue=100.0)
        theirs = self._line("kams.account.year", self.gone, year="2025", revenue=90.0, net_profit=9.0)
        older = self._line("kams.account.year", self.gone, year="2024", revenue=80.0)
        force = self._line("kams.account.force", self.gone, force="rivalry", strength="4")
        self._merge()
        self.assertFalse(theirs.exists())
        self.assertEqual(self.kept.year_ids, ours | older)
        self.assertEqual((ours.revenue, ours.net_profit), (100.0, 9.0))
        self.assertEqual(self.kept.force_ids, force)

    def test_what_the_kept_account_leaves_empty_is_filled_the_rest_is_told(self):
        self.kept.pains = "Old boilers"
        self.gone.write({"pains": "No staff", "legal_representative": "Ms Li", "member_ids": [self.colleague.id]})
        self._merge()
        self.assertEqual((self.kept.pains, self.kept.legal_representative), ("Old boilers", "Ms Li"))
        self.assertEqual((self.kept.uscc, self.kept.manager_id), (GOOD, self.manager))
        self.assertEqual(self.kept.member_ids, self.colleague)
        self.assertIn("No staff", self.kept.message_ids[0].body)

    def test_tier_history_of_both_is_kept(self):
        self.gone.with_user(self.director)._set_tier("a", "Strategic")
        self._merge()
        rows = self.kept.tier_history_ids.sorted("id")
        self.assertEqual(
            [(row.tier_from, row.tier_to, row.reason) for row in rows],
            [(False, "a", "Strategic"), (False, "a", "Merged with Huaneng Power Ltd")],
        )
        self.assertEqual(self.kept.tier, "a")

    def test_the_only_account_follows_to_the_customer_that_stays(self):
        self.kept.unlink()
        deal = self._deal(partner_id=self.twin.id)
        self._settle()
        self._merge()
        self.assertEqual((self.gone.partner_id, self.gone.name), (self.customer, "Huaneng Power"))
        self.assertEqual((deal.partner_id, deal.kams_account_id), (self.customer, self.gone))

    def test_deals_of_both_find_the_account_that_stays(self):
        deals = self._deal(partner_id=self.twin.id) | self._deal(partner_id=self.customer.id)
        self._settle()
        self._merge()
        self.assertEqual(deals.kams_account_id, self.kept)
        self.assertEqual(self.kept.lead_ids, deals)
        self.assertHistoryWhole(deals.ids)

    def test_each_company_keeps_one(self):
        there = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        abroad = self._account(self.twin, company_id=there.id)
        self._merge()
        self.assertEqual(abroad.partner_id, self.customer)
        self.assertTrue(self.kept.exists())

    def test_the_group_is_drawn_again(self):
        holding = self._company("Holding")
        top = self._account(holding)
        plant = self._account(self._company("Plant", parent_id=self.twin.id))
        self.customer.parent_id = holding
        self.assertEqual((plant.parent_id, self.kept.parent_id), (self.gone, top))
        self._merge()
        self.assertEqual((plant.parent_id, self.kept.parent_id), (self.kept, top))

    def test_closed_scorecards_and_analyses_move_as_they_are(self):
        template = self.env["kams.scorecard.template"].search([("code", "=", "relationship_stage")], limit=1)
        card = self.env["kams.scorecard"].create({"template_id": template.id, "account_id": self.gone.id})
        card._answer(dict.fromkeys(template.criterion_ids.mapped("code"), 2))
        card.action_done()
        period = {"date_from": "2025-01-01", "date_to": "2025-12-31"}
        ours, theirs = (self._line("kams.account.value", account, **period) for account in (self.kept, self.gone))
        older = self._line("kams.account.value", self.gone, date_from="2024-01-01", date_to="2024-12-31")
        (ours | theirs | older).action_done()
        self._merge()
        self.assertEqual((card.account_id, card.state), (self.kept, "done"))
        self.assertEqual(self.kept.relationship_stage, "cooperative")
        self.assertEqual(self.kept.value_ids, ours | theirs | older)

    def test_an_archived_customer_is_merged_too(self):
        self.twin.active = False
        self.gone.active = False
        self._line("kams.account.swot", self.gone, quadrant="1s", statement="Cash")
        self._merge()
        self.assertTrue(self.kept.active)
        self.assertEqual(len(self.kept.swot_ids), 1)

    def test_a_customer_merged_into_a_person_of_another_is_refused(self):
        person = self.env["res.partner"].create({"name": "Ms Li", "parent_id": self._company("Other").id})
        with self.assertRaisesRegex(ValidationError, "Ms Li"), self.cr.savepoint():
            self._merge(self.twin, person, into=person)
        self.assertEqual(self.gone.partner_id, self.twin)

    def test_a_customer_with_an_account_is_not_deleted(self):
        with self.assertRaisesRegex(UserError, "Huaneng Power"), self.cr.savepoint():
            self.customer.unlink()
        self.gone.unlink()
        self.twin.unlink()

    def test_a_merge_of_customers_without_accounts_is_left_alone(self):
        pair = self._company("A") | self._company("B")
        self._merge(*pair, into=pair[0])
        self.assertEqual(pair.exists(), pair[0])

    def test_control_points_hear_of_evidence_that_moves(self):
        process = self.process.copy({"name": "Knowing"})
        process.action_activate()
        team = self.env["crm.team"].create({"name": "Knowers", "kams_process_id": process.id})
        process.phase_ids.stage_id.team_ids = [Command.link(team.id)]
        deal = self._deal(team_id=team.id, partner_id=self.customer.id)
        self.assertEqual(self._state(deal, "A0-4"), "fail")
        self.gone.write({"credit_grade": "aa", "credit_checked_on": "2000-01-01"})
        self.gone.credit_checked_on = self.env.cr.now().date()
        self.assertEqual(self._state(deal, "A0-4"), "fail")
        self._merge()
        self.assertEqual(self._state(deal, "A0-4"), "pass")
        self.kept.credit_grade = False
        self.assertEqual(self._state(deal, "A0-4"), "fail")
