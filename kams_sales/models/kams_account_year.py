from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import finance
from .blank import BlankFloat, BlankMonetary, known

# What is typed from the customer's accounts
FIGURES = (
    "revenue",
    "gross_profit",
    "net_profit",
    "total_assets",
    "total_liabilities",
    "current_assets",
    "current_liabilities",
    "inventory",
    "receivables",
    "retained_earnings",
    "ebit",
    "market_value",
    "capex",
    "it_budget",
)
ALTMAN_FIGURES = (
    "current_assets",
    "current_liabilities",
    "total_assets",
    "total_liabilities",
    "retained_earnings",
    "ebit",
    "market_value",
    "revenue",
)
ALTMAN_WEIGHTS = ("altman_x1", "altman_x2", "altman_x3", "altman_x4", "altman_x5")


class KamsAccount(models.Model):
    """The customer's own books, year by year (2.1: finance)."""

    _inherit = "kams.account"

    year_ids = fields.One2many("kams.account.year", "account_id", string="Yearly Figures")


class KamsAccountYear(models.Model):
    """One year of the customer's books, as somebody found them, with the ratios that follow (2.1; C13).

    A figure that nobody found is empty, not 0: what would follow from it is empty too.
    """

    _name = "kams.account.year"
    _description = "Yearly figures"
    _inherit = ["kams.account.part"]
    _order = "account_id, year desc"
    _rec_name = "year"

    year = fields.Char(required=True, size=4, help="The financial year, four digits.")
    # Income
    revenue = BlankMonetary()
    gross_profit = BlankMonetary()
    ebit = BlankMonetary(string="EBIT", help="Earnings before interest and tax.")
    net_profit = BlankMonetary()
    # Balance sheet
    total_assets = BlankMonetary()
    current_assets = BlankMonetary()
    inventory = BlankMonetary()
    receivables = BlankMonetary()
    total_liabilities = BlankMonetary()
    current_liabilities = BlankMonetary()
    retained_earnings = BlankMonetary()
    market_value = BlankMonetary(help="Market value of equity; of an unlisted customer, its equity.")
    # Spending
    capex = BlankMonetary(string="Capital Spending")
    it_budget = BlankMonetary(string="IT Budget")
    # Where it is from
    source = fields.Char(help="Annual report, business registry, the customer's word.")
    typed_by_id = fields.Many2one(
        "res.users", string="Typed By", readonly=True, copy=False, default=lambda self: self.env.user
    )
    # What follows
    growth = BlankFloat(string="Growth (%)", compute="_compute_growth", digits=(16, 1))
    gross_margin = BlankFloat(string="Gross Margin (%)", compute="_compute_ratios", digits=(16, 1))
    net_margin = BlankFloat(string="Net Margin (%)", compute="_compute_ratios", digits=(16, 1))
    current_ratio = BlankFloat(compute="_compute_ratios", digits=(16, 2))
    debt_ratio = BlankFloat(string="Debt Ratio (%)", compute="_compute_ratios", digits=(16, 1))
    roe = BlankFloat(
        string="ROE (%)", compute="_compute_ratios", digits=(16, 1), help="Net profit ÷ (assets − liabilities)."
    )
    receivable_days = BlankFloat(string="Receivable Days", compute="_compute_ratios", digits=(16, 0))
    altman_z = BlankFloat(string="Altman Z", compute="_compute_altman", digits=(16, 2))
    altman_zone = fields.Selection(
        [("distress", "Distress"), ("grey", "Grey"), ("safe", "Safe")], string="Altman Zone", compute="_compute_altman"
    )

    _year_uniq = models.UniqueIndex("(account_id, year)", "An account has one line of figures per year.")

    # COMPUTES
    @api.depends("revenue", "year", "account_id.year_ids.revenue", "account_id.year_ids.year")
    def _compute_growth(self):
        revenues = {(line.account_id, line.year): known(line.revenue) for line in self.account_id.year_ids}
        for line in self:
            before = str(int(line.year) - 1) if _is_year(line.year) else False
            line.growth = finance.growth(known(line.revenue), revenues.get((line.account_id._origin, before)))

    @api.depends(*FIGURES)
    def _compute_ratios(self):
        for line in self:
            year = line._figures()
            line.gross_margin = finance.percent(year["gross_profit"], year["revenue"])
            line.net_margin = finance.percent(year["net_profit"], year["revenue"])
            line.current_ratio = finance.ratio(year["current_assets"], year["current_liabilities"])
            line.debt_ratio = finance.percent(year["total_liabilities"], year["total_assets"])
            line.roe = finance.return_on_equity(year["net_profit"], year["total_assets"], year["total_liabilities"])
            line.receivable_days = finance.turnover_days(year["receivables"], year["revenue"])

    @api.depends("year", *FIGURES)
    def _compute_altman(self):
        value = self.env["kams.legal.rule"]._value
        for line in self:
            # the method that was in force when the year closed
            day = fields.Date.to_date(f"{line.year}-12-31") if _is_year(line.year) else None
            year = line._figures()
            factors = finance.altman_factors(**{name: year[name] for name in ALTMAN_FIGURES})
            z = finance.altman_z(factors, [value(key, day) for key in ALTMAN_WEIGHTS])
            line.altman_z = z
            line.altman_zone = finance.altman_zone(z, value("altman_distress", day), value("altman_safe", day))

    # CONSTRAINTS
    @api.constrains("year")
    def _check_year(self):
        for line in self:
            if not _is_year(line.year):
                raise ValidationError(
                    self.env._(
                        "%(account)s: “%(year)s” is no year. Write four digits, like 2026.",
                        account=line.account_id.display_name,
                        year=line.year,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, "typed_by_id": self.env.uid} for vals in vals_list])

    def write(self, vals):
        if not vals.keys().isdisjoint((*FIGURES, "typed_by_id")):
            vals = {**vals, "typed_by_id": self.env.uid}  # nobody's name stands on what another typed
        return super().write(vals)

    # BUSINESS
    def _figures(self):
        """What is known of the year, None for what is not."""
        return {name: known(self[name]) for name in FIGURES}


def _is_year(text):
    return bool(text) and len(text) == 4 and text.isdecimal() and text.isascii() and 1900 <= int(text) <= 2199
