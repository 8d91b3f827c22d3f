from datetime import timedelta

from odoo import api, fields, models

ACTIVITY_TYPE = "kams_sales.mail_activity_type_objection"
# While it is in one of these, somebody owes the customer an answer
WAITING = ("open", "unresolved")
SAID = {"state", "user_id", "date_due", "statement", "lead_id"}


class KamsObjection(models.Model):
    """An objection that waits for an answer stands in its owner's activities; a lost deal's asks nobody (5.5)."""

    _inherit = "kams.objection"

    date_due = fields.Date(
        compute="_compute_date_due", store=True, readonly=False, precompute=True, help="Until when we answer."
    )
    activity_id = fields.Many2one(
        "mail.activity", ondelete="set null", copy=False, readonly=True, index="btree_not_null"
    )

    # COMPUTES
    @api.depends("date")
    def _compute_date_due(self):
        """So many days after it was raised, by the dated parameter, unless somebody says otherwise."""
        days = self.env["kams.legal.rule"]._value("objection_answer_days")
        for objection in self:
            if not objection.date_due and objection.date and days is not None:
                objection.date_due = objection.date + timedelta(days=int(days))

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        objections = super().create(vals_list)
        objections._sync_activities()
        return objections

    def write(self, vals):
        result = super().write(vals)
        if not SAID.isdisjoint(vals):
            self._sync_activities()
        return result

    # BUSINESS
    def _take_back(self, reason):
        super()._take_back(reason)
        self._sync_activities()

    def _sync_activities(self):
        """Let the activities say what these objections say: one write where something differs, one create for all."""
        missing = self.browse()
        for objection in self:
            activity = objection.activity_id.filtered("active")
            if objection.state in WAITING and objection.user_id and objection.lead_id.active:
                values = objection._activity_values()
                if not activity:
                    # closed by hand: it comes again when the objection itself does
                    missing |= objection if not objection.activity_id else self.browse()
                elif any(
                    activity._fields[name].convert_to_write(activity[name], activity) != value
                    for name, value in values.items()
                ):
                    activity.write(values)
            elif activity and objection.state in WAITING:
                activity.unlink()
            elif activity:
                activity.action_feedback(feedback=objection.response)
        if missing:
            # in their list is enough: no mail besides
            activities = (
                self.env["mail.activity"]
                .with_context(mail_activity_quick_update=True)
                .create(
                    [
                        {
                            **objection._activity_values(),
                            "res_model_id": self.env["ir.model"]._get_id(self._name),
                            "res_id": objection.id,
                            "activity_type_id": self.env.ref(ACTIVITY_TYPE).id,
                        }
                        for objection in missing
                    ]
                )
            )
            for objection, activity in zip(missing, activities, strict=True):
                objection.activity_id = activity

    def _activity_values(self):
        today = fields.Date.context_today(self)
        return {
            "summary": self._short_statement(),
            "user_id": self.user_id.id,
            "date_deadline": self.date_due or today,
        }
