from odoo import api, fields, models
from odoo.tools import SQL

# What an open deal may lack, the gravest first
LACKS = [
    ("step", "Next Step"),
    ("contact", "Recent Contact"),
    ("closing", "Closing Date"),
    ("stagnant", "Stagnation"),
]
# Dated parameters, those of the pipeline's report: {what they are called here: key}. One that is gone judges nobody
LIMITS = {
    "step": "pipeline_step_stale_days",
    "contact": "pipeline_contact_days",
    "ageing": "pipeline_ageing_factor",
}


class KamsLack(models.AbstractModel):
    """What an open deal lacks by itself, without anybody having written it down: a next step, a contact, a way on.

    Book section 1.2 (利用销售漏斗进行销售流程管理), the clean funnel, and method.md C09: a deal stagnates once it is in
    its phase for so many times the days that won deals usually took; where none was won yet, once it is over what the
    phase itself allows. Reminders, the morning digest and My Day ask here, cards and the deal's page by the same words
    (:meth:`_stagnant_after`), so that they never disagree.
    """

    _name = "kams.lack"
    _description = "What open deals lack"

    # BUSINESS
    @api.model
    def _limits(self, today):
        """``{name: number or None}`` of the dated parameters."""
        rule = self.env["kams.legal.rule"]
        return {name: rule._value(key, today) for name, key in LIMITS.items()}

    @api.model
    def _stagnant_after(self, phase, company, today):
        """After how many days in its phase a deal stagnates (C09), as SQL: so many times what won deals usually took.

        What is usual was asked last night (``kams.reminder.run``): the median of all that was ever won is too dear for
        each card. Where none was won yet, the process says what is too long.

        :param phase: alias of ``kams_process_phase``
        :param company: the deal's company, as SQL
        """
        return SQL(
            """
            COALESCE(
                ((SELECT usual_days FROM kams_reminder_run
                   WHERE jsonb_typeof(usual_days) = 'object' ORDER BY day DESC LIMIT 1)
                 ->> (COALESCE(%(company)s, 0) || '/' || %(phase)s.code))::float8 * %(factor)s,
                %(phase)s.standard_days * %(phase)s.stagnation_factor)
            """,
            company=company,
            phase=SQL.identifier(phase),
            factor=self._limits(today)["ageing"],
        )

    @api.model
    def _of_users(self, user_ids):
        """The open deals that these people answer for, as SQL of their present rows of history.

        Who has left answers for nothing: the leader of the team does, until the deal has a new owner.
        """
        return SQL(
            """
            SELECT * FROM kams_deal_history WHERE valid_to IS NULL AND status = 'open' AND user_id = ANY(%(users)s)
             UNION ALL
            SELECT left_over.*
              FROM crm_team led
              JOIN kams_deal_history left_over
                ON left_over.team_id = led.id AND left_over.valid_to IS NULL AND left_over.status = 'open'
         LEFT JOIN res_users gone ON gone.id = left_over.user_id
             WHERE led.user_id = ANY(%(users)s) AND gone.active IS NOT TRUE
               AND (left_over.user_id = ANY(%(users)s)) IS NOT TRUE
            """,
            users=list(user_ids),
        )

    @api.model
    def _lacking(self, deals, today):
        """A SELECT with a row for each open deal and thing that it lacks.

        :param deals: the deals' present rows of history, all of them open, as SQL
        :param today: the day on which it is asked
        :return: SQL with ``lead_id``, ``user_id`` (who answers for it), ``team_id``, ``company_id``, ``phase_code``,
            ``amount``, ``kind``, ``since`` (a day; empty: never) and ``usual`` (days until it counts as stagnant)
        """
        limits, now = self._limits(today), fields.Datetime.now()
        step, contact = limits["step"], limits["contact"]
        return SQL(
            """
            WITH deal AS MATERIALIZED (
                SELECT state.lead_ref AS id, COALESCE(owner.id, leader.id) AS user_id, state.team_id,
                       state.company_id, state.phase_id, state.phase_code, state.phase_since,
                       state.expected_revenue AS amount, state.date_deadline
                  FROM (%(deals)s) state
             LEFT JOIN res_users owner ON owner.id = state.user_id AND owner.active
             LEFT JOIN crm_team team ON team.id = state.team_id
             LEFT JOIN res_users leader ON leader.id = team.user_id AND leader.active
                 WHERE state.phase_code <> 'delivery'
            ), step AS (
                SELECT res_id, max(date_deadline) AS due
                  FROM mail_activity
                 WHERE res_model = 'crm.lead' AND active AND res_id IN (SELECT id FROM deal)
              GROUP BY res_id
            ), meeting AS (
                SELECT opportunity_id,
                       max(start) FILTER (WHERE start >= %(now)s) AS ahead,
                       max(start) FILTER (WHERE stop <= %(now)s) AS held
                  FROM calendar_event
                 WHERE active AND opportunity_id IN (SELECT id FROM deal)
              GROUP BY opportunity_id
            ), talk AS (
                SELECT res_id, max(date_done) AS held
                  FROM mail_activity
                 WHERE res_model = 'crm.lead' AND NOT active AND res_id IN (SELECT id FROM deal)
                   AND activity_type_id IN (SELECT id FROM mail_activity_type WHERE category = 'phonecall')
              GROUP BY res_id
            ), known AS (
                SELECT deal.*, step.due, meeting.ahead, GREATEST(meeting.held, talk.held) AS contact,
                       %(stagnant_after)s AS usual, extract(epoch FROM %(now)s - deal.phase_since) / 86400 AS age
                  FROM deal
             LEFT JOIN step ON step.res_id = deal.id
             LEFT JOIN meeting ON meeting.opportunity_id = deal.id
             LEFT JOIN talk ON talk.res_id = deal.id
             LEFT JOIN kams_process_phase phase ON phase.id = deal.phase_id
                 WHERE deal.user_id IS NOT NULL
            )
            SELECT known.id AS lead_id, known.user_id, known.team_id, known.company_id, known.phase_code,
                   known.amount, lack.kind, lack.since, lack.usual
              FROM known
            CROSS JOIN LATERAL (
                   VALUES ('step', NULL::date, NULL::integer, known.ahead IS NULL AND known.due IS NULL),
                          ('step', known.due, NULL, known.ahead IS NULL AND known.due < %(step)s),
                          ('contact', known.contact::date, NULL,
                           COALESCE(known.contact, (SELECT create_date FROM crm_lead WHERE id = known.id))
                               < %(contact)s),
                          ('closing', known.date_deadline, NULL, known.date_deadline < %(today)s),
                          ('stagnant', known.phase_since::date, floor(known.usual)::integer,
                           known.age > known.usual)
                   ) lack (kind, since, usual, holds)
             WHERE lack.holds
            """,
            deals=deals,
            now=now,
            today=today,
            stagnant_after=self._stagnant_after("phase", SQL("deal.company_id"), today),
            step=None if step is None else fields.Date.subtract(today, days=int(step)),
            contact=None if contact is None else fields.Datetime.subtract(now, days=int(contact)),
        )

    @api.model
    def _prepare(self):
        """What :meth:`_lacking` reads is written before it is asked; once a transaction.

        PostgreSQL would compile so long a statement for longer than it runs.
        """
        self.env.cr.execute("SET LOCAL jit = off")
        self.env["crm.lead"]._kams_write_history()
        self.env["mail.activity"].flush_model(
            ["res_id", "res_model", "active", "date_deadline", "date_done", "user_id"]
        )
        self.env["calendar.event"].flush_model(["opportunity_id", "start", "stop", "active"])
        self.env["crm.team"].flush_model(["user_id"])
        self.env["res.users"].flush_model(["active"])

    @api.model
    def _say(self, kind, since, usual, phase_code, today):
        """What a deal lacks in words of the user's language; facts come from :meth:`_lacking`."""
        days = (today - since).days if since else None
        if kind == "stagnant":
            return self.env._(
                "%(days)s days in %(phase)s, from %(usual)s on that is too long",
                days=days,
                phase=self._phase_names().get(phase_code, phase_code),
                usual=usual,
            )
        if kind == "closing":
            return self.env._("Was expected to close %s days ago", days)
        if kind == "contact":
            return self.env._("No contact for %s days", days) if since else self.env._("No contact yet")
        if since:
            return self.env._("Its next step was due %s days ago", days)
        return self.env._("No next step is planned")

    @api.model
    def _phase_names(self):
        return dict(self.env["kams.process.phase"]._fields["code"]._description_selection(self.env))
