"""The arithmetic of scorecards: what answers are worth, and what they say together.

Plain numbers in, plain numbers out; ``None`` stands for what is not known, and never counts as 0.
Worked examples are those of the method, by their code (C16, C19, C21 to C25).
"""

from math import isfinite, prod
from typing import NamedTuple

from .arithmetic import ratio


class Line(NamedTuple):
    """One question as it was asked, and its answer; ``value`` None: not answered. ``veto`` 0: no veto."""

    value: float | None
    low: float
    high: float
    weight: float
    direction: str = "benefit"
    veto: float = 0.0
    block: object = None


class Block(NamedTuple):
    """Questions that are scored together first. ``veto`` 0: no veto."""

    weight: float
    veto: float = 0.0


class Result(NamedTuple):
    """What a card says. ``vetoed`` and ``vetoed_blocks`` name lines by position and blocks by key."""

    score: float | None
    confidence: float | None
    rating: float | None
    blocks: dict
    vetoed: list
    vetoed_blocks: list


def number(text):
    """What somebody typed as an answer, as a number; None for nothing. A comma may stand for the point.

    >>> number("4"), number(" 3,5 "), number(""), number(False)
    (4.0, 3.5, None, None)
    >>> number("four")
    Traceback (most recent call last):
    ValueError: four
    """
    text = (text or "").strip()
    if not text:
        return None
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        found = float("nan")
    if not isfinite(found):
        raise ValueError(text)
    return found


def text(value):
    """A number as somebody would type it; what it stands for stays the same.

    >>> text(4.0), text(0.1 + 0.2), text(1234567.5)
    ('4', '0.3', '1234567.5')
    """
    return f"{value:.12g}"


def normalise(value, low, high, direction="benefit"):
    """The worth of an answer, 0 to 100; beyond an end of the scale it counts as that end.

    C19: sales of 800 between 100 and 1500, a DSO of 60 days between 30 and 120, a 4 of 1 to 5:

    >>> normalise(800, 100, 1500)
    50.0
    >>> round(normalise(60, 30, 120, "cost"), 2)
    66.67
    >>> normalise(4, 1, 5)
    75.0

    A scale of one point tells nothing apart, so everybody meets it in full:

    >>> normalise(7, 5, 5)
    100.0
    >>> normalise(2000, 100, 1500), normalise(200, 30, 120, "cost"), normalise(None, 0, 10)
    (100.0, 0.0, None)
    """
    if value is None:
        return None
    if high == low:
        return 100.0
    share = (high - value if direction == "cost" else value - low) / (high - low)
    return min(max(share, 0.0), 1.0) * 100.0


def weighted(pairs):
    """The weighted mean of ``(value, weight)`` over what is known; None if nothing is.

    C19, a customer's value: current, potential and strategic value, cost and risk:

    >>> round(weighted([(70, 30), (90, 30), (80, 25), (60, 15)]), 2)
    77.0

    C16, a supplier's scorecard: quality, delivery, price, service:

    >>> weighted([(90, 40), (85, 25), (70, 20), (80, 15)])
    83.25

    What was not answered leaves its weight to the rest; if the rest weighs nothing, all of it counts alike:

    >>> weighted([(80, 50), (None, 30), (40, 50)]), weighted([(None, 100)]), weighted([(4, 0), (2, 0)])
    (60.0, None, 3.0)
    """
    known = [(value, weight) for value, weight in pairs if value is not None]
    if not known:
        return None
    total = sum(weight for _value, weight in known)
    if not total:
        return sum(value for value, _weight in known) / len(known)
    return sum(value * weight for value, weight in known) / total


def confidence(answered, asked):
    """How much of the card rests on answers, in %; None for a card that asks nothing.

    C25: 18 of 20 questions:

    >>> confidence(18, 20), confidence(0, 0)
    (90.0, None)
    """
    return 100.0 * answered / asked if asked else None


def score(lines, blocks=None, measure="percent"):
    """What a card's answers say together.

    The score is over what was answered: within a block over its answered lines, then over the blocks
    that have an answer. Confidence says how much that is. ``rating`` is the same verdict on the scale
    people know: ``percent`` (the score), ``mean`` (weighted mean of the answers) or ``sum`` (points;
    with answers missing, the points to expect if the rest is answered alike).

    C25, the four questions: blocks of 80, 60, 50 and 70 % weigh 25, 25, 30 and 20; none is below 40:

    >>> blocks = {"opportunity": Block(25, 40), "compete": Block(25, 40), "win": Block(30, 40), "worth": Block(20, 40)}
    >>> answers = {"opportunity": 80, "compete": 60, "win": 50, "worth": 70}
    >>> lines = [Line(answers[key], 0, 100, 100, block=key) for key in blocks]
    >>> result = score(lines, blocks)
    >>> round(result.score, 6), result.confidence, result.vetoed_blocks
    (64.0, 100.0, [])
    >>> worse = score([*lines[:2], Line(30, 0, 100, 100, block="win"), lines[3]], blocks)
    >>> worse.score, worse.vetoed_blocks
    (58.0, ['win'])

    A question without an answer leaves its weight to its block, and a veto speaks for answers only:

    >>> part = score([Line(None, 0, 10, 50, veto=50), Line(8, 0, 10, 50, veto=50)])
    >>> part.score, part.confidence, part.vetoed
    (80.0, 50.0, [])
    >>> score([Line(4, 0, 10, 50, veto=50), Line(8, 0, 10, 50)]).vetoed
    [0]

    C21, attractiveness on 1 to 10; C25, SCOTSMAN (concerns, 0 to 2 each) and MEDDPICC, by points:

    >>> marks = [Line(mark, 1, 10, weight) for mark, weight in ((8, 30), (6, 25), (7, 25), (5, 20))]
    >>> score(marks, measure="mean").rating
    6.65
    >>> concerns = [Line(mark, 0, 2, 2, "cost") for mark in (0, 1, 1, 0, 0, 2, 1, 1)]
    >>> score(concerns, measure="sum").rating
    6.0
    >>> points = [Line(mark, 0, 2, 2) for mark in (2, 1, 2, 1, 1, 2, 1, 1)]
    >>> score(points, measure="sum").rating, score(points, measure="sum").score
    (11.0, 68.75)
    >>> score([])
    Result(score=None, confidence=None, rating=None, blocks={}, vetoed=[], vetoed_blocks=[])
    """
    blocks = blocks or {}
    worth = [normalise(line.value, line.low, line.high, line.direction) for line in lines]
    answered = sum(line.value is not None for line in lines)
    by_block = {key: [] for key in blocks}
    for line, points in zip(lines, worth, strict=True):
        by_block.setdefault(line.block, []).append((points, line.weight))
    block_scores = {key: weighted(pairs) for key, pairs in by_block.items()}
    if blocks and measure != "sum":
        total = weighted([(block_scores[key], block.weight) for key, block in blocks.items()])
    else:
        total = weighted([(points, line.weight) for line, points in zip(lines, worth, strict=True)])
    return Result(
        score=total,
        confidence=confidence(answered, len(lines)),
        rating=total if measure == "percent" else rating(lines, blocks, measure),
        blocks={key: block_scores[key] for key in blocks},
        vetoed=[
            position
            for position, (line, points) in enumerate(zip(lines, worth, strict=True))
            if points is not None and line.veto and points < line.veto
        ],
        vetoed_blocks=[
            key
            for key, block in blocks.items()
            if block.veto and block_scores[key] is not None and block_scores[key] < block.veto
        ],
    )


def rating(lines, blocks, measure):
    """The weighted mean or the sum of the answers themselves, over what was answered.

    >>> rating([Line(3, 1, 4, 1), Line(4, 1, 4, 1), Line(None, 1, 4, 1)], {}, "sum")
    10.5
    """
    known = [line for line in lines if line.value is not None]
    if not known:
        return None
    if measure == "sum":
        if len(known) == len(lines):
            return float(sum(line.value for line in lines))
        share = ratio(sum(line.value - line.low for line in known), sum(line.high - line.low for line in known))
        lowest = sum(line.low for line in lines)
        return lowest + (share or 0.0) * sum(line.high - line.low for line in lines)
    if not blocks:
        return weighted([(line.value, line.weight) for line in lines])
    return weighted(
        [
            (weighted([(line.value, line.weight) for line in lines if line.block == key]), block.weight)
            for key, block in blocks.items()
        ]
    )


def band(value, lowers):
    """The position of the band that a value falls in, by the bands' lower ends in rising order; None below all.

    C19: 77 is an A where A begins at 75, B at 60, C at 40 and D at 0. A limit belongs to the band above it:

    >>> [band(value, [0, 40, 60, 75]) for value in (77, 75, 74.99, 39.9, None)]
    [3, 3, 2, 0, None]
    >>> band(5, [6, 11, 17, 23]) is None
    True
    """
    if value is None:
        return None
    # a mean of decimals may fall short of a limit by the last bit
    reached = [position for position, lower in enumerate(lowers) if round(value, 6) >= round(lower, 6)]
    return reached[-1] if reached else None


def trend(now, before):
    """By how much a score moved; None without both.

    >>> trend(77.0, 70.5), trend(77.0, None)
    (6.5, None)
    """
    return None if now is None or before is None else now - before


class Weights(NamedTuple):
    """Weights from a pairwise comparison, and how far the comparison contradicts itself."""

    weights: list
    lambda_max: float
    consistency_index: float
    consistency_ratio: float | None


def ahp(matrix, random_index):
    """Weights from Saaty's pairwise comparisons: geometric means of the rows, and their consistency.

    :param matrix: full and reciprocal, ``matrix[i][j]`` says how much more i matters than j, 1/9 to 9
    :param random_index: ``{size: random index}``; the ratio is None for a size it doesn't know

    C24:

    >>> found = ahp([[1, 3, 5], [1/3, 1, 2], [1/5, 1/2, 1]], {3: 0.58})
    >>> [round(weight, 6) for weight in found.weights]
    [0.648329, 0.229651, 0.12202]
    >>> round(found.lambda_max, 6), round(found.consistency_index, 6), round(found.consistency_ratio, 6)
    (3.003695, 0.001847, 0.003185)

    One thing, or two, cannot contradict each other:

    >>> ahp([[1]], {}).consistency_ratio, ahp([[1, 4], [1/4, 1]], {}).weights
    (0.0, [0.8, 0.2])
    >>> ahp([[1] * 4] * 4, {3: 0.58}).consistency_ratio is None
    True
    """
    size = len(matrix)
    means = [prod(row) ** (1 / size) for row in matrix]
    weights = [mean / sum(means) for mean in means]
    lambda_max = sum(sum(a * w for a, w in zip(row, weights, strict=True)) / weights[i] for i, row in enumerate(matrix))
    lambda_max /= size
    if size < 3:
        return Weights(weights, lambda_max, 0.0, 0.0)
    index = (lambda_max - size) / (size - 1)
    return Weights(weights, lambda_max, index, ratio(index, random_index.get(size)))


# What the nine cells of the directional policy matrix advise, by (attractiveness, strength): high, mid, low.
# GE's three zones; that a strong position with an unattractive customer is maintained is our own reading.
SELECTION = {
    ("high", "high"): "invest",
    ("high", "mid"): "invest",
    ("mid", "high"): "invest",
    ("high", "low"): "selective",
    ("mid", "mid"): "selective",
    ("low", "high"): "maintain",
    ("mid", "low"): "harvest",
    ("low", "mid"): "harvest",
    ("low", "low"): "withdraw",
}


def level(value, low_cut, high_cut):
    """``low < low_cut <= mid < high_cut <= high``.

    >>> [level(value, 4, 7) for value in (3.99, 4, 6.65, 7, None)]
    ['low', 'mid', 'mid', 'high', None]
    """
    position = band(value, [float("-inf"), low_cut, high_cut])
    return None if position is None else ("low", "mid", "high")[position]


def selection(attractiveness, strength, low_cut, high_cut):
    """The cell of the selection matrix and what it advises; None while one side is unknown.

    C21, with cuts at 4 and 7:

    >>> selection(6.65, 6.75, 4, 7)
    ('mid', 'mid', 'selective')
    >>> selection(7.40, 7.30, 4, 7)
    ('high', 'high', 'invest')
    >>> selection(2, 8, 4, 7), selection(2, None, 4, 7)
    (('low', 'high', 'maintain'), None)
    """
    cell = level(attractiveness, low_cut, high_cut), level(strength, low_cut, high_cut)
    return None if None in cell else (*cell, SELECTION[cell])


def kraljic(impact, risk, cut):
    """What a purchase category is to the customer, by profit impact and supply risk.

    C23, with the cut at 3.0, which counts as high:

    >>> impact, risk = weighted([(4, 40), (5, 30), (3, 30)]), weighted([(2, 30), (4, 30), (2, 20), (3, 20)])
    >>> impact, risk, kraljic(impact, risk, 3.0)
    (4.0, 2.8, 'leverage')
    >>> kraljic(3, 3, 3), kraljic(2, 3, 3), kraljic(2, 2, 3), kraljic(None, 2, 3)
    ('strategic', 'bottleneck', 'noncritical', None)
    """
    if impact is None or risk is None:
        return None
    if at_least(impact, cut):
        return "strategic" if at_least(risk, cut) else "leverage"
    return "bottleneck" if at_least(risk, cut) else "noncritical"


def preferencing(attractiveness, relative_value, attractiveness_cut, value_cut):
    """What the customer is to us as a supplier (Steele and Court): its attraction, and its share of our sales in %.

    C23: 4.5 of our 60 million are 7.5 %, above a cut of 5 %; attractiveness 3.6 with the cut at 3:

    >>> share = 100 * ratio(4.5, 60)
    >>> share, preferencing(3.6, share, 3, 5)
    (7.5, 'core')
    >>> preferencing(3.6, 2, 3, 5), preferencing(2, 7.5, 3, 5), preferencing(2, 2, 3, 5), preferencing(2, None, 3, 5)
    ('development', 'exploitable', 'nuisance', None)
    """
    if attractiveness is None or relative_value is None:
        return None
    if at_least(attractiveness, attractiveness_cut):
        return "core" if at_least(relative_value, value_cut) else "development"
    return "exploitable" if at_least(relative_value, value_cut) else "nuisance"


def at_least(value, cut):
    """Whether a value reaches a cut, the last bit of a weighted mean aside.

    >>> at_least(0.1 + 0.2 - 1e-12, 0.3), at_least(2.99, 3)
    (True, False)
    """
    return round(value, 6) >= round(cut, 6)
