import json
from datetime import date
from hashlib import sha256

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from ..tools.arithmetic import ratio
from .blank import BlankFloat, known
from .kams_authority_approval import ENGINE, HAND

# Payment terms of the kind "end of month" are counted from here: July and August have 31 days each, so at worst
REFERENCE_DAY = date(2026, 7, 1)


class SaleOrder(models.Model):
    """What a quotation grants the customer, in the figures that the authority matrix knows (7.7)."""

    _inherit = "sale.order"

    # Follows the deal, as it is: whether this is to be asked at all costs no look at the deal of a plain order
    kams_on_deal = fields.Boolean(string="On a KAMS Deal", readonly=True, copy=False, groups="base.group_user")
    kams_warranty_months = BlankFloat(string="Warranty (Months)", digits=(16, 1), groups="base.group_user")
    kams_damages_cap_pct = BlankFloat(
        string="Damages Cap (%)",
        digits=(16, 2),
        help="Up to so much of the contract we pay for delay and defects.",
        groups="base.group_user",
    )

    # ORM
    def _auto_init(self):
        """Quotations that stand when the addon learns this know whether their deal is under a process.

        What was confirmed before stays as it was agreed then.
        """
        if not column_exists(self.env.cr, "sale_order", "kams_on_deal"):
            create_column(self.env.cr, "sale_order", "kams_on_deal", "bool")
            if column_exists(self.env.cr, "crm_lead", "kams_process_id"):
                self.env.cr.execute(
                    """
                    UPDATE sale_order SET kams_on_deal = TRUE
                      FROM crm_lead deal
                     WHERE deal.id = sale_order.opportunity_id AND deal.kams_process_id IS NOT NULL
                       AND sale_order.state <> 'sale'
                    """
                )
        return super()._auto_init()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._kams_check_hand(vals)
        orders = super().create(vals_list)
        orders._kams_follow_deal()
        return orders

    def write(self, vals):
        self._kams_check_hand(vals)
        result = super().write(vals)
        if "opportunity_id" in vals or vals.get("state") == "draft":
            self._kams_follow_deal()
        return result

    # BUSINESS: the deal
    def _kams_check_hand(self, vals):
        if "kams_on_deal" in vals and self.env.context.get(HAND) is not ENGINE:
            raise UserError(self.env._("Whether a quotation is on a KAMS deal follows from its opportunity."))

    def _kams_follow_deal(self):
        """Note whether these orders' deals are under a process, and judge those that stand confirmed."""
        # sudo: whether a deal is under a process; Odoo has just read it, to compare companies
        orders = self.sudo()
        wrong = orders.filtered(lambda order: order.kams_on_deal != bool(order.opportunity_id.kams_process_id))
        for on_deal, found in wrong.grouped(lambda order: not order.kams_on_deal).items():
            found.with_context(**{HAND: ENGINE}).write({"kams_on_deal": on_deal})
            if not on_deal:
                found.order_line._check_kams_lead_id()
        self._check_kams_authority()

    @api.model
    def _kams_follow_process(self, deal_ids, on_deal):
        """Deals came under a process, or left theirs: their orders know by one statement."""
        rows = self.env.execute_query(
            SQL(
                "UPDATE sale_order SET kams_on_deal = %s "
                "WHERE opportunity_id = ANY(%s) AND kams_on_deal IS DISTINCT FROM %s RETURNING id, state",
                on_deal,
                list(deal_ids),
                on_deal,
            )
        )
        self.browse(id_ for id_, _state in rows).invalidate_recordset(["kams_on_deal"], flush=False)
        if on_deal and (confirmed := [id_ for id_, state in rows if state == "sale"]):
            self.browse(confirmed)._kams_note_confirmed(before=True)

    def _kams_on_deals(self):
        """Those of these orders whose deal runs under a process. Of plain orders nothing is asked."""
        # sudo: as above
        orders = self.sudo().filtered(lambda order: order.kams_on_deal and order.opportunity_id.kams_process_id)
        return self.browse(orders._ids)

    # BUSINESS: the terms
    def _kams_lines(self):
        """Lines that are sold: without sections, notes and down payments."""
        return self.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)

    def _kams_terms(self):
        """``{aspect: value}`` of what this order grants; None: nothing is said, or a margin that isn't known.

        Beside the aspects, ``list_amount`` says how much is sold, at list price.
        """
        self.ensure_one()
        terms = {
            "payment_days": self._kams_payment_days(),
            "warranty": known(self.kams_warranty_months),
            "damages_cap": known(self.kams_damages_cap_pct),
        }
        lines = self._kams_lines().filtered(lambda line: line.product_uom_qty)
        if not lines:
            return terms
        prices = {line: line._kams_prices() for line in lines}
        full, net = (sum(values) for values in zip(*prices.values(), strict=True))
        costs = [
            # what takes something off the price costs nothing
            (line._kams_unit_cost() if prices[line][1] >= 0 else line._kams_unit_cost() or 0.0, line.product_uom_qty)
            for line in lines
        ]
        blind = any(cost is None for cost, _quantity in costs)
        margin = None if blind else net - sum(cost * quantity for cost, quantity in costs)
        discount = ratio(full - net, full, 100)
        return {
            **terms,
            "margin": ratio(margin, net, 100),
            "discount": None if discount is None else max(round(discount, 4), 0.0),
            "list_amount": full,
        }

    def _kams_payment_days(self):
        """The latest day on which they pay: after what makes a payment due where payments are agreed one by one."""
        self.ensure_one()
        payments = self.env["kams.payment.milestone"]
        if self._origin.id:
            # sudo: days only, for whoever may see the quotation
            payments = payments.sudo().search([("order_id", "=", self._origin.id)])
            payments = payments.filtered(lambda one: one.contract_state != "terminated")
        if days := [one.days for one in payments if known(one.days) is not None]:
            return max(days)
        lines = self.payment_term_id.line_ids
        return max(((line._get_due_date(REFERENCE_DAY) - REFERENCE_DAY).days for line in lines), default=0)

    def _kams_terms_key(self):
        """A fingerprint of what was agreed with the customer: while it stays, nothing is judged anew."""
        self.ensure_one()
        lines = [
            [line.product_id.id, line.product_uom_id.id, line.tax_ids.ids]
            + [round(value, 6) for value in (line.product_uom_qty, line.price_unit, line.discount)]
            for line in self._kams_lines()
        ]
        told = [
            sorted(lines, key=json.dumps),
            self.currency_id.id,
            self._kams_payment_days(),
            known(self.kams_warranty_months),
            known(self.kams_damages_cap_pct),
        ]
        return sha256(json.dumps(told).encode()).hexdigest()

    def _kams_figures(self, terms):
        """What this order grants (:meth:`_kams_terms`), as a record of somebody's answer keeps it."""
        return {
            "currency_id": self.currency_id.id,
            "amount": self.amount_untaxed,
            "list_amount": terms.get("list_amount"),
            "discount_pct": terms.get("discount"),
            "margin_pct": terms.get("margin"),
            "payment_days": terms["payment_days"],
            "warranty_months": terms["warranty"],
            "damages_cap_pct": terms["damages_cap"],
        }
