from odoo import api, fields, models

# context key: what is written comes from the other side of the pair action – activity
SYNC = "kams_plan_sync"


class KamsPlanAction(models.Model):
    """What somebody does for a plan until a day: it stands in their activities until it is done.

    Book sections 0.2, 4.4 and 8.6. In an active plan an open action and its activity are one thing seen from two
    sides: who closes, hands over or moves the one does it to the other.
    """

    _name = "kams.plan.action"
    _description = "Action of a plan"
    _order = "plan_id, date_due, id"

    # Place
    plan_id = fields.Many2one("kams.plan", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    customer_id = fields.Many2one(related="plan_id.customer_id")
    # What, for whom, by whom
    name = fields.Char(string="Action", required=True)
    partner_id = fields.Many2one(
        "res.partner", string="Stakeholder", domain="[('id', 'child_of', customer_id)]", index="btree_not_null"
    )
    purpose = fields.Char()
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        index=True,
    )
    date_due = fields.Date(string="Due", required=True, default=fields.Date.context_today)
    cost = fields.Monetary()
    expected = fields.Char(string="Expected Result")
    # What came of it
    result = fields.Text(copy=False)
    state = fields.Selection(
        [("open", "Open"), ("done", "Done"), ("dropped", "Dropped")],
        string="Status",
        required=True,
        default="open",
        copy=False,
        index=True,
    )
    done_on = fields.Date(readonly=True, copy=False)
    activity_id = fields.Many2one(
        "mail.activity", ondelete="set null", copy=False, readonly=True, index="btree_not_null"
    )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        done = actions.filtered(lambda action: action.state == "done")
        super(KamsPlanAction, done).write({"done_on": fields.Date.context_today(self)})  # pylint: disable=super-method-mismatch
        actions._sync_activities()
        return actions

    def write(self, vals):
        if "state" in vals:
            vals = {**vals, "done_on": fields.Date.context_today(self) if vals["state"] == "done" else False}
        elif not self.env.su:  # it is the day on which somebody said so
            vals = {name: value for name, value in vals.items() if name != "done_on"}
        result = super().write(vals)
        if not {"name", "user_id", "date_due", "purpose", "state", "plan_id"}.isdisjoint(vals):
            self._sync_activities()
        return result

    def unlink(self):
        activities = self.activity_id.filtered("active")
        result = super().unlink()
        activities.with_context(**{SYNC: True}).unlink()
        return result

    # ACTIONS
    def action_done(self):
        self.state = "done"

    # BUSINESS
    def _sync_activities(self):
        """Let the activities say what these actions say; nothing to do when the activity told the action."""
        if self.env.context.get(SYNC):
            return
        quiet = self.with_context(**{SYNC: True})
        missing = quiet.browse()
        for action in quiet:
            activity = action.activity_id.filtered("active")
            if action.state == "open" and action.plan_id._is_in_force():
                values = action._activity_values()
                if not activity:
                    missing |= action
                elif changed := {
                    name: value
                    for name, value in values.items()
                    if activity._fields[name].convert_to_write(activity[name], activity) != value
                }:
                    activity.write(changed)
            elif activity and action.state == "done":
                activity.action_feedback(feedback=action.result)
            elif activity:
                activity.unlink()
        if missing:
            plan_model = self.env["ir.model"]._get_id("kams.plan")
            todo = self.env.ref("mail.mail_activity_data_todo").id
            activities = missing.env["mail.activity"].create(
                [
                    {
                        **action._activity_values(),
                        "res_model_id": plan_model,
                        "res_id": action.plan_id.id,
                        "activity_type_id": todo,
                    }
                    for action in missing
                ]
            )
            for action, activity in zip(missing, activities, strict=True):
                action.activity_id = activity

    def _activity_values(self):
        return {"summary": self.name, "user_id": self.user_id.id, "date_deadline": self.date_due}
