from odoo import api, models

from .kams_review import PASSED

# What a committee still says of a deal that is won
AFTER_WIN = ("contract", "change")


class KamsReview(models.Model):
    """What decided reviews ask of people, for as long as there is something to do (4.3).

    A call to review again and an open condition rest while the deal is lost or archived, and are asked anew when it is
    open again. Of a deal that is won only its contracts and changes are reviewed again. What was found stays written on
    the review: the yes doesn't hold, whether or not anybody has to act on that.
    """

    _inherit = "kams.review"

    # ACTIONS
    def action_submit(self):
        """Whoever was called to review again has done so."""
        result = super().action_submit()
        self.sudo().previous_id._calls().unlink()  # sudo: whoever applied before is called; super() checked this user
        return result

    def action_take_back(self):
        result = super().action_take_back()
        self.sudo().previous_id._engine()._sync_calls()  # sudo: as in action_submit
        return result

    def action_cancel(self):
        result = super().action_cancel()
        self.sudo().previous_id._engine()._sync_calls()  # sudo: as in action_submit
        return result

    # BUSINESS
    def _decide(self, outcome, minutes="", conditions=()):
        result = super()._decide(outcome, minutes, conditions)
        before = self._siblings().filtered(lambda one: one != self and one._subject() == self._subject())
        before.sudo()._calls().unlink()  # sudo: calls are other people's; that the user may decide was checked above
        return result

    def _withdraw(self, why):
        super()._withdraw(why)
        self.sudo()._calls().unlink()  # sudo: calls are other people's; super() checked that the user may withdraw

    @api.model
    def _follow_calls(self, lead_ids):
        """Deals were closed or are open again: what their reviews ask of people follows; one search for all."""
        # sudo: whoever closes or restores the deal sets this off; nothing is shown to them
        reviews = self.sudo().search(
            [
                ("lead_id", "in", lead_ids),
                ("state", "in", PASSED),
                "|",
                ("rereview_due", "=", True),
                ("condition_ids.state", "=", "open"),
            ]
        )
        if not reviews:
            return
        reviews = reviews._engine()
        reviews._sync_calls()
        conditional = reviews.filtered(lambda one: one.state == "conditional")
        conditional.filtered(lambda one: not one.lead_id.active).condition_ids.activity_id.unlink()
        conditional.filtered("lead_id.active").condition_ids._ask()

    def _sync_calls(self):
        """A call for whoever is to review again, and for nobody else. sudo came with the caller."""
        again = self.search([("previous_id", "in", self.ids), ("state", "=", "open")]).previous_id
        calling = self.filtered(lambda review: review not in again and review._still_calls())
        (self - calling)._calls().unlink()
        for review in calling.filtered(lambda one: not one._calls()):
            review._call()

    def _calls(self):
        """The activities that ask to review again."""
        kind = self.env.ref("kams_sales.mail_activity_type_review")
        asked = self.opinion_ids.activity_id | self.condition_ids.activity_id
        return self.activity_ids.filtered(lambda one: one.automated and one.activity_type_id == kind) - asked

    def _call(self):
        """Ask whoever applied, or sells the deal, to have it reviewed again."""
        who = self.applicant_id if self.applicant_id.active else self.lead_id.user_id
        if who and self._is_alive():
            self._plan_activity(who, self.env._("Review again: %s", self.rereview_reason.splitlines()[0]))

    def _is_alive(self):
        """Whether there still is something to decide."""
        deal = self.lead_id
        return not deal or (deal.active and (deal.won_status != "won" or self.kind in AFTER_WIN))

    def _still_calls(self):
        """Whether somebody has to have it reviewed again, if nobody does so already."""
        return (
            self.state in PASSED
            and self.is_latest
            and self.rereview_due
            and self._is_alive()
            # what was taken back to be written anew is submitted again by itself
            and not any(fact["what"].endswith("_reopened") for fact in self.rereview_facts or ())
        )
