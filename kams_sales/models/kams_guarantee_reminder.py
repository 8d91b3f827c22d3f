from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date

ACTIVITY_TYPE = "kams_sales.mail_activity_type_guarantee"
BATCH = 200


class KamsGuarantee(models.Model):
    """Who looks after a guarantee is told before it ends, when it is due back, and when the books lose its payment."""

    _inherit = "kams.guarantee"

    reminded_of = fields.Char(copy=False, readonly=True, help="What its owner was reminded of already.")

    # ORM
    def write(self, vals):
        """What is over asks nobody for anything."""
        result = super().write(vals)
        if vals.get("state") in ("returned", "forfeited"):
            self.activity_feedback([ACTIVITY_TYPE])
        return result

    # BUSINESS
    @api.model
    def _cron_remind(self):
        """One search, then batches that each stand for themselves; each thing is told once."""
        today = fields.Date.context_today(self)
        days = self.env["kams.legal.rule"]._value("guarantee_warn_days", today) or 0
        soon = today + timedelta(days=int(days))
        due = self.search(
            [
                ("state", "=", "paid"),
                *("|", "|", ("date_expiry", "<=", soon), ("due_back", "<", today), ("paid_by", "!=", False)),
            ]
        )
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(due))
        for first in range(0, len(due), BATCH):
            batch = due[first : first + BATCH]
            batch._remind(today, soon)
            if not progress._commit_progress(len(batch)):
                break

    def _remind(self, today, soon):
        wanted = []
        for guarantee in self:
            keys = guarantee._reminders(today, soon)
            known = set((guarantee.reminded_of or "").split(",")) - {""}
            if fresh := {key: text for key, text in keys.items() if key not in known}:
                wanted += [(guarantee, key, text) for key, text in fresh.items() if guarantee._reminded()]
            if keys.keys() != known:
                guarantee.reminded_of = ",".join(sorted(keys)) or False
        # in their list is enough: no mail besides
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": self.env.ref(ACTIVITY_TYPE).id,
                    "automated": True,
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": guarantee.id,
                    "summary": text,
                    "user_id": guarantee._reminded().id,
                    "date_deadline": today,
                }
                for guarantee, _key, text in wanted
            ]
        )

    def _reminded(self):
        """Who is asked: who is responsible, else the deal's salesperson."""
        return (self.user_id | self.lead_id.user_id).filtered("active")[:1]

    def _reminders(self, today, soon):
        """``{what, with its day: text in the language of whoever is asked}``; another day is another reminder."""
        lang = self._reminded().lang or self.env.lang
        translate = self.with_context(lang=lang).env
        found = {}
        if self.date_expiry and self.date_expiry <= soon:
            text = translate._("Ends on %s: extend it or get it back", format_date(translate, self.date_expiry))
            found[f"expiry {self.date_expiry}"] = text
        if self.due_back and self.due_back < today:
            text = translate._("Was due back on %s: ask for it", format_date(translate, self.due_back))
            found[f"due {self.due_back}"] = text
        if self.books_state in ("draft", "cancelled", "deleted"):
            found[f"books {self.books_state}"] = translate._(
                "Its payment %s no longer stands in the books", self.paid_by
            )
        return found
