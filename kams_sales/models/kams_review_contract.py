from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .blank import known
from .kams_contract_clause_compare import CALM, urgency
from .kams_review import PASSED
from .kams_review_tender import KamsReview as Tenders

# Whose opinions a contract can't do without, whatever the policy says; a no of theirs decides alone
CORE = ("legal", "finance", "technical")


class KamsReview(models.Model):
    """The review of a contract before it is signed (7.5 审核合同, ATC): legal, finance, technical and others by policy.

    A yes is about a text, its amounts and terms and the risks that were known: with any of them changed it is void.
    """

    _inherit = "kams.review"
    _subject_fields = (*Tenders._subject_fields, "contract_id")

    contract_id = fields.Many2one(
        "kams.contract",
        string="Contract",
        domain="[('lead_id', '=', lead_id)]",
        ondelete="cascade",
        index="btree_not_null",
    )
    contract_file_ids = fields.Many2many(
        "ir.attachment", string="Text of the Contract", compute="_compute_contract_file_ids"
    )
    contract_page = fields.Html(string="Clauses", compute="_compute_contract_page", sanitize=False)
    open_risks = fields.Text(string="Risks to Accept", compute="_compute_open_risks")

    # COMPUTES
    @api.depends("contract_id.name", "contract_id.number")
    def _compute_display_name(self):
        return super()._compute_display_name()

    @api.depends("contract_id")
    def _compute_standing(self):
        return super()._compute_standing()

    @api.depends("contract_id.user_id")
    def _compute_my_seat(self):
        return super()._compute_my_seat()

    @api.depends("contract_id")
    def _compute_contract_file_ids(self):
        """What whoever reads the review may read of the contract; reviewers may, by record rule."""
        for review in self:
            contract = review.contract_id._filtered_access("read")
            review.contract_file_ids = contract.text_file_ids

    @api.depends("contract_id", "state", "snapshot")
    @api.depends_context("lang")
    def _compute_contract_page(self):
        """As the clauses are while it is open; afterwards as they were when it was decided."""
        clauses = self.env["kams.contract.clause"]
        for review in self:
            kept = (review.sudo().snapshot or {}).get("clauses")  # sudo: clauses, shown to whoever reads the review
            rows = kept if kept is not None else review._clause_rows()
            review.contract_page = rows and clauses._drawn(rows, judged=True)

    @api.depends("contract_id", "state")
    @api.depends_context("lang")
    def _compute_open_risks(self):
        for review in self:
            # sudo: what must be accepted is told to whoever may read the review
            risky = review.sudo().contract_id.clause_ids.filtered("is_open_risk")
            review.open_risks = "\n".join(review._risk_told(clause) for clause in risky) or False

    def _risk_told(self, clause):
        risks = dict(clause._fields["risk"]._description_selection(self.env))
        return f"{clause.display_name}: {risks.get(clause.risk, '')}"

    # CONSTRAINTS
    @api.constrains("kind", "contract_id")
    def _check_contract(self):
        """Merges of deals move reviews and contracts one after the other: the deal itself isn't asked about then."""
        for review in self.sudo():  # sudo: compared only
            contract = review.contract_id
            if review.kind == "contract" and not contract:
                raise ValidationError(
                    self.env._(
                        "A contract review is about a contract: choose the contract of %s.", review._subject_name()
                    )
                )
            if contract and review.kind != "contract":
                raise ValidationError(
                    self.env._("Only contract reviews are about a contract, not %s.", contract.display_name)
                )
            if contract and contract.lead_id != review.lead_id:
                raise ValidationError(
                    self.env._(
                        "%(review)s: “%(contract)s” belongs to another deal.",
                        review=review.display_name,
                        contract=contract.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        """A review of a contract is about the contract's deal."""
        contracts = self.env["kams.contract"]
        vals_list = [
            {"lead_id": contracts.browse(vals["contract_id"]).lead_id.id, **vals} if vals.get("contract_id") else vals
            for vals in vals_list
        ]
        return super().create(vals_list)

    def write(self, vals):
        result = super().write(vals)
        if not {"state", "rereview_due"}.isdisjoint(vals):
            self.contract_id._follow_reviews()
        return result

    # ACTIONS
    def action_submit(self):
        """Nobody judges a contract that can't be read, nor two committees the same one at a time."""
        for review in self.filtered("contract_id"):
            contract = review.contract_id
            contract.check_access("write")
            if contract.state != "draft":
                raise UserError(
                    self.env._(
                        "%s isn't a draft: it is under review already, or past it.",
                        contract.display_name,
                    )
                )
            contract._check_reviewable()
        result = super().action_submit()
        for review in self.filtered("contract_id"):
            review.contract_id._note_reviewed_text()
        return result

    def action_contract(self):
        """Open the contract."""
        self.ensure_one()
        return self.contract_id._get_records_action(name=self.contract_id.display_name)

    def action_contract_clauses(self):
        """The contract's clauses, to judge them one by one."""
        self.ensure_one()
        action = self.contract_id.action_clauses()
        if any(urgency(row) < CALM for row in self._clause_rows()):
            action["context"] = {**action["context"], "search_default_attention": 1}
        return action

    # BUSINESS: who and what
    def _authors(self):
        """Whoever drafted the contract doesn't judge it."""
        return super()._authors() | self.contract_id._clause_authors()

    def _subject_name(self):
        """sudo: reviewers may read what they review by name."""
        contract = self.contract_id.sudo()
        own = contract.number or (contract.name != contract.lead_id.name and contract.name)
        return " · ".join(filter(None, (super()._subject_name(), own)))

    def _policy_amount(self):
        """The contract's own amount in its company's currency."""
        contract = self.contract_id.sudo()  # sudo: which committee sits doesn't depend on who may open the contract
        amount = known(contract.amount_total)
        if not contract or amount is None:
            return super()._policy_amount()
        company = self.company_id or self.env.company
        return contract.currency_id._convert(amount, company.currency_id, company, fields.Date.context_today(self))

    def _propose_committee(self):
        """Legal, finance and technical always sit here, must vote, and each of them may say no alone."""
        result = super()._propose_committee()
        for review in self.filtered(lambda one: one.kind == "contract" and one.state == "draft"):
            seats = review.opinion_ids
            new = [
                {"review_id": review.id, "role": role, "sequence": 90}
                for role in CORE
                if role not in seats.mapped("role")
            ]
            seats |= seats.create(new)
            seats.filtered(lambda seat: seat.role in CORE).write({"required": True, "veto": True})
        return result

    def _figures(self):
        """The contract's amount and the day it must be signed by; the deal's forecast plays no part any more."""
        values = super()._figures()
        contract = self.sudo().contract_id  # sudo: a committee's members read what they decide upon
        if contract:
            company = self.company_id or self.env.company
            values |= {
                "amount": contract.currency_id._convert(
                    known(contract.amount_total) or 0.0, self.currency_id, company, fields.Date.context_today(self)
                ),
                "date_deadline": contract.contract_due,
                "p_win": None,
            }
        return values

    def _check_outcome(self, outcome, labels):
        """A yes leaves no high risk behind that nobody bears."""
        super()._check_outcome(outcome, labels)
        if outcome in PASSED and self.open_risks:
            raise UserError(
                self.env._(
                    "%(review)s: these risks must be accepted, or negotiated away, before a yes:\n%(risks)s",
                    review=self.display_name,
                    risks=self.open_risks,
                )
            )

    # BUSINESS: how long a yes holds
    def _clause_rows(self):
        # sudo: a committee's members read what they decide upon
        return [clause._row() for clause in self.sudo().contract_id.clause_ids]

    def _ground(self):
        """What a yes about a contract rests upon."""
        contract = self.sudo().contract_id  # sudo: compared only
        return {
            "terms": contract._review_terms(),
            "text": contract._text_hash() or None,
            "clauses": {
                str(clause.id): [clause.display_name, clause.risk or "0", clause.actual or "", clause.kind]
                for clause in contract.clause_ids
            },
        }

    def _base(self):
        base = super()._base()
        return {**base, "contract": self._ground()} if self.contract_id else base

    def _snapshot(self):
        kept = super()._snapshot()
        if self.contract_id:
            kept |= {"facts": self._facts_of().get(self.id, {}), "clauses": self._clause_rows()}
        return kept

    def _withdraw(self, why):
        super()._withdraw(why)
        if self.contract_id:
            hand = self._engine()
            hand.rereview_base = {**hand.rereview_base, "contract": hand._ground()}

    @api.model
    def _check_contracts(self, contract_ids):
        """Look whether these contracts are still what was agreed to; one search for all."""
        # sudo: whoever may change the contract sets this off; nothing is shown to them
        reviews = self.sudo().search(
            [
                ("contract_id", "in", contract_ids),
                ("state", "in", PASSED),
                ("is_latest", "=", True),
                ("rereview_due", "=", False),
            ]
        )
        if reviews:
            reviews._engine()._trigger()

    def _moved(self, now):
        if not self.contract_id:
            return super()._moved(now)
        before = (self.rereview_base or {}).get("contract")
        if not before:
            return []
        after, facts = self._ground(), []
        changed = [name for name, value in after["terms"].items() if value != before["terms"].get(name)]
        if changed:
            facts.append({"what": "contract_terms", "names": changed})
        if after["text"] != before["text"]:
            facts.append({"what": "contract_text"})
        for key, (name, risk, words, kind) in after["clauses"].items():
            old = before["clauses"].get(key)
            if not old or old[2:] != [words, kind]:
                facts.append({"what": "contract_clause", "name": name})
            elif int(risk) > int(old[1]):
                facts.append({"what": "contract_risk", "name": name, "before": old[1], "after": risk})
        facts += [
            {"what": "contract_clause", "name": old[0]}
            for key, old in before["clauses"].items()
            if key not in after["clauses"]
        ]
        return facts

    def _in_words(self, fact):
        if fact["what"] == "contract_terms":
            labels = self.env["kams.contract"]._fields
            names = ", ".join(labels[name]._description_string(self.env) for name in fact["names"] if name in labels)
            return self.env._("The contract's terms were changed: %s.", names)
        if fact["what"] == "contract_text":
            return self.env._("The text of the contract is another file than the one that was reviewed.")
        if fact["what"] == "contract_clause":
            return self.env._("A clause is new, gone or worded differently: %s.", fact["name"])
        if fact["what"] == "contract_risk":
            return self.env._(
                "The risk of %(clause)s rose from %(before)s to %(after)s.",
                clause=fact["name"],
                before=fact["before"] if fact["before"] != "0" else self.env._("not judged"),
                after=fact["after"],
            )
        if fact["what"] == "contract_reopened":
            return self.env._("The contract was taken back to draft: %s", fact["why"])
        return super()._in_words(fact)

    def _void(self, why):
        """The contract goes back to draft, and what was said of it holds no longer."""
        passed = self._engine().filtered(lambda one: one.state in PASSED and one.is_latest and not one.rereview_due)
        passed.write(
            {
                "rereview_due": True,
                "rereview_at": fields.Datetime.now(),
                "rereview_facts": [{"what": "contract_reopened", "why": why or ""}],
            }
        )
        opened = self.filtered(lambda one: one.state == "open")
        if opened:
            opened._engine().action_take_back()

    # FACTS
    def _facts_of(self):
        """What a contract says and lacks, for whoever sits on its review. sudo: see there."""
        found = super()._facts_of()
        for review in self.sudo().filtered("contract_id"):
            if review.id in found:
                found[review.id]["contract"] = review.contract_id._review_facts()
        return found

    def _fact_sections(self):
        sections = super()._fact_sections()
        for review in self._origin.filtered("contract_id"):
            kept = (review._kept_facts() or {}).get("contract")
            # sudo: see _facts_of
            facts = kept or review.sudo().contract_id._review_facts()
            if review.id in sections:
                sections[review.id].insert(
                    0, review._section(self.env._("Contract to Sign"), review._contract_rows(facts))
                )
        return sections

    def _contract_rows(self, facts):
        consistency = dict(self._selection_of("kams.contract", "consistency_state"))
        agrees = facts["consistency"] in ("same", "not_needed")
        rows = [
            self._row(
                self.env._("Contract amount"), facts["amount"] is not None and self._money(facts["amount"], facts)
            ),
            *(
                [
                    self._row(
                        self.env._("Contract margin"),
                        self._percent(facts["margin_pct"]) if facts["margin_pct"] is not None else "",
                    )
                ]
                if self._tells_margins()
                else []
            ),
            self._row(
                self.env._("Compared with the bid"),
                consistency.get(facts["consistency"], ""),
                tone="good" if agrees else "bad",
            ),
            self._row(
                self.env._("Clauses that deviate"),
                self.env._("%(some)s of %(all)s", some=facts["deviations"], all=facts["clauses"]),
                tone="bad" if facts["major"] else "fair" if facts["deviations"] else "good",
                note=", ".join(facts["major"]),
            ),
            self._row(
                self.env._("High risks nobody has accepted"),
                str(len(facts["open_risks"])),
                tone="bad" if facts["open_risks"] else "good",
                note=", ".join(facts["open_risks"]),
            ),
        ]
        if facts["missing"]:
            rows.append(self._row(self.env._("Says nothing about"), facts["missing"], tone="fair"))
        rows += [
            self._row(self.env._("Numbers of the law"), finding, tone="bad" if level == "error" else "fair")
            for level, finding in facts["findings"]
        ]
        return rows


class KamsReviewCondition(models.Model):
    """A yes on conditions holds when the last one is closed, and the contract follows."""

    _inherit = "kams.review.condition"

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self.review_id.contract_id._follow_reviews()
        return result


class KamsContract(models.Model):
    """What a review is told of its contract."""

    _inherit = "kams.contract"

    # BUSINESS
    def _review_facts(self):
        """Plain values; whatever is unknown is None."""
        self.ensure_one()
        clauses = self.clause_ids
        deviating = clauses.filtered(lambda one: one.deviation in ("minor", "major"))
        return {
            "currency_id": self.currency_id.id,
            "amount": known(self.amount_total),
            "margin_pct": self._margin_told(),
            "consistency": self.consistency_state,
            "clauses": len(clauses),
            "deviations": len(deviating),
            "major": deviating.filtered(lambda one: one.deviation == "major").mapped("display_name"),
            "open_risks": clauses.filtered("is_open_risk").mapped("display_name"),
            "missing": self.missing_clauses or "",
            "findings": [(one["level"], one["message"]) for one in self._findings()[self.id] if one["level"] != "info"],
        }
