from datetime import datetime, timedelta

from odoo import api, models

from .kams_demo_bid_tables import CLAUSES, CRITERIA, PRICE_OPTIONS, QUESTIONS, RIVALS
from .kams_demo_deal_tables import COMPETITOR_NAMES


class CrmLead(models.Model):
    """The tenders of the demo deals, as they stand today."""

    _inherit = "crm.lead"

    @api.model
    def _kams_demo_bid(self, key):
        """A tender in the middle of its work: half of it answered, the bond paid, the price not yet found."""
        deal = self._kams_demo_deal(key)
        self = deal.browse()
        people = {name: self.env.ref(f"kams_sales.user_{name}") for name in ("presales", "finance", "delivery")}
        tender = self._kams_demo_tender(deal, people["presales"])
        today = self.env.cr.now().date()
        self.env["kams.tender.clause"].create(
            [
                {
                    "tender_id": tender.id,
                    "sequence": 10 * place,
                    "clause_no": number,
                    "page": page,
                    "text": text,
                    "kind": kind,
                    "mark": mark,
                    "disqualify": disqualify,
                    "response": response,
                    "status": status,
                    "evidence": evidence,
                    "user_id": people[who].id,
                    "date_due": today + timedelta(days=days),
                }
                for place, (number, page, text, kind, mark, disqualify, response, status, evidence, who, days) in (
                    enumerate(CLAUSES, 1)
                )
            ]
        )
        self.env["kams.tender.criterion"].create(
            [
                {
                    "tender_id": tender.id,
                    "sequence": 10 * place,
                    "group": group,
                    "name": name,
                    "full_score": full,
                    "rule_type": kind,
                    "rule_text": rule,
                    "our_expected": expected,
                    "confidence": confidence,
                    "action": action,
                }
                for place, (group, name, full, kind, rule, expected, confidence, action) in enumerate(CRITERIA, 1)
            ]
        )
        self.env["kams.tender.bidder"].create(
            [
                {"tender_id": tender.id, "is_us": True},
                *(
                    {
                        "tender_id": tender.id,
                        "partner_id": self.env["res.partner"].search([("name", "=", COMPETITOR_NAMES[rival])]).id,
                        "price": price,
                        "sme": small,
                        "technical": technical,
                        "business": business,
                    }
                    for rival, price, small, technical, business in RIVALS
                ),
            ]
        )
        self.env["kams.tender.price.option"].create(
            [{"tender_id": tender.id, "price": price, "probability": chance} for price, chance in PRICE_OPTIONS]
        )
        self._kams_demo_questions(tender, today)
        bond = self.env["kams.guarantee"].create(
            {
                "lead_id": deal.id,
                "tender_id": tender.id,
                "kind": "bid",
                "amount": 25_000,
                "required_amount": 25_000,
                "form": "transfer",
                "beneficiary_id": tender.tenderee_id.id,
                "user_id": people["finance"].id,
                "paid_at": today - timedelta(days=3),
                "date_expiry": today + timedelta(days=110),
            }
        )
        bond.with_user(people["finance"]).action_paid()

    def _kams_demo_tender(self, deal, manager):
        now = self.env.cr.now()
        today = now.date()
        morning = datetime(today.year, today.month, today.day, 1, 30)  # 9:30 in Shanghai
        tender = self.env["kams.tender"].create(
            {
                "lead_id": deal.id,
                "name": "Renewal of the signalling of line 3",
                "number": "YL-ZB-018",
                "lot": "Lot 2, interlocking",
                "category": "works",
                "scoring_method": "engineering_deviation",
                "deviation_above": 0.3,
                "deviation_below": 0.15,
                "our_cost": 1_050_000,
                "legal_regime": "bidding_law",
                "user_id": manager.id,
                "platform_url": "https://tender.example.com/yl-zb-018",
                "funding_source": "Provincial renewal fund",
                "estimate": 1_400_000,
                "ceiling_price": 1_380_000,
                "bid_price": 1_305_000,
                "bid_validity_days": 90,
                "bond_required": True,
                "bond_amount": 25_000,
                "bond_form": "transfer",
                "performance_bond_pct": 10,
                "issued_at": today - timedelta(days=16),
                "doc_start": today - timedelta(days=16),
                "doc_end": today - timedelta(days=9),
                "site_visit_at": morning - timedelta(days=8),
                "question_deadline": morning + timedelta(days=1, hours=7),
                "bond_deadline": morning + timedelta(days=12),
                "bid_deadline": morning + timedelta(days=13),
                "opening_at": morning + timedelta(days=13),
            }
        )
        tender.state = "preparing"
        past = tender.milestone_ids.filtered(lambda one: one.planned and one.planned < today)
        for milestone in past:  # what was due was done on its day
            milestone.actual = milestone.planned
        return tender

    def _kams_demo_questions(self, tender, today):
        now = self.env.cr.now()
        for question, reason, days, answer, effect in QUESTIONS:
            asked = self.env["kams.tender.question"].create(
                {
                    "tender_id": tender.id,
                    "question": question,
                    "reason": reason,
                    "user_id": tender.user_id.id,
                    "sent_at": now - timedelta(days=days),
                }
            )
            asked.action_send()
            if answer:
                asked.write({"answered_at": now - timedelta(days=days - 3), "answer": answer, "effect": effect})
                asked.action_answered()
        self.env["kams.tender.addendum"].create(
            {
                "tender_id": tender.id,
                "name": "Addendum 1: guaranteed nights",
                "issued_on": today - timedelta(days=7),
                "effect": "Nights from 0:10 to 4:20 are guaranteed; nothing else changes.",
            }
        )

    @api.model
    def _kams_demo_announcement(self, key):
        """A consultation that was just announced, with a date that breaks the law."""
        deal = self._kams_demo_deal(key)
        now = self.env.cr.now()
        self.env["kams.tender"].create(
            {
                "lead_id": deal.id,
                "name": "Patient records for three houses",
                "number": "DH-CS-0442",
                "category": "services",
                "user_id": self.env.ref("kams_sales.user_presales").id,
                "estimate": 600_000,
                "issued_at": now.date() - timedelta(days=1),
                "doc_start": now.date(),
                "doc_end": now.date() + timedelta(days=3),
                "bid_deadline": now.replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=9),
                "opening_at": now.replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=9),
            }
        )
