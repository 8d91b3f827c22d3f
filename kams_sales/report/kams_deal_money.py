from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.blank import BlankFloat, BlankMonetary
from .kams_money import OF_INVOICES, OF_SETTLEMENTS, WORD, Wanted

FIGURES = (
    *("contracted", "quoted", "ordered", "invoiced", "credited", "invoiced_total", "collected", "written_off"),
    *("exchange", "set_off", "outstanding", "overdue", "days_to_pay"),
)
# The kinds of rows of kams.money that each sum is of
OF_KINDS = {
    "contracted": {"contract"},
    **dict.fromkeys(("quoted", "ordered", "at_list"), {"order", "quotation"}),
    **dict.fromkeys(("invoiced", "credited", "invoiced_total", "margin", "costed", "uncosted"), OF_INVOICES),
    **dict.fromkeys(
        ("collected", "written_off", "exchange", "set_off", "outstanding", "overdue", "days_to_pay"), OF_SETTLEMENTS
    ),
}
# What columns are made of, besides the sum of their own name
MADE_OF = {
    "days_to_pay": {"collected"},
    "discount_pct": {"ordered", "at_list"},
    **dict.fromkeys(("realised_margin", "realised_margin_pct", "erosion_realised"), {"margin", "costed", "uncosted"}),
}
# Who may read negotiations: whoever delivers doesn't
NEGOTIATION_READERS = ",".join(
    f"kams_sales.group_{name}" for name in ("salesperson", "bid_desk", "legal", "finance", "auditor")
)


class KamsDealMoney(models.Model):
    """A deal's money on one line: planned, conceded, signed, ordered, invoiced, paid, and what margin became (7.7).

    Sums are of the documents that the reader may see. An amount that nobody knows is empty, not zero. Percentages and
    days are a deal's own: of groups, where a mean of them would be wrong, ``kams.margin.erosion`` tells them.
    """

    _name = "kams.deal.money"
    _description = "Money of a deal"
    _inherit = "kams.question"
    _auto = False
    _order = "id desc"
    _rec_name = "lead_id"

    # Whose
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True)
    account_id = fields.Many2one("kams.account", string="Key Account", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    phase_id = fields.Many2one("kams.process.phase", string="Phase", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    # From plan to cash
    planned = BlankMonetary(
        string="Bid or Proposed", readonly=True, help="The latest proposal or bid that was submitted, without taxes."
    )
    conceded = BlankMonetary(
        readonly=True, groups=NEGOTIATION_READERS, help="Worth of what we gave away in negotiations."
    )
    contracted = BlankMonetary(readonly=True, help="Signed contracts, without taxes.")
    quoted = BlankMonetary(readonly=True, help="Quotations and orders that aren't cancelled, without taxes.")
    ordered = BlankMonetary(readonly=True, help="Confirmed orders, without taxes.")
    invoiced = BlankMonetary(readonly=True, help="Posted invoices, without taxes.")
    credited = BlankMonetary(readonly=True, help="Posted credit notes, without taxes.")
    invoiced_total = BlankMonetary(string="Invoiced with Tax", readonly=True)
    collected = BlankMonetary(readonly=True)
    written_off = BlankMonetary(readonly=True)
    exchange = BlankMonetary(string="Exchange Difference", readonly=True)
    set_off = BlankMonetary(string="Set Off", readonly=True)
    outstanding = BlankMonetary(string="Not Yet Paid", readonly=True)
    overdue = BlankMonetary(readonly=True)
    bonds_out = BlankMonetary(string="Guarantees Out", readonly=True, help="Put up for this deal and not back yet.")
    # Margin, from bid to invoice
    planned_margin_pct = BlankFloat(string="Planned Margin (%)", readonly=True, aggregator=None, digits=(16, 1))
    contract_margin_pct = BlankFloat(string="Contract Margin (%)", readonly=True, aggregator=None, digits=(16, 1))
    realised_margin = BlankMonetary(readonly=True)
    realised_margin_pct = BlankFloat(string="Realised Margin (%)", readonly=True, aggregator=None, digits=(16, 1))
    erosion = BlankFloat(
        string="Margin Erosion (Points)",
        readonly=True,
        aggregator=None,
        digits=(16, 1),
        help="Planned margin less contract margin, in percentage points.",
    )
    erosion_realised = BlankFloat(
        string="Margin Erosion to Invoice (Points)",
        readonly=True,
        aggregator=None,
        digits=(16, 1),
        help="Planned margin less realised margin, in percentage points.",
    )
    discount_pct = BlankFloat(string="Discount (%)", readonly=True, aggregator=None, digits=(16, 1))
    days_to_pay = BlankFloat(string="Days Until Paid", readonly=True, aggregator=None, digits=(16, 1))

    _depends = {
        "crm.lead": [
            *("company_id", "kams_account_id", "kams_phase_id", "kams_process_id", "partner_id", "team_id", "user_id"),
        ],
        "kams.contract": ["amount_untaxed", "lead_id", "margin_pct", "state"],
        "kams.guarantee": ["lead_id", "outstanding_company"],
        "kams.money": ["kind"],
        "kams.negotiation": ["currency_id", "lead_id"],
        "kams.negotiation.given": ["amount", "direction", "event_id", "negotiation_id"],
        "calendar.event": ["kams_record_state"],
        "kams.proposal": [
            *("amount_total", "currency_id", "discount_pct", "lead_id", "margin_pct", "state", "submitted_at"),
        ],
    }

    @property
    def _table_query(self) -> SQL:
        money = self.env["kams.money"]
        in_currency = money._in_company_currency
        given = in_currency(SQL("given.amount"), SQL("negotiation.currency_id"), SQL("given.create_date::date"))
        offered = in_currency(SQL("offer.amount_total"), SQL("offer.currency_id"), SQL("offer.submitted_at::date"))
        return SQL(
            """
            SELECT row.*,
                   row.planned_margin_pct - row.contract_margin_pct AS erosion,
                   row.planned_margin_pct - row.realised_margin_pct AS erosion_realised
              FROM (SELECT deal.id, deal.id AS lead_id, deal.kams_account_id AS account_id, deal.partner_id,
                           deal.user_id, deal.team_id, deal.kams_phase_id AS phase_id, deal.company_id,
                           %(currency)s AS currency_id,
                           %(figures)s,
                           facts.margin AS realised_margin,
                           facts.margin / NULLIF(facts.costed, 0) * 100 AS realised_margin_pct,
                           COALESCE(
                               (facts.ordered_at_list - facts.ordered) / NULLIF(facts.ordered_at_list, 0) * 100,
                               offer.discount_pct) AS discount_pct,
                           offer.planned %(rate)s AS planned,
                           offer.margin_pct AS planned_margin_pct,
                           contract.margin_pct AS contract_margin_pct,
                           negotiated.amount %(rate)s AS conceded,
                           bond.amount %(rate)s AS bonds_out
                      FROM crm_lead deal
                      -- LEFT, though it exists: else PostgreSQL expects few deals
                 LEFT JOIN res_company company ON company.id = COALESCE(deal.company_id, %(company)s)
                 LEFT JOIN (%(facts)s) facts ON facts.lead_id = deal.id
                 LEFT JOIN LATERAL (
                           SELECT offer.margin_pct, offer.discount_pct, %(offered)s AS planned
                             FROM kams_proposal offer
                            WHERE offer.lead_id = deal.id AND offer.state = 'submitted'
                         ORDER BY offer.submitted_at DESC NULLS LAST, offer.id DESC
                            LIMIT 1) offer ON TRUE
                 LEFT JOIN LATERAL (
                           SELECT sum(contract.amount_untaxed * contract.margin_pct)
                                  / NULLIF(sum(contract.amount_untaxed), 0) AS margin_pct
                             FROM kams_contract contract
                            WHERE contract.lead_id = deal.id AND contract.state IN ('signed', 'effective', 'closed')
                           HAVING bool_and(contract.margin_pct IS NOT NULL)) contract ON TRUE
                 LEFT JOIN LATERAL (
                           SELECT sum(%(given)s) AS amount
                             FROM kams_negotiation negotiation
                             JOIN kams_negotiation_given given ON given.negotiation_id = negotiation.id
                             JOIN calendar_event round ON round.id = given.event_id AND round.kams_record_state = 'done'
                            WHERE negotiation.lead_id = deal.id AND given.direction = 'given') negotiated ON TRUE
                 LEFT JOIN LATERAL (
                           SELECT NULLIF(sum(bond.outstanding_company), 0) AS amount
                             FROM kams_guarantee bond
                            WHERE bond.lead_id = deal.id) bond ON TRUE
                     WHERE deal.kams_process_id IS NOT NULL
                   ) row
            """,
            figures=SQL(", ").join(SQL("facts.%s", SQL.identifier(name)) for name in FIGURES),
            facts=self._facts(),
            company=self.env.company.id,
            given=given,
            offered=offered,
            **self._rates(),
        )

    # ORM
    def _asking(self, domain, names=None):
        """This model as it is asked: only for some deals, if the domain says which, and for some columns."""
        domain = Domain(domain)
        if names is not None:
            names = {word for name in names for word in WORD.findall(name)}
            names |= {word for one in domain.iter_conditions() for word in WORD.findall(one.field_expr)}
        ids = self.env["kams.money"]._ids_in(domain, ("id", "lead_id"))
        self.env.cr.execute("SET LOCAL jit = off")  # it would take longer to compile than to run
        return self.with_context(kams_money_wanted=Wanted(whole=True, lead_ids=ids, names=names))

    @api.model
    def _search(self, domain, *args, **kwargs):
        if isinstance(self.env.context.get("kams_money_wanted"), Wanted):
            return super()._search(domain, *args, **kwargs)
        return super(KamsDealMoney, self._asking(domain))._search(domain, *args, **kwargs)

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """The rows of a page are found first, and sums then read for these alone."""
        if not limit:
            return super().search_fetch(domain, field_names, offset=offset, limit=limit, order=order)
        rows = self.browse(self._search(domain, offset=offset, limit=limit, order=order or self._order))
        rows.fetch(field_names)
        return rows

    @api.model
    def _as_asked(self, domain, groupby, aggregates, having=(), order=None):
        return self._asking(domain, [*groupby, *aggregates, order or "", *(str(part) for part in having)])

    # SQL
    @api.model
    def _facts(self):
        """The sums of what the reader may see: documents that are another's are not in them.

        Only kinds of documents that somebody asks for are read.
        """
        asked = self.env["kams.money"]._wanted()
        sums = set(OF_KINDS)
        if asked.names is not None:
            sums &= asked.names.union(*(MADE_OF.get(name, ()) for name in asked.names))
        money = self.env["kams.money"]
        names = sums | {"lead_id", "kind", "lines", "collected", "company_id"}
        names |= {part.field_expr.split(".")[0] for part in money._rule().iter_conditions()}
        wanted = Wanted(
            whole=True,
            lead_ids=asked.lead_ids,
            costs=bool(sums & {"margin", "costed", "uncosted"}),
            names=None if asked.names is None else names,
            kinds=None if asked.names is None else {"forecast"}.union(*(OF_KINDS[name] for name in sums)),
        )
        money = money.with_context(kams_money_wanted=wanted)
        domain = Domain("lead_id", "in", wanted.lead_ids) if wanted.narrow else Domain("lead_id", "!=", False)
        query = money._search(domain)

        def column(name):
            return SQL.identifier(money._table, name)

        # by the deals' own table, of which PostgreSQL knows how many there are: it took the sums for few, and looked
        # through all of them for each deal
        deal = query.join(money._table, "lead_id", "crm_lead", "id", "deal")
        query.groupby = SQL.identifier(deal, "id")
        return query.select(
            SQL("%s AS lead_id", query.groupby),
            *(SQL("sum(%s) AS %s", column(name), SQL.identifier(name)) for name in FIGURES if name != "days_to_pay"),
            SQL(
                "sum(%s * %s) / NULLIF(sum(%s), 0) AS days_to_pay",
                column("days_to_pay"),
                column("collected"),
                column("collected"),
            ),
            # a margin is known when the cost of all lines is
            SQL("CASE WHEN COALESCE(sum(%s), 0) = 0 THEN sum(%s) END AS margin", column("uncosted"), column("margin")),
            SQL("sum(%s) AS costed", column("costed")),
            SQL("sum(%s) FILTER (WHERE %s = 'order') AS ordered_at_list", column("at_list"), column("kind")),
        )

    @api.model
    def _rates(self):
        """With companies of several currencies at once all is shown in that of the first, as Odoo does."""
        if len(self.env.companies.currency_id) == 1:
            return {"currency": SQL("company.currency_id"), "rate": SQL()}
        return {
            "currency": SQL("%s", self.env.company.currency_id.id),
            "rate": SQL("* %s", self.env["kams.report"]._present_rate(SQL("company.id"))),
        }

    @api.model
    def _search_display_name(self, operator, value):
        return [("lead_id.name", operator, value)]

    # ACTIONS
    @api.readonly
    def action_open_deal(self):
        self.ensure_one()
        return self.lead_id._get_records_action(name=self.lead_id.display_name)

    @api.readonly
    def action_rows(self):
        """The rows behind the figures."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("kams_sales.kams_money_action")
        views = [(False, "list"), (False, "pivot"), (False, "graph")]
        return {**action, "name": self.lead_id.name, "domain": [("lead_id", "=", self.id)], "views": views}
