from odoo import api, fields, models

from ..tools import plans
from ..tools.arithmetic import ratio
from .blank import known

FOUR_QUESTIONS = "four_questions"


class KamsPlan(models.Model):
    """Whether the chosen way of competing holds: what it asks for, and what our scorecards say of it.

    Book section 4.4, strategy (Holden; TAS). Frontal asks for a large superiority: the dated parameter
    ``frontal_superiority``, our score in the four questions against the best competitor's.
    """

    _inherit = "kams.plan"

    strategy_advice = fields.Text(string="Does It Hold?", compute="_compute_strategy_advice")

    @api.depends("kind", "competitive_strategy", "lead_id")
    def _compute_strategy_advice(self):
        limit = self.env["kams.legal.rule"]._value("frontal_superiority")
        cards = self.filtered(lambda plan: plan.kind == "project_marketing")._four_questions()
        for plan in self:
            found = cards.get(plan.lead_id._origin.id)
            advise = getattr(plan, f"_advise_{plan.competitive_strategy}", None)
            if plan.kind != "project_marketing" or not advise:
                plan.strategy_advice = False
                continue
            ours, rivals = found or (None, [])
            lines = [plan._strategy_meaning(), *advise(ours, rivals, limit)]
            plan.strategy_advice = "\n".join(line for line in lines if line)

    # BUSINESS
    def _four_questions(self):
        """``{deal id: (our latest card, the latest card of each competitor)}`` as far as the user may see them."""
        found = {}
        if not self.env["kams.scorecard"].has_access("read"):
            return found
        cards = self.env["kams.scorecard"].search(
            [
                ("lead_id", "in", self.lead_id._origin.ids),
                ("template_id.code", "=", FOUR_QUESTIONS),
                ("state", "=", "done"),
            ],
            order="date, id",
        )
        latest = {(card.lead_id.id, card.competitor_id.id): card for card in cards}
        for (deal_id, competitor_id), card in latest.items():
            ours, rivals = found.get(deal_id, (None, []))
            found[deal_id] = (ours, [*rivals, card]) if competitor_id else (card, rivals)
        return found

    def _strategy_meaning(self):
        return {
            "frontal": self.env._("Frontal: win on the customer's own criteria, by being far better or far stronger."),
            "flanking": self.env._("Flanking: change what they choose by to what we are better at."),
            "fragment": self.env._("Fragment: take a part of the business when the whole can't be had."),
            "defend": self.env._("Defend: keep what is ours, and leave competitors no reason to be asked."),
            "develop": self.env._("Develop: stay close and build the case until the time is ripe."),
        }[self.competitive_strategy]

    def _superiority(self, ours, rivals):
        """How far we are ahead, in words, and the best rival's card."""
        best = max(rivals, key=lambda card: card.score or 0.0, default=None)
        if not ours or not best:
            return None, self.env._(
                "Not known: answer the four questions for us and for the competitors first%(who)s.",
                who="" if ours or rivals else self.env._(" (no scorecard is done yet)"),
            )
        times = ratio(known(ours.score), known(best.score))
        values = {
            "ours": f"{ours.score or 0.0:.1f}",
            "theirs": f"{best.score or 0.0:.1f}",
            "who": best.competitor_id.display_name,
        }
        if times is None:
            text = self.env._("Our score is %(ours)s, that of %(who)s is %(theirs)s.", **values)
        else:
            text = self.env._(
                "Our score is %(ours)s, that of %(who)s is %(theirs)s: %(times).2f to 1.", **values, times=times
            )
        return best, text

    def _advise_frontal(self, ours, rivals, limit):
        if self.sudo().lead_id.kams_no_competitor:  # sudo: a mark that whoever sees the plan may know of
            return [self.env._("Nobody else offers, so there is nobody to attack: Develop or Defend says more.")]
        _best, text = self._superiority(ours, rivals)
        holds = plans.superior(known(ours.score) if ours else None, [known(card.score) for card in rivals], limit)
        if holds is None:
            return [text]
        if holds:
            return [text, self.env._("It holds: %(limit)g to 1 is what a frontal attack asks for.", limit=limit)]
        return [
            text,
            self.env._(
                "It doesn't hold: a frontal attack asks for %(limit)g to 1. Think of Flanking (other criteria) or "
                "Fragment (a part of the business).",
                limit=limit,
            ),
        ]

    def _advise_flanking(self, ours, rivals, _limit):
        best, text = self._superiority(ours, rivals)
        if not best:
            return [text]
        theirs = {block["key"]: block["score"] for block in best.block_scores or []}
        ahead = [
            block["name"]
            for block in ours.block_scores or []
            if block["score"] is not None
            and theirs.get(block["key"]) is not None
            and block["score"] > theirs[block["key"]]
        ]
        if ahead:
            return [
                text,
                self.env._("It holds if they choose by where we are ahead: %(blocks)s", blocks=" ".join(ahead)),
            ]
        return [
            text,
            self.env._("It doesn't hold yet: nowhere are we ahead of them. Find something that only we give."),
        ]

    def _advise_fragment(self, ours, rivals, limit):
        return [
            self._superiority(ours, rivals)[1],
            self.env._("It holds if the business can be split: name the part in “What We Sell”.")
            if not self.objective_product
            else self.env._("It holds if %(part)s can be bought by itself.", part=self.objective_product),
        ]

    def _advise_defend(self, _ours, _rivals, _limit):
        buys = self.sudo().lead_id.kams_buy_class  # sudo: a fact that whoever sees the plan may know of
        if buys == "new_task":
            return [self.env._("It doesn't hold: they buy this for the first time, so there is nothing to defend yet.")]
        if buys:
            return [self.env._("It holds if they bought from us before: they buy this again.")]
        return [self.env._("Not known: say on the deal whether they buy this for the first time or again.")]

    def _advise_develop(self, _ours, _rivals, _limit):
        event = self.sudo().lead_id.kams_compelling_event  # sudo: a fact that whoever sees the plan may know of
        if event:
            return [
                self.env._(
                    "It doesn't hold if that is near: something makes them act (%(event)s). They may buy from "
                    "somebody else while we develop.",
                    event=event,
                )
            ]
        return [self.env._("It holds: nothing is known yet that makes them act by a day.")]
