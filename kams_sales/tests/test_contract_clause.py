import doctest
import random
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import BaseCase, tagged

from ..tools import contract_text
from .common import KamsCase

LONG = "长文本 العربية 😀 <b>bold</b> & " * 400  # more than 10,000 characters, right to left, emoji and markup


class ContractCase(KamsCase):
    """A deal with a contract that its salesperson drafts, and the people who judge it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lawyer = cls._person("kams_lawyer", "kams_sales.group_legal")
        cls.accountant = cls._person("kams_accountant", "kams_sales.group_finance")
        cls.builder = cls._person("kams_builder", "kams_sales.group_delivery")
        cls.deal = cls._deal(partner_id=cls.customer.id, expected_revenue=1_000_000)
        cls._settle()
        cls.contract = cls._contract()

    @classmethod
    def _contract(cls, **vals):
        return (
            cls.env["kams.contract"]
            .with_user(cls.salesperson)
            .create(
                {
                    "lead_id": cls.deal.id,
                    "name": "Boiler contract",
                    "amount_total": 1_130_000.0,
                    "amount_untaxed": 1_000_000.0,
                    "amount_tax": 130_000.0,
                    **vals,
                }
            )
        )

    @classmethod
    def _clause(cls, contract=None, **vals):
        contract = contract or cls.contract
        return cls.env["kams.contract.clause"].create({"contract_id": contract.id, "kind": "payment", **vals})

    def _paste(self, text, contract=None, user=None):
        contract = contract or self.contract
        paste = self.env["kams.contract.clause.paste"].with_user(user or self.salesperson)
        return paste.create({"contract_id": contract.id, "text": text}).action_confirm()


@tagged("post_install", "-at_install")
class TestContractText(BaseCase):
    """Reading and comparing, without records."""

    def test_the_examples_in_the_code_hold(self):
        self.assertEqual(doctest.testmod(contract_text).failed, 0)

    def test_pieces_of_a_comparison_make_both_texts_again(self):
        rng = random.Random(470)
        words = ["付款", "30", "days", " ", "\n", "。", "<b>", "😀", "السعر", "验收", "1,000.50", "and"]
        for _turn in range(300):
            one = "".join(rng.choices(words, k=rng.randrange(12)))
            other = "".join(rng.choices(words, k=rng.randrange(12)))
            pieces = contract_text.differences(one, other)
            with self.subTest(one=one, other=other):
                self.assertEqual("".join(text for what, text in pieces if what != "new"), one)
                self.assertEqual("".join(text for what, text in pieces if what != "gone"), other)
                self.assertTrue(all(text for _what, text in pieces))

    def test_no_word_of_a_pasted_contract_is_lost(self):
        rng = random.Random(7)
        heads = ["第一条 标的", "第二条 付款：三十日内", "Article 3 Price", "3.1 Sub", "三、价款"]
        heads += ["7. Warranty", "Plain", "甲方"]
        for _turn in range(300):
            lines = [rng.choice(heads) for _line in range(rng.randrange(1, 9))]
            found = contract_text.clauses("\n".join(lines))
            kept = "".join(one[name] for one in found for name in ("code", "name", "actual"))
            with self.subTest(lines=lines):
                for word in ("标的", "三十日内", "Price", "Sub", "价款", "Warranty", "Plain", "甲方"):
                    self.assertEqual(kept.count(word), sum(line.count(word) for line in lines), word)

    def test_a_long_text_is_compared_in_time(self):
        one = "\n".join(f"Line {number} of a long contract." for number in range(3000))
        other = one.replace("Line 1500 of", "Line 1500 off")
        pieces = contract_text.differences(one, other)
        self.assertEqual([what for what, _text in pieces], ["same", "gone", "new", "same"])


@tagged("post_install", "-at_install")
class TestContractClause(ContractCase):
    """Clauses: from the standard and from the customer's draft, and who bears their risks."""

    # STANDARD
    def test_a_contract_starts_from_the_eight_terms_of_the_civil_code_and_the_further_list(self):
        self.contract.action_take_clauses()
        kinds = self.contract.clause_ids.mapped("kind")
        self.assertEqual(
            kinds[:8], ["parties", "subject", "quantity", "quality", "price", "performance", "breach", "disputes"]
        )
        self.assertEqual(len(kinds), len(set(kinds)), "each kind once")
        self.assertEqual(len(kinds), 22)
        self.assertFalse(any(self.contract.clause_ids.mapped("actual")))
        self.assertTrue(all(self.contract.clause_ids.mapped("standard")))

    def test_taking_the_standard_twice_makes_no_doubles_and_touches_no_words(self):
        self.contract.action_take_clauses()
        first = self.contract.clause_ids[0]
        first.actual = "Ours"
        self.contract.action_take_clauses()
        self.assertEqual(len(self.contract.clause_ids), 22)
        self.assertEqual(first.actual, "Ours")

    def test_a_clause_that_was_typed_gets_the_standard_of_its_kind_beside_it(self):
        clause = self._clause(actual="90 days after acceptance")
        self.contract.action_take_clauses()
        self.assertTrue(clause.standard)
        self.assertEqual(clause.actual, "90 days after acceptance")
        self.assertEqual(self.contract.clause_ids.mapped("kind").count("payment"), 1)

    def test_a_company_takes_its_own_standard_instead_of_the_general_one(self):
        own = self.env["kams.contract.clause.template"].create(
            {"kind": "payment", "name": "Ours", "text": "All in advance", "company_id": self.env.company.id}
        )
        self.contract.action_take_clauses()
        payment = self.contract.clause_ids.filtered(lambda clause: clause.kind == "payment")
        self.assertEqual((payment.template_id, payment.standard), (own, "All in advance"))

    def test_a_standard_that_changes_rewrites_no_contract(self):
        self.contract.action_take_clauses()
        clause = self.contract.clause_ids[0]
        before = clause.standard
        clause.template_id.sudo().text = "Something else"
        self.assertEqual(clause.standard, before)

    def test_what_the_law_wants_in_a_contract_and_is_missing_is_told(self):
        self.assertFalse(self.contract.missing_clauses, "without any clause there is nothing to compare yet")
        self.contract.action_take_clauses()
        self.assertIn("Subject Matter", self.contract.missing_clauses)
        self.contract.action_use_standard_clauses()
        self.assertFalse(self.contract.missing_clauses)
        self.assertEqual(set(self.contract.clause_ids.mapped("deviation")), {"none"})
        self.contract.clause_ids.filtered(lambda clause: clause.kind == "price").actual = "  "
        self.assertEqual(self.contract.missing_clauses, "Price and Remuneration")

    # PASTING
    def test_a_pasted_contract_goes_to_the_standard_clauses_of_its_kind(self):
        self.contract.action_take_clauses()
        self._paste("第一条 合同标的\n两台锅炉\n第二条 付款方式\n验收后九十日内支付\n第三条 其他事项\n一式四份")
        by_kind = self.contract.clause_ids.grouped("kind")
        self.assertEqual((by_kind["subject"].code, by_kind["subject"].actual), ("第一条", "两台锅炉"))
        self.assertEqual(by_kind["payment"].actual, "验收后九十日内支付")
        self.assertEqual(by_kind["other"].actual, "一式四份")
        self.assertEqual(len(self.contract.clause_ids), 23)
        self.assertTrue(by_kind["payment"].differs)
        self.assertFalse(by_kind["payment"].deviation, "words that differ are to be judged")

    def test_a_contract_that_is_pasted_first_is_compared_with_the_standard_all_the_same(self):
        self._paste("1. Price\n1,130,000\n2. Payment: in ninety days\n3. Payment of bonuses: none")
        self.assertEqual(self.contract.clause_ids.mapped("kind"), ["price", "payment", "payment"])
        self.assertEqual([bool(one.standard) for one in self.contract.clause_ids], [True, True, False])

    def test_a_table_brings_risks_and_opinions_along(self):
        self._paste("No.\tClause\tStandard\tText\tRisk\tOpinion\n7\tWarranty\t12 months\t36 months\t4\tToo long\n")
        clause = self.contract.clause_ids
        self.assertEqual(
            (clause.code, clause.kind, clause.standard, clause.actual, clause.risk, clause.opinion),
            ("7", "warranty", "12 months", "36 months", "4", "Too long"),
        )
        self.assertTrue(clause.is_open_risk)

    def test_nothing_pasted_is_refused_with_words(self):
        with self.assertRaisesRegex(UserError, "Paste the contract first"):
            self._paste(" \n ")

    def test_spreadsheets_come_in_and_kinds_follow_from_headings(self):
        clauses = self.env["kams.contract.clause"].with_context(default_contract_id=self.contract.id)
        result = clauses.load(
            ["code", "name", "actual", "risk"],
            [["1", "违约责任", "每日千分之五", "5"], ["", "", "", ""], ["2", "Anything", "x", ""]],
        )
        self.assertEqual(len(result["ids"]), 2, result["messages"])
        self.assertEqual(self.contract.clause_ids.mapped("kind"), ["breach", "other"])

    def test_an_import_can_neither_accept_a_risk_nor_say_that_none_is_open(self):
        clauses = self.env["kams.contract.clause"].with_user(self.salesperson)
        for name, value in (("accepted", "True"), ("is_open_risk", "False")):
            result = clauses.with_context(default_contract_id=self.contract.id).load(
                ["name", "kind", "risk", name], [["X", "price", "5", value]]
            )
            self.assertFalse(result["ids"], name)
            self.assertTrue(result["messages"], name)

    # COMPARING
    def test_differences_are_marked_and_every_word_is_escaped(self):
        clause = self._clause(standard="Paid in 30 days <i>net</i>", actual="Paid in 90 days <script>x</script>")
        page = str(clause.comparison)
        self.assertIn(">30</del>", page)
        self.assertIn(">90</ins>", page)
        self.assertNotIn("<script>", page)
        self.assertNotIn("<i>net", page)

    def test_long_text_in_any_script_is_kept_and_shown(self):
        clause = self._clause(standard=LONG, actual=LONG + "ende", opinion=LONG, deviation_text=LONG)
        self.assertEqual(clause.actual, LONG + "ende")
        self.assertIn("ende", str(clause.comparison))
        self.assertNotIn("<b>bold", str(self.contract.clause_page))

    def test_the_same_words_do_not_deviate_and_new_words_are_judged_anew(self):
        clause = self._clause(standard="Paid in 30 days", actual="Paid  in\n30 days")
        self.assertEqual(clause.deviation, "none")
        clause.actual = "Paid in 90 days"
        self.assertFalse(clause.deviation)
        clause.deviation = "major"
        clause.actual = "Paid in 60 days"
        self.assertEqual(clause.deviation, "major", "what somebody found isn't taken back by other words")
        clause.actual = clause.standard
        self.assertEqual(clause.deviation, "none")

    def test_counts_take_the_same_statements_for_one_contract_and_for_many(self):
        contracts = self.contract
        for number in range(5):
            other = self._contract(name=f"Lot {number}")
            other.action_take_clauses()
            contracts |= other
        self.env.flush_all()

        def statements(records):
            self.env.invalidate_all()
            records.mapped("name")
            count = self.env.cr.sql_log_count
            records.mapped("missing_clauses")
            return self.env.cr.sql_log_count - count

        contracts = contracts.with_user(self.director)
        statements(contracts)
        self.assertEqual(statements(contracts[0]), statements(contracts))

    # RISKS
    def test_a_risk_of_four_is_open_until_somebody_else_accepts_it(self):
        clause = self._clause(risk="3")
        self.assertFalse(clause.is_open_risk)
        clause.risk = "4"
        self.assertTrue(clause.is_open_risk)
        self.assertEqual(self.contract.open_risk_count, 1)
        with self.assertRaisesRegex(UserError, "You drafted"):
            clause.with_user(self.salesperson).action_accept()
        clause.opinion = "The customer has always paid"
        clause.with_user(self.lawyer).action_accept()
        self.assertEqual((clause.is_open_risk, clause.accepted_by_id), (False, self.lawyer))
        self.assertTrue(clause.accepted_at)

    def test_the_limit_is_a_dated_parameter_and_a_change_is_asked_of_contracts_that_are_not_signed(self):
        clause = self._clause(risk="3")
        self.env.ref("kams_sales.rule_contract_open_risk").value = 3
        self.assertTrue(clause.is_open_risk)

    def test_a_high_risk_is_accepted_with_a_reason(self):
        clause = self._clause(risk="5")
        action = clause.with_user(self.lawyer).action_accept()
        self.assertEqual(action["res_model"], "kams.contract.clause.judge")
        self.assertFalse(clause.accepted)
        judging = self.env["kams.contract.clause.judge"].with_user(self.lawyer)
        dialog = judging.create({"clause_ids": clause.ids, "accept": True})
        with self.assertRaisesRegex(UserError, "Say why"):
            dialog.action_confirm()
        dialog.opinion = "Covered by our insurance"
        dialog.action_confirm()
        self.assertEqual((clause.accepted, clause.accepted_why), (True, "Covered by our insurance"))
        self.assertFalse(clause.opinion, "why it is borne isn't what was thought of it")
        self.assertIn("Covered by our insurance", self.contract.message_ids[0].body)

    def test_finance_which_only_reads_judges_what_is_for_finance(self):
        clause, other = self._clause(role="finance"), self._clause(role="legal", kind="breach")
        with self.assertRaises(AccessError):
            clause.with_user(self.accountant).write({"risk": "4"})
        judging = self.env["kams.contract.clause.judge"].with_user(self.accountant)
        judging.create({"clause_ids": clause.ids, "risk": "4", "opinion": "No advance payment"}).action_confirm()
        self.assertEqual((clause.risk, clause.opinion), ("4", "No advance payment"))
        with self.assertRaisesRegex(UserError, "is judged by legal"):
            judging.create({"clause_ids": other.ids, "risk": "1"}).action_confirm()

    def test_who_only_reads_and_has_no_part_accepts_nothing(self):
        clause = self._clause(risk="5", opinion="x")
        for user in (self.auditor, self.builder, self.colleague):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                clause.with_user(user).action_accept()
        self.assertFalse(clause.accepted)

    def test_no_route_writes_an_acceptance(self):
        clause = self._clause(risk="5")
        for user in (self.salesperson, self.director, self.lawyer):
            for vals in ({"accepted": True}, {"accepted_by_id": self.director.id}, {"accepted_why": "x"}):
                with self.subTest(user=user.login, vals=vals), self.assertRaises(UserError):
                    call_kw(self.env["kams.contract.clause"].with_user(user), "write", [clause.ids, vals], {})
        with self.assertRaises(UserError):
            self.contract.write({"clause_ids": [Command.update(clause.id, {"accepted": True})]})
        with self.assertRaises(UserError):
            self._clause(risk="5", accepted=True)
        with self.assertRaises(UserError):
            self.env["kams.contract.clause"].with_context(default_accepted=True).create(
                {"contract_id": self.contract.id, "kind": "price", "risk": "5"}
            )
        self.assertTrue(clause.is_open_risk)

    def test_other_words_or_a_higher_risk_take_the_acceptance_back(self):
        clause = self._clause(risk="4", actual="36 months", opinion="x")
        for change in ({"actual": "60 months"}, {"risk": "5"}):
            clause.with_user(self.lawyer).action_accept()
            self.assertTrue(clause.accepted)
            clause.write(change)
            self.assertEqual((clause.accepted, clause.is_open_risk), (False, True), change)
        clause.with_user(self.lawyer).action_accept()
        clause.write({"risk": "2", "opinion": "Not so bad"})
        self.assertTrue(clause.accepted, "a lower risk is still borne")

    def test_whoever_accepted_a_risk_may_take_that_back(self):
        clause = self._clause(risk="5", opinion="x")
        clause.with_user(self.lawyer).action_accept()
        with self.assertRaises(UserError):
            clause.with_user(self.salesperson).action_withdraw_acceptance()
        clause.with_user(self.lawyer).action_withdraw_acceptance()
        self.assertTrue(clause.is_open_risk)

    # COPIES
    def test_a_copied_contract_takes_clauses_along_but_no_acceptance(self):
        clause = self._clause(risk="5", opinion="x", actual="Ours")
        clause.with_user(self.lawyer).action_accept()
        copy = self.contract.copy()
        self.assertEqual(copy.clause_ids.mapped("actual"), ["Ours"])
        self.assertEqual((copy.clause_ids.accepted, copy.clause_ids.is_open_risk), (False, True))

    def test_two_clauses_of_a_contract_are_written_without_a_write_to_the_contract(self):
        """Two people work on clauses at once: nothing about them is stored on the contract."""
        one, two = self._clause(), self._clause(kind="price")
        self.env.flush_all()
        with patch.object(type(self.contract), "_write_multi", side_effect=AssertionError("contract written")):
            one.write({"opinion": "a", "risk": "4"})
            two.write({"opinion": "b", "deviation": "major"})
            self.env.flush_all()
