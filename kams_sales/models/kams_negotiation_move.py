from odoo import fields, models

from .blank import BlankFloat


class KamsNegotiationMove(models.Model):
    """Where both sides moved to on an issue in a round: their offer and ours (7.4 正式谈判)."""

    _name = "kams.negotiation.move"
    _description = "Movement in a negotiation"
    _inherit = ["kams.round.part"]
    _order = "event_id, id"

    issue_id = fields.Many2one(required=True)
    # by sudo, as what is related is: what was talked about is no secret to who may read the round
    name = fields.Char(related="issue_id.name", string="About")
    unit = fields.Char(related="issue_id.unit")
    their_offer = BlankFloat(digits=(16, 2), help="Where they stand at the end of the round.")
    our_offer = BlankFloat(digits=(16, 2), help="Where we stand at the end of the round.")
    note = fields.Char()

    _issue_uniq = models.UniqueIndex(
        "(event_id, issue_id)", "An issue stands in a round once, with where it was at the end of the round."
    )
