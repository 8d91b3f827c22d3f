from datetime import datetime, time

from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


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
            "domain": [*self._whose(model), *domain],
        }

    # BUSINESS: what is behind a figure
    def _whose(self, model):
        """The records of a model that belong to whom this row is about."""
        user, team = {
            "calendar.event": ("user_id", "opportunity_id.team_id"),
            "kams.plan.action": ("user_id", "plan_id.lead_id.team_id"),
            "kams.objection": ("user_id", "lead_id.team_id"),
            "kams.winloss": ("owner_id", "lead_id.team_id"),
        }.get(model, ("user_id", "team_id"))
        domain = Domain("company_id", "in", (self.company_id.id, False)) if model != "calendar.event" else Domain.TRUE
        if self.kind == "person":
            domain &= Domain(user, "=", self.user_id.id)
        if model != "kams.plan.action":
            domain &= Domain(team, "=", self.team_id.id)
        return list(domain)

    def _places(self):
        """``{part: (name, model, domain)}`` of the figures that lead somewhere."""
        result, days = "kams.winloss.report", int(self.env["kams.legal.rule"]._value("winloss_days") or 0)
        late = fields.Date.subtract(fields.Date.context_today(self), days=days)
        asked = ["|", ("state", "=", "done"), ("asked_on", "<", late)]
        closed, held = self._within("closed_at", True), self._within("date", True)
        points = [("level", "=", "mandatory"), *self._within("left_at", True)]
        actions = [("plan_id.state", "!=", "draft"), ("state", "!=", "dropped"), *self._within("date_due")]
        names = self._place_names()
        return {
            part: (names[part], model, domain)
            for part, model, domain in (
                ("won", result, [("outcome", "=", "won"), *closed]),
                ("lost", result, [("outcome", "=", "lost"), *closed]),
                ("undecided", result, [("outcome", "not in", ("won", "lost")), *closed]),
                ("erosion", "kams.margin.erosion", self._within("date_closed", True)),
                ("compliance", "kams.compliance", points),
                ("meetings", "kams.meeting.report", held),
                ("late", "kams.meeting.report", [("late_rate", ">", 0), *held]),
                ("actions", "kams.plan.action", actions),
                ("objections", "kams.objection", self._within("date")),
                ("reviews", "kams.winloss", [*asked, *self._within("asked_on")]),
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
