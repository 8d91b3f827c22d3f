from odoo import api, models

from .blank import known
from .kams_handover_collect import Found

# How far a negotiation must be for what it agreed to hold
AGREED = ("agreed", "contract_review", "signed", "handed_over")
# Issues that delivery has to keep; the rest are terms to know
DELIVERYS = ("subject", "quality", "delivery", "warranty", "acceptance", "training", "service")
# Payments that fall due by what delivery does
BY_DELIVERY = ("arrival", "preliminary", "final", "warranty_end")
NO_RISK = ("1", "2", "3")


class KamsHandover(models.Model):
    """What was negotiated and signed that delivery must know: results, concessions, clauses, payments, guarantees.

    Only what both sides know is told: agreed values and what was given, never where we would have stopped.
    """

    _inherit = "kams.handover"

    # BUSINESS
    @api.model
    def _source_models(self):
        return [
            *super()._source_models(),
            *("kams.negotiation.issue", "kams.negotiation.given", "kams.negotiation.point"),
            *("kams.contract", "kams.contract.clause", "kams.payment.milestone", "kams.guarantee"),
        ]

    @api.model
    def _collectors(self):
        return [
            *super()._collectors(),
            *(self._collect_contract, self._collect_clauses, self._collect_agreed, self._collect_concessions),
            *(self._collect_points, self._collect_payments, self._collect_guarantees),
        ]

    @api.model
    def _collect_contract(self, deals):
        """What the contract says that we deliver, how good and by when."""
        for one in self._readable("kams.contract", [("lead_id", "in", deals.ids), ("is_live", "=", True)]):
            if words := self._said(one.subject_text, one.quality_text):
                yield Found(one, one.lead_id, "scope", words, one.user_id, one.date_end, contract=one)
            warranty, cap = known(one.warranty_months), known(one.damages_cap_pct)
            terms = self._said(
                one.delivery_text,
                warranty is not None and self.env._("Warranty: %g months", warranty),
                cap is not None and self.env._("Damages: %g %% of the contract at most", cap),
            )
            if terms:
                yield Found(one, one.lead_id, "special", terms, one.user_id, one.date_end, contract=one)

    @api.model
    def _collect_clauses(self, deals):
        """Clauses that depart from our standard, and those with a risk."""
        domain = [
            ("contract_id.lead_id", "in", deals.ids),
            ("contract_id.is_live", "=", True),
            *("|", ("deviation", "in", ("minor", "major")), "&", ("risk", "!=", False), ("risk", "not in", NO_RISK)),
        ]
        for one in self._readable("kams.contract.clause", domain):
            risky = one.risk and one.risk not in NO_RISK
            yield Found(
                one,
                one.contract_id.lead_id,
                "risk" if risky else "special",
                self._said(
                    " ".join(filter(None, (one.code, one.name))),
                    one.actual,
                    one.deviation_text,
                    note=(self._words(one, "deviation"), risky and self.env._("Risk %s", self._words(one, "risk"))),
                ),
                one.user_id,
                contract=one.contract_id,
            )

    @api.model
    def _collect_agreed(self, deals):
        """What each issue of a negotiation ended at."""
        domain = [("negotiation_id.lead_id", "in", deals.ids), ("negotiation_id.state", "in", AGREED)]
        for one in self._readable("kams.negotiation.issue", domain):
            agreed = known(one.agreed)
            value = agreed is not None and " ".join(filter(None, (f"{agreed:,g}", one.unit)))
            if not (value or (one.agreed_text or "").strip()):
                continue
            yield Found(
                one,
                one.negotiation_id.lead_id,
                "promise" if one.kind in DELIVERYS else "special",
                self._said(": ".join(filter(None, (one.name, value))), one.agreed_text),
                one.negotiation_id.user_id,
            )

    @api.model
    def _collect_concessions(self, deals):
        """What was given in a round, and for what; a round counts once its record is submitted."""
        domain = [("event_id.opportunity_id", "in", deals.ids), ("event_id.kams_record_state", "=", "done")]
        for one in self._readable("kams.negotiation.given", domain):
            ours = one.direction == "given"
            yield Found(
                one,
                one.event_id.opportunity_id,
                "promise" if ours else "special",
                self._said(
                    self.env._("We conceded: %s", one.name) if ours else self.env._("They conceded: %s", one.name),
                    one.condition and self.env._("In return for: %s", one.condition),
                ),
            )

    @api.model
    def _collect_points(self, deals):
        """What a round left open and how it was settled; what isn't settled is a risk."""
        for one in self._readable("kams.negotiation.point", [("negotiation_id.lead_id", "in", deals.ids)]):
            settled = one.state == "closed"
            if settled and not one.solution:
                continue
            yield Found(
                one,
                one.negotiation_id.lead_id,
                "special" if settled else "risk",
                self._said(one.text, one.solution),
                one.user_id,
                False if settled else one.date_due,
            )

    @api.model
    def _collect_payments(self, deals):
        """Payments that wait for what delivery does: without an amount, which finance has."""
        domain = [("lead_id", "in", deals.ids), ("trigger", "in", BY_DELIVERY), ("state", "!=", "cancelled")]
        for one in self._readable("kams.payment.milestone", domain):
            share = known(one.pct)
            yield Found(
                one,
                one.lead_id,
                "special",
                self._said(
                    self.env._(
                        "%(payment)s waits for: %(trigger)s", payment=one.name, trigger=self._words(one, "trigger")
                    ),
                    one.condition,
                    note=(share is not None and f"{share:g} %",),
                ),
                one.user_id,
                one.trigger_planned,
                contract=one.contract_id,
            )

    @api.model
    def _collect_guarantees(self, deals):
        """What lies with the customer until we have delivered, and comes back by what delivery does."""
        domain = [
            ("lead_id", "in", deals.ids),
            ("kind", "in", ("performance", "quality", "advance")),
            ("state", "in", ("planned", "paid")),
        ]
        for one in self._readable("kams.guarantee", domain):
            yield Found(
                one,
                one.lead_id,
                "special",
                self.env._("%s: lies with the customer until we have delivered.", self._words(one, "kind")),
                one.user_id,
                one.due_back,
                contract=one.contract_id,
            )
