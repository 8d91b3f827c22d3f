from odoo import api, fields, models


class CrmLead(models.Model):
    """Who hears what while the deal is delivered, and what went wrong meanwhile (8.5)."""

    _inherit = "crm.lead"

    kams_comm_plan_count = fields.Integer(
        compute="_compute_kams_chapter_counts", string="Number of Communication Plans"
    )
    kams_issue_ids = fields.One2many("kams.issue", "lead_id", string="Delivery Issues")
    kams_issue_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Delivery Issues")

    # ORM
    def write(self, vals):
        """A lost deal's contacts and issues ask nobody for anything; once it is open again they do."""
        result = super().write(vals)
        if "active" in vals and (deals := self.filtered("kams_process_id")):
            # sudo: whoever may lose or reopen a deal settles what hangs on it, seen or not
            plans = self.env["kams.plan"].sudo()
            domain = [("lead_id", "in", deals.ids), ("kind", "=", "communication"), ("state", "=", "active")]
            plans.search(domain).line_ids._follow()
            issues = self.env["kams.issue"].sudo()  # sudo: as above
            issues.search([("lead_id", "in", deals.ids), ("state", "=", "open")])._sync_activities()
        return result

    # ACTIONS
    def action_kams_comm_plans(self):
        action = self._kams_open_part("kams.plan", self.env._("Communication Plans"), default_kind="communication")
        kinds = ("list", "form")
        views = [(self.env.ref(f"kams_sales.kams_plan_communication_view_{kind}").id, kind) for kind in kinds]
        return {
            **action,
            "view_mode": "list,form",
            "views": views,
            "domain": [*action["domain"], ("kind", "=", "communication")],
            "help": self.env.ref("kams_sales.kams_plan_communication_action").sudo().help,  # sudo: as for other lists
        }

    def action_kams_issues(self):
        return self._kams_open_part("kams.issue", self.env._("Delivery Issues"), views="list,kanban,form")

    # BUSINESS
    @api.model
    def _kams_chapter_counts(self):
        return {
            **super()._kams_chapter_counts(),
            "kams_comm_plan_count": self._kams_count_of("kams_plan", "kind = 'communication'"),
            "kams_issue_count": self._kams_count_of("kams_issue"),
        }

    @api.model
    def _kams_evidence_actions(self):
        places = ("kams.comm.line", "kams.comm.log")
        return {
            **super()._kams_evidence_actions(),
            **dict.fromkeys(places, "action_kams_comm_plans"),
            "kams.issue": "action_kams_issues",
        }

    def _kams_open_evidence(self, point):
        """Plans that the delivery phase asks for by their communication aren't those that win the deal."""
        if point._records() == "kams.plan" and "communication" in (point.evidence_domain or ""):
            return self.action_kams_comm_plans()
        return super()._kams_open_evidence(point)
