"""The figures of dev/bench_history.py by hand: one statement each, as short as its question allows."""

PHASES = ("development", "initiation", "proposal", "tendering", "negotiation")
PLACE = (
    "array_position(ARRAY['development','initiation','proposal','tendering','negotiation','delivery']::varchar[], %s)"
)

# C01-C03 by phase: the cohort, how many came further, how many were won. Who jumped over a phase entered it.
CONVERSION = f"""
WITH deal AS (
    SELECT lead_ref, max({PLACE % "phase_code"}) AS far,
           max(status) FILTER (WHERE valid_to IS NULL) AS status
      FROM kams_deal_history GROUP BY lead_ref HAVING bool_or(status = 'open')
)
SELECT phase.code,
       count(*) FILTER (WHERE deal.status <> 'open' OR deal.far > phase.place) AS entered,
       count(*) FILTER (WHERE deal.status = 'won' OR deal.far > phase.place) AS advanced,
       count(*) FILTER (WHERE deal.status = 'won') AS won
  FROM deal
  JOIN (VALUES (1, 'development'), (2, 'initiation'), (3, 'proposal'), (4, 'tendering'), (5, 'negotiation'))
       phase (place, code) ON phase.place <= deal.far
 GROUP BY phase.code
"""

# Time in phase: mean, median and P80 of the deals that left it
TIME = """
SELECT phase_code, avg(days), percentile_cont(0.5) WITHIN GROUP (ORDER BY days),
       percentile_cont(0.8) WITHIN GROUP (ORDER BY days)
  FROM (SELECT lead_ref, phase_code, date_part('epoch', sum(valid_to - valid_from)) / 86400 AS days
          FROM kams_deal_history
         WHERE status = 'open' AND phase_code <> 'delivery'
         GROUP BY lead_ref, phase_code
        HAVING count(valid_to) = count(*)) stay
 GROUP BY phase_code
"""

# The pipeline of a moment, by phase
AS_OF = """
SELECT phase_code, count(*), sum(expected_revenue)
  FROM kams_deal_history
 WHERE valid_from <= %(at)s AND (valid_to IS NULL OR valid_to > %(at)s) AND status = 'open'
   AND phase_code <> 'delivery'
 GROUP BY phase_code
"""
