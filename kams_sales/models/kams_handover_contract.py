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

    # ACTIONS
    def action_accept(self):
        result = super().action_accept()
        self._tell_negotiations()
        return result

    # BUSINESS
    def _collect(self):
        """A contract that was made since is taken over first."""
        self.filtered(lambda one: not one.contract_id)._engine()._compute_contract_id()
        return super()._collect()

    def _tell_negotiations(self):
        """A negotiation is handed over with its contract, and back to signed when the handover is reopened.

        A handover without a contract is of all that was negotiated on its deal.

        sudo: delivery has no right on a plan, and learns nothing of it; only the state changes.
        """
        for handover in self:
            target = {"accepted": "handed_over", "draft": "signed"}.get(handover.state)
            before = {"handed_over": "signed", "signed": "handed_over"}.get(target)
            negotiations = handover.sudo().contract_id.negotiation_id or handover.lead_id.sudo().kams_negotiation_ids
            for negotiation in negotiations.filtered(lambda one, before=before: one.state == before):
                negotiation._follow_contract(target)

    def _reopen(self, reason):
        super()._reopen(reason)
        self._tell_negotiations()


class KamsContract(models.Model):
    """A contract signed after its handover was accepted: the negotiation is handed over at once."""

    _inherit = "kams.contract"

    handover_ids = fields.One2many("kams.handover", "contract_id", string="Handovers")

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "signed":
            # sudo: whoever signs needn't see handovers; only the negotiation's state follows
            self.sudo().handover_ids.filtered(lambda one: one.state == "accepted")._tell_negotiations()
        return result
