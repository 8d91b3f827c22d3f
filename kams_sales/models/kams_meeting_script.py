from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamsMeetingScript(models.Model):
    """A scene of a demonstration: what is shown for which requirement, by whom, how long, and what proves it (5.2)."""

    _name = "kams.meeting.script"
    _description = "Scene of a demonstration"
    _inherit = ["kams.meeting.part"]
    _order = "event_id, sequence, id"
    _rec_name = "scene"

    sequence = fields.Integer(default=10)
    scene = fields.Text(required=True, help="What the customer sees: a story from their own work, not a menu.")
    requirement_id = fields.Many2one(
        "kams.requirement",
        string="Requirement",
        domain="[('lead_id', '=', lead_id)]",
        ondelete="set null",
        index="btree_not_null",
        help="What the customer needs and this scene answers.",
    )
    presenter_id = fields.Many2one("res.users", string="Presenter", domain="[('share', '=', False)]")
    minutes = fields.Integer()
    proof = fields.Char(help="What makes them believe it: a figure, a customer, their own data.")
    shown = fields.Boolean(default=True, copy=False, help="Untick what wasn't shown in the end.")

    _minutes_sign = models.Constraint("CHECK(minutes >= 0)", "A scene takes some minutes or none, not fewer.")

    # CONSTRAINTS
    @api.constrains("requirement_id", "event_id")
    def _check_requirement(self):
        for line in self.filtered("requirement_id"):
            if line.requirement_id.lead_id != line.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(requirement)s” is a requirement of another deal: choose one of the deal of “%(meeting)s”.",
                        requirement=line.requirement_id.name,
                        meeting=line.event_id.name,
                    )
                )
