from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from ..tools import scoring
from .blank import BlankFloat, BlankMonetary, known

KRALJIC = [
    ("strategic", "Strategic"),
    ("leverage", "Leverage"),
    ("bottleneck", "Bottleneck"),
    ("noncritical", "Non-critical"),
]
PREFERENCING = [
    ("core", "Core"),
    ("development", "Development"),
    ("exploitable", "Exploitable"),
    ("nuisance", "Nuisance"),
]
FROM_THE_BOOKS = {"our_sales", "account_sales", "company_sales", "figures_on"}


class KamsSupplyPosition(models.Model):
    """How the customer buys one category, what it is to them, what they are to us, and so how to sell it.

    Book section 2.2 了解大客户的供应商战略; formulas C16 and C23. Sales are taken from posted invoices of the twelve
    months up to ``as_of``; impact, risk and the customer's judgement of its suppliers come from scorecards.
    """

    _name = "kams.supply.position"
    _description = "Supply position"
    _inherit = ["kams.account.part"]
    _order = "account_id, category_id"

    # What they buy, and how
    category_id = fields.Many2one(
        "product.category", string="Purchase Category", required=True, ondelete="restrict", index=True
    )
    as_of = fields.Date(required=True, default=fields.Date.context_today)
    annual_spend = fields.Monetary(help="What the customer spends on this category in a year, with all suppliers.")
    supplier_count = fields.Integer(string="Number of Suppliers")
    sourcing = fields.Selection([("single", "Single"), ("dual", "Dual"), ("multi", "Multiple")])
    centralisation = fields.Selection([("central", "Central"), ("local", "Local"), ("mixed", "Mixed")])
    contract_cycle = fields.Integer(string="Contract Cycle (Months)")
    next_sourcing_date = fields.Date(string="Next Sourcing")
    incumbent_ids = fields.Many2many("res.partner", string="Incumbents", help="Who supplies it today, besides us.")
    qualification_status = fields.Selection(
        [
            ("none", "Not Shortlisted"),
            ("listed", "Shortlisted"),
            ("qualified", "Qualified"),
            ("preferred", "Preferred"),
            ("strategic", "Strategic"),
        ],
        string="Our Qualification",
    )
    step_ids = fields.One2many("kams.supply.step", "position_id", string="Purchasing Process")
    note = fields.Text()
    # Sales, taken from posted invoices
    our_sales = fields.Monetary(readonly=True, copy=False, help="Posted invoices minus refunds of this category.")
    account_sales = fields.Monetary(readonly=True, copy=False, string="Our Sales to the Customer")
    company_sales = fields.Monetary(readonly=True, copy=False, string="Our Sales to All")
    figures_on = fields.Datetime(string="Sales Taken On", readonly=True, copy=False)
    our_share = BlankFloat(compute="_compute_share", store=True, string="Our Share (%)")
    target_share = BlankFloat(string="Wanted Share (%)")
    share_gap = BlankMonetary(compute="_compute_share", store=True, string="Sales to the Wanted Share")
    # What the category is to them
    scorecard_ids = fields.One2many("kams.scorecard", "supply_id", string="Supply Scorecards")
    profit_impact = BlankFloat(compute="_compute_judged", store=True, string="Profit Impact (1–5)")
    supply_risk = BlankFloat(compute="_compute_judged", store=True, string="Supply Risk (1–5)")
    kraljic = fields.Selection(KRALJIC, compute="_compute_quadrants", store=True, string="Category to Them")
    supplier_score = BlankFloat(compute="_compute_judged", store=True, string="Their Score of Us")
    competitor_score = BlankFloat(compute="_compute_judged", store=True, string="Their Score of the Best Rival")
    # What they are to us
    attractiveness = BlankFloat(string="Account Attractiveness (1–5)")
    relative_value = BlankFloat(compute="_compute_share", store=True, string="Share of Our Sales (%)")
    value_level = fields.Selection(
        [("negligible", "Negligible"), ("low", "Low"), ("moderate", "Moderate"), ("high", "High")],
        compute="_compute_quadrants",
        store=True,
    )
    preferencing = fields.Selection(PREFERENCING, compute="_compute_quadrants", store=True, string="Customer to Us")
    advice = fields.Text(compute="_compute_advice")

    _account_category_uniq = models.UniqueIndex(
        "(account_id, category_id)", "An account has one supply position per category: open that one instead."
    )
    _not_negative = models.Constraint(
        "CHECK (annual_spend >= 0 AND supplier_count >= 0 AND contract_cycle >= 0)",
        "Spend, number of suppliers and contract cycle can't be negative.",
    )

    # COMPUTES
    @api.depends("account_id.name", "category_id.name")
    def _compute_display_name(self):
        for position in self:
            position.display_name = f"{position.category_id.name or ''} – {position.account_id.name or ''}"

    @api.depends("annual_spend", "our_sales", "account_sales", "company_sales", "target_share")
    def _compute_share(self):
        """C16: our part of what they spend, and what is missing to the part we want."""
        for position in self:
            share = scoring.ratio(position.our_sales, position.annual_spend)
            position.our_share = None if share is None else 100 * share
            wanted = position.target_share
            position.share_gap = (
                None
                if share is None or wanted is False
                else max(0.0, position.annual_spend * wanted / 100 - position.our_sales)
            )
            value = scoring.ratio(position.account_sales, position.company_sales)
            position.relative_value = None if value is None else 100 * value

    @api.depends("scorecard_ids.state", "scorecard_ids.date", "scorecard_ids.rating", "scorecard_ids.competitor_rating")
    def _compute_judged(self):
        """The latest card of each kind that is done."""
        for position in self:
            latest = {
                card.template_id.code: card
                for card in position.scorecard_ids.filtered(lambda card: card.state == "done").sorted(
                    lambda card: (card.date, card.id)
                )
            }
            impact, risk, supplier = (
                latest.get(code) for code in ("kraljic_impact", "kraljic_risk", "supplier_scorecard")
            )
            position.profit_impact = impact.rating if impact else None
            position.supply_risk = risk.rating if risk else None
            position.supplier_score = supplier.rating if supplier else None
            rival = supplier and any(supplier.line_ids.mapped("best_answered"))
            position.competitor_score = supplier.competitor_rating if rival else None

    @api.depends("profit_impact", "supply_risk", "attractiveness", "relative_value", "as_of")
    def _compute_quadrants(self):
        """C23, by the cuts that held on the day of the analysis; without a cut there is no telling."""
        rule = self.env["kams.legal.rule"]._value
        for position in self:
            day = position.as_of or fields.Date.context_today(self)
            impact, risk = known(position.profit_impact), known(position.supply_risk)
            cut = rule("kraljic_cut", day)
            position.kraljic = cut is not None and scoring.kraljic(impact, risk, cut)
            value = known(position.relative_value)
            cuts = [rule(f"preferencing_value_{level}", day) for level in ("low", "moderate", "high")]
            cut = rule("preferencing_attractiveness_cut", day)
            position.value_level = position.preferencing = False
            if value is None or None in cuts:
                continue
            levels = ("negligible", "low", "moderate", "high")
            position.value_level = levels[scoring.band(value, [float("-inf"), *cuts])]
            if cut is not None:
                position.preferencing = scoring.preferencing(known(position.attractiveness), value, cut, cuts[1])

    @api.depends("kraljic", "preferencing")
    @api.depends_context("lang")
    def _compute_advice(self):
        advice = self.env["kams.supply.advice"]._by_place()
        for position in self:
            place = (position.kraljic, position.preferencing)
            position.advice = all(place) and (advice.get(place) or advice.get((position.kraljic, False)))

    # CONSTRAINTS
    @api.constrains("attractiveness", "target_share")
    def _check_scales(self):
        for position in self:
            if position.attractiveness is not False and not 1 <= position.attractiveness <= 5:
                raise ValidationError(
                    self.env._(
                        "%(position)s: attractiveness goes from 1 to 5, not %(value)g.",
                        position=position.display_name,
                        value=position.attractiveness,
                    )
                )
            if position.target_share is not False and not 0 <= position.target_share <= 100:
                raise ValidationError(
                    self.env._(
                        "%(position)s: a share goes from 0 to 100 %%, not %(value)g.",
                        position=position.display_name,
                        value=position.target_share,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        self._check_from_the_books(name for vals in vals_list for name in vals)
        positions = super().create(vals_list)
        positions._take_sales()
        return positions

    def write(self, vals):
        self._check_from_the_books(vals)
        result = super().write(vals)
        if not {"category_id", "as_of", "account_id"}.isdisjoint(vals):
            self._take_sales()
        return result

    def _check_from_the_books(self, names):
        """Sales come from posted invoices, on every route."""
        if not self.env.su and not FROM_THE_BOOKS.isdisjoint(names):
            raise AccessError(self.env._("Current figures of an account come from the books and can't be changed."))

    # ACTIONS
    def action_take_sales(self):
        """Take sales of the twelve months up to today."""
        self.as_of = fields.Date.context_today(self)

    def action_judge_impact(self):
        return self._judge("kraljic_impact")

    def action_judge_risk(self):
        return self._judge("kraljic_risk")

    def action_judge_supplier(self):
        return self._judge("supplier_scorecard")

    # BUSINESS
    def _judge(self, code):
        """Open the card that is being filled in; else start one, from the last answers if there are any."""
        self.ensure_one()
        cards = self.scorecard_ids.filtered(lambda card: card.template_id.code == code).sorted(
            lambda card: (card.date, card.id)
        )
        card = cards.filtered(lambda card: card.state == "draft")[-1:]
        if not card and cards:
            card = cards[-1]._score_again()
        elif not card:
            template = self.env["kams.scorecard.template"].search(
                [("code", "=", code), ("state", "=", "active")], limit=1
            )
            card = self.env["kams.scorecard"].create(
                {"template_id": template.id, "account_id": self.account_id.id, "supply_id": self.id}
            )
        return card._get_records_action(name=card.template_id.name)

    def _take_sales(self):
        """Sales of the category, to the customer and to all, in company currency at the invoices' rates.

        Two statements for all positions. Totals only, of the customer whose account is at hand and of the company.
        """
        rows = [
            (
                position.id,
                position.account_id.partner_id.id,
                position.company_id.id,
                position.category_id.parent_path or f"{position.category_id.id}/",
                position.as_of - relativedelta(years=1),
                position.as_of,
            )
            for position in self
        ]
        if not rows:
            return
        for model in ("account.move", "account.move.line", "product.category"):
            self.env[model].flush_model()
        of_customer = self.env.execute_query(
            SQL(
                """
                SELECT asked.id,
                       -SUM(line.balance) FILTER (WHERE category.parent_path LIKE asked.path || '%%'),
                       -SUM(line.balance)
                  FROM UNNEST(%s::int[], %s::int[], %s::int[], %s::text[], %s::date[], %s::date[])
                       AS asked (id, partner, company, path, after, until)
                  JOIN account_move_line line
                    ON line.partner_id = asked.partner AND line.company_id = asked.company
                   AND line.parent_state = 'posted' AND line.display_type = 'product'
                  JOIN account_move move
                    ON move.id = line.move_id AND move.move_type IN ('out_invoice', 'out_refund')
                   AND move.invoice_date > asked.after AND move.invoice_date <= asked.until
                  LEFT JOIN product_product product ON product.id = line.product_id
                  LEFT JOIN product_template template ON template.id = product.product_tmpl_id
                  LEFT JOIN product_category category ON category.id = template.categ_id
                 GROUP BY asked.id
                """,
                *(list(column) for column in zip(*rows, strict=True)),
            )
        )
        wanted = sorted({(row[2], row[4], row[5]) for row in rows})
        of_company = self.env.execute_query(
            SQL(
                """
                SELECT asked.company, asked.until, -SUM(line.balance)
                  FROM UNNEST(%s::int[], %s::date[], %s::date[]) AS asked (company, after, until)
                  JOIN account_move move
                    ON move.company_id = asked.company AND move.state = 'posted'
                   AND move.move_type IN ('out_invoice', 'out_refund')
                   AND move.invoice_date > asked.after AND move.invoice_date <= asked.until
                  JOIN account_move_line line ON line.move_id = move.id AND line.display_type = 'product'
                 GROUP BY asked.company, asked.until
                """,
                *(list(column) for column in zip(*wanted, strict=True)),
            )
        )
        found = {id_: (category or 0.0, customer or 0.0) for id_, category, customer in of_customer}
        totals = {(company, until): total or 0.0 for company, until, total in of_company}
        for position in self:
            category, customer = found.get(position.id, (0.0, 0.0))
            # sudo: sales are nobody's to write by hand; who got here may write the position
            position.sudo().update(
                {
                    "our_sales": category,
                    "account_sales": customer,
                    "company_sales": totals.get((position.company_id.id, position.as_of), 0.0),
                    "figures_on": fields.Datetime.now(),
                }
            )


class KamsSupplyStep(models.Model):
    """One step of how the customer buys: who decides what, and how long it takes (2.2)."""

    _name = "kams.supply.step"
    _description = "Step of a purchasing process"
    _order = "position_id, sequence, id"

    position_id = fields.Many2one("kams.supply.position", required=True, ondelete="cascade", index=True)
    account_id = fields.Many2one(related="position_id.account_id", store=True, index=True)
    company_id = fields.Many2one(related="position_id.company_id", store=True, index=True)
    customer_id = fields.Many2one(related="position_id.account_id.partner_id")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Step", required=True)
    partner_id = fields.Many2one("res.partner", string="Who Decides", domain="[('id', 'child_of', customer_id)]")
    days = fields.Integer(string="Takes (Days)")
    note = fields.Char(string="What Counts Here")
