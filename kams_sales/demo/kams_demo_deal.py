from datetime import timedelta

from odoo import Command, api, fields, models

from .kams_demo_deal_tables import (
    CHAINS,
    CHANCES,
    COMPETITOR_NAMES,
    COMPETITORS,
    DEAL_SOURCES,
    FOUR_QUESTIONS,
    INTERVIEWS,
    LEAD_COSTS,
    LEADS,
    NEEDS,
    PLANS_OF_DEALS,
    REQUIREMENTS,
    REVIEWS,
    STEPS,
)

QUESTIONS = (
    ("project", "business", "finances", "funds", "event"),
    ("criteria", "fit", "resources", "relationship", "value"),
    ("inside", "executive", "culture", "informal", "politics"),
    ("short_revenue", "future_revenue", "profit", "risk", "strategic"),
)
COMMITTEE = {"director": "director", "technical": "presales", "finance": "finance", "delivery": "delivery"}


class CrmLead(models.Model):
    """What the demo deals record before they move: by the means that users have, so that the gate lets them."""

    _inherit = "crm.lead"

    # DEVELOPMENT
    @api.model
    def _kams_demo_develop(self, key):
        """Need, decision chain, competitors, interview and judgement of one deal, as far as the tables have them."""
        deal = self._kams_demo_deal(key)
        self = deal.browse()
        if key in NEEDS:
            need, event, buy_class, (state, amount, source), days = NEEDS[key]
            deal.write(
                {
                    "kams_need": need,
                    "kams_compelling_event": event,
                    "kams_buy_class": buy_class,
                    "kams_budget_state": state,
                    "kams_budget_amount": amount,
                    "kams_budget_source": source,
                    "kams_no_competitor": key not in COMPETITORS and bool(event),
                    "date_deadline": fields.Date.context_today(self) + timedelta(days=days),
                }
            )
        self._kams_demo_chain(deal, key)
        self._kams_demo_competitors(deal, key)
        self._kams_demo_interview(deal, key)
        self._kams_demo_judgement(deal, key)

    @api.model
    def _kams_demo_deal(self, key):
        """The deal; what is planned for somebody tells nobody by e-mail."""
        return self.env.ref(f"kams_sales.lead_{key}").with_context(mail_activity_quick_update=True)

    def _kams_demo_chain(self, deal, key):
        roles = {role.code: role.id for role in self.env["kams.buying.role"].search([])}
        people = {}
        for name, person, function, mh_role, buying, influence, political, attitude, coverage, boss in CHAINS.get(
            key, ()
        ):
            people[name] = self.env["kams.stakeholder"].create(
                {
                    "lead_id": deal.id,
                    "partner_id": self._kams_demo_person(deal, person, function).id,
                    "mh_role": mh_role,
                    "buying_role_ids": [Command.set([roles[code] for code in buying.split()])],
                    "influence": str(influence),
                    "political": political,
                    "attitude": attitude,
                    "coverage": coverage,
                    "reports_to_id": people[boss].id if boss else False,
                    "user_id": deal.user_id.id,
                }
            )

    def _kams_demo_person(self, deal, person, function):
        """The contact of that name at the deal's customer."""
        if person.startswith("@"):
            return self.env.ref(f"kams_sales.partner_{person[1:]}")
        customer = deal.partner_id
        found = self.env["res.partner"].search([("parent_id", "=", customer.id), ("name", "=", person)], limit=1)
        return found or self.env["res.partner"].create({"name": person, "parent_id": customer.id, "function": function})

    def _kams_demo_competitors(self, deal, key):
        for rival, product, price, threat, strength, weakness in COMPETITORS.get(key, ()):
            name = COMPETITOR_NAMES[rival]
            partner = self.env["res.partner"].search([("name", "=", name)], limit=1) or self.env["res.partner"].create(
                {"name": name, "is_company": True}
            )
            self.env["kams.competitor"].create(
                {
                    "lead_id": deal.id,
                    "partner_id": partner.id,
                    "product": product,
                    "price_level": price,
                    "threat": threat,
                    "strengths": strength,
                    "weaknesses": weakness,
                }
            )

    def _kams_demo_interview(self, deal, key):
        if key not in INTERVIEWS:
            return
        objective, situation, problem, implication, outcome, step = INTERVIEWS[key]
        event = self.env.ref(f"kams_sales.event_{key}_1").with_env(deal.env).with_user(deal.user_id)
        event.write(
            {
                "kams_kind": "interview",
                "kams_objective": objective,
                "kams_situation": situation,
                "kams_problems": problem,
                "kams_implications": implication,
                "kams_attitude": "1",
                "kams_outcome": outcome,
                "kams_next_step": step,
                "kams_next_step_date": event.start.date() + timedelta(days=8),
                "kams_confirmed_with_customer": True,
                "kams_question_ids": [
                    Command.create(
                        {"type": "problem", "question": "What stops the work most often?", "answer": problem}
                    ),
                    Command.create({"type": "implication", "question": "What does that cost?", "answer": implication}),
                ],
            }
        )
        event.action_kams_submit()
        # what was agreed then has been done since
        deal.activity_ids.filtered(lambda activity: activity.summary == step).action_feedback()

    def _kams_demo_judgement(self, deal, key):
        if key not in FOUR_QUESTIONS:
            return
        p_go, p_get, cost = CHANCES[key]
        answers = {
            code: int(answer)
            for codes, given in zip(QUESTIONS, FOUR_QUESTIONS[key], strict=True)
            for code, answer in zip(codes, given, strict=True)
            if answer != "-"
        }
        judged = self.env["kams.qualification"].create(
            {"lead_id": deal.id, "user_id": deal.user_id.id, "p_go": p_go, "p_get": p_get, "pursuit_cost": cost}
        )
        judged.scorecard_id._answer(answers)
        if judged.proposed != "go":
            judged.write({"verdict": "go", "reason": "The survey will tell; it costs us little to find out."})
        judged.action_done()

    # CLUES
    @api.model
    def _kams_demo_leads(self):
        """Clues that came in lately, what finding them cost, and where the deals came from."""
        team = self.env.ref("kams_sales.team_key_accounts")
        user = self.env.ref("base.user_demo")
        now = fields.Datetime.now()
        for name, source, detail, about, reliability, credibility, days, hours, invalid in LEADS:
            found = now - timedelta(days=days)
            lead = self.create(
                {
                    "type": "lead",
                    "name": name,
                    "team_id": team.id,
                    "user_id": user.id,
                    "kams_lead_source_id": self.env.ref(f"kams_sales.lead_source_{source}").id,
                    "kams_source_detail": detail,
                    "kams_clue_type": about,
                    "kams_reliability": reliability,
                    "kams_credibility": credibility,
                    "kams_discovered_at": found,
                    "kams_first_response_at": hours and found + timedelta(hours=hours),
                }
            )
            if invalid:
                lead.write({"kams_verdict": "invalid", "kams_invalid_reason": invalid})
        today = fields.Date.context_today(self)
        self.env["kams.lead.cost"].create(
            [
                {
                    "source_id": self.env.ref(f"kams_sales.lead_source_{source}").id,
                    "date_from": today - timedelta(days=first),
                    "date_to": today - timedelta(days=last),
                    "amount": amount,
                    "note": note,
                }
                for source, first, last, amount, note in LEAD_COSTS
            ]
        )
        for key, source in DEAL_SOURCES.items():
            self._kams_demo_deal(key).kams_lead_source_id = self.env.ref(f"kams_sales.lead_source_{source}")

    # INITIATION
    @api.model
    def _kams_demo_initiate(self, key):
        """Survey, decision steps, team, review and marketing plan of one deal."""
        deal = self._kams_demo_deal(key)
        self = deal.browse()
        chain = dict(zip([row[0] for row in CHAINS[key]], deal.kams_stakeholder_ids.sorted("id"), strict=True))
        self._kams_demo_survey(deal, key)
        self._kams_demo_steps(deal, key, chain)
        self._kams_demo_review(deal, key)
        self._kams_demo_plan(deal, key, chain)

    def _kams_demo_survey(self, deal, key):
        person = deal.kams_stakeholder_ids.filtered(lambda one: one.mh_role == "ub")[:1].partner_id
        survey = self.env["kams.survey"].create(
            {
                "lead_id": deal.id,
                "user_id": deal.user_id.id,
                "method": "interview",
                "scope": deal.kams_need,
                "current_state": INTERVIEWS[key][1],
                "problem_ids": [Command.create({"name": INTERVIEWS[key][2]})],
                "requirement_ids": [
                    Command.create(
                        {
                            "lead_id": deal.id,
                            "code": f"R{number:02d}",
                            "department": department,
                            "name": name,
                            "type": kind,
                            "importance": importance,
                            "must": must,
                            "fit": fit,
                            "effort_days": effort,
                        }
                    )
                    for number, (department, name, kind, importance, must, fit, effort) in enumerate(
                        REQUIREMENTS[key], 1
                    )
                ],
            }
        )
        minutes = self.env["ir.attachment"].create(
            {"name": "Minutes of the survey.txt", "raw": f"{deal.kams_need}\nSigned: {person.name}".encode()}
        )
        survey.write(
            {
                "confirmed_by_id": (person or deal.partner_id).id,
                "confirmed_at": fields.Date.context_today(self),
                "minutes_ids": [Command.link(minutes.id)],
            }
        )
        survey.action_confirm()

    def _kams_demo_steps(self, deal, key, chain):
        day = self.env.cr.now().date()
        self.env["kams.decision.step"].create(
            [
                {
                    "lead_id": deal.id,
                    "sequence": 10 * number,
                    "name": name,
                    "stakeholder_id": chain[who].id,
                    "date_end": day + timedelta(days=days),
                    "state": "done" if done else "planned",
                }
                for number, (name, who, days, done) in enumerate(STEPS[key], 1)
            ]
        )

    def _kams_demo_review(self, deal, key):
        scores, votes, conditions, budget = REVIEWS[key]
        people = {role: self.env.ref(f"kams_sales.user_{name}") for role, name in COMMITTEE.items()}
        self.env["kams.deal.member"].create(
            [
                {"lead_id": deal.id, "user_id": deal.user_id.id, "role": "sales"},
                {"lead_id": deal.id, "user_id": people["technical"].id, "role": "presales", "days": 12},
                {"lead_id": deal.id, "user_id": people["delivery"].id, "role": "delivery", "days": 4},
            ]
        )
        if deal.kams_legal_regime == "gov_procurement":
            answers = dict.fromkeys(
                ("did_design", "did_specification", "did_management", "did_supervision", "did_testing"), "no"
            )
            check = self.env["kams.conflict.check"].create(
                {
                    "lead_id": deal.id,
                    **answers,
                    "has_relation": "no",
                    "shares_control": "no",
                    "explanation": "Asked legal and delivery; nobody of ours worked on the tender documents.",
                }
            )
            check.action_done()
        review = self.env["kams.review"].create(
            {
                "lead_id": deal.id,
                "kind": "initiation",
                "applicant_id": deal.user_id.id,
                "presales_days": budget / 2_000,
                "presales_day_cost": 1_000,
                "presales_travel": 0.2 * budget,
                "presales_documents": 0.3 * budget,
                "est_revenue": deal.expected_revenue,
                "est_cost": 0.68 * deal.expected_revenue,
                "payment_expectation": "30 % with the order, 60 % on delivery, 10 % after acceptance",
                "risks": "Their budget year, and who follows the people we know",
            }
        )
        for seat in review.opinion_ids:
            seat.user_id = people.get(seat.role, people["technical"])
        review.action_submit()
        for line, score in zip(review.scorecard_id.line_ids.sorted("sequence"), scores, strict=True):
            line.answer = str(score)
        said = dict(zip(("technical", "finance", "delivery"), votes, strict=True))
        due = fields.Date.context_today(self) + timedelta(days=20)
        for seat in review.opinion_ids:
            vote = said.get(seat.role, "agree")
            asked = [{"name": name, "user_id": deal.user_id.id, "date_due": due} for name, _closed in conditions]
            seat.with_user(seat.user_id)._cast(
                vote,
                opinion="" if vote == "agree" else "See conditions",
                conditions=asked if vote == "conditional" else (),
            )
        review.with_user(people["director"])._decide(review.proposed)
        for condition, (_name, closed) in zip(review.condition_ids, conditions, strict=True):
            condition.with_user(deal.user_id)._close(closed)

    def _kams_demo_plan(self, deal, key, chain):
        strategy, message, actions = PLANS_OF_DEALS[key]
        today = fields.Date.context_today(self)
        plan = self.env["kams.plan"].create(
            {
                "kind": "project_marketing",
                "lead_id": deal.id,
                "user_id": deal.user_id.id,
                "goal": f"Win “{deal.name}” at our price",
                "competitive_strategy": strategy,
                "key_message": message,
                "objective_product": deal.name,
                "objective_amount": deal.expected_revenue,
                "objective_date": deal.date_deadline,
                "budget": 5_000,
                "action_ids": [
                    Command.create(
                        {
                            "name": name,
                            "stakeholder_id": chain[who].id,
                            "user_id": deal.user_id.id,
                            "date_due": today + timedelta(days=days),
                            "cost": cost,
                        }
                    )
                    for name, who, days, cost, _result in actions
                ],
            }
        )
        plan.test_ids.answer = "yes"
        plan.with_user(self.env.ref("kams_sales.user_director")).action_activate()
        self._kams_demo_plan_results(plan, actions)

    @api.model
    def _kams_demo_close_plan(self, key):
        """The deal is won: what was still to do for it is done, and its plan is closed."""
        plan = self._kams_demo_deal(key).kams_plan_ids
        plan.action_ids.filtered(lambda action: action.state == "open").write(
            {"state": "done", "result": "Done before the order came"}
        )
        plan.action_close()

    def _kams_demo_plan_results(self, plan, actions):
        for action, (*_rest, result) in zip(plan.action_ids.sorted("id"), actions, strict=True):
            if result:
                action.write({"result": result, "state": "done"})
