"""What people record until a deal has passed development, initiation, proposal, tendering or negotiation.

By the means that they have, for many deals at once. Tests and the benchmark use it; what each point asks for is
data/kams_control_point.xml.
"""

from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user

FOUR_QUESTIONS = (
    *("project", "business", "finances", "funds", "event"),
    *("criteria", "fit", "resources", "relationship", "value"),
    *("inside", "executive", "culture", "informal", "politics"),
    *("short_revenue", "future_revenue", "profit", "risk", "strategic"),
)
COMMITTEE = {
    "director": "kams_sales.group_director",
    "technical": "kams_sales.group_bid_desk",
    "delivery": "kams_sales.group_delivery",
    "finance": "kams_sales.group_finance",
    "legal": "kams_sales.group_legal",
    "commercial": "kams_sales.group_bid_desk",
}


def contact(env, deal):
    """The customer's one person whom these tests know."""
    found = env["res.partner"].search([("parent_id", "=", deal.partner_id.id), ("type", "=", "contact")], limit=1)
    return found or env["res.partner"].create({"name": "Zhang Wei", "parent_id": deal.partner_id.id})


def interview(deals, outcome="advance", **vals):
    """A first interview held yesterday, its record submitted."""
    start = fields.Datetime.now() - timedelta(days=1)
    events = deals.env["calendar.event"].create(
        [
            {
                "name": f"Interview on {deal.name}",
                "start": start,
                "stop": start + timedelta(hours=1),
                "opportunity_id": deal.id,
                "user_id": deal.user_id.id,
                "kams_kind": "interview",
                "kams_minutes": "They showed us the plant.",
                "kams_outcome": outcome,
                "kams_next_step": "Send the drawings" if outcome != "no_sale" else False,
                "kams_next_step_date": fields.Date.today() + timedelta(days=7) if outcome != "no_sale" else False,
                **vals,
            }
            for deal in deals
        ]
    )
    events.action_kams_submit()
    return events


def decision_maker(deals, **vals):
    """The economic buyer, met and neutral."""
    person = contact(deals.env, deals[:1])
    return deals.env["kams.stakeholder"].create(
        [
            {
                "lead_id": deal.id,
                "partner_id": person.id,
                "mh_role": "eb",
                "influence": "5",
                "political": "inner_circle",
                "attitude": "0",
                "coverage": "brief",
                **vals,
            }
            for deal in deals
        ]
    )


def judgement(deals, answer=3, questions=FOUR_QUESTIONS, **vals):
    """A judgement that is done: so many of the four questions answered alike."""
    judgements = deals.env["kams.qualification"].create(
        [{"lead_id": deal.id, "p_go": 70, "p_get": 40, "pursuit_cost": 10, **vals} for deal in deals]
    )
    judgements.scorecard_id._answer(dict.fromkeys(questions, answer))
    judgements.reason = "As agreed with the director"
    judgements.action_done()
    return judgements


def develop(deals):
    """Everything that S1-1 to S1-8 ask for. What must be known of the customer (A0) is ``known_account``."""
    for account in deals.kams_account_id:
        if account.selection_decision in (False, "withdraw"):
            account.selection_decision = "invest"  # test_account_selection.py decides by both scorecards
    deals.write(
        {
            "kams_need": "Two boilers that start within the hour",
            "kams_compelling_event": "New grid code in January",
            "date_deadline": fields.Date.today() + timedelta(days=60),
            "kams_budget_state": "estimated",
            "kams_no_competitor": True,
        }
    )
    interview(deals)
    decision_maker(deals)
    judgement(deals)


def survey(deals):
    """A survey that the customer has confirmed."""
    env = deals.env
    person = contact(env, deals[:1])
    surveys = env["kams.survey"].create(
        [
            {
                "lead_id": deal.id,
                "requirement_ids": [
                    Command.create(
                        {"lead_id": deal.id, "name": "Starts in an hour", "importance": "5", "fit": "standard"}
                    )
                ],
            }
            for deal in deals
        ]
    )
    for one in surveys:
        minutes = env["ir.attachment"].create({"name": "Minutes.txt", "raw": b"Signed"})
        one.write(
            {
                "confirmed_by_id": person.id,
                "confirmed_at": fields.Date.today(),
                "minutes_ids": [Command.link(minutes.id)],
            }
        )
    surveys.action_confirm()
    return surveys


def committee(env):
    """``{role: user}`` of people who sell nothing, made once in a database."""
    people = {}
    for role, group in COMMITTEE.items():
        login = f"kams_committee_{role}"
        people[role] = env["res.users"].search([("login", "=", login)]) or new_test_user(
            env, login=login, groups=f"base.group_user,{group}", name=role.capitalize()
        )
    return people


def review(deals, kind="initiation", subjects=None, **vals):
    """Reviews of one kind that everybody agrees to.

    :param subjects: ``{deal: values of its review}``, for what is reviewed beside the deal
    """
    env = deals.env
    people = committee(env)
    reviews = env["kams.review"]
    for deal in deals:
        one = env["kams.review"].create(
            {
                "lead_id": deal.id,
                "kind": kind,
                "applicant_id": deal.user_id.id or env.uid,
                "presales_budget": 500 if kind == "initiation" else 0,
                **(subjects or {}).get(deal, {}),
                **vals,
            }
        )
        for seat in one.opinion_ids:
            seat.user_id = people[seat.role]
        one.action_submit()
        for line in one.sudo().scorecard_id.line_ids:  # whoever presides, scores
            line.answer = "80" if line.scale_max > 5 else "4"
        for seat in one.opinion_ids:
            seat.with_user(seat.user_id)._cast("agree")
        one.with_user(people["director"])._decide("approved")
        reviews |= one
    return reviews


def marketing_plan(deals, approver=None):
    """Approved project marketing plans with an action that is due next week."""
    env = deals.env
    plans = env["kams.plan"].create(
        [
            {
                "kind": "project_marketing",
                "lead_id": deal.id,
                "user_id": deal.user_id.id or env.uid,
                "goal": "Win it",
                "competitive_strategy": "flanking",
                "objective_product": "Boilers",
                "objective_amount": 1000,
                "objective_date": fields.Date.today() + timedelta(days=60),
                "action_ids": [
                    Command.create(
                        {
                            "name": "Show the plant in Jinan",
                            "user_id": deal.user_id.id or env.uid,
                            "date_due": fields.Date.today() + timedelta(days=7),
                        }
                    )
                ],
            }
            for deal in deals
        ]
    )
    plans.test_ids.answer = "yes"
    plans.with_user(approver or committee(env)["director"]).action_activate()
    return plans


def initiate(deals, mode="tender_open"):
    """Everything that S2-1 to S2-8 ask for, conflict of interest aside."""
    env = deals.env
    deals.write(
        {
            "expected_revenue": 1000.0,
            "date_deadline": fields.Date.today() + timedelta(days=60),
            "kams_procurement_mode": mode,
            "kams_budget_state": "approved",
            "kams_budget_amount": 1200.0,
            "kams_budget_source": "Renewal fund",
        }
    )
    survey(deals)
    env["kams.decision.step"].create(
        [
            {"lead_id": deal.id, "name": name}
            for deal in deals
            for name in ("Budget granted", "Technical choice", "Award")
        ]
    )
    people = committee(env)
    env["kams.deal.member"].create(
        [
            {"lead_id": deal.id, "user_id": people[role].id, "role": as_what}
            for deal in deals
            for role, as_what in (("technical", "presales"), ("delivery", "delivery"))
        ]
    )
    review(deals)
    marketing_plan(deals)


def demonstration(deals, score="4", **vals):
    """A demonstration held yesterday before the decision chain, its record submitted."""
    start = fields.Datetime.now() - timedelta(days=1, hours=3)
    events = deals.env["calendar.event"].create(
        [
            {
                "name": f"Demonstration for {deal.name}",
                "start": start,
                "stop": start + timedelta(hours=2),
                "opportunity_id": deal.id,
                "user_id": deal.user_id.id,
                "kams_kind": "demo",
                "kams_demo_goal": "Show a start within the hour, so that they specify it",
                "kams_demo_result": "reached",
                "kams_minutes": "Both boilers started within the hour.",
                "kams_outcome": "advance",
                "kams_next_step": "Send the proposal",
                "kams_next_step_date": fields.Date.today() + timedelta(days=7),
                "kams_attendance_ids": [
                    Command.create({"stakeholder_id": person.id, "score": score})
                    for person in deal.kams_stakeholder_ids
                ],
                **vals,
            }
            for deal in deals
        ]
    )
    events.action_kams_submit()
    return events


def proposal(deals, margin=40, **vals):
    """Proposals that passed their red and gold reviews and went to the customer.

    :param margin: percent of the price
    """
    env = deals.env
    person = contact(env, deals[:1])
    proposals = env["kams.proposal"].create(
        [
            {
                "lead_id": deal.id,
                "user_id": deal.user_id.id or env.uid,
                "chapter_ids": [Command.create({"name": "Our solution", "body": "<p>Boilers</p>", "state": "done"})],
                "line_ids": [Command.create({"name": "Boilers", "list_price": 1000, "cost": 1000 - 10 * margin})],
                "validity_date": fields.Date.today() + timedelta(days=90),
                **vals,
            }
            for deal in deals
        ]
    )
    of = {one.lead_id: {"proposal_id": one.id} for one in proposals}
    for kind in ("proposal_red", "proposal_gold"):
        review(deals, kind, of)
    proposals.submitted_to_id = person
    proposals.action_submit()
    return proposals


def propose(deals):
    """Everything that S3-1 to S3-6 ask for, of a deal that was developed and initiated by these means."""
    demonstration(deals)
    proposal(deals)


def tender(deals, **vals):
    """A tender under way, with a starred clause that we meet; its dates are lawful whatever the day."""
    env = deals.env
    now = fields.Datetime.now().replace(microsecond=0)
    today = fields.Date.today()
    tenders = env["kams.tender"].create(
        [
            {
                "lead_id": deal.id,
                "name": f"Tender of {deal.name}",
                "number": "ZB-1",
                "legal_regime": "enterprise",
                "category": "goods",
                "estimate": 1100,
                "bid_price": 1000,
                "bid_validity_days": 60,
                "issued_at": today - timedelta(days=40),
                "doc_start": today - timedelta(days=40),
                "doc_end": today - timedelta(days=25),
                "bid_deadline": now + timedelta(hours=2),
                "opening_at": now + timedelta(hours=2),
                **vals,
            }
            for deal in deals
        ]
    )
    env["kams.tender.clause"].create(
        [
            {"tender_id": one.id, "clause_no": "1", "text": "★ Starts in an hour", "mark": "star", "status": "comply"}
            for one in tenders
        ]
    )
    return tenders


def bid_review(tenders, **vals):
    """The decision to bid, down to nine tenths of our price."""
    return review(
        tenders.lead_id,
        "bid",
        {
            one.lead_id: {
                "tender_id": one.id,
                "approved_min_price": 0.9 * one.bid_price,
                "approved_target_price": one.bid_price,
                "bid_cost": 0.6 * one.bid_price,
                "deadline_feasible": "yes",
                "deadline_note": "Two people for a week",
                **vals,
            }
            for one in tenders
        },
    )


def bid_documents(tenders):
    """Volumes whose price sheet says what the tender does, reviewed three times, the checklist gone through."""
    env = tenders.env
    bids = env["kams.proposal"]
    for one in tenders:
        one.action_make_volumes()
        bids |= one._bid()
    for bid in bids:
        price = bid.tender_id.bid_price
        bid.write(
            {
                "user_id": bid.lead_id.user_id.id or env.uid,
                "sheet_total": price,
                "validity_date": bid.tender_id.bid_valid_until,
                "file_limit_mb": 100,
                "line_ids": [Command.create({"name": "Boilers", "list_price": price, "cost": 0.6 * price})],
            }
        )
        bid.amount_in_words = bid.words_suggested
        bid.chapter_ids.write({"pages": 3, "state": "done"})
    of = {bid.lead_id: {"proposal_id": bid.id, "tender_id": bid.tender_id.id} for bid in bids}
    for kind in ("bid_technical", "bid_business", "bid_overall"):
        review(bids.lead_id, kind, of)
    bids.check_ids._look_again()
    by_hand = bids.check_ids.filtered(lambda check: check.state == "open" and not check.automatic)
    by_hand.note = "Looked at page by page"
    by_hand.action_confirm()
    integrity(bids.tender_id)
    return bids


def integrity(tenders):
    """Nothing that the law takes for collusion was found."""
    checks = tenders.env["kams.bid.integrity"].create([{"tender_id": one.id} for one in tenders])
    checks.line_ids.write({"answer": "no", "evidence": "Asked all who write the bid"})
    checks.action_done()
    return checks


def submit(tenders):
    """The bid is handed in against a receipt."""
    env = tenders.env
    for one in tenders:
        receipt, file = env["ir.attachment"].create(
            [{"name": "Receipt.txt", "raw": b"Received"}, {"name": "Bid.txt", "raw": b"Volumes"}]
        )
        wizard = env["kams.tender.submit"].create(
            {
                "tender_id": one.id,
                "place": "Platform",
                "receipt_ids": [Command.set(receipt.ids)],
                "file_ids": [Command.set(file.ids)],
            }
        )
        wizard.action_confirm()


def award(tenders, won=True):
    """Three bids are opened, and the notice says who won."""
    env = tenders.env
    for one in tenders:
        one.bidder_ids.unlink()
        ours, cheap, dear = env["kams.tender.bidder"].create(
            [
                {"tender_id": one.id, "is_us": True, "opening_price": one.bid_price, "opening_rank": 1 if won else 2},
                {"tender_id": one.id, "name": "Cheap", "opening_price": 0.95 * one.bid_price, "opening_rank": 3},
                {"tender_id": one.id, "name": "Dear", "opening_price": 1.1 * one.bid_price, "opening_rank": 2},
            ]
        )
        one.action_record_opening()
        (ours if won else cheap).is_winner = True
        one.award_notice_at = fields.Date.today() + timedelta(days=1)  # the deadline may be tomorrow in Shanghai
        one.action_record_award()


def bid(deals):
    """Everything that S4-1 to S4-8 ask for: a tender that was answered, decided upon, handed in and won."""
    tenders = tender(deals)
    bid_review(tenders)
    bid_documents(tenders)
    submit(tenders)
    award(tenders)
    return tenders


def negotiation(deals, kind="training", agreed=15, **vals):
    """Negotiations whose plan a director approved, with one issue; no round yet."""
    negotiations = deals.env["kams.negotiation"].create(
        [
            {
                "lead_id": deal.id,
                "name": "Main contract",
                "user_id": deal.user_id.id or deals.env.uid,
                "batna": "Sell the boilers to Datang",
                "member_ids": [Command.create({"role": "lead", "user_id": deal.user_id.id or deals.env.uid})],
                "issue_ids": [
                    Command.create(
                        {
                            "kind": kind,
                            "better": "higher",
                            "opening": 20,
                            "target": 20,
                            "reservation": 10,
                            "weight": 100,
                        }
                    )
                ],
                **vals,
            }
            for deal in deals
        ]
    )
    negotiations.with_user(committee(deals.env)["director"]).action_approve()
    return negotiations


def negotiation_round(negotiations, **vals):
    """A round held yesterday, its record submitted and its minutes signed by both sides."""
    env = negotiations.env
    start = fields.Datetime.now() - timedelta(hours=20)
    events = env["calendar.event"].create(
        [
            {
                "name": f"Round of {one.name}",
                "start": start,
                "stop": start + timedelta(hours=2),
                "opportunity_id": one.lead_id.id,
                "user_id": one.user_id.id,
                "kams_kind": "negotiation",
                "kams_negotiation_id": one.id,
                "kams_minutes": "They take what we offered.",
                "kams_outcome": "advance",
                "kams_next_step": "Draft the contract",
                "kams_next_step_date": fields.Date.today() + timedelta(days=7),
                **vals,
            }
            for one in negotiations
        ]
    )
    events.action_kams_submit()
    for event in events:
        signed = env["ir.attachment"].create({"name": "Minutes, signed.txt", "raw": b"Signed by both"})
        event.write({"kams_minutes_signed": True, "kams_minutes_file_ids": [Command.link(signed.id)]})
    return events


def contract_draft(deals, **vals):
    """Contracts with parties, text and all standard clauses; they keep to the bid, if there was one."""
    env = deals.env
    words = {
        "subject_text": "Two boilers",
        "quality_text": "As the requirements say",
        "delivery_text": "Within 120 days, at the plant",
    }
    contracts = env["kams.contract"].create(
        [
            {
                "lead_id": deal.id,
                "number": "HT-1",
                "user_id": deal.user_id.id or env.uid,
                "negotiation_id": deal.kams_negotiation_ids[:1].id,
                "amount_untaxed": 1000,
                "amount_tax": 0,
                "amount_total": 1000,
                "planned_cost": 600,
                **words,
                "party_ids": [
                    Command.create(
                        {"side": side, "signatory": name, "title": "Manager", "authority_kind": "legal_representative"}
                    )
                    for side, name in (("us", "Li Na"), ("customer", "Zhang Wei"))
                ],
                **vals,
            }
            for deal in deals
        ]
    )
    for one in contracts:
        text = env["ir.attachment"].create({"name": "Contract.txt", "raw": b"All that is agreed"})
        one.text_file_ids = [Command.link(text.id)]
        for line in one.consistency_ids.filtered(lambda line: line.aspect != "price"):
            line.bid_value = line.contract_value
    contracts.action_take_clauses()
    contracts.action_use_standard_clauses()
    return contracts


def contract(deals, **vals):
    """Contracts that passed their review and are signed by who may."""
    contracts = contract_draft(deals, **vals)
    payments(contracts)
    review(deals, "contract", {one.lead_id: {"contract_id": one.id} for one in contracts})
    sign(contracts)
    return contracts


def payments(contracts):
    """A schedule within the credit policy: 30 % at signature, the rest on acceptance."""
    contracts.env["kams.payment.milestone"].create(
        [
            {
                "contract_id": one.id,
                "kind": kind,
                "name": name,
                "pct": pct,
                "trigger": trigger,
                "days": 15,
            }
            for one in contracts
            for kind, name, pct, trigger in (
                ("advance", "Down payment", 30, "signature"),
                ("final", "On final acceptance", 70, "final"),
            )
        ]
    )


def sign(contracts):
    """The text is compared again, signed and sealed."""
    contracts.action_compare_text()
    for one in contracts:
        copy = one.env["ir.attachment"].create({"name": "Contract, signed.txt", "raw": b"All that is agreed, sealed"})
        one.write({"signed_at": fields.Date.today(), "sealed": True, "signed_file_ids": [Command.link(copy.id)]})
    contracts.action_sign()


def handover(deals):
    """What was recorded is handed over, and delivery accepts it."""
    env = deals.env
    taker = committee(env)["delivery"]
    handovers = env["kams.handover"].create(
        [
            {
                "lead_id": deal.id,
                "contract_id": deal.kams_contract_ids[:1].id,
                "user_id": deal.user_id.id or env.uid,
                "delivery_user_id": taker.id,
            }
            for deal in deals
        ]
    )
    for one in handovers:
        one.action_collect()
    handovers.action_send()
    theirs = handovers.with_user(taker)
    for one in theirs:
        one.action_understood()
        one.action_accept()
    return handovers


def close_contract(deals):
    """Everything that S5-1 to S5-8 ask for, the performance bond aside."""
    negotiations = negotiation(deals)
    negotiation_round(negotiations)
    negotiations.action_start()
    negotiations.issue_ids.filtered(lambda issue: not issue.locked).agreed = 15
    negotiations.action_agree()
    contracts = contract(deals)
    handover(deals)
    return contracts


def delivery(deals, confirmed=True, **vals):
    """Deliveries with a manager, one phase each, a kick-off whose minutes are submitted, and a plan that is confirmed.

    A project isn't asked for: what counts is recorded on the delivery.
    """
    env = deals.env
    taker, today = committee(env)["delivery"], fields.Date.today()
    deliveries = env["kams.delivery"].create(
        [
            {
                "lead_id": deal.id,
                "contract_id": deal.kams_contract_ids[:1].id,
                "user_id": taker.id,
                "phase_ids": [
                    Command.create(
                        {
                            "name": "Installation",
                            "weight": 100,
                            "baseline_start": today - timedelta(days=20),
                            "baseline_end": today + timedelta(days=20),
                            "acceptance_kind": "final",
                            "needs_acceptance": True,
                        }
                    )
                ],
                **vals,
            }
            for deal in deals
        ]
    )
    if confirmed:
        kickoff(deliveries)
        confirm_plan(deliveries)
    return deliveries


def kickoff(deliveries):
    """Meetings of both sides, with their minutes."""
    start = fields.Datetime.now() - timedelta(days=3)
    events = deliveries.env["calendar.event"].create(
        [
            {
                "name": "Kick-off",
                "start": start,
                "stop": start + timedelta(hours=2),
                "opportunity_id": one.lead_id.id,
                "user_id": one.user_id.id,
                "kams_kind": "coordination",
                "kams_delivery_id": one.id,
                "kams_minutes": "Who does what until when",
            }
            for one in deliveries
        ]
    )
    for one, event in zip(deliveries, events, strict=True):
        one.kickoff_event_id = event
    events.action_kams_submit()
    return events


def _signed(env, name):
    return env["ir.attachment"].create({"name": f"{name}, signed.txt", "raw": b"Signed by both sides"})


def _of_customer(deal):
    """Somebody of the customer's who may sign."""
    customer = deal.partner_id.commercial_partner_id
    people = customer.child_ids.filtered(lambda person: not person.is_company)
    return people[:1] or deal.env["res.partner"].create({"name": "Ms Chen", "parent_id": customer.id})


def confirm_plan(deliveries):
    for one in deliveries:
        one.write(
            {
                "plan_confirmed_at": fields.Date.today(),
                "plan_confirmed_by_id": _of_customer(one.lead_id).id,
                "plan_file_ids": [Command.link(_signed(one.env, "Plan").id)],
            }
        )
    deliveries.action_confirm_plan()


def acceptance(deliveries, kind="final", **vals):
    """Acceptances of each delivery's phase, passed and signed by the customer."""
    env = deliveries.env
    present = deliveries.phase_ids.acceptance_ids.filtered(lambda one: one.kind == kind and one.is_open)
    missing = deliveries - present.delivery_id
    acceptances = present | env["kams.acceptance"].create(
        [
            {
                "delivery_id": one.id,
                "phase_id": one.phase_ids.filtered(lambda phase: phase.acceptance_kind == kind)[:1].id,
                "kind": kind,
            }
            for one in missing
        ]
    )
    for one in acceptances:
        one.write({"criterion_ids": [Command.create({"item": "Two boilers run", "standard": "72 hours"})], **vals})
    acceptances.action_hold()
    for one in acceptances:
        one.criterion_ids.write({"result": "pass", "evidence": "Log of the run"})
        one.write(
            {
                "conclusion": "passed",
                "signed_by_id": _of_customer(one.lead_id).id,
                "signed_at": fields.Date.today(),
                "signed_file_ids": [Command.link(_signed(env, "Certificate").id)],
            }
        )
    acceptances.action_sign()
    return acceptances


def training(deliveries, invited=10, came=9, passed=8):
    """Trainings at which so many came and passed, signed off by the customer."""
    env = deliveries.env
    trainings = env["kams.training"].create(
        [
            {
                "delivery_id": one.id,
                "name": "Operation of the boilers",
                "attendee_ids": [
                    Command.create(
                        {
                            "name": f"Trainee {number}",
                            "attended": number < came,
                            "pre_score": 55,
                            "post_score": 82 if number < passed else 40,
                        }
                        if number < came
                        else {"name": f"Trainee {number}"}
                    )
                    for number in range(invited)
                ],
            }
            for one in deliveries
        ]
    )
    trainings.action_hold()
    for one in trainings:
        one.write(
            {
                "signed_by_id": _of_customer(one.lead_id).id,
                "signed_at": fields.Date.today(),
                "signed_file_ids": [Command.link(_signed(env, "Training").id)],
            }
        )
    trainings.action_sign()
    return trainings


def risk(deals, **vals):
    """A high risk of each deal that somebody has under control."""
    return deals.env["kams.risk"].create(
        [
            {
                "lead_id": deal.id,
                "name": "The transformer arrives late",
                "category": "supply",
                "probability": "4",
                "impact": "5",
                "response": "mitigate",
                "action": "Order a second one",
                "user_id": deal.user_id.id or deals.env.uid,
                "date_due": fields.Date.today() + timedelta(days=30),
                **vals,
            }
            for deal in deals
        ]
    )


def satisfaction(deals, score="5"):
    """The customer's answer: so many of five."""
    answers = deals.env["kams.satisfaction"].create(
        [
            {
                "lead_id": deal.id,
                "partner_id": _of_customer(deal).id,
                "line_ids": [Command.create({"aspect": "overall", "score": score})],
            }
            for deal in deals
        ]
    )
    answers.action_done()
    return answers


def deliver(deals):
    """Everything that S6-1 to S6-5 and S6-7 ask for; the money that is due must have come in besides."""
    deliveries = delivery(deals)
    acceptance(deliveries)
    training(deliveries)
    risk(deals)
    return deliveries
