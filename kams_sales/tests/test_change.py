from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from . import evidence
from .test_contract_clause import LONG, ContractCase


class ChangeCase(ContractCase):
    """A contract of 1,130,000 that is being delivered in two phases, by a project manager who sells nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.planner = cls._person("kams_planner", "kams_sales.group_delivery,project.group_project_user")
        cls.engineer = cls.env["res.partner"].create({"name": "Zhang Wei", "parent_id": cls.customer.id})
        cls.down, cls.final = cls.env["kams.payment.milestone"].create(
            [
                {"contract_id": cls.contract.id, "kind": kind, "pct": pct, "trigger": trigger, "days": 15}
                for kind, pct, trigger in (("advance", 30, "signature"), ("final", 70, "final"))
            ]
        )
        for state in ("review", "approved", "signed"):
            cls.contract.sudo()._engine().state = state
        cls.delivery = cls._delivery()
        cls.install, cls.test_run = cls.env["kams.delivery.phase"].create(
            [
                {
                    "delivery_id": cls.delivery.id,
                    "name": name,
                    "sequence": place,
                    "weight": 50,
                    "budget": 300_000,
                    "baseline_start": cls.today + timedelta(days=30 * place),
                    "baseline_end": cls.today + timedelta(days=30 * place + 29),
                }
                for place, name in enumerate(("Installation", "Trial run"))
            ]
        )
        cls._settle()

    @classmethod
    def _delivery(cls, **vals):
        values = {"lead_id": cls.deal.id, "contract_id": cls.contract.id, "user_id": cls.planner.id, **vals}
        delivery = cls.env["kams.delivery"].create(values)
        delivery.action_start()
        return delivery

    @classmethod
    def _change(cls, user=None, **vals):
        price = vals.pop("price_change", None)
        change = (
            cls.env["kams.change"]
            .with_user(user or cls.planner)
            .create(
                {
                    "delivery_id": cls.delivery.id,
                    "name": "A wider gate",
                    "request": "The gate is to be a metre wider",
                    "reason": "The truck doesn't fit",
                    "requested_by_id": cls.engineer.id,
                    "cost": 10_000.0,
                    "days": 3,
                    **vals,
                }
            )
        )
        if price is not None:
            change.with_user(cls.salesperson).price_change = price
        return change

    def _paper(self, change, **vals):
        """The customer's signature, entered and not noted yet."""
        scan = self.env["ir.attachment"].with_env(change.env).create({"name": "Signed.txt", "raw": b"Both signed"})
        change.write(
            {
                "signed_by_id": self.engineer.id,
                "signed_at": self.today,
                "signed_file_ids": [Command.link(scan.id)],
                **vals,
            }
        )

    def _signed(self, **vals):
        change = self._change(**vals)
        change.with_user(self.director).action_ask()
        if change.state == "review":
            evidence.review(self.deal, "change", {self.deal: {"change_id": change.id}})
        self._paper(change)
        change.action_sign()
        return change

    def _accept(self, **vals):
        """The final acceptance of the delivery, signed."""
        values = {"delivery_id": self.delivery.id, "kind": "final", **vals}
        acceptance = self.env["kams.acceptance"].create(values)
        self._sign_certificate(acceptance)
        return acceptance

    def _sign_certificate(self, acceptance):
        scan = self.env["ir.attachment"].with_env(acceptance.env).create({"name": "C.txt", "raw": b"Accepted"})
        acceptance.action_hold()
        acceptance.write(
            {
                "conclusion": "passed",
                "signed_by_id": self.engineer.id,
                "signed_at": self.today,
                "signed_file_ids": [Command.link(scan.id)],
            }
        )
        acceptance.action_sign()

    def _printed(self, change, user, report="report_change"):
        paper = self.env["ir.actions.report"].with_user(user)
        return paper._render_qweb_html(f"kams_sales.{report}", change.ids)[0].decode()


@tagged("post_install", "-at_install")
class TestChangeAuthority(ChangeCase):
    """Who of us may agree."""

    def test_a_small_change_is_agreed_to_by_whoever_writes_it(self):
        change = self._change()
        self.assertEqual(change.needed_role, "sales")
        change.action_ask()
        self.assertEqual(change.state, "approved")
        self.assertEqual((change.approved_by_id, change.approved_at), (self.planner, self.today))

    def test_bands_of_cost_price_and_days_name_who_is_to_agree(self):
        # of 1,130,000: 2 % is 22,600, 5 % 56,500, 10 % 113,000
        for values, role in (
            ({"cost": 22_599.0, "days": 5}, "sales"),
            ({"cost": 22_600.0, "days": 0}, "manager"),
            ({"cost": 56_500.0, "days": 0}, "director"),
            ({"cost": 113_000.0, "days": 0}, "committee"),
            ({"cost": -56_500.0, "days": 0}, "director"),
            ({"cost": 0.0, "days": 6}, "manager"),
            ({"cost": 0.0, "days": -16}, "director"),
            ({"cost": 0.0, "days": 31}, "committee"),
            ({"cost": 0.0, "days": 0, "price_change": -30_000.0}, "manager"),
            ({"cost": 0.0, "days": 0, "price_change": 200_000.0}, "committee"),
        ):
            with self.subTest(values=values):
                self.assertEqual(self._change(**values).needed_role, role)

    def test_past_their_authority_nobody_agrees_and_a_director_is_asked(self):
        change = self._change(days=20)
        change.action_ask()
        self.assertEqual(change.state, "review")
        for user in (self.planner, self.salesperson):
            with self.assertRaisesRegex(AccessError, "past your authority"):
                change.with_user(user).action_agree()
        asked = change.sudo().activity_ids.user_id
        self.assertTrue(asked.has_group("kams_sales.group_director"))
        change.with_user(self.director).action_agree()
        self.assertEqual((change.state, change.approved_by_id), ("approved", self.director))
        self.assertFalse(change.sudo().activity_ids)

    def test_a_part_of_an_unknown_amount_is_a_directors_to_bear(self):
        self.delivery.contract_id = False
        self.assertEqual(self._change(cost=1.0).needed_role, "director")
        self.assertEqual(self._change(cost=0.0).needed_role, "sales")

    def test_a_large_change_is_decided_by_its_committee(self):
        change = self._change(cost=200_000.0)
        change.action_ask()
        with self.assertRaisesRegex(AccessError, "Change Review"):
            change.with_user(self.director).action_agree()
        self.assertEqual(change.sudo().activity_ids.user_id, self.salesperson)
        review = evidence.review(self.deal, "change", {self.deal: {"change_id": change.id}})
        self.assertEqual(review.amount, 200_000.0)
        self.assertEqual(change.state, "approved")
        self.assertEqual(change.approved_by_id, review.decided_by_id)

    def test_a_committee_may_say_no(self):
        change = self._change(cost=200_000.0)
        change.action_ask()
        review = self.env["kams.review"].browse(change.with_user(self.salesperson).action_ask_review()["res_id"])
        people = evidence.committee(self.env)
        for seat in review.opinion_ids:
            seat.user_id = people[seat.role]
        review.with_user(self.salesperson).action_submit()
        for seat in review.opinion_ids:
            seat.with_user(seat.user_id)._cast("reject", "Too dear")
        review.with_user(people["director"])._decide("rejected", "Too dear")
        self.assertEqual(change.state, "rejected")

    def test_written_again_a_yes_is_void(self):
        change = self._change(cost=200_000.0)
        change.action_ask()
        review = evidence.review(self.deal, "change", {self.deal: {"change_id": change.id}})
        change._end("again", "Another gate")
        self.assertEqual(change.state, "draft")
        self.assertFalse(change.approved_by_id)
        self.assertFalse(review.is_valid)
        change.action_ask()
        self.assertEqual(change.state, "review")

    def test_one_message_names_all_that_is_missing(self):
        change = self._change(request=False, reason=" ", requested_by_id=False, cost=None, days=None)
        with self.assertRaises(UserError) as caught:
            change.action_ask()
        for words in ("what changes", "why it changes", "who of the customer", "costs us", "how many days"):
            self.assertIn(words, str(caught.exception))

    def test_whoever_may_not_agree_may_not_refuse_either(self):
        change = self._change(days=20)
        change.action_ask()
        with self.assertRaisesRegex(AccessError, "may refuse it"):
            change._end("refuse", "No")
        change.with_user(self.director)._end("refuse", "Too late for that")
        self.assertEqual(change.state, "rejected")


@tagged("post_install", "-at_install")
class TestChangeSigning(ChangeCase):
    """Two signatures, and what they set off."""

    def test_without_person_day_and_paper_it_is_not_signed(self):
        change = self._change()
        with self.assertRaises(UserError):
            change.action_sign()
        change.action_ask()
        with self.assertRaises(UserError) as caught:
            change.action_sign()
        for words in ("Who signed", "day of the customer", "as a file"):
            self.assertIn(words, str(caught.exception))
        self._paper(change, signed_by_id=self.salesperson.partner_id.id)
        with self.assertRaisesRegex(UserError, "one of us"):
            change.action_sign()
        change.signed_by_id = self.engineer
        change.signed_at = self.today + timedelta(days=1)
        with self.assertRaisesRegex(UserError, "still to come"):
            change.action_sign()
        change.signed_at = self.today
        change.action_sign()
        self.assertEqual(change.state, "signed")
        self.assertFalse(change.is_open)
        self.assertIn("Signed.txt", change.signed_hash)

    def test_phases_are_promised_anew_and_the_paper_tells_both(self):
        change = self._change(days=10)
        change.action_take_phases()
        self.assertEqual(change.phase_line_ids.phase_id, self.install | self.test_run)
        before = self.test_run.baseline_end
        starts = {line.phase_id: line.new_start for line in change.phase_line_ids}
        self.assertEqual(starts[self.install], self.install.baseline_start, "it ends later, and begins as it did")
        self.assertEqual(starts[self.test_run], self.test_run.baseline_start + timedelta(days=10))
        change.with_user(self.director).action_ask()
        self._paper(change)
        change.action_sign()
        self.assertEqual(self.test_run.baseline_end, before + timedelta(days=10))
        line = change.phase_line_ids.filtered(lambda one: one.phase_id == self.test_run)
        self.assertEqual((line.promised_end, line.new_end), (before, before + timedelta(days=10)))

    def test_what_the_customer_pays_more_is_a_payment_of_its_own(self):
        change = self._signed(price_change=50_000.0, payment_trigger="date", payment_days=30)
        payment = change.sudo().milestone_ids
        self.assertEqual((payment.amount, payment.pct, payment.contract_id), (50_000.0, False, self.contract))
        self.assertEqual(payment.date_due, self.today + timedelta(days=30))
        contract = self.contract.with_user(self.salesperson)
        self.assertEqual(contract.changed_total, 1_180_000.0)
        self.assertFalse(contract.payment_findings)
        self.assertEqual(contract.payment_days, 15)
        self.assertEqual((self.down.amount, self.final.amount), (339_000.0, 791_000.0))
        with self.assertRaisesRegex(UserError, "takes it back"):
            payment.unlink()

    def test_what_they_pay_less_comes_off_the_last_payment(self):
        self._signed(price_change=-91_000.0)
        self.assertEqual((self.down.amount, self.final.amount), (339_000.0, 700_000.0))
        self.assertEqual((self.final.pct, self.final.change_reduction), (70.0, 91_000.0))
        self.assertFalse(self.contract.payment_findings)
        self.assertEqual(self.contract.with_user(self.salesperson).changed_total, 1_039_000.0)

    def test_more_than_all_that_is_open_is_a_credit_note(self):
        change = self._signed(price_change=-2_000_000.0)
        self.assertEqual((self.down.amount, self.final.amount), (0.0, 0.0))
        reminder = change.sudo().activity_ids.filtered(lambda one: "Credit note" in (one.summary or ""))
        self.assertIn("870,000", reminder.summary)

    def test_without_a_contract_the_deal_still_gets_its_payment(self):
        self.delivery.contract_id = False
        change = self._signed(price_change=5_000.0)
        payment = change.sudo().milestone_ids
        self.assertEqual((payment.lead_id, payment.contract_id, payment.amount), (self.deal, payment.contract_id, 5000))
        self.assertFalse(payment.contract_id)

    def test_what_is_signed_stays_by_every_route(self):
        change = self._signed()
        line = self.env["kams.change.phase"].with_user(self.planner)
        for attempt in (
            lambda: change.write({"cost": 1.0}),
            lambda: change.write({"state": "draft"}),
            lambda: change.write({"signed_file_ids": [Command.clear()]}),
            lambda: change.write({"phase_line_ids": [Command.create({"phase_id": self.install.id})]}),
            lambda: line.create({"change_id": change.id, "phase_id": self.install.id}),
            lambda: change.signed_file_ids.write({"raw": b"Another"}),
            lambda: change.signed_file_ids.unlink(),
            lambda: change.unlink(),
            lambda: change._end("again", "Oh"),
            lambda: change._end("withdraw", "Oh"),
        ):
            with self.assertRaises(UserError):
                attempt()
        self.assertEqual(change.action_verify_signed()["params"]["type"], "success")

    def test_nobody_types_a_status_or_who_agreed(self):
        change = self._change(state="draft", approved_by_id=self.director.id, number="X")
        self.assertFalse(change.approved_by_id)
        self.assertEqual(change.number, "CO-01")
        for vals in ({"state": "approved"}, {"approved_by_id": self.director.id}, {"signed_hash": "x"}):
            with self.assertRaises(UserError):
                change.write(vals)

    def test_numbers_go_on_in_each_delivery(self):
        other = self._delivery(name="Second plant")
        values = [{"delivery_id": self.delivery.id, "name": name} for name in "ab"]
        values.append({"delivery_id": other.id, "name": "c"})
        changes = self.env["kams.change"].create(values)
        self.assertEqual(changes.mapped("number"), ["CO-01", "CO-02", "CO-01"])
        self.assertEqual(self._change().number, "CO-03")

    def test_a_change_goes_with_a_merged_deal(self):
        change = self._signed()
        other = self._deal(partner_id=self.customer.id)
        self._settle()
        (other | self.deal).merge_opportunity(auto_unlink=False)
        self.assertEqual(change.lead_id, change.delivery_id.lead_id)
        self.assertEqual(change.state, "signed")


@tagged("post_install", "-at_install")
class TestChangeAfterFinal(ChangeCase):
    """Must survive: a change after the final acceptance."""

    def test_it_moves_no_phase_and_has_an_acceptance_of_its_own(self):
        self._accept()
        end = self.test_run.baseline_end
        change = self._change(price_change=20_000.0, cost=5_000.0)
        self.assertTrue(change.is_after_final)
        self.assertIn("acceptance of its own", change.findings_page)
        with self.assertRaisesRegex(UserError, "Accepted on Its Own"):
            change.action_ask()
        change.own_acceptance = True
        line = change.phase_line_ids.create(
            {"change_id": change.id, "phase_id": self.test_run.id, "new_end": end + timedelta(days=9)}
        )
        with self.assertRaisesRegex(UserError, "their dates stay"):
            change.action_ask()
        line.unlink()
        change.with_user(self.director).action_ask()
        self._paper(change)
        warranty = self.delivery.warranty_start
        change.action_sign()
        self.assertEqual(self.test_run.baseline_end, end)
        acceptance = change.acceptance_ids
        payment = change.sudo().milestone_ids
        self.assertEqual((acceptance.delivery_id, acceptance.state), (self.delivery, "draft"))
        self.assertEqual((payment.acceptance_id, payment.trigger_date), (acceptance, False))
        self.assertEqual(self.delivery.warranty_start, warranty)
        self._sign_certificate(acceptance)
        self.assertEqual(payment.trigger_date, self.today)

    def test_one_agreed_to_before_is_asked_again_when_it_is_signed(self):
        change = self._change()
        change.action_ask()
        self._paper(change)
        self._accept()
        with self.assertRaisesRegex(UserError, "Accepted on Its Own"):
            change.action_sign()


@tagged("post_install", "-at_install")
class TestChangeEyes(ChangeCase):
    """Must survive: a project manager without sales rights sees the cost, never the price."""

    def test_a_project_manager_sees_no_price_anywhere(self):
        change = self._change(price_change=20_000.0, cost=30_000.0)
        mine = change.with_user(self.planner)
        self.assertNotIn("price_change", mine.fields_get())
        with self.assertRaises(AccessError):
            mine.read(["price_change"])
        with Form(mine) as form:
            self.assertNotIn("price_change", form._view["fields"])
            self.assertEqual(form.cost, 30_000.0)
        self.assertNotIn("1.77", mine.authority_told)
        self.assertIn("1.77", change.with_user(self.salesperson).authority_told)
        self.assertNotIn("costs us more", mine.findings_page or "")
        self.assertIn("costs us more", change.with_user(self.salesperson).findings_page)
        change.with_user(self.salesperson).action_ask()
        told = [*mine.activity_ids.mapped("note"), *mine.message_ids.mapped("body")]
        self.assertNotRegex(" ".join(map(str, told)), "1.77|20,000")
        change.with_user(self.director).action_agree()
        self.assertNotIn("20,000", self._printed(change, self.planner))
        self.assertIn("20,000", self._printed(change, self.salesperson))
        with self.assertRaises(AccessError):
            self.contract.with_user(self.planner).read(["changed_total"])

    def test_they_write_sign_and_withdraw_without_a_right_to_payments_or_projects(self):
        builder = self._person("kams_bare_builder", "kams_sales.group_delivery")
        change = self._change(user=builder, price_change=5_000.0)
        change.action_take_phases()
        change.action_ask()
        self._paper(change)
        change.action_sign()
        self.assertEqual(change.sudo().milestone_ids.amount, 5_000.0)
        self._change(user=builder)._end("withdraw", "Nothing comes of it")

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_the_customers_portal_user_sees_nothing(self):
        portal = (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": "Portal",
                    "login": "kams_change_portal",
                    "partner_id": self.engineer.id,
                    "group_ids": [Command.set([self.env.ref("base.group_portal").id])],
                }
            )
        )
        change = self._signed()
        for record in (change, change.sudo().milestone_ids, self.delivery):
            if record:
                with self.assertRaises(AccessError):
                    record.with_user(portal).read(["id", "display_name"])

    def test_words_of_any_kind_are_kept_and_printed(self):
        change = self._change(request=LONG, reason=LONG, effect=LONG, name="<b>مرحبا</b> 🚀")
        change.action_ask()
        page = self._printed(change, self.salesperson)
        self.assertIn("العربية", page)
        self.assertNotIn("<b>bold</b>", page)


@tagged("post_install", "-at_install")
class TestChangeLaw(ChangeCase):
    """L15: what is added to a contract of government procurement."""

    def test_l15_all_changes_together_add_a_tenth_at_most(self):
        self.deal.kams_legal_regime = "gov_procurement"
        first = self._change(price_change=60_000.0)
        found = first.with_user(self.salesperson)._check_l15()
        self.assertEqual((found[0]["level"], found[0]["lawful"]), ("info", 113_000.0))
        self._signed(price_change=60_000.0)
        found = first.with_user(self.salesperson)._check_l15()
        self.assertEqual((found[0]["level"], found[0]["lawful"]), ("error", 53_000.0))
        self.assertIn("49", found[0]["article"])
        self.assertFalse(first.with_user(self.planner)._check_l15())

    def test_l15_says_nothing_elsewhere_nor_of_what_is_taken_off(self):
        self.assertFalse(self._change(price_change=600_000.0).with_user(self.salesperson)._check_l15())
        self.deal.kams_legal_regime = "gov_procurement"
        self.assertFalse(self._change(price_change=-600_000.0).with_user(self.salesperson)._check_l15())
