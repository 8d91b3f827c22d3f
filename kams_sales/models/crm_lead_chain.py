from odoo import api, fields, models

from .blank import BlankFloat

MAP_STATUSES = [
    ("red", "Nobody Who Counts Supports Us"),
    ("amber", "Some Who Count Support Us"),
    ("green", "Who Decides Supports Us"),
]


class CrmLead(models.Model):
    """The decision chain of a deal: who decides, how they stand, and how the customer gets there (3.6)."""

    _inherit = "crm.lead"

    kams_stakeholder_ids = fields.One2many("kams.stakeholder", "lead_id", string="Decision Chain")
    kams_decision_step_ids = fields.One2many("kams.decision.step", "lead_id", string="Decision Steps")
    kams_stakeholder_count = fields.Integer(compute="_compute_kams_chapter_counts")
    kams_decision_step_count = fields.Integer(compute="_compute_kams_chapter_counts")
    kams_support_index = BlankFloat(string="Support Index", digits=(5, 2), compute="_compute_kams_chain")
    kams_coverage = BlankFloat(string="Coverage (%)", digits=(5, 2), compute="_compute_kams_chain")
    kams_map_status = fields.Selection(MAP_STATUSES, string="Support", compute="_compute_kams_chain")
    kams_chain_advice = fields.Text(string="Advice on the Chain", compute="_compute_kams_chain")

    @api.depends("kams_stakeholder_ids")
    def _compute_kams_chain(self):
        self.kams_support_index = self.kams_coverage = False
        self.kams_map_status = self.kams_chain_advice = False

    # ACTIONS
    def action_kams_chain(self):
        return self._kams_open_part("kams.stakeholder", self.env._("Decision Chain"), views="hierarchy,list,form")

    def action_kams_decision_steps(self):
        return self._kams_open_part("kams.decision.step", self.env._("Decision Steps"))

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        return {
            **super()._kams_chapter_counts(),
            "kams_stakeholder_count": self._kams_count_of("kams_stakeholder"),
            "kams_decision_step_count": self._kams_count_of("kams_decision_step"),
        }
