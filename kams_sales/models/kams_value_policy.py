from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.valuation import CLV_CONVENTIONS

CONVENTIONS = [
    ("year_end", "(a) Margins at the end of each year, for ever"),
    ("year_start", "(b) First margin now, for ever"),
    ("horizon", "(c) Margins at year end, up to a horizon"),
]


class KamsValuePolicy(models.Model):
    """The weights, rates and thresholds by which customers are valued and tiers proposed (2.3 大客户价值分析).

    None of them is a constant in code, each has a source. A company without its own uses the shared one;
    an analysis copies what it was made with, so that a later edit never rescores the past.
    """

    _name = "kams.value.policy"
    _description = "Customer value policy"
    _order = "company_id, id"

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one("res.company", index=True)
    source = fields.Text(required=True, help="Where these weights and thresholds come from, and who decided them.")
    # Sub-scores
    weight_current = fields.Float(string="Weight of Current Value", default=30.0)
    weight_potential = fields.Float(string="Weight of Potential", default=30.0)
    weight_strategic = fields.Float(string="Weight of Strategic Value", default=25.0)
    weight_risk = fields.Float(string="Weight of Cost and Risk", default=15.0)
    # Grades
    grade_a = fields.Float(string="Grade A From", default=75.0)
    grade_b = fields.Float(string="Grade B From", default=60.0)
    grade_c = fields.Float(string="Grade C From", default=40.0)
    # Tiers
    top_a = fields.Float(string="Tier A Within the Top %", default=10.0)
    top_b = fields.Float(string="Tier B Within the Top %", default=30.0)
    # Money
    capital_rate = fields.Float(string="Cost of Capital (% a Year)", default=6.0)
    clv_convention = fields.Selection(CONVENTIONS, string="CLV Convention", default="year_end", required=True)
    retention_rate = fields.Float(string="Retention Rate (%)", default=80.0)
    discount_rate = fields.Float(string="Discount Rate (%)", default=10.0)
    horizon_years = fields.Integer(string="Horizon (Years)", default=3)
    target_share = fields.Float(string="Target Wallet Share (%)", default=40.0)
    # Portfolio
    fiocca_cut = fields.Float(string="Fiocca: High From", default=5.5)
    cell_low = fields.Float(string="Nine Cells: Middle From", default=4.0)
    cell_high = fields.Float(string="Nine Cells: High From", default=7.0)

    _company_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0))", "A company has one value policy, and one is shared: change that one instead."
    )

    # CONSTRAINTS
    @api.constrains("weight_current", "weight_potential", "weight_strategic", "weight_risk")
    def _check_weights(self):
        for policy in self:
            weights = policy._weights()
            if min(weights) < 0 or abs(sum(weights) - 100) > 0.005:
                raise ValidationError(
                    self.env._(
                        "The weights of %(policy)s sum to %(sum)s. Make them sum to 100, none below zero.",
                        policy=policy.name,
                        sum=round(sum(weights), 2),
                    )
                )

    @api.constrains("grade_a", "grade_b", "grade_c", "top_a", "top_b", "cell_low", "cell_high")
    def _check_order(self):
        for policy in self:
            if not (
                100 >= policy.grade_a > policy.grade_b > policy.grade_c > 0
                and 0 < policy.top_a <= policy.top_b <= 100
                and policy.cell_low < policy.cell_high
            ):
                raise ValidationError(
                    self.env._(
                        "The thresholds of %(policy)s are out of order: grades fall from A to C, the top of tier A "
                        "lies within that of B, and the middle of the nine cells begins before the high.",
                        policy=policy.name,
                    )
                )

    @api.constrains("retention_rate", "discount_rate", "clv_convention", "horizon_years")
    def _check_convergence(self):
        for policy in self:
            if policy.clv_convention != CLV_CONVENTIONS[2] and policy.retention_rate >= 100 + policy.discount_rate:
                raise ValidationError(
                    self.env._(
                        "With %(policy)s a lifetime value would never end: take a retention rate below "
                        "100 %% plus the discount rate, or a horizon.",
                        policy=policy.name,
                    )
                )
            if policy.clv_convention == CLV_CONVENTIONS[2] and policy.horizon_years < 1:
                raise ValidationError(self.env._("Give %(policy)s a horizon of at least one year.", policy=policy.name))

    # BUSINESS
    def _weights(self):
        self.ensure_one()
        return self.weight_current, self.weight_potential, self.weight_strategic, self.weight_risk

    @api.model
    def _by_company(self, companies):
        """``{company id: its policy}``, the shared one for those without, else the defaults; one statement for all."""
        # sudo: how customers are valued is no secret from those who see a value; nothing else is read
        found = self.sudo().search([("company_id", "in", [*companies.ids, False])])
        own = {policy.company_id.id: policy for policy in found}
        shared = own.get(False) or self.sudo().new({})
        return {company.id: own.get(company.id, shared) for company in companies}
