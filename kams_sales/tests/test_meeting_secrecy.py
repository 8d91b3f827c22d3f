from contextlib import ExitStack, contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.sql_db import Cursor
from odoo.tests import new_test_user, tagged

from .test_meeting import MeetingCase

SECRETS = {
    "kams_objective": "Word-objective",
    "kams_minutes": "Word-minutes",
    "kams_situation": "Word-situation",
    "kams_problems": "Word-problems",
    "kams_implications": "Word-implications",
    "kams_budget_hint": "Word-budget",
    "kams_competitors_mentioned": "Word-competitors",
    "kams_conclusions": "Word-conclusions",
    "kams_next_step": "Word-next",
}


@tagged("post_install", "-at_install")
class TestMeetingSecrecy(MeetingCase):
    """All employees read the calendar; what was said on a deal is for those who may read the deal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = new_test_user(cls.env, login="kams_employee", groups="base.group_user")
        cls.colleague.group_ids |= cls.env.ref("base.group_allow_export")
        cls.meeting = cls._interview(
            **SECRETS,
            kams_attitude="1",
            kams_outcome="order",
            kams_question_ids=[Command.create({"question": "Word-question"})],
            kams_commitment_ids=[Command.create({"what": "Word-commitment"})],
        )
        cls.empty = cls._interview()
        cls.env.flush_all()

    def _as(self, user):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.meeting.with_user(user)

    def test_who_may_read_the_deal_reads_it(self):
        for user in (self.salesperson, self.director, self.auditor):
            with self.subTest(user=user.login):
                values = self._as(user).read(list(SECRETS))[0]
                self.assertEqual({name: values[name] for name in SECRETS}, SECRETS)
                self.assertEqual(len(self.meeting.with_user(user).kams_question_ids), 1)

    def test_a_colleague_finds_the_meeting_and_nothing_in_it(self):
        names = [*SECRETS, "kams_attitude", "kams_outcome", "kams_question_ids", "kams_commitment_ids"]
        ways = {
            "read": lambda event: event.read(names)[0],
            "search_read": lambda event: event.search_read([("id", "=", event.id)], names)[0],
            "web_read": lambda event: event.web_read({name: {} for name in names})[0],
            "web_search_read": lambda event: event.web_search_read(
                [("id", "=", event.id)], {name: {} for name in names}
            )["records"][0],
            "export": lambda event: dict(zip(names, event.export_data(names)["datas"][0], strict=True)),
            "fields": lambda event: {name: event[name] for name in names},
        }
        for way, read in ways.items():
            with self.subTest(way=way):
                event = self._as(self.colleague)
                values = read(event)
                self.assertFalse([name for name in names if values[name]])
                self.assertEqual(event.name, "First talk")
                self.assertEqual(event.kams_kind, "interview")

    def test_a_colleague_cannot_find_out_by_searching_ordering_or_grouping(self):
        event = self._as(self.colleague)
        both = self.meeting.with_user(self.colleague) | self.empty.with_user(self.colleague)
        within = [("id", "in", both.ids)]
        for name, value in SECRETS.items():
            for operator, other in (("ilike", "not ilike"), ("=", "!=")):
                with self.subTest(field=name, operator=operator):
                    self.assertFalse(event.search([*within, (name, operator, value)]))
                    self.assertEqual(event.search([*within, (name, other, value)]), event.search(within))
        self.assertFalse(event.search([*within, ("kams_outcome", "=", "order")]))
        self.assertFalse(event.search([*within, ("kams_question_ids.question", "ilike", "Word")]))
        leads = self.env["crm.lead"].with_user(self.colleague)
        self.assertFalse(leads.search([("calendar_event_ids.kams_minutes", "ilike", "Word")]))
        attendees = self.env["calendar.attendee"].with_user(self.colleague)
        self.assertFalse(attendees.search([("event_id.kams_minutes", "ilike", "Word")]))
        partners = self.env["res.partner"].with_user(self.colleague)
        self.assertFalse(partners.search([("meeting_ids.kams_minutes", "ilike", "Word")]))
        for groupby in ("kams_outcome", "kams_attitude", "kams_minutes"):
            groups = event.formatted_read_group(within, [groupby], ["__count"])
            self.assertEqual([(group[groupby], group["__count"]) for group in groups], [(False, 2)])
            self.assertEqual(event._read_group(within, [], [f"{groupby}:array_agg"]), [([None, None],)])
        self.assertEqual(
            event.search(within, order="kams_minutes, id").ids, event.search(within, order="kams_minutes DESC, id").ids
        )
        self.assertEqual(event.search([*within, ("kams_record_due", "=", True)]), both, "That it is due is no secret.")

    def test_who_may_read_the_deal_searches_and_groups(self):
        for user in (self.salesperson, self.director):
            event = self._as(user)
            within = [("id", "in", (self.meeting | self.empty).ids)]
            self.assertEqual(event.search([*within, ("kams_minutes", "ilike", "Word")]), event)
            groups = event.formatted_read_group(within, ["kams_outcome"], ["__count"])
            self.assertEqual({group["kams_outcome"]: group["__count"] for group in groups}, {"order": 1, False: 1})

    def test_employees_without_the_app_and_guests_are_refused(self):
        guest = new_test_user(self.env, login="kams_guest", groups="base.group_portal")
        self.meeting.sudo().partner_ids |= guest.partner_id
        for user in (self.employee, guest):
            event = self._as(user)
            for name in SECRETS:
                with self.assertRaises(AccessError):
                    event.read([name])
                with self.assertRaises(AccessError):
                    event.search([(name, "ilike", "Word")])
            self.assertFalse([name for name in event.fields_get() if name in SECRETS])
            event.read(["name"])

    def test_nobody_takes_a_meeting_to_a_deal_of_theirs_to_read_it(self):
        theirs = self._deal(user_id=self.colleague.id)
        for values in ({"opportunity_id": theirs.id}, {"kams_kind": "review"}, {"kams_minutes": "Else"}):
            with self.assertRaises(AccessError):
                self._as(self.colleague).write(values)
        self._as(self.colleague).write({"location": "Their office"})  # the calendar's rules, not ours
        with self.assertRaises(AccessError):
            self._interview(user=self.colleague, kams_minutes="Mine")
        with self.assertRaises(AccessError):
            self._as(self.colleague).action_kams_submit()

    def test_a_meeting_whose_deal_is_gone_is_its_makers_and_the_directors(self):
        self.deal.unlink()
        self.assertFalse(self._as(self.colleague).kams_minutes)
        self.assertFalse(self._as(self.colleague).kams_question_ids)
        for user in (self.salesperson, self.director):
            self.assertEqual(self._as(user).kams_minutes, "Word-minutes")

    def test_without_a_deal_there_is_nothing_to_plan_or_record(self):
        start = fields.Datetime.now()
        values = {"name": "Lunch", "start": start, "stop": start + timedelta(hours=1)}
        events = self.env["calendar.event"].with_user(self.salesperson)
        with self.assertRaisesRegex(UserError, "belongs to no deal"):
            events.create({**values, "kams_minutes": "x"})
        lunch = events.create(values)
        with self.assertRaisesRegex(UserError, "belongs to no deal"):
            lunch.kams_minutes = "x"
        with self.assertRaisesRegex(UserError, "belongs to no deal"):
            lunch.write({"kams_question_ids": [Command.create({"question": "x"})]})


@tagged("post_install", "-at_install")
class TestPlainMeeting(MeetingCase):
    """A good guest: a meeting of no deal, or of a plain one, costs not one statement."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.employee = new_test_user(cls.env, login="kams_employee", groups="base.group_user")
        plain_team = cls.env["crm.team"].create({"name": "Plain", "member_ids": cls.salesperson.ids})
        cls.plain_deal = cls._deal(team_id=plain_team.id)

    @contextmanager
    def _without_us(self):
        """The calendar as if this addon had not touched its methods."""
        with ExitStack() as stack:
            for cls in self.registry["calendar.event"].mro():
                if not cls.__module__.startswith("odoo.addons.kams_sales.models.calendar_event"):
                    continue
                for name, member in list(vars(cls).items()):
                    if name in ("create", "write", "unlink", "_field_to_sql") or name.startswith("_unlink_"):

                        def skip(self, *args, _cls=cls, _name=name):
                            return getattr(super(_cls, self), _name, lambda *_args: None)(*args)

                        for attribute in ("_api_model", "_ondelete"):
                            if hasattr(member, attribute):
                                setattr(skip, attribute, getattr(member, attribute))
                        stack.enter_context(patch.object(cls, name, skip))
            yield

    def _count(self, work):
        self._settle()
        self.env.invalidate_all()
        found = []
        execute = Cursor.execute

        def watch(cursor, query, params=None, log_exceptions=True):
            found.append(getattr(query, "code", query))
            return execute(cursor, query, params, log_exceptions)

        with patch.object(Cursor, "execute", watch):
            work()
            self._settle()
        return found

    def _works(self, user, deal):
        events = self.env["calendar.event"].with_user(user).with_context(no_mail_to_attendees=True)
        start = fields.Datetime.now() - timedelta(days=1)
        link = {"opportunity_id": deal.id} if deal else {}

        def make(number=1):
            return events.create(
                [
                    {"name": "Lunch", "start": start, "stop": start + timedelta(hours=1), **link}
                    for _number in range(number)
                ]
            )

        def on(act):
            event = make(2)
            return lambda: act(event)

        form = self.env["calendar.event"].with_user(user).get_views([(False, "form")])
        shown = form["models"]["calendar.event"]["fields"]
        ours = {name: {} for name in shown if name.startswith("kams_") or name in ("name", "opportunity_id")}
        theirs = {name: {} for name in ours if not name.startswith("kams_")}
        return {
            "make": (lambda: make(), None),
            "move": (on(lambda event: event.write({"start": start, "stop": start + timedelta(hours=2)})), None),
            "rename": (on(lambda event: event.write({"name": "Dinner"})), None),
            "invite": (on(lambda event: event.write({"partner_ids": [Command.link(self.customer.id)]})), None),
            "cancel": (on(lambda event: event.write({"active": False})), None),
            "unlink": (on(lambda event: event.unlink()), None),
            "read": (
                on(lambda event: event.web_read(ours)),
                on(lambda event: event.web_read({**theirs, "location": {}})),
            ),
            "list": (
                lambda: events.web_search_read([("name", "=", "Lunch")], {"name": {}, "kams_kind": {}}),
                lambda: events.web_search_read([("name", "=", "Lunch")], {"name": {}, "location": {}}),
            ),
        }

    def test_a_plain_meeting_costs_no_statement(self):
        for user in (self.salesperson, self.employee, self.env.user):
            for deal in (None, self.plain_deal)[: 1 if user == self.employee else 2]:
                for _warm in range(2):
                    with self._without_us():
                        baseline = {
                            name: self._count(alternative or work)
                            for name, (work, alternative) in self._works(user, deal).items()
                        }
                    ours = {name: self._count(work) for name, (work, _other) in self._works(user, deal).items()}
                for name, found in ours.items():
                    with self.subTest(user=user.login, deal=bool(deal), work=name):
                        self.assertEqual(len(found), len(baseline[name]), found)

    def test_who_is_no_part_of_kams_repeats_and_copies_meetings(self):
        outsider = self._person("kams_outsider", "base.group_partner_manager")
        start = fields.Datetime.now() + timedelta(days=3)
        event = (
            self.env["calendar.event"]
            .with_user(outsider)
            .create(
                {
                    "name": "Stand-up",
                    "start": start,
                    "stop": start + timedelta(minutes=15),
                    "recurrency": True,
                    "rrule_type": "daily",
                    "end_type": "count",
                    "count": 3,
                    "event_tz": "UTC",
                }
            )
        )
        self.assertEqual(len(event.recurrence_id.calendar_event_ids), 3)
        self.assertTrue(event.copy())
