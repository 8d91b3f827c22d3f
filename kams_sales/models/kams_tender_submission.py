import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from .blank import known
from .crm_lead_gate import InternalPass

ENGINE = InternalPass("submission")
HAND = "kams_submission_engine"  # the context key


class KamsTenderSubmission(models.Model):
    """What was handed in, when, by whom, against which receipt: the proof that the bid was in before the deadline.

    Book section 6.5; control point S4-7. Made by “Submit the Bid” alone, and changed by “Withdraw” alone. The files
    are copies that belong to the submission, each with the checksum that the program counted, so that nobody can
    change what was handed in.
    """

    _name = "kams.tender.submission"
    _description = "Submission of a bid"
    _inherit = ["kams.deal.part", "kams.files.mixin", "kams.hand.mixin"]
    _hand = HAND, ENGINE
    _kept_files = ("attachment_ids", "file_ids")
    _order = "submitted_at desc, id desc"

    lead_id = fields.Many2one(required=True, readonly=True)
    tender_id = fields.Many2one("kams.tender", required=True, readonly=True, ondelete="cascade", index=True)
    proposal_id = fields.Many2one(
        "kams.proposal",
        string="Bid Document",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    currency_id = fields.Many2one(related="tender_id.currency_id")
    state = fields.Selection(
        [("valid", "Handed In"), ("withdrawn", "Withdrawn")],
        string="Status",
        default="valid",
        required=True,
        readonly=True,
        index=True,
    )
    submitted_at = fields.Datetime(string="Submitted On", required=True, readonly=True)
    deadline_at = fields.Datetime(
        string="Deadline Then", required=True, readonly=True, help="The deadline that held when the bid was handed in."
    )
    user_id = fields.Many2one("res.users", string="Submitted By", required=True, readonly=True, ondelete="restrict")
    place = fields.Char(string="Place or Platform", readonly=True)
    price = fields.Monetary(string="Price Handed In", readonly=True)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "kams_tender_submission_receipt_rel",
        string="Receipt of the Bid",
        readonly=True,
        ondelete="restrict",
    )
    file_ids = fields.Many2many(
        "ir.attachment", "kams_tender_submission_file_rel", string="Bid Files", readonly=True, ondelete="restrict"
    )
    file_hash = fields.Text(string="SHA-256", readonly=True, help="A line for each file: its checksum and its name.")
    withdrawn_at = fields.Datetime(string="Withdrawn On", readonly=True)
    withdrawn_by_id = fields.Many2one("res.users", string="Withdrawn By", readonly=True, ondelete="restrict")
    withdrawn_why = fields.Text(string="Why Withdrawn", readonly=True)
    withdrawn_late = fields.Boolean(
        string="Withdrawn Late", readonly=True, help="After the deadline: the tenderee may keep the bid bond."
    )

    _valid_uniq = models.UniqueIndex(
        "(tender_id) WHERE state = 'valid'", "A bid for this tender is in already: withdraw it first."
    )

    # COMPUTES
    @api.depends("tender_id.name", "submitted_at")
    def _compute_display_name(self):
        for submission in self:
            when = submission.submitted_at and submission.tender_id._local(submission.submitted_at)
            submission.display_name = " · ".join(filter(None, (submission.tender_id.display_name, when)))

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            raise UserError(self.env._("A bid is handed in with “Submit the Bid” on its tender."))
        return super().create(vals_list)

    def write(self, vals):
        moved = self.env.su and vals.keys() <= {"lead_id", "company_id"}  # deals are merged
        if not self._in_hand() and not moved:
            self._refuse()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._refuse()

    # ACTIONS
    def action_verify(self):
        """Count the files' checksums again and say whether they are what was handed in."""
        self.ensure_one()
        self.check_access("read")
        same = self._checksums(self.file_ids) == self.file_hash
        return self._tell_same_files(
            same,
            self.env._("The files are those that were handed in."),
            self.env._("The files aren't those that were handed in."),
        )

    # BUSINESS
    def _refuse(self):
        for submission in self:
            raise UserError(
                self.env._(
                    "%s was handed in and stays as it was. A bid is taken back with “Withdraw the Bid”.",
                    submission.display_name,
                )
            )

    def _check_files_free(self, name):
        """Receipt and files are what was handed in."""
        self._refuse()

    @api.model
    def _engine(self):
        """As the program writes submissions. sudo: the right to the tender is checked before; nobody may write here."""
        return super()._engine().sudo()

    @api.model
    def _checksums(self, files):
        """``<sha256>  <name>`` for each file, as ``sha256sum`` prints it."""
        return "\n".join(
            f"{hashlib.sha256(file.raw or b'').hexdigest()}  {file.name}"
            for file in files.sorted(lambda f: (f.name, f.id))
        )

    @api.model
    def _hand_in(self, tender, bid, place, receipts, files):
        """Note the submission, once everything was checked: files are copied, so that nobody changes them later."""
        hand = self._engine()
        now = fields.Datetime.now()
        submission = hand.create(
            {
                "lead_id": tender.lead_id.id,
                "tender_id": tender.id,
                "proposal_id": bid.id,
                "submitted_at": now,
                "deadline_at": tender.bid_deadline,
                "user_id": self.env.uid,
                "place": place,
                "price": tender.bid_price,
            }
        )
        kept = {}
        for name, given in (("attachment_ids", receipts), ("file_ids", files)):
            kept[name] = hand.env["ir.attachment"]
            for file in given.sudo():  # sudo: whoever hands them in was able to read them
                kept[name] |= file.copy({"res_model": self._name, "res_id": submission.id, "name": file.name})
        submission.write(
            {
                **{name: found.ids for name, found in kept.items()},
                "file_hash": self._checksums(kept["file_ids"]),
            }
        )
        return submission


class KamsTender(models.Model):
    """A tender whose bid is in: the status follows from the submission alone."""

    _inherit = "kams.tender"

    # ORM
    def write(self, vals):
        """Nobody sets a tender to “Submitted” by hand, or takes it back from there: it has a submission or not."""
        if "bid_price" in vals:
            for tender in self.filtered("submission_ids"):
                if tender._submission() and known(vals["bid_price"]) != known(tender.bid_price):
                    raise UserError(
                        self.env._(
                            "The bid for %s is in with its price: withdraw it before you change the price.",
                            tender.display_name,
                        )
                    )
        if "state" in vals and self.env.context.get(HAND) is not ENGINE:
            for tender in self:
                if vals["state"] == tender.state:
                    continue
                if vals["state"] == "submitted" and not tender._submission():
                    raise UserError(self.env._("%s is submitted with “Submit the Bid”.", tender.display_name))
                if vals["state"] in ("registered", "preparing") and tender._submission():
                    raise UserError(
                        self.env._("The bid for %s is in: take it back with “Withdraw the Bid”.", tender.display_name)
                    )
        return super().write(vals)

    # BUSINESS
    def _state_before_closing(self):
        before = super()._state_before_closing()
        return "submitted" if before == "preparing" and self._submission() else before

    def _submit(self, bid, place, receipts, files):
        """Hand the bid in, all obstacles having been cleared."""
        self.ensure_one()
        submission = self.env["kams.tender.submission"]._hand_in(self, bid, place, receipts, files)
        if bid.state != "submitted":
            # sudo: the right to the tender was checked; the document goes out as its bid
            bid.sudo()._go_out()
        self.with_context(**{HAND: ENGINE}).write({"state": "submitted"})
        self.message_post(
            body=self.env._(
                "%(user)s handed the bid in on %(when)s (%(zone)s), before the deadline of %(deadline)s.",
                user=self.env.user.name,
                when=self._local(submission.submitted_at),
                zone=self.tz,
                deadline=self._local(submission.deadline_at),
            )
        )
        return submission

    def _withdrawal_told(self):
        """What the law says about taking the bid back now."""
        if self._is_late():
            return self.env._(
                "The deadline passed on %(deadline)s (%(zone)s). Whoever takes a bid back after the deadline may lose "
                "the bid bond (招标投标法实施条例, Article 35).",
                deadline=self._local(self.bid_deadline),
                zone=self.tz,
            )
        return self.env._(
            "Before the deadline a bid may be changed or taken back by written notice to the tenderee (招标投标法, "
            "Article 29); the bid bond comes back within five days (招标投标法实施条例, Article 35)."
        )

    def _withdraw(self, why):
        """Take the bid back; another may be handed in while the deadline lasts."""
        self.ensure_one()
        submission = self._submission()
        if not submission:
            raise UserError(self.env._("%s has no submitted bid to withdraw.", self.display_name))
        late = self._is_late()
        submission._engine().write(
            {
                "state": "withdrawn",
                "withdrawn_at": fields.Datetime.now(),
                "withdrawn_by_id": self.env.uid,
                "withdrawn_why": why,
                "withdrawn_late": late,
            }
        )
        submission.flush_recordset()  # another may be handed in at once: only one is valid
        if self.state == "submitted":
            self.with_context(**{HAND: ENGINE}).write({"state": "preparing"})
        self.message_post(
            body=self.env._(
                "%(user)s withdrew the bid%(late)s: %(why)s",
                user=self.env.user.name,
                late=self.env._(", after the deadline") if late else "",
                why=why,
            )
        )
