from datetime import date

from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from ..tools import review as arithmetic
from .blank import known
from .kams_review import PASSED


class KamsReview(models.Model):
    """When a yes no longer fits its deal: the amount, the date or the chance to win moved too far (4.3).

    A call for a new review stays until the review is made again or a director withdraws it, even if the deal moves
    back: the committee is to know that the ground was shaking. After a withdrawal the present figures are what later
    changes are measured from.
    """

    _inherit = "kams.review"

    rereview_due = fields.Boolean(string="To Be Reviewed Again", readonly=True, copy=False, index=True)
    rereview_at = fields.Datetime(string="New Review Due Since", readonly=True, copy=False)
    rereview_facts = fields.Json(readonly=True, copy=False)
    rereview_base = fields.Json(readonly=True, copy=False)
    rereview_reason = fields.Text(string="Why to Review Again", compute="_compute_rereview_reason")

    # COMPUTES
    @api.depends("rereview_facts")
    @api.depends_context("lang")
    def _compute_rereview_reason(self):
        for review in self:
            review.rereview_reason = "\n".join(review._in_words(fact) for fact in review.rereview_facts or ()) or False

    def _in_words(self, fact):
        if fact["what"] == "amount":
            money = [formatLang(self.env, fact[end], currency_obj=self.currency_id) for end in ("before", "after")]
            return self.env._(
                "Amount went from %(before)s to %(after)s: more than %(limit)s %%.",
                before=money[0],
                after=money[1],
                limit=f"{fact['limit']:g}",
            )
        if fact["what"] == "date_deadline":
            return self.env._(
                "Expected closing slipped from %(before)s to %(after)s: more than %(limit)s days.",
                before=format_date(self.env, fact["before"]),
                after=format_date(self.env, fact["after"]),
                limit=f"{fact['limit']:g}",
            )
        return self.env._(
            "Chance to win fell from %(before)s %% to %(after)s %%: more than %(limit)s points.",
            before=f"{fact['before']:g}",
            after=f"{fact['after']:g}",
            limit=f"{fact['limit']:g}",
        )

    # BUSINESS
    def _base(self):
        """What later changes are measured from."""
        self.ensure_one()
        return {
            "amount": self.amount,
            "date_deadline": fields.Date.to_string(self.date_deadline) or None,
            "p_win": known(self.p_win),
        }

    @api.model
    def _check_deals(self, lead_ids):
        """Look whether these deals have left the ground their latest yes stands on; one search for all."""
        # sudo: whoever may change the deal sets this off; what it says is shown to those who may read the review
        reviews = self.sudo().search(
            [
                ("lead_id", "in", lead_ids),
                ("state", "in", PASSED),
                ("is_latest", "=", True),
                ("rereview_due", "=", False),
            ]
        )
        if reviews:
            reviews._engine()._trigger()

    @api.model
    def _follow_deals(self, lead_ids):
        """A lost deal's reviews rest, and go on when the deal is open again; one search for all."""
        # sudo: whoever loses or restores the deal sets this off; nothing is shown to them
        reviews = self.sudo().search([("lead_id", "in", lead_ids), ("state", "=", "open")])
        for review in reviews._engine():
            if review.lead_id.active:
                review.opinion_ids._ask()
                review.message_post(body=self.env._("The deal is open again, and so is this review."))
            else:
                review.opinion_ids.activity_id.unlink()
                review.message_post(body=self.env._("The deal is lost or archived: this review rests."))

    def _trigger(self):
        chances = self._chances_of(self.lead_id)
        for review in self:
            facts = review._moved({**review._figures(), "p_win": chances.get(review.lead_id.id)})
            if facts:
                review.write({"rereview_facts": facts, "rereview_due": True, "rereview_at": fields.Datetime.now()})
                review.message_post(body=self.env._("To be reviewed again. %s", review.rereview_reason))
                review._call()

    def _moved(self, now):
        """What has moved too far since the base, as facts to be put in words."""
        rule, base = self.env["kams.legal.rule"]._value, self.rereview_base or {}
        facts = []
        limit = rule("rereview_amount_pct")
        if arithmetic.amount_changed(base.get("amount") or 0.0, now["amount"], limit):
            facts.append({"what": "amount", "before": base.get("amount"), "after": now["amount"], "limit": limit})
        limit, before, after = rule("rereview_deadline_days"), base.get("date_deadline"), now["date_deadline"]
        days = [None if not day else fields.Date.to_date(day).toordinal() for day in (before, after)]
        if arithmetic.passed_limit(*days, limit):
            after = fields.Date.to_string(date.fromordinal(days[1]))
            facts.append({"what": "date_deadline", "before": before, "after": after, "limit": limit})
        limit, before, after = rule("rereview_p_points"), base.get("p_win"), now["p_win"]
        if arithmetic.passed_limit(after, before, limit):
            facts.append({"what": "p_win", "before": before, "after": after, "limit": limit})
        return facts

    def _withdraw(self, why):
        """A director finds that the yes still holds; the figures of today are the new ground."""
        self.ensure_one()
        self._check_may_chair()
        hand = self._engine()
        figures = hand._figures()
        hand.write(
            {
                "rereview_due": False,
                "rereview_facts": False,
                "rereview_at": False,
                "rereview_base": {
                    "amount": figures["amount"],
                    "date_deadline": fields.Date.to_string(figures["date_deadline"]) or None,
                    "p_win": known(figures["p_win"]),
                },
            }
        )
        hand.message_post(
            body=self.env._("%(user)s found that no new review is needed: %(why)s", user=self.env.user.name, why=why)
        )

    # ACTIONS
    def action_withdraw_rereview(self):
        """Open the dialog in which a director says why the yes still holds."""
        self.ensure_one()
        self._check_may_chair()
        return self._open_dialog("kams.review.note", self.env._("No New Review Needed"), step="withdraw")


class KamsQualification(models.Model):
    """A deal that is judged anew may have lost the chance that its review counted on."""

    _inherit = "kams.qualification"

    def _mark_latest(self):
        super()._mark_latest()
        self.env["kams.review"]._check_deals(self.lead_id.ids)
