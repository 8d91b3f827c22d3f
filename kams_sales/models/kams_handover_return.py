from odoo import fields, models


class KamsHandoverReturn(models.Model):
    """Why a handover was sent back or reopened, by whom and when: what sales learns for the next one (7.7 交底)."""

    _name = "kams.handover.return"
    _description = "Return of a handover"
    _order = "date desc, id desc"
    _rec_name = "reason"

    handover_id = fields.Many2one("kams.handover", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="handover_id.company_id", store=True, index=True)
    lead_id = fields.Many2one(related="handover_id.lead_id", string="Deal")
    date = fields.Datetime(required=True, default=fields.Datetime.now)
    kind = fields.Selection([("back", "Sent Back"), ("reopened", "Reopened")], string="What Happened", required=True)
    user_id = fields.Many2one("res.users", string="Who", required=True, ondelete="restrict")
    reason = fields.Text(required=True)
