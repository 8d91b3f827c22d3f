from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang

from ..tools import chinese_amount
from .blank import known
from .crm_lead_gate import InternalPass

ENGINE = InternalPass("seal checklist")
HAND = "kams_bid_check_engine"  # the context key
STATES = [("open", "To Check"), ("ok", "In Order"), ("na", "Not Applicable")]
# What the program checks, each by its method _check_<code>
AUTOMATIC = ("words", "sums", "file_size", "one_price", "bond", "validity", "deviations")
MB = 1024 * 1024


class KamsBidCheck(models.Model):
    """One item of the list that is gone through before a bid is sealed or uploaded: what throws bids out on the table.

    Book section 6.5. What the program can see, it checks itself, and nobody ticks that by hand; the rest is confirmed
    by a person, with a note or a file. Whether an item applies follows from how the bid is handed in.
    """

    _name = "kams.bid.check"
    _description = "Item of the seal checklist"
    _inherit = ["kams.computed.mixin", "kams.files.mixin", "kams.hand.mixin"]
    _hand = HAND, ENGINE
    _order = "proposal_id, sequence, id"

    proposal_id = fields.Many2one("kams.proposal", string="Bid", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="proposal_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="proposal_id.currency_id")
    sequence = fields.Integer(default=10, readonly=True)
    code = fields.Selection(selection="_selection_code", required=True, readonly=True, string="Item")
    name = fields.Char(string="What", compute="_compute_name")
    automatic = fields.Boolean(compute="_compute_automatic", store=True, help="Checked by the program itself.")
    state = fields.Selection(
        STATES, string="Status", compute="_compute_state", store=True, required=True, precompute=True
    )
    finding = fields.Text(string="Found", compute="_compute_finding")
    note = fields.Char(help="What was checked and where it is seen.")
    attachment_ids = fields.Many2many("ir.attachment", string="Files", copy=False, ondelete="restrict")
    done_by_id = fields.Many2one("res.users", string="Confirmed By", readonly=True, copy=False, ondelete="restrict")
    done_at = fields.Datetime(string="Confirmed On", readonly=True, copy=False)

    _code_uniq = models.UniqueIndex("(proposal_id, code)", "The checklist has each item once.")

    # COMPUTES
    @api.model
    def _labels(self):
        """The fourteen items, in the order in which they are gone through."""
        return {
            "signatures": self.env._("Signatures and seals"),
            "authorisation": self.env._("Letter of authorisation"),
            "pages": self.env._("Page numbers and contents"),
            "copies": self.env._("Copies same as original"),
            "words": self.env._("Words same as figures"),
            "sums": self.env._("Prices add up"),
            "sealing": self.env._("Packed and sealed"),
            "e_signature": self.env._("CA signature"),
            "file_size": self.env._("File size"),
            "one_price": self.env._("One price"),
            "bond": self.env._("Bid bond"),
            "validity": self.env._("Validity of the bid"),
            "deviations": self.env._("Deviation table"),
            "dates": self.env._("Dates"),
        }

    @api.model
    def _tasks(self):
        """What a person looks for, where the program can't see it."""
        return {
            "signatures": self.env._("Signed and sealed wherever the documents ask for it."),
            "authorisation": self.env._("Signed, in the right volume, with copies of both identity cards."),
            "pages": self.env._("Page numbers run through, and the table of contents is right."),
            "copies": self.env._("Each copy has all pages and seals of the original."),
            "sealing": self.env._("Packed, sealed and labelled as asked for."),
            "e_signature": self.env._("Signed with the CA certificate, encrypted, and it opens on the platform."),
            "dates": self.env._("All documents carry a date, and the right one."),
        }

    @api.model
    def _selection_code(self):
        return list(self._labels().items())

    @api.model
    def _codes(self):
        return list(self._labels())

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_name(self):
        labels = self._labels()
        for check in self:
            check.name = labels.get(check.code)

    @api.depends("name")
    def _compute_display_name(self):
        for check in self:
            check.display_name = check.name

    @api.depends("code")
    def _compute_automatic(self):
        for check in self:
            check.automatic = check.code in AUTOMATIC

    @api.depends(
        *("code", "done_at", "proposal_id.bid_form", "proposal_id.sheet_total", "proposal_id.amount_in_words"),
        *("proposal_id.amount_total", "proposal_id.validity_date", "proposal_id.file_limit_mb", "proposal_id.state"),
        *("proposal_id.tender_id.bid_price", "proposal_id.tender_id.ceiling_price"),
        *("proposal_id.tender_id.bid_validity_days", "proposal_id.tender_id.bid_deadline"),
        *("proposal_id.tender_id.bond_state", "proposal_id.tender_id.tz"),
    )
    def _compute_state(self):
        """Clauses and files aren't among what this hangs on: two who work on clauses would wait for each other. They
        are looked at by ``_look_again``: with the button, and always before the bid goes out."""
        for check in self:
            if check.proposal_id.state in ("submitted", "superseded") and check.state:
                check.state = check.state  # as it was when the bid went out
            elif not check._applies():
                check.state = "na"
            elif check.code in AUTOMATIC:
                check.state = "open" if check._problem() else "ok"
            else:
                check.state = "ok" if check.done_at else "open"

    @api.depends("state", "note", "proposal_id.sheet_total", "proposal_id.amount_in_words", "proposal_id.amount_total")
    @api.depends_context("lang")
    def _compute_finding(self):
        for check in self:
            if check.state == "na":
                check.finding = False
            elif check.code in AUTOMATIC:
                check.finding = check._problem() if check.state == "open" else self.env._("Checked by the program.")
            else:
                check.finding = check._hint() if check.state == "open" else False

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            raise UserError(
                self.env._("Each bid has its whole checklist already: items are neither added nor removed.")
            )
        return super().create(vals_list)

    def write(self, vals):
        if not self._in_hand():
            self.proposal_id._check_open()
            if vals.keys() - {"note", "attachment_ids"}:
                raise UserError(
                    self.env._("Items of the checklist are confirmed with their button, not by editing their status.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_with_bid_only(self):
        if not self._in_hand():
            raise UserError(
                self.env._("Each bid has its whole checklist already: items are neither added nor removed.")
            )

    def _refuse_rows(self):
        raise UserError(self.env._("Each bid has its whole checklist: items are neither added nor removed."))

    # ACTIONS
    def action_confirm(self):
        """Confirm what a person has checked: with a note on where it is seen, or a file that shows it."""
        self.check_access("write")
        self.proposal_id._check_open()
        for check in self:
            if check.automatic:
                raise UserError(self.env._("“%s” is checked by the program and can't be ticked by hand.", check.name))
            if check.state == "na":
                raise UserError(self.env._("“%s” doesn't apply to a bid that is handed in this way.", check.name))
            if not (check.note or "").strip() and not check.attachment_ids:
                raise UserError(
                    self.env._("“%s”: write down what was checked, or add a file that shows it.", check.name)
                )
        self._engine().write({"done_by_id": self.env.uid, "done_at": fields.Datetime.now()})
        return True

    def action_undo(self):
        """It isn't in order after all."""
        self.check_access("write")
        self.proposal_id._check_open()
        self._engine().write({"done_by_id": False, "done_at": False})
        return True

    # BUSINESS
    def _engine(self):
        """These items as the program writes them. sudo: nobody has the right to make them; who asks is checked."""
        return super()._engine().sudo()

    def _check_files_free(self, name):
        """What was checked before the bid went out stays."""
        self.proposal_id._check_open()

    def _look_again(self):
        """Ask the automatic items anew, whatever has changed since."""
        open_bids = self.filtered(lambda one: one.proposal_id.state in ("draft", "review"))
        self.env.add_to_compute(self._fields["state"], open_bids)
        open_bids.mapped("state")

    def _applies(self):
        self.ensure_one()
        form = self.proposal_id.bid_form
        if self.code in ("copies", "sealing"):
            return form != "electronic"
        if self.code in ("e_signature", "file_size"):
            return form != "paper"
        return self.code != "bond" or self.proposal_id.tender_id.bond_state != "not_required"

    def _problem(self):
        """Why an automatic item isn't in order, in words; False if it is."""
        self.ensure_one()
        return getattr(self, f"_check_{self.code}")(self.proposal_id, self.proposal_id.tender_id)

    def _hint(self):
        """What to look for by hand."""
        if self.code == "pages" and (bare := self.proposal_id.chapter_ids.filtered(lambda one: not one.pages)):
            return self.env._("Chapters without a number of pages: %s.", len(bare))
        return self._tasks()[self.code]

    def _money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    # WHAT THE PROGRAM CHECKS: each answers what is wrong, or False
    def _check_words(self, bid, _tender):
        total = known(bid.sheet_total)
        if total is None:
            return self.env._("The total on the opening sheet isn't entered.")
        if not bid.amount_in_words:
            return self.env._("The total in words isn't entered.")
        said = chinese_amount.read(bid.amount_in_words)
        if said is None:
            return self.env._("The words can't be read as an amount. Written properly: %s", bid.words_suggested)
        if not chinese_amount.agrees(bid.amount_in_words, total):
            return self.env._(
                "The words say %(words)s, the figures %(figures)s. Evaluators go by the words.",
                words=self._money(float(said)),
                figures=self._money(total),
            )
        return False

    def _check_sums(self, bid, tender):
        if not bid.line_ids:
            return self.env._("The price sheet has no lines.")
        currency = bid.currency_id
        for line in bid.line_ids:
            printed = currency.round(line.price_unit)
            if currency.compare_amounts(currency.round(printed * line.quantity), line.subtotal):
                return self.env._(
                    "“%(line)s”: %(unit)s × %(quantity)s isn't %(subtotal)s. Round the unit price.",
                    line=line.name,
                    unit=self._money(printed),
                    quantity=f"{line.quantity:g}",
                    subtotal=self._money(line.subtotal),
                )
        total = sum(bid.line_ids.mapped("subtotal"))
        for label, amount in (
            (self.env._("the opening sheet"), known(bid.sheet_total)),
            (self.env._("our price in the tender"), known(tender.bid_price)),
        ):
            if amount is None or currency.compare_amounts(total, amount):
                return self.env._(
                    "The lines add up to %(total)s; %(where)s says %(amount)s.",
                    total=self._money(total),
                    where=label,
                    amount=self.env._("nothing") if amount is None else self._money(amount),
                )
        return False

    def _check_one_price(self, bid, tender):
        others = tender.document_ids.filtered(lambda one: one.state != "superseded") - bid
        if others:
            return self.env._("There is another bid for this tender: %s. Two prices throw a bid out.", others[0].name)
        total, ceiling = known(bid.sheet_total), known(tender.ceiling_price)
        if total is None:
            return self.env._("The total on the opening sheet isn't entered.")
        if ceiling is not None and bid.currency_id.compare_amounts(total, ceiling) > 0:
            return self.env._(
                "%(total)s is above the ceiling of %(ceiling)s.",
                total=self._money(total),
                ceiling=self._money(ceiling),
            )
        return False

    def _check_bond(self, _bid, tender):
        if tender.bond_state == "valid":
            return False
        states = dict(tender._fields["bond_state"]._description_selection(self.env))
        return self.env._("The bid bond: %s.", states.get(tender.bond_state, ""))

    def _check_validity(self, bid, tender):
        # 招标投标法实施条例 25: validity runs from the deadline for bids
        needed = tender.bid_valid_until
        if not needed:
            return self.env._("The tender's deadline or its bid validity isn't known.")
        if not bid.validity_date:
            return self.env._("Until when the bid is valid isn't entered: at least until %s.", needed)
        if bid.validity_date < needed:
            return self.env._(
                "Valid until %(date)s, but asked for until %(needed)s.", date=bid.validity_date, needed=needed
            )
        return False

    def _check_deviations(self, _bid, tender):
        clauses = tender.clause_ids
        if not clauses:
            return self.env._("No clause of the tender documents has been entered.")
        if stars := tender._open_stars():
            return self.env._("Starred or disqualifying clauses that aren't met: %s.", len(stars))
        if waiting := clauses.filtered(lambda one: one.status == "tbd"):
            return self.env._("Clauses without an answer: %s.", len(waiting))
        return False

    def _check_file_size(self, bid, _tender):
        limit = known(bid.file_limit_mb)
        if not limit:
            return self.env._("How large a file may be isn't entered.")
        largest = max(bid.chapter_ids.attachment_ids, key=lambda file: file.file_size, default=None)
        if largest and largest.file_size > limit * MB:
            return self.env._(
                "%(file)s has %(size)s MB; the platform takes %(limit)s MB.",
                file=largest.name,
                size=f"{largest.file_size / MB:.1f}",
                limit=f"{limit:g}",
            )
        return False
