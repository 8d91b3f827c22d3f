from datetime import timedelta

from odoo import Command, api, fields, models

from .kams_demo_deal_tables import CHAINS
from .kams_demo_proposal_tables import DEMOS, DRAFTS, OBJECTIONS, PROPOSALS

# Who sits in which chair when documents, bids and prices are reviewed
REVIEWERS = {
    "director": "director",
    "manager": "director",
    "technical": "presales",
    "finance": "finance",
    "legal": "legal",
    "delivery": "delivery",
    "commercial": "finance",
}


class CrmLead(models.Model):
    """What the demo deals record in the proposal phase, by the means that users have."""

    _inherit = "crm.lead"

    @api.model
    def _kams_demo_propose(self, key):
        """Demonstration, objections and a proposal that was reviewed and submitted."""
        deal = self._kams_demo_deal(key)
        self = deal.browse()
        chain = self._kams_demo_people(deal, key)
        self._kams_demo_demonstration(deal, key, chain)
        self._kams_demo_objections(deal, key, chain)
        self._kams_demo_proposal(deal, key, chain)

    @api.model
    def _kams_demo_prepare(self, key):
        """What is under way on a deal that is still in the phase."""
        deal = self._kams_demo_deal(key)
        self = deal.browse()
        self._kams_demo_objections(deal, key, self._kams_demo_people(deal, key))
        if key in DRAFTS:
            name, chapters = DRAFTS[key]
            today = fields.Date.context_today(self)
            self.env["kams.proposal"].create(
                {
                    "lead_id": deal.id,
                    "user_id": deal.user_id.id,
                    "name": name,
                    "date_due": today + timedelta(days=21),
                    "chapter_ids": [
                        Command.create(
                            {
                                "name": title,
                                "sequence": 10 * number,
                                "state": state,
                                "user_id": deal.user_id.id,
                                "date_due": today + timedelta(days=days),
                            }
                        )
                        for number, (title, state, days) in enumerate(chapters, 1)
                    ],
                }
            )

    def _kams_demo_people(self, deal, key):
        """``{name in the tables: stakeholder}``"""
        return dict(zip([row[0] for row in CHAINS[key]], deal.kams_stakeholder_ids.sorted("id"), strict=True))

    def _kams_demo_demonstration(self, deal, key, chain):
        days, issue, goal, scenes, said, outcome = DEMOS[key]
        start = (self.env.cr.now() - timedelta(days=days)).replace(hour=6, minute=0, second=0, microsecond=0)
        requirements = deal.kams_requirement_ids.sorted("code")
        event = (
            self.env["calendar.event"]
            .with_user(deal.user_id)
            .create(
                {
                    "name": f"Demonstration: {issue}",
                    "start": start,
                    "stop": start + timedelta(hours=2),
                    "opportunity_id": deal.id,
                    "user_id": deal.user_id.id,
                    "kams_kind": "demo",
                    "kams_demo_type": "scripted",
                    "kams_critical_issue": issue,
                    "kams_demo_goal": goal,
                    "kams_objective": goal,
                    "kams_script_ids": [
                        Command.create(
                            {
                                "sequence": 10 * number,
                                "scene": scene,
                                "requirement_id": requirements[requirement].id,
                                "presenter_id": self.env.ref("kams_sales.user_presales").id,
                                "minutes": minutes,
                                "proof": proof,
                            }
                        )
                        for number, (scene, requirement, minutes, proof) in enumerate(scenes, 1)
                    ],
                    "kams_attendance_ids": [
                        Command.create({"stakeholder_id": chain[who].id, "score": score, "feedback": words})
                        for who, score, words in said
                    ],
                }
            )
        )
        # as in Odoo's own demo data, where nobody has said whether they come: its tests count who has
        event.attendee_ids.state = "needsAction"
        event.write(
            {
                "kams_demo_result": "reached",
                "kams_minutes": "Shown as in the script; each question was answered on the spot.",
                "kams_outcome": outcome,
                "kams_next_step": "Send the proposal",
                "kams_next_step_date": start.date() + timedelta(days=7),
            }
        )
        event.action_kams_submit()
        deal.activity_ids.filtered(lambda activity: activity.summary == "Send the proposal").action_feedback()

    def _kams_demo_objections(self, deal, key, chain):
        today = fields.Date.context_today(self)
        for who, category, true_type, severity, statement, answer, shown, accepted in OBJECTIONS.get(key, ()):
            objection = self.env["kams.objection"].create(
                {
                    "lead_id": deal.id,
                    "date": today - timedelta(days=5),
                    "stakeholder_id": chain[who].id,
                    "category": category,
                    "true_type": true_type,
                    "severity": severity,
                    "statement": statement,
                    "response": answer,
                    "evidence": shown,
                    "user_id": deal.user_id.id,
                    "date_due": today + timedelta(days=7),
                }
            )
            if accepted:
                objection.write({"confirmed_by_id": chain[who].partner_id.id, "confirmed_at": today})
                objection.action_accept()
            elif answer:
                objection.action_answered()

    def _kams_demo_proposal(self, deal, key, chain):
        name, chapters, gain, years, reckoned, word = PROPOSALS[key]
        order = self.env.ref(f"kams_sales.order_{key}")
        requirements = deal.kams_requirement_ids.sorted("code")
        who = next(person for person in chain.values() if person.mh_role in ("ub", "coach"))
        proposal = self.env["kams.proposal"].create(
            {
                "lead_id": deal.id,
                "user_id": deal.user_id.id,
                "name": name,
                "order_id": order.id,
                "validity_date": self.env.cr.now().date() + timedelta(days=90),
                "one_off_cost": order.amount_untaxed,
                "annual_benefit": gain,
                "years": years,
                "benefit_note": reckoned,
                "chapter_ids": [
                    Command.create(
                        {
                            "sequence": 10 * number,
                            "name": title,
                            "body": f"<p>{text}</p>",
                            "adds": "prices" if title == "Prices" else "text",
                            "user_id": deal.user_id.id,
                            "state": "done",
                            "requirement_ids": [Command.set([requirements[one].id for one in answered])],
                        }
                    )
                    for number, (title, text, answered) in enumerate(chapters, 1)
                ],
                "line_ids": [
                    Command.create(
                        {
                            "product_id": line.product_id.id,
                            "quantity": line.product_uom_qty,
                            "list_price": line.price_unit,
                        }
                    )
                    for line in order.order_line
                ],
            }
        )
        for kind in ("proposal_red", "proposal_gold"):
            self._kams_demo_agree(deal, kind, proposal_id=proposal.id)
        confirmation = self.env["ir.attachment"].create({"name": "Their word on the benefit.txt", "raw": word.encode()})
        proposal.write(
            {
                "submitted_to_id": who.partner_id.id,
                "benefit_confirmed_by_id": who.partner_id.id,
                "benefit_confirmed_at": fields.Date.context_today(self),
                "benefit_file_ids": [Command.link(confirmation.id)],
            }
        )
        proposal.action_submit()
        proposal.customer_feedback = word

    def _kams_demo_agree(self, deal, kind, score="4", **vals):
        """A review of one kind to which everybody says yes."""
        review = self.env["kams.review"].create(
            {"lead_id": deal.id, "kind": kind, "applicant_id": deal.user_id.id, **vals}
        )
        for seat in review.opinion_ids:
            seat.user_id = self.env.ref(f"kams_sales.user_{REVIEWERS.get(seat.role, 'presales')}")
        review.action_submit()
        for line in review.scorecard_id.line_ids:
            line.answer = score if line.scale_max <= 5 else str(20 * int(score))
        for seat in review.opinion_ids:
            seat.with_user(seat.user_id)._cast("agree")
        review.with_user(self.env.ref("kams_sales.user_director"))._decide("approved")
        return review
