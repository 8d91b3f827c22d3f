from odoo import fields, models

from .insiders import INSIDERS


class CrmLead(models.Model):
    """What chapters recorded on a deal (``kams.deal.part``) goes with it. Plain deals have none and ask nothing."""

    _inherit = "crm.lead"

    kams_plan_ids = fields.One2many("kams.plan", "lead_id", string="Plans")
    kams_scorecard_ids = fields.One2many("kams.scorecard", "lead_id", string="Scorecards", groups=INSIDERS)

    # ORM
    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        if any("company_id" in vals for vals in vals_list) and (deals := list(self._kams_maybe_deals())):
            for parts in self._kams_parts(deals):
                self.env.add_to_compute(parts._fields["company_id"], parts)
                parts.modified(["company_id"])  # their lines follow
        return result

    # BUSINESS
    def _merge_dependences(self, opportunities):
        """The deal that remains takes over the parts of those that are merged into it."""
        result = super()._merge_dependences(opportunities)
        if opportunities.kams_process_id:
            if not self.kams_process_id:  # parts stand on deals under a process only
                self.kams_process_id = opportunities.kams_process_id[:1]
            for parts in self._kams_parts(opportunities.ids):
                parts._move_to_deal(self)
        return result

    def _kams_threads(self, deal_ids):
        """``{model: ids}`` of the parts of these deals that have messages or activities."""
        return {parts._name: parts.ids for parts in self._kams_parts(deal_ids) if hasattr(parts, "message_unsubscribe")}

    def _kams_forget(self, threads):
        """The database deletes parts with their deal; what points to them by name and id goes with them.

        sudo: whoever may delete a deal deletes what belongs to it.
        """
        for name, ids in threads.items():
            for model, field in (
                ("mail.activity", "res_model"),
                ("mail.message", "model"),
                ("mail.followers", "res_model"),
                ("ir.attachment", "res_model"),
            ):
                self.env[model].sudo().search([(field, "=", name), ("res_id", "in", ids)]).unlink()

    def _kams_parts(self, deal_ids):
        """The parts of these deals, a recordset per kind that there is: one statement a kind.

        sudo: whoever may merge a deal, or give it to another company, takes along all that belongs to it;
        nothing is shown.
        """
        for name in sorted(self.pool.descendants(["kams.deal.part"], "_inherit") - {"kams.deal.part"}):
            model = self.env[name].sudo().with_context(active_test=False)
            if not model._abstract and (parts := model.search([("lead_id", "in", deal_ids)])):
                yield parts
