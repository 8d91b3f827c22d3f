from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from .blank import BlankFloat, known
from .insiders import INSIDERS
from .kams_review import ENGINES

# Reviews of one proposal: a later decision on another version or proposal doesn't replace them
OF_PROPOSALS = ("proposal_pink", "proposal_red", "proposal_gold", "price")
ENGINES.update({"offer_amount", "offer_currency_id", "offer_margin", "offer_discount"})


class KamsReview(models.Model):
    """Reviews of a proposal: pink on its outline, red on its draft, gold before it goes out, and of its price (5.6)."""

    _inherit = "kams.review"

    proposal_id = fields.Many2one(
        "kams.proposal",
        string="Written Proposal",
        index="btree_not_null",
        ondelete="cascade",
        domain="[('lead_id', '=', lead_id)]",
    )
    # The offer as it was submitted: a yes covers it and better ones
    offer_currency_id = fields.Many2one("res.currency", string="Currency of the Offer", readonly=True, copy=False)
    offer_amount = BlankFloat(string="Price Offered", readonly=True, copy=False, digits=(16, 2))
    offer_margin = BlankFloat(string="Margin Offered (%)", readonly=True, copy=False, digits=(16, 4), groups=INSIDERS)
    offer_discount = BlankFloat(
        string="Discount Offered (%)", readonly=True, copy=False, digits=(16, 4), groups=INSIDERS
    )

    # CONSTRAINTS
    @api.constrains("proposal_id", "lead_id")
    def _check_proposal(self):
        for review in self.sudo():  # sudo: compared only
            if review.proposal_id and review.proposal_id.lead_id != review.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(proposal)s” is a proposal for another deal than the one that is reviewed.",
                        proposal=review.proposal_id.display_name,
                    )
                )

    # ACTIONS
    def action_submit(self):
        """A color of a proposal is about a proposal; one that has gone out needs no look any more."""
        for review in self.filtered(lambda one: one.kind in OF_PROPOSALS):
            if not review.proposal_id:
                raise UserError(self.env._("%s: name the proposal that is to be reviewed first.", review.display_name))
            review.proposal_id._check_open()
        result = super().action_submit()
        self.proposal_id.filtered(lambda one: one.state == "draft")._engine().state = "review"
        return result

    # BUSINESS
    def _authors(self):
        """Whoever wrote the proposal doesn't judge it either."""
        return super()._authors() | self.sudo().proposal_id.user_id  # sudo: compared only

    def _subject(self):
        own = self.proposal_id._origin.id if self.kind in OF_PROPOSALS else False
        return (*super()._subject(), own)

    def _subject_name(self):
        # sudo: see there
        version = self.sudo().proposal_id.version if self.kind in OF_PROPOSALS else 0
        told = version > 1 and self.env._("proposal v%s", version)
        return " · ".join(filter(None, (super()._subject_name(), told)))

    def _figures(self):
        """The offer as it is when the committee gets it; afterwards prices may move, and are compared with it."""
        values = super()._figures()
        # sudo: a committee's members read what they decide upon
        proposal = self.sudo().proposal_id
        if self.state == "draft" and proposal and self.kind in OF_PROPOSALS:
            priced = bool(proposal.line_ids)
            values |= {
                "offer_currency_id": proposal.currency_id.id,
                "offer_amount": proposal.amount_total if priced else None,
                "offer_margin": known(proposal.margin_pct),
                "offer_discount": known(proposal.discount_pct),
            }
        return values

    def _snapshot(self):
        kept = super()._snapshot()
        if self.kind in OF_PROPOSALS:
            kept["facts"] = self._facts_of().get(self.id, {})
        return kept

    # FACTS
    def _facts_of(self):
        """What is in the proposal, for whoever sits on its review. sudo: see there."""
        found = super()._facts_of()
        for review in self.sudo().filtered("proposal_id"):
            if review.id in found:
                found[review.id]["proposal"] = review.proposal_id._facts()
        return found

    def _fact_sections(self):
        sections = super()._fact_sections()
        kept = {review.id: review._kept_facts() for review in self._origin}
        for review in self._origin.filtered("proposal_id"):
            # sudo: see _facts_of
            facts = (kept[review.id] or {}).get("proposal") or review.sudo().proposal_id._facts()
            if review.id in sections:
                section = review._section(self.env._("Written Proposal"), review._proposal_rows(facts))
                sections[review.id].insert(0, section)
        return sections

    def _proposal_rows(self, facts):
        roles = dict(self._selection_of("kams.proposal", "price_role"))
        states = dict(self._selection_of("kams.proposal", "price_state"))
        margin, floor = facts["margin_pct"], facts["margin_floor"]
        below = margin is not None and floor is not None and margin < floor
        rows = [
            self._row(facts["name"], self.env._("version %s", facts["version"]), note=facts["author"]),
            self._row(
                self.env._("To be submitted by"), facts["date_due"] and format_date(self.env, facts["date_due"]) or ""
            ),
            self._row(
                self.env._("Chapters done"),
                self.env._("%(done)s of %(all)s", done=facts["done"], all=facts["chapters"]),
                tone="bad" if facts["overdue"] else "good" if facts["done"] == facts["chapters"] else "",
                note=self.env._("%s overdue", facts["overdue"]) if facts["overdue"] else "",
            ),
            self._row(
                self.env._("Requirements without a chapter"),
                str(facts["untraced"]),
                tone="bad" if facts["untraced_must"] else "good" if not facts["untraced"] else "fair",
                note=self.env._("%s of them are a must", facts["untraced_must"]) if facts["untraced_must"] else "",
            ),
        ]
        if facts["amount"] is None:
            return [*rows, self._row(self.env._("Price"), "")]
        if not self._tells_margins():
            return [*rows, self._row(self.env._("Price"), self._money(facts["amount"], facts))]
        return [
            *rows,
            self._row(
                self.env._("Price"),
                self._money(facts["amount"], facts),
                note=self.env._("Discount %s", self._percent(facts["discount_pct"])) if facts["discount_pct"] else "",
            ),
            self._row(
                self.env._("Margin"),
                self._percent(margin),
                tone="bad" if below else "" if margin is None else "good",
                note=self.env._("Floor %s", self._percent(floor)) if floor is not None else "",
            ),
            self._row(
                self.env._("Price is"),
                states.get(facts["price_state"], ""),
                tone={"within": "good", "approved": "good", "beyond": "bad"}.get(facts["price_state"], "fair"),
                note=roles.get(facts["price_role"])
                and self.env._("To be agreed by: %s", roles[facts["price_role"]])
                or "",
            ),
        ]
