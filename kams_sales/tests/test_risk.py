from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import KamsCase

TODAY = fields.Date.today


class RiskCase(KamsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pm = cls._person("kams_risk_pm", "kams_sales.group_delivery,project.group_project_user")
        cls.engineer = cls._person("kams_risk_engineer", "kams_sales.group_delivery")
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.delivery = cls.env["kams.delivery"].create({"lead_id": cls.deal.id, "user_id": cls.pm.id})

    @classmethod
    def _risk(cls, **vals):
        vals = {"delivery_id": cls.delivery.id, **vals} if "lead_id" not in vals else vals
        return cls.env["kams.risk"].create({"name": "The pumps come late", **vals})

    @classmethod
    def _high(cls, **vals):
        """A high risk that somebody looks after."""
        looked_after = {"user_id": cls.engineer.id, "response": "mitigate", "action": "Order in advance"}
        return cls._risk(**{"probability": "4", "impact": "5", **looked_after, **vals})

    def _uncontrolled(self, risk):
        """Computed and searched for, which must say the same."""
        found = self.env["kams.risk"].search([("is_uncontrolled", "=", True), ("id", "in", risk.ids)])
        others = self.env["kams.risk"].search([("is_uncontrolled", "=", False), ("id", "in", risk.ids)])
        self.assertEqual(found, risk.filtered("is_uncontrolled"))
        self.assertEqual(others, risk - found)
        return bool(found)


@tagged("post_install", "-at_install")
class TestRiskFigures(RiskCase):
    def test_c33_score_and_level(self):
        for probability, impact, score, level in (("4", "5", 20, "high"), ("3", "5", 15, "high")):
            risk = self._risk(probability=probability, impact=impact)
            self.assertEqual((risk.score, risk.level), (score, level))
        for probability, impact, level in (("2", "4", "medium"), ("3", "4", "medium"), ("1", "5", "low")):
            self.assertEqual(self._risk(probability=probability, impact=impact).level, level)

    def test_c33_exposure_of_three(self):
        risks = self.env["kams.risk"].union(
            *(
                self._risk(probability_pct=pct, impact_amount=amount)
                for pct, amount in ((30, 5e5), (10, 1e6), (50, 8e4))
            )
        )
        self.assertEqual(sum(risks.mapped("exposure")), 290_000)

    def test_c33_leverage(self):
        risk = self._risk(probability_pct=30, impact_amount=5e5, residual_pct=10, action_cost=4e4)
        self.assertEqual((risk.exposure, risk.residual_exposure, risk.leverage), (150_000, 50_000, 2.5))

    def test_what_is_not_judged_is_blank(self):
        risk = self._risk(probability="4", impact_amount=9)
        self.assertFalse(risk.level)
        for name in ("score", "exposure", "residual_score", "residual_exposure", "leverage"):
            self.assertIs(risk[name], False, name)
        self.env.flush_all()
        self.env.cr.execute("SELECT score, exposure, leverage FROM kams_risk WHERE id = %s", [risk.id])
        self.assertEqual(self.env.cr.fetchone(), (None, None, None))

    def test_a_limit_set_anew_judges_what_is_open(self):
        open_one, closed = self._risk(probability="3", impact="4"), self._risk(probability="3", impact="4")
        closed._go_on("closed", TODAY(), "Nothing came of it", None)
        self.env.ref("kams_sales.rule_risk_high_score").value = 12
        self.assertEqual((open_one.level, closed.level), ("high", "medium"))

    def test_percents_and_amounts_are_sane(self):
        for vals in ({"probability_pct": 101}, {"residual_pct": -1}, {"impact_amount": -5}, {"action_cost": -1}):
            with self.subTest(vals), self.assertRaises(ValidationError):
                self._risk(**vals)


@tagged("post_install", "-at_install")
class TestRiskControl(RiskCase):
    def test_a_high_risk_wants_owner_response_action_and_time(self):
        self.assertFalse(self._uncontrolled(self._high()))
        yesterday = TODAY() - timedelta(days=1)
        for vals in (
            {"user_id": False},
            {"response": False},
            {"action": False},
            {"action": "  \n "},
            {"date_due": yesterday},
        ):
            with self.subTest(vals):
                self.assertTrue(self._uncontrolled(self._high(**vals)))
        self.assertFalse(self._uncontrolled(self._high(date_due=TODAY())))
        self.assertFalse(self._uncontrolled(self._high(probability="1", user_id=False)))

    def test_an_owner_who_left_is_none(self):
        risk = self._high()
        self.engineer.active = False
        self.assertTrue(self._uncontrolled(risk))
        self.assertTrue(risk.is_owner_gone)
        self.assertEqual(self.env["kams.risk"].search([("is_owner_gone", "=", True)]), risk)
        self.assertIn("no longer works here", risk.lacking)
        self.engineer.active = True
        self.assertFalse(self._uncontrolled(risk))

    def test_an_owner_who_is_deleted_leaves_the_risk(self):
        person = self._person("kams_risk_gone", "kams_sales.group_delivery")
        risk = self._high(user_id=person.id)
        self.env.flush_all()
        person.unlink()
        self.env.invalidate_all()
        self.assertTrue(risk.exists())
        self.assertTrue(self._uncontrolled(risk))

    def test_a_risk_outlives_its_delivery_and_project(self):
        self.delivery.project_id = self.env["project.project"].create({"name": "Boilers"})
        phase = self.env["kams.delivery.phase"].create({"delivery_id": self.delivery.id, "name": "Installation"})
        risk = self._high(phase_id=phase.id)
        self.delivery.project_id.unlink()
        self.assertEqual(risk.delivery_id, self.delivery)
        self.delivery.unlink()
        self.env.invalidate_all()
        self.assertEqual(risk.lead_id, self.deal)
        self.assertFalse(risk.delivery_id | risk.phase_id.delivery_id)


@tagged("post_install", "-at_install")
class TestRiskLife(RiskCase):
    def _note(self, risk, step, **vals):
        self.env["kams.risk.note"].with_env(risk.env).create(
            {"risk_id": risk.id, "step": step, **vals}
        ).action_confirm()

    def test_numbers_go_on_per_deal(self):
        first, second = self._risk(), self._risk()
        other = self._risk(lead_id=self._deal().id)
        self.assertEqual((first.code, second.code, other.code), ("R1", "R2", "R1"))
        self._risk(code="R41")
        self.assertEqual(self._risk().code, "R42")

    def test_what_came_of_it_is_said_and_stays(self):
        risk = self._high()
        with self.assertRaises(UserError):
            self._note(risk, "occurred", note=" ")
        self._note(risk, "occurred", note="Four weeks late", amount=2e5)
        self.assertEqual((risk.state, risk.occurred_on, risk.actual_amount), ("occurred", TODAY(), 2e5))
        self._note(risk, "closed")  # what came of it was told
        self.assertEqual((risk.state, risk.outcome), ("closed", "Four weeks late"))
        for vals in ({"name": "x"}, {"outcome": "x"}, {"probability": "1"}, {"state": "open"}, {"closed_on": False}):
            with self.subTest(vals), self.assertRaises(UserError):
                risk.write(vals)
        with self.assertRaises(UserError):
            risk.unlink()

    def test_reopening_says_why(self):
        risk = self._risk()
        self._note(risk, "closed", note="Delivered")
        with self.assertRaises(UserError):
            self._note(risk, "open")
        self._note(risk, "open", note="A second lot was ordered")
        self.assertEqual(risk.state, "open")
        self.assertIn("A second lot was ordered", risk.message_ids[0].body)
        self.assertFalse(risk.closed_on)

    def test_nothing_is_closed_by_writing(self):
        risk = self._risk()
        for vals in ({"state": "closed", "outcome": "x"}, {"state": "occurred"}, {"occurred_on": TODAY()}):
            with self.subTest(vals), self.assertRaises(UserError):
                risk.write(vals)
        with self.assertRaises(UserError):
            self._risk(state="closed", outcome="x")

    def test_delivery_and_phase_are_of_the_same_deal(self):
        other = self.env["kams.delivery"].create({"lead_id": self._deal().id})
        phase = self.env["kams.delivery.phase"].create({"delivery_id": other.id, "name": "Installation"})
        with self.assertRaises(ValidationError):
            self._risk(phase_id=phase.id)
        risk = self._risk()
        with self.assertRaises(ValidationError):
            risk.lead_id = self._deal()

    def test_a_merge_takes_risks_along(self):
        risk = self._high()
        risk._go_on("closed", TODAY(), "Over", None)
        other = self._deal(partner_id=self.customer.id, expected_revenue=9e9)
        merged = (other | self.deal).merge_opportunity(auto_unlink=False)
        self.assertEqual((risk.lead_id, risk.delivery_id.lead_id), (merged, merged))

    def test_free_text_may_be_anything(self):
        text = "<b>مخاطر</b> 🚧 " + "x" * 10_000
        risk = self._risk(name=text, cause=text, action=text)
        self.assertEqual(risk.name, text)
        self.assertLessEqual(len(risk.name_short), 120)

    def test_a_project_manager_without_sales_rights_keeps_the_register(self):
        risk = self._high().with_user(self.pm)
        self.env.invalidate_all()
        names = [name for name, field in risk._fields.items() if risk._has_field_access(field, "read")]
        risk.read(names)
        risk.action_reviewed()
        self.assertEqual(risk.reviewed_on, TODAY())
        mine = risk.create({"delivery_id": self.delivery.id, "name": "Rain"})
        self.assertEqual(mine.lead_id, self.deal)
        self._note(risk, "occurred", note="It did")
        self.assertEqual(risk.state, "occurred")

    def test_who_only_reads_closes_nothing(self):
        risk = self._high().with_user(self.auditor)
        with self.assertRaises(AccessError):
            risk._go_on("closed", TODAY(), "x", None)
        with self.assertRaises(AccessError):
            risk.action_reviewed()
