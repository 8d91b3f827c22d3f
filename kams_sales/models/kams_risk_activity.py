from odoo import api, fields, models

ACTIVITY_TYPE = "kams_sales.mail_activity_type_risk"
SAID = {"state", "user_id", "date_due", "name", "probability", "impact", "delivery_id", "lead_id"}
BATCH = 200


class KamsRisk(models.Model):
    """Who has to act on a risk finds it among their activities; where the owner left, the project manager does (8.7).

    An open risk asks somebody if it has a day, if it is high, or if its owner is gone: a register isn't a list of
    chores.
    """

    _inherit = "kams.risk"

    activity_id = fields.Many2one(
        "mail.activity", ondelete="set null", copy=False, readonly=True, index="btree_not_null"
    )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        risks = super().create(vals_list)
        risks._sync_activities()
        return risks

    def write(self, vals):
        result = super().write(vals)
        if not SAID.isdisjoint(vals):
            self._sync_activities()
        return result

    # BUSINESS
    def _asked(self):
        """Who is asked: the owner, or whoever has to name a new one."""
        if self.user_id.active:
            return self.user_id
        # sudo: only who it is; whoever keeps the register may not be allowed to read the deal
        managers = self.sudo().delivery_id.user_id, self.sudo().lead_id.user_id
        return next((user.sudo(False) for user in managers if user.active), self.env["res.users"])

    def _asks(self):
        gone = self.user_id and not self.user_id.active
        return self.state == "open" and bool(self.date_due or self.level == "high" or gone) and bool(self._asked())

    def _sync_activities(self):
        """Let the activities say what these risks say: a write where something differs, one create for all."""
        missing = self.browse()
        # in their list is enough: no mail besides
        for risk in self.with_context(mail_activity_quick_update=True):
            activity = risk.activity_id.filtered("active")
            if risk._asks():
                values = risk._activity_values()
                if not activity:
                    # closed by hand: it comes again when somebody else is to be asked
                    done = risk.activity_id.user_id == risk._asked()
                    missing |= risk.browse() if done else risk
                elif any(
                    activity._fields[name].convert_to_write(activity[name], activity) != value
                    for name, value in values.items()
                ):
                    activity.sudo().write(values)  # sudo: of this risk, whoever it asked before
            elif activity and risk.state == "open":
                activity.sudo().unlink()  # sudo: of this risk, which asks nobody now
            elif activity:
                activity.action_feedback(feedback=risk.outcome)
        if missing:
            activities = (
                self.env["mail.activity"]
                .with_context(mail_activity_quick_update=True)
                .create(
                    [
                        {
                            **risk._activity_values(),
                            "automated": True,
                            "res_model_id": self.env["ir.model"]._get_id(self._name),
                            "res_id": risk.id,
                            "activity_type_id": self.env.ref(ACTIVITY_TYPE).id,
                        }
                        for risk in missing
                    ]
                )
            )
            for risk, activity in zip(missing, activities, strict=True):
                risk.activity_id = activity

    def _activity_values(self):
        asked = self._asked()
        translate = self.with_context(lang=asked.lang or self.env.lang).env
        summary = self.display_name
        if asked != self.user_id:
            summary = (
                translate._(
                    "%(who)s left: name a new owner of “%(risk)s”", who=self.user_id.name, risk=self.display_name
                )
                if self.user_id
                else translate._("Name an owner of “%s”", self.display_name)
            )
        today = fields.Date.context_today(self)
        return {"summary": summary, "user_id": asked.id, "date_deadline": self.date_due or today}

    @api.model
    def _cron_sync(self):
        """Daily: whatever way owners left, and whoever takes over from a project manager."""
        orphans = self.search(
            [
                ("state", "=", "open"),
                "|",
                ("is_owner_gone", "=", True),
                *("&", ("user_id", "=", False), ("level", "=", "high")),
            ]
        )
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(orphans))
        for first in range(0, len(orphans), BATCH):
            batch = orphans[first : first + BATCH]
            batch._sync_activities()
            if not progress._commit_progress(len(batch)):
                break


class ResUsers(models.Model):
    """Whoever leaves leaves no risk alone: who answers for its delivery is told at once (8.7)."""

    _inherit = "res.users"

    # ORM
    def write(self, vals):
        leaving = self.filtered("active") if vals.get("active") is False else self.browse()
        result = super().write(vals)
        if leaving:
            # sudo: whoever archives a user needn't see the risks; activities of others' are all that is made
            risks = self.env["kams.risk"].sudo().search([("user_id", "in", leaving.ids), ("state", "=", "open")])
            risks._sync_activities()
        return result
