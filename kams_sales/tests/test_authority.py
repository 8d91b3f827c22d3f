from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.sql_db import Cursor
from odoo.tests import Form, new_test_user, tagged

from . import evidence
from .common import KamsCase


class AuthorityCase(KamsCase):
    """A deal's quotation over something that costs 650 and lists at 1000: 35 % of margin at list price."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product.write({"standard_price": 650.0, "taxes_id": [Command.clear()]})
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.account = cls._known_account(cls.customer)
        cls.authority = cls.env["kams.authority"]
        cls.term_45 = cls.env["account.payment.term"].create(
            {"name": "45", "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 45})]}
        )
        cls.term_100 = cls.env["account.payment.term"].create(
            {
                "name": "100",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 10}),
                    Command.create({"value": "percent", "value_amount": 50, "nb_days": 100}),
                ],
            }
        )

    @classmethod
    def _order(cls, discount=0.0, price=1000.0, quantity=1, deal=None, **vals):
        lines = [
            Command.create(
                {
                    "product_id": cls.product.id,
                    "product_uom_qty": quantity,
                    "price_unit": price,
                    "discount": discount,
                    "tax_ids": [Command.clear()],
                }
            )
        ]
        deal = cls.deal if deal is None else deal
        vals = {"user_id": cls.salesperson.id, "payment_term_id": False, "order_line": lines, **vals}
        order = (
            cls._quotation(deal, **vals)
            if deal
            else cls.env["sale.order"].create({"partner_id": cls.customer.id, **vals})
        )
        cls._settle()
        return order

    def _refused(self, work, *words):
        """The work is refused with these words, and leaves nothing behind."""
        with self.assertRaises(ValidationError) as caught, self.cr.savepoint():
            work()
            self.env.flush_all()
        for word in words:
            self.assertIn(word, str(caught.exception))
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestAuthority(AuthorityCase):
    """Who may agree to which terms, and that nothing is confirmed past it."""

    # THE MATRIX
    def test_each_aspect_names_whose_yes_is_enough(self):
        expected = {
            "margin": {25.0: "sales", 24.99: "manager", 20.0: "manager", 19.9: "director", 14.99: "committee"},
            "discount": {0.0: "sales", 5.0: "sales", 10.0: "manager", 20.0: "director", 21.0: "committee"},
            "payment_days": {0: "sales", 30: "sales", 60: "manager", 90: "director", 91: "committee"},
            "warranty": {12: "sales", 24: "manager", 36: "director", 37: "committee"},
            "damages_cap": {5.0: "sales", 10.0: "manager", 20.0: "director", 30.0: "committee"},
        }
        for aspect, values in expected.items():
            for value, role in values.items():
                with self.subTest(aspect=aspect, value=value):
                    found = self.authority._roles_needed(self.env.company, {aspect: value})
                    self.assertEqual(found, {aspect: role})

    def test_what_is_not_said_is_not_granted_but_an_unknown_margin_is_somebodys(self):
        values = {"margin": None, "discount": None, "payment_days": None, "warranty": False, "damages_cap": None}
        self.assertEqual(self.authority._roles_needed(self.env.company, values), {"margin": "director"})

    def test_judging_names_only_what_is_past_somebodys_authority(self):
        values = {"discount": 8.0, "payment_days": 80, "warranty": 12}
        company = self.env.company
        self.assertEqual(
            self.authority._judge(company, self.salesperson, values),
            {"discount": "manager", "payment_days": "director"},
        )
        self.assertEqual(self.authority._judge(company, self.manager, values), {"payment_days": "director"})
        self.assertEqual(self.authority._judge(company, self.director, values), {})
        self.assertEqual(
            self.authority._judge(company, None, values), self.authority._judge(company, self.salesperson, values)
        )

    def test_a_companys_own_lines_go_first_and_only_for_their_aspect(self):
        company = self.env["res.company"].create({"name": "Own matrix"})
        self.authority.create(
            {"company_id": company.id, "aspect": "warranty", "value_from": 0, "value_to": 6, "role": "director"}
        )
        found = self.authority._roles_needed(company, {"warranty": 3, "discount": 3.0})
        self.assertEqual(found, {"warranty": "director", "discount": "sales"})
        self.assertEqual(self.authority._roles_needed(company, {"warranty": 6}), {"warranty": "committee"})

    # WHAT A QUOTATION GRANTS
    def test_the_figures_of_a_quotation(self):
        order = self._order(discount=10, payment_term_id=self.term_100.id, kams_warranty_months=24)
        terms = order._kams_terms()
        self.assertAlmostEqual(terms["discount"], 10.0)
        self.assertAlmostEqual(terms["margin"], (900 - 650) / 900 * 100)
        self.assertEqual(terms["payment_days"], 100)
        self.assertEqual(terms["warranty"], 24)
        self.assertIsNone(terms["damages_cap"])

    def test_a_price_that_somebody_typed_is_a_discount_too(self):
        self.assertAlmostEqual(self._order(price=800.0)._kams_terms()["discount"], 20.0)
        self.assertAlmostEqual(self._order(price=800.0, discount=10)._kams_terms()["discount"], 28.0)
        self.assertAlmostEqual(self._order(price=1200.0)._kams_terms()["discount"], 0.0)

    def test_a_line_that_takes_something_off_is_a_discount(self):
        order = self._order(quantity=2)
        off = self.env["product.product"].create({"name": "Discount", "type": "service", "taxes_id": [Command.clear()]})
        order.write(
            {"order_line": [Command.create({"product_id": off.id, "price_unit": -300.0, "tax_ids": [Command.clear()]})]}
        )
        terms = order._kams_terms()
        self.assertAlmostEqual(terms["discount"], 15.0)
        self.assertAlmostEqual(terms["margin"], (1700 - 1300) / 1700 * 100)

    def test_prices_with_taxes_inside_give_the_same_discount(self):
        tax = self.env["account.tax"].create(
            {"name": "13 inside", "amount": 13, "price_include_override": "tax_included", "type_tax_use": "sale"}
        )
        self.product.taxes_id = tax
        order = self._order(discount=10)
        order.order_line.write({"tax_ids": [Command.set(tax.ids)], "price_unit": 1000.0, "discount": 10})
        self.assertAlmostEqual(order._kams_terms()["discount"], 10.0, 4)

    def test_end_of_month_is_counted_at_worst(self):
        self.term_45.line_ids.delay_type = "days_after_end_of_month"
        self.assertEqual(self._order(payment_term_id=self.term_45.id)._kams_terms()["payment_days"], 75)

    def test_an_unknown_cost_makes_the_margin_unknown(self):
        self.product.standard_price = 0.0
        self.assertIsNone(self._order()._kams_terms()["margin"])

    # THE GATE, BY EVERY ROUTE
    def test_within_ones_authority_a_quotation_is_confirmed(self):
        order = self._order(discount=5).with_user(self.salesperson)
        self.assertEqual(order.kams_authority_state, "within")
        order.action_confirm()
        self._settle()
        self.assertEqual(order.state, "sale")
        kept = order.sudo().kams_approval_ids
        self.assertEqual((kept.state, kept.by_confirmation, kept.approver_id), ("approved", True, self.salesperson))

    def test_past_ones_authority_no_route_confirms(self):
        order = self._order(discount=12).with_user(self.salesperson)
        self.assertEqual((order.kams_authority_state, order.kams_authority_role), ("beyond", "director"))
        now = fields.Datetime.now()
        values = {"state": "sale", "date_order": now}
        lines = [Command.create({"product_id": self.product.id, "price_unit": 500.0, "tax_ids": [Command.clear()]})]
        new = {"partner_id": self.customer.id, "opportunity_id": self.deal.id, "order_line": lines, **values}
        orders = self.env["sale.order"].with_user(self.salesperson)
        routes = {
            "button": order.action_confirm,
            "write": lambda: order.write(values),
            "form": lambda: order.web_save(values, {"state": {}}),
            "sudo": lambda: order.sudo().write(values),
            "raw": lambda: order._write(values),
            "create": lambda: orders.create(new),
            "program": lambda: order.with_user(self.env.ref("base.user_root")).action_confirm(),
        }
        for name, route in routes.items():
            with self.subTest(route=name):
                self._refused(route, "past your authority")
                self.assertEqual(order.state, "draft")

    def test_import_confirms_nothing_past_the_authority(self):
        order = self._order(discount=12).with_user(self.salesperson)
        found = order.load([".id", "state"], [[str(order.id), "sale"]])
        self.assertIn("past your authority", str(found["messages"]))
        self.env.invalidate_all()
        self.assertEqual(order.state, "draft")

    def test_a_refusal_that_a_caller_swallows_is_asked_again_before_the_commit(self):
        order = self._order(discount=12).with_user(self.salesperson)
        try:
            order.write({"state": "sale"})
        except ValidationError:
            pass
        refused = False
        try:
            self._settle()
        except ValidationError:
            refused = True
        self.env.transaction.clear()
        self.assertTrue(refused)

    def test_who_has_the_authority_confirms_alone(self):
        order = self._order(discount=12)
        order.user_id = self.manager
        self._refused(order.with_user(self.manager).action_confirm, "Discount (%): 12", "Sales Director")
        order.with_user(self.director).action_confirm()
        self._settle()
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.kams_approval_ids.approver_id, self.director)
        self.assertEqual(order.kams_approval_ids.needed_role, "director")

    def test_a_batch_names_every_order_and_confirms_none(self):
        good, bad, worse = self._order(), self._order(discount=12), self._order(discount=30)
        batch = (good | bad | worse).with_user(self.salesperson)
        self._refused(batch.action_confirm, bad.name, worse.name)
        self.assertEqual(set(batch.mapped("state")), {"draft"})

    def test_an_order_that_joins_a_deal_confirmed_is_judged(self):
        order = self._order(discount=30, deal=False)
        order.with_user(self.salesperson).action_confirm()
        self.assertEqual(order.state, "sale")
        self._refused(lambda: order.with_user(self.salesperson).write({"opportunity_id": self.deal.id}), "Discount")

    def test_what_was_confirmed_before_the_deal_came_under_kams_stands_but_gets_no_worse(self):
        deal = self.env["crm.lead"].create(
            {"name": "Older", "type": "opportunity", "team_id": False, "user_id": self.salesperson.id}
        )
        order = self._order(discount=30, deal=deal).with_user(self.salesperson)
        order.action_confirm()
        draft = self._order(discount=30, deal=deal).with_user(self.salesperson)
        self._settle()
        deal.team_id = self.team
        deal.with_user(self.director).action_kams_join()
        self._settle()
        self.assertTrue(deal.kams_process_id)
        self.assertTrue(all((order | draft).mapped("kams_on_deal")))
        self.assertEqual(order.sudo().kams_approval_ids.state, "approved")
        order.order_line.write({"name": "Spring"})
        order.order_line.write({"discount": 29})
        self._settle()
        self._refused(lambda: order.order_line.write({"discount": 31}), "Discount")
        self._refused(draft.action_confirm, "Discount")

    def test_a_deal_that_leaves_takes_its_quotations_along(self):
        order = self._order(discount=30)
        self.deal.with_user(self.director).action_kams_leave()
        self._settle()
        self.assertFalse(order.kams_on_deal)
        order.with_user(self.salesperson).action_confirm()
        self._settle()
        self.assertEqual(order.state, "sale")

    def test_a_confirmed_order_goes_into_a_merge_as_it_is(self):
        order = self._order(discount=12)
        order.with_user(self.director).action_confirm()
        self._settle()
        other = self._deal(name="Other", partner_id=self.customer.id)
        (self.deal | other).with_user(self.salesperson).merge_opportunity(auto_unlink=False)
        self._settle()
        self.assertTrue(order.opportunity_id.kams_process_id)
        self.assertEqual(order.state, "sale")

    def test_nobody_says_that_a_quotation_is_on_no_deal(self):
        order = self._order(discount=30).with_user(self.salesperson)
        with self.assertRaises(UserError):
            order.write({"kams_on_deal": False})

    def test_invoicing_a_down_payment_asks_nobody(self):
        order = self._order(discount=12)
        order.with_user(self.director).action_confirm()
        self._settle()
        self.product.standard_price = 990.0
        finance = self._person("kams_invoicing", "kams_sales.group_finance,account.group_account_invoice")
        wizard = self.env["sale.advance.payment.inv"].create(
            {"sale_order_ids": order.ids, "advance_payment_method": "percentage", "amount": 30}
        )
        wizard.with_user(finance).sudo().create_invoices()
        self._settle()
        self.assertTrue(order.invoice_ids)

    # LATER CHANGES
    def test_terms_that_get_worse_after_confirmation_are_judged(self):
        order = self._order(discount=5).with_user(self.salesperson)
        order.action_confirm()
        self._settle()
        line = order.order_line
        slow = self._company("Slow", property_payment_term_id=self.term_100.id)
        cheaper = self.env["product.product"].create({"name": "Dear to make", "standard_price": 900.0})
        changes = {
            "discount": lambda: line.write({"discount": 15}),
            "price": lambda: line.write({"price_unit": 700.0}),
            "through the order": lambda: order.write({"order_line": [Command.update(line.id, {"discount": 15})]}),
            "payment term": lambda: order.write({"payment_term_id": self.term_100.id}),
            "warranty": lambda: order.write({"kams_warranty_months": 48}),
            "damages": lambda: order.write({"kams_damages_cap_pct": 50}),
            "product": lambda: line.write({"product_id": cheaper.id, "price_unit": 950.0, "discount": 0}),
            "customer": lambda: order.write({"partner_id": slow.id}),
            "new line": lambda: (
                self.env["sale.order.line"]
                .with_user(self.salesperson)
                .create({"order_id": order.id, "product_id": self.product.id, "price_unit": 500.0, "tax_ids": []})
            ),
        }
        for name, change in changes.items():
            with self.subTest(change=name):
                self._refused(change, "past your authority")
        order.write({"client_order_ref": "PO 7"})
        line.write({"name": "Turbine service, spring"})
        line.write({"discount": 3})
        self._settle()

    def test_lines_changed_together_are_judged_together(self):
        order = self._order(discount=4)
        order.write({"order_line": [Command.create({"product_id": self.product.id, "tax_ids": [Command.clear()]})]})
        order = order.with_user(self.salesperson)
        order.action_confirm()
        self._settle()
        first, second = order.order_line
        order.write(
            {
                "order_line": [
                    Command.update(first.id, {"price_unit": 700.0, "discount": 0}),
                    Command.update(second.id, {"price_unit": 1250.0}),
                ]
            }
        )
        self._settle()
        self.assertEqual(order.amount_untaxed, 1950.0)

    def test_what_a_director_confirmed_others_may_touch_but_not_worsen(self):
        order = self._order(discount=12)
        order.with_user(self.director).action_confirm()
        self._settle()
        mine = order.with_user(self.salesperson)
        mine.order_line.write({"name": "Spring"})
        mine.order_line.write({"discount": 11})
        self._settle()
        self._refused(lambda: mine.order_line.write({"discount": 13}), "Discount")
        self._refused(lambda: mine.order_line.write({"product_uom_qty": 5}), "Discount")

    def test_a_cost_that_rises_later_holds_no_order_up(self):
        order = self._order().with_user(self.salesperson)
        order.action_confirm()
        self._settle()
        self.product.sudo().standard_price = 990.0
        order.write({"order_line": [Command.update(order.order_line.id, {"name": "Spring"})]})
        order.order_line.write({"product_uom_qty": 1})
        self._settle()
        self.assertEqual(order.kams_authority_state, "approved")

    # ASKING
    def test_a_yes_covers_what_was_asked_and_anything_better(self):
        order = self._order(discount=12, quantity=2).with_user(self.salesperson)
        order.action_kams_ask_authority()
        approval = order.sudo().kams_approval_ids
        self.assertEqual(
            (approval.state, approval.needed_role, approval.user_id), ("asked", "director", self.salesperson)
        )
        self.assertTrue(approval.activity_ids.user_id)
        self._refused(order.action_confirm, "Discount")
        self._answer(approval, self.director)
        self.assertFalse(approval.activity_ids)
        self.assertEqual(order.kams_authority_state, "approved")
        for change in ({"discount": 12.5}, {"product_uom_qty": 3}):
            with self.subTest(change=change), self.assertRaises(ValidationError), self.cr.savepoint():
                order.order_line.write(change)
                order.action_confirm()
        self.env.invalidate_all()
        order.order_line.write({"discount": 11, "product_uom_qty": 1})
        order.action_confirm()
        self._settle()
        self.assertEqual(order.state, "sale")

    def test_a_yes_is_for_its_quotation_and_currency_alone(self):
        order = self._order(discount=12).with_user(self.salesperson)
        order.action_kams_ask_authority()
        self._answer(order.sudo().kams_approval_ids, self.director)
        copy = order.copy({"opportunity_id": self.deal.id})
        self.assertFalse(copy.sudo().kams_approval_ids)
        self.assertEqual(copy.kams_authority_state, "beyond")
        other = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("id", "!=", order.currency_id.id)], limit=1)
        )
        approval = order.sudo().kams_approval_ids
        roles = {"discount": "director"}
        figures = order.sudo()._kams_judge()["figures"]
        self.assertTrue(approval._covers(figures, roles))
        self.assertFalse(approval._covers({**figures, "currency_id": other.id}, roles))

    def test_whoever_asks_does_not_answer_and_the_role_must_reach(self):
        order = self._order(discount=12, user_id=self.manager.id).with_user(self.manager)
        order.action_kams_ask_authority()
        approval = order.sudo().kams_approval_ids
        for user in (self.manager, self.salesperson):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._answer(approval, user)
        with self.assertRaises(UserError):
            self._answer(approval, self.director, "refused", reason=" ")
        self._answer(approval, self.director, "refused", reason="Not for this <b>customer</b>")
        self.assertEqual((approval.state, approval.approver_id), ("refused", self.director))
        with self.assertRaises(AccessError):
            self._answer(approval, self.director)
        self._refused(order.action_confirm, "Discount")

    def test_asking_again_replaces_the_open_question(self):
        order = self._order(discount=12).with_user(self.salesperson)
        order.action_kams_ask_authority()
        first = order.sudo().kams_approval_ids
        order.order_line.write({"discount": 14})
        order.action_kams_ask_authority()
        self.assertEqual(first.state, "replaced")
        self.assertFalse(first.activity_ids)
        self.assertEqual(len(order.sudo().kams_approval_ids.filtered(lambda one: one.state == "asked")), 1)

    def test_past_everybodys_authority_a_review_must_have_said_yes(self):
        order = self._order(discount=30).with_user(self.salesperson)
        self._refused(order.with_user(self.director).action_confirm, "Price Review")
        order.action_kams_ask_authority()
        approval = order.sudo().kams_approval_ids
        self.assertEqual(approval.needed_role, "committee")
        with self.assertRaises(ValidationError):
            self._answer(approval, self.director)

    def test_what_the_price_review_said_yes_to_is_confirmed(self):
        order = self._order(discount=30).with_user(self.salesperson)
        order.action_kams_ask_authority()
        approval = order.sudo().kams_approval_ids
        initiation = evidence.review(self.deal)
        self.assertTrue(initiation.is_valid)
        with self.assertRaisesRegex(ValidationError, "name the review"):  # it never saw a price
            self._answer(approval, self.director, review_id=initiation.id)
        offer = self.env["kams.proposal"].create({"lead_id": self.deal.id, "name": "Offer"})
        offer.line_ids = [Command.create({"name": "Boiler", "list_price": 1000, "cost": 650, "discount": 25})]
        price = evidence.review(self.deal, "price", {self.deal: {"proposal_id": offer.id}})
        self.assertEqual((price.is_valid, price.offer_discount), (True, 25))
        with self.assertRaisesRegex(ValidationError, "gives more away"):
            self._answer(approval, self.director, review_id=price.id)
        order.order_line.write({"discount": 25})
        order.action_kams_ask_authority()
        approval = order.sudo().kams_approval_ids.filtered(lambda one: one.state == "asked")
        self._answer(approval, self.director, review_id=price.id)
        self.assertEqual((approval.state, approval.review_id), ("approved", price))
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_the_deal_leads_to_its_approvals(self):
        order = self._order(discount=12).with_user(self.salesperson)
        order.action_kams_ask_authority()
        self.env.invalidate_all()
        self.assertEqual(self.deal.kams_approval_count, 1)
        action = self.deal.with_user(self.salesperson).action_kams_approvals()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), order.sudo().kams_approval_ids)

    def test_within_ones_authority_nothing_is_asked(self):
        with self.assertRaises(UserError):
            self._order().with_user(self.salesperson).action_kams_ask_authority()
        with self.assertRaises(UserError):
            self._order(discount=30, deal=False).with_user(self.salesperson).action_kams_ask_authority()

    def test_nobody_writes_approvals(self):
        order = self._order(discount=12).with_user(self.salesperson)
        order.action_kams_ask_authority()
        approval = order.sudo().kams_approval_ids
        for user in (self.salesperson, self.director):
            with self.assertRaises(UserError):
                approval.with_user(user).write({"state": "approved"})
            with self.assertRaises(UserError):
                approval.with_user(user).copy()
            with self.assertRaises(UserError):
                approval.with_user(user).unlink()
            with self.assertRaises(UserError):
                order.with_user(user).write({"kams_approval_ids": [Command.update(approval.id, {"state": "approved"})]})
        with self.assertRaises(UserError):
            approval.sudo().with_context(kams_authority_hand="authority").write({"state": "approved"})

    def _answer(self, approval, user, answer="approved", **values):
        wizard = self.env["kams.authority.answer"].with_user(user)
        if not self.env["kams.authority.answer"].with_user(user).has_access("create"):
            raise AccessError("no right to answer")  # pylint: disable=translation-required
        wizard.create({"approval_id": approval.id, "answer": answer, **values}).action_confirm()

    # THE CUSTOMER
    def test_a_customer_accepts_online_only_what_was_agreed_to(self):
        order = self._order(discount=8, require_signature=True, require_payment=True, prepayment_percent=1.0)
        order.action_quotation_sent()
        self.assertFalse(order._has_to_be_signed())
        self.assertFalse(order._has_to_be_paid())
        self.assertTrue(order.with_user(self.director).kams_may_agree)
        with self.assertRaises(UserError):
            order.with_user(self.salesperson).action_kams_agree()
        order.with_user(self.director).action_kams_agree()
        self.assertTrue(order._has_to_be_signed())
        self.assertTrue(order._has_to_be_paid())
        public = self.env.ref("base.public_user")
        order.with_user(public).sudo()._validate_order()
        self._settle()
        self.assertEqual(order.state, "sale")

    def test_a_customers_signature_goes_no_further_than_a_salesperson(self):
        order = self._order(discount=8, require_signature=True, user_id=self.director.id)
        public = self.env.ref("base.public_user")
        self._refused(order.with_user(public).sudo()._validate_order, "past your authority")
        good = self._order(discount=3, require_signature=True)
        good.with_user(public).sudo()._validate_order()
        self.assertEqual(good.state, "sale")

    def test_a_customer_in_the_portal_reads_no_margin(self):
        portal = new_test_user(self.env, login="kams_portal", groups="base.group_portal")
        order = self._order(discount=12, partner_id=portal.partner_id.id)
        order.message_subscribe(portal.partner_id.ids)
        for name in ("kams_authority_text", "kams_authority_state", "kams_approval_ids"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                order.with_user(portal).read([name])
        with self.assertRaises(AccessError):
            self.env["kams.authority.approval"].with_user(portal).search([])

    def test_a_payment_confirms_nothing_past_the_authority(self):
        order = self._order(discount=12, require_payment=True, prepayment_percent=1.0)
        provider = self.env["payment.provider"].search([], limit=1)
        method = self.env["payment.method"].with_context(active_test=False).search([], limit=1)
        tx = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": self.customer.id,
                "reference": "T-1",
                "sale_order_ids": [Command.set(order.ids)],
                "state": "done",
            }
        )
        self.assertFalse(tx._check_amount_and_confirm_order())
        self.assertEqual(order.state, "draft")
        self.assertEqual(order.activity_ids.user_id, self.salesperson)

    # PLAIN ORDERS
    def test_plain_orders_are_free(self):
        plain = self.env["crm.lead"].create(
            {"name": "Plain", "type": "opportunity", "team_id": False, "user_id": self.salesperson.id}
        )
        self.assertFalse(plain.kams_process_id)
        for deal in (False, plain):
            order = self._order(discount=90, deal=deal).with_user(self.salesperson)
            self.assertEqual(order.kams_authority_state, "none")
            order.action_confirm()
            order.order_line.write({"discount": 99})
            self._settle()
            self.assertEqual(order.state, "sale")
            self.assertFalse(order.sudo().kams_approval_ids)

    def test_plain_orders_see_no_extra_statement(self):
        """Against the same work with our hooks taken out."""
        plain = self.env["crm.lead"].create({"name": "Plain", "type": "opportunity", "team_id": False})
        hooks = type(self.env["sale.order"])
        for deal in (False, plain):
            for name, work in self._plain_works(deal).items():
                with self.subTest(work=name, deal=bool(deal)):
                    work()  # warm
                    with self._statements() as ours:
                        work()
                    with (
                        patch.object(hooks, "_kams_on_deals", lambda orders: orders.browse()),
                        self._statements() as odoos,
                    ):
                        work()
                    self.assertEqual(len(ours), len(odoos), "\n".join(ours))

    def _plain_works(self, deal):
        def fresh():
            return self._order(discount=50, deal=deal)

        def confirmed():
            order = fresh()
            order.action_confirm()
            self._settle()
            self.env.invalidate_all()
            return order

        drafts, orders = [fresh() for _n in range(4)], [confirmed() for _n in range(8)]
        self.env.invalidate_all()
        return {
            "create": lambda: fresh(),
            "confirm": lambda: drafts.pop().action_confirm(),
            "discount": lambda: orders.pop().order_line.write({"discount": 60}),
            "term": lambda: orders.pop().write({"payment_term_id": self.term_100.id}),
        }

    @contextmanager
    def _statements(self):
        self._settle()
        self.env.invalidate_all()
        found, execute = [], Cursor.execute

        def watch(cursor, query, params=None, log_exceptions=True):
            found.append(str(getattr(query, "code", query)))
            return execute(cursor, query, params, log_exceptions)

        with patch.object(Cursor, "execute", watch):
            yield found
            self._settle()

    # THE FORM
    def test_the_form_tells_what_is_past_the_authority(self):
        order = self._order(discount=12, payment_term_id=self.term_45.id)
        with Form(order.with_user(self.salesperson)) as form:
            self.assertEqual(form.kams_authority_state, "beyond")
            self.assertIn("12", form.kams_authority_text)
            self.assertIn("45", form.kams_authority_text)
            form.kams_warranty_months = 30
        self.assertIn("30", order.with_user(self.salesperson).kams_authority_text)
