from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import plans
from .blank import BlankFloat
from .kams_plan_action import SYNC

DRIVERS = ("objectives", "actions", "review", "contact")


class KamsPlan(models.Model):
    """How a plan is doing, 0–100, and what drives it; when it is looked at again.

    Health = mean, by weight (dated parameters ``plan_health_…``), of the drivers that can be told:
    objectives – progress held against the time that has passed; actions – done ÷ (done + overdue);
    review – 100 until its day, then 0; contact – last meeting with the customer, fresh to stale.
    """

    _inherit = "kams.plan"

    # Health
    health = BlankFloat(compute="_compute_health", string="Health (0–100)")
    health_drivers = fields.Text(compute="_compute_health")
    # Review
    review_date = fields.Date(
        string="Next Review",
        default=lambda self: fields.Date.context_today(self) + relativedelta(months=3),
        tracking=True,
    )
    review_months = fields.Integer(string="Review Every (Months)", default=3)
    last_review = fields.Date(readonly=True, copy=False)
    review_activity_id = fields.Many2one(
        "mail.activity", ondelete="set null", copy=False, readonly=True, index="btree_not_null"
    )

    _review_months_positive = models.Constraint("CHECK (review_months >= 0)", "A review can't come back before today.")

    # COMPUTES
    @api.depends(
        "objective_ids.progress",
        "action_ids.state",
        "action_ids.date_due",
        "review_date",
        "date_from",
        "date_to",
        "state",
    )
    def _compute_health(self):
        today = fields.Date.context_today(self)
        value = self.env["kams.legal.rule"]._value
        weights = {driver: value(f"plan_health_{driver}") or 0.0 for driver in DRIVERS}
        fresh, stale = value("contact_fresh_days") or 0, value("contact_stale_days") or 0
        contacts = self._last_contacts()
        for plan in self:
            if plan.state != "active":
                plan.health, plan.health_drivers = None, False
                continue
            share = plans.elapsed(plan.date_from, plan.date_to, today)
            paces = {
                objective: plans.pace(None if objective.progress is False else objective.progress, share)
                for objective in plan.objective_ids
            }
            due = plan.action_ids.filtered(
                lambda action: action.state == "done" or (action.state == "open" and action.date_due < today)
            )
            overdue = due.filtered(lambda action: action.state == "open")
            contact = contacts.get(plan.customer_id.id)
            days = (today - contact).days if contact else None
            scores = {
                "objectives": plans.mean(paces.values()),
                "actions": 100.0 * (len(due) - len(overdue)) / len(due) if due else None,
                "review": (100.0 if plan.review_date >= today else 0.0) if plan.review_date else None,
                "contact": plans.freshness(days, fresh, stale) if plan.customer_id and stale > fresh else None,
            }
            plan.health = plans.health([(scores[driver], weights[driver]) for driver in DRIVERS])
            behind = [objective.name for objective, pace in paces.items() if pace is not None and pace < 100]
            plan.health_drivers = plan._health_text(scores, weights, share, behind, overdue, days)

    def _health_text(self, scores, weights, share, behind, overdue, days):
        """The drivers in words, the one that costs most first."""
        texts = {
            "objectives": self.env._("Objectives: %(share)d %% of the period is over", share=100 * share)
            + (
                self.env._("; behind: %(names)s", names=", ".join(behind[:3]) + ("…" if behind[3:] else ""))
                if behind
                else self.env._("; all on schedule")
            ),
            "actions": self.env._("Actions: overdue: %(names)s", names=", ".join(overdue[:3].mapped("name")))
            if overdue
            else self.env._("Actions: none overdue"),
            "review": self.env._("Review: overdue since %(day)s", day=self.review_date)
            if not scores["review"]
            else self.env._("Review: on %(day)s", day=self.review_date),
            "contact": self.env._("Contact: no meeting yet")
            if days is None
            else self.env._("Contact: last meeting %(days)d days ago", days=days),
        }
        known = [driver for driver in DRIVERS if scores[driver] is not None and weights[driver]]
        known.sort(key=lambda driver: -(100 - scores[driver]) * weights[driver])
        return "\n".join(
            self.env._(
                "%(score)d of 100 (weight %(weight)g) – %(text)s",
                score=round(scores[driver]),
                weight=weights[driver],
                text=texts[driver],
            )
            for driver in known
        )

    # BUSINESS
    def _last_contacts(self):
        """``{customer id: day of the last meeting held with them}``, one statement."""
        customers = self.customer_id
        if not customers:
            return {}
        for model in ("calendar.event", "crm.lead", "res.partner"):
            self.env[model].flush_model()
        rows = self.env.execute_query(  # who sees the plan may know when its customer was last met
            SQL(
                """
                SELECT partner.commercial_partner_id, MAX(event.start)::date
                  FROM res_partner partner
                  JOIN LATERAL (
                      SELECT attending.calendar_event_id AS id
                        FROM calendar_event_res_partner_rel attending
                       WHERE attending.res_partner_id = partner.id
                      UNION ALL
                      SELECT met.id
                        FROM crm_lead deal
                        JOIN calendar_event met ON met.opportunity_id = deal.id
                       WHERE deal.partner_id = partner.id
                  ) found ON TRUE
                  JOIN calendar_event event ON event.id = found.id AND event.active AND event.stop <= %s
                 WHERE partner.commercial_partner_id = ANY(%s)
                 GROUP BY partner.commercial_partner_id
                """,
                fields.Datetime.now(),
                customers.ids,
            )
        )
        return dict(rows)

    def _sync_review(self):
        """A plan in force with a review date has one reminder, its owner's."""
        if self.env.context.get(SYNC):
            return
        for plan in self.with_context(**{SYNC: True}):
            if plan.kind == "account" and plan.state == "active":
                plan.account_id.next_review_date = plan.review_date
            activity = plan.review_activity_id.filtered("active")
            if not plan._is_in_force() or not plan.review_date:
                activity.unlink()
            elif not activity:
                plan.review_activity_id = plan.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=plan.review_date,
                    summary=self.env._("Review of the plan"),
                    user_id=plan.user_id.id,
                )
            elif (activity.user_id, activity.date_deadline) != (plan.user_id, plan.review_date):
                activity.write({"user_id": plan.user_id.id, "date_deadline": plan.review_date})

    def _reviewed(self):
        """The review took place: it comes back after as many months as the plan says."""
        today = fields.Date.context_today(self)
        for plan in self:
            later = today + relativedelta(months=plan.review_months) if plan.review_months else False
            plan.write({"last_review": today, "review_date": later})
