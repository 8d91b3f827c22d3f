from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date, formatLang

from .blank import known


class KamsDelivery(models.Model):
    """How the delivery does, said where Odoo's people look for it: in an update of the project (8.3)."""

    _inherit = "kams.delivery"

    # ACTIONS
    def action_project_update(self):
        """Write an update of the project with status, progress and figures; whoever sends it adds what they think."""
        self.ensure_one()
        self.check_access("write")
        project = self.project_id
        if not project:
            raise UserError(self.env._("“%s” has no project to write an update of: make one first.", self.display_name))
        project.check_access("read")
        update = self.env["project.update"].create(self._update_values())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Project Update"),
            "res_model": "project.update",
            "res_id": update.id,
            "views": [(False, "form")],
            "context": {"active_id": project.id},
        }

    # BUSINESS
    def _update_values(self):
        self.ensure_one()
        today = fields.Date.context_today(self)
        finished = bool(self.phase_ids) and all(phase.state == "done" for phase in self.phase_ids)
        return {
            "project_id": self.project_id.id,
            "name": self.env._("Status on %s", format_date(self.env, today)),
            "date": today,
            "status": "done" if finished else self.track or "on_track",
            "progress": round(known(self.progress) or 0),
            "description": self._update_description(),
        }

    def _update_description(self):
        """Phases and figures as a table that stays as it was on the day."""

        def money(value):
            return "–" if known(value) is None else format_amount(self.env, value, self.currency_id)

        def number(value):
            return "–" if known(value) is None else formatLang(self.env, value, digits=2)

        names = ("bac", "planned_value", "earned_value", "actual_cost", "sv", "cv")
        amounts = [(name, money) for name in names] + [("spi", number), ("cpi", number)]
        amounts += [("eac", money), ("etc_cost", money), ("vac", money), ("tcpi", number)]
        return self.env["ir.qweb"]._render(
            "kams_sales.delivery_update",
            {
                "delivery": self,
                "figures": [
                    (self._fields[name]._description_string(self.env), show(self[name]))
                    for name, show in amounts
                    if known(self[name]) is not None
                ],
                "phases": self.phase_ids,
                "states": dict(self.phase_ids._fields["state"]._description_selection(self.env)),
                "known": known,
                "day": lambda value: format_date(self.env, value) if value else "",
                "number": number,
            },
        )
