from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date


class KamsPipelineChangeAsk(models.TransientModel):
    """Ask what changed in the pipeline between two days, and of whom."""

    _name = "kams.pipeline.change.ask"
    _description = "What changed between two days"

    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
        help="The pipeline as it stood when this day began.",
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=fields.Date.context_today,
        help="The pipeline as it stood when this day ended; now, if that is today.",
    )
    until = fields.Date(
        string="Closing Until",
        help="Only deals that are expected to close by this day count; what moves across it is pulled in or pushed "
        "out. Empty: all open deals.",
    )
    team_id = fields.Many2one("crm.team", string="Sales Team", help="By the team that the deal belongs to at the end.")
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        domain="[('share', '=', False)]",
        help="By the salesperson that the deal belongs to at the end.",
    )

    # CONSTRAINTS
    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for one in self:
            if one.date_from > one.date_to:
                raise ValidationError(
                    self.env._(
                        "%(to)s lies before %(from)s. Choose a day that comes after the first one.",
                        **{"to": format_date(self.env, one.date_to), "from": format_date(self.env, one.date_from)},
                    )
                )

    # ACTIONS
    def action_show(self):
        """The bars from what it was to what it is."""
        action = self._action("kams_sales.kams_pipeline_change_step_action")
        action["context"] = {
            **action["context"],
            "kams_team_id": self.team_id.id,
            "kams_user_id": self.user_id.id,
        }
        return action

    def action_deals(self):
        """The deals behind the bars, to filter and group."""
        action = self._action("kams_sales.kams_pipeline_change_action")
        context = {"search_default_group_kind": 1}
        return {**action, "domain": self._domain(), "context": {**action["context"], **context}}

    # BUSINESS
    def _action(self, xml_id):
        self.ensure_one()
        today = fields.Date.context_today(self)
        if self.date_from > today:
            raise UserError(
                self.env._("%s has not come yet. Choose today or a day in the past.", self._day(self.date_from))
            )
        report = self.env["kams.report"]
        context = {"kams_from": report._end(fields.Date.subtract(self.date_from, days=1)).isoformat()}
        if self.date_to < today:
            context["kams_to"] = report._end(self.date_to).isoformat()
        if self.until:
            context["kams_until"] = self.until.isoformat()
        return {
            **self.env["ir.actions.act_window"]._for_xml_id(xml_id),
            "display_name": self._title(),
            "context": context,
        }

    def _domain(self):
        return [(name, "=", self[name].id) for name in ("team_id", "user_id") if self[name]]

    def _title(self):
        days = {"first": self._day(self.date_from), "last": self._day(self.date_to)}
        if self.until:
            title = self.env._(
                "Changes from %(first)s to %(last)s, Closing until %(until)s", until=self._day(self.until), **days
            )
        else:
            title = self.env._("Changes from %(first)s to %(last)s", **days)
        names = [self[name].display_name for name in ("team_id", "user_id") if self[name]]
        return " – ".join([title, *names])

    def _day(self, day):
        return format_date(self.env, day)
