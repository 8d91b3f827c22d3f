import re
from collections.abc import Iterable
from datetime import date

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.blank import BlankFloat, BlankMonetary

KINDS = [
    ("forecast", "Forecast"),
    ("quotation", "Quotation"),
    ("contract", "Contract"),
    ("order", "Order"),
    ("invoice", "Invoice"),
    ("refund", "Credit Note"),
    ("payment", "Customer Payment"),
    ("write_off", "Write-Off"),
    ("exchange", "Exchange Difference"),
    ("offset", "Set Off"),
    ("outstanding", "Open Item"),
]
# What a row says, and as what it comes out of the database
COLUMNS = {
    "id": "bigint",
    "kind": "varchar",
    "date": "date",
    **dict.fromkeys(
        (
            *("lead_id", "account_id", "partner_id", "user_id", "team_id", "company_id", "currency_id"),
            *("order_id", "move_id", "product_id", "lines", "deal_user_id", "deal_team_id"),
        ),
        "int4",
    ),
    **dict.fromkeys(
        (
            *("quoted", "ordered", "contracted", "forecast", "invoiced", "credited", "net_invoiced", "invoiced_total"),
            *("collected", "written_off", "exchange", "set_off", "outstanding", "overdue", "cost", "margin"),
            # for a deal's line: orders before discounts; invoiced at a known cost; how many lines have none
            *("at_list", "costed", "uncosted"),
            "days_to_pay",
        ),
        "numeric",
    ),
}
MEASURES = [name for name, kind in COLUMNS.items() if kind == "numeric" and name not in ("days_to_pay", "uncosted")]
OF_INVOICES = {"invoice", "refund"}
# The kinds of rows by which a payment settles an invoice
OF_SETTLEMENTS = {"payment", "write_off", "exchange", "offset", "outstanding"}
BEFORE_AFTER = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">=")}
# What only single lines know: without these, an invoice's lines of one deal may be one row
OF_LINES = {"id", "order_id", "product_id"}
OF_COSTS = {"cost", "margin"}
# Whose the deal was on the row's day: {column: column of the deal's history}
OF_THEN = {"deal_user_id": "user_id", "deal_team_id": "team_id"}
OF_DEALS = {"lead_id", "account_id", *OF_THEN}
WORD = re.compile(r"[a-z_]+")


class Wanted:
    """What a question needs to know, so that nothing else is asked of the database. JSON carries no such object."""

    def __init__(
        self, whole=False, lead_ids=None, narrow=False, costs=True, deals=True, names=None, kinds=None, days=()
    ):
        self.names = names  # the columns that are read, or None for all
        self.kinds = kinds  # the kinds of rows it is about, or None for all
        self.days = days  # of invoices, which days it is about: ``[(operator, day), ...]``
        self.whole = whole  # an invoice's lines of one deal are one row
        self.costs = costs  # what the goods cost is asked as well
        self.deals = deals  # whose deal a line is, is asked at all
        self.lead_ids = lead_ids  # the deals it is about, or None for all
        self.narrow = narrow or lead_ids is not None  # about few documents, found by indexes


class KamsMoney(models.Model):
    """What was forecast, quoted, signed, ordered, invoiced and paid, one row per document line and deal (7.7, 8.8).

    Amounts are converted as Odoo's invoice analysis converts them: the company's currency, at the document's own
    rate. A payment, a write-off or an exchange difference is divided over the deals of its invoice by their share,
    to the cent; what isn't known stays empty.
    """

    _name = "kams.money"
    _description = "Money of deals"
    _inherit = "kams.question"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "kind"

    # Which document
    kind = fields.Selection(KINDS, readonly=True)
    date = fields.Date(readonly=True, help="Of the document, of the payment, or when an open item is due.")
    order_id = fields.Many2one("sale.order", string="Order", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    product_id = fields.Many2one("product.product", string="Product", readonly=True)
    # Whose
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True)
    account_id = fields.Many2one("kams.account", string="Key Account", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    deal_user_id = fields.Many2one(
        "res.users",
        string="Deal's Salesperson on the Day",
        readonly=True,
        help="Who had the deal when the document's day ended, from deal history; before it was under KAMS, who had it"
        " first. The document's own salesperson may be another.",
    )
    deal_team_id = fields.Many2one(
        "crm.team",
        string="Deal's Team on the Day",
        readonly=True,
        help="Which team had the deal when the document's day ended, from deal history.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    # Before the invoice
    forecast = BlankMonetary(readonly=True, help="Expected revenue times the chance to win, when it is to close.")
    quoted = BlankMonetary(readonly=True, help="Quotations and orders that aren't cancelled, without taxes.")
    contracted = BlankMonetary(readonly=True, help="Signed contracts, without taxes.")
    ordered = BlankMonetary(readonly=True, help="Confirmed orders, without taxes.")
    # Invoices
    invoiced = BlankMonetary(readonly=True, help="Posted invoices, without taxes.")
    credited = BlankMonetary(readonly=True, help="Posted credit notes, without taxes.")
    net_invoiced = BlankMonetary(
        string="Invoiced Less Credited", readonly=True, help="As in Odoo's invoice analysis, without taxes."
    )
    invoiced_total = BlankMonetary(
        string="Invoiced with Tax", readonly=True, help="Invoices less credit notes, with taxes."
    )
    cost = BlankMonetary(string="Cost of Goods", readonly=True)
    margin = BlankMonetary(string="Realised Margin", readonly=True, help="Of lines whose cost is known.")
    # After the invoice
    collected = BlankMonetary(readonly=True, help="Paid into bank or cash for invoices, less what was paid back.")
    written_off = BlankMonetary(readonly=True, help="Discounts for early payment, bank fees, bad debts.")
    exchange = BlankMonetary(string="Exchange Difference", readonly=True)
    set_off = BlankMonetary(string="Set Off", readonly=True, help="Settled by a credit note or another claim.")
    outstanding = BlankMonetary(string="Not Yet Paid", readonly=True)
    overdue = BlankMonetary(readonly=True)
    days_to_pay = BlankFloat(
        string="Days Until Paid",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="From invoice to payment, weighed by what was paid.",
    )
    lines = fields.Integer(readonly=True)

    _depends = {
        "account.account": ["account_type"],
        "account.move": [
            *("commercial_partner_id", "company_id", "invoice_currency_rate", "invoice_date", "invoice_user_id"),
            *("journal_id", "move_type", "partner_id", "state", "team_id"),
        ],
        "account.move.line": [
            *("account_id", "amount_residual", "balance", "company_id", "date", "date_maturity", "display_type"),
            *("is_downpayment", "kams_lead_id", "move_id", "parent_state", "price_total", "product_id"),
            *("product_uom_id", "quantity", "sale_line_ids", "tax_line_id"),
        ],
        "account.partial.reconcile": ["amount", "credit_move_id", "debit_move_id", "exchange_move_id"],
        "crm.lead": [
            *("active", "company_id", "date_closed", "date_deadline", "kams_account_id", "kams_process_id"),
            *("partner_id", "prorated_revenue", "team_id", "type", "user_id", "won_status"),
        ],
        "kams.account": ["company_id", "partner_id"],
        "kams.deal.history": ["lead_ref", "team_id", "user_id", "valid_from"],
        "kams.contract": [
            *("amount_untaxed", "company_id", "currency_id", "effective_at", "lead_id", "order_id", "partner_id"),
            *("signed_at", "state"),
        ],
        "product.product": ["product_tmpl_id", "standard_price"],
        "product.template": ["uom_id"],
        "res.company": ["sale_discount_product_id"],
        "sale.order": [
            *("company_id", "currency_rate", "date_order", "opportunity_id", "partner_id", "state", "team_id"),
            "user_id",
        ],
        "sale.order.line": [
            *("display_type", "is_downpayment", "kams_lead_id", "order_id", "price_subtotal", "product_id"),
        ],
        "uom.uom": ["factor"],
    }

    @property
    def _table_query(self) -> SQL:
        wanted = self._wanted()
        rows = SQL(" UNION ALL ").join(self._branches(wanted))
        if wanted.whole:
            rows = SQL("WITH kams_share AS MATERIALIZED (%s) %s", self._shares(wanted), rows)
        return self._converted(self._then(rows, wanted))

    # ORM
    @api.model
    def _wanted(self):
        wanted = self.env.context.get("kams_money_wanted")
        return wanted if isinstance(wanted, Wanted) else Wanted()

    def _asking(self, domain, names=None):
        """This model as it is asked: for which deals, and for which columns (``None``: for rows)."""
        domain = Domain(domain)
        whole, costs, deals = False, True, True
        if names is not None:
            names = {word for name in names for word in WORD.findall(name)}
            names |= {word for one in domain.iter_conditions() for word in WORD.findall(one.field_expr)}
            names |= {part.field_expr.split(".")[0] for part in self._rule().iter_conditions()}
            names |= {"lead_id"} if "display_name" in names else set()  # it is searched by
            names |= {"lead_id", "date"} if names & {*OF_THEN} else set()  # told by them
            whole, costs, deals = not names & OF_LINES, bool(names & OF_COSTS), bool(names & OF_DEALS)
        lead_ids, deals = self._ids_in(domain, ("lead_id",)), deals or costs or not whole
        if names is not None:
            names |= {"lines", "collected"} | ({"company_id"} if len(self.env.companies.currency_id) > 1 else set())
        kinds = self._kinds_in(domain) if whole else None
        days = self._days_in(domain) if kinds and OF_INVOICES.issuperset(kinds) else ()
        names = names if whole else None
        wanted = Wanted(whole, lead_ids, costs=costs, deals=deals, names=names, kinds=kinds, days=days)
        # PostgreSQL would take longer to compile so long a statement than to run it
        self.env.cr.execute("SET LOCAL jit = off")
        return self.with_context(kams_money_wanted=wanted)

    @api.model
    def _rule(self):
        """Which rows the reader may see."""
        return Domain.TRUE if self.env.su else Domain(self.env["ir.rule"]._compute_domain(self._name, "read"))

    @api.model
    def _ids_in(self, domain, names):
        """The ids that a domain asks for by one of these fields, if it does."""
        # only what must hold in any case: conditions that are joined by "and"
        parts = domain.children if getattr(domain, "OPERATOR", "") == "&" else [domain]
        for part in parts:
            if getattr(part, "field_expr", "") in names and part.operator in ("=", "in"):
                ids = [part.value] if isinstance(part.value, int) else part.value
                if isinstance(ids, Iterable) and ids and all(type(id_) is int for id_ in ids):
                    return list(ids)
        return None

    @api.model
    def _kinds_in(self, domain):
        """The kinds of rows that a domain asks for, if it does."""
        parts = domain.children if getattr(domain, "OPERATOR", "") == "&" else [domain]
        for part in parts:
            if getattr(part, "field_expr", "") == "kind" and part.operator in ("=", "in"):
                kinds = [part.value] if isinstance(part.value, str) else part.value
                if isinstance(kinds, Iterable) and kinds and all(isinstance(kind, str) for kind in kinds):
                    return set(kinds)
        return None

    @api.model
    def _days_in(self, domain):
        """``[(operator, day), ...]`` that must hold for rows of a domain in any case; it still filters them itself."""
        parts = domain.children if getattr(domain, "OPERATOR", "") == "&" else [domain]
        return [
            (part.operator, part.value)
            for part in parts
            if getattr(part, "field_expr", "") == "date" and part.operator in BEFORE_AFTER and type(part.value) is date
        ]

    @api.model
    def _search(self, domain, *args, **kwargs):
        if isinstance(self.env.context.get("kams_money_wanted"), Wanted):
            return super()._search(domain, *args, **kwargs)
        return super(KamsMoney, self._asking(domain))._search(domain, *args, **kwargs)

    @api.model
    def _as_asked(self, domain, groupby, aggregates, having=(), order=None):
        return self._asking(domain, [*groupby, *aggregates, order or "", *(str(part) for part in having)])

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec == "__count" and self._wanted().whole:  # a row then stands for several
            return SQL("COALESCE(SUM(%s), 0)::bigint", SQL.identifier(self._table, "lines"))
        if aggregate_spec == "days_to_pay:avg":
            days, paid = (self._field_to_sql(self._table, name, query) for name in ("days_to_pay", "collected"))
            return SQL("SUM(%s * %s) / NULLIF(SUM(%s), 0)", days, paid, paid)
        return super()._read_group_select(aggregate_spec, query)

    # SQL
    @api.model
    def _branches(self, wanted):
        """The kinds of rows, each a SELECT of all columns. A chapter with money of its own adds one by super()."""
        branches = (
            ({"forecast"}, self._forecasts),
            ({"contract"}, self._contracts),
            ({"order", "quotation"}, self._orders_whole if wanted.whole else self._orders),
            (OF_INVOICES, self._invoices_whole if wanted.whole else self._invoices),
            (OF_SETTLEMENTS, self._settlements),
        )
        asked = [branch(wanted) for kinds, branch in branches if wanted.kinds is None or kinds & wanted.kinds]
        return asked or [self._forecasts(wanted)]  # of a kind that there isn't the domain finds nothing

    @api.model
    def _columns(self, **values):
        """The list of columns of a branch: what it doesn't know is NULL, of the same type everywhere.

        So is what nobody reads: PostgreSQL leaves out tables whose columns aren't used.
        """
        names = self._wanted().names or COLUMNS
        return SQL(", ").join(
            SQL(
                "(%s)::%s AS %s",
                values.get(name, SQL("NULL")) if name in names else SQL("NULL"),
                SQL(kind),
                SQL.identifier(name),
            )
            for name, kind in COLUMNS.items()
        )

    @api.model
    def _then(self, rows, wanted):
        """With whose each row's deal was when its day ended where the reader is, as a win is whose it was then.

        Of a deal that came under KAMS later the first state is told; of a row without a day the present one.
        """
        if wanted.names is not None and wanted.names.isdisjoint(OF_THEN):
            return rows
        state = self.env["kams.report"]._had_on(SQL("row.lead_id"), SQL("row.date"))
        # groups ask for it of each row, lists of a page of rows
        grouped = wanted.names is not None
        columns = [
            SQL("row.%s", SQL.identifier(name))
            if name not in OF_THEN
            else SQL("state.%s AS %s", SQL.identifier(OF_THEN[name]), SQL.identifier(name))
            if grouped
            else SQL(
                "(SELECT state.%s FROM (%s) state) AS %s", SQL.identifier(OF_THEN[name]), state, SQL.identifier(name)
            )
            for name in COLUMNS
        ]
        then = SQL("LEFT JOIN LATERAL (%s) state ON TRUE", state)
        return SQL("SELECT %s FROM (%s) row %s", SQL(", ").join(columns), rows, then if grouped else SQL())

    @api.model
    def _converted(self, rows):
        """With companies of several currencies at once, in that of the first, as in Odoo's invoice analysis."""
        if len(self.env.companies.currency_id) == 1:
            return rows
        factor = self.env["kams.report"]._present_rate(SQL("row.company_id"))
        columns = [
            SQL("row.%s * %s AS %s", SQL.identifier(name), factor, SQL.identifier(name))
            if name in MEASURES
            else SQL("%s AS currency_id", self.env.company.currency_id.id)
            if name == "currency_id"
            else SQL("row.%s", SQL.identifier(name))
            for name in COLUMNS
        ]
        return SQL("SELECT %s FROM (%s) row", SQL(", ").join(columns), rows)

    @api.model
    def _search_display_name(self, operator, value):
        return Domain("lead_id", operator, value)

    # ACTIONS
    @api.readonly
    def action_open_document(self):
        """Open what this row tells of: the invoice, the order, or the deal itself."""
        self.ensure_one()
        record = self.move_id or self.order_id or self.lead_id
        return record._get_records_action(name=record.display_name)
