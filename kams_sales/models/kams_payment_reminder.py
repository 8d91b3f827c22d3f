from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

ACTIVITY_TYPE = "kams_sales.mail_activity_type_payment"
BATCH = 200
OPEN_STATES = ("planned", "due", "invoiced")


class KamsPaymentMilestone(models.Model):
    """Who collects a payment is told before it is due, again and again after it, and when it wants an invoice.

    Reminders tell days, never amounts: whoever collects needn't be allowed to see the invoices.
    """

    _inherit = "kams.payment.milestone"

    reminded_of = fields.Char(copy=False, readonly=True, help="What the collector was reminded of already.")

    # BUSINESS
    @api.model
    def _cron_remind(self):
        """One search, then batches that each stand for themselves; each thing is told once."""
        today = fields.Date.context_today(self)
        value = self.env["kams.legal.rule"]._value
        soon = today + timedelta(days=int(value("payment_warn_days", today) or 0))
        due = self.search(
            [
                *("|", "|", ("date_due", "<=", soon), ("trigger_date", "<=", today)),
                ("trigger_planned", "<", today),
            ]
        )
        told = self.search([("activity_type_id", "=", self.env.ref(ACTIVITY_TYPE).id)])
        all_of_them = due | told
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(all_of_them))
        every = max(int(value("payment_remind_days", today) or 0), 1)
        for first in range(0, len(all_of_them), BATCH):
            batch = all_of_them[first : first + BATCH]
            batch._remind(today, soon, every)
            if not progress._commit_progress(len(batch)):
                break

    def _remind(self, today, soon, every):
        wanted = []
        for milestone in self:
            keys = milestone._reminders(today, soon, every)
            before = set((milestone.reminded_of or "").split(",")) - {""}
            wanted += [(milestone, text) for key, text in keys.items() if key not in before and milestone._reminded()]
            if keys.keys() != before:
                milestone.reminded_of = ",".join(sorted(keys)) or False
            if not keys:
                milestone.activity_feedback([ACTIVITY_TYPE])
        # in their list is enough: no mail besides
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": self.env.ref(ACTIVITY_TYPE).id,
                    "automated": True,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": milestone.id,
                    "summary": text,
                    "user_id": milestone._reminded().id,
                    "date_deadline": today,
                }
                for milestone, text in wanted
            ]
        )

    def _reminded(self):
        """Who is asked: the collector, else the deal's salesperson."""
        return (self.user_id | self.lead_id.user_id).filtered("active")[:1]

    def _reminders(self, today, soon, every):
        """``{what, with its day: text in the language of whoever is asked}``; another day is another reminder."""
        if self.state not in OPEN_STATES:
            return {}
        translate = self.with_context(lang=self._reminded().lang or self.env.lang).env
        found = {}
        if self.is_overdue:
            times = (self.days_overdue - 1) // every
            found[f"overdue {self.date_due} {times}"] = translate._(
                "Overdue since %s: ask for the money", format_date(translate, self.date_due)
            )
        elif self.trigger_date and self.date_due and today <= self.date_due <= soon:
            found[f"due {self.date_due}"] = translate._(
                "To be paid until %s: make sure of it", format_date(translate, self.date_due)
            )
        if self.state == "due" and not self.has_draft:
            found[f"invoice {self.trigger_date}"] = translate._(
                "Its condition is met since %s: send the invoice", format_date(translate, self.trigger_date)
            )
        if not self.trigger_date and self.trigger_planned and self.trigger_planned < today:
            found[f"trigger {self.trigger_planned}"] = translate._(
                "Was expected to fall due on %s: has it happened?", format_date(translate, self.trigger_planned)
            )
        return found
