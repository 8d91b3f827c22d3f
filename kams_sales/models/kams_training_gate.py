from odoo import fields, models
from odoo.exceptions import UserError


class KamsDelivery(models.Model):
    """The trainings of a delivery, and whether the last payment waits for them (8.4)."""

    _inherit = "kams.delivery"

    training_ids = fields.One2many("kams.training", "delivery_id", string="Trainings")
    training_count = fields.Integer(string="Number of Trainings", compute="_compute_training_count")
    final_needs_training = fields.Boolean(
        string="Final Invoice Needs Training",
        tracking=True,
        help="The payment on final acceptance isn't invoiced before the customer has signed off each training.",
    )

    # COMPUTES
    def _compute_training_count(self):
        counts = dict(
            self.env["kams.training"]._read_group([("delivery_id", "in", self.ids)], ["delivery_id"], ["__count"])
        )
        for delivery in self:
            delivery.training_count = counts.get(delivery._origin, 0)

    # ACTIONS
    def action_trainings(self):
        """The trainings of this delivery."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_training_action")
        return {
            **action,
            "domain": [("delivery_id", "=", self.id)],
            "context": {"default_delivery_id": self.id},
        }

    # BUSINESS
    def _check_trained(self, milestone):
        """Raise UserError while the customer hasn't signed off what was to be taught."""
        self.ensure_one()
        trainings = self.training_ids.filtered(lambda one: one.state != "cancelled")
        open_ones = trainings.filtered(lambda one: one.state != "signed")
        if open_ones:
            raise UserError(
                self.env._(
                    "“%(payment)s” waits for trainings that the customer hasn't signed off: %(trainings)s. Have them "
                    "signed, or take “%(field)s” off the delivery “%(delivery)s”.",
                    payment=milestone.display_name,
                    trainings=", ".join(open_ones.mapped("name")),
                    field=self._fields["final_needs_training"]._description_string(self.env),
                    delivery=self.display_name,
                )
            )
        if not trainings and self.training_needed:
            raise UserError(
                self.env._(
                    "“%(payment)s” waits for a training, and none is recorded for the delivery “%(delivery)s”. Record "
                    "it, or take “%(field)s” off the delivery.",
                    payment=milestone.display_name,
                    field=self._fields["final_needs_training"]._description_string(self.env),
                    delivery=self.display_name,
                )
            )


class KamsPaymentMilestone(models.Model):
    """The invoice on final acceptance may wait until the customer has signed that they were trained (8.4)."""

    _inherit = "kams.payment.milestone"

    # BUSINESS
    def _check_may_invoice(self):
        super()._check_may_invoice()
        last = self.filtered(lambda one: "final" in (one.kind, one.trigger))
        if not last:
            return
        # sudo: finance people needn't see deliveries; they are told the names of trainings that hold the invoice up
        deliveries = self.env["kams.delivery"].sudo()
        waiting = deliveries.search(
            [
                ("lead_id", "in", last.sudo().lead_id.ids),
                ("final_needs_training", "=", True),
                ("state", "!=", "cancelled"),
            ]
        )
        for milestone in last if waiting else ():
            # sudo: as above; a delivery without a contract is all of its deal's
            deal, contract = milestone.sudo().lead_id, milestone.sudo().contract_id
            for delivery in waiting.filtered(lambda one, deal=deal: one.lead_id == deal):
                if contract and delivery.contract_id and delivery.contract_id != contract:
                    continue
                delivery._check_trained(milestone)
