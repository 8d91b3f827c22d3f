from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import scoring
from .insiders import INSIDERS

DECISIONS = [
    ("invest", "Invest"),
    ("selective", "Invest Selectively"),
    ("maintain", "Maintain and Defend"),
    ("harvest", "Harvest"),
    ("withdraw", "Withdraw"),
]
LEVELS = [("low", "Low"), ("mid", "Medium"), ("high", "High")]
TONES = {
    "invest": "table-success",
    "selective": "table-warning",
    "maintain": "table-warning",
    "harvest": "table-danger",
    "withdraw": "table-danger",
}
CARDS = {"attractiveness_id": "selection_attractiveness", "strength_id": "selection_strength"}


class KamsAccountSelection(models.Model):
    """Whether a customer deserves our effort: how attractive it is, against how strong we are there.

    Book section 3.1 大客户的开发目标与选择, formula C21. Both sides are scorecards, our strength beside the best
    competitor's; the nine cells advise and a person decides.
    """

    _name = "kams.account.selection"
    _description = "Target customer selection"
    _inherit = ["kams.account.part", "kams.state.mixin"]
    _order = "date desc, id desc"

    _state_transitions = {"draft": {"decided"}}

    # The two sides
    date = fields.Date(required=True, default=fields.Date.context_today, copy=False)
    attractiveness_id = fields.Many2one(
        "kams.scorecard",
        string="Attractiveness Scorecard",
        ondelete="restrict",
        copy=False,
        domain="[('account_id', '=', account_id), ('template_id.code', '=', 'selection_attractiveness')]",
    )
    strength_id = fields.Many2one(
        "kams.scorecard",
        string="Strength Scorecard",
        ondelete="restrict",
        copy=False,
        domain="[('account_id', '=', account_id), ('template_id.code', '=', 'selection_strength')]",
    )
    attractiveness = fields.Float(compute="_compute_cell", store=True, digits=(16, 4), aggregator="avg")
    strength = fields.Float(
        compute="_compute_cell", store=True, string="Our Strength", digits=(16, 4), aggregator="avg"
    )
    competitor_strength = fields.Float(related="strength_id.competitor_rating", string="Best Competitor's Strength")
    relative_strength = fields.Float(related="strength_id.relative", string="Against the Best")
    # Where it stands
    attractiveness_level = fields.Selection(LEVELS, compute="_compute_cell", store=True)
    strength_level = fields.Selection(LEVELS, compute="_compute_cell", store=True)
    proposal = fields.Selection(DECISIONS, compute="_compute_cell", store=True, string="The Matrix Advises")
    grid = fields.Html(compute="_compute_grid", sanitize=False, string="Selection Matrix")
    # What was decided
    decision = fields.Selection(DECISIONS, copy=False)
    reason = fields.Text(copy=False, help="Needed when the decision is not what the matrix advises.")
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    decided_on = fields.Date(readonly=True, copy=False)
    state = fields.Selection([("draft", "Draft"), ("decided", "Decided")], default="draft", required=True, copy=False)

    # COMPUTES
    @api.depends("account_id", "date")
    def _compute_display_name(self):
        for selection in self:
            selection.display_name = self.env._(
                "Selection of %(account)s, %(day)s", account=selection.account_id.name or "", day=selection.date or ""
            )

    @api.depends("attractiveness_id.rating", "attractiveness_id.state", "strength_id.rating", "strength_id.state")
    def _compute_cell(self):
        """C21: the bands of the two templates are the cuts of the matrix; open cards say nothing yet."""
        for selection in self:
            sides = selection.attractiveness_id, selection.strength_id
            levels = [card.band_code if card.state == "done" else False for card in sides]
            ratings = [card.rating if card.state == "done" else False for card in sides]
            selection.attractiveness, selection.strength = ratings
            selection.attractiveness_level, selection.strength_level = levels
            selection.proposal = scoring.SELECTION.get(tuple(levels), False)

    @api.depends("attractiveness_level", "strength_level")
    def _compute_grid(self):
        """The nine cells, with this customer in its place."""
        labels = dict(self._fields["proposal"]._description_selection(self.env))
        names = dict(self._fields["strength_level"]._description_selection(self.env))
        for selection in self:
            rows = [
                (
                    names[height],
                    [
                        {
                            "tone": TONES[scoring.SELECTION[height, width]],
                            "label": labels[scoring.SELECTION[height, width]],
                            "here": (height, width) == (selection.attractiveness_level, selection.strength_level),
                        }
                        for width in ("low", "mid", "high")
                    ],
                )
                for height in ("high", "mid", "low")
            ]
            selection.grid = self.env["ir.qweb"]._render(
                "kams_sales.account_selection_grid",
                {
                    "rows": rows,
                    "columns": [names[level] for level in ("low", "mid", "high")],
                    "name": selection.account_id.name,
                },
            )

    # CONSTRAINTS
    @api.constrains("account_id", *CARDS)
    def _check_cards(self):
        for selection in self:
            for fname, code in CARDS.items():
                card = selection[fname]
                if card and (card.account_id != selection.account_id or card.template_id.code != code):
                    raise ValidationError(
                        self.env._(
                            "%(selection)s: the scorecard “%(card)s” is not about this customer's side of the matrix.",
                            selection=selection.display_name,
                            card=card.display_name,
                        )
                    )

    @api.constrains("state")
    def _check_decided(self):
        self.filtered(lambda selection: selection.state == "decided")._check_decision()

    def _check_decision(self):
        """On every route: what is decided has a place in the matrix, and a reason if it isn't what that advises."""
        for selection in self:
            if not selection.proposal:
                raise ValidationError(
                    self.env._(
                        "%s: finish both scorecards first, the matrix has no place for the customer yet.",
                        selection.display_name,
                    )
                )
            if selection.decision != selection.proposal and not (selection.reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "%(selection)s: the matrix advises “%(advice)s”. Give the reason for deciding otherwise.",
                        selection=selection.display_name,
                        advice=dict(self._fields["proposal"]._description_selection(self.env))[selection.proposal],
                    )
                )

    # ORM
    def write(self, vals):
        decided = self.filtered(lambda selection: selection.state == "decided")
        if decided and vals.keys() - {"message_follower_ids"}:
            raise UserError(
                self.env._(
                    "%s is decided and stays as it was. Make a new selection if things have changed.",
                    decided[0].display_name,
                )
            )
        if {"decided_by_id", "decided_on"} & vals.keys() and "state" not in vals:
            raise UserError(self.env._("Who decided, and when, is written by “Decide”."))
        if vals.get("state") == "decided":
            today = fields.Date.context_today(self)
            vals = {**vals, "decided_by_id": self.env.uid, "decided_on": today}
            # a day to come would let it hold against what is decided later
            super(KamsAccountSelection, self.filtered(lambda one: one.date > today)).write({"date": today})
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if decided := self.filtered(lambda selection: selection.state == "decided"):
            raise UserError(self.env._("%s is decided and is kept.", decided[0].display_name))

    # ACTIONS
    def action_score_attractiveness(self):
        """Answer the scorecard of the customer's attractiveness."""
        return self._score("attractiveness_id")

    def action_score_strength(self):
        """Answer the scorecard of our strength, the best competitor beside us."""
        return self._score("strength_id")

    def action_decide(self):
        """Put the decision on record; another than the matrix advises needs its reason."""
        for selection in self:
            selection.decision = selection.decision or selection.proposal
            selection._check_decision()
            selection.state = "decided"
        return True

    # BUSINESS
    def _score(self, fname):
        """Open one side's scorecard: the one linked, else the account's last one begun anew, else a new one."""
        self.ensure_one()
        card = self[fname]
        if not card:
            self.check_access("write")
            template = self.env["kams.scorecard.template"]._of(CARDS[fname])
            last = self.env["kams.scorecard"].search(
                [("account_id", "=", self.account_id.id), ("template_id", "=", template.id), ("state", "=", "done")],
                order="date desc, id desc",
                limit=1,
            )
            card = (
                last._score_again()
                if last
                else self.env["kams.scorecard"].create({"template_id": template.id, "account_id": self.account_id.id})
            )
            self[fname] = card
        return card._get_records_action(name=card.template_id.name)


class KamsAccount(models.Model):
    """What was last decided on an account as a target (S1-1)."""

    _inherit = "kams.account"

    selection_ids = fields.One2many("kams.account.selection", "account_id", string="Selections", groups=INSIDERS)
    selection_decision = fields.Selection(
        DECISIONS,
        string="Decided on as a Target",
        compute="_compute_selection_decision",
        store=True,
        help="The last decision of target selection; empty while there is none.",
    )

    @api.depends("selection_ids.state", "selection_ids.date", "selection_ids.decision")
    def _compute_selection_decision(self):
        decided = self.env["kams.account.selection"].search(
            [("account_id", "in", self.ids), ("state", "=", "decided")], order="date, id"
        )
        last = {selection.account_id.id: selection.decision for selection in decided}
        for account in self:
            account.selection_decision = last.get(account._origin.id, False)
