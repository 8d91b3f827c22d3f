from odoo import api, models

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


class Base(models.AbstractModel):
    """Tell the control points when a record that may be evidence changes.

    ``_write_multi`` sees columns and stored computed fields as they reach the database; ``modified``
    sees many2many fields, new records and links about to change. What is watched comes from the
    points' rules (``kams.control.point._watch``), so on all other models this costs one look-up.
    """

    _inherit = "base"

    def _kams_watched(self):
        """The watched fields of this model, or None. ``{field or None: {route: point ids}}``."""
        if not getattr(self.pool, "kams_watching", False) or self.env.context.get(MODULE_UNINSTALL_FLAG):
            return None  # the registry is still being built, or taken down
        return self.env["kams.control.point"]._watch().get(self._name)

    def _write_multi(self, vals_list):
        result = super()._write_multi(vals_list)
        watched = self._kams_watched()
        if watched:
            written = {name for vals in vals_list for name in vals}
            self.env["kams.control.check"]._note_change(self, watched, written)
        return result

    @api.private
    def modified(self, fnames, create=False, before=False):
        watched = self._kams_watched() if fnames else None
        if watched and before:
            # the deal that is about to lose this evidence must be asked as well
            self.env["kams.control.check"]._note_change(self, watched, fnames, at_once=True)
        result = super().modified(fnames, create=create, before=before)
        if watched and not before:
            if create:
                fnames = {*fnames, None}
            self.env["kams.control.check"]._note_change(self, watched, fnames)
        return result

    def unlink(self):
        watched = self._kams_watched() if self else None
        if not watched:
            return super().unlink()
        check = self.env["kams.control.check"]
        noted = check._note_change(self, watched, watched, at_once=True)
        result = super().unlink()
        check._note_points(noted)  # again: a flush on the way may have asked while the evidence was still there
        return result
