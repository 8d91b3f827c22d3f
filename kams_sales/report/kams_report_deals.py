from odoo import api, models
from odoo.tools import SQL

from ..models.kams_deal_history_kept import BEEN_OPEN, SELLING

ALL = (1 << len(SELLING)) - 1


class KamsReport(models.AbstractModel):
    """Statements that tell what deals went through, from their history alone: pieces of reports (chapter 9).

    What each deal's history adds up to lies ready beside it (models/kams_deal_history_kept.py).
    PostgreSQL drops whatever column, join or window a question doesn't need, so that a report which names all of them
    is as quick as one written for the question.
    """

    _inherit = "kams.report"

    @api.model
    def _deals(self):
        """One row per deal that was ever open: how far it came and how it ended.

        ``here`` are the phases that exist for it as bits: of its route, and those where it was although a newer version
        of the process lost them, up to the furthest; ``whole`` is as large as the furthest. ``stands`` is the phase in
        which it is open. ``counted``: it is in rates. What else it is at last: join the history by ``last_id``.
        """
        return SQL(
            """
            SELECT deal.*, path & (whole | (whole >> 1) | (whole >> 2) | (whole >> 3) | (whole >> 4)) AS here
              FROM (SELECT told.*,
                           (told.been | COALESCE(route.bits, %(all)s)) & %(all)s AS path,
                           (told.been | CASE WHEN told.status = 'won' THEN COALESCE(route.bits, %(all)s) ELSE 0 END)
                               & %(all)s AS whole,
                           %(outcome)s AS outcome,
                           told.status IN ('open', 'won', 'lost', 'archived') AS counted,
                           CASE WHEN told.status = 'won' THEN 1 ELSE 0 END AS won,
                           CASE WHEN told.status = 'lost' THEN 1 ELSE 0 END AS lost,
                           CASE WHEN told.status IN ('won', 'lost', 'archived') THEN 1 ELSE 0 END AS closed,
                           CASE WHEN told.status = 'open' THEN told.phase_code END AS stands,
                           %(closed_at)s AS closed_at
                      FROM kams_deal_way told
                 LEFT JOIN (%(routes)s) route
                        ON route.process_id = told.process_id AND route.mode = COALESCE(told.procurement_mode, '')
                     WHERE told.been & %(been_open)s <> 0 AND told.last_id IS NOT NULL
                    OFFSET 0) deal
            """,
            been_open=BEEN_OPEN,
            all=ALL,
            outcome=self._outcome(SQL("told.status")),
            closed_at=self._closed_at("told"),
            routes=self._routes(),
        )

    @api.model
    def _outcome(self, status):
        """What became of a deal; one that was deleted, merged away or made plain is gone."""
        return SQL("CASE WHEN %(s)s IN ('open', 'won', 'lost', 'archived') THEN %(s)s ELSE 'gone' END", s=status)

    @api.model
    def _closed_at(self, way):
        """When a deal came to the end that it has now, of ``kams_deal_way``; empty while it has none."""
        return SQL(
            """
            CASE %(way)s.status WHEN 'won' THEN COALESCE(%(way)s.not_won, %(way)s.first_at)
                                WHEN 'lost' THEN COALESCE(%(way)s.not_lost, %(way)s.first_at)
                                WHEN 'archived' THEN COALESCE(%(way)s.not_archived, %(way)s.first_at) END
            """,
            way=SQL.identifier(way),
        )

    @api.model
    def _had_on(self, lead, day):
        """Who had a deal when a day ended where the reader is, by its history, as a SELECT: its ``user_id`` and
        ``team_id``. Of a day before its first row, who had it first.

        :param lead: SQL of the deal's id
        :param day: SQL of the day; empty: at last
        """
        ended = SQL(
            "((COALESCE(%s, DATE '9999-12-30') + 1)::timestamp AT TIME ZONE %s AT TIME ZONE 'UTC')",
            day,
            str(self.env.tz),
        )
        return SQL(
            """
            SELECT state.user_id, state.team_id
              FROM kams_deal_history state
             WHERE state.lead_ref = %(lead)s
          ORDER BY state.valid_from >= %(ended)s,
                   CASE WHEN state.valid_from < %(ended)s THEN %(ended)s - state.valid_from
                        ELSE state.valid_from - %(ended)s END
             LIMIT 1
            """,
            lead=lead,
            ended=ended,
        )

    @api.model
    def _routes(self):
        """The phases that a process has for each way of buying, as bits; '' while that is unknown."""
        modes = self.env["kams.process.phase"]._fields["procurement_modes"]
        return SQL(
            """
            SELECT phase.process_id, mode.code AS mode, bit_or(%(bit)s) AS bits
              FROM kams_process_phase phase
        CROSS JOIN (SELECT code FROM kams_procurement_mode UNION SELECT '') mode
             WHERE mode.code = ''
                OR NOT EXISTS (SELECT FROM %(rel)s rel WHERE rel.%(phase)s = phase.id)
                OR EXISTS (SELECT
                             FROM %(rel)s rel
                             JOIN kams_procurement_mode own ON own.id = rel.%(mode)s
                            WHERE rel.%(phase)s = phase.id AND own.code = mode.code)
          GROUP BY phase.process_id, mode.code
            """,
            bit=self.env["kams.deal.history"]._bit(SQL("phase.code")),
            rel=SQL.identifier(modes.relation),
            phase=SQL.identifier(modes.column1),
            mode=SQL.identifier(modes.column2),
        )

    @api.model
    def _tiers(self):
        """The days on which an account's tier changed, and the tiers before, between and after them."""
        return SQL(
            """
            SELECT account_id, array_agg(date ORDER BY date, id) AS days,
                   (array_agg(tier_from ORDER BY date, id))[1:1] || array_agg(tier_to ORDER BY date, id) AS tiers
              FROM kams_account_tier_history
          GROUP BY account_id
            """
        )

    @api.model
    def _tier_on(self, moment):
        """The tier at a moment, of what :meth:`_tiers` is joined as ``tier``; today's where the moment is empty."""
        return SQL(
            "CASE WHEN tier.days IS NOT NULL"
            " THEN tier.tiers[1 + width_bucket(COALESCE(%s, 'infinity'), tier.days)] END",
            moment,
        )
