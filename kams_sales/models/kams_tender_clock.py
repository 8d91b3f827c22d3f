from odoo import api, fields, models


class KamsTender(models.Model):
    """The legal clock of a tender: which dates break which rule, and which would be lawful.

    Book section 6.3; statutory table L01 to L16. Rules are asked with the day the documents were issued, so that an
    old tender keeps the rule of its day.
    """

    _inherit = "kams.tender"

    dates_state = fields.Selection(
        [("incomplete", "Dates Missing"), ("unlawful", "Unlawful"), ("lawful", "Lawful")],
        string="Legal Clock",
        compute="_compute_clock",
        store=True,
        index=True,
    )

    # COMPUTES
    @api.depends("issued_at", "bid_deadline", "opening_at", "last_addendum_at", "award_notice_at")
    def _compute_clock(self):
        for tender in self:
            complete = tender.issued_at and tender.bid_deadline and tender.opening_at
            tender.dates_state = "lawful" if complete else "incomplete"
            tender.contract_due = tender.objection_deadline = tender.complaint_deadline = False

    # BUSINESS
    def _findings(self):
        """``{tender id: [finding, ...]}``; a finding is a dict of rule ("L03"), article, field, level ("error",
        "warning", "info"), message and lawful (the date that would be lawful, or None). Others extend it.
        """
        return {tender.id: [] for tender in self}
