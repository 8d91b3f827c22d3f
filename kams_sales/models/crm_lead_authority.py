from odoo import models


class CrmLead(models.Model):
    """A deal's quotations know whether they are on a deal under a process (7.7): they are told when that changes."""

    _inherit = "crm.lead"

    # ORM
    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        if any("kams_process_id" in vals for vals in vals_list):
            for on_deal in (True, False):
                ids = [
                    lead.id
                    for lead, vals in zip(self, vals_list, strict=True)
                    if "kams_process_id" in vals and bool(vals["kams_process_id"]) is on_deal
                ]
                if ids:
                    self.env["sale.order"]._kams_follow_process(ids, on_deal)
        return result
