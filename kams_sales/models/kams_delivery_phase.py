from odoo import api, fields, models

from .blank import BlankFloat, BlankMonetary, refuse_beyond, refuse_negative


class KamsDeliveryPhase(models.Model):
    """A phase of a delivery: a milestone of the project, with the weight and the dates that it was promised for.

    Book section 8.3 阶段工作管理.
    """

    _name = "kams.delivery.phase"
    _description = "Phase of a delivery"
    _inherit = ["kams.computed.mixin"]
    _order = "delivery_id, sequence, id"

    delivery_id = fields.Many2one("kams.delivery", string="Delivery", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="delivery_id.lead_id", string="Deal")
    company_id = fields.Many2one(related="delivery_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="delivery_id.currency_id")
    milestone_id = fields.Many2one(
        "project.milestone", string="Milestone", ondelete="set null", index="btree_not_null", copy=False
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Phase of Delivery", required=True)
    user_id = fields.Many2one(
        "res.users", string="Owner", domain="[('share', '=', False)]", ondelete="set null", index="btree_not_null"
    )
    # Promised
    weight = BlankFloat(string="Weight (%)", digits=(16, 2))
    budget = BlankMonetary(string="Planned Costs")
    baseline_start = fields.Date(string="Baseline From")
    baseline_end = fields.Date(string="Baseline Until")

    # CONSTRAINTS
    @api.constrains("weight", "budget")
    def _check_amounts(self):
        refuse_negative(self, "weight", "budget")
        refuse_beyond(self, 100, "weight")
