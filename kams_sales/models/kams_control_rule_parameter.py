from odoo import api, models


class KamsControlPoint(models.Model):
    """Named rules compare with dated parameters: a change of one is asked of all deals, as a change of evidence is."""

    _inherit = "kams.control.point"

    @api.model
    def _parameters_changed(self, keys):
        """Ask the points anew whose rules read one of these keys of ``kams.legal.rule``, before the commit."""
        # sudo: the engine's own bookkeeping; whoever changes a parameter may see neither points nor deals
        named = self.sudo().search([("rule_type", "=", "named"), ("rule_key", "!=", False)])
        points = named.filtered(lambda point: not keys.isdisjoint(point._named_rule().parameters))
        if points:
            checks = self.env["kams.control.check"].sudo()
            checks._note_points(
                {
                    point: leads.ids
                    for point, leads in checks._read_group(
                        [("point_id", "in", points.ids)], ["point_id"], ["lead_id:recordset"]
                    )
                }
            )


class KamsLegalRule(models.Model):
    """A dated parameter tells the points that compare with it."""

    _inherit = "kams.legal.rule"

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._kams_tell_points()
        return rules

    def write(self, vals):
        self._kams_tell_points()
        result = super().write(vals)
        self._kams_tell_points()
        return result

    def unlink(self):
        self._kams_tell_points()
        return super().unlink()

    # BUSINESS
    def _kams_tell_points(self):
        self.env["kams.control.point"]._parameters_changed(set(self.mapped("key")))
