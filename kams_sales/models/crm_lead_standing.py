from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

COUNTS = [
    "kams_card",
    "kams_points_done",
    "kams_points_total",
    "kams_gate_open",
    "kams_missing_point_id",
    "kams_phase_since",
    "kams_phase_days",
    "kams_is_stagnant",
]
MET = ("pass", "waived")
# what the panel shows of a check, read with it in one statement
PANEL = [
    "lead_id",
    "point_id",
    "state",
    "evidence_ref",
    "waiver_reason",
    "waiver_approver_id",
    "waiver_expiry",
    "waived_at",
]


class Standing(NamedTuple):
    """Where a deal stands in its phase: mandatory points met of those that apply, and time spent."""

    done: int
    total: int
    missing: int | None  # id of the first mandatory point that is not met
    since: object
    days: int
    standard_days: int
    stagnant: bool


class CrmLead(models.Model):
    """What a deal's card and page say at a glance: points met, the first one missing, time in phase."""

    _inherit = "crm.lead"

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
    kams_card = fields.Json(
        string="Standing",
        compute="_compute_kams_card",
        help="All that a kanban card says of the gate, in one value: a card is read many times a day.",
    )

    @api.depends("kams_process_id", "kams_phase_id", "kams_left", "kams_check_ids")
    def _compute_kams_gate_check_ids(self):
        """The points of the present phase that apply, and every waiver ever given: one statement."""
        check = self.env["kams.control.check"]
        present = {lead: lead._kams_present_points() for lead in self}
        ours = self.filtered(lambda lead: lead.kams_process_id or lead.kams_left)._origin
        checks = (
            check.search_fetch(
                Domain("lead_id", "in", ours.ids)
                & (
                    Domain("point_id", "in", {id_ for ids in present.values() for id_ in ids})
                    | Domain("waived_at", "!=", False)
                ),
                PANEL,
            )
            if ours
            else check
        )
        of_lead = checks.grouped("lead_id")
        for lead in self:
            own = of_lead.get(lead._origin, check)
            lead.kams_gate_check_ids = own.filtered(
                lambda c, ids=present[lead]: c.point_id.id in ids and c.state != "na"
            )
            lead.kams_waived_check_ids = own.filtered("waived_at")

    def _kams_present_points(self, mandatory=False):
        """Ids of the points that guard the exit of this deal's phase, in order. No query."""
        phase_id = self.kams_phase_id.id
        return (
            [
                point.id
                for point in self.env["kams.control.point"]._facts(self.kams_process_id.id)
                if point.phase_id == phase_id and (point.mandatory or not mandatory)
            ]
            if phase_id
            else []
        )

    @api.depends("kams_process_id", "kams_phase_id", "user_id", "won_status")
    def _compute_kams_counts(self):
        """Points of the present phase and time in it."""
        standings = self._kams_standings()
        for lead in self:
            standing = standings.get(lead._origin.id)
            lead.kams_points_done = standing and standing.done
            lead.kams_points_total = standing and standing.total
            lead.kams_gate_open = standing and standing.done == standing.total
            lead.kams_missing_point_id = standing and standing.missing
            lead.kams_phase_since = standing and standing.since
            lead.kams_phase_days = standing and standing.days
            lead.kams_is_stagnant = standing and standing.stagnant

    @api.depends("kams_process_id", "kams_phase_id", "user_id", "won_status")
    def _compute_kams_card(self):
        """The same for a card, as ``{done, total, missing, days, standard, stagnant}``; empty on a plain deal."""
        standings = self._kams_standings()
        point = self.env["kams.control.point"]
        labels = {id_: point._label(id_) for id_ in {standing.missing for standing in standings.values()}}
        for lead in self:
            standing = standings.get(lead._origin.id)
            lead.kams_card = standing and {
                "done": standing.done,
                "total": standing.total,
                "missing": labels[standing.missing],
                "days": standing.days,
                "standard": standing.standard_days,
                "stagnant": standing.stagnant,
            }

    def _kams_standings(self):
        """``{deal id: Standing}`` of the deals among these that stand in a phase: one statement for all."""
        deals = self.filtered(lambda lead: lead.kams_phase_id and lead._origin)
        if not deals:
            return {}
        self.env["kams.control.check"].sudo()._refresh_pending()  # sudo: the engine's own bookkeeping
        points_of = {
            phase: here[:1]._kams_present_points(mandatory=True) or [None]
            for phase, here in deals.grouped("kams_phase_id").items()
        }
        pairs = [
            (deal_id, point_id)
            for deal, deal_id in zip(deals, deals._origin._ids, strict=True)
            for point_id in points_of[deal.kams_phase_id]
        ]
        found = defaultdict(list)
        for deal_id, point_id, state, since in self.env.execute_query(
            SQL(
                """
                SELECT v.lead_id, v.point_id, c.state, h.phase_since
                  FROM unnest(%s::int[], %s::int[]) WITH ORDINALITY AS v (lead_id, point_id, place)
             LEFT JOIN kams_control_check c ON c.lead_id = v.lead_id AND c.point_id = v.point_id
             LEFT JOIN kams_deal_history h ON h.lead_ref = v.lead_id AND h.valid_to IS NULL
              ORDER BY v.place
                """,
                *map(list, zip(*pairs, strict=True)),
            )
        ):
            found[deal_id].append((point_id, state, since))
        phases = {
            facts.id: facts
            for process in deals.kams_process_id
            for facts in self.env["kams.process.phase"]._facts(process.id)
        }
        now = fields.Datetime.now()
        standings = {}
        for deal, deal_id in zip(deals, deals._origin._ids, strict=True):
            rows = found[deal_id]
            asked = [(point_id, state) for point_id, state, _since in rows if point_id and state != "na"]
            open_points = [point_id for point_id, state in asked if state not in MET]
            since = rows[0][2] or now if rows else now
            days = max((now - since).days, 0)
            facts = phases[deal.kams_phase_id.id]
            standings[deal_id] = Standing(
                done=len(asked) - len(open_points),
                total=len(asked),
                missing=open_points[0] if open_points else None,
                since=since,
                days=days,
                standard_days=facts.standard_days,
                stagnant=deal.won_status == "pending" and days > facts.stagnant_after,
            )
        return standings

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

    # ACTIONS
    def action_kams_history(self):
        """Open this deal's history, oldest state last."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_deal_history_action")
        return dict(action, domain=[("lead_ref", "=", self.id)], context={}, display_name=self.display_name)

    # BUSINESS
    @api.model
    def _kams_invalidate_counts(self):
        self.invalidate_model(
            [
                *COUNTS,
                "kams_check_ids",
                "kams_gate_check_ids",
                "kams_waived_check_ids",
                "kams_history_ids",
                "duration_tracking",
            ],
            flush=False,
        )
