from odoo import api, fields, models
from odoo.tools import SQL

from ..models.blank import BlankFloat, BlankMonetary
from ..models.kams_process_phase import PHASE_CODES
from ..models.kams_winloss import REASONS, RESULTS, SOURCES
from ..models.kams_winloss_rating import CRITERIA

LIMITS = "The true rate lies between both limits 19 times of 20."
RATE = {"readonly": True, "aggregator": "avg", "digits": (16, 1)}


class KamsWinlossReport(models.Model):
    """Why we win and lose: closed deals by reason, how we know it, and how often we won.

    Book chapter 9, C38. A row is a deal that is won, lost or archived by its last row in the deal history, so that
    deals which were deleted, merged or left KAMS aren't in it. What a review says of the end, that nobody decided or
    that we withdrew, counts once somebody other than the deal's owner has confirmed it: else whoever lost a deal
    would turn it into "no decision". Deals without a decision are neither won nor lost and count apart. An end is
    whose the deal was when it ended, as targets count it: who takes a won deal over won nothing.
    """

    _name = "kams.winloss.report"
    _description = "Why deals are won and lost"
    _inherit = "kams.report.deal"
    _auto = False
    _order = "closed_at desc, id desc"
    _rec_name = "lead_id"

    currency_id = fields.Many2one("res.currency", readonly=True)
    phase_code = fields.Selection(PHASE_CODES, string="Closed in Phase", readonly=True)
    closed_at = fields.Datetime(string="Closed On", readonly=True)
    # Why
    outcome = fields.Selection(RESULTS, string="Result", readonly=True)
    review_id = fields.Many2one("kams.winloss", string="Win or Loss Review", readonly=True)
    review_state = fields.Selection(
        [("none", "No Review"), ("draft", "Review Begun"), ("done", "Reviewed")], string="Review", readonly=True
    )
    main_reason = fields.Selection(REASONS, readonly=True)
    secondary_reason = fields.Selection(REASONS, readonly=True)
    reason_source = fields.Selection(SOURCES, string="Main Reason Known From", readonly=True)
    # Counts
    closed = fields.Integer(string="Closed Deals", readonly=True)
    won = fields.Integer(string="Won Deals", readonly=True)
    lost = fields.Integer(string="Lost Deals", readonly=True)
    decided = fields.Integer(string="Deals Decided", readonly=True, help="Won or lost.")
    undecided = fields.Integer(string="Deals without Decision", readonly=True, help="No decision, or we withdrew.")
    reviewed = fields.Integer(string="Deals Reviewed", readonly=True)
    interviewed = fields.Integer(string="Customers Interviewed", readonly=True)
    asked = fields.Integer(string="Reviews Asked For", readonly=True)
    in_time = fields.Integer(string="Reviewed in Time", readonly=True)
    overdue = fields.Integer(string="Reviews Overdue", readonly=True)
    amount = BlankMonetary(string="Amount at Stake", readonly=True)
    won_amount = BlankMonetary(string="Amount Won", readonly=True)
    lost_amount = BlankMonetary(string="Amount Lost", readonly=True)
    decided_amount = BlankMonetary(string="Amount Decided", readonly=True)
    # Rates
    win_rate = BlankFloat(
        string="Win Rate (%)", help="Won ÷ won and lost. Deals without a decision count apart.", **RATE
    )
    win_low = BlankFloat(
        string="Win Rate: Lower Limit (%)", help="The true rate lies between both limits 19 times of 20.", **RATE
    )
    win_high = BlankFloat(
        string="Win Rate: Upper Limit (%)", help="The true rate lies between both limits 19 times of 20.", **RATE
    )
    win_rate_sure = BlankFloat(
        string="Win Rate of Enough Deals (%)",
        help="Empty where too few deals were decided to conclude anything.",
        **RATE,
    )
    win_rate_value = BlankFloat(string="Win Rate by Amount (%)", help="Amount won ÷ won and lost.", **RATE)
    undecided_rate = BlankFloat(string="No Decision (%)", help="Of all deals that were closed.", **RATE)
    review_rate = BlankFloat(string="Reviewed (%)", help="Of all deals that were closed.", **RATE)
    in_time_rate = BlankFloat(string="Reviewed in Time (%)", help="Of the reviews that were asked for.", **RATE)
    price_gap = BlankFloat(
        string="Our Price Above (%)", readonly=True, aggregator="avg", digits=(16, 2), help="Above the winner's price."
    )

    _only_from = {"win_rate_sure": ("win_rate", "decided")}
    _ratios = {
        "win_rate": ("won", "decided", 100),
        "win_rate_value": ("won_amount", "decided_amount", 100),
        "undecided_rate": ("undecided", "closed", 100),
        "review_rate": ("reviewed", "closed", 100),
        "in_time_rate": ("in_time", "asked", 100),
    }
    _intervals = {"win_low": ("won", "decided", -1), "win_high": ("won", "decided", 1)}

    _depends = {
        "crm.lead": ["kams_account_id", "source_id"],
        "kams.account": ["tier"],
        "kams.deal.history": ["status", "valid_to"],
        "kams.winloss": [
            *("asked_on", "closing_id", "confirmed_at", "interviewed_at", "lead_id", "main_reason", "our_price"),
            *("reason_source", "result", "secondary_reason", "state", "winner_price"),
        ],
        "res.partner": ["industry_id"],
    }

    @property
    def _table_query(self) -> SQL:
        days = int(self.env["kams.legal.rule"]._value("winloss_days") or 0)
        amount = self._presently(SQL("deal.expected_revenue"), SQL("deal.company_id"))
        return SQL(
            """
            SELECT row.*, 1 AS closed,
                   (row.outcome = 'won')::int AS won,
                   (row.outcome = 'lost')::int AS lost,
                   (row.outcome IN ('won', 'lost'))::int AS decided,
                   (row.outcome NOT IN ('won', 'lost'))::int AS undecided,
                   (row.review_state = 'done')::int AS reviewed,
                   CASE WHEN row.outcome = 'won' THEN row.amount ELSE 0 END AS won_amount,
                   CASE WHEN row.outcome = 'lost' THEN row.amount ELSE 0 END AS lost_amount,
                   CASE WHEN row.outcome IN ('won', 'lost') THEN row.amount ELSE 0 END AS decided_amount,
                   %(empty)s
              FROM (SELECT deal.id, deal.lead_id, deal.lead_ref, deal.lead_name,
                           way.became_user_id AS user_id, way.became_team_id AS team_id, deal.company_id,
                           %(currency)s AS currency_id,
                           deal.partner_id, customer.industry_id,
                           lead.source_id, lead.kams_account_id AS account_id, account.tier, deal.procurement_mode,
                           deal.phase_code, %(closed_at)s AS closed_at,
                           CASE WHEN review.state = 'done' THEN review.result
                                WHEN deal.status = 'archived' THEN 'no_decision' ELSE deal.status END AS outcome,
                           review.id AS review_id, COALESCE(review.state, 'none') AS review_state,
                           review.main_reason, review.secondary_reason, review.reason_source,
                           (review.state = 'done' AND review.interviewed_at IS NOT NULL)::int AS interviewed,
                           (review.asked_on IS NOT NULL)::int AS asked,
                           (review.confirmed_at <= review.asked_on + %(days)s)::int AS in_time,
                           (review.state = 'draft' AND review.asked_on + %(days)s < %(today)s)::int AS overdue,
                           %(amount)s AS amount,
                           100 * (review.our_price - review.winner_price) / NULLIF(review.winner_price, 0) AS price_gap
                      FROM kams_deal_history deal
                 LEFT JOIN crm_lead lead ON lead.id = deal.lead_id
                 LEFT JOIN kams_account account ON account.id = lead.kams_account_id
                 LEFT JOIN res_partner customer ON customer.id = deal.partner_id
                 LEFT JOIN kams_deal_way way ON way.lead_ref = deal.lead_ref
                 LEFT JOIN (%(review)s) review
                        ON review.lead_id = deal.lead_id AND (review.result = 'won') = (deal.status = 'won')
                     WHERE deal.valid_to IS NULL AND deal.status IN ('won', 'lost', 'archived')
                   ) row
            """,
            empty=self._empty_measures(),
            closed_at=self._closed_at("way"),
            currency=self._currency(),
            days=days,
            today=fields.Date.context_today(self),
            amount=amount,
            # the review of the last closing; of several of a deal with tenders, the latest
            review=SQL(
                """
                SELECT DISTINCT ON (lead_id, result = 'won')
                       id, lead_id, state, result, main_reason, secondary_reason, reason_source, interviewed_at,
                       asked_on, confirmed_at, our_price, winner_price
                  FROM kams_winloss
              ORDER BY lead_id, result = 'won', closing_id DESC NULLS LAST, id DESC
                """
            ),
        )


class KamsWinlossCriterion(models.Model):
    """What customers look at: how much it counts, how we stand in it, and what being better in it is worth.

    Book chapter 9. A row is one rating of a review that somebody other than the deal's owner has confirmed.
    """

    _name = "kams.winloss.criterion"
    _description = "What customers look at"
    _inherit = "kams.report"
    _auto = False
    _order = "id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", string="Deal", readonly=True)
    review_id = fields.Many2one("kams.winloss", string="Win or Loss Review", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    decision_date = fields.Date(string="Decided On", readonly=True)
    criterion = fields.Selection(CRITERIA, string="What the Customer Looks At", readonly=True)
    competitor_id = fields.Many2one("res.partner", string="Compared With", readonly=True)
    outcome = fields.Selection(RESULTS, string="Result", readonly=True)
    reason_source = fields.Selection(SOURCES, string="Main Reason Known From", readonly=True)
    standing = fields.Selection(
        [("better", "We Were Better"), ("equal", "Alike"), ("worse", "They Were Better")], readonly=True
    )
    importance = BlankFloat(string="Importance (1–5)", **RATE)
    us = BlankFloat(string="We (1–5)", **RATE)
    competitor = BlankFloat(string="They (1–5)", **RATE)
    gap = BlankFloat(string="We Less They", **RATE)
    rated = fields.Integer(string="Ratings", readonly=True)
    better = fields.Integer(string="Decided Deals, We Were Better", readonly=True)
    better_won = fields.Integer(string="Won Deals, We Were Better", readonly=True)
    worse = fields.Integer(string="Decided Deals, They Were Better", readonly=True)
    worse_won = fields.Integer(string="Won Deals, They Were Better", readonly=True)
    win_rate_better = BlankFloat(string="Win Rate Where Better (%)", **RATE)
    better_low = BlankFloat(string="Where Better: Lower Limit (%)", **RATE)
    better_high = BlankFloat(string="Where Better: Upper Limit (%)", **RATE)
    win_rate_worse = BlankFloat(string="Win Rate Where Worse (%)", **RATE)
    worse_low = BlankFloat(string="Where Worse: Lower Limit (%)", **RATE)
    worse_high = BlankFloat(string="Where Worse: Upper Limit (%)", **RATE)
    difference = BlankFloat(
        string="What It Is Worth (Points)",
        help="Win rate where we were better less that where they were. Empty with too few deals on either side.",
        **RATE,
    )

    _ratios = {
        "win_rate_better": ("better_won", "better", 100),
        "win_rate_worse": ("worse_won", "worse", 100),
    }
    _intervals = {
        "better_low": ("better_won", "better", -1),
        "better_high": ("better_won", "better", 1),
        "worse_low": ("worse_won", "worse", -1),
        "worse_high": ("worse_won", "worse", 1),
    }
    _differences = {"difference": ("win_rate_better", "win_rate_worse", "better", "worse")}
    _depends = {
        "kams.winloss": ["decision_date", "lead_id", "owner_id", "reason_source", "result", "state"],
        "kams.winloss.rating": ["competitor", "competitor_id", "criterion", "gap", "importance", "us", "winloss_id"],
        "kams.competitor": ["partner_id"],
        "crm.lead": ["team_id", "user_id"],
    }

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT row.*, 1 AS rated,
                   (row.standing = 'better' AND row.outcome IN ('won', 'lost'))::int AS better,
                   (row.standing = 'better' AND row.outcome = 'won')::int AS better_won,
                   (row.standing = 'worse' AND row.outcome IN ('won', 'lost'))::int AS worse,
                   (row.standing = 'worse' AND row.outcome = 'won')::int AS worse_won,
                   %(empty)s
              FROM (SELECT rating.id, review.lead_id, review.id AS review_id,
                           COALESCE(review.owner_id, deal.user_id) AS user_id, deal.team_id, review.company_id,
                           COALESCE(review.decision_date, review.date) AS decision_date, rating.criterion,
                           rival.partner_id AS competitor_id, review.result AS outcome, review.reason_source,
                           CASE WHEN rating.gap > 0 THEN 'better' WHEN rating.gap < 0 THEN 'worse'
                                WHEN rating.gap = 0 THEN 'equal' END AS standing,
                           rating.importance::double precision, rating.us::double precision,
                           rating.competitor::double precision, rating.gap::double precision
                      FROM kams_winloss_rating rating
                      JOIN kams_winloss review ON review.id = rating.winloss_id AND review.state = 'done'
                      JOIN crm_lead deal ON deal.id = review.lead_id
                 LEFT JOIN kams_competitor rival ON rival.id = rating.competitor_id
                     WHERE rating.importance IS NOT NULL OR rating.us IS NOT NULL OR rating.competitor IS NOT NULL
                   ) row
            """,
            empty=self._empty_measures(),
        )

    # ACTIONS
    @api.readonly
    def action_open_deal(self):
        self.ensure_one()
        return self.lead_id._get_records_action(name=self.lead_id.display_name)
