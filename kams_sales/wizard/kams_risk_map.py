from odoo import api, fields, models

from ..models.kams_risk import CATEGORIES

WHEN = [("before", "As It Stands"), ("after", "When the Actions Have Worked")]
LISTED = 80


class KamsRiskMap(models.TransientModel):
    """The heat map of all risks that somebody may read, of one deal or of one delivery: a screen of its own (8.7).

    Below the map stand the risks themselves, the gravest first.
    """

    _name = "kams.risk.map"
    _description = "Risk map"

    when = fields.Selection(WHEN, string="Show", default="before", required=True)
    lead_id = fields.Many2one("crm.lead", string="Deal", domain="[('kams_process_id', '!=', False)]")
    delivery_id = fields.Many2one(
        "kams.delivery", string="Delivery", domain="lead_id and [('lead_id', '=', lead_id)] or []"
    )
    category = fields.Selection(CATEGORIES, string="Kind of Risk")
    user_id = fields.Many2one("res.users", string="Risk Owner", domain="[('share', '=', False)]")
    map = fields.Html(compute="_compute_map", sanitize=False)
    risk_ids = fields.Many2many("kams.risk", string="Risks", compute="_compute_risk_ids")

    # COMPUTES
    @api.depends("lead_id", "delivery_id")
    def _compute_display_name(self):
        for one in self:
            of = one.delivery_id.display_name or one.lead_id.display_name
            one.display_name = " – ".join(filter(None, (self.env._("Risk Map"), of)))

    @api.depends("when", "lead_id", "delivery_id", "category", "user_id")
    @api.depends_context("lang", "uid", "company")
    def _compute_map(self):
        for one in self:
            one.map = self.env["kams.risk"]._drawn_map(one._domain(), after=one.when == "after")

    @api.depends("lead_id", "delivery_id", "category", "user_id")
    @api.depends_context("uid", "company")
    def _compute_risk_ids(self):
        for one in self:
            one.risk_ids = self.env["kams.risk"].search([*one._domain(), ("state", "=", "open")], limit=LISTED)

    # ACTIONS
    def action_list(self):
        """All of these as a list, to filter and group."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_risk_action")
        context = {"search_default_open": 1}
        if self.lead_id:
            context["default_lead_id"] = self.lead_id.id
        return {**action, "domain": self._domain(), "context": context}

    # BUSINESS
    def _domain(self):
        """Of one company, since exposures are added up."""
        company = self.delivery_id.company_id or self.lead_id.company_id or self.env.company
        domain = [("company_id", "in", [False, company.id])]
        for name in ("lead_id", "delivery_id", "user_id"):
            if self[name]:
                domain.append((name, "=", self[name]._origin.id))
        if self.category:
            domain.append(("category", "=", self.category))
        return domain

    @api.model
    def _opened(self, **scope):
        """The screen for a deal or a delivery."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Risk Map"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "current",
            "context": {f"default_{name}": value for name, value in scope.items()},
        }
