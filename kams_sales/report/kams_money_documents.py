from odoo import api, models
from odoo.tools import SQL

from .kams_money import Wanted

INVOICES = SQL("('out_invoice', 'out_refund', 'out_receipt')")


class KamsMoney(models.Model):
    """Documents of deals: forecasts, contracts, orders and invoices, with the deal that each line is for.

    A line is for the deal that somebody linked to it, else for that of its order line, else for that of its order.
    """

    _inherit = "kams.money"

    @api.model
    def _converted(self, company):
        """``(join, factor)``: amounts in the currency that is shown."""
        rates = self._rates()
        if rates is None:
            return SQL(), SQL()
        join = SQL("JOIN %s ON account_currency_table.company_id = %s", rates, company)
        return join, SQL(" * account_currency_table.rate")

    @api.model
    def _currency_of(self, company_currency):
        return company_currency if self._rates() is None else SQL("%s", self.env.company.currency_id.id)

    # FORECAST
    @api.model
    def _forecasts(self, wanted):
        """Deals that are not lost, at what they are expected to bring."""
        return SQL(
            """
            SELECT %(columns)s
              FROM crm_lead deal
         LEFT JOIN res_company company ON company.id = COALESCE(deal.company_id, %(company)s)
             WHERE deal.kams_process_id IS NOT NULL
               AND deal.type = 'opportunity'
               AND deal.active
               AND deal.won_status IS DISTINCT FROM 'lost'
               %(scope)s
            """,
            columns=self._columns(
                id=SQL("deal.id::bigint * 8"),
                kind=SQL("'forecast'"),
                date=SQL("COALESCE(deal.date_deadline, deal.date_closed::date)"),
                lead_id=SQL("deal.id"),
                account_id=SQL("deal.kams_account_id"),
                partner_id=SQL("deal.partner_id"),
                user_id=SQL("deal.user_id"),
                team_id=SQL("deal.team_id"),
                company_id=SQL("deal.company_id"),
                currency_id=SQL("company.currency_id"),
                lines=SQL("1"),
                forecast=SQL("deal.prorated_revenue"),
            ),
            company=self.env.company.id,
            scope=self._scope(wanted, SQL("deal.id")),
        )

    @api.model
    def _contracts(self, wanted):
        """Signed contracts."""
        return SQL("SELECT %s WHERE FALSE", self._columns())

    @api.model
    def _scope(self, wanted, lead):
        """Only some deals, where the question is about some."""
        return SQL() if wanted.lead_ids is None else SQL("AND %s = ANY(%s)", lead, wanted.lead_ids)

    # ORDERS
    @api.model
    def _orders(self, wanted):
        """Lines of quotations and orders."""
        amount = SQL("line.price_subtotal / COALESCE(NULLIF(doc.currency_rate, 0), 1)")
        return SQL(
            """
            SELECT %(columns)s
              FROM sale_order_line line
              JOIN sale_order doc ON doc.id = line.order_id
         LEFT JOIN crm_lead deal ON deal.id = COALESCE(line.kams_lead_id, doc.opportunity_id)
                                AND deal.kams_process_id IS NOT NULL
         LEFT JOIN res_partner partner ON partner.id = doc.partner_id
         LEFT JOIN kams_account account ON account.partner_id = partner.commercial_partner_id
                                       AND account.company_id = doc.company_id
         LEFT JOIN res_company company ON company.id = doc.company_id
             WHERE doc.state IN ('draft', 'sent', 'sale')
               AND line.display_type IS NULL
               AND line.is_downpayment IS NOT TRUE
               %(scope)s
            """,
            columns=self._columns(
                id=SQL("line.id::bigint * 8 + 1"),
                kind=SQL("CASE doc.state WHEN 'sale' THEN 'order' ELSE 'quotation' END"),
                date=SQL("doc.date_order::date"),
                lead_id=SQL("deal.id"),
                account_id=SQL("COALESCE(deal.kams_account_id, account.id)"),
                partner_id=SQL("doc.partner_id"),
                user_id=SQL("doc.user_id"),
                team_id=SQL("doc.team_id"),
                company_id=SQL("doc.company_id"),
                currency_id=SQL("company.currency_id"),
                order_id=SQL("doc.id"),
                product_id=SQL("line.product_id"),
                lines=SQL("1"),
                quoted=amount,
                ordered=SQL("CASE doc.state WHEN 'sale' THEN %s END", amount),
            ),
            scope=self._scope(wanted, SQL("deal.id")),
        )

    # INVOICES
    @api.model
    def _invoice_lines(self, wanted):
        """Posted invoice lines and the deal that each is for.

        An invoice line of several order lines goes with the first of them.
        """
        return SQL(
            """
            account_move_line line
              JOIN account_move doc ON doc.id = line.move_id
         LEFT JOIN %(link)s
         LEFT JOIN sale_order_line order_line ON order_line.id = link.order_line_id
         LEFT JOIN sale_order ON sale_order.id = order_line.order_id
         LEFT JOIN crm_lead deal
                ON deal.id = COALESCE(line.kams_lead_id, order_line.kams_lead_id, sale_order.opportunity_id)
               AND deal.kams_process_id IS NOT NULL
            """,
            link=self._first_order_line(wanted),
        )

    @api.model
    def _first_order_line(self, wanted):
        """For a few invoices looked up one by one, for all read once in the order of the index."""
        if wanted.narrow:
            return SQL(
                """LATERAL (SELECT order_line_id FROM sale_order_line_invoice_rel
                             WHERE invoice_line_id = line.id
                          ORDER BY order_line_id LIMIT 1) link ON TRUE"""
            )
        return SQL(
            """(SELECT DISTINCT ON (invoice_line_id) invoice_line_id, order_line_id
                  FROM sale_order_line_invoice_rel
              ORDER BY invoice_line_id, order_line_id) link ON link.invoice_line_id = line.id"""
        )

    @api.model
    def _moves_of(self, lead_ids):
        """Invoices with a line that may be for these deals, by the indexes of what links them."""
        return SQL(
            """(SELECT candidate.move_id
                  FROM account_move_line candidate
                 WHERE candidate.kams_lead_id = ANY(%(leads)s)
                 UNION
                SELECT candidate.move_id
                  FROM sale_order_line ordered
                  JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = ordered.id
                  JOIN account_move_line candidate ON candidate.id = rel.invoice_line_id
                 WHERE ordered.kams_lead_id = ANY(%(leads)s)
                    OR ordered.order_id IN (SELECT id FROM sale_order WHERE opportunity_id = ANY(%(leads)s)))""",
            leads=lead_ids,
        )

    @api.model
    def _posted(self, wanted):
        return SQL(
            """
            doc.state = 'posted' AND doc.move_type IN %s AND line.display_type = 'product' %s
            """,
            INVOICES,
            SQL("AND line.move_id IN %s", self._moves_of(wanted.lead_ids)) if wanted.narrow else SQL(),
        )

    @api.model
    def _invoices(self, wanted):
        return SQL(
            """
            SELECT %(columns)s
              FROM %(lines)s
         LEFT JOIN kams_account account ON account.partner_id = doc.commercial_partner_id
                                       AND account.company_id = doc.company_id
             WHERE %(posted)s
               %(scope)s
            """,
            lines=self._invoice_lines(wanted),
            posted=self._posted(wanted),
            columns=self._columns(
                id=SQL("line.id::bigint * 8 + 2"),
                kind=SQL("CASE doc.move_type WHEN 'out_refund' THEN 'refund' ELSE 'invoice' END"),
                date=SQL("doc.invoice_date"),
                lead_id=SQL("deal.id"),
                account_id=SQL("COALESCE(deal.kams_account_id, account.id)"),
                partner_id=SQL("doc.partner_id"),
                user_id=SQL("doc.invoice_user_id"),
                team_id=SQL("doc.team_id"),
                company_id=SQL("line.company_id"),
                currency_id=SQL("line.company_currency_id"),
                order_id=SQL("sale_order.id"),
                move_id=SQL("doc.id"),
                product_id=SQL("line.product_id"),
                lines=SQL("1"),
                invoiced=SQL("CASE WHEN doc.move_type <> 'out_refund' THEN -line.balance END"),
                credited=SQL("CASE doc.move_type WHEN 'out_refund' THEN line.balance END"),
                net_invoiced=SQL("-line.balance"),
                invoiced_total=SQL(
                    "CASE doc.move_type WHEN 'out_refund' THEN -line.price_total ELSE line.price_total END"
                    " / COALESCE(NULLIF(doc.invoice_currency_rate, 0), 1)"
                ),
            ),
            scope=self._scope(wanted, SQL("deal.id")),
        )

    @api.model
    def _settlements(self, wanted):
        """What became of invoices: paid, written off, set off, still open."""
        return SQL("SELECT %s WHERE FALSE", self._columns())

    # LINKS
    @api.model
    def _deals_of(self, moves):
        """``{invoice id: [deal ids]}`` of these invoices, posted or not."""
        ids = [id_ for id_ in moves._origin.ids if id_]
        if not ids:
            return {}
        query = SQL(
            "SELECT line.move_id, array_agg(DISTINCT deal.id) FROM %s"
            " WHERE line.move_id = ANY(%s) AND doc.move_type IN %s AND deal.id IS NOT NULL GROUP BY 1",
            self._invoice_lines(Wanted(narrow=True)),
            ids,
            INVOICES,
        )
        self.env.flush_all()
        return dict(self.env.execute_query(query))

    @api.model
    def _invoices_of(self, deals):
        """``{deal id: number of invoices}`` and their ids, posted or not."""
        if not deals.ids:
            return []
        query = SQL(
            "SELECT DISTINCT deal.id, line.move_id FROM %s"
            " WHERE deal.id = ANY(%s) AND line.move_id IN %s AND doc.move_type IN %s",
            self._invoice_lines(Wanted(narrow=True)),
            deals.ids,
            self._moves_of(deals.ids),
            INVOICES,
        )
        self.env.flush_all()
        return self.env.execute_query(query)
