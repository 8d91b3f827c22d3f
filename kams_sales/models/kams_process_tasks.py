from odoo import models


class KamsProcess(models.Model):
    """A new version of an older process takes the shipped key tasks together with the shipped points."""

    _inherit = "kams.process"

    def _add_shipped_points(self):
        result = super()._add_shipped_points()
        for phase in self.phase_ids.filtered(lambda phase: not phase.activity_plan_id):
            plan = self.env.ref(f"kams_sales.plan_{phase.code}", raise_if_not_found=False)
            if plan and plan.active:
                phase.activity_plan_id = plan
        return result
