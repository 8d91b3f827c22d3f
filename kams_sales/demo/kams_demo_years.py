"""Two years of closed deals before the ten that the demo tells in full: what reports of chapter 9 read."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .kams_demo_past import tell

PHASES = ("development", "initiation", "proposal", "tendering", "negotiation")
# How long a phase usually takes, in days
USUAL = (38, 24, 40, 33, 21)
# How many phases each deal entered; what is left of each lot after the last one was won
ENTERED = (56, 38, 27, 20, 13)
WON = 9
# Deals that went on without knowing what the customer may spend, and were soon lost: with those among the others that
# didn't know it, enough for the comparison of that point to have a verdict
HASTY = 16
UNKNOWN_BUDGET = "S1-8"
CUSTOMERS = (
    ("linhai", "tender_open"),
    ("castellan", "direct"),
    ("yunling", "tender_open"),
    ("nordwind", "inquiry"),
    ("qinghe", "competitive_negotiation"),
    ("helvion", "direct"),
    ("donghu", "competitive_consultation"),
    ("marfil", "tender_invited"),
)
SUBJECTS = (
    "Relay replacement",
    "Conveyor upgrade",
    "Depot lighting control",
    "Blade inspection",
    "Dust extraction",
    "Sterile packaging line",
    "Ward call system",
    "Welding cell",
    "Transformer monitoring",
    "Cold store extension",
    "Platform doors",
    "Nacelle access lift",
    "Ladle tracking",
    "Batch records",
)
REASON = "The customer signed the paper after its board meeting; the scan came a week later."


class CrmLead(models.Model):
    """The years before: closed deals of the demo customers, as history would have recorded them."""

    _inherit = "crm.lead"

    @api.model
    def _kams_demo_years(self):
        """Told by :func:`tell`, since nobody can work in the past; the ten deals of the demo did pass the gate."""
        deals = tell(self.env, [self._kams_demo_story(number) for number in range(ENTERED[0] + HASTY)])
        ends = deals.grouped("won_status")
        hasty = ends["lost"][1::3] | ends["won"][-1:] | deals[ENTERED[0] :]
        self._kams_demo_answers(deals, hasty)

    @api.model
    def _kams_demo_story(self, number):
        """A deal: its customer, people, amount and way are taken from its number, so that each demo tells the same."""
        key, mode = CUSTOMERS[number * 3 % len(CUSTOMERS)]
        place = number * 17 % ENTERED[0]  # deals that come far are spread over the months
        reached = sum(place < entered for entered in ENTERED)
        days_ago = 545 - number * 9.4
        if number >= ENTERED[0]:
            place, reached = ENTERED[0], 2 + number % 2
            days_ago = 545 - (number - ENTERED[0]) * 32
        partner = self.env.ref(f"kams_sales.partner_{key}")
        amount = 60_000.0 + number * 37 % 23 * 22_000
        lengths = [usual * (55 + (number * 7 + phase * 13) % 90) / 100 for phase, usual in enumerate(USUAL)]
        end = fields.Datetime.now().replace(microsecond=0) - timedelta(days=days_ago)
        day = end - timedelta(days=sum(lengths[:reached]))
        planned = (end - timedelta(days=20 + number % 30)).date()
        steps = []
        for phase in range(reached):
            values = {"amount": amount, "deadline": planned, "probability": 10.0 + 15 * phase}
            steps.append((day, PHASES[phase], values))
            half = timedelta(days=lengths[phase] / 2)
            if phase == 2 and number % 4 == 1:  # asked to do more, or told to be cheaper
                amount = round(amount * (1.15 if number % 8 == 1 else 0.9), 2)
                steps.append((day + half, None, {"amount": amount, "reason": "amount"}))
            elif phase == 1 and number % 3 == 0:  # put off
                planned += timedelta(days=45)
                steps.append((day + half, None, {"deadline": planned, "reason": "date"}))
            elif phase == 3 and number % 5 == 2:  # the tender was called off, and began anew
                steps.append((day + half / 2, "proposal"))
                steps.append((day + half, "tendering"))
            day += timedelta(days=lengths[phase])
        won = place < WON
        steps.append((end, "won" if won else "archived" if number % 7 == 3 else "lost"))
        return {
            "name": f"{SUBJECTS[number % len(SUBJECTS)]}, {partner.name.split(' ', 1)[-1]}",
            "partner": partner,
            "account": self.env["kams.account"].search([("partner_id", "=", partner.id)], limit=1),
            "user": self.env.ref("base.user_admin" if number % 3 == 0 else "base.user_demo"),
            "mode": mode,
            "steps": steps,
        }

    @api.model
    def _kams_demo_answers(self, deals, hasty):
        """What their control points said of the phases they went through: most were met, some waived, some missed."""
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kams_control_check
                       (lead_id, point_id, company_id, phase_sequence, sequence, level, owner_role, checked_at, state,
                        waiver_reason, waiver_approver_id, waiver_expiry, waived_at)
                SELECT told.*,
                       CASE WHEN told.state = 'waived' THEN %(reason)s END,
                       CASE WHEN told.state = 'waived' THEN %(director)s END,
                       CASE WHEN told.state = 'waived' THEN (told.checked_at + interval '60 days')::date END,
                       CASE WHEN told.state = 'waived' THEN told.checked_at END
                  FROM (SELECT deal.id, point.id AS point_id, deal.company_id, phase.sequence AS phase_sequence,
                               point.sequence, point.level, point.owner_role, went.left_at AS checked_at,
                               CASE WHEN point.code = %(budget)s
                                    THEN CASE WHEN deal.id = ANY(%(hasty)s) THEN 'fail' ELSE 'pass' END
                                    WHEN (deal.id * 31 + point.id * 17) %% 100 < 82 THEN 'pass'
                                    WHEN (deal.id * 31 + point.id * 17) %% 100 < 88 AND point.level = 'mandatory'
                                         THEN 'waived'
                                    ELSE 'fail' END AS state
                          FROM crm_lead deal
                          JOIN (SELECT lead_id, phase_id, max(valid_to) AS left_at
                                  FROM kams_deal_history GROUP BY lead_id, phase_id) went ON went.lead_id = deal.id
                          JOIN kams_process_phase phase ON phase.id = went.phase_id AND phase.code <> 'delivery'
                          JOIN kams_control_point point ON point.phase_id = phase.id
                         WHERE deal.id = ANY(%(deals)s)) told
                    ON CONFLICT DO NOTHING
                """,
                deals=deals.ids,
                hasty=hasty.ids,
                budget=UNKNOWN_BUDGET,
                reason=REASON,
                director=self.env.ref("base.user_admin").id,
            )
        )
        self.env.invalidate_all()
