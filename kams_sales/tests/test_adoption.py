from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.kams_sales.models import kams_adoption

from .common import KamsCase

START = datetime(2026, 12, 1, 8, 0)


def hours(number):
    return START + timedelta(hours=number)


class AdoptionCase(KamsCase):
    """A team with a running pipeline of its own, as a company has it before it hears of KAMS."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.field_team = cls.env["crm.team"].create(
            {"name": "Field sales", "member_ids": (cls.salesperson + cls.colleague).ids}
        )
        cls.own = {
            name: cls.env["crm.stage"].create(
                {"name": name, "sequence": 500 + number, "is_won": name == "Signed", "team_ids": cls.field_team.ids}
            )
            for number, name in enumerate(["Fresh", "Qualified", "Offer", "Signed"])
        }
        cls.boss = cls.director
        cls.known = cls.env["res.partner"]  # customers of whom all is known

    def _plain(self, stage, **vals):
        return self._deal(team_id=self.field_team.id, stage_id=self.own[stage].id, **vals)

    def _adoption(self, team=None, **phase_by_stage):
        """A draft adoption, its proposal changed to ``{stage name: phase code or None}``."""
        adoption = (
            self.env["kams.adoption"]
            .with_user(self.boss)
            .create({"team_id": (team or self.field_team).id, "source_process_id": self.process.id})
        )
        for line in adoption.line_ids:
            if line.stage_id.name in phase_by_stage:
                code = phase_by_stage[line.stage_id.name]
                line.phase_id = self.phases[code] if code else False
        return adoption

    def _open_deals(self, team):
        return [
            deal
            for deal in self.env["crm.lead"].search([("team_id", "=", team.id)])
            if deal.type == "opportunity" and deal.won_status == "pending" and not deal.kams_process_id
        ]

    def _lacks(self, deal, code):
        """Which mandatory points of a phase a deal lacks, by a plain look at the records."""
        now, today = fields.Datetime.now(), fields.Date.today()
        held = [event for event in deal.calendar_event_ids if event.stop <= now]
        orders = self.env["sale.order"].search([("opportunity_id", "=", deal.id)])
        offers = orders.filtered(lambda order: order.state in ("sent", "sale"))
        sold = orders.filtered(lambda order: order.state == "sale")
        tender = deal.kams_procurement_mode not in ("direct", "single_source")
        met = {
            "development": {
                "S1-O1": deal.partner_id,
                "S1-O2": held,
                **dict.fromkeys(("A0-1", "A0-2", "A0-3", "A0-4"), deal.partner_id in self.known),
            },
            "initiation": {
                "S2-O1": deal.expected_revenue > 0,
                "S2-O2": deal.date_deadline,
                "S2-O3": deal.kams_procurement_mode,
            },
            "proposal": {"S3-O1": offers, "S3-O2": len(held) >= 2},
            "tendering": {
                "S4-O1": not tender or offers.filtered(lambda order: order.validity_date and order.amount_total > 0),
                "S4-O2": not tender or (deal.date_deadline and deal.date_deadline >= today),
            },
            "negotiation": {"S5-O1": sold, "S5-O2": sold.filtered(lambda o: o.client_order_ref or o.signed_by)},
            "delivery": {"S6-O1": False, "S6-O2": False},
        }[code]
        return {point for point, is_met in met.items() if not is_met}

    def assertPreviewTrue(self, adoption):
        """The preview says of each stage what a plain look at its deals says."""
        deals = self._open_deals(adoption.team_id)
        for line in adoption.line_ids:
            here = [deal for deal in deals if deal.stage_id == line.stage_id]
            lacks = [self._lacks(deal, line.phase_id.code) if line.phase_id else set() for deal in here]
            self.assertEqual(line.deal_count, len(here), line.stage_id.name)
            self.assertEqual(line.lacking_count, sum(map(bool, lacks)), line.stage_id.name)
            for point in line.phase_id.point_ids.filtered(lambda p: p.level == "mandatory"):
                count = sum(point.code in lack for lack in lacks)
                text = f"{point.display_name}: {count}"
                (self.assertIn if count else self.assertNotIn)(text, line.lacking or "", line.stage_id.name)
        self.assertEqual(sum(adoption.line_ids.mapped("deal_count")), len(deals))

    def _finish(self, adoption):
        self._run_cron("kams.adoption", "_cron_adopt")
        adoption.invalidate_recordset()
        self.assertEqual(adoption.state, "done")


@tagged("post_install", "-at_install")
class TestAdoptionOfOdoosDemo(AdoptionCase):
    """The pipeline that Odoo's own demo data brings."""

    def test_the_demo_pipeline_of_the_sales_team(self):
        team = self.env.ref("sales_team.team_sales_department", raise_if_not_found=False)
        if not team or not self.env.ref("crm.crm_case_1", raise_if_not_found=False):
            self.skipTest("This database has no demo data of Odoo CRM; TestAdoption tells the same on a made pipeline.")
        self.assertFalse(team.kams_process_id)
        stages = [self.env.ref(f"crm.stage_lead{number}") for number in (1, 2, 3, 4)]
        deals = self.env["crm.lead"].union(*self._open_deals(team))
        stood = {deal: deal.stage_id for deal in deals}
        others = (
            self.env["crm.lead"]
            .with_context(active_test=False)
            .search([("id", "not in", deals.ids), ("kams_process_id", "=", False)])
        )
        self.assertGreater(len(deals), 5)
        adoption = self._adoption(team)
        self.assertEqual(
            {line.stage_id: line.phase_id.code for line in adoption.line_ids if line.stage_id in stages},
            dict(zip(stages, ["development", "initiation", "proposal", "delivery"], strict=True)),
        )
        self.assertPreviewTrue(adoption)
        adoption.action_start()
        self._settle()
        self._finish(adoption)
        self.assertEqual((adoption.progress, adoption.total_count), (100.0, len(deals)))
        self.assertEqual({deal: deal.stage_id for deal in deals}, stood)
        self.assertEqual(deals.kams_process_id, adoption.process_id)
        for deal in deals:
            self.assertEqual(deal.kams_phase_id.stage_id, deal.stage_id)
        self.assertFalse(others.filtered("kams_process_id"))
        self.assertHistoryWhole(deals.ids)
        last = self.env["kams.deal.history"].search([("lead_ref", "in", deals.ids), ("valid_to", "=", False)])
        self.assertEqual(last.lead_id, deals)
        self.assertEqual(set(last.mapped("reason")), {"adopted"})
        blocked = next(d for d in deals if d.kams_phase_id.code == "development" and self._lacks(d, "development"))
        with self.assertRaises(ValidationError), self.cr.savepoint():
            blocked.stage_id = stages[1]


@tagged("post_install", "-at_install")
class TestAdoption(AdoptionCase):
    """Deals join where they are; the next gate is asked, and none of those before."""

    def _mixed_pipeline(self):
        customer = self.customer.id
        self._known_account(self.customer)
        self.known = self.customer
        rich = {
            "partner_id": customer,
            "expected_revenue": 5000.0,
            "date_deadline": fields.Date.today(),
            "kams_procurement_mode": "direct",
        }
        deals = [
            self._plain("Fresh"),
            self._plain("Fresh", partner_id=customer),
            self._plain("Fresh", **rich),
            self._plain("Qualified"),
            self._plain("Qualified", **rich),
            self._plain("Offer"),
            self._plain("Offer", **rich),
        ]
        self._meeting(deals[2])
        self._meeting(deals[6])
        self._meeting(deals[6])
        self._quotation(deals[6]).action_quotation_sent()
        self._settle()
        return self.env["crm.lead"].union(*deals)

    def test_stages_are_proposed_in_order_and_the_preview_is_true(self):
        self._mixed_pipeline()
        lost, won = self._plain("Qualified"), self._plain("Signed")
        lost.action_set_lost()
        self.assertEqual((lost.won_status, won.won_status), ("lost", "won"))
        adoption = self._adoption()
        self.assertEqual(
            [(line.stage_id.name, line.phase_id.code) for line in adoption.line_ids.sorted("sequence")],
            [("Fresh", "development"), ("Qualified", "initiation"), ("Offer", "proposal"), ("Signed", "delivery")],
        )
        self.assertEqual(adoption.unused_phase_names, "Tendering, Negotiation")
        self.assertEqual(adoption.line_ids.sorted("sequence").mapped("deal_count"), [3, 2, 2, 0])
        self.assertEqual(adoption.line_ids.sorted("sequence").mapped("lacking_count"), [2, 1, 1, 0])
        self.assertPreviewTrue(adoption)
        self.assertFalse(self.field_team.kams_process_id, "A preview changes nothing.")

    def test_only_the_last_stage_of_a_phase_is_asked_for_its_points(self):
        self._plain("Fresh", partner_id=False)
        self._plain("Qualified", partner_id=False)
        adoption = self._adoption(Fresh="development", Qualified="development")
        lines = {line.stage_id.name: line for line in adoption.line_ids}
        self.assertEqual(lines["Fresh"].deal_count, 1)
        self.assertEqual(lines["Fresh"].lacking_count, 0, "A deal leaves it without leaving the phase.")
        self.assertEqual(lines["Qualified"].lacking_count, 1)

    def test_deals_join_where_they_are_and_only_the_next_gate_is_asked(self):
        deals = self._mixed_pipeline()
        stood = deals.mapped("stage_id.name"), deals.mapped("probability"), deals.mapped("date_last_stage_update")
        self._clock(hours(1))
        adoption = self._adoption()
        adoption.action_start()
        self._settle()
        self.assertEqual(adoption.state, "done")
        self.assertEqual(
            (deals.mapped("stage_id.name"), deals.mapped("probability"), deals.mapped("date_last_stage_update")), stood
        )
        self.assertEqual(
            deals.mapped("kams_phase_id.code"), ["development", "initiation", "proposal"], "Each in its stage's phase."
        )
        poor, qualified = deals[5], deals[3]
        self.assertEqual((poor.kams_phase_id.code, poor.kams_points_done), ("proposal", 0))
        with self.assertRaises(ValidationError) as refusal, self.cr.savepoint():
            poor.stage_id = self.own["Signed"]
        self.assertIn("S3-O1", str(refusal.exception))
        for passed in ("S1-O1", "S1-O2", "S2-O1"):
            self.assertNotIn(passed, str(refusal.exception))
        qualified.write(
            {"expected_revenue": 1.0, "date_deadline": fields.Date.today(), "kams_procurement_mode": "direct"}
        )
        qualified.stage_id = self.own["Offer"]  # without customer and meeting, which belong to the phase before
        self.assertEqual(qualified.kams_phase_id.code, "proposal")
        new = self._deal(team_id=self.field_team.id)
        self.assertEqual((new.kams_process_id, new.stage_id), (adoption.process_id, self.own["Fresh"]))

    def test_history_begins_with_what_odoo_tracked(self):
        parked = self.env["crm.stage"].create({"name": "Parked", "sequence": 505, "team_ids": self.field_team.ids})
        self._clock(hours(0))
        deal = self._plain("Fresh", expected_revenue=100.0)
        quiet = self._plain("Qualified", expected_revenue=7.0)
        for hour, vals in [
            (10, {"stage_id": self.own["Qualified"].id}),
            (20, {"expected_revenue": 200.0}),
            (30, {"user_id": self.colleague.id}),
            (40, {"stage_id": parked.id}),
            (50, {"stage_id": self.own["Fresh"].id}),
            (60, {"stage_id": self.own["Offer"].id, "expected_revenue": 300.0}),
            (70, {"active": False}),
            (80, {"active": True}),
            (90, {"user_id": self.salesperson.id}),
        ]:
            self._clock(hours(hour))
            deal.write(vals)
        self._clock(hours(100))
        self._adoption(Parked=None).action_start()
        self._settle()
        rows = self._history(
            deal,
            "valid_from",
            "stage_name",
            "phase_code",
            "expected_revenue",
            "user_name",
            "status",
            "reason",
            "reconstructed",
            "phase_since",
        )
        seller, other = self.salesperson.name, self.colleague.name
        self.assertEqual(
            rows,
            [
                (hours(0), "Fresh", "development", 100.0, seller, "open", "created", True, hours(0)),
                (hours(10), "Qualified", "initiation", 100.0, seller, "open", "forward", True, hours(10)),
                (hours(20), "Qualified", "initiation", 200.0, seller, "open", "amount", True, hours(10)),
                (hours(30), "Qualified", "initiation", 200.0, other, "open", "owner", True, hours(10)),
                (hours(40), "Parked", False, 200.0, other, "open", "forward", True, hours(40)),
                (hours(50), "Fresh", "development", 200.0, other, "open", "back", True, hours(50)),
                (hours(60), "Offer", "proposal", 300.0, other, "open", "forward", True, hours(60)),
                (hours(70), "Offer", "proposal", 300.0, other, "archived", "archived", True, hours(60)),
                (hours(80), "Offer", "proposal", 300.0, other, "open", "reopened", True, hours(60)),
                (hours(90), "Offer", "proposal", 300.0, seller, "open", "owner", True, hours(60)),
                (hours(100), "Offer", "proposal", 300.0, seller, "open", "adopted", False, hours(60)),
            ],
        )
        self.assertEqual(self._history(deal, "gate_result")[-1], ("exempt",))
        self.assertEqual(deal.kams_phase_since, hours(60))
        self.assertEqual(
            self._history(quiet, "valid_from", "valid_to", "stage_name", "expected_revenue", "reason", "reconstructed"),
            [
                (hours(0), hours(100), "Qualified", 7.0, "created", True),
                (hours(100), False, "Qualified", 7.0, "adopted", False),
            ],
        )
        self.assertHistoryWhole((deal + quiet).ids)
        # a stage of the past can go; its name stays
        parked.unlink()
        self._settle()
        row = self.env["kams.deal.history"].search([("lead_ref", "=", deal.id), ("stage_name", "=", "Parked")])
        self.assertEqual((len(row), row.stage_id.id), (1, False))

    def test_the_past_can_be_asked_for_as_of_a_day_before_the_adoption(self):
        self._clock(hours(0))
        deal = self._plain("Fresh", expected_revenue=100.0)
        self._clock(hours(10))
        deal.write({"stage_id": self.own["Qualified"].id, "expected_revenue": 150.0})
        self._clock(hours(20))
        self._adoption().action_start()
        self._settle()
        history = self.env["kams.deal.history"]
        rows = history.search(history._as_of_domain(hours(5)) + [("lead_ref", "=", deal.id)])
        self.assertEqual((rows.expected_revenue, rows.stage_name, rows.reconstructed), (100.0, "Fresh", True))

    def test_batches_pause_resume_and_progress(self):
        deals = self.env["crm.lead"].union(*[self._plain("Qualified", name=f"D{n}") for n in range(9)])
        adoption = self._adoption()
        with patch.object(kams_adoption, "AT_ONCE", 3), patch.object(kams_adoption, "BATCH", 2):
            adoption.action_start()
            self._settle()
            joined = [len(deals.filtered("kams_process_id"))]
            self.assertEqual((adoption.state, joined[0]), ("running", 3))
            self.assertEqual((adoption.total_count, adoption.done_count, adoption.remaining_count), (9, 3, 6))
            self.assertAlmostEqual(adoption.progress, 100 * 3 / 9, 3)
            self._one_batch()
            self.assertEqual((self._joined(deals), adoption.done_count), (5, 5))
            adoption.action_pause()
            self._run_cron("kams.adoption", "_cron_adopt")
            self.assertEqual((adoption.state, self._joined(deals)), ("paused", 5), "What has moved stays moved.")
            with self.assertRaises(UserError), self.cr.savepoint():
                adoption.action_start()
            adoption.action_resume()
            self._one_batch()
            self.assertEqual((adoption.state, self._joined(deals), adoption.done_count), ("running", 7, 7))
            batches = self._run_cron("kams.adoption", "_cron_adopt")
            self.assertEqual([moved for moved, _rest in batches], [2])
            self.assertEqual(batches[-1][1], 0)
        adoption.invalidate_recordset()
        self.assertEqual((adoption.state, self._joined(deals), adoption.progress), ("done", 9, 100.0))
        self.assertHistoryWhole(deals.ids)

    def _one_batch(self):
        """Let the cron run out of time after one batch."""
        with patch.object(self.registry["ir.cron"], "_commit_progress", lambda *args, **kwargs: 0):
            self.env["kams.adoption"]._cron_adopt()
        self._settle()
        self.env.invalidate_all()

    def _joined(self, deals):
        return len(deals.filtered("kams_process_id"))

    def test_the_real_cron_finishes_the_work(self):
        deals = self.env["crm.lead"].union(*[self._plain("Qualified") for _n in range(5)])
        adoption = self._adoption()
        with patch.object(kams_adoption, "AT_ONCE", 1), patch.object(kams_adoption, "BATCH", 2):
            adoption.action_start()
            self._settle()
            cron = self.env.ref("kams_sales.ir_cron_adoption")
            self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((adoption.state, self._joined(deals)), ("done", 5))
        self.assertHistoryWhole(deals.ids)

    def test_doing_it_twice_changes_nothing(self):
        deals = self._mixed_pipeline()
        adoption = self._adoption()
        adoption.action_start()
        self._settle()
        before = [self._history(deal, "id") for deal in deals], adoption.process_id
        checks = deals.kams_check_ids
        adoption.action_resume()
        self._run_cron("kams.adoption", "_cron_adopt")
        with self.assertRaises(UserError), self.cr.savepoint():
            adoption.action_start()
        adoption.invalidate_recordset()
        self.assertEqual(([self._history(deal, "id") for deal in deals], adoption.process_id), before)
        self.assertEqual((adoption.state, deals.kams_check_ids), ("done", checks))

    def test_a_team_whose_stages_are_the_phases_already_gets_no_copy_of_the_process(self):
        self.team.with_user(self.director).sudo().kams_process_id = False
        deal = self._deal(stage_id=self.stages["initiation"].id)
        self.assertFalse(deal.kams_process_id)
        adoption = self._adoption(self.team)
        adoption.action_start()
        self.assertEqual(adoption.process_id, self.process)
        self.assertEqual(deal.kams_phase_id, self.phases["initiation"])

    def test_two_stages_may_share_a_phase_whose_points_guard_the_last(self):
        deal = self._plain("Qualified")
        adoption = self._adoption(Offer="initiation")
        adoption.action_start()
        self._settle()
        self.assertEqual(len(adoption.process_id.phase_ids), 4)
        self.assertEqual(
            [(phase.stage_id.name, phase.code, len(phase.point_ids)) for phase in adoption.process_id.phase_ids],
            [
                ("Fresh", "development", 9),
                ("Qualified", "initiation", 0),
                ("Offer", "initiation", 4),
                ("Signed", "delivery", 2),
            ],
        )
        deal.stage_id = self.own["Offer"]
        with self.assertRaisesRegex(ValidationError, "S2-O1"), self.cr.savepoint():
            deal.stage_id = self.own["Signed"]

    def test_leaving_makes_deals_plain_and_keeps_their_history(self):
        deals = self._mixed_pipeline()
        adoption = self._adoption()
        adoption.action_start()
        self._clock(hours(5))
        stood = deals.mapped("stage_id.name"), deals.mapped("probability"), deals.mapped("date_last_stage_update")
        with patch.object(kams_adoption, "AT_ONCE", 2), patch.object(kams_adoption, "BATCH", 2):
            adoption.action_leave()
            self._settle()
            self.assertEqual((adoption.state, self._joined(deals), adoption.done_count), ("leaving", 5, 2))
            adoption.action_pause()
            self._run_cron("kams.adoption", "_cron_adopt")
            self.assertEqual((adoption.state, self._joined(deals)), ("stopped", 5))
            adoption.action_resume()
            self._run_cron("kams.adoption", "_cron_adopt")
        self.env.invalidate_all()
        self.assertEqual((adoption.state, self._joined(deals)), ("left", 0))
        self.assertFalse(self.field_team.kams_process_id)
        self.assertEqual(
            (deals.mapped("stage_id.name"), deals.mapped("probability"), deals.mapped("date_last_stage_update")), stood
        )
        self.assertFalse(deals.kams_check_ids)
        for deal in deals:
            self.assertEqual(self._history(deal, "reason", "status")[-1], ("left", "left"))
            deal.stage_id = self.own["Signed"]  # a plain deal again
        self._settle()
        self.assertHistoryWhole(deals.ids)
        self.assertFalse(self._plain("Fresh").kams_process_id)

    def test_a_team_can_come_back_after_leaving(self):
        deals = self._mixed_pipeline()
        first = self._adoption()
        first.action_start()
        self._clock(hours(5))
        first.action_leave()
        self._settle()
        self._clock(hours(9))
        deals[0].stage_id = self.own["Qualified"]
        self._clock(hours(10))
        self._adoption().action_start()
        self._settle()
        self.assertEqual(self._joined(deals), len(deals))
        self.assertHistoryWhole(deals.ids)
        self.assertEqual(self._history(deals[0], "reason")[-2:], [("left",), ("adopted",)])

    # Refusals
    def assertRefused(self, adoption, words):
        with self.assertRaises(ValidationError) as refusal, self.cr.savepoint():
            adoption.action_start()
        for word in words:
            self.assertIn(word, str(refusal.exception))
        self.env.invalidate_all()
        self.assertEqual(adoption.state, "draft")
        self.assertFalse(self.field_team.kams_process_id)

    def test_mappings_that_leave_a_deal_without_a_place_are_refused(self):
        deal = self._plain("Offer")
        self.assertRefused(self._adoption(Offer=None), ["Offer", "Field sales", "Choose a phase"])
        deal.unlink()
        adoption = self._adoption(Offer=None)
        adoption.action_start()
        self.assertEqual(adoption.process_id.phase_ids.mapped("code"), ["development", "initiation", "delivery"])

    def test_mappings_that_walk_backwards_or_are_empty_are_refused(self):
        self.assertRefused(self._adoption(Offer="development"), ["Offer", "Qualified", "order of the stages"])
        self.assertRefused(
            self._adoption(Fresh=None, Qualified=None, Offer=None, Signed=None), ["No stage", "Field sales"]
        )

    def test_won_stages_are_for_delivery_and_delivery_needs_one(self):
        self.assertRefused(self._adoption(Signed="negotiation"), ["Signed", "won"])
        self.assertRefused(self._adoption(Offer="delivery"), ["Offer", "won"])

    def test_only_a_director_adopts_pauses_resumes_and_leaves(self):
        self._plain("Fresh")
        adoption = self._adoption()
        for user in (self.salesperson, self.manager, self.auditor, self.sales_admin):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    self.env["kams.adoption"].with_user(user).create(
                        {"team_id": self.field_team.id, "source_process_id": self.process.id}
                    )
                for action in ("action_start", "action_pause", "action_resume", "action_leave"):
                    with self.assertRaises(AccessError), self.cr.savepoint():
                        getattr(adoption.with_user(user), action)()
                with self.assertRaises(AccessError), self.cr.savepoint():
                    self.field_team.with_user(user).action_kams_adopt()
        self.assertEqual(adoption.state, "draft")

    def test_states_follow_their_order(self):
        self._plain("Fresh")
        adoption = self._adoption()
        for action in ("action_pause", "action_resume", "action_leave"):
            with self.subTest(action=action), self.assertRaises(UserError), self.cr.savepoint():
                getattr(adoption, action)()
        self.assertFalse(self.field_team.kams_process_id)

    # Size
    def test_two_thousand_deals_take_the_same_statements_per_batch_as_fifty(self):
        lean = self.env["crm.lead"].with_context(tracking_disable=True, mail_create_nolog=True)
        vals = {
            "type": "opportunity",
            "team_id": self.field_team.id,
            "user_id": False,
            "stage_id": self.own["Qualified"].id,
        }
        lean.create([{**vals, "name": f"Deal {number}"} for number in range(2000)])
        self._settle()
        adoption = self._adoption()
        spent = []
        with patch.object(kams_adoption, "AT_ONCE", 50), patch.object(kams_adoption, "BATCH", 650):
            self.env.invalidate_all()
            adoption.action_start()
            self._settle()
            for size in (50, 650, 650, 600):
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                self.assertEqual(adoption._join_batch(size), size)
                self._settle()
                spent.append(self.cr.sql_log_count - before)
            self.assertEqual(adoption.remaining_count, 0)
        self.assertLessEqual(max(spent), 80, spent)
        self.assertLessEqual(max(spent[1:]) - spent[0], 6, spent)
        self.cr.execute(
            "SELECT count(*), count(DISTINCT lead_ref), count(*) FILTER (WHERE valid_to IS NULL)"
            " FROM kams_deal_history h JOIN crm_lead l ON l.id = h.lead_ref WHERE l.team_id = %s",
            [self.field_team.id],
        )
        _rows, deals, open_rows = self.cr.fetchone()
        self.assertEqual((deals, open_rows), (2000, 2000))

    def test_a_stage_is_mapped_once(self):
        adoption = self._adoption()
        with self.assertRaises(Exception), self.cr.savepoint():  # noqa: B017  the database's unique index
            adoption.line_ids = [Command.create({"stage_id": self.own["Fresh"].id})]
            self._settle()
