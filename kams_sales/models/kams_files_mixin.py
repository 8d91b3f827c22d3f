from odoo import api, models


class KamsFilesMixin(models.AbstractModel):
    """Files that people add to a record are the record's from then on, and stay while what rests on them is fixed.

    A file that was just uploaded belongs to its uploader alone, and nobody else could open it. What keeps files names
    their fields in ``_kept_files``, and says in :meth:`_check_files_free` when they may no longer be exchanged or
    deleted; ``ir_attachment.py`` asks it on every way to a file.
    """

    _name = "kams.files.mixin"
    _description = "Keeper of files"
    _kept_files = ("attachment_ids",)

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if any(not vals.keys().isdisjoint(self._kept_files) for vals in vals_list):
            records._keep_files()
        return records

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(self._kept_files):
            self._keep_files()
        return result

    # BUSINESS
    def _tell_same_files(self, same, yes, no):
        """A notification that says whether files are still those that were kept."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success" if same else "danger", "sticky": not same, "message": yes if same else no},
        }

    def _keep_files(self):
        for record in self:
            for name in self._kept_files:
                if loose := record[name].filtered(lambda file: not file.res_id):
                    loose.write({"res_model": self._name, "res_id": record.id})

    def _kams_check_files(self, files):
        """Refuse to have these exchanged or deleted, as far as they are files of this record that stay."""
        self.ensure_one()
        for name in self._kept_files:
            if files & self[name]:
                self._check_files_free(name)

    def _check_files_free(self, name):
        """Raise UserError if the files of the field ``name`` stay as they are."""
