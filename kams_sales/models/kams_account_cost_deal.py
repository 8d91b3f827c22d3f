from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamsAccountCost(models.Model):
    """A cost that was for one deal: it counts against that deal's pre-sales budget (4.3)."""

    _inherit = "kams.account.cost"

    lead_id = fields.Many2one(
        "crm.lead",
        string="Deal",
        ondelete="set null",
        index="btree_not_null",
        domain="[('kams_account_id', '=', account_id)]",
        help="Empty: it serves the customer, not one deal.",
    )

    @api.constrains("lead_id", "account_id")
    def _check_deal(self):
        for cost in self:
            if cost.lead_id and cost.lead_id.kams_account_id != cost.account_id:
                raise ValidationError(
                    self.env._(
                        "%(deal)s is not a deal of %(account)s: choose one of this customer's deals, or none.",
                        deal=cost.lead_id.display_name,
                        account=cost.account_id.name,
                    )
                )
