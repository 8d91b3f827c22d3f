from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..tools import targets
from .blank import BlankFloat, BlankMonetary


class KamsDevelopmentTarget(models.Model):
    """What development must bring in a period, and how many wins and leads that asks for – beside what there is.

    Book section 3.1 大客户的开发目标与选择, formula C17: target ÷ average deal ÷ overall conversion.
    """

    _name = "kams.development.target"
    _description = "Development target"
    _inherit = ["mail.thread"]
    _order = "date_from desc, id desc"

    # Scope: what is left empty isn't narrowed down
    name = fields.Char(string="Target", required=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(string="From", required=True, default=lambda self: self._this_year()[0])
    date_to = fields.Date(string="To", required=True, default=lambda self: self._this_year()[1])
    user_id = fields.Many2one(
        "res.users", string="Salesperson", domain="[('share', '=', False)]", index="btree_not_null"
    )
    team_id = fields.Many2one("crm.team", string="Sales Team", index="btree_not_null")
    industry_id = fields.Many2one("res.partner.industry", string="Industry")
    country_id = fields.Many2one("res.country", string="Country")
    state_id = fields.Many2one("res.country.state", string="Region", domain="[('country_id', '=?', country_id)]")
    # Target
    revenue_target = fields.Monetary(required=True, tracking=True)
    new_account_target = fields.Integer(string="New Accounts Wanted", tracking=True)
    avg_deal = fields.Monetary(string="Average Deal", tracking=True)
    overall_conversion = BlankFloat(
        string="Overall Conversion (%)", tracking=True, help="Deals won ÷ deals closed, from the first lead on."
    )
    required_wins = BlankFloat(compute="_compute_required", digits=(16, 0))
    required_leads = BlankFloat(compute="_compute_required", digits=(16, 0))
    # Own history
    proposed_avg_deal = BlankMonetary(compute="_compute_proposal", string="Average Deal, Own History")
    proposed_conversion = BlankFloat(compute="_compute_proposal", string="Conversion, Own History (%)")
    proposed_from = fields.Integer(compute="_compute_proposal", string="Deals Closed in Own History")
    # Actual
    actual_leads = fields.Integer(compute="_compute_actual", string="Leads Found")
    actual_wins = fields.Integer(compute="_compute_actual", string="Deals Won")
    actual_revenue = fields.Monetary(compute="_compute_actual", string="Revenue Won")
    actual_accounts = fields.Integer(compute="_compute_actual", string="New Accounts")
    leads_share = BlankFloat(compute="_compute_share", string="Leads Reached (%)")
    wins_share = BlankFloat(compute="_compute_share", string="Wins Reached (%)")
    revenue_share = BlankFloat(compute="_compute_share", string="Revenue Reached (%)")
    accounts_share = BlankFloat(compute="_compute_share", string="New Accounts Reached (%)")

    _period = models.Constraint("CHECK (date_to >= date_from)", "A target's period ends after it begins.")

    # COMPUTES
    @api.model
    def _this_year(self):
        today = fields.Date.context_today(self)
        return today.replace(month=1, day=1), today.replace(month=12, day=31)

    @api.depends("revenue_target", "avg_deal", "overall_conversion")
    def _compute_required(self):
        for target in self:
            target.required_wins = targets.required_wins(target.revenue_target, target.avg_deal)
            target.required_leads = targets.required_leads(
                target.revenue_target, target.avg_deal, target.overall_conversion or None
            )

    @api.depends("date_from", "date_to", "user_id", "team_id", "industry_id", "country_id", "state_id", "company_id")
    def _compute_proposal(self):
        """Average deal and conversion of what was closed in the two years before, if that is enough to go by."""
        enough = self.env["kams.legal.rule"]._value("development_history_deals") or 0
        months = int(self.env["kams.legal.rule"]._value("development_history_months") or 0)
        before = relativedelta(months=months)
        figures = self._count_deals(
            [(target.date_from - before, target.date_from - relativedelta(days=1)) for target in self]
        )
        for target, found in zip(self, figures, strict=True):
            closed = found["wins"] + found["losses"]
            target.proposed_from = closed
            if closed < enough:
                target.proposed_avg_deal = target.proposed_conversion = None
                continue
            target.proposed_avg_deal = found["revenue"] / found["wins"] if found["wins"] else None
            target.proposed_conversion = targets.conversion(found["wins"], closed)

    @api.depends("date_from", "date_to", "user_id", "team_id", "industry_id", "country_id", "state_id", "company_id")
    def _compute_actual(self):
        figures = self._count_deals([(target.date_from, target.date_to) for target in self])
        for target, found in zip(self, figures, strict=True):
            target.actual_leads = found["leads"]
            target.actual_wins = found["wins"]
            target.actual_revenue = found["revenue"]
            target.actual_accounts = found["accounts"]

    @api.depends(
        "required_leads",
        "required_wins",
        "revenue_target",
        "new_account_target",
        "actual_leads",
        "actual_wins",
        "actual_revenue",
        "actual_accounts",
    )
    def _compute_share(self):
        for target in self:
            target.leads_share = targets.share(target.actual_leads, target.required_leads)
            target.wins_share = targets.share(target.actual_wins, target.required_wins)
            target.revenue_share = targets.share(target.actual_revenue, target.revenue_target)
            target.accounts_share = targets.share(target.actual_accounts, target.new_account_target)

    # CONSTRAINTS
    @api.constrains("revenue_target", "new_account_target", "avg_deal", "overall_conversion")
    def _check_figures(self):
        for target in self:
            conversion = target.overall_conversion
            if min(target.revenue_target, target.new_account_target, target.avg_deal) < 0:
                raise ValidationError(self.env._("%(target)s: a target can't be negative.", target=target.name))
            if conversion is not False and not 0 < conversion <= 100:
                raise ValidationError(
                    self.env._(
                        "%(target)s: of 100 leads more than 0 and at most 100 can be won, not %(conversion)g.",
                        target=target.name,
                        conversion=conversion,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        """What nobody typed comes from own history, where there is enough of it."""
        created = super().create(vals_list)
        for target in created:
            if not target.avg_deal and target.proposed_avg_deal:
                target.avg_deal = target.proposed_avg_deal
            if target.overall_conversion is False and target.proposed_conversion:
                target.overall_conversion = target.proposed_conversion
        return created

    # ACTIONS
    def action_use_history(self):
        """Take average deal and conversion from own history."""
        for target in self:
            if target.proposed_avg_deal is False or not target.proposed_conversion:
                raise UserError(
                    self.env._(
                        "%(target)s: only %(number)d deals were closed in this scope before. Type the average deal and "
                        "the conversion.",
                        target=target.name,
                        number=target.proposed_from,
                    )
                )
            target.write({"avg_deal": target.proposed_avg_deal, "overall_conversion": target.proposed_conversion})

    # BUSINESS
    def _count_deals(self, periods):
        """Leads found, deals won and lost, revenue won and new accounts of each target's scope in its period.

        One statement for all. Figures of all deals in scope, whoever looks: who sees a target sees how it stands.
        New is an account whose customer won its first deal in the period. Revenue is in company currency.

        :param periods: one (first day, last day) for each record
        :return: as many dicts
        """
        nothing = {"leads": 0, "wins": 0, "losses": 0, "revenue": 0.0, "accounts": 0}
        rows = [
            (
                number,
                target.company_id.id or None,
                target.user_id.id or None,
                target.team_id.id or None,
                target.industry_id.id or None,
                target.country_id.id or None,
                target.state_id.id or None,
                *period,
            )
            for number, (target, period) in enumerate(zip(self, periods, strict=True))
            if all(period)
        ]
        if not rows:
            return [nothing for _target in self]
        self.env["crm.lead"].flush_model()
        self.env["res.partner"].flush_model()
        found = self.env.execute_query_dict(
            SQL(
                """
                SELECT asked.number,
                       COUNT(*) FILTER (
                           WHERE deal.create_date::date BETWEEN asked.date_from AND asked.date_to
                       ) AS leads,
                       COUNT(*) FILTER (WHERE closed.won) AS wins,
                       COUNT(*) FILTER (WHERE closed.lost) AS losses,
                       COALESCE(SUM(deal.expected_revenue) FILTER (WHERE closed.won), 0)::float AS revenue,
                       COUNT(DISTINCT partner.commercial_partner_id) FILTER (
                           WHERE closed.won AND NOT EXISTS (
                               SELECT 1
                                 FROM crm_lead earlier
                                 JOIN res_partner person ON person.id = earlier.partner_id
                                WHERE person.commercial_partner_id = partner.commercial_partner_id
                                  AND earlier.won_status = 'won' AND earlier.date_closed::date < asked.date_from
                                  AND COALESCE(earlier.company_id, asked.company) = asked.company
                           )
                       ) AS accounts
                  FROM UNNEST(%s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[],
                              %s::date[], %s::date[])
                       AS asked (number, company, salesperson, team, industry, country, region, date_from, date_to)
                  JOIN crm_lead deal
                    ON COALESCE(deal.company_id, asked.company) = asked.company
                   AND (asked.salesperson IS NULL OR deal.user_id = asked.salesperson)
                   AND (asked.team IS NULL OR deal.team_id = asked.team)
                   AND (asked.country IS NULL OR deal.country_id = asked.country)
                   AND (asked.region IS NULL OR deal.state_id = asked.region)
                  LEFT JOIN res_partner partner ON partner.id = deal.partner_id
                  LEFT JOIN res_partner customer ON customer.id = partner.commercial_partner_id
                  CROSS JOIN LATERAL (
                      SELECT deal.won_status = 'won'
                             AND deal.date_closed::date BETWEEN asked.date_from AND asked.date_to AS won,
                             deal.won_status = 'lost'
                             AND deal.date_closed::date BETWEEN asked.date_from AND asked.date_to AS lost
                  ) closed
                 WHERE asked.industry IS NULL OR customer.industry_id = asked.industry
                 GROUP BY asked.number
                """,
                *(list(column) for column in zip(*rows, strict=True)),
            )
        )
        by_number = {row.pop("number"): row for row in found}
        return [by_number.get(number, nothing) for number in range(len(self))]
