from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Offer the control points of the delivery phase in a draft of the shipped process."""
    api.Environment(cr, SUPERUSER_ID, {})["kams.process"]._offer_shipped_points()
