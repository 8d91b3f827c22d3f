from odoo import api, fields, models

from .crm_lead_gate import InternalPass

WRITING = "kams_meeting_pass"  # context key: what is written is said by the system, not typed by the user
SYSTEM = {WRITING: InternalPass()}


class _OfMeetings:
    """What hangs on a meeting on a deal. A meeting without a kind has none: nobody asks the database for it."""

    def read(self, records):
        kinds = records._fields["kams_kind"]._get_cache(records.env)
        plain = records.browse(id_ for id_ in records._ids if kinds.get(id_, True) is None)
        if plain:
            self._insert_cache(plain, [()] * len(plain))
        if asked := records - plain:
            super().read(asked)


class MeetingLines(_OfMeetings, fields.One2many):
    """Lines of a meeting on a deal."""


class MeetingFiles(_OfMeetings, fields.Many2many):
    """Files of a meeting on a deal."""


class KamsMeetingPart(models.AbstractModel):
    """A line of a meeting on a deal: seen by those who see the deal, fixed once the meeting's record is submitted.

    Deal and company are those of the meeting at any time, so that lines follow it into another deal without a word.
    """

    _name = "kams.meeting.part"
    _description = "Line of a meeting on a deal"

    event_id = fields.Many2one("calendar.event", string="Meeting", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="event_id.opportunity_id", string="Deal")
    company_id = fields.Many2one(related="event_id.opportunity_id.company_id")

    # fields that may still change when the record is submitted
    _kams_open_fields = frozenset()

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_open()
        return lines

    def write(self, vals):
        if not self._kams_open_fields.issuperset(vals):
            self._check_open()
        result = super().write(vals)
        if "event_id" in vals:
            self._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_if_open(self):
        self._check_open()

    # BUSINESS
    def _check_open(self):
        """Lines of a submitted record are as they were when it was submitted, and only a deal's meeting has any."""
        events = self.event_id
        if events._kams_by_system():
            return
        events._kams_check_open()
        events._kams_check_deal()
