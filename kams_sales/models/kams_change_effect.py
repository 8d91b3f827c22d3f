from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import date_utils, formatLang

from .blank import BlankInteger, known
from .kams_payment_milestone import TRIGGERS


class KamsChange(models.Model):
    """What the two signatures set off: phases are promised anew, payments follow, or an acceptance of its own (8.3).

    What was finally accepted stays: a change after that moves no phase and brings its own acceptance.
    """

    _inherit = "kams.change"

    payment_trigger = fields.Selection(
        TRIGGERS,
        string="Paid Upon",
        default="manual",
        required=True,
        help="Upon what the payment of this change falls due, if the customer pays more.",
    )
    payment_days = BlankInteger(string="Days to Pay It", help="Days that the customer has from then on.")
    own_acceptance = fields.Boolean(
        string="Accepted on Its Own",
        tracking=True,
        help="It is accepted for itself, not with the delivery; after the final acceptance there is no other way.",
    )
    is_after_final = fields.Boolean(string="After Final Acceptance", compute="_compute_is_after_final")
    milestone_ids = fields.One2many("kams.payment.milestone", "change_id", string="Payments of the Change")

    # COMPUTES
    @api.depends("delivery_id.acceptance_ids.state", "delivery_id.acceptance_ids.conclusion")
    def _compute_is_after_final(self):
        final = self.delivery_id._finally_accepted()
        for change in self:
            change.is_after_final = change.delivery_id._origin in final

    # ACTIONS
    def action_take_phases(self):
        """Move all phases that aren't done by the days of the change: the first one ends later, the others follow.

        Each line can be changed or taken out.
        """
        self.check_access("write")
        for change in self:
            days = known(change.days)
            if not days:
                raise UserError(self.env._("“%s”: say by how many days the end moves first.", change.display_name))
            open_ones = change.delivery_id.phase_ids.filtered(lambda one: one.state != "done" and one.baseline_end)
            for phase in open_ones - change.phase_line_ids.phase_id:
                start = phase.baseline_start
                if start and phase != open_ones[:1] and not phase.actual_start:
                    start = date_utils.add(start, days=days)
                moved = {"new_start": start, "new_end": date_utils.add(phase.baseline_end, days=days)}
                change.phase_line_ids = [Command.create({"phase_id": phase.id, **moved})]
        return True

    # BUSINESS
    def _missing(self):
        return super()._missing() + self._late_obstacles()

    def _signing_obstacles(self):
        return super()._signing_obstacles() + self._late_obstacles()

    def _late_obstacles(self):
        """A delivery that was finally accepted isn't planned anew."""
        if not self.is_after_final:
            return []
        found = []
        if not self.own_acceptance:
            found.append(
                self.env._("The final acceptance is signed: tick “Accepted on Its Own”, or it can't be accepted.")
            )
        if self.phase_line_ids:
            found.append(self.env._("The final acceptance is signed: take out the phases, their dates stay."))
        return found

    def _take_effect(self):
        for change in self:
            change._move_phases()
            change._change_payments()
            change._tell()

    def _move_phases(self):
        for line in self.phase_line_ids:
            phase = line.phase_id
            # sudo: whoever records the signatures may move what both sides agreed to move
            line.with_env(self.sudo()._engine().env).write(
                {"old_start": phase.baseline_start, "old_end": phase.baseline_end}
            )
            start, end = line.new_start or phase.baseline_start, line.new_end or phase.baseline_end
            phase.sudo()._rebaseline(start, end, self)

    def _change_payments(self):
        """One payment more, or less of those that aren't invoiced yet.

        sudo: who records the signatures needn't have a right to payments; what both sides signed is carried out.
        """
        change = self.sudo()._engine()
        price, contract = known(change.price_change), change.contract_id
        if not price:
            return
        payments = self.env["kams.payment.milestone"].sudo().with_env(change.env)
        if price > 0:
            payments.create(change._payment_vals())
        else:
            mine = payments.search([("contract_id", "=", contract.id)] if contract else [("id", "=", 0)])
            left = mine._reduce(-price, change)
            if not change.currency_id.is_zero(left):
                change._ask_finance(left)
        change._ask_order()

    def _payment_vals(self):
        """What the customer pays for it."""
        self.ensure_one()
        return {
            "lead_id": self.lead_id.id,
            "contract_id": self.contract_id.id,
            "change_id": self.id,
            "sequence": 90,
            "kind": "other",
            "name": self.display_name,
            "amount": known(self.price_change),
            "currency_id": self.currency_id.id,
            "trigger": self.payment_trigger,
            "trigger_planned": self.signed_at if self.payment_trigger == "date" else False,
            "days": known(self.payment_days),
            "condition": self.name,
        }

    def _ask_finance(self, left):
        """What is invoiced already is given back by a credit note, which somebody has to make."""
        amount = formatLang(self.env, left, currency_obj=self.currency_id)
        self._remind(self.lead_id.user_id, self.env._("Credit note of %s: what is invoiced already", amount))

    def _ask_order(self):
        """Orders are Odoo's: whoever sold it writes the change into theirs."""
        if order := self.contract_id.order_id:
            self._remind(self.lead_id.user_id, self.env._("Write the change into %s", order.name))

    def _remind(self, user, words):
        user = user if user.active else self.user_id
        self.activity_schedule("mail.mail_activity_data_todo", user_id=user.id, summary=words)

    def _tell(self):
        """The delivery's and the contract's messages name what was signed, without an amount."""
        words = self.env._(
            "%(change)s is signed by %(us)s for us and by %(them)s for the customer.",
            change=self.display_name,
            us=self.approved_by_id.name,
            them=self.signed_by_id.name,
        )
        for record in (self.delivery_id, self.contract_id):
            if record:
                record.sudo().message_post(body=words)  # sudo: a note, by who may write the change
