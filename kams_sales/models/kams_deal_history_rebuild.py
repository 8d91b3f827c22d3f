from odoo import api, models
from odoo.tools import SQL


class KamsDealHistory(models.Model):
    """The past of deals that join with one, as far as Odoo tracked it."""

    _inherit = "kams.deal.history"

    @api.model
    def _reconstruct(self, deal_ids):
        """Give deals that join with a past the states that Odoo tracked of it, and mark these as rebuilt.

        Stage, amount, salesperson, team and archiving are tracked by Odoo; other fields are left as they
        are now, or empty. The last state ends now, where the first recorded one begins. Deals that have
        history already keep it as it is.
        """
        fnames = ["stage_id", "expected_revenue", "user_id", "team_id", "active"]
        self.env["mail.tracking.value"].flush_model()
        self.env["mail.message"].flush_model()
        joins = SQL(" ").join(
            SQL(
                """
                LEFT JOIN LATERAL (
                    SELECT e.old_int, e.old_float FROM tracked e
                     WHERE e.lead_id = span.lead_id AND e.field = %(field)s AND e.at > span.valid_from
                  ORDER BY e.at LIMIT 1
                ) %(alias)s ON TRUE
                """,
                field=name,
                alias=SQL.identifier(f"was_{name}"),
            )
            for name in fnames
        )
        self.env.execute_query(
            SQL(
                """
                WITH tracked AS (
                    SELECT m.res_id AS lead_id, v.create_date AS at, f.name AS field, v.id,
                           COALESCE(v.old_value_integer, 0) AS old_int, COALESCE(v.old_value_float, 0) AS old_float
                      FROM mail_tracking_value v
                      JOIN mail_message m ON m.id = v.mail_message_id AND m.model = 'crm.lead'
                      JOIN ir_model_fields f ON f.id = v.field_id AND f.model = 'crm.lead' AND f.name = ANY(%(fnames)s)
                     WHERE m.res_id = ANY(%(ids)s)
                ), moment AS (
                    SELECT id AS lead_id, create_date AS at FROM crm_lead WHERE id = ANY(%(ids)s)
                     UNION
                    SELECT t.lead_id, t.at FROM tracked t JOIN crm_lead l ON l.id = t.lead_id WHERE t.at > l.create_date
                ), span AS (
                    SELECT lead_id, at AS valid_from,
                           LEAD(at, 1, %(now)s) OVER (PARTITION BY lead_id ORDER BY at) AS valid_to
                      FROM moment
                     WHERE at < %(now)s
                ), was AS (
                    SELECT span.lead_id, span.valid_from, span.valid_to,
                           CASE WHEN was_stage_id.old_int IS NULL THEN l.stage_id
                                ELSE NULLIF(was_stage_id.old_int, 0) END AS stage_id,
                           COALESCE(was_expected_revenue.old_float, l.expected_revenue, 0) AS expected_revenue,
                           CASE WHEN was_user_id.old_int IS NULL THEN l.user_id
                                ELSE NULLIF(was_user_id.old_int, 0) END AS user_id,
                           CASE WHEN was_team_id.old_int IS NULL THEN l.team_id
                                ELSE NULLIF(was_team_id.old_int, 0) END AS team_id,
                           COALESCE(was_active.old_int, l.active::int) AS active
                      FROM span
                      JOIN crm_lead l ON l.id = span.lead_id
                      %(joins)s
                ), told AS (
                    SELECT was.*, s.id AS known_stage_id, s.name AS stage_name, f.id AS phase_id, f.code AS phase_code,
                           f.sequence AS phase_sequence, s.sequence AS stage_sequence,
                           u.id AS known_user_id, p.name AS user_name,
                           t.id AS known_team_id, t.name AS team_name,
                           LAG(f.sequence) OVER past AS last_sequence, LAG(s.sequence) OVER past AS last_stage_sequence,
                           LAG(was.stage_id) OVER past AS last_stage,
                           LAG(was.expected_revenue) OVER past AS last_revenue, LAG(was.user_id) OVER past AS last_user,
                           LAG(was.team_id) OVER past AS last_team, LAG(was.active) OVER past AS last_active,
                           ROW_NUMBER() OVER past AS place
                      FROM was
                      JOIN crm_lead l ON l.id = was.lead_id
                 LEFT JOIN crm_stage s ON s.id = was.stage_id
                 LEFT JOIN kams_process_phase f ON f.process_id = l.kams_process_id AND f.stage_id = was.stage_id
                 LEFT JOIN res_users u ON u.id = was.user_id
                 LEFT JOIN res_partner p ON p.id = u.partner_id
                 LEFT JOIN crm_team t ON t.id = was.team_id
                    WINDOW past AS (PARTITION BY was.lead_id ORDER BY was.valid_from)
                )
                INSERT INTO kams_deal_history
                       (lead_id, lead_ref, lead_name, valid_from, valid_to, process_id, phase_id, phase_code,
                        phase_since, stage_id, stage_name, status, expected_revenue, currency_id, currency_name,
                        probability,
                        user_id, user_name, team_id, team_name, partner_id, partner_name, company_id, reason,
                        gate_result, reconstructed, create_uid, create_date, write_uid, write_date)
                SELECT l.id, l.id, l.name, told.valid_from, told.valid_to, l.kams_process_id, told.phase_id,
                       told.phase_code,
                       MAX(CASE WHEN told.place = 1 OR told.stage_id IS DISTINCT FROM told.last_stage
                                THEN told.valid_from END)
                            OVER (PARTITION BY told.lead_id ORDER BY told.valid_from),
                       told.known_stage_id, COALESCE(told.stage_name->>'en_US', told.stage_name->>0),
                       CASE WHEN told.active = 0 THEN 'archived' ELSE 'open' END,
                       told.expected_revenue, currency.id, currency.name, 0,
                       told.known_user_id, told.user_name, told.known_team_id,
                       COALESCE(told.team_name->>'en_US', told.team_name->>0),
                       l.partner_id, COALESCE(c_partner.name, l.partner_name), l.company_id,
                       CASE WHEN told.place = 1 THEN 'created'
                            WHEN told.stage_id IS DISTINCT FROM told.last_stage
                                 THEN CASE WHEN COALESCE(told.phase_sequence < told.last_sequence,
                                                     told.stage_sequence < told.last_stage_sequence)
                                           THEN 'back' ELSE 'forward' END
                            WHEN told.active <> told.last_active
                                 THEN CASE WHEN told.active = 0 THEN 'archived' ELSE 'reopened' END
                            WHEN told.expected_revenue <> told.last_revenue THEN 'amount'
                            WHEN told.user_id IS DISTINCT FROM told.last_user THEN 'owner'
                            WHEN told.team_id IS DISTINCT FROM told.last_team THEN 'team'
                            ELSE 'other' END,
                       'none', TRUE, %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM told
                  JOIN crm_lead l ON l.id = told.lead_id
             LEFT JOIN res_partner c_partner ON c_partner.id = l.partner_id
             LEFT JOIN res_company company ON company.id = l.company_id
             LEFT JOIN res_currency currency ON currency.id = COALESCE(
                       company.currency_id, (SELECT currency_id FROM res_company ORDER BY id LIMIT 1))
                 WHERE NOT EXISTS (SELECT FROM kams_deal_history h WHERE h.lead_ref = l.id)
                RETURNING id
                """,
                fnames=fnames,
                ids=list(deal_ids),
                now=self.env.cr.now(),
                uid=self.env.uid,
                joins=joins,
            )
        )
