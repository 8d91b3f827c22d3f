from odoo import api, fields, models
from odoo.exceptions import UserError

from .blank import BlankFloat, BlankMonetary
from .kams_forecast import CATEGORIES
from .kams_process_phase import PHASE_CODES


class KamsForecastLine(models.Model):
    """A deal as it was when its forecast was locked, and what became of it by the end of the period.

    Book chapter 9. Locking writes it, closing adds the outcome, and nobody changes it.
    """

    _name = "kams.forecast.line"
    _description = "Deal of a forecast"
    _order = "forecast_id desc, category, amount desc, id"
    _rec_name = "lead_name"

    forecast_id = fields.Many2one("kams.forecast", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="forecast_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True, ondelete="set null", index="btree_not_null")
    lead_ref = fields.Integer(string="Deal Number", required=True, readonly=True, aggregator=None)
    lead_name = fields.Char(string="Deal Name", readonly=True)
    partner_name = fields.Char(string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True, ondelete="set null")
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True, ondelete="set null")
    phase_code = fields.Selection(PHASE_CODES, string="Phase", readonly=True)
    # As it was
    category = fields.Selection(CATEGORIES, string="Forecast Category", required=True, readonly=True)
    by_hand = fields.Boolean(
        string="Category by Hand", readonly=True, help="Somebody chose the category; else the phase's chance did."
    )
    amount = fields.Monetary(readonly=True)
    weighted = fields.Monetary(string="Weighted by Policy", readonly=True)
    deadline = fields.Date(string="Expected Closing", readonly=True)
    probability = BlankFloat(
        string="Chance by Policy (%)", readonly=True, aggregator="avg", digits=(16, 1), help="Of the deal's phase."
    )
    own_probability = BlankFloat(
        string="Chance by Own History (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Of own closed deals that came to this phase, how many were won.",
    )
    odoo_probability = BlankFloat(
        string="Chance on the Deal (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="As Odoo's lead scoring or the salesperson put it.",
    )
    # What came
    outcome = fields.Selection(
        [
            ("won", "Won"),
            ("lost", "Lost"),
            ("archived", "Archived"),
            ("open", "Still Open"),
            ("gone", "Gone"),
        ],
        readonly=True,
        index=True,
        help="At the end of the period. Gone: deleted, merged or plain again; such deals don't count.",
    )
    actual_amount = BlankMonetary(string="Amount Won", readonly=True)

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("Deals get into a forecast when it is locked, not by hand."))

    def write(self, vals):
        raise UserError(self.env._("A deal in a locked forecast stays as it was."))

    def copy(self, default=None):
        raise UserError(self.env._("Deals get into a forecast when it is locked, not by hand."))

    @api.ondelete(at_uninstall=False)
    def _never_unlink(self):
        raise UserError(self.env._("A deal in a locked forecast stays as it was."))

    # ACTIONS
    @api.readonly
    def action_open_deal(self):
        """Open the deal, while it exists."""
        self.ensure_one()
        self.check_access("read")
        if not self.lead_id:
            raise UserError(self.env._("%s does not exist any more. The forecast is what is left.", self.lead_name))
        return self.lead_id._get_records_action(name=self.lead_id.display_name)
