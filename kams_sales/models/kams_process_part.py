from odoo import api, models


class KamsProcessPart(models.AbstractModel):
    """Something that belongs to a process and is as fixed as it: a phase, a control point.

    A model that inherits this has ``process_id``. Its records are made, changed and deleted in drafts
    only, and what the engines keep at hand of the process is forgotten whenever that happens.
    """

    _name = "kams.process.part"
    _description = "Part of a process"
    # what may still be written once the process is active: what it helps with, not its rules
    _mutable_fields = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.process_id._check_editable()
        self.env.registry.clear_cache()
        return parts

    def write(self, vals):
        fixed = bool(set(vals) - self._mutable_fields)
        if fixed:
            self.process_id._check_editable()
        result = super().write(vals)
        if fixed:
            self.process_id._check_editable()  # again: they may have been moved to another process
        self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_in_drafts(self):
        self.process_id._check_editable()
        self.env.registry.clear_cache()

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        result = super()._update_field_translations(field_name, translations, digest, source_lang)
        self.env.registry.clear_cache()
        return result
