from odoo import api, fields, models
from odoo.tools import SQL

from .kams_lack import LACKS

BATCH = 1000


class KamsReminder(models.Model):
    """What a deal lacks and who was told: one line a deal and lack, closed by itself once the deal has it.

    Book chapter 9 (销售流程的控制与评估). The nightly job writes it; people answer its activity or mend the deal.
    A line is a note of the engine, not evidence, so it goes with its deal.
    """

    _name = "kams.reminder"
    _description = "Reminder"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "is_open desc, since, id"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", string="Deal", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="lead_id.company_id")
    kind = fields.Selection(LACKS, string="Lacks", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Reminded", required=True, readonly=True, index=True, ondelete="cascade"
    )
    phase_code = fields.Char(readonly=True)
    since = fields.Date(readonly=True, help="Since when the deal lacks it; empty: it never had it.")
    usual = fields.Integer(string="Days Until Stagnant", readonly=True, aggregator=None)
    text = fields.Char(string="What It Lacks", compute="_compute_text")
    is_open = fields.Boolean(string="Still Lacking", default=True, readonly=True)
    opened_on = fields.Date(string="Noticed On", readonly=True)
    closed_on = fields.Date(string="Mended On", readonly=True)
    reminded_on = fields.Date(readonly=True, help="When the activity was given to whom it concerns.")
    activity_id = fields.Many2one(
        "mail.activity", string="Activity", ondelete="set null", copy=False, readonly=True, index="btree_not_null"
    )

    _once = models.UniqueIndex("(lead_id, kind)", "A deal is reminded of a lack once.")

    # COMPUTES
    @api.depends("kind", "since", "usual", "phase_code")
    @api.depends_context("lang", "tz")
    def _compute_text(self):
        today, lack = fields.Date.context_today(self), self.env["kams.lack"]
        for one in self:
            one.text = lack._say(one.kind, one.since, one.usual, one.phase_code, today)

    # ORM
    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Nobody follows a reminder: nothing is said under it, and each person would cost a statement."""
        return True

    # ACTIONS
    @api.readonly
    def action_open_deal(self):
        """The deal that lacks something."""
        self.ensure_one()
        return self.lead_id._get_records_action()

    # BUSINESS
    @api.model
    def _cron_remind(self):
        """Look at all open deals, batch after batch, then give people their activities.

        Each batch stands for itself and says how far it got: a run that is killed goes on from there, and what was done
        stays done once.
        """
        today = fields.Date.context_today(self)
        run = self.env["kams.reminder.run"]._begin(today)
        progress = self.env["ir.cron"]
        if not progress._commit_progress(remaining=self._count_open(run.last_ref) + 1):
            return
        while reach := self._next_batch(run.last_ref):
            last, number = reach
            noticed, mended = self._compare(run.last_ref, last, today)
            run.write(
                {
                    "last_ref": last,
                    "deals": run.deals + number,
                    "noticed": run.noticed + noticed,
                    "mended": run.mended + mended,
                }
            )
            if not progress._commit_progress(number):
                return
        run.mended += self._compare(run.last_ref, None, today)[1]
        if self._give_activities(today, run):
            run.finished_at = fields.Datetime.now()
            progress._commit_progress(1)

    @api.model
    def _count_open(self, beyond):
        [(number,)] = self.env.execute_query(
            SQL(
                "SELECT count(*) FROM kams_deal_history WHERE valid_to IS NULL AND status = 'open' AND lead_ref > %s",
                beyond,
            )
        )
        return number

    @api.model
    def _next_batch(self, beyond):
        """``(number of the last deal, how many deals)`` of the next batch, or None at the end."""
        [(last, number)] = self.env.execute_query(
            SQL(
                """
                SELECT max(lead_ref), count(*)
                  FROM (SELECT lead_ref FROM kams_deal_history
                         WHERE valid_to IS NULL AND status = 'open' AND lead_ref > %s
                      ORDER BY lead_ref LIMIT %s) batch
                """,
                beyond,
                BATCH,
            )
        )
        return (last, number) if number else None

    @api.model
    def _compare(self, first, last, today):
        """Open, change and close the reminders of the deals after ``first`` up to ``last`` (None: all beyond).

        One statement; what is as it was isn't written. Answers ``(noticed, mended)``.
        """
        self.env["kams.lack"]._prepare()
        beyond = SQL("> %s", first) if last is None else SQL("BETWEEN %s AND %s", first + 1, last)
        wanted = SQL(" ").join(
            SQL(
                "WHEN %(kind)s THEN person.%(field)s IS NOT FALSE AND team.%(field)s IS NOT FALSE",
                kind=kind,
                field=SQL.identifier(f"kams_remind_{kind}"),
            )
            for kind, _label in LACKS
        )
        [(noticed, mended, over)] = self.env.execute_query(
            SQL(
                """
                WITH lacking AS MATERIALIZED (
                    SELECT found.*
                      FROM (%(lacking)s) found
                      JOIN res_users person ON person.id = found.user_id AND person.share IS NOT TRUE
                 LEFT JOIN crm_team team ON team.id = found.team_id
                     WHERE CASE found.kind %(wanted)s END
                ), moved AS (
                    SELECT reminder.activity_id
                      FROM kams_reminder reminder
                      JOIN lacking ON lacking.lead_id = reminder.lead_id AND lacking.kind = reminder.kind
                     WHERE reminder.user_id <> lacking.user_id AND reminder.activity_id IS NOT NULL
                ), told AS (
                    INSERT INTO kams_reminder AS before
                        (lead_id, kind, user_id, since, usual, phase_code, is_open, opened_on, create_uid, create_date)
                    SELECT lead_id, kind, user_id, since, usual, phase_code, TRUE, %(today)s, %(uid)s, %(now)s
                      FROM lacking
                        ON CONFLICT (lead_id, kind) DO UPDATE
                       SET user_id = EXCLUDED.user_id, since = EXCLUDED.since, usual = EXCLUDED.usual,
                           phase_code = EXCLUDED.phase_code, is_open = TRUE, closed_on = NULL,
                           opened_on = CASE WHEN before.is_open THEN before.opened_on ELSE EXCLUDED.opened_on END,
                           reminded_on = CASE WHEN before.is_open AND before.user_id = EXCLUDED.user_id
                                              THEN before.reminded_on END,
                           activity_id = CASE WHEN before.is_open AND before.user_id = EXCLUDED.user_id
                                              THEN before.activity_id END
                     WHERE (before.is_open, before.user_id, before.since, before.usual, before.phase_code)
                           IS DISTINCT FROM
                           (TRUE, EXCLUDED.user_id, EXCLUDED.since, EXCLUDED.usual, EXCLUDED.phase_code)
                 RETURNING opened_on
                ), mended AS (
                    UPDATE kams_reminder reminder
                       SET is_open = FALSE, closed_on = %(today)s
                     WHERE reminder.is_open AND reminder.lead_id %(beyond)s
                       AND NOT EXISTS (SELECT FROM lacking
                                        WHERE lacking.lead_id = reminder.lead_id AND lacking.kind = reminder.kind)
                 RETURNING reminder.activity_id
                )
                SELECT (SELECT count(*) FROM told WHERE opened_on = %(today)s), (SELECT count(*) FROM mended),
                       ARRAY(SELECT activity_id FROM mended WHERE activity_id IS NOT NULL
                              UNION SELECT activity_id FROM moved)
                """,
                lacking=self.env["kams.lack"]._lacking(
                    SQL(
                        "SELECT * FROM kams_deal_history WHERE valid_to IS NULL AND status = 'open' AND lead_ref %s",
                        beyond,
                    ),
                    today,
                ),
                wanted=wanted,
                today=today,
                uid=self.env.uid,
                now=self.env.cr.now(),
                beyond=beyond,
            )
        )
        self.invalidate_model(flush=False)
        # those that were answered stay as they are
        self.env["mail.activity"].browse(over).exists().filtered("active").unlink()
        return noticed, mended
