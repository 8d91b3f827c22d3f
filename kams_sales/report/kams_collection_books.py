from odoo import api, models
from odoo.tools import SQL


class KamsCollection(models.Model):
    """What customers owed and were invoiced in a period, from the receivable lines of the books (C36)."""

    _inherit = "kams.collection"

    @api.model
    def _books(self, company, date_from, date_to, partner=None):
        """``(opening, sales, closing, closing not due)`` with tax, in the company's currency; one statement.

        What isn't due at the end is what was still open then of lines that fall due later, whatever was paid since.

        """
        self.env.flush_all()
        ((opening, sales, closing, not_due),) = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(sum(line.balance) FILTER (WHERE line.date < %(start)s), 0)::float8,
                       COALESCE(sum(line.balance) FILTER (
                           WHERE line.date >= %(start)s
                             AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')), 0)::float8,
                       COALESCE(sum(line.balance), 0)::float8,
                       COALESCE(sum(line.balance - settled.amount) FILTER (
                           WHERE line.date_maturity > %(end)s
                             AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')), 0)::float8
                  FROM account_move_line line
                  JOIN account_account account ON account.id = line.account_id
                   AND account.account_type = 'asset_receivable'
                  JOIN account_move move ON move.id = line.move_id
             LEFT JOIN res_partner partner ON partner.id = line.partner_id
            CROSS JOIN LATERAL (
                        SELECT COALESCE(sum(CASE WHEN part.debit_move_id = line.id THEN part.amount
                                                 ELSE -part.amount END), 0) AS amount
                          FROM account_partial_reconcile part
                         WHERE line.date_maturity > %(end)s
                           AND line.id IN (part.debit_move_id, part.credit_move_id)
                           AND part.max_date <= %(end)s
                       ) settled
                 WHERE line.parent_state = 'posted'
                   AND line.company_id = %(company)s
                   AND line.date <= %(end)s
                   AND %(whose)s
                """,
                start=date_from,
                end=date_to,
                company=company.id,
                whose=SQL("partner.commercial_partner_id = %s", partner.commercial_partner_id.id)
                if partner
                else SQL("TRUE"),
            )
        )
        return opening, sales, closing, not_due
