from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from .blank import BlankFloat
from .kams_profile_item import CATEGORIES

# The account's own fields that a profile may be asked for; chapters add theirs through _profile_fields
PROFILE_FIELDS = (
    "uscc",
    "ownership",
    "legal_representative",
    "superior_authority",
    "registered_capital",
    "employees",
    "branches",
    "industry_id",
    "bank_name",
    "credit_grade",
    "credit_checked_on",
    "payment_attitude",
    "industry_growth",
    "market_share",
    "industry_rank",
    "pest_ids",
    "force_ids",
    "mission",
    "plan_one_year",
    "plan_three_years",
    "key_success_factors",
    "pains",
    "initiative_ids",
    "chain_ids",
    "main_products",
    "main_customers",
    "main_competitors",
    "swot_ids",
    "year_ids",
    "tier",
    "relationship_stage",
    "next_review_date",
)

SHOWN = 6  # of what is missing, on the page


class Row(NamedTuple):
    """A requirement without its record."""

    id: int
    kind: str
    field_name: str
    category: str
    key: str
    weight: float


class KamsAccount(models.Model):
    """How complete and how recent a customer's profile is (2.1; control point A0-1)."""

    _inherit = "kams.account"

    completeness = BlankFloat(
        string="Completeness (%)",
        compute="_compute_completeness",
        store=True,
        digits=(16, 0),
        aggregator="avg",
        help="Weight of what is filled in, of all that the company asks for in “Profile Requirements”.",
    )
    profile_missing = fields.Char(string="Still Missing", compute="_compute_profile_missing")
    as_of = fields.Date(string="Profile As Of", copy=False, help="When somebody last went through the whole profile.")
    author_id = fields.Many2one("res.users", string="Profile Confirmed By", copy=False)
    valid_until = fields.Date(string="Profile Valid Until", compute="_compute_valid_until", store=True)

    # COMPUTES
    @api.depends(
        lambda self: (*self._profile_fields(), "company_id", "profile_item_ids.category", "profile_item_ids.key")
    )
    def _compute_completeness(self):
        requirement = self.env["kams.profile.requirement"]
        for account in self:
            rows = requirement._rows(account.company_id.id)
            total = sum(row.weight for row in rows)
            met = sum(row.weight for row in rows if account._meets(row))
            account.completeness = 100 * met / total if total else None

    @api.depends("completeness")
    @api.depends_context("lang")
    def _compute_profile_missing(self):
        requirement = self.env["kams.profile.requirement"]
        names = requirement._names()
        for account in self:
            rows = requirement._rows(account.company_id.id)
            # sudo: that a secret item is there counts for everybody; nothing of it is shown
            missing = [row for row in rows if not account.sudo()._meets(row)]
            missing.sort(key=lambda row: -row.weight)
            shown = ", ".join(names[row.id] for row in missing[:SHOWN])
            if len(missing) > SHOWN:
                shown = self.env._("%(names)s and %(number)s more", names=shown, number=len(missing) - SHOWN)
            account.profile_missing = shown or False

    @api.depends("as_of")
    def _compute_valid_until(self):
        for account in self:
            months = self.env["kams.legal.rule"]._value("profile_valid_months", account.as_of or None)
            known = account.as_of and months is not None
            account.valid_until = account.as_of + relativedelta(months=int(months)) if known else False

    # ACTIONS
    def action_confirm_profile(self):
        """Say that the whole profile was looked through today."""
        return self.write({"as_of": fields.Date.context_today(self), "author_id": self.env.uid})

    # BUSINESS
    @api.model
    def _profile_fields(self):
        """Names of the stored fields that a requirement may ask for; see :data:`PROFILE_FIELDS`."""
        return PROFILE_FIELDS

    def _meets(self, row):
        if row.kind == "field":
            return row.field_name in self._fields and bool(self[row.field_name])
        return any(
            item.category == row.category and (not row.key or item.key.strip().casefold() == row.key)
            for item in self.profile_item_ids
        )


class KamsProfileRequirement(models.Model):
    """One thing that a complete profile has, and its weight; a company with rows of its own counts only these (2.1)."""

    _name = "kams.profile.requirement"
    _description = "Profile requirement"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for every company without rows of its own.")
    kind = fields.Selection(
        [("field", "Field of the account"), ("item", "Profile item")], required=True, default="field"
    )
    field_name = fields.Selection(selection="_selection_field_name", string="Field")
    item_category = fields.Selection(CATEGORIES)
    item_key = fields.Char(string="Item Subject", help="Empty: any item of the category.")
    weight = fields.Float(default=1.0, required=True)

    _weight_positive = models.Constraint("CHECK(weight > 0)", "A requirement that weighs nothing can be archived.")

    # COMPUTES
    @api.model
    def _selection_field_name(self):
        account = self.env["kams.account"]
        described = account.fields_get(account._profile_fields(), ["string"])
        return [(name, described[name]["string"]) for name in account._profile_fields() if name in described]

    @api.depends("kind", "field_name", "item_category", "item_key")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["field_name"]._description_selection(self.env))
        categories = dict(self._fields["item_category"]._description_selection(self.env))
        for row in self:
            if row.kind == "field":
                row.display_name = labels.get(row.field_name, row.field_name or "")
            else:
                row.display_name = row.item_key or categories.get(row.item_category, "")

    # CONSTRAINTS
    @api.constrains("kind", "field_name", "item_category")
    def _check_asked(self):
        for row in self:
            if not (row.field_name if row.kind == "field" else row.item_category):
                raise ValidationError(
                    self.env._("A profile requirement says what it asks for: a field, or the category of an item.")
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._recount(rows.company_id if all(rows.mapped("company_id")) else None)
        return rows

    def write(self, vals):
        result = super().write(vals)
        self._recount()
        return result

    def unlink(self):
        result = super().unlink()
        self.browse()._recount()
        return result

    # BUSINESS
    @api.model
    def _recount(self, companies=None):
        """What a profile must have has changed: forget the rows at hand and count all accounts again."""
        self.env.registry.clear_cache()
        # sudo: completeness is the same figure for everybody
        accounts = self.env["kams.account"].sudo().with_context(active_test=False)
        accounts = accounts.search([("company_id", "in", companies.ids)] if companies else [])
        self.env.add_to_compute(accounts._fields["completeness"], accounts)
        accounts.invalidate_recordset(["profile_missing"])

    @api.model
    @tools.ormcache("company_id")
    def _rows(self, company_id):
        """The rows that count for a company, at hand for every account."""
        # sudo: which fields count is no secret, and the figure is the same for everybody
        rows = self.sudo().search([("company_id", "in", [company_id, False])])
        own = rows.filtered("company_id") or rows
        return tuple(
            Row(
                row.id,
                row.kind,
                row.field_name or "",
                row.item_category or "",
                (row.item_key or "").strip().casefold(),
                row.weight,
            )
            for row in own
        )

    @api.model
    @tools.ormcache("self.env.lang")
    def _names(self):
        """``{id: name}`` in the user's language. sudo: see :meth:`_rows`."""
        return {row.id: row.display_name for row in self.sudo().search([])}
