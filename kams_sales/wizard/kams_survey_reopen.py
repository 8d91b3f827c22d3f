from odoo import fields, models
from odoo.exceptions import UserError


class KamsSurveyReopen(models.TransientModel):
    """Take a survey back that the customer confirmed, and say why: the reason stays with the survey."""

    _name = "kams.survey.reopen"
    _description = "Reopen a survey"

    survey_id = fields.Many2one("kams.survey", required=True, readonly=True, ondelete="cascade")
    reason = fields.Text()

    def action_confirm(self):
        self.ensure_one()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why “%s” is reopened: the reason stays.", self.survey_id.display_name))
        self.survey_id.write({"state": "draft", "reopened_because": self.reason.strip()})
        return {"type": "ir.actions.act_window_close"}
