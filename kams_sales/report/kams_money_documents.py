from odoo import api, models
from odoo.tools import SQL

from .kams_money import BEFORE_AFTER, Wanted

COSTS = ("cost", "margin", "costed", "uncosted")
INVOICES = SQL("('out_invoice', 'out_refund', 'out_receipt')")


class KamsMoney(models.Model):
    """Documents of deals: forecasts, contracts, orders and invoices, with the deal that each line is for.

    A line is for the deal that somebody linked to it, else for that of its order line, else for that of its order.
    """

    _inherit = "kams.money"

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

    # CONTRACTS
    @api.model
    def _contracts(self, wanted):
        """Signed contracts that live, at the rate of the day they were signed."""
        signed = SQL("COALESCE(doc.signed_at, doc.effective_at)")
        return SQL(
            """
            SELECT %(columns)s
              FROM kams_contract doc
              JOIN crm_lead deal ON deal.id = doc.lead_id
         LEFT JOIN res_company company ON company.id = COALESCE(doc.company_id, %(company)s)
             WHERE doc.state IN ('signed', 'effective', 'closed')
               AND doc.amount_untaxed IS NOT NULL
               %(scope)s
            """,
            columns=self._columns(
                id=SQL("doc.id::bigint * 8 + 5"),
                kind=SQL("'contract'"),
                date=signed,
                lead_id=SQL("deal.id"),
                account_id=SQL("deal.kams_account_id"),
                partner_id=SQL("COALESCE(doc.partner_id, deal.partner_id)"),
                user_id=SQL("deal.user_id"),
                team_id=SQL("deal.team_id"),
                company_id=SQL("doc.company_id"),
                currency_id=SQL("company.currency_id"),
                order_id=SQL("doc.order_id"),
                lines=SQL("1"),
                contracted=self._in_company_currency(SQL("doc.amount_untaxed"), SQL("doc.currency_id"), signed),
            ),
            company=self.env.company.id,
            scope=self._scope(wanted, SQL("deal.id")),
        )

    @api.model
    def _in_company_currency(self, amount, currency, date):
        """An amount of ours, in the currency of ``company``, at Odoo's rate of the day."""
        rate = """(SELECT rate.rate
                     FROM res_currency_rate rate
                    WHERE rate.currency_id = %s
                      AND (rate.company_id IS NULL
                           OR rate.company_id = split_part(company.parent_path, '/', 1)::int)
                 ORDER BY rate.name > COALESCE(%s, CURRENT_DATE), rate.company_id,
                          CASE WHEN rate.name > COALESCE(%s, CURRENT_DATE) THEN rate.name - DATE '2000-01-01'
                               ELSE DATE '2000-01-01' - rate.name END
                    LIMIT 1)"""
        return SQL(
            "CASE WHEN %(currency)s = company.currency_id THEN %(amount)s"
            " ELSE round(%(amount)s * COALESCE(%(home)s, 1) / COALESCE(NULLIF(%(away)s, 0), 1), 2) END",
            amount=amount,
            currency=currency,
            home=SQL(rate, SQL("company.currency_id"), date, date),
            away=SQL(rate, currency, date, date),
        )

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
                at_list=SQL(
                    """CASE WHEN line.discount = 100 THEN line.price_unit * line.product_uom_qty
                            ELSE line.price_subtotal / (1 - COALESCE(line.discount, 0)::numeric / 100)
                       END / COALESCE(NULLIF(doc.currency_rate, 0), 1)"""
                ),
            ),
            scope=self._of_orders(wanted),
        )

    @api.model
    def _orders_whole(self, wanted):
        """The same, an order's lines of one deal added up."""
        rate = SQL("COALESCE(NULLIF(doc.currency_rate, 0), 1)")
        at_list = SQL(
            """, sum(CASE WHEN line.discount = 100 THEN line.price_unit * line.product_uom_qty
                          ELSE line.price_subtotal / (1 - COALESCE(line.discount, 0)::numeric / 100) END) AS at_list"""
        )
        deals = SQL(
            """JOIN sale_order ON sale_order.id = line.order_id
          LEFT JOIN crm_lead deal ON deal.id = COALESCE(line.kams_lead_id, sale_order.opportunity_id)
                                 AND deal.kams_process_id IS NOT NULL"""
        )
        amount = SQL("line.net / %s", rate)
        return SQL(
            """
            SELECT %(columns)s
              FROM (SELECT line.order_id, sum(line.price_subtotal) AS net, count(*) AS lines %(sums)s
                      FROM sale_order_line line %(deals)s
                     WHERE line.display_type IS NULL
                       AND line.is_downpayment IS NOT TRUE
                       %(scope)s
                  GROUP BY line.order_id %(groups)s
                   ) line
              JOIN sale_order doc ON doc.id = line.order_id
         LEFT JOIN res_company company ON company.id = doc.company_id
         LEFT JOIN res_partner partner ON partner.id = doc.partner_id
         LEFT JOIN kams_account account ON account.partner_id = partner.commercial_partner_id
                                       AND account.company_id = doc.company_id
             WHERE doc.state IN ('draft', 'sent', 'sale')
            """,
            sums=SQL(
                "%s %s",
                SQL(", deal.id AS lead_id, min(deal.kams_account_id) AS account_id") if wanted.deals else SQL(),
                at_list if wanted.costs else SQL(),
            ),
            deals=deals if wanted.deals else SQL(),
            groups=SQL(", deal.id") if wanted.deals else SQL(),
            scope=self._of_orders(wanted),
            columns=self._columns(
                kind=SQL("CASE doc.state WHEN 'sale' THEN 'order' ELSE 'quotation' END"),
                date=SQL("doc.date_order::date"),
                lead_id=SQL("line.lead_id") if wanted.deals else SQL("NULL"),
                account_id=SQL("COALESCE(line.account_id, account.id)") if wanted.deals else SQL("NULL"),
                partner_id=SQL("doc.partner_id"),
                user_id=SQL("doc.user_id"),
                team_id=SQL("doc.team_id"),
                company_id=SQL("doc.company_id"),
                currency_id=SQL("company.currency_id"),
                lines=SQL("line.lines"),
                quoted=amount,
                ordered=SQL("CASE doc.state WHEN 'sale' THEN %s END", amount),
                at_list=SQL("line.at_list / %s", rate) if wanted.costs else SQL("NULL"),
            ),
        )

    @api.model
    def _of_orders(self, wanted):
        """Only orders with a line for one of some deals, by the indexes of what links them."""
        if not wanted.narrow:
            return SQL()
        return SQL(
            """AND line.order_id IN (SELECT id FROM sale_order WHERE opportunity_id = ANY(%(leads)s)
                                      UNION
                                     SELECT order_id FROM sale_order_line WHERE kams_lead_id = ANY(%(leads)s))
               AND deal.id = ANY(%(leads)s)""",
            leads=wanted.lead_ids,
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
        if wanted.narrow or wanted.days:
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
            doc.state = 'posted' AND doc.move_type IN %s AND line.display_type = 'product' %s %s
            """,
            INVOICES,
            SQL(" ").join(SQL("AND doc.invoice_date %s %s", BEFORE_AFTER[way], day) for way, day in wanted.days),
            SQL("AND line.move_id IN %s", self._moves_of(wanted.lead_ids)) if wanted.narrow else SQL(),
        )

    @api.model
    def _costs(self):
        """What the goods of a line cost us, the first that can be had: as the order has it, as the product has it.

        Money paid in advance has neither cost nor margin until the goods are invoiced; a discount costs nothing.
        """
        field = self.env["sale.order.line"]._fields.get("purchase_price")
        ordered = SQL("NULL::numeric")
        if field and field.store:  # sale_margin is installed
            ordered = SQL(
                """NULLIF(order_line.purchase_price, 0)::numeric / COALESCE(NULLIF(sale_order.currency_rate, 0), 1)
                   * line.quantity"""
            )
        return SQL(
            """
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
         LEFT JOIN uom_uom line_uom ON line_uom.id = line.product_uom_id
         LEFT JOIN uom_uom product_uom ON product_uom.id = template.uom_id
         LEFT JOIN res_company seller ON seller.id = line.company_id
        CROSS JOIN LATERAL (
                   SELECT CASE doc.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                          * CASE WHEN line.product_id IS NULL AND line.is_downpayment THEN NULL
                                 WHEN line.product_id = seller.sale_discount_product_id THEN 0
                                 ELSE COALESCE(%(ordered)s,
                                               NULLIF((product.standard_price ->> line.company_id::text)::numeric, 0)
                                               * line.quantity * COALESCE(line_uom.factor, 1)
                                               / COALESCE(NULLIF(product_uom.factor, 0), 1))
                             END AS cost,
                          line.product_id IS NULL AND line.is_downpayment IS TRUE AS advance
                   ) goods
            """,
            ordered=ordered,
        )

    @api.model
    def _invoices(self, wanted):
        return SQL(
            """
            SELECT %(columns)s
              FROM %(lines)s
                   %(costs)s
         LEFT JOIN kams_account account ON account.partner_id = doc.commercial_partner_id
                                       AND account.company_id = doc.company_id
             WHERE %(posted)s
               %(scope)s
            """,
            lines=self._invoice_lines(wanted),
            costs=self._costs(),
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
                cost=SQL("goods.cost"),
                margin=SQL("-line.balance - goods.cost"),
                invoiced_total=SQL(
                    "CASE doc.move_type WHEN 'out_refund' THEN -line.price_total ELSE line.price_total END"
                    " / COALESCE(NULLIF(doc.invoice_currency_rate, 0), 1)"
                ),
            ),
            scope=self._scope(wanted, SQL("deal.id")),
        )

    @api.model
    def _invoices_whole(self, wanted):
        """The same, an invoice's lines of one deal added up."""
        sign = SQL("CASE doc.move_type WHEN 'out_refund' THEN -share.weight ELSE share.weight END")
        return SQL(
            """
            SELECT %(columns)s
              FROM kams_share share
              JOIN account_move doc ON doc.id = share.move_id
         LEFT JOIN res_company company ON company.id = doc.company_id
         LEFT JOIN kams_account account ON account.partner_id = doc.commercial_partner_id
                                       AND account.company_id = doc.company_id
             WHERE TRUE %(scope)s
            """,
            columns=self._columns(
                kind=SQL("CASE doc.move_type WHEN 'out_refund' THEN 'refund' ELSE 'invoice' END"),
                date=SQL("doc.invoice_date"),
                lead_id=SQL("share.lead_id"),
                account_id=SQL("COALESCE(share.account_id, account.id)"),
                partner_id=SQL("doc.partner_id"),
                user_id=SQL("doc.invoice_user_id"),
                team_id=SQL("doc.team_id"),
                company_id=SQL("doc.company_id"),
                currency_id=SQL("company.currency_id"),
                move_id=SQL("doc.id"),
                lines=SQL("share.lines"),
                invoiced=SQL("CASE WHEN doc.move_type <> 'out_refund' THEN share.net END"),
                credited=SQL("CASE doc.move_type WHEN 'out_refund' THEN -share.net END"),
                net_invoiced=SQL("share.net"),
                invoiced_total=SQL("%s / COALESCE(NULLIF(doc.invoice_currency_rate, 0), 1)", sign),
                **{name: SQL("share.%s", SQL.identifier(name)) for name in (COSTS if wanted.costs else ())},
            ),
            scope=self._scope(wanted, SQL("share.lead_id")),
        )

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
