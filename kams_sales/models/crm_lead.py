from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

PLAIN = "kams.plain"  # precommit data: set of ids of deals that are deleted and run under no process
LEGAL_REGIMES = [
    ("bidding_law", "Bidding Law"),
    ("gov_procurement", "Government Procurement Law"),
    ("enterprise", "Enterprise Rules"),
]


class CrmLead(models.Model):
    """A deal that runs under a process: where it stands, and what it still lacks.

    Without a process an opportunity stays what Odoo makes of it: nothing here applies to it.
    """

    _inherit = "crm.lead"

    # Process and phase
    kams_process_id = fields.Many2one(
        "kams.process",
        string="KAMS Process",
        compute="_compute_kams_process_id",
        store=True,
        precompute=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The version of the process that this deal started with and keeps.",
    )
    kams_phase_id = fields.Many2one(
        "kams.process.phase",
        string="KAMS Phase",
        compute="_compute_kams_phase_id",
        inverse="_inverse_kams_phase_id",
        store=True,
        readonly=False,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('process_id', '=', kams_process_id)]",
    )
    kams_stage_ids = fields.Many2many("crm.stage", compute="_compute_kams_stage_ids", string="Stages of the Process")
    # The deal's route
    kams_procurement_mode = fields.Selection(
        selection=lambda self: self.env["kams.procurement.mode"]._selection(),
        string="Procurement Mode",
        help="How the customer buys. Phases that this way of buying doesn't have are skipped.",
    )
    kams_legal_regime = fields.Selection(
        LEGAL_REGIMES, string="Legal Regime", help="The law or rules that the customer's purchase falls under."
    )
    kams_imported = fields.Boolean(
        string="Imported from History",
        readonly=True,
        copy=False,
        help="The deal was imported with its past; the gate did not ask how it got where it stood.",
    )
    kams_left = fields.Boolean(
        string="Taken out of KAMS",
        readonly=True,
        copy=False,
        help="A sales director took the deal out of its process; its team's process does not take it back by itself.",
    )

    # COMPUTES
    @api.depends("team_id", "type")
    def _compute_kams_process_id(self):
        """New deals take their team's process; a deal that has one keeps it."""
        for lead in self:
            process = lead._kams_process_of_team()
            if not lead.kams_process_id and process:
                stages = list(self.env["kams.process.phase"]._facts_by_stage(process.id))
                if lead._origin and stages and lead.stage_id.id not in stages:
                    lead.stage_id = stages[0]  # it joins where the process begins
                lead.kams_process_id = process
            elif not lead.kams_process_id:
                lead.kams_process_id = False

    @api.depends("kams_process_id", "stage_id")
    def _compute_kams_phase_id(self):
        phase = self.env["kams.process.phase"]
        for lead in self:
            if not lead.kams_process_id:
                lead.kams_phase_id = False
                continue
            facts = phase._facts_by_stage(lead.kams_process_id.id).get(lead.stage_id.id)
            lead.kams_phase_id = facts.id if facts else False

    def _inverse_kams_phase_id(self):
        """Choosing a phase is choosing its stage; the gate judges that."""
        chosen = self.filtered("kams_phase_id")
        for lead in chosen:
            if lead.kams_phase_id.process_id != lead.kams_process_id:
                raise ValidationError(
                    self.env._(
                        "%(deal)s runs under %(process)s, which has no phase “%(phase)s”.",
                        deal=lead.display_name,
                        process=lead.kams_process_id.display_name or self.env._("no process"),
                        phase=lead.kams_phase_id.name,
                    )
                )
        for phase, leads in chosen.grouped("kams_phase_id").items():
            leads.stage_id = phase.stage_id
        (self - chosen)._compute_kams_phase_id()

    @api.depends("team_id", "type", "kams_process_id")
    def _compute_stage_id(self):
        """A deal under a process stands in one of that process's stages."""
        deals = self.filtered("kams_process_id")
        super(CrmLead, self - deals)._compute_stage_id()
        for lead in deals:
            allowed = self._kams_stages(lead)
            if lead.stage_id in allowed:
                if not lead.team_id or not lead.stage_id.team_ids or lead.team_id in lead.stage_id.team_ids:
                    continue
                # the new team doesn't use this stage: move to one that it does use, if there is any
                shared = allowed.filtered(lambda stage, lead=lead: not stage.team_ids or lead.team_id in stage.team_ids)
                lead.stage_id = (shared or lead.stage_id)[:1]
            else:
                lead.stage_id = allowed[:1]

    @api.depends("kams_process_id", "kams_procurement_mode")
    def _compute_kams_stage_ids(self):
        for lead in self:
            lead.kams_stage_ids = self._kams_stages(lead, masked=True) | (
                lead.stage_id if lead.kams_process_id else lead.stage_id.browse()
            )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("kams_process_id"):
                vals.pop("kams_process_id", None)  # not for the caller to say: the team decides
        leads = super().create(vals_list)
        if any(lead.kams_imported for lead in leads):  # asked afterwards: a default may have set it
            self._kams_check_may_import()
        if any(lead.kams_left for lead in leads):
            raise UserError(self.env._("A deal is taken out of KAMS with “Leave KAMS”, not when it is created."))
        leads._kams_join_team_process()
        self.env["kams.control.check"].sudo()._open_joined()  # sudo: rows are the engine's
        return leads

    def write(self, vals):
        if "kams_imported" in vals and any(lead.kams_imported != bool(vals["kams_imported"]) for lead in self):
            raise UserError(self.env._("Whether a deal was imported with its past is decided when it is created."))
        if "kams_process_id" in vals or "kams_left" in vals:
            vals = self._kams_check_process_change(vals)
        return super().write(vals)

    @api.model
    def _kams_check_may_import(self):
        if not (self.env.su or self.env.user.has_group("kams_sales.group_import_history")):
            raise AccessError(
                self.env._("You need the “Import deal history” right to bring in deals where they stand.")
            )

    def _kams_join_team_process(self):
        """Deals of a team that works by a process run under it, whatever the caller's values left out."""
        for lead in self:
            if not lead.kams_process_id and (process := lead._kams_process_of_team()):
                lead.kams_process_id = process

    def _kams_process_of_team(self):
        """The process that this opportunity's team gives it; none for a deal that a director took out."""
        return (
            self.env["kams.process"] if self.kams_left or self.type != "opportunity" else self.team_id.kams_process_id
        )

    # STAGES
    @api.model
    def _kams_stages(self, lead, masked=False):
        """The stages of a deal's process, in order.

        :param masked: leave out those of phases that its procurement mode skips
        """
        process_id = lead.kams_process_id.id
        facts = self.env["kams.process.phase"]._facts(process_id) if process_id else ()
        mode = lead.kams_procurement_mode if masked else False
        return self.env["crm.stage"].browse([phase.stage_id for phase in facts if phase.applies(mode)])

    def _stage_find(self, team_id=False, domain=None, order="sequence, id", limit=1):
        """Look for a stage among those of the deals' process, where they have one."""
        process = self.kams_process_id
        if len(process) == 1 and all(lead.kams_process_id for lead in self):
            stages = self._kams_stages(self[:1])
            return self.env["crm.stage"].search(
                Domain("id", "in", stages.ids) & Domain(domain or []), order=order, limit=limit
            )
        return super()._stage_find(team_id=team_id, domain=domain, order=order, limit=limit)

    @api.model
    def _read_group_stage_ids(self, stages, domain):
        """A pipeline of teams that work by a process shows that process's stages, not all shared ones."""
        process = self._kams_pipeline_process()
        if not process:
            return super()._read_group_stage_ids(stages, domain)
        ids = [facts.stage_id for p in process for facts in self.env["kams.process.phase"]._facts(p.id)]
        return stages | stages.browse(dict.fromkeys(ids))

    @api.model
    def _kams_pipeline_process(self):
        if self.env.context.get("kams_pipeline"):
            return self.env["kams.process"].search([("state", "=", "active"), ("team_ids", "!=", False)])
        team_id = self.env.context.get("default_team_id")
        return self.env["crm.team"].browse(team_id).kams_process_id if team_id else self.env["kams.process"]

    # ACTIONS
    def action_set_won(self):
        """Each deal is won on the won stage of its own process."""
        for _process, leads in self.grouped("kams_process_id").items():
            super(CrmLead, leads).action_set_won()
        return True

    def action_kams_waive(self):
        """Open the wizard in which a director waives what is missing."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Waive Control Points"),
            "res_model": "kams.waiver",
            "view_mode": "form",
            "target": "new",
            "context": {"default_lead_id": self.id},
        }

    def _kams_schedule(self, name, **context):
        """Open Odoo's own dialog for activities on these deals."""
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "mail.activity.schedule",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "active_model": "crm.lead",
                "active_ids": self.ids,
                "active_id": self.id,
                "default_res_model": "crm.lead",
                "default_res_ids": repr(self.ids),
                **context,
            },
        }

    def _kams_maybe_deals(self):
        """Ids of the records that run under a process, or may do so: asked of the cache, not of the database."""
        cache = self._fields["kams_process_id"]._get_cache(self.env)
        return [id_ for id_ in self._ids if id_ and cache.get(id_, True)]

    def _kams_process_ids(self):
        """``{deal id: process id}`` of those that run under one; asks the database for what the cache doesn't know."""
        cache = self._fields["kams_process_id"]._get_cache(self.env)
        known = {id_: cache[id_] for id_ in self._ids if id_ in cache}
        if unknown := [id_ for id_ in self._ids if id_ not in cache]:
            known.update(
                self.env.execute_query(
                    SQL(
                        "SELECT id, kams_process_id FROM crm_lead WHERE id = ANY(%s) AND kams_process_id IS NOT NULL",
                        unknown,
                    )
                )
            )
        return {id_: process_id for id_, process_id in known.items() if process_id}

    def _kams_known_deals(self):
        """``{deal id: process id}`` likewise, without a look at those that were found plain on being deleted."""
        plain = self.env.cr.precommit.data.get(PLAIN, ())
        return self.browse(id_ for id_ in self._ids if id_ not in plain)._kams_process_ids()

    def _kams_open_evidence(self, point):
        """Where to record what would meet a point: the list of this deal's evidence, ready for a new one."""
        self.ensure_one()
        model, path = point._recorded_on()
        if model in ("crm.lead", False) or model not in self.env:
            return self._get_records_action()
        if model == "calendar.event":
            return self.action_schedule_meeting()
        if model == "mail.activity":
            return self._kams_schedule(self.env._("Schedule Activity"))
        if model == "sale.order":
            return self.action_view_sale_quotation() if self.quotation_count else self.action_sale_quotations_new()
        if path.startswith(("account_id.", "lead_ids")) and (model == "kams.account" or not self.kams_account_id):
            return self.action_kams_account()
        self.env[model].check_access("read")
        domain, context = [(path, "in", self.ids)], {}
        if path.startswith("account_id."):
            domain = [("account_id", "=", self.kams_account_id.id)]
            context = {"default_account_id": self.kams_account_id.id}
        elif "." not in path:
            context = {f"default_{path}": self.id}
        return {
            "type": "ir.actions.act_window",
            "name": point.name,
            "res_model": model,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
            "context": context,
        }

    def _kams_post_waiver(self, checks):
        """Put a waiver on the deal's record for everybody to see."""
        self.ensure_one()
        self.message_post(
            body=self.env._(
                "%(user)s waived until %(day)s: %(points)s. Reason: %(reason)s",
                user=self.env.user.name,
                day=checks[:1].waiver_expiry,
                points=", ".join(checks.point_id.mapped("display_name")),
                reason=checks[:1].waiver_reason,
            )
        )
