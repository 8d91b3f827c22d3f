from odoo import fields, models


class KamsChange(models.Model):
    """A change that is accepted on its own, and paid upon that (8.3)."""

    _inherit = "kams.change"

    acceptance_ids = fields.One2many(
        "kams.acceptance", "change_id", string="Acceptances of the Change", readonly=True, copy=False
    )

    # BUSINESS
    def _take_effect(self):
        """The paper to accept it by stands ready before its payment, which waits for it."""
        for change in self.filtered("own_acceptance"):
            self.env["kams.acceptance"].create(
                {
                    "delivery_id": change.delivery_id.id,
                    "change_id": change.id,
                    "kind": "preliminary",
                    "name": self.env._("Acceptance of %s", change.display_name),
                }
            )
        return super()._take_effect()

    def _payment_vals(self):
        values = super()._payment_vals()
        if acceptance := self.acceptance_ids[:1]:
            values |= {"acceptance_id": acceptance.id, "trigger": "manual"}
        return values


class KamsAcceptance(models.Model):
    """The acceptance of a change is its own: payments of the contract don't wait for it, nor does the warranty."""

    _inherit = "kams.acceptance"

    change_id = fields.Many2one(
        "kams.change",
        string="Of Change",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        domain="[('delivery_id', '=', delivery_id)]",
    )

    # BUSINESS
    def _current_of(self, contracts):
        found = {
            place: of.filtered(lambda one: not one.change_id) for place, of in super()._current_of(contracts).items()
        }
        return {place: acceptances for place, acceptances in found.items() if acceptances}

    def _is_waited_for_by(self, milestone):
        waits = super()._is_waited_for_by(milestone)
        return waits and (not self.change_id or milestone.acceptance_id == self._origin)
