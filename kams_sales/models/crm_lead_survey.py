from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import survey
from .blank import BlankFloat


class CrmLead(models.Model):
    """What a deal's surveys say of it: fit and must gaps; and its conflict checks and marketing plans (4.2, 4.4)."""

    _inherit = "crm.lead"

    kams_survey_ids = fields.One2many("kams.survey", "lead_id", string="Surveys")
    kams_requirement_ids = fields.One2many("kams.requirement", "lead_id", string="Requirements")
    kams_conflict_check_ids = fields.One2many("kams.conflict.check", "lead_id", string="Conflict Checks")
    kams_survey_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Surveys")
    kams_requirement_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Requirements")
    kams_marketing_plan_count = fields.Integer(
        compute="_compute_kams_chapter_counts", string="Number of Marketing Plans"
    )
    kams_conflict_check_count = fields.Integer(
        compute="_compute_kams_chapter_counts", string="Number of Conflict Checks"
    )
    kams_fit_rate = BlankFloat(
        string="Fit Rate (%)",
        compute="_compute_kams_fit",
        help="Share of what they want, by importance, that we can give; of the requirements whose fit is known.",
    )
    kams_must_gap = fields.Integer(
        string="Must Gaps", compute="_compute_kams_fit", help="Requirements that are a must and unsupported."
    )

    # COMPUTES
    @api.depends("kams_process_id")
    def _compute_kams_fit(self):
        """Over all requirements of a deal, in one statement for any number of deals."""
        ids = self._origin.filtered("kams_process_id").ids
        found = {}
        if ids:
            self.env["kams.requirement"].flush_model()
            rows = self.env.execute_query(  # who sees the deal may know its rate; it gives no requirement away
                SQL(
                    """
                    SELECT lead_id, importance, fit_weight, COUNT(*), COUNT(*) FILTER (WHERE is_must_gap)
                      FROM kams_requirement WHERE lead_id = ANY(%s) GROUP BY lead_id, importance, fit_weight
                    """,
                    ids,
                )
            )
            for lead_id, importance, weight, number, gaps in rows:
                found.setdefault(lead_id, []).append((int(importance) * number, weight, gaps))
        for lead in self:
            rows = found.get(lead._origin.id, [])
            lead.kams_fit_rate = survey.fit_rate([row[:2] for row in rows])
            lead.kams_must_gap = sum(row[2] for row in rows)

    @api.model
    def _kams_evidence_actions(self):
        return {
            **super()._kams_evidence_actions(),
            "kams.survey": "action_kams_surveys",
            "kams.plan": "action_kams_marketing_plans",
            "kams.conflict.check": "action_kams_conflict_checks",
        }

    @api.model
    def _kams_chapter_counts(self):
        return {
            **super()._kams_chapter_counts(),
            "kams_survey_count": self._kams_count_of("kams_survey"),
            "kams_requirement_count": self._kams_count_of("kams_requirement"),
            "kams_marketing_plan_count": self._kams_count_of("kams_plan", "kind = 'project_marketing'"),
            "kams_conflict_check_count": self._kams_count_of("kams_conflict_check"),
        }

    # ORM
    def write(self, vals):
        """A lost deal's plans ask nobody for anything; once it is open again they do."""
        result = super().write(vals)
        if "active" in vals and (deals := self.filtered("kams_process_id")):
            # sudo: whoever may lose or reopen a deal settles what hangs on it, seen or not
            plans = self.env["kams.plan"].sudo().search([("lead_id", "in", deals.ids), ("state", "=", "active")])
            plans.action_ids._sync_activities()
        return result

    # ACTIONS
    def action_kams_surveys(self):
        return self._kams_open_part("kams.survey", self.env._("Surveys"), views="list,kanban,form")

    def action_kams_requirements(self):
        return self._kams_open_part("kams.requirement", self.env._("Requirements"), views="list,kanban,form")

    def action_kams_conflict_checks(self):
        return self._kams_open_part("kams.conflict.check", self.env._("Conflict Checks"))

    def action_kams_marketing_plans(self):
        action = self._kams_open_part("kams.plan", self.env._("Marketing Plans"), default_kind="project_marketing")
        kinds = ("list", "kanban", "form")
        views = [(self.env.ref(f"kams_sales.kams_plan_marketing_view_{kind}").id, kind) for kind in kinds]
        return {
            **action,
            "view_mode": "list,kanban,form",
            "views": views,
            "domain": [*action["domain"], ("kind", "=", "project_marketing")],
            "help": self.env.ref("kams_sales.kams_plan_marketing_action").sudo().help,  # sudo: as for other lists
        }
