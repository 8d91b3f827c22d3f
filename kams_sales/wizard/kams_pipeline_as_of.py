from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models
from odoo.exceptions import UserError


class KamsPipelineAsOf(models.TransientModel):
    """Ask for the pipeline as it stood at the end of a past day."""

    _name = "kams.pipeline.as.of"
    _description = "Pipeline as of a day"

    day = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self) - timedelta(days=30),
        help="The pipeline as it stood when this day ended.",
    )
    open_only = fields.Boolean(string="Open deals only", default=True)

    def action_show(self):
        """Open the states that were true then, as list, pivot and graph."""
        self.ensure_one()
        today = fields.Date.context_today(self)
        if self.day > today:
            raise UserError(self.env._("%s has not come yet. Choose today or a day in the past.", self.day))
        moment = self._end_of_day()
        domain = self.env["kams.deal.history"]._as_of_domain(moment)
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_deal_history_as_of_action")
        return dict(
            action,
            display_name=self.env._("Pipeline as of %s", fields.Date.to_string(self.day)),
            domain=[
                (*leaf[:2], fields.Datetime.to_string(leaf[2]))
                if isinstance(leaf, tuple) and leaf[2] == moment
                else leaf
                for leaf in domain
            ],
            context={"search_default_open": int(self.open_only), "search_default_group_phase": 1},
        )

    def _end_of_day(self):
        """The last moment of the day in the user's time zone, as UTC; now, if the day is today."""
        zone = pytz.timezone(self.env.user.tz or "UTC")
        end = zone.localize(datetime.combine(self.day, time.max)).astimezone(pytz.utc).replace(tzinfo=None)
        return min(end, fields.Datetime.now())
