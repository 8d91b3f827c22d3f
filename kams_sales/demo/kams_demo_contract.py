from datetime import timedelta

from odoo import Command, api, fields, models

from .kams_demo_contract_tables import (
    CONCESSIONS,
    CONTRACTS,
    DEVIATIONS,
    ISSUES,
    OPEN_POINTS,
    PAYMENTS,
    PLANS,
    ROUNDS,
)


class CrmLead(models.Model):
    """How the demo deals are negotiated, signed, handed over and paid for."""

    _inherit = "crm.lead"

    @api.model
    def _kams_demo_negotiate(self, key):
        """An approved plan and the rounds that were held so far."""
        deal = self._kams_demo_deal(key)
        self = deal.browse()
        batna, theirs = PLANS[key]
        negotiation = self.env["kams.negotiation"].create(
            {
                "lead_id": deal.id,
                "name": f"Contract for {deal.name}",
                "user_id": deal.user_id.id,
                "batna": batna,
                "their_batna": theirs,
                "strategy": "collaborate",
                "member_ids": [
                    Command.create({"role": role, "user_id": user.id})
                    for role, user in (
                        ("lead", deal.user_id),
                        ("technical", self.env.ref("kams_sales.user_presales")),
                        ("legal", self.env.ref("kams_sales.user_legal")),
                    )
                ],
                "counterpart_ids": [
                    Command.create({"stakeholder_id": person.id}) for person in deal.kams_stakeholder_ids[:2]
                ],
                "issue_ids": [
                    Command.create(
                        {
                            "sequence": 10 * place,
                            "kind": kind,
                            "unit": unit,
                            "better": better,
                            "opening": opening,
                            "target": target,
                            "reservation": stop,
                            "est_their_target": their_target,
                            "est_their_reservation": their_stop,
                            "weight": weight,
                        }
                    )
                    for place, (
                        *(kind, unit, better, opening, target, stop, their_target, their_stop, weight, _agreed),
                    ) in enumerate(ISSUES[key], 1)
                ],
            }
        )
        issues = negotiation.issue_ids.grouped("kind")
        self.env["kams.negotiation.concession"].create(
            [
                {
                    "negotiation_id": negotiation.id,
                    "round": number,
                    "issue_id": issues[kind].id,
                    "give": give,
                    "amount": amount,
                    "condition": condition,
                    "role": "manager",
                }
                for number, kind, give, amount, condition in CONCESSIONS[key]
            ]
        )
        negotiation.with_user(self.env.ref("kams_sales.user_director")).action_approve()
        negotiation.action_start()
        for number in range(len(ROUNDS[key])):
            self._kams_demo_round(negotiation, key, number, issues)
        for kind, *_rest, agreed in ISSUES[key]:
            issues[kind].agreed = agreed
        if all(row[-1] is not None for row in ISSUES[key]):
            negotiation.point_ids.solution = "As they asked"
            negotiation.point_ids.action_settle()
            negotiation.action_agree()

    def _kams_demo_round(self, negotiation, key, number, issues):
        days, name, minutes, step, movements, given = ROUNDS[key][number]
        deal = negotiation.lead_id
        start = self.env.cr.now().replace(hour=9, minute=0, second=0, microsecond=0) - timedelta(days=days)
        plan = {line.give: line for line in negotiation.concession_ids}
        event = (
            self.env["calendar.event"]
            .with_context(no_mail_to_attendees=True)
            .create(
                {
                    "name": name,
                    "start": start,
                    "stop": start + timedelta(hours=3),
                    "opportunity_id": deal.id,
                    "user_id": deal.user_id.id,
                    "kams_kind": "negotiation",
                    "kams_negotiation_id": negotiation.id,
                    "kams_minutes": minutes,
                    "kams_outcome": "advance",
                    "kams_next_step": step,
                    "kams_next_step_date": (start + timedelta(days=5)).date(),
                    "kams_move_ids": [
                        Command.create({"issue_id": issues[kind].id, "their_offer": theirs, "our_offer": ours})
                        for kind, (theirs, ours) in movements.items()
                    ],
                    "kams_given_ids": [
                        Command.create(
                            {
                                "direction": "given",
                                "name": give,
                                "amount": amount,
                                "condition": condition,
                                "plan_id": plan[give].id,
                                "issue_id": plan[give].issue_id.id,
                            }
                        )
                        for give, amount, condition in given
                    ],
                    "kams_point_ids": [
                        Command.create(
                            {
                                "negotiation_id": negotiation.id,
                                "text": text,
                                "user_id": deal.user_id.id,
                                "date_due": (start + timedelta(days=until)).date(),
                            }
                        )
                        for text, until, _settled in (OPEN_POINTS[key] if not number else ())
                    ],
                }
            )
        )
        event.action_kams_submit()
        deal.activity_ids.filtered(lambda activity: activity.summary == step).action_feedback()
        signed = self.env["ir.attachment"].create({"name": "Minutes, signed.txt", "raw": minutes.encode()})
        event.write({"kams_minutes_signed": True, "kams_minutes_file_ids": [Command.link(signed.id)]})

    @api.model
    def _kams_demo_contract(self, key):
        """The contract as it was drafted from what was agreed: clauses, payments, the text for the committee."""
        deal = self._kams_demo_deal(key)
        self = deal.browse()
        number, subject, quality, delivery, warranty, cap = CONTRACTS[key]
        order = self.env.ref(f"kams_sales.order_{key}")
        today = self.env.cr.now().date()
        if order.state == "sale":
            order.date_order = self.env.cr.now()  # confirmed on this day of the past, not when the demo is made
        contract = self.env["kams.contract"].create(
            {
                "lead_id": deal.id,
                "name": deal.name,
                "number": number,
                "user_id": deal.user_id.id,
                "negotiation_id": deal.kams_negotiation_ids[:1].id,
                "order_id": order.id,
                "amount_untaxed": order.amount_untaxed,
                "amount_tax": order.amount_tax,
                "amount_total": order.amount_total,
                "planned_cost": 0.68 * order.amount_untaxed,
                "subject_text": subject,
                "quality_text": quality,
                "delivery_text": delivery,
                "warranty_months": warranty,
                "damages_cap_pct": cap,
                "date_start": today,
                "date_end": today + timedelta(days=140),
                "party_ids": [
                    Command.create(
                        {
                            "side": side,
                            "partner_id": partner.id,
                            "signatory": name,
                            "title": title,
                            "authority_kind": "legal_representative",
                        }
                    )
                    for side, partner, name, title in (
                        ("us", self.env.company.partner_id, "陈敏 Chen Min", "General Manager"),
                        ("customer", deal.partner_id.commercial_partner_id, "J. Ward", "Managing Director"),
                    )
                ],
            }
        )
        text = self.env["ir.attachment"].create(
            {"name": f"{number} draft 3.txt", "raw": f"{subject}\n{quality}\n{delivery}".encode()}
        )
        contract.text_file_ids = [Command.link(text.id)]
        contract.action_take_clauses()
        contract.action_use_standard_clauses()
        for code, (actual, deviation, meaning, risk) in DEVIATIONS[key].items():
            contract.clause_ids.filtered(lambda clause, code=code: clause.code == code or clause.kind == code)[
                :1
            ].write({"actual": actual, "deviation": deviation, "deviation_text": meaning, "risk": risk})
        self.env["kams.payment.milestone"].create(
            [
                {
                    "contract_id": contract.id,
                    "lead_id": deal.id,
                    "order_id": order.id,
                    "sequence": 10 * place,
                    "kind": kind,
                    "name": name,
                    "pct": share,
                    "trigger": trigger,
                    "days": days,
                    "trigger_planned": today + timedelta(days=until),
                }
                for place, (kind, name, share, trigger, days, until) in enumerate(PAYMENTS, 1)
            ]
        )

    @api.model
    def _kams_demo_sign(self, key):
        """The committee agrees, the text is compared again, both sides sign, delivery takes it over."""
        deal = self._kams_demo_deal(key)
        self = deal.browse()
        contract = deal.kams_contract_ids
        self._kams_demo_agree(deal, "contract", contract_id=contract.id)
        contract.action_compare_text()
        copy = self.env["ir.attachment"].create(
            {"name": f"{contract.number} signed.txt", "raw": f"{contract.subject_text}\nSigned and sealed".encode()}
        )
        contract.write(
            {
                "signed_at": fields.Date.context_today(self),
                "sealed": True,
                "signed_file_ids": [Command.link(copy.id)],
            }
        )
        contract.action_sign()
        taker = self.env.ref("kams_sales.user_delivery")
        handover = self.env["kams.handover"].create(
            {
                "lead_id": deal.id,
                "contract_id": contract.id,
                "user_id": deal.user_id.id,
                "delivery_user_id": taker.id,
            }
        )
        handover.action_collect()
        handover.action_send()
        theirs = handover.with_user(taker)
        theirs.action_understood()
        theirs.action_accept()
        contract.action_effective()

    @api.model
    def _kams_demo_collect(self, key):
        """The down payment came in; what the arrival released is invoiced, and late by now."""
        deal = self._kams_demo_deal(key)
        self = deal.browse()
        contract = deal.kams_contract_ids
        first, second = contract.milestone_ids.sorted("sequence")[:2]
        day = contract.signed_at
        self._kams_demo_invoice(first, day + timedelta(days=1), paid=day + timedelta(days=13))
        self._kams_demo_invoice(second, day + timedelta(days=6))

    def _kams_demo_invoice(self, milestone, day, paid=None):
        milestone.action_invoice()
        invoice = milestone.invoice_ids
        invoice.write({"invoice_date": day, "invoice_date_due": milestone.date_due})
        invoice.action_post()
        if paid:
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create({"payment_date": paid})._create_payments()
