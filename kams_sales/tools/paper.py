"""How text and tables fit on paper, for a printer that cuts through whatever crosses the end of a page.

What must stay whole is measured beforehand in lines, and kept in blocks that are well below a page.
"""

from math import ceil
from unicodedata import east_asian_width

ENDS = "。！？；.!?;，, "  # where a long line may be broken, best ends first


def width(text):
    """The room a text takes, in characters of Latin width.

    >>> width("KAMS"), width("客户档案表")
    (4, 10)
    """
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def percent_of_scale(value, low, high):
    """How far along a scale a value lies; a scale of one point is passed.

    >>> percent_of_scale(4, 1, 5), percent_of_scale(3, 3, 3)
    (75.0, 100.0)
    """
    return 100.0 * (value - low) / (high - low) if high > low else 100.0


def lines(text, room):
    """How many lines a text takes where so many characters fit on one.

    >>> lines("", 10), lines("one\\ntwo", 10), lines("客户档案表", 8)
    (1, 2, 2)
    """
    return sum(max(1, ceil(width(line) / room)) for line in text.split("\n"))


def pieces(text, room, most):
    """Cut a text into pieces of at most so many lines: at the end of a line, else of a sentence, a word, anywhere.

    >>> pieces("short", 10, 3)
    ['short']
    >>> pieces("one\\ntwo\\nthree", 10, 2)
    ['one\\ntwo', 'three']
    >>> pieces("He asked. She knew.", 10, 1)
    ['He asked.', 'She knew.']
    >>> ["".join(pieces("客户" * 40, 10, 2)) == "客户" * 40, len(pieces("客户" * 40, 10, 2))]
    [True, 8]
    """
    found, block, height = [], [], 0
    for line in text.split("\n"):
        for part in _cut(line, room * most):
            taken = lines(part, room)
            if block and height + taken > most:
                found.append("\n".join(block))
                block, height = [], 0
            block.append(part)
            height += taken
    return [*found, "\n".join(block)]


def _cut(line, size):
    """A line in parts of at most so many characters of width."""
    parts = []
    while width(line) > size:
        stop, taken = 0, 0
        for character in line:
            taken += width(character)
            if taken > size:
                break
            stop += 1
        stop = max(stop, 1)
        best = max((line.rfind(end, stop // 2, stop) for end in ENDS[:8]), default=-1)
        if best < 0:
            best = max(line.rfind(end, stop // 2, stop) for end in ENDS[8:])
        stop = best + 1 if best >= 0 else stop
        parts.append(line[:stop].rstrip())
        line = line[stop:].lstrip()
    return [*parts, line]


def chunks(heights, rows=10, most=26, first=0):
    """Group rows of these heights: up to so many rows and lines each, no row alone at the end if it can be helped.

    :param first: lines that a title takes from the first group
    :return: ``[(start, stop)]``

    >>> chunks([1] * 25)
    [(0, 10), (10, 20), (20, 25)]
    >>> chunks([1] * 11), chunks([])
    ([(0, 11)], [])
    >>> chunks([9, 9, 9, 30, 1])
    [(0, 2), (2, 3), (3, 4), (4, 5)]
    """
    found, start, height = [], 0, first
    for position, taken in enumerate(heights):
        if position > start and (position - start == rows or height + taken > most):
            found.append((start, position))
            start, height = position, 0
        height += taken
    if heights:
        found.append((start, len(heights)))
    if len(found) > 1:
        (before, _), (last, stop) = found[-2:]
        if stop - last < 3 and sum(heights[before:stop]) <= most:
            found[-2:] = [(before, stop)]
    return found
