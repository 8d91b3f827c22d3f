from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import bidding
from .blank import BlankFloat, BlankMonetary, known


class KamsTenderPriceOption(models.Model):
    """A price that we might offer, and how likely we judge it to win: which one brings most on average (C31).

    Book section 6.4 评分模拟.
    """

    _name = "kams.tender.price.option"
    _description = "Price option"
    _order = "tender_id, price, id"

    tender_id = fields.Many2one("kams.tender", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="tender_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="tender_id.currency_id")
    price = fields.Monetary(required=True)
    probability = BlankFloat(string="Chance to Win (%)", digits=(5, 1))
    cost = BlankMonetary(
        compute="_compute_cost", store=True, readonly=False, help="Our cost at this price; usually always the same."
    )
    profit = BlankMonetary(compute="_compute_profit", string="Profit if We Win")
    expected_profit = BlankMonetary(compute="_compute_profit", help="Profit if we win, times the chance to win.")
    is_best = fields.Boolean(string="Best", compute="_compute_is_best")

    # COMPUTES
    @api.depends("tender_id.our_cost")
    def _compute_cost(self):
        for option in self:
            cost = known(option.tender_id.our_cost)
            option.cost = known(option.cost) if cost is None else cost

    @api.depends("price", "probability", "cost")
    def _compute_profit(self):
        for option in self:
            option.profit = bidding.expected_profit(*option._line(chance=100.0))
            option.expected_profit = bidding.expected_profit(*option._line())

    @api.depends("tender_id.option_ids.price", "tender_id.option_ids.probability", "tender_id.option_ids.cost")
    def _compute_is_best(self):
        self.is_best = False
        for tender in self.tender_id:
            tender._best_option().is_best = True

    # CONSTRAINTS
    @api.constrains("price", "probability", "cost")
    def _check_numbers(self):
        for option in self:
            if option.price <= 0 or (known(option.cost) or 0) < 0 or not 0 <= (known(option.probability) or 0) <= 100:
                raise ValidationError(
                    self.env._(
                        "A price option of %(tender)s needs a price above 0, a cost that isn't negative and a chance "
                        "from 0 to 100 %%.",
                        tender=option.tender_id.display_name,
                    )
                )

    # BUSINESS
    def _line(self, chance=None):
        self.ensure_one()
        return self.price or None, known(self.probability) if chance is None else chance, known(self.cost)
