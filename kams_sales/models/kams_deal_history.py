from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.sql import table_exists

from .kams_process_phase import PHASE_CODES

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
# Fields of crm.lead that a state is made of
WATCHED = frozenset(
    {
        "kams_process_id",
        "kams_phase_id",
        "stage_id",
        "won_status",
        "active",
        "kams_procurement_mode",
        "expected_revenue",
        "probability",
        "date_deadline",
        "user_id",
        "team_id",
        "company_id",
        "partner_id",
    }
)
LINKS = {
    "lead_id": "crm_lead",
    "process_id": "kams_process",
    "phase_id": "kams_process_phase",
    "stage_id": "crm_stage",
    "user_id": "res_users",
    "team_id": "crm_team",
    "company_id": "res_company",
    "partner_id": "res_partner",
    "currency_id": "res_currency",
    "changed_by_id": "res_users",
    "create_uid": "res_users",
    "write_uid": "res_users",
}
PROBABILITY_STEP = 1.0  # points of drift that make a new row; smaller ones are noise of the lead scoring

OPEN_STATUSES = ("open", "won", "lost", "archived")


class KamsDealHistory(models.Model):
    """Every state that a deal was in, from when to when, and why it changed.

    Book section 1.2 (利用销售漏斗进行销售流程管理): figures that steer a team come from what was, not from
    what is shown today. Per deal the rows follow each other without gap or overlap, and exactly one
    is open. Nobody changes or deletes a row: the database refuses it (see :meth:`init`). A deal that
    is deleted, merged away or made plain again ends in an open row that says so.
    """

    _name = "kams.deal.history"
    _description = "Deal history"
    _order = "valid_from desc, id desc"
    _rec_name = "lead_name"

    lead_id = fields.Many2one("crm.lead", string="Deal", ondelete="set null", index="btree_not_null", readonly=True)
    lead_ref = fields.Integer(string="Deal Number", required=True, readonly=True, aggregator=None)
    lead_name = fields.Char(string="Deal Name", readonly=True)
    valid_from = fields.Datetime(required=True, readonly=True, index=True)
    valid_to = fields.Datetime(readonly=True, help="Empty: the deal is still in this state.")
    # What it was
    process_id = fields.Many2one("kams.process", string="Process", readonly=True, ondelete="set null")
    phase_id = fields.Many2one("kams.process.phase", string="Phase", readonly=True, ondelete="set null")
    phase_code = fields.Selection(PHASE_CODES, string="Phase Kind", readonly=True)
    phase_since = fields.Datetime(string="In Phase Since", readonly=True)
    stage_id = fields.Many2one("crm.stage", string="Stage", readonly=True, ondelete="set null")
    stage_name = fields.Char(string="Stage Name", readonly=True)
    status = fields.Selection(
        [
            ("open", "Open"),
            ("won", "Won"),
            ("lost", "Lost"),
            ("archived", "Archived"),
            ("left", "Left KAMS"),
            ("merged", "Merged away"),
            ("deleted", "Deleted"),
        ],
        required=True,
        readonly=True,
    )
    procurement_mode = fields.Char(string="Procurement Mode", readonly=True)
    expected_revenue = fields.Monetary(currency_field="currency_id", readonly=True, help="In company currency.")
    currency_id = fields.Many2one("res.currency", readonly=True, ondelete="set null")
    currency_name = fields.Char(string="Currency Code", readonly=True)
    probability = fields.Float(readonly=True, aggregator="avg")
    date_deadline = fields.Date(string="Expected Closing", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True, ondelete="set null")
    user_name = fields.Char(string="Salesperson Name", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True, ondelete="set null")
    team_name = fields.Char(string="Sales Team Name", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, ondelete="set null")
    partner_name = fields.Char(string="Customer Name", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="set null")
    # Why it changed
    reason = fields.Selection(
        [
            ("created", "Created"),
            ("joined", "Joined"),
            ("adopted", "Adopted"),
            ("imported", "Imported"),
            ("forward", "Forward"),
            ("skip", "Forward, phases skipped"),
            ("waived", "Forward on a waiver"),
            ("back", "Back"),
            ("won", "Won"),
            ("lost", "Lost"),
            ("archived", "Archived"),
            ("reopened", "Reopened"),
            ("amount", "Amount"),
            ("date", "Closing date"),
            ("owner", "Salesperson"),
            ("team", "Team"),
            ("mode", "Procurement mode"),
            ("customer", "Customer"),
            ("probability", "Probability"),
            ("merge", "Merged"),
            ("left", "Left KAMS"),
            ("deleted", "Deleted"),
            ("other", "Other"),
        ],
        required=True,
        readonly=True,
    )
    changed_by_id = fields.Many2one("res.users", string="Changed By", readonly=True, ondelete="set null")
    changed_by_name = fields.Char(string="Changed By (Name)", readonly=True)
    gate_result = fields.Selection(
        [
            ("none", "No gate"),
            ("pass", "Passed"),
            ("waived", "Passed on a waiver"),
            ("exempt", "Not asked"),
        ],
        default="none",
        readonly=True,
    )
    gate_note = fields.Text(readonly=True)
    reconstructed = fields.Boolean(
        readonly=True, help="Rebuilt from what Odoo had tracked before the deal joined; not recorded at the time."
    )

    _one_open = models.UniqueIndex("(lead_ref) WHERE valid_to IS NULL", "A deal has one present state.")
    _in_order = models.UniqueIndex("(lead_ref, valid_from)", "Two states of a deal cannot begin at once.")
    _dates = models.Constraint("CHECK(valid_to > valid_from)", "A state ends after it begins.")
    _as_of_idx = models.Index("(valid_from, valid_to)")

    # SQL OBJECTS
    def _auto_init(self):
        # a new column with a default is filled by an UPDATE, which the guard would refuse
        if table_exists(self.env.cr, self._table):
            self.env.cr.execute("DROP TRIGGER IF EXISTS kams_deal_history_guard ON kams_deal_history")
        return super()._auto_init()

    def init(self):
        """Make the table append-only in PostgreSQL.

        A row may be closed once. A link may become empty when the record it led to is gone. Anything
        else is refused with ``restrict_violation``, which Odoo shows as a plain message.
        """
        columns = sorted(
            name for name, field in self._fields.items() if field.store and field.column_type and name != "valid_to"
        )
        same = [SQL("NEW.%(c)s IS NOT DISTINCT FROM OLD.%(c)s", c=SQL.identifier(c)) for c in columns]
        linked = [
            SQL(
                "(NEW.%(c)s IS NOT DISTINCT FROM OLD.%(c)s OR (NEW.%(c)s IS NULL AND NOT EXISTS"
                " (SELECT FROM %(t)s WHERE id = OLD.%(c)s)))",
                c=SQL.identifier(c),
                t=SQL.identifier(LINKS[c]),
            )
            if c in LINKS
            else SQL("NEW.%(c)s IS NOT DISTINCT FROM OLD.%(c)s", c=SQL.identifier(c))
            for c in [*columns, "valid_to"]
        ]
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION kams_deal_history_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$
                BEGIN
                    IF TG_OP = 'UPDATE' THEN
                        IF %(linked)s THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'Deal history is append-only: what a deal was cannot be changed or deleted.'
                        USING ERRCODE = 'restrict_violation';
                END
                $guard$;
                DROP TRIGGER IF EXISTS kams_deal_history_guard ON kams_deal_history;
                CREATE TRIGGER kams_deal_history_guard BEFORE UPDATE ON kams_deal_history FOR EACH ROW
                    WHEN (NOT (OLD.valid_to IS NULL AND NEW.valid_to IS NOT NULL AND %(same)s))
                    EXECUTE FUNCTION kams_deal_history_guard();
                DROP TRIGGER IF EXISTS kams_deal_history_guard_delete ON kams_deal_history;
                CREATE TRIGGER kams_deal_history_guard_delete BEFORE DELETE ON kams_deal_history FOR EACH ROW
                    EXECUTE FUNCTION kams_deal_history_guard();
                DROP TRIGGER IF EXISTS kams_deal_history_guard_truncate ON kams_deal_history;
                CREATE TRIGGER kams_deal_history_guard_truncate BEFORE TRUNCATE ON kams_deal_history
                    FOR EACH STATEMENT EXECUTE FUNCTION kams_deal_history_guard();
                """,
                linked=SQL(" AND ").join(linked),
                same=SQL(" AND ").join(same),
            )
        )

    # ORM
    def write(self, vals):
        raise UserError(self.env._("Deal history is append-only: what a deal was cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _never_unlink(self):
        raise UserError(self.env._("Deal history is append-only: what a deal was cannot be deleted."))

    def copy(self, default=None):
        raise UserError(self.env._("Deal history is written by what happens to deals, not by hand."))

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Deal history is written by what happens to deals, not by hand."))

    # BUSINESS: reading
    @api.model
    def _open_states(self, deal_ids):
        """The present recorded state of deals: ``{deal id: (process, phase, status, mode)}``."""
        return {
            row[0]: row[1:]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT lead_ref, process_id, phase_id, status, procurement_mode
                      FROM kams_deal_history
                     WHERE lead_ref = ANY(%s) AND valid_to IS NULL AND process_id IS NOT NULL
                    """,
                    list(deal_ids),
                )
            )
        }

    @api.model
    def _as_of_domain(self, moment):
        """The rows that were true at a moment (UTC datetime)."""
        return [
            ("valid_from", "<=", moment),
            "|",
            ("valid_to", "=", False),
            ("valid_to", ">", moment),
            ("status", "in", OPEN_STATUSES),
        ]

    def action_open_deal(self):
        """Open the deal that this row tells of, while it exists."""
        self.ensure_one()
        if not self.lead_id:
            raise UserError(self.env._("%s does not exist any more. Its history is all that is left.", self.lead_name))
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": self.lead_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # BUSINESS: writing
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
        self.env.execute_query(
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
                RETURNING id
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
    def _reconstruct(self, deal_ids):
        """Give deals that join with a past the states that Odoo tracked of it, and mark these as rebuilt.

        Stage, amount, salesperson, team and archiving are tracked by Odoo; other fields are left as they
        are now, or empty. The last state ends now, where the first recorded one begins. Deals that have
        history already keep it as it is.
        """
        fnames = ["stage_id", "expected_revenue", "user_id", "team_id", "active"]
        self.env["mail.tracking.value"].flush_model()
        self.env["mail.message"].flush_model()
        joins = SQL(" ").join(
            SQL(
                """
                LEFT JOIN LATERAL (
                    SELECT e.old_int, e.old_float FROM tracked e
                     WHERE e.lead_id = span.lead_id AND e.field = %(field)s AND e.at > span.valid_from
                  ORDER BY e.at LIMIT 1
                ) %(alias)s ON TRUE
                """,
                field=name,
                alias=SQL.identifier(f"was_{name}"),
            )
            for name in fnames
        )
        self.env.execute_query(
            SQL(
                """
                WITH tracked AS (
                    SELECT m.res_id AS lead_id, v.create_date AS at, f.name AS field, v.id,
                           COALESCE(v.old_value_integer, 0) AS old_int, COALESCE(v.old_value_float, 0) AS old_float
                      FROM mail_tracking_value v
                      JOIN mail_message m ON m.id = v.mail_message_id AND m.model = 'crm.lead'
                      JOIN ir_model_fields f ON f.id = v.field_id AND f.model = 'crm.lead' AND f.name = ANY(%(fnames)s)
                     WHERE m.res_id = ANY(%(ids)s)
                ), moment AS (
                    SELECT id AS lead_id, create_date AS at FROM crm_lead WHERE id = ANY(%(ids)s)
                     UNION
                    SELECT t.lead_id, t.at FROM tracked t JOIN crm_lead l ON l.id = t.lead_id WHERE t.at > l.create_date
                ), span AS (
                    SELECT lead_id, at AS valid_from,
                           LEAD(at, 1, %(now)s) OVER (PARTITION BY lead_id ORDER BY at) AS valid_to
                      FROM moment
                     WHERE at < %(now)s
                ), was AS (
                    SELECT span.lead_id, span.valid_from, span.valid_to,
                           CASE WHEN was_stage_id.old_int IS NULL THEN l.stage_id
                                ELSE NULLIF(was_stage_id.old_int, 0) END AS stage_id,
                           COALESCE(was_expected_revenue.old_float, l.expected_revenue, 0) AS expected_revenue,
                           CASE WHEN was_user_id.old_int IS NULL THEN l.user_id
                                ELSE NULLIF(was_user_id.old_int, 0) END AS user_id,
                           CASE WHEN was_team_id.old_int IS NULL THEN l.team_id
                                ELSE NULLIF(was_team_id.old_int, 0) END AS team_id,
                           COALESCE(was_active.old_int, l.active::int) AS active
                      FROM span
                      JOIN crm_lead l ON l.id = span.lead_id
                      %(joins)s
                ), told AS (
                    SELECT was.*, s.id AS known_stage_id, s.name AS stage_name, f.id AS phase_id, f.code AS phase_code,
                           f.sequence AS phase_sequence, s.sequence AS stage_sequence,
                           u.id AS known_user_id, p.name AS user_name,
                           t.id AS known_team_id, t.name AS team_name,
                           LAG(f.sequence) OVER past AS last_sequence, LAG(s.sequence) OVER past AS last_stage_sequence,
                           LAG(was.stage_id) OVER past AS last_stage,
                           LAG(was.expected_revenue) OVER past AS last_revenue, LAG(was.user_id) OVER past AS last_user,
                           LAG(was.team_id) OVER past AS last_team, LAG(was.active) OVER past AS last_active,
                           ROW_NUMBER() OVER past AS place
                      FROM was
                      JOIN crm_lead l ON l.id = was.lead_id
                 LEFT JOIN crm_stage s ON s.id = was.stage_id
                 LEFT JOIN kams_process_phase f ON f.process_id = l.kams_process_id AND f.stage_id = was.stage_id
                 LEFT JOIN res_users u ON u.id = was.user_id
                 LEFT JOIN res_partner p ON p.id = u.partner_id
                 LEFT JOIN crm_team t ON t.id = was.team_id
                    WINDOW past AS (PARTITION BY was.lead_id ORDER BY was.valid_from)
                )
                INSERT INTO kams_deal_history
                       (lead_id, lead_ref, lead_name, valid_from, valid_to, process_id, phase_id, phase_code,
                        phase_since, stage_id, stage_name, status, expected_revenue, currency_id, currency_name,
                        probability,
                        user_id, user_name, team_id, team_name, partner_id, partner_name, company_id, reason,
                        gate_result, reconstructed, create_uid, create_date, write_uid, write_date)
                SELECT l.id, l.id, l.name, told.valid_from, told.valid_to, l.kams_process_id, told.phase_id,
                       told.phase_code,
                       MAX(CASE WHEN told.place = 1 OR told.stage_id IS DISTINCT FROM told.last_stage
                                THEN told.valid_from END)
                            OVER (PARTITION BY told.lead_id ORDER BY told.valid_from),
                       told.known_stage_id, COALESCE(told.stage_name->>'en_US', told.stage_name->>0),
                       CASE WHEN told.active = 0 THEN 'archived' ELSE 'open' END,
                       told.expected_revenue, currency.id, currency.name, 0,
                       told.known_user_id, told.user_name, told.known_team_id,
                       COALESCE(told.team_name->>'en_US', told.team_name->>0),
                       l.partner_id, COALESCE(c_partner.name, l.partner_name), l.company_id,
                       CASE WHEN told.place = 1 THEN 'created'
                            WHEN told.stage_id IS DISTINCT FROM told.last_stage
                                 THEN CASE WHEN COALESCE(told.phase_sequence < told.last_sequence,
                                                     told.stage_sequence < told.last_stage_sequence)
                                           THEN 'back' ELSE 'forward' END
                            WHEN told.active <> told.last_active
                                 THEN CASE WHEN told.active = 0 THEN 'archived' ELSE 'reopened' END
                            WHEN told.expected_revenue <> told.last_revenue THEN 'amount'
                            WHEN told.user_id IS DISTINCT FROM told.last_user THEN 'owner'
                            WHEN told.team_id IS DISTINCT FROM told.last_team THEN 'team'
                            ELSE 'other' END,
                       'none', TRUE, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM told
                  JOIN crm_lead l ON l.id = told.lead_id
             LEFT JOIN res_partner c_partner ON c_partner.id = l.partner_id
             LEFT JOIN res_company company ON company.id = l.company_id
             LEFT JOIN res_currency currency ON currency.id = COALESCE(
                       company.currency_id, (SELECT currency_id FROM res_company ORDER BY id LIMIT 1))
                 WHERE NOT EXISTS (SELECT FROM kams_deal_history h WHERE h.lead_ref = l.id)
                RETURNING id
                """,
                fnames=fnames,
                ids=list(deal_ids),
                now=self.env.cr.now(),
                uid=self.env.uid,
                joins=joins,
            )
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
