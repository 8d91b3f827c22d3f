from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class CrmLead(models.Model):
    """Which deals somebody should look at, and what those who did saw (9 阶段审计)."""

    _inherit = "crm.lead"

    kams_stage_audit_ids = fields.One2many("kams.stage.audit", "lead_id", string="Stage Audits")
    kams_stage_audit_count = fields.Integer(compute="_compute_kams_chapter_counts", string="Number of Stage Audits")
    kams_needs_audit = fields.Boolean(
        string="To Be Audited",
        compute="_compute_kams_needs_audit",
        search="_search_kams_needs_audit",
        help="It is in its phase for longer than the standard days, or came there on a waiver, and nobody has audited "
        "it since.",
    )

    # COMPUTES
    @api.depends("kams_process_id", "kams_phase_id", "kams_stage_audit_ids.state")
    def _compute_kams_needs_audit(self):
        deals = self._origin.filtered("kams_process_id")
        needing = deals.filtered_domain([("id", "in", deals._kams_ids_to_audit(deals.ids))]) if deals else deals
        for lead in self:
            lead.kams_needs_audit = lead._origin in needing

    @api.model
    def _search_kams_needs_audit(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in" if True in value else "not in", self._kams_ids_to_audit())]

    # ACTIONS
    def action_kams_stage_audits(self):
        return self._kams_open_part("kams.stage.audit", self.env._("Stage Audits"))

    def action_kams_audit(self):
        """Begin an audit of each of these deals, with what is on record today; one that is under way goes on."""
        self.check_access("read")
        deals = self.filtered("kams_process_id")
        if not deals:
            raise UserError(self.env._("Choose deals that run under a KAMS process: others have nothing to audit."))
        model = self.env["kams.stage.audit"]
        under_way = model.search(
            [("lead_id", "in", deals.ids), ("state", "=", "draft"), ("auditor_id", "=", self.env.uid)]
        )
        begun = model.create([{"lead_id": deal.id} for deal in deals - under_way.lead_id])
        return (under_way | begun)._get_records_action(name=self.env._("Stage Audits"))

    # BUSINESS
    @api.model
    def _kams_ids_to_audit(self, deal_ids=None):
        """Ids of the open deals before their contract that should be audited, from the history's last rows."""
        share = self.env["kams.legal.rule"]._value("stage_audit_after")
        self.env["kams.stage.audit"].flush_model(["lead_id", "state", "done_on"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT history.lead_id
                  FROM kams_deal_history history
                  JOIN kams_process_phase phase ON phase.id = history.phase_id
                 WHERE history.valid_to IS NULL AND history.status = 'open' AND history.phase_code != 'delivery'
                   AND history.lead_id IS NOT NULL AND %(narrow)s
                   AND (history.phase_since < %(now)s - phase.standard_days * %(share)s * interval '1 day'
                        OR EXISTS (SELECT FROM kams_deal_history entered
                                    WHERE entered.lead_ref = history.lead_ref
                                      AND entered.valid_from = history.phase_since
                                      AND entered.gate_result = 'waived'))
                   AND NOT EXISTS (SELECT FROM kams_stage_audit audit
                                    WHERE audit.lead_id = history.lead_id AND audit.state = 'done'
                                      AND audit.done_on >= history.phase_since::date)
                """,
                narrow=SQL("TRUE") if deal_ids is None else SQL("history.lead_ref = ANY(%s)", list(deal_ids)),
                now=fields.Datetime.now(),
                share=1.0 if share is None else share / 100,
            )
        )
        return [id_ for (id_,) in rows]

    @api.model
    def _kams_chapter_counts(self):
        return {
            **super()._kams_chapter_counts(),
            "kams_stage_audit_count": self._kams_count_of("kams_stage_audit"),
        }

    @api.model
    def _kams_evidence_actions(self):
        return {**super()._kams_evidence_actions(), "kams.stage.audit": "action_kams_stage_audits"}
