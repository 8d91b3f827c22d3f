from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import date_utils

from .blank import BlankFloat, BlankInteger, BlankMonetary, known, refuse_beyond, refuse_negative

KINDS = [
    ("advance", "Advance Payment"),
    ("arrival", "Payment on Arrival"),
    ("preliminary", "Payment on Preliminary Acceptance"),
    ("final", "Payment on Final Acceptance"),
    ("retention", "Retention Money"),
    ("progress", "Progress Payment"),
    ("other", "Other Payment"),
]
TRIGGERS = [
    ("signature", "Signature"),
    ("effective", "Contract Effective"),
    ("arrival", "Arrival"),
    ("preliminary", "Preliminary Acceptance"),
    ("final", "Final Acceptance"),
    ("warranty_end", "End of Warranty"),
    ("date", "Fixed Date"),
    ("manual", "Other Condition"),
]
STATES = [
    ("planned", "Planned"),
    ("due", "To Invoice"),
    ("invoiced", "Invoice Made"),
    ("paid", "Money Received"),
    ("cancelled", "Cancelled"),
]
# What the contract says of a payment: fixed once it is out of our hands
TERMS = {"lead_id", "contract_id", "kind", "name", "pct", "amount", "currency_id", "condition", "trigger", "days"}
# Contracts whose terms may still change
OPEN = ("draft",)
# Percentages are as near as this
NEAR = 1e-4


class KamsPaymentMilestone(models.Model):
    """One payment of a contract: how much, upon what, when it is due; from the contract to order, invoice and cash.

    Book sections 7.5 and 8.8 (T47 回款计划/台账), C36. What was invoiced and received is Odoo's to say
    (kams_payment_figures.py); how an invoice is made stands in kams_payment_invoice.py, who is reminded in
    kams_payment_reminder.py.
    """

    _name = "kams.payment.milestone"
    _description = "Payment milestone"
    _inherit = ["kams.deal.part", "kams.import.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "contract_id desc, sequence, id"
    _rec_names_search = ["name", "contract_id.name", "lead_id.name"]

    # Of what
    lead_id = fields.Many2one(
        required=True, compute="_compute_lead_id", store=True, readonly=False, precompute=True, index=True
    )
    contract_id = fields.Many2one(
        "kams.contract",
        string="Contract",
        ondelete="cascade",
        index="btree_not_null",
        domain="[('lead_id', '=?', lead_id)]",
        help="Empty: planned before there is a contract.",
    )
    contract_state = fields.Selection(related="contract_id.state", string="Contract Status")
    order_id = fields.Many2one(
        "sale.order",
        string="Sales Order",
        compute="_compute_order_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        index="btree_not_null",
        domain="[('opportunity_id', '=', lead_id)]",
        help="The order that it is invoiced by.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        precompute=True,
        ondelete="set null",
        index="btree_not_null",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Collector",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('share', '=', False)]",
        ondelete="set null",
        index=True,
        tracking=True,
        help="Who sees to it that the money comes in, and is reminded.",
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, string="Kind of Payment", required=True, default="progress", index=True)
    name = fields.Char(
        string="Payment", required=True, compute="_compute_name", store=True, readonly=False, precompute=True
    )
    # How much
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, readonly=False, precompute=True, required=True
    )
    pct = BlankFloat(string="Share (%)", digits=(16, 6), tracking=True, help="Of the contract's amount with tax.")
    amount = BlankMonetary(string="To Be Paid", tracking=True, help="With tax; empty: not known.")
    # Upon what, when
    condition = fields.Text(string="Payment Condition", help="The words of the contract: papers, acceptance, invoice.")
    trigger = fields.Selection(TRIGGERS, string="Falls Due Upon", required=True, default="manual", index=True)
    trigger_planned = fields.Date(
        string="Expected to Happen On", tracking=True, help="When we expect that to happen upon which it falls due."
    )
    trigger_date = fields.Date(
        string="Happened On",
        compute="_compute_trigger_date",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        tracking=True,
        help="When it happened. Signature and effect are taken from the contract, a fixed date as it is planned, the "
        "end of the warranty from the final acceptance.",
    )
    days = BlankInteger(
        string="Days to Pay", help="Days that the customer has from then on; empty: not agreed or not known."
    )
    date_due = fields.Date(
        string="Payment Due",
        compute="_compute_date_due",
        store=True,
        precompute=True,
        index=True,
        help="The last day to pay; planned until the condition is met.",
    )
    note = fields.Text(string="Notes")

    _order_idx = models.Index("(contract_id, sequence, id)")

    # COMPUTES
    @api.depends("contract_id.lead_id")
    def _compute_lead_id(self):
        for milestone in self:
            milestone.lead_id = milestone.contract_id.lead_id or milestone.lead_id

    @api.depends("contract_id.order_id")
    def _compute_order_id(self):
        """The contract's order, unless an order of its own was chosen."""
        for milestone in self:
            milestone.order_id = milestone.contract_id.order_id or milestone.order_id

    @api.depends("contract_id.partner_id", "lead_id")
    def _compute_partner_id(self):
        for milestone in self:
            milestone.partner_id = milestone.contract_id.partner_id or milestone.lead_id.partner_id

    @api.depends("lead_id")
    def _compute_user_id(self):
        for milestone in self:
            milestone.user_id = milestone.user_id or milestone.lead_id.user_id or self.env.user

    @api.depends("kind")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for milestone in self:
            milestone.name = milestone.name or kinds.get(milestone.kind)

    @api.depends("contract_id.currency_id", "lead_id")
    def _compute_currency_id(self):
        for milestone in self:
            company = milestone.lead_id.company_id or self.env.company
            milestone.currency_id = milestone.contract_id.currency_id or milestone.currency_id or company.currency_id

    @api.depends("name", "contract_id", "lead_id")
    def _compute_display_name(self):
        for milestone in self:
            of = milestone.contract_id.display_name or milestone.lead_id.display_name
            milestone.display_name = " – ".join(filter(None, (of, milestone.name)))

    @api.depends("trigger", "trigger_planned", "contract_id.signed_at", "contract_id.effective_at")
    def _compute_trigger_date(self):
        for milestone in self:
            contract = milestone.contract_id
            milestone.trigger_date = {
                "signature": contract.signed_at,
                "effective": contract.effective_at,
                "date": milestone.trigger_planned,
            }.get(milestone.trigger, milestone.trigger_date)

    @api.depends("trigger", "trigger_date", "trigger_planned", "days")
    def _compute_date_due(self):
        for milestone in self:
            start = milestone.trigger_date or milestone.trigger_planned
            days = known(milestone.days)
            if days is None and milestone.trigger == "date":
                days = 0
            milestone.date_due = date_utils.add(start, days=days) if start and days is not None else False

    # CONSTRAINTS
    @api.constrains("pct", "amount", "days")
    def _check_numbers(self):
        refuse_negative(self, "pct", "amount", "days")
        refuse_beyond(self, 100, "pct")

    @api.constrains("contract_id", "lead_id", "order_id")
    def _check_same_deal(self):
        for milestone in self:
            contract = milestone.contract_id
            if contract and contract.lead_id != milestone.lead_id:
                raise ValidationError(
                    self.env._(
                        "“%(milestone)s” can't be of %(deal)s: its contract is of %(other)s.",
                        milestone=milestone.name,
                        deal=milestone.lead_id.display_name,
                        other=contract.lead_id.display_name,
                    )
                )
            # sudo: the order's company only
            company = milestone.order_id.sudo().company_id
            if company and milestone.company_id and company != milestone.company_id:
                raise ValidationError(
                    self.env._(
                        "“%(milestone)s” belongs to %(company)s: choose an order of that company.",
                        milestone=milestone.display_name,
                        company=milestone.company_id.name,
                    )
                )

    @api.constrains("pct", "contract_id")
    def _check_shares(self):
        """The payments of a contract are never more than all of it."""
        sums = self._read_group([("contract_id", "in", self.contract_id.ids)], ["contract_id"], ["pct:sum"])
        for contract, pct in sums:
            if (pct or 0.0) > 100 + NEAR:
                raise ValidationError(
                    self.env._(
                        "The payments of “%(contract)s” come to %(pct)s %%: they can't be more than 100 %%.",
                        contract=contract.display_name,
                        pct=f"{pct:.2f}".rstrip("0").rstrip("."),
                    )
                )

    @api.onchange("pct")
    def _onchange_pct(self):
        total = self._total()
        if total is not None and known(self.pct) is not None:
            self.amount = self.currency_id.round(total * self.pct / 100)

    @api.onchange("amount")
    def _onchange_amount(self):
        total, pct, amount = self._total(), known(self.pct), known(self.amount)
        if total and amount is not None:
            same = pct is not None and self.currency_id.compare_amounts(total * pct / 100, amount) == 0
            if not same:
                self.pct = amount / total * 100

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        milestones = super().create(vals_list)
        milestones._check_open()
        for milestone, vals in zip(milestones, vals_list, strict=True):
            milestone._complete(vals)
        milestones._settle_cents()
        milestones._follow_final()
        return milestones

    def write(self, vals):
        # sudo writes of the deal alone are merges: what is fixed goes along
        terms = TERMS & vals.keys()
        moving = self.env.su and terms <= {"lead_id", "currency_id"}
        if terms and not moving:
            self._check_open()
        result = super().write(vals)
        if terms and not moving:
            self._check_open()
            for milestone in self:
                milestone._complete(vals)
            if not terms.isdisjoint({"pct", "amount", "contract_id"}):
                self._settle_cents()
        if not vals.keys().isdisjoint({"trigger", "trigger_date", "trigger_planned", "contract_id"}):
            self._follow_final()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self._check_open()
        for milestone in self:
            # sudo: whether there is an invoice, never how much
            if milestone.sudo().invoice_ids.filtered(lambda move: move.state == "posted"):
                raise UserError(
                    self.env._(
                        "“%s” was invoiced and stays in the ledger. Take the invoice off it first.",
                        milestone.display_name,
                    )
                )

    def copy_data(self, default=None):
        """A copy is added to a contract that may have all of its payments already: its share is to be told."""
        vals_list = super().copy_data(default=default)
        for vals in vals_list:
            if "pct" not in (default or {}) and "amount" not in (default or {}):
                vals.pop("pct", None)
                vals.pop("amount", None)
        return vals_list

    # BUSINESS
    def _check_open(self):
        """What a contract that was reviewed says of its payments stays."""
        for contract in self.contract_id:
            if contract.state not in OPEN:
                raise UserError(
                    self.env._(
                        "The payments of “%(contract)s” stay as they were reviewed: it is “%(state)s”. Take the "
                        "contract back to draft to change them; dates, invoices and notes you may enter here.",
                        contract=contract.display_name,
                        state=dict(contract._fields["state"]._description_selection(self.env))[contract.state],
                    )
                )

    def _total(self):
        """What the shares are of: the contract's amount, or the order's before there is a contract."""
        if self.contract_id:
            return known(self.contract_id.amount_total)
        # sudo: whoever plans the payments of a deal is told what its order comes to
        order = self.order_id.sudo()
        return order.amount_total if order and order.currency_id == self.currency_id else None

    def _complete(self, vals):
        """Of share and amount, the one that wasn't given follows from the other."""
        total = self._total()
        if total is None:
            return
        pct, amount = known(self.pct), known(self.amount)
        if pct is not None and (amount is None or ("pct" in vals and "amount" not in vals)):
            self._set_terms(amount=self.currency_id.round(total * pct / 100))
        elif amount is not None and total and (pct is None or ("amount" in vals and "pct" not in vals)):
            self._set_terms(pct=amount / total * 100)

    def _set_terms(self, **vals):
        """Write what follows from the terms that were given."""
        return super().write(vals)  # pylint: disable=super-method-mismatch

    def _settle_cents(self):
        """Once all shares are there, the amounts are those of the contract to the cent; the last makes up for it."""
        for milestones in self.contract_id._milestones().values():
            contract = milestones.contract_id
            total, amounts = known(contract.amount_total), [known(one.amount) for one in milestones]
            shares = [known(one.pct) for one in milestones]
            if total is None or None in amounts or None in shares or abs(sum(shares) - 100) > NEAR:
                continue
            over = contract.currency_id.round(total - sum(amounts))
            # more than rounding can explain was typed, and is told (kams_contract_payment.py)
            if over and abs(over) <= contract.currency_id.rounding * len(milestones):
                last = milestones[-1]
                last._set_terms(amount=contract.currency_id.round(last.amount + over))

    def _follow_total(self):
        """Another amount of the contract is divided by the same shares."""
        for milestone in self:
            total, pct = milestone._total(), known(milestone.pct)
            if total is not None and pct is not None:
                milestone._set_terms(amount=milestone.currency_id.round(total * pct / 100))
        self._settle_cents()

    def _follow_final(self):
        """The end of the warranty is as many months after the final acceptance as the contract says."""
        for milestones in self.contract_id._milestones().values():
            ends = milestones.filtered(lambda one: one.trigger == "warranty_end")
            months = known(milestones.contract_id.warranty_months)
            final = milestones.filtered(lambda one: one.trigger == "final")[:1]
            if not ends or not final or months is None:
                continue
            months, days = int(months), round((months % 1) * 30)
            for name in ("trigger_date", "trigger_planned"):
                start = final[name]
                if not start:
                    continue
                end = date_utils.add(start, months=months, days=days)
                changed = ends.filtered(lambda one, name=name, end=end: one[name] != end)
                if changed:
                    super(KamsPaymentMilestone, changed).write({name: end})  # pylint: disable=super-method-mismatch

    @api.model
    def _import_columns(self):
        return [
            ("contract_id", self.env._("Example Contract")),
            ("sequence", "1"),
            ("kind", "advance"),
            ("name", self.env._("Advance payment")),
            ("pct", "30"),
            ("amount", ""),
            ("condition", self.env._("Within 15 days of signature, against our invoice")),
            ("trigger", "signature"),
            ("trigger_planned", "2030-01-31"),
            ("days", "15"),
            ("user_id", ""),
        ]
