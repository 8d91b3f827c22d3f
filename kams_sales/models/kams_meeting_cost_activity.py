from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

ACTIVITY_TYPE = "kams_sales.mail_activity_type_cost"
SAID = {"approver_id", "approved", "item", "amount"}


class KamsMeetingCost(models.Model):
    """A cost that waits for its approval stands in the activities of who shall approve it (5.3)."""

    _name = "kams.meeting.cost"
    _inherit = ["kams.meeting.cost", "mail.thread", "mail.activity.mixin"]

    # CONSTRAINTS
    @api.constrains("approver_id")
    def _check_approver(self):
        """Who can't open the deal would be asked in vain."""
        for line in self.filtered("approver_id"):
            approver = line.approver_id
            deal = line.lead_id.with_user(approver).with_context(allowed_company_ids=approver.company_ids.ids)
            if not deal.has_access("write"):
                raise ValidationError(
                    self.env._(
                        "%(who)s can't open the deal of “%(meeting)s” and so can't approve “%(item)s”. Choose somebody "
                        "of its team, or a sales director.",
                        who=approver.name,
                        meeting=line.event_id.name,
                        item=line.item,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        lines = super(KamsMeetingCost, quiet).create(vals_list).with_env(self.env)
        lines._sync_activities()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if not SAID.isdisjoint(vals):
            self._sync_activities()
        return result

    # BUSINESS
    def _sync_activities(self):
        """One activity for who shall approve a cost, none for who entered it or once it is approved."""
        # sudo: whoever enters a cost asks its approver; each activity is the approver's, and nothing is shown
        for line in self.sudo().with_context(mail_activity_quick_update=True):
            approver = line.approver_id
            if line.approved:
                line.with_user(self.env.user).sudo().activity_feedback([ACTIVITY_TYPE])
                continue
            asked = line.activity_search([ACTIVITY_TYPE])
            wanted = approver and approver.active and approver != line.entered_by_id
            values = {"user_id": approver.id, "summary": line._asks_for()}
            if wanted and asked:
                asked.write(values)
            elif wanted:
                due = fields.Date.context_today(self)
                line.activity_schedule(ACTIVITY_TYPE, date_deadline=due, **values)
            else:
                asked.unlink()

    def _asks_for(self):
        return self.env._(
            "Approve %(item)s, %(amount)s, for “%(meeting)s”",
            item=self.item,
            amount=formatLang(self.env, self.amount or 0.0, currency_obj=self.currency_id),
            meeting=self.event_id.name,
        )
