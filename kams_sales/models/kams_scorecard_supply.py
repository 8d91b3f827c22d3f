from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .insiders import INSIDERS
from .kams_scorecard import KamsScorecard as Scorecard


class KamsScorecard(models.Model):
    """A card may be about one purchase category of the account: its impact, its risk, and us as its supplier (2.2)."""

    _inherit = "kams.scorecard"
    _subject_fields = (*Scorecard._subject_fields, "supply_id")

    supply_id = fields.Many2one(
        "kams.supply.position",
        string="Supply Position",
        ondelete="cascade",
        index="btree_not_null",
        domain="[('account_id', '=', account_id)]",
    )

    @api.constrains("supply_id", "account_id")
    def _check_supply(self):
        for card in self:
            if card.supply_id and card.supply_id.account_id != card.account_id:
                raise ValidationError(
                    self.env._(
                        "%(position)s belongs to another account than scorecard %(card)s.",
                        position=card.supply_id.display_name,
                        card=card.display_name,
                    )
                )


class KamsAccount(models.Model):
    """How the customer buys what we sell, category by category."""

    _inherit = "kams.account"

    supply_ids = fields.One2many("kams.supply.position", "account_id", string="Supply Positions", groups=INSIDERS)
