from odoo import SUPERUSER_ID, Command, api


def migrate(cr, version):
    """Offer the control points of the proposal and tendering phases in a draft of the shipped process.

    The bid desk has rules of its own for reviews now: it leaves those that it shared with people who only read.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["kams.process"]._offer_shipped_points()
    for name in ("kams_review_all_rule", "kams_review_opinion_all_rule"):
        if rule := env.ref(f"kams_sales.{name}", raise_if_not_found=False):
            rule.groups = [Command.unlink(env.ref("kams_sales.group_bid_desk").id)]
