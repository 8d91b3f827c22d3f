from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.res_partner import _tz_get

from ..tools import legal_days
from .blank import BlankInteger

# What the announcement and the bid said once bids are opened: it stays as it was then
FIXED_ONCE_OPENED = {
    *("issued_at", "doc_start", "doc_end", "prequal_notice_at", "prequal_doc_end", "prequal_deadline"),
    *("site_visit_at", "prebid_meeting_at", "question_deadline", "bond_deadline", "bid_deadline"),
    *("legal_regime", "mode", "is_mandatory", "tz", "bid_price", "currency_id"),
}


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
    doc_start = fields.Date(string="Documents Sold From", help="Empty: from the day they are issued.")
    doc_end = fields.Date(string="Documents Sold Until")
    prequal_notice_at = fields.Date(string="Prequalification Announced On")
    prequal_doc_end = fields.Date(string="Prequalification Documents Until")
    prequal_deadline = fields.Datetime(string="Prequalification Deadline")
    # Questions
    site_visit_at = fields.Datetime(string="Site Visit")
    prebid_meeting_at = fields.Datetime(string="Pre-Bid Meeting")
    question_deadline = fields.Datetime()
    # Computed by kams.tender.addendum
    last_addendum_at = fields.Date(string="Last Addendum", copy=False)
    # The bid
    bond_deadline = fields.Datetime(string="Bid Bond Due")
    bid_deadline = fields.Datetime(tracking=True, index=True, help="Bids that come later are refused.")
    deadline_there = fields.Char(
        string="Time There", compute="_compute_deadline_there", help="The bid deadline where the tender is held."
    )
    opening_at = fields.Datetime(string="Opening of Bids")
    # Opening and award
    bids_received = BlankInteger(copy=False, aggregator=None, help="How many bids were in at the deadline.")
    committee_size = BlankInteger(
        string="Committee Members", copy=False, aggregator=None, help="Of the evaluation committee."
    )
    committee_experts = BlankInteger(string="Experts Among Them", copy=False, aggregator=None)
    evaluation_report_at = fields.Date(string="Evaluation Report", copy=False)
    publicity_start = fields.Date(string="Result Published From", copy=False)
    publicity_end = fields.Date(string="Result Published Until", copy=False)
    award_notice_at = fields.Date(string="Award Notice", copy=False, tracking=True)
    contract_signed_at = fields.Date(string="Contract Signed On", copy=False, tracking=True)
    contract_due = fields.Date(
        compute="_compute_clock",
        store=True,
        help="Last day to sign the contract; if it is a day off, the law lets the period end on the next working day.",
    )
    objection_deadline = fields.Date(
        string="Objections Until", compute="_compute_clock", store=True, help="Last day to object to the documents."
    )
    complaint_deadline = fields.Date(
        string="Complaints Until",
        compute="_compute_clock",
        store=True,
        help="Last day for the first remedy against the result: the complaint, or in government procurement the "
        "challenge (质疑) that comes before it.",
    )

    # COMPUTES
    @api.depends("bid_deadline", "tz")
    @api.depends_context("tz")
    def _compute_deadline_there(self):
        """For who reads the deadline in another time zone."""
        for tender in self:
            due, here = tender.bid_deadline, self.env.context.get("tz") or self.env.user.tz or "UTC"
            there = due and fields.Datetime.context_timestamp(tender.with_context(tz=tender.tz), due)
            other = (
                due
                and there.utcoffset()
                != fields.Datetime.context_timestamp(tender.with_context(tz=here), due).utcoffset()
            )
            tender.deadline_there = f"{there:%Y-%m-%d %H:%M} {tender.tz}" if other else False

    @api.onchange("bid_deadline")
    def _onchange_bid_deadline(self):
        """Bids are opened when they are due; what was due with them goes along when the deadline is moved."""
        before = self._origin.bid_deadline
        for name in ("opening_at", "bond_deadline"):
            if self[name] == before and (before or name == "opening_at"):
                self[name] = self.bid_deadline

    # ORM
    def write(self, vals):
        changed = FIXED_ONCE_OPENED.intersection(vals)
        if changed and vals.get("state") not in ("registered", "preparing", "submitted"):
            self._check_not_opened(changed, vals)
        followers = self._followers(vals)
        result = super().write(vals)
        for name, tenders in followers.items():
            tenders.write({name: vals["bid_deadline"]})
        return result

    # BUSINESS
    def _check_not_opened(self, names, vals):
        for tender in self:
            if tender.state not in ("opened", "closed"):
                continue
            for name in sorted(names):
                field = tender._fields[name]
                asked = field.convert_to_record(field.convert_to_cache(vals[name], tender), tender)
                if asked != tender[name]:
                    raise UserError(
                        self.env._(
                            "%(tender)s: bids are opened, so “%(field)s” stays as it was. Reopen the tender first if "
                            "it was wrong.",
                            tender=tender.display_name,
                            field=field._description_string(self.env),
                        )
                    )

    def _local_day(self, name):
        """The day of a date field where the tender is held, or None."""
        value = self[name]
        if not value:
            return None
        return legal_days.local_day(value, self.tz) if self._fields[name].type == "datetime" else value

    def _followers(self, vals):
        """``{date: tenders}`` that go along when the bid deadline is moved, since they were due with it."""
        if not vals.get("bid_deadline"):
            return {}
        names = {"opening_at", "bond_deadline"} - vals.keys()
        found = {name: self.filtered(lambda one, n=name: one[n] and one[n] == one.bid_deadline) for name in names}
        return {name: tenders for name, tenders in found.items() if tenders}

    def _move_date(self, name, day):
        """Put a date on another day, at the same time of day."""
        value = self[name]
        return self.write(
            {name: legal_days.on_day(value, day, self.tz) if self._fields[name].type == "datetime" else day}
        )
