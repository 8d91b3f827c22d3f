import hashlib
from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .test_contract import ContractCase


@tagged("post_install", "-at_install")
class TestContractSigning(ContractCase):
    """Control point S5-6: the reviewed text, signed and sealed by people who may, in time, and kept."""

    # WHAT IT TAKES
    def test_one_message_says_all_that_is_missing(self):
        self._approved()
        with self.assertRaises(UserError) as refused:
            self.contract.action_sign()
        for words in ("compared", "signs for: Our Side", "signs for: Customer's Side", "day of the", "copy", "sealed"):
            self.assertIn(words, str(refused.exception))
        self.assertEqual(self.contract.state, "approved")
        self.assertEqual(len(self.contract.still_missing.splitlines()), 6)

    def test_a_signed_contract_keeps_its_files_with_checksum(self):
        self._signed()
        self.assertEqual((self.contract.state, self.contract.signature_state), ("signed", "authorised"))
        checksum = hashlib.sha256(b"Sealed").hexdigest()
        self.assertEqual(self.contract.signed_hash, f"{checksum}  Signed.pdf")
        self.assertEqual(self.contract.action_verify_signed()["params"]["type"], "success")
        self.contract.signed_file_ids.sudo().raw = b"Forged"
        self.assertEqual(self.contract.action_verify_signed()["params"]["type"], "danger")

    def test_a_draft_or_one_under_review_is_not_signed(self):
        with self.assertRaisesRegex(UserError, "cannot go from"):
            self.contract.action_sign()
        self.contract._engine().write({"state": "review"})
        with self.assertRaisesRegex(UserError, "cannot go from"):
            self.contract.action_sign()

    def test_the_day_of_the_signature_is_none_to_come_nor_before_the_award(self):
        self._ready(day=fields.Date.context_today(self.contract) + timedelta(days=1))
        with self.assertRaisesRegex(UserError, "still to come"):
            self.contract.action_sign()
        tender = self._won_tender()
        contract = self._ready(self._compared_with_bid(tender), day="2026-04-01")
        with self.assertRaisesRegex(UserError, "before the award notice"):
            contract.action_sign()

    def test_a_negotiation_without_agreement_comes_first(self):
        negotiation = self.env["kams.negotiation"].create({"lead_id": self.deal.id})
        self.contract.negotiation_id = negotiation
        self._ready()
        with self.assertRaisesRegex(UserError, "agreement"):
            self.contract.action_sign()

    def test_the_negotiation_goes_with_its_contract(self):
        negotiation = self.env["kams.negotiation"].create({"lead_id": self.deal.id})
        self.contract.negotiation_id = negotiation
        for state in ("approved", "negotiating", "agreed"):
            negotiation._engine().write({"state": state})
        self._approved()
        self.assertEqual(negotiation.state, "contract_review")
        self.contract.action_reopen()
        self.assertEqual(negotiation.state, "agreed")
        self._signed()
        self.assertEqual(negotiation.state, "signed")
        self.contract.terminated_why = "They went bankrupt"
        self.contract.action_terminate()
        self.assertEqual(negotiation.state, "agreed")

    # THE TEXT
    def test_another_text_than_the_reviewed_one_is_not_signed(self):
        self._ready()
        as_shown = self.contract.with_context(bin_size=True)  # forms ask for files by their size alone
        self.assertFalse(as_shown.text_warning or as_shown.still_missing)
        self.contract.text_file_ids = self._file("Other.pdf", b"Another text")
        self.assertFalse(self.contract.compared_at, "What was compared is no longer there.")
        self.assertIn("isn't the one that was reviewed", self.contract.still_missing)
        with self.assertRaisesRegex(UserError, "isn't the one that was reviewed"):
            self.contract.action_compare_text()
        with self.assertRaisesRegex(UserError, "isn't the one that was reviewed"):
            self.contract.action_sign()

    def test_who_compared_is_kept_and_nobody_writes_it(self):
        self._approved()
        self.contract.with_user(self.lawyer).action_compare_text()
        self.assertEqual(self.contract.compared_by_id, self.lawyer)
        for name, value in (
            ("compared_at", fields.Datetime.now()),
            ("compared_by_id", self.salesperson.id),
            ("reviewed_hash", "x"),
            ("signed_hash", "x"),
            ("signed_by_id", self.salesperson.id),
        ):
            with self.subTest(field=name), self.assertRaisesRegex(UserError, "buttons"):
                self.contract.with_user(self.salesperson).write({name: value})
        forged = self._contract(compared_at=fields.Datetime.now(), reviewed_hash="x", signed_hash="x")
        self.assertEqual((forged.compared_at, forged.reviewed_hash, forged.signed_hash), (False, False, False))

    def test_it_is_compared_between_approval_and_signature(self):
        with self.assertRaisesRegex(UserError, "between the approval"):
            self.contract.action_compare_text()
        self._signed()
        with self.assertRaisesRegex(UserError, "between the approval"):
            self.contract.action_compare_text()

    # WHO MAY SIGN
    def test_an_authority_ends_on_its_day_and_at_its_limit(self):
        self._ready(day="2026-05-08")
        ours = self.contract.party_ids.filtered(lambda party: party.side == "us")
        cases = (
            ({"authority_until": "2026-05-08", "authority_limit": 6_900_000}, "missing"),
            ({"authority_until": "2026-05-07"}, "unauthorised"),
            ({"authority_limit": 6_899_999.99}, "unauthorised"),
            ({"authority_kind": False}, "unauthorised"),
            ({"signatory": False}, "unauthorised"),
            ({"authority_kind": "power_of_attorney"}, "unauthorised"),
            ({"authority_kind": "power_of_attorney", "attachment_ids": self._file("Power.pdf").ids}, "missing"),
            ({}, "missing"),
        )
        for vals, expected in cases:
            with self.subTest(vals=vals):
                ours.write(
                    {
                        "signatory": "Li Na",
                        "authority_kind": "legal_representative",
                        "authority_until": False,
                        "authority_limit": None,
                        "attachment_ids": [Command.clear()],
                        **vals,
                    }
                )
                self.assertEqual(self.contract.signature_state, expected)
                if expected == "unauthorised":
                    with self.assertRaises(UserError):
                        self.contract.action_sign()
        self.contract.action_sign()
        self.assertEqual(self.contract.signature_state, "authorised")

    def test_a_further_side_need_not_sign(self):
        self._ready()
        self.contract.party_ids = [Command.create({"side": "other", "partner_id": self.customer.id})]
        self.contract.action_sign()
        self.assertEqual(self.contract.signature_state, "authorised")

    def test_parties_take_the_names_from_contract_company_and_user(self):
        party = self.env["kams.contract.party"].create({"contract_id": self.contract.id, "side": "customer"})
        self.assertEqual(party.partner_id, self.customer)
        ours = party.create({"contract_id": self.contract.id, "side": "us", "user_id": self.director.id})
        self.assertEqual((ours.partner_id, ours.signatory), (self.env.company.partner_id, self.director.name))

    # IN TIME
    def _compared_with_bid(self, tender, **vals):
        contract = self._contract(
            tender_id=tender.id, subject_text="A boiler", quality_text="GB 1", delivery_text="90 days", **vals
        )
        for line in contract.consistency_ids.filtered(lambda one: one.aspect != "price"):
            line.bid_value = line.contract_value
        return contract

    def test_l11_award_notice_2026_04_10_sign_by_2026_05_10(self):
        """A Sunday: the earlier day is named, and the period may end on Monday (民法典 203)."""
        tender = self._won_tender(award_notice_at="2026-04-10")
        for day, state in (("2026-05-10", "authorised"), ("2026-05-11", "authorised"), ("2026-05-12", "late")):
            with self.subTest(day=day):
                contract = self._compared_with_bid(tender)
                self.assertEqual(contract.contract_due, date(2026, 5, 10))
                self._signed(contract, day=day)
                self.assertEqual(contract.signature_state, state)
                self.assertEqual(tender.contract_signed_at, fields.Date.to_date(day))

    def test_without_a_tender_there_is_no_last_day(self):
        self._signed(day="2026-05-12")
        self.assertFalse(self.contract.contract_due)
        self.assertEqual(self.contract.signature_state, "authorised")

    # WHAT STAYS
    def test_what_was_signed_stays_on_every_route(self):
        self._signed()
        contract = self.contract.with_user(self.salesperson)
        file, party = contract.signed_file_ids, contract.party_ids[0]
        changes = (
            *(("amount_total", 5.0), ("signed_at", "2026-05-01"), ("sealed", False), ("subject_text", "x")),
            *(("text_file_ids", [Command.clear()]), ("signed_file_ids", [Command.clear()]), ("tender_id", False)),
            *(("party_ids", [Command.clear()]), ("planned_cost", 1.0), ("partner_id", False), ("state", "draft")),
            *(("warranty_months", 1.0), ("name", "x"), ("number", "x"), ("currency_id", self.env.ref("base.EUR").id)),
        )
        for name, value in changes:
            with self.subTest(field=name), self.assertRaises(UserError):
                contract.write({name: value})
        for what in (
            lambda: party.write({"signatory": "x"}),
            party.unlink,
            lambda: party.create({"contract_id": contract.id, "side": "other"}),
            lambda: file.with_user(self.salesperson).write({"raw": b"x"}),
            file.with_user(self.salesperson).unlink,
            file.sudo().unlink,
            contract.unlink,
        ):
            with self.assertRaises(UserError):
                what()
        imported = self.env["kams.contract"].load([".id", "amount_total"], [[str(contract.id), "5"]])
        self.assertTrue(imported["messages"])
        self.assertEqual(contract.amount_total, 6_900_000)
        contract.order_id = self._quotation(self.deal)  # by which it is carried out, comes after it

    # WHAT COMES OF IT
    def test_effective_is_won_through_the_gate(self):
        self._advance(self.deal, "negotiation")
        self.deal.kams_procurement_mode = "direct"
        self._signed()
        with self.assertRaisesRegex(ValidationError, "cannot move on yet") as refused:
            self.contract.with_user(self.lawyer).action_effective()
        self.assertIn("Missing", str(refused.exception))
        self.env.invalidate_all()
        self._supply(self.deal, "negotiation")
        self._settle()
        self.contract.with_user(self.lawyer).action_effective()
        self._settle()
        self.assertEqual(self.contract.state, "effective")
        self.assertEqual(self.contract.effective_at, fields.Date.context_today(self.contract))
        self.assertEqual((self.deal.kams_phase_id.code, self.deal.stage_id.is_won), ("delivery", True))

    def test_a_refused_gate_leaves_the_contract_signed(self):
        self._signed()
        try:
            with self.env.cr.savepoint():
                self.contract.action_effective()
        except ValidationError:
            pass
        self.env.invalidate_all()
        self.assertEqual(self.contract.state, "signed")
        self.assertNotEqual(self.deal.kams_phase_id.code, "delivery")

    def test_a_second_contract_of_a_won_deal_just_takes_effect(self):
        self._advance(self.deal, "negotiation")
        self.deal.kams_procurement_mode = "direct"
        self._supply(self.deal, "negotiation")
        second = self._contract()
        for contract in (self.contract, second):
            self._signed(contract)
            contract.action_effective()
            self._settle()
            self.assertEqual(contract.state, "effective")
        second.action_close()
        self.assertEqual(second.state, "closed")
        self.assertTrue(second.closed_at)

    def test_it_takes_effect_neither_before_its_signature_nor_before_its_day(self):
        self._signed(day="2026-05-08")
        self.contract.effective_at = "2026-05-07"
        with self.assertRaisesRegex(UserError, "before it is signed"):
            self.contract.action_effective()
        self.contract.effective_at = fields.Date.context_today(self.contract) + timedelta(days=3)
        with self.assertRaisesRegex(UserError, "still to come"):
            self.contract.action_effective()

    def test_who_only_reads_it_takes_it_nowhere(self):
        self._ready()
        for name in ("action_sign", "action_compare_text", "action_reopen", "action_terminate", "action_effective"):
            with self.subTest(action=name), self.assertRaises(AccessError):
                getattr(self.contract.with_user(self.accountant), name)()
