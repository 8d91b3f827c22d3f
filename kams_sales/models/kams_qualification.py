from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools.misc import format_amount

from ..tools import qualification, scoring
from .blank import BlankFloat, BlankMonetary, known, refuse_negative

VERDICTS = [("go", "Go"), ("nurture", "Nurture"), ("no_go", "No-Go")]
# the card of each template that a judgement rests on
CARDS = {
    "scorecard_id": "four_questions",
    "bant_id": "bant",
    "scotsman_id": "scotsman",
    "meddpicc_id": "meddpicc",
}

OWN = {"phase_id", "phase_code", "is_latest", *CARDS}


class KamsQualification(models.Model):
    """What we thought of a deal's chances on one day: is it real, can we win, is it worth it, so do we go on?

    Book section 3.6 判断潜在客户的销售机会; formulas C25 and C26. Once done it stays; judging anew makes a new one,
    and the trend by phase tells them apart.
    """

    _name = "kams.qualification"
    _description = "Judgement of a deal"
    _inherit = ["kams.deal.part", "kams.state.mixin"]
    _order = "date desc, id desc"
    _rec_names_search = ["lead_id.name"]

    _state_transitions = {"draft": {"done"}}

    lead_id = fields.Many2one(required=True)
    date = fields.Date(required=True, default=fields.Date.context_today, copy=False)
    user_id = fields.Many2one(
        "res.users", string="Judged By", default=lambda self: self.env.user, required=True, index=True
    )
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Done")], default="draft", required=True, copy=False, index=True
    )
    is_latest = fields.Boolean(readonly=True, copy=False, help="The last judgement of its deal that is done.")
    # The phase at that time
    phase_id = fields.Many2one(
        "kams.process.phase", string="Phase", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    phase_code = fields.Char(string="Phase Code", readonly=True, copy=False)
    # Chances and money
    p_go = BlankFloat(
        string="Customer Buys (%)", digits=(16, 1), aggregator="avg", help="How likely the customer buys at all."
    )
    p_get = BlankFloat(
        string="From Us (%)", digits=(16, 1), aggregator="avg", help="How likely they buy from us, if they buy."
    )
    p_win = BlankFloat(
        compute="_compute_chances", store=True, string="Chance to Win (%)", digits=(16, 2), aggregator="avg"
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, readonly=True, default=lambda self: self.env.company.currency_id
    )
    value = BlankMonetary(string="Deal Value", help="What the deal brings if won. At first, its expected revenue.")
    pursuit_cost = BlankMonetary(help="What it costs to go for the deal up to the decision.")
    expected_value = BlankMonetary(compute="_compute_chances", store=True)
    break_even = BlankFloat(
        compute="_compute_chances",
        store=True,
        string="Break-Even (%)",
        digits=(16, 2),
        aggregator="avg",
        help="Below this chance to win, going for the deal costs more than it brings.",
    )
    # What to do
    proposed = fields.Selection(VERDICTS, compute="_compute_proposed", store=True, string="Proposed Verdict")
    verdict = fields.Selection(VERDICTS, index=True)
    reason = fields.Text(help="Needed when the verdict is another than the proposed one.")
    advice = fields.Text(compute="_compute_advice", string="What the Numbers Say")
    # Against the last time, and against the others
    previous_id = fields.Many2one("kams.qualification", compute="_compute_previous", string="Judged Before")
    previous_date = fields.Date(compute="_compute_previous", string="Date Before")
    trend = BlankFloat(
        compute="_compute_previous", digits=(16, 1), help="By how much the score moved since the judgement before."
    )
    trend_label = fields.Char(compute="_compute_previous", string="Moved By")
    side_by_side = fields.Html(compute="_compute_side_by_side", sanitize=False)

    # COMPUTES
    @api.depends("lead_id", "date")
    def _compute_display_name(self):
        for judgement in self:
            judgement.display_name = " · ".join(
                filter(None, (judgement.lead_id.name, fields.Date.to_string(judgement.date)))
            )

    @api.depends("p_go", "p_get", "value", "pursuit_cost")
    def _compute_chances(self):
        """C26."""
        for judgement in self:
            chance = qualification.win_chance(known(judgement.p_go), known(judgement.p_get))
            value, cost = known(judgement.value), known(judgement.pursuit_cost)
            judgement.p_win = chance
            judgement.expected_value = qualification.expected_value(chance, value, cost)
            judgement.break_even = qualification.break_even(cost, value)

    @api.depends("scorecard_id.band_code", "scorecard_id.vetoed_by", "confidence", "expected_value")
    def _compute_proposed(self):
        for judgement in self:
            found = judgement._proposal(judgement.scorecard_id)
            judgement.proposed = found[0] if found else False

    @api.depends("proposed", "p_win", "break_even", "value", "pursuit_cost")
    @api.depends_context("lang")
    def _compute_advice(self):
        for judgement in self:
            judgement.advice = "\n".join(judgement._advice(judgement.scorecard_id)) or False

    @api.depends("lead_id", "date", "score")
    def _compute_previous(self):
        """The judgement of the same deal before this one, by one search for all."""
        done = self.search([("lead_id", "in", self.lead_id.ids), ("state", "=", "done")], order="date, id")
        earlier = done.grouped("lead_id")
        for judgement in self:
            place = (judgement.date or date.max, judgement._origin.id or float("inf"))
            before = [
                other
                for other in earlier.get(judgement.lead_id._origin, ())
                if (other.date, other.id) < place and other != judgement._origin
            ]
            judgement.previous_id = before[-1] if before else False
            judgement.trend = scoring.trend(known(judgement.score), known(judgement.previous_id.score))
            judgement.previous_date = judgement.previous_id.date
            judgement.trend_label = _arrow(judgement.trend)

    @api.depends("state")
    def _compute_side_by_side(self):
        """As saved: while one answers, a table that is drawn anew at each key would only cost time."""
        for judgement in self:
            judgement.side_by_side = isinstance(judgement.id, int) and judgement.lead_id._kams_side_by_side_html(
                judgement.scorecard_id
            )

    # CONSTRAINTS
    @api.constrains("p_go", "p_get", "value", "pursuit_cost")
    def _check_ranges(self):
        for judgement in self:
            for name in ("p_go", "p_get"):
                chance = known(judgement[name])
                if chance is not None and not 0 <= chance <= 100:
                    raise ValidationError(
                        self.env._(
                            "%(deal)s: “%(field)s” is a chance from 0 to 100 %%, not %(value)g.",
                            deal=judgement.lead_id.display_name,
                            field=judgement._fields[name]._description_string(self.env),
                            value=chance,
                        )
                    )
        refuse_negative(self, "value", "pursuit_cost")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        """A judgement begins with the deal's phase and value as they are, and with the four questions."""
        self._check_own(name for vals in vals_list for name in vals)
        leads = self.env["crm.lead"].browse([vals.get("lead_id") for vals in vals_list])
        vals_list = [
            {
                "value": lead.expected_revenue or None,
                "currency_id": (lead.company_id or self.env.company).currency_id.id,
                **vals,
            }
            for lead, vals in zip(leads, vals_list, strict=True)
        ]
        judgements = super().create(vals_list)
        # again: the user's defaults may have added what isn't in the values
        self._check_own(name for judgement in judgements for name in OWN if judgement[name])
        judgements._take_from_deal()
        judgements._start_card("scorecard_id")
        return judgements

    def write(self, vals):
        self.check_access("write")
        self._check_own(vals)
        # deals are merged: only what a judgement hangs on changes
        if not (self.env.su and vals.keys() <= {"lead_id", "is_latest"}):
            self._check_open()
        if vals.get("state") == "done":
            result = super().write({key: value for key, value in vals.items() if key != "state"})
            self._close()
            today = fields.Date.context_today(self)
            # it says what was thought by now: a day to come would keep it the latest, and fresh, for too long
            super(KamsQualification, self.filtered(lambda one: one.date > today)).write({"date": today})
            result = super().write({"state": "done"}) and result
            self._mark_latest()
            return result
        result = super().write(vals)
        if "lead_id" in vals:
            self._mark_latest()
        return result

    def _check_own(self, names):
        """Phase, cards and the mark of the latest follow by themselves, on every route."""
        if not self.env.su and not OWN.isdisjoint(names):
            raise AccessError(self.env._("A judgement's phase and cards follow from its deal and can't be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self._check_open()

    # ACTIONS
    def action_done(self):
        """Close judgements with their cards: from now on they say what was thought on their day."""
        return self.write({"state": "done"})

    def action_judge_again(self):
        """Judge the deal anew, starting from its last judgement; from a list, the deal that the list is about."""
        lead = self[:1].lead_id or self.env["crm.lead"].browse(self.env.context.get("default_lead_id"))
        return lead.action_kams_judge()

    # BUSINESS
    def _proposal(self, card):
        """``(verdict, why)`` as the numbers have it; None while the four questions have no answer."""
        self.ensure_one()
        return qualification.proposal(
            card.band_code if card.answered_count and card.band_code in dict(VERDICTS) else None,
            bool(card.vetoed_by),
            known(card.confidence),
            self.env["kams.legal.rule"]._value("qualification_confidence", self.date),
            known(self.expected_value),
        )

    def _advice(self, card):
        """What the numbers say, in sentences: the verdict's reason first, then what is weak, then what is missing."""
        self.ensure_one()
        verdict, why = self._proposal(card) or (False, False)
        if not verdict:
            return [self.env._("Answer the four questions: score and verdict follow.")]
        value = (
            format_amount(self.env, self.expected_value, self.currency_id) if self.expected_value is not False else ""
        )
        said = {
            "veto": lambda: self.env._("Too low whatever the rest says: %s.", card.vetoed_by),
            "value": lambda: self.env._("At these chances the pursuit costs more than it brings: %s.", value),
            "confidence": lambda: self.env._(
                "Only %(share)s %% is answered. Find out more before going for it.", share=f"{card.confidence:.0f}"
            ),
            "score": lambda: card.verdict,
        }[why]()
        weakest = card.line_ids.filtered(lambda line: line.answered and line.score < 50).sorted("score")[:3]
        chance, limit = known(self.p_win), known(self.break_even)
        return [
            sentence
            for sentence, holds in (
                (said, True),
                (self.env._("Weakest: %s.", ", ".join(weakest.mapped("name"))), weakest),
                (self.env._("Say how likely they buy, and buy from us."), chance is None),
                (self.env._("Say what the deal is worth."), known(self.value) is None),
                (self.env._("Say what the pursuit costs."), known(self.pursuit_cost) is None),
                (
                    self.env._(
                        "It pays from a chance of %(limit)s %% on; yours is %(chance)s %%.",
                        limit=f"{limit or 0.0:.3g}",
                        chance=f"{chance or 0.0:.3g}",
                    ),
                    chance is not None and limit is not None,
                ),
            )
            if holds and sentence
        ]

    def _take_from_deal(self):
        """The deal's phase as it is now."""
        for judgement in self:
            # sudo: where the deal stands is written for the user, who can't write it by hand
            judgement.sudo().write(judgement._phase_values())

    def _phase_values(self):
        return {"phase_id": self.lead_id.kams_phase_id.id, "phase_code": self.lead_id.kams_phase_code}

    def _check_open(self):
        for judgement in self:
            if judgement.state == "done":
                raise UserError(
                    self.env._(
                        "Judgement %s is done and stays as it is. Use “Judge Again” for a new one.",
                        judgement.display_name,
                    )
                )

    def _mark_latest(self):
        """Tell each deal's last judgement that is done from the others."""
        # sudo: a mark that follows from the dates; nothing is shown
        done = self.sudo().search([("lead_id", "in", self.lead_id.ids), ("state", "=", "done")], order="date, id")
        for judgements in done.grouped("lead_id").values():
            for judgement in judgements:
                if judgement.is_latest != (judgement == judgements[-1]):
                    judgement.is_latest = judgement == judgements[-1]


def _arrow(trend):
    """A move as people read it; empty when there is nothing to compare."""
    if trend is False:
        return False
    return f"{'▲' if trend > 0 else '▼' if trend < 0 else '='} {abs(trend):.1f}"
