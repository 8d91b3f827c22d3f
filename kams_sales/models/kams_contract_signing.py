from odoo import api, fields, models

SIGNATURES = [
    ("missing", "Not Signed"),
    ("unauthorised", "Not Authorised"),
    ("late", "Signed Late"),
    ("authorised", "Signed with Authority"),
]


class KamsContract(models.Model):
    """The signature of a contract: control point S5-6."""

    _inherit = "kams.contract"

    party_ids = fields.One2many("kams.contract.party", "contract_id", string="Parties", copy=True)
    signed_file_ids = fields.Many2many("ir.attachment", "kams_contract_signed_rel", string="Signed Copy", copy=False)
    signed_hash = fields.Text(string="Signed Copy (SHA-256)", readonly=True, copy=False)
    sealed = fields.Boolean(string="Sealed or E-Signed", copy=False, tracking=True)
    signature_state = fields.Selection(
        SIGNATURES, string="Signature", compute="_compute_signature_state", store=True, index=True
    )

    # COMPUTES
    @api.depends("state")
    def _compute_signature_state(self):
        for contract in self:
            contract.signature_state = "missing"
