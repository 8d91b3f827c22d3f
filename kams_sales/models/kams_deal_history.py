from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.sql import table_exists

from .kams_process_phase import PHASE_CODES

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
    procurement_mode = fields.Char(string="Procurement Mode (Code)", readonly=True)
    procurement_mode_name = fields.Char(string="Procurement Mode", compute="_compute_procurement_mode_name")
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
    _pipeline_idx = models.Index("(lead_ref) WHERE valid_to IS NULL AND status = 'open'")
    _owner_idx = models.Index("(user_id) WHERE valid_to IS NULL AND status = 'open'")

    @api.depends("procurement_mode")
    @api.depends_context("lang")
    def _compute_procurement_mode_name(self):
        names = dict(self.env["kams.procurement.mode"]._selection())
        for row in self:
            row.procurement_mode_name = names.get(row.procurement_mode, row.procurement_mode)

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

    @api.readonly
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
