from odoo import fields, models
from odoo.exceptions import UserError


class KamsContract(models.Model):
    """The text of a contract: what was reviewed, compared again before it is sealed (7.5).

    A checksum tells whether the files are still those that the committee got. That the paper to be sealed says the
    same, a person confirms who has read both.
    """

    _inherit = "kams.contract"

    text_file_ids = fields.Many2many(
        "ir.attachment",
        "kams_contract_text_rel",
        string="Contract Text",
        copy=False,
        help="The text under review, as it is to be signed.",
    )
    reviewed_hash = fields.Text(
        string="Text Reviewed (SHA-256)",
        readonly=True,
        copy=False,
        help="Checksum of the files that the committee got.",
    )
    compared_at = fields.Datetime(string="Text Compared On", readonly=True, copy=False)
    compared_by_id = fields.Many2one(
        "res.users", string="Text Compared By", readonly=True, copy=False, ondelete="restrict"
    )
    text_warning = fields.Char(compute="_compute_text_warning")

    # COMPUTES
    def _compute_text_warning(self):
        for contract in self:
            changed = contract.reviewed_hash and contract.reviewed_hash != contract._text_hash()
            contract.text_warning = changed and self.env._("These files aren't those that were reviewed.")

    # ORM
    def write(self, vals):
        """Another text, or other terms, call for another comparison."""
        if not self._in_hand() and not {"text_file_ids", "amount_total", "subject_text"}.isdisjoint(vals):
            compared = self.filtered("compared_at")
            compared._engine().write({"compared_at": False, "compared_by_id": False})
        return super().write(vals)

    # ACTIONS
    def action_compare_text(self):
        """Somebody has read the paper to be signed beside the text that was reviewed, and they say the same."""
        self.check_access("write")
        for contract in self:
            if contract.state != "approved":
                raise UserError(
                    self.env._(
                        "“%(contract)s” is %(state)s: its text is compared between the approval and the signature.",
                        contract=contract.display_name,
                        state=contract._state_told(),
                    )
                )
            contract._check_text_reviewed()
            contract._engine().write({"compared_at": fields.Datetime.now(), "compared_by_id": self.env.uid})
            contract.message_post(
                body=self.env._("%s compared the text to be signed with the one reviewed.", self.env.user.name)
            )
        return True

    # BUSINESS
    def _note_reviewed_text(self):
        """Which text the committee got; compared with again before it is sealed."""
        for contract in self:
            contract._engine().write({"reviewed_hash": contract._text_hash()})

    def _check_text_reviewed(self):
        self.ensure_one()
        if not self.reviewed_hash or self.reviewed_hash != self._text_hash():
            raise UserError(
                self.env._(
                    "The text of “%s” isn't the one that was reviewed. Put the reviewed files back, or ask for a new "
                    "review.",
                    self.display_name,
                )
            )
