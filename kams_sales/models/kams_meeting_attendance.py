from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import meetings
from .kams_meeting_part import SYSTEM
from .kams_stakeholder import ATTITUDES, INFLUENCES

# How a meeting widens the contact with a person; in depth is somebody's judgement
WIDER = {"none": "brief", "brief": "multiple"}

SCORES = [("1", "1 Poor"), ("2", "2 Fair"), ("3", "3 Good"), ("4", "4 Very Good"), ("5", "5 Excellent")]


def number(choice):
    """The number that a choice stands for; unknown is None."""
    return int(choice) if choice else None


class KamsMeetingAttendance(models.Model):
    """Who of the decision chain came to a meeting, what they said, and where they stood before and after (3.4, 3.6).

    Submitting the meeting's record takes what was found to the decision chain.
    """

    _name = "kams.meeting.attendance"
    _description = "Attendance at a meeting"
    _inherit = ["kams.meeting.part"]
    _order = "event_id, id"
    _rec_name = "partner_id"

    stakeholder_id = fields.Many2one(
        "kams.stakeholder",
        string="Stakeholder",
        domain="[('lead_id', '=', lead_id)]",
        ondelete="set null",
        index="btree_not_null",
    )
    # stays when the person is taken out of the decision chain
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        compute="_compute_partner_id",
        store=True,
        precompute=True,
        required=True,
        ondelete="restrict",
        index=True,
    )
    feedback = fields.Text()
    attitude_before = fields.Selection(
        ATTITUDES, compute="_compute_attitude_before", store=True, precompute=True, readonly=False
    )
    attitude_after = fields.Selection(ATTITUDES)
    # What they thought of what they were shown (5.2)
    score = fields.Selection(SCORES, help="How they liked what they saw.")
    influence = fields.Selection(
        INFLUENCES,
        readonly=True,
        copy=False,
        help="How much they weighed when the record was submitted: their score counts so much.",
    )
    concern = fields.Text(help="What troubles them: an objection to be answered.")
    objection_id = fields.Many2one("kams.objection", string="Objection", compute="_compute_objection_id")
    change = fields.Char(compute="_compute_change", string="Change", help="Of their attitude, by this meeting.")
    counted = fields.Boolean(copy=False, readonly=True, help="Told to the decision chain as a meeting with them.")

    _person_uniq = models.UniqueIndex("(event_id, partner_id)", "This person is among those who came already.")

    # COMPUTES
    @api.depends("stakeholder_id")
    def _compute_partner_id(self):
        for line in self:
            line.partner_id = line.stakeholder_id.partner_id or line.partner_id

    @api.depends("stakeholder_id")
    def _compute_attitude_before(self):
        for line in self:
            line.attitude_before = line.stakeholder_id.attitude

    @api.depends("event_id", "stakeholder_id", "concern")
    def _compute_objection_id(self):
        """The objection that was made of what they said here."""
        troubled = self._origin.filtered(lambda line: line.concern and line.stakeholder_id)
        objections = self.env["kams.objection"]
        if troubled and objections.has_access("read"):
            objections = objections.search(
                [("event_id", "in", troubled.event_id.ids), ("stakeholder_id", "in", troubled.stakeholder_id.ids)],
                order="id desc",
            )
        found = {(one.event_id, one.stakeholder_id): one for one in objections}
        for line in self:
            line.objection_id = found.get((line.event_id._origin, line.stakeholder_id._origin))

    @api.depends("attitude_before", "attitude_after")
    def _compute_change(self):
        for line in self:
            before, after = number(line.attitude_before), number(line.attitude_after)
            line.change = False if before is None or after is None else f"{after - before:+d}".replace("+0", "0")

    # CONSTRAINTS
    @api.constrains("stakeholder_id", "event_id")
    def _check_stakeholder(self):
        for line in self.filtered("stakeholder_id"):
            if line.stakeholder_id.lead_id != line.lead_id:
                raise ValidationError(
                    self.env._(
                        "%(person)s stands in the decision chain of another deal: add them to that of “%(meeting)s”.",
                        person=line.stakeholder_id.display_name,
                        meeting=line.event_id.name,
                    )
                )

    # ACTIONS
    def action_make_objection(self):
        """Make an objection of what troubles them, and open it; it is made once."""
        self.ensure_one()
        if not self.objection_id:
            if not self.concern or not self.stakeholder_id:
                raise UserError(
                    self.env._("Write down what troubles %s first, in their own words.", self.partner_id.name)
                )
            self.env["kams.objection"].create(
                {
                    "lead_id": self.lead_id.id,
                    "event_id": self.event_id.id,
                    "stakeholder_id": self.stakeholder_id.id,
                    "statement": self.concern,
                    "date": self.event_id._kams_day(),
                }
            )
            self.invalidate_recordset(["objection_id"])
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Objection"),
            "res_model": "kams.objection",
            "res_id": self.objection_id.id,
            "view_mode": "form",
            "target": "new",
        }

    # BUSINESS
    def _kams_demo_score(self):
        """What they thought of it, weighed by their influence of today, which is noted; None if nobody counts."""
        for line in self:
            line.with_context(**SYSTEM).influence = line.stakeholder_id.influence
        return meetings.demo_score([(number(line.influence), number(line.score)) for line in self])

    def _tell_chain(self):
        """The decision chain learns that these people were met, and where they stand now.

        A record submitted late does not overrule what a later meeting found.
        """
        told = self.filtered("stakeholder_id")
        fresh = told.filtered(lambda line: not line.counted)
        for coverage, stakeholders in fresh.stakeholder_id.grouped("coverage").items():
            if coverage in WIDER:
                stakeholders.coverage = WIDER[coverage]
        fresh.with_context(**SYSTEM).counted = True
        found = told.filtered("attitude_after")
        later = self.search(
            [
                ("stakeholder_id", "in", found.stakeholder_id.ids),
                ("attitude_after", "!=", False),
                ("event_id.kams_record_state", "=", "done"),
            ]
        )
        last = {}
        for line in later | found:
            known = last.get(line.stakeholder_id)
            if not known or line.event_id.start >= known.event_id.start:
                last[line.stakeholder_id] = line
        for stakeholder, line in last.items():
            if line in found and stakeholder.attitude != line.attitude_after:
                stakeholder.attitude = line.attitude_after
