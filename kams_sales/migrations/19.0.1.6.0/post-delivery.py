from odoo import SUPERUSER_ID, Command, api


def migrate(cr, version):
    """Who delivers reads reviews of changes and those they take part in, no longer all: rules aren't updated."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    delivery = env.ref("kams_sales.group_delivery")
    for name in ("review", "review_opinion", "review_condition"):
        if rule := env.ref(f"kams_sales.kams_{name}_all_rule", raise_if_not_found=False):
            rule.groups = [Command.unlink(delivery.id)]
