import doctest

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools import bidding, criteria
from ..tools.bidding import DEVIATION, LOWEST_PRICE, LOWEST_WINS, TRIMMED, Bid, Contest, Terms

ROAD = Terms(DEVIATION, 60, 0.2, 0.1, drop_both=5)
HOUSE = Terms(TRIMMED, 100, 1.2, 0.8, drop_top=6, drop_both=7, reduction=5)
THREE = [Bid(100, 52), Bid(110, 59), Bid(125, 64)]

prices = st.floats(1, 1e7)
bids = st.builds(
    Bid,
    price=st.one_of(prices, st.none(), st.just(0.0)),
    points=st.one_of(st.floats(0, 100), st.none()),
    deduction=st.sampled_from([0.0, 4.0, 10.0, 20.0]),
    compliant=st.sampled_from([True, True, True, False]),
)
fields_of_bids = st.lists(bids, min_size=1, max_size=12)
terms = st.builds(
    Terms,
    method=st.sampled_from([LOWEST_PRICE, DEVIATION, TRIMMED, LOWEST_WINS]),
    weight=st.floats(1, 100),
    above=st.floats(0, 2),
    below=st.floats(0, 2),
    drop_top=st.integers(3, 8),
    drop_both=st.integers(4, 9),
    reduction=st.floats(0, 10),
    lower_first=st.booleans(),
)
thorough = settings(max_examples=200, deadline=None, derandomize=True)


def scores(standings):
    return [standing.price_score and round(standing.price_score, 2) for standing in standings]


@tagged("post_install", "-at_install")
class TestWorkedExamplesOfBidding(BaseCase):
    """The examples of the method, by their codes."""

    def test_the_examples_in_the_tools_hold(self):
        for module in (bidding, criteria):
            self.assertFalse(doctest.testmod(module).failed, module.__name__)

    def test_c27_price_score(self):
        field = [Bid(100), Bid(110), Bid(125)]
        self.assertEqual(scores(bidding.simulate(field, Terms(weight=30))), [30.00, 27.27, 24.00])
        field[1] = Bid(110, deduction=10)
        standings = bidding.simulate(field, Terms(weight=30))
        self.assertEqual(scores(standings), [29.70, 30.00, 23.76])
        self.assertEqual(standings[1].evaluated, 99.0)
        self.assertEqual(field[1].price, 110, "What the contract says.")

    def test_c28_total_and_price_to_beat(self):
        standings = bidding.simulate(THREE, Terms(weight=30))
        self.assertEqual([round(one.total, 2) for one in standings], [82.00, 86.27, 88.00])
        self.assertEqual([one.rank for one in standings], [3, 2, 1])
        contest = Contest(THREE, 1, Terms(weight=30))
        ((_low, high),) = contest.winning()
        self.assertAlmostEqual(high, 100 * 30 / 29, 6)
        self.assertEqual(round(high, 3), 103.448)
        level = bidding.simulate([THREE[0], Bid(high, 59), THREE[2]], Terms(weight=30))
        self.assertEqual([round(one.total, 6) for one in level[1:]], [88.0, 88.0])
        self.assertEqual([one.rank for one in level], [3, 1, 1])
        below = bidding.simulate([THREE[0], Bid(90, 59), THREE[2]], Terms(weight=30))
        self.assertEqual(scores(below), [27.0, 30.0, 21.6], "Below 100 B is the benchmark, and C loses points too.")

    def test_order_87_the_lower_price_goes_first_among_equal_totals(self):
        level = [Bid(100, 50), Bid(125, 56), Bid(100, 50), Bid(150, 10)]
        self.assertEqual([one.rank for one in bidding.simulate(level, Terms(weight=30))], [1, 1, 1, 4])
        by_price = Terms(weight=30, lower_first=True)
        self.assertEqual([one.rank for one in bidding.simulate(level, by_price)], [1, 3, 1, 4])
        # the dearer has to be ahead, level is not enough
        contest = Contest(level[:2], 1, by_price)
        self.assertFalse(contest.first(125))
        self.assertTrue(contest.first(124.99))
        self.assertTrue(Contest(level[:2], 1, Terms(weight=30)).first(125))

    def test_c29_engineering_deviation(self):
        field = [980, 1000, 1020, 1050, 1100]
        self.assertAlmostEqual(bidding.base_price(field, ROAD), 1023.3333, 4)
        self.assertEqual(
            scores(bidding.simulate([Bid(price) for price in field], ROAD)), [59.58, 59.77, 59.97, 59.48, 58.50]
        )

    def test_c29_variant_with_a_reduced_mean(self):
        field = [950, 1000, 1050]
        self.assertEqual(bidding.base_price(field, HOUSE), 950)
        self.assertEqual(scores(bidding.simulate([Bid(price) for price in field], HOUSE)), [100.00, 93.68, 87.37])
        self.assertEqual(bidding.base_price([1, 2, 3, 4, 5, 100], HOUSE), 3 * 0.95, "The highest of six is left out.")
        self.assertEqual(bidding.base_price([0.1, 2, 3, 4, 5, 6, 100], HOUSE), 4 * 0.95, "Both of seven are.")

    def test_c30_abnormally_low(self):
        limits = dict(bidding.low_bid_tests([40, 90, 100], 100, 50, 50, 45))
        self.assertEqual(round(limits["mean"], 2), 38.33)
        self.assertEqual((limits["second"], limits["ceiling"]), (45, 45))
        self.assertEqual([test for test, limit in limits.items() if limit > 40], ["second", "ceiling"])
        self.assertEqual([test for test, limit in limits.items() if limit > 45], [], "On the limit isn't below it.")

    def test_c31_best_price_by_expected_profit(self):
        options = [(90, 70, 80), (95, 55, 80), (100, 35, 80), (105, 20, 80)]
        self.assertEqual([round(bidding.expected_profit(*one), 2) for one in options], [7.00, 8.25, 7.00, 5.00])
        self.assertEqual(options[bidding.best_option(options)][0], 95)


@tagged("post_install", "-at_install")
class TestWhatHoldsForAllBids(BaseCase):
    """Whatever the field."""

    @thorough
    @given(fields_of_bids, prices, st.floats(0.01, 0.99))
    def test_a_lower_own_price_never_lowers_ones_price_score_under_lowest_price(self, field, price, part):
        own = [Bid(price, 10.0), *field]
        lower = [Bid(price * part, 10.0), *field]
        before, after = (bidding.simulate(one, Terms(weight=30))[0].price_score for one in (own, lower))
        self.assertGreaterEqual(after + 1e-9, before)

    @thorough
    @given(fields_of_bids, terms, st.randoms(use_true_random=False))
    def test_permuting_bidders_permutes_ranks(self, field, rules, dice):
        order = list(range(len(field)))
        dice.shuffle(order)
        here = bidding.simulate(field, rules)
        there = bidding.simulate([field[index] for index in order], rules)
        self.assertEqual([there[place].rank for place in range(len(order))], [here[index].rank for index in order])

    @thorough
    @given(fields_of_bids, terms)
    def test_equal_prices_with_equal_points_share_ranks(self, field, rules):
        first = bidding.simulate([field[0], *field], rules)
        self.assertEqual(first[0], first[1])

    @thorough
    @given(fields_of_bids, terms)
    def test_a_price_of_nothing_has_no_score_and_is_no_benchmark(self, field, rules):
        with_nothing = bidding.simulate([Bid(0.0, 100.0), *field], rules)
        self.assertEqual(with_nothing[0], (None, None, None, None))
        self.assertEqual(with_nothing[1:], bidding.simulate(field, rules))

    @thorough
    @given(fields_of_bids, terms)
    def test_scores_lie_between_nothing_and_full_marks_and_ranks_are_places(self, field, rules):
        standings = bidding.simulate(field, rules)
        for one in standings:
            if one.price_score is not None:
                self.assertTrue(0 <= one.price_score <= rules.weight + 1e-9)
        found = sorted(one.rank for one in standings if one.rank)
        self.assertEqual(found[:1], [1] if found else [])
        self.assertTrue(all(rank <= place for place, rank in enumerate(found, 1)))

    @thorough
    @given(fields_of_bids, terms, prices)
    def test_the_price_to_beat_comes_first_and_a_little_more_does_not(self, field, rules, price):
        """By simulating the whole field anew, not by the arithmetic that found it."""
        assume(any(bidding.evaluated_price(bid) for bid in field))
        own = [Bid(price, 50.0), *field]
        for low, high in Contest(own, 0, rules).winning():
            for tried in (low, high):
                standing = bidding.simulate([own[0]._replace(price=tried), *field], rules)
                by_price = rules.method == LOWEST_WINS
                mine, *others = (-one.evaluated if by_price else one.total for one in standing if one.rank)
                self.assertGreaterEqual(mine, max(others) - 1e-6 * max(1.0, abs(mine)))

    @thorough
    @given(fields_of_bids, terms)
    def test_of_equal_totals_the_lower_price_goes_first(self, field, rules):
        """Against a comparison of each with each; what is equal by a hair is left to the share of places."""
        field = [bid._replace(points=round(bid.points)) if bid.points else bid for bid in field]
        rules = rules._replace(lower_first=True)
        standings = bidding.simulate([*field, *(bid._replace(price=bid.price) for bid in field)], rules)
        twins = list(zip(standings[: len(field)], standings[len(field) :], strict=True))
        self.assertTrue(all(one.rank == other.rank for one, other in twins))
        for one, bid in zip(standings, field, strict=False):
            for other, rival in zip(standings, field, strict=False):
                if one.rank and other.rank and one.total is not None and one.total == other.total:
                    self.assertEqual(one.rank < other.rank, bid.price < rival.price)
