from odoo import api, fields, models
from odoo.exceptions import AccessError

ACTIVITY_TYPE = "kams_sales.mail_activity_type_winloss_action"
SAID = {"name", "user_id", "date_due", "done_on"}


class KamsWinlossAction(models.Model):
    """What follows from a win or a loss: who does what until when; it goes on after the review is confirmed (9)."""

    _name = "kams.winloss.action"
    _description = "Action from a win or loss review"
    _inherit = ["kams.winloss.line", "mail.thread", "mail.activity.mixin"]
    _order = "done_on desc, date_due, id"
    _stamps = frozenset({"done_on"})
    _afterwards = frozenset({"done_on"})

    lead_id = fields.Many2one(related="winloss_id.lead_id", string="Deal")
    name = fields.Char(string="What to Do", required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Who Does It",
        domain="[('share', '=', False)]",
        default=lambda self: self.env.user,
        ondelete="set null",
        index="btree_not_null",
    )
    date_due = fields.Date(string="To Do By")
    done_on = fields.Date(string="Done On", readonly=True, copy=False)
    is_done = fields.Boolean(string="Done", compute="_compute_is_done")

    # COMPUTES
    @api.depends("done_on")
    def _compute_is_done(self):
        for action in self:
            action.is_done = bool(action.done_on)

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:  # said by the button alone
            vals_list = [{name: value for name, value in vals.items() if name != "done_on"} for vals in vals_list]
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        actions = super(KamsWinlossAction, quiet).create(vals_list).with_env(self.env)
        actions._sync_activities()
        return actions

    def write(self, vals):
        if not self.env.su:  # as above
            vals = {name: value for name, value in vals.items() if name != "done_on"}
        result = super().write(vals)
        if not SAID.isdisjoint(vals):
            self._sync_activities()
        return result

    # ACTIONS
    def action_done(self):
        """It is done; said by who does it, or by whoever may write the review."""
        return self._say(fields.Date.context_today(self))

    def action_not_done(self):
        """It wasn't done after all."""
        return self._say(False)

    # BUSINESS
    def _say(self, day):
        self.check_access("read")
        for action in self:
            if action.user_id != self.env.user and not action.has_access("write"):
                raise AccessError(self.env._("“%s” is done by somebody else, who says when it is.", action.name))
        self.sudo().write({"done_on": day})  # sudo: who does it may be somebody without the right to write reviews
        return True

    def _sync_activities(self):
        """One activity for whoever does it and may read it; none once it is done."""
        # sudo: whoever writes an action down asks who does it; the activity is theirs, and nothing is shown
        for action in self.sudo().with_context(mail_activity_quick_update=True):
            person = action.user_id
            if action.done_on:
                action.with_user(self.env.user).sudo().activity_feedback([ACTIVITY_TYPE])
                continue
            asked = action.activity_search([ACTIVITY_TYPE])
            reads = person.active and action.with_user(person).with_context(allowed_company_ids=person.company_ids.ids)
            if not reads or not reads.has_access("read"):
                asked.unlink()
                continue
            values = {
                "user_id": person.id,
                "date_deadline": action.date_due or fields.Date.context_today(self),
                "summary": action.name,
            }
            if asked:
                asked.write(values)
            else:
                action.activity_schedule(ACTIVITY_TYPE, **values)


class KamsWinloss(models.Model):
    """What follows from a review."""

    _inherit = "kams.winloss"

    action_ids = fields.One2many("kams.winloss.action", "winloss_id", string="What Follows")
