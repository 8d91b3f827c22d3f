from odoo import api, models

# What makes a file another one, or takes it away from what it belongs to
CONTENT = {"raw", "datas", "db_datas", "name", "url", "type", "mimetype", "res_model", "res_id"}


class IrAttachment(models.Model):
    """A file that something rests on stays like the words beside it: neither exchanged nor deleted.

    Odoo lets everybody who may write a record write its files. Which files stay, their record says
    (``kams_files_mixin.py``).
    """

    _inherit = "ir.attachment"

    # ORM
    def write(self, vals):
        if not self.env.su and not CONTENT.isdisjoint(vals):
            self._kams_check_kept()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_kept(self):
        """Also by sudo: Odoo's own page deletes files so."""
        self._kams_check_kept()

    # BUSINESS
    def _kams_check_kept(self):
        # sudo: whose files these are, to ask their records; nothing is shown
        ours = self.sudo().filtered(lambda file: file.res_id and (file.res_model or "").startswith("kams."))
        for name, files in ours.grouped("res_model").items():
            model = self.env.get(name)
            if isinstance(model, self.env.registry["kams.files.mixin"]):
                # sudo: a fixed record is asked, whoever may see it
                for record in model.sudo().browse(files.mapped("res_id")).exists():
                    record._kams_check_files(files.filtered(lambda file, record=record: file.res_id == record.id))
