from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamsHandover(models.Model):
    """A handover is about a contract: what it says stands beside the points, so that delivery need not look for it."""

    _inherit = "kams.handover"

    contract_id = fields.Many2one(
        "kams.contract",
        string="Contract",
        compute="_compute_contract_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        index="btree_not_null",
        domain="[('lead_id', '=', lead_id)]",
    )

    # COMPUTES
    @api.depends("lead_id")
    def _compute_contract_id(self):
        """The deal's contract, if there is just one that isn't terminated."""
        live = self.env["kams.contract"].search([("lead_id", "in", self.lead_id.ids), ("is_live", "=", True)])
        by_deal = live.grouped("lead_id")
        for handover in self:
            contracts = by_deal.get(handover.lead_id._origin, live.browse())
            handover.contract_id = handover.contract_id or (len(contracts) == 1 and contracts)

    # CONSTRAINTS
    @api.constrains("contract_id")
    def _check_contract(self):
        for handover in self:
            if handover.contract_id and handover.contract_id.lead_id != handover.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(contract)s” is of another deal than the handover: choose a contract of %(deal)s.",
                        contract=handover.contract_id.display_name,
                        deal=handover.lead_id.display_name,
                    )
                )
