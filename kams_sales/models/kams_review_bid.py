from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_datetime

from ..tools.arithmetic import ratio
from .blank import BlankFloat, BlankMonetary, known, refuse_negative
from .insiders import INSIDERS
from .kams_review import ENGINES

ANSWERS = [("yes", "Yes"), ("no", "No")]
UNMET = ("negative", "partial")
ENGINES.update({"bid_price", "tender_currency_id"})


class KamsReview(models.Model):
    """Whether we bid, and down to which price: the decision before the work on a tender begins.

    Book section 6.7 投标评审. The committee scores, but facts have a veto: a starred clause or a qualification that we
    don't meet, a margin below the floor without approval, a deadline that can't be met, a flag of the integrity
    self-check. Each of them alone means no bid, whatever the score.
    """

    _inherit = "kams.review"

    # Prices, in the tender's currency
    tender_currency_id = fields.Many2one("res.currency", string="Tender's Currency", readonly=True, copy=False)
    bid_price = BlankMonetary(
        string="Our Price", readonly=True, copy=False, currency_field="tender_currency_id", groups=INSIDERS
    )
    approved_min_price = BlankMonetary(
        string="Lowest Price",
        currency_field="tender_currency_id",
        help="The committee is asked to let us go down to this price; the bid can't be handed in below it.",
        groups=INSIDERS,
    )
    approved_target_price = BlankMonetary(
        string="Target Price", currency_field="tender_currency_id", help="The price that we aim at.", groups=INSIDERS
    )
    bid_cost = BlankMonetary(
        string="Cost of Delivery",
        currency_field="tender_currency_id",
        help="What it costs us to deliver, on the same basis as the price: both with or both without taxes.",
        groups=INSIDERS,
    )
    bid_margin_pct = BlankFloat(
        string="Margin at the Lowest Price (%)",
        compute="_compute_bid_margin",
        store=True,
        digits=(16, 1),
        groups=INSIDERS,
    )
    # Can we make it in time?
    deadline_feasible = fields.Selection(ANSWERS, string="Deadline Can Be Met")
    deadline_note = fields.Text(string="How It Will Be Met", help="Who does what until when; or why it can't be done.")
    # What decides alone
    veto_grounds = fields.Text(string="Vetoes", compute="_compute_veto_facts")
    bid_notes = fields.Text(string="To Be Known", compute="_compute_veto_facts")
    tender_is_live = fields.Boolean(related="tender_id.is_live", string="Tender Is Live")

    # COMPUTES
    @api.depends("approved_min_price", "bid_cost")
    def _compute_bid_margin(self):
        for review in self:
            price, cost = known(review.approved_min_price), known(review.bid_cost)
            review.bid_margin_pct = ratio(None if None in (price, cost) else price - cost, price, 100)

    @api.depends_context("lang", "uid")
    @api.depends(
        *("kind", "tender_id", "snapshot", "state", "deadline_feasible", "bid_margin_pct", "margin_floor"),
        *("approved_min_price", "policy_id"),
    )
    def _compute_veto_facts(self):
        """As they are now while the review is open; afterwards as they were when it was decided."""
        tells = self._tells_margins()
        for review in self:
            facts = review._bid_facts()
            vetoes = facts["vetoes"]
            if not tells:
                # what the decision kept before margins stood apart: only that veto has a percentage
                of_money = facts.get("of_money", [one for one in vetoes if "%" in one])
                vetoes = [one for one in vetoes if one not in of_money]
            review.veto_grounds = "\n".join(vetoes) or False
            review.bid_notes = "\n".join(facts["notes"]) or False

    # CONSTRAINTS
    @api.constrains("approved_min_price", "approved_target_price", "bid_cost")
    def _check_bid_prices(self):
        refuse_negative(self, "approved_min_price", "approved_target_price", "bid_cost")
        for review in self:
            lowest, target = known(review.approved_min_price), known(review.approved_target_price)
            if None not in (lowest, target) and lowest > target:
                raise ValidationError(
                    self.env._("%s: the lowest price can't be above the target price.", review.display_name)
                )

    # ACTIONS
    def action_abandon_tender(self):
        """The committee said no: close the tender as abandoned by us."""
        self.ensure_one()
        if self.kind != "bid" or self.state != "rejected":
            raise UserError(self.env._("%s didn't decide against a bid, so the tender goes on.", self.display_name))
        return self.tender_id.action_abandon()

    # BUSINESS
    def _bid_facts(self):
        """``{"vetoes": sentences that each decide alone, "of_money": those of them about our price and margin,
        "notes": what is still open}``; kept with the decision."""
        self.ensure_one()
        if self.kind != "bid" or not self.tender_id:
            return {"vetoes": [], "of_money": [], "notes": []}
        kept = (self.sudo().snapshot or {}).get("bid")  # sudo: sentences; which of them are shown, the page decides
        if kept:
            return kept
        vetoes, notes = self._facts_on_clauses()
        money, about_money = self.sudo()._facts_on_money()  # sudo: a veto decides for whoever counts the votes
        for found, more in ((money, about_money), self._facts_on_time(), self._facts_on_integrity()):
            vetoes += found
            notes += more
        return {"vetoes": vetoes, "of_money": money, "notes": notes}

    def _facts_on_clauses(self):
        # sudo: the committee sees how many clauses we don't meet, whoever may open the response matrix
        clauses = self.env["kams.tender.clause"].sudo()
        clauses = clauses.search([("tender_id", "=", self.tender_id.id)])
        vetoes, notes = [], []
        unmet = clauses.filtered(lambda one: one.is_mandatory and one.status in UNMET)
        if unmet:
            vetoes.append(self.env._("Starred or disqualifying clauses that we don't meet: %s.", self._named(unmet)))
        qualification = clauses.filtered(lambda one: one.kind == "qualification" and one.status in UNMET) - unmet
        if qualification:
            vetoes.append(self.env._("Qualifications that we don't meet: %s.", self._named(qualification)))
        if self.tender_id.sudo().prequal_state == "failed":  # sudo: as above
            vetoes.append(self.env._("We failed the prequalification."))
        waiting = clauses.filtered(lambda one: one.is_mandatory and one.status in (False, "tbd"))
        if waiting:
            notes.append(self.env._("Starred or disqualifying clauses still without an answer: %s.", len(waiting)))
        if not clauses:
            notes.append(self.env._("No clause of the tender documents has been entered yet."))
        return vetoes, notes

    def _named(self, clauses, most=5):
        names = [one.clause_no or (one.text or "")[:30] for one in clauses[:most]]
        return ", ".join(filter(None, names)) + (f" (+{len(clauses) - most})" if len(clauses) > most else "")

    def _facts_on_money(self):
        vetoes, notes = [], []
        margin, lowest = known(self.bid_margin_pct), known(self.approved_min_price)
        floor = self.margin_floor if self.policy_id else None
        # sudo: whether the price was approved elsewhere is told to whoever reads the review
        approved = self.proposal_id.sudo().price_state == "approved"
        if lowest is None:
            notes.append(self.env._("No lowest price is asked for: a yes gives no authority over the price."))
        elif margin is None:
            notes.append(self.env._("The cost of delivery isn't known, so the margin isn't either."))
        elif floor is not None and round(margin - floor, 6) < 0 and not approved:
            vetoes.append(
                self.env._(
                    "At the lowest price the margin is %(margin)s %%, below the floor of %(floor)s %%, and nobody has "
                    "approved that.",
                    margin=f"{margin:.1f}",
                    floor=f"{floor:g}",
                )
            )
        ceiling = known(self.tender_id.sudo().ceiling_price)  # sudo: as above
        if ceiling is not None and lowest is not None and lowest > ceiling:
            vetoes.append(self.env._("The lowest price is above the tender's ceiling: such a bid is rejected."))
        return vetoes, notes

    def _facts_on_time(self):
        tender = self.tender_id.sudo()  # sudo: the deadline is told to whoever reads the review
        if self.deadline_feasible == "no":
            return [self.env._("The deadline can't be met.")], []
        if tender.bid_deadline and tender.bid_deadline <= fields.Datetime.now() and not tender.submission_ids:
            when = format_datetime(self.env, tender.bid_deadline, tz=tender.tz)
            return [self.env._("The deadline passed on %s.", when)], []
        if not tender.bid_deadline:
            return [], [self.env._("The deadline for bids isn't known yet.")]
        if not self.deadline_feasible:
            return [], [self.env._("Nobody has said yet whether the deadline can be met.")]
        return [], []

    def _facts_on_integrity(self):
        check = self.tender_id.sudo()._integrity()  # sudo: its result is told to whoever reads the review
        if check.result == "flagged":
            return [self.env._("The integrity self-check found signs that the law takes for collusion.")], []
        if not check:
            return [], [self.env._("The integrity self-check hasn't been done yet.")]
        return [], []

    def _facts_of(self):
        """Beside the deal's facts those of the tender, kept with the decision."""
        facts, told = super()._facts_of(), {}
        # sudo: see there
        tenders = self.sudo().filtered(lambda one: one.kind == "bid").tender_id
        for tender in tenders:
            us = tender.bidder_ids.filtered("is_us")[:1]
            told[tender.id] = {
                "currency_id": tender.currency_id.id,
                "deadline": tender.bid_deadline and f"{tender._local(tender.bid_deadline)} ({tender.tz})",
                "estimate": known(tender.estimate),
                "ceiling": known(tender.ceiling_price),
                "clauses": tender.clause_count,
                "unanswered": tender.clause_open,
                "stars": tender.clause_star_open,
                "bond": tender.bond_state,
                "points": known(us.total) if us else None,
                "rank": us.rank or None,
                "bidders": len(tender.bidder_ids),
            }
        for review in self:
            if review.id in facts and review.tender_id.id in told:
                facts[review.id]["tender"] = told[review.tender_id.id]
        return facts

    def _sections_of(self, facts):
        sections = super()._sections_of(facts)
        if values := facts.get("tender"):
            sections.insert(0, self._section(self.env._("Tender"), self._tender_rows(values)))
        return sections

    def _tender_rows(self, values):
        bonds = dict(self._selection_of("kams.tender", "bond_state"))
        stars, ceiling, estimate = values["stars"], values["ceiling"], values["estimate"]
        place = values["rank"] and self.env._("place %(rank)s of %(all)s", rank=values["rank"], all=values["bidders"])
        points = values["points"]
        return [
            self._row(self.env._("Deadline"), values["deadline"]),
            self._row(self.env._("Ceiling"), "" if ceiling is None else self._money(ceiling, values)),
            self._row(self.env._("Estimate"), "" if estimate is None else self._money(estimate, values)),
            self._row(
                self.env._("Starred clauses not met"),
                str(stars) if values["clauses"] else "",
                tone="bad" if stars else "good",
                note=self.env._(
                    "%(open)s of %(all)s clauses have no answer yet.", open=values["unanswered"], all=values["clauses"]
                ),
            ),
            *(
                [
                    self._row(
                        self.env._("Simulated score"),
                        "" if points is None else f"{points:.2f}",
                        tone="" if not values["rank"] else "good" if values["rank"] == 1 else "fair",
                        note=place,
                    )
                ]
                if self._tells_margins()
                else []
            ),
            self._row(
                self.env._("Bid bond"),
                bonds.get(values["bond"]),
                tone={"valid": "good", "not_required": ""}.get(values["bond"], "fair"),
            ),
        ]

    def _tally(self):
        """A veto decides alone, whatever the score and the votes say."""
        tally = super()._tally()
        if tally.proposed and self._bid_facts()["vetoes"]:
            return tally._replace(vetoed=True, proposed="rejected")
        return tally

    def _figures(self):
        values, tender = super()._figures(), self.tender_id
        if self.kind == "bid" and tender:
            values |= {"tender_currency_id": tender.currency_id.id, "bid_price": known(tender.bid_price)}
        return values

    def _prefill(self):
        """Start from what the bid's price sheet says; what was typed stays."""
        super()._prefill()
        for review in self.filtered(lambda one: one.kind == "bid" and one.tender_id):
            bid, tender = review.proposal_id, review.tender_id
            values = {}
            if known(review.bid_cost) is None and bid and bid.currency_id == tender.currency_id and bid.line_ids:
                values["bid_cost"] = known(bid.cost_total)
            elif known(review.bid_cost) is None and known(tender.our_cost):
                values["bid_cost"] = tender.our_cost  # as the simulation of scores has it
            if known(review.approved_target_price) is None and known(tender.bid_price):
                values["approved_target_price"] = tender.bid_price
            review.write(values)

    def _snapshot(self):
        kept = super()._snapshot()
        if self.kind == "bid":
            kept["bid"] = self._bid_facts()
            kept["facts"] = self._facts_of().get(self.id, {})
        return kept
