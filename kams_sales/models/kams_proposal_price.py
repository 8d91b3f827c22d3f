from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.arithmetic import ratio
from .blank import BlankFloat, BlankMonetary, known
from .insiders import INSIDERS
from .kams_authority import RANKS, ROLES

PRICE_STATES = [
    ("within", "Within Authority"),
    ("approved", "Approved"),
    ("beyond", "Beyond Authority"),
    ("unknown", "Not Known"),
]


class KamsProposal(models.Model):
    """What a proposal costs and earns, and whether its author may offer that price (5.6, price authority).

    The margin is known once the cost of every line is. Below the floor (dated parameter ``price_margin_floor``) only a
    price review can say yes; above it the authority matrix says who may.
    """

    _inherit = "kams.proposal"

    order_id = fields.Many2one(
        "sale.order",
        string="Quotation",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('opportunity_id', '=', lead_id)]",
        help="Where the prices were taken from.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="restrict",
    )
    print_discount = fields.Boolean(
        string="Show Discounts", help="Whether the customer sees list prices and discounts, or net prices only."
    )
    amount_total = fields.Monetary(string="Price", compute="_compute_amounts", store=True, help="Without taxes.")
    cost_total = BlankMonetary(string="Total Cost", compute="_compute_amounts", store=True, groups=INSIDERS)
    margin = BlankMonetary(compute="_compute_amounts", store=True, groups=INSIDERS)
    # kept to more digits than are shown: 14.99 is below a floor of 15
    margin_pct = BlankFloat(
        string="Margin (%)", compute="_compute_amounts", store=True, digits=(16, 4), aggregator=None, groups=INSIDERS
    )
    discount_pct = BlankFloat(
        string="Discount (%)",
        compute="_compute_amounts",
        store=True,
        digits=(16, 4),
        aggregator=None,
        help="Of the list price of all lines together.",
    )
    margin_floor = BlankFloat(
        string="Margin Floor (%)", compute="_compute_margin_floor", digits=(16, 1), groups=INSIDERS
    )
    # Who may
    price_role = fields.Selection(
        ROLES,
        string="To Be Agreed By",
        compute="_compute_price_state",
        store=True,
        help="Who may agree to this margin and discount, by the authority matrix and the margin floor.",
    )
    price_state = fields.Selection(
        PRICE_STATES, string="Price Is", compute="_compute_price_state", store=True, index=True
    )
    may_approve_price = fields.Boolean(string="I May Agree", compute="_compute_may_approve_price")
    # Somebody's yes, other than the author's, to what it was then; a price review's is kept by the review
    price_approved_by_id = fields.Many2one(
        "res.users", string="Price Agreed By", readonly=True, copy=False, ondelete="restrict"
    )
    price_approved_at = fields.Datetime(string="Price Agreed On", readonly=True, copy=False)
    price_approved_margin = BlankFloat(
        string="Margin Agreed To (%)", readonly=True, copy=False, digits=(16, 4), groups=INSIDERS
    )
    price_approved_discount = BlankFloat(
        string="Discount Agreed To (%)", readonly=True, copy=False, digits=(16, 4), groups=INSIDERS
    )

    # COMPUTES
    @api.depends("lead_id", "company_id")
    def _compute_currency_id(self):
        """The company's, until somebody chooses another or a quotation brings its own."""
        for proposal in self:
            proposal.currency_id = proposal.currency_id or (proposal.company_id or self.env.company).currency_id

    @api.depends("line_ids.subtotal", "line_ids.cost", "line_ids.quantity", "line_ids.list_price", "currency_id")
    def _compute_amounts(self):
        for proposal in self:
            lines = proposal.line_ids
            full = sum(line.quantity * line.list_price for line in lines)
            costs = [None if known(line.cost) is None else line.cost * line.quantity for line in lines]
            cost = None if not lines or None in costs else sum(costs)
            proposal.amount_total = price = sum(lines.mapped("subtotal"))
            proposal.cost_total = cost
            proposal.margin = None if cost is None else price - cost
            proposal.margin_pct = ratio(known(proposal.margin), price, 100)
            proposal.discount_pct = ratio(full - price, full, 100)

    @api.depends("state")
    def _compute_margin_floor(self):
        """As it is today; for what was submitted, as it was then."""
        floor = self.env["kams.legal.rule"]._value
        for proposal in self:
            day = fields.Datetime.context_timestamp(proposal, proposal.submitted_at) if proposal.submitted_at else None
            proposal.margin_floor = floor("price_margin_floor", day and day.date())

    @api.depends(
        *("margin_pct", "discount_pct", "amount_total", "user_id", "line_ids", "price_approved_by_id"),
        *("price_approved_margin", "price_approved_discount", "review_ids.kind", "review_ids.is_valid"),
    )
    def _compute_price_state(self):
        for proposal in self:
            proposal.price_role = proposal._needed_role()
            proposal.price_state = proposal._judge_price()

    @api.depends("price_state", "price_role")
    @api.depends_context("uid")
    def _compute_may_approve_price(self):
        for proposal in self:
            proposal.may_approve_price = proposal.price_state == "beyond" and not proposal._why_not_approve()

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        proposals = super().create(vals_list)
        proposals._check_author()
        return proposals

    def write(self, vals):
        before = {proposal: proposal.user_id for proposal in self} if "user_id" in vals else {}
        result = super().write(vals)
        self.filtered(lambda one: one in before and one.user_id != before[one])._check_author()
        return result

    # ACTIONS
    def action_take_quotation(self):
        """Take the prices of the quotation that is named, or of the deal's latest: they take the place of ours."""
        self.check_access("write")
        self._check_open()
        for proposal in self:
            order = proposal._quotation()
            # in this order: lines are reckoned in the currency of their proposal
            proposal.line_ids.unlink()
            proposal.write({"order_id": order.id, "currency_id": order.currency_id.id})
            proposal.write({"line_ids": [Command.create(values) for values in proposal._lines_of(order)]})
        return True

    def action_approve_price(self):
        """Agree to these prices, for whom the matrix names, other than the author."""
        for proposal in self:
            if proposal.price_state not in ("beyond", "within"):
                raise UserError(
                    self.env._(
                        "“%(proposal)s” has no price that could be agreed to: its margin isn't known, or somebody "
                        "agreed already.",
                        proposal=proposal.display_name,
                    )
                )
            if reason := proposal._why_not_approve():
                raise AccessError(reason)
            proposal._check_open()
            # sudo: who the matrix names needn't be able to write the proposal; that they are named was checked above
            proposal.sudo()._engine().write(
                {
                    "price_approved_by_id": self.env.uid,
                    "price_approved_at": fields.Datetime.now(),
                    "price_approved_margin": known(proposal.margin_pct),
                    "price_approved_discount": known(proposal.discount_pct) or 0.0,
                }
            )
            # sudo: as above
            proposal.sudo().message_post(
                body=self.env._("%s agreed to the price.", self.env.user.name), author_id=self.env.user.partner_id.id
            )
        return True

    # BUSINESS: who may
    def _check_author(self):
        """Nobody lends themselves another's authority over prices: who has more takes the proposal over themselves."""
        if self.env.su:
            return
        authority = self.env["kams.authority"]
        mine = RANKS[authority._role_of(self.env.user)]
        for proposal in self:
            if RANKS[authority._role_of(proposal.user_id)] > mine:
                raise AccessError(
                    self.env._(
                        "%(author)s may agree to more than you: “%(proposal)s” becomes theirs when they enter "
                        "themselves as its author.",
                        author=proposal.user_id.name,
                        proposal=proposal.display_name,
                    )
                )

    def _needed_role(self):
        """Who may agree to these prices; nobody is asked while there are none."""
        self.ensure_one()
        if not self.line_ids:
            return False
        margin, floor = known(self.margin_pct), self.env["kams.legal.rule"]._value("price_margin_floor")
        if margin is None or (floor is not None and round(margin, 6) < floor):
            return "committee"
        authority = self.env["kams.authority"]
        roles = [
            authority._role_for("margin", margin, self.company_id),
            authority._role_for("discount", max(known(self.discount_pct) or 0.0, 0.0), self.company_id),
        ]
        return max(roles, key=RANKS.get)

    def _judge_price(self):
        self.ensure_one()
        if not self.line_ids:
            return "unknown"
        if self._price_reviewed():
            return "approved"
        if known(self.margin_pct) is None:
            return "unknown"
        authority = self.env["kams.authority"]
        if RANKS[self.price_role] <= RANKS[authority._role_of(self.user_id)]:
            return "within"
        if self.price_approved_by_id and self.price_role != "committee":
            # sudo: whoever agreed, judged by the rights they have
            agreed = RANKS[self.price_role] <= RANKS[authority._role_of(self.price_approved_by_id)]
            if agreed and self._no_worse(self.price_approved_margin, self.price_approved_discount):
                return "approved"
        return "beyond"

    def _no_worse(self, margin, discount):
        """Whether these prices are at least as good as what somebody said yes to."""
        ours, theirs = known(self.margin_pct), known(margin)
        return (
            ours is not None
            and theirs is not None
            and round(ours, 4) >= round(theirs, 4)
            and round(known(self.discount_pct) or 0.0, 4) <= round(known(discount) or 0.0, 4)
        )

    def _price_reviewed(self):
        """Whether a price review that is valid said yes to these prices or worse ones."""
        # sudo: whether a committee said yes, for whoever may see the proposal
        for review in self.sudo().review_ids.filtered(lambda one: one.kind == "price" and one.is_valid):
            if self._no_worse(review.offer_margin, review.offer_discount):
                return True
            blind = known(review.offer_margin) is None and review.offer_currency_id == self.currency_id
            if blind and round(self.amount_total - (known(review.offer_amount) or 0.0), 2) >= 0:
                return True
        return False

    def _why_not_approve(self):
        """Why the user can't agree to these prices, in words; False for who can."""
        self.ensure_one()
        if self.env.user == self.user_id:
            return self.env._("You wrote “%s”: somebody else has to agree to its price.", self.display_name)
        role = self.env["kams.authority"]._role_of(self.env.user)
        if not self.price_role or RANKS[self.price_role] > RANKS[role]:
            return self.env._(
                "The price of “%(proposal)s” is to be agreed by: %(role)s.",
                proposal=self.display_name,
                role=dict(self._fields["price_role"]._description_selection(self.env)).get(self.price_role, "–"),
            )
        return False

    # BUSINESS: the quotation
    def _quotation(self):
        """The quotation that is named, or the latest of the deal that isn't cancelled.

        sudo: whoever writes the proposal of a deal may take its quotation's prices, also without a right to sales.
        """
        self.ensure_one()
        order = self.sudo().order_id or self.env["sale.order"].sudo().search(
            [("opportunity_id", "=", self.lead_id.id), ("state", "!=", "cancel")],
            order="date_order desc, id desc",
            limit=1,
        )
        if not order or order.opportunity_id != self.lead_id:
            raise UserError(
                self.env._(
                    "There is no quotation on %s to take prices from. Make one first, or type the prices here.",
                    self.lead_id.display_name,
                )
            )
        return order

    def _lines_of(self, order):
        """The quotation's lines as lines of a price sheet: net of taxes, each with its cost where that is known."""
        lines = order.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)
        return [
            {
                "sequence": line.sequence,
                "product_id": line.product_id.id,
                "name": (line.name or line.product_id.display_name).replace("\n", " – "),
                "quantity": line.product_uom_qty,
                "uom_id": line.product_uom_id.id,
                **self._prices_of(line),
                "cost": line._kams_unit_cost(),
            }
            for line in lines
            if line.product_uom_qty >= 0
        ]

    def _prices_of(self, line):
        """List price and discount without taxes, whether or not the quotation's prices contain them."""
        if line.discount >= 100 or not line.product_uom_qty:
            return {"list_price": line.price_unit, "discount": line.discount}
        net = line.price_subtotal / line.product_uom_qty
        return {"list_price": net / (1 - line.discount / 100), "discount": line.discount}
