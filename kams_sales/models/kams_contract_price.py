from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from ..tools import contracts
from .blank import BlankFloat, BlankMonetary, known, refuse_negative
from .insiders import INSIDERS

# Parts of the amount, as tools/contracts.py calls them
AMOUNTS = {"amount_untaxed": "untaxed", "amount_tax": "tax", "amount_total": "total"}


class KamsContract(models.Model):
    """What a contract brings and costs: the amount with and without tax, and the margin that is planned (7.5).

    A new contract starts from the order, else from the price that was bid. Two parts of the amount give the third.
    """

    _inherit = "kams.contract"

    amount_untaxed = BlankMonetary(string="Amount without Tax", tracking=True)
    amount_tax = BlankMonetary(string="Tax Amount", tracking=True)
    amount_total = BlankMonetary(string="Contract Amount", tracking=True, help="With tax, as the contract has it.")
    planned_cost = BlankMonetary(
        string="Cost as Planned",
        copy=False,
        help="What the delivery will cost us, without tax; empty: not known, so the margin isn't either.",
        groups=INSIDERS,
    )
    margin_pct = BlankFloat(
        string="Contract Margin (%)",
        digits=(16, 2),
        compute="_compute_margin_pct",
        store=True,
        aggregator="avg",
        help="Of the amount without tax; empty when amount or cost isn't known.",
        groups=INSIDERS,
    )

    # BUSINESS
    def _margin_told(self):
        """The margin for those who may read it; who delivers prints a contract's review without."""
        self.ensure_one()
        may = self._has_field_access(self._fields["margin_pct"], "read")
        return known(self.margin_pct) if may else None

    # COMPUTES
    @api.depends("amount_untaxed", "planned_cost")
    def _compute_margin_pct(self):
        for contract in self:
            net, cost = known(contract.amount_untaxed), known(contract.planned_cost)
            contract.margin_pct = (net - cost) / net * 100 if net and cost is not None else None

    @api.onchange("amount_untaxed", "amount_tax")
    def _onchange_parts(self):
        self.update(self._completed({"amount_untaxed": self.amount_untaxed, "amount_tax": self.amount_tax}))

    @api.onchange("amount_total")
    def _onchange_total(self):
        self.update(self._completed({"amount_total": self.amount_total}))

    # CONSTRAINTS
    @api.constrains("amount_untaxed", "amount_tax", "amount_total", "planned_cost")
    def _check_amounts(self):
        refuse_negative(self, "amount_untaxed", "amount_tax", "amount_total", "planned_cost")
        for contract in self:
            untaxed, tax, total = (known(contract[name]) for name in AMOUNTS)
            if None not in (untaxed, tax, total) and contract.currency_id.compare_amounts(untaxed + tax, total):
                raise ValidationError(
                    self.env._(
                        "“%s”: the amount without tax and the tax don't add up to the contract amount.",
                        contract.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._begin_with_price()
        return records

    def write(self, vals):
        if AMOUNTS.keys().isdisjoint(vals):
            return super().write(vals)
        for contract in self:  # each has parts of its own
            own = {**vals, **contract._completed(vals)}
            super(KamsContract, contract).write(own)  # pylint: disable=super-method-mismatch
        return True

    # ACTIONS
    def action_take_order(self):
        """Take amounts and cost from the sales order."""
        self.check_access("write")
        for contract in self:
            if not contract.order_id:
                raise UserError(self.env._("Choose the sales order of “%s” first.", contract.display_name))
            if contract.order_id.sudo().currency_id != contract.currency_id:  # sudo: compared only
                raise UserError(
                    self.env._(
                        "“%(contract)s” is in %(currency)s and its order isn't: type the amounts here.",
                        contract=contract.display_name,
                        currency=contract.currency_id.name,
                    )
                )
            contract.write(contract._order_values())
        return True

    # BUSINESS
    def _completed(self, vals):
        """The parts of the amount with ``vals`` written: what is known of two gives the third."""
        parts = [known(vals[name]) if name in vals else known(self[name]) for name in AMOUNTS]
        changed = {part for name, part in AMOUNTS.items() if name in vals}
        found = contracts.third_part(*parts, changed)
        currency = self.currency_id
        return {
            name: value if value is None or not currency else currency.round(value)
            for name, value in zip(AMOUNTS, found, strict=True)
        }

    def _order_values(self):
        """Amounts and cost of the order; a cost that isn't known of one line isn't known at all.

        sudo: lawyers take the sums of an order that they can't open.
        """
        order = self.order_id.sudo()
        lines = order.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)
        costs = [(line._kams_unit_cost(), line.product_uom_qty) for line in lines]
        known_all = costs and all(cost is not None for cost, _quantity in costs)
        values = {
            "amount_untaxed": order.amount_untaxed,
            "amount_tax": order.amount_tax,
            "amount_total": order.amount_total,
        }
        if known_all:
            values["planned_cost"] = self.currency_id.round(sum(cost * quantity for cost, quantity in costs))
        return values

    def _begin_with_price(self):
        """A new contract says what was ordered, else what was bid; what was typed stays."""
        costs = self._bid_costs()
        for contract in self:
            values = {}
            order, tender = contract.order_id.sudo(), contract.tender_id.sudo()  # sudo: what we offer, as in the deal
            typed = [name for name in AMOUNTS if known(contract[name]) is not None]
            if order and order.currency_id == contract.currency_id:
                values = contract._order_values()
            elif tender and known(tender.bid_price) is not None and tender.currency_id == contract.currency_id:
                values = {"amount_total": tender.bid_price}
            if typed:
                given = {name: contract[name] for name in typed}
                cost = {name: value for name, value in values.items() if name not in AMOUNTS}
                values = {**cost, **given}
            if known(contract.planned_cost) is not None:
                values.pop("planned_cost", None)
            elif costs.get(contract.id) is not None:
                values["planned_cost"] = costs[contract.id]
            if values:
                contract._engine().write(values)

    def _bid_costs(self):
        """``{contract id: total cost of the price sheet that was handed in last}``, where it is known.

        sudo: the planned cost is the deal's; who drafts the contract needn't see the price sheet.
        """
        sheets = self.env["kams.proposal"].sudo()
        sheets = sheets.search([("lead_id", "in", self.lead_id.ids), ("state", "=", "submitted")], order="id")
        found = {}
        for contract in self:
            mine = sheets.filtered(
                lambda one, of=contract: (
                    one.lead_id == of.lead_id
                    and one.currency_id == of.currency_id
                    and (one.tender_id == of.tender_id if of.tender_id else one.kind == "proposal")
                )
            )
            found[contract.id] = known(mine[-1:].cost_total) if mine else None
        return found
