import threading
from datetime import date
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import mute_logger

from . import evidence
from .common import known_account

ROUNDS = 14
GUARDS = ("kams_deal_history_guard", "kams_deal_history_guard_delete")


@tagged("post_install", "-at_install")
class TestHistoryConcurrency(BaseCase):
    """Two people change one deal at the same moment, over two real connections that commit."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = self._env(cr)
            team = env.ref("kams_sales.team_key_accounts")
            partner = env["res.partner"].create({"name": "Concurrent customer"})
            deal = env["crm.lead"].create(
                {
                    "name": "Contended deal",
                    "type": "opportunity",
                    "team_id": team.id,
                    "partner_id": partner.id,
                    "user_id": SUPERUSER_ID,
                }
            )
            account = known_account(env, partner)
            evidence.develop(deal)
            self.deal_id = deal.id
            self.stage_ids = [phase.stage_id.id for phase in team.kams_process_id.phase_ids.sorted("sequence")[:2]]
            self.admin_id = env.ref("base.user_admin").id
            contact = evidence.contact(env, deal)
            gone = [deal.calendar_event_ids, deal, account, contact, partner]
            self.made = [(record._name, record.id) for record in gone]
        self.addCleanup(self._clean_up)

    def _env(self, cr, uid=SUPERUSER_ID):
        return api.Environment(cr, uid, {"mail_notrack": True, "mail_create_nolog": True, "no_mail_to_attendees": True})

    def _clean_up(self):
        """What a test has committed must go; the guard of the history has to look away for that."""
        with self.registry.cursor() as cr:
            env = self._env(cr)
            for model, id_ in self.made:
                env[model].browse(id_).exists().unlink()
            cr.flush()
            for guard in GUARDS:
                cr.execute(f"ALTER TABLE kams_deal_history DISABLE TRIGGER {guard}")
            for table in ("kams_deal_history", "kams_deal_stay", "kams_deal_way"):
                cr.execute(f"DELETE FROM {table} WHERE lead_ref = %s", [self.deal_id])
            for guard in GUARDS:
                cr.execute(f"ALTER TABLE kams_deal_history ENABLE TRIGGER {guard}")

    def _rows(self, env):
        return env["kams.deal.history"].search([("lead_ref", "=", self.deal_id)], order="valid_from, id")

    def _operations(self, number):
        """What the two do in one round; every operation changes the state of the deal."""
        amount, day = {"expected_revenue": 1000.0 + number}, {"date_deadline": date(2027, 1, 1 + number)}
        move = {"stage_id": self.stage_ids[(number + 1) % 2]}
        return [(amount, day), (move, amount), (day, move)][number % 3]

    def _work(self, uid, place, barrier, problems, tries):
        try:
            for number in range(ROUNDS):
                with self.registry.cursor() as cr:
                    env = self._env(cr, uid)
                    first = [True]

                    def operation(env=env, number=number, first=first):
                        tries[place] += 1
                        deal = env["crm.lead"].browse(self.deal_id)
                        vals = self._operations(number)[place]
                        if "stage_id" in vals:  # there and back, from where it stands
                            other = [id_ for id_ in self.stage_ids if id_ != deal.stage_id.id]
                            vals = {"stage_id": other[0]}
                        deal.name  # noqa: B018  the snapshot is taken here
                        if first:
                            first.clear()
                            barrier.wait(30)
                        deal.write(vals)

                    retrying(operation, env)
                barrier.wait(60)  # the next round begins for both together
        except Exception as error:  # noqa: BLE001  reported by the test's own thread
            problems.append(error)
            barrier.abort()

    def test_two_users_on_one_deal_leave_no_gap_and_no_overlap(self):
        barrier, problems, tries = threading.Barrier(2), [], [0, 0]
        with (
            patch("odoo.service.model.random.uniform", lambda low, high: 0.02 * high),
            mute_logger("odoo.sql_db", "odoo.service.model"),
        ):
            threads = [
                threading.Thread(target=self._work, args=(uid, place, barrier, problems, tries))
                for place, uid in enumerate([SUPERUSER_ID, self.admin_id])
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(120)
        self.assertFalse(problems)
        self.assertGreater(sum(tries), 2 * ROUNDS, "They never met: the test has shown nothing.")
        with self.registry.cursor() as cr:
            env = self._env(cr)
            rows, deal = self._rows(env), env["crm.lead"].browse(self.deal_id)
            self.assertEqual(len(rows), 1 + 2 * ROUNDS, "One row for the creation, one for each operation.")
            self.assertEqual([bool(row.valid_to) for row in rows], [True] * (len(rows) - 1) + [False])
            for before, after in zip(rows, rows[1:], strict=False):
                self.assertEqual(before.valid_to, after.valid_from)
                self.assertLess(before.valid_from, before.valid_to)
            self.assertEqual(rows.changed_by_id.ids, [SUPERUSER_ID, self.admin_id])
            self.assertEqual(
                (rows[-1].expected_revenue, rows[-1].date_deadline, rows[-1].stage_id),
                (deal.expected_revenue, deal.date_deadline, deal.stage_id),
            )
            told = {
                reason: len(rows.filtered(lambda row, reason=reason: row.reason == reason))
                for reason in ("amount", "date", "forward", "back")
            }
            operations = [vals for number in range(ROUNDS) for vals in self._operations(number)]
            moves = sum("stage_id" in vals for vals in operations)
            self.assertEqual(
                told,
                {
                    "amount": sum("expected_revenue" in vals for vals in operations),
                    "date": sum("date_deadline" in vals for vals in operations),
                    "forward": (moves + 1) // 2,
                    "back": moves // 2,
                },
            )

    def test_who_began_earlier_but_wrote_later_does_not_turn_time_back(self):
        with self.registry.cursor() as early:
            early.execute("SELECT now()")  # its clock stands from here
            begun = early.now()
            early.commit()
            early._now = begun  # a transaction whose clock lies before what is on record
            with self.registry.cursor() as late:
                self._env(late)["crm.lead"].browse(self.deal_id).write({"expected_revenue": 1.0})
            self._env(early)["crm.lead"].browse(self.deal_id).write({"expected_revenue": 2.0})
            early.flush()
            rows = self._rows(self._env(early))
            self.assertEqual(rows.mapped("expected_revenue"), [0.0, 1.0, 2.0])
            for before, after in zip(rows, rows[1:], strict=False):
                self.assertEqual(before.valid_to, after.valid_from)
                self.assertLess(before.valid_from, before.valid_to)

    def test_nothing_of_a_test_stays_behind(self):
        self._clean_up()
        self.made = []
        with self.registry.cursor() as cr:
            cr.execute("SELECT count(*) FROM kams_deal_history WHERE lead_ref = %s", [self.deal_id])
            self.assertEqual(cr.fetchone(), (0,))
            cr.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = 'kams_deal_history'::regclass AND tgenabled = 'D'"
            )
            self.assertEqual(cr.fetchall(), [])
