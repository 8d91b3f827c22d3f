import random
from datetime import date, datetime, timedelta
from unittest.mock import patch

import psycopg2

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .common import PHASES, KamsCase

START = datetime(2026, 12, 1, 8, 0)  # after the test's own beginning, so that time only runs forward


def hours(number):
    return START + timedelta(hours=number)


@tagged("post_install", "-at_install")
class TestHistoryReasons(KamsCase):
    """Each thing that happens to a deal makes one row, with its reason, its author and the whole state."""

    def assertNext(self, deal, *expected):
        """The newest row of a deal says this: (reason, status, phase code)."""
        self.assertEqual(self._history(deal, "reason", "status", "phase_code")[-1], expected)
        self._tick()

    def _tick(self):
        self.tick = getattr(self, "tick", 0) + 1
        self._clock(hours(self.tick))

    def setUp(self):
        super().setUp()
        self._tick()

    def test_a_new_deal_is_created(self):
        self.assertNext(self._deal(), "created", "open", "development")

    def test_a_plain_opportunity_that_gets_a_process_has_joined(self):
        plain = self._deal(team_id=False)
        self.assertFalse(plain.kams_process_id)
        self.assertEqual(self._history(plain, "reason"), [])
        self._tick()
        plain.team_id = self.team
        self.assertNext(plain, "joined", "open", "development")

    def test_a_lead_that_becomes_an_opportunity_has_joined(self):
        lead = self._deal(type="lead")
        self._settle()
        self.assertFalse(lead.kams_process_id)
        self._tick()
        lead.convert_opportunity(self.customer)
        self.assertNext(lead, "joined", "open", "development")

    def test_an_imported_deal_says_so(self):
        deal = self._deal(kams_imported=True, stage_id=self.stages["negotiation"].id)
        self.assertNext(deal, "imported", "open", "negotiation")
        self.assertEqual(self._history(deal, "gate_result"), [("exempt",)])

    def test_one_phase_forward_two_phases_skipped_and_back(self):
        deal = self._deal()
        self._supply(deal, "development")
        self._supply(deal, "initiation")
        self._tick()
        deal.stage_id = self.stages["initiation"]
        self.assertNext(deal, "forward", "open", "initiation")
        deal.stage_id = self.stages["development"]
        self.assertNext(deal, "back", "open", "development")
        deal.stage_id = self.stages["proposal"]
        self.assertNext(deal, "skip", "open", "proposal")
        self.assertEqual(
            self._history(deal, "reason", "gate_result")[-3:],
            [("forward", "pass"), ("back", "none"), ("skip", "pass")],
        )

    def test_a_move_on_a_waiver_names_point_reason_approver_and_day(self):
        deal = self._deal()
        self._name_customer(deal)
        self._settle()
        check = deal.kams_check_ids.filtered(lambda c: c.point_id.code == "S1-O2")
        check.with_user(self.director).waive("They met at the fair in Hannover", date(2027, 1, 31))
        self._tick()
        deal.stage_id = self.stages["initiation"]
        self.assertNext(deal, "waived", "open", "initiation")
        ((result, note),) = self._history(deal, "gate_result", "gate_note")[-1:]
        self.assertEqual(result, "waived")
        for word in ("S1-O2", "They met at the fair in Hannover", self.director.name, "2027-01-31"):
            self.assertIn(word, note)

    def test_won_lost_reopened_and_archived(self):
        deal = self._deal()
        self._advance(deal, "negotiation")
        self._supply(deal, "negotiation")
        self._tick()
        deal.action_set_won()
        self.assertNext(deal, "won", "won", "delivery")
        other = self._deal()
        self._tick()
        other.action_set_lost()
        self.assertNext(other, "lost", "lost", "development")
        other.action_restore()
        self.assertNext(other, "reopened", "open", "development")
        other.probability = 40
        self.assertNext(other, "probability", "open", "development")
        other.action_archive()
        self.assertNext(other, "archived", "archived", "development")
        other.action_unarchive()
        self.assertNext(other, "reopened", "open", "development")

    def test_amount_date_owner_team_mode_customer_and_company(self):
        deal = self._deal()
        second_team = self.env["crm.team"].create({"name": "North", "kams_process_id": self.process.id})
        for stage in self.stages.values():
            stage.team_ids |= second_team
        company = self.env["res.company"].create({"name": "Second GmbH"})
        self.salesperson.company_ids |= company
        self.colleague.company_ids |= company
        self._tick()
        for vals, reason in (
            ({"expected_revenue": 500.0}, "amount"),
            ({"date_deadline": date(2027, 3, 1)}, "date"),
            ({"user_id": self.colleague.id}, "owner"),
            ({"team_id": second_team.id}, "team"),
            ({"kams_procurement_mode": "direct"}, "mode"),
            ({"partner_id": self.customer.id}, "customer"),
            ({"company_id": company.id}, "other"),
        ):
            before = len(self._history(deal, "id"))
            deal.write(vals)
            self.assertNext(deal, reason, "open", "development")
            self.assertEqual(len(self._history(deal, "id")), before + 1, reason)

    def test_an_author_is_who_wrote_not_who_flushed(self):
        deal = self._deal()
        self._tick()
        deal.with_user(self.director).expected_revenue = 7.0
        self.env.cr.flush()  # the superuser's environment
        self.assertEqual(
            self._history(deal, "changed_by_id", "changed_by_name")[-1], (self.director, self.director.name)
        )

    def test_deleted_and_merged_deals_end_in_a_row_that_says_so(self):
        gone = self._deal(name="Gone", expected_revenue=10.0)
        winner = self._deal(name="Winner", partner_id=self.customer.id, probability=90)
        loser = self._deal(name="Loser", partner_id=self.customer.id, expected_revenue=30.0, probability=5)
        self._settle()
        refs = {record.name: record.id for record in gone + winner + loser}
        self._tick()
        gone.with_user(self.sales_admin).unlink()
        (winner + loser).with_user(self.sales_admin).merge_opportunity()
        self._settle()
        history = self.env["kams.deal.history"]
        last = {name: history.search([("lead_ref", "=", ref), ("valid_to", "=", False)]) for name, ref in refs.items()}
        self.assertEqual((last["Gone"].status, last["Gone"].reason), ("deleted", "deleted"))
        self.assertEqual((last["Gone"].lead_name, last["Gone"].expected_revenue), ("Gone", 10.0))
        self.assertEqual(last["Gone"].changed_by_name, self.sales_admin.name)
        self.assertEqual((last["Loser"].status, last["Loser"].reason), ("merged", "merge"))
        self.assertEqual((last["Loser"].gate_note, last["Loser"].lead_name), ("Winner", "Loser"))
        self.assertEqual(last["Loser"].expected_revenue, 30.0)
        self.assertEqual((last["Winner"].status, last["Winner"].lead_id), ("open", winner))
        self.assertFalse((last["Gone"] + last["Loser"]).lead_id)
        for name in ("Gone", "Loser"):
            first = history.search([("lead_ref", "=", refs[name])], order="valid_from", limit=1)
            self.assertEqual((first.reason, first.lead_name), ("created", name))
        self.assertHistoryWhole(refs.values())

    def test_leaving_and_joining_again_leaves_no_gap(self):
        deal = self._deal(expected_revenue=5.0)
        self._tick()
        deal.with_user(self.director).action_kams_leave()
        self.assertNext(deal, "left", "left", False)
        deal.expected_revenue = 6.0  # a plain deal now: nobody's business
        self.assertEqual(self._history(deal, "reason"), [("created",), ("left",)])
        self._tick()
        deal.kams_process_id = self.process
        self.assertNext(deal, "joined", "open", "development")
        self.assertEqual(self._history(deal, "expected_revenue")[-1], (6.0,))
        self.assertHistoryWhole(deal.ids)

    def test_a_deal_that_left_and_is_deleted_keeps_its_history(self):
        deal = self._deal()
        self._settle()
        ref = deal.id
        self._tick()
        deal.with_user(self.director).action_kams_leave()
        self._tick()
        deal.unlink()
        self._settle()
        rows = self.env["kams.deal.history"].search([("lead_ref", "=", ref)], order="valid_from")
        self.assertEqual(rows.mapped("reason")[:2], ["created", "left"])
        self.assertHistoryWhole([ref])


@tagged("post_install", "-at_install")
class TestHistoryState(KamsCase):
    """Rows are complete, follow each other, and stay what they were."""

    def _state_now(self, deal):
        return {
            "lead_name": deal.name,
            "process_id": deal.kams_process_id,
            "phase_id": deal.kams_phase_id,
            "phase_code": deal.kams_phase_id.code,
            "stage_id": deal.stage_id,
            "stage_name": deal.stage_id.with_context(lang="en_US").name,
            "procurement_mode": deal.kams_procurement_mode,
            "expected_revenue": deal.expected_revenue,
            "probability": deal.probability,
            "date_deadline": deal.date_deadline,
            "user_id": deal.user_id,
            "user_name": deal.user_id.name or False,
            "team_id": deal.team_id,
            "team_name": deal.team_id.with_context(lang="en_US").name or False,
            "partner_id": deal.partner_id,
            "partner_name": deal.partner_id.name or deal.partner_name or False,
            "company_id": deal.company_id,
        }

    def _rows(self, deal):
        self._settle()
        return self.env["kams.deal.history"].search([("lead_ref", "=", deal.id)], order="valid_from, id")

    def test_each_row_holds_the_whole_state_whatever_changed(self):
        deal = self._deal(date_deadline=date(2027, 1, 5), expected_revenue=12.5)
        told = []
        steps = [
            {},
            {"probability": 35.5},
            {"partner_id": self.customer.id, "user_id": self.colleague.id},
            {"expected_revenue": 99.25, "date_deadline": False},
            {"kams_procurement_mode": "tender_open"},
            {"name": "Renamed", "team_id": False},
            {"user_id": False, "team_id": self.team.id},
        ]
        for number, vals in enumerate(steps):
            self._clock(hours(number))
            if vals:
                deal.write(vals)
            self._settle()
            told.append(self._state_now(deal))
        rows = self._rows(deal)
        self.assertEqual(len(rows), len(told))
        for number, (row, state) in enumerate(zip(rows, told, strict=True)):
            for name, value in state.items():
                self.assertEqual(row[name] or False, value or False, f"row {number}, {name}")
            if number:
                self.assertEqual(row.valid_from, hours(number))
            self.assertEqual(row.valid_to, hours(number + 1) if number + 1 < len(rows) else False)
        self.assertHistoryWhole(deal.ids)

    def test_time_in_phase_is_not_reset_by_changes_within_it(self):
        deal = self._deal()
        self._supply(deal, "development")
        self._clock(hours(1))
        deal.stage_id = self.stages["initiation"]
        self._clock(hours(2))
        deal.expected_revenue = 3.0
        self._clock(hours(3))
        deal.user_id = self.colleague
        rows = self._rows(deal)
        self.assertEqual(rows[-2:].mapped("phase_since"), [hours(1), hours(1)])
        self.assertEqual(deal.kams_phase_since, hours(1))
        self._clock(hours(4))
        deal.stage_id = self.stages["development"]
        self.assertEqual(self._rows(deal)[-1].phase_since, hours(4))

    def test_several_changes_in_one_transaction_are_one_row_if_nothing_asks_in_between(self):
        deal = self._deal()
        deal.expected_revenue = 1.0
        deal.user_id = self.colleague
        deal.expected_revenue = 2.0
        self.assertEqual(
            self._history(deal, "reason", "expected_revenue", "user_id"), [("created", 2.0, self.colleague)]
        )

    def test_flushes_and_savepoints_in_one_transaction_follow_by_a_microsecond(self):
        self._clock(hours(1))
        deal = self._deal()
        for amount in range(1, 6):
            deal.expected_revenue = amount
            if amount % 2:
                self.env.cr.flush()
            else:
                with self.cr.savepoint():
                    deal.date_deadline = date(2027, 1, amount)
        rows = self._rows(deal)
        self.assertHistoryWhole(deal.ids)
        self.assertEqual(rows[0].valid_from, hours(1))
        self.cr.execute("SELECT valid_from FROM kams_deal_history WHERE lead_ref = %s ORDER BY valid_from", [deal.id])
        moments = [moment for (moment,) in self.cr.fetchall()]
        self.assertEqual(moments, [hours(1) + timedelta(microseconds=n) for n in range(len(moments))])
        self.assertEqual((rows[-1].expected_revenue, rows[-1].date_deadline), (5.0, date(2027, 1, 4)))

    def test_a_savepoint_that_is_rolled_back_leaves_nothing(self):
        deal = self._deal(expected_revenue=1.0)
        self._settle()
        for flush_inside in (True, False):
            with self.assertRaises(ZeroDivisionError), self.cr.savepoint():
                deal.expected_revenue = 2.0
                if flush_inside:
                    self.env.cr.flush()
                raise ZeroDivisionError
        self.assertEqual(self._history(deal, "expected_revenue"), [(1.0,)])
        deal.expected_revenue = 3.0
        self.assertEqual(self._history(deal, "expected_revenue"), [(1.0,), (3.0,)])
        self.assertHistoryWhole(deal.ids)

    def test_a_change_taken_back_before_the_end_is_no_change(self):
        deal = self._deal(expected_revenue=1.0)
        self._settle()
        deal.expected_revenue = 2.0
        self.env.flush_all()
        deal.expected_revenue = 1.0
        self.assertEqual(self._history(deal, "expected_revenue"), [(1.0,)])

    def test_fields_outside_the_state_make_no_row(self):
        deal = self._deal()
        self._settle()
        deal.write({"description": "Call again", "priority": "2", "tag_ids": [Command.create({"name": "VIP"})]})
        self.assertEqual(len(self._history(deal, "id")), 1)

    def test_a_copy_has_a_history_of_its_own(self):
        deal = self._deal()
        self._advance(deal, "proposal")
        clone = deal.copy()
        self.assertEqual(self._history(clone, "reason", "phase_code"), [("created", "development")])
        self.assertHistoryWhole((deal + clone).ids)

    # Links that go away
    def test_a_deleted_salesperson_leaves_the_name_and_a_row(self):
        seller = self._person("kams_short_time", "sales_team.group_sale_salesman")
        deal = self._deal(user_id=seller.id)
        self._clock(hours(1))
        seller.unlink()
        rows = self._rows(deal)
        self.assertEqual(rows.mapped("user_name"), ["kams_short_time", False])
        self.assertEqual(rows.mapped("reason"), ["created", "owner"])
        self.assertFalse(rows.user_id)
        self.assertHistoryWhole(deal.ids)

    def test_a_deleted_team_leaves_the_name_and_a_row(self):
        team = self.env["crm.team"].create({"name": "Doomed", "kams_process_id": self.process.id})
        for stage in self.stages.values():
            stage.team_ids |= team
        deal = self._deal(team_id=team.id)
        self._clock(hours(1))
        for stage in self.stages.values():
            stage.team_ids -= team  # Odoo wants that first
        team.unlink()
        rows = self._rows(deal)
        self.assertEqual(rows.mapped("team_name"), ["Doomed", False])
        self.assertEqual(rows.mapped("reason"), ["created", "team"])
        self.assertHistoryWhole(deal.ids)

    def test_a_deleted_customer_leaves_the_name_and_a_row(self):
        customer = self.env["res.partner"].create({"name": "Bankrupt Ltd"})
        deal = self._deal(partner_id=customer.id, partner_name=False)
        self._clock(hours(1))
        self.assertEqual(self._state(deal, "S1-O1"), "pass")
        customer.unlink()
        rows = self._rows(deal)
        self.assertEqual(rows[0].partner_name, "Bankrupt Ltd")
        self.assertFalse(rows.partner_id)
        self.assertEqual(rows.mapped("reason"), ["created", "customer"])
        self.assertEqual(self._state(deal, "S1-O1"), "fail")

    def test_a_deleted_company_leaves_a_row(self):
        company = self.env["res.company"].create({"name": "Closed GmbH"})
        self.salesperson.company_ids |= company
        deal = self._deal(company_id=company.id)
        self._settle()
        self.assertEqual(deal.company_id, company)
        self._clock(hours(1))
        self.salesperson.company_ids -= company
        self.env["ir.model.data"].search([("model", "=", "res.company"), ("res_id", "=", company.id)]).unlink()
        company.unlink()
        rows = self._rows(deal)
        self.assertEqual(len(rows), 2)
        self.assertFalse(rows.company_id)
        self.assertHistoryWhole(deal.ids)

    def test_merged_customers_are_told(self):
        twin = self.env["res.partner"].create({"name": "Huaneng Power Ltd", "is_company": True})
        deal = self._deal(partner_id=twin.id)
        self._clock(hours(1))
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.customer + twin).ids, self.customer)
        rows = self._rows(deal)
        self.env.invalidate_all()
        self.assertEqual(deal.partner_id, self.customer)
        self.assertEqual(rows.mapped("partner_name"), ["Huaneng Power Ltd", "Huaneng Power"])
        self.assertEqual(rows.mapped("reason"), ["created", "customer"])
        self.assertEqual(rows[-1].partner_id, self.customer)
        self.assertHistoryWhole(deal.ids)

    def test_renaming_team_stage_or_person_does_not_rewrite_the_past(self):
        deal = self._deal()
        self._clock(hours(1))
        self.team.name = "Strategic Accounts"
        self.salesperson.name = "Married Name"
        deal.expected_revenue = 5.0
        self.assertEqual(
            self._history(deal, "team_name", "user_name"),
            [("Key Accounts", "kams_sales_user"), ("Strategic Accounts", "Married Name")],
        )

    # Money
    def test_revenue_is_in_the_currency_of_the_deals_company(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        company = self.env["res.company"].create({"name": "Euro SA", "currency_id": euro.id})
        self.salesperson.company_ids |= company
        here = self._deal(company_id=self.env.company.id, expected_revenue=100.0)
        there = self._deal(company_id=company.id, expected_revenue=200.0)
        self._settle()
        self.assertEqual(
            self._history(here, "expected_revenue", "currency_id", "currency_name", "company_id"),
            [(100.0, self.env.company.currency_id, self.env.company.currency_id.name, self.env.company)],
        )
        self.assertEqual(
            self._history(there, "expected_revenue", "currency_id", "currency_name", "company_id"),
            [(200.0, euro, "EUR", company)],
        )

    def test_people_of_one_company_do_not_read_the_history_of_another(self):
        company = self.env["res.company"].create({"name": "Second GmbH"})
        self.salesperson.company_ids |= company
        deal = self._deal(company_id=company.id)
        self._settle()
        rows = self.env["kams.deal.history"].with_user(self.director).search([("lead_ref", "=", deal.id)])
        self.assertFalse(rows)
        self.director.company_ids |= company
        rows = (
            self.env["kams.deal.history"]
            .with_user(self.director)
            .with_context(allowed_company_ids=self.director.company_ids.ids)
            .search([("lead_ref", "=", deal.id)])
        )
        self.assertEqual(len(rows), 1)

    # What no hook sees
    def test_the_nightly_check_catches_up_on_what_was_written_past_odoo(self):
        deal = self._deal(expected_revenue=1.0)
        self._supply(deal, "development")
        self._settle()
        self._clock(hours(5))
        self.cr.execute("UPDATE crm_lead SET expected_revenue = 77, partner_id = NULL WHERE id = %s", [deal.id])
        self.env.invalidate_all()
        self.assertEqual(self._history(deal, "expected_revenue")[-1], (1.0,))
        self._run_cron("crm.lead", "_cron_kams_verify")
        self.assertEqual(self._history(deal, "expected_revenue", "valid_from")[-1], (77.0, hours(5)))
        self.assertEqual(self._state(deal, "S1-O1"), "fail")
        self.assertHistoryWhole(deal.ids)
        count = len(self._history(deal, "id"))
        self._run_cron("crm.lead", "_cron_kams_verify")
        self.assertEqual(len(self._history(deal, "id")), count, "A second night finds nothing to do.")

    def test_lead_scoring_is_told_and_noise_below_a_point_is_not(self):
        self.env["ir.config_parameter"].set_param("crm.pls_start_date", "2020-01-01")
        deal, quiet, plain = self._deal(), self._deal(), self._deal(team_id=False)
        self._settle()
        scores = {deal.id: deal.probability + 9, quiet.id: quiet.probability + 0.5, plain.id: plain.probability + 9}

        def naive_bayes(leads, batch_mode=False):
            return {id_: scores[id_] for id_ in leads._ids if id_ in scores}, []

        self._clock(hours(1))
        with patch.object(self.registry["crm.lead"], "_pls_get_naive_bayes_probabilities", naive_bayes):
            self.env["crm.lead"]._update_automated_probabilities()
        self.env.invalidate_all()
        self.assertEqual(deal.probability, scores[deal.id])
        self.assertEqual(self._history(deal, "reason", "probability")[1:], [("probability", scores[deal.id])])
        self.assertEqual(len(self._history(quiet, "id")), 1)
        self.assertEqual(len(self._history(plain, "id")), 0)
        self.assertHistoryWhole((deal + quiet).ids)


@tagged("post_install", "-at_install")
class TestHistoryAppendOnly(KamsCase):
    """Nobody edits or deletes what a deal was: not by form, not by code, not by SQL."""

    def setUp(self):
        super().setUp()
        self.deal = self._deal(expected_revenue=1.0)
        self._clock(hours(1))
        self.deal.expected_revenue = 2.0
        self._settle()
        self.rows = self.env["kams.deal.history"].search([("lead_ref", "=", self.deal.id)], order="valid_from")
        self.before = self._everything()

    def _everything(self):
        self.cr.execute("SELECT * FROM kams_deal_history WHERE lead_ref = %s ORDER BY id", [self.deal.id])
        return self.cr.fetchall()

    def test_no_user_writes_deletes_creates_or_copies_a_row(self):
        admin = self.env.ref("base.user_admin")
        people = [self.salesperson, self.manager, self.director, self.auditor, self.sales_admin, admin]
        for user in [*people, self.env.ref("base.user_root")]:
            rows = self.rows.with_user(user)
            attempts = {
                "write": lambda rows=rows: rows.write({"expected_revenue": 9.0}),
                "close": lambda rows=rows: rows[-1].write({"valid_to": hours(9)}),
                "set": lambda rows=rows: setattr(rows[0], "lead_name", "Nicer"),
                "unlink": rows.unlink,
                "create": lambda rows=rows: rows.create(
                    {"lead_ref": 1, "valid_from": hours(1), "status": "open", "reason": "other"}
                ),
                "copy": lambda rows=rows: rows[0].copy(),
                "save": lambda rows=rows: rows[0].web_save({"gate_note": "x"}, {}),
                "load": lambda rows=rows: self._load_or_raise(rows),
            }
            for name, attempt in attempts.items():
                with self.subTest(user=user.login, attempt=name), mute_logger("odoo.sql_db"):
                    with self.assertRaises(UserError), self.cr.savepoint():
                        attempt()
                        self._settle()
                self.assertEqual(self._everything(), self.before)
        self.assertEqual(self.rows.sudo().env.uid, self.env.uid)

    def _load_or_raise(self, rows):
        result = rows.load(["lead_ref", "valid_from", "status", "reason"], [["1", "2026-01-01", "Open", "Other"]])
        if result["messages"]:
            raise UserError(result["messages"][0]["message"])

    def test_sudo_raw_write_and_uninstall_flag_do_not_help(self):
        rows = self.rows.sudo()
        for attempt in (
            lambda: rows.write({"expected_revenue": 9.0}),
            lambda: rows._write({"expected_revenue": 9.0}),
            lambda: rows.with_context(**{MODULE_UNINSTALL_FLAG: True}).unlink(),
        ):
            with mute_logger("odoo.sql_db"):
                try:
                    with self.cr.savepoint():
                        attempt()
                        self._settle()
                    self.fail("It went through.")
                except (UserError, psycopg2.errors.RestrictViolation):
                    pass
        self.env.invalidate_all()
        self.assertEqual(self._everything(), self.before)

    def _refused(self, query, *args):
        with self.subTest(query=query), mute_logger("odoo.sql_db"):
            with self.assertRaises(psycopg2.errors.RestrictViolation), self.cr.savepoint():
                self.cr.execute(query, args)
        self.assertEqual(self._everything(), self.before)

    def test_postgresql_refuses_update_delete_and_truncate(self):
        closed, open_ = self.rows.ids
        self._refused("UPDATE kams_deal_history SET expected_revenue = 9 WHERE id = %s", closed)
        self._refused("UPDATE kams_deal_history SET expected_revenue = 9 WHERE id = %s", open_)
        self._refused("UPDATE kams_deal_history SET lead_ref = 1 WHERE id = %s", open_)
        self._refused("UPDATE kams_deal_history SET valid_from = valid_from - interval '1 day' WHERE id = %s", closed)
        self._refused("UPDATE kams_deal_history SET valid_to = NULL WHERE id = %s", closed)
        self._refused("UPDATE kams_deal_history SET valid_to = valid_to + interval '1 day' WHERE id = %s", closed)
        self._refused("UPDATE kams_deal_history SET lead_id = NULL WHERE id = %s", closed)
        self._refused("UPDATE kams_deal_history SET user_id = NULL WHERE id = %s", open_)
        self._refused("UPDATE kams_deal_history SET user_id = %s WHERE id = %s", self.colleague.id, open_)
        self._refused("UPDATE kams_deal_history SET reconstructed = TRUE WHERE id = %s", open_)
        self._refused(
            "UPDATE kams_deal_history SET valid_to = valid_from + interval '1 h', status = 'won' WHERE id = %s", open_
        )
        self._refused("DELETE FROM kams_deal_history WHERE id = %s", closed)
        self._refused("DELETE FROM kams_deal_history WHERE id = %s", open_)
        self._refused("TRUNCATE kams_deal_history CASCADE")

    def test_the_open_row_may_be_closed_once_and_only_later_than_it_began(self):
        _closed, open_ = self.rows.ids
        with self.assertRaises(psycopg2.errors.CheckViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.cr.execute("UPDATE kams_deal_history SET valid_to = valid_from WHERE id = %s", [open_])
        self.cr.execute(
            "UPDATE kams_deal_history SET valid_to = valid_from + interval '1 h' WHERE id = %s RETURNING id", [open_]
        )
        self.assertEqual(self.cr.rowcount, 1)
        self.before = self._everything()
        self._refused("UPDATE kams_deal_history SET valid_to = valid_from + interval '2 h' WHERE id = %s", open_)

    def test_a_deal_has_one_open_row_even_by_sql(self):
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.cr.execute(
                "INSERT INTO kams_deal_history (lead_ref, valid_from, status, reason)"
                " VALUES (%s, now(), 'open', 'other')",
                [self.deal.id],
            )

    def test_what_may_become_empty_are_links_to_records_that_are_gone(self):
        ref = self.deal.id
        self.deal.unlink()
        self._settle()
        self.cr.execute("SELECT count(*), count(lead_id) FROM kams_deal_history WHERE lead_ref = %s", [ref])
        self.assertEqual(self.cr.fetchone(), (3, 0))


@tagged("post_install", "-at_install")
class TestPipelineAsOf(KamsCase):
    """The pipeline as it stood at any moment is what was written until then, replayed."""

    def _fact(self, deal):
        return (
            deal.expected_revenue,
            deal.kams_phase_id.code,
            deal.user_id.id,
            deal.team_id.id,
            deal.date_deadline,
            deal.won_status if deal.won_status != "pending" else "open" if deal.active else "archived",
        )

    def _as_of(self, moment, refs):
        history = self.env["kams.deal.history"]
        rows = history.search(history._as_of_domain(moment) + [("lead_ref", "in", list(refs))])
        self.assertEqual(len(rows), len(set(rows.mapped("lead_ref"))), "One state per deal at a time.")
        return {
            row.lead_ref: (
                row.expected_revenue,
                row.phase_code,
                row.user_id.id,
                row.team_id.id,
                row.date_deadline,
                row.status,
            )
            for row in rows
        }

    # What may happen to a deal: each answers which deals it touched, and which are gone
    ACTS = ("amount", "date", "owner", "move", "lost", "archive", "restore", "delete", "leave", "rejoin", "merge")

    def _act_create(self, dice, deal, alive):
        return self._deal(expected_revenue=dice.randrange(1000)), deal.browse()

    def _act_amount(self, dice, deal, alive):
        deal.expected_revenue = dice.randrange(1000)
        return deal, deal.browse()

    def _act_date(self, dice, deal, alive):
        deal.date_deadline = dice.choice([False, date(2027, 5, dice.randrange(1, 28))])
        return deal, deal.browse()

    def _act_owner(self, dice, deal, alive):
        deal.user_id = dice.choice([self.salesperson, self.colleague])
        return deal, deal.browse()

    def _act_move(self, dice, deal, alive):
        self._supply(deal, "development")
        deal.stage_id = self.stages[dice.choice(["development", "initiation"])]
        return deal, deal.browse()

    def _act_lost(self, dice, deal, alive):
        deal.action_set_lost()
        return deal, deal.browse()

    def _act_archive(self, dice, deal, alive):
        deal.action_archive()
        return deal, deal.browse()

    def _act_restore(self, dice, deal, alive):
        deal.action_unarchive()
        return deal, deal.browse()

    def _act_leave(self, dice, deal, alive):
        deal.with_user(self.director).action_kams_leave()
        return deal, deal.browse()

    def _act_rejoin(self, dice, deal, alive):
        if not deal.kams_process_id:
            deal.kams_process_id = self.process
        return deal, deal.browse()

    def _act_delete(self, dice, deal, alive):
        deal.unlink()
        return deal.browse(), deal

    def _act_merge(self, dice, deal, alive):
        active = alive.filtered("active")
        if len(active) < 2:
            return self._act_delete(dice, deal, alive)
        pair = self.env["crm.lead"].union(*dice.sample(list(active), 2))
        winner = pair.merge_opportunity()
        return winner, pair - winner

    def test_any_moment_equals_a_replay_of_what_was_written(self):
        dice = random.Random(20260501)
        journal, clock = [], 0  # [(hour, deal id, what it then was, None when gone)]
        alive, refs = self.env["crm.lead"], set()
        for _step in range(120):
            clock += dice.choice([0, 1, 5, 30, 200])
            self._clock(hours(clock))
            deal = dice.choice(alive) if alive else alive
            act = dice.choice(["create", *self.ACTS] * 2) if deal else "create"
            touched, gone = getattr(self, f"_act_{act}")(dice, deal, alive)
            alive = (alive | touched) - gone
            journal += [(clock, id_, None) for id_ in gone.ids]
            self._settle()
            for lead in touched:
                journal.append((clock, lead.id, self._fact(lead) if lead.kams_process_id else None))
            refs |= set(alive.ids)
        self.assertHistoryWhole(refs)
        for quarter in range(0, clock * 2 + 3):
            moment = hours(quarter / 2) + timedelta(seconds=1)
            replay = {}
            for hour, ref, fact in journal:
                if hours(hour) < moment:
                    replay[ref] = fact
            replay = {ref: fact for ref, fact in replay.items() if fact is not None}
            self.assertEqual(self._as_of(moment, refs), replay, f"as of {moment}")

    def test_a_state_begins_at_its_first_moment_and_ends_before_its_last(self):
        deal = self._deal(expected_revenue=1.0)
        self._clock(hours(1))
        deal.expected_revenue = 2.0
        self._settle()
        second = timedelta(seconds=1)
        amount = {moment: self._as_of(moment, deal.ids)[deal.id][0] for moment in (hours(1) - second, hours(1))}
        self.assertEqual(amount, {hours(1) - second: 1.0, hours(1): 2.0})

    def _wizard(self, user, day, now):
        with (
            patch.object(type(self.env["ir.actions.act_window"]), "_for_xml_id", lambda *args: {}),
            patch.object(fields.Datetime, "now", lambda *args: now),
            patch.object(fields.Date, "context_today", lambda *args: now.date()),
        ):
            action = self.env["kams.pipeline.as.of"].with_user(user).create({"day": day}).action_show()
        history, moment = self.env["kams.deal.history"], datetime.fromisoformat(action["context"]["kams_as_of"])
        return history.search([*history._as_of_domain(moment), ("lead_ref", "=", self.deal.id)])

    def test_a_day_ends_at_midnight_where_the_user_is(self):
        self.deal = self._deal(expected_revenue=1.0)
        self._clock(datetime(2026, 12, 10, 18, 0))  # 2 a.m. of the 11th in Shanghai, 1 p.m. in New York
        self.deal.expected_revenue = 2.0
        self._settle()
        now = datetime(2026, 12, 20, 12, 0)
        self.director.tz = "Asia/Shanghai"
        self.assertEqual(self._wizard(self.director, date(2026, 12, 10), now).expected_revenue, 1.0)
        self.assertEqual(self._wizard(self.director, date(2026, 12, 11), now).expected_revenue, 2.0)
        self.director.tz = "America/New_York"
        self.assertEqual(self._wizard(self.director, date(2026, 12, 9), now).expected_revenue, 1.0)
        self.assertEqual(self._wizard(self.director, date(2026, 12, 10), now).expected_revenue, 2.0)
        self.director.tz = False
        self.assertEqual(self._wizard(self.director, date(2026, 12, 10), now).expected_revenue, 2.0)

    def test_today_is_the_pipeline_as_it_stands_now(self):
        self.deal = self._deal(expected_revenue=1.0)
        self._clock(hours(2))
        self.deal.expected_revenue = 2.0
        self._settle()
        self.assertEqual(self._wizard(self.director, hours(0).date(), hours(3)).expected_revenue, 2.0)

    def test_a_day_to_come_is_refused(self):
        with self.assertRaisesRegex(UserError, "has not come yet"):
            self.env["kams.pipeline.as.of"].create({"day": fields.Date.today() + timedelta(days=2)})

    def test_no_phase_is_left_out(self):
        deal = self._deal()
        self._advance(deal, "delivery")
        self.assertEqual([row for row in dict.fromkeys(code for (code,) in self._history(deal, "phase_code"))], PHASES)
