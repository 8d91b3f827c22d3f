from odoo import api, fields, models

ACTIVITY_TYPE = "kams_sales.mail_activity_type_rectification"
SAID = {"user_id", "date_due", "issue", "closed_on"}


class KamsAcceptanceRectification(models.Model):
    """Whoever has to put something right finds it among their activities until it is closed (8.3)."""

    _inherit = "kams.acceptance.rectification"

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        found = super().create(vals_list)
        found._sync_activities()
        return found

    def write(self, vals):
        result = super().write(vals)
        if not SAID.isdisjoint(vals):
            self._sync_activities()
        return result

    # BUSINESS
    def _sync_activities(self):
        """Let the activities say who still has something to put right."""
        today = fields.Date.context_today(self)
        # in their list is enough: no mail besides
        for one in self.with_context(mail_activity_quick_update=True):
            waiting = one.activity_ids.filtered(lambda act: act.activity_type_id == self.env.ref(ACTIVITY_TYPE))
            if one.closed_on:
                one.activity_feedback([ACTIVITY_TYPE])
                continue
            if stale := waiting.filtered(lambda act, one=one: act.user_id != one.user_id):
                stale.sudo().unlink()  # sudo: of this rectification, which the user may write; it now asks another
            values = {"date_deadline": one.date_due or today, "summary": one._short()}
            if kept := waiting - stale:
                kept.sudo().write(values)  # sudo: likewise, the same rectification's
            elif one.user_id:
                one.activity_schedule(ACTIVITY_TYPE, user_id=one.user_id.id, **values)
