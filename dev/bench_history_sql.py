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

# The pipeline as it is, weighted by policy, by phase
PIPELINE = """
SELECT h.phase_code, count(*), sum(h.expected_revenue), sum(h.expected_revenue * phase.policy_probability / 100)
  FROM kams_deal_history h
  JOIN kams_process_phase phase ON phase.id = h.phase_id
 WHERE h.valid_to IS NULL AND h.status = 'open' AND h.phase_code <> 'delivery'
 GROUP BY h.phase_code
"""

# What changed between two moments: one row with all bars
CHANGE = """
WITH a AS (
    SELECT lead_ref, expected_revenue AS amount, status = 'open' AND phase_code <> 'delivery' AS is_open
      FROM kams_deal_history WHERE valid_from <= %(start)s AND (valid_to IS NULL OR valid_to > %(start)s)
), b AS (
    SELECT lead_ref, expected_revenue AS amount, status, status = 'open' AND phase_code <> 'delivery' AS is_open
      FROM kams_deal_history WHERE valid_from <= %(end)s AND (valid_to IS NULL OR valid_to > %(end)s)
)
SELECT 'all', sum(a.amount) FILTER (WHERE a.is_open) AS opening,
       sum(b.amount) FILTER (WHERE b.is_open) AS closing,
       sum(b.amount) FILTER (WHERE a.lead_ref IS NULL) AS new,
       sum(b.amount - a.amount) FILTER (WHERE a.is_open AND b.amount > a.amount) AS raised,
       sum(b.amount - a.amount) FILTER (WHERE a.is_open AND b.amount < a.amount) AS cut,
       sum(b.amount) FILTER (WHERE b.is_open AND NOT a.is_open) AS reopened,
       sum(b.amount) FILTER (WHERE b.status = 'won' AND a.is_open IS NOT FALSE) AS won,
       sum(b.amount) FILTER (WHERE b.status = 'lost' AND a.is_open IS NOT FALSE) AS lost,
       sum(b.amount) FILTER (WHERE b.status NOT IN ('open', 'won', 'lost') AND a.is_open IS NOT FALSE) AS other
  FROM b LEFT JOIN a ON a.lead_ref = b.lead_ref
"""

# C12 by team: met and applicable mandatory points of the phases that deals came to; what the gate saw counts
COMPLIANCE = """
WITH deal AS (
    SELECT h.lead_ref, h.team_id, h.process_id, phase.sequence
      FROM kams_deal_history h JOIN kams_process_phase phase ON phase.id = h.phase_id
     WHERE h.valid_to IS NULL
), gate AS (
    SELECT h.lead_ref, max(phase.sequence) FILTER (WHERE h.gate_result != 'exempt') AS reached,
           max(phase.sequence) FILTER (WHERE h.gate_result = 'exempt') AS brought
      FROM kams_deal_history h JOIN kams_process_phase phase ON phase.id = h.phase_id
     WHERE h.gate_result IN ('pass', 'waived', 'exempt')
     GROUP BY h.lead_ref
)
SELECT deal.team_id,
       100.0 * sum(CASE WHEN c.state = 'pass' OR c.state = 'fail' AND c.waived_at IS NULL
                             AND c.phase_sequence < deal.sequence AND gate.reached > c.phase_sequence
                        THEN 1 ELSE 0 END) / count(*)
  FROM kams_control_check c
  JOIN deal ON deal.lead_ref = c.lead_id AND deal.sequence >= c.phase_sequence
  LEFT JOIN gate ON gate.lead_ref = c.lead_id
 WHERE c.state IN ('pass', 'waived', 'fail') AND c.level = 'mandatory'
   AND (gate.brought IS NULL OR c.phase_sequence >= gate.brought)
 GROUP BY deal.team_id
"""
