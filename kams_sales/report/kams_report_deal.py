from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.kams_account import TIERS


class KamsReportDeal(models.AbstractModel):
    """What each report on deals says of a deal: which one, whose, of what kind of customer, and the way to it.

    Book chapter 9: a figure that steers a team can be asked by team, owner, tier, mode, industry and source, and leads
    to the deals behind it. The report's query gives all of these columns.
    """

    _name = "kams.report.deal"
    _description = "Report on deals"
    _inherit = "kams.report"
    _rec_name = "lead_name"

    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True)
    lead_ref = fields.Integer(string="Deal Number", readonly=True, aggregator=None)
    lead_name = fields.Char(string="Deal Name", readonly=True)
    # Whose, of what kind
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    industry_id = fields.Many2one("res.partner.industry", string="Industry", readonly=True)
    source_id = fields.Many2one("utm.source", string="Source", readonly=True)
    account_id = fields.Many2one("kams.account", string="Key Account", readonly=True)
    tier = fields.Selection(TIERS, readonly=True)
    procurement_mode = fields.Selection(
        selection=lambda self: self.env["kams.procurement.mode"]._selection(), readonly=True
    )

    # ACTIONS
    @api.readonly
    def action_open_deal(self):
        """Open the deal that this row tells of, while it exists."""
        self.ensure_one()
        if not self.lead_id:
            raise UserError(self.env._("%s does not exist any more. Its history is all that is left.", self.lead_name))
        return self.lead_id._get_records_action(name=self.lead_id.display_name)
