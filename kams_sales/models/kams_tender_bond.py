from datetime import timedelta

from odoo import api, fields, models

from ..tools import guarantee as arithmetic
from .blank import known
from .kams_guarantee import LETTERS


class KamsTender(models.Model):
    """Whether a tender's bid bond is there, enough, in time, and lasts as long as our bid (L07; control point S4-4)."""

    _inherit = "kams.tender"

    guarantee_ids = fields.One2many("kams.guarantee", "tender_id", string="Guarantees")
    guarantee_count = fields.Integer(compute="_compute_guarantee_count", string="Number of Guarantees")
    bond_state = fields.Selection(
        [
            ("not_required", "Not Required"),
            ("missing", "None Put Up"),
            ("short", "Too Little"),
            ("late", "Too Late"),
            ("expires", "Ends Too Early"),
            ("valid", "Valid"),
        ],
        string="State of the Bid Bond",
        compute="_compute_bond_state",
        store=True,
        index=True,
    )
    bid_valid_until = fields.Date(
        string="Bid Valid Until", compute="_compute_bid_valid_until", help="The day until which our bid binds us."
    )

    # COMPUTES
    @api.depends("guarantee_ids")
    def _compute_guarantee_count(self):
        """One statement for all tenders."""
        counts = dict(
            self.env["kams.guarantee"]._read_group([("tender_id", "in", self.ids)], ["tender_id"], ["__count"])
        )
        for tender in self:
            tender.guarantee_count = counts.get(tender._origin, 0)

    @api.depends("bid_deadline", "bid_validity_days", "tz")
    def _compute_bid_valid_until(self):
        for tender in self:
            day = tender._local_day("bid_deadline")
            days = tender.bid_validity_days
            tender.bid_valid_until = day + timedelta(days=days) if day and days else False

    @api.depends(
        *("bond_required", "bond_amount", "bond_deadline", "bid_deadline", "bid_validity_days", "tz", "currency_id"),
        *("guarantee_ids.kind", "guarantee_ids.state", "guarantee_ids.amount", "guarantee_ids.currency_id"),
        *("guarantee_ids.form", "guarantee_ids.paid_at", "guarantee_ids.date_expiry", "guarantee_ids.returned_at"),
        "guarantee_ids.required_amount",
    )
    def _compute_bond_state(self):
        for tender in self:
            if not tender.bond_required:
                tender.bond_state = "not_required"
                continue
            deadline = tender._local_day("bond_deadline") or tender._local_day("bid_deadline")
            bonds = tender._bonds()
            demanded = [known(one.required_amount) for one in bonds if one.currency_id == tender.currency_id]
            tender.bond_state = arithmetic.bond_state(
                known(tender.bond_amount)
                if known(tender.bond_amount) is not None
                else max((amount for amount in demanded if amount), default=None),
                deadline,
                tender.bid_valid_until or tender._local_day("bid_deadline"),
                [tender._bond(guarantee) for guarantee in bonds],
            )

    # ACTIONS
    def action_guarantees(self):
        """What was put up for this tender, ready for another."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_guarantee_action")
        context = {"default_tender_id": self.id, "default_lead_id": self.lead_id.id}
        return {**action, "domain": [("tender_id", "=", self.id)], "context": context}

    # BUSINESS
    def _bonds(self):
        """The bid bonds that were put up, and hadn't come back before the bids were due."""
        self.ensure_one()
        due = self._local_day("bid_deadline")
        return self.guarantee_ids.filtered(
            lambda one: (
                one.kind == "bid"
                and one.state != "planned"
                and not (due and one.state == "returned" and one.returned_at and one.returned_at <= due)
            )
        )

    def _bond(self, guarantee):
        """A guarantee as arithmetic takes it, in the tender's currency at the rate of the day it was paid."""
        amount = known(guarantee.amount) or 0.0
        if guarantee.currency_id != self.currency_id:
            company = self.company_id or self.env.company
            day = guarantee.paid_at or fields.Date.context_today(self)
            amount = guarantee.currency_id._convert(amount, self.currency_id, company, day)
        return arithmetic.Bond(
            amount, guarantee.paid_at or None, guarantee.date_expiry or None, guarantee.form in LETTERS
        )

    @api.model
    def _restart_clocks(self):
        """Holidays or rules changed: days of return are counted again for what is still out. sudo: as for tenders."""
        super()._restart_clocks()
        guarantees = self.env["kams.guarantee"].sudo().search([("state", "in", ("planned", "paid"))])
        for name in ("due_back", "due_back_rule"):
            self.env.add_to_compute(guarantees._fields[name], guarantees)
