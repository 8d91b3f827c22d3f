from markupsafe import Markup

from odoo import Command, api, models
from odoo.tools import format_date


class MailActivitySchedule(models.TransientModel):
    """Odoo's dialog plans the key tasks of a deal's phase once: those that are planned already are left out."""

    _inherit = "mail.activity.schedule"

    @api.depends("plan_date", "plan_id", "plan_on_demand_user_id", "res_model", "res_ids")
    def _compute_plan_schedule_line_ids(self):
        super()._compute_plan_schedule_line_ids()
        for scheduler in self:
            deals = scheduler._kams_deals()
            if len(deals) == 1:
                scheduler.plan_schedule_line_ids = [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "line_description": task._kams_words(self.env.lang)[0],
                                "responsible_user_id": scheduler._kams_responsible(task, deals).id,
                                "line_date_deadline": scheduler.plan_date
                                and task._get_date_deadline(scheduler.plan_date),
                            }
                        )
                        for task in deals._kams_tasks_left(scheduler.plan_id)
                    ),
                ]

    def action_schedule_plan(self):
        deals = self._kams_deals()
        others = (self._get_applied_on_records() or self.env["crm.lead"]) - deals if deals else None
        if not deals or others:
            return super().action_schedule_plan()
        deals.check_access("write")
        for deal in deals:
            self._kams_plan_on(deal)
        deals._kams_mark_launched([(deal.id, deal.kams_phase_id.id) for deal in deals])
        if len(deals) == 1:
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.crm_lead_kams_action")
        return dict(action, domain=[("id", "in", deals.ids)])

    def _kams_deals(self):
        """The deals that the dialog plans on, if the plan is that of their phase."""
        self.ensure_one()
        if self.res_model != "crm.lead" or not self.plan_id:
            return self.env["crm.lead"]
        return self._get_applied_on_records().filtered(lambda deal: deal.kams_phase_id.activity_plan_id == self.plan_id)

    def _kams_responsible(self, task, deal):
        return task._determine_responsible(self.plan_on_demand_user_id, deal)["responsible"] or self.env.user

    def _kams_plan_on(self, deal):
        lines = []
        for task in deal._kams_tasks_left(self.plan_id):
            user = self._kams_responsible(task, deal)
            values = task._kams_task_values(self.plan_date, user.lang)
            deal.activity_schedule(user_id=user.id, automated=False, **values)
            lines.append(
                Markup("<li>%s</li>")
                % self.env._(
                    "%(task)s, for %(user)s, until %(day)s",
                    task=values["summary"],
                    user=user.name,
                    day=format_date(self.env, values["date_deadline"]),
                )
            )
        body = self.env._("Key tasks of phase %s planned", deal.kams_phase_id.name)
        deal.message_post(body=Markup("%s<ul>%s</ul>") % (body, Markup().join(lines)))
