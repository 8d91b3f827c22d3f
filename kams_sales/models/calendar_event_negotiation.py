from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import negotiation as arithmetic
from ..tools import rounds as turns
from .blank import BlankFloat, BlankInteger, known
from .calendar_event import GROUPS, PLAN, RECORD
from .insiders import INSIDERS
from .kams_meeting_part import SYSTEM, MeetingFiles, MeetingLines

# What decides to which negotiation a meeting belongs, and which round of it it is
PLACED = {"kams_kind", "kams_negotiation_id", "opportunity_id", "start", "active"}
# A signed copy comes after the record is submitted
SIGNING = {"kams_minutes_signed", "kams_minutes_file_ids"}


class CalendarEvent(models.Model):
    """A round of a negotiation: who moved where, what was given for what, and what stays open (7.4 正式谈判).

    No round before the plan is approved. What was given without getting anything for it needs a reason (交换不白让).
    """

    _inherit = "calendar.event"

    # Plan
    kams_negotiation_id = fields.Many2one(
        "kams.negotiation",
        string="Negotiation",
        domain="[('lead_id', '=', opportunity_id), ('state', '!=', 'preparing')]",
        ondelete="set null",
        index="btree_not_null",
        **PLAN,
    )
    kams_round = BlankInteger(string="Round", readonly=True, help="Counted by the date of the rounds.", **RECORD)
    # Record
    kams_move_ids = MeetingLines("kams.negotiation.move", "event_id", string="Movements", groups=GROUPS)
    kams_given_ids = MeetingLines("kams.negotiation.given", "event_id", string="Concessions", groups=GROUPS)
    kams_point_ids = MeetingLines("kams.negotiation.point", "event_id", string="Open Points", groups=GROUPS)
    kams_agreed_points = fields.Text(string="Agreed Points", **RECORD)
    kams_atmosphere = fields.Selection(
        [("good", "Open and Friendly"), ("businesslike", "Businesslike"), ("tense", "Tense"), ("hostile", "Hostile")],
        string="Atmosphere",
        **RECORD,
    )
    kams_minutes_signed = fields.Boolean(
        string="Minutes Signed", help="Both sides signed the minutes; the signed copy is kept here.", **RECORD
    )
    kams_minutes_file_ids = MeetingFiles(
        "ir.attachment",
        "kams_event_minutes_rel",
        "event_id",
        "attachment_id",
        string="Signed Copy",
        **RECORD,
    )
    # What it came to
    kams_settlement_ours = BlankFloat(
        string="Settlement at Our Offer",
        compute="_compute_kams_settlement",
        digits=(16, 2),
        groups=INSIDERS,
        help="Of 100, if it ended where we stand after this round. 0: where we stop. 100: what we wanted.",
    )
    kams_settlement_theirs = BlankFloat(
        string="Settlement at Their Offer",
        compute="_compute_kams_settlement",
        digits=(16, 2),
        groups=INSIDERS,
        help="Of 100, if it ended where they stand after this round.",
    )

    # COMPUTES
    @api.depends(
        *("kams_kind", "kams_negotiation_id", "kams_round"),
        *("kams_move_ids.issue_id", "kams_move_ids.their_offer", "kams_move_ids.our_offer"),
    )
    @api.depends_context("uid")
    def _compute_kams_settlement(self):
        """By the last word of both sides on each issue, in this round or before; for who may know where we stop."""
        self.kams_settlement_ours = self.kams_settlement_theirs = None
        issues = self.env["kams.negotiation.issue"]
        events = self._kams_rounds().filtered("kams_negotiation_id")
        if not events or not issues.has_access("read"):
            return
        negotiations = events.kams_negotiation_id._origin.ids
        issues = issues.search([("negotiation_id", "in", negotiations), ("locked", "=", False)])
        issues = issues.grouped("negotiation_id")
        moves = self.env["kams.negotiation.move"].search([("negotiation_id", "in", negotiations)])
        moves = moves.sorted(lambda move: known(move.event_id.kams_round) or 0).grouped("negotiation_id")
        for event in events:
            negotiation, number = event.kams_negotiation_id._origin, known(event.kams_round) or 0
            before = moves.get(negotiation, self.env["kams.negotiation.move"]).filtered(
                lambda move, event=event, number=number: (
                    move.event_id != event._origin and (known(move.event_id.kams_round) or 0) < number
                )
            )
            stands = turns.standing(
                (move.issue_id._origin, known(move.their_offer), known(move.our_offer))
                for move in (*before, *event.kams_move_ids)
            )
            mine = issues.get(negotiation, self.env["kams.negotiation.issue"])
            for side, name in enumerate(("kams_settlement_theirs", "kams_settlement_ours")):
                event[name] = arithmetic.settlement(
                    [
                        (
                            known(issue.weight),
                            arithmetic.reached(
                                stands.get(issue, (None, None))[side], known(issue.reservation), known(issue.target)
                            ),
                        )
                        for issue in mine
                    ]
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        events._kams_place_round()
        events._kams_keep_minutes()
        return events

    def write(self, vals):
        if not PLACED.isdisjoint(vals) and not self._kams_by_system():
            before = self._kams_rounds().sudo().kams_negotiation_id  # sudo: to count their rounds anew
            result = super().write(vals)
            self._kams_place_round(before)
        else:
            result = super().write(vals)
        if not SIGNING.isdisjoint(vals):
            self._kams_keep_minutes()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_and_count_anew(self):
        if rounds := self._kams_rounds():
            # sudo: to count the other rounds anew
            rounds.sudo().kams_negotiation_id._number_rounds(without=rounds)

    # ACTIONS
    def action_kams_submit(self):
        kept = self._kams_kept_by_team()
        for event in kept:
            event._kams_check_record()
        # sudo: what follows from the record, as the next step on the deal, follows whoever of the team wrote it
        super(CalendarEvent, kept.sudo()).action_kams_submit()
        result = super(CalendarEvent, self - kept).action_kams_submit()
        self._kams_rounds().kams_negotiation_id._tell_unplanned()
        return result

    def action_kams_reopen(self):
        """What was signed was the old text: the minutes are to be signed again."""
        result = super().action_kams_reopen()
        signed = self.filtered("kams_minutes_signed")
        signed.with_context(**SYSTEM).kams_minutes_signed = False
        for event in signed:
            event.message_post(body=self.env._("The minutes were signed before: let both sides sign them again."))
        return result

    # BUSINESS
    def _kams_rounds(self):
        return self.filtered(lambda event: event.kams_kind == "negotiation")

    def _kams_place_round(self, before=None):
        """Each round belongs to a negotiation whose plan is approved, and has its number there.

        :param before: negotiations that the meetings may have left
        """
        rounds = self._kams_rounds()
        if not rounds and not before:
            return
        strays = (self - rounds).sudo().filtered("kams_negotiation_id") if before else self.browse()
        for event in strays:  # sudo above: to let go of a negotiation, whoever changes the kind of meeting
            if event.kams_move_ids or event.kams_given_ids or event.kams_point_ids:
                raise UserError(
                    self.env._(
                        "“%s” has movements, concessions or open points of a negotiation: it stays a negotiation.",
                        event.name,
                    )
                )
        strays.with_context(**SYSTEM).write({"kams_negotiation_id": False, "kams_round": False})
        pending = rounds.filtered(lambda event: event.kams_record_state != "done" and event.opportunity_id)
        pending._kams_take_negotiation()
        pending._kams_check_plan()
        # sudo: a round's number follows from the others', which somebody else may have planned
        negotiations = rounds.sudo().kams_negotiation_id
        (negotiations | (before or negotiations))._number_rounds()

    def _kams_take_negotiation(self):
        """A round belongs to the negotiation of its deal that goes on, if there is one only."""
        negotiations = self.env["kams.negotiation"]
        if not self or not negotiations.has_access("read"):
            return
        astray = self.filtered(lambda event: event.kams_negotiation_id.lead_id != event.opportunity_id)
        if not astray:
            return
        running = negotiations.search(
            [("lead_id", "in", astray.opportunity_id.ids), ("state", "in", ("approved", "negotiating"))]
        ).grouped("lead_id")
        for event in astray:
            found = running.get(event.opportunity_id, negotiations)
            if event.kams_move_ids or event.kams_given_ids or event.kams_point_ids:
                continue  # what was said in it stays with its negotiation: the check says so
            event.with_context(**SYSTEM).kams_negotiation_id = found if len(found) == 1 else False

    def _kams_check_plan(self):
        """No talks without an approved plan (control point S5-1), nor before the award of a tender (招标投标法 43)."""
        under_kams = self.opportunity_id._kams_process_ids() if self else {}
        # sudo: whether there is an approved plan is asked for the refusal; nothing of it is shown
        now = fields.Datetime.now()
        for event in self.sudo().filtered(lambda event: event.active and event.opportunity_id.id in under_kams):
            negotiation = event.kams_negotiation_id
            if negotiation and negotiation.lead_id != event.opportunity_id:
                raise ValidationError(
                    self.env._(
                        "“%(meeting)s” is a round of a negotiation of another deal: choose one of “%(deal)s”.",
                        meeting=event.name,
                        deal=event.opportunity_id.name,
                    )
                )
            if negotiation and negotiation.state == "preparing":
                raise ValidationError(
                    self.env._(
                        "The plan of the negotiation “%(negotiation)s” isn't approved: have it approved before the "
                        "round “%(meeting)s”.",
                        negotiation=negotiation.name,
                        meeting=event.name,
                    )
                )
            if negotiation and event.start > now and negotiation.state not in ("approved", "negotiating"):
                raise ValidationError(
                    self.env._(
                        "“%(negotiation)s” is over: take it up again before you plan the round “%(meeting)s”.",
                        negotiation=negotiation.name,
                        meeting=event.name,
                    )
                )
            if negotiation:
                negotiation._check_awarded()
            else:
                raise ValidationError(
                    self.env._(
                        "“%(meeting)s” is a negotiation: choose which one it is a round of. “%(deal)s” needs a "
                        "negotiation whose plan is approved first.",
                        meeting=event.name,
                        deal=event.opportunity_id.name,
                    )
                )

    def _kams_keep_minutes(self):
        """The signed copy is a file of the negotiation: the calendar is open to all, its files would be too."""
        for event in self._kams_rounds():
            if event.kams_minutes_signed and not event.kams_minutes_file_ids:
                raise ValidationError(
                    self.env._("Add the copy of the minutes of “%s” that both sides signed.", event.name)
                )
            loose = event.kams_minutes_file_ids.filtered(lambda file: file.res_model != "kams.negotiation")
            if loose and event.kams_negotiation_id:
                loose.write({"res_model": "kams.negotiation", "res_id": event.kams_negotiation_id.id})

    def _kams_check_may_write(self, old=False):
        """Who is on the team keeps the minutes, though the deal may be somebody else's."""
        kept = self._kams_kept_by_team()
        return super(CalendarEvent, self - kept)._kams_check_may_write(old)

    def _kams_kept_by_team(self):
        """Rounds on deals that the user may not write, of negotiations that they may, being on the team."""
        rounds = self._kams_rounds()
        negotiations = self.env["kams.negotiation"]
        if self.env.su or not rounds or not negotiations.has_access("write"):
            return self.browse()
        theirs = rounds.opportunity_id._filtered_access("write")
        rounds = rounds.filtered(lambda event: event.opportunity_id not in theirs)
        # sudo: of which negotiation they are rounds, and who is on its team, to ask whether the user may write it
        mine = rounds.sudo().kams_negotiation_id.filtered(lambda one: self.env.user in one.member_ids.user_id)
        mine = negotiations.browse(mine.ids)._filtered_access("write")
        return rounds.filtered(lambda event: event.sudo().kams_negotiation_id.id in mine._ids)

    def _kams_check_open(self, vals=None):
        """The signed copy may still come in when the record is submitted; once signed, it stays too."""
        if vals is None or not SIGNING.issuperset(vals):
            return super()._kams_check_open(vals)
        signed = self.filtered(lambda event: event.kams_kind != "negotiation" or event.kams_minutes_signed)
        return super(CalendarEvent, signed)._kams_check_open(vals)

    def _kams_check_record(self):
        super()._kams_check_record()
        if self.kams_kind == "negotiation":
            self._kams_check_plan()
            self._kams_check_exchange()

    def _kams_check_exchange(self):
        """Nothing is given away: each concession is for something, or there is a reason."""
        for line in self.kams_given_ids.filtered(lambda line: line.direction == "given"):
            if not (line.condition or "").strip() and not (line.reason or "").strip():
                raise UserError(
                    self.env._(
                        "“%(what)s” was given in “%(meeting)s” for nothing: write down what we got in return, or why "
                        "we gave it.",
                        what=line.name,
                        meeting=self.name,
                    )
                )
            planned = line.sudo().plan_id.amount  # sudo: whether the plan has an amount, no more
            if known(planned) is not None and known(line.amount) is None:
                raise UserError(
                    self.env._(
                        "What is “%(what)s” in “%(meeting)s” worth? The plan has an amount for it.",
                        what=line.name,
                        meeting=self.name,
                    )
                )
