from datetime import date, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_meeting import MeetingCase


class ReferenceCase(MeetingCase):
    """A customer whom we delivered to, who paid and agreed to be visited."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.industry = cls.env["res.partner.industry"].create({"name": "Power"})
        cls.shown = cls._company("Datang Power", industry_id=cls.industry.id)
        cls.product.invoice_policy = "order"
        cls.shown_account = cls._account(cls.shown, employees=800)
        cls._judge("cooperative")
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.shown.id,
                "order_line": [
                    Command.create({"product_id": cls.product.id, "product_uom_qty": 2, "tax_ids": [Command.clear()]})
                ],
            }
        )
        cls.order.action_confirm()
        cls.file = cls.env["ir.attachment"].create({"name": "Consent.pdf", "raw": b"yes"})
        cls.reference = cls.env["kams.reference"].create(
            {
                "partner_id": cls.shown.id,
                "order_id": cls.order.id,
                "user_id": cls.manager.id,
                "consent": True,
                "consent_date": "2026-01-31",
                "consent_file_ids": [Command.link(cls.file.id)],
            }
        )

    @classmethod
    def _judge(cls, stage):
        """What the six statements would say (test_account_profile.py)."""
        cls.shown_account.relationship_stage = stage

    @classmethod
    def _deliver(cls):
        cls.order.order_line.qty_delivered = 2

    @classmethod
    def _pay(cls):
        invoice = cls.order._create_invoices()
        invoice.action_post()
        cls.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids).create(
            {}
        ).action_create_payments()
        return invoice

    @classmethod
    def _offered(cls):
        cls._deliver()
        cls._pay()
        cls.reference.invalidate_recordset()

    @classmethod
    def _visit(cls, days=1, **vals):
        return cls._interview(days=days, kams_kind="reference_visit", **vals)

    def _why(self, day=None):
        self.env.flush_all()
        self.env.invalidate_all()
        reference = self.reference.with_user(self.salesperson)
        return " ".join(reference._obstacles(day or fields.Date.today())[reference])


@tagged("post_install", "-at_install")
class TestReference(ReferenceCase):
    # WHEN IT IS OFFERED
    def test_delivered_paid_healthy_willing_and_not_worn_out(self):
        self.assertIn("Not delivered yet", self._why())
        self._deliver()
        self.assertEqual(self._why(), "Not everything is invoiced and paid: ask finance.")
        self._pay()
        self.assertEqual(self._why(), "")
        self.reference.invalidate_recordset()
        self.assertTrue(self.reference.is_offered)
        self.assertIn(self.reference, self.reference.search([("is_offered", "=", True)]))
        self.assertNotIn(self.reference, self.reference.search([("is_offered", "=", False)]))
        self._judge("disintegrating")
        self.assertEqual(self._why(), "Their relationship with us is “Disintegrating”.")
        self._judge(False)
        self.assertIn("isn't judged yet", self._why())

    def test_an_acceptance_says_that_it_is_delivered(self):
        self._pay()
        self.reference.delivered_on = fields.Date.today()
        self.assertEqual(self._why(), "")
        self.assertIn("Not delivered yet", self._why(fields.Date.today() - timedelta(days=9)))

    def test_without_an_order_nobody_knows_whether_it_is_paid(self):
        self.reference.order_id = False
        self.assertIn("Whether it is delivered isn't known", self._why())
        self.assertIn("Whether it is paid isn't known", self._why())
        deal = self._deal(partner_id=self.shown.id)
        self.reference.deal_id = deal
        self.assertIn("isn't known", self._why())
        self.order.opportunity_id = deal
        self._offered()
        self.assertEqual(self._why(), "", "All orders of the deal count.")
        second = self.order.copy({"opportunity_id": deal.id})
        second.action_confirm()
        self.assertIn("Not everything is invoiced and paid", self._why())

    def test_whoever_owes_something_overdue_is_not_shown_around(self):
        self._offered()
        long_ago = fields.Date.today() - timedelta(days=90)
        old = self._invoice(10, partner=self.shown, day=long_ago, invoice_date_due=long_ago)
        self.assertEqual(self._why(), "Not everything is invoiced and paid: ask finance.")
        self.assertNotIn("10", self._why(), "No amount is told.")
        old.button_draft()
        self.assertEqual(self._why(), "")

    def test_consent_has_a_day_a_file_and_an_end(self):
        self._offered()
        self.reference.consent_until = "2026-12-31"
        self.assertEqual(self._why(date(2026, 12, 31)), "")
        self.assertEqual(self._why(date(2027, 1, 1)), "Their consent doesn't hold on that day.")
        self.assertEqual(self._why(date(2026, 1, 30)), "Their consent doesn't hold on that day.")
        self.reference.consent_file_ids = False
        self.assertIn("isn't on file", self._why())
        self.reference.consent = False
        self.assertIn("haven't agreed", self._why())
        with self.assertRaisesRegex(ValidationError, "since when"), self.cr.savepoint():
            self.reference.write({"consent": True, "consent_date": False})
        with self.assertRaisesRegex(ValidationError, "can't end before"), self.cr.savepoint():
            self.reference.write({"consent_until": "2020-01-01"})

    def test_two_visits_a_quarter_and_no_third(self):
        with freeze_time("2026-11-20 10:00:00"):
            self._offered()
            for days in (2, 30):
                self._visit(days=days).kams_reference_id = self.reference
            third = self._visit(days=9)
            with (
                self.assertRaisesRegex(ValidationError, "booked 2 times that quarter; 2 are the most"),
                self.cr.savepoint(),
            ):
                third.kams_reference_id = self.reference
            next_quarter = self._visit(days=60)
            next_quarter.kams_reference_id = self.reference
            with self.assertRaisesRegex(ValidationError, "that quarter"), self.cr.savepoint():
                next_quarter.write({"start": third.start, "stop": third.stop})
            rule = self.env.ref("kams_sales.rule_reference_visits_quarter")
            rule.valid_to = "2026-11-30"
            rule.copy({"value": 3, "valid_from": "2026-12-01", "valid_to": False})
            in_december = self._visit(days=20)
            in_december.kams_reference_id = self.reference
            self.reference.invalidate_recordset()
            self.assertEqual(self.reference.visits_quarter, 3)

    def test_a_cancelled_visit_does_not_count_and_none_stands_in_its_own_way(self):
        self._offered()
        self.env.ref("kams_sales.rule_reference_visits_quarter").value = 1
        first, second = self._visit(), self._visit()
        first.kams_reference_id = self.reference
        first.write({"stop": first.stop + timedelta(minutes=5), "kams_reference_id": self.reference.id})
        with self.assertRaises(ValidationError):
            second.kams_reference_id = self.reference
        first.active = False
        second.kams_reference_id = self.reference
        with self.assertRaises(ValidationError):
            first.active = True

    def test_what_is_wrong_holds_on_every_route(self):
        with self.assertRaisesRegex(ValidationError, "Datang Power can't be visited on"), self.cr.savepoint():
            self._visit(kams_reference_id=self.reference.id)
        visit = self._visit()
        line = self._find(visit).line_ids.filtered(lambda line: line.reference_id == self.reference)
        with self.assertRaisesRegex(ValidationError, "Not delivered yet"), self.cr.savepoint():
            line.action_choose()

    # WHO IS ALIKE
    def _find(self, visit):
        action = visit.with_user(self.salesperson).action_kams_find_reference()
        return self.env[action["res_model"]].with_user(self.salesperson).browse(action["res_id"])

    def test_the_most_alike_come_first_and_others_say_why_not(self):
        self._offered()
        self.customer.industry_id = self.industry
        self.deal.kams_account_id = self._account(employees=400)
        boilers = self.env["product.category"].create({"name": "Boilers"})
        self.deal.kams_offering_id = boilers
        self.reference.offering_id = boilers
        far_away = self.env["kams.reference"].create({"partner_id": self._company("A Far Away Ltd").id})
        own = self.env["kams.reference"].create({"partner_id": self.customer.id})
        lines = self._find(self._visit()).line_ids
        self.assertNotIn(own, lines.reference_id, "Nobody is shown around at home.")
        ours = self.reference | far_away  # others may be there already
        lines = lines.filtered(lambda line: line.reference_id in ours)
        self.assertEqual(lines.reference_id, ours, "Who is offered comes first.")
        # industry 40·1 + size 20·(400 ÷ 800) + application 40·1 = 90 of 100: 1 + 4·0.9 = 4.6
        self.assertEqual((lines[0].similarity, lines[0].offered), ("5", True))
        self.assertEqual(lines[0].why, "same industry, size 50% alike, same application")
        far = lines[1]
        self.assertEqual((far.similarity, far.offered), (False, False))
        self.assertIn("haven't agreed", far.obstacles)

    def test_a_reference_is_chosen_by_whoever_may_write_the_deal(self):
        self._offered()
        visit = self._visit()
        self._find(visit).line_ids.filtered(lambda line: line.reference_id == self.reference).action_choose()
        self.assertEqual(visit.kams_reference_id, self.reference)
        with self.assertRaisesRegex(UserError, "no reference visit"), self.cr.savepoint():
            self._interview().action_kams_find_reference()
        self.reference.topics_show = "The control room"
        self.env.invalidate_all()
        self.assertIn("Show: The control room", visit.kams_reference_topics)
        self.env.invalidate_all()
        theirs = visit.with_user(self.colleague)
        self.assertFalse(
            theirs.kams_reference_id or theirs.kams_reference_topics, "Whose deal it isn't learns nothing."
        )
        self.assertFalse(theirs.search([("kams_reference_id", "=", self.reference.id)]))

    def test_obstacles_and_likeness_of_many_take_a_constant_number_of_statements(self):
        found = {}
        for number in (1, 12):
            partners = self.env["res.partner"].create(
                [{"name": f"Plant {number} {place}", "is_company": True} for place in range(number)]
            )
            references = self.env["kams.reference"].create(
                [{"partner_id": partner.id, "order_id": False} for partner in partners]
            )
            for reference in references:
                order = self.order.copy({"partner_id": reference.partner_id.id})
                order.action_confirm()
                reference.order_id = order
            self._settle()
            self.env.invalidate_all()
            references = references.with_user(self.salesperson)
            before = self.cr.sql_log_count
            references._obstacles(fields.Date.today())
            references._similarity(self.deal)
            found[number] = self.cr.sql_log_count - before
        self.assertLessEqual(found[12], found[1] + 1, found)

    # AFTER THE VISIT
    def test_whoever_looks_after_the_reference_thanks_them_once(self):
        self._offered()
        visit = self._visit(days=-1)
        with self.assertRaisesRegex(UserError, "Reference Customer"), self.cr.savepoint():
            self._record(visit, kams_compliance=True)
        visit.kams_reference_id = self.reference
        self._record(visit, kams_compliance=True)
        thanks = self.reference.activity_ids
        self.assertEqual(thanks.user_id, self.manager)
        self.assertIn("Thank Datang Power", thanks.summary)
        self.assertNotIn(self.customer.name, thanks.summary, "Whom we took there isn't told.")
        visit.action_kams_reopen()
        visit.action_kams_submit()
        self.assertEqual(self.reference.activity_ids, thanks)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.reference.unlink()

    # WHO MAY
    def test_all_who_sell_read_references_and_their_owners_write_them(self):
        reference = self.reference.with_user(self.salesperson)
        self.assertEqual(reference.read(["name"])[0]["name"], "Datang Power")
        self.assertFalse(reference.has_access("write"))
        self.assertTrue(self.reference.with_user(self.manager).has_access("write"))
        mine = self.env["kams.reference"].with_user(self.salesperson).create({"partner_id": self.customer.id})
        self.assertTrue(mine.has_access("write"))

    def test_deal_and_order_are_the_customers_own(self):
        with self.assertRaisesRegex(ValidationError, "of another customer"), self.cr.savepoint():
            self.reference.deal_id = self.deal
        other = self.env["res.partner"].create({"name": "Somebody"})
        with self.assertRaisesRegex(ValidationError, "of another customer"), self.cr.savepoint():
            self.reference.contact_id = other

    def test_a_reference_follows_its_deal_into_a_merge(self):
        deals = self._deal(partner_id=self.shown.id) | self._deal(partner_id=self.shown.id, name="Again")
        self.reference.write({"order_id": False, "deal_id": deals[1].id})
        other = self.reference.copy({"deal_id": deals[0].id})
        kept = deals.with_user(self.director).merge_opportunity()
        self.assertEqual((self.reference | other).deal_id, kept)

    def test_references_are_imported(self):
        rows = [["Datang Power", "2026-01-31", "1", "2026-02-01", "800"]]
        names = ["partner_id", "delivered_on", "consent", "consent_date", "employees"]
        result = self.env["kams.reference"].load(names, rows)
        self.assertFalse(result["messages"])
        reference = self.env["kams.reference"].browse(result["ids"])
        self.assertEqual((reference.name, reference.employees), ("Datang Power", 800))
        self.assertEqual(reference.industry_id, self.industry)
