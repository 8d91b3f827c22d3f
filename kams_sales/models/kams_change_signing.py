from odoo import fields, models
from odoo.exceptions import UserError


class KamsChange(models.Model):
    """Both sides sign a change: we by whoever may agree to it, the customer by their person and a paper (8.3)."""

    _inherit = "kams.change"

    approved_by_id = fields.Many2one(
        "res.users", string="Agreed To By", readonly=True, copy=False, ondelete="restrict", tracking=True
    )
    approved_at = fields.Date(string="Agreed To On", readonly=True, copy=False)
    signed_by_id = fields.Many2one(
        "res.partner",
        string="Signed for the Customer By",
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
        tracking=True,
    )
    signed_at = fields.Date(string="Customer Signed On", copy=False, tracking=True)
    signed_file_ids = fields.Many2many(
        "ir.attachment", "kams_change_signed_rel", string="Signed Change Order", copy=False
    )
    signed_hash = fields.Text(
        string="Signed Change Order (SHA-256)", readonly=True, copy=False, help="A line for each file."
    )

    # ACTIONS
    def action_sign(self):
        """Both sides have signed: the change takes effect on phases and payments."""
        self.check_access("write")
        for change in self:
            if change.state != "approved":
                change._refuse_state(change.state, "signed")
            if missing := change._signing_obstacles():
                raise UserError(
                    self.env._(
                        "“%(change)s” isn't signed by both sides yet:\n%(missing)s",
                        change=change.display_name,
                        missing="\n".join(f"  • {one}" for one in missing),
                    )
                )
        for change in self:
            files = self.env["kams.tender.submission"]._checksums(change.signed_file_ids)
            change._engine().write({"state": "signed", "signed_hash": files})
        self._take_effect()
        return True

    def action_verify_signed(self):
        """Count the checksums of the signed paper again and say whether it is what was signed."""
        self.ensure_one()
        self.check_access("read")
        same = self.env["kams.tender.submission"]._checksums(self.signed_file_ids) == self.signed_hash
        return self._tell_same_files(
            same,
            self.env._("The files are those that were kept at the signature."),
            self.env._("The files aren't those that were kept at the signature."),
        )

    # BUSINESS
    def _signing_obstacles(self):
        """What keeps both sides from having signed, as sentences; chapters add theirs by super()."""
        self.ensure_one()
        found = []
        if not self.signed_by_id:
            found.append(self.env._("Who signed for the customer is missing."))
        # sudo: whether it is one of us, for who entered the name
        elif self.signed_by_id.sudo().user_ids.filtered(lambda user: not user.share):
            found.append(self.env._("%s is one of us and can't sign for the customer.", self.signed_by_id.name))
        if not self.signed_at:
            found.append(self.env._("The day of the customer's signature is missing."))
        elif self.signed_at > fields.Date.context_today(self):
            found.append(self.env._("The day of the customer's signature is still to come."))
        if not self.signed_file_ids:
            found.append(self.env._("The signed change order is missing, as a file."))
        return found
