from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .insiders import INSIDERS


class CrmLead(models.Model):
    """A deal's rivals, and what we think of its chances (3.6 判断潜在客户的销售机会)."""

    _inherit = "crm.lead"

    kams_competitor_ids = fields.One2many("kams.competitor", "lead_id", string="Competitors", groups=INSIDERS)
    kams_competitor_count = fields.Integer(
        string="Number of Competitors", compute="_compute_kams_chapter_counts", groups=INSIDERS
    )
    kams_competitor_open_count = fields.Integer(
        string="Competitors Without Outcome", compute="_compute_kams_chapter_counts", groups=INSIDERS
    )
    kams_qualification_ids = fields.One2many("kams.qualification", "lead_id", string="Judgements", groups=INSIDERS)
    kams_qualification_count = fields.Integer(
        string="Number of Judgements", compute="_compute_kams_chapter_counts", groups=INSIDERS
    )
    kams_judged_score = fields.Integer(string="Last Score", compute="_compute_kams_chapter_counts", groups=INSIDERS)

    # CONSTRAINTS
    @api.constrains("kams_no_competitor")
    def _check_kams_no_competitor(self):
        for lead in self.filtered("kams_no_competitor"):
            if lead.kams_competitor_ids:
                raise ValidationError(
                    self.env._(
                        "%(deal)s has competitors: %(names)s. Delete their sheets before marking “No Competitor”.",
                        deal=lead.display_name,
                        names=", ".join(lead.kams_competitor_ids.partner_id.mapped("display_name")),
                    )
                )

    # ACTIONS
    def action_kams_competitors(self):
        """The deal's competitors, ready to add one."""
        return self._kams_open_part("kams.competitor", self.env._("Competitors"), "list,kanban,form")

    def action_kams_judgement(self):
        """The deal's judgements; while there are none, the first one at once, for those who may judge."""
        self.ensure_one()
        judgements = self.env["kams.qualification"]
        if not judgements.has_access("create") or judgements.search_count([("lead_id", "=", self.id)], limit=1):
            return self._kams_open_part("kams.qualification", self.env._("Judgements"), "list,kanban,graph,form")
        return self.action_kams_judge()

    def action_kams_judge(self):
        """Open the judgement that is being made; else start one from the last."""
        self.ensure_one()
        judgements = self.env["kams.qualification"]
        judgement = judgements.search([("lead_id", "=", self.id), ("state", "=", "draft")], limit=1)
        judgement = judgement or judgements.create({"lead_id": self.id, **self._kams_last_chances()})
        return judgement._get_records_action(name=self.env._("Judgement"))

    # BUSINESS
    def _kams_last_chances(self):
        """Chances and cost as they were judged last: what a new judgement starts from."""
        last = self.env["kams.qualification"].search([("lead_id", "=", self.id), ("is_latest", "=", True)], limit=1)
        return {name: last[name] for name in ("p_go", "p_get", "pursuit_cost")} if last else {}

    @api.model
    def _kams_evidence_actions(self):
        return {
            **super()._kams_evidence_actions(),
            "kams.qualification": "action_kams_judge",
        }

    @api.model
    def _kams_chapter_counts(self):
        return {
            **super()._kams_chapter_counts(),
            "kams_competitor_count": self._kams_count_of("kams_competitor"),
            "kams_competitor_open_count": self._kams_count_of("kams_competitor", "result = 'open'"),
            "kams_qualification_count": self._kams_count_of("kams_qualification", "state = 'done'"),
            "kams_judged_score": "SELECT lead_id, round(score)::bigint FROM kams_qualification"
            " WHERE lead_id = ANY(%(ids)s) AND is_latest AND score IS NOT NULL",
        }

    def _merge_dependences(self, opportunities):
        """A competitor of several of the merged deals keeps one sheet; who has competitors is not without any."""
        deals = self | opportunities
        if deals.kams_process_id:
            # sudo: whoever may merge deals merges what hangs on them, seen or not; nothing is shown
            sheets = self.env["kams.competitor"].sudo().search([("lead_id", "in", deals.ids)])
            if sheets and self.kams_no_competitor:
                self.kams_no_competitor = False
            for rivals in sheets.grouped("partner_id").values():
                kept = rivals.filtered(lambda sheet: sheet.lead_id == self)[:1] or rivals[:1]
                (rivals - kept)._merge_into(kept)
        return super()._merge_dependences(opportunities)
