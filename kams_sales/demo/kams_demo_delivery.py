from datetime import timedelta

from odoo import Command, api, fields, models

from . import kams_demo_delivery_tables as told


class CrmLead(models.Model):
    """The demo deal that was won is delivered: as far as forty days after the signature."""

    _inherit = "crm.lead"

    @api.model
    def _kams_demo_deliver(self, key):
        """From the contract to the project, the kick-off, the confirmed plan and what arrived at the first site."""
        deal = self._kams_demo_deal(key)
        self = deal.browse()
        contract = deal.kams_contract_ids
        signed = contract.signed_at
        wizard = self.env["kams.delivery.make"].create(
            {"lead_id": deal.id, "contract_id": contract.id, "date_start": signed}
        )
        wizard.action_make()
        delivery = deal.kams_delivery_ids
        there = self.env.ref("kams_sales.partner_castellan_ward")
        delivery.customer_manager_id = there
        self.env["kams.delivery.role"].create(
            [
                {
                    "delivery_id": delivery.id,
                    "side": side,
                    "is_steering": steering,
                    "name": name,
                    ("user_id" if side == "us" else "partner_id"): self.env.ref(f"kams_sales.{who}").id,
                    "duty": duty,
                    "share": share,
                }
                for side, steering, name, who, duty, share in told.ROLES
            ]
        )
        self._kams_demo_kickoff(delivery, signed)
        delivery.write(
            {
                "plan_confirmed_at": signed + timedelta(days=told.PLAN_CONFIRMED),
                "plan_confirmed_by_id": there.id,
                "plan_file_ids": [self._kams_demo_file("Project plan, signed.txt")],
            }
        )
        delivery.action_confirm_plan()
        delivery.action_start()
        first = delivery.phase_ids.sorted("sequence")[:2].milestone_id
        delivery.project_id.task_ids.filtered(lambda task: task.milestone_id in first).state = "1_done"
        self._kams_demo_arrive(delivery, signed + timedelta(days=told.ARRIVAL), there)

    def _kams_demo_file(self, name):
        file = self.env["ir.attachment"].create({"name": name, "raw": f"{name}: signed by both sides".encode()})
        return Command.link(file.id)

    def _kams_demo_kickoff(self, delivery, signed):
        days, minutes = told.KICKOFF
        start = fields.Datetime.to_datetime(signed + timedelta(days=days)).replace(hour=9)
        event = (
            self.env["calendar.event"]
            .with_context(no_mail_to_attendees=True)
            .create(
                {
                    "name": f"Kick-off: {delivery.name}",
                    "start": start,
                    "stop": start + timedelta(hours=3),
                    "opportunity_id": delivery.lead_id.id,
                    "user_id": delivery.user_id.id,
                    "kams_kind": "coordination",
                    "kams_delivery_id": delivery.id,
                    "kams_minutes": minutes,
                }
            )
        )
        delivery.kickoff_event_id = event
        event.action_kams_submit()

    def _kams_demo_arrive(self, delivery, day, there):
        """What arrived is accepted on a condition that is met by now; the payment upon arrival falls due."""
        arrival = delivery.acceptance_ids.filtered(lambda one: one.kind == "arrival")[:1] or self.env[
            "kams.acceptance"
        ].create({"delivery_id": delivery.id, "kind": "arrival"})
        arrival.write(
            {
                "held_on": day,
                "criterion_ids": [
                    Command.create({"item": item, "standard": standard, "aspect": aspect})
                    for item, standard, aspect, _result, _seen in told.ARRIVED
                ],
            }
        )
        arrival.action_hold()
        for line, (*_said, result, seen) in zip(arrival.criterion_ids, told.ARRIVED, strict=False):
            line.write({"result": result, "evidence": seen})
        issue, days, put_right = told.RECTIFY
        arrival.write(
            {
                "conclusion": "conditional",
                "pays_anyway": True,
                "signed_by_id": there.id,
                "signed_at": day,
                "signed_file_ids": [self._kams_demo_file("Arrival certificate, signed.txt")],
                "rectification_ids": [
                    Command.create(
                        {
                            "issue": issue,
                            "user_id": delivery.user_id.id,
                            "date_due": day + timedelta(days=days),
                            "evidence": put_right,
                        }
                    )
                ],
            }
        )
        arrival.action_sign()
        arrival.rectification_ids.action_close()

    @api.model
    def _kams_demo_look_after(self, key):
        """Risks, communication, issues, a change under way, a training to come, relations, and what they think."""
        deal = self._kams_demo_deal(key)
        self = deal.browse()
        delivery, today = deal.kams_delivery_ids, fields.Date.context_today(self)
        there = self.env.ref("kams_sales.partner_castellan_ward")
        self.env["kams.risk"].create(
            [
                {
                    "lead_id": deal.id,
                    "delivery_id": delivery.id,
                    "category": category,
                    "name": name,
                    "cause": cause,
                    "probability": likely,
                    "impact": grave,
                    "probability_pct": chance,
                    "impact_amount": damage,
                    "response": response,
                    "action": action,
                    "user_id": delivery.user_id.id,
                    "date_due": today + timedelta(days=days),
                }
                for category, name, cause, likely, grave, chance, damage, response, action, days in told.RISKS
            ]
        )
        self._kams_demo_contacts(delivery, there, today)
        issues = self.env["kams.issue"].create(
            [
                {
                    "lead_id": deal.id,
                    "delivery_id": delivery.id,
                    "name": name,
                    "severity": severity,
                    "raised_on": today - timedelta(days=days),
                    "raised_by_id": there.id,
                    "user_id": delivery.user_id.id,
                    "solution": solution,
                }
                for name, severity, days, solution in told.ISSUES
            ]
        )
        issues.filtered("solution").action_solve()
        name, request, reason = told.CHANGE
        self.env["kams.change"].create(
            {
                "delivery_id": delivery.id,
                "name": name,
                "request": request,
                "reason": reason,
                "requested_by_id": there.id,
                "cost": 5_200,
                "price_change": 7_800,
                "days": 5,
            }
        )
        name, objectives, hours = told.TRAINING
        self.env["kams.training"].create(
            {"delivery_id": delivery.id, "name": name, "objectives": objectives, "hours": hours}
        )
        self._kams_demo_relations(deal, there, today)

    def _kams_demo_contacts(self, delivery, there, today):
        plan = self.env["kams.plan"].create(
            {
                "kind": "communication",
                "lead_id": delivery.lead_id.id,
                "delivery_id": delivery.id,
                "user_id": delivery.user_id.id,
                "date_from": today - timedelta(days=40),
                "date_to": today + timedelta(days=100),
                "line_ids": [
                    Command.create(
                        {
                            "content": content,
                            "channel": channel,
                            "frequency": frequency,
                            "partner_id": there.id,
                            "user_id": delivery.user_id.id,
                            "date_from": today - timedelta(days=since),
                        }
                    )
                    for content, channel, frequency, since, _held, _due in told.CONTACTS
                ],
            }
        )
        self.env["kams.comm.log"].create(
            [
                {
                    "line_id": line.id,
                    "date_due": today - timedelta(days=7 * (number + 1)),
                    **({"state": "held", "summary": "As planned"} if number < held else {"state": "missed"}),
                }
                for line, (*_line, held, due) in zip(plan.line_ids, told.CONTACTS, strict=True)
                for number in range(due)
            ]
        )

    def _kams_demo_relations(self, deal, there, today):
        self.env["kams.plan"].create(
            {
                "kind": "relationship",
                "lead_id": deal.id,
                "user_id": deal.user_id.id,
                "date_from": today - timedelta(days=30),
                "date_to": today + timedelta(days=300),
                "action_ids": [
                    Command.create(
                        {
                            "name": name,
                            "relation_kind": kind,
                            "partner_id": there.id,
                            "user_id": deal.user_id.id,
                            "date_due": today + timedelta(days=days),
                        }
                    )
                    for kind, name, days in told.RELATIONS
                ],
            }
        )
        answer = self.env["kams.satisfaction"].create(
            {
                "lead_id": deal.id,
                "delivery_id": deal.kams_delivery_ids.id,
                "partner_id": there.id,
                "line_ids": [
                    Command.create({"aspect": aspect, "score": score}) for aspect, score in told.SATISFIED.items()
                ],
            }
        )
        answer.action_done()
        self.env["crm.lead"].create(
            {
                "name": told.FOLLOW_ON,
                "type": "lead",
                "partner_id": deal.partner_id.id,
                "user_id": deal.user_id.id,
                "team_id": deal.team_id.id,
                "kams_origin_lead_id": deal.id,
            }
        )
