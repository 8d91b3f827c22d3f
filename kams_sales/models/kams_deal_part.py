from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamsDealPart(models.AbstractModel):
    """A record that belongs to a deal: it goes with it, into another company, into a merge and out of the world.

    What a chapter records on a deal inherits this. Where a record may also stand on an account alone, the
    model computes ``company_id`` itself.
    """

    _name = "kams.deal.part"
    _description = "Part of a deal"
    _inherit = ["kams.computed.mixin"]

    lead_id = fields.Many2one("crm.lead", string="Deal", ondelete="cascade", index="btree_not_null")
    company_id = fields.Many2one("res.company", compute="_compute_company_id", store=True, index=True)

    @api.depends("lead_id")
    def _compute_company_id(self):
        """The company of the deal. A deal that changes company says so itself (``crm_lead_parts.py``)."""
        for part in self:
            part.company_id = part.lead_id.company_id

    # BUSINESS
    def _move_to_deal(self, deal):
        """Go over to the deal that this one is merged into. What may stand on a deal once makes room itself."""
        self.lead_id = deal

    @api.constrains("lead_id")
    def _check_deal_under_kams(self):
        for part in self:
            if part.lead_id and not part.lead_id.kams_process_id:
                raise ValidationError(
                    self.env._(
                        "%(deal)s is not under a KAMS process: bring it under one before recording “%(what)s” on it.",
                        deal=part.lead_id.display_name,
                        what=self.env["ir.model"]._get(self._name).name,
                    )
                )
