"""Some counts and grades aren't delivery's to see any more. They stand in views that are loaded after the forms.

Until then a form would show delivery what its fields are kept from, and each view that is loaded would say so in the
log. So these views are what they will be before anything is loaded.
"""

from lxml import etree

from odoo.tools import file_open

VIEWS = {
    "crm_lead_view_form_authority": "crm_lead_authority_views.xml",
    "crm_lead_view_form_judging": "crm_lead_judging_views.xml",
    "crm_lead_view_form_winloss": "crm_lead_winloss_views.xml",
    "kams_account_view_form_value": "kams_account_value_views.xml",
}


def migrate(cr, version):
    for name, path in VIEWS.items():
        with file_open(f"kams_sales/views/{path}", "rb") as file:
            arch = etree.parse(file).find(f".//record[@id='{name}']/field[@name='arch']")
        changes = "".join(etree.tostring(change, encoding="unicode") for change in arch)
        cr.execute(
            """
            UPDATE ir_ui_view view
               SET arch_db = jsonb_build_object('en_US', %s::text)
              FROM ir_model_data data
             WHERE data.module = 'kams_sales' AND data.model = 'ir.ui.view' AND data.name = %s AND view.id = data.res_id
            """,
            (f"<data>{changes}</data>", name),
        )
