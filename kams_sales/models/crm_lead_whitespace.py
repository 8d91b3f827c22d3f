from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .crm_lead_gate import InternalPass


class CrmLead(models.Model):
    """A deal says for which of the customer's units it is, and with which offering: the whitespace cell it fills."""

    _inherit = "crm.lead"

    kams_unit_id = fields.Many2one(
        "kams.account.unit",
        string="Customer's Unit",
        index="btree_not_null",
        ondelete="set null",
        domain="[('account_id', '=', kams_account_id)]",
    )
    kams_offering_id = fields.Many2one("product.category", string="Offering", ondelete="set null")

    @api.constrains("kams_unit_id", "partner_id")
    def _check_kams_unit(self):
        if isinstance(self.env.context.get("kams_units_merged"), InternalPass):
            return
        for lead in self.filtered("kams_unit_id"):
            # sudo: only whether they are the same; a unit that the user may not see isn't named
            if lead.partner_id.commercial_partner_id != lead.kams_unit_id.sudo().account_id.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(deal)s: the unit chosen isn't one of its customer's. Choose another, or none.",
                        deal=lead.name,
                    )
                )

    def _kams_open_evidence(self, point):
        """The customer's cells; a customer without units gets them first, on its account."""
        if point._records() == "kams.whitespace.cell" and self.kams_account_id.unit_ids:
            return self.kams_account_id.action_view_whitespace()
        if point._records() == "kams.whitespace.cell":
            return self.action_kams_account()
        return super()._kams_open_evidence(point)

    def _merge_get_fields(self):
        return [*super()._merge_get_fields(), "kams_unit_id", "kams_offering_id"]
