from odoo import models
from odoo.exceptions import ValidationError


class CrmStage(models.Model):
    """A stage that turns into a won stage wins the deals in it: the gate has a say."""

    _inherit = "crm.stage"

    def write(self, vals):
        if "is_won" in vals and not vals["is_won"]:
            self._check_not_delivery()
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

    def _check_not_delivery(self):
        """Delivery begins when the contract is won: its stage stays a won stage while deals run under the process."""
        # sudo: whether a process in force sits on the stage, whoever may see it
        phase = (
            self.env["kams.process.phase"]
            .sudo()
            .search(
                [("stage_id", "in", self.ids), ("code", "=", "delivery"), ("process_id.state", "!=", "draft")], limit=1
            )
        )
        if phase and phase.stage_id.is_won:
            raise ValidationError(
                self.env._(
                    "Stage %(stage)s is where delivery begins under %(process)s: it must stay a won stage. Bind the "
                    "phase to another stage in a new version first.",
                    stage=phase.stage_id.name,
                    process=phase.process_id.display_name,
                )
            )
