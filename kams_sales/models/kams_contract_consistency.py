from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import formatLang

from ..tools import contracts
from .blank import BlankMonetary, known
from .kams_contract import ENGINE, HAND

ASPECTS = [
    ("subject", "Subject Matter"),
    ("price", "Contract Price"),
    ("quality", "Quality Standard"),
    ("period", "Performance Period"),
]
STANDINGS = [("open", "To Compare"), ("differs", "Departs"), ("same", "Same")]
CONSISTENCY = [
    ("not_needed", "No Bid to Keep To"),
    ("open", "Not Compared Yet"),
    ("differs", "Departs from the Bid"),
    ("same", "Same as the Bid"),
]
# Where the contract says it
SAID_IN = {"subject": "subject_text", "quality": "quality_text", "period": "delivery_text"}
JUDGED = {"judged_by_id", "judged_at", "judged_hash"}


class KamsContractConsistency(models.Model):
    """One of the things in which a contract after a tender may not depart from the bid: subject, price, quality, time.

    招标投标法 46, 条例 57. The price is compared by the program. Words that aren't the same are judged by somebody who
    didn't draft the contract, for as long as both sides stay as they were read.
    """

    _name = "kams.contract.consistency"
    _description = "Comparison of contract and bid"
    _inherit = ["kams.computed.mixin", "kams.hand.mixin"]
    _hand = HAND, ENGINE
    _order = "contract_id, sequence, id"
    _rec_name = "aspect"

    contract_id = fields.Many2one("kams.contract", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    sequence = fields.Integer(default=10)
    aspect = fields.Selection(ASPECTS, required=True)
    bid_value = fields.Text(
        string="In the Bid",
        compute="_compute_bid_value",
        store=True,
        readonly=False,
        precompute=True,
        help="As the bid that was handed in has it.",
    )
    contract_value = fields.Text(string="In the Contract", compute="_compute_contract_value")
    delta = BlankMonetary(
        string="Price Difference", compute="_compute_standing", store=True, help="Contract less bid; must be nothing."
    )
    standing = fields.Selection(STANDINGS, compute="_compute_standing", store=True, string="Comparison")
    same = fields.Boolean(compute="_compute_standing", store=True)
    # Other words for the same
    judged_why = fields.Char(string="Why It Is the Same", help="Other words may say the same: say why they do.")
    judged_by_id = fields.Many2one("res.users", string="Judged By", readonly=True, ondelete="restrict")
    judged_at = fields.Datetime(string="Judged On", readonly=True)
    judged_hash = fields.Char(string="Words Judged", readonly=True, help="What both sides said then, as a checksum.")

    _aspect_uniq = models.UniqueIndex("(contract_id, aspect)", "Each thing is compared once.")

    # COMPUTES
    @api.depends("aspect", "contract_id.tender_id.bid_price", "contract_id.tender_id.currency_id")
    def _compute_bid_value(self):
        """The bid's price is known; what else it says is typed from it. Another tender is another bid."""
        for line in self:
            tender = line.contract_id.tender_id.sudo()  # sudo: what we bid is shown to whoever may read the contract
            if line.aspect == "price":
                price = known(tender.bid_price)
                line.bid_value = price is not None and formatLang(self.env, price, currency_obj=tender.currency_id)
            else:
                line.bid_value = line.bid_value

    @api.depends(
        "aspect",
        *(f"contract_id.{name}" for name in ("amount_total", "currency_id", "date_start", "date_end")),
        *(f"contract_id.{name}" for name in SAID_IN.values()),
    )
    def _compute_contract_value(self):
        for line in self:
            line.contract_value = line._said_in_contract()

    @api.depends(
        *("aspect", "bid_value", "judged_hash"),
        *(f"contract_id.{name}" for name in ("amount_total", "currency_id", "date_start", "date_end")),
        *(f"contract_id.{name}" for name in SAID_IN.values()),
        *(f"contract_id.tender_id.{name}" for name in ("bid_price", "currency_id")),
    )
    def _compute_standing(self):
        for line in self:
            contract, tender = line.contract_id, line.contract_id.tender_id.sudo()  # sudo: compared only
            line.delta = None
            if line.aspect == "price":
                bid, own = known(tender.bid_price), known(contract.amount_total)
                if None in (bid, own):
                    line.standing = "open"
                elif contract.currency_id != tender.currency_id:
                    line.standing = "differs"
                else:
                    line.delta = contract.currency_id.round(own - bid)
                    line.standing = "same" if contract.currency_id.is_zero(line.delta) else "differs"
            else:
                own = line._said_in_contract()
                if not contracts.plain(own) or not contracts.plain(line.bid_value):
                    line.standing = "open"
                else:
                    fits = contracts.same_words(own, line.bid_value) or line.judged_hash == line._read()
                    line.standing = "same" if fits else "differs"
            line.same = line.standing == "same"

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            raise UserError(self.env._("What is compared with the bid comes with the contract's tender."))
        return super().create(vals_list)

    def write(self, vals):
        if not self._in_hand():
            if not JUDGED.isdisjoint(vals) or not {"contract_id", "aspect"}.isdisjoint(vals):
                raise UserError(self.env._("This is written with the buttons of the comparison, not by hand."))
            if not {"bid_value", "judged_why"}.isdisjoint(vals):
                self.contract_id._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_by_engine(self):
        if not self._in_hand():
            raise UserError(self.env._("What is compared with the bid comes with the contract's tender."))

    # ACTIONS
    def action_same(self):
        """Somebody who didn't draft the contract has read both: other words, the same meaning."""
        self.check_access("write")
        for line in self:
            contract = line.contract_id
            contract._check_open()
            if line.aspect == "price":
                raise UserError(self.env._("A price is the same or it isn't: put the contract amount right."))
            if self.env.user in contract._drafters():
                raise AccessError(
                    self.env._(
                        "You drafted “%s”: somebody else says whether its words mean the same as the bid's.",
                        contract.display_name,
                    )
                )
            if line.standing == "open" or not (line.judged_why or "").strip():
                raise UserError(
                    self.env._("Fill in what the bid and the contract say, and why that is the same, before judging.")
                )
            line._engine().write(
                {"judged_by_id": self.env.uid, "judged_at": fields.Datetime.now(), "judged_hash": line._read()}
            )
        return True

    # BUSINESS
    def _said_in_contract(self):
        """What the contract says of this, as text."""
        self.ensure_one()
        contract = self.contract_id
        if self.aspect == "price":
            amount = known(contract.amount_total)
            return amount is not None and formatLang(self.env, amount, currency_obj=contract.currency_id)
        said = contract[SAID_IN[self.aspect]] if self.aspect in SAID_IN else False
        if self.aspect == "period" and not said:
            said = " – ".join(fields.Date.to_string(day) for day in (contract.date_start, contract.date_end) if day)
        return said or False

    def _read(self):
        """Both sides as they are now, as a checksum."""
        return contracts.fingerprint(self.bid_value, self._said_in_contract(), str(self.contract_id.tender_id.id))


class KamsContract(models.Model):
    """Whether a contract keeps to the bid: control point S5-2."""

    _inherit = "kams.contract"

    consistency_ids = fields.One2many("kams.contract.consistency", "contract_id", string="Bid and Contract")
    consistency_state = fields.Selection(
        CONSISTENCY, string="Against the Bid", compute="_compute_consistency_state", store=True, index=True
    )

    # COMPUTES
    @api.depends("tender_id.mode", "lead_id", "consistency_ids.standing")
    def _compute_consistency_state(self):
        for contract in self:
            needed = contract._aspects()
            lines = contract.consistency_ids.filtered(lambda line, needed=needed: line.aspect in needed)
            standings = set(lines.mapped("standing"))
            if not needed:
                contract.consistency_state = "not_needed"
            elif "differs" in standings:
                contract.consistency_state = "differs"
            elif "open" in standings or len(lines) < len(needed):
                contract.consistency_state = "open"
            else:
                contract.consistency_state = "same"

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        contracts_ = super().create(vals_list)
        contracts_._sync_consistency()
        return contracts_

    def write(self, vals):
        result = super().write(vals)
        if not {"tender_id", "lead_id"}.isdisjoint(vals):
            self._sync_consistency()
        return result

    # BUSINESS
    def _drafters(self):
        """Who drafted it, whoever owns it by now: they neither judge it nor what it says."""
        return self._clause_authors()

    def _aspects(self):
        """In what this contract must keep to the bid, by the way of buying; the strictest of deal and tender."""
        self.ensure_one()
        # sudo: what a way of buying means by law is no secret
        scopes = self.env["kams.procurement.mode"].sudo()._scopes()
        tender = self.tender_id.sudo()  # sudo: as above
        modes = {tender.mode, self.lead_id.sudo().kams_procurement_mode} - {False}
        said = {scopes.get(mode, "non_substantive") for mode in modes}
        if "non_substantive" in said or (tender and not said):
            return [aspect for aspect, _label in ASPECTS]
        return ["price"] if tender and "fixed_price" in said else []

    def _sync_consistency(self):
        """A line for each thing that has to be compared, and no other."""
        # sudo: lines come and go with the tender, whoever chose it; nobody has the right to make or drop them
        engine = self.env["kams.contract.consistency"].sudo()._engine()
        lines = engine.search([("contract_id", "in", self.ids)])
        there = lines.grouped("contract_id")
        new, spare = [], engine.browse()
        for contract in self.sudo():
            needed, own = contract._aspects(), there.get(contract, engine.browse())
            spare |= own.filtered(lambda line, needed=needed: line.aspect not in needed)
            new += [
                {"contract_id": contract.id, "aspect": aspect, "sequence": 10 * place}
                for place, aspect in enumerate(needed, 1)
                if aspect not in own.mapped("aspect")
            ]
        spare.unlink()
        engine.create(new)

    def _bid_obstacles(self):
        """Why the contract may not be signed as what was bid, as sentences."""
        self.ensure_one()
        tender = self.tender_id.sudo()  # sudo: what is told is told to whoever may write the contract
        if tender and tender.result != "won":
            return [self.env._("%s wasn't awarded to us.", tender.display_name)]
        if self.consistency_state == "not_needed":
            return []
        if not tender:
            return [self.env._("The deal is tendered, and the contract doesn't say for which tender it is.")]
        aspects = dict(self.consistency_ids._fields["aspect"]._description_selection(self.env))
        found = []
        for line in self.consistency_ids:
            if line.standing == "differs":
                found.append(
                    self.env._(
                        "%s departs from the bid: after a tender the law forbids that (招标投标法 46).",
                        aspects[line.aspect],
                    )
                )
            elif line.standing == "open":
                found.append(self.env._("Not compared with the bid yet: %s.", aspects[line.aspect]))
        if self.consistency_state == "open" and not found:
            found.append(self.env._("The contract hasn't been compared with the bid yet."))
        return found


class KamsTender(models.Model):
    """What a tender means for its contracts: another way of buying may lock more, and a tender won names itself."""

    _inherit = "kams.tender"

    contract_ids = fields.One2many("kams.contract", "tender_id", string="Contracts")

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if vals.get("result") == "won":
            # sudo: whoever records the award needn't see the contract that was begun
            waiting = self.env["kams.contract"].sudo()
            waiting = waiting.search(
                [("lead_id", "in", self.lead_id.ids), ("tender_id", "=", False), ("state", "=", "draft")]
            )
            waiting._compute_tender_id()
            waiting._sync_consistency()
        if "mode" in vals:
            self.sudo().contract_ids._sync_consistency()  # sudo: as above
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_without_contract(self):
        """The database lets a deal take both along, in whatever order; people don't take the bid from its contract."""
        for tender in self:
            # sudo: that there is a contract is told to whoever would delete what it has to keep to
            if contract := tender.sudo().contract_ids[:1]:
                raise UserError(
                    self.env._(
                        "“%(tender)s” stays: the contract “%(contract)s” has to keep to what was bid.",
                        tender=tender.display_name,
                        contract=contract.display_name,
                    )
                )


class KamsProcurementMode(models.Model):
    """How far each way of buying leaves a contract free."""

    _inherit = "kams.procurement.mode"

    @api.model
    def _scopes(self):
        """``{code: what may be negotiated}``; there are a handful."""
        return {mode.code: mode.negotiation_scope for mode in self.search([])}
