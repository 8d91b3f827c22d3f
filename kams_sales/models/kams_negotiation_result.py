from odoo import fields, models

from .blank import BlankFloat, BlankMonetary


class KamsNegotiationIssue(models.Model):
    """How well an issue ended for us."""

    _inherit = "kams.negotiation.issue"

    zopa = BlankFloat(
        string="Room for a Deal (ZOPA)",
        compute="_compute_result",
        digits=(16, 2),
        help="From where we stop to where we think they stop; empty: none, or not known.",
    )
    surplus_share = BlankFloat(string="Our Share of the Room (%)", compute="_compute_result", digits=(16, 1))
    settlement = BlankFloat(
        string="Reached (%)",
        compute="_compute_result",
        digits=(16, 1),
        help="0: where we stop. 100: what we wanted.",
    )

    def _compute_result(self):
        for issue in self:
            issue.zopa = issue.surplus_share = issue.settlement = None


class KamsNegotiation(models.Model):
    """How well the negotiation ended for us (7.4)."""

    _inherit = "kams.negotiation"

    zopa = BlankMonetary(string="Room for a Deal on the Price", compute="_compute_result")
    surplus_share = BlankFloat(
        string="Our Share of the Room on the Price (%)", compute="_compute_result", digits=(16, 1)
    )
    settlement = BlankFloat(string="Settlement Score", compute="_compute_result", digits=(16, 1))
    conceded = BlankMonetary(string="Conceded", compute="_compute_conceded", help="Worth of what we gave so far.")
    unplanned_count = fields.Integer(string="Unplanned Concessions", compute="_compute_conceded")

    def _compute_result(self):
        for negotiation in self:
            negotiation.zopa = negotiation.surplus_share = negotiation.settlement = None

    def _compute_conceded(self):
        for negotiation in self:
            negotiation.conceded = None
            negotiation.unplanned_count = 0
