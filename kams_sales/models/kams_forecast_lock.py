from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

BATCH = 50
# Columns of a line that come from the deal as it is now
COLUMNS = (
    *("lead_id", "lead_ref", "lead_name", "partner_name", "user_id", "team_id", "phase_code", "amount", "deadline"),
    *("category", "by_hand", "probability", "own_probability", "odoo_probability", "weighted"),
)


class KamsForecast(models.Model):
    """Locking a forecast when its period begins, and closing it when the period is over (9).

    Both are done by a job every night, or by a button. The state says what is left to do, so that a job which was
    stopped goes on where it was and does nothing twice.
    """

    _inherit = "kams.forecast"

    # ACTIONS
    def action_lock(self):
        """Keep the deals and the call as they are now."""
        self.check_access("write")
        early = self.env["kams.legal.rule"]._value("forecast_open_days") or 0
        now = fields.Datetime.now()
        for forecast in self:
            if forecast.state != "draft":
                raise UserError(self.env._("%s is locked already.", forecast.display_name))
            if not forecast._has_begun(now + relativedelta(days=int(early))):
                raise UserError(
                    self.env._(
                        "%(forecast)s begins on %(day)s: it can be locked from %(days)d days before that on.",
                        forecast=forecast.display_name,
                        day=forecast.date_from,
                        days=early,
                    )
                )
            if forecast._is_over(now):
                raise UserError(
                    self.env._(
                        "%s is over: a forecast that is locked afterwards forecasts nothing.", forecast.display_name
                    )
                )
        self._lock()

    def action_close(self):
        """Note what came of the period, once it is over."""
        self.check_access("write")
        for forecast in self:
            if forecast.state != "locked":
                raise UserError(self.env._("%s isn't locked.", forecast.display_name))
            if not forecast._is_over():
                raise UserError(
                    self.env._(
                        "%(forecast)s runs until %(day)s: close it after that.",
                        forecast=forecast.display_name,
                        day=forecast.date_to,
                    )
                )
        self._close()

    @api.readonly
    def action_deals(self):
        """The deals of the forecast: as locked, or those that are open now."""
        self.ensure_one()
        self.check_access("read")
        if self.state != "draft":
            action = self.env["ir.actions.actions"]._for_xml_id("kams_sales.kams_forecast_line_action")
            return {
                **action,
                "name": self.env._("Deals: %s", self.display_name),
                "domain": [("forecast_id", "=", self.id)],
            }
        action = self.env["ir.actions.actions"]._for_xml_id("kams_sales.kams_forecast_deal_action")
        return {
            **action,
            "name": self.env._("Deals: %s", self.display_name),
            "domain": [("id", "in", self.env["kams.forecast.deals"]._deal_ids(self))],
        }

    @api.readonly
    def action_won_deals(self):
        """The deals won in the period so far, or by its end."""
        self.ensure_one()
        self.check_access("read")
        ids = self.env["kams.target.figures"]._deal_ids(self, "won")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Won: %s", self.display_name),
            "res_model": "crm.lead",
            "view_mode": "list,kanban,form",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": [("id", "in", ids)],
            "context": {"active_test": False, "create": False},
        }

    @api.readonly
    def action_money(self):
        """What was invoiced in the period for deals that these people had on the invoice's day."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("kams_sales.kams_money_action")
        return {
            **action,
            "name": self.env._("Invoiced: %s", self.display_name),
            "domain": self._invoiced_domain()
            + [(f"deal_{name}", "=", self[name].id) for name in ("team_id", "user_id") if self[name]],
            "context": {"tz": self.tz},  # days end where the forecast is, whoever looks
        }

    # BUSINESS
    def _invoiced_domain(self):
        """Invoices of the period, for deals of the company."""
        return [
            ("kind", "in", ("invoice", "refund")),
            ("date", ">=", self.date_from),
            ("date", "<=", self.date_to),
            ("company_id", "=", self.company_id.id),
            ("lead_id", "!=", False),
        ]

    def _lock(self):
        """Two statements and a write, however many forecasts."""
        if not self:
            return
        self.env.flush_all()
        deals = self.env["kams.forecast.deals"]
        won = deals._won_so_far(self)
        self.env.execute_query(
            SQL(
                """
                INSERT INTO kams_forecast_line
                       (forecast_id, company_id, create_uid, create_date, write_uid, write_date, %(columns)s)
                SELECT forecast.id, forecast.company_id, %(uid)s, %(now)s, %(uid)s, %(now)s, %(values)s
                  FROM (%(deals)s) deal
                  JOIN UNNEST(%(ids)s::int[]) WITH ORDINALITY AS asked_for (id, place)
                    ON asked_for.place = deal.number + 1
                  JOIN kams_forecast forecast ON forecast.id = asked_for.id AND forecast.state = 'draft'
                RETURNING id
                """,
                columns=SQL(", ").join(map(SQL.identifier, COLUMNS)),
                values=SQL(", ").join(SQL("deal.%s", SQL.identifier(name)) for name in COLUMNS),
                uid=self.env.uid,
                now=self.env.cr.now(),
                deals=deals._deals_sql(self),
                ids=self.ids,
            )
        )
        self.env["kams.forecast.line"].invalidate_model()
        # sudo: the total of all its deals, whoever locks
        commits = dict(
            self.env["kams.forecast.line"]
            .sudo()
            ._read_group(
                [("forecast_id", "in", self.ids), ("category", "=", "commit")], ["forecast_id"], ["amount:sum"]
            )
        )
        now = fields.Datetime.now()
        for forecast in self:
            commit = commits.get(forecast, 0.0)
            call = forecast.own_call
            forecast._engine().write(
                {
                    "state": "locked",
                    "locked_at": now,
                    "locked_by_id": self.env.uid,
                    "won_before": won[forecast.id],
                    "forecast": won[forecast.id] + commit if call is False else call,
                }
            )
        self.activity_unlink(["kams_sales.mail_activity_type_forecast"])
        self.invalidate_recordset()

    def _close(self):
        """What came of the deals and of the period, at the period's end."""
        if not self:
            return
        self.env.flush_all()
        won = self.env["kams.forecast.deals"]._won_so_far(self)
        invoiced = self._invoiced()
        ends = [forecast._bounds()[1] for forecast in self]
        self.env.execute_query(
            SQL(
                """
                UPDATE kams_forecast_line line
                   SET outcome = CASE WHEN state.status IN ('won', 'lost', 'archived', 'open') THEN state.status
                                      ELSE 'gone' END,
                       actual_amount = CASE WHEN state.status = 'won' THEN state.expected_revenue END
                  FROM UNNEST(%s::int[], %s::timestamp[]) AS closing (id, ends)
                  JOIN kams_forecast_line one ON one.forecast_id = closing.id
             LEFT JOIN kams_deal_history state
                    ON state.lead_ref = one.lead_ref AND state.valid_from < closing.ends
                   AND (state.valid_to IS NULL OR state.valid_to >= closing.ends)
                 WHERE line.id = one.id
                RETURNING line.id
                """,
                self.ids,
                ends,
            )
        )
        self.env["kams.forecast.line"].invalidate_model()
        now = fields.Datetime.now()
        for forecast in self:
            forecast._engine().write(
                {
                    "state": "closed",
                    "closed_at": now,
                    "actual_won": won[forecast.id],
                    "actual_invoiced": invoiced[forecast],
                }
            )

    def _invoiced(self):
        """``{forecast: invoiced in its period}`` for deals that its people had on the invoice's day.

        As with what is won, history says whose a deal was: a deal that changes hands takes no invoice along. Who wrote
        order and invoice doesn't count. A statement for each period.
        """
        # sudo: one sum for each forecast, told to whoever sees the forecast
        money = self.env["kams.money"].sudo()
        result = dict.fromkeys(self, 0.0)
        for (_from, _to, company, tz), forecasts in self.grouped(
            lambda one: (one.date_from, one.date_to, one.company_id, one.tz)
        ).items():
            rows = (
                money.with_company(company)
                .with_context(tz=tz)
                ._read_group(
                    forecasts[0]._invoiced_domain(),
                    ["deal_team_id", "deal_user_id"],
                    ["net_invoiced:sum"],
                )
            )
            for forecast in forecasts:
                result[forecast] = sum(
                    amount or 0.0
                    for team, user, amount in rows
                    if (not forecast.team_id or forecast.team_id == team)
                    and (not forecast.user_id or forecast.user_id == user)
                )
        return result

    # BUSINESS: nightly
    @api.model
    def _cron_lock(self):
        """Forecasts for coming periods of targets, the lock of those that begin, the close of those that are over."""
        self._make_due()
        self._in_batches(lambda one: one._has_begun() and not one._is_over(), "draft", "_lock")
        self._in_batches(lambda one: one._is_over(), "locked", "_close")

    @api.model
    def _make_due(self):
        """Draft forecasts of targets whose period is about to begin, so that people can make their call."""
        days = int(self.env["kams.legal.rule"]._value("forecast_open_days") or 0)
        today = fields.Date.context_today(self)
        targets = self.env["kams.target"].search(
            [("date_from", "<=", today + relativedelta(days=days)), ("date_to", ">=", today)]
        )
        missing = targets - targets.browse(target.id for target in self._of_targets(targets))
        for start in range(0, len(missing), BATCH):
            some = missing[start : start + BATCH]
            made = self.with_context(tracking_disable=True).create(
                [
                    {
                        **{name: target[name].id for name in ("company_id", "team_id", "user_id")},
                        **{name: target[name] for name in ("period_kind", "date_from", "tz")},
                    }
                    for target in some
                ]
            )
            made._ask_for_calls()
            self.env["ir.cron"]._commit_progress(len(some))

    def _ask_for_calls(self):
        """Whoever forecasts finds it among their activities, until the lock; one create for all."""
        kind = self.env.ref("kams_sales.mail_activity_type_forecast")
        asked = {forecast: forecast.user_id or forecast.team_id.user_id for forecast in self}
        self._ask_people(  # automated, so that the lock finds it again
            [
                {
                    "res_id": forecast.id,
                    "activity_type_id": kind.id,
                    "user_id": user.id,
                    "date_deadline": forecast.date_from,
                    "summary": self.env._("Your call: %s", forecast.display_name),
                }
                for forecast, user in asked.items()
                if user.active
            ]
        )

    @api.model
    def _in_batches(self, is_due, state, method):
        """The state is the cursor: what was done isn't found again, also after a job that was killed."""
        edge = fields.Date.context_today(self) + relativedelta(days=1)
        day = "date_from" if state == "draft" else "date_to"
        waiting = self.search([("state", "=", state), (day, "<=", edge)], order="id").filtered(is_due)
        for start in range(0, len(waiting), BATCH):
            some = waiting[start : start + BATCH]
            getattr(some.with_context(tracking_disable=True), method)()
            self.env["ir.cron"]._commit_progress(len(some), remaining=len(waiting) - start - len(some))
