from odoo import api, models
from odoo.tools import SQL

# The state of a deal: (column of the history, SQL on crm_lead l, its stage s and its phase f).
# One list feeds what is compared, what is stored and what the database guards.
STATE = [
    ("process_id", "l.kams_process_id"),
    ("phase_id", "f.id"),  # what the stage says, not what somebody may have written into kams_phase_id
    ("phase_code", "f.code"),
    ("stage_id", "l.stage_id"),
    ("status", None),  # see _status_sql
    ("procurement_mode", "l.kams_procurement_mode"),
    ("expected_revenue", "COALESCE(l.expected_revenue, 0)"),
    ("probability", "COALESCE(l.probability, 0)"),
    ("date_deadline", "l.date_deadline"),
    ("user_id", "l.user_id"),
    ("team_id", "l.team_id"),
    ("company_id", "l.company_id"),
    ("partner_id", "l.partner_id"),
]
# Names stay readable when the record they come from is renamed or gone: (column, SQL)
NAMES = [
    ("lead_name", "l.name"),
    ("stage_name", "COALESCE(s.name->>'en_US', s.name->>0)"),
    ("user_name", "u_partner.name"),
    ("team_name", "COALESCE(t.name->>'en_US', t.name->>0)"),
    ("partner_name", "COALESCE(c_partner.name, l.partner_name)"),
]
PROBABILITY_STEP = 1.0  # points of drift that make a new row; smaller ones are noise of the lead scoring


class KamsDealHistory(models.Model):
    """Writing the history: deals are compared with what is recorded, and what differs becomes a row."""

    _inherit = "kams.deal.history"

    @api.model
    def _status_sql(self):
        return SQL(
            """
            CASE WHEN l.kams_process_id IS NULL THEN 'left'
                 WHEN l.won_status = 'won' AND s.is_won OR l.won_status = 'lost' AND NOT l.active THEN l.won_status
                 WHEN l.active THEN 'open'
                 ELSE 'archived' END
            """
        )

    @api.model
    def _state_sql(self, deal_ids):
        """One row per existing deal: what it is now, in the columns of this table."""
        columns = [
            SQL("%s AS %s", self._status_sql() if name == "status" else SQL(sql), SQL.identifier(name))
            for name, sql in STATE
        ]
        names = [SQL("%s AS %s", SQL(sql), SQL.identifier(name)) for name, sql in NAMES]
        return SQL(
            """
            SELECT l.id, l.write_uid, l.create_date, f.sequence AS phase_sequence, %(columns)s, %(names)s,
                   COALESCE(company.currency_id, (SELECT currency_id FROM res_company ORDER BY id LIMIT 1))
                       AS currency_id
              FROM crm_lead l
         LEFT JOIN crm_stage s ON s.id = l.stage_id
         LEFT JOIN kams_process_phase f ON f.process_id = l.kams_process_id AND f.stage_id = l.stage_id
         LEFT JOIN res_users u ON u.id = l.user_id
         LEFT JOIN res_partner u_partner ON u_partner.id = u.partner_id
         LEFT JOIN crm_team t ON t.id = l.team_id
         LEFT JOIN res_partner c_partner ON c_partner.id = l.partner_id
         LEFT JOIN res_company company ON company.id = l.company_id
             WHERE l.id = ANY(%(ids)s)
            """,
            columns=SQL(", ").join(columns),
            names=SQL(", ").join(names),
            ids=list(deal_ids),
        )

    @api.model
    def _record(self, deal_ids, hints=None, forced=()):
        """Bring the history of these deals up to what they are now: two statements, however many.

        Idempotent: a deal whose state is as recorded gets no row. The end of one row is the
        beginning of the next, to the microsecond.

        :param deal_ids: ids of existing deals; plain ones without history are passed over
        :param hints: ``{deal id: (reason or None, gate result, gate note)}`` from the gate
        :param forced: ids of deals whose recorded state lost a link together with the deal
        """
        if not deal_ids:
            return
        hints = hints or {}
        compared = [name for name, _sql in STATE if name != "probability"]
        state = self._state_sql(deal_ids)
        self.env.execute_query(
            SQL(
                """
                UPDATE kams_deal_history h
                   SET valid_to = GREATEST(%(now)s, h.valid_from + interval '1 microsecond')
                  FROM (%(state)s) n
                 WHERE h.lead_ref = n.id AND h.valid_to IS NULL
                   AND ((%(old)s) IS DISTINCT FROM (%(new)s)
                        OR abs(h.probability - n.probability) >= %(step)s
                        OR h.lead_ref = ANY(%(forced)s))
                   AND NOT (h.status = 'left' AND n.status = 'left')
                RETURNING h.id
                """,
                now=self.env.cr.now(),
                state=state,
                step=PROBABILITY_STEP,
                forced=list(forced),
                old=SQL(", ").join(SQL("h.%s", SQL.identifier(name)) for name in compared),
                new=SQL(", ").join(SQL("n.%s", SQL.identifier(name)) for name in compared),
            )
        )
        copied = [name for name, _sql in STATE + NAMES] + ["currency_id"]
        recorded = self.env.execute_query(
            SQL(
                """
                INSERT INTO kams_deal_history
                       (lead_id, lead_ref, %(columns)s, currency_name, valid_from, phase_since, reason,
                        changed_by_id, changed_by_name, gate_result, gate_note,
                        create_uid, create_date, write_uid, write_date)
                SELECT n.id, n.id, %(values)s, currency.name, COALESCE(p.valid_to, %(now)s),
                       CASE WHEN p.phase_id = n.phase_id THEN p.phase_since ELSE COALESCE(p.valid_to, %(now)s) END,
                       %(reason)s, n.write_uid, w_partner.name,
                       CASE WHEN p.phase_id = n.phase_id AND p.reconstructed IS NOT TRUE THEN 'none'
                            ELSE COALESCE(g.result, 'none') END,
                       CASE WHEN p.phase_id = n.phase_id THEN NULL ELSE g.note END,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM (%(state)s) n
             LEFT JOIN LATERAL (
                       SELECT * FROM kams_deal_history p WHERE p.lead_ref = n.id ORDER BY p.valid_from DESC LIMIT 1
                       ) p ON TRUE
             LEFT JOIN kams_process_phase p_phase ON p_phase.id = p.phase_id
             LEFT JOIN unnest(%(g_ids)s::int[], %(g_reasons)s::varchar[], %(g_results)s::varchar[],
                              %(g_notes)s::varchar[]) AS g (id, reason, result, note) ON g.id = n.id
             LEFT JOIN res_currency currency ON currency.id = n.currency_id
             LEFT JOIN res_users w ON w.id = n.write_uid
             LEFT JOIN res_partner w_partner ON w_partner.id = w.partner_id
                 WHERE (p.id IS NULL AND n.process_id IS NOT NULL) OR p.valid_to IS NOT NULL
                RETURNING lead_ref, CASE WHEN phase_since = valid_from AND status = 'open' THEN phase_id END,
                          status IN ('won', 'lost', 'archived')
                """,
                columns=SQL(", ").join(map(SQL.identifier, copied)),
                values=SQL(", ").join(SQL("n.%s", SQL.identifier(name)) for name in copied),
                now=self.env.cr.now(),
                uid=self.env.uid,
                state=state,
                reason=self._reason_sql(),
                g_ids=list(hints),
                g_reasons=[hint[0] for hint in hints.values()],
                g_results=[hint[1] for hint in hints.values()],
                g_notes=[hint[2] for hint in hints.values()],
            )
        )
        self.env["crm.lead"]._kams_note_card([lead_ref for lead_ref, _entered, _closed in recorded])
        self.env["crm.lead"]._kams_note_entered({entered for _lead_ref, entered, _closed in recorded if entered})
        if any(closed for _lead_ref, _entered, closed in recorded):
            self.env["kams.winloss"]._note_closed()
        self._forget_cache()

    @api.model
    def _reason_sql(self):
        """Why the new row ``n`` differs from the one before, ``p``; the gate's word ``g`` comes first."""
        return SQL(
            """
            CASE WHEN p.id IS NULL
                      THEN COALESCE(g.reason, CASE WHEN n.create_date < %s THEN 'joined' ELSE 'created' END)
                 WHEN p.reconstructed THEN COALESCE(g.reason, 'adopted')
                 WHEN n.status = 'left' THEN 'left'
                 WHEN n.status = 'won' AND p.status <> 'won' THEN 'won'
                 WHEN n.status = 'lost' AND p.status <> 'lost' THEN 'lost'
                 WHEN n.status = 'archived' AND p.status <> 'archived' THEN 'archived'
                 WHEN p.status IN ('left', 'deleted', 'merged') THEN COALESCE(g.reason, 'joined')
                 WHEN n.status = 'open' AND p.status IN ('lost', 'archived') THEN 'reopened'
                 WHEN n.phase_id IS DISTINCT FROM p.phase_id
                      THEN CASE WHEN n.phase_sequence < p_phase.sequence THEN 'back'
                                ELSE COALESCE(g.reason, 'forward') END
                 WHEN n.expected_revenue <> p.expected_revenue THEN 'amount'
                 WHEN n.date_deadline IS DISTINCT FROM p.date_deadline THEN 'date'
                 WHEN n.user_id IS DISTINCT FROM p.user_id THEN 'owner'
                 WHEN n.team_id IS DISTINCT FROM p.team_id THEN 'team'
                 WHEN n.procurement_mode IS DISTINCT FROM p.procurement_mode THEN 'mode'
                 WHEN n.partner_id IS DISTINCT FROM p.partner_id THEN 'customer'
                 WHEN n.probability <> p.probability THEN 'probability'
                 ELSE COALESCE(g.reason, 'other') END
            """,
            self.env.cr.now(),
        )

    @api.model
    def _bury(self, ends):
        """End the history of deals that are gone. What they last were stays readable.

        :param ends: ``{deal id: ("deleted" or "merged", note)}``
        """
        if not ends:
            return
        now = self.env.cr.now()
        self.env.execute_query(
            SQL(
                """
                UPDATE kams_deal_history SET valid_to = GREATEST(%s, valid_from + interval '1 microsecond')
                 WHERE lead_ref = ANY(%s) AND valid_to IS NULL AND status NOT IN ('deleted', 'merged')
                RETURNING id
                """,
                now,
                list(ends),
            )
        )
        kept = [name for name, _sql in STATE + NAMES if name != "status"] + ["currency_id", "currency_name"]
        self.env.execute_query(
            SQL(
                """
                INSERT INTO kams_deal_history
                       (lead_ref, %(columns)s, valid_from, phase_since, status, reason, changed_by_id,
                        changed_by_name, gate_result, gate_note, create_uid, create_date, write_uid, write_date)
                SELECT p.lead_ref, %(values)s, p.valid_to, p.phase_since, e.status,
                       CASE e.status WHEN 'merged' THEN 'merge' ELSE 'deleted' END, %(uid)s, %(name)s, 'none',
                       e.note, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM unnest(%(ids)s::int[], %(statuses)s::varchar[], %(notes)s::varchar[]) AS e (id, status, note)
                  JOIN LATERAL (
                       SELECT * FROM kams_deal_history p WHERE p.lead_ref = e.id ORDER BY p.valid_from DESC LIMIT 1
                       ) p ON p.valid_to IS NOT NULL
                RETURNING id
                """,
                columns=SQL(", ").join(map(SQL.identifier, kept)),
                values=SQL(", ").join(SQL("p.%s", SQL.identifier(name)) for name in kept),
                uid=self.env.uid,
                name=self.env.user.name,
                now=now,
                ids=list(ends),
                statuses=[end[0] for end in ends.values()],
                notes=[end[1] for end in ends.values()],
            )
        )
        self._forget_cache()

    @api.model
    def _forget_cache(self):
        self.invalidate_model(flush=False)
        self.env["crm.lead"]._kams_invalidate_counts()
