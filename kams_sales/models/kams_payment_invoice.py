from contextlib import suppress

from odoo import models
from odoo.exceptions import AccessError, UserError

from .blank import known


class KamsPaymentMilestone(models.Model):
    """How a payment becomes an invoice, the way Odoo makes it: a down payment, or at last what is left of the order.

    Several payments of one order that are chosen together become one invoice. Invoices are drafts; whoever keeps the
    books posts them. A down payment that was cancelled or credited can be invoiced again.
    """

    _inherit = "kams.payment.milestone"

    # ACTIONS
    def action_invoice(self):
        """Invoice these payments; a draft that is there already is opened."""
        if not self:
            return False
        self.check_access("write")
        self._check_may_invoice()
        drafts = self.sudo().invoice_ids.filtered(lambda move: move.state == "draft")  # sudo: opened as the user
        if drafts:
            return self._open_invoices(drafts)
        order = self._order_to_invoice()
        open_amount = sum(self._to_invoice().values())
        if self.currency_id.compare_amounts(open_amount, 0) <= 0:
            raise UserError(self.env._("“%s” is invoiced already.", self[0].display_name))
        last = not self._others_of(order)
        invoice = self._make_invoice(order, open_amount, last)
        # sudo: an invoice that the user may make belongs to the payments that they chose
        self.sudo().invoice_ids = [(4, move.id) for move in invoice]
        return self._open_invoices(invoice)

    def action_invoices(self):
        """The invoices and credit notes of these payments."""
        moves = self.sudo().invoice_ids  # sudo: opened by the user's own rights
        refunds = moves.reversal_move_ids
        return self._open_invoices(moves | refunds)

    # BUSINESS
    def _check_may_invoice(self):
        """Odoo's own right to invoices, or to invoice orders; finance people need none to deals."""
        for milestone in self:
            if milestone.state == "cancelled":
                raise UserError(
                    self.env._(
                        "“%s” is of a contract that was terminated: there is nothing to invoice.",
                        milestone.display_name,
                    )
                )
        may = self.env["account.move"].has_access("create") or self.env["sale.advance.payment.inv"].has_access("create")
        if not may:
            raise AccessError(
                self.env._(
                    "Invoices are made by whoever may invoice in Odoo: ask somebody with the right “Invoicing”, or the "
                    "order's salesperson."
                )
            )

    def _order_to_invoice(self):
        """The one order that all of these are invoiced by."""
        orders = self.order_id
        for milestone in self:
            if not milestone.order_id:
                raise UserError(
                    self.env._(
                        "“%s” has no order to invoice: choose it here or on the contract.", milestone.display_name
                    )
                )
            if known(milestone.amount) is None:
                raise UserError(self.env._("“%s”: say how much is to be paid first.", milestone.display_name))
        if len(orders) > 1:
            raise UserError(
                self.env._(
                    "These payments are of several orders (%s): invoice those of one order at a time.",
                    ", ".join(orders.sudo().mapped("name")),  # sudo: names only
                )
            )
        # sudo: finance invoices orders of deals they may not read; their right to invoice was checked
        order = orders.sudo()
        if order.state != "sale":
            raise UserError(
                self.env._("“%(order)s” isn't confirmed yet: confirm it before it is invoiced.", order=order.name)
            )
        if order.currency_id != self.currency_id:
            raise UserError(
                self.env._(
                    "“%(order)s” is in %(other)s and its payments in %(currency)s: they have to be the same.",
                    order=order.name,
                    other=order.currency_id.name,
                    currency=", ".join(self.currency_id.mapped("name")),
                )
            )
        return order

    def _to_invoice(self):
        """``{milestone: what isn't invoiced yet}``."""
        figures = self._figures()
        return {
            one: one.currency_id.round(
                (known(one.amount) or 0.0) - float(figures.get(one.id, {}).get("invoiced") or 0.0)
            )
            for one in self
        }

    def _others_of(self, order):
        """Other payments of the order that aren't invoiced, as draft or posted."""
        # sudo: whether this is the last invoice of the order doesn't depend on who makes it
        others = self.sudo().search([("order_id", "=", order.id), ("id", "not in", self.ids)])
        figures = others._figures()
        return others.filtered(
            lambda one: (
                figures[one.id]["state"] != "cancelled"
                and not figures[one.id]["has_draft"]
                and one.currency_id.compare_amounts(known(one.amount) or 0.0, float(figures[one.id]["invoiced"] or 0.0))
                > 0
            )
        )

    def _make_invoice(self, order, amount, last):
        """Odoo's own wizard: what is left of the order if this is its last payment, else a down payment.

        What is left has to be what the contract says; where it isn't (not delivered, other extras), it is a down
        payment again, so that the customer never gets an invoice of another amount than the contract's.

        sudo: the right to invoice was checked; the wizard asks for a salesperson's, which finance people lack.
        """
        wizards = self.env["sale.advance.payment.inv"].sudo().with_context(active_ids=order.ids)
        if last and order.invoice_status == "to invoice":
            with suppress(_Misfit), self.env.cr.savepoint():
                wizard = wizards.create({"sale_order_ids": order.ids, "advance_payment_method": "delivered"})
                invoice = wizard.with_context(raise_if_nothing_to_invoice=False)._create_invoices(order)
                fits = len(invoice) == 1 and invoice.move_type == "out_invoice"
                if not fits or order.currency_id.compare_amounts(invoice.amount_total, amount):
                    raise _Misfit
                return self._date(invoice)
        wizard = wizards.create(
            {"sale_order_ids": order.ids, "advance_payment_method": "fixed", "fixed_amount": amount}
        )
        return self._date(wizard._create_invoices(order))

    def _date(self, invoice):
        """The invoice falls due as the contract says, where that is known."""
        day = max((one.date_due for one in self if one.date_due), default=None)
        if day and all(one.trigger_date for one in self):
            invoice.sudo().write({"invoice_payment_term_id": False, "invoice_date_due": day})  # sudo: as made just now
        return invoice

    def _open_invoices(self, moves):
        """Invoices as the user may see them; who may not see them is told that they are there."""
        readable = self.env["account.move"].browse(moves.ids)
        readable = readable._filtered_access("read") if readable.has_access("read") else readable.browse()
        if not readable:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {
                    "type": "info",
                    "message": self.env._("%s invoices, which aren't yours to see.", len(moves)),
                    "next": {"type": "ir.actions.act_window_close"},
                },
            }
        return readable._get_records_action(name=self.env._("Invoices"))


class _Misfit(Exception):
    """What is left of the order isn't what the contract says: undo the invoice."""
