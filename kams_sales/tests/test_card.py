import json
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import KamsCase

CARD = {"name": {}, "kams_card": {}}


@tagged("post_install", "-at_install")
class TestCard(KamsCase):
    """What a card says is kept ready; it must never say anything else than checks and history do."""

    def _by_hand(self, deal):
        """The card as one would write it, point by point."""
        deal.invalidate_recordset()
        checks = deal.kams_check_ids.filtered(
            lambda check: check.phase_id == deal.kams_phase_id and check.level == "mandatory" and check.state != "na"
        ).sorted(lambda check: (check.point_id.sequence, check.point_id.id))
        missing = checks.filtered(lambda check: check.state not in ("pass", "waived"))[:1].point_id
        since = deal.kams_history_ids.filtered(lambda row: not row.valid_to).phase_since
        return {
            "done": len(checks.filtered(lambda check: check.state in ("pass", "waived"))),
            "total": len(checks),
            "missing": missing.code or None,
            "since": since.strftime("%Y-%m-%dT%H:%M:%S"),
            "standard": deal.kams_phase_id.standard_days,
            "stagnant": self._stagnant_after(deal),
            "bid": None,  # test_tender_milestone.py
        }

    def _stagnant_after(self, deal):
        """What won deals usually took, as last night found it, times 1.5 (C09); else what the process allows."""
        run = self.env["kams.reminder.run"].search([], limit=1)
        usual = (run.usual_days or {}).get(f"{deal.company_id.id or 0}/{deal.kams_phase_id.code}")
        return usual * 1.5 if usual else deal.kams_phase_id.standard_days * deal.kams_phase_id.stagnation_factor

    def assertCardTrue(self, deal):
        self._settle()
        card = json.loads(deal.kams_card)
        card["missing"] = card["missing"] and card["missing"]["code"]
        self.assertEqual(card, self._by_hand(deal))

    def test_a_card_follows_every_step_of_a_deal(self):
        deal = self._deal()
        self.assertCardTrue(deal)
        self.assertEqual(json.loads(deal.kams_card)["done"], 0)
        for code in ("development", "initiation", "proposal"):
            self._supply(deal, code)
            self.assertCardTrue(deal)
            self.assertIsNone(json.loads(deal.kams_card)["missing"])
            self._advance(deal, {"development": "initiation", "initiation": "proposal"}.get(code, "tendering"))
            self.assertCardTrue(deal)
        deal.stage_id = self.stages["development"]  # back is always allowed
        self.assertCardTrue(deal)
        deal.calendar_event_ids.unlink()
        self.assertCardTrue(deal)
        self.assertEqual(json.loads(deal.kams_card)["missing"]["name"]["en_US"], self._first_missing(deal).name)

    def _first_missing(self, deal):
        return deal.kams_missing_point_id.with_context(lang="en_US")

    def test_a_waiver_given_and_run_out_shows_on_the_card(self):
        deal = self._deal(partner_id=self.customer.id)
        self._known_account(self.customer)
        self._settle()
        check = deal.kams_check_ids.filtered(lambda check: check.point_id == deal.kams_missing_point_id)
        check.with_user(self.director).waive("The meeting was by phone", fields.Date.today() + timedelta(days=3))
        self.assertCardTrue(deal)
        self.assertIsNone(json.loads(deal.kams_card)["missing"])
        self.cr.execute("UPDATE kams_control_check SET waiver_expiry = '2020-01-01' WHERE id = %s", (check.id,))
        self.env.invalidate_all()
        self._run_cron("kams.control.check", "_cron_refresh_dynamic")
        self.assertCardTrue(deal)
        self.assertEqual(json.loads(deal.kams_card)["missing"]["code"], check.point_id.code)

    def test_dragging_a_card_answers_with_the_card_as_it_is_now(self):
        deal = self._deal()
        self._supply(deal, "development")
        self._settle()
        (values,) = deal.with_user(self.salesperson).web_save({"stage_id": self.stages["initiation"].id}, CARD)
        self.assertEqual(values["kams_card"], deal.kams_card)
        self.assertCardTrue(deal)
        (values,) = deal.web_save({"expected_revenue": 5000.0}, CARD)
        answered = json.loads(values["kams_card"])
        self.assertCardTrue(deal)
        self.assertEqual(answered, json.loads(deal.kams_card))

    def test_nobody_writes_a_card(self):
        deal = self._deal(kams_card="{}")
        self._settle()
        said = deal.kams_card
        deal.write({"kams_card": '{"done": 9}', "description": "x"})
        self.assertEqual(deal.kams_card, said)
        self.assertCardTrue(deal)

    def test_a_deal_that_leaves_has_no_card_and_a_plain_one_never_had(self):
        deal = self._deal()
        plain = self.env["crm.lead"].create({"name": "Plain", "team_id": False, "user_id": False})
        self._settle()
        self.assertFalse(plain.kams_card)
        deal.with_user(self.director).action_kams_leave()
        self._settle()
        self.assertFalse(deal.kams_card)
        deal.with_user(self.director).action_kams_join()
        self.assertCardTrue(deal)

    def test_the_nightly_job_mends_a_card(self):
        deal = self._deal()
        self._settle()
        self.cr.execute("UPDATE kams_deal_card SET says = '{}' WHERE lead_id = %s", (deal.id,))
        self.env.invalidate_all()
        self._run_cron("crm.lead", "_cron_kams_verify")
        self.assertCardTrue(deal)
