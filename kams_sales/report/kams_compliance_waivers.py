from collections.abc import Collection

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition
from odoo.tools import SQL

from ..models.blank import BlankFloat
from ..tools.arithmetic import ratio

# What says something of waivers alone
OF_WAIVERS = {
    *("waived_at", "waiver_approver_id", "waiver_reason", "waiver_expiry", "waivers"),
    *("state", "standing", "met", "missing", "waived"),
}


class KamsCompliance(models.Model):
    """Waivers by director and reason: how many, how many of all points that apply, and how their deals ended.

    Book sections 0.1 and 9. A point has no director before one waives it, so a share of waivers is not sum over sum
    of a group: it is of all points that apply to the same deals.
    """

    _inherit = "kams.compliance"

    waivers = fields.Integer(
        string="Waivers Given", readonly=True, help="Those that ran out, or whose point was met since, among them."
    )
    waiver_share = BlankFloat(
        string="Share of Points Waived (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Waivers given ÷ all points that apply to the same deals, waived or not.",
    )

    # ORM
    @api.model
    def _search(self, domain, *args, **kwargs):
        domain = Domain(domain).optimize(self)
        parts = domain.children if isinstance(domain, DomainAnd) else [domain]
        asking = self.with_context(kams_waived=any(map(self._means_waived, parts)))
        return super(KamsCompliance, asking)._search(domain, *args, **kwargs)

    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), **kwargs):
        rows = super()._read_group(domain, groupby, self._countable(aggregates), **kwargs)
        return self._with_shares(domain, groupby, aggregates, rows)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), **kwargs):
        sets = super()._read_grouping_sets(domain, grouping_sets, self._countable(aggregates), **kwargs)
        return [
            self._with_shares(domain, groupby, aggregates, rows)
            for groupby, rows in zip(grouping_sets, sets, strict=True)
        ]

    # BUSINESS
    @api.model
    def _means_waived(self, part):
        """Whether a condition lets no row through that nobody waived. Waivers are few, and have an index."""
        if not isinstance(part, DomainCondition):
            return False
        name, operator, value = part.field_expr, part.operator, part.value
        if operator not in ("in", "not in") or not isinstance(value, Collection):
            return False
        if name in ("waived_at", "waiver_approver_id"):
            return (False in value) is (operator == "not in")
        meant = {"state": {"waived"}, "standing": {"waived"}, "waived": {1}, "waivers": {1}}.get(name)
        return operator == "in" and set(value) == meant

    @api.model
    def _asked_checks(self):
        asked = super()._asked_checks()
        if self.env.context.get("kams_waived"):
            asked = SQL("%s AND (checked.waived_at IS NOT NULL OR checked.state = 'waived')", asked)
        return asked

    @api.model
    def _empty_measures(self):
        return SQL("%s, NULL::double precision AS waiver_share", super()._empty_measures())

    @api.model
    def _countable(self, aggregates):
        """The database counts waivers where their share is asked."""
        return ["waivers:sum" if self._is_share(spec) else spec for spec in aggregates]

    @api.model
    def _is_share(self, spec):
        return spec.partition(":")[0] == "waiver_share"

    @api.model
    def _with_shares(self, domain, groupby, aggregates, rows):
        """Groups as asked, their waivers divided by what applies to the same deals, whoever waived how much of it."""
        places = {place for place, spec in enumerate(aggregates, len(groupby)) if self._is_share(spec)}
        if not places or not rows:
            return rows
        kept = [place for place, spec in enumerate(groupby) if spec.partition(":")[0] not in OF_WAIVERS]
        points = {
            tuple(key): number
            for *key, number in self._read_group(
                self._without_waivers(domain), [groupby[place] for place in kept], ["applicable:sum"]
            )
        }

        def share(row):
            found = ratio(row[min(places)] or 0, points.get(tuple(row[place] for place in kept)), 100.0)
            return False if found is None else found  # as a figure without a value is read

        return [tuple(share(row) if place in places else value for place, value in enumerate(row)) for row in rows]

    @api.model
    def _without_waivers(self, domain):
        """A domain less what it asks of waivers."""
        domain = Domain(domain)
        return Domain.AND(
            part
            for part in (domain.children if isinstance(domain, DomainAnd) else [domain])
            if not any(condition.field_expr.partition(".")[0] in OF_WAIVERS for condition in part.iter_conditions())
        )
