"""The same sums as somebody who needs them once would write them: for one grouping, only what it needs."""

# Which order line an invoice line is for, and which deal under KAMS
LINES = """
         account_move_line line
    JOIN account_move doc ON doc.id = line.move_id
    {deals}
   WHERE doc.state = 'posted' AND doc.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
     AND line.display_type = 'product'
"""
DEALS = """
    LEFT JOIN (SELECT DISTINCT ON (invoice_line_id) invoice_line_id, order_line_id
                 FROM sale_order_line_invoice_rel ORDER BY invoice_line_id, order_line_id) link
           ON link.invoice_line_id = line.id
    LEFT JOIN sale_order_line ordered ON ordered.id = link.order_line_id
    LEFT JOIN sale_order ON sale_order.id = ordered.order_id
    LEFT JOIN crm_lead deal ON deal.kams_process_id IS NOT NULL
          AND deal.id = COALESCE(line.kams_lead_id, ordered.kams_lead_id, sale_order.opportunity_id)
"""
ENTRIES = """
term AS (
    SELECT line.id, line.move_id, line.date_maturity, line.amount_residual
      FROM account_move_line line JOIN account_move doc ON doc.id = line.move_id
     WHERE doc.state = 'posted' AND doc.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
       AND line.display_type = 'payment_term'
), paid AS MATERIALIZED (
    SELECT part.id, 1 AS sign, part.amount, line.move_id, other.date, other.move_id AS source_id,
           source.move_type <> 'entry' AS is_set_off
      FROM account_partial_reconcile part
      JOIN account_move_line line ON line.id = part.debit_move_id AND line.display_type = 'payment_term'
      JOIN account_move doc ON doc.id = line.move_id AND doc.state = 'posted'
       AND doc.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
      JOIN account_move_line other ON other.id = part.credit_move_id
      JOIN account_move source ON source.id = other.move_id
     UNION ALL
    SELECT part.id, -1 AS sign, part.amount, line.move_id, other.date, other.move_id AS source_id,
           source.move_type <> 'entry' AS is_set_off
      FROM account_partial_reconcile part
      JOIN account_move_line line ON line.id = part.credit_move_id AND line.display_type = 'payment_term'
      JOIN account_move doc ON doc.id = line.move_id AND doc.state = 'posted'
       AND doc.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
      JOIN account_move_line other ON other.id = part.debit_move_id
      JOIN account_move source ON source.id = other.move_id
), lost AS (
    SELECT part.id, round(part.upto * source.lost / source.settled, 2)
                    - round((part.upto - part.amount) * source.lost / source.settled, 2) AS amount
      FROM (SELECT line.move_id, sum(line.balance) FILTER (WHERE account.account_type ~ '^(income|expense|equity)'
                                                              OR line.tax_line_id IS NOT NULL) AS lost,
                   -sum(line.balance) FILTER (WHERE account.account_type = 'asset_receivable') AS settled
              FROM account_move_line line JOIN account_account account ON account.id = line.account_id
             WHERE line.move_id IN (SELECT source_id FROM paid WHERE NOT is_set_off)
          GROUP BY line.move_id
            HAVING bool_or(account.account_type ~ '^(income|expense|equity)' OR line.tax_line_id IS NOT NULL)) source
      JOIN (SELECT paid.id, paid.source_id, paid.amount,
                   sum(paid.amount) OVER (PARTITION BY paid.source_id ORDER BY paid.id) AS upto FROM paid) part
        ON part.source_id = source.move_id
), entry AS MATERIALIZED (
    SELECT piece.kind, paid.move_id, paid.id AS key, paid.sign, 0 AS open, paid.date, paid.sign * piece.amount AS amount
      FROM paid LEFT JOIN lost ON lost.id = paid.id
CROSS JOIN LATERAL (VALUES ('collected', CASE WHEN NOT is_set_off THEN paid.amount - COALESCE(lost.amount, 0) END),
                           ('written_off', lost.amount),
                           ('set_off', CASE WHEN is_set_off THEN paid.amount END)) piece (kind, amount)
     WHERE piece.amount <> 0
     UNION ALL
    SELECT 'outstanding', move_id, id, 1, 1, date_maturity, amount_residual FROM term WHERE amount_residual <> 0
)
"""
# An invoice's deals get what they have in its total, cents by largest remainder of all that was settled up to then
PARTS = """
, place AS MATERIALIZED (
    SELECT share.*, count(*) OVER deals AS deals, sum(gross) OVER deals AS total,
           row_number() OVER (PARTITION BY move_id ORDER BY lead_id) AS place
      FROM share WINDOW deals AS (PARTITION BY move_id)
), part AS (
    SELECT entry.kind, entry.move_id, entry.date, entry.open, entry.amount AS whole, place.lead_id, place.account_id,
           entry.amount
      FROM entry JOIN place ON place.move_id = entry.move_id WHERE place.deals = 1
     UNION ALL
    SELECT kind, move_id, date, open, amount, lead_id, account_id,
           (upto - COALESCE(lag(upto) OVER (PARTITION BY move_id, place ORDER BY open, key, sign, kind), 0)) / 100
      FROM (SELECT one.*, floor + (row_number() OVER (PARTITION BY move_id, open, key, sign, kind
                                                      ORDER BY abs(rest) DESC, place)
                                   <= cents - sum(floor) OVER (PARTITION BY move_id, open, key, sign, kind)
                                  )::int AS upto
              FROM (SELECT one.*, div(product - rest, total) AS floor
                      FROM (SELECT one.*, mod(mod(product, total) + total, total) AS rest
                              FROM (SELECT entry.*, place.lead_id, place.account_id, place.place, place.total,
                                           entry.sofar * 100 AS cents, entry.sofar * 100 * place.gross AS product
                                      FROM (SELECT entry.*, sum(amount) OVER (PARTITION BY move_id
                                                                  ORDER BY open, key, sign, kind) AS sofar
                                              FROM entry
                                             WHERE move_id IN (SELECT move_id FROM place WHERE deals > 1)) entry
                                      JOIN place ON place.move_id = entry.move_id) one) one) one) one
)
"""
ACCOUNT = """
    LEFT JOIN kams_account account ON account.partner_id = doc.commercial_partner_id
                                  AND account.company_id = doc.company_id
"""
# What a row goes by: (of an order, of an invoice, of an entry, whether deals are asked at all)
KEYS = {
    "lead_id": ("deal.id", "share.lead_id", "part.lead_id", True),
    "account_id": (
        "COALESCE(deal.kams_account_id, account.id)",
        "COALESCE(share.account_id, account.id)",
        "COALESCE(part.account_id, account.id)",
        True,
    ),
    "user_id": ("doc.user_id", "doc.invoice_user_id", "doc.invoice_user_id", False),
    "date:month": (
        "date_trunc('month', doc.date_order::date)::date",
        "date_trunc('month', doc.invoice_date)::date",
        "date_trunc('month', part.date)::date",
        False,
    ),
}
FORECASTS = {
    "lead_id": "id",
    "account_id": "kams_account_id",
    "user_id": "user_id",
    "date:month": "date_trunc('month', COALESCE(date_deadline, date_closed::date))::date",
}


def statement(key):
    """The statement for one grouping."""
    order, invoice, entry, deals = KEYS[key]
    with_account = key == "account_id"
    return f"""
WITH share AS MATERIALIZED (
    SELECT line.move_id, {"deal.id" if deals else "NULL::int"} AS lead_id,
           {"min(deal.kams_account_id)" if deals else "NULL::int"} AS account_id,
           sum(line.price_total) AS gross, -sum(line.balance) AS net
      FROM {LINES.format(deals=DEALS if deals else "")}
  GROUP BY line.move_id{", deal.id" if deals else ""}
), {ENTRIES}{PARTS if deals else ", part AS (SELECT *, amount AS whole FROM entry)"}
SELECT key, sum(quoted), sum(ordered), sum(invoiced), sum(credited), sum(invoiced_total), sum(collected),
       sum(written_off), sum(set_off), sum(outstanding), sum(overdue), sum(forecast)
  FROM (SELECT {order} AS key, sum(line.price_subtotal / COALESCE(NULLIF(doc.currency_rate, 0), 1)) AS quoted,
               sum(line.price_subtotal / COALESCE(NULLIF(doc.currency_rate, 0), 1))
                   FILTER (WHERE doc.state = 'sale') AS ordered,
               NULL::numeric AS invoiced, NULL::numeric AS credited, NULL::numeric AS invoiced_total,
               NULL::numeric AS collected, NULL::numeric AS written_off, NULL::numeric AS set_off,
               NULL::numeric AS outstanding, NULL::numeric AS overdue, NULL::numeric AS forecast
          FROM sale_order_line line JOIN sale_order doc ON doc.id = line.order_id
          {
        "LEFT JOIN crm_lead deal ON deal.id = COALESCE(line.kams_lead_id, doc.opportunity_id)"
        " AND deal.kams_process_id IS NOT NULL"
        if deals
        else ""
    }
          {
        "LEFT JOIN res_partner partner ON partner.id = doc.partner_id LEFT JOIN kams_account account"
        " ON account.partner_id = partner.commercial_partner_id AND account.company_id = doc.company_id"
        if with_account
        else ""
    }
         WHERE doc.state IN ('draft', 'sent', 'sale') AND line.display_type IS NULL
           AND line.is_downpayment IS NOT TRUE
      GROUP BY 1
         UNION ALL
        SELECT {invoice}, NULL, NULL, sum(net) FILTER (WHERE doc.move_type <> 'out_refund'),
               -sum(net) FILTER (WHERE doc.move_type = 'out_refund'),
               sum(CASE doc.move_type WHEN 'out_refund' THEN -gross ELSE gross END
                   / COALESCE(NULLIF(doc.invoice_currency_rate, 0), 1)),
               NULL, NULL, NULL, NULL, NULL, NULL
          FROM share JOIN account_move doc ON doc.id = share.move_id {ACCOUNT if with_account else ""}
      GROUP BY 1
         UNION ALL
        SELECT {entry}, NULL, NULL, NULL, NULL, NULL,
               sum(part.amount) FILTER (WHERE kind = 'collected'), sum(part.amount) FILTER (WHERE kind = 'written_off'),
               sum(part.amount) FILTER (WHERE kind = 'set_off'), sum(part.amount) FILTER (WHERE kind = 'outstanding'),
               sum(part.amount) FILTER (WHERE open = 1 AND whole > 0 AND part.date < CURRENT_DATE), NULL
          FROM part {"JOIN account_move doc ON doc.id = part.move_id" if "doc." in entry or with_account else ""}
               {ACCOUNT if with_account else ""}
      GROUP BY 1
         UNION ALL
        SELECT {FORECASTS[key]}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, sum(prorated_revenue)
          FROM crm_lead
         WHERE kams_process_id IS NOT NULL AND type = 'opportunity' AND active AND won_status IS DISTINCT FROM 'lost'
      GROUP BY 1
       ) row
 GROUP BY key
 ORDER BY key
"""
