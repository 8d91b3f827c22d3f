from odoo import api, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """A contact on whom deals depend isn't deleted under them."""

    _inherit = "res.partner"

    # ORM
    @api.ondelete(at_uninstall=False)
    def _unlink_except_stakeholders(self):
        # sudo: a chain that the user may not see keeps its people all the same; names are those of deals they may see
        found = self.env["kams.stakeholder"].sudo().search([("partner_id", "in", self.ids)], order="id")
        if not found:
            return
        person = found[0].partner_id
        deals = found.filtered(lambda one: one.partner_id == person).lead_id
        seen = deals.with_user(self.env.user).with_context(active_test=False)._filtered_access("read")
        names = [f"“{deal.name}”" for deal in seen[:5]]
        if hidden := len(deals) - len(names):
            names.append(self.env._("%s more", hidden))
        raise UserError(
            self.env._(
                "%(person)s stands in the decision chain of %(deals)s. Archive the contact instead, or take it out of "
                "the chain first.",
                person=person.display_name,
                deals=", ".join(names),
            )
        )
