from datetime import timedelta

from odoo.tests import tagged
from odoo.tools import SQL

from .past import PastCase


@tagged("post_install", "-at_install")
class TestHistoryKept(PastCase):
    """What is kept of the history is what it tells, whoever writes it; ``assertHistoryWhole`` compares the two."""

    def _kept(self, table, deals, *columns):
        return self.env.execute_query(
            SQL(
                "SELECT %s FROM %s WHERE lead_ref = ANY(%s) ORDER BY lead_ref, came_%s",
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL.identifier(table),
                list(deals._ids),
                SQL("at") if table == "kams_deal_stay" else SQL("1"),
            )
        )

    def test_a_deal_that_goes_back_is_kept_with_its_days(self):
        deal = self._deal()
        self._supply(deal, "development")
        for days, code in ((3, "initiation"), (5, "development"), (9, "initiation")):
            self._clock(self.cr.now() + timedelta(days=days))
            deal.stage_id = self.stages[code]
        self._settle()
        self.assertEqual(
            self._kept("kams_deal_stay", deal, "phase_code", "days", "visits", "went_back"),
            [("development", 12.0, 2, 0), ("initiation", None, 2, 1)],
        )
        self.assertHistoryWhole(deal.ids)

    def test_many_deals_at_once_and_deals_that_end(self):
        deals = self._deal() + self._deal() + self._deal()
        deals.write({"expected_revenue": 7.0})
        self._settle()
        self._clock(self.cr.now() + timedelta(days=1))
        deals[0].action_set_lost()
        deals[1].unlink()
        deals[2].with_user(self.director).action_kams_leave()
        self._settle()
        self.assertEqual(self._kept("kams_deal_way", deals, "status"), [("lost",), ("deleted",), ("left",)])
        self.assertHistoryWhole(deals.ids)

    def test_a_past_that_is_told_all_at_once(self):
        deals = self._tell(self._through(2, "lost", days=[4, 6]), self._through(5, "won", days=2))
        self.assertEqual(
            self._kept("kams_deal_stay", deals[0], "phase_code", "days", "went_back"),
            [("development", 4.0, 0), ("initiation", 6.0, 0)],
        )
        self.assertHistoryWhole(deals.ids)

    def test_an_upgrade_tells_what_was_recorded_before(self):
        deals = self._tell(self._through(2, "lost", days=[4, 6]), self._through(3))
        self.cr.execute("DELETE FROM kams_deal_stay WHERE lead_ref = ANY(%s)", [deals.ids])
        self.cr.execute("UPDATE kams_deal_way SET been = 0, status = 'won' WHERE lead_ref = ANY(%s)", [deals.ids])
        self.env["kams.deal.history"]._keep_all()
        self.assertHistoryWhole(deals.ids)
