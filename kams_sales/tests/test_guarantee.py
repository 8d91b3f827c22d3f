import random
from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..tools import guarantee as arithmetic
from .common import KamsCase


class GuaranteeCase(KamsCase):
    """A tender that demands a bid bond of 160,000 until its deadline on 25 March 2026, 08:00 UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.tender = cls._tender()
        cls.today = fields.Date.today()

    @classmethod
    def _tender(cls, **vals):
        return cls.env["kams.tender"].create(
            {
                "lead_id": cls.deal.id,
                "name": "Boiler retrofit",
                "legal_regime": "bidding_law",
                "mode": "tender_open",
                "is_mandatory": False,
                "estimate": 8_000_000.0,
                "issued_at": "2026-03-02",
                "bid_deadline": "2026-03-25 08:00:00",
                "bid_validity_days": 90,
                "bond_required": True,
                "bond_amount": 160_000.0,
                "bond_form": "transfer",
                **vals,
            }
        )

    @classmethod
    def _guarantee(cls, paid=None, **vals):
        guarantee = cls.env["kams.guarantee"].create({"lead_id": cls.deal.id, "tender_id": cls.tender.id, **vals})
        if paid:
            guarantee.write({"paid_at": paid})
            guarantee.action_paid()
        return guarantee


@tagged("post_install", "-at_install")
class TestBondState(GuaranteeCase):
    """Whether a tender's bid bond holds (control point S4-4)."""

    def test_a_bond_that_nobody_demands_is_not_required(self):
        self.tender.bond_required = False
        self.assertEqual(self.tender.bond_state, "not_required")

    def test_it_is_missing_until_it_is_paid(self):
        self.assertEqual(self.tender.bond_state, "missing")
        guarantee = self._guarantee()
        self.assertEqual(guarantee.required_amount, 160_000.0)
        self.assertEqual(self.tender.bond_state, "missing")
        guarantee.paid_at = "2026-03-20"
        guarantee.action_paid()
        self.assertEqual(guarantee.amount, 160_000.0)
        self.assertEqual(self.tender.bond_state, "valid")

    def test_two_payments_may_make_up_the_amount(self):
        self._guarantee("2026-03-20", amount=100_000.0)
        self.assertEqual(self.tender.bond_state, "short")
        self._guarantee("2026-03-21", amount=60_000.0)
        self.assertEqual(self.tender.bond_state, "valid")

    def test_the_day_counts_where_the_tender_is_held(self):
        self.tender.bond_deadline = "2026-03-20 16:30:00"  # half past midnight on the 21st in Shanghai
        self._guarantee("2026-03-21")
        self.assertEqual(self.tender.bond_state, "valid")
        self.tender.bond_deadline = "2026-03-20 15:59:00"
        self.assertEqual(self.tender.bond_state, "late")

    def test_a_letter_lasts_as_long_as_the_bid(self):
        self.assertEqual(self.tender.bid_valid_until, date(2026, 6, 23))
        letter = self._guarantee("2026-03-20", form="guarantee", date_expiry="2026-06-22")
        self.assertEqual(self.tender.bond_state, "expires")
        letter.date_expiry = "2026-06-23"
        self.assertEqual(self.tender.bond_state, "valid")
        letter.date_expiry = False
        self.assertEqual(self.tender.bond_state, "expires", "a letter without an end can't be shown to last")

    def test_a_bond_of_unknown_amount_is_never_enough(self):
        tender = self._tender(name="Another", bond_amount=None)
        self._guarantee("2026-03-20", tender_id=tender.id, amount=1.0)
        self.assertEqual(tender.bond_state, "short")

    def test_two_lots_have_their_own_bonds(self):
        other = self._tender(name="Boiler retrofit", lot="Lot 2")
        self._guarantee("2026-03-20", tender_id=other.id)
        self.assertEqual((self.tender.bond_state, other.bond_state), ("missing", "valid"))

    def test_another_currency_counts_at_the_rate_of_its_day(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create({"currency_id": euro.id, "name": "2026-03-01", "rate": 0.5})
        self._guarantee("2026-03-20", amount=79_999.0, currency_id=euro.id)
        self.assertEqual(self.tender.bond_state, "short")
        self._guarantee("2026-03-20", amount=1.0, currency_id=euro.id)
        self.assertEqual(self.tender.bond_state, "valid")

    def test_a_bond_that_came_back_before_the_bids_were_due_does_not_count(self):
        guarantee = self._guarantee("2026-03-20", returned_at="2026-03-23")
        guarantee.action_returned()
        self.assertEqual(self.tender.bond_state, "missing")
        guarantee.action_reopen()
        self.assertEqual(self.tender.bond_state, "valid")

    def test_the_order_of_bonds_does_not_matter_and_more_never_hurts(self):
        chance = random.Random(5)
        start = date(2026, 3, 1)
        order = ["missing", "short", "late", "expires", "valid"]
        for _round in range(300):
            bonds = [
                arithmetic.Bond(
                    chance.randint(1, 100),
                    start + timedelta(days=chance.randint(0, 30)),
                    chance.choice([None, start + timedelta(days=chance.randint(60, 120))]),
                    chance.random() < 0.5,
                )
                for _number in range(chance.randint(0, 4))
            ]
            terms = 120, start + timedelta(days=20), start + timedelta(days=90)
            state = arithmetic.bond_state(*terms, bonds)
            self.assertEqual(arithmetic.bond_state(*terms, chance.sample(bonds, len(bonds))), state)
            more = [*bonds, arithmetic.Bond(50, start, None, False)]
            self.assertGreaterEqual(order.index(arithmetic.bond_state(*terms, more)), order.index(state))


@tagged("post_install", "-at_install")
class TestGuarantee(GuaranteeCase):
    """What was put up stays in the ledger until it is back or lost (6.3)."""

    def test_it_says_how_much_and_when_before_it_counts_as_paid(self):
        guarantee = self._guarantee(kind="quality")
        with self.assertRaises(UserError):
            guarantee.action_paid()
        guarantee.write({"amount": 9.0, "form": "transfer"})
        guarantee.action_paid()
        self.assertEqual((guarantee.paid_at, guarantee.outstanding), (self.today, 9.0))

    def test_days_run_forward(self):
        guarantee = self._guarantee("2026-03-20")
        for vals in ({"returned_at": "2026-03-19"}, {"returned_at": self.today + timedelta(days=1)}):
            with self.subTest(vals=vals), self.assertRaises(UserError), self.cr.savepoint():
                guarantee.write({"state": "returned", **vals})

    def test_what_is_over_stays_as_it_was(self):
        guarantee = self._guarantee("2026-03-20")
        guarantee.action_returned()
        self.assertEqual(guarantee.outstanding, 0.0)
        for vals in ({"amount": 1.0}, {"returned_at": False}, {"interest": 5.0}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                guarantee.write(vals)
        with self.assertRaises(UserError), mute_logger("odoo.models.unlink"):
            guarantee.unlink()
        guarantee.action_reopen()
        self.assertEqual((guarantee.state, guarantee.outstanding), ("paid", 160_000.0))

    def test_what_comes_back_in_two_parts_stays_in_the_ledger_until_the_last(self):
        guarantee = self._guarantee("2026-03-20", amount=160_000, reference="T-1")
        guarantee.returned_amount = 60_000
        guarantee.action_returned()
        rest = self.tender.guarantee_ids - guarantee
        self.assertEqual((guarantee.state, guarantee.amount, guarantee.outstanding), ("returned", 60_000, 0))
        self.assertEqual((rest.state, rest.amount, rest.outstanding), ("paid", 100_000, 100_000))
        self.assertEqual((rest.paid_at, rest.reference, rest.user_id), (guarantee.paid_at, "T-1", guarantee.user_id))
        self.assertEqual(self.tender.bond_state, "valid", "Both were there when it counted.")
        self.assertFalse(rest.findings)
        rest.action_returned()
        self.assertEqual(sum(self.tender.guarantee_ids.mapped("outstanding")), 0)
        self.assertEqual(len(self.tender.guarantee_ids), 2)

    def test_no_more_comes_back_than_was_put_up(self):
        guarantee = self._guarantee("2026-03-20", amount=160_000)
        for wrong in (160_000.01, 0.0):
            guarantee.returned_amount = wrong
            with self.assertRaisesRegex(UserError, "at most"), self.cr.savepoint():
                guarantee.action_returned()
        guarantee.returned_amount = 160_000
        guarantee.action_returned()
        self.assertEqual(self.tender.guarantee_ids, guarantee)

    def test_a_forfeit_says_why(self):
        guarantee = self._guarantee("2026-03-20")
        with self.assertRaises(UserError):
            guarantee.action_forfeited()
        guarantee.forfeit_reason = "We withdrew after the deadline"
        guarantee.action_forfeited()
        self.assertEqual((guarantee.state, guarantee.outstanding), ("forfeited", 0.0))

    def test_it_goes_with_a_merged_deal(self):
        guarantee = self._guarantee("2026-03-20")
        guarantee.action_returned()
        other = self._deal(name="Another", partner_id=self.customer.id)
        (other | self.deal)._merge_opportunity(user_id=False, team_id=False)
        kept = (other | self.deal).exists()
        self.assertEqual((guarantee.lead_id, guarantee.tender_id.lead_id), (kept, kept))

    def test_a_ledger_kept_elsewhere_comes_in_and_is_paid_at_once(self):
        columns = self.env["kams.guarantee"]._import_columns()
        names = [name for name, _example in columns]
        self.deal.name = "A ledger of its own"
        row = {**dict(columns), "lead_id": self.deal.name, "beneficiary_id": self.customer.name}
        rows = [[{**row, "reference": f"LG-{number}"}[name] for name in names] for number in range(3)]
        result = self.env["kams.guarantee"].load(names, rows)
        self.assertFalse([message for message in result["messages"] if message["type"] == "error"], result)
        found = self.env["kams.guarantee"].browse(result["ids"])
        found.action_paid()
        self.assertEqual(set(found.mapped("state")), {"paid"})
        self.assertEqual(str(found[0].paid_at), row["paid_at"])

    def test_it_outlives_its_tender(self):
        guarantee = self._guarantee("2026-03-20")
        self.tender.unlink()
        self.assertTrue(guarantee.exists())
        self.assertFalse(guarantee.tender_id)


@tagged("post_install", "-at_install")
class TestDueBack(GuaranteeCase):
    """When a bid bond has to come back, by which rule (L08)."""

    def _due(self, guarantee):
        return guarantee.due_back_rule, guarantee.due_back

    def test_five_days_after_the_contract_under_the_bidding_law(self):
        guarantee = self._guarantee("2026-03-20")
        self.assertEqual(self._due(guarantee), (False, False))
        self.tender.write({"result": "won", "award_notice_at": "2026-04-10"})
        # nobody knows of a contract: at the latest five days after 10 May, the last day to sign
        self.assertEqual(self._due(guarantee), ("contract_last", date(2026, 5, 15)))
        self.tender.contract_signed_at = "2026-04-22"
        self.assertEqual(self._due(guarantee), ("contract", date(2026, 4, 27)))
        self.assertIn("57", guarantee.due_back_source)

    def test_a_last_day_that_is_off_moves_on(self):
        guarantee = self._guarantee("2026-03-20")
        self.tender.write({"result": "lost", "contract_signed_at": "2026-04-20"})  # five days later is a Saturday
        self.assertEqual(guarantee.due_back, date(2026, 4, 27))
        holiday = self.env["kams.holiday"].create({"date": "2026-04-27", "name": "Company day"})
        self.assertEqual(guarantee.due_back, date(2026, 4, 28))
        holiday.unlink()
        self.assertEqual(guarantee.due_back, date(2026, 4, 27))

    def test_five_days_after_a_withdrawal_in_time(self):
        guarantee = self._guarantee("2026-03-18")
        guarantee.released_at = "2026-03-19"
        self.assertEqual(self._due(guarantee), ("withdrawn", date(2026, 3, 24)))
        self.assertIn("35", guarantee.due_back_source)

    def test_a_withdrawn_submission_says_the_day_by_itself(self):
        guarantee = self._guarantee("2026-03-18")
        bid = self.env["kams.proposal"].create({"lead_id": self.deal.id, "kind": "bid", "tender_id": self.tender.id})
        submission = self.env["kams.tender.submission"]._engine()
        submission = submission.create(
            {
                "lead_id": self.deal.id,
                "tender_id": self.tender.id,
                "proposal_id": bid.id,
                "submitted_at": "2026-03-18 02:00:00",
                "deadline_at": self.tender.bid_deadline,
                "user_id": self.env.uid,
            }
        )
        # one in the morning of the 20th in Shanghai
        submission.write({"state": "withdrawn", "withdrawn_at": "2026-03-19 17:00:00", "withdrawn_late": False})
        self.assertEqual(self._due(guarantee), (False, False), "it may be handed in again")
        self.tender.action_abandon()
        self.assertEqual(self._due(guarantee), ("withdrawn", date(2026, 3, 25)))

    def test_a_tender_that_is_called_off_gives_it_back_at_once(self):
        guarantee = self._guarantee("2026-03-20")
        self.tender.action_cancelled()
        self.assertIn("called off", guarantee.findings)
        guarantee.released_at = "2026-03-26"
        self.assertEqual(self._due(guarantee), ("cancelled", date(2026, 3, 26)))

    def test_five_working_days_after_the_notice_for_losers_of_a_government_purchase(self):
        tender = self._tender(name="Gov", legal_regime="gov_procurement")
        guarantee = self._guarantee("2026-03-20", tender_id=tender.id)
        tender.write({"result": "lost", "award_notice_at": "2026-04-10"})  # a Friday
        self.assertEqual(self._due(guarantee), ("notice", date(2026, 4, 17)))
        self.assertIn("33", guarantee.due_back_source)

    def test_five_working_days_after_the_contract_for_the_winner_of_a_government_purchase(self):
        tender = self._tender(name="Gov", legal_regime="gov_procurement")
        guarantee = self._guarantee("2026-03-20", tender_id=tender.id)
        tender.write({"result": "won", "award_notice_at": "2026-04-10", "contract_signed_at": "2026-04-29"})
        # 1 to 5 May are holidays, 9 May is worked
        self.assertEqual(self._due(guarantee), ("contract", date(2026, 5, 9)))

    def test_what_the_contract_names_goes_before_the_law(self):
        guarantee = self._guarantee("2026-03-20")
        self.tender.contract_signed_at = "2026-04-22"
        guarantee.due_back_agreed = "2026-05-30"
        self.assertEqual(self._due(guarantee), ("agreed", date(2026, 5, 30)))

    def test_other_kinds_come_back_by_contract_only(self):
        guarantee = self._guarantee(kind="performance")
        self.tender.contract_signed_at = "2026-04-22"
        self.assertEqual(self._due(guarantee), (False, False))
        self.assertIn("No law names the day", guarantee.findings)
        guarantee.due_back_agreed = "2027-05-30"
        self.assertNotIn("No law", guarantee.findings or "")

    def test_a_bond_of_an_enterprise_tender_says_that_its_day_is_to_be_noted(self):
        theirs = self._guarantee("2026-03-20", tender_id=self._tender(legal_regime="enterprise").id)
        self.assertIn("No law names the day", theirs.findings)
        self.assertFalse(self._guarantee("2026-03-20").findings, "The law will name it, once the contract is signed.")

    def test_an_old_tender_keeps_the_rule_of_its_day(self):
        rule = self.env.ref("kams_sales.rule_tender_bond_return_days_bidding")
        rule.valid_to = "2026-03-31"
        rule.copy({"valid_from": "2026-04-01", "valid_to": False, "value": 10})
        old = self._guarantee("2026-03-20")
        new = self._guarantee("2026-04-02", tender_id=self._tender(name="New", issued_at="2026-04-01").id)
        (old | new).tender_id.contract_signed_at = "2026-04-22"
        self.assertEqual((old.due_back, new.due_back), (date(2026, 4, 27), date(2026, 5, 6)))

    def test_overdue_is_what_is_out_after_its_day(self):
        guarantee = self._guarantee("2026-03-20", due_back_agreed=self.today - timedelta(days=3))
        coming = self._guarantee("2026-03-20", due_back_agreed=self.today)
        self.assertEqual((guarantee.is_overdue, guarantee.days_overdue), (True, 3))
        overdue = self.env["kams.guarantee"].search([("is_overdue", "=", True), ("lead_id", "=", self.deal.id)])
        self.assertEqual(overdue, guarantee)
        others = self.env["kams.guarantee"].search([("is_overdue", "=", False), ("lead_id", "=", self.deal.id)])
        self.assertEqual(others, coming)
        guarantee.action_returned()
        self.assertFalse(guarantee.is_overdue)

    def test_bank_interest_is_due_on_money_under_the_bidding_law(self):
        money = self._guarantee("2026-03-20", returned_at="2026-06-18")  # 90 days
        money.action_returned()
        self.assertAlmostEqual(money.interest_due, 160_000 * 0.0035 * 90 / 365, 2)
        letter = self._guarantee("2026-03-20", form="guarantee")
        self.assertEqual(letter.interest_due, 0.0)


@tagged("post_install", "-at_install")
class TestCaps(GuaranteeCase):
    """What may be demanded at most (L07, L12, L18), by the rule of the day the documents were issued."""

    def test_l07_a_bid_bond_is_two_percent_of_the_estimate_at_most(self):
        guarantee = self._guarantee()
        self.assertEqual(guarantee.cap_amount, 160_000.0)
        self.assertFalse(guarantee.findings)
        self.tender.bond_amount = 160_000.01
        self.assertIn("2 %", guarantee.findings)
        self.assertIn("26", guarantee.findings)

    def test_l12_a_performance_bond_is_ten_percent_of_the_contract_at_most(self):
        guarantee = self._guarantee(
            kind="performance", base_amount=6_900_000.0, required_amount=690_000.0, due_back_agreed="2027-06-30"
        )
        self.assertEqual(guarantee.cap_amount, 690_000.0)
        self.assertFalse(guarantee.findings)
        guarantee.required_amount = 700_000.0
        self.assertIn("10 %", guarantee.findings)

    def test_l18_a_retention_of_works_is_three_percent_of_the_settlement_at_most(self):
        self.tender.category = "works"
        guarantee = self._guarantee(kind="quality", base_amount=1_000_000.0, required_amount=30_000.0)
        self.assertEqual(guarantee.cap_amount, 30_000.0)
        guarantee.required_amount = 30_001.0
        self.assertIn("3 %", guarantee.findings)
        self.tender.category = "goods"
        guarantee.invalidate_recordset(["findings", "cap_amount"])
        self.assertFalse(guarantee.cap_amount, "the cap is one of works")

    def test_an_estimate_that_is_missing_is_not_checked_and_says_so(self):
        tender = self._tender(name="Another", estimate=None)
        guarantee = self._guarantee(tender_id=tender.id)
        self.assertIs(guarantee.cap_amount, False)
        self.assertIn("isn't known", guarantee.findings)

    def test_cash_of_a_mandatory_tender_comes_from_the_basic_account(self):
        self.tender.is_mandatory = True
        self.assertIn("basic", self._guarantee(form="transfer").findings)
        self.assertFalse(self._guarantee(form="guarantee").findings)


@tagged("post_install", "-at_install")
class TestBooks(GuaranteeCase):
    """What the books know of a guarantee, and who may see it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.company.chart_template:
            cls.env["account.chart.template"].try_loading("generic_coa", company=cls.env.company, install_demo=False)
        cls.payment = cls._payment(160_000.0)

    @classmethod
    def _payment(cls, amount, **vals):
        return cls.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": cls.customer.id,
                "amount": amount,
                "date": "2026-03-19",
                **vals,
            }
        )

    def test_the_day_and_the_amount_of_a_payment_are_offered(self):
        accountant = self._person("kams_accountant", "kams_sales.group_finance,account.group_account_invoice")
        guarantee = self._guarantee()
        with Form(guarantee.with_user(accountant)) as form:
            form.payment_id = self.payment
            self.assertEqual((form.paid_at, form.amount), (date(2026, 3, 19), 160_000.0))

    def test_a_payment_in_another_currency_is_offered_at_the_rate_of_its_day(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create({"currency_id": euro.id, "name": "2026-03-01", "rate": 0.5})
        payment = self._payment(80_000.0, currency_id=euro.id)
        guarantee = self.env["kams.guarantee"].new(
            {"lead_id": self.deal.id, "tender_id": self.tender.id, "payment_id": payment.id, "amount": None}
        )
        guarantee._onchange_paid_by()
        self.assertEqual(guarantee.amount, 160_000.0)

    def test_a_payment_that_is_reset_or_deleted_is_shown(self):
        guarantee = self._guarantee("2026-03-19", payment_id=self.payment.id)
        self.assertEqual(guarantee.books_state, "draft")
        self.payment.action_post()
        guarantee.invalidate_recordset()
        self.assertEqual(guarantee.books_state, "posted")
        self.assertFalse(guarantee.findings)
        self.payment.action_draft()
        guarantee.invalidate_recordset()
        self.assertIn("posted", guarantee.findings)
        self.payment.unlink()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((guarantee.state, guarantee.books_state), ("paid", "deleted"))
        self.assertIn("deleted", guarantee.findings)

    def test_who_may_not_read_payments_sees_no_more_than_that_there_is_one(self):
        guarantee = self._guarantee("2026-03-19", payment_id=self.payment.id, amount=1.0)
        finance = self._person("kams_plain_finance", "kams_sales.group_finance")
        seen = guarantee.with_user(finance)
        self.assertFalse(self.payment.with_user(finance).has_access("read"))
        values = seen.read()[0]
        self.assertNotIn("payment_id", values)
        self.assertNotIn("160", str(values["findings"]) + str(values["paid_by"]))
        with self.assertRaises(AccessError):
            seen.read(["payment_id"])
        with self.assertRaises(AccessError):
            seen.write({"payment_id": self.payment.id})
        self.assertEqual(seen._of_books(self.payment.with_user(finance), seen.env["account.move.line"])[1], 0.0)

    def test_a_payment_of_another_company_is_refused(self):
        there = self.env["res.company"].create({"name": "Elsewhere Ltd"})
        self.deal.company_id = self.env.company
        guarantee = self._guarantee()
        self.env["account.chart.template"].try_loading("generic_coa", company=there, install_demo=False)
        payment = self._payment(9.0, company_id=there.id)
        self.assertEqual(payment.company_id, there)
        with self.assertRaises(ValidationError):
            guarantee.payment_id = payment

    def test_finance_without_any_right_in_sales_reaches_the_ledger(self):
        finance = new_test_user(self.env, login="kams_cashier", groups="base.group_user,kams_sales.group_finance")
        guarantee = self._guarantee("2026-03-19").with_user(finance)
        guarantee.action_returned()
        self.assertEqual(guarantee.state, "returned")
        guarantee.env.invalidate_all()
        self.assertTrue(guarantee.web_read({"lead_id": {"fields": {"display_name": {}}}, "findings": {}}))
        menus = self.env["ir.ui.menu"].with_user(finance).load_menus(False)
        self.assertIn(self.env.ref("kams_sales.kams_menu_guarantees").id, menus)

    def test_what_is_out_adds_up_in_the_companys_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create({"currency_id": euro.id, "name": "2026-03-01", "rate": 0.5})
        self._guarantee("2026-03-19", amount=100.0)
        self._guarantee("2026-03-19", amount=100.0, currency_id=euro.id)
        [[total]] = self.env["kams.guarantee"]._read_group(
            [("lead_id", "=", self.deal.id)], [], ["outstanding_company:sum"]
        )
        self.assertEqual(total, 300.0)


@tagged("post_install", "-at_install")
class TestReminders(GuaranteeCase):
    """Who looks after a guarantee is told once of each thing (6.3)."""

    def _told(self, guarantee):
        self._run_cron("kams.guarantee", "_cron_remind")
        return guarantee.activity_ids.sorted("id").mapped("summary")

    def test_it_is_told_before_it_ends_and_when_it_is_overdue_and_once(self):
        guarantee = self._guarantee("2026-03-20", form="guarantee", date_expiry=self.today + timedelta(days=15))
        self.assertFalse(self._told(guarantee))
        guarantee.date_expiry = self.today + timedelta(days=14)
        self.assertEqual(len(self._told(guarantee)), 1)
        self.assertEqual(len(self._told(guarantee)), 1)
        guarantee.due_back_agreed = self.today - timedelta(days=1)
        self.assertEqual(len(self._told(guarantee)), 2)
        guarantee.due_back_agreed = self.today - timedelta(days=2)
        self.assertEqual(len(self._told(guarantee)), 3, "another day is told anew")
        guarantee.action_returned()
        self.assertFalse(guarantee.activity_ids)

    def test_a_lost_deals_money_is_still_asked_back(self):
        guarantee = self._guarantee("2026-03-20", due_back_agreed=self.today - timedelta(days=1))
        self.deal.action_set_lost()
        self.assertEqual(len(self._told(guarantee)), 1)

    def test_the_job_takes_as_many_statements_for_many_as_for_few(self):
        counts = []
        for number in (2, 12):
            self.env["kams.guarantee"].search([]).write({"reminded_of": "x"})
            for _each in range(number):
                self._guarantee("2026-03-20", due_back_agreed=self.today - timedelta(days=1))
            self._told(self.env["kams.guarantee"])  # warms
            self.env["kams.guarantee"].search([]).write({"reminded_of": False})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._told(self.env["kams.guarantee"])
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 12, counts)


@tagged("post_install", "-at_install")
class TestLedgerOnPaper(GuaranteeCase):
    """What was chosen is one ledger, and nobody prints what they may not see."""

    def test_chosen_guarantees_are_one_ledger_with_its_totals(self):
        ones = self._guarantee("2026-03-19", amount=100.0) | self._guarantee("2026-03-20", amount=50.0, kind="quality")
        values = self.env["report.kams_sales.report_guarantees"]._get_report_values(ones.ids)
        [sheet] = values["sheets"]
        self.assertEqual(
            [section["title"] for section in sheet["sections"]], ["Overview", "Bid Bond", "Quality Retention"]
        )
        self.assertIn("150", str(sheet["sections"][0]))

    def test_it_prints(self):
        ones = self._guarantee("2026-03-19", amount=100.0) | self._guarantee(reference="<b>保函</b> 😀")
        printer = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        content, kind = printer._render_qweb_pdf("kams_sales.report_guarantees", ones.ids)
        self.assertEqual((kind, content[:4]), ("pdf", b"%PDF"))

    def test_it_is_refused_to_who_may_not_see_one_of_them(self):
        ones = self._guarantee("2026-03-19", amount=100.0)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            self.env["report.kams_sales.report_guarantees"].with_user(self.colleague)._get_report_values(ones.ids)
