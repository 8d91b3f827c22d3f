from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .blank import BlankMonetary, known, refuse_negative
from .kams_tender import BOND_FORMS

KINDS = [
    ("bid", "Bid Bond"),
    ("performance", "Performance Bond"),
    ("quality", "Quality Retention"),
    ("advance", "Advance Payment Bond"),
]
STATES = [
    ("planned", "Planned"),
    ("paid", "Paid"),
    ("returned", "Returned"),
    ("forfeited", "Forfeited"),
]
# Paper in place of money: it ends on a day
LETTERS = ("guarantee", "insurance", "e_guarantee")
OVER = ("returned", "forfeited")
# What stays as it was once the guarantee is over
SETTLED = {
    *(
        "lead_id",
        "tender_id",
        "contract_id",
        "kind",
        "amount",
        "currency_id",
        "form",
        "issuer_id",
        "beneficiary_id",
        "required_amount",
    ),
    *("paid_at", "date_expiry", "returned_at", "returned_amount", "interest", "forfeited_at", "forfeit_reason"),
    *("base_amount", "released_at", "due_back_agreed"),
    *("payment_id", "move_line_id", "returned_payment_id", "returned_move_line_id"),
}
# What it hangs on may be merged or deleted
PLACES = {"lead_id", "tender_id", "contract_id"}

NOTED = ("returned_at", "returned_amount", "interest", "forfeited_at", "forfeit_reason")


class KamsGuarantee(models.Model):
    """Money or a letter that we put up for a bid or a contract, until it comes back: how much, with whom, till when.

    Book sections 6.3 and 8.3; statutory table L07, L08, L12, L18. What is out and what is overdue is finance's to see;
    control point S4-4 asks whether the bid bond holds (``kams.tender.bond_state``).
    """

    _name = "kams.guarantee"
    _description = "Guarantee"
    _inherit = [
        "kams.deal.part",
        "kams.state.mixin",
        "kams.import.mixin",
        "kams.files.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "due_back, id desc"
    _rec_names_search = ["reference", "tender_id.name", "lead_id.name"]
    _state_transitions = {
        "planned": {"paid"},
        "paid": {"planned", "returned", "forfeited"},
        "returned": {"paid"},
        "forfeited": {"paid"},
    }

    # For what
    lead_id = fields.Many2one(
        required=True, compute="_compute_from_tender", store=True, readonly=False, precompute=True, index=True
    )
    tender_id = fields.Many2one(
        "kams.tender",
        ondelete="set null",
        index="btree_not_null",
        domain="[('lead_id', '=', lead_id)]",
        tracking=True,
    )
    kind = fields.Selection(KINDS, required=True, default="bid", index=True)
    reference = fields.Char(string="Letter or Receipt No.", help="The number of the letter or receipt.")
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        index=True,
        tracking=True,
        help="Who gets it back in time.",
    )
    # How much, how, with whom
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_from_tender", store=True, readonly=False, precompute=True, required=True
    )
    amount = BlankMonetary(tracking=True)
    required_amount = BlankMonetary(
        compute="_compute_required_amount",
        store=True,
        readonly=False,
        precompute=True,
        string="Demanded",
        help="What the tender or contract demands.",
    )
    form = fields.Selection(
        BOND_FORMS, compute="_compute_from_tender", store=True, readonly=False, precompute=True, index="btree_not_null"
    )
    issuer_id = fields.Many2one(
        "res.partner",
        ondelete="restrict",
        index="btree_not_null",
        help="The bank, insurer or guarantor that stands behind it; empty: our own money.",
    )
    beneficiary_id = fields.Many2one(
        "res.partner",
        compute="_compute_from_tender",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Who holds it: the buyer, the agency or the trading centre.",
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Files", copy=False)
    # From when, until when
    paid_at = fields.Date(
        string="Paid On", copy=False, tracking=True, help="When the money left, or the letter went out."
    )
    date_expiry = fields.Date(string="Ends On", copy=False, tracking=True, help="The last day of the letter.")
    # How it ended
    state = fields.Selection(
        STATES,
        string="Status",
        default="planned",
        required=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    returned_at = fields.Date(string="Returned On", copy=False)
    returned_amount = BlankMonetary(
        string="Came Back",
        copy=False,
        help="Without the interest; empty: all of it. If it is less, the rest stays in the ledger by itself.",
    )
    interest = BlankMonetary(string="Interest Received", copy=False)
    forfeited_at = fields.Date(string="Forfeited On", copy=False)
    forfeit_reason = fields.Text(string="Why It Was Forfeited", copy=False)
    # What is out
    outstanding = fields.Monetary(compute="_compute_outstanding", store=True, help="What is still out.")
    company_currency_id = fields.Many2one("res.currency", compute="_compute_outstanding", store=True)
    outstanding_company = fields.Monetary(
        string="Outstanding (Company Currency)",
        currency_field="company_currency_id",
        compute="_compute_outstanding",
        store=True,
        help="At the rate of the day it was paid.",
    )

    # COMPUTES
    @api.depends("kind", "reference", "tender_id.name", "lead_id.name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for guarantee in self:
            about = guarantee.tender_id.name or guarantee.lead_id.name
            guarantee.display_name = " – ".join(filter(None, (kinds.get(guarantee.kind), guarantee.reference, about)))

    @api.depends("tender_id")
    def _compute_from_tender(self):
        """The tender says on which deal, in which currency and form, and for whom."""
        for guarantee in self:
            tender = guarantee.tender_id
            deal = guarantee.lead_id = tender.lead_id or guarantee.lead_id
            company = deal.company_id or self.env.company
            guarantee.currency_id = guarantee.currency_id or tender.currency_id or company.currency_id
            guarantee.form = guarantee.form or tender.bond_form
            guarantee.beneficiary_id = (
                guarantee.beneficiary_id or tender.tenderee_id or deal.partner_id.commercial_partner_id
            )

    @api.depends("tender_id", "tender_id.bond_amount", "kind", "currency_id")
    def _compute_required_amount(self):
        """What the tender demands; what a contract demands is typed."""
        for guarantee in self:
            tender = guarantee.tender_id
            if guarantee.kind == "bid" and tender and tender.currency_id == guarantee.currency_id:
                guarantee.required_amount = tender.bond_amount
            else:
                guarantee.required_amount = guarantee.required_amount

    @api.depends("state", "amount", "currency_id", "paid_at", "company_id")
    def _compute_outstanding(self):
        today = fields.Date.context_today(self)
        for guarantee in self:
            company = guarantee.company_id or self.env.company
            out = (known(guarantee.amount) or 0.0) if guarantee.state == "paid" else 0.0
            guarantee.outstanding = out
            guarantee.company_currency_id = company.currency_id
            guarantee.outstanding_company = (
                guarantee.currency_id._convert(out, company.currency_id, company, guarantee.paid_at or today)
                if guarantee.currency_id
                else out
            )

    # CONSTRAINTS
    @api.constrains("amount", "required_amount", "returned_amount", "interest")
    def _check_amounts(self):
        refuse_negative(self, "amount", "required_amount", "returned_amount", "interest")

    @api.constrains("tender_id")
    def _check_same_deal(self):
        for guarantee in self:
            if guarantee.tender_id and guarantee.tender_id.lead_id != guarantee.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(tender)s” is of another deal than the guarantee: choose a tender of %(deal)s.",
                        tender=guarantee.tender_id.display_name,
                        deal=guarantee.lead_id.display_name,
                    )
                )

    # ORM
    def write(self, vals):
        over = self.filtered(lambda guarantee: guarantee.state in OVER)
        if over and vals.get("state") == "paid":
            over._reopen()
        elif (
            over
            and not (self.env.su and vals.keys() <= {"lead_id", "tender_id", "contract_id"})
            and not SETTLED.isdisjoint(vals)
        ):
            over._refuse_change()
        target = vals.get("state")
        if target in ("paid", *OVER):
            result = super().write({name: value for name, value in vals.items() if name != "state"})
            self._check_complete(target)
            super().write({"state": target})
            if target == "returned":
                self._split_off_rest()
        else:
            result = super().write(vals)
        if "lead_id" in vals and not self.env.su:
            self._check_same_deal()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_planned(self):
        for guarantee in self:
            if guarantee.state != "planned":
                raise UserError(
                    self.env._(
                        "“%s” was put up and stays in the ledger. If that was wrong, set it back to planned first.",
                        guarantee.display_name,
                    )
                )

    # ACTIONS
    def action_paid(self):
        """The money is out, or the letter: today, if no day is noted."""
        today = fields.Date.context_today(self)
        for guarantee in self:
            amount = guarantee.amount if known(guarantee.amount) is not None else guarantee.required_amount
            guarantee.write({"state": "paid", "paid_at": guarantee.paid_at or today, "amount": amount})
        return True

    def action_returned(self):
        """It came back: today, if no day is noted."""
        today = fields.Date.context_today(self)
        for day, guarantees in self.grouped(lambda guarantee: guarantee.returned_at or today).items():
            guarantees.write({"state": "returned", "returned_at": day})
        return True

    def action_forfeited(self):
        """It is lost; the reason stays."""
        today = fields.Date.context_today(self)
        for day, guarantees in self.grouped(lambda guarantee: guarantee.forfeited_at or today).items():
            guarantees.write({"state": "forfeited", "forfeited_at": day})
        return True

    def action_planned(self):
        """It wasn't put up after all."""
        return self.write({"state": "planned"})

    def action_reopen(self):
        """It is out again: it was noted too early that it came back, or was lost."""
        return self.write({"state": "paid"})

    # BUSINESS
    def _check_complete(self, target):
        """What is noted as paid, returned or forfeited says how much and when."""
        needed = {
            "paid": ("amount", "form", "paid_at"),
            "returned": ("returned_at",),
            "forfeited": ("forfeited_at", "forfeit_reason"),
        }[target]
        today = fields.Date.context_today(self)
        for guarantee in self:
            missing = [guarantee._fields[name]._description_string(self.env) for name in needed if not guarantee[name]]
            if missing:
                raise UserError(
                    self.env._(
                        "“%(guarantee)s”: still to fill in: %(fields)s.",
                        guarantee=guarantee.display_name,
                        fields=", ".join(missing),
                    )
                )
            day = guarantee[{"paid": "paid_at", "returned": "returned_at", "forfeited": "forfeited_at"}[target]]
            if day > today or (target != "paid" and day < guarantee.paid_at):
                raise UserError(
                    self.env._(
                        "“%(guarantee)s”: %(day)s can't be right. Choose a day that isn't to come, and not before it "
                        "was paid.",
                        guarantee=guarantee.display_name,
                        day=day,
                    )
                )

            back = known(guarantee.returned_amount) if target == "returned" else None
            if back is not None and not 0 < guarantee.currency_id.round(back) <= guarantee.amount:
                raise UserError(
                    self.env._(
                        "“%(guarantee)s”: what came back is more than nothing, and %(amount)s at most. Note bank "
                        "interest under “Interest Received”; leave “Came Back” empty for all of it.",
                        guarantee=guarantee.display_name,
                        amount=guarantee._money(guarantee.amount),
                    )
                )

    def _split_off_rest(self):
        """Where a part came back, the rest is still out: a guarantee of its own, until it comes back or is lost."""
        for guarantee in self:
            back, amount = known(guarantee.returned_amount), guarantee.amount
            if back is None or guarantee.currency_id.compare_amounts(back, amount) >= 0:
                continue
            # sudo: the payment that both were paid by is kept, whoever may not see it
            source = guarantee.sudo()
            rest = source.copy(
                {
                    "amount": guarantee.currency_id.round(amount - back),
                    "user_id": guarantee.user_id.id,
                    **{name: source[name] for name in ("paid_at", "date_expiry", "released_at", "due_back_agreed")},
                    **{name: source[name].id for name in ("payment_id", "move_line_id")},
                }
            )
            rest.write({"state": "paid"})
            super(KamsGuarantee, guarantee).write({"amount": back})  # pylint: disable=super-method-mismatch
            words = {"back": guarantee._money(back), "amount": guarantee._money(amount)}
            for record, other in ((guarantee, rest), (rest, guarantee)):
                record.message_post(
                    body=Markup("%s %s")
                    % (
                        self.env._("%(back)s of %(amount)s came back; the ledger keeps the two parts apart:", **words),
                        other._get_html_link(),
                    ),
                    author_id=self.env.user.partner_id.id,
                )

    def _reopen(self):
        """It isn't over after all; the chatter keeps what was noted."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for guarantee in self:
            guarantee.message_post(
                body=self.env._(
                    "Reopened: it was noted as %(state)s on %(day)s. %(reason)s",
                    state=labels[guarantee.state],
                    day=guarantee.returned_at or guarantee.forfeited_at,
                    reason=guarantee.forfeit_reason or "",
                )
            )
        super().write(  # pylint: disable=super-method-mismatch
            {
                "state": "paid",
                **dict.fromkeys(
                    ("returned_at", "returned_amount", "interest", "forfeited_at", "forfeit_reason"), False
                ),
            }
        )

    def _refuse_change(self):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for guarantee in self:
            raise UserError(
                self.env._(
                    "“%(guarantee)s” is %(state)s and stays as it was noted. Use “Reopen” to change it.",
                    guarantee=guarantee.display_name,
                    state=labels[guarantee.state],
                )
            )

    @api.model
    def _import_columns(self):
        """A ledger kept elsewhere comes in as planned; “Paid” on the list takes many at once."""
        return [
            ("lead_id", self.env._("Example Deal")),
            ("kind", "performance"),
            ("reference", "LG-2026-118"),
            ("beneficiary_id", self.env._("Example Customer")),
            ("form", "guarantee"),
            ("amount", "690000"),
            ("base_amount", "6900000"),
            ("paid_at", "2026-03-20"),
            ("date_expiry", "2027-03-31"),
            ("due_back_agreed", "2027-03-31"),
        ]
