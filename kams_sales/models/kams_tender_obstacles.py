from odoo import models


class KamsTender(models.Model):
    """What clauses and addenda hold against submitting a bid: each by name, among all that is missing (6.4, 6.5)."""

    _inherit = "kams.tender"

    def _submission_obstacles(self):
        found = super()._submission_obstacles()
        if not self.clause_ids:
            found.append(self.env._("No clause of the tender documents has been entered."))
        if stars := self._open_stars():
            found.append(
                self.env._(
                    "A bid that doesn't meet every starred or disqualifying clause is thrown out. Still open: %s.",
                    stars._named(),
                )
            )
        if waiting := self.clause_ids.filtered(lambda one: one.status == "tbd") - stars:
            found.append(self.env._("Clauses without an answer: %s.", len(waiting)))
        if addenda := self._unprocessed_addenda():
            found.append(self.env._("Nobody has processed these addenda: %s.", ", ".join(addenda.mapped("name"))))
        return found
