from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import acceptance as arithmetic

# Which payments fall due upon a kind of acceptance
TRIGGER_OF = {"arrival": "arrival", "preliminary": "preliminary", "final": "final", "warranty": "warranty_end"}
ACTIVITY_TYPE = "kams_sales.mail_activity_type_payment"


class KamsAcceptance(models.Model):
    """A signed acceptance makes its payment fall due and, where wished, its draft invoice (8.3, 8.8).

    A payment waits for the acceptance that it names, else for all of its kind in all deliveries of its contract. Who
    leads an acceptance may know nothing of payments: they get the day, and the collector or finance does the rest.
    """

    _inherit = "kams.acceptance"

    pays_anyway = fields.Boolean(
        string="Payable with Conditions",
        tracking=True,
        help="By the contract its payment falls due upon the signature, also while something is to be rectified.",
    )
    payment_ids = fields.Many2many("kams.payment.milestone", string="Payments upon It", compute="_compute_payments")
    payment_count = fields.Integer(string="Number of Payments", compute="_compute_payments")

    # COMPUTES
    @api.depends("kind", "delivery_id.contract_id")
    def _compute_payments(self):
        """As the user may read them."""
        payments = self._waiting_payments(self.env["kams.payment.milestone"])
        for acceptance in self:
            mine = payments.filtered(lambda one, acceptance=acceptance: acceptance._is_waited_for_by(one))
            acceptance.payment_ids = mine
            acceptance.payment_count = len(mine)

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        acceptances = super().create(vals_list)
        acceptances._tie_payments()
        return acceptances

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint({"kind", "delivery_id", "planned_on"}):
            self._tie_payments()
        return result

    # ACTIONS
    def action_payments(self):
        """The payments that fall due upon it."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_payment_milestone_action")
        return {**action, "domain": [("id", "in", self.payment_ids.ids)], "context": {"create": False}}

    # BUSINESS
    def _waiting_payments(self, milestones):
        """Payments that may have to do with these, open or not: one search."""
        triggers = [TRIGGER_OF[kind] for kind in set(self.mapped("kind")) if kind in TRIGGER_OF]
        return milestones.search(
            [
                *("|", ("acceptance_id", "in", self.ids)),
                *("&", "&", ("acceptance_id", "=", False), ("trigger", "in", triggers)),
                ("contract_id", "in", self.delivery_id.contract_id.ids),
            ]
        )

    def _is_waited_for_by(self, milestone):
        if milestone.acceptance_id:
            return milestone.acceptance_id == self._origin
        contract = self.delivery_id.contract_id
        return bool(contract and milestone.contract_id == contract and milestone.trigger == TRIGGER_OF.get(self.kind))

    @api.model
    def _current_of(self, contracts):
        """``{(contract, trigger): acceptances that its payments wait for}``; no earlier attempts, nothing cancelled.

        A final acceptance is waited for in each delivery: where one has none yet, the trigger isn't in here.
        """
        deliveries = self.env["kams.delivery"].search(
            [("contract_id", "in", contracts.ids), ("state", "!=", "cancelled")]
        )
        found = self.search(
            [("delivery_id", "in", deliveries.ids), ("state", "!=", "cancelled"), ("is_superseded", "=", False)]
        )
        current = {}
        for acceptance in found:
            place = acceptance.delivery_id.contract_id, TRIGGER_OF.get(acceptance.kind)
            current[place] = current.get(place, self.browse()) | acceptance
        for delivery in deliveries:
            place = delivery.contract_id, "final"
            if place in current and delivery not in current[place].delivery_id:
                del current[place]
        return current

    def _day_paid_upon(self):
        """The day from which what waits for all of these is owed; None while one isn't accepted."""
        return arithmetic.payment_day(
            [
                (
                    one.state == "signed",
                    one.conclusion,
                    one.pays_anyway,
                    one.signed_at,
                    [line.closed_on or None for line in one.rectification_ids],
                )
                for one in self
            ]
        )

    def _trigger_payments(self):
        """Payments that waited for these fall due, and are invoiced where that is wished."""
        # sudo: whoever records an acceptance needn't write payments; they get its day, and nothing is shown
        whole = self.sudo()
        waiting = whole._waiting_payments(self.env["kams.payment.milestone"].sudo())
        waiting = waiting.filtered(lambda one: not one.trigger_date and one.contract_id.state != "terminated")
        if not waiting:
            return
        current = whole._current_of(waiting.contract_id)
        due = waiting.browse()
        for payment in waiting:
            grounds = payment.acceptance_id or current.get((payment.contract_id, payment.trigger), whole.browse())
            if day := grounds._day_paid_upon():
                payment.trigger_date = day
                due |= payment
        for acceptance in self:
            mine = due.filtered(lambda one, acceptance=acceptance: acceptance.sudo()._is_waited_for_by(one))
            if mine:
                acceptance.message_post(
                    body=self.env._("Falls due upon this acceptance: %s", ", ".join(mine.mapped("name")))
                )
                if acceptance.delivery_id.invoice_on_acceptance:
                    acceptance._invoice_payments(mine)
                    due -= mine

    def _invoice_payments(self, payments):
        """Draft invoices by whoever signs; who may not invoice leaves it to whoever may."""
        self.ensure_one()
        for of_order in payments.grouped("order_id").values():
            try:
                with self.env.cr.savepoint():
                    of_order.with_env(self.env).action_invoice()
            except UserError as error:
                of_order._ask_for_invoice(str(error))
                self.message_post(
                    body=self.env._("An invoice is asked for: %s", ", ".join(of_order.mapped("display_name")))
                )
            else:
                self.message_post(
                    body=self.env._("A draft invoice was made: %s", ", ".join(of_order.mapped("display_name")))
                )

    def _take_payments_back(self):
        """What fell due upon this one waits again; what was invoiced stays, and is answered."""
        self.ensure_one()
        # sudo: a director takes back what the signature had set; whether something was invoiced is asked, not how much
        whole = self.sudo()
        payments = whole._waiting_payments(self.env["kams.payment.milestone"].sudo()).filtered("trigger_date")
        payments = payments.filtered(whole._is_waited_for_by)
        current = whole._current_of(payments.contract_id)
        mine = payments.browse()
        for payment in payments:
            grounds = payment.acceptance_id or current.get((payment.contract_id, payment.trigger), whole.browse())
            if payment.trigger_date == grounds._day_paid_upon():
                mine |= payment
        finals = mine.filtered(lambda one: one.trigger == "final")
        ends = mine.search([("contract_id", "in", finals.contract_id.ids), ("trigger", "=", "warranty_end")])
        invoiced = (mine | ends).filtered(lambda one: one.invoice_ids.filtered(lambda move: move.state != "cancel"))
        ((mine | ends) - invoiced).write({"trigger_date": False})
        return mine & invoiced

    def _hand_payments(self, again):
        """Payments that waited for this attempt wait for the next one."""
        # sudo: which attempt a payment waits for, nothing else of it
        payments = self.env["kams.payment.milestone"].sudo().search([("acceptance_id", "=", self.id)])
        payments.acceptance_id = again

    def _tie_payments(self):
        """One acceptance of its kind under a contract: its payments name it, and are expected when it is planned.

        With another one of that kind a single payment waits for both again.
        """
        contracts = self.delivery_id.contract_id
        if not contracts:
            return
        # sudo: which acceptance a payment waits for and when it is planned; amounts and terms stay as they are
        payments = (
            self.env["kams.payment.milestone"]
            .sudo()
            .search([("contract_id", "in", contracts.ids), ("trigger_date", "=", False)])
        )
        current = self.sudo()._current_of(contracts)
        for (contract, trigger), mine in payments.grouped(lambda one: (one.contract_id, one.trigger)).items():
            acceptances = current.get((contract.sudo(), trigger), self.browse())
            if not acceptances:
                continue
            if len(acceptances) == 1:
                mine.filtered(lambda one: one.acceptance_id.state in (False, "cancelled")).acceptance_id = acceptances
            elif len(mine) == 1 and len(acceptances - self.sudo()) == 1 and mine.acceptance_id in acceptances:
                mine.acceptance_id = False
            planned = [day for day in acceptances.mapped("planned_on") if day]
            if planned:
                mine.filtered(lambda one: not one.trigger_planned).trigger_planned = max(planned)
