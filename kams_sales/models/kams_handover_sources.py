from odoo import api, models

from .kams_handover_collect import Found

# Tenders that came to nothing promise nothing
OVER = ("lost", "cancelled", "abandoned")
TENDER_SECTION = {"positive": "promise", "partial": "risk", "negative": "risk"}


class KamsHandover(models.Model):
    """What the chapters up to the bid know that delivery must know: needs, answers, promises, deviations, people."""

    _inherit = "kams.handover"

    # BUSINESS
    @api.model
    def _source_models(self):
        return [
            *super()._source_models(),
            *("kams.requirement", "kams.objection", "kams.meeting.commitment", "kams.tender.clause"),
            *("kams.review.condition", "kams.stakeholder", "kams.proposal", "kams.proposal.line"),
        ]

    @api.model
    def _collectors(self):
        return [
            *super()._collectors(),
            *(self._collect_requirements, self._collect_offer, self._collect_objections, self._collect_commitments),
            *(self._collect_tender_clauses, self._collect_conditions, self._collect_people),
        ]

    @api.model
    def _readable(self, model, domain, order=None):
        """The records of a chapter as the user may see them; none where the whole chapter is closed to them."""
        records = self.env[model]
        return records.search(domain, order=order) if records.has_access("read") else records

    @api.model
    def _words(self, record, name):
        """A choice in words, or nothing."""
        return dict(record._fields[name]._description_selection(self.env)).get(record[name])

    @api.model
    def _said(self, *parts, note=()):
        """Parts below one another, without the empty ones; the note's words in brackets behind the first."""
        first, *rest = [part.strip() for part in parts if (part or "").strip()] or [""]
        inside = ", ".join(filter(None, note))
        return "\n".join([f"{first} ({inside})" if inside else first, *rest])

    @api.model
    def _collect_requirements(self, deals):
        """What they need is the scope; what we can't give is a risk."""
        for one in self._readable("kams.requirement", [("lead_id", "in", deals.ids)]):
            yield Found(
                one,
                one.lead_id,
                "risk" if one.fit == "unsupported" else "scope",
                self._said(
                    " ".join(filter(None, (one.code, one.name))),
                    one.description,
                    note=(
                        one.department,
                        one.must and self.env._("A must"),
                        self._words(one, "fit") or self.env._("Fit not known"),
                    ),
                ),
                one.user_id,
            )

    @api.model
    def _collect_offer(self, deals):
        """What was offered last: the lines of its price sheet, without prices, and the benefit they count on."""
        offers = self._readable(
            "kams.proposal",
            [("lead_id", "in", deals.ids), ("state", "=", "submitted")],
            order="submitted_at desc, id desc",
        )
        last = {}
        for offer in offers:
            last.setdefault(offer.lead_id, offer)
        offers = offers.browse([offer.id for offer in last.values()])
        for line in self._readable("kams.proposal.line", [("proposal_id", "in", offers.ids)]):
            quantity = f"{line.quantity:g} {line.uom_id.name or '×'}"
            yield Found(line, line.proposal_id.lead_id, "scope", f"{quantity} {line.name}", line.proposal_id.user_id)
        for offer in offers.filtered("benefit_confirmed_at"):
            yield Found(
                offer,
                offer.lead_id,
                "promise",
                self._said(
                    self.env._("They count on the benefit that “%s” reckons with.", offer.name), offer.benefit_note
                ),
                offer.user_id,
                partner=offer.benefit_confirmed_by_id,
            )

    @api.model
    def _collect_objections(self, deals):
        """What we answered we have promised; what is open is a risk."""
        for one in self._readable("kams.objection", [("lead_id", "in", deals.ids)]):
            settled = one.state in ("accepted", "answered")
            said = self.env._("They said: %s", one.statement)
            yield Found(
                one,
                one.lead_id,
                "promise" if settled else "risk",
                self._said(
                    said if settled else self.env._("Not settled: %s", one.statement),
                    one.response and self.env._("We answered: %s", one.response),
                    one.evidence and self.env._("Shown for it: %s", one.evidence),
                ),
                one.user_id,
                partner=one.partner_id,
            )

    @api.model
    def _collect_commitments(self, deals):
        """What we promised at meetings and haven't kept yet; what they promised is a term that we rely on."""
        domain = [("event_id.opportunity_id", "in", deals.ids), ("done", "=", False)]
        for one in self._readable("kams.meeting.commitment", domain, order="due, id"):
            ours = one.side == "us"
            yield Found(
                one,
                one.lead_id,
                "promise" if ours else "special",
                one.what if ours else self.env._("They promised: %s", one.what),
                one.user_id,
                one.due,
                one.partner_id,
            )

    @api.model
    def _collect_tender_clauses(self, deals):
        """Where our bid departs from what was asked for: better is promised, less is a risk."""
        domain = [
            ("tender_id.lead_id", "in", deals.ids),
            *("|", ("tender_id.result", "=", False), ("tender_id.result", "not in", OVER)),
            ("status", "in", list(TENDER_SECTION)),
        ]
        for one in self._readable("kams.tender.clause", domain):
            yield Found(
                one,
                one.lead_id,
                TENDER_SECTION[one.status],
                self._said(
                    " ".join(filter(None, (one.clause_no, one.text))),
                    one.response and self.env._("Our bid: %s", one.response),
                    note=(self._words(one, "status"),),
                ),
                one.user_id,
            )

    @api.model
    def _collect_conditions(self, deals):
        """What a review asked for and nobody has met yet."""
        domain = [("review_id.lead_id", "in", deals.ids), ("state", "=", "open")]
        for one in self._readable("kams.review.condition", domain, order="date_due, id"):
            yield Found(one, one.review_id.lead_id, "risk", one.name, one.user_id, one.date_due)

    @api.model
    def _collect_people(self, deals):
        """Who is who at the customer's. How to reach them stands with the contact; nothing personal is copied."""
        for one in self._readable("kams.stakeholder", [("lead_id", "in", deals.ids)]):
            yield Found(
                one,
                one.lead_id,
                "contact",
                self._said(one.partner_id.name, note=(one.function, *one.buying_role_ids.mapped("name"))),
                one.user_id,
                partner=one.partner_id,
            )
