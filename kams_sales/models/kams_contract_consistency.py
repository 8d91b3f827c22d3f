from odoo import api, fields, models

from .blank import BlankMonetary

ASPECTS = [
    ("subject", "Subject Matter"),
    ("price", "Contract Price"),
    ("quality", "Quality Standard"),
    ("period", "Performance Period"),
]
CONSISTENCY = [
    ("not_needed", "No Bid to Keep To"),
    ("open", "Not Compared Yet"),
    ("differs", "Departs from the Bid"),
    ("same", "Same as the Bid"),
]


class KamsContractConsistency(models.Model):
    """One of the four things in which a contract after a tender may not depart from the bid (招标投标法 46)."""

    _name = "kams.contract.consistency"
    _description = "Comparison of contract and bid"
    _order = "contract_id, sequence, id"

    contract_id = fields.Many2one("kams.contract", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    sequence = fields.Integer(default=10)
    aspect = fields.Selection(ASPECTS, required=True)
    bid_value = fields.Text(string="In the Bid")
    contract_value = fields.Text(string="In the Contract")
    delta = BlankMonetary(string="Price Difference")
    same = fields.Boolean()


class KamsContract(models.Model):
    """Whether a contract keeps to the bid: control point S5-2."""

    _inherit = "kams.contract"

    consistency_ids = fields.One2many("kams.contract.consistency", "contract_id", string="Bid and Contract")
    consistency_state = fields.Selection(
        CONSISTENCY, string="Against the Bid", compute="_compute_consistency_state", store=True, index=True
    )

    # COMPUTES
    @api.depends("tender_id", "consistency_ids.same")
    def _compute_consistency_state(self):
        for contract in self:
            lines = contract.consistency_ids
            if not contract.tender_id:
                contract.consistency_state = "not_needed"
            elif len(lines) < len(ASPECTS):
                contract.consistency_state = "open"
            else:
                contract.consistency_state = "same" if all(lines.mapped("same")) else "differs"
