from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import risk as arithmetic
from .kams_risk import IMPACTS, PROBABILITIES

NAMED = 6  # so many risks of a square are named; the others are counted


class KamsRisk(models.Model):
    """The heat map: how many risks are how likely and how grave, and what they may cost together (8.7).

    A handful of statements for any number of risks; each square names a few of them.
    """

    _inherit = "kams.risk"

    # BUSINESS
    @api.model
    def _map(self, domain, after=False):
        """What a map shows, as plain values for its templates.

        :param domain: of the risks, as the user may read them; only open ones are on a map
        :param after: as they are when what is done about them has worked
        """
        domain = [*domain, ("state", "=", "open")]
        places, unjudged = self._map_places(domain, after)
        named = self.browse([id_ for ids in places.values() for id_ in ids[:NAMED]])
        named.fetch(["code", "name", "lead_id"])
        limits = self._limits()
        words = {name: dict(self._fields[name]._description_selection(self.env)) for name in ("probability", "impact")}
        impacts = [int(key) for key, _label in IMPACTS]

        def square(probability, impact):
            ids = places.get((probability, impact), [])
            return {
                "place": f"{probability}{impact}",
                "level": arithmetic.level(probability * impact, *limits) or "unknown",
                "count": len(ids),
                "more": max(len(ids) - NAMED, 0),
                "risks": [
                    {"url": f"/odoo/kams-risks/{risk.id}", "code": risk.code or "–", "name": risk.name_short}
                    for risk in self.browse(ids[:NAMED])
                ],
            }

        return {
            "columns": [words["impact"][str(impact)] for impact in impacts],
            "rows": [
                {
                    "name": words["probability"][key],
                    "squares": [square(int(key), impact) for impact in impacts],
                }
                for key, _label in reversed(PROBABILITIES)
            ],
            "unjudged": unjudged,
            "total": unjudged + sum(map(len, places.values())),
            "figures": self._map_figures(domain),
        }

    @api.model
    def _map_places(self, domain, after):
        """``{(how likely, how grave): ids}``, the dearest first, and how many aren't judged yet."""
        names = ["probability", "impact"]
        if after:
            names += ["residual_probability", "residual_impact"]
        places, unjudged = {}, 0
        for *marks, ids in self._read_group(domain, names, ["id:array_agg"]):
            # what isn't said of the time after the action is as it was before
            place = tuple(int(mark or 0) for mark in (marks[:2] if not after else self._then(*marks)))
            if all(place):
                places.setdefault(place, []).extend(ids)
            else:
                unjudged += len(ids)
        return places, unjudged

    @api.model
    def _then(self, probability, impact, residual_probability, residual_impact):
        return residual_probability or probability, residual_impact or impact

    @api.model
    def _map_figures(self, domain):
        """``[(word, number, tone), ...]``: what the open risks may cost, and which nobody has under control."""
        query = self._search(domain)
        column = {
            name: self._field_to_sql(query.table, name, query)
            for name in ("level", "exposure", "residual_exposure", "action_cost")
        }
        # an exposure after the action that isn't known is the one before it
        then = SQL("COALESCE(%s, %s)", column["residual_exposure"], column["exposure"])
        ((count, high, judged, exposure, later, exposure_then, cost),) = self.env.execute_query(
            query.select(
                SQL("count(*)"),
                SQL("count(*) FILTER (WHERE %s = 'high')", column["level"]),
                SQL("count(%s)", column["exposure"]),
                SQL("sum(%s)", column["exposure"]),
                SQL("count(%s)", column["residual_exposure"]),
                SQL("sum(%s)", then),
                SQL("sum(%s)", column["action_cost"]),
            )
        )
        loose = self.search_count([*domain, ("is_uncontrolled", "=", True)]) if high else 0
        currency = self.env.company.currency_id
        label = self._fields["exposure"]._description_string(self.env)
        found = [
            (self.env._("Open Risks"), str(count), ""),
            (self.env._("High Risks"), str(high), "danger" if high else ""),
            (self.env._("Not under Control"), str(loose), "danger" if loose else ""),
        ]
        if judged:
            found.append((label, currency.format(exposure), ""))
            if judged < count:
                found.append((self.env._("Without an Amount"), str(count - judged), ""))
        if later:
            found.append((self.env._("Exposure with the Actions"), currency.format(exposure_then), ""))
        if cost:
            found.append((self.env._("Cost of the Actions"), currency.format(cost), ""))
        return found

    @api.model
    def _drawn_map(self, domain, after=False):
        return self.env["ir.qweb"]._render("kams_sales.kams_risk_map", self._map(domain, after))


class KamsDelivery(models.Model):
    """The heat map on the delivery itself, and how many risks are open."""

    _inherit = "kams.delivery"

    risk_map = fields.Html(compute="_compute_risk_map", sanitize=False)
    risk_count = fields.Integer(string="Number of Open Risks", compute="_compute_risk_count")
    uncontrolled_count = fields.Integer(string="Risks Not under Control", compute="_compute_risk_count")

    # COMPUTES
    @api.depends("risk_ids.state", "risk_ids.probability", "risk_ids.impact", "risk_ids.exposure", "risk_ids.name")
    @api.depends_context("lang", "uid", "company")
    def _compute_risk_map(self):
        risks = self.env["kams.risk"]
        for delivery in self:
            mine = delivery._origin.id and risks.has_access("read")
            delivery.risk_map = mine and risks._drawn_map([("delivery_id", "=", delivery._origin.id)])

    @api.depends("risk_ids.is_uncontrolled", "risk_ids.state")
    def _compute_risk_count(self):
        """Two statements for all deliveries."""
        domain = [("delivery_id", "in", self.ids), ("state", "=", "open")]
        risks = self.env["kams.risk"]
        counts = dict(risks._read_group(domain, ["delivery_id"], ["__count"]))
        loose = dict(risks._read_group([*domain, ("is_uncontrolled", "=", True)], ["delivery_id"], ["__count"]))
        for delivery in self:
            delivery.risk_count = counts.get(delivery._origin, 0)
            delivery.uncontrolled_count = loose.get(delivery._origin, 0)
