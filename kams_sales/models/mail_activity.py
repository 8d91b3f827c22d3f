from odoo import models

from .kams_plan_action import SYNC

FOLLOWS = {"user_id": "user_id", "date_deadline": "date_due"}


def moved_to(vals):
    """What the record behind an activity takes over when the activity is written: its owner and its day."""
    return {ours: vals[theirs] for theirs, ours in FOLLOWS.items() if theirs in vals}


class MailActivity(models.Model):
    """An activity of a plan takes its action along: closed, cancelled, handed over or moved. Others cost nothing."""

    _inherit = "mail.activity"

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if moved := moved_to(vals):
            actions, reviewed = self._kams_of_plans()
            actions.write(moved)
            if "date_due" in moved:
                reviewed.write({"review_date": moved["date_due"]})
        return result

    def unlink(self):
        actions, _reviewed = self._kams_of_plans()
        result = super().unlink()
        actions.exists().write({"state": "dropped"})
        return result

    # BUSINESS
    def _action_done(self, feedback=False, attachment_ids=None):
        actions, reviewed = self._kams_of_plans()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if actions:
            actions.write({"state": "done", **({"result": feedback} if feedback else {})})
        if reviewed:
            reviewed._reviewed()
        return result

    def _kams_of_plans(self):
        """``(actions, plans whose review it is)`` of these activities; asks only for activities of plans."""
        actions, plans = self.env["kams.plan.action"], self.env["kams.plan"]
        ours = self.browse() if self.env.context.get(SYNC) else self.filtered(lambda one: one.res_model == "kams.plan")
        if not ours:
            return actions, plans
        # sudo: who has an activity may close it, also without access to the plan, as Odoo has it
        actions = actions.sudo().with_context(**{SYNC: True})
        found = actions.search([("activity_id", "in", ours.ids), ("state", "=", "open")])
        return found, plans.sudo().search([("review_activity_id", "in", ours.ids)])
