from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

from .crm_lead_gate import ADOPT, PASS
from .evidence_path import AS_IF_JOINED

BATCH = 500
AT_ONCE = 200  # so many deals join while the user waits; the rest follow in the background


class KamsAdoption(models.Model):
    """Bringing a team's running pipeline under a process, and out of it again.

    Deals join where they are. Nothing that they passed already is asked again; their history begins
    with what Odoo tracked of their past, marked as rebuilt. It runs in batches that can be stopped
    and resumed: what remains is counted in the pipeline itself, so nothing is done twice.
    """

    _name = "kams.adoption"
    _description = "Adoption of KAMS by a team"
    _inherit = ["kams.state.mixin"]
    _order = "id desc"

    _state_transitions = {
        "draft": {"running"},
        "running": {"paused", "done"},
        "paused": {"running", "leaving"},
        "done": {"leaving", "running"},
        "leaving": {"left", "stopped"},
        "stopped": {"leaving"},
    }

    team_id = fields.Many2one("crm.team", string="Sales Team", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="team_id.company_id", store=True)
    source_process_id = fields.Many2one(
        "kams.process",
        string="Process",
        required=True,
        domain="[('state', '=', 'active')]",
        ondelete="restrict",
        default=lambda self: self._default_process(),
        help="The process to work by. The team's own stages are bound to its phases in a version for this team.",
    )
    process_id = fields.Many2one("kams.process", string="Team's Process", readonly=True, ondelete="restrict")
    state = fields.Selection(
        [
            ("draft", "Mapping"),
            ("running", "Deals are joining"),
            ("paused", "Stopped"),
            ("done", "Adopted"),
            ("leaving", "Deals are leaving"),
            ("stopped", "Leaving stopped"),
            ("left", "Left"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    line_ids = fields.One2many("kams.adoption.line", "adoption_id", string="Stages")
    total_count = fields.Integer(string="Deals to Move", readonly=True, copy=False)
    remaining_count = fields.Integer(string="Deals Remaining", compute="_compute_progress")
    done_count = fields.Integer(string="Deals Moved", compute="_compute_progress")
    progress = fields.Float(string="Progress (%)", compute="_compute_progress")
    unused_phase_names = fields.Char(string="Phases without a Stage", compute="_compute_unused_phase_names")
    started_by_id = fields.Many2one("res.users", string="Started By", readonly=True, copy=False, ondelete="restrict")

    @api.model
    def _default_process(self):
        return self.env["kams.process"].search([("state", "=", "active")], order="id", limit=1)

    @api.depends("team_id", "source_process_id")
    def _compute_display_name(self):
        for adoption in self:
            parts = adoption.team_id.name, adoption.source_process_id.display_name
            adoption.display_name = ": ".join(filter(None, parts)) or self.env._("New adoption")

    @api.depends("state", "total_count")
    def _compute_progress(self):
        for adoption in self:
            if adoption.state in ("draft", "left", "done"):
                remaining = 0
            else:
                remaining = self.env["crm.lead"].with_context(active_test=False).search_count(adoption._remaining())
            adoption.remaining_count = remaining
            adoption.done_count = max(adoption.total_count - remaining, 0)
            adoption.progress = 100.0 * adoption.done_count / adoption.total_count if adoption.total_count else 100.0

    @api.depends("line_ids.phase_id", "source_process_id")
    def _compute_unused_phase_names(self):
        for adoption in self:
            unused = adoption.source_process_id.phase_ids - adoption.line_ids.phase_id
            adoption.unused_phase_names = ", ".join(unused.mapped("name"))

    @api.onchange("team_id", "source_process_id")
    def _onchange_mapping(self):
        self.line_ids = [Command.clear(), *map(Command.create, self._proposed_lines())]

    # what only the steps of an adoption write: the cron acts as started_by_id, on the deals of process_id
    _own_fields = frozenset({"process_id", "started_by_id", "total_count"})

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        self._check_own_fields({name for vals in vals_list for name, value in vals.items() if value})
        adoptions = super().create(vals_list)
        for adoption in adoptions:
            if not adoption.line_ids:
                adoption.line_ids = [Command.create(vals) for vals in adoption._proposed_lines()]
        return adoptions

    def write(self, vals):
        self._check_own_fields(vals)
        return super().write(vals)

    @api.model
    def _check_own_fields(self, names):
        if not self.env.su and self._own_fields.intersection(names):
            raise AccessError(self.env._("Who started an adoption, and under which process, is written by its steps."))

    # ACTIONS
    @api.model
    def _action_for_team(self, team):
        """Open the team's adoption, a new one when the last is over."""
        self._check_director()
        adoption = self.search([("team_id", "=", team.id), ("state", "!=", "left")], limit=1)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Adopt KAMS"),
            "res_model": self._name,
            "res_id": adoption.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "context": {"default_team_id": team.id},
        }

    def action_start(self):
        """Bind the stages, give the team its process and let the deals join."""
        self._check_director()
        for adoption in self:
            if adoption.state != "draft":
                adoption._refuse_state(adoption.state, "running")
            adoption._check_mapping()
            process = adoption._bound_process()
            adoption.sudo().team_id.kams_process_id = process  # sudo: directors may bind, not edit teams
            # sudo: fields that nobody may write by hand; the director's right was checked above
            adoption.sudo().write({"process_id": process.id, "started_by_id": self.env.uid})
            adoption.sudo().total_count = self.env["crm.lead"].search_count(adoption._to_join())
            adoption.state = "running"
            adoption._join_batch(AT_ONCE)
            adoption._continue_in_background()
        return True

    def action_pause(self):
        """Stop after the batch that is under way. What has moved stays moved."""
        self._check_director()
        for adoption in self:
            adoption.state = "stopped" if adoption.state == "leaving" else "paused"
        return True

    def action_resume(self):
        """Go on where it stopped; on an adopted pipeline, bring in plain deals that came since."""
        self._check_director()
        for adoption in self:
            state = "leaving" if adoption.state == "stopped" else "running"
            if adoption.state == "draft":
                adoption._refuse_state("draft", state)  # to start is more than to go on
            if adoption.state == "done":
                # sudo: as in action_start
                adoption.sudo().total_count = self.env["crm.lead"].search_count(adoption._to_join())
            adoption.state = state
            adoption._continue_in_background()
        return True

    def action_leave(self):
        """Make the team's deals plain again, in batches. Their history stays."""
        self._check_director()
        for adoption in self:
            adoption.sudo().team_id.kams_process_id = False  # sudo: as in action_start
            adoption.state = "leaving"
            adoption.sudo().total_count = (  # sudo: as above
                self.env["crm.lead"].with_context(active_test=False).search_count(adoption._to_leave())
            )
            adoption._leave_batch(AT_ONCE)
            adoption._continue_in_background()
        return True

    def action_view_deals(self):
        """Open the deals that have joined so far."""
        self.ensure_one()
        return self.process_id.action_view_deals()

    # BUSINESS
    @api.model
    def _check_director(self):
        if not self.env.user.has_group("kams_sales.group_director"):
            raise AccessError(self.env._("Only a sales director brings a pipeline under KAMS, or out of it."))

    def _proposed_lines(self):
        """The team's stages, each with the phase that its place in the pipeline suggests."""
        phases = self.source_process_id.phase_ids
        stages = self._team_stages()
        selling = phases.filtered(lambda phase: phase.code != "delivery")
        lines, place = [], 0
        for stage in stages:
            own = phases.filtered(lambda phase, stage=stage: phase.stage_id == stage)
            if own:
                phase = own
            elif stage.is_won:
                phase = phases.filtered(lambda phase: phase.code == "delivery")
            else:
                phase = selling[min(place, len(selling) - 1) :][:1]
                place += 1
            lines.append({"stage_id": stage.id, "phase_id": phase[:1].id})
        return lines

    def _team_stages(self):
        """The stages in use: the team's own, and those that every team shares unless the team has a pipeline."""
        stage = self.env["crm.stage"]
        counts = self._open_counts()
        own = stage.search([("team_ids", "in", self.team_id.ids)])
        shared = stage.search([("team_ids", "=", False)])
        return (own or shared) | stage.browse(counts).exists().sorted()

    def _open_counts(self):
        return {
            stage.id: count
            for stage, count in self.env["crm.lead"]._read_group(self._open_plain(), ["stage_id"], ["__count"])
            if stage
        }

    def _open_plain(self):
        return Domain(
            [
                ("team_id", "in", self.team_id.ids),
                ("type", "=", "opportunity"),
                ("won_status", "=", "pending"),
                ("kams_process_id", "=", False),
                ("kams_left", "=", False),
            ]
        )

    def _to_join(self):
        return self._open_plain() & Domain("stage_id", "in", self.process_id.phase_ids.stage_id.ids)

    def _to_leave(self):
        return Domain("team_id", "in", self.team_id.ids) & Domain("kams_process_id", "!=", False)

    def _remaining(self):
        return self._to_leave() if self.state in ("leaving", "stopped") else self._to_join()

    def _check_mapping(self):
        """Refuse a mapping under which a deal would have no place, or would walk backwards."""
        self.ensure_one()
        lost = self.env["crm.stage"].browse(self._open_counts()) - self.line_ids.filtered("phase_id").stage_id
        if lost:
            raise ValidationError(
                self.env._(
                    "Open deals of %(team)s stand in %(stages)s. Choose a phase for each of these stages.",
                    team=self.team_id.name,
                    stages=", ".join(lost.mapped("name")),
                )
            )
        mapped = self._mapped_lines()
        if not mapped:
            raise ValidationError(self.env._("No stage of %s has a phase yet. Choose at least one.", self.team_id.name))
        for before, after in zip(mapped, mapped[1:], strict=False):
            if after.phase_id.sequence < before.phase_id.sequence:
                raise ValidationError(
                    self.env._(
                        "Stage %(after)s comes after %(before)s in the pipeline, but its phase %(after_phase)s comes "
                        "before %(before_phase)s. Phases must follow the order of the stages.",
                        before=before.stage_id.name,
                        after=after.stage_id.name,
                        before_phase=before.phase_id.name,
                        after_phase=after.phase_id.name,
                    )
                )

    def _mapped_lines(self):
        return self.line_ids.filtered("phase_id").sorted(
            lambda line: (line.stage_id.sequence, line.stage_id.name or "", line.stage_id.id)
        )

    def _bound_process(self):
        """The process with its phases on the team's stages: itself when they are there already."""
        mapping = [(line.phase_id, line.stage_id) for line in self._mapped_lines()]
        if all(phase.stage_id == stage for phase, stage in mapping) and len(mapping) == len(
            self.source_process_id.phase_ids
        ):
            return self.source_process_id
        process = self.source_process_id._bound_to(
            mapping, self.env._("%(process)s: %(team)s", process=self.source_process_id.name, team=self.team_id.name)
        )
        process.action_activate()
        return process

    def _continue_in_background(self):
        """Let the cron go on, or finish here when nothing remains."""
        self.ensure_one()
        if not self._finish_if_done():
            self.env.ref("kams_sales.ir_cron_adoption").sudo()._trigger()  # sudo: users may not touch crons

    def _finish_if_done(self):
        if self.env["crm.lead"].with_context(active_test=False).search_count(self._remaining(), limit=1):
            return False
        self.state = "left" if self.state == "leaving" else "done"
        return True

    def _join_batch(self, size):
        """Let so many more deals join. :return: how many did"""
        self.ensure_one()
        deals = self.env["crm.lead"].search(self._to_join(), order="id", limit=size)
        deals.with_context(**{PASS: ADOPT})._kams_write_in_place({"kams_process_id": self.process_id.id})
        deals.flush_recordset(["kams_process_id", "kams_phase_id"])
        # sudo: history is nobody's to write
        self.env["kams.deal.history"].sudo()._reconstruct(deals.ids)
        return len(deals)

    def _leave_batch(self, size):
        self.ensure_one()
        deals = self.env["crm.lead"].with_context(active_test=False).search(self._to_leave(), order="id", limit=size)
        deals._kams_leave()
        return len(deals)

    @api.model
    def _cron_adopt(self):
        """Go on with every adoption that runs, batch by batch; a stop takes effect after a batch."""
        cron = self.env["ir.cron"]
        while True:
            adoption = self.search([("state", "in", ("running", "leaving"))], order="id", limit=1)
            if not adoption:
                return
            director = adoption.started_by_id or self.env.user
            adoption = adoption.with_user(director)
            moved = adoption._leave_batch(BATCH) if adoption.state == "leaving" else adoption._join_batch(BATCH)
            adoption._finish_if_done()
            remaining = adoption.remaining_count
            if not cron._commit_progress(moved, remaining=remaining):
                return


class KamsAdoptionLine(models.Model):
    """One stage of the team's pipeline, the phase it stands for, and what the deals in it lack."""

    _name = "kams.adoption.line"
    _description = "Adoption: a stage and its phase"
    _order = "sequence, id"

    adoption_id = fields.Many2one("kams.adoption", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="adoption_id.company_id", store=True)
    stage_id = fields.Many2one("crm.stage", string="Stage", required=True, ondelete="cascade")
    sequence = fields.Integer(related="stage_id.sequence", store=True)
    source_process_id = fields.Many2one(related="adoption_id.source_process_id")
    phase_id = fields.Many2one(
        "kams.process.phase",
        string="Phase",
        domain="[('process_id', '=', source_process_id)]",
        ondelete="cascade",
        help="Empty: this stage is not part of the process.",
    )
    deal_count = fields.Integer(string="Open Deals", compute="_compute_deals")
    lacking_count = fields.Integer(string="Deals Lacking Something", compute="_compute_deals")
    lacking = fields.Text(string="What They Lack", compute="_compute_deals")

    _stage_uniq = models.UniqueIndex("(adoption_id, stage_id)", "Each stage is mapped once.")

    @api.depends("stage_id", "phase_id", "adoption_id.team_id", "adoption_id.line_ids.phase_id")
    def _compute_deals(self):
        """Ask the phase's mandatory points about the open deals in the stage, before anything is changed."""
        for line in self:
            adoption = line.adoption_id
            deals = self.env["crm.lead"].search(adoption._open_plain() & Domain("stage_id", "=", line.stage_id.id))
            points = line._exit_points()
            applicable, met = points._applicable(deals), points.with_context(**{AS_IF_JOINED: True})._evaluate(deals)
            lacking, texts = set(), []
            for point in points:
                missing = applicable[point.id] - met[point.id].keys()
                lacking |= missing
                if missing:
                    texts.append(self.env._("%(point)s: %(count)s", point=point.display_name, count=len(missing)))
            line.deal_count = len(deals)
            line.lacking_count = len(lacking)
            line.lacking = "\n".join(texts)

    def _exit_points(self):
        """The mandatory points that a deal must meet to leave this stage: those of its phase, if the phase ends here.

        Where several stages stand for one phase, its points guard the exit of the last.
        """
        of_phase = self.adoption_id._mapped_lines().filtered(lambda line: line.phase_id == self.phase_id)
        if of_phase[-1:] != self and self in of_phase:
            return self.phase_id.point_ids.browse()
        return self.phase_id.point_ids.filtered(lambda point: point.level == "mandatory")
