from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamsAccount(models.Model):
    """Where the customer wants to go, and what hurts on the way (2.1: strategy and operations)."""

    _inherit = "kams.account"

    # Where it wants to go
    mission = fields.Text(string="Mission and Strategy")
    plan_one_year = fields.Text(string="One-Year Plan")
    plan_three_years = fields.Text(string="Three-Year Plan")
    key_success_factors = fields.Text()
    pains = fields.Text()
    initiative_ids = fields.One2many("kams.account.initiative", "account_id", string="Initiatives")
    # What it does
    main_products = fields.Text()
    main_customers = fields.Text()
    main_competitors = fields.Text()
    chain_ids = fields.One2many("kams.account.chain", "account_id", string="Value Chain")


class KamsAccountInitiative(models.Model):
    """Something the customer has decided to do, with money and a sponsor: where our offering may help (2.1)."""

    _name = "kams.account.initiative"
    _description = "Customer's initiative"
    _inherit = ["kams.account.part"]
    _order = "account_id, date_start, id"

    name = fields.Char(string="Initiative", required=True)
    sponsor_id = fields.Many2one("res.partner", string="Sponsor", help="Who at the customer wants it.")
    budget = fields.Monetary()
    date_start = fields.Date(string="Start")
    date_end = fields.Date(string="End")
    offering_id = fields.Many2one("product.category", string="Our Offering", help="What of ours would serve it.")

    @api.constrains("date_start", "date_end")
    def _check_dates(self):
        for initiative in self:
            if initiative.date_start and initiative.date_end and initiative.date_end < initiative.date_start:
                raise ValidationError(
                    self.env._(
                        "Initiative “%(name)s” of %(account)s ends on %(end)s, before it starts on %(start)s. "
                        "Put the later date last.",
                        name=initiative.name,
                        account=initiative.account_id.display_name,
                        start=initiative.date_start,
                        end=initiative.date_end,
                    )
                )


class KamsAccountChain(models.Model):
    """One activity of the customer's value chain: how much hangs on it, what runs it, where it hurts (2.1)."""

    _name = "kams.account.chain"
    _description = "Value chain activity"
    _inherit = ["kams.account.part"]
    _order = "account_id, sequence, id"
    _rec_name = "activity"

    sequence = fields.Integer(default=10)
    activity = fields.Char(required=True)
    importance = fields.Selection(
        [("1", "1 slight"), ("2", "2"), ("3", "3 middling"), ("4", "4"), ("5", "5 vital")], required=True, default="3"
    )
    equipment = fields.Char(string="IT and Equipment", help="What runs it, and how up to date that is.")
    pain = fields.Char()
