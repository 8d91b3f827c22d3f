from odoo import api, fields, models


class SaleOrderLine(models.Model):
    """What a line of a deal's quotation would bring at list price, and what it costs (5.6, 7.7)."""

    _inherit = "sale.order.line"

    @api.constrains(
        lambda self: [
            *("product_id", "product_uom_id", "product_uom_qty", "price_unit", "discount", "tax_ids"),
            *(["purchase_price"] if "purchase_price" in self._fields else []),  # sale_margin
        ]
    )
    def _check_kams_authority(self):
        """Another product at the same price earns something else: the order's total doesn't tell."""
        self.order_id._check_kams_authority()

    # BUSINESS
    def _kams_prices(self):
        """``(at list price, net)`` of a line in the order's currency, without taxes.

        The list price is what the price list asks, however the quotation came to be below it: by its discount, or by
        a price that somebody typed. A line that takes something off, such as a global discount, has no list price.
        """
        self.ensure_one()
        net = self.price_subtotal
        if net < 0:
            return 0.0, net
        # what has no list price has the one that was typed
        asked = (self._get_display_price() if self.product_id and not self.combo_item_id else 0.0) or self.price_unit
        typed = self.price_unit * (1 - (self.discount or 0.0) / 100)
        if typed:
            # net of taxes in the proportion of what was typed, whether or not prices contain them
            return net * asked / typed, net
        return asked * self.product_uom_qty, net

    def _kams_unit_cost(self):
        """Cost of one in the order's currency: as the order has it (sale_margin), else the product's; None: unknown."""
        if "purchase_price" in self._fields and self.purchase_price:
            return self.purchase_price
        product, company = self.product_id.with_company(self.company_id), self.company_id
        if not product.standard_price:
            return None
        unit = self.product_uom_id or product.uom_id
        cost = product.uom_id._compute_price(product.standard_price, unit)
        day = fields.Date.context_today(self)
        return product.cost_currency_id._convert(cost, self.currency_id, company, day, round=False)
