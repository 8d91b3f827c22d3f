from collections import defaultdict

from odoo import api, fields, models


class KamsAccount(models.Model):
    """The customer's units against our offerings: what they have of ours, and where there is room (2.4)."""

    _inherit = "kams.account"

    # Whitespace
    unit_ids = fields.One2many("kams.account.unit", "account_id", string="Units")
    cell_ids = fields.One2many("kams.whitespace.cell", "account_id", string="Whitespace Cells")
    penetration = fields.Float(
        compute="_compute_whitespace",
        string="Penetration (%)",
        help="Cells that have our offering ÷ cells it is applicable to.",
    )
    cells_installed = fields.Integer(compute="_compute_whitespace", string="Installed Cells")
    cells_applicable = fields.Integer(compute="_compute_whitespace", string="Applicable Cells")
    cells_unknown = fields.Integer(compute="_compute_whitespace", string="Cells Not Looked At")
    whitespace_grid = fields.Html(compute="_compute_whitespace", sanitize=False, string="Whitespace Grid")

    # COMPUTES
    @api.depends(
        "unit_ids.name", "unit_ids.sequence", "cell_ids.state", "cell_ids.est_amount", "unit_ids.lead_ids.won_status"
    )
    @api.depends_context("lang")
    def _compute_whitespace(self):
        """Grid and figures from one look at the cells; without an applicable cell there is nothing to say."""
        cells = self._whitespace_cells()
        standings = cells._standings()
        by_account = cells.grouped("account_id")
        for account in self:
            own = by_account.get(account._origin, cells.browse())
            states = [standings[cell.id].state for cell in own]
            account.cells_installed, account.cells_applicable = states.count("installed"), _applicable(states)
            account.cells_unknown = states.count(False)
            account.penetration = _penetration(states)
            account.whitespace_grid = own and self.env["ir.qweb"]._render(
                "kams_sales.kams_whitespace_grid", account._grid_values(own, standings)
            )

    # ACTIONS
    def action_refresh_whitespace(self):
        """Give the grid the offerings that were added or first sold since."""
        self.check_access("write")
        self.unit_ids._lay_out()

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

    def _penetrations(self):
        """``{account id: penetration in %, None where nothing is applicable}``."""
        cells = self._whitespace_cells()
        standings = cells._standings()
        states = {
            account.id: [standings[cell.id].state for cell in own]
            for account, own in cells.grouped("account_id").items()
        }
        return {account.id: _penetration(states.get(account.id, ())) for account in self}

    def _grid_values(self, cells, standings):
        """What the grid's template shows: plain values, so that 2,000 cells stay quick."""
        self.ensure_one()
        offerings = cells.offering_id.sorted("complete_name")
        by_place = {(cell.unit_id.id, cell.offering_id.id): cell for cell in cells}
        labels = dict(cells._fields["state"]._description_selection(self.env))
        labels[False] = self.env._("Not looked at")
        return {
            "labels": [(key or "unknown", label) for key, label in labels.items()],
            "offerings": [{"name": offering.name, "path": offering.complete_name} for offering in offerings],
            "rows": [
                {
                    "name": unit.name,
                    "cells": [
                        self._grid_cell(by_place.get((unit.id, offering.id)), standings, labels)
                        for offering in offerings
                    ],
                }
                for unit in cells.unit_id.sorted()
            ],
            "unassigned": self._grid_unassigned(offerings),
        }

    def _grid_cell(self, cell, standings, labels):
        if not cell:
            return {"state": "unknown", "url": False, "text": "", "title": False, "warns": False}
        standing = standings[cell.id]
        title = f"{cell.display_name}: {labels[standing.state]}"
        return {
            "state": standing.state or "unknown",
            "url": f"/odoo/key-accounts/{self.id}/kams-whitespace/{cell.id}",
            "text": _short(standing.invoiced if standing.state == "installed" else cell.est_amount),
            "title": f"{title}. {standing.remark}" if standing.remark else title,
            "warns": bool(standing.remark),
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
                    if partner != account.sudo().partner_id:
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


def _applicable(states):
    return sum(state != "na" for state in states)


def _penetration(states):
    """Installed ÷ applicable in %; None when nothing is applicable.

    >>> _penetration(["installed", "potential", False, "competitor", "na"])
    25.0
    >>> _penetration(["na"])
    """
    applicable = _applicable(states)
    return 100 * list(states).count("installed") / applicable if applicable else None


def _short(amount):
    """An amount as a grid has room for: 1.2M, 350k, 80."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if amount and abs(amount) >= size:
            value = f"{amount / size:.1f}".removesuffix(".0")
            return f"{value}{letter}"
    return f"{amount:.0f}" if amount else ""
