from odoo import api, fields, models
from odoo.tools import SQL

from .kams_money_documents import INVOICES

BANKS = SQL("('bank', 'cash', 'credit')")


class KamsMoney(models.Model):
    """What became of invoices: paid, written off, set off, or still open, divided over the deals of each (8.8).

    Odoo reconciles an invoice's receivable with other items. What stands on the other side says what it was: cash is
    what a bank or cash journal received; the part that went to income, expense or taxes there is written off; a
    credit note, a bill or another claim sets off; an exchange entry is a difference of rates.

    An invoice's deals get what they have in its total. Cents go by largest remainder, of all that was settled up to
    then: so the parts add up to each payment, and when the invoice is settled, to each deal's share of it.
    """

    _inherit = "kams.money"

    @api.model
    def _settlements(self, wanted):
        today = fields.Date.context_today(self)
        paid = SQL("row.kind = 'payment'")
        return SQL(
            """
            SELECT %(columns)s
              FROM (WITH %(shares)s
                         share AS MATERIALIZED (%(share)s),
                         entry AS MATERIALIZED (%(entries)s)
                    SELECT entry.*, share.lead_id, share.account_id, COALESCE(share.place, 1) AS place,
                           entry.amount AS part
                      FROM entry
                 LEFT JOIN share ON share.move_id = entry.move_id
                     WHERE COALESCE(share.deals, 1) = 1
                     UNION ALL
                    %(split)s
                   ) row
         LEFT JOIN account_move doc ON doc.id = row.move_id
         LEFT JOIN res_company company ON company.id = doc.company_id
         LEFT JOIN kams_account account ON account.partner_id = doc.commercial_partner_id
                                       AND account.company_id = doc.company_id
             WHERE row.part <> 0
               %(scope)s
            """,
            shares=SQL() if wanted.whole else SQL("kams_share AS MATERIALIZED (%s),", self._shares(wanted)),
            share=self._places(wanted),
            entries=self._entries(wanted),
            split=self._split(),
            scope=self._scope(wanted, SQL("row.lead_id")),
            columns=self._columns(
                id=SQL("(((row.key::bigint * 2 + row.side) * 5 + row.number) * 1000 + row.place) * 8 + 3 + row.open"),
                kind=SQL("row.kind"),
                date=SQL("row.date"),
                lead_id=SQL("row.lead_id"),
                account_id=SQL("COALESCE(row.account_id, account.id)"),
                partner_id=SQL("doc.partner_id"),
                user_id=SQL("doc.invoice_user_id"),
                team_id=SQL("doc.team_id"),
                company_id=SQL("doc.company_id"),
                currency_id=SQL("company.currency_id"),
                move_id=SQL("doc.id"),
                lines=SQL("1"),
                collected=SQL("CASE WHEN %s THEN row.part END", paid),
                written_off=SQL("CASE row.kind WHEN 'write_off' THEN row.part END"),
                exchange=SQL("CASE row.kind WHEN 'exchange' THEN row.part END"),
                set_off=SQL("CASE row.kind WHEN 'offset' THEN row.part END"),
                outstanding=SQL("CASE row.kind WHEN 'outstanding' THEN row.part END"),
                overdue=SQL("CASE WHEN row.open = 1 AND row.amount > 0 AND row.date < %s THEN row.part END", today),
                days_to_pay=SQL("CASE WHEN %s THEN row.date - doc.invoice_date END", paid),
            ),
        )

    # SHARES
    @api.model
    def _shares(self, wanted):
        """An invoice's lines added up by deal: what its deals have in its total."""
        if not wanted.deals:  # nobody asks: an invoice is one row, and nothing is divided
            return SQL(
                """
                SELECT line.move_id, NULL::int4 AS lead_id, NULL::int4 AS account_id,
                       sum(line.price_total) AS weight, -sum(line.balance) AS net, count(*) AS lines
                  FROM account_move_line line
                  JOIN account_move doc ON doc.id = line.move_id
                 WHERE %s
              GROUP BY line.move_id
                """,
                self._posted(wanted),
            )
        return SQL(
            """
            SELECT line.move_id, deal.id AS lead_id, min(deal.kams_account_id) AS account_id,
                   sum(line.price_total) AS weight, -sum(line.balance) AS net, count(*) AS lines %(sums)s
              FROM %(lines)s %(costs)s
             WHERE %(posted)s
          GROUP BY line.move_id, deal.id
            """,
            sums=self._cost_sums(wanted),
            lines=self._invoice_lines(wanted),
            costs=self._costs() if wanted.whole and wanted.costs else SQL(),
            posted=self._posted(wanted),
        )

    @api.model
    def _cost_sums(self, wanted):
        if not (wanted.whole and wanted.costs):
            return SQL()
        return SQL(
            """, sum(goods.cost) AS cost,
                 sum(-line.balance - goods.cost) AS margin,
                 sum(-line.balance) FILTER (WHERE goods.cost IS NOT NULL) AS costed,
                 count(*) FILTER (WHERE goods.cost IS NULL AND NOT goods.advance) AS uncosted"""
        )

    @api.model
    def _places(self, wanted):
        if not wanted.deals:  # nothing is divided
            return SQL(
                """
                SELECT NULL::int4 AS move_id, NULL::int4 AS lead_id, NULL::int4 AS account_id,
                       NULL::numeric AS weight, 1::bigint AS deals, NULL::numeric AS total, 1::bigint AS place
                 WHERE FALSE
                """
            )
        return SQL(
            """
            SELECT move_id, lead_id, account_id, weight,
                   count(*) OVER deals AS deals,
                   sum(weight) OVER deals AS total,
                   row_number() OVER (PARTITION BY move_id ORDER BY lead_id) AS place
              FROM kams_share
            WINDOW deals AS (PARTITION BY move_id)
            """
        )

    @api.model
    def _split(self):
        """What of an entry is each deal's, where an invoice has several.

        All is counted in the currency's smallest unit, in whole numbers: no division is rounded.
        """
        entry = SQL("move_id, open, key, side, number")
        return SQL(
            """
            SELECT kind, number, key, side, open, move_id, date, amount, lead_id, account_id, place,
                   (upto - COALESCE(lag(upto) OVER (PARTITION BY move_id, place ORDER BY open, key, side, number), 0)
                   ) / unit AS part
              FROM (SELECT floored.*,
                           whole + (row_number() OVER (PARTITION BY %(entry)s ORDER BY abs(remainder) DESC, place)
                                    <= cents - sum(whole) OVER (PARTITION BY %(entry)s))::int AS upto
                      FROM (SELECT scaled.*, div(product - remainder, total) AS whole
                              FROM (SELECT counted.*, mod(mod(product, total) + total, total) AS remainder
                                      FROM (SELECT entry.*, share.lead_id, share.account_id, share.place, money.unit,
                                                   COALESCE(NULLIF(share.total, 0), share.deals) AS total,
                                                   entry.upto_now * money.unit AS cents,
                                                   entry.upto_now * money.unit
                                                   * CASE share.total WHEN 0 THEN 1 ELSE share.weight END AS product
                                              FROM (SELECT entry.*,
                                                           sum(amount) OVER (PARTITION BY move_id
                                                                             ORDER BY open, key, side, number)
                                                               AS upto_now
                                                      FROM entry
                                                     WHERE move_id IN (SELECT move_id FROM share WHERE deals > 1)
                                                   ) entry
                                              JOIN share ON share.move_id = entry.move_id
                                              JOIN account_move doc ON doc.id = entry.move_id
                                              JOIN res_company company ON company.id = doc.company_id
                                              JOIN (SELECT id, power(10::numeric, decimal_places) AS unit
                                                      FROM res_currency) money ON money.id = company.currency_id
                                           ) counted
                                   ) scaled
                           ) floored
                   ) split
            """,
            entry=entry,
        )

    # ENTRIES
    @api.model
    def _entries(self, wanted):
        """Each reconciliation of an invoice by what it was, and what is open, in the company's currency."""
        return SQL(
            """
            WITH term AS (
                SELECT line.id, line.move_id, line.date_maturity, line.amount_residual
                  FROM account_move_line line
                  JOIN account_move doc ON doc.id = line.move_id
                 WHERE doc.state = 'posted'
                   AND doc.move_type IN %(invoices)s
                   AND line.display_type = 'payment_term'
                   %(scope)s
            ), part AS MATERIALIZED (%(debits)s UNION ALL %(credits)s
            ), mixed AS (%(mixed)s
            ), gain AS (%(gains)s)
            SELECT piece.kind, piece.number, part.id AS key, part.side, 0 AS open, part.move_id, part.date,
                   part.sign * piece.amount AS amount
              FROM part
         LEFT JOIN mixed ON mixed.id = part.id AND mixed.side = part.side
         LEFT JOIN gain ON gain.id = part.id AND gain.side = part.side
        CROSS JOIN LATERAL (
                   VALUES ('payment', 0, CASE part.kind WHEN 'payment'
                                              THEN COALESCE(mixed.cash, part.amount) + COALESCE(gain.amount, 0) END),
                          ('write_off', 1, mixed.written),
                          ('exchange', 2, CASE part.kind WHEN 'exchange' THEN part.amount ELSE -gain.amount END),
                          ('offset', 3, CASE part.kind WHEN 'offset' THEN part.amount + COALESCE(gain.amount, 0)
                                             ELSE part.amount - mixed.cash - mixed.written END)
                   ) piece (kind, number, amount)
             WHERE piece.amount <> 0
             UNION ALL
            SELECT 'outstanding', 4, id, 0, 1, move_id, date_maturity, amount_residual
              FROM term
             WHERE amount_residual <> 0
            """,
            invoices=INVOICES,
            scope=self._of_moves(wanted),
            debits=self._side(wanted, "debit_move_id", "credit_move_id", SQL("0 AS side, 1 AS sign")),
            credits=self._side(wanted, "credit_move_id", "debit_move_id", SQL("1, -1")),
            mixed=self._mixed(),
            gains=self._gains(),
        )

    @api.model
    def _of_moves(self, wanted):
        return SQL("AND doc.id IN %s", self._moves_of(wanted.lead_ids)) if wanted.narrow else SQL()

    @api.model
    def _side(self, wanted, ours, theirs, sides):
        """Reconciliations of invoices on one side, and what stands on the other."""
        return SQL(
            """
                SELECT part.id, %(sides)s, %(theirs)s AS other_id, part.amount, part.exchange_move_id, line.move_id,
                       other.date, source.id AS source_id,
                       CASE WHEN source.move_type <> 'entry' THEN 'offset'
                            WHEN rates.move_id IS NOT NULL THEN 'exchange'
                            ELSE 'payment' END AS kind
                  FROM account_partial_reconcile part
                  JOIN account_move_line line ON line.id = %(ours)s AND line.display_type = 'payment_term'
                  JOIN account_move doc ON doc.id = line.move_id
                  JOIN account_move_line other ON other.id = %(theirs)s
                  JOIN account_move source ON source.id = other.move_id
             LEFT JOIN (SELECT DISTINCT exchange_move_id AS move_id
                          FROM account_partial_reconcile
                         WHERE exchange_move_id IS NOT NULL
                       ) rates ON rates.move_id = source.id
                 WHERE doc.state = 'posted'
                   AND doc.move_type IN %(invoices)s
                   %(scope)s
            """,
            sides=sides,
            ours=SQL.identifier("part", ours),
            theirs=SQL.identifier("part", theirs),
            invoices=INVOICES,
            scope=self._of_moves(wanted),
        )

    @api.model
    def _mixed(self):
        """Entries that settled by more than cash: what of each reconciliation was cash, and what was written off.

        In proportion to what the whole entry settled, rounded as it adds up, so that no cent is lost between invoices.
        """
        return SQL(
            """
            SELECT id, side,
                   COALESCE(round(upto * cash / settled, places)
                            - round((upto - amount) * cash / settled, places), 0) AS cash,
                   COALESCE(round(upto * written / settled, places)
                            - round((upto - amount) * written / settled, places), 0) AS written
              FROM (SELECT used.id, used.side, used.amount, source.settled, source.cash, source.written, source.places,
                           sum(used.amount) OVER (PARTITION BY source.move_id ORDER BY used.id) AS upto
                      FROM (SELECT move_id, places, claims AS settled,
                                   CASE WHEN is_bank THEN claims - lost ELSE cash END AS cash,
                                   CASE WHEN is_bank THEN lost ELSE claims - cash - owed END AS written
                              FROM (SELECT line.move_id, bool_and(journal.is_bank) AS is_bank,
                                           min(line.company_currency_id) AS currency_id,
                                           NULLIF(-sum(line.balance) FILTER (WHERE account.is_claim), 0) AS claims,
                                           COALESCE(sum(line.balance) FILTER (
                                               WHERE account.is_lost OR line.tax_line_id IS NOT NULL), 0) AS lost,
                                           COALESCE(sum(line.balance) FILTER (WHERE account.is_cash), 0) AS cash,
                                           COALESCE(sum(line.balance) FILTER (WHERE account.is_owed), 0) AS owed
                                      FROM account_move_line line
                                      JOIN (SELECT id, account_type = 'asset_receivable' AS is_claim,
                                                   account_type = 'liability_payable' AS is_owed,
                                                   account_type IN ('asset_cash', 'liability_credit_card') AS is_cash,
                                                   account_type ~ '^(income|expense|equity)' AS is_lost
                                              FROM account_account OFFSET 0) account ON account.id = line.account_id
                                      JOIN (SELECT id, type IN %(banks)s AS is_bank
                                              FROM account_journal OFFSET 0) journal ON journal.id = line.journal_id
                                     WHERE line.move_id IN (SELECT source_id FROM part WHERE kind = 'payment')
                                  GROUP BY line.move_id
                                    HAVING NOT bool_and(journal.is_bank)
                                        OR bool_or(account.is_lost OR line.tax_line_id IS NOT NULL)
                                   ) source
                              JOIN (SELECT id AS currency_id, decimal_places AS places FROM res_currency) money
                             USING (currency_id)
                           ) source
                      JOIN account_move_line line ON line.move_id = source.move_id
                      JOIN (SELECT id, 0 AS side, credit_move_id AS line_id, amount FROM account_partial_reconcile
                             UNION ALL
                            SELECT id, 1, debit_move_id, amount FROM account_partial_reconcile
                           ) used ON used.line_id = line.id
                   ) used
            """,
            banks=BANKS,
        )

    @api.model
    def _gains(self):
        """Cash that was more than the invoice in the company's currency: Odoo corrects the payment, not the invoice."""
        return SQL(
            """
            SELECT part.id, fix.side, sum(fix.amount) AS amount
              FROM account_partial_reconcile part
              JOIN account_move_line line ON line.move_id = part.exchange_move_id
              JOIN (SELECT 0 AS side, debit_move_id AS line_id, credit_move_id AS other_id, amount
                      FROM account_partial_reconcile
                     UNION ALL
                    SELECT 1, credit_move_id, debit_move_id, amount FROM account_partial_reconcile
                   ) fix ON fix.line_id = line.id
                        AND fix.other_id = CASE fix.side WHEN 0 THEN part.credit_move_id ELSE part.debit_move_id END
             WHERE part.exchange_move_id IS NOT NULL
          GROUP BY part.id, fix.side
            """
        )
