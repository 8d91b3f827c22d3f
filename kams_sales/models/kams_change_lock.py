from odoo import api, models
from odoo.exceptions import UserError

from .kams_proposal_chapter import ODOOS

# What only buttons write, after they have looked
STAMPS = {"state", "number", "approved_by_id", "approved_at", "signed_hash"}
# The customer's signature, which may be entered once we agree
SIGNATURE = {"signed_by_id", "signed_at", "signed_file_ids"}


class KamsChange(models.Model):
    """What was agreed to stays as it was agreed to, whoever asks and by whatever way (8.3)."""

    _inherit = "kams.change"
    _stamps = frozenset(STAMPS)

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in STAMPS} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        names = {name for name in vals if not name.startswith(ODOOS)}
        # a merge of deals takes a change along as it is
        if not self._in_hand() and not (self.env.su and names <= {"lead_id"}):
            if names & STAMPS:
                raise UserError(self.env._("%s: this is written with its buttons, not by hand.", self[:1].display_name))
            for change in self:
                change._check_open(names)
        return super().write(vals)

    # LOCK
    def _check_open(self, names=()):
        self.ensure_one()
        if self._in_hand() or not names or self.state == "draft":
            return
        if set(names) <= ({"user_id"} if self.state == "review" else set()):
            return
        if self.state == "approved" and set(names) <= SIGNATURE | {"user_id"}:
            return
        if self.state == "signed":
            raise UserError(
                self.env._(
                    "“%s” is signed by both sides and stays as it is. What is different now is another change.",
                    self.display_name,
                )
            )
        raise UserError(
            self.env._(
                "“%(change)s” is “%(state)s” and stays as it is. Use “Write Again” to change it.",
                change=self.display_name,
                state=self._state_told(),
            )
        )

    def _state_told(self):
        return dict(self._fields["state"]._description_selection(self.env))[self.state]

    def _check_files_free(self, name):
        if self.state != "draft" and not (name == "signed_file_ids" and self.state == "approved"):
            self._check_open([name])


class KamsChangePhase(models.Model):
    """The phases that a change moves are part of it."""

    _inherit = "kams.change.phase"
    _stamps = frozenset({"old_start", "old_end"})

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(
            [{name: value for name, value in vals.items() if name not in self._stamps} for vals in vals_list]
        )
        lines._check_open()
        return lines

    def write(self, vals):
        self._check_open()
        if not self.change_id._in_hand() and not self._stamps.isdisjoint(vals):
            raise UserError(self.env._("What was promised before is noted by the signature, not by hand."))
        result = super().write(vals)
        if "change_id" in vals:
            self._check_open()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self._check_open()

    # BUSINESS
    def _check_open(self):
        for change in self.change_id:
            change._check_open(["phase_line_ids"])
