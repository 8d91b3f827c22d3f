from odoo import api, models
from odoo.tools import SQL, sql

from .kams_process_phase import PHASE_CODES

# Delivery is won already: it never counts in a funnel (method.md, design fact 15)
SELLING = tuple(code for code, _label in PHASE_CODES if code != "delivery")
# Phases are bits of a number, in their order; that a deal was ever open is a bit beyond them
BITS = {code: 1 << place for place, (code, _label) in enumerate(PHASE_CODES)}
BEEN_OPEN = 1 << len(BITS)
# What is kept of each deal and phase of selling that it was open in
STAY = {
    "lead_ref": "integer NOT NULL",
    "phase_code": "varchar NOT NULL",
    "phase_id": "integer",
    "came_at": "timestamp NOT NULL",
    "left_at": "timestamp",
    "days": "double precision",
    "visits": "integer NOT NULL",
    "went_back": "integer NOT NULL",
}
# What is kept of each deal; what it is or was at last stands in the row ``last_id`` of the history. Who had it when it
# became so (was won, say) is ``became_user_id`` and ``became_team_id``
WAY = {
    "lead_ref": "integer NOT NULL",
    "last_id": "integer",
    "became_user_id": "integer",
    "became_team_id": "integer",
    "status": "varchar",
    "phase_code": "varchar",
    "process_id": "integer",
    "procurement_mode": "varchar",
    "been": "integer NOT NULL",
    "first_at": "timestamp NOT NULL",
    "not_won": "timestamp",
    "not_lost": "timestamp",
    "not_archived": "timestamp",
    "reached": "integer",
    "gate_reached": "integer",
    "brought": "integer",
    **{f"came_{place}": "timestamp" for place in range(1, len(SELLING) + 1)},
}


class KamsDealHistory(models.Model):
    """The history's sums of each deal, kept ready: how long it stayed in each phase, how far it came and when.

    Reports ask for them far more often than deals move, and a year has many rows of history for each stay. PostgreSQL
    itself brings them up to date whenever rows of history come in, whoever writes them, for just these deals. Nothing
    else writes these tables, and nothing is in them that the history doesn't tell.
    """

    _inherit = "kams.deal.history"

    # SQL OBJECTS
    def init(self):
        super().init()
        for table, columns, key, _told in self._all_kept():
            described = [SQL("%s %s", SQL.identifier(name), SQL(kind)) for name, kind in columns.items()]
            self.env.cr.execute(
                SQL(
                    "CREATE TABLE IF NOT EXISTS %s (%s, PRIMARY KEY (%s))",
                    table,
                    SQL(", ").join(described),
                    SQL(", ").join(map(SQL.identifier, key)),
                )
            )
            new = SQL(", ").join(SQL("ADD COLUMN IF NOT EXISTS %s", column) for column in described)
            self.env.cr.execute(SQL("ALTER TABLE %s %s", table, new))
        known = sql.get_foreign_keys(self.env.cr, "kams_deal_way", "became_user_id", "res_users", "id", "set null")
        if not known:  # as the history itself, it forgets who is deleted
            sql.add_foreign_key(self.env.cr, "kams_deal_way", "became_user_id", "res_users", "id", "set null")
            sql.add_foreign_key(self.env.cr, "kams_deal_way", "became_team_id", "crm_team", "id", "set null")
        self.pool.post_init(self._keep_all)  # phases, which are asked for their order, have their table only then

    # BUSINESS: what is kept
    @api.model
    def _all_kept(self):
        return [
            (SQL.identifier("kams_deal_stay"), STAY, ("lead_ref", "phase_code"), self._told_stays),
            (SQL.identifier("kams_deal_way"), WAY, ("lead_ref",), self._told_ways),
        ]

    @api.model
    def _keep_all(self):
        """Keep what was recorded before, and from now on whatever comes in."""
        kept = self._all_kept()
        arrived = SQL("WHERE lead_ref IN (SELECT lead_ref FROM arrived)")
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION kams_deal_history_keep() RETURNS trigger LANGUAGE plpgsql AS $keep$
                BEGIN
                    %s;
                    RETURN NULL;
                END
                $keep$;
                DROP TRIGGER IF EXISTS kams_deal_history_keep ON kams_deal_history;
                CREATE TRIGGER kams_deal_history_keep AFTER INSERT ON kams_deal_history
                    REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION kams_deal_history_keep();
                """,
                SQL("; ").join(self._keep(table, columns, key, told(arrived)) for table, columns, key, told in kept),
            )
        )
        for table, columns, key, told in kept:  # deals that were recorded before this was kept
            self.env.cr.execute(self._keep(table, columns, key, told(SQL())))

    @api.model
    def _keep(self, table, columns, key, told):
        """Write what history tells, where it isn't kept already."""
        names = [name for name in columns if name not in key]
        return SQL(
            """
            INSERT INTO %(table)s AS kept (%(columns)s) %(told)s
            ON CONFLICT (%(key)s) DO UPDATE SET (%(names)s) = ROW(%(new)s)
                WHERE (%(old)s) IS DISTINCT FROM (%(new)s)
            """,
            table=table,
            columns=SQL(", ").join(map(SQL.identifier, columns)),
            told=told,
            key=SQL(", ").join(map(SQL.identifier, key)),
            names=SQL(", ").join(map(SQL.identifier, names)),
            new=SQL(", ").join(SQL("EXCLUDED.%s", SQL.identifier(name)) for name in names),
            old=SQL(", ").join(SQL("kept.%s", SQL.identifier(name)) for name in names),
        )

    @api.model
    def _told_stays(self, where):
        """How long and how often a deal was open in a phase of selling, and how often it left it backwards.

        One row per deal and phase, with the columns of ``STAY``. While it was lost or archived it wasn't there.

        :param where: SQL, which deals' history is asked
        """
        return SQL(
            """
            SELECT lead_ref, phase_code, max(phase_id), min(valid_from),
                   CASE WHEN count(valid_to) = count(*) THEN max(valid_to) END,
                   CASE WHEN count(valid_to) = count(*) THEN date_part('epoch', sum(valid_to - valid_from)) / 86400 END,
                   GREATEST(count(*) FILTER (WHERE valid_from = phase_since), 1)::int,
                   (count(*) FILTER (WHERE next < %(here)s))::int
              FROM (SELECT lead_ref, phase_code, phase_id, phase_since, valid_from, valid_to, status,
                           lead(NULLIF(%(here)s, 0)) OVER (PARTITION BY lead_ref ORDER BY valid_from) AS next
                      FROM kams_deal_history
                     %(where)s) told
             WHERE status = 'open' AND phase_code <> 'delivery'
          GROUP BY lead_ref, phase_code
            """,
            here=self._bit(SQL("phase_code")),
            where=where,
        )

    @api.model
    def _told_ways(self, where):
        """What a deal is at last, and who had it when it became so; in which phases it was, whatever its state; when it
        first came to each or past it; until when it wasn't won, lost or archived; how far it has come, into which phase
        at most the gate let it, and into which it was brought without being asked (each the phase's order, which is
        fixed once deals have it).
        One row per deal, with the columns of ``WAY``.

        :param where: SQL, which deals' history is asked
        """
        return SQL(
            """
            SELECT lead_ref, max(id) FILTER (WHERE valid_to IS NULL),
                   %(became)s,
                   %(last)s,
                   bit_or(%(bit)s | CASE WHEN status = 'open' THEN %(been_open)s ELSE 0 END),
                   min(valid_from),
                   max(valid_to) FILTER (WHERE status <> 'won'),
                   max(valid_to) FILTER (WHERE status <> 'lost'),
                   max(valid_to) FILTER (WHERE status <> 'archived'),
                   max(phase_sequence) FILTER (WHERE valid_to IS NULL),
                   max(phase_sequence) FILTER (WHERE gate_result IN ('pass', 'waived')),
                   max(phase_sequence) FILTER (WHERE gate_result = 'exempt'),
                   %(came)s
              FROM (SELECT history.*, phase.sequence AS phase_sequence,
                           lag(history.status) OVER (PARTITION BY history.lead_ref ORDER BY history.valid_from)
                               AS status_before
                      FROM kams_deal_history history
                 LEFT JOIN kams_process_phase phase ON phase.id = history.phase_id
                     %(where)s) told
          GROUP BY lead_ref
            """,
            bit=self._bit(SQL("phase_code")),
            been_open=BEEN_OPEN,
            became=SQL(", ").join(
                SQL(
                    "(array_agg(%s ORDER BY valid_from DESC) FILTER (WHERE status IS DISTINCT FROM status_before))[1]",
                    SQL.identifier(name),
                )
                for name in ("user_id", "team_id")
            ),
            last=SQL(", ").join(
                SQL("max(%s) FILTER (WHERE valid_to IS NULL)", SQL.identifier(name))
                for name in ("status", "phase_code", "process_id", "procurement_mode")
            ),
            came=SQL(", ").join(
                SQL("min(valid_from) FILTER (WHERE phase_code IN %s)", (*SELLING[place:], "delivery"))
                for place in range(len(SELLING))
            ),
            where=where,
        )

    @api.model
    def _bit(self, column):
        """The bit of a phase code, 0 for none, as SQL."""
        bits = SQL(" ").join(SQL("WHEN %s THEN %s", code, bit) for code, bit in BITS.items())
        return SQL("CASE %s %s ELSE 0 END", column, bits)
