from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# Acceptances by which the customer said yes
YES = ("passed", "conditional")


class KamsDelivery(models.Model):
    """A delivery is closed when all is accepted, mended and agreed, and its closing tells what remains (8.8)."""

    _inherit = "kams.delivery"

    closing_ids = fields.One2many("kams.delivery.closing", "delivery_id", string="Closing")
    closing_missing = fields.Text(string="Missing to Close", compute="_compute_closing_missing")
    closed_on = fields.Date(string="Delivery Closed On", readonly=True, copy=False)

    # COMPUTES
    @api.depends("state", "closing_ids.state")
    @api.depends_context("lang")
    def _compute_closing_missing(self):
        for delivery in self:
            open_one = delivery.state == "running" and delivery._origin
            delivery.closing_missing = "\n".join(delivery._closing_obstacles()) if open_one else False

    # ORM
    def write(self, vals):
        if "closed_on" in vals and not self._in_hand():
            raise UserError(self.env._("%s: it is closed with its button, not by hand.", self[:1].display_name))
        return super().write(vals)

    # ACTIONS
    def action_closing(self):
        """The closing of this delivery, made when it is asked for the first time."""
        self.ensure_one()
        self.check_access("read")
        closing = self.closing_ids[:1]
        if not closing:
            closing = self.env["kams.delivery.closing"].create({"delivery_id": self.id})
        return closing._get_records_action(name=self.env._("Closing"))

    def action_close(self):
        """All that was promised is there: the delivery is over, or one message says what it lacks."""
        self.check_access("write")
        for delivery in self:
            if delivery.state != "running":
                delivery._refuse_state(delivery.state, "closed")
            if missing := delivery._closing_obstacles():
                raise UserError(
                    self.env._(
                        "“%(delivery)s” can't be closed yet:\n%(missing)s",
                        delivery=delivery.display_name,
                        missing="\n".join(f"  • {one}" for one in missing),
                    )
                )
        self._engine().write({"state": "closed", "closed_on": fields.Date.context_today(self)})
        return True

    def action_reopen(self):
        """It isn't over after all: say why."""
        return self._open_note("reopen", self.env._("Take Up Again"))

    # BUSINESS
    def _reopen(self, reason):
        """Being delivered again. Directors only, since others relied on its end."""
        self.check_access("write")
        if not self.env.user.has_group("kams_sales.group_director"):
            raise AccessError(self.env._("Only a sales director takes up a delivery again that was closed."))
        for delivery in self:
            if delivery.state != "closed":
                delivery._refuse_state(delivery.state, "running")
            delivery._engine().write({"state": "running", "closed_on": False})
            delivery.message_post(body=self.env._("Taken up again: %s", reason))

    def _finally_accepted(self):
        """Those of these deliveries whose final acceptance is signed; one search."""
        # sudo: whether it was accepted, whoever may read the paper
        finals = self.env["kams.acceptance"].sudo()
        found = finals.search(
            [
                *(("delivery_id", "in", self.ids), ("kind", "=", "final")),
                *(("state", "=", "signed"), ("conclusion", "in", YES)),
            ]
        )
        return self.browse(found.delivery_id.ids)

    def _final_on(self):
        """The day of the final acceptance, of the last one if there are several; False while there is none."""
        return self.sudo().warranty_start  # sudo: a day, for who may read the delivery

    def _warranty_ends(self):
        return self.sudo().warranty_end  # sudo: as above

    def _closing_obstacles(self):
        """What keeps it from being closed, as sentences; chapters add theirs by super()."""
        self.ensure_one()
        found = [*self._acceptance_obstacles(), *self._change_obstacles(), *self._risk_obstacles()]
        closing = self.closing_ids[:1]
        if not closing:
            found.append(self.env._("Its closing isn't written: lessons, reference, warranty."))
        elif closing.state != "approved":
            found += closing._missing() or [self.env._("Its closing is complete, and no director has approved it yet.")]
        return found

    def _acceptance_obstacles(self):
        # sudo: what is missing is told by name, whoever may read the papers
        acceptances = self.env["kams.acceptance"].sudo()
        mine = acceptances.search(
            [("delivery_id", "=", self.id), ("state", "!=", "cancelled"), ("is_superseded", "=", False)]
        )
        found = []
        if not mine.filtered(lambda one: one.kind == "final" and one.state == "signed"):
            found.append(self.env._("The final acceptance isn't signed."))
        if pending := mine.filtered("is_open"):
            found.append(self.env._("Not signed yet: %s.", ", ".join(pending.mapped("name"))))
        if refused := mine.filtered(lambda one: one.state == "refused"):
            found.append(
                self.env._("Refused, and not tried again: %s.", ", ".join(refused.mapped("name"))),
            )
        if left := sum(mine.mapped("open_rectifications")):
            found.append(self.env._("Rectifications still open: %s.", left))
        return found

    def _change_obstacles(self):
        # sudo: as above
        pending = self.env["kams.change"].sudo().search([("delivery_id", "=", self.id), ("is_open", "=", True)])
        if not pending:
            return []
        return [self.env._("Changes neither signed nor withdrawn: %s.", ", ".join(pending.mapped("display_name")))]

    def _risk_obstacles(self):
        """High risks that nobody answers for."""
        # sudo: as above
        risks = self.env["kams.risk"].sudo()
        high = risks.search([("delivery_id", "=", self.id), ("level", "=", "high"), ("state", "!=", "closed")])
        nobodys = high.filtered(lambda one: not one.user_id.active)
        if not nobodys:
            return []
        return [self.env._("High risks without an owner: %s.", ", ".join(nobodys.mapped("display_name")))]
