from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..models.blank import BlankFloat, BlankInteger
from .kams_compliance import KamsCompliance as Points
from .kams_report import CONFIDENCE

# {who is compared: which rows}
SIDES = {
    "met": SQL("row.is_met"),
    "sound": SQL("row.is_met AND row.word = 'sound'"),
    "weak": SQL("row.is_met AND row.word = 'weak'"),
    "missed": SQL("NOT row.is_met"),
}
# {difference: (first figure, second, deals counted of the first, of the second)}
DIFFERENCES = {
    "difference": ("win_rate_met", "win_rate_missed", "closed_met", "closed_missed"),
    "weak_difference": ("win_rate_sound", "win_rate_weak", "closed_sound", "closed_weak"),
    "slip_difference": ("slip_missed", "slip_met", "slip_missed_deals", "slip_met_deals"),
    "slip_weak_difference": ("slip_weak", "slip_sound", "slip_weak_deals", "slip_sound_deals"),
}
# {limit of a mean: (whose, which end)}
LIMITS = {
    f"slip_{side}_{end}": (f"slip_{side}_points", sign) for side in SIDES for end, sign in (("low", -1), ("high", 1))
}
# Deals counted for a control point: points mixed would count a deal as often as it has points
COUNTS = {f"{what}_{side}" for what in ("closed", "won") for side in SIDES} | {f"slip_{side}_deals" for side in SIDES}
# What a margin lost; dear, and read only where somebody wants it
SLIPS = {
    *("slip", "slip_deals", "slip_difference", "slip_weak_difference", *LIMITS),
    *(name for side in SIDES for name in (f"slip_{side}", f"slip_{side}_deals")),
}
# What is said of the deals of one control point
OF_ONE_POINT = {
    *(COUNTS | SLIPS | set(DIFFERENCES)),
    *(name for side in SIDES for name in (f"win_rate_{side}", f"win_{side}_low", f"win_{side}_high")),
}
RATE = {"readonly": True, "aggregator": "avg", "digits": (16, 1)}


class KamsCompliance(models.Model):
    """What skipped points, and points met on weak evidence, went with: deals that were lost, margins that slipped.

    Book chapter 9. Of one control point at a time, and only from 20 deals on either side (``verdict_least_deals``).

    - Rates of winning are of deals that left the point's phase forward and had another phase before the contract. A
      lost deal misses what its last phase still asked for, because it was lost: that would make each point a reason.
      Deals given up without a decision are neither won nor lost (C38).
    - Weak is what an auditor called weak, and it is compared with what an auditor found sound: who audits, looks at
      deals that are late, and these are lost more often than others whatever their evidence. The last word counts, if
      it was said while the deal was open. What a win or loss review says isn't heard: it looks for reasons.
    - A slip is points of margin lost from bid to invoice, or to contract where nothing is invoiced; each deal counts
      alike.
    """

    _inherit = "kams.compliance"

    # Deals
    closed_met = BlankInteger(string="Closed Deals, Point Met", readonly=True)
    won_met = BlankInteger(string="Won Deals, Point Met", readonly=True)
    closed_sound = BlankInteger(string="Closed Deals, Evidence Sound", readonly=True)
    won_sound = BlankInteger(string="Won Deals, Evidence Sound", readonly=True)
    closed_weak = BlankInteger(string="Closed Deals, Evidence Weak", readonly=True)
    won_weak = BlankInteger(string="Won Deals, Evidence Weak", readonly=True)
    closed_missed = BlankInteger(
        string="Closed Deals, Point Skipped", readonly=True, help="Missing, or waived: nobody had the evidence."
    )
    won_missed = BlankInteger(string="Won Deals, Point Skipped", readonly=True)
    # Won
    win_rate_met = BlankFloat(string="Win Rate, Point Met (%)", **RATE)
    win_met_low = BlankFloat(string="Point Met: Lower Limit (%)", **RATE)
    win_met_high = BlankFloat(string="Point Met: Upper Limit (%)", **RATE)
    win_rate_sound = BlankFloat(string="Win Rate, Evidence Sound (%)", **RATE)
    win_sound_low = BlankFloat(string="Evidence Sound: Lower Limit (%)", **RATE)
    win_sound_high = BlankFloat(string="Evidence Sound: Upper Limit (%)", **RATE)
    win_rate_weak = BlankFloat(string="Win Rate, Evidence Weak (%)", **RATE)
    win_weak_low = BlankFloat(string="Evidence Weak: Lower Limit (%)", **RATE)
    win_weak_high = BlankFloat(string="Evidence Weak: Upper Limit (%)", **RATE)
    win_rate_missed = BlankFloat(string="Win Rate, Point Skipped (%)", **RATE)
    win_missed_low = BlankFloat(string="Point Skipped: Lower Limit (%)", **RATE)
    win_missed_high = BlankFloat(string="Point Skipped: Upper Limit (%)", **RATE)
    difference = BlankFloat(
        string="Won More Often Where Met (Points)",
        help="Win rate where the point was met less win rate where it was skipped. Empty with too few closed deals on "
        "either side. What goes together need not be cause and effect.",
        **RATE,
    )
    weak_difference = BlankFloat(
        string="Won More Often Where Sound (Points)",
        help="Win rate where an audit found the evidence sound less win rate where it found it weak, by its last word "
        "before the deal was closed. Empty with too few closed deals on either side. Reviews of wins and losses aren't "
        "heard: whoever knows the end finds reasons for it.",
        **RATE,
    )
    # Margins
    slip = BlankFloat(
        string="Margin Slip (Points)",
        help="Points of margin that a deal lost after its bid.",
        **RATE,
    )
    slip_deals = BlankInteger(string="Deals with a Known Slip", readonly=True)
    slip_met_deals = BlankInteger(string="Deals with a Known Slip, Point Met", readonly=True)
    slip_sound_deals = BlankInteger(string="Deals with a Known Slip, Evidence Sound", readonly=True)
    slip_weak_deals = BlankInteger(string="Deals with a Known Slip, Evidence Weak", readonly=True)
    slip_missed_deals = BlankInteger(string="Deals with a Known Slip, Point Skipped", readonly=True)
    slip_met = BlankFloat(
        string="Margin Slip, Point Met (Points)",
        help="Points of margin that deals lost after their bid, on the mean; each deal counts alike.",
        **RATE,
    )
    slip_met_low = BlankFloat(string="Margin Slip, Point Met: Lower Limit", **RATE)
    slip_met_high = BlankFloat(string="Margin Slip, Point Met: Upper Limit", **RATE)
    slip_sound = BlankFloat(string="Margin Slip, Evidence Sound (Points)", **RATE)
    slip_sound_low = BlankFloat(string="Margin Slip, Evidence Sound: Lower Limit", **RATE)
    slip_sound_high = BlankFloat(string="Margin Slip, Evidence Sound: Upper Limit", **RATE)
    slip_weak = BlankFloat(string="Margin Slip, Evidence Weak (Points)", **RATE)
    slip_weak_low = BlankFloat(string="Margin Slip, Evidence Weak: Lower Limit", **RATE)
    slip_weak_high = BlankFloat(string="Margin Slip, Evidence Weak: Upper Limit", **RATE)
    slip_missed = BlankFloat(string="Margin Slip, Point Skipped (Points)", **RATE)
    slip_missed_low = BlankFloat(string="Margin Slip, Point Skipped: Lower Limit", **RATE)
    slip_missed_high = BlankFloat(string="Margin Slip, Point Skipped: Upper Limit", **RATE)
    slip_difference = BlankFloat(
        string="Slipped More Where Skipped (Points)",
        help="Empty with too few deals on either side. What goes together need not be cause and effect.",
        **RATE,
    )
    slip_weak_difference = BlankFloat(
        string="Slipped More Where Weak (Points)",
        help="Where an audit found the evidence weak, less where it found it sound; otherwise as with losses.",
        **RATE,
    )
    slip_met_points = fields.Float(readonly=True)
    slip_sound_points = fields.Float(readonly=True)
    slip_weak_points = fields.Float(readonly=True)
    slip_missed_points = fields.Float(readonly=True)

    _ratios = {
        **Points._ratios,
        **{f"win_rate_{side}": (f"won_{side}", f"closed_{side}", 100) for side in SIDES},
        **{f"slip_{side}": (f"slip_{side}_points", f"slip_{side}_deals", 1) for side in SIDES},
    }
    _intervals = {
        **Points._intervals,
        **{
            f"win_{side}_{end}": (f"won_{side}", f"closed_{side}", sign)
            for side in SIDES
            for end, sign in (("low", -1), ("high", 1))
        },
    }

    _differences = DIFFERENCES
    _only_within = dict.fromkeys(OF_ONE_POINT, "point_code")

    # ORM
    @api.model
    def _search(self, domain, *args, **kwargs):
        domain = Domain(domain)
        asked = any(condition.field_expr in SLIPS for condition in domain.iter_conditions())
        asking = self.with_context(kams_slip=True) if asked else self
        return super(KamsCompliance, asking)._search(domain, *args, **kwargs)

    # BUSINESS
    @api.model
    def _compared(self):
        """These columns of a row."""
        columns = [SQL("CASE WHEN row.slip IS NULL THEN 0 ELSE 1 END AS slip_deals")]
        for side, rows in SIDES.items():
            for name, what in (
                (f"closed_{side}", SQL("row.comparable AND %s THEN 1 ELSE 0", rows)),
                (f"won_{side}", SQL("row.comparable AND row.outcome = 'won' AND %s THEN 1 ELSE 0", rows)),
                (f"slip_{side}_deals", SQL("row.slip IS NOT NULL AND %s THEN 1 ELSE 0", rows)),
                (f"slip_{side}_points", SQL("%s THEN row.slip", rows)),
            ):
                columns.append(SQL("CASE WHEN %s END AS %s", what, SQL.identifier(name)))
        return SQL(", ").join(columns)

    @api.model
    def _as_asked(self, domain, groupby, aggregates, having=(), order=None):
        slip = not SLIPS.isdisjoint(self._names_in(domain, *groupby, *aggregates, having=having, order=order))
        asking = self.with_context(kams_slip=slip)
        return super(KamsCompliance, asking)._as_asked(domain, groupby, aggregates, having, order)

    @api.model
    def _asks_slip(self):
        return bool(self.env.context.get("kams_slip"))

    @api.model
    def _slips(self):
        """Points lost of each deal's margin, as far as the reader may see its documents."""
        return SQL(
            """
            LEFT JOIN (SELECT erosion.lead_id, max(COALESCE(erosion.erosion_total, erosion.erosion)) AS slip
                         FROM (%s) erosion GROUP BY erosion.lead_id) slips ON slips.lead_id = checked.lead_id
            """,
            self.env["kams.margin.erosion"]._table_query,
        )

    @api.model
    def _measure(self, name, query):
        if name in LIMITS:
            column, end = LIMITS[name]
            column = self._field_to_sql(self._table, column, query)
            spread = SQL("stddev_samp(%s) / sqrt(NULLIF(COUNT(%s), 0))", column, column)
            return SQL("AVG(%s) + %s * %s", column, end * CONFIDENCE, spread)
        if name == "slip":
            return SQL("AVG(%s)", self._field_to_sql(self._table, name, query))
        if name in COUNTS or name == "slip_deals":
            return SQL("SUM(%s)", self._field_to_sql(self._table, name, query))
        return super()._measure(name, query)

    @api.model
    def _empty_measures(self):
        names = (SQL("NULL::double precision AS %s", SQL.identifier(name)) for name in LIMITS)
        return SQL(", ").join([super()._empty_measures(), *names])
