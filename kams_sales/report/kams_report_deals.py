from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .kams_report import SELLING

# Phases are bits of a number, in their order; that a deal was ever open is a bit beyond them
BITS = {code: 1 << place for place, code in enumerate((*SELLING, "delivery"))}
ALL = (1 << len(SELLING)) - 1
BEEN_OPEN = 1 << len(BITS)


class KamsReport(models.AbstractModel):
    """Statements that tell what deals went through, from their history alone: pieces of reports (chapter 9).

    PostgreSQL drops whatever column, join or window a question doesn't need, so that a report which names all of them
    is as quick as one written for the question.
    """

    _inherit = "kams.report"

    @api.model
    def _deals(self):
        """One row per deal that was ever open: how far it came and how it ended, in one pass over the history.

        ``here`` are the phases that exist for it as bits: of its route, and those where it was although a newer version
        of the process lost them, up to the furthest; ``whole`` is as large as the furthest. ``stands`` is the phase in
        which it is open. ``counted``: it is in rates.
        """
        last = SQL("FILTER (WHERE valid_to IS NULL)")
        came = [
            SQL(
                "min(valid_from) FILTER (WHERE phase_code IN %s) AS %s",
                (*SELLING[place:], "delivery"),
                SQL.identifier(f"came_{place + 1}"),
            )
            for place in range(len(SELLING))
        ]
        return SQL(
            """
            SELECT deal.*, path & (whole | (whole >> 1) | (whole >> 2) | (whole >> 3) | (whole >> 4)) AS here
              FROM (SELECT told.*,
                           (told.been | COALESCE(route.bits, %(all)s)) & %(all)s AS path,
                           (told.been | CASE WHEN told.status = 'won' THEN COALESCE(route.bits, %(all)s) ELSE 0 END)
                               & %(all)s AS whole,
                           CASE WHEN told.status IN ('open', 'won', 'lost', 'archived') THEN told.status
                                ELSE 'gone' END AS outcome,
                           told.status IN ('open', 'won', 'lost', 'archived') AS counted,
                           CASE WHEN told.status = 'won' THEN 1 ELSE 0 END AS won,
                           CASE WHEN told.status = 'lost' THEN 1 ELSE 0 END AS lost,
                           CASE WHEN told.status IN ('won', 'lost', 'archived') THEN 1 ELSE 0 END AS closed,
                           CASE WHEN told.status = 'open' THEN told.phase_code END AS stands,
                           CASE told.status WHEN 'won' THEN COALESCE(not_won, first_at)
                                            WHEN 'lost' THEN COALESCE(not_lost, first_at)
                                            WHEN 'archived' THEN COALESCE(not_archived, first_at) END AS closed_at
                      FROM (SELECT lead_ref,
                                   bit_or(%(bit)s | CASE WHEN status = 'open' THEN %(been_open)s ELSE 0 END) AS been,
                                   min(valid_from) AS first_at,
                                   max(valid_to) FILTER (WHERE status <> 'won') AS not_won,
                                   max(valid_to) FILTER (WHERE status <> 'lost') AS not_lost,
                                   max(valid_to) FILTER (WHERE status <> 'archived') AS not_archived,
                                   %(came)s,
                                   max(status) %(last)s AS status, max(phase_code) %(last)s AS phase_code,
                                   max(process_id) %(last)s AS process_id, max(lead_id) %(last)s AS lead_id,
                                   max(lead_name) %(last)s AS lead_name, max(user_id) %(last)s AS user_id,
                                   max(team_id) %(last)s AS team_id, max(company_id) %(last)s AS company_id,
                                   max(partner_id) %(last)s AS partner_id,
                                   max(expected_revenue) %(last)s AS amount,
                                   max(procurement_mode) %(last)s AS procurement_mode
                              FROM kams_deal_history
                          GROUP BY lead_ref) told
                 LEFT JOIN (%(routes)s) route
                        ON route.process_id = told.process_id AND route.mode = COALESCE(told.procurement_mode, '')
                     WHERE told.been & %(been_open)s <> 0
                    OFFSET 0) deal
            """,
            bit=self._bit(SQL("phase_code")),
            been_open=BEEN_OPEN,
            all=ALL,
            came=SQL(", ").join(came),
            last=last,
            routes=self._routes(),
        )

    @api.model
    def _stays(self):
        """How long and how often a deal was open in a phase of selling, and how often it left it backwards.

        One row per deal and phase. While it was lost or archived it wasn't there.
        """
        return SQL(
            """
            SELECT lead_ref, phase_code, max(phase_id) AS phase_id, min(valid_from) AS came_at,
                   CASE WHEN count(valid_to) = count(*) THEN max(valid_to) END AS left_at,
                   CASE WHEN count(valid_to) = count(*) THEN date_part('epoch', sum(valid_to - valid_from)) / 86400 END
                       AS days,
                   GREATEST(count(*) FILTER (WHERE valid_from = phase_since), 1)::int AS visits,
                   (count(*) FILTER (WHERE next < %(here)s))::int AS went_back
              FROM (SELECT lead_ref, phase_code, phase_id, phase_since, valid_from, valid_to, status,
                           lead(NULLIF(%(here)s, 0)) OVER (PARTITION BY lead_ref ORDER BY valid_from) AS next
                      FROM kams_deal_history) told
             WHERE status = 'open' AND phase_code <> 'delivery'
          GROUP BY lead_ref, phase_code
            """,
            here=self._bit(SQL("phase_code")),
        )

    @api.model
    def _bit(self, column):
        bits = SQL(" ").join(SQL("WHEN %s THEN %s", code, bit) for code, bit in BITS.items())
        return SQL("CASE %s %s ELSE 0 END", column, bits)

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
            bit=self._bit(SQL("phase.code")),
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

    # ACTIONS
    def _open_deal(self):
        """The deal that a row tells of, while it exists."""
        self.ensure_one()
        if not self.lead_id:
            raise UserError(self.env._("%s does not exist any more. Its history is all that is left.", self.lead_name))
        return self.lead_id._get_records_action(name=self.lead_id.display_name)
