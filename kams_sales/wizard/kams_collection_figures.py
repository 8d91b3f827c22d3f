from odoo import api, fields, models

from ..models.blank import BlankFloat
from ..tools import collections as arithmetic


class KamsCollectionFigures(models.TransientModel):
    """How well we collect: the rate of what was due, days of sales outstanding, and collection effectiveness (C36).

    The rate is that of contracts' payments; the other two are the books', for all invoices of the company or of one
    customer. It is for finance and directors, who see all of these anyway.
    """

    _name = "kams.collection.figures"
    _description = "Collection figures"

    date_from = fields.Date(
        string="From", required=True, default=lambda self: fields.Date.context_today(self).replace(month=1, day=1)
    )
    date_to = fields.Date(string="Until", required=True, default=fields.Date.context_today)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one("res.partner", string="Customer", help="Empty: all customers.")
    # Of contracts' payments
    due = fields.Monetary(string="Fell Due", compute="_compute_rate")
    received = fields.Monetary(string="Received of It", compute="_compute_rate")
    collection_rate = BlankFloat(string="Collection Rate (%)", digits=(16, 2), compute="_compute_rate")
    # Of the books
    opening = fields.Monetary(string="Receivables at the Beginning", compute="_compute_books")
    sales = fields.Monetary(string="Invoiced in the Period", compute="_compute_books")
    closing = fields.Monetary(string="Receivables at the End", compute="_compute_books")
    closing_not_due = fields.Monetary(string="Not Due Yet", compute="_compute_books")
    dso = BlankFloat(
        string="Days Sales Outstanding",
        digits=(16, 2),
        compute="_compute_books",
        help="Receivables at the end, in days of the period's sales.",
    )
    cei = BlankFloat(
        string="Collection Effectiveness (%)",
        digits=(16, 2),
        compute="_compute_books",
        help="What was collected of what could have been: 100 when only what isn't due yet is out.",
    )

    # COMPUTES
    @api.depends("date_from", "date_to")
    def _compute_display_name(self):
        for figures in self:
            figures.display_name = self.env._("Collection Figures")

    @api.depends("date_from", "date_to", "company_id", "partner_id")
    def _compute_rate(self):
        for figures in self:
            ((due, received),) = self.env["kams.collection"]._read_group(
                figures._domain(), [], ["due:sum", "due_received:sum"]
            )
            figures.due, figures.received = due or 0.0, received or 0.0
            figures.collection_rate = arithmetic.collection_rate(received, due)

    @api.depends("date_from", "date_to", "company_id", "partner_id")
    def _compute_books(self):
        names = ("opening", "sales", "closing", "closing_not_due")
        for figures in self:
            known = figures.date_from and figures.date_to and figures.date_from <= figures.date_to
            books = (
                self.env["kams.collection"]._books(
                    figures.company_id, figures.date_from, figures.date_to, figures.partner_id
                )
                if known
                else (0.0,) * len(names)
            )
            for name, amount in zip(names, books, strict=True):
                figures[name] = amount
            days = (figures.date_to - figures.date_from).days + 1 if known else 0
            _opening, sales, closing, _not_due = books
            figures.dso = arithmetic.days_sales_outstanding(closing, sales, days)
            figures.cei = arithmetic.collection_effectiveness(*books)

    # ACTIONS
    def action_payments(self):
        """The payments behind the rate."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_collection_action")
        return {**action, "views": [(False, "list"), (False, "pivot")], "domain": self._domain(), "context": {}}

    # BUSINESS
    def _domain(self):
        self.ensure_one()
        domain = [
            ("company_id", "in", (self.company_id.id, False)),
            ("date_due", ">=", self.date_from),
            ("date_due", "<=", self.date_to),
            ("is_firm", "=", True),
        ]
        if self.partner_id:
            domain.append(("partner_id", "child_of", self.partner_id.commercial_partner_id.id))
        return domain
