from odoo import api, fields, models


class KamsAccount(models.Model):
    """The group that a customer belongs to (2.1; control point A0-6): it follows the customers' parent companies."""

    _inherit = "kams.account"

    parent_id = fields.Many2one(
        "kams.account",
        string="Parent Account",
        compute="_compute_parent_id",
        store=True,
        index="btree_not_null",
        ondelete="set null",
        help="The nearest parent company that has a key account too. Change the parent company on the contact.",
    )
    child_ids = fields.One2many("kams.account", "parent_id", string="Subsidiaries")
    child_count = fields.Integer(string="Subsidiaries (Number)", compute="_compute_child_count")
    is_standalone = fields.Boolean(
        string="Belongs to No Group", help="Somebody looked: there is neither a parent company nor a subsidiary."
    )

    # COMPUTES
    @api.depends("partner_id", "company_id", "active")
    def _compute_parent_id(self):
        """Climb all chains of parent companies together: one look at the accounts for each level of a group."""
        parents = dict.fromkeys(self, False)
        # sudo: a group is what it is, whoever looks at it
        accounts = self.env["kams.account"].sudo()
        climbing = {account: account.partner_id.sudo().parent_id for account in self if account.active}
        while climbing := {account: partner for account, partner in climbing.items() if partner}:
            partners = accounts.partner_id.union(*climbing.values())
            found = {
                (other.partner_id.id, other.company_id.id): other.id
                for other in accounts.search_fetch([("partner_id", "in", partners.ids)], ["partner_id", "company_id"])
            }
            higher = {}
            for account, partner in climbing.items():
                parent_id = found.get((partner.id, account.company_id.id))
                if parent_id and parent_id != account._origin.id:
                    parents[account] = parent_id
                else:
                    higher[account] = partner.parent_id
            climbing = higher
        # together, and only what changes: control points of the old group and of the new one are asked each time
        for parent_id in set(parents.values()):
            moved = self.filtered(lambda one, to=parent_id: parents[one] == to and one.parent_id.id != to)
            moved.parent_id = parent_id

    @api.depends("child_ids")
    def _compute_child_count(self):
        counts = dict(self._read_group([("parent_id", "in", self.ids)], ["parent_id"], ["__count"]))
        for account in self:
            account.child_count = counts.get(account._origin, 0)

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        self._regroup(accounts.partner_id)
        return accounts

    def write(self, vals):
        if vals.keys().isdisjoint(("partner_id", "company_id", "active")):
            return super().write(vals)
        before = self.partner_id
        result = super().write(vals)
        self._regroup(before | self.partner_id)
        return result

    def unlink(self):
        partners = self.partner_id
        result = super().unlink()
        self._regroup(partners)
        return result

    # ACTIONS
    def action_view_group(self):
        """Open the group that the account belongs to, as a chart."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_account_group_action")
        top = self._top()
        return dict(action, domain=[("id", "child_of", top.id)], display_name=self.env._("Group of %s", top.name))

    # BUSINESS
    @api.model
    def _regroup(self, partners):
        """Look again for the parents of all accounts at or below these customers."""
        # sudo: a group is what it is, whoever changed it
        below = self.sudo().search([("partner_id", "child_of", partners.ids)]) if partners else self.sudo()
        below._compute_parent_id()

    def _group(self):
        """These accounts and all their subsidiaries, as far as the user sees them: group figures add these up."""
        return self.search([("id", "child_of", self.ids)])

    def _top(self):
        """The account at the head of this one's group."""
        self.ensure_one()
        # sudo: whose chart it is; what is shown of it is up to the rights of who looks
        account = self.sudo()
        while account.parent_id:
            account = account.parent_id
        return account.with_env(self.env)
