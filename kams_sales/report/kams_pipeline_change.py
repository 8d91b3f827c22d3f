from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..models.blank import BlankInteger
from ..models.kams_process_phase import PHASE_CODES
from ..tools.pipeline import IS, KINDS, WAS, stories


class KamsPipelineChange(models.Model):
    """What changed in the pipeline between two moments: bars that add up from what it was to what it is.

    Book chapter 9. What a deal was at the first moment is held against what it was at the second, whatever happened in
    between; ``tools/pipeline.py`` says what is told of it. One row per deal and kind of change. Salesperson, team and
    so on are those of the second moment in all of a deal's rows, so that the bars add up under any filter.

    The context says which moments (``kams_from``, ``kams_to``: UTC, now when left out) and, if only what is to close
    until some day counts, that day (``kams_until``). ``kams_days`` says how many days before the second the first is.
    """

    _name = "kams.pipeline.change"
    _description = "Change of the pipeline"
    _inherit = "kams.report.deal"
    _auto = False
    _order = "kind_order, amount desc, id"

    kind = fields.Selection(KINDS, string="Change", readonly=True)
    kind_order = fields.Integer(string="Place of the Change", readonly=True, aggregator=None)
    amount = fields.Monetary(readonly=True)
    deals = fields.Integer(string="Deals", readonly=True)
    days = BlankInteger(
        string="Days Moved", readonly=True, aggregator="avg", help="By how much the closing date went forward or back."
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    # Before and after
    phase_before = fields.Selection(PHASE_CODES, readonly=True)
    phase_code = fields.Selection(PHASE_CODES, string="Phase", readonly=True)
    amount_before = fields.Monetary(readonly=True, aggregator=None)
    amount_after = fields.Monetary(readonly=True, aggregator=None)
    deadline_before = fields.Date(string="Closing Before", readonly=True)
    date_deadline = fields.Date(string="Expected Closing", readonly=True)

    _depends = {
        "crm.lead": ["kams_account_id", "source_id"],
        "kams.account": ["tier"],
        "kams.deal.history": ["lead_ref", "valid_from", "valid_to"],
        "res.partner": ["commercial_partner_id", "industry_id"],
    }

    @property
    def _table_query(self) -> SQL:
        numbers, kinds, before, after, days = zip(*stories(), strict=True)
        return SQL(
            """
            SELECT change.lead_ref::bigint * %(many)s + told.place AS id,
                   (%(kinds)s::varchar[])[told.place + 1] AS kind, told.place AS kind_order,
                   told.before * COALESCE(change.amount_before, 0) + told.after * change.amount_after AS amount,
                   1 AS deals, CASE WHEN told.days THEN change.days END AS days,
                   change.lead_id, change.lead_ref, change.lead_name, change.partner_id,
                   lead.kams_account_id AS account_id, account.tier, customer.industry_id, lead.source_id,
                   change.procurement_mode, change.user_id, change.team_id, change.company_id,
                   %(currency)s AS currency_id, change.phase_before, change.phase_code,
                   change.amount_before, change.amount_after, change.deadline_before, change.date_deadline
              FROM (%(states)s) change
              JOIN unnest(%(numbers)s::int[], %(places)s::int[], %(before)s::int[], %(after)s::int[], %(days)s::bool[])
                       AS told (story, place, before, after, days) ON told.story = change.story
               AND change.story = ANY(%(once)s::int[])
         LEFT JOIN crm_lead lead ON lead.id = change.lead_id
         LEFT JOIN kams_account account ON account.id = lead.kams_account_id
         LEFT JOIN res_partner partner ON partner.id = change.partner_id
         LEFT JOIN res_partner customer ON customer.id = partner.commercial_partner_id
            """,
            many=len(KINDS),
            kinds=[kind for kind, _label in KINDS],
            currency=self._currency(),
            states=self._states(),
            numbers=list(numbers),
            once=sorted(set(numbers)),
            places=list(kinds),
            before=list(before),
            after=list(after),
            days=list(days),
        )

    # BUSINESS
    @api.model
    def _asked(self):
        """``(from, to, until)``: two moments in order, the second None for now, and the last closing date or None."""
        now = fields.Datetime.now()
        to = self._asked_moment("kams_to")
        days = self.env.context.get("kams_days")
        days = timedelta(days=days if isinstance(days, int) and 0 < days < 10_000 else 0)
        start = self._asked_moment("kams_from") or (to or now) - days
        until = self._asked_moment("kams_until")
        to = to if to and to < now else None
        return min(start, to or now), to, until and until.date()

    @api.model
    def _states(self):
        """Each deal as it was at both moments, and the number of the story that this makes in ``tools/pipeline.py``."""
        start, to, until = self._asked()
        pipeline = self.env["kams.pipeline"]
        amount = self._presently(SQL("h.expected_revenue"), SQL("h.company_id"))
        at = SQL(
            """
            SELECT h.*, %(amount)s AS amount,
                   h.status = 'open' AND h.phase_code IS DISTINCT FROM 'delivery' AS is_open,
                   %(near)s AS is_near
              FROM kams_deal_history h
             WHERE
            """,
            amount=amount,
            near=SQL("COALESCE(h.date_deadline <= %s, FALSE)", until) if until else SQL("TRUE"),
        )
        return SQL(
            """
            SELECT b.lead_id, b.lead_ref, b.lead_name, b.partner_id, b.procurement_mode, b.user_id, b.team_id,
                   b.company_id, a.phase_code AS phase_before, b.phase_code,
                   a.amount AS amount_before, b.amount AS amount_after,
                   a.date_deadline AS deadline_before, b.date_deadline, b.date_deadline - a.date_deadline AS days,
                   ((%(was)s * %(many)s + %(is)s) * 3 + %(amount_sign)s + 1) * 3 + %(date_sign)s + 1 AS story
              FROM (%(at)s %(valid_b)s) b
         LEFT JOIN (%(at)s %(valid_a)s) a ON a.lead_ref = b.lead_ref
                -- what was over and stays as it was makes no story: most deals, after some years
             WHERE a.status IS DISTINCT FROM b.status OR b.status = 'open'
            """,
            at=at,
            valid_a=pipeline._valid(SQL("h"), start),
            valid_b=pipeline._valid(SQL("h"), to),
            many=len(IS),
            amount_sign=self._sign(SQL("a.amount"), SQL("b.amount")),
            date_sign=self._sign(SQL("a.date_deadline"), SQL("b.date_deadline")),
            was=self._place(
                WAS,
                none=SQL("a.lead_ref IS NULL"),
                **{"in": SQL("a.is_open AND a.is_near"), "beyond": SQL("a.is_open"), "won": SQL("a.status = 'won'")},
                closed=SQL("TRUE"),
            ),
            **{
                "is": self._place(
                    IS,
                    **{
                        "in": SQL("b.is_open AND b.is_near"),
                        "beyond": SQL("b.is_open"),
                        "won": SQL("b.status = 'won'"),
                    },
                    lost=SQL("b.status = 'lost' AND b.is_near"),
                    lost_beyond=SQL("b.status = 'lost'"),
                    gone=SQL("TRUE"),
                )
            },
        )

    @api.model
    def _place(self, names, **conditions):
        """The place among ``names`` of the first condition that holds, as SQL."""
        cases = [SQL("WHEN %s THEN %s", condition, names.index(name)) for name, condition in conditions.items()]
        return SQL("CASE %s END", SQL(" ").join(cases))

    @api.model
    def _sign(self, before, after):
        """Whether something rose or fell, 0 when either isn't known; twice as quick as the sign of a difference."""
        return SQL("CASE WHEN %(a)s > %(b)s THEN 1 WHEN %(a)s < %(b)s THEN -1 ELSE 0 END", a=after, b=before)
