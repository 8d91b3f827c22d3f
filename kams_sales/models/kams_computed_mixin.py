from odoo import api, models
from odoo.exceptions import UserError


class KamsComputedMixin(models.AbstractModel):
    """What follows from other entries is written by nobody: control points rely on it (system control, 0.4).

    Odoo keeps the fields that it computes off the form, yet takes a value for them by import or from a program, and
    keeps it until something else changes.
    """

    _name = "kams.computed.mixin"
    _description = "Results that nobody writes"

    # What only buttons write: the model refuses or drops it itself, here no default in a context brings it in
    _stamps = frozenset()

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        """Nor does a new record get such a value, be it typed or as a default that a program puts into the context."""
        mine = {name for name in self._fields if self._follows(name)}
        if not self.env.su:
            vals_list = [{name: value for name, value in vals.items() if name not in mine} for vals in vals_list]
        barred = {f"default_{name}" for name in mine | self._stamps}
        if not barred.isdisjoint(self.env.context):
            self = self.with_context(  # pylint: disable=self-cls-assignment
                {key: value for key, value in self.env.context.items() if key not in barred}
            )
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            self._refuse_computed(vals)
        return super().write(vals)

    # BUSINESS
    @api.model
    def _follows(self, name):
        """Whether the field's value is stored and follows from others."""
        field = self._fields.get(name)
        return bool(field and field.store and field.compute and field.readonly)

    def _refuse_computed(self, names):
        for name in names:
            if self._follows(name):
                raise UserError(
                    self.env._(
                        "%(record)s: “%(field)s” follows from other entries and can't be written.",
                        record=self[:1].display_name,
                        field=self._fields[name]._description_string(self.env),
                    )
                )
