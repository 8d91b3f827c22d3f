from odoo import api, models


class KamsKeptMixin(models.AbstractModel):
    """Configuration that others keep at hand (``tools.ormcache``): forgotten whenever a record of it changes."""

    _name = "kams.kept.mixin"
    _description = "Configuration that is kept at hand"

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
