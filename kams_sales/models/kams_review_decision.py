from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools import review as arithmetic
from .blank import BlankFloat, known
from .kams_review import DECIDED, PASSED

OUTCOMES = [
    ("approved", "Approved"),
    ("conditional", "Approved on Conditions"),
    ("rejected", "Rejected"),
    ("deferred", "Deferred"),
]


class KamsReview(models.Model):
    """From an application to an outcome: figures, committee, votes, and what they leave to decide (4.3)."""

    _inherit = "kams.review"

    seat_count = fields.Integer(string="Members", compute="_compute_tally")
    vote_count = fields.Integer(string="Votes Cast", compute="_compute_tally")
    quorum = BlankFloat(string="Voted (%)", compute="_compute_tally", digits=(16, 1))
    quorum_met = fields.Boolean(string="Quorum Met", compute="_compute_tally")
    pass_share = BlankFloat(string="Yes among Those Who Took a Side (%)", compute="_compute_tally", digits=(16, 1))
    proposed = fields.Selection(OUTCOMES, string="Proposed Outcome", compute="_compute_tally")
    still_missing = fields.Text(string="Still Missing", compute="_compute_still_missing")
    my_vote_due = fields.Boolean(string="My Vote Is Due", compute="_compute_my_seat", search="_search_my_vote_due")
    my_seat = fields.Boolean(string="I Am a Reviewer", compute="_compute_my_seat")
    may_name_chair = fields.Boolean(string="I May Name the Chair", compute="_compute_my_seat")
    may_edit = fields.Boolean(string="I May Edit", compute="_compute_may_edit")
    may_decide = fields.Boolean(string="I May Decide", compute="_compute_my_seat")
    score = BlankFloat(related="scorecard_id.rating", string="Score")
    score_verdict = fields.Char(related="scorecard_id.band", string="Score Says")

    # COMPUTES
    @api.depends(
        *("state", "snapshot", "quorum_pct", "pass_pct", "scorecard_id.band_code"),
        *(f"opinion_ids.{name}" for name in ("vote", "veto", "replaced", "user_id", "user_id.active")),
    )
    def _compute_tally(self):
        """Counted while it is open; afterwards as it was counted then, whoever has left since."""
        for review in self:
            # sudo: counts only
            counted = (review.sudo().snapshot or {}).get("tally") or review._tally()._asdict()
            review.seat_count, review.vote_count = counted["members"], counted["cast"]
            review.quorum, review.quorum_met = counted["quorum"], counted["quorum_met"]
            review.pass_share, review.proposed = counted["share"], counted["proposed"] or False

    @api.depends_context("lang")
    @api.depends(
        *("state", "lead_id", "scorecard_id.answered_count", "quorum_pct", "applicant_id"),
        *(f"opinion_ids.{name}" for name in ("vote", "required", "replaced", "user_id", "user_id.active")),
    )
    def _compute_still_missing(self):
        for review in self:
            review.still_missing = "\n".join(review._missing()) if review.state == "open" else False

    @api.depends_context("uid")
    @api.depends("state", "opinion_ids.user_id", "opinion_ids.vote", "opinion_ids.replaced", "chair_id", "applicant_id")
    def _compute_my_seat(self):
        for review in self:
            mine = review.opinion_ids.filtered(lambda one: one.user_id == self.env.user and not one.replaced)
            review.may_name_chair = (
                review.state in ("draft", "open")
                and self.env.user.has_group("kams_sales.group_director")
                and self.env.user not in review._authors()
            )
            review.my_seat = bool(mine)
            review.my_vote_due = review.state == "open" and bool(mine) and not mine.vote
            review.may_decide = review.state == "open" and review._may_chair()

    @api.depends_context("uid")
    @api.depends("lead_id", "applicant_id")
    def _compute_may_edit(self):
        """Whether the user may take it back or cancel it: reviewers only read it."""
        mine = self._origin._filtered_access("write")
        for review in self:
            review.may_edit = not review._origin or review._origin in mine

    def _search_my_vote_due(self, operator, value):
        if operator != "in" or list(value) not in ([True], [False]):
            return NotImplemented
        due = self.env["kams.review.opinion"].search(self.env["kams.review.opinion"]._mine())
        return [("id", "in" if list(value) == [True] else "not in", due.review_id.ids)]

    # ACTIONS
    def action_submit(self):
        """Hand reviews to their committees: from now on they are read and voted on as they are."""
        self.check_access("write")
        for review in self:
            review._check_deal_runs()
            hand = review._engine()
            hand._take_figures()
            hand._take_policy()
            hand._propose_committee()
            review._check_committee()
            hand._make_scorecard()
            hand.write({"state": "open", "submitted_at": fields.Datetime.now()})
            hand.message_subscribe((hand._members() | hand.applicant_id).partner_id.ids)
            hand.opinion_ids._ask()
            hand.message_post(body="\n".join(hand._committee_told()))
        return True

    def action_take_back(self):
        """Take reviews back to draft. Votes were about what was submitted, so they go."""
        self.check_access("write")
        for review in self:
            if review.state not in ("open", "cancelled"):
                review._refuse_locked()
            hand = review._engine()
            voted = hand.opinion_ids.filtered("vote")
            hand.condition_ids.unlink()
            hand.opinion_ids.activity_id.unlink()
            voted.write({"vote": False, "opinion": False, "voted_at": False})
            hand.state = "draft"
            hand.message_post(
                body=self.env._("%(user)s took it back to draft; votes start anew.", user=self.env.user.name)
            )
        return True

    def action_cancel(self):
        """Drop reviews that nobody needs any more."""
        self.check_access("write")
        for review in self:
            hand = review._engine()
            hand.state = "cancelled"
            hand.opinion_ids.activity_id.unlink()
        return True

    def action_review_again(self):
        """Open a new version, made from this one."""
        self.ensure_one()
        self.check_access("write")
        if self.state not in DECIDED:
            raise UserError(self.env._("%s isn't decided yet: there is nothing to review again.", self.display_name))
        waiting = self.search(
            [
                *(("kind", "=", self.kind), ("state", "in", ("draft", "open"))),
                *((name, "=", self[name].id) for name in self._subject_fields),
            ]
        ).filtered(lambda one: one._subject() == self._subject())[:1]
        return (waiting or self._new_version())._get_records_action(name=self.display_name)

    def action_vote(self):
        """Open the dialog in which a reviewer votes, on the vote that the button names."""
        self.ensure_one()
        self._check_may_vote(self.env.user)
        seat = self.opinion_ids.filtered(lambda one: one.user_id == self.env.user and not one.replaced)
        return self._open_dialog(
            "kams.review.vote",
            self.env._("Your Vote"),
            opinion_id=seat.id,
            vote=self.env.context.get("kams_vote") or seat.vote or "agree",
            opinion=seat.opinion or "",
        )

    def action_score(self):
        """Open the committee's scorecard as a dialog, for reviewers and the chair."""
        self.ensure_one()
        self._check_may_score()
        return self._open_dialog("kams.review.score", self.env._("Scorecard"))

    def action_decide(self):
        """Open the dialog in which the chair decides."""
        self.ensure_one()
        self._check_may_chair()
        self._check_may_decide()
        return self._open_dialog("kams.review.decision", self.env._("Decide"), outcome=self.proposed or "deferred")

    # BUSINESS: before the votes
    def _take_figures(self):
        """Look at the deal: amount in the review's currency at today's rate, deadline, chance to win."""
        now = fields.Datetime.now()
        for review in self:
            values = {"figures_on": now}
            if not review.currency_id:
                values["currency_id"] = (review.company_id or self.env.company).currency_id.id
            review.write(values)
            review.write(review._figures())

    def _figures(self):
        """Amount, deadline and chance to win as they are now, in the review's currency."""
        self.ensure_one()
        lead = self.lead_id
        if not lead:
            return {}
        return {
            "amount": self._in_currency(lead.expected_revenue or 0.0),
            "date_deadline": lead.date_deadline,
            "p_win": self._chances_of(lead).get(lead.id),
        }

    def _in_currency(self, amount):
        """An amount of the deal in the review's currency, at today's rate."""
        company = self.lead_id.company_id or self.env.company
        today = fields.Date.context_today(self)
        return self.lead_id.company_currency._convert(amount, self.currency_id, company, today)

    def _prefill(self):
        """Start a new review from what the deal says; a chapter does so for its own kind."""

    @api.model
    def _chances_of(self, leads):
        """``{deal id: chance to win in percent}`` by the latest qualification that is done.

        Odoo's own probability is none: it learns from stages, and nobody judged it.
        """
        # sudo: the committee sees how the deal was judged, whoever may open the judgement itself
        judged = self.env["kams.qualification"].sudo()
        done = judged.search([("lead_id", "in", leads.ids), ("is_latest", "=", True)])
        return {one.lead_id.id: known(one.p_win) for one in done}

    def _take_policy(self):
        for review in self:
            policy = self.env["kams.review.policy"]._for(review.kind, review._policy_amount(), review.company_id)
            if not policy:
                raise UserError(
                    self.env._(
                        "There is no review policy for %s. A sales director makes one under Configuration, "
                        "Review Policies.",
                        review.display_name,
                    )
                )
            review.write(
                {
                    "policy_id": policy.id,
                    **{name: policy[name] for name in ("level", "quorum_pct", "pass_pct", "margin_floor")},
                }
            )

    def _policy_amount(self):
        """What the policy's amounts are compared with: the deal's amount in its company's currency."""
        return self.lead_id.expected_revenue or 0.0

    def _propose_committee(self):
        """A seat for each role of the policy, with its usual reviewer unless that is who applies or sells."""
        seats = []
        for review in self.filtered(lambda one: one.state == "draft"):
            policy = review.policy_id or self.env["kams.review.policy"]._for(
                review.kind, review._policy_amount(), review.company_id
            )
            roles = {role.role: role for role in policy.role_ids}
            for opinion in review.opinion_ids:
                role = roles.get(opinion.role)
                opinion.write({"required": bool(role and role.required), "veto": bool(role and role.veto)})
            named = review._members() | review._authors()
            for code, role in roles.items():
                if code in review.opinion_ids.mapped("role"):
                    continue
                user = role.user_id
                usual = user.active and user not in named and not review._why_unfit(user)
                named |= user
                seats.append(
                    {
                        "review_id": review.id,
                        "role": code,
                        "sequence": role.sequence,
                        "required": role.required,
                        "veto": role.veto,
                        "user_id": user.id if user and usual else False,
                    }
                )
        self.env["kams.review.opinion"].create(seats)

    def _check_committee(self):
        """Each seat that must vote has somebody, and nobody sits there who may not."""
        for review in self:
            self.env["kams.review.opinion"].browse(review.opinion_ids.ids)._check_reviewer()
            empty = review.opinion_ids.filtered(lambda one: not one.user_id or not one.user_id.active)
            if needed := empty.filtered("required"):
                raise UserError(
                    self.env._(
                        "%(review)s still needs a reviewer for: %(roles)s. Name them on the page “Committee”.",
                        review=review.display_name,
                        roles=", ".join(needed._role_names()),
                    )
                )
            empty._unlink_empty()
            if not review.opinion_ids:
                raise UserError(
                    self.env._("%s has no reviewer yet. Name them on the page “Committee”.", review.display_name)
                )

    def _committee_told(self):
        """Who sits, for the record; and where somebody else than usual was named."""
        self.ensure_one()
        usual = {role.role: role.user_id for role in self.policy_id.role_ids}
        lines = [self.env._("Submitted to: %s", ", ".join(self.opinion_ids.mapped("display_name")))]
        for seat in self.opinion_ids:
            if usual.get(seat.role) and seat.user_id != usual[seat.role]:
                lines.append(
                    self.env._(
                        "%(seat)s takes the place of the usual reviewer, %(usual)s.",
                        seat=seat.display_name,
                        usual=usual[seat.role].name,
                    )
                )
        return lines

    def _make_scorecard(self):
        for review in self:
            if review.policy_id.template_id and review.lead_id and not review.scorecard_id:
                review.scorecard_id = self.env["kams.scorecard"].create(
                    {"template_id": review.policy_id.template_id.id, "lead_id": review.lead_id.id}
                )

    def _check_deal_runs(self):
        """A lost deal's review rests until the deal is open again."""
        for review in self.sudo():  # sudo: whether the deal is still open is told to whoever may read the review
            if review.lead_id and not review.lead_id.active:
                raise UserError(
                    self.env._(
                        "%s is lost or archived, so its review rests. Restore the deal first, or cancel the review.",
                        review.lead_id.display_name,
                    )
                )

    # BUSINESS: votes
    def _check_may_vote(self, user):
        for review in self:
            if review.state != "open":
                raise UserError(
                    self.env._(
                        "%(review)s is %(state)s: votes are no longer taken.",
                        review=review.display_name,
                        state=dict(self._fields["state"]._description_selection(self.env))[review.state].lower(),
                    )
                    if review.state != "draft"
                    else self.env._("%s isn't submitted yet: there is nothing to vote on.", review.display_name)
                )
            review._check_deal_runs()
            if user not in review._members():
                raise UserError(
                    self.env._(
                        "%(person)s isn't a reviewer of %(review)s.", person=user.name, review=review.display_name
                    )
                )
            if user in review._authors():
                raise UserError(
                    self.env._(
                        "%(person)s sells this deal now and can't vote on %(review)s. Let a director replace them.",
                        person=user.name,
                        review=review.display_name,
                    )
                )

    def _seats(self):
        return self.opinion_ids._seats()

    def _tally(self):
        self = self.sudo()  # sudo: counts votes, and reads the band of the committee's own card
        votes = [arithmetic.Vote(seat.vote or None, seat.veto) for seat in self._seats()]
        return arithmetic.tally(votes, self.quorum_pct, self.pass_pct, self.scorecard_id.band_code or None)

    def _missing(self):
        """What stands between the votes and a decision, in sentences."""
        self = self.sudo()  # sudo: see _tally
        found = []
        if self.lead_id and not self.lead_id.active:
            found.append(self.env._("The deal is lost or archived: restore it first."))
        for seat in self.opinion_ids.filtered(lambda one: not one.replaced):
            if seat.user_id in self._authors():
                found.append(self.env._("%s sells this deal now: replace them.", seat.display_name))
            elif seat.vote:
                continue
            elif seat.user_id and not seat.user_id.active:
                if seat.required:
                    found.append(self.env._("%s is inactive and hasn't voted: replace them.", seat.display_name))
            elif seat.required:
                found.append(self.env._("%s hasn't voted yet.", seat.display_name))
        if not self._tally().quorum_met:
            found.append(self.env._("Fewer than %s %% of the members have voted.", f"{self.quorum_pct:g}"))
        card = self.scorecard_id
        if card and card.answered_count < card.asked_count:
            found.append(
                self.env._(
                    "The scorecard has %(open)s of %(all)s questions still open.",
                    open=card.asked_count - card.answered_count,
                    all=card.asked_count,
                )
            )
        return found

    # BUSINESS: the scorecard
    def _check_may_score(self):
        for review in self:
            if review.state != "open" or not review.scorecard_id:
                raise UserError(self.env._("%s isn't under review, so it isn't scored.", review.display_name))
            if self.env.user in review._authors() or not (self.env.user in review._members() or review._may_chair()):
                raise AccessError(
                    self.env._("%s is scored by its reviewers and its chair, not by who applies.", review.display_name)
                )

    def _score(self, answers):
        """Answer the committee's card, ``{line id: answer}``."""
        self._check_may_score()
        # sudo: reviewers needn't have the right to scorecards; that this one is theirs to answer was checked above
        for line in self._engine().scorecard_id.line_ids:
            if line.id in answers and (line.answer or False) != (answers[line.id] or False):
                line.answer = answers[line.id]

    # BUSINESS: the decision
    def _check_may_decide(self):
        for review in self:
            if review.state != "open":
                raise UserError(
                    self.env._("%s isn't under review, so there is nothing to decide.", review.display_name)
                )
            review._check_deal_runs()

    def _decide(self, outcome, minutes="", conditions=()):
        """Decide, and lock what was decided upon.

        :param conditions: values of conditions that the chair adds to those of the reviewers
        """
        self.ensure_one()
        self._check_may_chair()
        self._check_may_decide()
        labels = dict(self._fields["state"]._description_selection(self.env))
        if outcome != "deferred":
            self._check_outcome(outcome, labels)
        hand = self._engine()
        if outcome == "conditional":
            hand.env["kams.review.condition"].create([{**values, "review_id": self.id} for values in conditions])
            if not hand.condition_ids:
                raise UserError(self.env._("Name at least one condition for %s.", self.display_name))
        hand._take_figures()
        hand._close_scorecard()
        hand.snapshot = hand._snapshot()
        hand.write(
            {
                "state": outcome,
                "minutes": minutes,
                "decided_at": fields.Datetime.now(),
                "decided_by_id": self.env.uid,
                "rereview_base": hand._base(),
            }
        )
        hand.opinion_ids.activity_id.unlink()
        if outcome == "conditional":
            hand.condition_ids._ask()
        hand.message_post(
            body=self.env._("%(user)s decided: %(outcome)s", user=self.env.user.name, outcome=labels[outcome])
        )

    def _close_scorecard(self):
        """The card stays as it was; one without any answer says nothing and goes."""
        card = self.scorecard_id
        if card.state == "draft" and card.answered_count:
            card.action_done()
        elif card.state == "draft":
            self.scorecard_id = False
            card.unlink()

    def _check_outcome(self, outcome, labels):
        if missing := self._missing():
            raise UserError(
                self.env._(
                    "%(review)s can't be decided yet:\n%(missing)s",
                    review=self.display_name,
                    missing="\n".join(f"– {line}" for line in missing),
                )
            )
        # sudo: the chair may decide without being able to open the deal
        policy = self.env["kams.review.policy"]._for(self.kind, self.sudo()._policy_amount(), self.company_id)
        if policy != self.policy_id.sudo() and policy.level != self.level:
            raise UserError(
                self.env._(
                    "The deal's amount has changed, and with it the committee: it is now for “%(policy)s”. "
                    "Take %(review)s back to draft and submit it again.",
                    policy=policy.name,
                    review=self.display_name,
                )
            )
        proposed = self._tally().proposed
        if outcome not in arithmetic.allowed(proposed):
            raise UserError(
                self.env._(
                    "%(review)s can't be decided milder than its votes and scorecard propose: “%(proposed)s”. "
                    "You may decide stricter, or defer.",
                    review=self.display_name,
                    proposed=labels.get(proposed) or self.env._("Deferred"),
                )
            )

    def _new_version(self):
        self.ensure_one()
        new = self.copy({"applicant_id": self.env.uid})
        # the chair was a director's choice; whoever applies now can't be it
        chair = self.chair_id.filtered("active") - new._authors()
        new._engine().write({"previous_id": self.id, "version": self.version + 1, "chair_id": chair.id})
        return new

    def _passed(self):
        return self.filtered(lambda one: one.state in PASSED)
