from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import legal_days

KINDS = [
    ("announcement", "Announcement"),
    ("prequalification", "Prequalification"),
    ("documents", "Buying the Documents"),
    ("site_visit", "Site Visit"),
    ("prebid", "Pre-Bid Meeting and Questions"),
    ("addendum", "Clarification or Amendment"),
    ("bond", "Bid Bond"),
    ("bid_writing", "Writing the Bid"),
    ("bid_review", "Reviewing the Bid"),
    ("sealing", "Sealing"),
    ("submission", "Submission"),
    ("opening", "Opening of Bids"),
    ("clarification", "Clarification to the Committee"),
    ("publicity", "Publication of the Result"),
    ("award_notice", "Award Notice"),
    ("contract", "Contract"),
    ("bond_return", "Return of the Bond"),
]
# The date of the tender that a milestone is due on, the first that is known
DUE = {
    "announcement": ("issued_at",),
    "prequalification": ("prequal_deadline",),
    "documents": ("doc_end",),
    "site_visit": ("site_visit_at",),
    "prebid": ("prebid_meeting_at", "question_deadline"),
    "addendum": ("last_addendum_at",),
    "bond": ("bond_deadline",),
    "submission": ("bid_deadline",),
    "opening": ("opening_at",),
    "clarification": ("opening_at",),
    "publicity": ("publicity_start",),
    "award_notice": ("award_notice_at",),
    "contract": ("contract_due",),
}
# So many working days before the deadline, by the company's own rule
BEFORE = {
    "bid_writing": "tender_writing_working_days",
    "bid_review": "tender_review_working_days",
    "sealing": "tender_sealing_working_days",
}
# What the tender tells of its own accord that it has happened
FACTS = {
    "announcement": "issued_at",
    "addendum": "last_addendum_at",
    "publicity": "publicity_start",
    "award_notice": "award_notice_at",
    "contract": "contract_signed_at",
}
# Once the bid is in, what led to it no longer comes; a withdrawn bid brings it back
IN = ("submitted", "opened", "closed")
SUBMISSION = [kind for kind, _label in KINDS].index("submission")
NOT_BEHIND = ["|", ("tender_id.state", "not in", IN), ("sequence", ">=", SUBMISSION)]
# Of a deal that is lost or archived, only what comes after a bid that was handed in
NOT_LOST = ["|", ("tender_id.lead_id.active", "=", True), ("tender_id.state", "in", IN)]
BATCH = 200
TENDER_DATES = (
    *dict.fromkeys([name for names in DUE.values() for name in names] + list(FACTS.values())),
    "tz",
)


class KamsTenderMilestone(models.Model):
    """One step of a tender on its day: planned from the tender's dates, reminded of before, noted when it is done.

    Book section 6.3 招标过程主要控制点. Each tender has the seventeen kinds; those without a
    day wait until it is known.
    """

    _name = "kams.tender.milestone"
    _description = "Tender milestone"
    _inherit = ["kams.computed.mixin"]
    _order = "planned, sequence, id"
    _rec_names_search = ["tender_id.name", "tender_id.lead_id.name"]

    tender_id = fields.Many2one("kams.tender", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="tender_id.company_id", store=True, index=True)
    lead_id = fields.Many2one(related="tender_id.lead_id", string="Deal")
    tender_state = fields.Selection(related="tender_id.state", string="Status of the Tender")
    kind = fields.Selection(KINDS, string="Milestone", required=True)
    sequence = fields.Integer(compute="_compute_sequence", store=True, precompute=True)
    planned = fields.Date(
        compute="_compute_planned", store=True, readonly=False, precompute=True, index=True, help="There, on that day."
    )
    planned_at = fields.Datetime(
        string="Exact Time", compute="_compute_planned", store=True, precompute=True, help="Where a minute counts."
    )
    by_hand = fields.Boolean(
        string="Planned by Hand", copy=False, help="The day was typed: it no longer follows the tender's dates."
    )
    actual = fields.Date(string="Done On", compute="_compute_actual", store=True, readonly=False, precompute=True)
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('share', '=', False)]",
        index=True,
    )
    warn_days = fields.Integer(
        string="Remind Before (Days)",
        default=lambda self: int(self.env["kams.legal.rule"]._value("tender_warn_days") or 0),
    )
    remind_on = fields.Date(compute="_compute_remind_on", store=True, precompute=True, index=True)
    reminded = fields.Boolean(compute="_compute_remind_on", store=True, precompute=True)
    activity_id = fields.Many2one(
        "mail.activity",
        string="Reminder",
        ondelete="set null",
        copy=False,
        readonly=True,
        index="btree_not_null",
    )
    evidence = fields.Char(help="What shows that it is done: receipt, minutes, notice.")
    legal_ref = fields.Char(string="Legal Ground", compute="_compute_legal_ref")
    skipped = fields.Boolean(string="Not Needed", help="This tender has no such step.")
    state = fields.Selection(
        [("open", "To Come"), ("done", "Done"), ("na", "Not Needed")],
        string="Status",
        compute="_compute_state",
        store=True,
        precompute=True,
        index=True,
    )
    days_left = fields.Integer(compute="_compute_days_left")
    is_overdue = fields.Boolean(compute="_compute_days_left", search="_search_is_overdue")

    _kind_uniq = models.UniqueIndex("(tender_id, kind)", "A tender has each milestone once.")

    # COMPUTES
    @api.depends("kind", "tender_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for milestone in self:
            names = (labels.get(milestone.kind), milestone.tender_id.display_name)
            milestone.display_name = " – ".join(filter(None, names))

    @api.depends("kind")
    def _compute_sequence(self):
        places = {kind: number for number, (kind, _label) in enumerate(KINDS)}
        for milestone in self:
            milestone.sequence = places.get(milestone.kind, 0)

    @api.depends("kind", "by_hand", *(f"tender_id.{name}" for name in TENDER_DATES))
    def _compute_planned(self):
        for milestone in self:
            tender, kind = milestone.tender_id, milestone.kind
            name = next((name for name in DUE.get(kind, ()) if tender[name]), False)
            exact = tender[name] if name and tender._fields[name].type == "datetime" else False
            if milestone.by_hand and not milestone._due_name():
                exact = False
            else:
                milestone.planned = (tender._local_day(name) if name else tender._planned_of(kind)) or False
            milestone.planned_at = exact

    @api.depends("kind", *(f"tender_id.{name}" for name in FACTS.values()))
    def _compute_actual(self):
        for milestone in self:
            name = FACTS.get(milestone.kind)
            milestone.actual = milestone.tender_id[name] if name else milestone.actual

    @api.depends("tender_id.user_id")
    def _compute_user_id(self):
        """The bid manager's, until somebody else takes it."""
        for milestone in self:
            milestone.user_id = milestone.user_id or milestone.tender_id.user_id

    @api.depends("planned", "warn_days")
    def _compute_remind_on(self):
        """A day that moves is reminded of again."""
        for milestone in self:
            on = milestone.planned and milestone.planned - timedelta(days=milestone.warn_days)
            if milestone.remind_on != on:
                milestone.reminded = False
            else:
                milestone.reminded = milestone.reminded
            milestone.remind_on = on

    @api.depends("kind", "tender_id.legal_regime", "tender_id.mode", "tender_id.issued_at")
    def _compute_legal_ref(self):
        keys = {
            "documents": "doc_sale",
            "prequalification": "prequal",
            "submission": "bid_prepare",
            "addendum": "addendum",
            "publicity": "publicity",
            "contract": "contract",
            "bond_return": "bond_return",
        }
        for milestone in self:
            period = milestone.kind in keys and milestone.tender_id._period(keys[milestone.kind])
            milestone.legal_ref = period and period[0].source

    @api.depends("actual", "skipped", "kind", "tender_id.prequal_required", "tender_id.bond_required")
    def _compute_state(self):
        for milestone in self:
            tender, kind = milestone.tender_id, milestone.kind
            unneeded = (kind == "prequalification" and not tender.prequal_required) or (
                kind in ("bond", "bond_return") and not tender.bond_required
            )
            milestone.state = "done" if milestone.actual else "na" if milestone.skipped or unneeded else "open"

    @api.depends("planned", "state", "tender_id.state")
    def _compute_days_left(self):
        today = fields.Date.context_today(self)
        for milestone in self:
            milestone.days_left = (milestone.planned - today).days if milestone.planned else 0
            late = milestone.state == "open" and bool(milestone.planned) and milestone.planned < today
            milestone.is_overdue = late and not milestone._is_behind()

    def _search_is_overdue(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [("state", "=", "open"), ("planned", "<", fields.Date.context_today(self)), *NOT_BEHIND]

    # ORM
    @api.onchange("planned")
    def _onchange_planned(self):
        if self.planned != self._origin.planned:
            self.by_hand = bool(self.planned)

    def write(self, vals):
        if "planned" in vals:
            vals = {"by_hand": bool(vals["planned"]), **vals}
            day = fields.Date.to_date(vals["planned"])
            for milestone in self:
                if milestone.planned != day and (name := milestone._due_name()):
                    raise UserError(
                        self.env._(
                            "“%(milestone)s” is due on the tender's date “%(date)s”: change it there.",
                            milestone=milestone.display_name,
                            date=milestone.tender_id._label(name),
                        )
                    )
        if "actual" in vals:
            self._write_facts(vals["actual"])
        result = super().write(vals)
        if not {"planned", "actual", "skipped", "user_id", "state"}.isdisjoint(vals):
            self._settle_reminders()
        return result

    def unlink(self):
        # sudo: whoever may delete the milestone deletes its reminder; nothing is shown
        self.sudo().activity_id.unlink()
        return super().unlink()

    # ACTIONS
    def action_done(self):
        """It happened today; a day can be typed instead."""
        self.filtered(lambda one: not one.actual).write({"actual": fields.Date.context_today(self)})
        return True

    def action_not_needed(self):
        return self.write({"skipped": True})

    def action_open_tender(self):
        self.ensure_one()
        return self.tender_id._get_records_action()

    # BUSINESS
    def _is_behind(self):
        return self.tender_id.state in IN and self.sequence < SUBMISSION

    def _due_name(self):
        """The date of the tender that the milestone is due on, if it is known and decides."""
        names = () if self.kind == "clarification" else DUE.get(self.kind, ())
        return next((name for name in names if self.tender_id[name]), False)

    def _write_facts(self, day):
        """What the tender itself tells is written there."""
        for milestone in self:
            name, tender = FACTS.get(milestone.kind), milestone.tender_id
            if name == "last_addendum_at" and day != milestone.actual:
                raise UserError(self.env._("Record the addendum of %s, then it is noted here.", tender.display_name))
            if name and name != "last_addendum_at":
                tender[name] = day

    def _settle_reminders(self):
        """Reminders of what is done or was put off go; the job writes new ones where they are due."""
        # sudo: an activity is its owner's, yet follows the milestone; nothing is shown
        self = self.sudo()
        done = self.filtered(lambda one: one.activity_id and one.state != "open")
        moved = (self - done).filtered(
            lambda one: (
                one.activity_id
                and (
                    one.activity_id.date_deadline != one.planned
                    or one.activity_id.user_id != one.user_id
                    or one._is_behind()
                )
            )
        )
        done.activity_id.action_feedback()
        moved.activity_id.unlink()
        moved.reminded = False

    @api.model
    def _cron_remind(self):
        """Put what is due soon into its owner's activities, once for each day it is planned on."""
        today = fields.Date.context_today(self.with_context(tz="Asia/Shanghai"))
        due = self.search(
            [
                ("state", "=", "open"),
                ("remind_on", "<=", today),
                ("reminded", "=", False),
                ("user_id", "!=", False),
                ("tender_id.state", "!=", "closed"),
                *NOT_BEHIND,
                *NOT_LOST,
            ],
            order="planned",
        )
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(due))
        for first in range(0, len(due), BATCH):
            batch = due[first : first + BATCH]
            batch._remind()
            if not progress._commit_progress(len(batch)):
                break

    def _remind(self):
        """In their list is enough: no mail besides."""
        self._settle_reminders()
        activities = (
            self.env["mail.activity"]
            .with_context(mail_activity_quick_update=True)
            .create(
                [
                    {
                        "activity_type_id": self.env.ref("kams_sales.mail_activity_type_tender").id,
                        "automated": True,
                        "res_model_id": self.env["ir.model"]._get_id("kams.tender"),
                        "res_id": milestone.tender_id.id,
                        "summary": milestone.display_name,
                        "user_id": milestone.user_id.id,
                        "date_deadline": milestone.planned,
                    }
                    for milestone in self
                ]
            )
        )
        for milestone, activity in zip(self, activities, strict=True):
            milestone.activity_id = activity
        self.write({"reminded": True})

    def _rest(self):
        """What a lost deal no longer waits for is asked of nobody; the nightly job asks anew once it is open again."""
        resting = self.filtered(lambda one: one.activity_id and not one.filtered_domain(NOT_LOST))
        resting.activity_id.unlink()
        resting.reminded = False


class KamsTender(models.Model):
    """The timeline of a tender: its milestones, and which comes next."""

    _inherit = "kams.tender"

    milestone_ids = fields.One2many("kams.tender.milestone", "tender_id", string="Milestones", copy=False)
    next_milestone_id = fields.Many2one(
        "kams.tender.milestone", string="Comes Next", compute="_compute_next_milestone", compute_sudo=False
    )
    next_kind = fields.Selection(KINDS, compute="_compute_next_milestone", compute_sudo=False)
    next_planned = fields.Date(string="Next Date", compute="_compute_next_milestone", compute_sudo=False)
    next_days = fields.Integer(string="Days to the Next Date", compute="_compute_next_milestone", compute_sudo=False)

    # COMPUTES
    @api.depends("milestone_ids.planned", "milestone_ids.state", "state")
    def _compute_next_milestone(self):
        """The first one to come that isn't done, from one search for all."""
        milestones = self.env["kams.tender.milestone"]
        found = milestones.search(
            [("tender_id", "in", self._origin.ids), ("state", "=", "open"), ("planned", "!=", False), *NOT_BEHIND]
        ).grouped("tender_id")
        today = fields.Date.context_today(self)
        for tender in self:
            coming = milestones if tender.state == "closed" else found.get(tender._origin, milestones)[:1]
            tender.next_milestone_id = coming
            tender.next_kind = coming.kind
            tender.next_planned = coming.planned
            tender.next_days = (coming.planned - today).days if coming else 0

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        tenders = super().create(vals_list)
        self.env["kams.tender.milestone"].create(
            [{"tender_id": tender.id, "kind": kind} for tender in tenders for kind, _label in KINDS]
        )
        return tenders

    def write(self, vals):
        result = super().write(vals)
        today = fields.Date.context_today(self)
        if vals.get("state") in ("submitted", "opened"):
            self._note_milestone("submission" if vals["state"] == "submitted" else "opening", today)
        elif vals.get("state") == "preparing":
            self._note_milestone("submission", False)  # withdrawn: it is to come again
        if vals.get("prequal_state") == "passed":
            self._note_milestone("prequalification", today)
        if not set(TENDER_DATES).isdisjoint(vals) or not {"state", "result"}.isdisjoint(vals):
            self._settle_milestones()
        return result

    # ACTIONS
    def action_milestones(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_tender_milestone_action")
        return {
            **action,
            "domain": [("tender_id", "=", self.id)],
            "context": {"default_tender_id": self.id, "search_default_open": 1},
        }

    # BUSINESS
    def _planned_of(self, kind):
        """The day of a step that the tender has no date for, or None."""
        deadline = self._local_day("bid_deadline")
        if deadline and kind in BEFORE:
            days = self.env["kams.legal.rule"]._value(BEFORE[kind], self.issued_at)
            return days is not None and legal_days.working_before(deadline, int(days), self._calendar())
        if kind == "bond_return" and (period := self._period("bond_return")):
            since = self.contract_signed_at or self.contract_due
            return since and period[1](since)
        return None

    def _note_milestone(self, kind, day):
        """Note when a step happened, or that it didn't."""
        self.milestone_ids.filtered(lambda one: one.kind == kind and bool(one.actual) != bool(day)).actual = day

    def _settle_milestones(self):
        """Reminders follow the dates; those of a closed tender go."""
        milestones = self.milestone_ids
        milestones._settle_reminders()
        # sudo: as in _settle_reminders
        closed = self.filtered(lambda one: one.state == "closed").milestone_ids.sudo()
        closed.activity_id.unlink()
