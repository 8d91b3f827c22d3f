from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import KamsCase
from .test_reports import PaperCase

TEXT = "<b>Änderung</b> 审计 🙂 مرحبا " * 400


class AuditCase(KamsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(partner_id=cls.customer.id, expected_revenue=1000)
        cls._settle()

    def _audit(self, user=None, deal=None, **vals):
        return (
            self.env["kams.stage.audit"]
            .with_user(user or self.director)
            .create({"lead_id": (deal or self.deal).id, **vals})
        )

    def _recorded(self, **vals):
        audit = self._audit(
            verdict="fix",
            finding_ids=[Command.create({"text": "No minutes of the first meeting", "date_due": "2030-01-01"})],
            **vals,
        )
        audit.action_done()
        return audit


@tagged("post_install", "-at_install")
class TestStageAudit(AuditCase):
    def test_it_keeps_what_was_on_record_that_day(self):
        audit = self._audit()
        states = {check.point_id.code: check.state for check in audit.check_ids}
        account = {code: state for code, state in states.items() if code.startswith("A0")}
        self.assertEqual(states, {**account, "S1-O1": "met", "S1-O2": "missing", "S1-O3": "missing"})
        # of six mandatory points, four of them about the account, one is met
        self.assertEqual((audit.compliance, audit.compliance_waived, audit.missing_count), (16.67, 16.67, 5))
        self.assertEqual((audit.phase_code, audit.owner_id, audit.days_in_phase), ("development", self.salesperson, 0))
        self.assertEqual(audit.standard_days, self.phases["development"].standard_days)
        # customer and salesperson of five: no source, next step or meeting
        self.assertEqual(audit.data_quality, 40.0)
        self.assertEqual(len(audit.data_lacks.splitlines()), 3)
        self.deal.partner_id = False
        self._settle()
        self.assertEqual(audit.compliance, 16.67)
        audit.action_take()
        self.assertEqual((audit.compliance, audit.data_quality), (0.0, 20.0))

    def test_looking_again_keeps_what_the_auditor_wrote(self):
        audit = self._audit()
        audit.check_ids[0].write({"judgement": "weak", "note": "Typed by the salesperson"})
        self.assertEqual(audit.weak_count, 1)
        audit.action_take()
        self.assertEqual((audit.check_ids[0].note, audit.weak_count), ("Typed by the salesperson", 1))

    def test_points_are_judged_on_the_audits_form(self):
        """A form writes its lines through the audit."""
        audit = self._audit(self.auditor, verdict="continue")
        met, other = audit.check_ids[:2]
        audit.write({"check_ids": [Command.update(met.id, {"judgement": "weak", "note": "Typed by the salesperson"})]})
        self.assertEqual((met.judgement, audit.weak_count), ("weak", 1))
        for command in (
            Command.update(other.id, {"state": "met"}),
            Command.delete(other.id),
            Command.create({"name": "x", "state": "met"}),
        ):
            with self.subTest(command=command), self.assertRaises(UserError):
                audit.write({"check_ids": [command]})
        audit.action_done()
        with self.assertRaises(UserError):
            audit.write({"check_ids": [Command.update(met.id, {"judgement": "sound"})]})

    def test_the_evidence_behind_a_point_is_opened_from_the_audit(self):
        audit = self._audit(self.auditor)
        check = audit.check_ids.filtered(lambda one: one.point_id.code == "S1-O1")
        action = check.with_user(self.auditor).action_open_evidence()
        self.assertEqual((action["res_model"], action["res_id"]), ("crm.lead", self.deal.id))
        self.env.cr.execute("DELETE FROM kams_control_check WHERE lead_id = %s", [self.deal.id])
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "S1-O1"):
            check.with_user(self.auditor).action_open_evidence()

    def test_data_quality_sees_meetings_and_next_steps(self):
        now = fields.Datetime.now()
        meeting = {"name": "Visit", "opportunity_id": self.deal.id}
        self.env["calendar.event"].create(
            {**meeting, "start": now - timedelta(days=3), "stop": now - timedelta(days=3, hours=-1)}
        )
        self.deal.activity_schedule("mail.mail_activity_data_todo", user_id=self.salesperson.id)
        audit = self._audit()
        self.assertEqual((audit.data_quality, audit.data_lacks), (80.0, "No source"))

    def test_nobody_audits_a_deal_of_their_own(self):
        self.deal.user_id = self.director
        with self.assertRaisesRegex(ValidationError, "Boiler retrofit"):
            self._audit()
        audit = self._audit(self.auditor)
        with self.assertRaises(ValidationError):
            audit.auditor_id = self.director
        self.deal.user_id = self.salesperson
        audit.auditor_id = self.director
        self.deal.user_id = self.director
        audit.verdict = "continue"
        with self.assertRaises(ValidationError):
            audit.action_done()

    def test_what_it_took_is_typed_by_nobody(self):
        audit = self._audit(
            compliance=100.0, data_quality=100.0, state="done", date="2020-01-01", done_on="2020-01-01", owner_id=1
        )
        self.assertEqual((audit.state, audit.compliance, audit.date), ("draft", 16.67, fields.Date.today()))
        for vals in (
            {"data_quality": 100.0},
            {"compliance": 100.0},
            {"state": "done"},
            {"date": "2020-01-01"},
            {"check_ids": [Command.clear()]},
            {"lead_id": self._deal().id},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                audit.write(vals)
        for vals in ({"state": "met"}, {"weight": 0}, {"name": "x"}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                audit.check_ids[1].write(vals)
        with self.assertRaises(UserError):
            audit.check_ids[1].unlink()
        with self.assertRaises(UserError):
            self.env["kams.stage.audit.check"].create({"audit_id": audit.id, "name": "x", "state": "met"})

    def test_once_recorded_it_stays(self):
        audit = self._recorded()
        for vals in (
            {"verdict": "continue"},
            {"summary": "x"},
            {"auditor_id": self.manager.id},
            {"finding_ids": [Command.create({"text": "More"})]},
            {"finding_ids": [Command.delete(audit.finding_ids.id)]},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                audit.write(vals)
        with self.assertRaises(UserError):
            audit.check_ids[0].note = "x"
        with self.assertRaises(UserError):
            audit.finding_ids.text = "x"
        with self.assertRaises(UserError):
            audit.finding_ids.unlink()
        with self.assertRaises(UserError):
            audit.action_take()
        with self.assertRaises(UserError):
            audit.unlink()

    def test_a_director_takes_it_up_again_with_a_reason(self):
        audit = self._recorded()
        with self.assertRaises(AccessError):
            audit.with_user(self.auditor).action_reopen()
        wizard = self.env["kams.stage.audit.reopen"].with_user(self.director)
        with self.assertRaises(UserError):
            wizard.create({"audit_id": audit.id, "reason": " "}).action_confirm()
        wizard.create({"audit_id": audit.id, "reason": "The minutes were there"}).action_confirm()
        self.assertEqual(audit.state, "draft")
        self.assertIn("The minutes were there", audit.message_ids[:1].body)
        with self.assertRaisesRegex(UserError, "that day"):
            audit.action_take()
        with self.assertRaises(UserError):
            audit.unlink()
        audit.verdict = "continue"
        audit.action_done()
        self.assertEqual(audit.state, "done")

    def test_a_verdict_says_what_it_asks_for(self):
        audit = self._audit()
        with self.assertRaisesRegex(UserError, "verdict"):
            audit.action_done()
        audit.verdict = "fix"
        with self.assertRaisesRegex(UserError, "finding"):
            audit.action_done()
        audit.finding_ids = [Command.create({"text": "No minutes"})]
        with self.assertRaisesRegex(UserError, "No minutes"):
            audit.action_done()
        audit.finding_ids.date_due = "2030-01-01"
        audit.verdict = "stop"
        with self.assertRaisesRegex(UserError, "why"):
            audit.action_done()
        audit.summary = "They have no money"
        audit.action_done()
        self.assertIn("Stop the Deal", self.deal.message_ids[:1].body)

    def test_who_owns_a_finding_is_asked_until_it_is_closed(self):
        audit = self._recorded()
        finding = audit.finding_ids
        self.assertEqual(finding.user_id, self.salesperson)
        self.assertEqual(finding.activity_ids.user_id, self.salesperson)
        own = finding.with_user(self.salesperson)
        for vals in ({"text": "Nothing"}, {"severity": "minor"}, {"date_due": "2031-01-01"}, {"user_id": 1}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                own.write(vals)
        with self.assertRaises(UserError):
            own.write({"closed_on": "2026-01-01"})
        with self.assertRaisesRegex(UserError, "how it was put right"):
            own.action_close()
        own.evidence = "Minutes are on the meeting"
        own.action_close()
        self.assertTrue(finding.closed_on)
        self.assertFalse(finding.activity_ids)
        self.assertEqual((audit.finding_count, audit.open_finding_count), (1, 0))
        with self.assertRaises(AccessError):
            own.action_open_again()
        finding.with_user(self.director).action_open_again()
        self.assertTrue(finding.activity_ids)

    def test_a_findings_owner_may_change_when_somebody_leaves(self):
        finding = self._recorded().finding_ids
        finding.with_user(self.director).write({"user_id": self.colleague.id, "date_due": "2030-02-01"})
        self.assertEqual(finding.activity_ids.user_id, self.colleague)
        self.assertEqual(str(finding.activity_ids.date_deadline), "2030-02-01")
        # whose finding it is finds it, though the deal is another's
        finding.with_user(self.colleague).evidence = "Done"

    def test_auditors_audit_and_salespeople_read(self):
        audit = self._audit(self.auditor, verdict="continue")
        audit.action_done()
        self.assertEqual(audit.auditor_id, self.auditor)
        with self.assertRaises(AccessError):
            self._audit(self.salesperson)
        self.assertEqual(audit.with_user(self.salesperson).verdict, "continue")
        with self.assertRaises(AccessError):
            audit.with_user(self.colleague).read(["verdict"])

    def test_deals_that_merge_take_their_audits_along(self):
        other = self._deal(user_id=self.director.id, partner_id=self.customer.id)
        self._settle()
        recorded, other_audit = self._recorded(), self._audit(self.auditor, deal=other)
        merged = (self.deal | other).merge_opportunity(user_id=self.director.id)
        self._settle()
        self.assertEqual((recorded | other_audit).lead_id, merged)

    def test_deals_to_audit(self):
        lead = self.env["crm.lead"]
        domain = [("id", "=", self.deal.id), ("kams_needs_audit", "=", True)]
        self.assertFalse(lead.search(domain))
        self.assertFalse(self.deal.kams_needs_audit)
        self.env["kams.legal.rule"].search([("key", "=", "stage_audit_after")]).value = 0
        self.assertEqual(lead.search(domain), self.deal)
        self.deal.invalidate_recordset(["kams_needs_audit"])
        self.assertTrue(self.deal.kams_needs_audit)
        self._recorded()
        self.assertFalse(lead.search(domain))

    def test_a_deal_let_in_on_a_waiver_is_to_be_audited(self):
        checks = self.deal.kams_check_ids.filtered(lambda check: check.state == "fail" and check.level == "mandatory")
        in_phase = checks.filtered("is_current")
        in_phase.with_user(self.director).waive("They are abroad", fields.Date.today())
        self._settle()
        self.deal.stage_id = self.stages["initiation"]
        self._settle()
        self.assertTrue(self.env["crm.lead"].search([("id", "=", self.deal.id), ("kams_needs_audit", "=", True)]))

    def test_begin_audits_of_several_deals(self):
        deals = self.deal | self._deal(partner_id=self.customer.id) | self._deal()
        self._settle()
        action = deals.with_user(self.director).action_kams_audit()
        audits = self.env["kams.stage.audit"].search([("lead_id", "in", deals.ids)])
        self.assertEqual((len(audits), action["res_model"]), (3, "kams.stage.audit"))
        deals.with_user(self.director).action_kams_audit()
        self.assertEqual(self.env["kams.stage.audit"].search_count([("lead_id", "in", deals.ids)]), 3)
        with self.assertRaisesRegex(UserError, "KAMS process"):
            self.env["crm.lead"].create({"name": "Plain", "team_id": False}).action_kams_audit()

    def test_many_deals_are_audited_in_as_many_statements_as_few(self):
        def cost(count):
            deals = self.env["crm.lead"].concat(*(self._deal(partner_id=self.customer.id) for _number in range(count)))
            self._settle()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            deals.kams_stage_audit_ids._points_of(deals)
            self.env["kams.stage.audit"]._answers_of(deals, fields.Date.today())
            return self.env.cr.sql_log_count - before

        cost(1)
        self.assertEqual(cost(2), cost(12))

    def test_texts_of_any_kind_and_length(self):
        audit = self._audit(summary=TEXT, verdict="continue", finding_ids=[Command.create({"text": TEXT})])
        audit.finding_ids.date_due = "2030-01-01"
        audit.action_done()
        self.assertEqual(audit.summary, TEXT)
        self.assertLessEqual(len(audit.finding_ids.activity_ids.summary), 60)

    def test_a_deal_of_a_past_salesperson(self):
        gone = new_test_user(self.env, login="kams_gone", groups="base.group_user,sales_team.group_sale_salesman")
        self.deal.user_id = gone
        gone.active = False
        self._settle()
        audit = self._audit()
        self.assertIn("salesperson", audit.data_lacks)


@tagged("post_install", "-at_install")
class TestStageAuditOnPaper(PaperCase):
    def test_it_shows_figures_findings_and_points(self):
        deal = self._deal(partner_id=self.customer.id)
        self._settle()
        point = deal.kams_check_ids.point_id.filtered(lambda one: one.code == "S1-O2")
        audit = self.env["kams.stage.audit"].create(
            {
                "lead_id": deal.id,
                "verdict": "fix",
                "summary": "Run by one person alone.",
                "finding_ids": [
                    Command.create(
                        {
                            "text": "No minutes 会议纪要",
                            "severity": "critical",
                            "date_due": "2030-01-01",
                            "point_id": point.id,
                        }
                    )
                ],
            }
        )
        audit.action_done()
        for lang in ("en_US", "zh_CN"):
            text = " ".join(self._print("kams_sales.report_stage_audit", audit, user=self.director, lang=lang))
            self.assertIn("会议纪要", text)
            self.assertEqual(text.count("S1-O2"), 2, "of the finding, and in the list of points")
            self.assertIn("16.67", text)
