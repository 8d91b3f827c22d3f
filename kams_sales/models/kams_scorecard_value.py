from odoo import api, models

VALUE_FIGURES = {
    "value_current": "score_current",
    "value_potential": "score_potential",
    "value_strategic": "score_strategic",
    "value_risk": "score_risk",
}


class KamsScorecard(models.Model):
    """What the last value analysis of an account says answers the questions of its value scorecard (2.3)."""

    _inherit = "kams.scorecard"

    @api.model
    def _figure_labels(self):
        return {
            **super()._figure_labels(),
            "value_current": self.env._("Value analysis: current value"),
            "value_potential": self.env._("Value analysis: potential"),
            "value_strategic": self.env._("Value analysis: strategic value"),
            "value_risk": self.env._("Value analysis: cost and risk"),
        }

    @api.model
    def _figure_value_current(self, accounts):
        return self._figure_of_value("value_current", accounts)

    @api.model
    def _figure_value_potential(self, accounts):
        return self._figure_of_value("value_potential", accounts)

    @api.model
    def _figure_value_strategic(self, accounts):
        return self._figure_of_value("value_strategic", accounts)

    @api.model
    def _figure_value_risk(self, accounts):
        return self._figure_of_value("value_risk", accounts)

    # BUSINESS
    @api.model
    def _figure_of_value(self, key, accounts):
        """A sub-score of each account's last analysis that is done; nothing where it is blank."""
        name = VALUE_FIGURES[key]
        done = self.env["kams.account.value"].search_fetch(
            [("account_id", "in", accounts.ids), ("state", "=", "done")], ["account_id", name], order="date_to, id"
        )
        return {value.account_id.id: value[name] for value in done if value[name] is not False}
