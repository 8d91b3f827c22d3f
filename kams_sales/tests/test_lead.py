from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import KamsCase

HOUR = timedelta(hours=1)


class LeadCase(KamsCase):
    """Leads of a team that works by a process, and of one that doesn't."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team.use_leads = True
        cls.plain_team = cls.env["crm.team"].create({"name": "Plain team", "use_leads": True})
        cls.event = cls.env.ref("kams_sales.lead_source_event")
        cls.phone = cls.env.ref("kams_sales.lead_source_phone")
        cls.client = cls.env["res.partner"].create({"name": "Wang Fang", "email": "wang@huaneng.example"})

    @classmethod
    def _lead(cls, **vals):
        return cls.env["crm.lead"].create(
            {
                "name": "They plan two boilers",
                "type": "lead",
                "team_id": cls.team.id,
                "user_id": cls.salesperson.id,
                **vals,
            }
        )

    def _ago(self, hours):
        return fields.Datetime.now() - hours * HOUR


@tagged("post_install", "-at_install")
class TestLead(LeadCase):
    def test_eleven_sources_are_shipped(self):
        self.assertEqual(len(self.env["kams.lead.source"].search([])), 11)

    # What is a lead of ours
    def test_a_lead_is_ours_by_its_team_alone(self):
        self.assertTrue(self._lead().kams_is_clue)
        self.assertFalse(self._lead(team_id=self.plain_team.id).kams_is_clue)
        self.assertFalse(self._deal().kams_is_clue, "A deal that nobody found as a lead")
        self.assertTrue(self._deal(kams_lead_source_id=self.phone.id).kams_is_clue)

    def test_a_team_that_begins_to_work_by_a_process_has_leads_of_ours_at_once(self):
        lead = self._lead(team_id=self.plain_team.id)
        self.assertFalse(lead.kams_is_clue)
        self.plain_team.kams_process_id = self.process
        lead.invalidate_recordset(["kams_is_clue"])
        self.assertTrue(lead.kams_is_clue)

    def test_a_lead_from_our_list_lands_in_a_team_of_ours(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.crm_lead_clue_action")
        for used in (True, False):
            self.team.use_leads = used
            for user in (self.salesperson, self.director):
                lead = self.env["crm.lead"].with_user(user).with_context(**safe_eval(action["context"]))
                made = lead.create({"name": "They plan three"})
                with self.subTest(uses_leads=used, user=user.name):
                    self.assertTrue(made.kams_is_clue)
                    self.assertIn(made, lead.search(safe_eval(action["domain"])))

    # The clock
    def test_the_clock_runs_by_source_else_by_the_parameter(self):
        self.phone.sla_hours = 2
        for source, hours, state in (
            (self.phone, 1, "waiting"),
            (self.phone, 3, "overdue"),
            (self.event, 23, "waiting"),
            (self.event, 25, "overdue"),
            (self.event.browse(), 25, "overdue"),
        ):
            lead = self._lead(kams_lead_source_id=source.id, kams_discovered_at=self._ago(hours))
            with self.subTest(source=source.name, hours=hours):
                self.assertEqual(lead.kams_response_state, state)

    def test_without_a_day_of_discovery_the_clock_starts_when_the_lead_is_created(self):
        lead = self._lead()
        self.assertEqual(lead.kams_response_due, lead.create_date + 24 * HOUR)

    def test_the_parameter_that_held_on_the_day_counts(self):
        rule = self.env.ref("kams_sales.rule_lead_response_hours")
        rule.valid_to = "2026-01-31"
        rule.copy({"value": 4, "valid_from": "2026-02-01", "valid_to": False})
        for day, hours in (("2026-01-31 12:00:00", 24), ("2026-02-01 12:00:00", 4)):
            since = fields.Datetime.to_datetime(day)
            lead = self._lead(kams_discovered_at=since, kams_first_response_at=since + 10 * HOUR)
            self.assertEqual(lead.kams_response_due, since + hours * HOUR)
            self.assertEqual(lead.kams_response_state, "on_time" if hours > 10 else "late")

    def test_another_promise_later_does_not_judge_an_answer_again(self):
        lead = self._lead(kams_lead_source_id=self.phone.id, kams_discovered_at=self._ago(10))
        lead.action_kams_responded()
        self.assertEqual((lead.kams_response_state, lead.kams_sla_hours), ("on_time", 24))
        self.phone.sla_hours = 2
        lead.invalidate_recordset()
        self.assertEqual(lead.kams_response_state, "on_time")
        other = self._lead(kams_lead_source_id=self.phone.id, kams_discovered_at=self._ago(10))
        self.assertEqual(other.kams_response_state, "overdue")

    def test_the_search_and_the_report_say_what_the_page_says(self):
        self.phone.sla_hours = 2
        leads = self.env["crm.lead"]
        for source in (self.phone, self.event):
            for hours in (1, 5, 30):
                for answered in (None, 0.5, 4, 26):
                    if answered is None or answered <= hours:
                        leads |= self._lead(
                            kams_lead_source_id=source.id,
                            kams_discovered_at=self._ago(hours),
                            kams_first_response_at=answered and self._ago(hours - answered),
                        )
        leads |= self._deal() | self._lead(team_id=self.plain_team.id)
        leads |= self._deal(kams_lead_source_id=self.phone.id)
        lost = self._lead(kams_discovered_at=self._ago(99))
        lost.action_set_lost()
        leads |= lost
        leads.invalidate_recordset()
        every = ["waiting", "overdue", "on_time", "late", False]
        everything = self.env["crm.lead"].with_context(active_test=False)
        for state in every:
            found = everything.search([("kams_response_state", "=", state), ("id", "in", leads.ids)])
            with self.subTest(state=state):
                self.assertTrue(found)
                self.assertEqual(found, leads.filtered(lambda lead: lead.kams_response_state == state).sorted(), state)  # noqa: B023
        self.assertEqual(
            everything.search([("kams_response_state", "in", ["late", False]), ("id", "in", leads.ids)]),
            leads.filtered(lambda lead: lead.kams_response_state in ("late", False)).sorted(),
        )
        self.assertFalse(everything.search([("kams_response_state", "not in", every)]))
        clock = {row[0]: row[1:] for row in self.env.execute_query(leads._kams_clock())}
        for lead in leads.filtered("kams_response_state"):
            _active, since, answered, due, _has, _state, hours = clock[lead.id]
            self.assertEqual(
                (since, answered or False, due),
                (lead._kams_since(), lead.kams_first_response_at, lead.kams_response_due),
            )
            self.assertEqual(hours is None, lead.kams_response_hours is False)
            self.assertAlmostEqual(hours or 0, lead.kams_response_hours or 0)

    def test_an_answer_before_the_discovery_is_refused_by_name(self):
        with self.assertRaisesRegex(ValidationError, "two boilers"):
            self._lead(kams_discovered_at=self._ago(1), kams_first_response_at=self._ago(2))

    def test_nothing_was_discovered_or_answered_in_the_future(self):
        for name in ("kams_discovered_at", "kams_first_response_at"):
            with self.subTest(field=name), self.assertRaisesRegex(ValidationError, "two boilers.*future"):
                self._lead(**{name: self._ago(-48)})

    # The first answer, by itself
    def _answered(self, act, **vals):
        lead = self._lead(kams_discovered_at=self._ago(5), partner_id=self.client.id, **vals)
        act(lead.with_user(self.salesperson))
        return bool(lead.kams_first_response_at)

    def test_a_message_to_the_customer_answers(self):
        self.assertTrue(
            self._answered(
                lambda lead: lead.message_post(
                    body="Dear Ms Wang",
                    partner_ids=self.client.ids,
                    subtype_xmlid="mail.mt_comment",
                    message_type="comment",
                )
            )
        )

    def test_a_message_reaches_a_customer_who_follows(self):
        def act(lead):
            lead.message_subscribe(self.client.ids)
            lead.message_post(body="Dear all", subtype_xmlid="mail.mt_comment", message_type="comment")

        self.assertTrue(self._answered(act))

    def test_what_is_said_among_us_does_not_answer(self):
        def note(lead):
            lead.message_subscribe(self.client.ids)
            lead.message_post(body="Who knows her?", message_type="comment", subtype_xmlid="mail.mt_note")

        self.assertFalse(self._answered(note))
        self.assertFalse(
            self._answered(
                lambda lead: lead.message_post(
                    body="Whose?",
                    partner_ids=self.colleague.partner_id.ids,
                    message_type="comment",
                    subtype_xmlid="mail.mt_comment",
                )
            )
        )

    def test_what_the_customer_writes_does_not_answer(self):
        self.assertFalse(
            self._answered(
                lambda lead: lead.sudo().message_post(
                    body="Hello?", author_id=self.client.id, message_type="email", subtype_xmlid="mail.mt_comment"
                )
            )
        )

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_a_letter_to_many_answers_each(self):
        leads = self._lead(partner_id=self.client.id) | self._lead(partner_id=self.client.id)
        self.env["mail.compose.message"].with_user(self.salesperson).create(
            {
                "model": "crm.lead",
                "res_ids": repr(leads.ids),
                "composition_mode": "mass_mail",
                "subject": "News",
                "body": "<p>News</p>",
            }
        )._action_send_mail()
        self.assertTrue(all(leads.mapped("kams_first_response_at")))

    def test_a_call_or_meeting_done_answers_and_a_to_do_does_not(self):
        for kind, answered in (("call", True), ("meeting", True), ("todo", False)):

            def act(lead, kind=kind):
                lead.activity_schedule(f"mail.mail_activity_data_{kind}").action_done()

            with self.subTest(kind=kind):
                self.assertEqual(self._answered(act), answered)

    def test_a_meeting_that_was_held_answers_at_its_beginning(self):
        lead = self._lead(kams_discovered_at=self._ago(90))
        event = self._meeting(lead, days=-2)
        self.assertEqual(lead.kams_first_response_at, event.start)

    def test_a_meeting_to_come_answers_once_it_is_held(self):
        lead = self._lead(kams_discovered_at=self._ago(90))
        event = self._meeting(lead, days=2)
        self._run_cron("crm.lead", "_cron_kams_lead_responses")
        self.assertFalse(lead.kams_first_response_at)
        event.write({"start": self._ago(10), "stop": self._ago(9)})
        self._run_cron("crm.lead", "_cron_kams_lead_responses")
        self.assertEqual(lead.kams_first_response_at, event.start)

    def test_only_the_first_answer_counts_and_a_colleague_may_give_it(self):
        lead = self._lead(kams_discovered_at=self._ago(5), kams_first_response_at=self._ago(3))
        before = lead.kams_first_response_at
        lead.activity_schedule("mail.mail_activity_data_call").action_done()
        self.assertEqual(lead.kams_first_response_at, before)
        mine = self._lead(kams_discovered_at=self._ago(5))
        activity = mine.activity_schedule("mail.mail_activity_data_call", user_id=self.colleague.id)
        activity.with_user(self.colleague).action_done()
        self.assertTrue(mine.kams_first_response_at)

    # Reminding
    def test_an_overdue_lead_reminds_once_and_the_answer_clears_it(self):
        lead = self._lead(kams_discovered_at=self._ago(30))
        orphan = self._lead(kams_discovered_at=self._ago(30), user_id=False)
        orphan.user_id = False
        fresh = self._lead()
        self.team.user_id = self.manager
        for _again in range(2):
            self._run_cron("crm.lead", "_cron_kams_lead_responses")
            self.assertEqual(len(lead.activity_ids), 1)
        self.assertEqual(lead.activity_ids.user_id, self.salesperson)
        self.assertEqual(orphan.activity_ids.user_id, self.manager)
        self.assertFalse(fresh.activity_ids)
        lead.action_kams_responded()
        self.assertFalse(lead.activity_ids)
        self.assertEqual(lead.kams_response_state, "late")
        orphan.activity_ids.action_done()
        self.assertTrue(orphan.kams_first_response_at, "Whoever ticks the reminder off has answered.")

    def test_reminding_of_many_takes_as_many_statements_as_of_ten(self):
        counts = {}
        for number in (10, 10, 100):
            self.env["crm.lead"].create(
                [
                    {
                        "name": f"Lead {n}",
                        "type": "lead",
                        "team_id": self.team.id,
                        "user_id": self.salesperson.id,
                        "kams_discovered_at": self._ago(30),
                    }
                    for n in range(number)
                ]
            )
            self._settle()
            before = self.cr.sql_log_count
            self._run_cron("crm.lead", "_cron_kams_lead_responses")
            counts[number] = self.cr.sql_log_count - before
        self.assertLessEqual(counts[100], counts[10] + 3, counts)

    # Verdicts
    def test_nurture_needs_a_day_or_an_activity(self):
        lead = self._lead()
        with self.assertRaisesRegex(ValidationError, "look at They plan two boilers again"):
            lead.kams_verdict = "nurture"
        lead.write({"kams_verdict": "nurture", "kams_look_again_on": "2027-03-01"})
        activity = lead.activity_ids
        self.assertEqual((activity.user_id, str(activity.date_deadline)), (self.salesperson, "2027-03-01"))
        lead.kams_look_again_on = "2027-04-01"
        self.assertEqual(str(lead.activity_ids.date_deadline), "2027-04-01")
        other = self._lead()
        other.activity_schedule("mail.mail_activity_data_call")
        other.kams_verdict = "nurture"
        self.assertEqual(len(other.activity_ids), 1)

    def test_only_what_is_nurtured_is_looked_at_again(self):
        leads = self._lead(), self._lead(), self._lead()
        for lead in leads:
            lead.write({"kams_verdict": "nurture", "kams_look_again_on": "2027-03-01"})
            self.assertEqual(len(lead.activity_ids), 1)
        leads[0].kams_verdict = False
        leads[1].write({"kams_verdict": "invalid", "kams_invalid_reason": "A rumour"})
        leads[2].convert_opportunity(self.client)
        for lead in leads:
            self.assertFalse(lead.activity_ids)

    def test_invalid_needs_a_reason_and_loses_the_lead_as_odoo_does(self):
        lead = self._lead()
        with self.assertRaisesRegex(ValidationError, "Say why"):
            lead.kams_verdict = "invalid"
        lead.write({"kams_verdict": "invalid", "kams_invalid_reason": "A rumour"})
        self.assertEqual((lead.active, lead.won_status, lead.probability), (False, "lost", 0))
        lead.action_unarchive()
        self.assertEqual((lead.kams_verdict, lead.kams_invalid_reason, lead.active), (False, False, True))

    def test_losing_a_lead_with_a_reason_is_the_verdict(self):
        reason = self.env["crm.lost.reason"].create({"name": "No money"})
        lead, noted, bare, plain = (
            self._lead(),
            self._lead(),
            self._lead(),
            self._lead(team_id=self.plain_team.id),
        )
        wizard = self.env["crm.lead.lost"]
        wizard.create(
            {"lead_ids": [Command.set((lead | plain).ids)], "lost_reason_id": reason.id}
        ).action_lost_reason_apply()
        wizard.create(
            {"lead_ids": [Command.set(noted.ids)], "lost_feedback": "<p>They <b>closed</b></p>"}
        ).action_lost_reason_apply()
        bare.action_set_lost()
        self.assertEqual((lead.kams_verdict, lead.kams_invalid_reason), ("invalid", "No money"))
        self.assertEqual((noted.kams_verdict, noted.kams_invalid_reason), ("invalid", "They *closed*"))
        self.assertEqual((bare.kams_verdict, bare.active), (False, False))
        self.assertFalse(plain.kams_verdict)

    def _convert(self, lead, **vals):
        wizard = (
            self.env["crm.lead2opportunity.partner"]
            .with_context(active_model="crm.lead", active_id=lead.id, active_ids=lead.ids)
            .create({"name": "convert", "action": "create", **vals})
        )
        wizard.action_apply()

    def test_odoos_conversion_is_the_verdict_and_notes_the_duplicate_check(self):
        lead = self._lead(email_from="wang@huaneng.example")
        self._convert(lead)
        self.assertEqual(
            (lead.type, lead.kams_verdict, lead.kams_duplicate_check), ("opportunity", "opportunity", "clear")
        )
        self.assertEqual((lead.kams_process_id, lead.kams_phase_code), (self.process, "development"))
        self.assertTrue(lead.kams_is_clue)
        again = self._lead(email_from="wang@huaneng.example")
        self._convert(again)
        self.assertEqual(again.kams_duplicate_check, "similar")
        plain = self._lead(team_id=self.plain_team.id)
        self._convert(plain)
        self.assertEqual((plain.kams_verdict, plain.kams_duplicate_check), (False, False))

    def test_a_lead_is_not_an_opportunity_by_its_verdict(self):
        with self.assertRaisesRegex(ValidationError, "Convert to Opportunity"):
            self._lead().kams_verdict = "opportunity"

    # Merging
    def test_a_merge_keeps_what_belongs_together_and_the_first_dates(self):
        head = self._lead(probability=50, kams_discovered_at=self._ago(10), kams_reliability="b")
        tail = self._lead(
            probability=10,
            kams_lead_source_id=self.event.id,
            kams_source_detail="Hannover",
            kams_discovered_at=self._ago(50),
            kams_first_response_at=self._ago(40),
            kams_reliability="a",
            kams_credibility="1",
            kams_need="Less coal",
            kams_budget_state="approved",
            kams_budget_amount=5e6,
            kams_budget_source="Own funds",
            kams_compelling_event="The permit ends",
            kams_buy_class="new_task",
            kams_clue_type="need",
        )
        expected = tail.kams_discovered_at, tail.kams_first_response_at
        merged = (head | tail).merge_opportunity()
        self.assertEqual(merged, head)
        self.assertEqual((merged.kams_discovered_at, merged.kams_first_response_at), expected)
        self.assertEqual((merged.kams_lead_source_id, merged.kams_source_detail), (self.event, "Hannover"))
        self.assertEqual((merged.kams_reliability, merged.kams_credibility), ("b", False))
        self.assertEqual(
            (merged.kams_need, merged.kams_budget_state, merged.kams_budget_amount, merged.kams_budget_source),
            ("Less coal", "approved", 5e6, "Own funds"),
        )
        self.assertEqual(
            (merged.kams_compelling_event, merged.kams_buy_class, merged.kams_clue_type),
            ("The permit ends", "new_task", "need"),
        )
        self.assertEqual(merged.kams_response_hours, 10)

    def test_a_budget_is_not_mixed_from_two_leads(self):
        head = self._lead(probability=50, kams_budget_state="estimated")
        tail = self._lead(probability=10, kams_budget_state="funded", kams_budget_amount=7e6, kams_budget_source="Loan")
        merged = (head | tail).merge_opportunity()
        self.assertEqual(
            (merged.kams_budget_state, merged.kams_budget_amount, merged.kams_budget_source), ("estimated", 0, False)
        )

    def test_merging_plain_leads_writes_nothing_of_ours(self):
        leads = self._lead(team_id=self.plain_team.id) | self._lead(team_id=self.plain_team.id)
        merged = leads.merge_opportunity()
        self._settle()
        self.env.cr.execute(
            "SELECT kams_discovered_at, kams_first_response_at, kams_sla_hours FROM crm_lead WHERE id = %s", [merged.id]
        )
        self.assertEqual(self.env.cr.fetchone(), (None, None, None))

    # Costs
    def test_a_cost_in_another_currency_counts_at_the_rate_of_its_first_day(self):
        company = self.env["res.company"].create({"name": "Dear", "currency_id": self.env.ref("base.EUR").id})
        usd = self.env.ref("base.USD")
        usd.active = True
        usd.rate_ids.unlink()
        self.env["res.currency.rate"].create(
            [
                {"name": day, "currency_id": usd.id, "company_id": company.id, "rate": rate}
                for day, rate in (("2026-01-01", 2.0), ("2026-06-01", 4.0))
            ]
        )
        cost = self.env["kams.lead.cost"].create(
            {
                "source_id": self.event.id,
                "company_id": company.id,
                "currency_id": usd.id,
                "amount": 100,
                "date_from": "2026-05-31",
                "date_to": "2026-06-30",
            }
        )
        self.assertEqual(cost.company_amount, 50)

    # Free text
    def test_odd_text_stays_text(self):
        odd = "<script>alert(1)</script> مرحبا 🎉 " + "很长" * 5000
        lead = self._lead(kams_source_detail=odd, kams_need=odd, partner_name=odd[:200])
        lead.invalidate_recordset()
        self.assertEqual((lead.kams_source_detail, lead.kams_need), (odd, odd))
        lead.write({"kams_verdict": "invalid", "kams_invalid_reason": odd})
        self.assertFalse(lead.active)


@tagged("post_install", "-at_install")
class TestPlainLeads(LeadCase):
    """Leads of other teams cost what they cost without the addon."""

    def _work(self, lead, others):
        """What happens to plain leads, each as in a request of its own."""
        yield (
            "message",
            lambda: lead.message_post(
                body="Dear Ms Wang",
                partner_ids=self.client.ids,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            ),
        )
        yield "amount", lambda: lead.write({"expected_revenue": lead.expected_revenue + 1})
        yield "call", lambda: lead.activity_schedule("mail.mail_activity_data_call").action_done()
        yield "meeting", lambda: self._meeting(lead)
        yield "lost", lambda: lead.action_set_lost()
        yield "restored", lambda: lead.action_unarchive()
        yield "read", lambda: lead.web_read({"name": {}, "team_id": {"fields": {"display_name": {}}}})
        yield "merged", lambda: (lead | others[0]).merge_opportunity()
        yield "converted", lambda: lead.convert_opportunity(self.customer)
        yield "created", lambda: self._lead(team_id=self.plain_team.id)
        yield "deleted", lambda: others[1].unlink()

    def _counts(self):
        plain = {"team_id": self.plain_team.id, "partner_id": self.client.id}
        lead, *others = (self._lead(**plain) for _each in range(3))
        counts = {}
        for name, act in self._work(lead, others):
            self._settle()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            act()
            self._settle()
            counts[name] = self.cr.sql_log_count - before
        return counts

    def test_a_plain_lead_takes_no_statement_more(self):
        lead, message, activity = (self.registry[name] for name in ("crm.lead", "mail.message", "mail.activity"))
        self._counts()  # warms
        with_us = self._counts()
        off = {
            lead: {
                "_kams_has_clock": lambda self: False,
                "_kams_is_clue": lambda self: False,
                "_kams_follow_verdict": lambda self: None,
                "_kams_keep_promise": lambda self: None,
                "_merge_get_fields_specific": None,
            },
            message: {"create": None},
            activity: {"_action_done": None},
        }
        for model, methods in off.items():
            for name, method in methods.items():
                self.patch(model, name, method or self._without_us(model, name))
        self.assertEqual(with_us, self._counts())

    def _without_us(self, model, name):
        """The method that ours calls by ``super()``."""
        ours = next(
            cls
            for cls in model.mro()
            if name in vars(cls)
            and cls.__module__.rsplit(".")[-1] in ("crm_lead_clue", "mail_message_response", "mail_activity_response")
        )

        def method(self, *args, **kwargs):
            return getattr(super(ours, self), name)(*args, **kwargs)

        return method
