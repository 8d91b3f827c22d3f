from odoo import api, fields, models
from odoo.tools import SQL

from ..models.kams_payment_milestone import KINDS, STATES

LATENESS_MONTHS = 24


class KamsCollection(models.Model):
    """What comes in when: the payments of all contracts, by the month in which the customer will really pay (C36).

    One row a payment milestone, in the company's currency at today's rate. What was invoiced and received comes from
    the invoices linked to it, their credit notes and what was reconciled with them. Several milestones and invoices
    that hang together are filled in the order of the contract, to the cent.
    """

    _name = "kams.collection"
    _description = "Collections forecast"
    _auto = False
    _order = "expected_on, id"
    _rec_name = "milestone_id"

    # Whose
    milestone_id = fields.Many2one("kams.payment.milestone", string="Payment", readonly=True)
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True)
    contract_id = fields.Many2one("kams.contract", string="Contract", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Collector", readonly=True)
    salesperson_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    kind = fields.Selection(KINDS, string="Kind of Payment", readonly=True)
    state = fields.Selection(STATES, string="Status", readonly=True)
    is_firm = fields.Boolean(string="Condition Met", readonly=True)
    # Who of those with few rights may see the invoices behind it (rules)
    invoice_user_from_id = fields.Many2one("res.users", readonly=True)
    invoice_user_to_id = fields.Many2one("res.users", readonly=True)
    # When
    date_due = fields.Date(string="Payment Due", readonly=True)
    expected_on = fields.Date(
        readonly=True, help="When it is due and as many days later as this customer usually pays; never in the past."
    )
    days_overdue = fields.Integer(readonly=True, aggregator="max")
    # How much
    amount = fields.Monetary(string="To Be Paid", readonly=True)
    invoiced = fields.Monetary(readonly=True)
    received = fields.Monetary(readonly=True)
    written_off = fields.Monetary(readonly=True)
    residual = fields.Monetary(string="Still to Come", readonly=True)
    due = fields.Monetary(string="Due until Today", readonly=True)
    due_received = fields.Monetary(string="Received of It", readonly=True)
    overdue = fields.Monetary(readonly=True)

    _depends = {
        "account.move": [
            *("amount_total", "amount_total_signed", "commercial_partner_id", "company_id", "currency_id"),
            *("invoice_date_due", "invoice_user_id", "move_type", "payment_state", "reversed_entry_id", "state"),
        ],
        "account.move.line": ["account_id", "balance", "move_id"],
        "account.partial.reconcile": [
            *("credit_amount_currency", "credit_move_id", "debit_amount_currency", "debit_move_id", "max_date"),
        ],
        "kams.contract": ["state"],
        "kams.payment.milestone": [
            *("amount", "company_id", "contract_id", "currency_id", "date_due", "invoice_ids", "kind", "lead_id"),
            *("partner_id", "sequence", "trigger_date", "user_id"),
        ],
        "crm.lead": ["team_id", "user_id"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT figures.id,
                   figures.id AS milestone_id,
                   milestone.lead_id, milestone.contract_id, milestone.partner_id, milestone.user_id,
                   deal.user_id AS salesperson_id, deal.team_id,
                   milestone.company_id, company.currency_id, milestone.kind,
                   figures.state,
                   milestone.trigger_date <= %(today)s AS is_firm,
                   figures.invoice_user_from_id, figures.invoice_user_to_id,
                   milestone.date_due,
                   figures.expected_on,
                   figures.days_overdue,
                   milestone.amount * rate.factor AS amount,
                   figures.invoiced * rate.factor AS invoiced,
                   figures.received * rate.factor AS received,
                   figures.written_off * rate.factor AS written_off,
                   figures.residual * rate.factor AS residual,
                   CASE WHEN figures.is_due THEN milestone.amount * rate.factor END AS due,
                   CASE WHEN figures.is_due
                        THEN LEAST(GREATEST(figures.received, 0), milestone.amount) * rate.factor END AS due_received,
                   figures.overdue_amount * rate.factor AS overdue
              FROM (%(figures)s) figures
              JOIN kams_payment_milestone milestone ON milestone.id = figures.id
              JOIN crm_lead deal ON deal.id = milestone.lead_id
         LEFT JOIN res_company company ON company.id = COALESCE(milestone.company_id, %(company)s)
        CROSS JOIN LATERAL (SELECT %(rate)s AS factor) rate
            """,
            today=fields.Date.context_today(self),
            figures=self._figures(),
            company=self.env.company.id,
            rate=self._rate(),
        )

    @api.model
    def _rate(self) -> SQL:
        """From a milestone's currency into that of its company, today."""
        return SQL(
            """
            CASE WHEN milestone.currency_id = company.currency_id THEN 1
                 ELSE %s::numeric / NULLIF(%s::numeric, 0) END
            """,
            self._rate_of(SQL("company.currency_id")),
            self._rate_of(SQL("milestone.currency_id")),
        )

    @api.model
    def _rate_of(self, currency: SQL) -> SQL:
        return SQL(
            """
            COALESCE((SELECT rate.rate
                        FROM res_currency_rate rate
                       WHERE rate.currency_id = %(currency)s
                         AND rate.name <= %(today)s
                         AND (rate.company_id IS NULL
                              OR rate.company_id = split_part(company.parent_path, '/', 1)::int)
                    ORDER BY rate.company_id, rate.name DESC
                       LIMIT 1), 1)
            """,
            currency=currency,
            today=fields.Date.context_today(self),
        )

    @api.model
    def _rows(self, ids=None):
        """``{milestone id: what became of it}`` of all milestones or of some, in one statement."""
        self.env.flush_all()
        return {row["id"]: row for row in self.env.execute_query_dict(self._figures(ids))}

    @api.model
    def _figures(self, ids=None) -> SQL:
        """What became of payment milestones, in their own currency: of all, or of some.

        Milestones that share an invoice, and the invoices of these, are one pool: what was invoiced, received and
        written off in it fills the milestones in the order of the contract, and what is too much stays with the last.
        What an entry reconciled with an invoice doesn't book to profit and loss is money; the rest is written off.
        """
        # PostgreSQL would take longer to compile so long a statement than to run it: seconds for a few payments
        self.env.cr.execute("SET LOCAL jit = off")
        return SQL(
            """
            WITH RECURSIVE
            link AS (SELECT milestone_id, move_id FROM kams_payment_milestone_move_rel),
            reach (id, other_id) AS (
                SELECT id, id FROM kams_payment_milestone WHERE %(chosen)s
                 UNION
                SELECT reach.id, other.milestone_id
                  FROM reach
                  JOIN link own ON own.milestone_id = reach.other_id
                  JOIN link other ON other.move_id = own.move_id
            ),
            member AS (
                SELECT DISTINCT pool.pool_id, reach.other_id AS id
                  FROM reach
                  JOIN (SELECT id, min(other_id) AS pool_id FROM reach GROUP BY id) pool USING (id)
            ),
            linked AS (
                SELECT member.pool_id, link.move_id
                  FROM member JOIN link ON link.milestone_id = member.id
                 UNION
                SELECT member.pool_id, refund.id
                  FROM member
                  JOIN link ON link.milestone_id = member.id
                  JOIN account_move refund ON refund.reversed_entry_id = link.move_id
                   AND refund.move_type = 'out_refund'
                 WHERE NOT EXISTS (SELECT FROM kams_payment_milestone_move_rel own WHERE own.move_id = refund.id)
            ),
            pool AS (
                SELECT linked.pool_id,
                       array_agg(move.id) AS move_ids,
                       min(move.invoice_user_id) AS invoice_user_from_id,
                       max(move.invoice_user_id) AS invoice_user_to_id,
                       bool_or(move.state = 'draft') AS has_draft,
                       bool_or(move.state = 'posted') AS has_posted,
                       bool_or(move.state = 'posted' AND factor.factor IS NULL) AS is_unknown,
                       COALESCE(sum(CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END
                                    * move.amount_total * factor.factor)
                                FILTER (WHERE move.state = 'posted'), 0) AS invoiced,
                       COALESCE(sum(settled.received * factor.factor), 0) AS received,
                       COALESCE(sum(settled.written_off * factor.factor), 0) AS written_off
                  FROM linked
                  JOIN account_move move ON move.id = linked.move_id
                  JOIN res_company company ON company.id = move.company_id
                  JOIN kams_payment_milestone head ON head.id = linked.pool_id
            CROSS JOIN LATERAL (SELECT CASE WHEN move.currency_id = head.currency_id THEN 1
                                            WHEN company.currency_id = head.currency_id
                                            THEN abs(move.amount_total_signed) / NULLIF(move.amount_total, 0)
                                       END AS factor) factor
             LEFT JOIN LATERAL (%(settled)s) settled ON move.state = 'posted'
              GROUP BY linked.pool_id
            ),
            late AS (%(late)s),
            line AS (
                SELECT member.pool_id, milestone.*,
                       COALESCE(sum(milestone.amount) OVER earlier, 0) AS before,
                       lead(milestone.id) OVER in_order IS NULL AS is_last
                  FROM member
                  JOIN kams_payment_milestone milestone ON milestone.id = member.id
                WINDOW in_order AS (PARTITION BY member.pool_id ORDER BY milestone.sequence, milestone.id),
                       earlier AS (PARTITION BY member.pool_id ORDER BY milestone.sequence, milestone.id
                                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
            ),
            filled AS (
                SELECT line.*, pool.move_ids, pool.invoice_user_from_id, pool.invoice_user_to_id,
                       pool.has_draft IS TRUE AS has_draft,
                       CASE WHEN pool.is_unknown THEN NULL ELSE %(invoiced)s END AS invoiced,
                       CASE WHEN pool.is_unknown THEN NULL ELSE %(received)s END AS received,
                       CASE WHEN pool.is_unknown THEN NULL ELSE %(written_off)s END AS written_off,
                       pool.has_posted AND pool.is_unknown AS is_unknown,
                       late.days AS late_days,
                       contract.state AS contract_state
                  FROM line
             LEFT JOIN pool USING (pool_id)
             LEFT JOIN res_partner partner ON partner.id = line.partner_id
             LEFT JOIN late ON late.partner_id = partner.commercial_partner_id AND late.company_id = line.company_id
             LEFT JOIN kams_contract contract ON contract.id = line.contract_id
            ),
            judged AS (
                SELECT filled.*,
                       CASE WHEN filled.amount > 0 AND filled.received + filled.written_off >= filled.amount
                            THEN 'paid'
                            WHEN filled.invoiced > 0 OR filled.is_unknown THEN 'invoiced'
                            WHEN filled.contract_state = 'terminated' THEN 'cancelled'
                            WHEN filled.trigger_date <= %(today)s THEN 'due'
                            ELSE 'planned' END AS state,
                       GREATEST(filled.amount - filled.received - filled.written_off, 0) AS still
                  FROM filled
            )
            SELECT judged.id, judged.state, judged.move_ids, judged.has_draft,
                   judged.invoice_user_from_id, judged.invoice_user_to_id,
                   judged.invoiced, judged.received, judged.written_off,
                   residual.residual,
                   is_due.is_due,
                   CASE WHEN is_due.is_due AND residual.residual > 0
                        THEN residual.residual
                        WHEN residual.residual IS NOT NULL THEN 0 END AS overdue_amount,
                   CASE WHEN is_due.is_due AND residual.residual > 0
                        THEN %(today)s - judged.date_due ELSE 0 END AS days_overdue,
                   CASE WHEN residual.residual = 0 THEN judged.date_due + COALESCE(judged.late_days, 0)
                        ELSE GREATEST(judged.date_due + GREATEST(judged.late_days, 0), %(today)s)
                   END AS expected_on
              FROM judged
        CROSS JOIN LATERAL (SELECT CASE WHEN judged.state = 'cancelled' THEN 0
                                        ELSE judged.still END AS residual) residual
        CROSS JOIN LATERAL (SELECT judged.state <> 'cancelled' AND judged.trigger_date <= %(today)s
                                   AND judged.date_due < %(today)s AS is_due) is_due
             WHERE %(chosen_judged)s
            """,
            chosen=SQL("TRUE") if ids is None else SQL("id = ANY(%s)", list(ids)),
            chosen_judged=SQL("TRUE") if ids is None else SQL("judged.id = ANY(%s)", list(ids)),
            settled=self._settled(),
            late=self._late(),
            today=fields.Date.context_today(self),
            **{name: self._poured(SQL.identifier("pool", name)) for name in ("invoiced", "received", "written_off")},
        )

    @api.model
    def _poured(self, total: SQL) -> SQL:
        """A milestone's part of its pool's total: the earlier ones are filled first, the last takes what is left."""
        return SQL(
            """
            CASE WHEN line.is_last
                 THEN COALESCE(%(total)s, 0) - LEAST(GREATEST(COALESCE(%(total)s, 0), 0), line.before)
                 ELSE LEAST(GREATEST(COALESCE(%(total)s, 0) - line.before, 0), COALESCE(line.amount, 0)) END
            """,
            total=total,
        )

    @api.model
    def _settled(self) -> SQL:
        """What was reconciled with an invoice or credit note, in its own currency: money, and what isn't.

        Invoices and credit notes of the same payments that settle each other are neither; a credit note from elsewhere
        pays like money.
        """
        return SQL(
            """
            SELECT sum(part.amount - part.lost) AS received, sum(part.lost) AS written_off
              FROM (SELECT matched.amount,
                           CASE WHEN entry.move_type <> 'entry' THEN 0 ELSE
                           round(matched.amount * LEAST(GREATEST(-split.result / NULLIF(split.receivable, 0), 0), 1),
                                 currency.decimal_places) END AS lost
                      FROM account_move_line line
                      JOIN account_account account ON account.id = line.account_id
                       AND account.account_type = 'asset_receivable'
                CROSS JOIN LATERAL (
                            SELECT credit_move_id AS other_id, debit_amount_currency AS amount
                              FROM account_partial_reconcile WHERE debit_move_id = line.id
                             UNION ALL
                            SELECT debit_move_id, -credit_amount_currency
                              FROM account_partial_reconcile WHERE credit_move_id = line.id
                           ) matched
                      JOIN account_move_line other ON other.id = matched.other_id
                      JOIN account_move entry ON entry.id = other.move_id
                       AND (entry.move_type = 'entry'
                            OR NOT EXISTS (SELECT FROM linked own
                                            WHERE own.pool_id = linked.pool_id AND own.move_id = entry.id))
                CROSS JOIN LATERAL (
                            SELECT COALESCE(sum(item.balance) FILTER (
                                       WHERE item_account.account_type = 'asset_receivable'), 0) AS receivable,
                                   COALESCE(sum(item.balance) FILTER (
                                       WHERE item_account.account_type LIKE 'income%%'
                                          OR item_account.account_type LIKE 'expense%%'), 0) AS result
                              FROM account_move_line item
                              JOIN account_account item_account ON item_account.id = item.account_id
                             WHERE item.move_id = entry.id
                           ) split
                      JOIN res_currency currency ON currency.id = move.currency_id
                     WHERE line.move_id = move.id
                   ) part
            """
        )

    @api.model
    def _late(self) -> SQL:
        """How many days after its day each customer usually pays: the middle of what it paid in the last years."""
        months = self.env["kams.legal.rule"]._value("payment_lateness_months") or LATENESS_MONTHS
        return SQL(
            """
            SELECT move.commercial_partner_id AS partner_id, move.company_id,
                   round(percentile_cont(0.5) WITHIN GROUP (
                       ORDER BY paid.last_day - move.invoice_date_due)::numeric)::int AS days
              FROM (SELECT DISTINCT partner.commercial_partner_id AS id
                      FROM member
                      JOIN kams_payment_milestone milestone USING (id)
                      JOIN res_partner partner ON partner.id = milestone.partner_id) customer
              JOIN account_move move ON move.commercial_partner_id = customer.id
        CROSS JOIN LATERAL (
                    SELECT max(part.max_date) AS last_day
                      FROM account_move_line line
                      JOIN account_partial_reconcile part ON part.debit_move_id = line.id
                     WHERE line.move_id = move.id
                   ) paid
             WHERE move.move_type IN ('out_invoice', 'out_receipt')
               AND move.state = 'posted'
               AND move.payment_state IN ('paid', 'in_payment')
               AND move.invoice_date_due >= %(today)s::date - make_interval(months => %(months)s)
               AND paid.last_day IS NOT NULL
          GROUP BY move.commercial_partner_id, move.company_id
            """,
            today=fields.Date.context_today(self),
            months=int(months),
        )

    # ACTIONS
    @api.readonly
    def action_open_milestone(self):
        self.ensure_one()
        return self.milestone_id._get_records_action(name=self.milestone_id.display_name)
