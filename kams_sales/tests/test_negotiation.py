import doctest
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..tools import negotiation as arithmetic
from .common import KamsCase

TEXT = "😀 <b>x</b> مرحبا " * 600


class NegotiationCase(KamsCase):
    """A deal that is bought directly, and one that was tendered and awarded to us."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(name="Boilers", partner_id=cls.customer.id, kams_procurement_mode="direct")
        cls.tendered = cls._deal(name="Turbines", partner_id=cls.customer.id, kams_procurement_mode="tender_open")

    @classmethod
    def _tender(cls, deal, **vals):
        tender = cls.env["kams.tender"].create({"lead_id": deal.id, "name": "ZB-1", "bid_price": 1000.0, **vals})
        tender.write({"state": "closed", "result": "won"})
        return tender

    @classmethod
    def _plan(cls, deal, **vals):
        """A plan that is complete: the salesperson's, who leads."""
        plan = cls.env["kams.negotiation"].with_user(cls.salesperson)
        return plan.create(
            {
                "lead_id": deal.id,
                "batna": "We sell the slot to Datang",
                "member_ids": [Command.create({"role": "lead", "user_id": cls.salesperson.id})],
                "issue_ids": [
                    Command.create(
                        {"kind": "price", "opening": 1150, "target": 1100, "reservation": 950, "weight": 50}
                        | {"est_their_reservation": 1050}
                    ),
                    Command.create(
                        {"kind": "payment", "name": "Down payment", "unit": "%", "target": 40}
                        | {"reservation": 20, "weight": 30}
                    ),
                    Command.create(
                        {"kind": "warranty", "unit": "months", "better": "lower", "target": 12}
                        | {"reservation": 24, "weight": 20}
                    ),
                ]
                if deal == cls.deal
                else [Command.create({"kind": "training", "target": 2, "reservation": 5, "weight": 100})],
                **vals,
            }
        )

    @classmethod
    def _approved(cls, deal, **vals):
        plan = cls._plan(deal, **vals)
        plan.with_user(cls.director).action_approve()
        return plan

    @classmethod
    def _talking(cls, deal, **vals):
        plan = cls._approved(deal, **vals)
        plan.action_start()
        return plan


@tagged("post_install", "-at_install")
class TestNegotiationFigures(NegotiationCase):
    """C32, to the cent."""

    def test_examples_of_the_arithmetic_run(self):
        self.assertFalse(doctest.testmod(arithmetic).failed)

    def test_c32_zopa_share_and_settlement(self):
        plan = self._talking(self.deal)
        price, payment, warranty = plan.issue_ids
        self.assertEqual(price.zopa, 100)
        self.assertIs(plan.settlement, False)
        price.agreed, payment.agreed, warranty.agreed = 1010, 30, 18
        self.assertEqual(price.surplus_share, 60)
        self.assertEqual([round(issue.settlement, 6) for issue in plan.issue_ids], [40, 50, 50])
        self.assertEqual((round(plan.settlement, 6), plan.zopa, plan.surplus_share), (45, 100, 60))
        price.est_their_reservation = 900
        self.assertIs(price.zopa, False, "no room, and not a negative one")
        self.assertIs(plan.surplus_share, False)

    def test_c32_concessions_get_smaller(self):
        plan = self._plan(self.deal)

        def give(*steps):
            plan.concession_ids = [Command.clear()] + [
                Command.create({"round": place + 1, "give": "x", "amount": step}) for place, step in enumerate(steps)
            ]
            return plan.rhythm_state, plan.rhythm_parts

        self.assertEqual(give(60, 35, 20, 10), ("decreasing", "0.5833 · 0.5714 · 0.5"))
        self.assertEqual(plan.planned_total, 125)
        self.assertEqual(give(60, 60, 20)[0], "uneven")
        self.assertEqual(give(60, None), ("unknown", ""))
        plan.concession_ids = [Command.clear()]
        self.assertEqual((plan.rhythm_state, plan.planned_total), ("unknown", False))

    def test_c32_terms_are_worth_less_later(self):
        terms = [(30, 0), (60, 6), (10, 18)]
        plan = self._plan(
            self.deal,
            terms_price=10_100_000,
            term_ids=[Command.create({"variant": "target", "pct": pct, "months": month}) for pct, month in terms],
        )
        self.assertEqual(round(plan.terms_target, 2), 9_841_462.82)
        self.assertEqual(round(plan.terms_target_pct, 4), 97.4402)
        self.assertIs(plan.terms_agreed, False)
        plan.term_ids = [Command.create({"variant": "agreed", "pct": 100, "months": 0})]
        self.assertEqual(round(plan.terms_given_up, 2), round(9_841_462.82 - 10_100_000, 2))
        plan.term_ids[0].pct = 20
        self.assertIs(plan.terms_target, False, "not all of the price")

    def test_figures_take_the_same_number_of_statements_for_one_and_many(self):
        plans = self.env["kams.negotiation"]
        for _ in range(3):
            plans |= self._plan(self.deal).sudo()

        def count(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            for name in ("settlement", "terms_target", "rhythm_state", "needed_role", "conceded"):
                records.mapped(name)
            return self.cr.sql_log_count - before

        count(plans[0])
        self.assertEqual(count(plans[0]), count(plans))


@tagged("post_install", "-at_install")
class TestNegotiationPlan(NegotiationCase):
    """A plan is approved by somebody else who may, and stays as it was approved."""

    def test_a_plan_says_what_it_lacks(self):
        plan = self.env["kams.negotiation"].create({"lead_id": self.deal.id})
        self.assertFalse(plan.is_plan_complete)
        with self.assertRaisesRegex(UserError, "still lacks: an issue, our best alternative, our team"):
            plan.with_user(self.director).action_approve()
        whole = self._plan(self.deal)
        self.assertTrue(whole.is_plan_complete)
        whole.issue_ids[0].weight = 40
        self.assertFalse(whole.is_plan_complete)
        self.assertEqual(whole.plan_gaps, "weights that add up to 100")

    def test_authors_do_not_approve_and_rank_decides(self):
        plan = self._plan(self.deal)
        with self.assertRaisesRegex(AccessError, "somebody else"):
            plan.action_approve()
        theirs = plan.with_user(self.director).copy({"user_id": self.salesperson.id})
        with self.assertRaisesRegex(AccessError, "somebody else"):
            theirs.action_approve()
        self.deal.user_id = self.colleague
        with self.assertRaisesRegex(AccessError, "to be approved by: Key-Account Manager"):
            plan.with_user(self.colleague).action_approve()
        self._known_account(self.customer).manager_id = self.manager
        plan.with_user(self.manager).action_approve()
        self.assertEqual((plan.state, plan.approved_by_id), ("approved", self.manager))

    def test_a_concession_for_the_director_needs_the_director(self):
        self._known_account(self.customer).manager_id = self.manager
        plan = self._plan(self.deal, concession_ids=[Command.create({"give": "A spare pump", "role": "director"})])
        self.assertEqual(plan.needed_role, "director")
        with self.assertRaisesRegex(AccessError, "Sales Director"):
            plan.with_user(self.manager).action_approve()
        plan.action_ask_approval()
        self.assertEqual(plan.activity_ids.user_id.has_group("kams_sales.group_director"), True)
        plan.with_user(self.director).action_approve()
        self.assertFalse(plan.activity_ids, "what asked for it is done")

    def test_what_is_for_the_price_review_is_decided_there(self):
        plan = self._plan(self.deal, concession_ids=[Command.create({"give": "All of it", "role": "committee"})])
        with self.assertRaisesRegex(AccessError, "price review"):
            plan.with_user(self.director).action_approve()

    def test_whoever_asks_is_an_author(self):
        plan = self._plan(self.deal)
        plan.with_user(self.director).action_ask_approval()
        with self.assertRaisesRegex(AccessError, "somebody else"):
            plan.with_user(self.director).action_approve()

    def test_an_approved_plan_is_fixed_on_every_route(self):
        plan = self._approved(
            self.deal,
            concession_ids=[Command.create({"give": "A spare pump"})],
            term_ids=[Command.create({"pct": 100, "months": 0})],
        )
        issue = plan.issue_ids[0]
        for change in (
            lambda: plan.write({"batna": "x"}),
            lambda: plan.sudo().write({"strategy": "yield"}),
            lambda: plan.write({"issue_ids": [Command.update(issue.id, {"reservation": 1})]}),
            lambda: plan.write({"issue_ids": [Command.delete(issue.id)]}),
            lambda: issue.write({"weight": 1}),
            lambda: issue.sudo().unlink(),
            lambda: issue.create({"negotiation_id": plan.id, "kind": "ip"}),
            lambda: plan.concession_ids.write({"amount": 5}),
            lambda: plan.concession_ids.unlink(),
            lambda: plan.term_ids.write({"pct": 50}),
            lambda: plan.term_ids.write({"variant": "agreed"}),
            lambda: plan.load([".id", "batna"], [[str(plan.id), "x"]])["ids"] or self._refuse(),
            lambda: plan.write({"state": "negotiating"}),
            lambda: plan.write({"approved_by_id": self.salesperson.id}),
            lambda: plan.unlink(),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()
        issue.write({"est_their_reservation": 1040, "agreed": 1010})
        plan.term_ids.create({"negotiation_id": plan.id, "variant": "agreed", "pct": 100, "months": 1})
        plan.member_ids.create({"negotiation_id": plan.id, "role": "legal", "user_id": self.colleague.id})

    def _refuse(self):
        raise UserError("refused")  # pylint: disable=translation-required

    def test_a_changed_plan_needs_a_new_approval_and_the_chatter_keeps_the_old(self):
        plan = self._approved(self.deal, concession_ids=[Command.create({"give": "A pump", "condition": "An order"})])
        plan.action_reopen_plan()
        self.assertEqual((plan.state, plan.approved_by_id.id, plan.approved_at), ("preparing", False, False))
        kept = plan.message_ids[0].body
        for words in ("1150", "1100", "950", "A pump, for An order", self.director.name):
            self.assertIn(words, kept)
        with self.assertRaisesRegex(UserError, "approved before"):
            plan.action_start()

    def test_states_are_not_born_nor_written(self):
        for state in ("approved", "negotiating", "agreed", "signed"):
            with self.assertRaises(UserError), self.cr.savepoint():
                self._plan(self.deal, state=state)
        plan = self._plan(
            self.deal, approved_by_id=self.salesperson.id, is_plan_complete=False, scope="non_substantive"
        )
        self.assertFalse(plan.approved_by_id)
        self.assertTrue(plan.is_plan_complete)
        self.assertEqual(plan.scope, "full")

    def test_it_ends_agreed_or_broken_and_follows_its_contract(self):
        plan = self._talking(self.deal)
        with self.assertRaisesRegex(UserError, "Still open: Price, Down payment, Warranty"):
            plan.action_agree()
        price, payment, warranty = plan.issue_ids
        price.agreed, payment.agreed_text = 0, TEXT
        with self.assertRaisesRegex(UserError, "Still open: Warranty"):
            plan.action_agree()
        with self.assertRaisesRegex(UserError, "why"):
            plan.action_break()
        plan.broken_because = TEXT
        plan.action_break()
        plan.action_resume()
        warranty.agreed = 18
        plan._follow_contract("signed")
        self.assertEqual(plan.state, "negotiating", "what isn't agreed has no contract to follow")
        plan.action_agree()
        for change in (
            lambda: warranty.write({"agreed": 12}),
            lambda: plan.write({"name": "x"}),
            lambda: plan.write({"state": "signed"}),
            lambda: plan.member_ids.unlink(),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()
        plan._follow_contract("contract_review")
        with self.assertRaisesRegex(UserError, "under way"):
            plan.action_resume()
        plan._follow_contract("signed")
        plan._follow_contract("handed_over")
        self.assertEqual(plan.state, "handed_over")
        plan._follow_contract("agreed")
        plan.action_resume()
        self.assertEqual(plan.state, "negotiating")

    def test_a_merge_takes_it_along(self):
        other = self._deal(name="Boilers again", kams_procurement_mode="direct", partner_id=self.customer.id)
        person = self.env["kams.stakeholder"].create({"lead_id": self.deal.id, "partner_id": self.customer.id})
        self.env["kams.stakeholder"].create({"lead_id": other.id, "partner_id": self.customer.id})
        plan = self._talking(self.deal, counterpart_ids=[Command.create({"stakeholder_id": person.id})])
        plan.issue_ids.agreed = 1000
        plan.action_agree()
        (self.deal | other)._merge_opportunity(auto_unlink=True)
        stays = (self.deal | other).exists()
        self.assertEqual(plan.lead_id, stays)
        self.assertEqual(set(plan.issue_ids.mapped("lead_id")), {stays})
        self.assertEqual(plan.counterpart_ids.stakeholder_id.lead_id, stays)

    def test_a_copy_is_about_its_own_issues(self):
        plan = self._approved(self.deal)
        plan.action_reopen_plan()
        price, payment, _warranty = plan.issue_ids
        price.tradable_against_ids = payment
        plan.concession_ids = [Command.create({"give": "3 %", "issue_id": price.id})]
        again = plan.copy()
        self.assertEqual(again.state, "preparing")
        self.assertEqual(again.concession_ids.issue_id, again.issue_ids[0])
        self.assertEqual(again.issue_ids[0].tradable_against_ids, again.issue_ids[1])
        self.assertTrue(again.is_plan_complete)

    def test_free_text_of_any_length_and_script(self):
        plan = self._plan(self.deal, batna=TEXT, power_analysis=TEXT, agenda=f"<p>{TEXT}</p><script>x</script>")
        self.assertEqual(plan.batna, TEXT)
        self.assertNotIn("script", plan.agenda)

    def test_delivery_and_strangers_see_nothing(self):
        plan = self._plan(self.deal)
        delivery = self._person("nego_delivery", "kams_sales.group_delivery")
        for user in (delivery, self.colleague):
            with self.assertRaises(AccessError):
                plan.with_user(user).read(["batna"])
        self.assertTrue(plan.with_user(self.auditor).read(["batna"]))
        with self.assertRaises(AccessError):
            plan.with_user(self.auditor).write({"batna": "x"})
        self.assertEqual(self.deal.with_user(self.salesperson).kams_negotiation_count, 1)


@tagged("post_install", "-at_install")
class TestNegotiationLaw(NegotiationCase):
    """After a tender subject, price, quality and period end as they were bid: 招标投标法 43, 46."""

    def test_scope_follows_the_way_of_buying(self):
        for mode, scope, locked in (
            ("direct", "full", ""),
            ("single_source", "full", ""),
            ("competitive_negotiation", "full", ""),
            ("competitive_consultation", "full", ""),
            ("inquiry", "full", "price"),
            ("tender_open", "non_substantive", "price,subject,quality,delivery"),
            ("tender_invited", "non_substantive", "price,subject,quality,delivery"),
        ):
            with self.subTest(mode=mode):
                plan = self.env["kams.negotiation"].create({"lead_id": self._deal(kams_procurement_mode=mode).id})
                self.assertEqual((plan.scope, plan.locked_kinds or ""), (scope, locked))
                self.assertEqual(set(plan.issue_ids.mapped("kind")), set(filter(None, locked.split(","))))
                self.assertTrue(all(plan.issue_ids.mapped("locked")))

    def test_locked_issues_end_as_they_were_bid_on_every_route(self):
        self._tender(self.tendered)
        plan = self._talking(self.tendered)
        price = plan.issue_ids.filtered(lambda issue: issue.kind == "price")
        subject = plan.issue_ids.filtered(lambda issue: issue.kind == "subject")
        self.assertEqual(price.bid_value, 1000)
        for change in (
            lambda: price.write({"agreed": 990}),
            lambda: price.sudo().write({"agreed": 0}),
            lambda: price.write({"agreed": 990, "bid_value": 990}),
            lambda: price.write({"agreed_text": "a tenth less"}),
            lambda: price.write({"kind": "other"}),
            lambda: price.write({"locked": False}),
            lambda: price.write({"locked": False, "agreed": 1}),
            lambda: price.write({"negotiation_id": self._plan(self.deal).id}),
            lambda: price.unlink(),
            lambda: subject.write({"agreed_text": "Two boilers more"}),
            lambda: subject.write({"agreed": 5}),
            lambda: plan.write({"issue_ids": [Command.update(price.id, {"agreed": 990})]}),
            lambda: plan.write({"scope": "full"}),
            lambda: plan.write({"locked_kinds": ""}),
            lambda: plan.write({"tender_id": False}),
            lambda: self._load(price, "agreed", "990"),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()
        price.agreed = 1000
        plan.issue_ids.filtered(lambda issue: issue.kind == "training").agreed = 3
        plan.action_agree()
        self.assertEqual((price.agreed, subject.agreed_text), (1000, subject.bid_text))

    def _load(self, record, name, value):
        result = record.load([".id", name], [[str(record.id), value]])
        if not result["ids"]:
            raise UserError(result["messages"][0]["message"])

    def test_nor_while_it_is_prepared(self):
        self._tender(self.tendered)
        plan = self._plan(self.tendered)
        price = plan.issue_ids.filtered(lambda issue: issue.kind == "price")
        create = plan.issue_ids.with_user(self.salesperson).create
        for change in (
            lambda: price.unlink(),
            lambda: price.write({"bid_value": 900}),
            lambda: price.write({"kind": "service"}),
            lambda: create({"negotiation_id": plan.id, "kind": "price", "agreed": 900, "locked": False}),
            lambda: create({"negotiation_id": plan.id, "kind": "price", "bid_value": 900, "agreed": 900}),
            lambda: create({"negotiation_id": plan.id, "kind": "quality", "agreed": 1}),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()
        with self.assertRaisesRegex(ValidationError, "law locks"):
            plan.concession_ids.create({"negotiation_id": plan.id, "give": "3 %", "issue_id": price.id})

    def test_another_mode_or_deal_does_not_unlock(self):
        tender = self._tender(self.tendered)
        plan = self._plan(self.tendered)
        self.tendered.kams_procurement_mode = "direct"
        self._settle()
        with self.assertRaisesRegex(UserError, "stays"):
            tender.mode = "direct"
        self.assertEqual((plan.scope, plan.locked_kinds), ("non_substantive", "price,subject,quality,delivery"))
        plan.tender_id = False
        plan.lead_id = self.deal
        self.assertEqual(plan.scope, "non_substantive")
        self.assertEqual(len(plan.issue_ids.filtered("locked")), 4)

    def test_a_deal_that_turns_out_to_be_tendered_locks_its_plan(self):
        plan = self._talking(self.deal)
        price = plan.issue_ids[0]
        price.agreed = 1010
        self._tender(self.deal, mode="tender_open", bid_price=1100)
        self._settle()
        self.assertEqual(plan.scope, "non_substantive")
        self.assertEqual((price.locked, price.bid_value, price.agreed), (True, 1100, False))
        self.assertIn("Price", plan.message_ids[0].body)

    def test_a_changed_mode_locks_as_well(self):
        plan = self._plan(self.deal)
        self.deal.kams_procurement_mode = "inquiry"
        self._settle()
        self.assertEqual((plan.scope, plan.locked_kinds, plan.issue_ids[0].locked), ("full", "price", True))

    def test_while_the_tender_runs_nobody_negotiates(self):
        plan = self._approved(self.tendered)
        with self.assertRaisesRegex(UserError, "招标投标法 43"):
            plan.action_start()
        self._tender(self.tendered)
        self._settle()
        plan.action_start()
        self.assertEqual(plan.state, "negotiating")

    def test_the_plan_of_a_tender_where_nothing_is_left_to_weigh(self):
        self._tender(self.tendered)
        plan = self._plan(self.tendered, issue_ids=False)
        self.assertTrue(plan.is_plan_complete)

    def test_plain_deals_pay_nothing(self):
        plain = self.env["crm.lead"].create({"name": "Plain", "type": "opportunity", "team_id": False})
        self._settle()
        searched = []
        with patch.object(self.registry["kams.negotiation"], "_lock_again", searched.append):
            plain.write({"kams_procurement_mode": "direct"})
            self._settle()
        self.assertFalse(searched, "nobody even asked for its plans")

    def test_techniques_name_what_the_law_allows(self):
        shipped = self.env["kams.technique"].search([("place", "=", "negotiation")])
        self.assertEqual(len(shipped), 9)
        for technique in shipped:
            with self.subTest(technique=technique.name):
                self.assertEqual((technique.phase_from, technique.phase_to), ("negotiation", "negotiation"))
                self.assertTrue(technique.situation and technique.dos and technique.donts)
                self.assertGreaterEqual(len(technique.steps.splitlines()), 4)
                self.assertRegex(technique.legal_limit, r"(法|典|条例|authority matrix)[^0-9]*[0-9]+")
