from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..models.blank import BlankMonetary
from ..models.kams_lack import LACKS
from ..models.kams_tender_milestone import IN, SUBMISSION

SECTIONS = [
    ("1_overdue", "Overdue"),
    ("2_today", "Due Today"),
    ("3_dates", "Dates of Tenders and Bonds"),
    ("4_reviews", "Reviews Owed"),
    ("5_plans", "Plans Due"),
    ("6_lacking", "Deals That Lack Something"),
    ("7_stagnant", "Deals That Stand Still"),
    ("8_points", "Points to Meet"),
]
# Whose activities have a section of their own, from some days before they are due
OF_SECTION = {
    "3_dates": ("kams.tender", "kams.guarantee"),
    "4_reviews": ("kams.review", "kams.winloss", "kams.stage.audit"),
    "5_plans": ("kams.plan",),
}
# Kinds of rows; a row's id is the id of what it tells of, times as many, plus its place here
KINDS = [
    ("activity", "Activity"),
    ("milestone", "Date of a Tender"),
    ("meeting", "Meeting Today"),
    *LACKS,
    ("points", "Points"),
]
# Columns of the parts that rows are put together from
PART = {
    **{"id": "bigint", "place": "integer", "section": "text", "kind": "text", "name": "varchar", "summary": "text"},
    **{"lead_id": "integer", "res_model": "varchar", "res_id": "integer", "due": "date", "at": "timestamp"},
    **{"since": "date", "usual": "integer", "phase_code": "varchar", "amount": "numeric", "user_id": "integer"},
    "company_id": "integer",
}


class KamsToday(models.Model):
    """My Day: what I owe today, and my deals by what they lack. Book chapter 9 (销售流程的控制与评估).

    Rows are the present user's own, read afresh each time: what is mended is gone at once. Nothing is kept.
    """

    _name = "kams.today"
    _description = "My Day"
    _inherit = "kams.report"
    _auto = False
    _order = "section, due nulls last, since nulls first, id"
    _rec_name = "name"

    section = fields.Selection(SECTIONS, readonly=True)
    kind = fields.Selection(KINDS, string="What", readonly=True)
    name = fields.Char(string="About", readonly=True)
    summary = fields.Char(readonly=True)
    text = fields.Char(string="To Do", compute="_compute_text")
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="res_model", readonly=True)
    due = fields.Date(readonly=True)
    at = fields.Datetime(string="Exact Time", readonly=True)
    since = fields.Date(readonly=True)
    usual = fields.Integer(readonly=True, aggregator=None)
    phase_code = fields.Char(readonly=True)
    severity = fields.Selection(
        [("3", "Late"), ("2", "Now"), ("1", "Soon")], readonly=True, help="Late: the day is over."
    )
    amount = BlankMonetary(readonly=True, aggregator=None)
    currency_id = fields.Many2one("res.currency", readonly=True)
    user_id = fields.Many2one("res.users", string="Whose", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)

    _depends = {
        "calendar.event": ["active", "opportunity_id", "start", "stop", "allday", "user_id", "partner_ids"],
        "crm.lead": ["name", "user_id", "team_id", "company_id", "kams_process_id"],
        "crm.team": ["user_id"],
        "kams.tender": ["name", "lead_id", "state"],
        "kams.tender.milestone": ["planned", "planned_at", "state", "user_id", "activity_id"],
        "mail.activity": ["active", "date_deadline", "date_done", "res_model", "res_id", "summary", "user_id"],
        "res.users": ["active"],
    }

    @property
    def _table_query(self):
        user = self.env.user
        return self._query([self._person(user)], self._today_of(user))

    # COMPUTES
    @api.depends("kind", "since", "usual", "phase_code", "summary", "at")
    @api.depends_context("lang", "tz", "uid")
    def _compute_text(self):
        user = self.env.user
        today, here = self._today_of(user), self.with_context(tz=user.tz or "UTC")
        for row in self:
            text = self._text(row, today)
            hour = row.at and f"{fields.Datetime.context_timestamp(here, row.at):%H:%M}"
            row.text = f"{hour} · {text}" if hour else text

    # ACTIONS
    @api.readonly
    def action_open(self):
        """What this row tells of."""
        self.ensure_one()
        if not self.res_id or self.res_model not in self.env:
            raise UserError(self.env._("“%s” isn't there any more.", self.name))
        return self.env[self.res_model].browse(self.res_id)._get_records_action()

    # BUSINESS
    @api.model
    def _text(self, row, today):
        """What is to be done, of a row or of its values."""
        if row["kind"] in dict(LACKS):
            return self.env["kams.lack"]._say(row["kind"], row["since"], row["usual"], row["phase_code"], today)
        if row["kind"] == "milestone":
            steps = dict(self.env["kams.tender.milestone"]._fields["kind"]._description_selection(self.env))
            return steps.get(row["summary"], row["summary"])
        if row["summary"] == row["name"]:  # a point left open, say: its words tell what, not that it is one
            return self.env["ir.model"]._get(row["res_model"]).name
        return row["summary"]

    @api.model
    def _today_of(self, user):
        return fields.Date.context_today(self.with_context(tz=user.tz or "UTC"))

    @api.model
    def _row_id(self, kind, id_):
        """The row that tells of the record with this id."""
        return id_ * len(KINDS) + [name for name, _label in KINDS].index(kind)

    @api.model
    def _person(self, user):
        """``(user id, partner id, their day, its begin and end in UTC)``."""
        today, zone = self._today_of(user), pytz.timezone(user.tz or "UTC")
        begin, end = (
            zone.localize(datetime.combine(today, moment)).astimezone(pytz.utc).replace(tzinfo=None)
            for moment in (time.min, time.max)
        )
        return user.id, user.partner_id.id, today, begin, end

    @api.model
    def _query(self, people, today):
        """What these people owe and their deals lack, as SELECT.

        :param people: see :meth:`_person`; all of them have the same day
        """
        ahead = int(self.env["kams.legal.rule"]._value("digest_ahead_days", today) or 0)
        user_ids = [person[0] for person in people]
        lack = self.env["kams.lack"]
        place = {kind: SQL("%s", number) for number, (kind, _label) in enumerate(KINDS)}
        # of one type in all parts: PostgreSQL then reads of each only the columns that somebody wants
        typed = SQL(", ").join(
            SQL("%(c)s::%(type)s AS %(c)s", c=SQL.identifier(name), type=SQL(kind)) for name, kind in PART.items()
        )
        return SQL(
            """
            SELECT found.id * %(kinds)s + found.place AS id, found.section, found.kind, found.name, found.summary,
                   found.lead_id, found.res_model, found.res_id, found.due, found.at, found.since, found.usual,
                   found.phase_code, found.amount, found.user_id, found.company_id,
                   company.currency_id,
                   CASE WHEN found.due < %(today)s THEN '3' WHEN found.due = %(today)s THEN '2' ELSE '1' END AS severity
              FROM (%(found)s) found
         LEFT JOIN res_company company ON company.id = found.company_id
            """,
            kinds=len(KINDS),
            today=today,
            found=SQL(" UNION ALL ").join(
                SQL("SELECT %s FROM (%s) part (%s)", typed, part, SQL(", ").join(map(SQL.identifier, PART)))
                for part in (
                    self._activities(user_ids, today, ahead, place["activity"]),
                    self._milestones(user_ids, today, ahead, place["milestone"]),
                    self._meetings(people, place["meeting"]),
                    self._lacks(lack._lacking(lack._of_users(user_ids), today), place),
                    self._points(user_ids, place["points"]),
                )
            ),
        )

    @api.model
    def _activities(self, user_ids, today, ahead, place):
        """What is in their list, but for reminders (what deals lack is told below) and dates of tenders (likewise)."""
        sections = SQL(" ").join(
            SQL("WHEN activity.res_model IN %s THEN %s", models, section) for section, models in OF_SECTION.items()
        )
        return SQL(
            """
            SELECT activity.id::bigint AS id, %(place)s AS place,
                   CASE %(sections)s
                        WHEN activity.date_deadline < %(today)s THEN '1_overdue' ELSE '2_today' END AS section,
                   'activity' AS kind, activity.res_name AS name, COALESCE(activity.summary, '') AS summary,
                   lead.id AS lead_id, activity.res_model, activity.res_id, activity.date_deadline AS due,
                   NULL::timestamp AS at, NULL::date AS since, NULL::integer AS usual, NULL AS phase_code,
                   NULL::numeric AS amount, activity.user_id, lead.company_id
              FROM mail_activity activity
         LEFT JOIN crm_lead lead ON lead.id = activity.res_id AND activity.res_model = 'crm.lead'
             WHERE activity.user_id = ANY(%(users)s) AND activity.active
               AND (activity.res_model LIKE 'kams.%%' AND activity.res_model <> 'kams.reminder'
                    OR lead.kams_process_id IS NOT NULL)
               AND activity.date_deadline <= CASE WHEN activity.res_model IN %(early)s THEN %(until)s ELSE %(today)s END
               AND NOT EXISTS (SELECT FROM kams_tender_milestone milestone WHERE milestone.activity_id = activity.id)
            """,
            place=place,
            sections=sections,
            today=today,
            users=user_ids,
            early=tuple(name for names in OF_SECTION.values() for name in names),
            until=fields.Date.add(today, days=ahead),
        )

    @api.model
    def _milestones(self, user_ids, today, ahead, place):
        """Dates of tenders that come up: earlier than their reminders, and with the minute."""
        return SQL(
            """
            SELECT milestone.id, %(place)s, '3_dates', 'milestone', tender.name, milestone.kind,
                   tender.lead_id, 'kams.tender', tender.id, milestone.planned, milestone.planned_at, NULL, NULL, NULL,
                   NULL, milestone.user_id, milestone.company_id
              FROM kams_tender_milestone milestone
              JOIN kams_tender tender ON tender.id = milestone.tender_id
              JOIN crm_lead lead ON lead.id = tender.lead_id
             WHERE milestone.user_id = ANY(%(users)s) AND milestone.state = 'open'
               AND milestone.planned <= %(until)s AND tender.state <> 'closed'
               AND (tender.state NOT IN %(submitted)s OR milestone.sequence >= %(submission)s)
               -- of a deal that is lost, only what comes after a bid that was handed in
               AND (lead.active OR tender.state IN %(submitted)s)
            """,
            place=place,
            users=user_ids,
            until=fields.Date.add(today, days=ahead),
            submitted=IN,
            submission=SUBMISSION,
        )

    @api.model
    def _meetings(self, people, place):
        return SQL(
            """
            SELECT event.id, %(place)s, '2_today', 'meeting', lead.name, event.name,
                   lead.id, 'calendar.event', event.id, me.today,
                   CASE WHEN event.allday THEN NULL ELSE event.start END, NULL, NULL, NULL,
                   NULL, me.user_id, lead.company_id
              FROM unnest(%(users)s::int[], %(partners)s::int[], %(days)s::date[], %(begins)s::timestamp[],
                          %(ends)s::timestamp[]) me (user_id, partner_id, today, begins, ends)
              JOIN calendar_event event ON event.active AND event.start BETWEEN me.begins AND me.ends
              JOIN crm_lead lead ON lead.id = event.opportunity_id AND lead.kams_process_id IS NOT NULL
             WHERE event.user_id = me.user_id
                OR EXISTS (SELECT FROM calendar_event_res_partner_rel attending
                            WHERE attending.calendar_event_id = event.id
                              AND attending.res_partner_id = me.partner_id)
            """,
            place=place,
            **{
                name: list(column)
                for name, column in zip(
                    ("users", "partners", "days", "begins", "ends"), zip(*people, strict=True), strict=True
                )
            },
        )

    @api.model
    def _lacks(self, lacking, place):
        places = SQL(" ").join(SQL("WHEN %s THEN %s", kind, place[kind]) for kind, _label in LACKS)
        return SQL(
            """
            SELECT lacking.lead_id, CASE lacking.kind %(places)s END,
                   CASE lacking.kind WHEN 'stagnant' THEN '7_stagnant' ELSE '6_lacking' END,
                   lacking.kind, (SELECT name FROM crm_lead WHERE id = lacking.lead_id), NULL,
                   lacking.lead_id, 'crm.lead', lacking.lead_id, NULL, NULL, lacking.since, lacking.usual,
                   lacking.phase_code, lacking.amount, lacking.user_id, lacking.company_id
              FROM (%(lacking)s) lacking
            """,
            places=places,
            lacking=lacking,
        )

    @api.model
    def _points(self, user_ids, place):
        """Deals whose phase has mandatory points that aren't met, with the first one."""
        return SQL(
            """
            SELECT state.lead_ref, %(place)s, '8_points', 'points',
                   (SELECT name FROM crm_lead WHERE id = state.lead_ref),
                   (card.says::jsonb ->> 'done') || ' / ' || (card.says::jsonb ->> 'total') || ' · '
                   || (card.says::jsonb -> 'missing' ->> 'code') || ' '
                   || COALESCE(card.says::jsonb -> 'missing' -> 'name' ->> %(lang)s,
                               card.says::jsonb -> 'missing' -> 'name' ->> 'en_US'),
                   state.lead_id, 'crm.lead', state.lead_ref, NULL, NULL, NULL, NULL, NULL, state.expected_revenue,
                   state.user_id, state.company_id
              FROM kams_deal_history state
              JOIN kams_deal_card card
                ON card.lead_id = state.lead_ref AND card.says::jsonb -> 'missing' ->> 'code' IS NOT NULL
             WHERE state.user_id = ANY(%(users)s) AND state.valid_to IS NULL AND state.status = 'open'
               AND state.phase_code <> 'delivery'
            """,
            place=place,
            lang=self.env.lang or "en_US",
            users=user_ids,
        )
