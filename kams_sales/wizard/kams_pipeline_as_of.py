from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class KamsPipelineAsOf(models.TransientModel):
    """Ask for the pipeline as it stood at the end of a past day.

    Book section 1.2 (利用销售漏斗进行销售流程管理). It is the same page with the same figures, asked of deal history.
    """

    _name = "kams.pipeline.as.of"
    _description = "Pipeline as of a day"

    day = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self) - timedelta(days=30),
        help="The pipeline as it stood when this day ended.",
    )

    # CONSTRAINTS
    @api.constrains("day")
    def _check_day(self):
        for one in self:
            if one.day > fields.Date.context_today(one):
                raise ValidationError(
                    self.env._(
                        "%s has not come yet. Choose today or a day in the past.", format_date(self.env, one.day)
                    )
                )

    # ACTIONS
    def action_show(self):
        """The page of the pipeline, with the figures that it had when the day ended."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_pipeline_action")
        return dict(
            action,
            display_name=self.env._("Pipeline as of %s", format_date(self.env, self.day)),
            context={"kams_as_of": self._end_of_day().isoformat()},
        )

    # BUSINESS
    def _end_of_day(self):
        """The last moment of the day in the user's time zone, as UTC; now, if the day is today."""
        zone = pytz.timezone(self.env.user.tz or "UTC")
        end = zone.localize(datetime.combine(self.day, time.max)).astimezone(pytz.utc).replace(tzinfo=None)
        return min(end, fields.Datetime.now())
