from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import KamsCase


@tagged("post_install", "-at_install")
class TestLeaveAndJoin(KamsCase):
    """A director takes a single deal out of KAMS, and brings one in where it stands."""

    def test_a_deal_taken_out_stays_out_whatever_its_team_does(self):
        deal = self._deal()
        self._advance(deal, "initiation")
        deal.with_user(self.director).action_kams_leave()
        deal.write({"team_id": self.team.id, "user_id": self.colleague.id})
        self._settle()
        self.assertFalse(deal.kams_process_id)
        deal.stage_id = self.stages["negotiation"]
        self.assertEqual([row[0] for row in self._history(deal, "status")][-1], "left")

    def test_a_deal_joins_again_where_it_stands_and_is_asked_from_there(self):
        deal = self._deal()
        deal.with_user(self.director).action_kams_leave()
        deal.stage_id = self.stages["proposal"]
        self._settle()
        deal.with_user(self.director).action_kams_join()
        self.assertEqual(deal.kams_phase_id, self.phases["proposal"])
        self.assertEqual(self._history(deal, "status", "reason", "gate_result")[-1], ("open", "adopted", "exempt"))
        self.assertHistoryWhole(deal.ids)
        with self.assertRaisesRegex(ValidationError, "S3-O1") as refusal, self.cr.savepoint():
            deal.stage_id = self.stages["tendering"]
        self.assertNotIn("S1-O1", str(refusal.exception), "what lies behind it is not asked")

    def test_only_a_director_brings_in_or_takes_out(self):
        deal = self._deal()
        self._settle()
        for user in (self.salesperson, self.manager, self.sales_admin):
            with self.assertRaises(AccessError):
                deal.with_user(user).action_kams_leave()
            with self.assertRaises(AccessError):
                deal.with_user(user).action_kams_join()

    def test_the_mark_of_having_left_is_nobodys_to_write(self):
        with self.assertRaises(UserError), self.cr.savepoint():
            self._deal(kams_left=True)
        with self.assertRaises(UserError), self.cr.savepoint():
            self.env["crm.lead"].with_user(self.salesperson).with_context(default_kams_left=True).create(
                {"name": "Way round", "team_id": self.team.id, "type": "opportunity"}
            )
        plain = self._deal(type="lead")
        plain.with_user(self.sales_admin).write({"kams_left": True})
        plain.type = "opportunity"
        self.assertEqual(plain.kams_process_id, self.process)

    def test_the_stage_where_delivery_begins_stays_a_won_stage(self):
        with self.assertRaisesRegex(ValidationError, "Delivery"), self.cr.savepoint():
            self.stages["delivery"].with_user(self.sales_admin).is_won = False
        self.assertTrue(self.stages["delivery"].is_won)

    def test_who_started_an_adoption_is_not_written_by_hand(self):
        team = self.env["crm.team"].create({"name": "Field"})
        adoption = self.env["kams.adoption"].with_user(self.director).create({"team_id": team.id})
        for vals in ({"started_by_id": self.manager.id}, {"process_id": self.process.id}, {"total_count": 5}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                adoption.write(vals)
        self.assertFalse(adoption.started_by_id)

    def test_those_who_serve_a_deal_can_open_it(self):
        deal = self._deal()
        self._quotation(deal)
        self._settle()
        for group in ("bid_desk", "legal", "finance", "delivery", "auditor"):
            user = self._person(f"opens_{group}", f"kams_sales.group_{group}")
            arch = self.env["crm.lead"].with_user(user).get_view(view_type="form")["arch"]
            self.assertIn("kams_gate_check_ids", arch)
            self.assertEqual(
                deal.with_user(user).read(["quotation_count", "kams_points_total"])[0]["quotation_count"], 1
            )
