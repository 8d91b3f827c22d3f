"""A picture of a database, to see what an addon leaves behind."""

from dev import postgres

# What PostgreSQL itself holds.
OBJECTS = {
    "column": "SELECT table_name || '.' || column_name || ' ' || data_type"
    " FROM information_schema.columns WHERE table_schema = 'public'",
    "table": "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
    "function": "SELECT routine_name FROM information_schema.routines WHERE routine_schema = 'public'",
    "trigger": "SELECT event_object_table || '.' || trigger_name FROM information_schema.triggers",
    "index": "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'",
    "constraint": "SELECT conrelid::regclass || '.' || conname FROM pg_constraint"
    " WHERE connamespace = 'public'::regnamespace",
    "sequence": "SELECT sequence_name FROM information_schema.sequences",
    "type": "SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace",
}
# What Odoo keeps about itself, and the few business tables that an addon fills with settings.
TABLES = (
    "crm_stage",
    "crm_team",
    "crm_lost_reason",
    "calendar_event_type",
    "decimal_precision",
    "ir_act_client",
    "ir_act_report_xml",
    "ir_act_server",
    "ir_act_url",
    "ir_act_window",
    "ir_asset",
    "ir_config_parameter",
    "ir_cron",
    "ir_default",
    "ir_embedded_actions",
    "ir_filters",
    "ir_model",
    "ir_model_access",
    "ir_model_constraint",
    "ir_model_data",
    "ir_model_fields",
    "ir_model_fields_selection",
    "ir_model_inherit",
    "ir_model_relation",
    "ir_rule",
    "ir_sequence",
    "ir_ui_menu",
    "ir_ui_view",
    "mail_activity_plan",
    "mail_activity_type",
    "mail_message_subtype",
    "mail_template",
    "report_paperformat",
    "res_groups",
    "res_groups_privilege",
    "spreadsheet_dashboard",
    "spreadsheet_dashboard_group",
    "utm_source",
)


def picture(database):
    """Every object and every row that matters, as a set of short texts."""
    found = set()
    for kind, query in OBJECTS.items():
        found.update(f"{kind} {line}" for line in postgres.psql(query, database))
    present = {line[len("table ") :] for line in found if line.startswith("table ")}
    for table in TABLES:
        if table in present:
            label = f"SELECT id || ' ' || {LABELS.get(table, 'id')} FROM {table}"
            found.update(f"row {table} {line}" for line in postgres.psql(label, database))
    return found


# A name beside the number, where it helps to see what was left.
LABELS = {
    "crm_stage": "name::text",
    "crm_team": "name::text",
    "ir_cron": "cron_name",
    "ir_model": "model",
    "ir_model_access": "name",
    "ir_rule": "name",
    "ir_model_data": "module || '.' || name",
    "ir_model_fields": "model || '.' || name",
    "ir_model_constraint": "name",
    "ir_model_relation": "name",
    "ir_config_parameter": "key",
    "ir_ui_view": "name",
    "res_groups": "name::text",
    "ir_ui_menu": "name::text",
}
