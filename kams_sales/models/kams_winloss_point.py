from odoo import api, fields, models
from odoo.tools import SQL

from .kams_process_phase import PHASE_CODES


class KamsWinlossPoint(models.Model):
    """A control point that the deal went past unmet or on a waiver, as it stood when the deal was closed (9)."""

    _name = "kams.winloss.point"
    _description = "Control point skipped on a closed deal"
    _inherit = ["kams.computed.mixin"]
    _order = "winloss_id, id"
    _log_access = False  # noted by the program, never changed

    winloss_id = fields.Many2one("kams.winloss", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="winloss_id.company_id", store=True, index=True)
    point_id = fields.Many2one(
        "kams.control.point", string="Control Point", readonly=True, ondelete="set null", index="btree_not_null"
    )
    phase_code = fields.Selection(PHASE_CODES, string="Phase", readonly=True)
    code = fields.Char(string="Code of the Point", readonly=True)
    name = fields.Char(string="Control Point (Label)", readonly=True)
    mandatory = fields.Boolean(readonly=True)
    state = fields.Selection(
        [("missing", "Skipped"), ("waived", "Waived")], string="Status", readonly=True, required=True
    )
    reason = fields.Text(string="Reason of the Waiver", readonly=True)
    approver_id = fields.Many2one(
        "res.users", string="Waived By", readonly=True, ondelete="set null", index="btree_not_null"
    )


class KamsWinloss(models.Model):
    """Which control points were skipped on the way to this end."""

    _inherit = "kams.winloss"

    point_ids = fields.One2many("kams.winloss.point", "winloss_id", string="Points Skipped", readonly=True)
    point_count = fields.Integer(string="Number of Points Skipped", compute="_compute_point_count")

    # COMPUTES
    @api.depends("point_ids")
    def _compute_point_count(self):
        for review in self:
            review.point_count = len(review.point_ids)

    # BUSINESS
    def _note_points(self):
        """Keep what these deals lacked when they were closed, of the phases that they went through. One statement.

        What is lacking is said as by :class:`KamsCompliance`: nothing is owed of phases from before a deal came under
        KAMS, nor of points that nobody asked yet, and a mandatory point that the gate let pass was met then.
        Where checks have been asked since, they say the same: evidence of a closed deal is added seldom, and its
        review starts within the hour.
        """
        if not self:
            return
        self.flush_recordset()
        self.env["kams.control.check"].flush_model()
        self.env.execute_query(
            SQL(
                """
                INSERT INTO kams_winloss_point
                       (winloss_id, company_id, point_id, phase_code, code, name, mandatory, state, reason, approver_id)
                SELECT review.id, review.company_id, point.id, phase.code, point.code,
                       COALESCE(point.name->>'en_US', point.name->>0), point.level = 'mandatory',
                       CASE WHEN gate.waived THEN 'waived' ELSE 'missing' END,
                       CASE WHEN gate.waived THEN checked.waiver_reason END,
                       CASE WHEN gate.waived THEN checked.waiver_approver_id END
                  FROM kams_winloss review
                  JOIN kams_deal_history ended ON ended.id = review.closing_id
                  JOIN kams_process_phase reached ON reached.id = ended.phase_id
                  JOIN kams_deal_way way ON way.lead_ref = review.lead_id
                  JOIN kams_control_check checked ON checked.lead_id = review.lead_id
                                                 AND checked.state IN ('fail', 'waived')
                  JOIN kams_control_point point ON point.id = checked.point_id
                  JOIN kams_process_phase phase ON phase.id = point.phase_id
                                               AND phase.process_id = ended.process_id
                                               AND phase.sequence < reached.sequence
            CROSS JOIN LATERAL (
                       SELECT passed, checked.state = 'waived' OR passed AND checked.waived_at IS NOT NULL AS waived
                         FROM (SELECT point.level = 'mandatory'
                                      AND COALESCE(way.gate_reached > phase.sequence, FALSE) AS passed) gate) gate
                 WHERE review.id = ANY(%s)
                   AND (way.brought IS NULL OR phase.sequence >= way.brought)
                   AND (gate.waived OR NOT gate.passed)
                   AND NOT EXISTS (SELECT FROM kams_winloss_point noted WHERE noted.winloss_id = review.id)
              ORDER BY review.id, phase.sequence, point.sequence, point.id
                RETURNING id
                """,
                self.ids,
            )
        )
        self.env["kams.winloss.point"].invalidate_model(flush=False)
        self.invalidate_recordset(["point_ids", "point_count"], flush=False)
