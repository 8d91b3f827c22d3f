from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, formatLang

from ..tools import negotiation as arithmetic
from ..tools import rounds
from .blank import known
from .kams_meeting_part import SYSTEM

ACTIVITY_TYPE = "kams_sales.mail_activity_type_unplanned"


class KamsNegotiationConcession(models.Model):
    """What of the plan was used in which round (7.4)."""

    _inherit = "kams.negotiation.concession"

    used_ids = fields.One2many("kams.negotiation.given", "plan_id", string="Used In")

    # ORM
    @api.ondelete(at_uninstall=False)
    def _unlink_unless_used(self):
        for line in self.sudo().filtered("used_ids"):  # sudo: whether it was used, whoever recorded it
            raise UserError(self.env._("“%s” was given in a round: it stays in the plan.", line.give))


class KamsNegotiationIssue(models.Model):
    """What came up in a round stays an issue (7.4)."""

    _inherit = "kams.negotiation.issue"

    # ORM
    @api.ondelete(at_uninstall=False)
    def _unlink_unless_it_came_up(self):
        for model in ("kams.negotiation.move", "kams.negotiation.given"):
            # sudo: whether it came up, whoever recorded it
            for line in self.env[model].sudo().search([("issue_id", "in", self.ids)], limit=1):
                raise UserError(self.env._("“%s” came up in a round: it stays in the plan.", line.issue_id.name))


class KamsNegotiation(models.Model):
    """The rounds of a negotiation: what was said, given and left open in all of them (7.4 正式谈判)."""

    _inherit = "kams.negotiation"

    round_ids = fields.One2many("calendar.event", "kams_negotiation_id", string="Rounds")
    move_ids = fields.One2many("kams.negotiation.move", "negotiation_id", string="Movements")
    given_ids = fields.One2many("kams.negotiation.given", "negotiation_id", string="Concessions")
    point_ids = fields.One2many("kams.negotiation.point", "negotiation_id", string="Open Points")

    rounds_page = fields.Html(string="Round by Round", compute="_compute_rounds_page", sanitize=False)

    # COMPUTES
    @api.depends(
        "given_ids.direction", "given_ids.amount", "given_ids.unplanned", "given_ids.event_id.kams_record_state"
    )
    def _compute_conceded(self):
        """Of rounds whose record is submitted: before that nothing is said to be given."""
        for negotiation in self:
            given = negotiation.given_ids.filtered(
                lambda line: line.direction == "given" and line.event_id.sudo().kams_record_state == "done"
            )  # sudo: whether the record is submitted
            amounts = [line.amount for line in given if known(line.amount) is not None]
            negotiation.conceded = sum(amounts) if amounts else None
            negotiation.unplanned_count = len(given.filtered("unplanned"))

    @api.depends(
        *("concession_ids.round", "concession_ids.amount", "given_ids.direction", "given_ids.amount"),
        *("round_ids.kams_round", "move_ids.their_offer", "move_ids.our_offer", "issue_ids.weight"),
    )
    @api.depends_context("lang", "uid")
    def _compute_rounds_page(self):
        """Planned and given, round by round and in all, and where both sides stand."""
        for negotiation in self:
            rows = negotiation._round_rows()
            negotiation.rounds_page = rows and self.env["ir.qweb"]._render(
                "kams_sales.kams_negotiation_rounds",
                {"rows": rows, "told": negotiation._rhythm_of_given()},
            )

    # ACTIONS
    def action_plan_round(self):
        """The form of a new round, ready to be planned."""
        self.ensure_one()
        action = self.lead_id._kams_plan_meeting("negotiation", self.env._("Negotiation – %s", self.lead_id.name))
        action["context"]["default_kams_negotiation_id"] = self.id
        return action

    # BUSINESS
    def _left_open(self):
        """What isn't settled, and what was given without anybody having accepted it, holds an agreement up."""
        left = super()._left_open()
        left += [point.text[:60] for point in self.point_ids.filtered(lambda point: point.state == "open")]
        waiting = self.given_ids.filtered(lambda line: line.unplanned and not line.approved_by_id)
        left += [self.env._("“%s”, given without a plan and not accepted yet", line.name) for line in waiting]
        return left

    def _given_by_round(self):
        """``[(round, amount)]`` of what we gave, in the order of the rounds."""
        given = self.given_ids.filtered(lambda line: line.direction == "given")
        pairs = [(known(line.event_id.kams_round), known(line.amount)) for line in given]
        return sorted(pairs, key=lambda pair: pair[0] or 0)

    def _round_rows(self):
        """One row for each round that was planned for or held, in the reader's words."""
        self.ensure_one()
        given = self._given_by_round()
        plan = [(line.round, known(line.amount)) for line in self.concession_ids]
        held = {known(event.kams_round): event for event in self.round_ids if known(event.kams_round)}
        rows = rounds.running(plan, given + [(number, None) for number in held])
        most = max([1.0, *(max(row[3:]) for row in rows)])
        number = self.env["ir.qweb.field.float"].value_to_html

        def told(value, digits=1):
            return "–" if known(value) is None else number(value, {"precision": digits})

        def money(amount):
            unit = "units" if amount >= 10_000 else "decimals"
            return formatLang(self.env, amount, currency_obj=self.currency_id, rounding_unit=unit) if amount else "–"

        return [
            {
                "number": turn,
                "day": format_date(self.env, held[turn]._kams_day()) if turn in held else self.env._("Not held"),
                "planned": money(planned),
                "given": money(spent),
                "planned_in_all": money(planned_in_all),
                "given_in_all": money(given_in_all),
                "planned_width": round(100 * planned_in_all / most),
                "given_width": round(100 * given_in_all / most),
                "over": self.currency_id.compare_amounts(given_in_all, planned_in_all) > 0,
                "ours": told(held[turn].kams_settlement_ours) if turn in held else "",
                "theirs": told(held[turn].kams_settlement_theirs) if turn in held else "",
            }
            for turn, planned, spent, planned_in_all, given_in_all in rows
        ]

    def _rhythm_of_given(self):
        """Whether we gave less from round to round: that tells them that the end is near."""
        steps = [row[2] for row in rounds.running([], self._given_by_round()) if row[2]]
        if len(steps) < 2:
            return False
        parts = " · ".join(f"{part:.4g}" for part in arithmetic.rhythm(steps))
        if arithmetic.is_decreasing(steps):
            return self.env._("We gave less from round to round (%s): they know that the end is near.", parts)
        return self.env._("We didn't give less from round to round (%s): they will wait for more.", parts)

    def _kams_check_files(self, files):
        """A signed copy of the minutes stays with its round."""
        # sudo: whether a file is a signed copy, whoever tries to exchange it
        signed = self.sudo().round_ids.filtered("kams_minutes_signed")
        for event in signed.filtered(lambda event: event.kams_minutes_file_ids & files):
            raise UserError(
                self.env._(
                    "This is the signed copy of the minutes of “%s”: it stays. Reopen the record to sign anew.",
                    event.name,
                )
            )
        return super()._kams_check_files(files)

    def _number_rounds(self, without=()):
        """Rounds are counted by their date; what was recorded as a round keeps its number.

        :param without: meetings that are about to go
        """
        if not self:
            return
        events = (
            self.env["calendar.event"]
            .sudo()
            .search(  # sudo: also those that others planned; only counted
                [("kams_negotiation_id", "in", self.ids), ("kams_kind", "=", "negotiation")], order="start, id"
            )
        )
        events = events.filtered(lambda event: event not in without)
        for turns in events.grouped("kams_negotiation_id").values():
            recorded = turns.filtered(lambda event: event.kams_record_state == "done")
            pending = turns - recorded
            free = rounds.numbers([known(event.kams_round) for event in recorded], len(pending))
            for event, number in zip(pending, free, strict=True):
                if event.kams_round != number:
                    event.with_context(**SYSTEM).kams_round = number
                    given = event.kams_given_ids
                    self.env.add_to_compute(given._fields["unplanned"], given)

    def _tell_unplanned(self):
        """Who approved the plan is told of concessions that weren't in it, until somebody accepted them."""
        # sudo: whoever gives or accepts something has who approved the plan told; each activity is theirs
        for negotiation in self.sudo().with_context(mail_activity_quick_update=True):
            waiting = negotiation.given_ids.filtered(
                lambda line: line.unplanned and not line.approved_by_id and line.event_id.kams_record_state == "done"
            )
            asked = negotiation.activity_search([ACTIVITY_TYPE])
            if not waiting:
                negotiation.with_user(self.env.user).sudo().activity_feedback([ACTIVITY_TYPE])
                continue
            told = negotiation.approved_by_id.filtered("active") or negotiation.lead_id.team_id.user_id
            values = {
                "user_id": (told or negotiation.user_id or self.env.user).id,
                "summary": self.env._("Given without a plan: %s", ", ".join(waiting.mapped("name")))[:200],
            }
            if asked:
                asked.write(values)
            else:
                negotiation.activity_schedule(ACTIVITY_TYPE, date_deadline=fields.Date.context_today(self), **values)
