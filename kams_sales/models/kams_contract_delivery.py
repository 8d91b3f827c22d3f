from odoo import api, fields, models


class KamsContract(models.Model):
    """How a contract is delivered: by one project or by several (8.2)."""

    _inherit = "kams.contract"

    delivery_ids = fields.One2many("kams.delivery", "contract_id", string="Deliveries")
    delivery_count = fields.Integer(string="Number of Deliveries", compute="_compute_delivery_count")

    # COMPUTES
    @api.depends("delivery_ids")
    def _compute_delivery_count(self):
        counts = dict(
            self.env["kams.delivery"]._read_group([("contract_id", "in", self.ids)], ["contract_id"], ["__count"])
        )
        for contract in self:
            contract.delivery_count = counts.get(contract._origin, 0)

    # ACTIONS
    def action_deliveries(self):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_delivery_action")
        context = {"default_contract_id": self.id, "default_lead_id": self.lead_id.id}
        if len(self.delivery_ids) == 1:
            return {**action, "res_id": self.delivery_ids.id, "views": [(False, "form")], "context": context}
        return {**action, "domain": [("contract_id", "=", self.id)], "context": context}

    def action_make_delivery(self):
        """From the contract to the project, in one step."""
        self.ensure_one()
        self.check_access("read")
        return self.env["kams.delivery.make"]._open(contract=self)
