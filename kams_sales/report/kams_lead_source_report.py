from odoo import api, fields, models
from odoo.tools import SQL

from ..models.blank import BlankFloat, BlankMonetary

KINDS = [("all", "All Time"), ("year", "Year"), ("quarter", "Quarter"), ("month", "Month")]
# Those who read every lead: costs of a source over the leads of one salesperson would mislead
SEE_ALL = ("sales_team.group_sale_salesman_all_leads",) + tuple(
    f"kams_sales.group_{name}" for name in ("bid_desk", "legal", "finance", "delivery", "auditor")
)


class KamsLeadSourceReport(models.Model):
    """What each source of leads brings: leads, conversion, median response time, cost per lead, by period.

    Book section 3.3 (发现客户线索). A lead counts in the period in which it was discovered, with what has become
    of it since. Medians cannot be added up, so each period and the total of its sources are computed of
    themselves. Each user's figures are those of the leads that they may read.
    """

    _name = "kams.lead.source.report"
    _description = "Leads by source"
    _auto = False
    _order = "date_from desc, kind, scope desc, leads desc, id"
    _rec_name = "label"

    kind = fields.Selection(KINDS, string="Period", readonly=True)
    date_from = fields.Date(string="From", readonly=True)
    date_to = fields.Date(string="To", readonly=True)
    scope = fields.Selection([("source", "One Source"), ("total", "All Sources")], string="Row", readonly=True)
    source_id = fields.Many2one("kams.lead.source", string="Lead Source", readonly=True)
    label = fields.Char(string="Source", compute="_compute_label")
    currency_id = fields.Many2one("res.currency", readonly=True)
    # What came of it
    leads = fields.Integer(readonly=True, aggregator=None)
    opportunities = fields.Integer(readonly=True, aggregator=None)
    won = fields.Integer(readonly=True, aggregator=None)
    conversion = BlankFloat(string="Converted (%)", readonly=True, aggregator=None)
    # How soon it was answered
    answered = fields.Integer(readonly=True, aggregator=None)
    waiting = fields.Integer(string="Waiting for Us", readonly=True, aggregator=None)
    overdue = fields.Integer(string="Overdue or Late", readonly=True, aggregator=None)
    median_hours = BlankFloat(string="Median Response (Hours)", readonly=True, aggregator=None)
    # What it cost
    cost = BlankMonetary(currency_field="currency_id", readonly=True, aggregator=None)
    cost_per_lead = BlankMonetary(currency_field="currency_id", readonly=True, aggregator=None)
    cost_per_opportunity = BlankMonetary(currency_field="currency_id", readonly=True, aggregator=None)

    @api.depends("source_id", "scope")
    @api.depends_context("lang")
    def _compute_label(self):
        for row in self:
            if row.scope == "total":
                row.label = self.env._("All sources")
            else:
                row.label = row.source_id.name or self.env._("Not said")

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            WITH counted AS (
                SELECT kind, start, COALESCE(source_id, 0) AS source, GROUPING(source_id) AS total,
                       count(*) AS leads,
                       count(*) FILTER (WHERE type = 'opportunity') AS opportunities,
                       count(*) FILTER (WHERE won_status = 'won') AS won,
                       count(hours) AS answered,
                       count(*) FILTER (WHERE state IN ('waiting', 'overdue')) AS waiting,
                       count(*) FILTER (WHERE state IN ('late', 'overdue')) AS overdue,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) AS median_hours
                  FROM (%(leads)s) lead
              GROUP BY GROUPING SETS ((kind, start, source_id), (kind, start))
            ), spent AS (
                SELECT kind, start, COALESCE(source_id, 0) AS source, GROUPING(source_id) AS total,
                       sum(amount) AS cost
                  FROM (%(costs)s) cost
              GROUP BY GROUPING SETS ((kind, start, source_id), (kind, start))
            )
            SELECT source * 100000 + total * 50000
                   + CASE kind WHEN 'year' THEN 10000 WHEN 'quarter' THEN 20000 WHEN 'month' THEN 30000 ELSE 0 END
                   + (extract(year FROM start)::int - 1900) * 12 + extract(month FROM start)::int AS id,
                   kind, CASE WHEN kind <> 'all' THEN start END AS date_from,
                   CASE WHEN kind <> 'all' THEN (start + ('1 ' || replace(kind, 'quarter', 'month'))::interval
                              * CASE kind WHEN 'quarter' THEN 3 ELSE 1 END)::date - 1 END AS date_to,
                   CASE total WHEN 1 THEN 'total' ELSE 'source' END AS scope,
                   NULLIF(source, 0) AS source_id, %(currency)s AS currency_id,
                   COALESCE(leads, 0) AS leads, COALESCE(opportunities, 0) AS opportunities,
                   COALESCE(won, 0) AS won, COALESCE(answered, 0) AS answered,
                   COALESCE(waiting, 0) AS waiting, COALESCE(overdue, 0) AS overdue,
                   median_hours,
                   100.0 * opportunities / NULLIF(leads, 0) AS conversion,
                   cost,
                   cost / NULLIF(leads, 0) AS cost_per_lead,
                   cost / NULLIF(opportunities, 0) AS cost_per_opportunity
              FROM counted
         FULL JOIN spent USING (kind, start, source, total)
            """,
            leads=self._leads(),
            costs=self._costs(),
            currency=self.env.company.currency_id.id,
        )

    @api.model
    def _leads(self):
        """Each readable lead, once for each kind of period."""
        lead = self.env["crm.lead"].with_context(active_test=False)
        return SQL(
            """
            SELECT l.id, period.kind, period.start, l.kams_lead_source_id AS source_id, l.type, l.won_status,
                   clock.hours, clock.state
              FROM (%(clock)s) clock
              JOIN crm_lead l ON l.id = clock.id
        CROSS JOIN LATERAL (SELECT (clock.since AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day) found
        CROSS JOIN LATERAL (VALUES %(periods)s) AS period (kind, start)
             WHERE l.id IN %(readable)s
            """,
            clock=lead._kams_clock(),
            tz=str(self.env.tz),
            periods=self._periods("found.day"),
            readable=lead._search([]).subselect(),
        )

    @api.model
    def _costs(self):
        """``(kind, start, source_id, amount)``: each cost, shared among the periods it touches by their days."""
        self.env["kams.lead.cost"].flush_model()
        if not (self.env.su or any(map(self.env.user.has_group, SEE_ALL))):
            return SQL(
                "SELECT NULL::text AS kind, NULL::date AS start, NULL::int AS source_id, 0 AS amount WHERE FALSE"
            )
        rates = [
            SQL(
                "(%s::int, %s::numeric)",
                company.id,
                self.env["res.currency"]._get_conversion_rate(
                    company.currency_id, self.env.company.currency_id, self.env.company, fields.Date.context_today(self)
                ),
            )
            for company in self.env.companies
        ]
        return SQL(
            """
            SELECT period.kind, period.start, c.source_id,
                   sum(c.company_amount * rate.rate / (c.date_to - c.date_from + 1)) AS amount
              FROM kams_lead_cost c
              JOIN (VALUES %(rates)s) AS rate (company_id, rate) ON rate.company_id = c.company_id
        CROSS JOIN LATERAL generate_series(c.date_from, c.date_to, interval '1 day') AS each (day)
        CROSS JOIN LATERAL (VALUES %(periods)s) AS period (kind, start)
          GROUP BY period.kind, period.start, c.source_id
            """,
            rates=SQL(", ").join(rates),
            periods=self._periods("each.day"),
        )

    @api.model
    def _periods(self, day):
        return SQL(
            """('all', DATE '1900-01-01'), ('year', date_trunc('year', %(day)s)::date),
               ('quarter', date_trunc('quarter', %(day)s)::date), ('month', date_trunc('month', %(day)s)::date)""",
            day=SQL(day),
        )

    # ACTIONS
    @api.readonly
    def action_leads(self):
        """Open the leads of this row."""
        return self._open(self.env._("Leads"))

    @api.readonly
    def action_opportunities(self):
        return self._open(self.env._("Opportunities"), ("type", "=", "opportunity"))

    @api.readonly
    def action_won(self):
        return self._open(self.env._("Won"), ("won_status", "=", "won"))

    @api.readonly
    def action_answered(self):
        return self._open(self.env._("Answered"), ("kams_response_state", "in", ["on_time", "late"]))

    @api.readonly
    def action_waiting(self):
        return self._open(self.env._("Waiting for Us"), ("kams_response_state", "in", ["waiting", "overdue"]))

    @api.readonly
    def action_overdue(self):
        return self._open(self.env._("Overdue or Late"), ("kams_response_state", "in", ["late", "overdue"]))

    @api.readonly
    def action_costs(self):
        """Open the costs that touch this period."""
        self.ensure_one()
        domain = [("company_id", "in", self.env.companies.ids)]
        if self.scope == "source":
            domain.append(("source_id", "=", self.source_id.id))
        if self.kind != "all":
            domain += [("date_from", "<=", self.date_to), ("date_to", ">=", self.date_from)]
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_lead_cost_action")
        return dict(action, domain=domain)

    def _open(self, name, *conditions):
        self.ensure_one()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM (%s) lead WHERE kind = %s AND start = %s::date%s",
                self._leads(),
                self.kind,
                self.date_from or "1900-01-01",
                SQL(" AND source_id IS NOT DISTINCT FROM %s", self.source_id.id or None)
                if self.scope == "source"
                else SQL(),
            )
        )
        return {
            "type": "ir.actions.act_window",
            "name": f"{self.label}: {name}",
            "res_model": "crm.lead",
            "view_mode": "list,form",
            "views": [(self.env.ref("kams_sales.crm_lead_view_list_clue").id, "list"), (False, "form")],
            "domain": [("id", "in", [row[0] for row in rows]), *conditions],
            "context": {"active_test": False, "create": False},
        }
