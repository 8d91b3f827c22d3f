from odoo import api, fields, models

ACCEPTANCES = [
    ("arrival", "Arrival"),
    ("preliminary", "Preliminary Acceptance"),
    ("trial", "Trial Run"),
    ("final", "Final Acceptance"),
    ("warranty", "End of Warranty"),
]


class KamsDeliveryTemplate(models.Model):
    """A usual way to deliver: phases with weights and days, tasks with roles; what a new delivery is planned from.

    Book section 8.3 阶段工作管理.
    """

    _name = "kams.delivery.template"
    _description = "Delivery template"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    note = fields.Text(string="When It Is Usual", translate=True)
    phase_ids = fields.One2many("kams.delivery.template.phase", "template_id", string="Phases", copy=True)
    task_ids = fields.One2many("kams.delivery.template.task", "template_id", string="Tasks")
    training_needed = fields.Boolean(string="Training Needed", default=True)
    weight_total = fields.Float(string="Weights Together (%)", compute="_compute_totals")
    days_total = fields.Integer(string="Days in All", compute="_compute_totals")

    # COMPUTES
    @api.depends("phase_ids.weight", "phase_ids.offset", "phase_ids.duration")
    def _compute_totals(self):
        for template in self:
            template.weight_total = sum(template.phase_ids.mapped("weight"))
            template.days_total = max((phase.offset + phase.duration for phase in template.phase_ids), default=0)


class KamsDeliveryTemplatePhase(models.Model):
    """One phase of a usual way to deliver."""

    _name = "kams.delivery.template.phase"
    _description = "Phase of a delivery template"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one("kams.delivery.template", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Phase of Delivery", required=True, translate=True)
    weight = fields.Float(string="Weight (%)", digits=(16, 2))
    offset = fields.Integer(string="Starts After (Days)", help="Days after the start of the delivery.")
    duration = fields.Integer(string="Lasts (Days)", default=1, required=True)
    acceptance_kind = fields.Selection(
        ACCEPTANCES, string="Ends With", help="The acceptance that the phase ends with, if any; payments hang on it."
    )
    needs_acceptance = fields.Boolean(
        string="Acceptance Needed", compute="_compute_needs_acceptance", store=True, readonly=False, precompute=True
    )
    task_ids = fields.One2many("kams.delivery.template.task", "phase_id", string="Tasks", copy=True)

    _weight = models.Constraint("CHECK(weight >= 0 AND weight <= 100)", "A weight is between 0 and 100 %.")
    _days = models.Constraint(
        'CHECK("offset" >= 0 AND duration >= 1)', "A phase starts on the first day or later, and lasts a day or more."
    )

    # COMPUTES
    @api.depends("acceptance_kind")
    def _compute_needs_acceptance(self):
        for phase in self:
            phase.needs_acceptance = bool(phase.acceptance_kind) and phase.acceptance_kind != "warranty"


class KamsDeliveryTemplateTask(models.Model):
    """A task that a usual delivery has."""

    _name = "kams.delivery.template.task"
    _description = "Task of a delivery template"
    _order = "phase_id, sequence, id"

    phase_id = fields.Many2one(
        "kams.delivery.template.phase", string="Phase", required=True, ondelete="cascade", index=True
    )
    template_id = fields.Many2one(related="phase_id.template_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Task", required=True, translate=True)
    role_id = fields.Many2one("project.role", string="Done By", ondelete="set null", index="btree_not_null")
    hours = fields.Float(string="Hours Planned")
    description = fields.Text(string="What Is To Do", translate=True)

    _hours = models.Constraint("CHECK(hours >= 0)", "Hours can't be negative.")
