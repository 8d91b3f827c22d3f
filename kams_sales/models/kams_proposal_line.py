from odoo import api, fields, models

from .blank import BlankMonetary, known
from .insiders import INSIDERS


class KamsProposalLine(models.Model):
    """A line of the price sheet: what the customer pays for something, and what it costs us (5.6 投资与报价).

    Cost and margin are ours alone: nothing that goes to a customer reads them. A cost that isn't known is empty.
    """

    _name = "kams.proposal.line"
    _description = "Price line"
    _inherit = ["kams.computed.mixin"]
    _order = "proposal_id, sequence, id"

    proposal_id = fields.Many2one("kams.proposal", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="proposal_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="proposal_id.currency_id")
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one("product.product", string="Product", ondelete="restrict", index="btree_not_null")
    name = fields.Char(
        string="Description",
        required=True,
        compute="_compute_from_product",
        store=True,
        readonly=False,
        precompute=True,
    )
    quantity = fields.Float(default=1.0, digits="Product Unit")
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit of Measure",
        compute="_compute_from_product",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
    )
    list_price = fields.Float(
        string="List Price",
        digits=(16, 6),
        compute="_compute_from_product",
        store=True,
        readonly=False,
        precompute=True,
    )
    discount = fields.Float(string="Discount (%)", digits=(16, 2))
    price_unit = fields.Float(string="Net Price", digits=(16, 6), compute="_compute_price", store=True)
    subtotal = fields.Monetary(compute="_compute_price", store=True)
    cost = BlankMonetary(
        string="Unit Cost",
        compute="_compute_from_product",
        store=True,
        readonly=False,
        precompute=True,
        help="What one costs us. Empty: not known, so the margin isn't either.",
        groups=INSIDERS,
    )
    margin = BlankMonetary(compute="_compute_price", store=True, groups=INSIDERS)
    content_on = fields.Datetime(string="Last Changed", readonly=True, copy=False)

    _not_negative = models.Constraint(
        "CHECK (quantity >= 0 AND list_price >= 0 AND (cost IS NULL OR cost >= 0))",
        "Quantity, list price and cost of a price line can't be negative.",
    )
    _discount_range = models.Constraint(
        "CHECK (discount BETWEEN 0 AND 100)", "A discount is between 0 and 100 %. A surcharge is a higher list price."
    )

    # COMPUTES
    @api.depends("product_id")
    def _compute_from_product(self):
        """Name, price and cost of the product, in the proposal's currency; what was typed without one stays."""
        for line in self:
            product, proposal = line.product_id, line.proposal_id
            if not product:
                line.update({name: line[name] for name in ("name", "uom_id", "list_price", "cost")})
                continue
            company = proposal.company_id or self.env.company
            currency = proposal.currency_id or company.currency_id
            product = product.with_company(company)
            day = fields.Date.context_today(self)
            line.name = product.display_name
            line.uom_id = product.uom_id
            line.list_price = product.currency_id._convert(product.list_price, currency, company, day, round=False)
            line.cost = (
                product.cost_currency_id._convert(product.standard_price, currency, company, day)
                if product.standard_price
                else None
            )

    @api.depends("quantity", "list_price", "discount", "cost", "proposal_id.currency_id")
    def _compute_price(self):
        for line in self:
            line.price_unit = line.list_price * (1 - line.discount / 100)
            amount = line.quantity * line.price_unit
            currency = line.currency_id
            line.subtotal = currency.round(amount) if currency else amount
            cost = known(line.cost)
            line.margin = None if cost is None else line.subtotal - cost * line.quantity

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        self.env["kams.proposal"].browse(vals.get("proposal_id") for vals in vals_list)._check_open()
        return super().create([{**vals, "content_on": fields.Datetime.now()} for vals in vals_list])

    def write(self, vals):
        self.proposal_id._check_open()
        vals = {name: value for name, value in vals.items() if name != "content_on"}
        if vals.keys() - {"cost"}:  # what it costs us isn't the customer's to read
            vals["content_on"] = fields.Datetime.now()
        result = super().write(vals)
        if "proposal_id" in vals:
            self.proposal_id._check_open()
        return result

    def unlink(self):
        proposals = self.proposal_id
        result = super().unlink()
        if there := proposals.exists():
            there._engine().content_on = fields.Datetime.now()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self.proposal_id._check_open()
