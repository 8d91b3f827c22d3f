from odoo import fields, models

from odoo.addons.base.models.res_partner import _tz_get


class KamsTender(models.Model):
    """The dates of a tender, from the announcement to the contract.

    Book section 6.3. Legal days are counted where the tender is held (``tz``); minutes are kept in UTC, as everywhere.
    """

    _inherit = "kams.tender"

    tz = fields.Selection(
        _tz_get, string="Time Zone", default="Asia/Shanghai", required=True, help="Where legal days are counted."
    )
    # Announcement and documents
    issued_at = fields.Date(string="Documents Issued On", tracking=True, help="The day the tender documents went out.")
    doc_start = fields.Date(string="Documents Sold From")
    doc_end = fields.Date(string="Documents Sold Until")
    prequal_deadline = fields.Datetime(string="Prequalification Deadline")
    # Questions
    site_visit_at = fields.Datetime(string="Site Visit")
    prebid_meeting_at = fields.Datetime(string="Pre-Bid Meeting")
    question_deadline = fields.Datetime()
    # The last addendum that affects bids: kams.tender.addendum computes it
    last_addendum_at = fields.Date(string="Last Addendum", copy=False)
    # The bid
    bond_deadline = fields.Datetime(string="Bid Bond Due")
    bid_deadline = fields.Datetime(tracking=True, index=True, help="Bids that come later are refused.")
    opening_at = fields.Datetime(string="Opening of Bids")
    # Award
    publicity_start = fields.Date(string="Result Published From", copy=False)
    publicity_end = fields.Date(string="Result Published Until", copy=False)
    award_notice_at = fields.Date(string="Award Notice", copy=False, tracking=True)
    contract_signed_at = fields.Date(string="Contract Signed On", copy=False, tracking=True)
    contract_due = fields.Date(compute="_compute_clock", store=True, help="Last day to sign the contract.")
    objection_deadline = fields.Date(
        string="Objections Until", compute="_compute_clock", store=True, help="Last day to object to the documents."
    )
    complaint_deadline = fields.Date(
        string="Complaints Until", compute="_compute_clock", store=True, help="Last day to complain about the result."
    )
