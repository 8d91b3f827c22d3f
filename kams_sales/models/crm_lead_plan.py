from odoo import fields, models


class CrmLead(models.Model):
    """The plans of a deal go with it, into another company and into a merge."""

    _inherit = "crm.lead"

    kams_plan_ids = fields.One2many("kams.plan", "lead_id", string="Plans")

    # ORM
    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        if any("company_id" in vals for vals in vals_list) and (deals := list(self._kams_maybe_deals())):
            # sudo: plans belong to their deal's company, whoever changes it
            plans = self.env["kams.plan"].sudo().search([("lead_id", "in", deals)])
            self.env.add_to_compute(plans._fields["company_id"], plans)
            plans.modified(["company_id"])  # their lines follow
        return result

    # BUSINESS
    def _merge_dependences(self, opportunities):
        """Plans are on deals under a process only; a merge of plain ones asks nothing."""
        result = super()._merge_dependences(opportunities)
        if opportunities.kams_process_id:
            # sudo: who may merge deals takes along all that belongs to them
            self.env["kams.plan"].sudo().search([("lead_id", "in", opportunities.ids)]).lead_id = self
        return result
