from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .blank import known
from .kams_review_contract import KamsReview as Contracts


class KamsReview(models.Model):
    """The review of a change of a delivery that nobody may agree to alone (8.3)."""

    _inherit = "kams.review"
    _subject_fields = (*Contracts._subject_fields, "change_id")

    change_id = fields.Many2one(
        "kams.change",
        string="Change to Agree To",
        domain="[('lead_id', '=', lead_id)]",
        ondelete="cascade",
        index="btree_not_null",
    )

    # COMPUTES
    @api.depends("change_id.name", "change_id.number")
    def _compute_display_name(self):
        return super()._compute_display_name()

    @api.depends("change_id")
    def _compute_standing(self):
        return super()._compute_standing()

    # CONSTRAINTS
    @api.constrains("kind", "change_id", "lead_id")
    def _check_change(self):
        for review in self.sudo():  # sudo: compared only
            change = review.change_id
            if change and review.kind != "change":
                raise ValidationError(
                    self.env._("Only change reviews are about a change, not %s.", review.display_name)
                )
            if change and change.lead_id != review.lead_id and change.delivery_id.lead_id != review.lead_id:
                raise ValidationError(
                    self.env._(
                        "%(review)s: “%(change)s” belongs to another deal.",
                        review=review.display_name,
                        change=change.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        """A review of a change is about the change's deal."""
        changes = self.env["kams.change"]
        vals_list = [
            {"lead_id": changes.browse(vals["change_id"]).lead_id.id, **vals} if vals.get("change_id") else vals
            for vals in vals_list
        ]
        return super().create(vals_list)

    def write(self, vals):
        result = super().write(vals)
        if not {"state", "rereview_due"}.isdisjoint(vals):
            self.change_id._follow_reviews()
        return result

    # ACTIONS
    def action_submit(self):
        """Nobody judges a change that isn't written, nor one that was agreed to."""
        for change in self.change_id:
            if change.state == "draft":
                change.check_access("write")
                change._check_complete()
                change._engine().state = "review"
            elif change.state != "review":
                raise UserError(
                    self.env._(
                        "“%(change)s” is “%(state)s”: there is nothing to review.",
                        change=change.display_name,
                        state=change._state_told(),
                    )
                )
        return super().action_submit()

    def action_change(self):
        """Open the change."""
        self.ensure_one()
        return self.change_id._get_records_action(name=self.change_id.display_name)

    # BUSINESS
    def _authors(self):
        """Whoever wrote the change doesn't judge it."""
        return super()._authors() | self.sudo().change_id.user_id  # sudo: compared only

    def _subject_name(self):
        # sudo: reviewers may read what they review by name
        return " · ".join(filter(None, (super()._subject_name(), self.sudo().change_id.display_name)))

    def _policy_amount(self):
        """What the change costs or brings, whichever is more, in its company's currency."""
        # sudo: which committee sits doesn't depend on who may read the price
        change = self.sudo().change_id
        if not change:
            return super()._policy_amount()
        company = self.company_id or self.env.company
        amount = max(abs(known(change.cost) or 0.0), abs(known(change.price_change) or 0.0))
        return change.currency_id._convert(amount, company.currency_id, company, fields.Date.context_today(self))

    def _figures(self):
        """The change's own amount; the deal's forecast plays no part any more."""
        values = super()._figures()
        if self.change_id:
            values |= {"amount": self._policy_amount(), "date_deadline": False, "p_win": None}
        return values

    def _moved(self, now):
        """What a change says stays from when it is asked for; taken back, its yes is void."""
        return [] if self.change_id else super()._moved(now)

    def _in_words(self, fact):
        if fact["what"] == "change_reopened":
            return self.env._("The change was taken back: %s", fact["why"])
        return super()._in_words(fact)

    def _void_change(self, why):
        """The change is written again or withdrawn, and what was said of it holds no longer."""
        passed = self._engine().filtered(lambda one: one.is_latest and not one.rereview_due)
        passed.write(
            {
                "rereview_due": True,
                "rereview_at": fields.Datetime.now(),
                "rereview_facts": [{"what": "change_reopened", "why": why or ""}],
            }
        )
        if opened := self.filtered(lambda one: one.state == "open"):
            opened._engine().action_take_back()

    # FACTS
    def _snapshot(self):
        kept = super()._snapshot()
        if self.change_id:
            kept["facts"] = self._facts_of().get(self.id, {})
        return kept

    def _facts_of(self):
        """What the change says, for whoever sits on its review. sudo: see there."""
        found = super()._facts_of()
        for review in self.sudo().filtered("change_id"):
            if review.id in found:
                found[review.id]["change"] = review.change_id._review_facts()
        return found

    def _fact_sections(self):
        sections = super()._fact_sections()
        for review in self._origin.filtered("change_id"):
            kept = (review._kept_facts() or {}).get("change")
            facts = kept or review.sudo().change_id._review_facts()  # sudo: see _facts_of
            if review.id in sections:
                sections[review.id].insert(
                    0, review._section(self.env._("Change to Agree To"), review._change_rows(facts))
                )
        return sections

    def _change_rows(self, facts):
        def amount(value):
            return "" if value is None else self._money(value, facts)

        days = facts["days"]
        rows = [
            self._row(self.env._("What changes"), facts["name"], note=facts["request"]),
            self._row(self.env._("Why it changes"), facts["reason"]),
            self._row(self.env._("Cost to us"), amount(facts["cost"])),
            *(
                [self._row(self.env._("Change in price"), amount(facts["price_change"]))]
                if self._tells_margins()
                else []
            ),
            self._row(self.env._("Days longer"), "" if days is None else str(days)),
            self._row(self.env._("Phases it moves"), ", ".join(facts["phases"])),
        ]
        return rows


class KamsReviewCondition(models.Model):
    """A yes on conditions holds when the last one is closed, and the change follows."""

    _inherit = "kams.review.condition"

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self.review_id.change_id._follow_reviews()
        return result


class KamsChange(models.Model):
    """What a review is told of its change."""

    _inherit = "kams.change"

    # BUSINESS
    def _review_facts(self):
        """Plain values; whatever is unknown is None."""
        self.ensure_one()
        return {
            "currency_id": self.currency_id.id,
            "name": self.display_name,
            "request": self.request or "",
            "reason": self.reason or "",
            "cost": known(self.cost),
            "price_change": known(self.price_change),
            "days": known(self.days),
            "phases": self.phase_line_ids.phase_id.mapped("name"),
        }
