from odoo import api, fields, models

from .crm_lead import LEGAL_REGIMES
from .kams_tender_clause import KINDS


class KamsTenderClauseTemplate(models.Model):
    """What throws a bid out, by statute or by habit: the list that a response matrix starts from (6.4 废标条款)."""

    _name = "kams.tender.clause.template"
    _description = "Entry of the disqualification list"
    _order = "sequence, id"
    _rec_name = "text"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    text = fields.Text(string="Requirement", required=True, translate=True)
    number = fields.Char(string="Short Name", required=True, help="What stands as the clause's number, say 51(1).")
    kind = fields.Selection(KINDS, required=True, default="format")
    stage = fields.Selection(
        [
            ("receipt", "Refused at Receipt"),
            ("evaluation", "Rejected in the Evaluation"),
            ("document", "Seen in Tender Documents"),
        ],
        string="When",
        required=True,
        default="document",
    )
    legal_regime = fields.Selection(LEGAL_REGIMES, string="Legal Regime", help="Empty: under every regime.")
    condition = fields.Selection(
        [
            ("consortium", "Consortiums"),
            ("bond", "A Bond Is Required"),
            ("prequal", "There Is a Prequalification"),
        ],
        string="Only For",
        help="Empty: for every tender.",
    )
    source = fields.Char(required=True, help="The statute and article, or where it was seen.")

    # BUSINESS
    @api.model
    def _for_tender(self, tender):
        """The entries that a tender needs, in order."""
        there = {
            "consortium": tender.consortium_allowed or bool(tender.consortium_partner_ids),
            "bond": tender.bond_required,
            "prequal": tender.prequal_required,
        }
        return self.search([("legal_regime", "in", (False, tender.legal_regime))]).filtered(
            lambda entry: not entry.condition or there[entry.condition]
        )
