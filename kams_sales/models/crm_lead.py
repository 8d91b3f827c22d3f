from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

LEGAL_REGIMES = [
    ("bidding_law", "Bidding Law"),
    ("gov_procurement", "Government Procurement Law"),
    ("enterprise", "Enterprise Rules"),
]
COUNTS = [
    "kams_points_done",
    "kams_points_total",
    "kams_gate_open",
    "kams_missing_point_id",
    "kams_phase_since",
    "kams_phase_days",
    "kams_is_stagnant",
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
    # Checks and history
    kams_check_ids = fields.One2many("kams.control.check", "lead_id", string="Control Point Checks", copy=False)
    kams_gate_check_ids = fields.Many2many(
        "kams.control.check", compute="_compute_kams_gate_check_ids", string="Points of This Phase"
    )
    kams_waived_check_ids = fields.Many2many(
        "kams.control.check", compute="_compute_kams_gate_check_ids", string="Waivers"
    )
    kams_history_ids = fields.One2many("kams.deal.history", "lead_id", string="Deal History", copy=False)
    # What a card says at a glance
    kams_points_done = fields.Integer(string="Points Met", compute="_compute_kams_counts")
    kams_points_total = fields.Integer(string="Points of This Phase (Number)", compute="_compute_kams_counts")
    kams_gate_open = fields.Boolean(
        string="Ready to Move On",
        compute="_compute_kams_counts",
        search="_search_kams_gate_open",
        help="Every mandatory point of the present phase is met or waived.",
    )
    kams_missing_point_id = fields.Many2one(
        "kams.control.point", string="First Missing Point", compute="_compute_kams_counts"
    )
    kams_phase_since = fields.Datetime(string="In Phase Since", compute="_compute_kams_counts")
    kams_phase_days = fields.Integer(string="Days in Phase", compute="_compute_kams_counts")
    kams_standard_days = fields.Integer(related="kams_phase_id.standard_days", string="Standard Days")
    kams_phase_goal = fields.Text(related="kams_phase_id.goal", string="Goal of the Phase")
    kams_techniques = fields.Text(related="kams_phase_id.techniques", string="Techniques of the Phase")
    kams_activity_plan_id = fields.Many2one(related="kams_phase_id.activity_plan_id", string="Key Tasks of the Phase")
    kams_is_stagnant = fields.Boolean(string="Stagnant", compute="_compute_kams_counts")

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

    @api.depends("kams_phase_id", "kams_check_ids")
    def _compute_kams_gate_check_ids(self):
        for lead in self:
            checks = lead.kams_check_ids if lead.kams_process_id else lead.kams_check_ids.browse()
            lead.kams_gate_check_ids = checks.filtered(
                lambda check, lead=lead: check.phase_id == lead.kams_phase_id and check.state != "na"
            )
            lead.kams_waived_check_ids = lead.kams_check_ids.filtered("waived_at")

    @api.depends("kams_phase_id", "user_id", "won_status")
    def _compute_kams_counts(self):
        """Points of the present phase and time in it: two statements for any number of deals."""
        blank = dict.fromkeys(COUNTS, False)
        deals = self.filtered("kams_phase_id")
        for lead in self - deals:
            lead.update(blank)
        if not deals:
            return
        self.env["kams.control.check"].sudo()._refresh_pending()  # sudo: the engine's own bookkeeping
        ids = deals._origin.ids
        points = {
            row[0]: row[1:]
            for row in self.env.execute_query(
                SQL(
                    """
                    SELECT l.id, count(*) FILTER (WHERE c.state IN ('pass', 'waived')), count(*),
                           (array_agg(p.id ORDER BY p.sequence, p.id)
                                FILTER (WHERE c.state NOT IN ('pass', 'waived')))[1]
                      FROM crm_lead l
                      JOIN kams_control_check c ON c.lead_id = l.id
                      JOIN kams_control_point p
                        ON p.id = c.point_id AND p.phase_id = l.kams_phase_id AND p.level = 'mandatory'
                     WHERE l.id = ANY(%s) AND c.state <> 'na'
                  GROUP BY l.id
                    """,
                    ids,
                )
            )
        }
        since = dict(
            self.env.execute_query(
                SQL(
                    "SELECT lead_ref, phase_since FROM kams_deal_history WHERE lead_ref = ANY(%s) AND valid_to IS NULL",
                    ids,
                )
            )
        )
        now = fields.Datetime.now()
        for lead in deals:
            done, total, missing = points.get(lead._origin.id, (0, 0, None))
            begun = since.get(lead._origin.id) or now
            days = max((now - begun).days, 0)
            lead.update(
                {
                    "kams_points_done": done,
                    "kams_points_total": total,
                    "kams_gate_open": done == total,
                    "kams_missing_point_id": missing,
                    "kams_phase_since": begun,
                    "kams_phase_days": days,
                    "kams_is_stagnant": lead.won_status == "pending"
                    and days > lead.kams_phase_id.standard_days * lead.kams_phase_id.stagnation_factor,
                }
            )

    def _search_kams_gate_open(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env["kams.control.check"].sudo()._refresh_pending()  # sudo: the engine's own bookkeeping
        closed = SQL(
            """(
            SELECT l.id FROM crm_lead l
              JOIN kams_control_check c ON c.lead_id = l.id
              JOIN kams_control_point p
                ON p.id = c.point_id AND p.phase_id = l.kams_phase_id AND p.level = 'mandatory'
             WHERE c.state NOT IN ('pass', 'waived', 'na'))"""
        )
        wanted = Domain("kams_phase_id", "!=", False) & Domain("id", "not in", closed)
        return wanted if True in value else ~wanted

    def _compute_duration_tracking(self):
        """Time per stage of a deal under a process comes from its history, not from the chatter."""
        deals = self.filtered("kams_process_id")
        super(CrmLead, self - deals)._compute_duration_tracking()
        if not deals:
            return
        spent = defaultdict(dict)
        for lead_ref, stage_id, seconds in self.env.execute_query(
            SQL(
                """
                SELECT lead_ref, stage_id,
                       sum(extract(epoch FROM COALESCE(valid_to, %s) - valid_from))::int
                  FROM kams_deal_history
                 WHERE lead_ref = ANY(%s) AND stage_id IS NOT NULL
              GROUP BY lead_ref, stage_id
                """,
                fields.Datetime.now(),
                deals._origin.ids,
            )
        ):
            spent[lead_ref][str(stage_id)] = max(seconds, 0)
        for lead in deals:
            lead.duration_tracking = spent[lead._origin.id]

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
        return self.env["kams.process"] if self.kams_left or self.type != "opportunity" else self.team_id.kams_process_id

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

    def action_kams_history(self):
        """Open this deal's history, oldest state last."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_deal_history_action")
        return dict(action, domain=[("lead_ref", "=", self.id)], context={}, display_name=self.display_name)

    def action_kams_key_tasks(self):
        """Plan the activities that the present phase usually takes."""
        self.ensure_one()
        plan = self.kams_phase_id.activity_plan_id
        if not plan:
            raise UserError(self.env._("Phase %s has no key tasks to plan.", self.kams_phase_id.name or ""))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan Key Tasks"),
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
                "default_plan_id": plan.id,
            },
        }

    # BUSINESS
    @api.model
    def _kams_invalidate_counts(self):
        self.invalidate_model([*COUNTS, "kams_check_ids", "kams_gate_check_ids", "kams_waived_check_ids",
                               "kams_history_ids", "duration_tracking"], flush=False)

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

    def _kams_open_evidence(self, point):
        """Where to record what would meet a point: the list of this deal's evidence, ready for a new one."""
        self.ensure_one()
        model = point.evidence_model if point.rule_type == "evidence" else "crm.lead"
        if model in ("crm.lead", False) or model not in self.env:
            return {
                "type": "ir.actions.act_window",
                "res_model": "crm.lead",
                "res_id": self.id,
                "view_mode": "form",
                "views": [(False, "form")],
            }
        if model == "calendar.event":
            return self.action_schedule_meeting()
        if model == "sale.order":
            return self.action_view_sale_quotation() if self.quotation_count else self.action_sale_quotations_new()
        path = point._path()
        self.env[model].check_access("read")
        context = {f"default_{path}": self.id} if "." not in path else {}
        return {
            "type": "ir.actions.act_window",
            "name": point.name,
            "res_model": model,
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [(path, "in", self.ids)],
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
