from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.contract_text import same
from .crm_lead_gate import InternalPass
from .kams_review_policy import ROLES

# The eight terms of 民法典 470, then what sales contracts settle besides
KINDS = [
    ("parties", "Contract Parties"),
    ("subject", "Subject Matter"),
    ("quantity", "Quantity"),
    ("quality", "Quality Standard"),
    ("price", "Price and Remuneration"),
    ("performance", "Time, Place and Manner of Performance"),
    ("breach", "Liability for Breach"),
    ("disputes", "Dispute Resolution"),
    ("payment", "Payment Terms"),
    ("acceptance", "Acceptance Standard and Period"),
    ("delivery_risk", "Delivery and Passing of Risk"),
    ("warranty", "Warranty and Retention"),
    ("change", "Contract Changes"),
    ("ip", "Intellectual Property"),
    ("confidentiality", "Confidentiality and Data"),
    ("force_majeure", "Force Majeure"),
    ("damages_cap", "Cap on Damages"),
    ("liability", "Limitation of Liability"),
    ("termination", "Ending the Contract"),
    ("assignment", "Assignment and Subcontracting"),
    ("precedence", "Order of Contract Documents"),
    ("tax", "Taxes and Tax Invoices"),
    ("other", "Other"),
]
DEVIATIONS = [("none", "No Deviation"), ("minor", "Minor Deviation"), ("major", "Major Deviation")]
RISKS = [("1", "1 Hardly a Risk"), ("2", "2 Small"), ("3", "3 Medium"), ("4", "4 High"), ("5", "5 Unbearable")]
# The contract's words: fixed from the moment the review has them
TEXT = {"contract_id", "template_id", "sequence", "code", "kind", "name", "standard", "actual"}
# What is thought of them: goes on during the review, fixed by the signature
JUDGED = {"deviation", "deviation_text", "risk", "opinion", "role", "user_id"}
ACCEPTANCE = {"accepted", "accepted_by_id", "accepted_at", "accepted_why"}
HAND, ENGINE = "kams_contract_clause_engine", InternalPass("contract clause")


class KamsContractClause(models.Model):
    """One clause of a contract: our standard, what the contract says instead, how risky that is and who bears it.

    Book section 7.5 审核合同. Nothing is signed with a high risk that nobody has accepted (control point S5-4).
    """

    _name = "kams.contract.clause"
    _description = "Clause of a contract"
    _inherit = ["kams.computed.mixin", "kams.import.mixin", "kams.hand.mixin"]
    _hand = HAND, ENGINE
    _order = "contract_id, sequence, id"
    _rec_names_search = ["code", "name", "actual"]

    # Place
    contract_id = fields.Many2one("kams.contract", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    lead_id = fields.Many2one(related="contract_id.lead_id", string="Deal")
    contract_state = fields.Selection(related="contract_id.state", string="Status of the Contract")
    sequence = fields.Integer(default=10)
    template_id = fields.Many2one(
        "kams.contract.clause.template",
        string="Standard Clause",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    # What it says
    code = fields.Char(string="Clause No.")
    kind = fields.Selection(KINDS, required=True, default="other", index=True)
    name = fields.Char(string="Heading", compute="_compute_name", store=True, readonly=False, precompute=True)
    standard = fields.Text(string="Our Standard", help="What we would have it say.")
    actual = fields.Text(string="In the Contract", help="What the contract says.")
    comparison = fields.Html(string="Standard and Contract", compute="_compute_comparison", sanitize=False)
    guidance = fields.Text(related="template_id.guidance", string="What to Look At")
    differs = fields.Boolean(string="Differs from the Standard", compute="_compute_differs")
    # What is thought of it
    deviation = fields.Selection(
        DEVIATIONS,
        string="Deviation from Standard",
        compute="_compute_deviation",
        store=True,
        readonly=False,
        help="Empty: nobody has judged it yet. Where the contract has our standard it is none.",
    )
    deviation_text = fields.Text(string="What Deviates")
    risk = fields.Selection(RISKS, string="Risk for Us", help="Empty: not judged yet.")
    opinion = fields.Text(string="Reviewer's Opinion")
    role = fields.Selection(ROLES, string="To Be Judged By", help="Whose matter the clause is.")
    user_id = fields.Many2one(
        "res.users", string="Owner", domain="[('share', '=', False)]", index="btree_not_null", ondelete="restrict"
    )
    # Who bears it
    accepted = fields.Boolean(string="Risk Accepted", readonly=True, copy=False)
    accepted_by_id = fields.Many2one(
        "res.users", string="Risk Accepted By", readonly=True, copy=False, ondelete="restrict"
    )
    accepted_at = fields.Datetime(string="Risk Accepted On", readonly=True, copy=False)
    accepted_why = fields.Text(string="Why It Is Acceptable", readonly=True, copy=False)
    is_open_risk = fields.Boolean(
        string="Open Risk",
        compute="_compute_is_open_risk",
        store=True,
        index=True,
        help="So high a risk must be accepted by somebody else than the contract's owner before anything is signed.",
    )

    # COMPUTES
    @api.depends("kind")
    def _compute_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for clause in self:
            clause.name = clause.name or labels.get(clause.kind)

    @api.depends("code", "name")
    def _compute_display_name(self):
        for clause in self:
            clause.display_name = " ".join(filter(None, (clause.code, clause.name)))

    @api.depends("standard", "actual")
    def _compute_differs(self):
        for clause in self:
            clause.differs = bool(clause.standard and clause.actual) and not same(clause.standard, clause.actual)

    @api.depends("standard", "actual")
    def _compute_deviation(self):
        """The same words don't deviate; words that changed are to be judged anew."""
        for clause in self:
            if clause.standard and same(clause.standard, clause.actual):
                clause.deviation = "none"
            elif clause.standard and clause.actual and clause.deviation == "none":
                clause.deviation = False

    @api.depends("risk", "accepted")
    def _compute_is_open_risk(self):
        limit = self.env["kams.legal.rule"]._value("contract_open_risk")
        for clause in self:
            clause.is_open_risk = bool(
                limit is not None and clause.risk and int(clause.risk) >= limit and not clause.accepted
            )

    @api.depends("standard", "actual")
    @api.depends_context("lang")
    def _compute_comparison(self):
        for clause in self:
            clause.comparison = self._drawn([clause._row()])

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            self._refuse_computed({name for vals in vals_list for name in vals})
        clauses = super().create(vals_list)
        clauses._check_text_free()
        if not self._in_hand() and any(clause.accepted or clause.accepted_by_id for clause in clauses):
            self._refuse_acceptance(clauses)
        clauses.contract_id._weigh_reviews()
        return clauses

    def write(self, vals):
        if not ACCEPTANCE.isdisjoint(vals) and not self._in_hand():
            self._refuse_acceptance(self)
        if not TEXT.isdisjoint(vals):
            self.filtered(lambda clause: clause._changed(vals, TEXT))._check_text_free()
        if not JUDGED.isdisjoint(vals):
            self.filtered(lambda clause: clause._changed(vals, JUDGED))._check_judging_free()
        touched = self.filtered(lambda clause: clause.accepted and clause._undoes(vals))
        contracts = self.contract_id
        result = super().write(vals)
        if "contract_id" in vals:
            self._check_text_free()
        touched._drop_acceptance()
        if not (TEXT | JUDGED).isdisjoint(vals):
            (contracts | self.contract_id)._weigh_reviews()
        return result

    def unlink(self):
        contracts = self.contract_id
        result = super().unlink()
        contracts.exists()._weigh_reviews()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_in_draft(self):
        self._check_text_free()

    # ACTIONS
    def action_use_standard(self):
        """The contract has our standard text here."""
        for clause in self.filtered("standard"):
            clause.actual = clause.standard
        return True

    def action_no_deviation(self):
        """Other words, the same thing."""
        return self.write({"deviation": "none"})

    def action_accept(self):
        """Bear these risks. A high one wants a reason: the opinion that stands there, or one that is asked for."""
        self._check_may_accept()
        silent = self.filtered(lambda clause: clause.is_open_risk and not (clause.opinion or "").strip())
        if silent and not self.env.su:
            return self.action_accept_why()
        self._accept()
        return True

    def action_accept_why(self):
        """Open the dialog in which somebody says why these risks can be borne."""
        self._check_may_accept()
        action = self.action_judge()
        action["name"] = self.env._("Accept the Risk of %s", self._named())
        action["context"] = {"default_clause_ids": self.ids, "default_accept": True}
        return action

    def action_judge(self):
        """Open the dialog in which a reviewer says how risky these clauses are, or bears their risk."""
        first = self[:1]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Judge %s", self._named()),
            "res_model": "kams.contract.clause.judge",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_clause_ids": self.ids,
                **({"default_risk": first.risk, "default_opinion": first.opinion} if len(self) == 1 else {}),
            },
        }

    def action_withdraw_acceptance(self):
        """Whoever accepted a risk, or may accept it, takes that back."""
        self._check_judging_free()
        mine = self.filtered(lambda clause: clause.accepted_by_id == self.env.user)
        (self - mine)._check_may_accept()
        self._drop_acceptance()
        return True

    # BUSINESS: what is fixed
    def _changed(self, vals, names):
        """Whether these values are others than what stands here."""
        self.ensure_one()
        kept = {name: self._fields[name].convert_to_cache(self[name], self) for name in names & vals.keys()}
        return any(self._fields[name].convert_to_cache(vals[name], self) != value for name, value in kept.items())

    def _check_text_free(self):
        for contract in self.contract_id:
            if contract.state != "draft":
                raise UserError(
                    self.env._(
                        "The clauses of %s stay as they were submitted for review. Take the contract back to draft to "
                        "change their words.",
                        contract.display_name,
                    )
                )

    def _check_judging_free(self):
        for contract in self.contract_id:
            if contract.state not in ("draft", "review", "approved"):
                raise UserError(
                    self.env._(
                        "%s is signed or at its end: what was thought of its clauses stays.", contract.display_name
                    )
                )

    def _refuse_acceptance(self, clauses):
        raise UserError(
            self.env._("%s: a risk is accepted with the button “Accept the Risk”, not by writing it.", clauses._named())
        )

    # BUSINESS: who bears a risk
    def _check_may_accept(self):
        """Somebody who may judge it, and who didn't draft the contract."""
        self._check_judging_free()
        if self.env.su:
            return
        for clause in self:
            if self.env.user in clause.contract_id._clause_authors():
                raise UserError(
                    self.env._(
                        "You drafted %(contract)s: let somebody else accept the risk of %(clause)s.",
                        contract=clause.contract_id.display_name,
                        clause=clause.display_name,
                    )
                )
            clause._check_may_judge()

    def _check_may_judge(self):
        """Legal, the department that the clause is for, a reviewer of this contract or a director."""
        self._check_judging_free()
        if self.env.su:
            return
        self.check_access("read")
        user = self.env.user
        if user.has_group("kams_sales.group_director") or user.has_group("kams_sales.group_legal"):
            return
        for clause in self:
            if clause.role in ("finance", "delivery") and user.has_group(f"kams_sales.group_{clause.role}"):
                continue
            if user not in clause.contract_id._reviewers():
                raise UserError(
                    self.env._(
                        "%s is judged by legal, by the department it is for, by a reviewer of the contract or by a "
                        "sales director.",
                        clause.display_name,
                    )
                )

    def _accept(self, why=""):
        """Note who bears the risk; asked before is whether they may."""
        for clause in self._engine():
            clause.write(
                {
                    "accepted": True,
                    "accepted_by_id": self.env.uid,
                    "accepted_at": fields.Datetime.now(),
                    "accepted_why": why or clause.accepted_why,
                }
            )
        for contract in self.contract_id:
            contract._engine_post(
                self.env._(
                    "%(user)s accepts the risk of: %(clauses)s. %(why)s",
                    user=self.env.user.name,
                    clauses=self.filtered(lambda clause, of=contract: clause.contract_id == of)._named(),
                    why=why or "",
                )
            )

    def _judge(self, values):
        """What a reviewer finds about these clauses; most of them may only read the contract."""
        self._check_may_judge()
        self._engine().write(values)

    def _drop_acceptance(self):
        """A risk that changed, or is no longer borne."""
        dropped = self.filtered("accepted")
        if not dropped:
            return
        dropped._engine().write(
            {"accepted": False, "accepted_by_id": False, "accepted_at": False, "accepted_why": False}
        )
        for contract in dropped.contract_id:
            clauses = dropped.filtered(lambda clause, of=contract: clause.contract_id == of)
            contract._engine_post(self.env._("No longer accepted: %s", clauses._named()))

    def _undoes(self, vals):
        """Whether what was accepted is no longer what stands here: other words, or a higher risk."""
        if self._changed(vals, {"actual", "standard", "kind"}):
            return True
        return int(vals.get("risk") or 0) > int(self.risk or 0)

    def _engine(self):
        """These clauses as the engine writes them. sudo: who may do so is checked before, by name."""
        return super()._engine().sudo()

    def _named(self, most=6):
        """These clauses by their headings; so many, and how many more."""
        names = [clause.display_name for clause in self[:most]]
        if len(self) > most:
            names.append(self.env._("and %s more", len(self) - most))
        return ", ".join(names)

    @api.model
    def _limit_changed(self):
        """From which risk on one must be accepted was set anew: asked again of contracts that aren't signed yet."""
        # sudo: whoever sets the parameter needn't see the contracts; nothing is shown
        clauses = self.sudo().search([("contract_id.state", "in", ("draft", "review", "approved"))])
        self.env.add_to_compute(clauses._fields["is_open_risk"], clauses)


class KamsLegalRule(models.Model):
    """From which risk on a clause has to be accepted is a dated parameter (7.5)."""

    _inherit = "kams.legal.rule"

    def _kams_tell_points(self):
        result = super()._kams_tell_points()
        if "contract_open_risk" in self.mapped("key"):
            self.env["kams.contract.clause"]._limit_changed()
        return result
