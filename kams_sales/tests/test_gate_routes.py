import json
from contextlib import contextmanager
from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import KamsCase


class Refusal:
    """What ``assertHeld`` caught."""

    exception = None


class GateCase(KamsCase):
    """Deals that lack what they need, and a look at everything a refused move must leave alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain_team = cls.env["crm.team"].create({"name": "Walk-in trade", "company_id": False})
        cls.trader = cls._person("kams_trader", "sales_team.group_sale_salesman_all_leads")
        cls.plain_team.member_ids = cls.trader

    def _picture(self, deals):
        """The deals, their history, checks and mail, and how many of each there are in all."""
        self.env.invalidate_all()
        deals = deals.sudo().with_context(active_test=False).exists()
        messages = self.env["mail.message"].sudo().search([("model", "=", "crm.lead"), ("res_id", "in", deals.ids)])
        return {
            "deals": deals.read(
                [
                    "name",
                    "type",
                    "active",
                    "stage_id",
                    "kams_process_id",
                    "kams_phase_id",
                    "kams_procurement_mode",
                    "probability",
                    "won_status",
                    "team_id",
                    "user_id",
                    "partner_id",
                    "date_closed",
                    "expected_revenue",
                    "kams_imported",
                ]
            ),
            "history": self.env["kams.deal.history"]
            .search([("lead_ref", "in", deals.ids)], order="id")
            .read(["lead_ref", "valid_from", "valid_to", "phase_id", "status", "reason", "gate_result"]),
            "checks": self.env["kams.control.check"]
            .search([("lead_id", "in", deals.ids)], order="id")
            .read(["point_id", "state", "evidence_ref", "waiver_reason"]),
            "messages": messages.ids,
            "tracking": self.env["mail.tracking.value"].sudo().search_count([("mail_message_id", "in", messages.ids)]),
            "all": [
                self.env[model].sudo().with_context(active_test=False).search_count([])
                for model in ("crm.lead", "kams.deal.history", "kams.control.check", "mail.message", "mail.mail")
            ],
        }

    @contextmanager
    def assertHeld(self, deals, *words, error=ValidationError):
        """What happens inside is refused, the message has these words, and nothing is changed by it."""
        self._settle()
        before = self._picture(deals)
        refusal = Refusal()
        try:
            with self.cr.savepoint():
                yield refusal
                self._settle()
        except error as exception:
            refusal.exception = exception
        self.assertTrue(refusal.exception, "It was let through.")
        self.assertEqual(self._picture(deals), before)
        for word in words:
            self.assertIn(word, str(refusal.exception))


@tagged("post_install", "-at_install")
class TestGateRoutes(GateCase):
    """Whatever way a deal is pushed forward, what it lacks holds it where it is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(name="Lacking everything")
        cls._settle()
        cls.mine = cls.deal.with_user(cls.salesperson)

    # WRITES
    def test_dragging_a_card_is_held(self):
        with self.assertHeld(self.deal, "Lacking everything", "S1-O1", "S1-O2"):
            self.mine.web_save({"stage_id": self.stages["initiation"].id}, {"stage_id": {}})

    def test_the_status_bar_is_held(self):
        with self.assertHeld(self.deal, "S1-O1"):
            self.mine.write({"stage_id": self.stages["initiation"].id})

    def test_a_write_by_the_superuser_or_by_another_user_is_held(self):
        for user in (self.env.ref("base.user_root"), self.env.ref("base.user_admin"), self.director, self.sales_admin):
            with self.subTest(user=user.login), self.assertHeld(self.deal, "S1-O1"):
                self.deal.with_user(user).write({"stage_id": self.stages["initiation"].id})
            with self.subTest(user=user.login, sudo=True), self.assertHeld(self.deal, "S1-O1"):
                self.deal.with_user(user).sudo().stage_id = self.stages["delivery"]

    def test_writing_the_phase_directly_is_held(self):
        with self.assertHeld(self.deal, "S1-O1"):
            self.mine.write({"kams_phase_id": self.phases["initiation"].id})
        with self.assertHeld(self.deal, "S1-O1"):
            self.mine.write({"kams_phase_id": self.phases["negotiation"].id, "stage_id": self.stages["development"].id})

    def test_a_phase_of_another_process_is_refused_by_name(self):
        other = self.process.copy()
        with self.assertHeld(self.deal, "Lacking everything", "no phase"):
            self.mine.write({"kams_phase_id": other.phase_ids[-1].id})

    def test_a_raw_write_of_the_stage_is_held(self):
        with self.assertHeld(self.deal, "S1-O1"):
            self.deal._write({"stage_id": self.stages["initiation"].id})

    def test_a_raw_write_of_the_phase_moves_nothing(self):
        """Where a deal stands is its stage; neither history nor gate takes another word for it."""
        self.deal._write({"kams_phase_id": self.phases["negotiation"].id})
        self._settle()
        self.assertEqual(self._history(self.deal, "phase_code"), [("development",)])
        with self.assertHeld(self.deal, "S1-O1"):
            self.deal.stage_id = self.stages["negotiation"]

    def test_a_refusal_that_the_caller_swallows_comes_again_at_commit(self):
        with self.assertHeld(self.deal, "S1-O1"):
            try:
                self.deal.stage_id = self.stages["initiation"]
            except ValidationError:
                pass
            self._settle()

    def test_a_stage_outside_the_process_is_refused_by_name(self):
        foreign = self.env["crm.stage"].create({"name": "Somewhere else", "sequence": 99})
        with self.assertHeld(self.deal, "Lacking everything", "Somewhere else", "Customer Development"):
            self.mine.write({"stage_id": foreign.id})

    def test_no_stage_at_all_is_refused(self):
        with self.assertHeld(self.deal, "Lacking everything"):
            self.mine.write({"stage_id": False})

    def test_a_status_cannot_be_written_past_the_stage(self):
        """The stored status follows from stage and probability; the history must not believe a forged one."""
        self.mine.write({"won_status": "won"})
        self._settle()
        self.mine.write({"probability": 100})
        self._settle()
        self.assertEqual({row for (row,) in self._history(self.deal, "status")}, {"open"})
        self.assertNotIn("won", [reason for (reason,) in self._history(self.deal, "reason")])

    # CREATION
    def _assertNothingMade(self, name):
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        self.assertFalse(leads.search([("name", "=", name)]))
        self.assertFalse(self.env["kams.deal.history"].search([("lead_name", "=", name)]))

    def test_creating_in_a_late_phase_is_held(self):
        for code in ("initiation", "negotiation", "delivery"):
            with self.subTest(phase=code), self.assertHeld(self.deal, "Born late", "S1-O1"):
                self.env["crm.lead"].with_user(self.salesperson).create(
                    {
                        "name": "Born late",
                        "type": "opportunity",
                        "team_id": self.team.id,
                        "stage_id": self.stages[code].id,
                    }
                )
            self._assertNothingMade("Born late")

    def test_creating_in_a_late_column_is_held(self):
        """The kanban's quick create gives the stage as a default."""
        leads = (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .with_context(
                default_stage_id=self.stages["negotiation"].id, default_team_id=self.team.id, default_type="opportunity"
            )
        )
        with self.assertHeld(self.deal, "Born late", "S1-O1"):
            leads.create({"name": "Born late"})
        with self.assertHeld(self.deal, "Born late", "S1-O1"):
            leads.name_create("Born late")
        with self.assertHeld(self.deal, "Born late", "S1-O1"):
            leads.web_save({"name": "Born late"}, {"name": {}})
        self._assertNothingMade("Born late")

    def test_creating_with_a_late_phase_is_held(self):
        vals = {"name": "Born late", "type": "opportunity", "team_id": self.team.id}
        leads = self.env["crm.lead"].with_user(self.salesperson)
        with self.assertHeld(self.deal, "Born late", "S1-O1"):
            leads.create({**vals, "kams_phase_id": self.phases["negotiation"].id})
        with self.assertHeld(self.deal, "Born late", "S1-O1"):
            leads.with_context(default_kams_phase_id=self.phases["negotiation"].id).create(vals)
        self._assertNothingMade("Born late")

    def test_creating_without_the_teams_process_does_not_get_round_it(self):
        for vals, context in (
            ({"kams_process_id": False}, {}),
            ({}, {"default_kams_process_id": False}),
            ({"kams_process_id": None}, {"default_kams_process_id": False}),
        ):
            leads = self.env["crm.lead"].with_user(self.salesperson).with_context(**context)
            with self.subTest(vals=vals, context=context):
                deal = leads.create({"name": "Plain?", "type": "opportunity", "team_id": self.team.id, **vals})
                self.assertEqual(deal.kams_process_id, self.process)
                with self.assertHeld(self.deal, "Born late", "S1-O1"):
                    leads.create(
                        {
                            "name": "Born late",
                            "type": "opportunity",
                            "team_id": self.team.id,
                            "stage_id": self.stages["delivery"].id,
                            **vals,
                        }
                    )

    def test_a_new_deal_does_not_start_under_a_draft_or_a_retired_process(self):
        draft = self.process.copy()
        draft.phase_ids.point_ids.unlink()  # nothing to ask: it would let everything through
        with self.assertHeld(self.deal, draft.name):
            self.env["crm.lead"].with_user(self.salesperson).create(
                {
                    "name": "Born late",
                    "type": "opportunity",
                    "team_id": self.team.id,
                    "kams_process_id": draft.id,
                    "stage_id": self.stages["negotiation"].id,
                }
            )
        draft.action_activate()
        draft.action_retire()
        with self.assertHeld(self.deal, draft.name):
            self.env["crm.lead"].with_user(self.salesperson).create(
                {
                    "name": "Born late",
                    "type": "opportunity",
                    "team_id": self.team.id,
                    "kams_process_id": draft.id,
                    "stage_id": self.stages["negotiation"].id,
                }
            )

    def test_copying_into_a_late_stage_is_held(self):
        with self.assertHeld(self.deal, "S1-O1"):
            self.mine.copy({"stage_id": self.stages["proposal"].id})

    def test_a_copy_starts_at_the_beginning_with_nothing_met(self):
        advanced = self._deal(name="Far along")
        self._advance(advanced, "proposal")
        clone = advanced.with_user(self.salesperson).copy()
        self._settle()
        self.assertEqual(clone.kams_phase_id, self.phases["development"])
        self.assertFalse(clone.kams_imported)
        self.assertEqual(self._state(clone, "S1-O2"), "fail")
        self.assertEqual(self._history(clone, "phase_code", "reason"), [("development", "created")])

    # IMPORT
    def test_load_is_held(self):
        leads = self.env["crm.lead"].with_user(self.salesperson)
        self._settle()
        before = self._picture(self.deal)
        result = leads.load(
            ["name", "type", "team_id/.id", "stage_id/.id"],
            [
                ["Imported early", "opportunity", str(self.team.id), str(self.stages["development"].id)],
                ["Imported late", "opportunity", str(self.team.id), str(self.stages["negotiation"].id)],
            ],
        )
        self._settle()
        self.assertFalse(result["ids"])
        text = "\n".join(message["message"] for message in result["messages"])
        self.assertIn("Imported late", text)
        self.assertIn("S1-O1", text)
        self.assertEqual(self._picture(self.deal), before)

    def test_load_that_moves_an_existing_deal_is_held(self):
        self._settle()
        before = self._picture(self.deal)
        result = (
            self.env["crm.lead"]
            .with_user(self.salesperson)
            .load([".id", "stage_id/.id"], [[str(self.deal.id), str(self.stages["negotiation"].id)]])
        )
        self._settle()
        self.assertFalse(result["ids"])
        self.assertIn("S1-O1", result["messages"][0]["message"])
        self.assertEqual(self._picture(self.deal), before)

    def _import_file(self, user, header, *rows, dryrun=False):
        content = "\n".join([",".join(header), *(",".join(row) for row in rows)])
        wizard = (
            self.env["base_import.import"]
            .with_user(user)
            .create(
                {"res_model": "crm.lead", "file": content.encode(), "file_type": "text/csv", "file_name": "deals.csv"}
            )
        )
        options = {"quoting": '"', "separator": ",", "has_headers": True, "encoding": "utf-8"}
        return wizard.execute_import(header, header, options, dryrun=dryrun)

    def test_the_import_screen_is_held(self):
        self._settle()
        before = self._picture(self.deal)
        for dryrun in (True, False):
            result = self._import_file(
                self.salesperson,
                ["name", "type", "team_id/.id", "stage_id/.id"],
                ["Imported late", "opportunity", str(self.team.id), str(self.stages["negotiation"].id)],
                dryrun=dryrun,
            )
            self._settle()
            self.assertFalse(result["ids"])
            self.assertIn("S1-O1", "\n".join(message["message"] for message in result["messages"]))
            self.assertEqual(self._picture(self.deal), before)

    # MANY AT ONCE
    def test_one_lacking_deal_of_five_holds_all_five(self):
        ready = (
            self._deal(name="Ready")
            | self._deal(name="Ready 2")
            | self._deal(name="Ready 3")
            | self._deal(name="Ready 4")
        )
        self._supply(ready, "development")
        batch = (ready | self.deal).with_user(self.salesperson)
        hint = "Choose the customer on the deal."
        with self.assertHeld(batch, "Lacking everything", "S1-O1 Customer identified", hint, "S1-O2") as refusal:
            batch.write({"stage_id": self.stages["initiation"].id})
        self.assertNotIn("Ready", str(refusal.exception))
        self.assertEqual(batch.stage_id, self.stages["development"])

    def test_a_batch_names_every_lacking_deal_with_what_each_one_lacks(self):
        half = self._deal(name="Half done", partner_id=self.customer.id)
        ready = self._deal(name="Ready")
        self._supply(ready, "development")
        batch = (self.deal | ready | half).with_user(self.salesperson)
        with self.assertHeld(batch) as refusal:
            batch.write({"stage_id": self.stages["initiation"].id})
        parts = str(refusal.exception).split("Half done")
        self.assertEqual(len(parts), 2)
        self.assertEqual(
            sorted(("Lacking everything" in part, "S1-O1" in part) for part in parts), [(False, False), (True, True)]
        )
        self.assertTrue(all("S1-O2 First meeting held" in part and "calendar" in part for part in parts))

    def test_mass_edit_is_held_and_names_every_lacking_deal(self):
        other = self._deal(name="Lacking as well")
        ready = self._deal(name="Ready")
        self._supply(ready, "development")
        batch = (ready | self.deal | other).with_user(self.salesperson)
        vals = {"stage_id": self.stages["initiation"].id}
        with self.assertHeld(batch, "Lacking everything", "Lacking as well"):
            batch.web_save(vals, {"stage_id": {}})
        with self.assertHeld(batch, "Lacking everything", "Lacking as well"):
            batch.web_save_multi([dict(vals) for _deal in batch], {"stage_id": {}})

    # WON
    def test_marking_as_won_is_held(self):
        with self.assertHeld(self.deal, "S1-O1", "S2-O1", "S5-O1"):
            self.mine.action_set_won()
        with self.assertHeld(self.deal, "S1-O1"):
            self.mine.action_set_won_rainbowman()

    def test_marking_many_as_won_wins_none_if_one_lacks(self):
        ready = self._deal(name="Signed")
        self._advance(ready, "negotiation")
        self._supply(ready, "negotiation")
        plain = self._deal(name="Plain", team_id=self.plain_team.id, user_id=self.trader.id)
        with self.assertHeld(ready | self.deal | plain, "Lacking everything", "S5-O1"):
            (ready | self.deal | plain).action_set_won()

    def test_a_stage_turned_won_is_held(self):
        with self.assertHeld(self.deal, "Lacking everything", "S1-O1"):
            self.stages["development"].with_user(self.sales_admin).is_won = True
        self.assertFalse(self.stages["development"].is_won)

    def test_a_stage_turned_won_is_held_for_archived_deals_too(self):
        self.deal.active = False
        with self.assertHeld(self.deal, "Lacking everything"):
            self.stages["development"].is_won = True

    # CONVERT, MERGE, RESTORE
    def _late_lead(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Late lead",
                "type": "lead",
                "team_id": self.team.id,
                "user_id": self.salesperson.id,
                "stage_id": self.stages["negotiation"].id,
            }
        )
        self.assertFalse(lead.kams_process_id)
        return lead

    def test_converting_a_lead_that_stands_late_is_held(self):
        lead = self._late_lead()
        with self.assertHeld(lead, "Late lead", "S1-O2"):
            lead.with_user(self.salesperson).convert_opportunity(self.customer)
        with self.assertHeld(lead, "Late lead", "S1-O2"):
            lead.with_user(self.salesperson).write({"type": "opportunity"})

    def test_the_conversion_wizard_is_held(self):
        lead = self._late_lead()
        with self.assertHeld(lead, "Late lead", "S1-O2"):
            wizard = (
                self.env["crm.lead2opportunity.partner"]
                .with_user(self.salesperson)
                .with_context(active_model="crm.lead", active_id=lead.id, active_ids=lead.ids)
                .create(
                    {
                        "name": "convert",
                        "action": "exist",
                        "partner_id": self.customer.id,
                        "lead_id": lead.id,
                        "team_id": self.team.id,
                        "user_id": self.salesperson.id,
                    }
                )
            )
            wizard.action_apply()

    def test_a_plain_lead_assigned_to_the_team_while_converted_is_held(self):
        self.stages["negotiation"].team_ids |= self.plain_team
        lead = self.env["crm.lead"].create(
            {
                "name": "Late lead",
                "type": "lead",
                "team_id": self.plain_team.id,
                "user_id": self.trader.id,
                "stage_id": self.stages["negotiation"].id,
            }
        )
        with self.assertHeld(lead, "Late lead", "S1-O2"):
            lead.with_user(self.trader).convert_opportunity(self.customer, team_id=self.team.id)

    def test_converting_a_plain_lead_for_the_team_starts_a_deal_at_the_beginning(self):
        for way in ("method", "wizard"):
            lead = self.env["crm.lead"].create(
                {"name": "From the website", "type": "lead", "team_id": self.plain_team.id, "user_id": False}
            )
            self._settle()
            with self.subTest(way=way):
                if way == "method":
                    lead.convert_opportunity(self.customer, user_ids=self.salesperson.ids, team_id=self.team.id)
                else:
                    wizard = (
                        self.env["crm.lead2opportunity.partner"]
                        .with_user(self.trader)
                        .with_context(active_model="crm.lead", active_id=lead.id, active_ids=lead.ids)
                        .create(
                            {
                                "name": "convert",
                                "action": "exist",
                                "partner_id": self.customer.id,
                                "lead_id": lead.id,
                                "team_id": self.team.id,
                                "user_id": self.salesperson.id,
                            }
                        )
                    )
                    wizard.action_apply()
                self._settle()
                self.assertEqual(lead.kams_phase_id, self.phases["development"])
                self.assertEqual(self._state(lead, "S1-O1"), "pass")
                self.assertHistoryWhole(lead.ids)

    def _late_plain(self):
        self.stages["negotiation"].team_ids |= self.plain_team
        plain = self._deal(name="Late and plain", team_id=self.plain_team.id, user_id=self.trader.id)
        plain.stage_id = self.stages["negotiation"]
        self.assertFalse(plain.kams_process_id)
        return plain

    def test_merging_a_deal_into_a_plain_one_that_stands_late_is_held(self):
        both = self._late_plain() | self.deal
        with self.assertHeld(both, "Late and plain", "S1-O1"):
            both.with_user(self.trader).merge_opportunity()
        with self.assertHeld(both, "Late and plain", "S1-O1"):
            both.merge_opportunity(team_id=self.team.id, auto_unlink=False)

    def test_the_merge_wizard_is_held(self):
        both = self._late_plain() | self.deal
        with self.assertHeld(both, "Late and plain", "S1-O1"):
            self.env["crm.merge.opportunity"].with_context(
                active_model="crm.lead", active_ids=both.ids, active_id=both[0].id
            ).create({"opportunity_ids": [Command.set(both.ids)]}).action_merge()

    def test_mass_conversion_is_held_and_converts_none(self):
        late = self._late_lead()
        fresh = self.env["crm.lead"].create(
            {
                "name": "Fresh lead",
                "type": "lead",
                "team_id": self.team.id,
                "user_id": self.salesperson.id,
                "partner_id": self.customer.id,
            }
        )
        leads = fresh | late
        with self.assertHeld(leads, "Late lead", "S1-O2"):
            self.env["crm.lead2opportunity.partner.mass"].with_context(
                active_model="crm.lead", active_ids=leads.ids, active_id=leads[0].id
            ).create(
                {
                    "lead_tomerge_ids": [Command.set(leads.ids)],
                    "name": "convert",
                    "action": "each_exist_or_create",
                    "deduplicate": False,
                    "user_ids": [Command.set(self.salesperson.ids)],
                    "team_id": self.team.id,
                }
            ).action_mass_convert()

    def test_merging_two_deals_leaves_the_result_where_the_further_one_stood(self):
        further = self._deal(name="Further")
        self._advance(further, "initiation")
        deal_id = self.deal.id
        result = (further | self.deal).with_user(self.salesperson).merge_opportunity()
        self._settle()
        self.assertEqual(result, further)
        self.assertEqual(result.kams_phase_id, self.phases["initiation"])
        with self.assertHeld(result, "S2-O1"):
            result.stage_id = self.stages["proposal"]
        self.assertEqual(
            self._history(self.env["crm.lead"].browse(deal_id), "status", "reason")[-1], ("merged", "merge")
        )

    def test_restoring_does_not_carry_an_archived_deal_forward(self):
        self.mine.action_set_lost()
        self._settle()
        with self.assertHeld(self.deal, "S1-O1"):
            self.mine.stage_id = self.stages["negotiation"]
        for restore in ("action_unarchive", "action_restore"):
            with self.subTest(way=restore), self.assertHeld(self.deal, "S1-O1"):
                self.mine.stage_id = self.stages["negotiation"]
                getattr(self.mine, restore)()
        with self.assertHeld(self.deal, "S1-O1"):
            self.mine.write({"active": True, "stage_id": self.stages["negotiation"].id})
        self.mine.action_restore()
        self._settle()
        self.assertEqual(self.deal.kams_phase_id, self.phases["development"])
        self.assertEqual(self._history(self.deal, "status", "reason")[-1], ("open", "reopened"))

    # TEAM AND PROCESS
    def test_a_team_that_does_not_use_the_stage_cannot_push_a_deal_forward(self):
        late_only = self.env["crm.team"].create({"name": "Closers", "company_id": False})
        self.stages["negotiation"].team_ids |= late_only
        with self.assertHeld(self.deal, "S1-O1"):
            self.deal.team_id = late_only
        plain = self._late_plain()
        with self.assertHeld(plain, "Late and plain", "S1-O1"):
            plain.team_id = self.team

    def test_taking_the_process_away_is_refused(self):
        for values in ({"kams_process_id": False}, {"kams_process_id": False, "stage_id": self.stages["delivery"].id}):
            for user in (self.salesperson, self.director, self.env.ref("base.user_root")):
                with (
                    self.subTest(values=values, user=user.login),
                    self.assertHeld(self.deal, "Lacking everything", "Leave KAMS"),
                ):
                    self.deal.with_user(user).write(values)
        with self.assertHeld(self.deal, "Lacking everything"):
            self.deal._write({"kams_process_id": None})
        with self.assertHeld(self.deal, "Lacking everything"):
            self.deal._write({"kams_process_id": None, "stage_id": self.stages["delivery"].id})

    def test_another_process_is_refused(self):
        lenient = self.process.copy()
        lenient.point_ids.unlink()
        lenient.action_activate()
        with self.assertHeld(self.deal, "Lacking everything", "keeps"):
            self.mine.write({"kams_process_id": lenient.id})
        with self.assertHeld(self.deal, "Lacking everything", "keeps"):
            self.mine.write({"kams_process_id": lenient.id, "stage_id": self.stages["delivery"].id})

    def test_only_a_director_takes_a_deal_out_of_kams_and_its_history_says_so(self):
        for user in (self.salesperson, self.manager, self.sales_admin):
            with self.subTest(user=user.login), self.assertHeld(self.deal, error=AccessError):
                self.deal.with_user(user).action_kams_leave()
        self.deal.with_user(self.director).action_kams_leave()
        self._settle()
        self.assertFalse(self.deal.kams_process_id)
        self.assertEqual(self._history(self.deal, "status", "reason")[-1], ("left", "left"))
        self.deal.stage_id = self.stages["negotiation"]
        self.assertEqual(self.deal.stage_id, self.stages["negotiation"])

    def test_a_deal_that_left_and_rejoins_late_is_asked_everything(self):
        self.deal.with_user(self.director).action_kams_leave()
        self._settle()
        self.mine.stage_id = self.stages["negotiation"]
        self._settle()
        with self.assertHeld(self.deal, "S1-O1", "S3-O1"):
            self.mine.kams_process_id = self.process

    def test_nobody_marks_a_deal_as_taken_out_to_keep_it_plain(self):
        with self.assertHeld(self.deal, "S1-O1"):
            self.mine.write({"kams_left": True, "stage_id": self.stages["negotiation"].id})
        leads = self.env["crm.lead"].with_user(self.salesperson)
        vals = {"name": "Born free", "type": "opportunity", "team_id": self.team.id}
        with self.assertHeld(self.deal, error=UserError):
            leads.create({**vals, "kams_left": True})
        with self.assertHeld(self.deal, error=UserError):
            leads.with_context(default_kams_left=True).create(vals)
        lead = leads.create({**vals, "type": "lead"})
        lead.write({"kams_left": True})
        lead.write({"type": "opportunity"})
        self.assertEqual(lead.kams_process_id, self.process)

    # PROCUREMENT MODE
    def _past_tendering(self):
        deal = self._deal(name="Bought directly")
        self._advance(deal, "proposal")
        deal.kams_procurement_mode = "direct"
        self._supply(deal, "proposal")
        self._settle()
        deal.stage_id = self.stages["negotiation"]
        self._settle()
        deal.order_ids.validity_date = False  # so that tendering would lack its valid quotation
        self._settle()
        return deal

    def test_a_direct_deal_skips_tendering_and_its_points_do_not_apply(self):
        deal = self._past_tendering()
        self.assertEqual(deal.kams_phase_id, self.phases["negotiation"])
        self.assertEqual((self._state(deal, "S4-O1"), self._state(deal, "S4-O2")), ("na", "na"))
        self.assertEqual(self._history(deal, "phase_code", "gate_result")[-1], ("negotiation", "pass"))

    def test_a_direct_deal_turned_into_a_tender_after_tendering_was_skipped_is_held(self):
        deal = self._past_tendering()
        for mode in ("tender_open", "inquiry", False):
            with self.subTest(mode=mode), self.assertHeld(deal, "Bought directly", "S4-O1"):
                deal.with_user(self.salesperson).kams_procurement_mode = mode
            with self.subTest(mode=mode, raw=True), self.assertHeld(deal, "S4-O1"):
                deal._write({"kams_procurement_mode": mode or None})
        deal.kams_procurement_mode = "single_source"
        self._settle()
        self.assertEqual(deal.kams_procurement_mode, "single_source")

    def test_naming_the_deal_direct_in_the_same_write_skips_only_tendering(self):
        deal = self._deal(name="In a hurry")
        self._advance(deal, "proposal")
        with self.assertHeld(deal, "S3-O1") as refusal:
            deal.write({"kams_procurement_mode": "direct", "stage_id": self.stages["negotiation"].id})
        self.assertNotIn("S4", str(refusal.exception))

    # EVIDENCE THAT GOES AWAY
    def test_deleting_the_evidence_and_moving_in_one_write_is_held(self):
        self._supply(self.deal, "development")
        self._settle()
        meeting = self.deal.calendar_event_ids
        with self.assertHeld(self.deal, "S1-O2"):
            self.deal.write(
                {"calendar_event_ids": [Command.delete(meeting.id)], "stage_id": self.stages["initiation"].id}
            )
        with self.assertHeld(self.deal, "S1-O2"):
            self.deal.write(
                {"calendar_event_ids": [Command.unlink(meeting.id)], "stage_id": self.stages["initiation"].id}
            )
        with self.assertHeld(self.deal, "S1-O1"):
            self.deal.write({"partner_id": False, "stage_id": self.stages["initiation"].id})

    def test_deleting_the_evidence_and_moving_in_one_transaction_is_held(self):
        self._supply(self.deal, "development")
        self._settle()
        with self.assertHeld(self.deal, "S1-O2"):
            self.deal.calendar_event_ids.unlink()
            self.deal.stage_id = self.stages["initiation"]
        with self.assertHeld(self.deal, "S1-O2"):
            self.deal.calendar_event_ids.write({"stop": fields.Datetime.now() + timedelta(days=9)})
            self.deal.stage_id = self.stages["initiation"]

    def test_evidence_recorded_in_the_same_write_counts(self):
        self._meeting(self.deal)
        self._known_account(self.customer)
        self.mine.write({"partner_id": self.customer.id, "stage_id": self.stages["initiation"].id})
        self._settle()
        self.assertEqual(self.deal.kams_phase_id, self.phases["initiation"])

    # TICKING A BOX
    def test_nobody_writes_checks_through_the_deal(self):
        check = self.deal.kams_check_ids[0]
        point = check.point_id
        for user in (self.salesperson, self.director, self.sales_admin, self.env.ref("base.user_admin")):
            for command in (
                Command.update(check.id, {"state": "pass"}),
                Command.update(check.id, {"waiver_expiry": "2999-01-01", "waiver_reason": "because I can do it"}),
                Command.create({"point_id": point.id, "phase_id": point.phase_id.id, "state": "pass"}),
                Command.delete(check.id),
                Command.clear(),
            ):
                with (
                    self.subTest(user=user.login, command=command),
                    self.assertHeld(self.deal, error=(AccessError, UserError)),
                ):
                    self.deal.with_user(user).write({"kams_check_ids": [command]})

    def test_nobody_writes_history_through_the_deal(self):
        row = self.deal.kams_history_ids[0]
        for user in (self.salesperson, self.director, self.env.ref("base.user_root")):
            for command in (
                Command.update(row.id, {"phase_id": self.phases["negotiation"].id}),
                Command.create(
                    {"lead_ref": self.deal.id, "status": "won", "reason": "won", "valid_from": "2020-01-01 00:00:00"}
                ),
                Command.delete(row.id),
            ):
                with (
                    self.subTest(user=user.login, command=command),
                    self.assertHeld(self.deal, error=(AccessError, UserError)),
                    mute_logger("odoo.sql_db"),
                ):
                    self.deal.with_user(user).write({"kams_history_ids": [command]})

    def test_creating_a_deal_with_checks_that_are_met_already_is_refused(self):
        point = self.process.point_ids[0]
        with self.assertHeld(self.deal, error=(AccessError, UserError)):
            self.env["crm.lead"].with_user(self.salesperson).create(
                {
                    "name": "Ticked",
                    "type": "opportunity",
                    "team_id": self.team.id,
                    "kams_check_ids": [
                        Command.create({"point_id": point.id, "phase_id": point.phase_id.id, "state": "pass"})
                    ],
                }
            )


@tagged("post_install", "-at_install")
class TestGateRules(GateCase):
    """What is let through, and what the gate asks."""

    def test_back_is_always_allowed(self):
        deal = self._deal()
        self._advance(deal, "tendering")
        deal.partner_id = False
        self._settle()
        deal.with_user(self.salesperson).stage_id = self.stages["initiation"]
        self._settle()
        self.assertEqual(self._history(deal, "phase_code", "reason")[-1], ("initiation", "back"))
        deal.expected_revenue = 0
        with self.assertHeld(deal, "S2-O1"):
            deal.stage_id = self.stages["tendering"]

    def test_lost_and_archived_are_always_allowed(self):
        lost, archived = self._deal(), self._deal()
        self._settle()
        lost.with_user(self.salesperson).action_set_lost()
        archived.with_user(self.salesperson).action_archive()
        self._settle()
        self.assertEqual(self._history(lost, "status", "reason")[-1], ("lost", "lost"))
        self.assertEqual(self._history(archived, "phase_code")[-1], ("development",))
        self.assertFalse(archived.active)

    def test_jumping_over_phases_demands_what_each_of_them_asks(self):
        deal = self._deal(name="Jumper")
        self._settle()
        with self.assertHeld(deal, "S1-O1", "S1-O2", "S2-O1", "S2-O2", "S2-O3") as refusal:
            deal.stage_id = self.stages["proposal"]
        self.assertNotIn("S3-", str(refusal.exception))
        self._supply(deal, "development")
        with self.assertHeld(deal, "S2-O1") as refusal:
            deal.stage_id = self.stages["proposal"]
        self.assertNotIn("S1-", str(refusal.exception))
        self._supply(deal, "initiation")
        deal.stage_id = self.stages["proposal"]
        self.assertEqual(self._history(deal, "phase_code", "reason", "gate_result")[-1], ("proposal", "skip", "pass"))

    def test_an_advisory_point_holds_nobody(self):
        deal = self._deal(name="Advised")
        self._supply(deal, "development")
        self.assertEqual(self._state(deal, "S1-O3"), "fail")
        deal.stage_id = self.stages["initiation"]
        self.assertEqual(deal.kams_phase_id, self.phases["initiation"])

    def test_two_steps_in_one_transaction_ask_for_both_phases(self):
        deal = self._deal(name="Two steps")
        self._supply(deal, "development")
        self._settle()
        with self.assertHeld(deal, "S2-O1"):
            deal.stage_id = self.stages["initiation"]
            deal.stage_id = self.stages["proposal"]

    def test_won_on_evidence_is_won(self):
        deal = self._deal()
        self._advance(deal, "negotiation")
        self._supply(deal, "negotiation")
        deal.with_user(self.salesperson).action_set_won()
        self._settle()
        self.assertEqual((deal.won_status, deal.kams_phase_id), ("won", self.phases["delivery"]))
        self.assertEqual(self._history(deal, "status", "reason", "gate_result")[-1], ("won", "won", "pass"))

    def test_a_plain_deal_goes_where_it_likes_and_leaves_no_trace(self):
        plain = self._deal(team_id=self.plain_team.id, user_id=self.trader.id).with_user(self.trader)
        plain.stage_id = self.stages["negotiation"]
        plain.action_set_won()
        self._settle()
        self.assertEqual(plain.won_status, "won")
        self.assertFalse(plain.kams_check_ids | plain.sudo().kams_check_ids)
        self.assertFalse(self._history(plain, "id"))

    # WAIVERS
    def _waive(self, deal, *codes, days=7):
        self._settle()
        checks = deal.kams_check_ids.filtered(lambda check: check.point_id.code in codes)
        checks.with_user(self.director).waive(
            "The chairman vouches for this one", fields.Date.today() + timedelta(days=days)
        )
        return checks

    def test_a_waiver_lets_the_deal_pass_and_the_history_says_so(self):
        deal = self._deal(name="Waived")
        self._name_customer(deal)
        self._waive(deal, "S1-O2")
        deal.with_user(self.salesperson).stage_id = self.stages["initiation"]
        phase, reason, result, note = self._history(deal, "phase_code", "reason", "gate_result", "gate_note")[-1]
        self.assertEqual((phase, reason, result), ("initiation", "waived", "waived"))
        for word in ("S1-O2", "The chairman vouches for this one", "kams_director"):
            self.assertIn(word, note)

    def test_a_waiver_of_one_point_does_not_cover_another(self):
        deal = self._deal(name="Half waived")
        self._waive(deal, "S1-O1")
        with self.assertHeld(deal, "S1-O2") as refusal:
            deal.stage_id = self.stages["initiation"]
        self.assertNotIn("S1-O1", str(refusal.exception))

    def test_a_waiver_that_ran_out_does_not_pass_even_before_the_cron_looks(self):
        deal = self._deal(name="Too late")
        self._name_customer(deal)
        check = self._waive(deal, "S1-O2")
        self.env.flush_all()
        self.cr.execute(
            "UPDATE kams_control_check SET waiver_expiry = %s WHERE id = %s",
            [fields.Date.today() - timedelta(days=1), check.id],
        )
        self.env.invalidate_all()
        with self.assertHeld(deal, "Too late", "S1-O2"):
            deal.stage_id = self.stages["initiation"]

    def test_a_waiver_holds_on_its_last_day(self):
        deal = self._deal(name="Just in time")
        self._name_customer(deal)
        self._waive(deal, "S1-O2", days=0)
        deal.stage_id = self.stages["initiation"]
        self.assertEqual(deal.kams_phase_id, self.phases["initiation"])

    # IMPORT OF PAST DEALS
    def _importer(self):
        return self._person("kams_importer", "sales_team.group_sale_salesman,kams_sales.group_import_history")

    def test_the_import_history_right_brings_deals_in_where_they_stand_and_marks_them(self):
        importer = self._importer()
        self.team.member_ids |= importer
        result = (
            self.env["crm.lead"]
            .with_user(importer)
            .load(
                ["name", "type", "team_id/.id", "stage_id/.id", "kams_imported"],
                [["From the old system", "opportunity", str(self.team.id), str(self.stages["negotiation"].id), "1"]],
            )
        )
        self.assertFalse(result["messages"])
        deal = self.env["crm.lead"].browse(result["ids"])
        self._settle()
        self.assertEqual((deal.kams_phase_id, deal.kams_imported), (self.phases["negotiation"], True))
        self.assertEqual(
            self._history(deal, "phase_code", "reason", "gate_result"), [("negotiation", "imported", "exempt")]
        )
        with self.assertHeld(deal, "S5-O1"):
            deal.with_user(importer).stage_id = self.stages["delivery"]

    def test_the_mark_of_an_imported_deal_stays(self):
        importer = self._importer()
        deal = (
            self.env["crm.lead"]
            .with_user(importer)
            .create(
                {
                    "name": "Marked",
                    "type": "opportunity",
                    "team_id": self.team.id,
                    "kams_imported": True,
                    "stage_id": self.stages["proposal"].id,
                    "user_id": importer.id,
                }
            )
        )
        self._settle()
        for user in (importer, self.director, self.env.ref("base.user_root")):
            with self.subTest(user=user.login), self.assertHeld(deal, error=UserError):
                deal.with_user(user).kams_imported = False
        self.assertFalse(deal.copy().kams_imported)

    def test_an_ordinary_deal_is_never_marked_afterwards(self):
        deal = self._deal()
        self._settle()
        for user in (self._importer(), self.director, self.env.ref("base.user_root")):
            with self.subTest(user=user.login), self.assertHeld(deal, error=UserError):
                deal.with_user(user).sudo().write({"kams_imported": True, "stage_id": self.stages["negotiation"].id})

    def test_without_the_right_nobody_imports_past_deals(self):
        deal = self._deal()
        vals = {
            "name": "Smuggled",
            "type": "opportunity",
            "team_id": self.team.id,
            "stage_id": self.stages["negotiation"].id,
        }
        for user in (self.salesperson, self.manager, self.sales_admin):
            leads = self.env["crm.lead"].with_user(user)
            with self.subTest(user=user.login, way="create"), self.assertHeld(deal, error=AccessError):
                leads.create({**vals, "kams_imported": True})
            with self.subTest(user=user.login, way="default"), self.assertHeld(deal, error=AccessError):
                leads.with_context(default_kams_imported=True).create(vals)
            before = self._picture(deal)
            result = leads.load(
                ["name", "type", "team_id/.id", "stage_id/.id", "kams_imported"],
                [["Smuggled", "opportunity", str(self.team.id), str(self.stages["negotiation"].id), "1"]],
            )
            self.assertFalse(result["ids"])
            self.assertTrue(result["messages"])
            self.assertEqual(self._picture(deal), before)

    # BAD INPUT ON A DEAL
    def test_an_unknown_procurement_mode_is_refused_in_words(self):
        deal = self._deal(name="Barter trade")
        with self.assertHeld(deal, "barter", "Open tender"):
            deal.with_user(self.salesperson).kams_procurement_mode = "barter"


class Refused(Exception):
    """The server said no. ``args[0]``: the error's data."""


@tagged("post_install", "-at_install")
class TestGateOverHttp(GateCase, HttpCase):
    """From outside: JSON-RPC as the browser speaks it, and JSON-2 with an API key."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(name="Lacking everything")
        cls._settle()

    def _call(self, model, method, args, **kwargs):
        """What the server answers the browser: the result, or a refusal with its message."""
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}", json={"jsonrpc": "2.0", "method": "call", "params": params}
        ).json()
        if "error" in answer:
            raise Refused(answer["error"]["data"])
        return answer["result"]

    @contextmanager
    def assertRpcHeld(self, *words, name="odoo.exceptions.ValidationError"):
        self._settle()
        before = self._picture(self.deal)
        with self.assertRaises(Refused) as refusal, mute_logger("odoo.http", "odoo.sql_db"):
            yield refusal
        self.assertEqual(self._picture(self.deal), before)
        data = refusal.exception.args[0]
        self.assertEqual(data["name"], name, data["message"])
        for word in words:
            self.assertIn(word, data["message"])

    def test_json_rpc_is_held(self):
        self.authenticate("kams_sales_user", "kams_sales_user")
        late = self.stages["negotiation"].id
        vals = {"name": "Born late", "type": "opportunity", "team_id": self.team.id}
        with self.assertRpcHeld("Lacking everything", "S1-O1"):
            self._call("crm.lead", "write", [self.deal.ids, {"stage_id": late}])
        with self.assertRpcHeld("Lacking everything", "S1-O1"):
            self._call("crm.lead", "web_save", [self.deal.ids, {"stage_id": late}], specification={"stage_id": {}})
        with self.assertRpcHeld("Born late", "S1-O1"):
            self._call("crm.lead", "create", [[{**vals, "stage_id": late}]])
        with self.assertRpcHeld("S1-O1"):
            self._call("crm.lead", "action_set_won_rainbowman", [self.deal.ids])
        with self.assertRpcHeld("S1-O1"):
            self._call("crm.lead", "copy", [self.deal.ids, {"stage_id": late}])

    def test_a_forged_context_opens_nothing(self):
        self.authenticate("kams_sales_user", "kams_sales_user")
        late = self.stages["negotiation"].id
        vals = {"name": "Born late", "type": "opportunity", "team_id": self.team.id, "stage_id": late}
        for value in (True, "ADOPT", "LEAVE", 1, ["ADOPT"], {"note": "adopt"}):
            forged = {"kams_pass": value, "kams_merged_into": value}
            with self.subTest(value=value), self.assertRpcHeld("S1-O1"):
                self._call("crm.lead", "write", [self.deal.ids, {"stage_id": late}], context=forged)
            with self.subTest(value=value), self.assertRpcHeld("Leave KAMS"):
                self._call("crm.lead", "write", [self.deal.ids, {"kams_process_id": False}], context=forged)
            with self.subTest(value=value), self.assertRpcHeld("S1-O1"):
                self._call("crm.lead", "create", [[vals]], context=forged)
        with self.assertRpcHeld("S1-O1"):
            self._call("crm.lead", "create", [[vals]], context={"default_kams_process_id": False})
        for context in ({}, {"install_mode": True, "import_file": True, "module": "kams_sales"}):
            with self.assertRpcHeld("right", name="odoo.exceptions.AccessError"):
                self._call("crm.lead", "create", [[vals]], context={"default_kams_imported": True, **context})

    def test_a_forged_merge_context_does_not_call_a_deleted_deal_merged(self):
        self.authenticate("kams_sales_admin", "kams_sales_admin")
        deal_id = self.deal.id
        self._call("crm.lead", "unlink", [[deal_id]], context={"kams_merged_into": "Another deal"})
        self._settle()
        self.assertEqual(
            self._history(self.env["crm.lead"].browse(deal_id), "status", "reason")[-1], ("deleted", "deleted")
        )

    def test_private_methods_of_the_engine_cannot_be_called(self):
        self.authenticate("kams_director", "kams_director")
        for model, method, args in (
            ("crm.lead", "_write", [self.deal.ids, {"stage_id": self.stages["delivery"].id}]),
            ("crm.lead", "_kams_leave", [self.deal.ids]),
            ("crm.lead", "_merge_opportunity", [self.deal.ids]),
            ("kams.control.check", "_store", [[]]),
            ("kams.deal.history", "_record", [self.deal.ids]),
            ("kams.deal.history", "init", [[]]),
            ("crm.lead", "modified", [self.deal.ids, ["stage_id"]]),
        ):
            with self.subTest(method=method), self.assertRpcHeld("rivate", name="odoo.exceptions.AccessError"):
                self._call(model, method, args)

    def test_an_unknown_procurement_mode_is_a_clear_message_over_json_rpc(self):
        self.authenticate("kams_sales_user", "kams_sales_user")
        for method, args in (
            ("write", [self.deal.ids, {"kams_procurement_mode": "barter"}]),
            (
                "create",
                [[{"name": "Swap", "type": "opportunity", "team_id": self.team.id, "kams_procurement_mode": "barter"}]],
            ),
        ):
            with self.subTest(method=method), self.assertRpcHeld("barter", "Open tender"):
                self._call("crm.lead", method, args)

    def _json2(self, user, model, method, **body):
        key = (
            self.env["res.users.apikeys"]
            .with_user(user)
            ._generate(scope="rpc", name="test", expiration_date=datetime.now() + timedelta(hours=6))
        )
        self.env.flush_all()
        with mute_logger("odoo.http", "odoo.sql_db"):
            return self.url_open(
                f"/json/2/{model}/{method}",
                data=json.dumps(body),
                headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            )

    def test_json_2_is_held(self):
        self._settle()
        before = self._picture(self.deal)
        late = self.stages["negotiation"].id
        answer = self._json2(self.salesperson, "crm.lead", "write", ids=self.deal.ids, vals={"stage_id": late})
        self.assertEqual(answer.status_code, 422, answer.text)
        for word in ("Lacking everything", "S1-O1"):
            self.assertIn(word, answer.json()["message"])
        answer = self._json2(
            self.salesperson,
            "crm.lead",
            "create",
            vals_list=[{"name": "Born late", "type": "opportunity", "team_id": self.team.id, "stage_id": late}],
            context={"kams_pass": True, "default_kams_process_id": False},
        )
        self.assertEqual(answer.status_code, 422, answer.text)
        self.assertIn("Born late", answer.json()["message"])
        self.assertEqual(self._picture(self.deal), before)

    def test_json_2_moves_a_deal_that_lacks_nothing(self):
        self._supply(self.deal, "development")
        self._settle()
        answer = self._json2(
            self.salesperson, "crm.lead", "write", ids=self.deal.ids, vals={"stage_id": self.stages["initiation"].id}
        )
        self.assertEqual(answer.status_code, 200, answer.text)
        self.env.invalidate_all()
        self.assertEqual(self.deal.kams_phase_id, self.phases["initiation"])
