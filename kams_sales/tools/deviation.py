"""How many points a tender takes off for what a bid doesn't meet (6.4, deviation scoring)."""

from typing import NamedTuple


class Deviation(NamedTuple):
    """What a matrix of clauses comes to. ``score`` is None where there is none: no full score, or an invalid bid."""

    important: int
    normal: int
    invalid: bool
    score: float | None


def deviation(unmet, full, minus_important, minus_normal):
    """
    :param unmet: the mark of each clause that isn't met: star, important or normal; whatever disqualifies is a star
    :param full: the points to be had, or None when the tender has no such scoring
    :param minus_important: points off for each important clause unmet; minus_normal for each ordinary one

    29 points, one ▲ and four ordinary ones unmet; then with a ★ as well:

    >>> deviation(["important"] + ["normal"] * 4, 29, 2, 1)
    Deviation(important=1, normal=4, invalid=False, score=23)
    >>> deviation(["star"], 29, 2, 1)
    Deviation(important=0, normal=0, invalid=True, score=None)

    Points don't fall below none, and without a full score or a deduction that is needed there is no score:

    >>> deviation(["important"] * 20, 29, 2, 1).score
    0
    >>> deviation([], None, 2, 1).score, deviation(["normal"], 29, 2, None).score, deviation([], 29, None, None).score
    (None, None, 29)
    """
    unmet = list(unmet)
    important, normal = unmet.count("important"), unmet.count("normal")
    invalid = "star" in unmet
    off = 0
    for number, minus in ((important, minus_important), (normal, minus_normal)):
        if number:
            off = None if off is None or minus is None else off + number * minus
    score = None if invalid or full is None or off is None else max(full - off, 0)
    return Deviation(important, normal, invalid, score)
