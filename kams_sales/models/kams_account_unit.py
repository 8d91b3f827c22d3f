from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .insiders import INSIDERS

RELATIONSHIPS = [
    ("1", "1 Unknown to them"),
    ("2", "2 Acquainted"),
    ("3", "3 Accepted"),
    ("4", "4 Trusted"),
    ("5", "5 Partner"),
]


class KamsAccountUnit(models.Model):
    """A business unit of the customer: who heads it, what it earns and wants, and how we stand there.

    Book section 2.1 了解客户的经营; the rows of the whitespace grid.
    """

    _name = "kams.account.unit"
    _description = "Unit of a key account"
    _inherit = ["kams.account.part"]
    _order = "account_id, sequence, id"

    # Unit
    name = fields.Char(string="Unit", required=True)
    sequence = fields.Integer(default=10)
    customer_id = fields.Many2one(related="account_id.partner_id")
    head_id = fields.Many2one("res.partner", string="Head", domain="[('id', 'child_of', customer_id)]")
    partner_id = fields.Many2one(
        "res.partner",
        string="Address or Company",
        index="btree_not_null",
        help="The unit's own delivery or invoice address, or its own company. What is invoiced or delivered there is "
        "the unit's; without it Odoo can't tell which unit bought.",
    )
    # How it does
    revenue = fields.Monetary(help="What the unit itself sells in a year.")
    culture = fields.Text(help="How people there decide and work.")
    strategy = fields.Text(string="Unit Strategy", help="What the unit wants to achieve.")
    relationship = fields.Selection(RELATIONSHIPS, string="Our Relationship")
    # Whitespace
    cell_ids = fields.One2many("kams.whitespace.cell", "unit_id", string="Whitespace", groups=INSIDERS)
    lead_ids = fields.One2many("crm.lead", "kams_unit_id", string="Deals with the Unit")

    _name_uniq = models.UniqueIndex("(account_id, name)", "An account can't have two units of the same name.")

    # CONSTRAINTS
    @api.constrains("account_id", "partner_id")
    def _check_partner(self):
        """Two units at one address: their sales couldn't be told apart. Merged contacts may still end up so."""
        for unit in self.filtered("partner_id"):
            other = unit.account_id.unit_ids.filtered(lambda one, unit=unit: one.partner_id == unit.partner_id) - unit
            if other:
                raise ValidationError(
                    self.env._(
                        "%(unit)s and %(other)s can't share the address %(address)s: nobody could tell whose sales are "
                        "whose.",
                        unit=unit.name,
                        other=other[0].name,
                        address=unit.partner_id.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        units = super().create(vals_list)
        units._lay_out()
        return units

    # BUSINESS
    def _lay_out(self):
        """Make the cells that these units still lack, one per offering; those that exist are left alone."""
        cells = self.env["kams.whitespace.cell"]
        known = {
            (cell.unit_id.id, cell.offering_id.id)
            for cell in cells.search_fetch([("unit_id", "in", self.ids)], ["unit_id", "offering_id"])
        }
        missing = []
        for company, units in self.grouped("company_id").items():
            offerings = self.env["product.category"]._kams_offerings(company)
            missing += [
                {"unit_id": unit.id, "offering_id": offering.id}
                for unit in units
                for offering in offerings
                if (unit.id, offering.id) not in known
            ]
        return cells.create(missing)
