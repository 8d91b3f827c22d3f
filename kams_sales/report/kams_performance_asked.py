from datetime import date, datetime, timedelta
from functools import reduce
from operator import and_, or_

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .kams_performance import PARTS, TEAMS, USERS

# What a measure is made of, besides itself
MADE_OF = {"won_on_quota": ("won_amount", "quota"), "quota": ("own_quota", "team_quota"), "decided": ("won", "lost")}
# Record rules and names ask for these; if they weren't read along, everything would be read again for them
WHOSE = ("kind", "user_id", "team_id", "company_id", "date_from")


class About:
    """Whose work of which days the rows of a question can be made of; None: of all. JSON carries no such object."""

    def __init__(self, first=None, after=None, people=None, teams=None):
        self.first, self.after = first, after  # from this day on, until the day before that one
        self.people, self.teams = people, teams  # ids; 0 is no team

    @property
    def few(self):
        """Whether anything is left out."""
        return any(one is not None for one in (self.first, self.after, self.people, self.teams))

    def __and__(self, other):
        return About(
            max(filter(None, (self.first, other.first)), default=None),
            min(filter(None, (self.after, other.after)), default=None),
            *(
                mine & theirs if None not in (mine, theirs) else theirs if mine is None else mine
                for mine, theirs in ((self.people, other.people), (self.teams, other.teams))
            ),
        )

    def __or__(self, other):
        return About(
            min(self.first, other.first) if self.first and other.first else None,
            max(self.after, other.after) if self.after and other.after else None,
            *(
                mine | theirs if None not in (mine, theirs) else None
                for mine, theirs in ((self.people, other.people), (self.teams, other.teams))
            ),
        )


class KamsPerformance(models.Model):
    """Only what somebody asks for is read: the parts with what is shown, of the quarters, people and teams shown.

    A row adds up the work of one person or team in one quarter, so leaving out what belongs to other rows changes no
    figure; conditions of the domain itself then choose among the rows.
    """

    _inherit = "kams.performance"

    # ORM
    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        if not field_names:
            return super().search_fetch(domain, field_names, offset=offset, limit=limit, order=order)
        field_names = [*field_names, *(name for name in WHOSE if name not in field_names)]
        asking = self._with_parts(self._names_in(domain, *field_names, order=order or self._order))
        rows = super(KamsPerformance, asking).search_fetch(domain, field_names, offset=offset, limit=limit, order=order)
        return rows.with_env(self.env)

    @api.model
    def _search(self, domain, *args, **kwargs):
        asked = Domain(domain)
        if not self.env.su and not kwargs.get("bypass_access"):
            asked &= Domain(self.env["ir.rule"]._compute_domain(self._name, "read"))
        asking = self.with_context(kams_performance_about=self._about(asked.optimize_full(self)))
        return super(KamsPerformance, asking)._search(domain, *args, **kwargs)

    # BUSINESS: which parts
    @api.model
    def _as_asked(self, domain, groupby, aggregates, having=(), order=None):
        """Each part reads tables of its own, and only what somebody wants is read."""
        return self._with_parts(self._names_in(domain, *groupby, *aggregates, having=having, order=order))

    @api.model
    def _with_parts(self, names):
        wanted = sorted(part for part, columns in PARTS.items() if not names.isdisjoint(columns))
        return self.with_context(kams_parts=wanted) if wanted else self

    @api.model
    def _made_of(self, name):
        return [*super()._made_of(name), *MADE_OF.get(name, ())]

    @api.model
    def _asked_parts(self):
        asked = self.env.context.get("kams_parts")
        return (set(PARTS) & set(asked) if isinstance(asked, (list, tuple)) else None) or set(PARTS)

    # BUSINESS: of which quarters, people and teams
    @api.model
    def _about(self, domain):
        """What rows in a domain can be made of: nothing else is missed by them.

        :param domain: optimized, so that values are of the field's type
        """
        children = getattr(domain, "children", ())
        if children:
            return reduce(and_ if domain.OPERATOR == "&" else or_, map(self._about, children))
        name, operator, value = (getattr(domain, key, None) for key in ("field_expr", "operator", "value"))
        if name == "date_from":
            return self._about_days(operator, value)
        if operator == "in" and value and all(type(one) is int for one in value):
            if name == "user_id":
                return About(people=set(value))
            if name == "team_id":
                return About(teams=set(value))
            if name == "id":
                return reduce(or_, map(self._about_row, value))
        return About()

    @api.model
    def _about_days(self, operator, value):
        days = value if operator == "in" else [value]
        if not days or any(not isinstance(day, date) or isinstance(day, datetime) for day in days):
            return About()
        first = min(days) if operator in ("in", ">", ">=") else None
        last = max(days) if operator in ("in", "<", "<=") else None
        day = timedelta(days=1)
        if first:  # the first quarter that begins on that day or later
            first = first + day if operator == ">" else first
            first = fields.Date.start_of(fields.Date.add(first, months=3) - day, "quarter")
        if last:
            last = last - day if operator == "<" else last
            last = fields.Date.add(fields.Date.start_of(last, "quarter"), months=3)
        return About(first, last)

    @api.model
    def _about_row(self, id_):
        """A row's number says whose it is and when."""
        whose, number = divmod(id_, 1000)
        place, user = divmod(whose, USERS)
        year, quarter = divmod(number - 1, 4)
        first = date(1970 + year, 1 + 3 * quarter, 1)
        people = {user} if user else None
        return About(first, fields.Date.add(first, months=3), people, {place % TEAMS})

    @api.model
    def _about_asked(self):
        about = self.env.context.get("kams_performance_about")
        return about if isinstance(about, About) else About()

    @api.model
    def _where_asked(self, at, user, team):
        """What rows can be made of, as SQL; a day more on each side, as the day of a moment is the reader's."""
        about, conditions = self._about_asked(), []
        if about.first:
            conditions.append(SQL("%s >= %s", at, fields.Date.subtract(about.first, days=1)))
        if about.after:
            conditions.append(SQL("%s < %s", at, fields.Date.add(about.after, days=1)))
        if about.people is not None:
            conditions.append(SQL("%s = ANY(%s::int[])", user, sorted(about.people)))
        if about.teams is not None:  # what hangs on no deal finds its team later
            conditions.append(SQL("(%(t)s IS NULL OR %(t)s = ANY(%(ids)s::int[]))", t=team, ids=sorted(about.teams)))
        return SQL(" AND ").join(conditions) if conditions else SQL("TRUE")

    # BUSINESS: when
    @api.model
    def _zone(self):
        return str(self.env.tz)

    @api.model
    def _quarter(self, moment, dated=False):
        """The first day of a moment's quarter, where the reader is."""
        if dated:
            return SQL("date_trunc('quarter', %s::timestamp)::date", moment)
        return SQL("date_trunc('quarter', (%s AT TIME ZONE 'UTC') AT TIME ZONE %s)::date", moment, self._zone())
