from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .blank import BlankFloat

CATEGORIES = [  # those of the customer file (客户档案表), 3.5
    ("basic", "Basics"),
    ("organisation", "Organisation"),
    ("business", "Business"),
    ("finance", "Finance and Credit"),
    ("purchasing", "Purchasing"),
    ("deciders", "Decision Makers"),
    ("competition", "Competition"),
    ("project", "Projects"),
    ("relationship", "Relationship"),
]


class KamsAccount(models.Model):
    """What was learned about the customer, and how much of it still holds (3.5 客户档案)."""

    _inherit = "kams.account"

    profile_item_ids = fields.One2many("kams.profile.item", "account_id", string="Profile Items")
    freshness = BlankFloat(
        string="Freshness (%)",
        compute="_compute_freshness",
        digits=(16, 0),
        help="Share of the profile items that have not expired; empty without items.",
    )

    @api.depends("profile_item_ids.expires_at")
    def _compute_freshness(self):
        # sudo: secret items count for everybody; a share gives none of them away
        items = self.env["kams.profile.item"].sudo()
        scope = [("account_id", "in", self.ids)]
        today = fields.Date.context_today(self)
        total = dict(items._read_group(scope, ["account_id"], ["__count"]))
        expired = dict(items._read_group([*scope, ("expires_at", "<", today)], ["account_id"], ["__count"]))
        total, expired = ({account.id: number for account, number in found.items()} for found in (total, expired))
        for account in self:
            number = total.get(account.id)
            account.freshness = 100 * (number - expired.get(account.id, 0)) / number if number else None


class KamsProfileItem(models.Model):
    """One thing known about the customer: from whom, how sure, until when, and who may know it (3.5 客户档案表)."""

    _name = "kams.profile.item"
    _description = "Profile item"
    _inherit = ["kams.account.part", "kams.import.mixin"]
    _order = "account_id, category, key, id"
    _rec_name = "key"

    # What
    category = fields.Selection(CATEGORIES, required=True, default="business", index=True)
    key = fields.Char(string="Subject", required=True)
    value = fields.Text(string="What We Know", required=True)
    # How sure
    source = fields.Char(required=True)
    reliability = fields.Selection(
        [
            ("a", "A Completely reliable"),
            ("b", "B Usually reliable"),
            ("c", "C Fairly reliable"),
            ("d", "D Not usually reliable"),
            ("e", "E Unreliable"),
            ("f", "F Can't be judged"),
        ],
        required=True,
        default="f",
        help="Of the source.",
    )
    credibility = fields.Selection(
        [
            ("1", "1 Confirmed"),
            ("2", "2 Probably true"),
            ("3", "3 Possibly true"),
            ("4", "4 Doubtful"),
            ("5", "5 Improbable"),
            ("6", "6 Can't be judged"),
        ],
        help="Of what the source says.",
    )
    # When and by whom
    collected_at = fields.Date(string="Collected On", required=True, default=fields.Date.context_today)
    collector_id = fields.Many2one("res.users", string="Collected By", default=lambda self: self.env.user)
    expires_at = fields.Date(string="Holds Until", index=True, help="Empty: it doesn't go stale.")
    is_expired = fields.Boolean(string="Expired", compute="_compute_is_expired")
    # Who may know
    confidentiality = fields.Selection(
        [("public", "Public"), ("internal", "Internal"), ("secret", "Secret")],
        required=True,
        default="internal",
        index=True,
        help="Secret: for the account's manager, its team and sales directors only.",
    )

    @api.depends("expires_at")
    def _compute_is_expired(self):
        today = fields.Date.context_today(self)
        for item in self:
            item.is_expired = bool(item.expires_at and item.expires_at < today)

    @api.constrains("collected_at", "expires_at")
    def _check_dates(self):
        for item in self:
            if item.expires_at and item.expires_at < item.collected_at:
                raise ValidationError(
                    self.env._(
                        "“%(item)s” of %(account)s was collected on %(start)s and can't end before, on %(end)s.",
                        item=item.key,
                        account=item.account_id.display_name,
                        start=item.collected_at,
                        end=item.expires_at,
                    )
                )

    # BUSINESS
    @api.model
    def _import_columns(self):
        return [
            ("account_id", self.env._("Example Power Ltd")),
            ("category", "purchasing"),
            ("key", self.env._("Who signs above one million")),
            ("value", self.env._("The vice president for finance")),
            ("source", self.env._("Annual report")),
            ("reliability", "b"),
            ("credibility", "2"),
            ("collected_at", "2026-01-31"),
            ("expires_at", "2027-01-31"),
            ("confidentiality", "internal"),
        ]
