from odoo import api, fields, models
from odoo.tools import SQL

COGS_SOURCES = [
    ("posted", "Posted with the invoice"),
    ("order", "Cost on the order line"),
    ("product", "Product's present cost"),
    ("free", "No cost of its own"),
    ("unknown", "Unknown"),
]


class KamsAccountSales(models.Model):
    """What a company really sold to its key accounts, one row per posted invoice line (2.3 大客户价值分析).

    Amounts are in the company's currency at the invoice's own rate; a refund counts negative. Every sales
    figure of a value analysis is a sum of these rows, so that it can be opened and read.
    """

    _name = "kams.account.sales"
    _description = "Sales of key accounts"
    _auto = False
    _order = "date desc, id desc"

    # Whose
    account_id = fields.Many2one("kams.account", string="Key Account", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    contact_id = fields.Many2one("res.partner", string="Invoiced To", readonly=True)
    # What and when
    name = fields.Char(string="Number", readonly=True)  # readers need no right to the invoice itself
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    move_type = fields.Selection(
        [("out_invoice", "Invoice"), ("out_refund", "Refund"), ("out_receipt", "Receipt")],
        string="Kind",
        readonly=True,
    )
    date = fields.Date(string="Invoice Date", readonly=True)
    product_id = fields.Many2one("product.product", string="Product", readonly=True)
    product_categ_id = fields.Many2one("product.category", string="Product Category", readonly=True)
    quantity = fields.Float(readonly=True, digits="Product Unit")
    # How much
    gross_sales = fields.Monetary(string="At List Price", readonly=True)
    discount = fields.Monetary(string="Discounts", readonly=True)
    net_sales = fields.Monetary(readonly=True)
    cogs = fields.Monetary(string="Cost of Goods", readonly=True)
    margin = fields.Monetary(string="Gross Margin", readonly=True)
    cogs_source = fields.Selection(COGS_SOURCES, string="Cost of Goods From", readonly=True)

    _depends = {
        "account.move": [
            "commercial_partner_id",
            "company_id",
            "invoice_currency_rate",
            "invoice_date",
            "move_type",
            "name",
            "partner_id",
            "state",
        ],
        "account.move.line": [
            "balance",
            "company_id",
            "discount",
            "display_type",
            "is_downpayment",
            "move_id",
            "price_unit",
            "product_id",
            "product_uom_id",
            "quantity",
        ],
        "kams.account": ["company_id", "partner_id"],
        "product.product": ["product_tmpl_id", "standard_price"],
        "product.template": ["categ_id", "uom_id"],
        "res.company": ["sale_discount_product_id"],
        "uom.uom": ["factor"],
    }

    @property
    def _table_query(self) -> SQL:
        return self._lines(SQL("(SELECT id AS account_id, partner_id, company_id FROM kams_account)"))

    @api.model
    def _lines(self, scope: SQL) -> SQL:
        """The rows of some customers.

        :param scope: a relation ``(account_id, partner_id, company_id)``: a customer's invoices in a company
            count for the account
        """
        return SQL(
            """
            SELECT sales.*, sales.net_sales - sales.cogs AS margin
              FROM (SELECT line.id, line.account_id, line.company_id, line.currency_id, line.contact_id,
                           line.name, line.move_id, line.move_type, line.date, line.product_id,
                           line.product_categ_id, line.quantity, line.gross_sales,
                           line.gross_sales - line.net_sales AS discount, line.net_sales,
                           CASE WHEN line.posted_cost IS NOT NULL THEN 'posted'
                                WHEN line.free THEN 'free'
                                WHEN line.order_cost IS NOT NULL THEN 'order'
                                WHEN line.product_cost IS NOT NULL THEN 'product'
                                ELSE 'unknown' END AS cogs_source,
                           COALESCE(%(cost)s, 0) AS cogs
                      FROM (%(rows)s) line
                   ) sales
            """,
            cost=self._cost(),
            rows=self._rows(scope),
        )

    @api.model
    def _sums(self, scope: SQL, date_from, date_to) -> SQL:
        """The rows of a period added up by account. What is divided is divided once a line: hence the fence."""
        return SQL(
            """
            SELECT line.account_id,
                   sum(line.gross_sales)::float8 AS gross_sales,
                   sum(line.net_sales)::float8 AS net_sales,
                   sum(line.cost)::float8 AS cogs,
                   sum(line.net_sales) FILTER (WHERE line.cost IS NOT NULL)::float8 AS costed_sales,
                   count(*) AS lines
              FROM (SELECT line.account_id, line.gross_sales, line.net_sales, %(cost)s AS cost
                      FROM (%(rows)s AND move.invoice_date BETWEEN %(date_from)s AND %(date_to)s) line
                    OFFSET 0
                   ) line
          GROUP BY line.account_id
            """,
            cost=self._cost(),
            rows=self._rows(scope),
            date_from=date_from,
            date_to=date_to,
        )

    @api.model
    def _cost(self) -> SQL:
        """The cost of a line, the first that can be had; what has none of its own costs nothing."""
        return SQL("COALESCE(line.posted_cost, CASE WHEN line.free THEN 0 ELSE %s END)", self._estimated_cost())

    @api.model
    def _estimated_cost(self) -> SQL:
        return SQL("COALESCE(line.order_cost, line.product_cost)")

    @api.model
    def _rows(self, scope: SQL) -> SQL:
        """Invoice lines with their amounts and the costs that can be had, up to the conditions.

        The list value follows from the net one and the discount per cent, so that prices with tax included
        need no second thought; a line given away has no net value and takes its unit price instead.
        """
        return SQL(
            """
            SELECT line.id,
                   scope.account_id,
                   line.company_id,
                   line.company_currency_id AS currency_id,
                   move.partner_id AS contact_id,
                   move.name,
                   line.move_id,
                   move.move_type,
                   move.invoice_date AS date,
                   line.product_id,
                   template.categ_id AS product_categ_id,
                   units.quantity,
                   CASE WHEN line.product_id = company.sale_discount_product_id THEN 0
                        WHEN COALESCE(line.discount, 0) = 0 THEN -line.balance
                        WHEN line.discount = 100
                        THEN units.direction * line.quantity * line.price_unit
                             / COALESCE(NULLIF(move.invoice_currency_rate, 0)::numeric, 1)
                        ELSE -line.balance / (1 - line.discount::numeric / 100)
                    END AS gross_sales,
                   -line.balance AS net_sales,
                   (line.product_id IS NULL AND line.is_downpayment
                        OR line.product_id = company.sale_discount_product_id) IS TRUE AS free,
                   %(posted_cost)s AS posted_cost,
                   %(order_cost)s AS order_cost,
                   NULLIF((product.standard_price ->> line.company_id::text)::numeric, 0) * units.quantity
                        AS product_cost
              FROM %(scope)s scope
              JOIN account_move move ON move.commercial_partner_id = scope.partner_id
                                    AND move.company_id = scope.company_id
              JOIN account_move_line line ON line.move_id = move.id
              JOIN res_company company ON company.id = line.company_id
         LEFT JOIN product_product product ON product.id = line.product_id
         LEFT JOIN product_template template ON template.id = product.product_tmpl_id
        CROSS JOIN LATERAL (SELECT CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END AS direction) sign
        CROSS JOIN LATERAL (SELECT sign.direction,
                                   sign.direction * CASE WHEN line.product_uom_id = template.uom_id THEN line.quantity
                                                         ELSE line.quantity * COALESCE(%(factor)s, 1) END AS quantity
                           ) units
                   %(costs)s
             WHERE move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
               AND line.display_type = 'product'
            """,
            scope=scope,
            posted_cost=SQL("posted.cost") if self._has_posted_costs() else SQL("NULL::numeric"),
            order_cost=SQL("ordered.cost * units.quantity") if self._has_order_costs() else SQL("NULL::numeric"),
            factor=self._factor(SQL("line.product_uom_id")),
            costs=SQL(" ").join(self._cost_joins()),
        )

    @api.model
    def _factor(self, unit: SQL) -> SQL:
        """How many of the product's own unit another unit holds."""
        return SQL(
            """(SELECT other.factor / NULLIF(own.factor, 0) FROM uom_uom other, uom_uom own
                 WHERE other.id = %s AND own.id = template.uom_id)""",
            unit,
        )

    @api.model
    def _cost_joins(self):
        """Where costs are found, as far as the apps that keep them are installed."""
        joins = []
        if self._has_posted_costs():
            joins.append(
                SQL(
                    """
         LEFT JOIN LATERAL (SELECT sum(cost_line.balance) AS cost
                              FROM account_move_line cost_line
                              JOIN account_account account ON account.id = cost_line.account_id
                             WHERE cost_line.move_id = line.move_id
                               AND cost_line.cogs_origin_id = line.id
                               AND cost_line.display_type = 'cogs'
                               AND account.account_type LIKE 'expense%%'
                           ) posted ON TRUE
                    """
                )
            )
        if self._has_order_costs():
            # per unit of the product: an invoice line of several order lines takes their mean
            joins.append(
                SQL(
                    """
         LEFT JOIN LATERAL (SELECT avg(NULLIF(order_line.purchase_price, 0)::numeric
                                       / COALESCE(NULLIF(sale_order.currency_rate, 0)::numeric, 1)
                                       / COALESCE(NULLIF(%s, 0), 1)) AS cost
                              FROM sale_order_line_invoice_rel link
                              JOIN sale_order_line order_line ON order_line.id = link.order_line_id
                              JOIN sale_order ON sale_order.id = order_line.order_id
                             WHERE link.invoice_line_id = line.id
                           ) ordered ON TRUE
                    """,
                    self._factor(SQL("order_line.product_uom_id")),
                )
            )
        return joins

    @api.model
    def _has_posted_costs(self):
        """Cost of goods is posted with the invoice: stock valuation is installed."""
        return "cogs_origin_id" in self.env["account.move.line"]._fields

    @api.model
    def _has_order_costs(self):
        """Orders keep their cost: sale_margin is installed."""
        field = self.env["sale.order.line"]._fields.get("purchase_price")
        return bool(field and field.store)

    # ACTIONS
    @api.readonly
    def action_open_invoice(self):
        self.ensure_one()
        return self.move_id._get_records_action(name=self.move_id.display_name)
