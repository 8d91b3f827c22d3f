from odoo import fields, models

from .blank import BlankFloat


class KamsAccount(models.Model):
    """What goes on around the customer (2.1: PEST, five forces, place in its industry)."""

    _inherit = "kams.account"

    industry_growth = BlankFloat(string="Industry Growth (%)", help="Percent a year; empty: not known.")
    market_share = BlankFloat(string="Market Share (%)", help="The customer's share of its market.")
    industry_rank = fields.Selection([("leader", "Leader"), ("middle", "Middle"), ("tail", "Tail")])
    pest_ids = fields.One2many("kams.account.pest", "account_id", string="PEST")
    force_ids = fields.One2many("kams.account.force", "account_id", string="Five Forces")

    _market_share_range = models.Constraint(
        "CHECK(market_share >= 0 AND market_share <= 100)", "A market share lies between 0 and 100 %."
    )


class KamsAccountPest(models.Model):
    """A trend that the customer cannot escape, and what it does to the customer (2.1 PEST)."""

    _name = "kams.account.pest"
    _description = "PEST line"
    _inherit = ["kams.account.part"]
    _order = "account_id, sequence, id"
    _rec_name = "trend"

    sequence = fields.Integer(default=10)
    factor = fields.Selection(
        [
            ("political", "Political"),
            ("economic", "Economic"),
            ("social", "Social"),
            ("technological", "Technological"),
        ],
        required=True,
    )
    trend = fields.Char(required=True)
    impact = fields.Selection(
        [("-2", "−2 threatens it"), ("-1", "−1 hurts"), ("0", "0 neutral"), ("1", "+1 helps"), ("2", "+2 drives it")],
        required=True,
        default="0",
    )


class KamsAccountForce(models.Model):
    """One of the five forces that press on the customer's industry (2.1 五力)."""

    _name = "kams.account.force"
    _description = "Competitive force"
    _inherit = ["kams.account.part"]
    _order = "account_id, force, id"
    _rec_name = "force"

    force = fields.Selection(
        [
            ("rivalry", "Rivalry"),
            ("entrants", "New Entrants"),
            ("substitutes", "Substitutes"),
            ("suppliers", "Power of Suppliers"),
            ("buyers", "Power of Buyers"),
        ],
        required=True,
    )
    strength = fields.Selection(
        [("1", "1 weak"), ("2", "2"), ("3", "3 middling"), ("4", "4"), ("5", "5 strong")],
        string="Intensity",
        required=True,
    )
    note = fields.Char()

    _force_uniq = models.UniqueIndex("(account_id, force)", "Each of the five forces is judged once per account.")
