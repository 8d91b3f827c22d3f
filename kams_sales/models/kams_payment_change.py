from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from .blank import BlankMonetary, known
from .kams_change import ENGINE, HAND, SELLERS


class KamsPaymentMilestone(models.Model):
    """What a signed change does to the payments: one more, or less of those that aren't invoiced yet (8.3).

    A change is no share of the contract as it was signed: its payment has an amount and no percentage, and what a
    change takes off a payment is kept beside it, so that the contract's payments still come to all of it.
    """

    _inherit = "kams.payment.milestone"

    change_id = fields.Many2one(
        "kams.change", string="By Change", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )
    change_reduction = BlankMonetary(
        string="Less by Changes", readonly=True, copy=False, help="What signed changes took off this payment."
    )

    # BUSINESS
    def _of_change(self):
        """Whether a change itself writes: it was signed, so the contract's payments follow."""
        return self.env.context.get(HAND) is ENGINE

    def _check_open(self):
        return None if self._of_change() else super()._check_open()

    def _complete(self, vals):
        """A change has no share."""
        return None if self.change_id else super()._complete(vals)

    def _agreed_amount(self):
        """What the contract said of it, whatever changes took off since; None where it isn't known."""
        amount = known(self.amount)
        return None if amount is None else amount + (known(self.change_reduction) or 0.0)

    def _follow_total(self):
        return super(KamsPaymentMilestone, self.filtered(lambda one: not one.change_id))._follow_total()

    def _reduce(self, amount, change):
        """Take an amount off these payments, the last first, as far as they aren't invoiced; answers what is left."""
        open_amounts = self._to_invoice()
        for milestone in self[::-1]:
            taken = min(amount, max(open_amounts[milestone], 0.0))
            if milestone.currency_id.is_zero(taken):
                continue
            amount = milestone.currency_id.round(amount - taken)
            milestone._set_terms(
                amount=milestone.currency_id.round(milestone.amount - taken),
                change_reduction=(known(milestone.change_reduction) or 0.0) + taken,
            )
            milestone.message_post(
                body=self.env._(
                    "%(change)s takes %(amount)s off this payment.",
                    change=change.display_name,
                    amount=formatLang(self.env, taken, currency_obj=milestone.currency_id),
                )
            )
        return amount

    @api.ondelete(at_uninstall=False)
    def _unlink_only_by_change(self):
        """What both sides signed is paid: another change takes it back, nobody's hand."""
        for milestone in self:
            if milestone.change_id and not milestone._of_change():
                raise UserError(
                    self.env._(
                        "“%(payment)s” was signed with %(change)s: write a change that takes it back.",
                        payment=milestone.display_name,
                        change=milestone.change_id.display_name,
                    )
                )


class KamsContract(models.Model):
    """What a contract comes to with its changes (8.3)."""

    _inherit = "kams.contract"

    delivery_change_ids = fields.Many2many(
        "kams.change", string="Changes of Its Deliveries", compute="_compute_changes", groups=SELLERS
    )
    changed_total = BlankMonetary(
        string="Amount with Changes",
        compute="_compute_changes",
        groups=SELLERS,
        help="With tax: the contract as it was signed, and what signed changes added or took off.",
    )

    # COMPUTES
    def _compute_changes(self):
        changes = self.env["kams.change"].search([("delivery_id.contract_id", "in", self.ids)])
        of = changes.grouped(lambda one: one.delivery_id.contract_id)
        for contract in self:
            mine = of.get(contract._origin, changes.browse())
            total = known(contract.amount_total)
            contract.delivery_change_ids = mine
            # sudo: the sum of what was signed, for who may read the contract's amount
            signed = mine.sudo().filtered(lambda one: one.state == "signed")
            added = sum(known(one.price_change) or 0.0 for one in signed)
            contract.changed_total = None if total is None else total + added

    # BUSINESS
    def _agreed_payments(self):
        """The payments that were agreed to at first: not those that changes added."""
        return self.milestone_ids.filtered(lambda one: not one.change_id)
