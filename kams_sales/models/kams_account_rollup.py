from odoo import api, fields, models

from .insiders import INSIDERS

ROLLED_UP = ("net_sales_12m", "contribution_12m", "receivables_now", "overdue_now", "deal_amount")


class KamsAccount(models.Model):
    """A group's figures: what a customer and all its subsidiaries buy, contribute and owe together (2.1, 2.3)."""

    _inherit = "kams.account"

    # With subsidiaries
    is_group_head = fields.Boolean(compute="_compute_group_figures")
    group_net_sales_12m = fields.Monetary(
        string="Group Net Sales, 12 Months", compute="_compute_group_figures", groups=INSIDERS
    )
    group_contribution_12m = fields.Monetary(
        string="Group Contribution, 12 Months", compute="_compute_group_figures", groups=INSIDERS
    )
    group_receivables_now = fields.Monetary(string="Group Receivables", compute="_compute_group_figures")
    group_overdue_now = fields.Monetary(string="Group Overdue", compute="_compute_group_figures")
    group_deal_amount = fields.Monetary(string="Group's Open Deals", compute="_compute_group_figures")

    # COMPUTES
    @api.depends("child_ids", *ROLLED_UP)
    def _compute_group_figures(self):
        """One statement per level of the groups and two for their figures, however many accounts are asked for."""
        # sudo: a group's total belongs to whoever sees the account at its head; the parts stay hidden
        accounts = self._origin.sudo()
        families = accounts._value_families()
        everyone = accounts.union(*families.values())
        for account in self:
            own = account._origin.sudo()  # sudo: the key of what was found above
            family = families.get(own, own.browse())
            account.is_group_head = bool(family)
            group = (own | family).with_prefetch(everyone.ids)
            for name in ROLLED_UP:
                account[f"group_{name}"] = sum(group.mapped(name))
