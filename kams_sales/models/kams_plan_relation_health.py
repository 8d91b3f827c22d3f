from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import chain, plans, relation
from .blank import BlankFloat, known

PARTS = {
    "coverage": "relation_coverage",
    "contact": "relation_contact",
    "support": "relation_support",
    "satisfaction": "relation_satisfaction",
    "issues": "relation_issues",
}
FIGURE = {"digits": (5, 2), "compute": "_compute_relation"}


class KamsPlan(models.Model):
    """How a relationship is doing, 0–100, and what drives it (8.6, C35).

    Mean, by weight (dated parameters ``relation_health_…``), of what is known: key players met, contacts held of those
    wanted, support in the decision chain, satisfaction, issues closed. What isn't known is left out and said.
    """

    _inherit = "kams.plan"

    relation_health = BlankFloat(
        string="Health of the Relationship", help="0–100; what isn't known is left out, and told below.", **FIGURE
    )
    relation_coverage = BlankFloat(string="Key Players Met (%)", **FIGURE)
    relation_contact = BlankFloat(
        string="Contacts Held (%)", help="Contacts held ÷ contacts wanted since the plan began.", **FIGURE
    )
    relation_support = BlankFloat(string="Support (0–100)", **FIGURE)
    relation_satisfaction = BlankFloat(
        string="Satisfaction (0–100)", help="The last answers of their people, 5 being 100.", **FIGURE
    )
    relation_issues = BlankFloat(string="Issues Closed (%)", **FIGURE)
    relation_drivers = fields.Text(string="What the Health Rests On", compute="_compute_relation")

    # COMPUTES
    @api.depends(
        "kind",
        "contact_days",
        "date_from",
        "date_to",
        "lead_id",
        "account_id",
        "action_ids.state",
        "action_ids.done_on",
    )
    @api.depends_context("lang")
    def _compute_relation(self):
        kept = self.filtered(lambda plan: plan.kind == "relationship")
        deals_of = kept._relation_deals()
        # sudo: who sees the plan may know these figures of its deals, as with its measures
        figures = self.env["crm.lead"].sudo()._kams_relation_figures(deals_of)
        contacts = kept._relation_contacts()
        weights = self._relation_weights()
        for plan in self:
            parts = {**figures.get(plan, {}), "contact": contacts.get(plan._origin.id)}
            for part, name in PARTS.items():
                plan[name] = parts.get(part)
            plan.relation_health = relation.health(parts, weights) if plan in kept else None
            plan.relation_drivers = self._relation_text(parts, weights) if plan in kept else False

    # BUSINESS
    @api.model
    def _relation_weights(self):
        value = self.env["kams.legal.rule"]._value
        return {part: value(f"relation_health_{part}") or 0.0 for part in relation.PARTS}

    @api.model
    def _relation_text(self, parts, weights):
        """The parts in words, what costs most first, and then those that nobody knows."""
        label = {part: self._fields[name]._description_string(self.env) for part, name in PARTS.items()}
        told = [part for part in relation.PARTS if known(parts.get(part)) is not None and weights[part]]
        told.sort(key=lambda part: -(100 - parts[part]) * weights[part])
        lines = [
            self.env._(
                "%(score)s of 100 (weight %(weight)g) – %(text)s",
                score=round(parts[part]),
                weight=weights[part],
                text=label[part],
            )
            for part in told
        ]
        if missing := relation.unknown(parts, weights):
            names = ", ".join(label[part] for part in missing)
            lines.append(self.env._("Not known, so left out: %s", names))
        return "\n".join(lines)

    def _relation_deals(self):
        """``{plan: its deals}``: its own, or those of its account that go on or were won; one statement."""
        # sudo: which deals an account has; figures of them are told, not the deals
        leads = self.env["crm.lead"].sudo()
        accounts = self.filtered(lambda plan: not plan.lead_id).account_id
        found = {}
        if accounts:
            deals = leads.search([("kams_account_id", "in", accounts.ids), ("kams_process_id", "!=", False)])
            found = {account.id: group for account, group in deals.grouped("kams_account_id").items()}
        return {
            plan: plan.sudo().lead_id._origin or found.get(plan.account_id._origin.id, leads)  # sudo: as above
            for plan in self
        }

    def _relation_contacts(self):
        """``{plan id: contacts held of those wanted}``: days with a meeting, an action done or a talk that was held."""
        today = fields.Date.context_today(self)
        rows = []
        for plan in self.filtered(lambda plan: plan._origin and plan.contact_days and plan.date_from):
            until = min(today, plan.date_to or today)
            deal = plan.sudo().lead_id  # sudo: its id only
            rows.append((plan._origin.id, deal.id or None, plan.customer_id.id or None, plan.date_from, until))
        if not rows:
            return {}
        for model in ("calendar.event", "crm.lead", "res.partner", "kams.plan.action", *self._relation_logs()):
            self.env[model].flush_model()
        held = dict(
            self.env.execute_query(  # who sees the plan may know how often its customer was met
                SQL(
                    """
                    SELECT asked.id, COUNT(DISTINCT held.day)
                      FROM UNNEST(%(ids)s::int[], %(deals)s::int[], %(customers)s::int[], %(since)s::date[],
                                  %(until)s::date[]) AS asked (id, deal, customer, since, until)
                      JOIN LATERAL (%(days)s) held ON held.day BETWEEN asked.since AND asked.until
                     GROUP BY asked.id
                    """,
                    **dict(
                        zip(
                            ("ids", "deals", "customers", "since", "until"),
                            map(list, zip(*rows, strict=True)),
                            strict=True,
                        )
                    ),
                    days=self._relation_days(),
                )
            )
        )
        wanted = {row[0]: (row[4] - row[3]).days for row in rows}
        every = {plan._origin.id: plan.contact_days for plan in self}
        return {id_: relation.contact_frequency(held.get(id_, 0), days, every[id_]) for id_, days in wanted.items()}

    @api.model
    def _relation_logs(self):
        """Models beside Odoo's meetings in which contacts are recorded, if they are there."""
        return [name for name in ("kams.comm.log",) if name in self.env]

    @api.model
    def _relation_days(self):
        """SQL of the days on which there was a contact, for a row ``asked (id, deal, customer)``."""
        ways = [
            SQL("SELECT action.done_on AS day FROM kams_plan_action action WHERE action.plan_id = asked.id"),
            SQL(
                """
                SELECT event.start::date FROM calendar_event event
                 WHERE event.opportunity_id = asked.deal AND event.active AND event.stop <= %s
                """,
                fields.Datetime.now(),
            ),
            SQL(
                """
                SELECT event.start::date
                  FROM res_partner partner
                  JOIN calendar_event_res_partner_rel attending ON attending.res_partner_id = partner.id
                  JOIN calendar_event event ON event.id = attending.calendar_event_id
                 WHERE asked.deal IS NULL AND partner.commercial_partner_id = asked.customer
                   AND event.active AND event.stop <= %s
                """,
                fields.Datetime.now(),
            ),
            SQL(
                """
                SELECT event.start::date
                  FROM res_partner partner
                  JOIN crm_lead deal ON deal.partner_id = partner.id
                  JOIN calendar_event event ON event.opportunity_id = deal.id
                 WHERE asked.deal IS NULL AND partner.commercial_partner_id = asked.customer
                   AND event.active AND event.stop <= %s
                """,
                fields.Datetime.now(),
            ),
        ]
        if "kams.comm.log" in self.env:
            ways.append(
                SQL(
                    """
                    SELECT log.held_on
                      FROM kams_plan talks
                      JOIN kams_comm_line line ON line.plan_id = talks.id
                      JOIN kams_comm_log log ON log.line_id = line.id AND log.state = 'held'
                     WHERE talks.lead_id = asked.deal
                    """
                )
            )
        return SQL(" UNION ALL ").join(ways)


class CrmLead(models.Model):
    """How the relationship of a deal is doing (8.6, C35); plain deals ask nothing."""

    _inherit = "crm.lead"

    kams_relation_health = BlankFloat(
        string="Health of the Relationship", digits=(5, 2), compute="_compute_kams_relation"
    )
    kams_relation_note = fields.Text(string="What the Health Rests On", compute="_compute_kams_relation")
    kams_satisfaction_score = BlankFloat(
        string="Satisfaction of Their People (1–5)",
        digits=(3, 2),
        compute="_compute_kams_relation",
        help="Mean of the last answer of each person.",
    )

    # COMPUTES
    @api.depends("kams_process_id", "kams_satisfaction_ids.score", "kams_satisfaction_ids.is_latest")
    @api.depends_context("lang")
    def _compute_kams_relation(self):
        """A deal's own plan says how often it wants a contact; without one, contacts aren't known."""
        plan_model = self.env["kams.plan"]
        deals = self._origin.filtered("kams_process_id")
        # sudo: who may read a deal may know these figures of it
        figures = self.sudo()._kams_relation_figures({deal: deal for deal in deals})
        in_force = plan_model.sudo()
        if deals:
            in_force = in_force.search(
                [("lead_id", "in", deals.ids), ("kind", "=", "relationship"), ("state", "=", "active")], order="id"
            )
        contacts = in_force._relation_contacts()
        contact_of = {plan.lead_id.id: contacts.get(plan.id) for plan in in_force}
        weights = plan_model._relation_weights() if deals else {}
        for lead in self:
            if lead._origin not in deals:
                lead.kams_relation_health = lead.kams_satisfaction_score = None
                lead.kams_relation_note = False
                continue
            parts = {**figures[lead._origin], "contact": contact_of.get(lead._origin.id)}
            lead.kams_relation_health = relation.health(parts, weights)
            lead.kams_relation_note = plan_model._relation_text(parts, weights)
            lead.kams_satisfaction_score = parts["score"]

    # BUSINESS
    @api.model
    def _kams_relation_figures(self, deals_of):
        """``{key: {part: value}}`` for ``{key: deals}``, in a constant number of statements for any number of keys.

        ``score`` is the satisfaction as it was answered, 1–5.
        """
        deals = self.browse({id_ for group in deals_of.values() for id_ in group.ids})
        people = deals._kams_chain_people()
        answers = {}
        if deals:
            for lead, score in self.env["kams.satisfaction"]._read_group(
                [("lead_id", "in", deals.ids), ("is_latest", "=", True)], ["lead_id"], ["score:array_agg"]
            ):
                answers[lead.id] = score
        closed = self._kams_issue_closure(deals)
        figures = {}
        for key, group in deals_of.items():
            chained = [one for id_ in group.ids for one in people.get(id_, ())]
            score = plans.mean([one for id_ in group.ids for one in answers.get(id_, ())])
            figures[key] = {
                "coverage": chain.coverage([one.met for one in chained if one.key]),
                "support": chain.support_index([(one.influence, one.attitude) for one in chained]),
                "score": score,
                "satisfaction": None if score is None else 20 * score,
                "issues": plans.mean([closed.get(id_) for id_ in group.ids]),
            }
        return figures

    @api.model
    def _kams_issue_closure(self, deals):
        """``{deal's id: share of its issues that are closed, in percent, or None}``."""
        if not deals or "kams.issue" not in self.env:
            return {}
        return self.env["kams.issue"]._closure_rate(deals)
