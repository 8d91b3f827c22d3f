"""What a score simulation costs: 50 bidders by 60 criteria, as plain arithmetic and as the dialog that moves a price.

There is nothing of Odoo's to compare with: the limit is 50 ms of Python for an answer.
"""

import random
import statistics
import time

BIDDERS, CRITERIA, RUNS = 50, 60, 21
LIMIT = "0.050"


class Alone:
    """One row of the table, of something that Odoo doesn't have."""

    def __init__(self, name, seconds, statements):
        self.name, self.seconds, self.statements = name, seconds, statements

    def text(self):
        return f"| {self.name} | – | **{self.seconds:.4f}** | – | – | {self.statements} | – | {LIMIT} |"


def lines(side):
    """Rows for the table; printed as they come."""
    found = [row for make in (arithmetic, dialog) for row in make(side)]
    for row in found:
        print(row.text(), flush=True)
    return found


def _field(dice):
    """Points of each bidder by criterion, 70 of 100 in all; and a price."""
    points = [[dice.uniform(0.5, 1.0) * 70 / CRITERIA for _criterion in range(CRITERIA)] for _bidder in range(BIDDERS)]
    return points, [dice.uniform(900_000, 1_100_000) for _bidder in range(BIDDERS)]


def _median(operation):
    taken = []
    for _run in range(RUNS + 1):
        start = time.process_time()
        operation()
        taken.append(time.process_time() - start)
    return statistics.median(taken[1:])


def arithmetic(_side):
    """Add up all points, simulate the field, look for the price to beat and at nine prices around ours."""
    from odoo.addons.kams_sales.tools import bidding

    points, prices = _field(random.Random(1))
    methods = {
        "lowest price": bidding.Terms(weight=30),
        "deviation from the mean": bidding.Terms(bidding.DEVIATION, 30, 0.2, 0.1, drop_both=5),
        "reduced mean": bidding.Terms(bidding.TRIMMED, 30, 1.2, 0.8, 6, 7, 5),
    }

    def answer(terms):
        bids = [bidding.Bid(price, sum(row)) for price, row in zip(prices, points, strict=True)]
        bidding.simulate(bids, terms)
        bidding.Contest(bids, 0, terms).winning()
        for step in range(-4, 5):
            bidding.simulate([bids[0]._replace(price=prices[0] * (1 + step / 100)), *bids[1:]], terms)

    for name, terms in methods.items():
        yield Alone(
            f"Simulate {BIDDERS} bidders by {CRITERIA} criteria, {name}", _median(lambda terms=terms: answer(terms)), 0
        )


def dialog(side):
    """The same from records, as the dialog answers when our price moves: words and tables included."""
    from odoo import Command

    env = side.env
    team = env.ref("kams_sales.team_key_accounts")
    deal = env["crm.lead"].create({"name": "Bench deal", "type": "opportunity", "team_id": team.id})
    points, prices = _field(random.Random(1))
    tender = env["kams.tender"].create(
        {
            "lead_id": deal.id,
            "name": "Bench tender",
            "criterion_ids": [
                Command.create({"group": "price", "name": "Price", "full_score": 30}),
                *(
                    Command.create({"name": f"Criterion {n}", "full_score": 70 / CRITERIA, "our_expected": expected})
                    for n, expected in enumerate(points[0])
                ),
            ],
            "bidder_ids": [
                Command.create({"name": f"Bidder {n}", "price": price, "technical": sum(row), "is_us": not n})
                for n, (price, row) in enumerate(zip(prices, points, strict=True))
            ],
        }
    )
    env.flush_all()
    values = {"tender_id": tender.id, "price": prices[0], "step": 10_000.0}
    spec = {"price": {}, "step": {}, "move": {}, "page": {}}

    def moved():
        answer = env["kams.tender.what.if"].onchange({**values, "move": "-1"}, ["move"], spec)
        assert "table" in answer["value"]["page"]

    def cold():
        env.invalidate_all()
        moved()

    moved()
    before = side.cr.sql_log_count
    cold()
    statements = side.cr.sql_log_count - before
    yield Alone(f"Move our price among {BIDDERS} bidders, all records read anew", _median(cold), statements)
    env.cr.rollback()
