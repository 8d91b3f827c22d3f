from odoo import models


class CrmStage(models.Model):
    """A stage that turns into a won stage wins the deals in it: the gate has a say."""

    _inherit = "crm.stage"

    def write(self, vals):
        if not vals.get("is_won"):
            return super().write(vals)
        turned = self.filtered(lambda stage: not stage.is_won)
        result = super().write(vals)
        if turned:
            # sudo: the gate must see deals that this user cannot; a refusal names only what the user changed
            deals = (
                self.env["crm.lead"]
                .sudo()
                .with_context(active_test=False)
                .search([("stage_id", "in", turned.ids), ("kams_process_id", "!=", False)])
            )
            deals._kams_gate()
        return result
