from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.blank import BlankMonetary, known
from ..tools import bidding

# Steps up and down that the small table shows
AROUND = 4


class KamsTenderWhatIf(models.TransientModel):
    """Move our price and see at once what becomes of points, place and profit (6.4 评分模拟)."""

    _name = "kams.tender.what.if"
    _description = "Move our price"

    tender_id = fields.Many2one("kams.tender", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="tender_id.currency_id")
    price = BlankMonetary(string="Our Price", compute="_compute_start", store=True, readonly=False, precompute=True)
    step = fields.Monetary(
        string="Step of the Price", compute="_compute_start", store=True, readonly=False, precompute=True
    )
    move = fields.Selection(
        [("-5", "−5"), ("-1", "−1"), ("1", "+1"), ("5", "+5")],
        string="Move By Steps",
        store=False,
        help="Down or up by so many steps.",
    )
    page = fields.Html(compute="_compute_page", sanitize=False)

    # COMPUTES
    @api.depends("tender_id")
    def _compute_start(self):
        """From today's price, in steps of about one percent."""
        for wizard in self:
            tender = wizard.tender_id
            prices = [price for one in tender.bidder_ids if (price := one._offered())]
            start = known(tender.bid_price) or (sum(prices) / len(prices) if prices else None)
            wizard.price = start
            wizard.step = _round_step(start / 100) if start else 0.0

    @api.depends("price", "step", "tender_id")
    @api.depends_context("lang")
    def _compute_page(self):
        for wizard in self:
            tender, price = wizard.tender_id, known(wizard.price)
            if not price:
                wizard.page = False
                continue
            field = tender._field(price)
            winning = tender._winning(field)
            lines = tender._standing_lines(field, winning)
            lines += [line for line in tender._low_bid_lines(field) if line[0] == "bad"]
            ceiling = known(tender.ceiling_price)
            if ceiling and price > ceiling:
                text = self.env._(
                    "Our price is above the ceiling of %s: such a bid is rejected.", tender._money(ceiling)
                )
                lines.insert(0, ("bad", text))
            wizard.page = tender._drawn_scoring(lines, rows=wizard._rows(field, price), bidders=wizard._bidders(field))

    @api.onchange("move")
    def _onchange_move(self):
        """A tap moves the price by steps, and is ready for the next one."""
        if self.move:
            self.price = max((known(self.price) or 0) + int(self.move) * self.step, 0)
            self.move = False

    # ACTIONS
    def action_apply(self):
        """This is our price now, as far as the tender may still be changed."""
        self.ensure_one()
        if not known(self.price):
            raise UserError(self.env._("Set a price above 0 for “%s” first.", self.tender_id.display_name))
        self.tender_id.bid_price = self.price
        return {"type": "ir.actions.act_window_close"}

    # BUSINESS
    def _rows(self, field, price):
        """The prices around ours: points, place, profit."""
        tender = self.tender_id
        cost = known(tender.our_cost)
        judged = [(one.price, one.probability) for one in tender.option_ids if known(one.probability) is not None]
        rows = []
        around = {price + step * self.step for step in range(-AROUND, AROUND + 1)}
        for one in sorted(around):
            if one <= 0:
                continue
            bids = [*field.bids]
            bids[field.ours] = bids[field.ours]._replace(price=one)
            mine = bidding.simulate(bids, field.terms)[field.ours]
            chance = bidding.probability_at(one, judged)
            profit = bidding.expected_profit(one, 100.0, cost)
            expected = bidding.expected_profit(one, chance, cost)
            rows.append(
                {
                    "price": tender._money(one),
                    "score": tender._points(mine.price_score),
                    "total": tender._points(mine.total),
                    "rank": mine.rank or "–",
                    "profit": "–" if profit is None else tender._money(profit),
                    "margin": "–" if profit is None else f"{tender._points(100 * profit / one)} %",
                    "chance": "–" if chance is None else f"{chance:.0f} %",
                    "expected": "–" if expected is None else tender._money(expected),
                    "ours": one == price,
                    "first": mine.rank == 1,
                }
            )
        return rows

    def _bidders(self, field):
        """The field at this price, the best first."""
        tender = self.tender_id
        standings = bidding.simulate(field.bids, field.terms)
        rows = [
            {
                "name": bidder.name,
                "ours": bidder.is_us,
                "price": "–" if bid.price is None else tender._money(bid.price),
                "score": tender._points(standing.price_score),
                "points": tender._points(bid.points),
                "total": tender._points(standing.total),
                "rank": standing.rank or "–",
                "order": standing.rank or len(standings) + 1,
            }
            for bidder, bid, standing in zip(field.bidders, field.bids, standings, strict=True)
        ]
        return sorted(rows, key=lambda row: row["order"])[:12]


def _round_step(number):
    """One, two or five of a power of ten, whichever is nearest below.

    >>> _round_step(10.5), _round_step(0.7), _round_step(2400)
    (10.0, 0.5, 2000.0)
    """
    power = 1.0
    while power * 10 <= number:
        power *= 10
    while power > number:
        power /= 10
    return max(size * power for size in (1, 2, 5) if size * power <= number)
