from odoo import api, models
from odoo.exceptions import UserError


class KamsStateMixin(models.AbstractModel):
    """A record whose state may only move along listed ways (system control, 0.4).

    A model says which moves exist in ``_state_transitions``, as
    ``{from_state: {to_state, ...}}``; every other move is refused, whatever the
    route. A state that is not a key has no way out.
    """

    _name = "kams.state.mixin"
    _description = "Allowed state transitions"

    _state_field = "state"
    _state_transitions = {}

    @api.model_create_multi
    def create(self, vals_list):
        """A record is born in its model's default state, never in a later one."""
        records = super().create(vals_list)
        field = self._fields[self._state_field]
        born = field.default(self) if field.default else False
        for record in records:
            if record[self._state_field] != born:
                record._refuse_state(born, record[self._state_field])
        return records

    def write(self, vals):
        target = vals.get(self._state_field)
        if self._state_field in vals:
            for record in self:
                current = record[self._state_field]
                if target != current and target not in self._state_transitions.get(current, ()):
                    record._refuse_state(current, target)
        return super().write(vals)

    def _refuse_state(self, current, target):
        """Raise the one message for a move that is not on the list."""
        field = self._fields[self._state_field]
        labels = dict(field._description_selection(self.env))
        allowed = [labels[state] for state in self._state_transitions.get(current, ())]
        raise UserError(
            self.env._(
                "%(record)s cannot go from “%(current)s” to “%(target)s”. From here it can go to: %(allowed)s.",
                record=self.display_name,
                current=labels.get(current, current),
                target=labels.get(target, target),
                allowed=", ".join(sorted(allowed)) or self.env._("nowhere"),
            )
        )
