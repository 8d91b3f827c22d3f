from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .blank import known
from .kams_contract import SIGNED

SIGNATURES = [
    ("missing", "Not Signed"),
    ("unauthorised", "Not Authorised"),
    ("late", "Signed Late"),
    ("authorised", "Signed with Authority"),
]
# Which status of a negotiation says that both sides agree
AGREED = ("agreed", "contract_review", "signed", "handed_over")


class KamsContract(models.Model):
    """The signature of a contract, and what comes of it: the deal is won once the contract is effective (7.5, S5-6).

    Signed are the reviewed text, by people who may sign for this amount on this day, within the time the law gives
    after the award notice. A late signature is a fact and can be recorded; one without authority can't.
    """

    _inherit = "kams.contract"

    party_ids = fields.One2many("kams.contract.party", "contract_id", string="Parties", copy=True)
    signed_file_ids = fields.Many2many(
        "ir.attachment",
        "kams_contract_signed_rel",
        string="Signed Copy",
        copy=False,
        help="The scan of the signed and sealed contract, or the file with electronic signatures.",
    )
    signed_hash = fields.Text(
        string="Signed Copy (SHA-256)", readonly=True, copy=False, help="A line for each file: checksum and name."
    )
    signed_by_id = fields.Many2one(
        "res.users", string="Signature Recorded By", readonly=True, copy=False, ondelete="restrict"
    )
    sealed = fields.Boolean(
        string="Sealed or E-Signed", copy=False, tracking=True, help="By both sides, or signed electronically."
    )
    signature_state = fields.Selection(
        SIGNATURES, string="Signature", compute="_compute_signature_state", store=True, index=True
    )
    still_missing = fields.Text(string="Still Missing", compute="_compute_still_missing")

    # COMPUTES
    @api.depends(
        *("state", "signed_file_ids", "sealed", "signed_at", "amount_total", "currency_id", "contract_due"),
        *(f"party_ids.{name}" for name in ("side", "signatory", "user_id", "authority_kind", "authority_until")),
        *(f"party_ids.{name}" for name in ("authority_limit", "attachment_ids")),
    )
    def _compute_signature_state(self):
        for contract in self:
            if not (contract.signed_file_ids and contract.sealed and contract.signed_at):
                contract.signature_state = "missing"
            elif contract._unauthorised():
                contract.signature_state = "unauthorised"
            elif contract.state not in (*SIGNED, "terminated"):
                contract.signature_state = "missing"
            else:
                contract.signature_state = "late" if contract._is_late() else "authorised"

    @api.depends_context("lang")
    @api.depends("state", "signature_state", "compared_at", "consistency_state", "party_ids", "signed_file_ids")
    def _compute_still_missing(self):
        for contract in self:
            contract.still_missing = contract.state == "approved" and "\n".join(contract._signing_obstacles())

    # BUSINESS
    def _signing_obstacles(self):
        """What keeps the contract from being signed, as sentences; chapters add theirs by super()."""
        self.ensure_one()
        found = []
        if not self.reviewed_hash or self.reviewed_hash != self._text_hash():
            found.append(self.env._("The text isn't the one that was reviewed."))
        elif not self.compared_at:
            found.append(self.env._("Nobody has compared the text to be signed with the one that was reviewed."))
        found += self._bid_obstacles()
        # sudo: whether both sides agree is told, nothing else of the plan
        negotiation = self.negotiation_id.sudo()
        if negotiation and negotiation.state not in AGREED:
            found.append(self.env._("The negotiation hasn't come to an agreement."))
        found += self._unauthorised()
        today = fields.Date.context_today(self)
        if not self.signed_at:
            found.append(self.env._("The day of the signature is missing."))
        elif self.signed_at > today:
            found.append(self.env._("The day of the signature is still to come."))
        elif self.award_notice_at and self.signed_at < self.award_notice_at - timedelta(days=1):  # dates elsewhere
            found.append(self.env._("It can't have been signed before the award notice."))
        if not self.signed_file_ids:
            found.append(self.env._("The signed copy is missing."))
        if not self.sealed:
            found.append(self.env._("It isn't noted as sealed or signed electronically."))
        return found

    def _unauthorised(self):
        """Why a side isn't signed for by somebody who may, as sentences."""
        self.ensure_one()
        day = self.signed_at or fields.Date.context_today(self)
        amount = known(self.amount_total)
        sides = dict(self.party_ids._fields["side"]._description_selection(self.env))
        found = []
        for side in ("us", "customer"):
            if not self.party_ids.filtered(lambda party, side=side: party.side == side):
                found.append(self.env._("Nobody is named who signs for: %s.", sides[side]))
        for party in self.party_ids:
            found += party._why_unauthorised(day, amount)
        return found

    def _last_day(self):
        """The last day to sign, moved on when it is a day off (民法典 203); False when there is none."""
        self.ensure_one()
        due = self.contract_due
        # sudo: which days are off where the tender is held is no secret
        return due and self.tender_id.sudo()._calendar().next_open(due)

    def _is_late(self):
        last = self._last_day()
        return bool(last and self.signed_at and self.signed_at > last)

    def _step_signed(self):
        """All that the signature rests upon is there, or one message says what isn't."""
        for contract in self:
            if missing := contract._signing_obstacles():
                raise UserError(
                    self.env._(
                        "“%(contract)s” can't be noted as signed yet:\n%(missing)s",
                        contract=contract.display_name,
                        missing="\n".join(f"  • {one}" for one in missing),
                    )
                )
        for contract in self:
            contract._engine().write(
                {
                    "state": "signed",
                    "signed_by_id": self.env.uid,
                    "signed_hash": self.env["kams.tender.submission"]._checksums(contract.signed_file_ids),
                }
            )
            # sudo: the tender's clock goes on from this day (return of bonds), whoever records the signature
            tender = contract.tender_id.sudo()
            if tender and tender.contract_signed_at != contract.signed_at:
                tender.contract_signed_at = contract.signed_at

    def _step_effective(self):
        """The deal is won: it goes to delivery through the gate, which says what is missing, if anything is."""
        today = fields.Date.context_today(self)
        for contract in self:
            if contract.effective_at and contract.effective_at > today:
                raise UserError(
                    self.env._(
                        "“%(contract)s” takes effect on %(day)s, which is still to come.",
                        contract=contract.display_name,
                        day=contract.effective_at,
                    )
                )
            if contract.effective_at and contract.effective_at < contract.signed_at:
                raise UserError(
                    self.env._("“%s” can't take effect before it is signed.", contract.display_name),
                )
            contract._engine().write({"state": "effective", "effective_at": contract.effective_at or today})
        self._win_deals()

    def _win_deals(self):
        """Take the deals to their delivery phase, all in one move.

        sudo: lawyers record that a contract is effective and may not write deals; the gate judges everybody alike.
        """
        facts = self.env["kams.process.phase"]._facts
        moves = {}
        for deal in self.lead_id.sudo():
            phases = facts(deal.kams_process_id.id)
            delivery = next((phase for phase in phases if phase.code == "delivery"), None)
            place = next((phase.position for phase in phases if phase.stage_id == deal.stage_id.id), 0)
            if delivery and place < delivery.position:
                moves.setdefault(delivery.stage_id, deal.browse())
                moves[delivery.stage_id] |= deal
        for stage_id, deals in moves.items():
            deals.write({"stage_id": stage_id})

    # ACTIONS
    def action_verify_signed(self):
        """Count the checksums of the signed copy again and say whether it is what was signed."""
        self.ensure_one()
        self.check_access("read")
        same = self.env["kams.tender.submission"]._checksums(self.signed_file_ids) == self.signed_hash
        return self._tell_same_files(
            same,
            self.env._("The files are those that were kept at the signature."),
            self.env._("The files aren't those that were kept at the signature."),
        )
