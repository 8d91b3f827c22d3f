from typing import NamedTuple

from odoo import api, models

RULE_PREFIX = "_rule_"


class NamedRule(NamedTuple):
    """What a named rule says of itself: the fields it reads from the deal, and time's part in it."""

    depends: tuple
    dynamic: bool
    records: str  # the kind of record that would meet it
    parameters: tuple  # keys of dated parameters that it compares with


def control_rule(*depends, dynamic=False, records="crm.lead", parameters=()):
    """Make a method ``_rule_<key>(self, deals)`` of ``kams.control.point`` a named rule.

    The method gets a recordset of deals and answers ``{deal id: "model,id" of its evidence}`` for those
    that meet it, with a constant number of statements. ``_rule_labels`` gives it its name.

    :param depends: dotted paths from the deal that the rule reads, as for ``api.depends``
    :param dynamic: whether the answer also changes with the clock
    :param records: the model on which a person records what would meet it, for the way there
    :param parameters: keys of ``kams.legal.rule`` that it reads: when one changes, all its deals are asked again
    """

    def decorate(method):
        method._control_rule = NamedRule(depends, dynamic, records, tuple(parameters))
        return method

    return decorate


class KamsControlPoint(models.Model):
    """Named rules: the few questions that a domain cannot put."""

    _inherit = "kams.control.point"

    @api.model
    def _selection_rule_key(self):
        return sorted(self._rule_labels().items(), key=lambda item: item[1])

    @api.model
    def _rule_labels(self):
        """``{key: label in the user's language}`` of all named rules. Extensions add theirs through super()."""
        return {
            "next_step_planned": self.env._("A next step with a date is planned"),
            "order_covers_revenue": self.env._("Confirmed orders cover the expected revenue"),
        }

    def _named_rule(self):
        return getattr(self, RULE_PREFIX + self.rule_key)._control_rule

    def _evaluate_named(self, deals):
        return getattr(self, RULE_PREFIX + self.rule_key)(deals) if deals else {}

    @control_rule(
        "activity_ids.date_deadline",
        "activity_ids.active",
        "calendar_event_ids.start",
        "calendar_event_ids.active",
        dynamic=True,
        records="mail.activity",
    )
    def _rule_next_step_planned(self, deals):
        """1.2, clean funnel: an open activity that isn't overdue, or a meeting to come."""
        answer = {
            deal.id: f"calendar.event,{last}"
            for deal, last in self.env["calendar.event"]._read_group(
                [("opportunity_id", "in", deals.ids), ("start", ">=", "now"), ("active", "=", True)],
                ["opportunity_id"],
                ["id:max"],
            )
        }
        for res_id, last in self.env["mail.activity"]._read_group(
            [
                ("res_model", "=", "crm.lead"),
                ("res_id", "in", deals.ids),
                ("date_deadline", ">=", "today"),
                ("active", "=", True),
            ],
            ["res_id"],
            ["id:max"],
        ):
            answer.setdefault(res_id, f"mail.activity,{last}")
        return answer

    @control_rule(
        "expected_revenue",
        "order_ids.state",
        "order_ids.amount_untaxed",
        "order_ids.currency_rate",
        records="sale.order",
    )
    def _rule_order_covers_revenue(self, deals):
        """7: what was ordered, in company currency at the order's rate, is at least what the deal says."""
        answer = {}
        for deal, orders in self.env["sale.order"]._read_group(
            [("opportunity_id", "in", deals.ids), ("state", "=", "sale")], ["opportunity_id"], ["id:recordset"]
        ):
            ordered = sum(order.amount_untaxed / (order.currency_rate or 1.0) for order in orders)
            if deal.company_currency.compare_amounts(ordered, deal.expected_revenue) >= 0:
                answer[deal.id] = f"sale.order,{orders[-1].id}"
        return answer
