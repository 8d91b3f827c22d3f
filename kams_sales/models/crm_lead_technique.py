from odoo import api, fields, models
from odoo.exceptions import UserError


class CrmLead(models.Model):
    """What helps in a deal's present phase: names at hand, cards to open (3.7 必要的客户开发技巧).

    Plain deals have none.
    """

    _inherit = "crm.lead"

    kams_technique_names = fields.Text(
        string="Techniques That Help Now",
        compute="_compute_kams_technique_names",
        help="By name only: a page that loads all cards would slow each deal down.",
    )

    @api.depends("kams_process_id", "kams_phase_id")
    @api.depends_context("lang")
    def _compute_kams_technique_names(self):
        """From what is at hand: no query."""
        technique = self.env["kams.technique"]
        for lead in self:
            code = lead.kams_process_id and lead.kams_phase_code
            lead.kams_technique_names = technique._names_of_phase(code) if code else False

    def action_kams_techniques(self):
        """Open the cards of the present phase, in their order."""
        self.ensure_one()
        self.check_access("read")
        if not self.kams_phase_code:
            raise UserError(self.env._("%s follows no process: techniques go with its phases.", self.display_name))
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_technique_action")
        ids = self.env["kams.technique"]._of_phase(self.kams_phase_code)
        return {**action, "domain": [("id", "in", ids)], "target": "current"}
