from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

COUNTS = [
    "kams_points_done",
    "kams_points_total",
    "kams_gate_open",
    "kams_missing_point_id",
    "kams_missing_label",
    "kams_phase_since",
    "kams_phase_days",
    "kams_is_stagnant",
]
MET = ("pass", "waived")
DAY = timedelta(days=1)


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
    """What a deal's page says at a glance: points met, the first one missing, time in phase."""

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
    # At a glance
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
    kams_missing_label = fields.Char(string="First Missing", compute="_compute_kams_counts")
    kams_process_label = fields.Char(string="Runs Under", compute="_compute_kams_phase_words")
    kams_phase_since = fields.Datetime(string="In Phase Since", compute="_compute_kams_counts")
    kams_phase_days = fields.Integer(string="Days in Phase", compute="_compute_kams_counts")
    kams_phase_name = fields.Char(string="Phase", compute="_compute_kams_phase_words")
    kams_phase_code = fields.Char(string="Phase (Code)", compute="_compute_kams_phase_words")
    kams_standard_days = fields.Integer(string="Standard Days", compute="_compute_kams_phase_words")
    kams_phase_goal = fields.Text(string="Goal of the Phase", compute="_compute_kams_phase_words")
    kams_techniques = fields.Text(string="Techniques of the Phase", compute="_compute_kams_phase_words")
    kams_activity_plan_id = fields.Many2one(
        "mail.activity.plan", string="Key Tasks of the Phase", compute="_compute_kams_phase_words"
    )
    kams_is_stagnant = fields.Boolean(
        string="Stagnant",
        compute="_compute_kams_counts",
        help="Far longer in its phase than won deals usually were (see Dated Parameters); where none was won yet, "
        "longer than the process allows.",
    )

    @api.depends("kams_process_id", "kams_phase_id", "kams_left", "kams_check_ids")
    def _compute_kams_gate_check_ids(self):
        """The points of the present phase that apply, and every waiver ever given: one statement."""
        check = self.env["kams.control.check"]
        ours = self.filtered(lambda lead: lead.kams_process_id or lead.kams_left)._origin
        of_phase, waived = defaultdict(list), defaultdict(list)
        if ours:
            check.sudo()._refresh_pending()  # sudo: the engine's own bookkeeping
            present = {lead.id: set(lead._kams_present_points()) for lead in ours}
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT lead_id, point_id, id, state, waived_at IS NOT NULL
                      FROM kams_control_check WHERE lead_id = ANY(%s)
                  ORDER BY lead_id, phase_sequence, sequence, id
                    """,
                    ours.ids,
                )
            )
            # what the user's own rules let through: the deal is theirs to read, its checks are asked all the same
            allowed = set(check.browse(row[2] for row in rows)._filtered_access("read")._ids)
            for lead_id, point_id, check_id, state, was_waived in rows:
                if check_id in allowed:
                    if point_id in present[lead_id] and state != "na":
                        of_phase[lead_id].append(check_id)
                    if was_waived:
                        waived[lead_id].append(check_id)
        shown = check.browse(id_ for ids in (*of_phase.values(), *waived.values()) for id_ in ids)
        for lead in self:
            lead.kams_gate_check_ids = check.browse(of_phase[lead._origin.id]).with_prefetch(shown._ids)
            lead.kams_waived_check_ids = check.browse(waived[lead._origin.id]).with_prefetch(shown._ids)

    def _kams_present_points(self):
        """Ids of the points that guard the exit of this deal's phase, in order. No query."""
        phase_id = self.kams_phase_id.id
        return (
            [
                point.id
                for point in self.env["kams.control.point"]._facts(self.kams_process_id.id)
                if point.phase_id == phase_id
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
            missing = standing and standing.missing
            lead.kams_missing_label = missing and self.env["kams.control.point"]._words(missing).label
            lead.kams_phase_since = standing and standing.since
            lead.kams_phase_days = standing and standing.days
            lead.kams_is_stagnant = standing and standing.stagnant

    @api.depends_context("lang")
    @api.depends("kams_process_id", "kams_phase_id")
    def _compute_kams_phase_words(self):
        """What the page tells of process and phase, from what these keep at hand: no query."""
        process, phase = self.env["kams.process"], self.env["kams.process.phase"]
        for lead in self:
            process_id, phase_id = lead.kams_process_id.id, lead.kams_phase_id.id
            words = phase_id and phase._words(phase_id)
            facts = phase_id and next((facts for facts in phase._facts(process_id) if facts.id == phase_id), None)
            lead.kams_process_label = process_id and process._label(process_id)
            lead.kams_phase_name = words and words.name
            lead.kams_phase_goal = words and words.goal
            lead.kams_techniques = words and words.techniques
            lead.kams_activity_plan_id = words and words.activity_plan_id
            lead.kams_phase_code = facts and facts.code
            lead.kams_standard_days = facts and facts.standard_days

    def _kams_standings(self):
        """``{deal id: Standing}`` of the deals among these that stand in a phase: one statement for all."""
        ids = list(self._origin.filtered("kams_phase_id")._ids)
        if not ids:
            return {}
        self.env["kams.control.check"].sudo()._refresh_pending()  # sudo: the engine's own bookkeeping
        self.flush_model(["kams_phase_id", "kams_process_id", "won_status", "company_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT lead.id, lead.kams_process_id, lead.kams_phase_id, lead.won_status, history.phase_since,
                       (SELECT %(stagnant_after)s FROM kams_process_phase phase WHERE phase.id = lead.kams_phase_id),
                       -- mandatory points of the phase that apply; negative while not met
                       ARRAY(SELECT CASE WHEN c.state IN %(met)s THEN c.point_id ELSE -c.point_id END
                               FROM kams_control_point p
                               JOIN kams_control_check c ON c.point_id = p.id AND c.lead_id = lead.id
                              WHERE p.phase_id = lead.kams_phase_id AND p.level = 'mandatory' AND c.state != 'na')
                  FROM crm_lead lead
             LEFT JOIN kams_deal_history history ON history.lead_ref = lead.id AND history.valid_to IS NULL
                 WHERE lead.id = ANY(%(ids)s)
                """,
                met=MET,
                ids=ids,
                stagnant_after=self.env["kams.lack"]._stagnant_after(
                    "phase", SQL("lead.company_id"), fields.Date.today()
                ),
            )
        )
        phases, order = {}, {}
        for process_id in {row[1] for row in rows}:
            phases.update((facts.id, facts) for facts in self.env["kams.process.phase"]._facts(process_id))
            points = self.env["kams.control.point"]._facts(process_id)
            order.update((point.id, place) for place, point in enumerate(points))
        now = fields.Datetime.now()
        standings = {}
        for deal_id, _process_id, phase_id, won_status, since, stagnant_after, answers in rows:
            missing = [-id_ for id_ in answers if id_ < 0]
            spent = (now - since) / DAY if since else 0.0
            facts = phases[phase_id]
            standings[deal_id] = Standing(
                done=len(answers) - len(missing),
                total=len(answers),
                missing=min(missing, key=order.get) if missing else None,
                since=since or now,
                days=max(int(spent), 0),
                standard_days=facts.standard_days,
                stagnant=won_status == "pending" and stagnant_after is not None and spent > stagnant_after,
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
