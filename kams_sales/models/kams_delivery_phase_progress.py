from ast import literal_eval
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.arithmetic import ratio
from .blank import BlankFloat, BlankInteger, known, refuse_beyond, refuse_negative

STATES = [("planned", "Phase Planned"), ("running", "Phase Running"), ("done", "Phase Done")]
# A task that was given up is no work; one that waits or is under way is work to do
DONE, GIVEN_UP = "1_done", "1_canceled"
NEAR = 1e-6
# What of a phase its milestone says as well
DAYS = {"forecast_end", "baseline_end"}
TOLD = {"name", "actual_end", *DAYS}


class KamsDeliveryPhase(models.Model):
    """How far a phase is: by its tasks in the project, and by nothing that somebody would have to enter twice.

    Book section 8.3 阶段工作管理. A reached milestone is a finished phase, whoever ticks it and where.
    """

    _inherit = "kams.delivery.phase"

    # How far it is
    typed_pct = BlankFloat(
        string="Judged Progress (%)",
        digits=(16, 2),
        copy=False,
        help="For a phase without tasks: how far it is, as its owner judges it.",
    )
    pct = BlankFloat(
        string="Progress (%)",
        compute="_compute_progress",
        help="Of its tasks that weren't given up, those done, by allocated hours where all have some. Without tasks "
        "what was judged; empty: not known.",
    )
    task_count = fields.Integer(string="Tasks of the Phase", compute="_compute_progress")
    task_done_count = fields.Integer(string="Tasks Done", compute="_compute_progress")
    state = fields.Selection(
        STATES, string="Phase Status", compute="_compute_progress", search="_search_state", group_expand=True
    )
    ended_on = fields.Date(
        string="Phase Ended", compute="_compute_progress", help="As entered, else when its milestone was reached."
    )
    lateness_days = BlankInteger(
        string="Days Late",
        compute="_compute_lateness_days",
        help="Against the baseline: as it ended, else as it is expected, today at the earliest. Negative: early.",
    )

    shown_start = fields.Date(string="Shown From", compute="_compute_shown", store=True, precompute=True)
    shown_end = fields.Date(string="Shown Until", compute="_compute_shown", store=True, precompute=True)
    waits_for = fields.Boolean(
        string="Begins Too Early",
        compute="_compute_waits_for",
        help="A phase that it comes after is expected to end after this one is to begin.",
    )

    # COMPUTES
    @api.depends(
        *("actual_start", "actual_end", "typed_pct", "milestone_id.is_reached", "milestone_id.reached_date"),
        *("milestone_id.task_ids.state", "milestone_id.task_ids.allocated_hours", "milestone_id.task_ids.active"),
    )
    def _compute_progress(self):
        """One statement for the tasks of all phases, one for their milestones."""
        work = self._task_work()
        for phase in self:
            milestone = phase.sudo().milestone_id  # sudo: whether and when it was reached; sales can't read projects
            total, done, share = work.get(milestone.id, (0, 0, None))
            phase.task_count, phase.task_done_count = total, done
            if phase.actual_end or milestone.is_reached:
                phase.state, phase.pct = "done", 100.0
                phase.ended_on = phase.actual_end or milestone.reached_date
                continue
            typed = known(phase.typed_pct)
            begun = bool(phase.actual_start or done or typed)
            phase.state = "running" if begun else "planned"
            phase.ended_on = False
            phase.pct = share if total else typed if typed is not None else False if begun else 0.0

    @api.depends("baseline_end", "forecast_end", "state", "ended_on")
    def _compute_lateness_days(self):
        today = fields.Date.context_today(self)
        for phase in self:
            due, done = phase.baseline_end, phase.state == "done"
            if not due or (done and not phase.ended_on):
                phase.lateness_days = False
            elif done:
                phase.lateness_days = (phase.ended_on - due).days
            else:
                phase.lateness_days = (max(phase.forecast_end or due, today) - due).days

    @api.depends("baseline_start", "baseline_end", "forecast_start", "forecast_end", "actual_start", "actual_end")
    def _compute_shown(self):
        """For the calendar: as it was, else as it is expected, else as it was promised."""
        for phase in self:
            start = phase.actual_start or phase.forecast_start or phase.baseline_start
            end = phase.actual_end or phase.forecast_end or phase.baseline_end
            phase.shown_start = start or end
            phase.shown_end = max(end, start) if end and start else end or start

    @api.depends("predecessor_ids.ended_on", "predecessor_ids.baseline_end", "predecessor_ids.forecast_end", "state")
    def _compute_waits_for(self):
        """What has to end first, and whether that fits when this phase is to begin."""
        for phase in self:
            start = phase.forecast_start or phase.baseline_start
            phase.waits_for = (
                phase.state == "planned"
                and bool(start)
                and any(
                    before.state != "done" and (before.forecast_end or before.baseline_end or start) > start
                    for before in phase.predecessor_ids
                )
            )

    # CONSTRAINTS
    @api.constrains("typed_pct")
    def _check_typed_pct(self):
        refuse_negative(self, "typed_pct")
        refuse_beyond(self, 100, "typed_pct")

    # ORM
    def _read_group_groupby(self, alias, groupby_spec, query):
        """Boards have a column for each status, though none is stored."""
        if groupby_spec != "state":
            return super()._read_group_groupby(alias, groupby_spec, query)
        self._check_field_access(self._fields["state"], "read")
        return self._state_sql(alias)

    # ACTIONS
    def action_begin(self):
        """It begins today."""
        self.check_access("write")
        self.filtered(lambda phase: not phase.actual_start).write({"actual_start": fields.Date.context_today(self)})
        return True

    def action_done(self):
        """It ended today; its milestone is reached."""
        self.check_access("write")
        self.filtered(lambda phase: phase.state != "done").write({"actual_end": fields.Date.context_today(self)})
        return True

    def action_not_done(self):
        """It isn't done after all; nor is its milestone reached."""
        self.check_access("write")
        self.write({"actual_end": False})
        return True

    def action_tasks(self):
        """The tasks on the phase's milestone, for whoever may see the project."""
        self.ensure_one()
        self.check_access("read")
        project = self.delivery_id.project_id
        if not project:
            raise UserError(self.env._("“%s” has no project: make one for its delivery first.", self.display_name))
        project.check_access("read")
        action = project.action_view_tasks()
        context = action.get("context") or {}
        if isinstance(context, str):
            context = literal_eval(context)
        return {
            **action,
            "name": self.name,
            "domain": [("project_id", "=", project.id), ("milestone_id", "=", self.milestone_id.id)],
            "context": {**context, "default_project_id": project.id, "default_milestone_id": self.milestone_id.id},
        }

    # BUSINESS
    def _task_work(self):
        """``{milestone id: (tasks, done, share done in percent)}`` in one statement; given up ones are no work."""
        milestones = self.sudo().milestone_id  # sudo: which milestones; sales can't read projects
        if not milestones:
            return {}
        # sudo: how many tasks and hours, nothing else of them
        rows = (
            self.env["project.task"]
            .sudo()
            ._read_group(
                [("milestone_id", "in", milestones.ids), ("state", "!=", GIVEN_UP), ("is_template", "=", False)],
                ["milestone_id", "state"],
                ["__count", "allocated_hours:sum", "allocated_hours:min"],
            )
        )
        work = defaultdict(lambda: ([0, 0.0, True], [0, 0.0]))
        for milestone, state, count, hours, least in rows:
            total, done = work[milestone.id]
            total[0], total[1], total[2] = total[0] + count, total[1] + hours, total[2] and least > NEAR
            if state == DONE:
                done[0], done[1] = done[0] + count, done[1] + hours
        return {
            key: (total[0], done[0], ratio(done[1], total[1], 100) if total[2] else ratio(done[0], total[0], 100))
            for key, (total, done) in work.items()
        }

    def _search_state(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        states = tuple(value)

        def to_sql(model, alias, _query):
            wanted = SQL("%s IN %s", model._state_sql(alias), states) if states else SQL("FALSE")
            return SQL("NOT (%s)", wanted) if operator == "not in" else wanted

        def kept(phase):
            return (phase.state in states) == (operator == "in")

        return Domain.custom(to_sql=to_sql, predicate=kept)

    @api.model
    def _state_sql(self, alias):
        """The status of a phase as the database sees it."""
        self.flush_model(["actual_start", "actual_end", "typed_pct", "milestone_id"])
        self.env["project.milestone"].flush_model(["is_reached"])
        self.env["project.task"].flush_model(["milestone_id", "state", "active", "is_template"])
        return SQL(
            """
            CASE
                WHEN %(end)s IS NOT NULL
                  OR EXISTS (SELECT FROM project_milestone one WHERE one.id = %(milestone)s AND one.is_reached)
                THEN 'done'
                WHEN %(start)s IS NOT NULL
                  OR %(typed)s > 0
                  OR EXISTS (SELECT FROM project_task one
                              WHERE one.milestone_id = %(milestone)s AND one.state = %(done)s
                                AND one.active AND one.is_template IS NOT TRUE)
                THEN 'running'
                ELSE 'planned'
            END
            """,
            start=SQL.identifier(alias, "actual_start"),
            end=SQL.identifier(alias, "actual_end"),
            typed=SQL.identifier(alias, "typed_pct"),
            milestone=SQL.identifier(alias, "milestone_id"),
            done=DONE,
        )

    def _make_milestones(self):
        """A phase of a delivery with a project has a milestone there: one batch."""
        without = self.filtered(lambda phase: not phase.milestone_id and phase.delivery_id.sudo().project_id)
        if not without:
            return
        # sudo: milestones of the delivery's own project, named and dated as its phases
        made = (
            self.env["project.milestone"]
            .sudo()
            .create(
                [
                    {
                        "project_id": phase.delivery_id.sudo().project_id.id,  # sudo: as above
                        "name": phase.name,
                        "sequence": phase.sequence,
                        "deadline": phase.forecast_end or phase.baseline_end,
                    }
                    for phase in without
                ]
            )
        )
        for phase, milestone in zip(without, made, strict=True):
            phase.milestone_id = milestone

    def _tell_milestones(self, names):
        """Name, day and end of a phase are those of its milestone: what changed is told the project.

        sudo: milestones of the delivery's own project; whoever may write the phase says it, also without its project.
        """
        if TOLD.isdisjoint(names):
            return
        for phase in self:
            milestone = phase.sudo().milestone_id
            if not milestone:
                continue
            wanted = {}
            if "name" in names:
                wanted["name"] = phase.name
            if not DAYS.isdisjoint(names):
                wanted["deadline"] = phase.forecast_end or phase.baseline_end
            if "actual_end" in names:
                wanted["is_reached"] = bool(phase.actual_end)
            if changed := {name: value for name, value in wanted.items() if milestone[name] != value}:
                milestone.write(changed)
