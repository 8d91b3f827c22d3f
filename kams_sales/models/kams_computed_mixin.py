from odoo import api, models
from odoo.exceptions import UserError


class KamsComputedMixin(models.AbstractModel):
    """What follows from other entries is written by nobody: control points rely on it (system control, 0.4).

    Odoo keeps the fields that it computes off the form, yet takes a value for them by import or from a program, and
    keeps it until something else changes.
    """

    _name = "kams.computed.mixin"
    _description = "Results that nobody writes"

    # ORM
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
