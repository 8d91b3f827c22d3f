from odoo import models

from .blank import known
from .kams_control_rule import control_rule


class KamsControlPoint(models.Model):
    """The named rule of the decision chain: two figures over all its people, which no domain can put (C20)."""

    _inherit = "kams.control.point"

    def _rule_labels(self):
        return {
            **super()._rule_labels(),
            "decision_chain_behind_us": self.env._("The decision chain is covered and supports us"),
        }

    @control_rule(
        *(
            f"kams_stakeholder_ids.{name}"
            for name in ("influence", "attitude", "coverage", "is_key_player", "mh_role", "buying_role_ids")
        ),
        records="kams.stakeholder",
        parameters=("chain_min_coverage", "chain_min_support"),
    )
    def _rule_decision_chain_behind_us(self, deals):
        """5, S3-3: coverage of the key players and support index reach what the company asks for, both known."""
        rules = self.env["kams.legal.rule"]
        floors = (
            ("kams_coverage", rules._value("chain_min_coverage") or 0.0),
            ("kams_support_index", rules._value("chain_min_support") or 0.0),
        )
        return {
            deal.id: f"crm.lead,{deal.id}"
            for deal in deals
            if all((figure := known(deal[name])) is not None and figure >= floor for name, floor in floors)
        }
