from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import risk as arithmetic
from .blank import BlankFloat, BlankInteger, BlankMonetary, known
from .kams_risk import IMPACTS, PROBABILITIES

LEVELS = [("low", "Low Risk"), ("medium", "Medium Risk"), ("high", "High Risk")]
LIMITS = {"risk_high_score", "risk_medium_score"}


class KamsRisk(models.Model):
    """How grave a risk is, before and after what is done about it, and whether a high one is looked after (8.7, C33).

    From which score on a risk is medium or high are dated parameters. What isn't judged has no level, and no amount.
    """

    _inherit = "kams.risk"

    # As it stands
    probability = fields.Selection(PROBABILITIES, string="How Likely", tracking=True, help="Empty: not judged yet.")
    impact = fields.Selection(IMPACTS, string="How Grave", tracking=True, help="Empty: not judged yet.")
    score = BlankInteger(
        string="Risk Score", compute="_compute_score", store=True, aggregator="max", help="How likely × how grave."
    )
    level = fields.Selection(LEVELS, string="Risk Level", compute="_compute_score", store=True, index=True)
    probability_pct = BlankFloat(string="Chance (%)", digits=(16, 1), aggregator="avg")
    impact_amount = BlankMonetary(string="Damage in Money")
    exposure = BlankMonetary(
        compute="_compute_exposure", store=True, help="What it costs on average: chance × damage in money."
    )
    # When what we do about it has worked
    residual_probability = fields.Selection(
        PROBABILITIES, string="How Likely Then", help="Empty: as likely as without the action."
    )
    residual_impact = fields.Selection(IMPACTS, string="How Grave Then", help="Empty: as grave as without the action.")
    residual_score = BlankInteger(string="Score Then", compute="_compute_residual_score", store=True, aggregator="max")
    residual_level = fields.Selection(LEVELS, string="Level Then", compute="_compute_residual_score", store=True)
    residual_pct = BlankFloat(string="Chance Then (%)", digits=(16, 1), aggregator="avg")
    residual_amount = BlankMonetary(string="Damage Then")
    residual_exposure = BlankMonetary(string="Exposure Then", compute="_compute_exposure", store=True)
    leverage = BlankFloat(
        string="Leverage of the Action",
        compute="_compute_leverage",
        store=True,
        digits=(16, 2),
        aggregator="avg",
        help="By how much the exposure falls for each unit of money that the action costs.",
    )
    # Whether somebody looks after it
    is_owner_gone = fields.Boolean(
        string="Owner Left",
        compute="_compute_is_uncontrolled",
        search="_search_is_owner_gone",
        help="The risk's owner no longer works here: name another one.",
    )
    is_overdue = fields.Boolean(
        string="Action Overdue", compute="_compute_is_uncontrolled", search="_search_is_overdue"
    )
    is_uncontrolled = fields.Boolean(
        string="Not under Control",
        compute="_compute_is_uncontrolled",
        search="_search_is_uncontrolled",
        help="High and open, without an owner who still works here, without an action, or overdue.",
    )
    lacking = fields.Char(string="What Is Missing", compute="_compute_lacking")

    # COMPUTES
    @api.depends("probability", "impact")
    def _compute_score(self):
        limits = self._limits()
        for risk in self:
            risk.score = arithmetic.score(int(risk.probability or 0), int(risk.impact or 0))
            risk.level = arithmetic.level(known(risk.score), *limits) or False

    @api.depends("probability", "impact", "residual_probability", "residual_impact")
    def _compute_residual_score(self):
        """What isn't said of the time after the action is as it was before; without a word of it nothing is known."""
        limits = self._limits()
        for risk in self:
            judged = risk.residual_probability or risk.residual_impact
            risk.residual_score = (
                arithmetic.score(
                    int(risk.residual_probability or risk.probability or 0),
                    int(risk.residual_impact or risk.impact or 0),
                )
                if judged
                else None
            )
            risk.residual_level = arithmetic.level(known(risk.residual_score), *limits) or False

    @api.depends("probability_pct", "impact_amount", "residual_pct", "residual_amount")
    def _compute_exposure(self):
        for risk in self:
            percent, amount = known(risk.probability_pct), known(risk.impact_amount)
            percent_then, amount_then = known(risk.residual_pct), known(risk.residual_amount)
            risk.exposure = arithmetic.exposure(percent, amount)
            risk.residual_exposure = (
                None
                if percent_then is None and amount_then is None
                else arithmetic.exposure(
                    percent if percent_then is None else percent_then,
                    amount if amount_then is None else amount_then,
                )
            )

    @api.depends("exposure", "residual_exposure", "action_cost")
    def _compute_leverage(self):
        for risk in self:
            risk.leverage = arithmetic.leverage(
                known(risk.exposure), known(risk.residual_exposure), known(risk.action_cost)
            )

    @api.depends("state", "level", "user_id.active", "response", "action", "date_due")
    def _compute_is_uncontrolled(self):
        today = fields.Date.context_today(self)
        for risk in self:
            is_open = risk.state == "open"
            risk.is_owner_gone = is_open and bool(risk.user_id) and not risk.user_id.active
            risk.is_overdue = is_open and bool(risk.date_due) and risk.date_due < today
            risk.is_uncontrolled = (
                is_open
                and risk.level == "high"
                and (not risk.user_id.active or not risk.response or not (risk.action or "").strip() or risk.is_overdue)
            )

    @api.depends("is_uncontrolled", "is_owner_gone", "is_overdue", "user_id", "response", "action")
    @api.depends_context("lang")
    def _compute_lacking(self):
        """In words what a risk wants, for the form and the list."""
        for risk in self:
            owner = (
                self.env._("%s no longer works here", risk.user_id.name)
                if risk.is_owner_gone
                else not risk.user_id and self.env._("no owner")
            )
            risk.lacking = risk.state == "open" and ", ".join(
                filter(
                    None,
                    (
                        owner,
                        not risk.response and self.env._("no response chosen"),
                        not (risk.action or "").strip() and self.env._("no action"),
                        risk.is_overdue and self.env._("overdue"),
                    ),
                )
            )

    @api.model
    def _search_is_owner_gone(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "=", "open") & self._gone_owners()

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "=", "open") & Domain("date_due", "<", fields.Date.context_today(self))

    @api.model
    def _search_is_uncontrolled(self, operator, value):
        if operator != "in":
            return NotImplemented
        return (
            Domain("state", "=", "open")
            & Domain("level", "=", "high")
            & (
                Domain("user_id", "=", False)
                | self._gone_owners()
                | Domain("response", "=", False)
                | Domain("action", "=", False)
                | Domain("action", "=", "")
                | Domain("date_due", "<", fields.Date.context_today(self))
            )
        )

    # BUSINESS
    @api.model
    def _gone_owners(self):
        # any!: whether a colleague still works here, also one of another company
        return Domain("user_id", "any!", [("active", "=", False)])

    @api.model
    def _limits(self):
        """From which score on a risk is medium, and high, today."""
        value = self.env["kams.legal.rule"]._value
        return value("risk_medium_score"), value("risk_high_score")

    @api.model
    def _limits_changed(self):
        """The limits were set anew: risks that are still open are judged by them."""
        # sudo: whoever sets the parameter needn't see the risks; nothing is shown
        risks = self.sudo().search([("state", "=", "open")])
        for name in ("level", "residual_level"):
            self.env.add_to_compute(risks._fields[name], risks)


class KamsLegalRule(models.Model):
    """From which score on a risk is high is a dated parameter (8.7)."""

    _inherit = "kams.legal.rule"

    def _kams_tell_points(self):
        result = super()._kams_tell_points()
        if not LIMITS.isdisjoint(self.mapped("key")):
            self.env["kams.risk"]._limits_changed()
        return result
