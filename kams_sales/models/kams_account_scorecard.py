from odoo import fields, models

SIX_STATEMENTS = "relationship_stage"  # code of the template


class KamsAccount(models.Model):
    """How an account was judged, time and again; the last six statements say how close we are (0.2 关系阶段)."""

    _inherit = "kams.account"

    scorecard_ids = fields.One2many("kams.scorecard", "account_id", string="Scorecards")

    # BUSINESS
    def _relationship_from_score(self):
        """The stage of each account by its last card that is done and judges us."""
        found = super()._relationship_from_score()
        stages = dict(self._fields["relationship_stage"].selection)
        cards = self.env["kams.scorecard"].search(
            [
                ("template_id.code", "=", SIX_STATEMENTS),
                ("account_id", "in", self.ids),
                ("competitor_id", "=", False),
                ("state", "=", "done"),
                ("band_code", "in", list(stages)),
            ],
            order="date, id",
        )
        return {**found, **{card.account_id.id: card.band_code for card in cards}}


class KamsScorecard(models.Model):
    """The six statements tell the account how close we are once they are done; other cards ask it nothing."""

    _inherit = "kams.scorecard"

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "done" or "account_id" in vals:
            accounts = self.filtered(lambda card: card.template_id.code == SIX_STATEMENTS).account_id
            self.env.add_to_compute(accounts._fields["relationship_stage"], accounts)
            accounts.modified(["relationship_stage"])
        return result
