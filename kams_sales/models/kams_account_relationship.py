from odoo import api, fields, models
from odoo.exceptions import ValidationError

STAGES = [
    ("exploratory", "Exploratory"),
    ("basic", "Basic"),
    ("cooperative", "Cooperative"),
    ("interdependent", "Interdependent"),
    ("integrated", "Integrated"),
    ("disintegrating", "Disintegrating"),
]


class KamsAccount(models.Model):
    """How close customer and company have grown (0.2 关系阶段).

    Six statements, answered in a scorecard, say so; only the two ends, a relationship that hasn't begun and one
    that falls apart, are set by hand, with the reason.
    """

    _inherit = "kams.account"

    relationship_stage = fields.Selection(STAGES, compute="_compute_relationship_stage", store=True, index=True)
    relationship_manual = fields.Selection(
        [("exploratory", "Exploratory"), ("disintegrating", "Disintegrating")],
        string="Relationship Set by Hand",
        tracking=True,
    )
    relationship_reason = fields.Char()

    # COMPUTES
    @api.depends("relationship_manual", "scorecard_ids.state", "scorecard_ids.account_id")
    def _compute_relationship_stage(self):
        """A card says it once it is done, and never changes again: answering one asks the account nothing."""
        scored = self._relationship_from_score()
        for account in self:
            account.relationship_stage = account.relationship_manual or scored.get(account.id, False)

    # CONSTRAINTS
    @api.constrains("relationship_manual", "relationship_reason")
    def _check_relationship_reason(self):
        for account in self:
            if account.relationship_manual and not (account.relationship_reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "Say why the relationship with %(account)s is set to “%(stage)s” by hand.",
                        account=account.display_name,
                        stage=dict(self._fields["relationship_manual"]._description_selection(self.env))[
                            account.relationship_manual
                        ],
                    )
                )

    # BUSINESS
    def _relationship_from_score(self):
        """``{account id: stage}`` from the last time that the six statements were answered."""
        # sudo: the stage is the same for everybody; nothing else of the card is shown
        cards = self.env["kams.scorecard"].sudo()
        answered = cards.search_fetch(
            [
                ("account_id", "in", self.ids),
                ("competitor_id", "=", False),
                ("state", "=", "done"),
                ("template_id.code", "=", "relationship_stage"),
            ],
            ["account_id", "band_code"],
            order="date, id",
        )
        return {card.account_id.id: card.band_code for card in answered if card.band_code in dict(STAGES)}
