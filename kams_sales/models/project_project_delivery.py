from odoo import fields, models


class ProjectProject(models.Model):
    """The delivery that a project carries out, asked for where its form is shown; nothing is stored here (8.2)."""

    _inherit = "project.project"

    kams_delivery_id = fields.Many2one(
        "kams.delivery",
        string="Delivery",
        compute="_compute_kams_delivery_id",
        groups="kams_sales.group_salesperson,kams_sales.group_delivery,kams_sales.group_auditor",
    )

    # COMPUTES
    def _compute_kams_delivery_id(self):
        found = self.env["kams.delivery"].search([("project_id", "in", self.ids)])
        of = {delivery.project_id.id: delivery for delivery in found}
        for project in self:
            project.kams_delivery_id = of.get(project._origin.id)

    # ACTIONS
    def action_kams_delivery(self):
        self.ensure_one()
        delivery = self.kams_delivery_id
        delivery.check_access("read")
        return delivery and {
            "type": "ir.actions.act_window",
            "res_model": "kams.delivery",
            "res_id": delivery.id,
            "views": [(False, "form")],
        }
