from datetime import datetime, time

from dateutil.relativedelta import relativedelta
from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from odoo.addons.base.models.res_partner import _tz_get

MONTHS = {"month": 1, "quarter": 3, "year": 12}
SCOPE = ("company_id", "team_id", "user_id", "period_kind", "date_from")


class KamsPeriodMixin(models.AbstractModel):
    """Something that holds for a person, a team or a company, for a month, a quarter or a year.

    Book section 1.2. Periods of one kind and scope never overlap, so that nothing is counted twice.
    """

    _name = "kams.period.mixin"
    _description = "Of a period and of somebody"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    team_id = fields.Many2one(
        "crm.team", string="Sales Team", index="btree_not_null", ondelete="restrict", help="Empty: every team's deals."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        domain="[('share', '=', False)]",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: the deals of all in the team, or in the company.",
    )
    period_kind = fields.Selection(
        [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")],
        string="Kind of Period",
        required=True,
        default="quarter",
    )
    date_from = fields.Date(string="From", required=True, index=True, default=lambda self: self._this_quarter())
    date_to = fields.Date(string="To", compute="_compute_date_to", store=True)
    tz = fields.Selection(
        _tz_get,
        string="Time Zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
        help="The period begins and ends at midnight here, whoever looks.",
    )

    # COMPUTES
    @api.model
    def _this_quarter(self):
        today = fields.Date.context_today(self)
        return today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)

    @api.depends("date_from", "period_kind")
    def _compute_date_to(self):
        for record in self:
            months = MONTHS.get(record.period_kind)
            record.date_to = (
                record.date_from and months and record.date_from + relativedelta(months=months, days=-1)
            ) or False

    @api.depends("user_id", "team_id", "company_id", "period_kind", "date_from")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for record in self:
            # sudo: names alone, as Odoo shows them to whoever may read the record
            scope = record.sudo()
            whose = scope.user_id.name or scope.team_id.name or scope.company_id.name or ""
            record.display_name = f"{whose} · {record._period_name()}" if record.date_from else whose

    # CONSTRAINTS
    @api.constrains("date_from")
    def _check_date_from(self):
        for record in self:
            if record.date_from.day > 28:
                raise ValidationError(
                    self.env._(
                        "%(record)s: let the period begin on one of the first 28 days of a month; not every month has "
                        "day %(day)s.",
                        record=record.display_name,
                        day=record.date_from.day,
                    )
                )

    @api.constrains(*SCOPE)
    def _check_overlap(self):
        """One figure for one scope and day."""
        others = self.search(
            [
                ("company_id", "in", self.company_id.ids),
                ("period_kind", "in", self.mapped("period_kind")),
                ("date_from", "<=", max(self.mapped("date_to"))),
                ("date_to", ">=", min(self.mapped("date_from"))),
            ],
            order="date_from, id",
        )
        for scope, records in others.grouped(lambda one: one._scope()).items():
            if scope not in {one._scope() for one in self}:
                continue
            for before, after in zip(records, records[1:], strict=False):
                if before.date_to >= after.date_from:
                    raise ValidationError(
                        self.env._(
                            "%(after)s overlaps with %(before)s, which is of the same people and of the same kind of "
                            "period. Change one of them.",
                            after=after.display_name,
                            before=before.display_name,
                        )
                    )

    # BUSINESS
    def _scope(self):
        return self.company_id, self.team_id, self.user_id, self.period_kind

    def _period_name(self):
        """The period in words: a month's name, or its first and last month."""
        begin = self.date_from
        if begin.day != 1:
            return f"{format_date(self.env, begin)} – {format_date(self.env, self.date_to)}"
        if self.period_kind == "year" and begin.month == 1:
            return str(begin.year)
        if self.period_kind == "quarter" and begin.month % 3 == 1:
            return f"{begin.year} Q{begin.month // 3 + 1}"
        first = format_date(self.env, begin, date_format="yyyy-MM")
        last = format_date(self.env, self.date_to, date_format="yyyy-MM")
        return first if self.period_kind == "month" else f"{first} – {last}"

    def _bounds(self):
        """The period's first moment and the first one after it, in UTC."""
        self.ensure_one()
        zone = timezone(self.tz or "UTC")
        days = self.date_from, self.date_to + relativedelta(days=1)
        return tuple(
            zone.localize(datetime.combine(day, time.min)).astimezone(utc).replace(tzinfo=None) for day in days
        )

    def _is_over(self, now=None):
        return self._bounds()[1] <= (now or fields.Datetime.now())

    def _has_begun(self, now=None):
        return self._bounds()[0] <= (now or fields.Datetime.now())
