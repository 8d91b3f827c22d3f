from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_communication import MONDAY, CommunicationCase


@tagged("post_install", "-at_install")
class TestIssue(CommunicationCase):
    """What stands in the way is solved by somebody until a day, or climbs (8.5)."""

    def _issue(self, **vals):
        return self.env["kams.issue"].create(
            {"lead_id": self.deal.id, "name": "No power on site", "user_id": self.salesperson.id, **vals}
        )

    def _escalate(self, day):
        self._on(day)
        self._run_cron("kams.issue", "_cron_escalate")

    def _activity(self, issue):
        return issue.activity_ids.filtered("active")

    def test_it_goes_from_its_owner_to_the_customers_agreement(self):
        issue = self._issue()
        self.assertEqual((issue.delivery_id, self._activity(issue).user_id), (self.delivery, self.salesperson))
        with self.assertRaisesRegex(UserError, "how “No power on site” was solved"):
            issue.action_solve()
        issue.solution = "A generator"
        issue.action_solve()
        self.assertEqual((issue.state, issue.solved_on, issue.closed_on), ("solved", self.today, False))
        self.assertFalse(self._activity(issue))
        issue.action_close()
        self.assertEqual((issue.state, issue.closed_on), ("closed", self.today))

    def test_nobody_is_born_solved_nor_escalated(self):
        with self.assertRaises(UserError):
            self._issue(state="solved", solution="x")
        issue = self._issue(escalation_level="3", closed_on="2026-01-01")
        self.assertEqual((issue.escalation_level, issue.closed_on), ("0", False))
        issue.write({"escalation_level": "2", "closed_on": "2026-01-01"})
        self.assertEqual((issue.escalation_level, issue.closed_on), ("0", False))

    def test_what_was_closed_stays_until_it_is_taken_up_with_a_reason(self):
        issue = self._issue(solution="A generator")
        issue.action_solve()
        issue.action_close()
        for vals in ({"name": "x"}, {"severity": "minor"}, {"solution": "x"}, {"state": "open"}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                issue.write(vals)
        with self.assertRaises(UserError), mute_logger("odoo.models.unlink"):
            issue.unlink()
        action = issue.action_open_again()
        wizard = self.env[action["res_model"]].with_context(**action["context"]).create({})
        with self.assertRaises(UserError):
            wizard.action_confirm()
        wizard.reason = "The generator broke"
        wizard.action_confirm()
        self.assertEqual((issue.state, issue.closed_on, issue.solved_on), ("open", False, False))
        self.assertIn("The generator broke", issue.message_ids[0].body)
        self.assertEqual(self._activity(issue).user_id, self.salesperson)

    def test_a_critical_issue_climbs_a_level_every_two_days(self):
        issue = self._issue(severity="critical", raised_on=MONDAY)
        seen = []
        for days in range(8):
            self._escalate(MONDAY + timedelta(days=days))
            seen.append(issue.escalation_level)
        self.assertEqual(seen, ["0", "0", "1", "1", "2", "2", "3", "3"])

    def test_whoever_stands_above_is_asked_and_they_alone(self):
        issue = self._issue(severity="critical", raised_on=MONDAY)
        self._escalate(MONDAY + timedelta(days=2))
        self.assertEqual(issue.escalated_to_id, self.delivery_user)
        self.assertEqual(self._activity(issue).user_id, self.delivery_user)
        self.assertEqual(len(self._activity(issue)), 1)

    def test_the_parameter_decides_how_long_a_level_lasts(self):
        issue = self._issue(severity="minor", raised_on=MONDAY)
        self._escalate(MONDAY + timedelta(days=9))
        self.assertEqual(issue.escalation_level, "0")
        self.env.ref("kams_sales.rule_issue_days_minor").value = 9
        self._escalate(MONDAY + timedelta(days=9))
        self.assertEqual(issue.escalation_level, "1")

    def test_a_solved_issue_and_a_lost_deal_dont_climb(self):
        solved = self._issue(severity="critical", raised_on=MONDAY, solution="x")
        solved.action_solve()
        waiting = self._issue(severity="critical", raised_on=MONDAY)
        self.deal.action_archive()
        self._escalate(MONDAY + timedelta(days=20))
        self.assertEqual((solved.escalation_level, waiting.escalation_level), ("0", "0"))
        self.assertFalse(self._activity(waiting))

    def test_an_owner_who_left_leaves_it_to_the_project_manager(self):
        issue = self._issue(raised_on=MONDAY)
        self.salesperson.active = False
        self._escalate(MONDAY + timedelta(days=1))
        self.assertEqual(self._activity(issue).user_id, self.delivery_user)

    def test_a_level_that_nobody_holds_is_skipped(self):
        self.delivery.user_id = False
        self.deal.user_id = False
        issue = self._issue(severity="critical", raised_on=MONDAY)
        self._escalate(MONDAY + timedelta(days=2))
        self.assertEqual(issue.escalation_level, "2")
        self.assertTrue(issue.escalated_to_id)

    def test_by_hand_it_climbs_at_once_and_no_higher_than_the_management(self):
        issue = self._issue()
        for level in "123":
            issue.action_escalate()
            self.assertEqual(issue.escalation_level, level)
        with self.assertRaises(UserError):
            issue.action_escalate()

    def test_days_and_overdue_are_counted_from_what_was_said(self):
        issue = self._issue(raised_on=self.today - timedelta(days=6), date_due=self.today - timedelta(days=1))
        self.assertEqual((issue.days_open, issue.is_overdue), (6, True))
        self.assertIn(issue, self.env["kams.issue"].search([("is_overdue", "=", True)]))
        issue.solution = "x"
        issue.action_solve()
        self.assertFalse(issue.is_overdue)

    def test_c35_the_closure_rate_is_blank_without_issues(self):
        """Three issues, two of them closed: 66.7 %."""
        other = self._deal(name="Another")
        rates = self.env["kams.issue"]._closure_rate(self.deal | other)
        self.assertEqual(rates, {self.deal.id: None, other.id: None})
        for number in range(3):
            issue = self._issue(name=str(number), solution="x")
            if number:
                issue.action_solve()
                issue.action_close()
        self.assertAlmostEqual(self.env["kams.issue"]._closure_rate(self.deal)[self.deal.id], 200 / 3)
        self.assertEqual(self.deal.kams_issue_count, 3)

    def test_a_delivery_of_another_deal_is_refused(self):
        other = self.env["kams.delivery"].create({"lead_id": self._deal(name="Another").id})
        with self.assertRaises(UserError):
            self._issue(delivery_id=other.id)

    def test_free_text_is_free(self):
        text = "<b>تأخير</b> 😀 " * 700
        issue = self._issue(name="<i>x</i> 😀", description=text, raised_on=date(2026, 3, 2))
        self.assertEqual(issue.description, text)
