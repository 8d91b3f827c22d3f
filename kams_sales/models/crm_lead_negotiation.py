from odoo import api, fields, models

from .insiders import INSIDERS


class CrmLead(models.Model):
    """The negotiations of a deal (7.3), and what they may be about when the way of buying changes."""

    _inherit = "crm.lead"

    kams_negotiation_ids = fields.One2many("kams.negotiation", "lead_id", string="Negotiations", groups=INSIDERS)
    kams_negotiation_count = fields.Integer(
        string="Number of Negotiations", compute="_compute_kams_chapter_counts", groups=INSIDERS
    )

    # ORM
    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        changed = any("kams_procurement_mode" in vals for vals in vals_list)
        if changed and (deals := list(self._kams_maybe_deals())):
            # sudo: the law locks a plan, whoever changes how the customer buys
            self.env["kams.negotiation"].sudo().search([("lead_id", "in", deals)])._lock_again()
        return result

    # ACTIONS
    def action_kams_negotiations(self):
        return self._kams_open_part("kams.negotiation", self.env._("Negotiations"), views="list,kanban,form")

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        return {**super()._kams_chapter_counts(), "kams_negotiation_count": self._kams_count_of("kams_negotiation")}

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.negotiation": "action_kams_negotiations"}


class KamsTender(models.Model):
    """A tender that is won locks the negotiation to what we bid."""

    _inherit = "kams.tender"

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if not {"result", "mode", "bid_price"}.isdisjoint(vals):
            # sudo: the law locks a plan, whoever records the award
            self.env["kams.negotiation"].sudo().search([("lead_id", "in", self.lead_id.ids)])._lock_again()
        return result
