from collections import defaultdict

from odoo import api, fields, models

from ..tools import finance
from .blank import BlankFloat
from .insiders import INSIDERS


class KamsAccount(models.Model):
    """The customer's units against our offerings: what they have of ours, and where there is room (2.4)."""

    _inherit = "kams.account"

    # Whitespace
    unit_ids = fields.One2many("kams.account.unit", "account_id", string="Units")
    cell_ids = fields.One2many("kams.whitespace.cell", "account_id", string="Whitespace Cells", groups=INSIDERS)
    cell_standings = fields.Json(
        compute="_compute_cell_standings", help="{cell id: [standing, invoiced, remark]}", groups=INSIDERS
    )
    penetration = BlankFloat(
        compute="_compute_penetration",
        string="Penetration (%)",
        digits=(16, 1),
        help="Cells that have our offering ÷ cells it is applicable to.",
        groups=INSIDERS,
    )
    cells_installed = fields.Integer(compute="_compute_penetration", string="Installed Cells", groups=INSIDERS)
    cells_applicable = fields.Integer(compute="_compute_penetration", string="Applicable Cells", groups=INSIDERS)
    cells_unknown = fields.Integer(compute="_compute_penetration", string="Cells Not Looked At", groups=INSIDERS)
    whitespace_grid = fields.Html(
        compute="_compute_whitespace_grid", sanitize=False, string="Whitespace Grid", groups=INSIDERS
    )

    # COMPUTES
    @api.depends(
        "unit_ids.partner_id",
        "unit_ids.lead_ids.won_status",
        "cell_ids.stated",
        "cell_ids.stated_on",
        "cell_ids.unit_id",
    )
    @api.depends_context("lang")
    def _compute_cell_standings(self):
        """One look at all cells of all accounts, for figures and grid alike."""
        cells = self._whitespace_cells()
        standings = cells._standings()
        by_account = cells.grouped("account_id")
        for account in self:
            account.cell_standings = {
                cell.id: (standings[cell.id].state, standings[cell.id].invoiced, standings[cell.id].remark)
                for cell in by_account.get(account._origin, ())
            }

    @api.depends("cell_standings")
    def _compute_penetration(self):
        """Installed ÷ applicable; without an applicable cell there is nothing to say."""
        for account in self:
            states = [state for state, _invoiced, _remark in (account.cell_standings or {}).values()]
            account.cells_installed, account.cells_unknown = states.count("installed"), states.count(False)
            account.cells_applicable = len(states) - states.count("na")
            share = finance.ratio(account.cells_installed, account.cells_applicable)
            account.penetration = None if share is None else 100 * share

    @api.depends("cell_standings", "unit_ids.name", "unit_ids.sequence", "cell_ids.est_amount", "cell_ids.offering_id")
    @api.depends_context("lang")
    def _compute_whitespace_grid(self):
        for account in self:
            standings = account.cell_standings
            account.whitespace_grid = standings and self.env["ir.qweb"]._render(
                "kams_sales.kams_whitespace_grid", account._grid_values(standings)
            )

    # ACTIONS
    def action_refresh_whitespace(self):
        """Give the grid the offerings that were added or first sold since."""
        self.check_access("write")
        self.unit_ids._lay_out()

    def action_whitespace_grid(self):
        """Open the account's grid of units and offerings."""
        self.ensure_one()
        view = self.env.ref("kams_sales.kams_account_view_form_grid")
        name = self.env._("Whitespace of %s", self.name)
        return {**self._get_records_action(name=name), "views": [(view.id, "form")]}

    def action_view_whitespace(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_whitespace_cell_action")
        return {
            **action,
            "domain": [("account_id", "=", self.id)],
            "context": {"default_account_id": self.id, "search_default_open": 1},
        }

    # BUSINESS
    def _whitespace_cells(self):
        return self.env["kams.whitespace.cell"].search_fetch(
            [("account_id", "in", self._origin.filtered("unit_ids").ids)],  # without units there is nothing to look for
            ["account_id", "unit_id", "offering_id", "stated", "stated_by", "stated_on", "est_amount"],
        )

    def _grid_values(self, standings):
        """What the grid's template shows: plain values, so that 2,000 cells stay quick."""
        self.ensure_one()
        cells = self._whitespace_cells()
        offerings = cells.offering_id.sorted("complete_name")
        columns = [(offering.id, offering.name) for offering in offerings]
        rows = [(unit.id, unit.name) for unit in cells.unit_id.sorted()]
        by_place = {(cell.unit_id.id, cell.offering_id.id): (cell.id, cell.est_amount) for cell in cells}
        labels = dict(cells._fields["state"]._description_selection(self.env))
        labels[False] = self.env._("Not looked at")
        url = f"/odoo/key-accounts/{self.id}/kams-whitespace/"

        def square(unit_id, unit, offering_id, offering):
            cell_id, amount = by_place.get((unit_id, offering_id), (False, 0.0))
            state, invoiced, remark = standings.get(str(cell_id), (False, 0.0, False))
            return {
                "state": state or "unknown",
                "url": cell_id and f"{url}{cell_id}",
                "text": _short(invoiced if state == "installed" else amount),
                "title": f"{offering} – {unit}: {labels[state]}{f'. {remark}' if remark else ''}",
                "warns": bool(remark),
            }

        return {
            "labels": [(key or "unknown", label) for key, label in labels.items()],
            "offerings": [{"name": offering.name, "path": offering.complete_name} for offering in offerings],
            "rows": [
                {
                    "name": unit,
                    "cells": [square(unit_id, unit, offering_id, offering) for offering_id, offering in columns],
                }
                for unit_id, unit in rows
            ],
            "unassigned": self._grid_unassigned(offerings),
        }

    def _grid_unassigned(self, offerings):
        """Sales of each offering that no unit's address tells; empty when there are none."""
        totals = defaultdict(float)
        for (_account, unit_id, category), (amount, _last) in self._sold_by_unit().items():
            if not unit_id:
                totals[category._kams_nearest(offerings)[category.id]] += amount
        if not any(totals.get(offering.id) for offering in offerings):
            return []
        return [_short(totals.get(offering.id)) for offering in offerings]

    def _sold_by_unit(self):
        """Net sales from posted invoices and refunds, by line, in company currency at the invoice's rate.

        One statement for all accounts. A unit is known by its address or company; what none of them claims
        belongs to the account's only unit without an address, else to no unit.

        :return: ``{(account id, unit id or False, product category): (amount, last invoice date)}``
        """
        accounts = self.filtered("id")
        if not accounts:
            return {}
        # sudo: whose address is whose; who sees the account is told the sums and nothing else
        units = accounts.sudo().unit_ids
        families, addresses, remainder = {}, {}, {}
        for account in accounts.sudo():
            families[account.id] = account.partner_id | account.unit_ids.partner_id.commercial_partner_id
            addresses[account.id] = {unit.partner_id: unit.id for unit in account.unit_ids if unit.partner_id}
            homeless = account.unit_ids.filtered(lambda unit: not unit.partner_id)
            remainder[account.id] = homeless.id if len(homeless) == 1 else False
        by_partner = defaultdict(list)
        for account in accounts:
            for partner in families[account.id]:
                by_partner[partner, account.company_id].append(account)
        # sudo: totals of the customers whose accounts are at hand, in these accounts' companies, and nothing else
        lines = self.env["account.move.line"].sudo()
        rows = lines._read_group(
            [
                ("partner_id", "in", (accounts.sudo().partner_id | units.partner_id.commercial_partner_id).ids),
                ("company_id", "in", accounts.company_id.ids),
                ("parent_state", "=", "posted"),
                ("move_id.move_type", "in", ["out_invoice", "out_refund"]),
                ("display_type", "=", "product"),
                ("product_id", "!=", False),
            ],
            [
                "partner_id",
                "company_id",
                "move_id.partner_id",
                "move_id.partner_shipping_id",
                "product_id.categ_id",
            ],
            ["balance:sum", "date:max"],
        )
        sold = {}
        for partner, company, invoiced_to, shipped_to, category, balance, last in rows:
            for account in by_partner.get((partner, company), ()):
                own = addresses[account.id]
                unit_id = own.get(shipped_to) or own.get(invoiced_to) or own.get(partner)
                if not unit_id:
                    if partner != account.sudo().partner_id:  # sudo: compared only
                        continue
                    unit_id = remainder[account.id]
                key = (account.id, unit_id, category)
                amount, latest = sold.get(key, (0.0, last))
                sold[key] = (amount - balance, max(latest, last))
        return sold

    @api.model
    def _cron_refresh_whitespace(self):
        """Daily: grids get the offerings that were added or first sold since."""
        self.env["kams.account.unit"].search([("account_id.active", "=", True)])._lay_out()


def _short(amount):
    """An amount as a grid has room for: 1.2M, 350k, 80."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if amount and abs(amount) >= size:
            value = f"{amount / size:.1f}".removesuffix(".0")
            return f"{value}{letter}"
    return f"{amount:.0f}" if amount else ""
