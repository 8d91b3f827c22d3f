from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools import chain
from .blank import BlankFloat, known
from .kams_stakeholder_advice import DECIDES

MAP_STATUSES = [
    ("red", "Red: Nobody Who Counts"),
    ("amber", "Amber: Some Who Count"),
    ("green", "Green: Who Decides"),
]
# What figures and advice of a chain are made from
READ = (
    "lead_id",
    "partner_id",
    "reports_to_id",
    "mh_role",
    "buying_role_ids",
    "influence",
    "is_key_player",
    "attitude",
    "coverage",
    "strategy",
    "red_flag",
)
FIGURES = ("influence", "attitude", "coverage", "is_key_player", "mh_role", "buying_role_ids")


class Person(NamedTuple):
    """What a chain's figures know of somebody; unknown is None."""

    influence: int | None
    attitude: int | None
    met: bool
    key: bool
    decides: bool


class CrmLead(models.Model):
    """The decision chain of a deal: who decides, how they stand, and how the customer gets there.

    Book section 3.6 采购角色/决策链, 决策流程.
    """

    _inherit = "crm.lead"

    kams_stakeholder_ids = fields.One2many("kams.stakeholder", "lead_id", string="Decision Chain")
    kams_decision_step_ids = fields.One2many("kams.decision.step", "lead_id", string="Decision Steps")
    kams_stakeholder_count = fields.Integer(string="People in the Chain", compute="_compute_kams_chapter_counts")
    kams_decision_step_count = fields.Integer(string="Steps of the Decision", compute="_compute_kams_chapter_counts")
    kams_support_index = BlankFloat(
        string="Support Index",
        digits=(5, 2),
        compute="_compute_kams_chain",
        help="Attitudes weighed by influence: 0 all against us, 50 neutral, 100 all for us. Whose attitude isn't known "
        "doesn't count.",
    )
    kams_coverage = BlankFloat(
        string="Coverage (%)",
        digits=(5, 2),
        compute="_compute_kams_chain",
        help="Share of the key players whom we have met.",
    )
    kams_map_status = fields.Selection(
        MAP_STATUSES,
        string="Who Supports Us",
        compute="_compute_kams_chain",
        help="Red: no key player. Amber: some key players. Green: a key player who decides or approves.",
    )
    kams_chain_advice = fields.Text(string="Advice on the Chain", compute="_compute_kams_chain_advice")
    kams_chain_map = fields.Html(string="Map of the Chain", compute="_compute_kams_chain_map", sanitize=False)

    # COMPUTES
    @api.depends(*(f"kams_stakeholder_ids.{name}" for name in FIGURES), "kams_process_id")
    def _compute_kams_chain(self):
        """Figures of all deals in one statement: a deal's page shows them. None for plain deals."""
        people = self._origin.filtered("kams_process_id")._kams_chain_people()
        for lead in self:
            chained = people.get(lead._origin.id, ())
            lead.kams_support_index = chain.support_index([(one.influence, one.attitude) for one in chained])
            lead.kams_coverage = chain.coverage([one.met for one in chained if one.key])
            lead.kams_map_status = chain.map_status([(one.key, one.attitude, one.decides) for one in chained])

    @api.depends(*(f"kams_stakeholder_ids.{name}" for name in READ if name != "lead_id"), "kams_process_id")
    @api.depends_context("lang")
    def _compute_kams_chain_advice(self):
        """Advice on all deals, in a handful of statements; none for plain deals."""
        chains = self._origin.filtered("kams_process_id")._kams_chains()
        met_on = self._kams_met_on([lead.id for lead, people in chains.items() if people])
        for lead in self:
            people = chains.get(lead._origin)
            advice = [] if people is None else people._chain_advice(met_on.get(lead._origin.id))
            lead.kams_chain_advice = "\n".join(advice[:5]) or False

    @api.depends("kams_support_index")
    @api.depends_context("lang")
    def _compute_kams_chain_map(self):
        for lead in self:
            people = lead._origin.kams_stakeholder_ids.sorted()
            lead.kams_chain_map = people and self.env["ir.qweb"]._render(
                "kams_sales.kams_chain_map", {"rows": people._map_rows(), "lead": lead._origin}
            )

    # ACTIONS
    def action_kams_chain(self):
        """Open the org chart; its title says how the chain stands."""
        name = self.env._("Decision Chain")
        if known(self.kams_support_index) is not None:
            name = self.env._("Decision Chain: support %s", round(self.kams_support_index))
        action = self._kams_open_part("kams.stakeholder", name, views="hierarchy,kanban,list,form")
        return {
            **action,
            "mobile_view_mode": "kanban",
            "help": self.env["ir.qweb"]._render("kams_sales.kams_chain_empty", {}),
        }

    def action_kams_chain_map(self):
        """Open the whole chain on one page, with its figures and advice."""
        self.ensure_one()
        self.check_access("read")
        view = self.env.ref("kams_sales.crm_lead_view_form_chain_map")
        name = self.env._("Map of the Chain")
        return {**self._get_records_action(name=name), "views": [(view.id, "form")]}

    def action_kams_decision_steps(self):
        return self._kams_open_part("kams.decision.step", self.env._("Decision Steps"), views="list,calendar,form")

    def action_kams_take_over_chain(self):
        """Add the people of this customer's last chain who aren't here yet."""
        self.ensure_one()
        self.check_access("write")
        customer = self.partner_id.commercial_partner_id
        people = self.env["kams.stakeholder"]
        if customer:
            people = people.search(
                [("lead_id.partner_id.commercial_partner_id", "=", customer.id), ("lead_id", "!=", self.id)],
                order="write_date desc, id desc",
            )
        if not people:
            raise UserError(
                self.env._(
                    "%s has no customer with a decision chain on another deal that you may see: add its people here.",
                    self.display_name,
                )
            )
        last = people.filtered(lambda person: person.lead_id == people[0].lead_id)
        if not last._offer_chain(self):
            raise UserError(
                self.env._(
                    "All of the last chain, on “%(deal)s”, stand in this one already.",
                    deal=last.lead_id.name,
                )
            )
        return self.action_kams_chain()

    def action_kams_standard_steps(self):
        """Put down the eight usual steps of a decision, those that aren't there yet."""
        self.ensure_one()
        steps = self.env["kams.decision.step"]
        there = {step.name for step in self.kams_decision_step_ids}
        steps.create(
            [
                {"lead_id": self.id, "name": name, "sequence": 10 * number}
                for number, name in enumerate(steps._standard(), 1)
                if name not in there
            ]
        )
        return self.action_kams_decision_steps()

    # BUSINESS
    @api.model
    def _kams_evidence_actions(self):
        return {
            **super()._kams_evidence_actions(),
            "kams.stakeholder": "action_kams_chain",
            "kams.decision.step": "action_kams_decision_steps",
        }

    @api.model
    def _kams_chapter_counts(self):
        return {
            **super()._kams_chapter_counts(),
            "kams_stakeholder_count": self._kams_count_of("kams_stakeholder"),
            "kams_decision_step_count": self._kams_count_of("kams_decision_step"),
        }

    def _kams_chain_people(self):
        """``{deal's id: [Person, ...]}``, whoever reads them: who may read a deal may know its figures."""
        if not self:
            return {}
        self.env["kams.stakeholder"].flush_model(["lead_id", *FIGURES])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT s.lead_id, s.influence::int, s.attitude::int, s.coverage != 'none',
                       COALESCE(s.is_key_player, FALSE),
                       COALESCE(s.mh_role = 'eb', FALSE) OR EXISTS (
                           SELECT FROM kams_buying_role_kams_stakeholder_rel r
                             JOIN kams_buying_role b ON b.id = r.kams_buying_role_id AND b.code IN %s
                            WHERE r.kams_stakeholder_id = s.id)
                  FROM kams_stakeholder s
                 WHERE s.lead_id = ANY(%s)
                """,
                tuple(DECIDES),
                self.ids,
            )
        )
        people = {}
        for lead_id, *values in rows:
            people.setdefault(lead_id, []).append(Person(*values))
        return people

    def _kams_chains(self):
        """``{deal: its people}``, with nobody where there is nobody."""
        # sudo: who may read a deal may read its chain, by the same rules; and they are told figures and names only
        people = self.env["kams.stakeholder"].sudo()
        found = people.search_fetch([("lead_id", "in", self.ids)], READ).grouped("lead_id") if self else {}
        found = {lead.id: of_lead for lead, of_lead in found.items()}
        return {lead: found.get(lead.id, people) for lead in self}

    @api.model
    def _kams_met_on(self, ids):
        """``{deal's id: day of its last meeting}``."""
        if not ids:
            return {}
        # sudo: that there was a meeting of this deal is told, not what it was about
        events = self.env["calendar.event"].sudo()
        past = [("opportunity_id", "in", ids), ("start", "<=", fields.Datetime.now())]
        found = events._read_group(past, ["opportunity_id"], ["start:max"])
        return {lead.id: start.date() for lead, start in found}
