from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

MOST = 200
# What is learnt from an earlier deal; its money, people and days are its own
LEARNT = ("category", "name", "cause", "effect", "trigger", "probability", "impact", "response", "action")


class KamsRiskOffer(models.TransientModel):
    """What threatened deals like this one: choose what may happen here as well (8.7).

    Deals are alike if their customers are of one industry, what was offered is the same, or they were bought in the
    same way. Only what the user may read is offered.
    """

    _name = "kams.risk.offer"
    _description = "Risks of similar deals"

    lead_id = fields.Many2one("crm.lead", string="Deal", required=True, readonly=True, ondelete="cascade")
    delivery_id = fields.Many2one("kams.delivery", string="Delivery", readonly=True, ondelete="cascade")
    line_ids = fields.One2many("kams.risk.offer.line", "offer_id", string="Risks of Similar Deals")
    is_empty = fields.Boolean(compute="_compute_is_empty")

    # COMPUTES
    @api.depends("line_ids")
    def _compute_is_empty(self):
        for offer in self:
            offer.is_empty = not offer.line_ids

    @api.depends("lead_id")
    def _compute_display_name(self):
        for offer in self:
            offer.display_name = self.env._("Risks of Similar Deals")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        offers = super().create(vals_list)
        for offer in offers.filtered(lambda one: not one.line_ids):
            offer._find()
        return offers

    # ACTIONS
    def action_take(self):
        """Those that were chosen, once each."""
        self.ensure_one()
        chosen = self.line_ids.filtered("taken").risk_id
        if not chosen:
            raise UserError(self.env._("Tick the risks that may happen on “%s” as well.", self.lead_id.display_name))
        chosen.check_access("read")
        taken = self._taken()
        self.env["kams.risk"].create(
            [
                {
                    **{name: risk[name] for name in LEARNT},
                    "origin_id": risk.id,
                    "lead_id": self.lead_id.id,
                    "delivery_id": self.delivery_id.id,
                    "user_id": self.delivery_id.user_id.id,
                }
                for risk in chosen - taken
            ]
        )
        return {"type": "ir.actions.act_window_close"}

    # BUSINESS
    @api.model
    def _opened(self, deal, delivery=None):
        """The dialog, filled."""
        self.env["kams.risk"].check_access("create")
        offer = self.create({"lead_id": deal.id, "delivery_id": delivery.id if delivery else False})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Risks of Similar Deals"),
            "res_model": self._name,
            "res_id": offer.id,
            "view_mode": "form",
            "target": "new",
        }

    def _taken(self):
        """Risks of others that are in this deal's register already."""
        return self.env["kams.risk"].search([("lead_id", "=", self.lead_id.id)]).origin_id

    def _find(self):
        """The most alike first, and of those what did happen."""
        deal = self.lead_id
        traits = self._traits(deal)
        alike = Domain.OR(Domain(path, "=", value) for path, _label, value in traits if value)
        risks = self.env["kams.risk"]
        if traits:
            risks = risks.search(
                Domain("lead_id", "!=", deal.id)
                & Domain("company_id", "in", [False, (deal.company_id or self.env.company).id])
                & Domain("lead_id.won_status", "=", "won")
                & Domain("id", "not in", self._taken().ids)
                & alike,
                limit=MOST,
                order="id desc",
            )
        why = {risk: self._in_common(risk, traits) for risk in risks}
        ranked = risks.sorted(lambda risk: (-len(why[risk]), not risk.occurred_on, -(risk.score or 0), risk.id))
        seen, values_list = set(), []
        for place, risk in enumerate(ranked):
            words = " ".join((risk.name or "").lower().split())
            if words not in seen:  # the same risk on several deals is one
                seen.add(words)
                values_list.append(
                    {"offer_id": self.id, "risk_id": risk.id, "sequence": place, "why": ", ".join(why[risk])}
                )
        self.env["kams.risk.offer.line"].create(values_list)

    @api.model
    def _traits(self, deal):
        """``[(path from a risk, word for it, this deal's value), ...]`` of what makes deals alike."""
        industry = deal.partner_id.commercial_partner_id.industry_id
        found = [
            ("lead_id.partner_id.commercial_partner_id.industry_id", industry.name, industry.id),
            ("lead_id.kams_offering_id", deal.kams_offering_id.name, deal.kams_offering_id.id),
            (
                "lead_id.kams_procurement_mode",
                dict(deal._fields["kams_procurement_mode"]._description_selection(self.env)).get(
                    deal.kams_procurement_mode
                ),
                deal.kams_procurement_mode,
            ),
        ]
        return [trait for trait in found if trait[2]]

    @api.model
    def _in_common(self, risk, traits):
        found = []
        for path, word, value in traits:
            mine = risk
            for name in path.split("."):
                mine = mine[name]
            if (mine.id if isinstance(mine, models.BaseModel) else mine) == value:
                found.append(word)
        return found


class KamsRiskOfferLine(models.TransientModel):
    """A risk of an earlier deal, offered for this one."""

    _name = "kams.risk.offer.line"
    _description = "Offered risk"
    _order = "sequence, id"

    offer_id = fields.Many2one("kams.risk.offer", required=True, ondelete="cascade")
    sequence = fields.Integer()
    taken = fields.Boolean(string="Take")
    risk_id = fields.Many2one("kams.risk", string="Offered Risk", required=True, readonly=True, ondelete="cascade")
    name_short = fields.Char(related="risk_id.name_short")
    category = fields.Selection(related="risk_id.category")
    level = fields.Selection(related="risk_id.level")
    occurred_on = fields.Date(related="risk_id.occurred_on")
    outcome = fields.Text(related="risk_id.outcome")
    deal_id = fields.Many2one(related="risk_id.lead_id", string="On the Deal")
    why = fields.Char(string="Alike In", readonly=True)
