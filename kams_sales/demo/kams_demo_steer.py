"""Targets, forecasts that were held against what came, reviews of closed deals and an audit: chapter 9 of the demo."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.tools import SQL

from .kams_demo_deal_tables import COMPETITOR_NAMES

QUOTAS = (("base.user_demo", 520_000.0), ("base.user_admin", 260_000.0), (None, 800_000.0))
# What each said, against what its deals would have told: people are hopeful
CALLS = (1.15, 0.95, 1.3, 1.05)
# (reason, how we know, ratings of us and of them by what the customer looks at)
LOSSES = (
    ("price", "customer", (2, 4), "Their price was a tenth lower, and ours came in a week late."),
    ("relationship", "customer", (2, 5), "They had worked with the plant manager for years; we met him twice."),
    ("technical", "review", (3, 4), "Our proposal answered what was written, not what the engineers feared."),
    ("requirement", "customer", (3, 3), "The hall was given up, and with it the line."),
)
GAINS = (
    ("technical", "customer", (5, 3), "The trial in our works convinced their engineers."),
    ("service", "customer", (4, 3), "Two hours to the site, in writing."),
)


class CrmLead(models.Model):
    """What directors and salespeople of the demo did to steer."""

    _inherit = "crm.lead"

    @api.model
    def _kams_demo_steer(self):
        team = self.env.ref("kams_sales.team_key_accounts")
        today = fields.Date.context_today(self)
        begins = today.replace(day=1) - relativedelta(months=(today.month - 1) % 3)
        quarters = [begins - relativedelta(months=3 * back) for back in (4, 3, 2, 1, 0)]
        whose = [(login and self.env.ref(login), quota) for login, quota in QUOTAS]
        self.env["kams.target"].create(
            [
                {
                    "team_id": team.id,
                    "user_id": user and user.id,
                    "period_kind": "quarter",
                    "date_from": day,
                    "quota": quota,
                }
                for day in quarters
                for user, quota in whose
            ]
        )
        self._kams_demo_forecast(team, quarters, [user for user, _quota in whose if user])
        self._kams_demo_look_back()
        self._kams_demo_audit()

    @api.model
    def _kams_demo_forecast(self, team, quarters, people):
        """Forecasts, locked with the deals of their first day; those of quarters that are over are closed."""
        forecasts = self.env["kams.forecast"].create(
            [
                {"team_id": team.id, "user_id": user.id, "period_kind": "quarter", "date_from": day}
                for day in quarters
                for user in people
            ]
        )
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kams_forecast_line
                       (forecast_id, company_id, lead_id, lead_ref, lead_name, partner_name, user_id, team_id,
                        phase_code, amount, deadline, probability, odoo_probability, weighted, category)
                SELECT forecast.id, forecast.company_id, was.lead_id, was.lead_ref, was.lead_name, was.partner_name,
                       was.user_id, was.team_id, was.phase_code, was.expected_revenue, was.date_deadline,
                       phase.policy_probability, was.probability,
                       was.expected_revenue * phase.policy_probability / 100,
                       CASE WHEN was.phase_code = 'negotiation' THEN 'commit'
                            WHEN was.phase_code IN ('tendering', 'proposal') THEN 'best_case'
                            ELSE 'pipeline' END
                  FROM kams_forecast forecast
                  JOIN kams_deal_history was
                    ON was.valid_from < forecast.date_from
                   AND (was.valid_to IS NULL OR was.valid_to >= forecast.date_from)
                   AND was.status = 'open' AND was.user_id = forecast.user_id AND was.team_id = forecast.team_id
                  JOIN kams_process_phase phase ON phase.id = was.phase_id AND phase.code <> 'delivery'
                 WHERE forecast.id = ANY(%s)
                """,
                forecasts.ids,
            )
        )
        self.env.invalidate_all()
        for number, forecast in enumerate(forecasts):
            call = forecast.line_ids.filtered(lambda line: line.category != "pipeline")
            said = round(CALLS[number % len(CALLS)] * sum(call.mapped("weighted")), -3)
            began = fields.Datetime.to_datetime(forecast.date_from)
            forecast._engine().write(
                {
                    "state": "locked",
                    "locked_at": began,
                    "locked_by_id": forecast.user_id.id,
                    "won_before": 0.0,
                    "forecast": said,
                }
            )
        forecasts.filtered(lambda forecast: forecast.date_from < quarters[-1])._close()

    @api.model
    def _kams_demo_look_back(self):
        """Reviews of the deals that closed last: the customer was asked by somebody neutral."""
        told = self.with_context(active_test=False).search(
            [
                ("kams_imported", "=", True),
                ("won_status", "in", ("won", "lost")),
                ("user_id", "=", self.env.ref("base.user_demo").id),
            ],
            order="date_closed desc",
            limit=12,
        )
        asker, rivals = self.env.ref("base.user_admin"), list(COMPETITOR_NAMES.values())
        for number, deal in enumerate(told):
            stories = GAINS if deal.won_status == "won" else LOSSES
            reason, source, (us, them), words = stories[number % len(stories)]
            closed = deal.date_closed.date()
            to_rival = deal.won_status == "lost" and reason != "requirement"
            review = self.env["kams.winloss"].create(
                {
                    "lead_id": deal.id,
                    "result": deal.won_status,
                    "date": closed,
                    "decision_date": closed,
                    "amount": deal.expected_revenue,
                    "winner": to_rival and rivals[number % len(rivals)],
                    "our_price": deal.expected_revenue,
                    "winner_price": deal.expected_revenue * 0.9 if to_rival and reason == "price" else False,
                    "user_id": deal.user_id.id,
                    "interviewer_id": asker.id,
                    "interviewed_at": closed + timedelta(days=9),
                    "method": "call",
                    "customer_voice": words,
                    "lessons": words,
                    "reason_ids": [Command.create({"category": reason, "source": source, "note": words})],
                }
            )
            review.criterion_ids.unlink()
            review.criterion_ids = [
                Command.create(
                    {
                        "criterion": criterion,
                        "importance": 5 if criterion == reason else 3,
                        "us": us if criterion == reason else 3,
                        "competitor": them if criterion == reason else 3,
                    }
                )
                for criterion in ("price", "technical", "relationship", "service")
            ]
            if number % 4 != 3:
                review.with_user(asker).action_confirm()

    @api.model
    def _kams_demo_audit(self):
        """One deal was looked at by somebody else, and has something to put right."""
        deal = self.env.ref("kams_sales.lead_signalling")
        audit = self.env["kams.stage.audit"].create(
            {
                "lead_id": deal.id,
                "auditor_id": self.env.ref("base.user_admin").id,
                "verdict": "fix",
                "summary": "The bid is well prepared; whom we know at the operator is not.",
                "finding_ids": [
                    Command.create(
                        {
                            "text": "Nobody has met the head of finance, who signs above one million.",
                            "point_id": deal.kams_check_ids.point_id.filtered(lambda point: point.code == "S1-4").id,
                            "severity": "major",
                            "user_id": deal.user_id.id,
                            "date_due": fields.Date.context_today(self) + timedelta(days=10),
                        }
                    )
                ],
            }
        )
        audit.action_done()
