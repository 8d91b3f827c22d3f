from odoo import api, fields, models

from .kams_supply_position import KRALJIC, PREFERENCING


class KamsSupplyAdvice(models.Model):
    """What to do where the customer's view of a category and our view of the customer meet (2.2, joint reading)."""

    _name = "kams.supply.advice"
    _description = "Advice on a supply position"
    _order = "kraljic, preferencing, id"
    _rec_name = "advice"

    kraljic = fields.Selection(KRALJIC, string="Category to Them", required=True)
    preferencing = fields.Selection(PREFERENCING, string="Customer to Us", help="Empty: whatever they are to us.")
    advice = fields.Text(required=True, translate=True)
    source = fields.Char()

    _place_uniq = models.UniqueIndex(
        "(kraljic, COALESCE(preferencing, ''))", "There is advice for this pair already: change that."
    )

    @api.model
    def _by_place(self):
        """``{(kraljic, preferencing or False): advice}``."""
        return {
            (row.kraljic, row.preferencing): row.advice
            for row in self.search_fetch([("advice", "!=", False)], ["kraljic", "preferencing", "advice"])
        }
