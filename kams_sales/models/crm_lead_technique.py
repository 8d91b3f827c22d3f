from odoo import api, fields, models


class CrmLead(models.Model):
    """What helps in a deal's present phase, as cards to open (3.7 必要的客户开发技巧). Plain deals have none."""

    _inherit = "crm.lead"

    kams_technique_ids = fields.Many2many(
        "kams.technique", string="Techniques That Help Now", compute="_compute_kams_technique_ids"
    )

    @api.depends("kams_process_id", "kams_phase_id")
    def _compute_kams_technique_ids(self):
        """From what is at hand: no query."""
        technique = self.env["kams.technique"]
        for lead in self:
            code = lead.kams_process_id and lead.kams_phase_code
            lead.kams_technique_ids = technique.browse(technique._of_phase(code) if code else ())
