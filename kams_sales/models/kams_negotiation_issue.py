from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .blank import BlankFloat, known

KINDS = [
    ("price", "Price"),
    ("subject", "Subject and Quantity"),
    ("quality", "Quality"),
    ("payment", "Payment"),
    ("delivery", "Time of Delivery"),
    ("warranty", "Warranty"),
    ("acceptance", "Acceptance Test"),
    ("damages", "Damages"),
    ("training", "Training"),
    ("service", "Service"),
    ("ip", "Intellectual Property"),
    ("exclusivity", "Exclusivity"),
    ("other", "Something Else"),
]
# Of these we usually want less
LOWER = ("warranty", "damages", "training")
AFTERWARDS = frozenset({"agreed", "agreed_text", "est_their_target", "est_their_reservation"})


def same(one, other):
    """Whether two numbers are the same, to what is shown."""
    return round(one, 2) == round(other, 2)


class KamsNegotiationIssue(models.Model):
    """One thing to negotiate about: where we begin, what we want, where we stop, and what we think they want.

    Book section 7.3 谈判准备. What the law keeps to the bid is locked (招标投标法 43, 46; 条例 57; 政府采购法 40, 46):
    it ends as it was bid, on every route.
    """

    _name = "kams.negotiation.issue"
    _description = "Issue of a negotiation"
    _inherit = ["kams.negotiation.part"]
    _afterwards = AFTERWARDS

    kind = fields.Selection(KINDS, string="What About", required=True, default="price")
    name = fields.Char(string="Issue", compute="_compute_name", store=True, readonly=False, precompute=True)
    unit = fields.Char(string="Counted In", help="What the numbers count: yuan, days, months, %.")
    better = fields.Selection(
        [("higher", "More"), ("lower", "Less")],
        string="Better for Us",
        compute="_compute_better",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    # Ours
    opening = BlankFloat(string="We Begin At", digits=(16, 2))
    target = BlankFloat(string="We Want", digits=(16, 2))
    reservation = BlankFloat(string="We Stop At", digits=(16, 2), help="The worst that we still accept.")
    weight = BlankFloat(string="Weight (%)", digits=(16, 2), help="What is open to negotiate, together: 100.")
    # Theirs, as we think
    est_their_target = BlankFloat(string="They Want (Estimate)", digits=(16, 2))
    est_their_reservation = BlankFloat(string="They Stop At (Estimate)", digits=(16, 2))
    tradable_against_ids = fields.Many2many(
        "kams.negotiation.issue",
        "kams_negotiation_issue_trade_rel",
        "issue_id",
        "other_id",
        string="Can Be Traded For",
        domain="[('negotiation_id', '=', negotiation_id), ('id', '!=', id)]",
        copy=False,
    )
    # What the bid says
    locked = fields.Boolean(
        compute="_compute_locked",
        store=True,
        precompute=True,
        string="Locked to the Bid",
        help="By law it ends as it was bid.",
    )
    bid_value = BlankFloat(
        string="In Our Bid", compute="_compute_bid_value", store=True, readonly=False, precompute=True, digits=(16, 2)
    )
    bid_text = fields.Text(string="Words of Our Bid")
    # What came of it
    agreed = BlankFloat(string="Agreed At", digits=(16, 2), copy=False)
    agreed_text = fields.Text(string="Agreed in Words", copy=False)

    # COMPUTES
    @api.depends("kind")
    def _compute_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for issue in self:
            issue.name = issue.name or labels.get(issue.kind)

    @api.depends("kind")
    def _compute_better(self):
        for issue in self:
            issue.better = issue.better or ("lower" if issue.kind in LOWER else "higher")

    @api.depends("kind", "negotiation_id.locked_kinds")
    def _compute_locked(self):
        """What is locked stays locked, whatever is changed later."""
        for issue in self:
            issue.locked = issue.locked or issue.kind in (issue.negotiation_id.locked_kinds or "").split(",")

    @api.depends("kind", "negotiation_id.tender_id")
    def _compute_bid_value(self):
        """The price that we bid; other things of the bid are noted by hand."""
        for issue in self:
            price = issue._price_bid()
            issue.bid_value = price if price is not None else issue.bid_value

    # CONSTRAINTS
    @api.constrains("agreed", "agreed_text", "bid_value", "bid_text", "kind", "locked")
    def _check_locked(self):
        """What is locked ends as it was bid."""
        if self._in_hand():
            return  # what was agreed before it was locked is taken back there
        for issue in self.filtered("locked"):
            bid, price = known(issue.bid_value), issue._price_bid()
            if price is not None and (bid is None or not same(bid, price)):
                raise ValidationError(
                    self.env._(
                        "“%(issue)s” of %(negotiation)s: we bid %(price)s, and that stays.",
                        issue=issue.name,
                        negotiation=issue.negotiation_id.display_name,
                        price=price,
                    )
                )
            if issue._differs():
                raise ValidationError(
                    self.env._(
                        "“%(issue)s” of %(negotiation)s is locked by law: after a tender it ends as it was bid "
                        "(招标投标法 46). Leave it at “%(bid)s”.",
                        issue=issue.name,
                        negotiation=issue.negotiation_id.display_name,
                        bid=(issue.bid_text or "").strip()
                        or (bid if bid is not None else self.env._("what our bid says")),
                    )
                )

    @api.constrains("weight")
    def _check_weight(self):
        for issue in self:
            if not 0 <= (known(issue.weight) or 0.0) <= 100:
                raise ValidationError(
                    self.env._("The weight of “%s” is between 0 and 100.", issue.display_name or issue.name)
                )

    @api.constrains("target", "reservation", "opening", "better")
    def _check_order(self):
        """We begin above what we want, and want more than where we stop; the other way round where less is better."""
        for issue in self:
            sign = 1 if issue.better == "higher" else -1
            steps = [known(issue[name]) for name in ("reservation", "target", "opening")]
            steps = [sign * step for step in steps if step is not None]
            if steps != sorted(steps):
                raise ValidationError(
                    self.env._(
                        "“%(issue)s” of %(negotiation)s: where we stop, what we want and where we begin follow upon "
                        "each other. Check them, and whether more or less is better for us.",
                        issue=issue.name,
                        negotiation=issue.negotiation_id.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        # the law says what is locked, not whoever enters it
        return super().create([{name: value for name, value in vals.items() if name != "locked"} for vals in vals_list])

    def write(self, vals):
        if "locked" in vals and any(issue.locked != bool(vals["locked"]) for issue in self):
            raise UserError(self.env._("“%s”: the law says what is locked, nobody sets it.", self[:1].name))
        if "kind" in vals and (stuck := self.filtered(lambda issue: issue.locked and issue.kind != vals["kind"])):
            raise UserError(self.env._("“%s” is locked to the bid by law and stays what it is about.", stuck[:1].name))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unlocked(self):
        """Of what is locked, something stays: taking the line away doesn't open it."""
        for issue in self.filtered("locked"):
            rest = issue.negotiation_id.issue_ids - self
            if not rest.filtered(lambda other, kind=issue.kind: other.locked and other.kind == kind):
                raise UserError(
                    self.env._("“%s” is locked to the bid by law and stays in the plan.", issue.display_name)
                )

    # BUSINESS
    def _price_bid(self):
        """Our price in the tender, if this issue is the price and in the tender's currency; None if not known."""
        self.ensure_one()
        tender = self.negotiation_id.tender_id
        if self.kind != "price" or tender.currency_id != self.negotiation_id.currency_id:
            return None
        return known(tender.bid_price)

    def _differs(self):
        """Whether it was agreed otherwise than it was bid."""
        self.ensure_one()
        agreed, bid = known(self.agreed), known(self.bid_value)
        words = (self.agreed_text or "").strip()
        return bool(
            (agreed is not None and (bid is None or not same(agreed, bid)))
            or (words and words != (self.bid_text or "").strip())
        )

    def _is_settled(self):
        """Whether it was said how it ends: in a number, in words, or by the bid."""
        self.ensure_one()
        return self.locked or known(self.agreed) is not None or bool((self.agreed_text or "").strip())


class KamsNegotiation(models.Model):
    """What the law locks stands in the plan from the beginning, as it was bid."""

    _inherit = "kams.negotiation"

    # BUSINESS
    def _add_locked_issues(self):
        """A line for each locked kind that has none yet."""
        lines = []
        for negotiation in self:
            there = set(negotiation.issue_ids.mapped("kind"))
            lines += [
                {
                    "negotiation_id": negotiation.id,
                    "kind": kind,
                    "sequence": 100,
                    "bid_text": False if kind == "price" else self.env._("As in our bid"),
                }
                for kind in filter(None, (negotiation.locked_kinds or "").split(","))
                if kind not in there
            ]
        self.env["kams.negotiation.issue"].with_env(self._engine().env).create(lines)

    def _lock_again(self):
        """The way of buying or our bid changed: what is locked now and was agreed otherwise isn't agreed any more."""
        plans = self._engine()
        before = {plan: plan.issue_ids.filtered("locked") for plan in plans}
        follows = ("tender_id", "scope", "locked_kinds")
        for name in follows:
            self.env.add_to_compute(self._fields[name], plans)
        plans.modified(follows)
        plans._add_locked_issues()
        for plan in plans:
            wrong = plan.issue_ids.filtered(lambda issue: issue.locked and issue._differs())
            if wrong:
                wrong.write({"agreed": None, "agreed_text": False})
            if newly := plan.issue_ids.filtered("locked") - before[plan]:
                plan.message_post(
                    body=self.env._(
                        "By law these end as they were bid, from now on: %s.", ", ".join(newly.mapped("name"))
                    )
                )
