from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .kams_account import TIERS

# Lets the history write itself: an object of this process, which no caller's context can hold
PASS = object()


class KamsAccount(models.Model):
    """How much of our attention the customer gets: a director decides, and the decisions are kept (0.2, 2.3).

    The value analysis proposes a tier (``proposed_tier``, ``_propose_tier``).
    """

    _inherit = "kams.account"

    tier = fields.Selection(TIERS, index=True, tracking=True, copy=False)
    tier_history_ids = fields.One2many("kams.account.tier.history", "account_id", string="Tier History", readonly=True)

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        classed = accounts.filtered("tier")  # asked afterwards: a default may have set it
        classed._check_may_class()
        classed._note_tiers(dict.fromkeys(classed.ids, False))
        return accounts

    def write(self, vals):
        if "tier" not in vals:
            return super().write(vals)
        changing = self.filtered(lambda account: account.tier != (vals["tier"] or False))
        changing._check_may_class()
        before = {account.id: account.tier for account in changing}
        result = super().write(vals)
        changing._note_tiers(before)
        return result

    # ACTIONS
    def action_change_tier(self):
        """Open the wizard in which a director gives the account a tier, with the reason."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change the Tier"),
            "res_model": "kams.tier.change",
            "view_mode": "form",
            "target": "new",
            "context": {"default_account_id": self.id, "default_tier": self.proposed_tier or self.tier},
        }

    def action_apply_tier(self):
        """Give each account the tier that the figures propose, for the reason that they give."""
        self._check_may_class()
        proposals = self._propose_tier()
        for account in self:
            if account.id not in proposals:
                raise UserError(self.env._("There is no proposal for %s yet.", account.display_name))
            account._set_tier(*proposals[account.id])
        return True

    # BUSINESS
    def _set_tier(self, tier, reason):
        """Change the tier and say why."""
        return self.with_context(kams_tier_reason=reason).write({"tier": tier})

    def _check_may_class(self):
        if self and not (self.env.su or self.env.user.has_group("kams_sales.group_director")):
            raise AccessError(
                self.env._(
                    "Only a sales director changes the tier of an account. Ask one to look at %s.",
                    ", ".join(self.mapped("display_name")),
                )
            )

    def _note_tiers(self, before):
        reason = self.env.context.get("kams_tier_reason")
        if not reason:
            reason = (
                self.env._("Imported")
                if self.env.context.get("import_file")
                else self.env._("Changed without a reason")
            )
        self.env["kams.account.tier.history"]._note(
            [
                {
                    "account_id": account.id,
                    "tier_from": before[account.id],
                    "tier_to": account.tier,
                    "reason": reason,
                    "user_id": self.env.uid,
                    "date": fields.Datetime.now(),
                }
                for account in self
            ]
        )


class KamsAccountTierHistory(models.Model):
    """Which tier an account had from when, who gave it and why. Nobody changes or deletes a row."""

    _name = "kams.account.tier.history"
    _description = "Tier history"
    _inherit = ["kams.account.part"]
    _order = "date desc, id desc"
    _rec_name = "tier_to"

    tier_from = fields.Selection(TIERS, string="From", readonly=True)
    tier_to = fields.Selection(TIERS, string="To", readonly=True)
    reason = fields.Text(readonly=True)
    user_id = fields.Many2one("res.users", string="Decided By", readonly=True, ondelete="restrict")
    date = fields.Datetime(string="Decided On", readonly=True, required=True)

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        self._check_writes_itself()
        return super().create(vals_list)

    def write(self, vals):
        self._check_writes_itself()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _never_unlink(self):
        self._refuse()

    def copy(self, default=None):
        self._refuse()

    # BUSINESS
    @api.model
    def _note(self, vals_list):
        # sudo: the history writes itself, for a change that was judged already
        return self.sudo().with_context(kams_tier_pass=PASS).create(vals_list)

    def _move(self, account):
        """Hand the rows of merged accounts over to the one that stays."""
        # sudo: what was decided stays as it is, only the account goes on under another name
        return self.sudo().with_context(kams_tier_pass=PASS).write({"account_id": account.id})

    def _check_writes_itself(self):
        if self.env.context.get("kams_tier_pass") is not PASS:
            self._refuse()

    def _refuse(self):
        raise UserError(
            self.env._("Tier history writes itself when a tier changes: nobody adds, changes or deletes a row.")
        )
