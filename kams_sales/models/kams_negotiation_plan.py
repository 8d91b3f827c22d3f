from odoo import api, fields, models

from .blank import BlankMonetary, known
from .kams_authority import ROLES
from .kams_negotiation import STRATEGIES


class KamsNegotiation(models.Model):
    """The plan and its approval (7.3): who says yes to what we may give."""

    _inherit = "kams.negotiation"

    batna = fields.Text(string="Best Alternative (BATNA)", help="What we do if nothing comes of it.")
    batna_value = BlankMonetary(string="Worth of Our Alternative")
    their_batna = fields.Text(string="Their Alternative", help="What they do if nothing comes of it.")
    strategy = fields.Selection(STRATEGIES)
    power_analysis = fields.Text(string="Who Holds Which Cards")
    time_limit = fields.Date(string="To Be Settled By")
    agenda = fields.Html()
    approved_at = fields.Datetime(string="Approved On", readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        "res.users", string="Plan Approved By", readonly=True, copy=False, ondelete="restrict"
    )
    is_plan_complete = fields.Boolean(
        string="Plan Complete",
        compute="_compute_is_plan_complete",
        store=True,
        help="An issue with what we want and where we stop, an alternative, a team, and weights that add up to 100.",
    )

    # COMPUTES
    @api.depends(
        "batna", "member_ids", "issue_ids.target", "issue_ids.reservation", "issue_ids.weight", "issue_ids.locked"
    )
    def _compute_is_plan_complete(self):
        for negotiation in self:
            negotiation.is_plan_complete = not negotiation._plan_gaps()

    # BUSINESS
    def _plan_gaps(self):
        """What the plan still lacks, in words."""
        self.ensure_one()
        gaps = []
        open_ones = self.issue_ids.filtered(lambda issue: not issue.locked)
        weights = [known(issue.weight) for issue in open_ones]
        if not self.issue_ids:
            gaps.append(self.env._("an issue"))
        elif open_ones and not any(
            known(issue.target) is not None and known(issue.reservation) is not None for issue in open_ones
        ):
            gaps.append(self.env._("an issue with what we want and where we stop"))
        if open_ones and abs(sum(weight or 0.0 for weight in weights) - 100) > 0.005:
            gaps.append(self.env._("weights that add up to 100"))
        if not (self.batna or "").strip():
            gaps.append(self.env._("our best alternative"))
        if not self.member_ids:
            gaps.append(self.env._("our team"))
        return gaps


class KamsNegotiationConcession(models.Model):
    """What we may give in which round, for what in return, and who must have agreed to it (7.3 让步计划)."""

    _name = "kams.negotiation.concession"
    _description = "Planned concession"
    _order = "negotiation_id, round, sequence, id"
    _rec_name = "give"

    negotiation_id = fields.Many2one("kams.negotiation", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="negotiation_id.lead_id", store=True, index=True)
    company_id = fields.Many2one(related="negotiation_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="negotiation_id.currency_id")
    sequence = fields.Integer(default=10)
    round = fields.Integer(default=1, required=True, help="Not before this round.")
    issue_id = fields.Many2one(
        "kams.negotiation.issue",
        domain="[('negotiation_id', '=', negotiation_id)]",
        ondelete="cascade",
        index="btree_not_null",
    )
    give = fields.Char(string="We Give", required=True)
    amount = BlankMonetary(string="Worth", help="What it costs us.")
    condition = fields.Char(string="In Return For", help="What they must give for it.")
    role = fields.Selection(ROLES, string="Who Must Agree", required=True, default="sales")
