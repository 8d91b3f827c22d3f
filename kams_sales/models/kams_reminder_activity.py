from odoo import api, fields, models
from odoo.tools import SQL, split_every

from .kams_lack import LACKS

ACTIVITY_TYPE = "kams_sales.mail_activity_type_reminder"
BATCH = 100  # people


class KamsReminder(models.Model):
    """Reminders become activities: the gravest first, and so many at once that a day can bear them.

    An activity that was marked done or deleted while the deal still lacks the thing is an answer: it comes again after
    some days, not the next morning.
    """

    _inherit = "kams.reminder"

    # BUSINESS
    @api.model
    def _give_activities(self, today, run):
        """Give people the activities that they may have; answers whether time was left for all."""
        days = int(self.env["kams.legal.rule"]._value("reminder_again_days", today) or 0)
        again = fields.Date.subtract(today, days=days)
        users = [user_id for (user_id,) in self.env.execute_query(self._who_is_due(again))]
        progress = self.env["ir.cron"]
        if not progress._commit_progress(remaining=len(users) + 1):
            return False
        for batch in split_every(BATCH, users, list):
            run.activities += self._give(batch, today, again)
            if not progress._commit_progress(len(batch)):
                return False
        return True

    @api.model
    def _who_is_due(self, again):
        return SQL(
            """
            SELECT DISTINCT reminder.user_id
              FROM kams_reminder reminder
              JOIN res_users person ON person.id = reminder.user_id AND person.active
         LEFT JOIN mail_activity asked ON asked.id = reminder.activity_id AND asked.active
             WHERE reminder.is_open AND asked.id IS NULL
               AND (reminder.reminded_on IS NULL OR reminder.reminded_on <= %s)
          ORDER BY reminder.user_id
            """,
            again,
        )

    @api.model
    def _give(self, user_ids, today, again):
        """The activities of these people, in a constant number of statements; answers how many."""
        most = int(self.env["kams.legal.rule"]._value("reminder_most", today) or 0)
        rows = self.env.execute_query(
            SQL(
                """
                WITH mine AS (
                    SELECT reminder.*, asked.id IS NOT NULL AS asked
                      FROM kams_reminder reminder
                 LEFT JOIN mail_activity asked ON asked.id = reminder.activity_id AND asked.active
                     WHERE reminder.is_open AND reminder.user_id = ANY(%(users)s)
                )
                SELECT due.id, due.user_id, partner.lang, due.kind, due.since, due.usual, due.phase_code
                  FROM (SELECT mine.*, count(*) FILTER (WHERE mine.asked) OVER (PARTITION BY mine.user_id) AS busy,
                               row_number() OVER (
                                   PARTITION BY mine.user_id, mine.asked OR mine.reminded_on > %(again)s
                                   ORDER BY array_position(%(kinds)s::varchar[], mine.kind),
                                            lead.expected_revenue DESC NULLS LAST, mine.id
                               ) AS place
                          FROM mine
                          JOIN crm_lead lead ON lead.id = mine.lead_id
                       ) due
                  JOIN res_users person ON person.id = due.user_id
                  JOIN res_partner partner ON partner.id = person.partner_id
                 WHERE NOT due.asked AND (due.reminded_on IS NULL OR due.reminded_on <= %(again)s)
                   AND due.place <= %(most)s - due.busy
              ORDER BY due.user_id, due.place
                """,
                users=list(user_ids),
                again=again,
                kinds=[kind for kind, _label in LACKS],
                most=most,
            )
        )
        lack = self.env["kams.lack"]
        activities = (
            self.env["mail.activity"]
            .with_context(mail_activity_quick_update=True)  # in their list is enough: no mail besides
            .create(
                [
                    {
                        "activity_type_id": self.env["ir.model.data"]._xmlid_to_res_id(ACTIVITY_TYPE),
                        "automated": True,
                        "res_model_id": self.env["ir.model"]._get_id(self._name),
                        "res_id": id_,
                        "summary": lack.with_context(lang=lang)._say(kind, since, usual, phase, today),
                        "user_id": user_id,
                        "date_deadline": today,
                    }
                    for id_, user_id, lang, kind, since, usual, phase in rows
                ]
            )
        )
        activities.flush_recordset()
        if rows:
            self.env.execute_query(
                SQL(
                    """
                    UPDATE kams_reminder reminder
                       SET activity_id = given.activity_id, reminded_on = %s
                      FROM unnest(%s::int[], %s::int[]) given (id, activity_id)
                     WHERE reminder.id = given.id
                 RETURNING reminder.id
                    """,
                    today,
                    [row[0] for row in rows],
                    activities.ids,
                )
            )
            self.invalidate_model(["activity_id", "reminded_on"], flush=False)
        return len(rows)
