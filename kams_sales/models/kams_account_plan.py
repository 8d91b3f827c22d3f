from odoo import api, fields, models

from .blank import BlankFloat


class KamsAccount(models.Model):
    """The customer's plans: the one in force is a click away, with how it is doing (0.2 大客户计划)."""

    _inherit = "kams.account"

    plan_ids = fields.One2many("kams.plan", "account_id", string="Plans")
    plan_count = fields.Integer(compute="_compute_plan", string="Number of Plans")
    plan_id = fields.Many2one("kams.plan", compute="_compute_plan", string="Account Plan in Force")
    plan_health = BlankFloat(compute="_compute_plan", string="Plan Health")

    @api.depends("plan_ids.state", "plan_ids.kind", "plan_ids.date_from", "plan_ids.date_to")
    def _compute_plan(self):
        today = fields.Date.context_today(self)
        for account in self:
            plans = account.plan_ids.filtered(lambda plan: plan.kind == "account")
            account.plan_count = len(plans)
            active = plans.filtered(lambda plan: plan.state == "active")
            account.plan_id = (active.filtered(lambda plan: plan.date_from <= today <= plan.date_to) or active)[:1]
            account.plan_health = account.plan_id.health

    def action_view_plans(self):
        """The plan in force; several or none: the list, ready for a new one."""
        self.ensure_one()
        if self.plan_id and self.plan_count == 1:
            return self.plan_id._get_records_action(name=self.plan_id.display_name)
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_plan_action")
        context = {"default_account_id": self.id, "default_kind": "account"}
        if not self.plan_count and self.env["kams.plan"].has_access("create"):
            return {**action, "views": [(False, "form")], "context": context}
        return {**action, "domain": [("account_id", "=", self.id)], "context": context}
