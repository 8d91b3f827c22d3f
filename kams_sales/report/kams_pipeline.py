from odoo import api, fields, models
from odoo.tools import SQL

from ..models.blank import BlankFloat, BlankInteger, BlankMonetary
from ..models.kams_process_phase import PHASE_CODES

STEP_STATES = [("missing", "Next Step Missing"), ("stale", "Next Step Stale"), ("planned", "Next Step Planned")]
# Dated parameters: {what they are called here: key}
PARAMETERS = {
    "factor": "pipeline_ageing_factor",
    "stale_days": "pipeline_step_stale_days",
    "contact_days": "pipeline_contact_days",
}
# What is joined to each deal, and which columns it is for: {alias: (columns it has, columns of a row)}
BESIDE = {
    "chance": ("company_id int4, phase_code varchar, won int4, closed int4", {"own_probability", "weighted_own"}),
    "usual": (
        "company_id int4, phase_code varchar, days float8",
        {"median_days", "ageing", "is_stagnant", "stagnant"},
    ),
    "contact": ("lead_id int4, at timestamp", {"last_contact", "is_clean", "clean"}),
    "step": ("lead_id int4, day date", {"next_step_date", "step_state", "is_clean", "clean"}),
}


class KamsPipeline(models.Model):
    """The open deals that are still being sold, as they are now or were at a moment: what to expect, and what is stuck.

    Book section 1.2 (利用销售漏斗进行销售流程管理). A row is a deal. Weighted amounts are by the policy's chance of the
    phase and by the company's own closed deals; where nothing closed yet, the own chance is unknown and stays empty. A
    deal stagnates once it has been in its phase for longer than won deals usually are, times a factor (C09); where none
    was won yet, once it is over what the process allows. As of a moment in the past (``kams_as_of`` in the context)
    next steps are unknown: nobody recorded what was planned then.
    """

    _name = "kams.pipeline"
    _description = "Pipeline"
    _inherit = "kams.report.deal"
    _auto = False
    _order = "amount desc, id desc"

    currency_id = fields.Many2one("res.currency", readonly=True)
    # Where it stands
    phase_code = fields.Selection(PHASE_CODES, string="Phase", readonly=True)
    phase_order = fields.Integer(string="Place of the Phase", readonly=True, aggregator=None)
    phase_since = fields.Datetime(string="In Phase Since", readonly=True)
    deals = fields.Integer(string="Deals", readonly=True)
    # What to expect
    amount = fields.Monetary(readonly=True)
    date_deadline = fields.Date(string="Expected Closing", readonly=True)
    deadline_passed = fields.Boolean(string="Closing Date Passed", readonly=True)
    policy_probability = BlankFloat(
        string="Policy Chance (%)", readonly=True, aggregator=None, digits=(16, 1), help="What the process plans with."
    )
    weighted = BlankMonetary(string="Weighted by Policy", readonly=True)
    own_probability = BlankFloat(
        string="Own Chance (%)",
        readonly=True,
        aggregator=None,
        digits=(16, 1),
        help="How many of the company's closed deals that came to this phase were won. Empty: none closed yet.",
    )
    weighted_own = BlankMonetary(
        string="Weighted by Own History", readonly=True, help="Empty where no deal that came to this phase closed yet."
    )
    # How long it stands
    age_days = BlankFloat(string="Age (Days)", readonly=True, aggregator="avg", digits=(16, 1))
    phase_days = BlankFloat(string="Days in Phase", readonly=True, aggregator="avg", digits=(16, 1))
    median_days = BlankFloat(
        string="Usual Days of Won Deals",
        readonly=True,
        aggregator=None,
        digits=(16, 1),
        help="The median of won deals in this phase. Empty: none was won yet.",
    )
    ageing = BlankFloat(
        string="Ageing",
        readonly=True,
        aggregator=None,
        digits=(16, 2),
        help="Days in phase ÷ usual days of won deals.",
    )
    is_stagnant = fields.Boolean(
        string="Stagnant",
        readonly=True,
        help="Far longer in its phase than won deals usually were (see Dated Parameters); where none was won yet, "
        "longer than the process allows.",
    )
    stagnant = fields.Integer(string="Stagnant Deals", readonly=True)
    standard_days = BlankInteger(string="Standard Days", readonly=True, aggregator=None)
    over_standard = fields.Boolean(string="Over Standard Days", readonly=True)
    # What keeps it alive
    last_contact = fields.Datetime(
        readonly=True, help="The last meeting that was held on the deal, or call that was made."
    )
    next_step_date = fields.Date(string="Next Step On", readonly=True)
    step_state = fields.Selection(STEP_STATES, string="Next Step", readonly=True)
    is_clean = fields.Boolean(
        string="Clean", readonly=True, help="The customer was met lately, and a next step is planned."
    )
    clean = fields.Integer(string="Clean Deals", readonly=True)

    _depends = {
        "calendar.event": ["active", "opportunity_id", "start", "stop"],
        "crm.lead": ["create_date", "kams_account_id", "source_id"],
        "kams.account": ["tier"],
        "kams.deal.history": ["lead_ref", "valid_from", "valid_to"],
        "kams.legal.rule": ["key", "valid_from", "valid_to", "value"],
        "mail.activity": ["active", "activity_type_id", "date_deadline", "date_done", "res_id", "res_model"],
        "mail.activity.type": ["category"],
        "res.partner": ["commercial_partner_id", "industry_id"],
    }

    @property
    def _table_query(self) -> SQL:
        as_of = self._as_of()
        amount = self._presently(SQL("h.expected_revenue"), SQL("h.company_id"))
        return SQL(
            """
            SELECT h.id, h.lead_id, h.lead_ref, h.lead_name, h.partner_id, lead.kams_account_id AS account_id,
                   account.tier, customer.industry_id, lead.source_id, h.procurement_mode, h.user_id, h.team_id,
                   h.company_id, %(currency)s AS currency_id,
                   h.phase_code, %(phase_order)s AS phase_order, h.phase_since, 1 AS deals,
                   %(amount)s AS amount, h.date_deadline,
                   COALESCE(h.date_deadline < %(today)s, FALSE) AS deadline_passed,
                   phase.policy_probability, phase.standard_days,
                   %(amount)s * phase.share AS weighted,
                   100.0 * chance.won / NULLIF(chance.closed, 0) AS own_probability,
                   %(amount)s * chance.won / NULLIF(chance.closed, 0) AS weighted_own,
                   %(age)s AS age_days, %(days)s AS phase_days, usual.days AS median_days,
                   %(days)s / NULLIF(usual.days, 0) AS ageing,
                   COALESCE(%(days)s > %(stagnant_after)s, FALSE) AS is_stagnant,
                   CASE WHEN %(days)s > %(stagnant_after)s THEN 1 ELSE 0 END AS stagnant,
                   COALESCE(%(days)s > phase.standard_days, FALSE) AS over_standard,
                   contact.at AS last_contact, step.day AS next_step_date, %(step_state)s AS step_state,
                   COALESCE(%(clean)s, FALSE) AS is_clean, CASE WHEN %(clean)s THEN 1 ELSE 0 END AS clean
              FROM kams_deal_history h
         LEFT JOIN (SELECT *, policy_probability::numeric / 100 AS share
                      FROM kams_process_phase
                    OFFSET 0 -- once for each phase: to read the number is dearer than to multiply
                   ) phase ON phase.id = h.phase_id
         LEFT JOIN crm_lead lead ON lead.id = h.lead_id
         LEFT JOIN kams_account account ON account.id = lead.kams_account_id
         LEFT JOIN res_partner partner ON partner.id = h.partner_id
         LEFT JOIN res_partner customer ON customer.id = partner.commercial_partner_id
         LEFT JOIN (%(chance)s) chance
                ON chance.company_id = COALESCE(h.company_id, 0) AND chance.phase_code = h.phase_code
         LEFT JOIN (%(usual)s) usual
                ON usual.company_id = COALESCE(h.company_id, 0) AND usual.phase_code = h.phase_code
         LEFT JOIN (%(contact)s) contact ON contact.lead_id = h.lead_ref
         LEFT JOIN (%(step)s) step ON step.lead_id = h.lead_ref
             WHERE %(valid)s AND h.status = 'open' AND h.phase_code IS DISTINCT FROM 'delivery'
            """,
            **self._pieces(as_of),
            currency=self._currency(),
            phase_order=self._phase_order(SQL("h.phase_code")),
            amount=amount,
            valid=self._valid(SQL("h"), as_of),
        )

    # BUSINESS: pieces of the statement
    @api.model
    def _as_asked(self, domain, groupby, aggregates, having=(), order=None):
        """PostgreSQL drops what nobody asks for, but to plan it takes longer than to add up."""
        names = self._names_in(domain, *groupby, *aggregates, having=having, order=order)
        spared = [alias for alias, (_columns, needed) in BESIDE.items() if names.isdisjoint(needed)]
        return self.with_context(kams_pipeline_spared=spared)

    @api.model
    def _beside(self, **statements):
        """These statements by alias; of what nobody asks for none is made, only its columns stand there."""
        spared = self.env.context.get("kams_pipeline_spared") or ()
        return {
            alias: SQL("SELECT %s WHERE FALSE", self._empty(alias)) if alias in spared else statement()
            for alias, statement in statements.items()
        }

    @api.model
    def _empty(self, alias):
        columns = (column.split() for column in BESIDE[alias][0].split(", "))
        return SQL(", ").join(SQL("NULL::%s AS %s", SQL(kind), SQL.identifier(name)) for name, kind in columns)

    @api.model
    def _pieces(self, as_of):
        """What is counted up to the moment, and by which parameters."""
        moment = as_of or fields.Datetime.now()
        zone = self.env["res.users"].browse(self.env.uid).tz or "UTC"
        day = fields.Datetime.context_timestamp(self.with_context(tz=zone), moment).date()
        value = {name: self.env["kams.legal.rule"]._value(key, day) for name, key in PARAMETERS.items()}
        stale = SQL("%s", fields.Date.subtract(day, days=int(value["stale_days"] or 0)))
        step_state = SQL(
            "CASE WHEN step.day IS NULL THEN 'missing' WHEN step.day < %s THEN 'stale' ELSE 'planned' END", stale
        )
        met_lately = SQL("contact.at >= %s", fields.Datetime.subtract(moment, days=int(value["contact_days"] or 0)))
        return {
            "today": day,
            "age": self._days(SQL("lead.create_date"), moment),
            "days": self._days(SQL("h.phase_since"), moment),
            "stagnant_after": SQL(  # as kams.lack says, but by what is usual as of the moment
                "COALESCE(%s * NULLIF(usual.days, 0), phase.standard_days * phase.stagnation_factor)", value["factor"]
            ),
            **self._beside(
                chance=lambda: self.env["kams.funnel"]._win_probabilities_sql(as_of),
                usual=lambda: self.env["kams.funnel"]._median_days_sql(as_of),
                contact=lambda: self._contacts(moment),
                step=lambda: self._steps(moment, day, zone),
            ),
            "step_state": SQL("NULL::varchar") if as_of else step_state,
            "clean": SQL("NULL::boolean") if as_of else SQL("step.day >= %s AND %s", stale, met_lately),
        }

    @api.model
    def _as_of(self):
        """The moment that is asked for, or None for now."""
        moment = self._asked_moment("kams_as_of")
        return moment if moment and moment < fields.Datetime.now() else None

    @api.model
    def _valid(self, history, moment):
        """The states that held at a moment: the open ones if that is now (None)."""
        if moment is None:
            return SQL("%s.valid_to IS NULL", history)
        return SQL(
            "%(h)s.valid_from <= %(t)s AND (%(h)s.valid_to IS NULL OR %(h)s.valid_to > %(t)s)", h=history, t=moment
        )

    @api.model
    def _days(self, since, moment):
        return SQL("(EXTRACT(EPOCH FROM %s - %s) / 86400)::double precision", moment, since)

    @api.model
    def _contacts(self, moment):
        """When each deal's customer was last met or called."""
        return SQL(
            """
            SELECT lead_id, MAX(at) AS at
              FROM (SELECT event.opportunity_id AS lead_id, event.start AS at
                      FROM calendar_event event
                     WHERE event.active AND event.opportunity_id IS NOT NULL AND event.stop <= %(moment)s
                 UNION ALL
                    SELECT done.res_id, done.date_done
                      FROM mail_activity done
                      JOIN mail_activity_type type ON type.id = done.activity_type_id AND type.category = 'phonecall'
                     WHERE done.res_model = 'crm.lead' AND NOT done.active AND done.date_done <= %(moment)s
                   ) met
             GROUP BY lead_id
            """,
            moment=moment,
        )

    @api.model
    def _steps(self, moment, day, zone):
        """On which day each deal goes on: the first step to come, else the last one that is overdue."""
        return SQL(
            """
            SELECT lead_id, COALESCE(MIN(day) FILTER (WHERE day >= %(day)s), MAX(day)) AS day
              FROM (SELECT event.opportunity_id AS lead_id,
                           (event.start AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS day
                      FROM calendar_event event
                     WHERE event.active AND event.opportunity_id IS NOT NULL AND event.start >= %(moment)s
                 UNION ALL
                    SELECT todo.res_id, todo.date_deadline
                      FROM mail_activity todo
                     WHERE todo.res_model = 'crm.lead' AND todo.active AND todo.res_id IS NOT NULL
                   ) ahead
             GROUP BY lead_id
            """,
            day=day,
            zone=zone,
            moment=moment,
        )
