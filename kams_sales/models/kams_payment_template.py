from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import collections as arithmetic
from .blank import known
from .kams_payment_milestone import KINDS, NEAR, TRIGGERS


class KamsPaymentTemplate(models.Model):
    """A usual way to divide the price, such as 30-30-30-10: what a contract's payments are taken from (8.8 回款)."""

    _name = "kams.payment.template"
    _description = "Payment scheme"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    note = fields.Text(string="When It Is Usual", translate=True)
    line_ids = fields.One2many("kams.payment.template.line", "template_id", string="Payments", copy=True)

    # CONSTRAINTS
    @api.constrains("line_ids")
    def _check_all(self):
        for template in self:
            total = sum(template.line_ids.mapped("pct"))
            if template.line_ids and abs(total - 100) > NEAR:
                raise ValidationError(
                    self.env._(
                        "The payments of “%(scheme)s” come to %(pct)s %%: they have to come to 100 %%.",
                        scheme=template.name,
                        pct=f"{total:.2f}".rstrip("0").rstrip("."),
                    )
                )

    # BUSINESS
    def _milestones_for(self, contract):
        """Values of the payments that a contract has by this scheme, to the cent."""
        self.ensure_one()
        total, lines = known(contract.amount_total), self.line_ids
        places = contract.currency_id.decimal_places
        amounts = [None] * len(lines) if total is None else arithmetic.split(total, lines.mapped("pct"), places)
        return [
            {
                "contract_id": contract.id,
                "lead_id": contract.lead_id.id,
                "sequence": 10 * place,
                "kind": line.kind,
                "name": line.name,
                "pct": line.pct,
                "amount": amount,
                "trigger": line.trigger,
                "days": line.days,
                "condition": line.condition,
            }
            for place, (line, amount) in enumerate(zip(lines, amounts, strict=True), 1)
        ]


class KamsPaymentTemplateLine(models.Model):
    """One payment of a scheme."""

    _name = "kams.payment.template.line"
    _description = "Payment of a scheme"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one("kams.payment.template", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, string="Kind of Payment", required=True, default="progress")
    name = fields.Char(string="Payment", required=True, translate=True)
    pct = fields.Float(string="Share (%)", digits=(16, 6), required=True)
    trigger = fields.Selection(TRIGGERS, string="Falls Due Upon", required=True, default="manual")
    days = fields.Integer(string="Days to Pay", default=30)
    condition = fields.Text(string="Payment Condition", translate=True)

    _share = models.Constraint("CHECK(pct > 0 AND pct <= 100)", "A payment's share is more than 0 and at most 100 %.")
    _days = models.Constraint("CHECK(days >= 0)", "The days to pay can't be negative.")
