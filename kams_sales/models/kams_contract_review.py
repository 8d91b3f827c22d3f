import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from .blank import known
from .kams_contract import SIGNED
from .kams_review import PASSED

OPINIONS = [
    ("none", "Not Asked Yet"),
    ("asked", "Under Review"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
]
# What a yes rests upon besides the text and the clauses: other amounts or terms, and it is void
TERMS = (
    *("amount_untaxed", "amount_tax", "amount_total", "currency_id", "deposit_amount", "damages_cap_pct"),
    *("warranty_months", "retention_pct", "performance_bond_required", "performance_bond_pct"),
    *("date_start", "date_end", "subject_text", "quality_text", "delivery_text", "partner_id"),
)


class KamsContract(models.Model):
    """What legal, finance, technical and others say to a contract, and how long their yes holds (7.5, S5-4).

    The contract's status follows its review: under review while opinions are asked for, approved while a yes holds,
    a draft again as soon as it doesn't.
    """

    _inherit = "kams.contract"

    review_ids = fields.One2many("kams.review", "contract_id", string="Contract Reviews")
    opinions_state = fields.Selection(
        OPINIONS,
        string="Opinions",
        compute="_compute_opinions_state",
        store=True,
        index=True,
        help="Approved: legal, finance, technical and whoever else the policy names said yes, and it still holds.",
    )

    # COMPUTES
    @api.depends(*(f"review_ids.{name}" for name in ("state", "is_valid", "is_latest", "rereview_due", "kind")))
    def _compute_opinions_state(self):
        for contract in self:
            # sudo: what the contract's status is doesn't depend on who looks
            reviews = contract.sudo().review_ids.filtered(lambda one: one.kind == "contract")
            latest = reviews.filtered(lambda one: one.is_latest and not one.rereview_due)
            if reviews.filtered(lambda one: one.state == "open"):
                contract.opinions_state = "asked"
            elif latest.filtered("is_valid"):
                contract.opinions_state = "approved"
            elif latest.filtered(lambda one: one.state == "conditional"):
                contract.opinions_state = "asked"
            elif latest.filtered(lambda one: one.state == "rejected"):
                contract.opinions_state = "rejected"
            else:
                contract.opinions_state = "none"

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if not {*TERMS, "text_file_ids"}.isdisjoint(vals):
            self._weigh_reviews()
        return result

    # ACTIONS
    def action_ask_review(self):
        """Open the review of this contract: the one that is under way, else a new one."""
        self.ensure_one()
        self.check_access("write")
        if self.state not in ("draft", "review"):
            raise UserError(
                self.env._(
                    "%s is past its review. Take it back to draft first, if it has to be reviewed again.",
                    self.display_name,
                )
            )
        self._check_reviewable()
        reviews = self.env["kams.review"]
        mine = reviews.search([("contract_id", "=", self.id), ("kind", "=", "contract")])
        review = mine.filtered(lambda one: one.state in ("draft", "open"))[:1]
        if not review:
            before = mine.filtered(lambda one: one.state in (*PASSED, "rejected", "deferred"))[:1]
            review = before._new_version() if before else reviews.create({"contract_id": self.id, "kind": "contract"})
        return review._get_records_action(name=review.display_name)

    def action_reviews(self):
        """The reviews of this contract."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_review_action")
        return {
            **action,
            "domain": [("contract_id", "=", self.id)],
            "context": {"default_contract_id": self.id, "default_kind": "contract", "create": False},
        }

    # BUSINESS
    def _signing_obstacles(self):
        """No high risk that nobody bears: the limit may have been lowered since the yes."""
        found = super()._signing_obstacles()
        # sudo: which risks are open keeps everybody from signing, whoever asks
        if risky := self.sudo().clause_ids.filtered("is_open_risk"):
            found.append(self.env._("Nobody has accepted the risk of: %s.", risky._named()))
        return found

    def _check_reviewable(self):
        """Nobody judges a contract that can't be read."""
        for contract in self:
            missing = []
            if not contract.text_file_ids:
                missing.append(self.env._("the text of the contract, as a file"))
            if not contract.clause_ids:
                missing.append(self.env._("its clauses"))
            if known(contract.amount_total) is None:
                missing.append(self.env._("its amount"))
            if unjudged := contract.clause_ids.filtered(lambda one: one.differs and not one.deviation):
                missing.append(self.env._("how far these clauses deviate: %s", unjudged._named()))
            if missing:
                raise UserError(
                    self.env._(
                        "%(contract)s can't be reviewed yet. Missing is %(what)s.",
                        contract=contract.display_name,
                        what="; ".join(missing),
                    )
                )

    def _clause_authors(self):
        """Who drafted it, and so neither judges it nor accepts its risks."""
        contracts = self.sudo()  # sudo: compared only
        return contracts.user_id | contracts.create_uid.filtered(lambda user: user.id != api.SUPERUSER_ID)

    def _reviewers(self):
        """Who sits on the contract's review now."""
        reviews = self.sudo().review_ids  # sudo: compared only
        return reviews.filtered(lambda one: one.state == "open")._members()

    def _engine_post(self, text):
        """A note of the engine's. sudo: whoever only reads the contract may bear its risk, which is told there."""
        self.ensure_one()
        self.sudo().message_post(body=text, author_id=self.env.user.partner_id.id)

    def _void_opinions(self, why):
        """What reviewers said of a contract that goes back or ends holds no longer."""
        # sudo: whoever may take the contract back sets this off; nothing is shown
        self.sudo().review_ids._void(why)

    def _text_hash(self):
        """What the text under review is made of: one sum over its files, in the order of their names."""
        self.ensure_one()
        # forms ask for files by their size alone
        files = (
            self.with_context(bin_size=False).sudo().text_file_ids
        )  # sudo: a checksum says nothing of what is in them
        if not files:
            return False
        total = hashlib.sha256()
        for file in files.sorted(lambda one: (one.name or "", one.id)):
            total.update(hashlib.sha256(file.raw or b"").digest())
        return total.hexdigest()

    def _review_terms(self):
        """What the contract's amounts and terms are, as plain values to be compared later."""
        self.ensure_one()
        found = {}
        for name in TERMS:
            field = self._fields[name]
            value = field.convert_to_read(self[name], self, use_display_name=False)
            if field.type in ("float", "monetary"):
                value = known(self[name])
            elif field.type == "date":
                value = fields.Date.to_string(value) or None
            found[name] = value if value is not False or field.type == "boolean" else None
        return found

    def _weigh_reviews(self):
        """Something was changed that a yes rests upon: look whether it still holds."""
        waiting = self.filtered(lambda contract: contract.state not in SIGNED)
        if waiting:
            self.env["kams.review"]._check_contracts(waiting.ids)

    def _follow_reviews(self):
        """Let the status follow the opinions; signed contracts are past them."""
        # sudo: who votes or decides may only read the contract, and its status follows from that
        for contract in self.sudo()._engine():
            wanted = {"asked": "review", "approved": "approved"}.get(contract.opinions_state, "draft")
            if contract.state not in ("draft", "review", "approved") or contract.state == wanted:
                continue
            if contract.compared_at:  # what is signed is compared after the yes that it rests upon
                contract.write({"compared_at": False, "compared_by_id": False})
            if {contract.state, wanted} == {"draft", "approved"} and wanted == "approved":
                contract.state = "review"
            elif contract.state == "approved" and wanted == "review":
                contract.state = "draft"
            contract.state = wanted
