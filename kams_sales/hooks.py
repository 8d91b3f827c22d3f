from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column


def pre_init_hook(env):
    """Make the columns of computed fields first, empty: deals that exist stay plain, and nothing is computed."""
    for column in ("kams_process_id", "kams_phase_id", "kams_account_id"):
        if not column_exists(env.cr, "crm_lead", column):
            create_column(env.cr, "crm_lead", column, "int4")


def uninstall_hook(env):
    """Leave nothing behind in PostgreSQL, and leave behind what has become the company's own.

    Stages and teams that hold deals are kept as plain ones; the rest goes with the addon.
    """
    env.registry.kams_watching = False
    env.cr.execute("DROP FUNCTION IF EXISTS kams_deal_history_guard(), kams_deal_history_keep() CASCADE")
    env.cr.execute("DROP INDEX IF EXISTS account_move_kams_customer_idx")
    env.cr.execute("DROP TABLE IF EXISTS kams_deal_card, kams_deal_stay, kams_deal_way")
    _let_go_of_others(env)
    leads = env["crm.lead"].with_context(active_test=False)
    for model, fname in (("crm.stage", "stage_id"), ("crm.team", "team_id")):
        data = env["ir.model.data"].search([("module", "=", "kams_sales"), ("model", "=", model)])
        used = {
            record.id for (record,) in leads._read_group([(fname, "in", data.mapped("res_id"))], [fname], []) if record
        }
        data.filtered(lambda row, used=used: row.res_id in used).unlink()
        if model == "crm.team" and used:  # the alias of a team that stays
            env["ir.model.data"].search([("module", "=", "kams_sales"), ("model", "=", "mail.alias")]).unlink()
    _leave_what_was_invoiced(env)
    # Odoo leaves the registration of foreign keys on other modules' tables behind; the keys go with their columns
    env.cr.execute(
        """
        DELETE FROM ir_model_constraint
         WHERE module = (SELECT id FROM ir_module_module WHERE name = 'kams_sales')
           AND name IN ('crm_lead_kams_process_id_fkey', 'crm_lead_kams_phase_id_fkey', 'crm_lead_kams_account_id_fkey',
                        'crm_lead_kams_unit_id_fkey', 'crm_lead_kams_offering_id_fkey',
                        'crm_lead_kams_lead_source_id_fkey',
                        'kams_deal_launched_phase_lead_id_fkey', 'kams_deal_launched_phase_phase_id_fkey',
                        'crm_team_kams_process_id_fkey', 'calendar_event_kams_reminder_id_fkey',
                        'calendar_event_kams_next_activity_id_fkey', 'calendar_event_kams_host_id_fkey',
                        'calendar_event_kams_reference_id_fkey', 'calendar_event_kams_negotiation_id_fkey',
                        'kams_event_minutes_rel_event_id_fkey', 'kams_event_minutes_rel_attachment_id_fkey',
                        'calendar_event_kams_delivery_id_fkey',
                        'crm_lead_kams_finished_by_id_fkey', 'crm_lead_kams_origin_lead_id_fkey',
                        'calendar_event_kams_training_id_fkey',
                        'kams_training_presence_rel_event_id_fkey', 'kams_training_presence_rel_attendee_id_fkey',
                        'account_move_line_kams_lead_id_fkey', 'sale_order_line_kams_lead_id_fkey')
        """
    )
    # What Odoo's other modules wrote down of our models: their mixins' fields, choices and inheritance
    env.cr.execute(
        """
        DELETE FROM ir_model_data
         WHERE module <> 'kams_sales'
           AND model IN ('ir.model.fields', 'ir.model.fields.selection', 'ir.model.inherit')
           AND name ~ '^(field_|selection__|model_inherit__)kams_'
        """
    )


def _let_go_of_others(env):
    """Rows of our tables, which are dropped at the end, hold no plan, stage or product back until then.

    Records that people made themselves, such as a new version of a process, have no external id and go last.
    """
    env.cr.execute(
        r"""
        SELECT conrelid::regclass, conname
          FROM pg_constraint
         WHERE contype = 'f'
           AND confdeltype = 'r'
           AND conrelid::regclass::text LIKE 'kams\_%'
           AND confrelid::regclass::text NOT LIKE 'kams\_%'
        """
    )
    for table, name in env.cr.fetchall():
        env.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(name)))
    # what somebody still has to do on a deal or meeting is a plain to-do from now on
    env.cr.execute(
        """
        UPDATE mail_activity
           SET activity_type_id = %s
         WHERE activity_type_id IN (
               SELECT res_id FROM ir_model_data WHERE module = 'kams_sales' AND model = 'mail.activity.type')
        """,
        [env.ref("mail.mail_activity_data_todo").id],
    )
    env.invalidate_all()


def _leave_what_was_invoiced(env):
    """Customers and products in the books stay, as the company's own: those of the demo data are meant."""
    lines = env["account.move.line"]
    products = env["product.product"]
    used = {
        "res.partner": {partner.id for (partner,) in lines._read_group([], ["partner_id"], []) if partner},
        "product.product": {product.id for (product,) in lines._read_group([], ["product_id"], []) if product},
    }
    sold = products.browse(used["product.product"])
    used["product.template"] = set(sold.product_tmpl_id.ids)
    used["product.category"] = set(sold.categ_id.ids)
    used["res.partner"] |= set(env["res.partner"].browse(used["res.partner"]).commercial_partner_id.ids)
    for model, ids in used.items():
        env["ir.model.data"].search(
            [("module", "=", "kams_sales"), ("model", "=", model), ("res_id", "in", list(ids))]
        ).unlink()
