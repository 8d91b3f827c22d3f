from odoo import api, fields, models
from odoo.exceptions import UserError

PLANS = [("open", "Not Confirmed"), ("confirmed", "Plan Confirmed")]
# What a confirmation rests upon, and what it says: fixed with it
PLAN_TERMS = {"plan_confirmed_at", "plan_confirmed_by_id", "plan_file_ids"}
PLAN_STAMPS = {"plan_state", "plan_hash"}


class KamsDelivery(models.Model):
    """The customer's yes to the plan: a signed file, from which on the baselines are fixed (8.2 计划确认, S6-2)."""

    _inherit = "kams.delivery"
    _kept_files = ("plan_file_ids",)
    _stamps = frozenset(PLAN_STAMPS | {"closed_on"})

    plan_state = fields.Selection(
        PLANS,
        string="Plan",
        default="open",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    plan_confirmed_at = fields.Date(string="Plan Confirmed On", copy=False)
    plan_confirmed_by_id = fields.Many2one(
        "res.partner",
        string="Plan Confirmed By",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="Who of the customer signed the plan.",
    )
    plan_file_ids = fields.Many2many(
        "ir.attachment",
        "kams_delivery_plan_rel",
        string="Signed Plan",
        copy=False,
        help="The plan with the customer's signature.",
    )
    plan_hash = fields.Text(
        string="Signed Plan (SHA-256)", readonly=True, copy=False, help="A line for each file: checksum and name."
    )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [
                {name: value for name, value in vals.items() if name not in self._stamps} for vals in vals_list
            ]
        return super().create(vals_list)

    def write(self, vals):
        if not self._in_hand():
            if not PLAN_STAMPS.isdisjoint(vals):
                raise UserError(
                    self.env._("%s: the plan is confirmed with its button, not by hand.", self[:1].display_name)
                )
            if not PLAN_TERMS.isdisjoint(vals):
                self._check_plan_open()
        return super().write(vals)

    # ACTIONS
    def action_confirm_plan(self):
        """The customer signed the plan: its baselines stay from now on."""
        self.check_access("write")
        for delivery in self:
            if missing := delivery._plan_obstacles():
                raise UserError(
                    self.env._(
                        "The plan of “%(delivery)s” can't be noted as confirmed yet:\n%(missing)s",
                        delivery=delivery.display_name,
                        missing="\n".join(f"  • {one}" for one in missing),
                    )
                )
        checksums = self.env["kams.tender.submission"]._checksums
        for delivery in self:
            delivery._engine().write({"plan_state": "confirmed", "plan_hash": checksums(delivery.plan_file_ids)})
        return True

    def action_reopen_plan(self):
        """The plan has to change as a whole: say why. A single change is a change order."""
        return self._open_note("reopen_plan", self.env._("Reopen Plan"))

    # BUSINESS
    def _plan_obstacles(self):
        """What keeps the plan from being confirmed, as sentences; others add theirs by super()."""
        self.ensure_one()
        found = []
        if self.plan_state == "confirmed":
            return [self.env._("It is confirmed already.")]
        if self.state not in ("planned", "running"):
            found.append(self.env._("The delivery is over."))
        if not self.plan_file_ids:
            found.append(self.env._("The plan with the customer's signature is missing."))
        if not self.plan_confirmed_by_id:
            found.append(self.env._("Who of the customer signed it is missing."))
        if not self.plan_confirmed_at:
            found.append(self.env._("The day on which the customer signed it is missing."))
        elif self.plan_confirmed_at > fields.Date.context_today(self):
            found.append(self.env._("The day of the signature is still to come."))
        if not self.phase_ids:
            found.append(self.env._("There are no phases."))
        for phase in self.phase_ids:
            if not phase.baseline_end:
                found.append(self.env._("The phase “%s” has no baseline.", phase.name))
        return found

    def _check_plan_open(self):
        for delivery in self:
            if delivery.plan_state == "confirmed":
                raise UserError(
                    self.env._(
                        "The plan of “%s” stays as the customer confirmed it. Make a change order, or use “Reopen "
                        "Plan” and say why.",
                        delivery.display_name,
                    )
                )

    def _check_files_free(self, name):
        super()._check_files_free(name)
        if name == "plan_file_ids":
            self._check_plan_open()

    def _reopen_plan(self, reason):
        """What was confirmed no longer holds; why, and what it was, stays in the chatter."""
        self.check_access("write")
        for delivery in self:
            if delivery.plan_state != "confirmed":
                raise UserError(self.env._("The plan of “%s” isn't confirmed: just change it.", delivery.display_name))
            delivery.message_post(
                body=self.env._(
                    "Plan reopened: %(reason)s. It was confirmed by %(who)s on %(day)s.\n%(files)s",
                    reason=reason,
                    who=delivery.plan_confirmed_by_id.name,
                    day=delivery.plan_confirmed_at,
                    files=delivery.plan_hash or "",
                )
            )
        self._engine().write(
            {"plan_state": "open", "plan_hash": False, "plan_confirmed_at": False, "plan_file_ids": [(5,)]}
        )
