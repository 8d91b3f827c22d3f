from datetime import datetime, time

from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .kams_performance import DATED


class KamsPerformance(models.Model):
    """Each figure leads to the records that it is made of (book chapter 9)."""

    _inherit = "kams.performance"

    # ACTIONS
    @api.readonly
    def action_part(self):
        """What a figure is made of: the context says which (``part``)."""
        self.ensure_one()
        part = self.env.context.get("part")
        places = self._places()
        if part not in places:
            raise UserError(self.env._("Choose a figure of “%s” first.", self.display_name))
        name, model, domain = places[part]
        views = ["list", "form"] if self.env[model]._auto else ["list"]
        return {
            "type": "ir.actions.act_window",
            "name": f"{name} · {self.display_name}",
            "res_model": model,
            "views": [(False, view) for view in views],
            "domain": self._refs(part) if domain is None else domain,
        }

    # BUSINESS: what is behind a figure
    def _whose(self):
        """The rows of a report that belong to whom this row is about."""
        whose = [("company_id", "in", (self.company_id.id, False)), ("team_id", "=", self.team_id.id)]
        return [*whose, ("user_id", "=", self.user_id.id)] if self.kind == "person" else whose

    def _refs(self, part):
        """The records that a part of this row counts; who opens them sees those that they may read."""
        whose = self._teams({part})
        rows = self.env.execute_query(
            SQL(
                """
                %(held)s
                SELECT each.ref
                  FROM (SELECT part.*, %(quarter)s AS date_from FROM (%(part)s) part) each %(own)s
                 WHERE each.date_from = %(first)s AND COALESCE(each.company_id, %(present)s) = %(company)s
                   AND %(team)s IS NOT DISTINCT FROM %(its_team)s AND %(person)s
                """,
                held=whose["held"],
                quarter=self._quarter(SQL("part.at"), dated=part in DATED),
                part=getattr(self, f"_part_{part}")(),
                own=whose["own"],
                first=self.date_from,
                present=self.env.company.id,
                company=self.company_id.id,
                team=whose["team"],
                its_team=self.team_id.id or None,
                person=SQL("each.user_id = %s", self.user_id.id) if self.kind == "person" else SQL("TRUE"),
            )
        )
        return [("id", "in", [ref for (ref,) in rows])]

    def _places(self):
        """``{part: (name, model, domain)}`` of the figures that lead somewhere; without a domain it is ``_refs``."""
        whose, result = self._whose(), "kams.winloss.report"
        closed, held = self._within("closed_at", True), self._within("date", True)
        points = [("level", "=", "mandatory"), *self._within("left_at", True)]
        names = self._place_names()
        return {
            part: (names[part], model, domain if domain is None else [*whose, *domain])
            for part, model, domain in (
                ("won", result, [("outcome", "=", "won"), *closed]),
                ("lost", result, [("outcome", "=", "lost"), *closed]),
                ("undecided", result, [("outcome", "not in", ("won", "lost")), *closed]),
                ("erosion", "kams.margin.erosion", self._within("date_closed", True)),
                ("compliance", "kams.compliance", points),
                ("meetings", "kams.meeting.report", held),
                ("late", "kams.meeting.report", [("late_rate", ">", 0), *held]),
                ("actions", "kams.plan.action", None),
                ("objections", "kams.objection", None),
                ("reviews", "kams.winloss", None),
                ("without_step", "kams.pipeline", [("step_state", "in", ("missing", "stale"))]),
                ("stagnant", "kams.pipeline", [("is_stagnant", "=", True)]),
            )
        }

    @api.model
    def _place_names(self):
        return {
            "won": self.env._("Won Deals"),
            "lost": self.env._("Lost Deals"),
            "undecided": self.env._("Deals without Decision"),
            "erosion": self.env._("Margin Erosion"),
            "compliance": self.env._("Compliance"),
            "meetings": self.env._("Meetings Held"),
            "late": self.env._("Records Late"),
            "actions": self.env._("Plan Actions Due"),
            "objections": self.env._("Objections Raised"),
            "reviews": self.env._("Win/Loss Reviews Due"),
            "without_step": self.env._("Next Step Missing or Stale"),
            "stagnant": self.env._("Stagnant Deals"),
        }

    def _within(self, name, moment=False):
        """The quarter of this row, as a domain on a day or on a moment."""
        first, after = self.date_from, fields.Date.add(self.date_from, months=3)
        if moment:
            zone = timezone(self._zone())
            first, after = (
                zone.localize(datetime.combine(day, time.min)).astimezone(utc).replace(tzinfo=None)
                for day in (first, after)
            )
        return [(name, ">=", first), (name, "<", after)]
