import textwrap

from odoo import api, fields, models

ACTIVITY_TYPE = "kams_sales.mail_activity_type_point"
SAID = {"user_id", "date_due", "state", "text"}


class KamsNegotiationPoint(models.Model):
    """An open point stands in the activities of who settles it, until it is settled (7.4)."""

    _name = "kams.negotiation.point"
    _inherit = ["kams.negotiation.point", "mail.thread", "mail.activity.mixin"]

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        points = super(KamsNegotiationPoint, quiet).create(vals_list).with_env(self.env)
        points.filtered("user_id")._sync_activities()
        return points

    def write(self, vals):
        result = super().write(vals)
        if not SAID.isdisjoint(vals):
            self._sync_activities()
        return result

    # BUSINESS
    def _sync_activities(self):
        """One activity for who settles a point and may read it; none once it is settled, or while the deal is lost."""
        # sudo: whoever leaves a point open asks who settles it; the activity is theirs, and nothing is shown
        for point in self.sudo().with_context(mail_activity_quick_update=True):
            if point.state == "closed":
                point.with_user(self.env.user).sudo().activity_feedback([ACTIVITY_TYPE], feedback=point.solution)
                continue
            asked, person = point.activity_search([ACTIVITY_TYPE]), point.user_id
            companies = person.company_ids.ids
            reads = person.active and point.with_user(person).with_context(allowed_company_ids=companies)
            if not point.lead_id.active or not reads or person == self.env.user or not reads.has_access("read"):
                asked.unlink()
                continue
            values = {
                "user_id": person.id,
                "date_deadline": point.date_due or fields.Date.context_today(self),
                "summary": textwrap.shorten(point.text, 120, placeholder="…"),
            }
            if asked:
                asked.write(values)
            else:
                point.activity_schedule(ACTIVITY_TYPE, **values)
