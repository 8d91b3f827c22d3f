from odoo import api, fields, models


class CrmLead(models.Model):
    """The tenders of a deal: one for each lot (6.3)."""

    _inherit = "crm.lead"

    kams_tender_ids = fields.One2many("kams.tender", "lead_id", string="Tenders")
    kams_tender_count = fields.Integer(string="Number of Tenders", compute="_compute_kams_chapter_counts")

    # ACTIONS
    def action_kams_tenders(self):
        return self._kams_open_part("kams.tender", self.env._("Tenders"), views="list,kanban,calendar,form")

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        return {**super()._kams_chapter_counts(), "kams_tender_count": self._kams_count_of("kams_tender")}

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.tender": "action_kams_tenders"}


class KamsTender(models.Model):
    """A deal's card says when its next bid is due."""

    _inherit = "kams.tender"

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        tenders = super().create(vals_list)
        self.env["crm.lead"]._kams_note_card(tenders.lead_id.ids)
        return tenders

    def write(self, vals):
        told = not {"bid_deadline", "state", "result", "lead_id"}.isdisjoint(vals)
        before = self.lead_id.ids if told else []
        result = super().write(vals)
        if told:
            self.env["crm.lead"]._kams_note_card([*before, *self.lead_id.ids])
        return result

    def unlink(self):
        deals = self.lead_id.ids
        result = super().unlink()
        self.env["crm.lead"]._kams_note_card(deals)
        return result
