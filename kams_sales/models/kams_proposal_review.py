from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .blank import known
from .kams_review import DECIDED

COLORS = ("pink", "red", "gold")


class KamsProposal(models.Model):
    """Who has looked at a proposal before it goes out: pink, red and gold reviews by others than its author (5.6).

    Pink looks at outline and strategy, red reads the draft as the customer's evaluators would, gold signs what goes
    out. A gold review is about a text: when chapters or prices change after it, it is asked for again.
    """

    _inherit = "kams.proposal"

    review_ids = fields.One2many("kams.review", "proposal_id", string="Reviews")
    changed_at = fields.Datetime(
        string="Last Changed", compute="_compute_changed_at", help="When its text or prices were last changed."
    )
    review_times = fields.Char(string="Suggested Times", compute="_compute_review_times")
    still_missing = fields.Text(string="Still Missing", compute="_compute_still_missing")

    # COMPUTES
    @api.depends("content_on", "chapter_ids.content_on", "line_ids.content_on")
    def _compute_changed_at(self):
        for proposal in self:
            moments = [proposal.content_on, *proposal.chapter_ids.mapped("content_on")]
            moments = [moment for moment in moments + proposal.line_ids.mapped("content_on") if moment]
            proposal.changed_at = max(moments) if moments else False

    @api.depends("date_start", "date_due")
    @api.depends_context("lang")
    def _compute_review_times(self):
        """Each color in its part of the time between beginning and submission."""
        labels = {
            "pink": self.env._("Pink"),
            "red": self.env._("Red"),
            "gold": self.env._("Gold"),
        }
        for proposal in self:
            windows = proposal._review_windows()
            proposal.review_times = " · ".join(
                f"{labels[color]}: {format_date(self.env, start)} – {format_date(self.env, end)}"
                for color, (start, end) in windows.items()
            )

    @api.depends(
        *("state", "kind", "changed_at", "submitted_to_id", "price_state", "chapter_ids.state"),
        *("review_ids.state", "review_ids.is_valid"),
    )
    @api.depends_context("lang")
    def _compute_still_missing(self):
        for proposal in self:
            open_ = proposal.state in ("draft", "review")
            proposal.still_missing = "\n".join(proposal._missing()) if open_ else False

    # ACTIONS
    def action_ask_pink(self):
        """Ask others to look at outline and strategy."""
        return self._ask_review("proposal_pink")

    def action_ask_red(self):
        """Ask others to read the draft as the customer would."""
        return self._ask_review("proposal_red")

    def action_ask_gold(self):
        """Ask for the signature under what goes out."""
        return self._ask_review("proposal_gold")

    def action_ask_price(self):
        """Ask for a yes to prices that the author may not give alone."""
        return self._ask_review("price")

    def action_submit(self):
        """Note that it went to the customer; from now on it stays as it was sent."""
        return self.write({"state": "submitted"})

    # BUSINESS: reviews
    def _ask_review(self, kind):
        """Open the review of that kind: the one under way, a new version of the last, or a first one."""
        self.ensure_one()
        self.check_access("write")
        self._check_open()
        reviews = self.review_ids.filtered(lambda one: one.kind == kind).sorted("version", reverse=True)
        review = reviews.filtered(lambda one: one.state in ("draft", "open"))[:1]
        if not review and (before := reviews.filtered(lambda one: one.state in DECIDED)[:1]):
            review = before._new_version()
        if not review:
            review = review.create(
                {"kind": kind, "lead_id": self.lead_id.id, "proposal_id": self.id, **self._review_values(kind)}
            )
        return review._get_records_action(name=review.display_name)

    def _review_values(self, kind):
        """What a new review begins with."""
        return {}

    def _review_windows(self):
        """``{color: (first day, last day)}`` of the suggested times; nothing while the days aren't known."""
        self.ensure_one()
        start, end = self.date_start, self.date_due
        if not start or not end or end <= start:
            return {}
        value, days = self.env["kams.legal.rule"]._value, (end - start).days
        windows = {}
        for color in COLORS:
            parts = [value(f"proposal_{color}_{edge}", start) for edge in ("from", "to")]
            if None not in parts:
                windows[color] = tuple(start + timedelta(days=round(days * part / 100)) for part in parts)
        return windows

    # BUSINESS: going out
    def _submit(self):
        """Note that these went out, if nothing is missing."""
        self.check_access("write")
        for proposal in self:
            if missing := proposal._missing():
                raise UserError(
                    self.env._(
                        "“%(proposal)s” can't go out yet:\n%(missing)s",
                        proposal=proposal.display_name,
                        missing="\n".join(f"– {line}" for line in missing),
                    )
                )
        self._engine().write({"state": "submitted", "submitted_at": fields.Datetime.now()})
        self.chapter_ids._sync_activities()
        for proposal in self.filtered("submitted_to_id"):
            proposal.message_post(
                body=self.env._(
                    "Version %(version)s was submitted to %(who)s.",
                    version=proposal.version,
                    who=proposal.submitted_to_id.display_name,
                )
            )

    def _missing(self):
        """What stands between a proposal and its customer, in sentences. A bid has rules of its own (6.5)."""
        self.ensure_one()
        if self.kind != "proposal":
            return []
        found = [line for kind in ("proposal_red", "proposal_gold") if (line := self._missing_review(kind))]
        if not self.submitted_to_id:
            found.append(self.env._("Nobody of the customer's people is named as the one who gets it."))
        elif self.submitted_to_id.commercial_partner_id != self.partner_id:
            found.append(self.env._("%s isn't one of the customer's people.", self.submitted_to_id.display_name))
        if self.line_ids and self.price_state == "beyond":
            roles = dict(self._fields["price_role"]._description_selection(self.env))
            found.append(self.env._("Its price is to be agreed by: %s.", roles.get(self.price_role, "–")))
        elif self.line_ids and self.price_state == "unknown":
            unknown = self.line_ids.filtered(lambda line: known(line.cost) is None)
            found.append(
                self.env._(
                    "Its margin isn't known: fill in the cost of %(lines)s, or ask for a price review.",
                    lines=", ".join(unknown[:3].mapped("name")) + (" …" if len(unknown) > 3 else ""),
                )
                if unknown
                else self.env._("Its margin isn't known: its price is 0.")
            )
        return found

    def _missing_review(self, kind):
        """What is missing of one review; False when it is there."""
        label = dict(self.env["kams.review"]._fields["kind"]._description_selection(self.env))[kind]
        # sudo: whether a review is there doesn't depend on who looks
        reviews = self.sudo().review_ids.filtered(lambda one: one.kind == kind)
        valid = reviews.filtered("is_valid")
        if not valid:
            if reviews.filtered(lambda one: one.state in ("draft", "open")):
                return self.env._("%s: it isn't decided yet.", label)
            if decided := reviews.filtered(lambda one: one.state in DECIDED):
                states = dict(reviews._fields["state"]._description_selection(self.env))
                last = decided.sorted("decided_at")[-1]
                if last.state in ("approved", "conditional"):
                    return self.env._("%s: conditions are open, or it is to be reviewed again.", label)
                return self.env._("%(review)s: it was decided “%(state)s”.", review=label, state=states[last.state])
            return self.env._("%s: nobody was asked for it.", label)
        changed = self.changed_at
        if kind == "proposal_gold" and changed and max(valid.mapped("submitted_at")) < changed:
            return self.env._("%s: text or prices were changed after it; ask for it again.", label)
        return False

    def _facts(self):
        """What a committee is told of it, as plain values."""
        self.ensure_one()
        priced = bool(self.line_ids)
        return {
            "name": self.name,
            "version": self.version,
            "author": self.user_id.name or "",
            "date_due": fields.Date.to_string(self.date_due) or None,
            "chapters": len(self.chapter_ids),
            "done": len(self.chapter_ids.filtered(lambda one: one.state == "done")),
            "overdue": len(self.chapter_ids.filtered("is_overdue")),
            "untraced": self.untraced_count,
            "untraced_must": self.untraced_must_count,
            "currency_id": self.currency_id.id,
            "amount": self.amount_total if priced else None,
            "discount_pct": known(self.discount_pct),
            "margin_pct": known(self.margin_pct),
            "margin_floor": known(self.margin_floor),
            "price_role": self.price_role or None,
            "price_state": self.price_state or None,
        }
