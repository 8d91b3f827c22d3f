from odoo import api, fields, models

from .blank import refuse_negative


class KamsStakeholderCriterion(models.Model):
    """What one person decides by, and how much it counts for them (3.6 decision criteria)."""

    _name = "kams.stakeholder.criterion"
    _description = "Decision criterion of a stakeholder"
    _order = "rank, id"
    _rec_name = "criterion"

    stakeholder_id = fields.Many2one("kams.stakeholder", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="stakeholder_id.lead_id", store=True, index=True)
    company_id = fields.Many2one(related="stakeholder_id.company_id", store=True, index=True)
    criterion = fields.Char(required=True)
    rank = fields.Integer(default=10)
    weight = fields.Float(string="Weight (%)", digits=(5, 2))

    @api.constrains("weight")
    def _check_weight(self):
        refuse_negative(self, "weight")
