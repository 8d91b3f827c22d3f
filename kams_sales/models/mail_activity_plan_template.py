from markupsafe import Markup

from odoo import api, fields, models

from .kams_deal_member import ROLES


class MailActivityPlanTemplate(models.Model):
    """A key task of a phase: who usually does it, and what is there when it is done.

    Book sections 3.2 (客户开发阶段的工作内容) and 4.1 (立项阶段的工作内容). Odoo's plans know one language;
    these words are translated and each salesperson gets their own.
    """

    _inherit = "mail.activity.plan.template"

    responsible_type = fields.Selection(
        selection_add=[("kams_salesperson", "Salesperson of the deal")],
        ondelete={"kams_salesperson": "set on_demand"},
    )
    kams_task = fields.Char(string="Key Task", translate=True, help="Its name, in each user's language.")
    kams_role = fields.Selection(ROLES, string="Role", help="Who usually does it.")
    kams_deliverable = fields.Text(string="Deliverable", translate=True, help="What is there when it is done.")

    @api.depends("activity_type_id")
    def _compute_responsible_type(self):
        """What was chosen for deals stays chosen."""
        ours = self.filtered(lambda template: template.responsible_type == "kams_salesperson")
        super(MailActivityPlanTemplate, self - ours)._compute_responsible_type()

    def _determine_responsible(self, on_demand_responsible, applied_on_record):
        if self.responsible_type != "kams_salesperson":
            return super()._determine_responsible(on_demand_responsible, applied_on_record)
        user = applied_on_record.user_id if applied_on_record._name == "crm.lead" else self.env["res.users"]
        return {"responsible": user or on_demand_responsible or self.env.user, "error": False, "warning": False}

    def _kams_words(self, lang):
        """``(summary, note)`` of this task in a language."""
        task = self.with_context(lang=lang)
        note = task.note or Markup()
        if task.kams_deliverable:
            note = Markup("<p>%s</p>") % task.kams_deliverable + note
        if task.kams_role:
            roles = dict(self._fields["kams_role"]._description_selection(task.env))
            note = Markup("<p><em>%s</em></p>") % roles[task.kams_role] + note
        return task.kams_task or task.summary or task.activity_type_id.name, note

    def _kams_task_values(self, day, lang):
        """Values of the activity that this task becomes, without the deal and its salesperson."""
        summary, note = self._kams_words(lang)
        return {
            "activity_type_id": self.activity_type_id.id,
            "summary": summary,
            "note": note,
            "date_deadline": self._get_date_deadline(day),
        }
