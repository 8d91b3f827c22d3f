from odoo import api, fields, models

FIGURE_PREFIX = "_figure_"


class KamsScorecard(models.Model):
    """Figures that Odoo fills in: what it knows of an account, a person need not guess.

    A figure is a method ``_figure_<key>(self, accounts)`` that answers ``{account id: number}`` for all accounts
    with a constant number of statements, and leaves out those it knows nothing of. ``_figure_labels`` names it.
    """

    _inherit = "kams.scorecard"

    @api.model
    def _figure_labels(self):
        """``{key: label in the user's language}`` of all figures. Extensions add theirs through super()."""
        return {
            "account_years": self.env._("Years as a key account"),
            "deals_won": self.env._("Deals won"),
        }

    @api.model
    def _figure_account_years(self, accounts):
        today = fields.Date.context_today(self)
        return {account.id: round((today - account.since).days / 365.25, 1) for account in accounts if account.since}

    @api.model
    def _figure_deals_won(self, accounts):
        # sudo: a count, of the account that the card is about
        won = (
            self.env["crm.lead"]
            .sudo()
            ._read_group(
                [("kams_account_id", "in", accounts.ids), ("won_status", "=", "won")], ["kams_account_id"], ["__count"]
            )
        )
        counts = {account.id: count for account, count in won}
        return {account.id: counts.get(account.id, 0) for account in accounts}

    # BUSINESS
    def _figure_account(self):
        """The account whose figures a card takes: its own, or its deal's."""
        self.ensure_one()
        return self.account_id or self.lead_id.kams_account_id

    def _figure_values(self, criteria):
        """``{account id: {figure: number}}`` for all cards at once, of the figures that these criteria ask for."""
        keys = sorted(set(criteria.mapped("figure")) - {False})
        accounts = self.env["kams.account"].union(*(card._figure_account() for card in self)) if keys else ()
        if not accounts:
            return {}
        found = {account.id: {} for account in accounts}
        for key in keys:
            for account_id, value in getattr(self, FIGURE_PREFIX + key)(accounts).items():
                found[account_id][key] = value
        return found
