from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import benefit
from .blank import BlankFloat, BlankMonetary, known

FIGURES = ("one_off_cost", "annual_benefit", "years", "discount_rate")


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
    roi = BlankFloat(
        string="ROI (%)",
        compute="_compute_benefit",
        store=True,
        digits=(16, 1),
        aggregator=None,
        help="What is left over after all years, per what was put in.",
    )
    payback = BlankFloat(
        string="Payback (Years)", compute="_compute_benefit", store=True, digits=(16, 4), aggregator=None
    )
    npv = BlankMonetary(
        string="Net Present Value",
        compute="_compute_benefit",
        store=True,
        help="The benefits of all years at today's value, less what is spent once.",
    )
    benefit_note = fields.Text(
        string="How It Was Reckoned", help="Where the figures come from, in the customer's words."
    )
    # The customer's confirmation
    benefit_confirmed_by_id = fields.Many2one(
        "res.partner",
        string="Confirmed By",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('id', 'child_of', partner_id)]",
        help="Who of the customer's people agrees with these figures.",
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

    _years_positive = models.Constraint(
        "CHECK (years >= 0)", "Benefits are looked at over some years, not before today."
    )

    # COMPUTES
    @api.depends(*FIGURES)
    def _compute_benefit(self):
        for proposal in self:
            cost, gain = known(proposal.one_off_cost), known(proposal.annual_benefit)
            proposal.roi = benefit.roi(cost, gain, proposal.years)
            proposal.payback = benefit.payback(cost, gain)
            proposal.npv = benefit.npv(cost, gain, proposal.years, known(proposal.discount_rate))

    # CONSTRAINTS
    @api.constrains("benefit_confirmed_by_id", "benefit_confirmed_at", "benefit_file_ids")
    def _check_benefit_confirmation(self):
        """A confirmation says who, when and where it is written, and what was confirmed."""
        today = fields.Date.context_today(self)
        for proposal in self.filtered("benefit_confirmed_by_id"):
            who = proposal.benefit_confirmed_by_id
            needed = ("benefit_confirmed_at", "benefit_file_ids")
            missing = [proposal._fields[name]._description_string(self.env) for name in needed if not proposal[name]]
            missing += [
                proposal._fields[name]._description_string(self.env)
                for name in ("one_off_cost", "annual_benefit")
                if known(proposal[name]) is None
            ]
            if missing:
                raise ValidationError(
                    self.env._(
                        "“%(proposal)s”: for the customer's confirmation of the benefits also fill in: %(fields)s.",
                        proposal=proposal.display_name,
                        fields=", ".join(missing),
                    )
                )
            if who.commercial_partner_id != proposal.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(who)s isn't one of the customer's people and can't confirm the benefits of “%(proposal)s”.",
                        who=who.display_name,
                        proposal=proposal.display_name,
                    )
                )
            if proposal.benefit_confirmed_at > today:
                raise ValidationError(
                    self.env._(
                        "“%(proposal)s”: its benefits can't have been confirmed on %(day)s, which is still to come.",
                        proposal=proposal.display_name,
                        day=proposal.benefit_confirmed_at,
                    )
                )

    # ORM
    def write(self, vals):
        if vals.keys() & set(FIGURES) and "benefit_confirmed_by_id" not in vals:
            self._check_unconfirmed(vals)
        return super().write(vals)

    # ACTIONS
    def action_cost_from_price(self):
        """The customer spends what we ask for; their own effort is to be added."""
        self.check_access("write")
        for proposal in self:
            if not proposal.line_ids:
                raise UserError(self.env._("“%s” has no prices yet.", proposal.display_name))
            proposal.one_off_cost = proposal.amount_total
        return True

    # BUSINESS
    def _check_unconfirmed(self, vals):
        """What the customer agreed to stays, unless the confirmation is taken away."""
        for proposal in self.filtered("benefit_confirmed_by_id"):
            if any(name in vals and known(proposal[name]) != known(vals[name]) for name in FIGURES):
                proposal._refuse_confirmed()

    def _check_files_free(self, name):
        """Their confirmation stays as they gave it."""
        super()._check_files_free(name)
        if name == "benefit_file_ids" and self.benefit_confirmed_by_id:
            self._refuse_confirmed()

    def _refuse_confirmed(self):
        raise UserError(
            self.env._(
                "%(who)s confirmed the benefits of “%(proposal)s” as they are. Clear “Confirmed By” to change them.",
                who=self.benefit_confirmed_by_id.display_name,
                proposal=self.display_name,
            )
        )
