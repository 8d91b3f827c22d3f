from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, split_every

from .blank import BlankFloat

RESPONSE_STATES = [
    ("waiting", "Waiting"),
    ("overdue", "Overdue"),
    ("on_time", "On Time"),
    ("late", "Late"),
]
HOURS = "lead_response_hours"
REMINDER = "kams_sales.mail_activity_type_lead_response"
BATCH = 500


class CrmLead(models.Model):
    """How soon a lead heard from us, against what was promised for its source. Book section 3.3 发现客户线索.

    The clock runs from the day a lead was discovered to the first recorded contact, also beyond its conversion.
    A lead that is given up unanswered has no clock any more.
    """

    _inherit = "crm.lead"

    kams_discovered_at = fields.Datetime(
        string="Discovered At", copy=False, help="When we learnt of it. Empty: when the lead was created."
    )
    kams_first_response_at = fields.Datetime(
        string="First Response At",
        copy=False,
        help="The first contact with the customer: a message sent, a call made, a meeting held.",
    )
    kams_sla_hours = BlankFloat(
        string="Promised Hours",
        readonly=True,
        copy=False,
        help="The hours within which this lead had to be answered, as they held when it was.",
    )
    kams_response_reminded_at = fields.Datetime(string="Reminded of the Answer At", readonly=True, copy=False)
    # The clock
    kams_response_due = fields.Datetime(string="Answer Until", compute="_compute_kams_response")
    kams_response_state = fields.Selection(
        RESPONSE_STATES,
        string="Response",
        compute="_compute_kams_response",
        search="_search_kams_response_state",
        help="Whether the lead heard from us within the hours promised for its source.",
    )
    kams_response_hours = BlankFloat(string="Answered After (Hours)", compute="_compute_kams_response", aggregator=None)

    # COMPUTES
    @api.depends(
        "type",
        "team_id",
        "active",
        "create_date",
        "date_conversion",
        "kams_process_id",
        "kams_lead_source_id",
        "kams_discovered_at",
        "kams_first_response_at",
        "kams_sla_hours",
    )
    def _compute_kams_response(self):
        """From what is at hand: no query."""
        now = fields.Datetime.now()
        for lead in self:
            lead.kams_response_due = lead.kams_response_state = lead.kams_response_hours = False
            answered = lead.kams_first_response_at
            if not lead._kams_has_clock() or not (answered or lead.active):
                continue
            since, hours = lead._kams_since(), lead._kams_promised_hours()
            due = hours and since + timedelta(hours=hours)
            lead.kams_response_due = due
            if answered:
                lead.kams_response_hours = max((answered - since).total_seconds() / 3600, 0)
                lead.kams_response_state = "late" if due and answered > due else "on_time"
            else:
                lead.kams_response_state = "overdue" if due and now > due else "waiting"

    def _search_kams_response_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        states = [state for state in value if state]
        found = Domain(
            "id", "in", SQL("(SELECT id FROM (%s) clock WHERE state IN %s)", self._kams_clock(), tuple(states))
        )
        if len(states) == len(value):
            return found
        without = Domain("id", "not in", SQL("(SELECT id FROM (%s) clock WHERE state IS NOT NULL)", self._kams_clock()))
        return without | found if states else without

    # CONSTRAINTS
    @api.constrains("kams_discovered_at", "kams_first_response_at")
    def _check_kams_response(self):
        soon = fields.Datetime.now() + timedelta(hours=1)  # clocks of computers differ
        for lead in self:
            since, answered = lead.kams_discovered_at, lead.kams_first_response_at
            if (since and since > soon) or (answered and answered > soon):
                raise ValidationError(self.env._("%s can't have been discovered or answered in the future.", lead.name))
            if since and answered and answered < since:
                raise ValidationError(
                    self.env._(
                        "%s cannot have been answered before it was discovered. Change one of the two.", lead.name
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        leads = super().create(vals_list)
        if any(vals.get("kams_first_response_at") for vals in vals_list):
            leads._kams_keep_promise()
        return leads

    def write(self, vals):
        result = super().write(vals)
        if "kams_first_response_at" in vals and "kams_sla_hours" not in vals:
            self._kams_keep_promise()
        return result

    # ACTIONS
    def action_kams_responded(self):
        """The customer heard from us just now, by a way that Odoo did not see."""
        self.check_access("write")
        self._kams_note_response()
        return True

    # BUSINESS
    def log_meeting(self, meeting):
        """A meeting that is written down after it was held has answered already."""
        result = super().log_meeting(meeting)
        if meeting.stop and meeting.stop <= fields.Datetime.now():
            self._kams_note_response(meeting.start)
        return result

    def _kams_has_clock(self):
        """Whether this is a lead of ours, or was one before it was converted."""
        return self._kams_is_clue() and (self.type == "lead" or bool(self.date_conversion))

    def _kams_since(self):
        return self.kams_discovered_at or self.create_date or fields.Datetime.now()

    def _kams_promised_hours(self):
        """The hours that held when it was answered; before that, those of its source or of the parameter."""
        return (
            self.kams_sla_hours
            or self.env["kams.lead.source"]._hours().get(self.kams_lead_source_id.id)
            or self.env["kams.legal.rule"]._value(HOURS, self._kams_since().date())
        )

    def _kams_keep_promise(self):
        """Keep with each answer the hours it was judged by: another promise later doesn't judge it again."""
        for lead in self:
            if not lead.kams_first_response_at:
                lead.kams_sla_hours = False
            elif not lead.kams_sla_hours and lead._kams_has_clock():
                lead.kams_sla_hours = lead._kams_promised_hours()

    def _kams_note_response(self, moment=None):
        """Leads of ours that waited have heard from us. Others pay nothing."""
        waiting = self.filtered(lambda lead: lead._kams_has_clock() and not lead.kams_first_response_at)
        if not waiting:
            return
        # sudo: whoever talks to the customer stops the clock, also a colleague who may not change the lead
        waiting = waiting.sudo()
        moment = moment or fields.Datetime.now()
        for lead in waiting:
            lead.write({"kams_first_response_at": max(moment, lead._kams_since())})
        waiting.activity_unlink([REMINDER])

    @api.model
    def _kams_clue_sql(self):
        """The condition that :meth:`_kams_is_clue` states, on ``crm_lead l`` and its team ``t``."""
        return SQL(
            """
            (l.type = 'lead' AND t.kams_process_id IS NOT NULL
             OR l.type = 'opportunity' AND l.kams_process_id IS NOT NULL
                AND (l.date_conversion IS NOT NULL OR l.kams_lead_source_id IS NOT NULL))
            """
        )

    @api.model
    def _kams_clock(self):
        """What :meth:`_compute_kams_response` says, as SELECT of ``(id, since, answered, due, state, hours)``."""
        self.flush_model()
        self.env["crm.team"].flush_model(["kams_process_id"])
        self.env["kams.lead.source"].flush_model()
        self.env["kams.legal.rule"].flush_model()
        return SQL(
            """
            SELECT clock.*,
                   CASE WHEN NOT has_clock THEN NULL
                        WHEN answered IS NOT NULL THEN CASE WHEN answered > due THEN 'late' ELSE 'on_time' END
                        WHEN NOT active THEN NULL
                        WHEN due < %(now)s THEN 'overdue'
                        ELSE 'waiting' END AS state,
                   CASE WHEN has_clock AND answered IS NOT NULL
                        THEN GREATEST(extract(epoch FROM answered - since) / 3600, 0) END::float8 AS hours
              FROM (SELECT l.id, l.active, since.at AS since, l.kams_first_response_at AS answered,
                           since.at + COALESCE(l.kams_sla_hours, s.sla_hours, rule.value) * interval '1 hour' AS due,
                           l.type = 'lead' OR l.date_conversion IS NOT NULL AS has_clock
                      FROM crm_lead l
                 LEFT JOIN crm_team t ON t.id = l.team_id
                 LEFT JOIN kams_lead_source s ON s.id = l.kams_lead_source_id
                CROSS JOIN LATERAL (SELECT COALESCE(l.kams_discovered_at, l.create_date) AS at) since
                 LEFT JOIN LATERAL (
                           SELECT value FROM kams_legal_rule r
                            WHERE r.key = %(hours)s AND r.regime IS NULL AND r.mode IS NULL
                              AND r.valid_from <= since.at::date
                              AND (r.valid_to IS NULL OR r.valid_to >= since.at::date)
                            LIMIT 1
                           ) rule ON TRUE
                     WHERE %(clue)s
                   ) clock
            """,
            now=fields.Datetime.now(),
            hours=HOURS,
            clue=self._kams_clue_sql(),
        )

    @api.model
    def _cron_kams_lead_responses(self):
        """Stop the clock of leads whose customer was met, and remind of those that wait for too long."""
        self._kams_note_held_meetings()
        self._kams_remind_of_responses()

    @api.model
    def _kams_note_held_meetings(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT clock.id, min(event.start)
                  FROM (%s) clock
                  JOIN calendar_event event ON event.opportunity_id = clock.id
                 WHERE clock.state IN ('waiting', 'overdue') AND event.active
                   AND event.stop <= %s AND event.stop >= clock.since
              GROUP BY clock.id
                """,
                self._kams_clock(),
                fields.Datetime.now(),
            )
        )
        for batch in split_every(BATCH, rows, list):
            for lead_id, start in batch:
                self.browse(lead_id).with_prefetch([row[0] for row in batch])._kams_note_response(start)
            self.env["ir.cron"]._commit_progress(len(batch))

    @api.model
    def _kams_remind_of_responses(self):
        """One reminder a lead: for its salesperson, or for the leader of its team while it has none."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT clock.id, u.id, lang.lang
                  FROM (%s) clock
                  JOIN crm_lead l ON l.id = clock.id
             LEFT JOIN crm_team t ON t.id = l.team_id
                  JOIN res_users u ON u.id = COALESCE(l.user_id, t.user_id) AND u.active
                  JOIN res_partner lang ON lang.id = u.partner_id
                 WHERE clock.state = 'overdue' AND l.kams_response_reminded_at IS NULL
              ORDER BY clock.id
                """,
                self._kams_clock(),
            )
        )
        for batch in split_every(BATCH, rows, list):
            self._kams_plan_activities(
                [
                    {
                        "res_id": lead_id,
                        "user_id": user_id,
                        "activity_type_id": self.env["ir.model.data"]._xmlid_to_res_id(REMINDER),
                        "summary": self.with_context(lang=lang).env._("Answer this lead: it waits for too long"),
                        "date_deadline": fields.Date.today(),
                    }
                    for lead_id, user_id, lang in batch
                ]
            )
            self.browse(row[0] for row in batch).write({"kams_response_reminded_at": fields.Datetime.now()})
            self.env["ir.cron"]._commit_progress(len(batch))

    @api.model
    def _kams_plan_activities(self, vals_list):
        """Plan activities on deals at once, without telling anybody by e-mail."""
        model_id = self.env["ir.model"]._get_id(self._name)
        return (
            self.env["mail.activity"]
            .with_context(mail_activity_quick_update=True)
            .create([{"res_model_id": model_id, "automated": True, **vals} for vals in vals_list])
        )
