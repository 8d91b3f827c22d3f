from odoo import api, fields, models
from odoo.exceptions import UserError

from .kams_contract import SIGNED
from .kams_proposal_chapter import ODOOS

# What only buttons write, after they have looked
ENGINES = {
    *("reviewed_hash", "compared_at", "compared_by_id", "signed_hash", "signed_by_id", "closed_at", "terminated_at"),
    "owner_set_by_id",
}
# What is still noted on a contract that is signed
AFTERWARDS = {"order_id", "user_id", "note", "negotiation_id"}
# What may be noted while it is carried out, and when it ends
COURSE = {"effective_at", "terminated_why"}

# What only a review says
BY_REVIEW = ("review", "approved")
# What the committee judges: while it does, it stays
TERMS = {
    *("amount_untaxed", "amount_tax", "amount_total", "currency_id", "deposit_amount", "damages_cap_pct"),
    *("warranty_months", "retention_pct", "performance_bond_required", "performance_bond_pct"),
    *("date_start", "date_end", "subject_text", "quality_text", "delivery_text", "partner_id", "tender_id"),
    "text_file_ids",
}


class KamsContract(models.Model):
    """Which way a contract goes from draft to signature and beyond, whoever asks and by whatever route (7.2).

    Under review and approved are said by its review alone (kams_contract_review.py). A signed contract is fixed.
    """

    _inherit = "kams.contract"
    _stamps = frozenset(ENGINES)

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in ENGINES} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        names = {name for name in vals if not name.startswith(ODOOS)}
        # a merge of deals takes a contract along as it is
        if self._in_hand() or (self.env.su and names <= {"lead_id"}):
            result = super().write(vals)
            if "state" in vals:
                self._tell_negotiation()
            return result
        if names & ENGINES:
            raise UserError(self.env._("%s: this is written with its buttons, not by hand.", self[:1].display_name))
        if changed := names - AFTERWARDS - {"state"}:
            self._check_open(changed)
        result = True
        if others := {name: value for name, value in vals.items() if name != "state"}:
            result = super().write(others)
        if "state" in vals:
            self._go(vals["state"])
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        for contract in self:
            if contract.state != "draft":
                raise UserError(
                    self.env._(
                        "“%s” is more than a draft and stays. Terminate it, if nothing comes of it.",
                        contract.display_name,
                    )
                )

    # LOCK
    def _check_open(self, names=()):
        """What was signed stays as it was signed, and what is judged until it is, whoever asks and by whatever way."""
        for contract in self:
            if contract.state == "review" and not TERMS.isdisjoint(names):
                raise UserError(
                    self.env._(
                        "“%s” is under review: terms and text stay until that is over. Take it back to draft first.",
                        contract.display_name,
                    )
                )
            if contract.state in SIGNED and set(names) and set(names) <= COURSE:
                if contract.state == "signed" or "effective_at" not in names:
                    continue
            if contract.state in (*SIGNED, "terminated"):
                raise UserError(
                    self.env._(
                        "“%(contract)s” is %(state)s and stays as it was. A change is a contract of its own.",
                        contract=contract.display_name,
                        state=contract._state_told(),
                    )
                )

    def _check_files_free(self, name):
        """The text stays while it is judged, the signed copy from the signature on."""
        if name == "text_file_ids" and self.state != "draft":
            raise UserError(
                self.env._(
                    "The text of “%(contract)s” was given to its reviewers and stays: it is %(state)s. Take it back to "
                    "draft first.",
                    contract=self.display_name,
                    state=self._state_told(),
                )
            )
        if name == "signed_file_ids" and self.state in (*SIGNED, "terminated"):
            self._check_open()

    def _state_told(self):
        return dict(self._fields["state"]._description_selection(self.env))[self.state].lower()

    # ACTIONS
    def action_reopen(self):
        """There is something to change: a draft again, and what was said of it no longer holds."""
        self.check_access("write")
        self._go("draft")
        return True

    def action_sign(self):
        """It is signed and sealed: from now on it stays as it is."""
        self.check_access("write")
        self._go("signed")
        return True

    def action_effective(self):
        """The contract binds both sides: the deal is won and goes on to delivery, if the gate lets it."""
        self.check_access("write")
        self._go("effective")
        return True

    def action_close(self):
        """All is delivered, paid and over."""
        self.check_access("write")
        self._go("closed")
        return True

    def action_terminate(self):
        """Nothing comes of it, or it ends before its time; the reason stays."""
        self.check_access("write")
        self._go("terminated")
        return True

    # BUSINESS
    def _go(self, target):
        """Take these contracts to a status, each by the rules of that step (``_step_<status>``)."""
        moving = self.filtered(lambda contract: contract.state != target)
        for contract in moving:
            if target not in self._state_transitions.get(contract.state, ()):
                contract._refuse_state(contract.state, target)
        if target in BY_REVIEW:
            for contract in moving:
                raise UserError(
                    self.env._("“%s” gets there by its review: use “Ask for Opinions”.", contract.display_name)
                )
        if moving:
            getattr(moving, f"_step_{target}")()

    def _step_draft(self):
        for contract in self:
            contract._void_opinions(self.env._("%s took the contract back to draft.", self.env.user.name))
            contract._engine().write({"state": "draft", "compared_at": False, "compared_by_id": False})

    def _step_closed(self):
        self._engine().write({"state": "closed", "closed_at": fields.Date.context_today(self)})

    def _step_terminated(self):
        for contract in self:
            if not (contract.terminated_why or "").strip():
                raise UserError(
                    self.env._("“%s”: say why it ends, under “Why It Was Terminated”.", contract.display_name)
                )
            contract._void_opinions(self.env._("The contract was terminated."))
        self._engine().write({"state": "terminated", "terminated_at": fields.Date.context_today(self)})

    def _void_opinions(self, why):
        """What reviewers said of a contract that changes no longer holds. sudo: whoever may take it back may so."""
        self.sudo().review_ids._void(why)

    def _tell_negotiation(self):
        """The negotiation goes with its contract: under review, signed, and back to what was agreed.

        Of several contracts, with the one that has come furthest.
        """
        wanted = {"review": "contract_review", "approved": "contract_review", "draft": "agreed", "terminated": "agreed"}
        order = ("agreed", "contract_review", "signed")
        # sudo: whoever takes the contract on needn't have a right on the negotiation; only its status follows
        contracts = self.sudo().search([("negotiation_id", "in", self.sudo().negotiation_id.ids)])
        for negotiation, mine in contracts.grouped("negotiation_id").items():
            target = max((wanted.get(contract.state, "signed") for contract in mine), key=order.index)
            if negotiation.state in order and negotiation.state != target:
                negotiation._follow_contract(target)
