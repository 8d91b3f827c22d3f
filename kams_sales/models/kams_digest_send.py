import pytz

from odoo import Command, api, fields, models
from odoo.tools import SQL, format_date, split_every

from .kams_lack import LACKS

BATCH = 50  # people
# Who has a day's work in KAMS
GROUPS = ("salesperson", "bid_desk", "legal", "finance", "delivery")


class KamsDigest(models.Model):
    """How the morning's messages come about: each hour those people get theirs whose morning it is.

    A message is written with its line in one transaction, a batch of people at a time, and the line is unique: a job
    that is killed and started again tells everybody once.
    """

    _inherit = "kams.digest"

    # BUSINESS
    @api.model
    def _cron_digest(self):
        waiting = self._waiting(fields.Datetime.now())
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=sum(len(ids) for ids in waiting.values()))
        for day, ids in sorted(waiting.items()):
            for batch in split_every(BATCH, ids, self.env["res.users"].browse):
                self._tell(day, batch)
                if not progress._commit_progress(len(batch)):
                    return

    @api.model
    def _waiting(self, now):
        """``{day: ids of people}`` whose morning has come, on a day on which their company works, and who wait."""
        groups = [self.env.ref(f"kams_sales.group_{name}").id for name in GROUPS]
        users = self.env["res.users"].search(
            [("share", "=", False), ("kams_digest", "=", True), ("all_group_ids", "in", groups)], order="id"
        )
        waiting = {}
        for user in users:
            local = pytz.utc.localize(now).astimezone(pytz.timezone(user.tz or "UTC"))
            waiting.setdefault((local.date(), local.hour), []).append(user)
        found, told = {}, self._told({day for day, _hour in waiting}, users)
        for (day, hour), people in waiting.items():
            if hour < (self.env["kams.legal.rule"]._value("digest_hour", day) or 0):
                continue
            for user in people:
                calendar = self.env["kams.holiday"]._calendar(user.company_id)
                if (user.id, day) not in told and not calendar.is_off(day):
                    found.setdefault(day, []).append(user.id)
        return found

    @api.model
    def _told(self, days, users):
        rows = self.search_fetch([("day", "in", list(days)), ("user_id", "in", users.ids)], ["user_id", "day"])
        return {(row.user_id.id, row.day) for row in rows}

    @api.model
    def _tell(self, day, users):
        """One message for each of these people, or none where there is nothing: a constant number of statements."""
        found = self._found(day, users)
        now = fields.Datetime.now()
        digests, mails = [], []
        for user in users:
            sections = found.get(user.id, {})
            number = sum(total for total, _lines in sections.values())
            body = self.with_context(lang=user.lang, tz=user.tz)._write_out(user, day, sections) if number else False
            mailed = bool(number and user.email)
            digests.append({"user_id": user.id, "day": day, "items": number, "body": body, "sent_on": mailed and now})
            if mailed:
                words = self.with_context(lang=user.lang).env
                mails.append(
                    {
                        "subject": words._(
                            "Your day, %(day)s: %(number)s things", day=format_date(words, day), number=number
                        ),
                        "body_html": body,
                        "recipient_ids": [Command.link(user.partner_id.id)],
                        "email_from": user.company_id.email_formatted or user.email_formatted,
                        "auto_delete": True,
                    }
                )
        self.create(digests)
        self.env["mail.mail"].create(mails)

    @api.model
    def _found(self, day, users):
        """``{user id: {section: (how many, rows of the first ones)}}``, one statement for all.

        What somebody doesn't want to be reminded of isn't told, nor what is of a company that they can't enter.
        """
        today = self.env["kams.today"]
        self.env["kams.lack"]._prepare()
        wanted = SQL(" ").join(
            SQL(
                "WHEN %(kind)s THEN person.%(field)s IS NOT FALSE AND team.%(field)s IS NOT FALSE",
                kind=kind,
                field=SQL.identifier(f"kams_remind_{kind}"),
            )
            for kind, _label in LACKS
        )
        names = ("user_id", "section", "kind", "name", "summary", "since", "usual", "phase_code", "due", "at")
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT *
                  FROM (SELECT %(names)s, mine.res_model, mine.res_id, mine.severity,
                               count(*) OVER (PARTITION BY mine.user_id, mine.section) AS total,
                               row_number() OVER (
                                   PARTITION BY mine.user_id, mine.section
                                   ORDER BY mine.due NULLS LAST, mine.since NULLS FIRST, mine.id
                               ) AS place
                          FROM (%(query)s) mine
                          JOIN res_users person ON person.id = mine.user_id
                     LEFT JOIN crm_lead lead ON lead.id = mine.lead_id
                     LEFT JOIN crm_team team ON team.id = lead.team_id
                         WHERE mine.section <> '8_points'
                           AND CASE mine.kind %(wanted)s ELSE TRUE END
                           AND (mine.company_id IS NULL
                                OR EXISTS (SELECT FROM res_company_users_rel mate
                                            WHERE mate.user_id = mine.user_id AND mate.cid = mine.company_id))
                       ) told
                 WHERE place <= %(lines)s
              ORDER BY user_id, section, place
                """,
                names=SQL(", ").join(SQL.identifier("mine", name) for name in names),
                query=today._query([today._person(user) for user in users], day),
                wanted=wanted,
                lines=int(self.env["kams.legal.rule"]._value("digest_lines", day) or 0),
            )
        )
        found = {}
        for row in rows:
            sections = found.setdefault(row["user_id"], {})
            sections.setdefault(row["section"], (row["total"], []))[1].append(row)
        return found

    @api.model
    def _write_out(self, user, day, sections):
        """The message in the user's words; ``self`` has their language and zone."""
        base, env = user.get_base_url(), self.env
        labels = dict(env["kams.today"]._fields["section"]._description_selection(env))
        told = [
            {
                "label": labels[section],
                "total": total,
                "url": f"{base}/odoo/action-kams_sales.kams_today_{section[2:]}_action",
                "more": total > len(rows) and env._("And %s more", total - len(rows)),
                "lines": [
                    {
                        "name": row["name"] or "",
                        "text": env["kams.today"]._text(row, day),
                        "url": f"{base}/odoo/{row['res_model']}/{row['res_id']}",
                        "day": self._day_of(row),
                        "late": row["severity"] == "3",
                    }
                    for row in rows
                ],
            }
            for section, (total, rows) in sections.items()
        ]
        return env["ir.qweb"]._render(
            "kams_sales.kams_digest_body",
            {
                "hello": env._("Good morning, %s. This is your day.", user.name),
                "sections": told,
                "my_day": f"{base}/odoo/my-day",
                "preferences": f"{base}/odoo/my-preferences/{user.id}",
            },
        )

    @api.model
    def _day_of(self, row):
        if row["at"]:
            moment = fields.Datetime.context_timestamp(self, row["at"])
            return f"{format_date(self.env, moment.date())} {moment:%H:%M}"
        return row["due"] and format_date(self.env, row["due"])

    @api.autovacuum
    def _gc_old(self):
        """What was told half a year ago helps nobody."""
        self.search([("day", "<", fields.Date.subtract(fields.Date.today(), months=6))], limit=10000).unlink()
