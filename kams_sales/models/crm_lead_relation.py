from odoo import api, fields, models


class CrmLead(models.Model):
    """How satisfied the people of a deal are, and how we keep them (8.6 客户关系维护)."""

    _inherit = "crm.lead"

    kams_satisfaction_ids = fields.One2many("kams.satisfaction", "lead_id", string="Satisfaction of the Customer")
    kams_satisfaction_count = fields.Integer(
        compute="_compute_kams_chapter_counts", string="Number of Satisfaction Answers"
    )
    kams_relation_plan_count = fields.Integer(
        compute="_compute_kams_chapter_counts", string="Number of Relationship Plans"
    )

    # ACTIONS
    def action_kams_satisfactions(self):
        return self._kams_open_part("kams.satisfaction", self.env._("Satisfaction"), views="list,kanban,form")

    def action_kams_relation_plans(self):
        action = self._kams_open_part("kams.plan", self.env._("Relationship Plans"), default_kind="relationship")
        kinds = ("list", "kanban", "form")
        views = [(self.env.ref(f"kams_sales.kams_plan_relation_view_{kind}").id, kind) for kind in kinds]
        return {
            **action,
            "view_mode": "list,kanban,form",
            "views": views,
            "domain": [*action["domain"], ("kind", "=", "relationship")],
            "help": self.env.ref("kams_sales.kams_plan_relation_action").sudo().help,  # sudo: as for other lists
        }

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        return {
            **super()._kams_chapter_counts(),
            "kams_satisfaction_count": self._kams_count_of("kams_satisfaction"),
            "kams_relation_plan_count": self._kams_count_of("kams_plan", "kind = 'relationship'"),
        }

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.satisfaction": "action_kams_satisfactions"}

    def _kams_mark_last_answers(self):
        """Mark the last recorded answer of each person on these deals, whoever asks."""
        if not self:
            return
        # sudo: which answer is the last doesn't depend on who looks
        answers = self.env["kams.satisfaction"].sudo()
        seen, last = set(), []
        for answer in answers.search_fetch(
            [("lead_id", "in", self.ids), ("state", "=", "done")],
            ["lead_id", "partner_id", "is_latest"],
            order="date desc, id desc",
        ):
            if (key := (answer.lead_id.id, answer.partner_id.id)) not in seen:
                seen.add(key)
                last.append(answer.id)
        marked = answers.search([("lead_id", "in", self.ids), ("is_latest", "=", True)])
        marked.filtered(lambda answer: answer.id not in last)._set_latest(False)
        answers.browse(last).filtered(lambda answer: not answer.is_latest)._set_latest(True)
