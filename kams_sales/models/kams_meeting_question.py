from odoo import fields, models


class KamsMeetingQuestion(models.Model):
    """What we want to ask at a meeting, in the order of SPIN, what they asked us, and the answers (3.4, 4.2).

    SPIN: the situation, the problem, its implications, and what solving it is worth to them (need-payoff).
    """

    _name = "kams.meeting.question"
    _description = "Question of a meeting"
    _inherit = ["kams.meeting.part"]
    _order = "event_id, sequence, id"
    _rec_name = "question"

    sequence = fields.Integer(default=10)
    type = fields.Selection(
        [
            ("situation", "Situation"),
            ("problem", "Problem"),
            ("implication", "Implication"),
            ("need_payoff", "Need-Payoff"),
            ("raised", "Asked by the Customer"),
        ],
        required=True,
        default="situation",
    )
    question = fields.Text(required=True)
    answer = fields.Text(copy=False)
