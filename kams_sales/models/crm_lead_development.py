from odoo import fields, models

BUDGET_STATES = [
    ("none", "No Budget"),
    ("estimated", "Estimated"),
    ("approved", "Approved"),
    ("funded", "Funded"),
]
BUY_CLASSES = [
    ("new_task", "New Task"),
    ("modified_rebuy", "Modified Rebuy"),
    ("straight_rebuy", "Straight Rebuy"),
]


class CrmLead(models.Model):
    """What is learnt of a deal itself while it is developed: need, driver, money, competition.

    Book section 3.6 判断潜在客户的销售机会, control points S1-5, S1-7, S1-8 and S2-2.
    """

    _inherit = "crm.lead"

    # Need
    kams_need = fields.Text(string="Customer's Need", help="What the customer wants to change, in their own words.")
    kams_compelling_event = fields.Char(
        string="Compelling Event", help="What makes the customer act by a day, and what happens if they don't."
    )
    kams_buy_class = fields.Selection(
        BUY_CLASSES, string="Buy Class", help="Whether the customer buys this for the first time, changed, or again."
    )
    # Money
    kams_budget_state = fields.Selection(BUDGET_STATES, string="Budget")
    kams_budget_amount = fields.Monetary(string="Budget Amount", currency_field="company_currency")
    kams_budget_source = fields.Char(
        string="Budget Source", help="Where the money comes from: own funds, loan, grant, a budget line."
    )
    # Competition
    kams_no_competitor = fields.Boolean(
        string="No Competitor", help="You asked, and nobody else offers. Otherwise list the competitors."
    )
