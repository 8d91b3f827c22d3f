from odoo.tests import tagged

from .common import KamsCase


@tagged("post_install", "-at_install")
class TestAccountGroup(KamsCase):
    """A group is what the customers' parent companies say; a subsidiary that moves takes its account along."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.holding = cls._company("Holding")
        cls.middle = cls._company("Middle", parent_id=cls.holding.id)
        cls.plant = cls._company("Plant", parent_id=cls.middle.id)
        cls.rival = cls._company("Rival")
        cls.top, cls.low, cls.other = (cls._account(partner) for partner in (cls.holding, cls.plant, cls.rival))

    def test_the_parent_is_the_nearest_company_that_has_an_account(self):
        self.assertEqual(self.low.parent_id, self.top)
        between = self._account(self.middle)
        self.assertEqual((self.low.parent_id, between.parent_id), (between, self.top))
        self.assertEqual(self.top._group(), self.top | between | self.low)
        self.assertEqual((self.top.child_count, self.low._top()), (1, self.top))
        between.active = False
        self.assertEqual(self.low.parent_id, self.top)
        between.active = True
        self.assertEqual(self.low.parent_id, between)
        between.unlink()
        self.assertEqual(self.low.parent_id, self.top)

    def test_a_subsidiary_moved_to_another_group_follows(self):
        self.plant.parent_id = self.rival
        self.assertEqual(self.low.parent_id, self.other)
        self.assertEqual(self.top._group(), self.top)

    def test_it_follows_when_a_company_above_it_moves(self):
        self.rival.write({"child_ids": [(4, self.middle.id)]})
        self.assertEqual(self.low.parent_id, self.other)
        self.middle.parent_id = False
        self.assertFalse(self.low.parent_id)

    def test_groups_do_not_cross_companies(self):
        there = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        abroad = self._account(self.plant, company_id=there.id)
        self.assertFalse(abroad.parent_id)
        above = self._account(self.holding, company_id=there.id)
        self.assertEqual((abroad.parent_id, self.low.parent_id), (above, self.top))

    def test_a_group_is_climbed_level_by_level_for_all_accounts_at_once(self):
        accounts = self.low
        for number in range(30):
            accounts |= self._account(self._company(f"Works {number}", parent_id=self.middle.id))
        for some in (accounts[:1], accounts):
            self.env.flush_all()
            self.env.invalidate_all()
            with self.assertQueryCount(7):
                some._compute_parent_id()
                self.env.flush_all()
        self.assertEqual(accounts.parent_id, self.top)

    def test_group_structure_is_evidence_for_a_control_point(self):
        """A0-6: parent or subsidiaries linked, or looked for and not found."""
        domain = ["|", "|", ("parent_id", "!=", False), ("child_ids", "!=", False), ("is_standalone", "=", True)]
        accounts = self.env["kams.account"]
        ours = self.top | self.low | self.other
        self.assertEqual(accounts.search(domain) & ours, self.top | self.low)
        self.other.is_standalone = True
        self.assertEqual(accounts.search(domain) & ours, ours)
