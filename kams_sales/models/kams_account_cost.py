from odoo import api, fields, models
from odoo.exceptions import ValidationError

ACTIVITIES = [
    ("visits", "Sales Visits"),
    ("presales", "Pre-sales Support"),
    ("bidding", "Bidding"),
    ("logistics", "Logistics and Delivery"),
    ("installation", "Installation"),
    ("service", "Service"),
    ("training", "Training"),
    ("complaints", "Rework and Complaints"),
    ("capital", "Capital Tied Up"),
]


class KamsAccountCost(models.Model):
    """What serving a customer costs beyond the goods, by activity (2.3 服务成本; chapter 0 warns of it).

    Odoo can't know these: people record them, as an amount or as a quantity of the driver at its rate.
    """

    _name = "kams.account.cost"
    _description = "Cost to serve a key account"
    _inherit = ["kams.account.part"]
    _order = "date desc, id desc"
    _rec_name = "activity"

    date = fields.Date(required=True, default=fields.Date.context_today, index=True)
    activity = fields.Selection(ACTIVITIES, required=True)
    driver = fields.Char(help="What drives the cost: visits, hours, deliveries.")
    driver_qty = fields.Float(string="Quantity")
    driver_rate = fields.Monetary(string="Rate")
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False, aggregator="sum")
    user_id = fields.Many2one("res.users", string="Typed By", default=lambda self: self.env.user, readonly=True)
    note = fields.Char()

    # COMPUTES
    @api.depends("driver_qty", "driver_rate")
    def _compute_amount(self):
        for cost in self:
            if cost.driver_qty and cost.driver_rate:
                cost.amount = cost.driver_qty * cost.driver_rate

    # CONSTRAINTS
    @api.constrains("amount")
    def _check_amount(self):
        labels = dict(self._fields["activity"]._description_selection(self.env))
        for cost in self:
            if cost.amount < 0:
                raise ValidationError(
                    self.env._(
                        "%(activity)s for %(account)s costs %(amount)s: a cost to serve can't be below zero.",
                        activity=labels[cost.activity],
                        account=cost.account_id.name,
                        amount=cost.amount,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, "user_id": self.env.uid} for vals in vals_list])

    def write(self, vals):
        return super().write({**vals, "user_id": self.env.uid} if vals else vals)
