from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import KamsCase


@tagged("post_install", "-at_install")
class TestAccountTier(KamsCase):
    """A change of tier needs a director on every route, and is kept in history (issue 3, 5)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._account()

    def _rows(self, account=None):
        rows = (account or self.account).tier_history_ids.sorted("id")
        return [(row.tier_from, row.tier_to, row.reason, row.user_id) for row in rows]

    def test_only_a_director_changes_a_tier_whatever_the_route(self):
        for user in (self.manager, self.sales_admin):
            self.account.member_ids |= user
            accounts = self.env["kams.account"].with_user(user)
            partner = self._company(f"Newcomer of {user.login}")
            routes = {
                "write": lambda user=user: self.account.with_user(user).write({"tier": "a"}),
                "create": lambda a=accounts, p=partner: a.create({"partner_id": p.id, "tier": "a"}),
                "default": lambda a=accounts, p=partner: a.with_context(default_tier="a").create({"partner_id": p.id}),
                "web_save": lambda user=user: self.account.with_user(user).web_save({"tier": "a"}, {}),
                "apply": lambda user=user: self.account.with_user(user).action_apply_tier(),
            }
            for name, route in routes.items():
                with self.subTest(user=user.login, route=name):
                    with self.assertRaisesRegex(AccessError, "sales director"), self.cr.savepoint():
                        route()
            with self.subTest(user=user.login, route="import"):
                result = accounts.load(["partner_id/.id", "tier"], [[str(partner.id), "a"]])
                self.assertFalse(result["ids"])
                self.assertIn("sales director", result["messages"][0]["message"])
        self.assertFalse(self.account.tier)
        self.assertFalse(self._rows())

    def test_each_change_is_kept_with_reason_and_name(self):
        account = self.account.with_user(self.director)
        account.tier = "c"
        account._set_tier("a", "They doubled their orders")
        account.tier = "a"  # says nothing new
        account.tier = False
        self.assertEqual(
            self._rows(),
            [
                (False, "c", "Changed without a reason", self.director),
                ("c", "a", "They doubled their orders", self.director),
                ("a", False, "Changed without a reason", self.director),
            ],
        )

    def test_in_a_batch_only_what_changes_is_noted(self):
        other = self._account(self._company("Datang"))
        accounts = (self.account | other).with_user(self.director)
        other.with_user(self.director).tier = "b"
        accounts.tier = "b"
        self.assertEqual([len(self._rows(account)) for account in accounts], [1, 1])

    def test_an_account_that_is_made_with_a_tier_starts_its_history(self):
        account = (
            self.env["kams.account"]
            .with_user(self.director)
            .create({"partner_id": self._company("Datang").id, "tier": "b"})
        )
        self.assertEqual([row[:2] for row in self._rows(account)], [(False, "b")])

    def test_history_is_nobodys_to_write(self):
        self.account.tier = "b"
        row = self.account.tier_history_ids.with_user(self.env.ref("base.user_root"))
        for attempt in (
            lambda: row.write({"reason": "x"}),
            lambda: row.unlink(),
            lambda: row.copy(),
            lambda: row.create({"account_id": self.account.id, "tier_to": "a", "date": "2020-01-01"}),
            lambda: self.account.write({"tier_history_ids": [(0, 0, {"tier_to": "a", "date": "2020-01-01"})]}),
            lambda: self.account.write({"tier_history_ids": [(5, 0, 0)]}),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                attempt()
        self.assertEqual(len(self._rows()), 1)

    def test_without_figures_nothing_is_proposed(self):
        self.assertFalse(self.account._propose_tier())
        with self.assertRaisesRegex(UserError, "Huaneng Power"):
            self.account.with_user(self.director).action_apply_tier()

    def test_a_director_applies_the_proposal_with_its_reason(self):
        propose = patch.object(
            self.registry["kams.account"],
            "_propose_tier",
            lambda accounts: {account.id: ("a", "It grew") for account in accounts},
        )
        with propose:
            self.env.invalidate_all()
            self.account.with_user(self.director).action_apply_tier()
        self.assertEqual(self._rows(), [(False, "a", "It grew", self.director)])

    def test_the_wizard_asks_for_a_reason(self):
        action = self.account.with_user(self.director).action_change_tier()
        form = Form(self.env["kams.tier.change"].with_user(self.director).with_context(**action["context"]))
        form.tier = "b"
        wizard = form.save()
        with self.assertRaisesRegex(UserError, "Huaneng Power"):
            wizard.action_confirm()
        form.reason = "A rival left"
        form.save().action_confirm()
        self.assertEqual(self._rows(), [(False, "b", "A rival left", self.director)])
        with self.assertRaisesRegex(UserError, "already"):
            form.save().action_confirm()
