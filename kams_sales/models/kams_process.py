from odoo import Command, api, fields, models, tools
from odoo.exceptions import UserError, ValidationError


class KamsProcess(models.Model):
    """The way a team sells: phases in order, each with what must be known before it ends.

    Book section 1.1 (定义大客户销售管理流程). A draft is edited freely. Once active it never
    changes, so that every deal can say under which rules it ran: a change is a new version,
    and a retired version keeps serving the deals that started with it.
    """

    _name = "kams.process"
    _description = "Sales process"
    _inherit = ["kams.state.mixin"]
    _order = "name, version desc, id desc"

    _state_transitions = {
        "draft": {"active"},
        "active": {"retired"},
    }
    # what may still be written once a process is active: its own life, not its rules
    _mutable_fields = frozenset({"state", "effective_from", "effective_to"})

    name = fields.Char(required=True, translate=True)
    version = fields.Integer(default=1, readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("retired", "Retired")],
        default="draft",
        required=True,
        copy=False,
        index=True,
    )
    origin_id = fields.Many2one(
        "kams.process",
        string="First Version",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The first version of this process; empty on the first version itself.",
    )
    company_id = fields.Many2one("res.company", index=True, help="Empty: for every company.")
    industry_id = fields.Many2one("res.partner.industry", help="Empty: for every industry.")
    effective_from = fields.Date(copy=False)
    effective_to = fields.Date(copy=False)
    note = fields.Text(translate=True)

    phase_ids = fields.One2many("kams.process.phase", "process_id", string="Phases", copy=True)
    point_ids = fields.One2many("kams.control.point", "process_id", string="Control Points")
    team_ids = fields.One2many("crm.team", "kams_process_id", string="Sales Teams", copy=False)
    deal_count = fields.Integer(compute="_compute_deal_count")

    _version_positive = models.Constraint("CHECK(version >= 1)", "A process version counts from 1.")

    @api.depends("name", "version", "state")
    def _compute_display_name(self):
        for process in self:
            label = f"{process.name or ''} v{process.version}"
            if process.state == "draft":
                label = self.env._("%(process)s (draft)", process=label)
            process.display_name = label

    def _compute_deal_count(self):
        counts = dict(
            self.env["crm.lead"]
            .with_context(active_test=False)
            ._read_group([("kams_process_id", "in", self.ids)], ["kams_process_id"], ["__count"])
        )
        for process in self:
            process.deal_count = counts.get(process, 0)

    @api.constrains("effective_from", "effective_to")
    def _check_dates(self):
        for process in self:
            if process.effective_from and process.effective_to and process.effective_to < process.effective_from:
                raise ValidationError(
                    self.env._(
                        "Process %(process)s ends on %(end)s, before it starts on %(start)s. Put the later date last.",
                        process=process.display_name,
                        start=process.effective_from,
                        end=process.effective_to,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.check_access("write")  # first: whoever may not write learns nothing about teams or phases
        if set(vals) - self._mutable_fields:
            self._check_editable()
        if vals.get("state") == "active":
            self._check_complete()
        elif vals.get("state") == "retired":
            self._check_unbound()
        self.env.registry.clear_cache()
        result = super().write(vals)
        if vals.get("state") == "active":
            for process in self:
                process._replace_older()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self._check_editable()
        self.env.registry.clear_cache()

    def copy_data(self, default=None):
        """A copy is a new process, unless :meth:`action_new_version` says which one it continues."""
        vals_list = super().copy_data(default=default)
        if "origin_id" not in (default or {}) and "name" not in (default or {}):
            for process, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%s (copy)", process.name)
        return vals_list

    def copy(self, default=None):
        """Copy phases with their control points, in the order they stand."""
        copies = super().copy(default)
        for process, clone in zip(self, copies, strict=True):
            for phase, phase_clone in zip(process.phase_ids, clone.phase_ids, strict=True):
                phase.point_ids.copy({"phase_id": phase_clone.id})
        return copies

    # ACTIONS
    def action_activate(self):
        """Put drafts into force; the version they replace retires and its teams move along."""
        for process in self:
            process.write({"state": "active", "effective_from": process.effective_from or fields.Date.today()})
        return True

    def action_retire(self):
        """Take processes out of use for new deals. Running deals finish under them."""
        today = fields.Date.today()
        for process in self:
            # a version that only starts in the future never ran: it ends when it would have begun
            end = max(today, process.effective_from or today)
            process.write({"state": "retired", "effective_to": end})
        return True

    def action_new_version(self):
        """Copy the process into a draft that will replace it, and open the draft."""
        self.ensure_one()
        self.check_access("write")
        draft = self._versions().filtered(lambda p: p.state == "draft")[:1]
        if not draft:
            draft = self.copy(
                {
                    "version": max(self._versions().mapped("version")) + 1,
                    "origin_id": (self.origin_id or self).id,
                }
            )
        return draft._action_open()

    def action_view_deals(self):
        """Open the deals that run under this version."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.crm_lead_kams_action")
        return dict(
            action,
            domain=[("kams_process_id", "=", self.id)],
            context={"active_test": False},
            display_name=self.display_name,
        )

    def action_view_points(self):
        """Open the control points of this version."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_control_point_action")
        return dict(
            action,
            domain=[("process_id", "=", self.id)],
            context={"default_phase_id": self.phase_ids[:1].id},
            display_name=self.display_name,
        )

    # BUSINESS
    @api.model
    @tools.ormcache("process_id", "self.env.lang")
    def _label(self, process_id):
        """A process's name and version in the user's language, cached. sudo: nothing else of it is read."""
        return self.sudo().browse(process_id).display_name

    @api.model
    @tools.ormcache("process_id")
    def _terms(self, process_id):
        """``(state, company id)`` of a process, at hand for the gate. sudo: nothing else of it is read."""
        process = self.sudo().browse(process_id)
        return process.state, process.company_id.id

    def _action_open(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def _versions(self):
        """All versions of this process, itself among them."""
        root = self.origin_id or self
        return self.search(["|", ("id", "=", root.id), ("origin_id", "=", root.id)])

    def _check_editable(self):
        """Refuse to change what deals already run under."""
        for process in self:
            if process.state != "draft":
                raise UserError(
                    self.env._(
                        "%(process)s is %(state)s, and deals rely on its rules staying as they were. "
                        "Use “New Version” and change the draft.",
                        process=process.display_name,
                        state=dict(self._fields["state"]._description_selection(self.env))[process.state],
                    )
                )

    def _replace_older(self):
        """Retire the version that this one replaces; its teams move along."""
        older = (self._versions() - self).filtered(lambda process: process.state == "active")
        if older:
            older.sudo().team_ids.write({"kams_process_id": self.id})  # sudo: directors may bind, not edit teams
            older.action_retire()

    def _check_unbound(self):
        """Refuse to retire a process that teams still sell by."""
        for process in self:
            if process.team_ids:
                raise UserError(
                    self.env._(
                        "Process %(process)s still gives new deals of %(teams)s their phases. "
                        "Give these teams another process first.",
                        process=process.display_name,
                        teams=", ".join(process.team_ids.mapped("display_name")),
                    )
                )

    def _check_complete(self):
        """Refuse to activate a process that could not steer a deal."""
        for process in self:
            if not process.phase_ids:
                raise ValidationError(
                    self.env._(
                        "Process %(process)s has no phases. Add at least one phase before activating it.",
                        process=process.display_name,
                    )
                )
            for phase in process.phase_ids:
                if (phase.code == "delivery") != phase.stage_id.is_won:
                    raise ValidationError(
                        self.env._(
                            "Phase %(phase)s of process %(process)s sits on stage %(stage)s. Delivery begins when "
                            "the contract is won, so delivery needs a stage marked as won, and no other phase may "
                            "have one.",
                            phase=phase.name,
                            process=process.display_name,
                            stage=phase.stage_id.name,
                        )
                    )
            process.point_ids._check_rule()

    def _bound_to(self, stage_by_phase, name):
        """A draft copy of this process with its phases on other stages.

        :param stage_by_phase: list of ``(phase, stage)`` in pipeline order. A phase may come
            more than once: its control points then guard the exit of the last of its stages.
            Phases that are not named are left out.
        :param name: name of the new process
        :return: the new draft process
        """
        self.ensure_one()
        last = {phase: stage for phase, stage in stage_by_phase}
        draft = self.create(
            {
                "name": name,
                "company_id": self.company_id.id,
                "industry_id": self.industry_id.id,
                "note": self.note,
                "phase_ids": [
                    Command.create(
                        {
                            **phase.copy_data()[0],
                            "sequence": position,
                            "stage_id": stage.id,
                            "name": phase.name if last[phase] == stage else stage.name,
                        }
                    )
                    for position, (phase, stage) in enumerate(stage_by_phase, start=1)
                ],
            }
        )
        for (phase, stage), clone in zip(stage_by_phase, draft.phase_ids, strict=True):
            if last[phase] == stage:
                phase.point_ids.copy({"phase_id": clone.id})
        return draft
