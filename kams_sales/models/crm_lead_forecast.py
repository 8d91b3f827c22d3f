from odoo import fields, models

from .kams_forecast import CATEGORIES


class CrmLead(models.Model):
    """In which category of the forecast a salesperson puts a deal (9)."""

    _inherit = "crm.lead"

    kams_forecast_category = fields.Selection(
        CATEGORIES,
        string="Forecast Category",
        copy=False,
        help="Empty: the chance that goes with the phase decides. Commit: we will win it in this period. "
        "Best case: we may. Omitted: left out.",
    )
