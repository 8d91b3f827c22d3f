from odoo import api, fields, models

from ..tools import benefit
from .blank import BlankFloat, BlankMonetary, known


class KamsProposal(models.Model):
    """What the proposal brings the customer, in money, and their word that it does (5.6 收益分析).

    One payment now, the same benefit at the end of each year. Without an investment or a benefit there is no telling.
    """

    _inherit = "kams.proposal"

    one_off_cost = BlankMonetary(
        string="One-off Cost", help="What the customer spends once: our price and their own effort."
    )
    annual_benefit = BlankMonetary(
        string="Benefit a Year", help="What they save or earn each year, less running costs."
    )
    years = fields.Integer(default=3, help="Over how many years it is looked at.")
    discount_rate = BlankFloat(
        string="Discount Rate (%)",
        digits=(16, 2),
        default=lambda self: self.env["kams.legal.rule"]._value("benefit_discount_rate"),
        help="What the customer's money would earn elsewhere.",
    )
    roi = BlankFloat(string="ROI (%)", compute="_compute_benefit", store=True, digits=(16, 1), aggregator=None)
    payback = BlankFloat(
        string="Payback (Years)", compute="_compute_benefit", store=True, digits=(16, 4), aggregator=None
    )
    npv = BlankMonetary(string="Net Present Value", compute="_compute_benefit", store=True)
    benefit_note = fields.Text(
        string="How It Was Reckoned", help="Where the figures come from, in the customer's words."
    )
    benefit_confirmed_by_id = fields.Many2one(
        "res.partner",
        string="Confirmed By",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('id', 'child_of', partner_id)]",
    )
    benefit_confirmed_at = fields.Date(string="Confirmed On", copy=False)
    benefit_file_ids = fields.Many2many(
        "ir.attachment",
        "kams_proposal_benefit_file_rel",
        string="Customer's Confirmation",
        copy=False,
        ondelete="restrict",
        help="The mail, minutes or signed sheet in which the customer agrees.",
    )

    # COMPUTES
    @api.depends("one_off_cost", "annual_benefit", "years", "discount_rate")
    def _compute_benefit(self):
        for proposal in self:
            cost, gain = known(proposal.one_off_cost), known(proposal.annual_benefit)
            proposal.roi = benefit.roi(cost, gain, proposal.years)
            proposal.payback = benefit.payback(cost, gain)
            proposal.npv = benefit.npv(cost, gain, proposal.years, known(proposal.discount_rate))
