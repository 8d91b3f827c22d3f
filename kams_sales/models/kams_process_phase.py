from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError

PHASE_CODES = [
    ("development", "Customer Development"),
    ("initiation", "Initiation"),
    ("proposal", "Proposal"),
    ("tendering", "Tendering"),
    ("negotiation", "Negotiation"),
    ("delivery", "Delivery"),
]


class PhaseFacts(NamedTuple):
    """What the gate must know of a phase, without a query. ``modes`` empty: every mode."""

    id: int
    position: int
    code: str
    stage_id: int
    standard_days: int
    modes: frozenset

    def applies(self, mode):
        """Whether a deal bought in ``mode`` (a code, or False while unknown) goes through here."""
        return not self.modes or not mode or mode in self.modes


class PhaseWords(NamedTuple):
    """What people read of a phase, in their language."""

    name: str
    goal: str
    techniques: str
    activity_plan_id: int


class KamsProcessPhase(models.Model):
    """One phase of a process: what it is for, how long it should take, where it shows.

    Book section 0.1 (关键过程管理): a phase ends at a milestone control point (里程碑控制点).
    """

    _name = "kams.process.phase"
    _description = "Process phase"
    _inherit = ["kams.process.part"]
    _order = "process_id, sequence, id"
    _mutable_fields = frozenset({"launch_tasks"})

    process_id = fields.Many2one("kams.process", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="process_id.company_id", store=True)
    process_state = fields.Selection(related="process_id.state", string="Process Status")
    sequence = fields.Integer(default=10)
    code = fields.Selection(PHASE_CODES, required=True)
    name = fields.Char(required=True, translate=True)
    stage_id = fields.Many2one(
        "crm.stage",
        required=True,
        ondelete="restrict",
        index=True,
        copy=True,
        help="The pipeline stage in which deals of this phase stand.",
    )
    goal = fields.Text(translate=True, help="What this phase must achieve.")
    standard_days = fields.Integer(default=30, help="How many days this phase should take.")
    policy_probability = fields.Float(
        string="Policy Probability (%)", help="The chance of winning that the company plans with in this phase."
    )
    stagnation_factor = fields.Float(
        default=1.5,
        help="Until deals were won that came through here, a deal stagnates once it has been here for this many times "
        "the standard days. From then on, what won deals usually took counts.",
    )
    procurement_modes = fields.Many2many(
        "kams.procurement.mode",
        string="Procurement Modes",
        help="The phase is skipped in every other mode. Empty: it applies always.",
    )
    activity_plan_id = fields.Many2one(
        "mail.activity.plan",
        string="Key Tasks",
        domain=[("res_model", "=", "crm.lead")],
        ondelete="restrict",
        help="The activities that this phase usually takes; a salesperson plans them in one step.",
    )
    launch_tasks = fields.Boolean(
        string="Launched on Entry",
        default=True,
        help="Plan the key tasks by themselves for the salesperson of each deal that enters this phase.",
    )
    techniques = fields.Text(translate=True, help="What helps in this phase: approaches, questions, examples.")
    point_ids = fields.One2many("kams.control.point", "phase_id", string="Control Points")
    point_count = fields.Integer(compute="_compute_point_count", string="Points")

    @api.depends("name", "process_id.name", "process_id.version")
    @api.depends_context("kams_show_process")
    def _compute_display_name(self):
        with_process = self.env.context.get("kams_show_process")
        for phase in self:
            phase.display_name = f"{phase.name} ({phase.process_id.display_name})" if with_process else phase.name

    @api.depends("point_ids")
    def _compute_point_count(self):
        counts = dict(
            self.env["kams.control.point"]._read_group([("phase_id", "in", self.ids)], ["phase_id"], ["__count"])
        )
        for phase in self:
            phase.point_count = counts.get(phase, 0)

    @api.onchange("code")
    def _onchange_code(self):
        if self.code and not self.name:
            self.name = dict(self._fields["code"]._description_selection(self.env))[self.code]

    @api.constrains("stage_id", "process_id")
    def _check_stage(self):
        """Name both phases: the database's own message can't."""
        taken = self.env["kams.process.phase"]._read_group(
            [("process_id", "in", self.process_id.ids)],
            ["process_id", "stage_id"],
            ["id:recordset"],
            having=[("__count", ">", 1)],
        )
        for process, stage, phases in taken:
            raise ValidationError(
                self.env._(
                    "In process %(process)s the phases %(phases)s all sit on stage %(stage)s. "
                    "Give each phase a stage of its own.",
                    process=process.display_name,
                    phases=", ".join(phases.mapped("name")),
                    stage=stage.name,
                )
            )

    @api.constrains("standard_days", "policy_probability", "stagnation_factor")
    def _check_numbers(self):
        for phase in self:
            if phase.standard_days < 1:
                message = self.env._("Phase %(phase)s needs at least one standard day.", phase=phase.name)
            elif not 0 <= phase.policy_probability <= 100:
                message = self.env._(
                    "The policy probability of phase %(phase)s must lie between 0 and 100 %%.", phase=phase.name
                )
            elif phase.stagnation_factor < 1:
                message = self.env._(
                    "A deal cannot stagnate before its standard days are over: give phase %(phase)s a stagnation "
                    "factor of 1 or more.",
                    phase=phase.name,
                )
            else:
                continue
            raise ValidationError(message)

    # BUSINESS
    @api.model
    @tools.ormcache("process_id")
    def _facts(self, process_id):
        """The phases of one process as ``(PhaseFacts, ...)`` in order, cached: no query in a gate.

        sudo: only structure is read (order, codes, stage ids), which every deal of the
        process shows anyway; no record is handed out.
        """
        phases = self.sudo().search([("process_id", "=", process_id)], order="sequence, id")
        return tuple(
            PhaseFacts(
                phase.id,
                position,
                phase.code,
                phase.stage_id.id,
                phase.standard_days,
                frozenset(phase.procurement_modes.mapped("code")),
            )
            for position, phase in enumerate(phases)
        )

    @api.model
    @tools.ormcache("phase_id", "self.env.lang")
    def _words(self, phase_id):
        """What people read of a phase, cached. sudo: nothing else of it is read, and all who sell may read phases."""
        phase = self.sudo().browse(phase_id)
        return PhaseWords(phase.name, phase.goal, phase.techniques, phase.activity_plan_id.id)

    @api.model
    @tools.ormcache("phase_id")
    def _launches(self, phase_id):
        """Whether deals that enter this phase get its key tasks by themselves. sudo: as in :meth:`_words`."""
        phase = self.sudo().browse(phase_id)
        return bool(phase.launch_tasks and phase.activity_plan_id)

    @api.model
    def _facts_by_stage(self, process_id):
        """``{stage id: PhaseFacts}`` of one process."""
        return {facts.stage_id: facts for facts in self._facts(process_id)}

    def action_view_points(self):
        """Open the control points that guard the exit of this phase."""
        self.ensure_one()
        if not self.id:
            raise UserError(self.env._("Save the process first."))
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_control_point_action")
        return dict(
            action,
            domain=[("phase_id", "=", self.id)],
            context={"default_phase_id": self.id},
            display_name=self.display_name,
        )
