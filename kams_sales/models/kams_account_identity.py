from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import uscc
from .blank import BlankMonetary


class KamsAccount(models.Model):
    """Who the customer is by law and how it pays (2.1 了解客户的经营: identity; control point A0-4)."""

    _inherit = "kams.account"

    # By law
    uscc = fields.Char(
        string="USCC",
        copy=False,
        index="btree_not_null",
        help="Unified social credit code (统一社会信用代码), 18 characters; its check character is verified.",
    )
    legal_representative = fields.Char()
    ownership = fields.Selection(
        [
            ("state", "State-owned"),
            ("private", "Private"),
            ("foreign", "Foreign"),
            ("joint", "Joint Venture"),
            ("institution", "Public Institution"),
            ("government", "Government Body"),
        ]
    )
    superior_authority = fields.Char(help="The body that the customer answers to (上级主管部门).")
    is_listed = fields.Boolean(string="Listed", help="Its shares are traded on an exchange.")
    registered_capital = BlankMonetary()
    employees = fields.Integer()
    branches = fields.Integer()
    industry_id = fields.Many2one(related="partner_id.industry_id", string="Industry", readonly=False)
    # How it pays
    bank_name = fields.Char(string="Bank")
    credit_grade = fields.Selection(
        [("aaa", "AAA"), ("aa", "AA"), ("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")],
        tracking=True,
        help="What its bank or a credit bureau says.",
    )
    credit_checked_on = fields.Date(help="When credit and payment risk were last looked into.")
    payment_attitude = fields.Selection(
        [
            ("prompt", "Pays on time"),
            ("slow", "Pays late"),
            ("bargains", "Bargains over each bill"),
            ("bad", "Doesn't pay"),
        ]
    )

    _employees_sign = models.Constraint("CHECK(employees >= 0)", "A customer has no employees or some, not fewer.")
    _branches_sign = models.Constraint("CHECK(branches >= 0)", "A customer has no branches or some, not fewer.")

    # CONSTRAINTS
    @api.constrains("uscc")
    def _check_uscc(self):
        for account in self.filtered("uscc"):
            if found := uscc.problem(account.uscc):
                raise ValidationError(account._uscc_problem(*found))

    @api.constrains("credit_checked_on")
    def _check_credit_checked_on(self):
        today = fields.Date.context_today(self)
        for account in self:
            if account.credit_checked_on and account.credit_checked_on > today:
                raise ValidationError(
                    self.env._(
                        "%(account)s: credit can't have been checked on %(day)s, that day is still to come.",
                        account=account.display_name,
                        day=account.credit_checked_on,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create([self._with_uscc(vals) for vals in vals_list])
        for account in accounts.filtered(lambda account: not account.uscc and account.partner_id.vat):
            # in China a customer's tax number is its credit code: nobody types it twice
            code = uscc.normalise(account.partner_id.vat)
            if code and not uscc.problem(code):
                account.uscc = code
        return accounts

    def write(self, vals):
        return super().write(self._with_uscc(vals))

    # BUSINESS
    @api.model
    def _import_columns(self):
        return [
            *super()._import_columns(),
            ("uscc", "914403001922038216"),
            ("legal_representative", ""),
            ("ownership", "private"),
            ("superior_authority", ""),
            ("registered_capital", 50000000),
            ("employees", 1200),
            ("branches", 3),
            ("bank_name", ""),
            ("credit_grade", "aa"),
            ("credit_checked_on", "2026-01-31"),
            ("payment_attitude", "prompt"),
        ]

    @api.model
    def _with_uscc(self, vals):
        return {**vals, "uscc": uscc.normalise(vals["uscc"])} if vals.get("uscc") else vals

    def _uscc_problem(self, kind, detail):
        """What is wrong with the code, in words."""
        who = {"account": self.name or self.partner_id.display_name, "code": self.uscc}
        if kind == "length":
            return self.env._(
                "%(account)s: USCC %(code)s has %(count)s characters, a credit code has 18.", count=detail, **who
            )
        if kind == "character":
            character, place = detail
            return self.env._(
                "%(account)s: USCC %(code)s has “%(character)s” in place %(place)s. A credit code is made of digits "
                "and capitals without I, O, S, V and Z.",
                character=character,
                place=place,
                **who,
            )
        return self.env._(
            "%(account)s: USCC %(code)s can't be right, after its first 17 characters the last would be "
            "“%(expected)s”. Compare it with the business licence.",
            expected=detail,
            **who,
        )
