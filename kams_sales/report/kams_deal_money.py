from odoo import api, fields, models
from odoo.tools import SQL

from ..models.blank import BlankFloat, BlankMonetary


class KamsDealMoney(models.Model):
    """A deal's money on one line: planned, conceded, signed, ordered, invoiced, paid, and what margin became (7.7).

    Sums are of the documents that the reader may see. An amount that nobody knows is empty, not zero.
    """

    _name = "kams.deal.money"
    _description = "Money of a deal"
    _auto = False
    _order = "id desc"
    _rec_name = "lead_id"

    # Whose
    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True)
    account_id = fields.Many2one("kams.account", string="Key Account", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    phase_id = fields.Many2one("kams.process.phase", string="Phase", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    # From plan to cash
    planned = BlankMonetary(readonly=True, help="The latest proposal or bid that was submitted, without taxes.")
    conceded = BlankMonetary(readonly=True, help="Given away in negotiations.")
    contracted = BlankMonetary(readonly=True, help="Signed contracts, without taxes.")
    quoted = BlankMonetary(readonly=True, help="Quotations and orders that aren't cancelled, without taxes.")
    ordered = BlankMonetary(readonly=True, help="Confirmed orders, without taxes.")
    invoiced = BlankMonetary(readonly=True, help="Posted invoices, without taxes.")
    credited = BlankMonetary(readonly=True, help="Posted credit notes, without taxes.")
    invoiced_total = BlankMonetary(string="Invoiced with Tax", readonly=True)
    collected = BlankMonetary(readonly=True)
    written_off = BlankMonetary(readonly=True)
    exchange = BlankMonetary(string="Exchange Difference", readonly=True)
    set_off = BlankMonetary(string="Set Off", readonly=True)
    outstanding = BlankMonetary(string="Outstanding", readonly=True)
    overdue = BlankMonetary(readonly=True)
    bonds_out = BlankMonetary(string="Guarantees Out", readonly=True, help="Put up for this deal and not back yet.")
    # Margin, from bid to invoice
    planned_margin_pct = BlankFloat(string="Planned Margin (%)", readonly=True, aggregator="avg", digits=(16, 1))
    contract_margin_pct = BlankFloat(string="Contract Margin (%)", readonly=True, aggregator="avg", digits=(16, 1))
    realised_margin = BlankMonetary(readonly=True)
    realised_margin_pct = BlankFloat(string="Realised Margin (%)", readonly=True, aggregator="avg", digits=(16, 1))
    erosion = BlankFloat(
        string="Margin Erosion (Points)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Planned margin less contract margin, in percentage points.",
    )
    erosion_realised = BlankFloat(
        string="Margin Erosion to Invoice (Points)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Planned margin less realised margin, in percentage points.",
    )
    discount_pct = BlankFloat(string="Discount (%)", readonly=True, aggregator="avg", digits=(16, 1))
    days_to_pay = BlankFloat(string="Days to Pay", readonly=True, aggregator="avg", digits=(16, 1))

    _depends = {
        "crm.lead": [
            *("company_id", "kams_account_id", "kams_phase_id", "kams_process_id", "partner_id", "team_id", "user_id"),
        ],
        "kams.money": ["kind"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT deal.id, deal.id AS lead_id, deal.kams_account_id AS account_id, deal.partner_id, deal.user_id,
                   deal.team_id, deal.kams_phase_id AS phase_id, deal.company_id, company.currency_id,
                   %(figures)s
              FROM crm_lead deal
         LEFT JOIN res_company company ON company.id = COALESCE(deal.company_id, %(company)s)
             WHERE deal.kams_process_id IS NOT NULL
            """,
            figures=SQL(", ").join(
                SQL("NULL::numeric AS %s", SQL.identifier(name))
                for name, field in self._fields.items()
                if field.type in ("float", "monetary") and field.store
            ),
            company=self.env.company.id,
        )

    @api.model
    def _search_display_name(self, operator, value):
        return [("lead_id.name", operator, value)]

    # ACTIONS
    def action_open_deal(self):
        self.ensure_one()
        return self.lead_id._get_records_action(name=self.lead_id.display_name)

    def action_rows(self):
        """The rows behind the figures."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("kams_sales.kams_money_action")
        views = [(False, "list"), (False, "pivot"), (False, "graph")]
        return {**action, "name": self.lead_id.name, "domain": [("lead_id", "=", self.id)], "views": views}
