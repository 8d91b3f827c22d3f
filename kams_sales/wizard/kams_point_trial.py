from odoo import api, fields, models


class KamsPointTrial(models.TransientModel):
    """Try a control point before it is in force: on one deal, and on all that it would hold up."""

    _name = "kams.point.trial"
    _description = "Try a control point"

    point_id = fields.Many2one("kams.control.point", required=True, readonly=True, ondelete="cascade")
    lead_id = fields.Many2one(
        "crm.lead",
        string="Deal",
        ondelete="cascade",
        domain=[("type", "=", "opportunity")],
        help="Try it on this deal.",
    )
    result = fields.Selection(
        [("pass", "Met"), ("fail", "Missing"), ("na", "Not applicable")], compute="_compute_result"
    )
    evidence_ref = fields.Reference(
        selection=lambda self: self.env["kams.control.check"]._selection_evidence_ref(),
        string="Evidence Found",
        compute="_compute_result",
    )
    held_lead_ids = fields.Many2many("crm.lead", compute="_compute_held_lead_ids", string="Deals It Would Hold Up")
    held_count = fields.Integer(compute="_compute_held_lead_ids", string="Held Up")
    asked_count = fields.Integer(compute="_compute_held_lead_ids", string="Open Deals in This Phase")

    @api.depends("point_id", "lead_id")
    def _compute_result(self):
        for trial in self:
            deal, point = trial.lead_id, trial.point_id
            trial.result = trial.evidence_ref = False
            if deal and point:
                met = point._evaluate(deal)[point.id]
                applies = deal.id in point._applicable(deal)[point.id]
                trial.result = "na" if not applies else "pass" if deal.id in met else "fail"
                reference = met.get(deal.id)
                if reference and self.env[reference.split(",")[0]].has_access("read"):
                    trial.evidence_ref = reference

    @api.depends("point_id")
    def _compute_held_lead_ids(self):
        """Open deals that stand in the same phase today, under any process, and would not pass."""
        for trial in self:
            point = trial.point_id
            deals = self.env["crm.lead"].search(
                [("kams_phase_id.code", "=", point.phase_id.code), ("won_status", "=", "pending")]
            )
            lacking = point._applicable(deals)[point.id] - point._evaluate(deals)[point.id].keys() if point else ()
            trial.held_lead_ids = deals.filtered(lambda deal, lacking=lacking: deal.id in lacking)
            trial.held_count = len(trial.held_lead_ids)
            trial.asked_count = len(deals)

    def action_view_held(self):
        """Open the deals that the point would hold up."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.crm_lead_kams_action")
        return dict(action, domain=[("id", "in", self.held_lead_ids.ids)], context={})
