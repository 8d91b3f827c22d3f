from datetime import datetime, time, timedelta, timezone

import pytz

from odoo import api, fields, models
from odoo.tools import SQL, Query

from ..models.kams_deal_history_kept import SELLING

# Of the normal distribution: a rate lies within its interval 95 times of 100
CONFIDENCE = 1.959964
# So many deals a verdict needs, where no dated rule says it
VERDICT_LEAST = 20
# PostgreSQL would compile so long a statement for seconds, to run it in milliseconds; and it would write what it sorts
# and adds up to disk, piece by piece, with the few MB that it takes by itself. A server that gives more keeps its own.
SETTINGS = """
SELECT set_config('jit', 'off', TRUE),
       CASE WHEN pg_size_bytes(current_setting('work_mem')) < pg_size_bytes('64MB')
            THEN set_config('work_mem', '64MB', TRUE) END
"""
# Said once in a transaction
JIT_OFF = "kams_report_jit_off"


class KamsReport(models.AbstractModel):
    """What reports that steer a team share: rates, medians and intervals that are right for every group.

    Book chapter 9. A pivot that adds up or averages percentages is wrong as soon as groups differ in size. A report
    names its measures here, and each group gets sum over sum, its own percentile or its own interval; without a
    denominator it stays empty. Such a field is declared as a number with ``aggregator="avg"`` and has nothing in a row
    itself, unless the report's query gives it something.
    """

    _name = "kams.report"
    _description = "Report on what deals were"
    _inherit = "kams.question"

    # {measure: (column summed, column summed to divide by, factor)}
    _ratios = {}
    # {measure: (column, share of the rows that lie below)}
    _percentiles = {}
    # {measure: (successes, trials, -1 for the lower end or 1 for the upper)}: Wilson's interval of a rate, in %
    _intervals = {}
    # {measure: (measure, column counted)}: a measure that stays empty where there are fewer deals than a verdict needs
    _only_from = {}
    # {measure: (measure, less which, column counted of the one, of the other)}: empty with too few deals on either side
    _differences = {}
    # {measure: column}: a measure that stays empty in a group that mixes several values of the column
    _only_within = {}

    # ORM
    @api.model
    def _search(self, domain, *args, **kwargs):
        cr = self.env.cr
        if JIT_OFF not in cr.cache:
            cr.execute(SETTINGS)
            cr.cache[JIT_OFF] = True
            for over in (cr.postcommit, cr.postrollback):
                over.add(lambda: cr.cache.pop(JIT_OFF, None))
        return super()._search(domain, *args, **kwargs)

    def _read_group_select(self, aggregate_spec, query):
        name = aggregate_spec.partition(":")[0]
        measure = self._measure(name, query)
        if measure is None:
            return super()._read_group_select(aggregate_spec, query)
        if name in self._only_within:
            column = self._field_to_sql(self._table, self._only_within[name], query)
            return SQL("CASE WHEN MIN(%(c)s) = MAX(%(c)s) THEN %(measure)s END", c=column, measure=measure)
        return measure

    def _read_group_orderby(self, order, groupby_terms, query):
        """Groups of a choice stand in the order of the choice: phases as deals go through them, not by the alphabet.

        Groups of records stand in the order of the records. It is asked once they are added up: Odoo would bring the
        names to each row, and sort all of them by these.
        """
        terms = dict(groupby_terms)
        for spec, term in groupby_terms.items():
            field = self._fields.get(spec)
            if field and field.type == "selection":
                terms[spec] = self._in_order_of_choice(field, term)
        parts = []
        for part in order.split(",") if order else ():
            spec, *how = part.split()
            field = self._fields.get(spec)
            if spec in terms and field and field.type == "many2one":
                parts += self._in_order_of_records(field.comodel_name, terms[spec], " ".join(how))
            else:
                parts.append(super()._read_group_orderby(part, terms, query))
        if parts:
            return SQL(", ").join(parts)
        return super()._read_group_orderby(order, terms, query)

    # BUSINESS: measures
    @api.model
    def _measure(self, name, query):
        """One of the measures above as SQL over a group, or None."""
        if name in self._ratios:
            above, below, factor = self._ratios[name]
            return SQL("%s * %s / NULLIF(%s, 0)", factor, self._sum(above, query), self._sum(below, query))
        if name in self._percentiles:
            column, share = self._percentiles[name]
            column = self._field_to_sql(self._table, column, query)
            return SQL("percentile_cont(%s) WITHIN GROUP (ORDER BY %s)", share, column)
        if name in self._intervals:
            successes, trials, end = self._intervals[name]
            return self._interval(self._sum(successes, query), self._sum(trials, query), end)
        if name in self._only_from:
            measure, counted = self._only_from[name]
            return self._verdict(self._measure(measure, query), counted, query=query)
        if name in self._differences:
            first, second, *counted = self._differences[name]
            difference = SQL("%s - %s", self._measure(first, query), self._measure(second, query))
            return self._verdict(difference, *counted, query=query)
        return None

    @api.model
    def _verdict(self, measure, *counted, query):
        """A measure, where each of these columns counts enough deals for a verdict (``verdict_least_deals``)."""
        least = self.env["kams.legal.rule"]._value("verdict_least_deals")
        least = VERDICT_LEAST if least is None else least  # a company may have ended it; 0 is a value
        enough = [SQL("%s >= %s", self._sum(name, query), least) for name in counted]
        return SQL("CASE WHEN %s THEN %s END", SQL(" AND ").join(enough), measure)

    @api.model
    def _sum(self, name, query):
        return SQL("SUM(%s)::double precision", self._field_to_sql(self._table, name, query))

    @api.model
    def _interval(self, successes, trials, end):
        """An end of Wilson's interval in %: unlike the plain one it never leaves 0 to 100, and holds for few deals."""
        return SQL(
            """
            100 * (%(s)s + %(z)s ^ 2 / 2 + %(end)s * %(z)s
                   * sqrt(GREATEST(%(s)s * (1 - %(s)s / NULLIF(%(n)s, 0)), 0) + %(z)s ^ 2 / 4))
            / (NULLIF(%(n)s, 0) + %(z)s ^ 2)
            """,
            s=successes,
            n=trials,
            z=SQL("%s::double precision", CONFIDENCE),
            end=end,
        )

    @api.model
    def _empty_measures(self):
        """These measures as columns of a row, where they say nothing: they are of groups."""
        names = [*self._ratios, *self._percentiles, *self._intervals, *self._only_from, *self._differences]
        return SQL(", ").join(SQL("NULL::double precision AS %s", SQL.identifier(name)) for name in names)

    @api.model
    def _in_order_of_choice(self, field, term):
        if not isinstance(field.selection, list):  # made by a method: what order it has, only that knows
            return term
        return SQL("array_position(%s::varchar[], %s)", [value for value, _label in field.selection], term)

    @api.model
    def _in_order_of_records(self, model, term, how="", seen=()):
        """The order of a group's record among those of its model, as SQL terms: one for each column that it goes by.

        :param model: whose record it is
        :param term: SQL of its id
        :param how: ``desc``, ``nulls first``, ``nulls last``, as in an order
        :param seen: models whose order led here: Odoo breaks such circles as well
        """
        records, how = self.env[model], how.lower()
        backwards = "desc" in how
        nulls = {"nulls first": SQL("%s IS NOT NULL", term), "nulls last": SQL("%s IS NULL", term)}
        terms = [where for asked, where in nulls.items() if asked in how]
        for part in records._order.split(","):
            name, *direction = part.split()
            field = records._fields[name.partition(".")[0]]
            found = Query(self.env, records._table, records._table_sql)
            found.add_where(SQL("%s = %s", SQL.identifier(records._table, "id"), term))
            value = found.subselect(records._field_to_sql(records._table, field.name, found))
            reverse = backwards is not ("desc" in " ".join(direction).lower())
            if field.type == "many2one" and records[field.name]._order != "id":
                if field.comodel_name not in (model, *seen):
                    how = "desc" if reverse else ""
                    terms += self._in_order_of_records(field.comodel_name, value, how, (model, *seen))
                continue
            if field.type == "boolean":
                value = SQL("COALESCE(%s, FALSE)", value)
            terms.append(SQL("%s%s", value, SQL(" DESC") if reverse else SQL()))
        return terms

    # BUSINESS: what is asked
    @api.model
    def _made_of(self, name):
        return self._ratios.get(name, ())[:2]

    @api.model
    def _asked_moment(self, name):
        """A moment (UTC) that the reader's context names as ISO text, or None; it is read as data, whoever sent it."""
        asked = self.env.context.get(name)
        try:
            moment = asked if isinstance(asked, datetime) else datetime.fromisoformat(asked.replace("Z", "+00:00"))
        except (AttributeError, ValueError):
            return None
        return moment.astimezone(timezone.utc).replace(tzinfo=None) if moment.tzinfo else moment

    @api.model
    def _end(self, day):
        """The last moment (UTC) of a day where the reader is: what a day ended with is what the next one began with."""
        zone = pytz.timezone(self.env.user.tz or "UTC")
        midnight = zone.localize(datetime.combine(day + timedelta(days=1), time.min))
        return midnight.astimezone(pytz.utc).replace(tzinfo=None) - timedelta(microseconds=1)

    # BUSINESS: pieces of statements
    @api.model
    def _phase_order(self, column):
        """The place of a phase code among those of selling, from 1; delivery and beyond come after all of them."""
        return SQL("COALESCE(array_position(%s::varchar[], %s), %s)", list(SELLING), column, len(SELLING) + 1)

    @api.model
    def _present_rate(self, company):
        """What brings an amount of a row's company into the currency of the reader's company, as SQL to multiply by.

        With companies of several currencies at once it is as in Odoo's sales analysis: at the present rates, so that a
        rate which is added late changes all figures alike. Odoo writes these into a temporary table, which a replica
        that is only read from refuses; here they are numbers in the statement.

        :param company: SQL of the row's company
        """
        main = self.env.company.currency_id
        others = self.env.companies.filtered(lambda each: each.currency_id != main)
        if not others:
            return SQL("1")
        # sudo: as in Odoo's own table; rates are the same for all who see the amounts
        rates = (main | others.currency_id).sudo()._get_rates(self.env.company, fields.Date.today())
        cases = [SQL("WHEN %s THEN %s", each.id, rates[main.id] / rates[each.currency_id.id]) for each in others]
        return SQL("CASE %s %s ELSE 1 END", company, SQL(" ").join(cases))

    @api.model
    def _presently(self, amount, company):
        """An amount of a row's company as :meth:`_present_rate` brings it to the reader, as SQL."""
        rate = self._present_rate(company)
        return amount if rate.code == "1" else SQL("%s * %s", amount, rate)

    @api.model
    def _currency(self):
        """The currency that :meth:`_present_rate` leads to, as SQL."""
        return SQL("%s", self.env.company.currency_id.id)
