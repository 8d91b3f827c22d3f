from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

NAME = 60  # characters of a question that stand for it


class KamsTenderQuestion(models.Model):
    """A question to the tenderee, or an objection to the documents: why we ask, by when, and what came of it.

    Book section 6.4 (质疑/澄清). A question shows one's hand to every bidder, so the reason is written down before it
    is sent, and stays among us.
    """

    _name = "kams.tender.question"
    _description = "Question to the tenderee"
    _inherit = ["kams.computed.mixin", "kams.state.mixin"]
    _order = "tender_id, sequence, id"
    _rec_name = "question"
    _state_transitions = {
        "draft": {"sent", "dropped"},
        "sent": {"draft", "answered"},
        "answered": {"sent"},
        "dropped": {"draft"},
    }

    tender_id = fields.Many2one("kams.tender", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="tender_id.company_id", store=True, index=True)
    lead_id = fields.Many2one(related="tender_id.lead_id", string="Deal")
    sequence = fields.Integer(default=10)
    clause_id = fields.Many2one(
        "kams.tender.clause",
        string="Clause",
        ondelete="set null",
        index="btree_not_null",
        domain="[('tender_id', '=', tender_id)]",
        help="The clause that it is about.",
    )
    kind = fields.Selection(
        [("clarification", "Clarification"), ("objection", "Objection to the Documents")],
        required=True,
        default="clarification",
        help="An objection has a last day by law, and the tenderee has to answer it before the tender goes on.",
    )
    question = fields.Text(required=True)
    reason = fields.Text(string="Tactical Reason", help="What we want to reach by asking; it stays among us.")
    user_id = fields.Many2one(
        "res.users", string="Owner", domain="[('share', '=', False)]", default=lambda self: self.env.user
    )
    date_limit = fields.Datetime(
        string="Send Before", compute="_compute_date_limit", help="Until then the tenderee takes it."
    )
    is_late = fields.Boolean(string="Too Late", compute="_compute_date_limit")
    sent_at = fields.Datetime(string="Sent", copy=False)
    answered_at = fields.Datetime(string="Answered", copy=False)
    answer = fields.Text(string="Reply", copy=False)
    effect = fields.Text(copy=False, help="What the answer means for our bid.")
    state = fields.Selection(
        [("draft", "Draft"), ("sent", "Sent"), ("answered", "Answered"), ("dropped", "Not Asked")],
        string="Status",
        required=True,
        default="draft",
        copy=False,
        index=True,
    )

    # COMPUTES
    @api.depends("question")
    def _compute_display_name(self):
        """Its first words: a question may be pages long."""
        for question in self:
            words = " ".join((question.question or "").split())
            question.display_name = words if len(words) <= NAME else f"{words[:NAME].rstrip()}…"

    @api.depends(
        "kind", "state", "sent_at", "tender_id.question_deadline", "tender_id.objection_deadline", "tender_id.tz"
    )
    def _compute_date_limit(self):
        """The tenderee's own deadline for questions, the law's last day for objections."""
        now = fields.Datetime.now()
        for question in self:
            tender = question.tender_id
            limit = tender.question_deadline
            if question.kind == "objection":
                limit = tender._end_of(tender.objection_deadline)
            question.date_limit = limit
            asked = question.sent_at or (now if question.state == "draft" else False)
            question.is_late = bool(limit and asked and asked > limit)

    # CONSTRAINTS
    @api.constrains("tender_id", "clause_id")
    def _check_clause(self):
        for question in self:
            if question.clause_id and question.clause_id.tender_id != question.tender_id:
                raise ValidationError(
                    self.env._(
                        "“%(question)s” is asked in %(tender)s, and clause %(clause)s stands in another tender.",
                        question=question.display_name,
                        tender=question.tender_id.display_name,
                        clause=question.clause_id.display_name,
                    )
                )

    @api.constrains("sent_at", "answered_at", "state")
    def _check_moments(self):
        for question in self:
            if question.answered_at and (not question.sent_at or question.answered_at < question.sent_at):
                raise ValidationError(
                    self.env._("“%s” can't have been answered before it was sent.", question.question)
                )

    # ORM
    def write(self, vals):
        if not {"question", "kind", "tender_id"}.isdisjoint(vals) and vals.get("state") != "draft":
            if sent := self.filtered(lambda question: question.state in ("sent", "answered")):
                raise UserError(
                    self.env._(
                        "“%s” stays as it was sent. Take it back first, to ask something else.", sent[0].question
                    )
                )
        sending = self.filtered(lambda question: question.state == "draft") if vals.get("state") == "sent" else self[:0]
        answering = vals.get("state") == "answered"
        for question in sending:
            question._check_in_time(fields.Datetime.to_datetime(vals.get("sent_at")) or question.sent_at)
        result = super().write(vals)
        for question in sending.filtered(lambda question: not question.sent_at):
            question.sent_at = fields.Datetime.now()
        if answering:
            self._check_answered()
        elif vals.get("state") == "draft":
            super().write({"sent_at": False, "answered_at": False})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unsent(self):
        if sent := self.filtered(lambda question: question.state in ("sent", "answered")):
            raise UserError(self.env._("“%s” was sent, and stays. Take it back first.", sent[0].question))

    # ACTIONS
    def action_send(self):
        """Note that it went out, now or at the moment that was typed."""
        return self.write({"state": "sent"})

    def action_answered(self):
        """Note the answer; what it means for the bid stands beside it."""
        return self.write({"state": "answered"})

    def action_drop(self):
        """It isn't asked after all."""
        return self.write({"state": "dropped"})

    def action_reopen(self):
        """It wasn't sent, wasn't answered, or is asked after all: one step back."""
        answered = self.filtered(lambda question: question.state == "answered")
        answered.write({"state": "sent", "answered_at": False})
        return (self - answered).write({"state": "draft"})

    # BUSINESS
    def _check_in_time(self, moment):
        moment = moment or fields.Datetime.now()
        if self.date_limit and moment > self.date_limit:
            when = fields.Datetime.context_timestamp(self, self.date_limit)
            if self.kind == "objection":
                message = self.env._(
                    "Objections to the documents of %(tender)s were possible until %(day)s (L05): it is too late to "
                    "send “%(question)s”.",
                    tender=self.tender_id.display_name,
                    day=self.tender_id.objection_deadline,
                    question=self.display_name,
                )
            else:
                message = self.env._(
                    "%(tender)s takes questions until %(moment)s: it is too late to send “%(question)s”. If it was "
                    "sent before, say when; if the tenderee takes questions longer, change the tender's deadline for "
                    "questions.",
                    tender=self.tender_id.display_name,
                    moment=when.strftime("%Y-%m-%d %H:%M"),
                    question=self.display_name,
                )
            raise UserError(message)

    def _check_answered(self):
        for question in self:
            if not (question.answer or "").strip():
                raise UserError(self.env._("Write down what was answered to “%s”.", question.display_name))
            if not question.answered_at:
                question.answered_at = fields.Datetime.now()


class KamsTender(models.Model):
    """Questions of a tender."""

    _inherit = "kams.tender"

    question_ids = fields.One2many("kams.tender.question", "tender_id", string="Questions")

    # ACTIONS
    def action_questions(self):
        """The questions on a page of their own."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_tender_question_action")
        return {**action, "domain": [("tender_id", "=", self.id)], "context": {"default_tender_id": self.id}}

    # BUSINESS
    def _end_of(self, day):
        """The last moment of a day where the tender is held, in UTC."""
        if not day:
            return False
        zone = pytz.timezone(self.tz or "Asia/Shanghai")
        midnight = fields.Datetime.to_datetime(day + timedelta(days=1))
        return zone.localize(midnight).astimezone(pytz.utc).replace(tzinfo=None) - timedelta(seconds=1)
