from odoo import api, fields, models

from ..tools import relation
from .blank import BlankFloat


class KamsAccount(models.Model):
    """How satisfied a customer's people are, and how the relationship is doing, over all its deals (8.6)."""

    _inherit = "kams.account"

    satisfaction_score = BlankFloat(
        string="Satisfaction of Their People (1–5)",
        digits=(3, 2),
        compute="_compute_relation",
        help="Mean of the last answer of each person on each deal.",
    )
    relation_health = BlankFloat(string="Health of the Relationship", digits=(5, 2), compute="_compute_relation")
    relation_note = fields.Text(string="What the Health Rests On", compute="_compute_relation")

    # COMPUTES
    @api.depends("lead_ids.kams_satisfaction_ids.score", "lead_ids.kams_satisfaction_ids.is_latest")
    @api.depends_context("lang")
    def _compute_relation(self):
        """Of the deals that go on or were won; contacts by the plan in force."""
        accounts = self._origin
        # sudo: who sees the account may know these figures of its deals, as with its plans' measures
        leads = self.env["crm.lead"].sudo()
        deals = accounts.sudo().lead_ids.filtered("kams_process_id")  # sudo: as above
        found = deals.grouped(lambda deal: deal.kams_account_id.id)
        plans = accounts.plan_ids.sudo()  # sudo: as above
        plans = plans.filtered(lambda one: one.kind == "relationship" and one.state == "active").sorted("id")
        # a customer without deals and plans asks no further
        figures = leads._kams_relation_figures(found) if found else {}
        contacts = plans._relation_contacts() if plans else {}
        contact_of = {plan.account_id.id: contacts.get(plan.id) for plan in plans}
        weights = plans._relation_weights() if figures or contacts else {}
        for account in self:
            id_ = account._origin.id
            parts = {**figures.get(id_, {}), "contact": contact_of.get(id_)}
            account.relation_health = relation.health(parts, weights)
            account.relation_note = plans._relation_text(parts, weights)
            account.satisfaction_score = parts.get("score")

    # ACTIONS
    def action_view_satisfaction(self):
        """What this customer's people answered, the last answers first."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_satisfaction_action")
        return {**action, "domain": [("lead_id.kams_account_id", "=", self.id)], "context": {"create": False}}

    def action_view_relation_plans(self):
        """The relationship plans of this account and of its deals, ready for a new one of the account."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_plan_relation_action")
        return {
            **action,
            "domain": [
                ("kind", "=", "relationship"),
                "|",
                ("account_id", "=", self.id),
                ("lead_id.kams_account_id", "=", self.id),
            ],
            "context": {"default_kind": "relationship", "default_account_id": self.id},
        }
