from collections import defaultdict
from datetime import date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

STATES = [
    ("installed", "Installed"),
    ("current", "In Talks"),
    ("potential", "Potential"),
    ("competitor", "Competitor's"),
    ("na", "Not Applicable"),
]


class Standing(NamedTuple):
    """Where a cell stands, the deal that says so, what was invoiced, and where records and people differ."""

    state: str | bool
    deal_id: int | bool
    invoiced: float
    last_invoiced: date | bool
    remark: str | bool


class KamsWhitespaceCell(models.Model):
    """One unit of the customer and one of our offerings: do they have it, could they, and from whom?

    Book section 2.4 客户机会分析. Odoo's own records speak first where they can't be wrong: an open deal on unit
    and offering is "in talks". Then the latest word of a person or of a deal that was won, then posted invoices.
    """

    _name = "kams.whitespace.cell"
    _description = "Whitespace cell"
    _inherit = ["kams.account.part"]
    _order = "unit_id, offering_id"

    # Place in the grid
    account_id = fields.Many2one(related="unit_id.account_id", store=True, precompute=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, precompute=True, index=True)
    unit_id = fields.Many2one("kams.account.unit", required=True, ondelete="cascade", index=True)
    offering_id = fields.Many2one("product.category", string="Offering", required=True, ondelete="cascade", index=True)
    # Standing
    state = fields.Selection(
        STATES,
        string="Standing",
        compute="_compute_state",
        inverse="_inverse_state",
        search="_search_state",
        help="Fills itself from deals and posted invoices; what you choose here counts until a later deal is won.",
    )
    stated = fields.Selection(STATES, string="As Stated", readonly=True, copy=False)
    stated_by = fields.Many2one("res.users", readonly=True, copy=False)
    stated_on = fields.Datetime(readonly=True, copy=False)
    remark = fields.Char(compute="_compute_state", help="Where Odoo's records and what people say differ.")
    # What Odoo knows
    invoiced = fields.Monetary(
        compute="_compute_state", help="Posted invoices minus refunds of this offering to this unit, untaxed."
    )
    last_invoiced = fields.Date(compute="_compute_state", string="Last Invoiced On")
    lead_id = fields.Many2one("crm.lead", string="Deal", compute="_compute_state", help="The deal that you may see.")
    # What people know
    est_amount = fields.Monetary(string="Estimated Amount")
    timing = fields.Date(string="Expected By")
    competitor = fields.Char(help="Whose product they use.")
    note = fields.Text()

    _unit_offering_uniq = models.UniqueIndex(
        "(unit_id, offering_id)", "A unit has one cell per offering: open that one instead."
    )
    _est_amount_positive = models.Constraint("CHECK (est_amount >= 0)", "An estimated amount can't be negative.")

    # COMPUTES
    @api.depends("unit_id.name", "offering_id.name")
    def _compute_display_name(self):
        for cell in self:
            cell.display_name = f"{cell.offering_id.name or ''} – {cell.unit_id.name or ''}"

    @api.depends(
        "stated",
        "stated_on",
        "unit_id.partner_id",
        "offering_id",
        "unit_id.lead_ids.kams_offering_id",
        "unit_id.lead_ids.won_status",
    )
    def _compute_state(self):
        standings = self._standings()
        deals = self.env["crm.lead"].browse({standing.deal_id for standing in standings.values() if standing.deal_id})
        shown = set(deals._filtered_access("read").ids)
        for cell in self:
            standing = standings[cell.id]
            cell.state = standing.state
            cell.lead_id = standing.deal_id if standing.deal_id in shown else False
            cell.invoiced = standing.invoiced
            cell.last_invoiced = standing.last_invoiced
            cell.remark = standing.remark

    def _inverse_state(self):
        """What a person says is kept with the name and the moment."""
        for state, cells in self.grouped("state").items():
            cells.write(
                {
                    "stated": state,
                    "stated_by": self.env.uid if state else False,
                    "stated_on": fields.Datetime.now() if state else False,
                }
            )

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        # only these can have a standing: stated, with a deal, or of an account that was invoiced
        sold = self.env["kams.account"].search(Domain.TRUE)._sold_by_unit()
        standing = self.search(
            Domain("stated", "!=", False)
            | Domain("unit_id.lead_ids", "!=", False)
            | Domain("account_id", "in", list({account_id for account_id, _unit, _category in sold}))
        )
        states = standing._standings()
        found = Domain("id", "in", [id_ for id_, of_cell in states.items() if of_cell.state in value])
        if False in value:
            found |= Domain("id", "not in", standing.ids)
        return found

    # ACTIONS
    def action_make_deal(self):
        """Open the deal on this unit and offering; if there is none in progress, make it first."""
        self.ensure_one()
        standing = self._standings()[self.id]
        if standing.state == "current":
            deal = self.env["crm.lead"].browse(standing.deal_id)
            if not deal.has_access("read"):
                # sudo: who to talk to, and nothing else of the deal
                raise UserError(
                    self.env._(
                        "%(person)s is already working on %(cell)s: talk to them.",
                        person=deal.sudo().user_id.name or self.env._("A colleague"),
                        cell=self.display_name,
                    )
                )
        else:
            self.check_access("write")
            deal = self.env["crm.lead"].create(self._deal_values())
        return deal._get_records_action(name=deal.name)

    # BUSINESS
    def _deal_values(self):
        account = self.account_id
        values = {
            "name": self.display_name,
            "type": "opportunity",
            "partner_id": account.partner_id.id,
            "company_id": account.company_id.id,
            "user_id": self.env.uid,
            "kams_unit_id": self.unit_id.id,
            "kams_offering_id": self.offering_id.id,
            "expected_revenue": self.est_amount,
            "date_deadline": self.timing,
        }
        team = self.env["crm.team"]._get_default_team_id(user_id=self.env.uid)
        if not team.kams_process_id or (team.company_id and team.company_id != account.company_id):
            # a deal of a key account belongs under a process, if the seller is in a team that has one
            teams = self.env["crm.team"].search(
                [("kams_process_id", "!=", False), ("company_id", "in", [False, account.company_id.id])]
            )
            team = teams.filtered(lambda team: self.env.user in team.member_ids)[:1] or teams[:1] or team
        return {**values, "team_id": team.id} if team else values

    def _standings(self):
        """``{cell id: Standing}``, in a handful of statements for any number of cells and accounts."""
        offerings = self._offerings_by_account()
        invoiced, deals = self._invoiced(offerings), self._deals(offerings)
        labels = dict(self._fields["state"]._description_selection(self.env))
        standings = {}
        for cell in self:
            place = (cell.unit_id._origin.id, cell.offering_id.id)
            amount, last = invoiced.get(place, (0.0, False))
            found = deals.get(place)
            state, deal_id = cell._judge(found, amount) if found or amount else (cell.stated, False)
            remark = False
            if cell.stated in ("competitor", "na") and cell.stated != state:
                remark = self.env._(
                    "%(person)s said “%(stated)s” on %(day)s; the deal made since says otherwise.",
                    person=cell.stated_by.sudo().name,  # sudo: the name only, of a colleague
                    stated=labels[cell.stated],
                    day=fields.Date.to_string(cell.stated_on),
                )
            elif state in ("potential", "competitor", "na") and cell.currency_id.compare_amounts(amount, 0) > 0:
                remark = self.env._(
                    "Stated as “%(stated)s”, although it was invoiced, last on %(day)s.",
                    stated=labels[state],
                    day=fields.Date.to_string(last),
                )
            standings[cell.id] = Standing(state, deal_id, amount, last, remark)
        return standings

    def _judge(self, deals, invoiced):
        """``(standing, deal id)`` of one cell: an open deal, then the latest word, then invoices."""
        deals = deals or self.env["crm.lead"]
        pending = deals.filtered(lambda deal: deal.active and deal.won_status == "pending")
        if pending:
            return "current", pending[0].id
        won = deals.filtered(lambda deal: deal.won_status == "won").sorted("date_closed")[-1:]
        if won and (not self.stated or (won.date_closed or won.create_date) >= self.stated_on):
            return "installed", won.id
        if self.stated:
            return self.stated, won.id
        if self.currency_id.compare_amounts(invoiced, 0) > 0:
            return "installed", False
        lost = deals.filtered(lambda deal: deal.won_status == "lost")[:1]
        return ("potential" if lost else False), lost.id

    def _invoiced(self, offerings):
        """``{(unit id, offering id): (amount, last date)}``."""
        by_place = {}
        for (account_id, unit_id, category), (amount, last) in self.account_id._sold_by_unit().items():
            place = (unit_id, category._kams_nearest(offerings[account_id])[category.id])
            before, latest = by_place.get(place, (0.0, last))
            by_place[place] = (before + amount, max(latest, last))
        return by_place

    def _offerings_by_account(self):
        """``{account id: offerings its grid has}``, one statement for all."""
        return defaultdict(
            self.env["product.category"].browse,
            {
                account.id: offerings
                for account, offerings in self.sudo()._read_group(  # sudo: of cells whose account is at hand
                    [("account_id", "in", self.account_id.ids)], ["account_id"], ["offering_id:recordset"]
                )
            },
        )

    def _deals(self, offerings):
        """``{(unit id, offering id): deals, newest first}``, those included that the user may not see."""
        # sudo: whether an offering is in talks or installed is the same for everybody who sees the account
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        found = leads.search_fetch(
            [("kams_unit_id", "in", self.unit_id.ids), ("kams_offering_id", "!=", False)],
            ["kams_unit_id", "kams_offering_id", "won_status", "active", "date_closed", "create_date", "user_id"],
            order="id desc",
        )
        by_cell = defaultdict(leads.browse)
        for deal in found:
            offering_id = deal.kams_offering_id._kams_nearest(offerings[deal.kams_unit_id.account_id.id])
            by_cell[deal.kams_unit_id.id, offering_id[deal.kams_offering_id.id]] |= deal
        return by_cell
