from odoo import api, models


class KamsScorecardTemplatePart(models.AbstractModel):
    """Part of a template. While the template is in use, no change may leave it unfit for use."""

    _name = "kams.scorecard.template.part"
    _description = "Part of a scorecard template"

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._after_change(parts.template_id)
        return parts

    def write(self, vals):
        before = self.template_id
        result = super().write(vals)
        self._after_change(before | self.template_id)
        return result

    def unlink(self):
        before = self.template_id
        result = super().unlink()
        self._after_change(before)
        return result

    def _after_change(self, templates):
        if self.env.context.get("kams_template_in_hand"):
            return  # the template itself is being written, and looks at the whole once
        templates._weigh_by_comparison()
        templates.filtered(lambda template: template.state == "active")._check_fit()
