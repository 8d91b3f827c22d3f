from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Cards of the pipeline are kept ready now: make those of the deals that are there."""
    leads = api.Environment(cr, SUPERUSER_ID, {})["crm.lead"].with_context(active_test=False)
    leads._kams_write_cards(leads.search([("kams_process_id", "!=", False)]).ids)
