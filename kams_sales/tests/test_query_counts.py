import re
from contextlib import contextmanager, nullcontext
from datetime import date, timedelta
from unittest.mock import patch

from odoo import fields
from odoo.sql_db import Cursor
from odoo.tests import tagged

from .common import KamsCase

# Odoo's own statements, in which the addon's fields are columns among others
OWN_COLUMNS = re.compile(
    r'^\s*(SELECT "(crm_(lead|team)|calendar_event|sale_order(_line)?)"\.|'
    r'INSERT INTO "(crm_(lead|team)|calendar_event|sale_order(_line)?)" )'
)
# What can't be known without asking: whether a deal that isn't in the cache runs under a process.
# Asked once for all deals that are deleted, or whose meetings and orders changed.
LOOK = "SELECT id, kams_process_id FROM crm_lead WHERE id = ANY(%s) AND kams_process_id IS NOT NULL"


@tagged("post_install", "-at_install")
class TestQueryCounts(KamsCase):
    """Statements are counted against the same operation on plain Odoo deals, and don't grow with the batch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain_team = cls.env["crm.team"].create({"name": "Plain team", "member_ids": (cls.salesperson).ids})
        cls.plain_stages = cls.env["crm.stage"].create(
            [
                {"name": f"Plain {n}", "sequence": 700 + n, "is_won": n == 3, "team_ids": cls.plain_team.ids}
                for n in range(4)
            ]
        )
        # members of both teams: owners can be changed without changing the team
        cls.env["ir.config_parameter"].set_param("sales_team.membership_multi", True)
        cls.team.member_ids |= cls.salesperson | cls.colleague
        cls.plain_team.member_ids |= cls.salesperson | cls.colleague

    @contextmanager
    def _statements(self):
        """Collect what reaches the database, the settling at the end included."""
        self._settle()
        self.env.invalidate_all()
        found = []
        execute = Cursor.execute

        def watch(cursor, query, params=None, log_exceptions=True):
            found.append(getattr(query, "code", query))
            return execute(cursor, query, params, log_exceptions)

        with patch.object(Cursor, "execute", watch):
            yield found
            self._settle()

    def _count(self, work, *args):
        with self._statements() as found:
            work(*args)
        return len(found)

    def _vals(self, team, number, **vals):
        return [
            {
                "name": f"Deal {n}",
                "type": "opportunity",
                "team_id": team.id,
                "user_id": self.salesperson.id,
                "partner_id": self.customer.id,
                "expected_revenue": 100.0,
                **vals,
            }
            for n in range(number)
        ]

    def _deals(self, team, number):
        quick = self.env["crm.lead"].with_context(tracking_disable=True, mail_create_nolog=True)
        deals = quick.create(self._vals(team, number)).with_context(self.env.context)
        self._meeting(deals)
        self._known_account(self.customer)
        self._settle()
        return deals

    def _extra(self, gated, plain, warm=True):
        """How many more statements the gated work takes than the plain."""
        if warm:  # caches of the registry are not what is measured
            for work in (gated, plain):
                work()
        return self._count(gated) - self._count(plain)

    def test_moving_a_deal_takes_at_most_twelve_more_and_a_batch_at_most_thirty(self):
        extra = {}
        for number in (1, 1, 50):  # the first only warms
            gated, plain = self._deals(self.team, number), self._deals(self.plain_team, number)
            more = self._count(gated.write, {"stage_id": self.stages["initiation"].id})
            more -= self._count(plain.write, {"stage_id": self.plain_stages[1].id})
            extra[number] = more
            self.assertEqual(set(gated.mapped("kams_phase_id.code")), {"initiation"})
        self.assertLessEqual(extra[1], 12, extra)
        self.assertLessEqual(extra[50], 30, extra)

    def test_moving_hundreds_takes_as_many_more_as_moving_fifty(self):
        extra = {}
        for number in (1, 50, 150):
            gated, plain = self._deals(self.team, number), self._deals(self.plain_team, number)
            extra[number] = self._count(gated.write, {"stage_id": self.stages["initiation"].id}) - self._count(
                plain.write, {"stage_id": self.plain_stages[1].id}
            )
        self.assertLessEqual(extra[150], extra[50] + 2, extra)

    def test_creating_deals_takes_a_constant_number_more(self):
        extra = {}
        create = self.env["crm.lead"].create
        for number in (1, 1, 10, 50):
            extra[number] = self._count(create, self._vals(self.team, number)) - self._count(
                create, self._vals(self.plain_team, number)
            )
        self.assertLessEqual(extra[50], extra[10] + 2, extra)
        self.assertLessEqual(extra[50], 60, extra)

    def test_changing_a_deal_within_its_phase_takes_a_constant_number_more(self):
        for vals, most in (
            ({"expected_revenue": 7.0}, 13),  # one asks whether a review still holds
            ({"date_deadline": date(2027, 1, 1)}, 13),
            ({"user_id": self.colleague.id}, 12),
            ({"description": "Nice"}, 1),
        ):
            extra = {}
            for number in (1, 1, 50):
                gated, plain = self._deals(self.team, number), self._deals(self.plain_team, number)
                extra[number] = self._count(gated.write, vals) - self._count(plain.write, vals)
            with self.subTest(vals=vals):
                self.assertLessEqual(extra[50], most, extra)
                self.assertLessEqual(extra[50], extra[1] + 3, extra)

    def test_evidence_that_touches_many_deals_takes_a_constant_number_per_point(self):
        extra, asked = {}, 4  # S1-O2, S2-O4, S3-O2, S3-O3
        for number in (1, 10, 150):
            events = [self._deals(team, number).calendar_event_ids for team in (self.team, self.plain_team)]
            later = {"stop": fields.Datetime.now() - timedelta(hours=2)}
            counts = [self._count(event.write, later) for event in events]
            extra[number] = counts[0] - counts[1]
        self.assertLessEqual(extra[150], extra[10] + 2, extra)
        self.assertLessEqual(extra[150], 6 + 5 * asked, extra)

    def test_marking_changed_evidence_takes_no_statement(self):
        deals = self._deals(self.team, 10)
        events = deals.calendar_event_ids
        counts = []
        for _again in range(2):
            with self._statements() as found:
                events.write({"description": "Talked about money"})  # not watched
                self.env.flush_all()
                counts.append(len(found))
            with self._statements() as found:
                events.write({"privacy": "private"})  # not watched either, but stored like the next one
                self.env.flush_all()
                unwatched = len(found)
            with self._statements() as found:
                events.write({"opportunity_id": events.opportunity_id[:1].id})
                self.env.flush_all()
                before_settling = len(found)
        self.assertLessEqual(before_settling - unwatched, 12, "Only the old deals are looked for at once.")

    def test_history_is_two_statements(self):
        history = self.env["kams.deal.history"].sudo()
        for number in (1, 50):
            deals = self._deals(self.team, number)
            self.env.flush_all()
            self.cr.execute("UPDATE crm_lead SET expected_revenue = 55 WHERE id = ANY(%s)", [deals.ids])
            with self.assertQueryCount(2, flush=False):
                history._record(deals.ids)
            for deal in deals:
                self.assertEqual(self._history(deal, "expected_revenue")[-1], (55.0,))
        with self.assertQueryCount(2, flush=False):
            history._record(deals.ids)  # nothing to tell costs no more
        with self.assertQueryCount(0, flush=False):
            history._record([])

    def test_cards_are_one_statement(self):
        gated, plain = self._deals(self.team, 40), self._deals(self.plain_team, 40)
        card = {"name": {}, "kams_card": {}}
        self.assertEqual(self._extra(lambda: gated.web_read(card), lambda: plain.web_read(card)), 1)
        self.assertTrue(all(values["kams_card"] for values in gated.web_read(card)))

    def test_counts_of_deals_are_two_statements(self):
        for number in (1, 80):
            deals = self._deals(self.team, number)
            deals.mapped(lambda deal: (deal.kams_points_done, deal.active))
            deals._kams_invalidate_counts()
            self._settle()
            with self.assertQueryCount(2, flush=False):
                for deal in deals:
                    self.assertEqual((deal.kams_points_done, deal.kams_points_total), (6, 6))
                    self.assertTrue(deal.kams_phase_since)

    def test_reading_a_pipeline_by_rpc_takes_a_constant_number_more(self):
        specification = {
            name: {}
            for name in (
                "name",
                "expected_revenue",
                "kams_points_done",
                "kams_points_total",
                "kams_gate_open",
                "kams_phase_days",
                "kams_is_stagnant",
            )
        } | {"stage_id": {"fields": {"display_name": {}}}, "kams_missing_point_id": {"fields": {"display_name": {}}}}
        counts = {}
        for number in (5, 5, 60):
            deals = self._deals(self.team, number)
            domain = [("id", "in", deals.ids)]
            lead = self.env["crm.lead"].with_user(self.director)
            counts[number] = self._count(lead.web_search_read, domain, specification)
        self.assertEqual(counts[60], counts[5])

    # A good guest
    def _foreign(self, work):
        """Statements about the addon that a piece of work on plain deals causes."""
        with self._statements() as found:
            work()
        return [query for query in found if "kams_" in query and not OWN_COLUMNS.match(query)]

    def test_a_plain_deal_costs_no_statement_of_the_addon(self):
        lead = self.env["crm.lead"]

        def fresh(number=1):
            plain = lead.create(self._vals(self.plain_team, number))
            self._settle()
            return plain

        def on_fresh(act, number=1):
            plain = fresh(number)
            return lambda: act(plain)

        order = self._quotation(fresh())
        event = self._meeting(fresh())
        other_team = self.env["crm.team"].create({"name": "Other plain"})
        self._settle()

        def works():
            return {
                "create": lambda: lead.create(self._vals(self.plain_team, 3)),
                "read": on_fresh(lambda deal: deal.read(["name", "stage_id", "expected_revenue", "team_id"])),
                "stage": on_fresh(lambda deal: deal.write({"stage_id": self.plain_stages[1].id})),
                "stages of many": on_fresh(lambda deal: deal.write({"stage_id": self.plain_stages[1].id}), 20),
                "amount": on_fresh(lambda deal: deal.write({"expected_revenue": 9.0})),
                "date": on_fresh(lambda deal: deal.write({"date_deadline": date(2027, 1, 1)})),
                "salesperson": on_fresh(lambda deal: deal.write({"user_id": self.colleague.id})),
                "team": on_fresh(lambda deal: deal.write({"team_id": other_team.id})),
                "customer": on_fresh(lambda deal: deal.write({"partner_id": self.env.company.partner_id.id})),
                "archive": on_fresh(lambda deal: deal.action_archive()),
                "won": on_fresh(lambda deal: deal.action_set_won()),
                "lost and restored": on_fresh(lambda deal: (deal.action_set_lost(), deal.action_unarchive())),
                "copy": on_fresh(lambda deal: deal.copy()),
                "delete": on_fresh(lambda deal: deal.unlink()),
                "meeting": on_fresh(self._meeting),
                "meeting moved": lambda: event.write({"stop": event.stop + timedelta(hours=1)}),
                "activity": on_fresh(lambda deal: deal.activity_schedule("mail.mail_activity_data_todo")),
                "quotation": on_fresh(self._quotation),
                "quotation changed": lambda: order.write({"client_order_ref": "PO"}),
                "convert": on_fresh(lambda deal: deal.convert_opportunity(self.customer)),
            }

        for work in works().values():
            work()
            self._settle()
        looks = {"delete": 1, "meeting moved": 1, "quotation changed": 1}
        for name, work in works().items():
            with self.subTest(work=name):
                self.assertEqual(self._foreign(work), [LOOK] * looks.get(name, 0))

    def test_other_records_cost_no_statement_of_the_addon(self):
        def works():
            return {
                "partner": lambda: self.env["res.partner"].create({"name": "Nobody"}),
                "partner changed": lambda: self.customer.write({"ref": "R1"}),
                "task": lambda: self.env["project.task"].create({"name": "Dig"}),
                "message": lambda: self.customer.message_post(body="Hello"),
            }

        for work in works().values():
            work()
            self._settle()
        for name, work in works().items():
            with self.subTest(work=name):
                self.assertEqual(self._foreign(work), [])

    def test_forms_and_files_of_plain_records_cost_no_statement_of_the_addon(self):
        """Chapters add fields to deals, events, orders and payments: of plain ones nothing is asked."""
        deal = self.env["crm.lead"].create(self._vals(self.plain_team, 1))
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1
        )
        payment_values = {"partner_id": self.customer.id, "amount": 10.0, "journal_id": journal.id}
        payment = self.env["account.payment"].create(payment_values)
        records = (deal, self._meeting(deal), self._quotation(deal), payment)
        specifications = {
            record: {name: {} for name in record.get_views([(False, "form")])["models"][record._name]["fields"]}
            for record in records
        }
        files = self.env["ir.attachment"]

        def file():
            made = files.create({"name": "x.txt", "raw": b"x", "res_model": "res.partner", "res_id": self.customer.id})
            self._settle()
            return made

        def works():
            changed, gone = file(), file()
            return {
                **{
                    f"form of {record._name}": lambda record=record: record.web_read(specifications[record])
                    for record in records
                },
                "payment": lambda: self.env["account.payment"].create(payment_values),
                "payment changed": lambda: payment.write({"memo": "M"}),
                "file changed": lambda: changed.write({"raw": b"y"}),
                "file deleted": lambda: gone.unlink(),
            }

        for work in works().values():
            work()
            self._settle()
        for name, work in works().items():
            with self.subTest(work=name):
                self.assertEqual(self._foreign(work), [])

    def test_a_plain_file_takes_as_many_statements_as_in_odoo(self):
        hook = type(self.env["ir.attachment"])
        counts = {}
        for ours in (False, True, False, True):
            made = self.env["ir.attachment"].create(
                [
                    {"name": "x.txt", "raw": b"x", "res_model": "res.partner", "res_id": self.customer.id}
                    for _number in range(2)
                ]
            )
            written, deleted = made.with_user(self.salesperson)

            def work(written=written, deleted=deleted):
                written.write({"name": "y.txt"})
                deleted.unlink()

            with nullcontext() if ours else patch.object(hook, "_kams_check_kept", lambda files: None):
                with self._statements() as found:
                    work()
                counts[ours] = found
        self.assertLessEqual(len(counts[True]), len(counts[False]), "\n".join(counts[True]))
