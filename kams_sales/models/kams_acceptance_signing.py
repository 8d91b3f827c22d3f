from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError


class KamsAcceptance(models.Model):
    """The customer's yes or no: who signed, when, upon what, and what is still to be put right (8.3)."""

    _inherit = "kams.acceptance"

    criterion_ids = fields.One2many(
        "kams.acceptance.criterion", "acceptance_id", string="Acceptance Criteria", copy=True
    )
    member_ids = fields.One2many("kams.acceptance.member", "acceptance_id", string="Acceptance Committee", copy=True)
    rectification_ids = fields.One2many("kams.acceptance.rectification", "acceptance_id", string="Rectifications")
    # The yes
    signed_by_id = fields.Many2one(
        "res.partner",
        string="Signed For the Customer By",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
    )
    signed_at = fields.Date(string="Accepted On", copy=False, tracking=True)
    signed_file_ids = fields.Many2many(
        "ir.attachment",
        "kams_acceptance_signed_rel",
        string="Signed Certificate",
        copy=False,
        help="The scan of the signed certificate, or the file with electronic signatures.",
    )
    signed_hash = fields.Text(
        string="Signed Certificate (SHA-256)",
        readonly=True,
        copy=False,
        help="A line for each file: checksum and name.",
    )
    recorded_by_id = fields.Many2one(
        "res.users", string="Acceptance Recorded By", readonly=True, copy=False, ondelete="restrict"
    )
    # The no
    refused_on = fields.Date(string="Refused On", readonly=True, copy=False)
    refuse_reason = fields.Text(string="Why It Was Refused", readonly=True, copy=False)
    # What is left
    open_rectifications = fields.Integer(string="Open Rectifications", compute="_compute_is_done", store=True)
    is_done = fields.Boolean(
        string="Acceptance Complete",
        compute="_compute_is_done",
        store=True,
        help="Signed by the customer as passed, if need be with conditions, and nothing is left to be put right.",
    )

    # COMPUTES
    @api.depends("state", "conclusion", "rectification_ids.closed_on")
    def _compute_is_done(self):
        for acceptance in self:
            left = acceptance.rectification_ids.filtered(lambda one: not one.closed_on)
            acceptance.open_rectifications = len(left)
            passed = acceptance.conclusion in ("passed", "conditional")
            acceptance.is_done = acceptance.state == "signed" and passed and not left

    # CONSTRAINTS
    @api.constrains("signed_by_id")
    def _check_signatory(self):
        """sudo: whose contact somebody is, compared only."""
        for acceptance in self.sudo():
            signatory = acceptance.signed_by_id
            ours = signatory.user_ids.filtered(lambda user: not user.share)
            if ours or signatory == acceptance.company_id.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(who)s works with us: “%(acceptance)s” is signed by somebody of the customer.",
                        who=signatory.name,
                        acceptance=acceptance.display_name,
                    )
                )

    # ACTIONS
    def action_hold(self):
        """It was inspected: results can be judged now."""
        self.check_access("write")
        today = fields.Date.context_today(self)
        for acceptance in self:
            if acceptance.held_on and acceptance.held_on > today:
                raise UserError(self.env._("“%s” can't have been inspected on a day to come.", acceptance.display_name))
            acceptance._engine().write({"state": "held", "held_on": acceptance.held_on or today})
        return True

    def action_back(self):
        """Back to planning: it wasn't inspected yet, or takes place after all."""
        self.check_access("write")
        self._engine().write({"state": "draft"})
        self._tie_payments()
        return True

    def action_cancel(self):
        """It doesn't take place."""
        self.check_access("write")
        self._engine().write({"state": "cancelled"})
        self._tie_payments()
        return True

    def action_sign(self):
        """The customer has signed: it stays as it is, and what is to be paid upon it falls due."""
        self.check_access("write")
        checksums = self.env["kams.tender.submission"]._checksums
        for acceptance in self:
            if missing := acceptance._signing_obstacles():
                raise UserError(
                    self.env._(
                        "“%(acceptance)s” can't be noted as signed yet:\n%(missing)s",
                        acceptance=acceptance.display_name,
                        missing="\n".join(f"  • {one}" for one in missing),
                    )
                )
        for acceptance in self:
            acceptance._engine().write(
                {
                    "state": "signed",
                    "recorded_by_id": self.env.uid,
                    "signed_hash": checksums(acceptance.signed_file_ids),
                }
            )
        self._trigger_payments()
        return True

    def action_refuse(self):
        """The customer doesn't accept: say why."""
        return self._open_note("refuse", self.env._("Customer Refuses"))

    def action_reopen(self):
        """Something in the certificate has to be corrected: a director says why."""
        return self._open_note("reopen", self.env._("Reopen"))

    def action_again(self):
        """The next attempt after a refusal, with the same criteria and committee; one that is there is opened."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "refused":
            raise UserError(self.env._("“%s” wasn't refused: there is no need for another attempt.", self.display_name))
        again = self.next_ids.filtered(lambda one: one.state != "cancelled")[:1]
        if not again:
            values = {"attempt": self.attempt + 1, "previous_id": self.id, "planned_on": False}
            again = self._engine().copy(values).with_env(self.env)
            self._hand_payments(again)
        return again._get_records_action(name=self.env._("Acceptance"))

    def action_verify_signed(self):
        """Count the checksums of the signed certificate again and say whether it is what was signed."""
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
        """What keeps the certificate from being noted as signed, as sentences."""
        self.ensure_one()
        found, today = [], fields.Date.context_today(self)
        if self.state != "held":
            found.append(self.env._("It has to be inspected first, and neither signed nor refused."))
        if self.delivery_id.state == "cancelled":
            found.append(self.env._("Its delivery is cancelled."))
        if not self.conclusion:
            found.append(self.env._("The conclusion is missing."))
        elif self.conclusion == "failed":
            found.append(self.env._("It wasn't passed: note it with “Customer Refuses”."))
        else:
            found += self._result_obstacles()
        if not self.signed_by_id:
            found.append(self.env._("Who signed for the customer is missing."))
        if not self.signed_at:
            found.append(self.env._("The day of the signature is missing."))
        elif self.signed_at > today:
            found.append(self.env._("The day of the signature is still to come."))
        elif self.held_on and self.signed_at < self.held_on:
            found.append(self.env._("It can't have been signed before it was inspected."))
        if not self.signed_file_ids:
            found.append(self.env._("The signed certificate is missing."))
        return found

    def _result_obstacles(self):
        """What its lines say against the conclusion."""
        found, criteria = [], self.criterion_ids
        if unseen := criteria.filtered(lambda one: not one.result):
            found.append(
                self.env._(
                    "%(number)s criteria have no result, “%(item)s” among them.",
                    number=len(unseen),
                    item=unseen[0]._short(),
                )
            )
        left = self.rectification_ids.filtered(lambda one: not one.closed_on)
        if self.conclusion == "passed":
            if failed := criteria.filtered(lambda one: one.result == "fail"):
                found.append(
                    self.env._(
                        "“%s” doesn't meet its standard: it can be passed with conditions at most.", failed[0]._short()
                    )
                )
            left |= self._earlier_attempts().rectification_ids.filtered(lambda one: not one.closed_on)
            if left:
                found.append(
                    self.env._("“%s” is still to be rectified: close it, or pass with conditions.", left[0]._short())
                )
        else:
            if not self.rectification_ids:
                found.append(self.env._("With conditions: write down what is to be rectified."))
            if nobodys := left.filtered(lambda one: not one.user_id or not one.date_due):
                found.append(self.env._("“%s” needs an owner and a day to be rectified by.", nobodys[0]._short()))
        return found

    def _earlier_attempts(self):
        """All attempts before this one."""
        self.ensure_one()
        earlier, one = self.browse(), self.previous_id
        while one and one not in earlier:
            earlier |= one
            one = one.previous_id
        return earlier

    def _open_note(self, step, title):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "kams.acceptance.note",
            "view_mode": "form",
            "target": "new",
            "context": {"default_acceptance_id": self.id, "default_step": step},
        }

    def _refuse_acceptance(self, reason):
        """The customer's no, with the reason; what was found stays with this attempt."""
        self.ensure_one()
        self.check_access("write")
        self._engine().write(
            {
                "state": "refused",
                "conclusion": "failed",
                "refused_on": fields.Date.context_today(self),
                "refuse_reason": reason,
            }
        )
        self.message_post(body=self.env._("The customer refused: %s", reason))

    def _reopen(self, reason):
        """Back to what was inspected, by a director; what falls due upon it and isn't invoiced waits again."""
        self.ensure_one()
        self.check_access("write")
        if not (self.env.su or self.env.user.has_group("kams_sales.group_director")):
            raise AccessError(self.env._("“%s” is reopened by a director.", self.display_name))
        if self.is_superseded:
            raise UserError(
                self.env._("“%s” has a later attempt, which counts: it stays as it was.", self.display_name)
            )
        if self.state not in ("signed", "refused"):
            raise UserError(self.env._("“%s” is open already.", self.display_name))
        kept = self._take_payments_back()
        values = {"state": "held", "signed_hash": False, "recorded_by_id": False}
        if self.state == "refused":
            values |= {"conclusion": False, "refused_on": False, "refuse_reason": False}
        self._engine().write(values)
        self.message_post(body=self.env._("Reopened: %s", reason))
        if kept:
            names = ", ".join(kept.mapped("name"))
            self.message_post(body=self.env._("Invoiced already, and not taken back: %s", names))
