"""Arithmetic of a relationship with a customer (8.6). Unknown: None."""

from .arithmetic import ratio
from .plans import health as weighted
from .plans import mean

# The five parts of its health, in the order of the method
PARTS = ("coverage", "contact", "support", "satisfaction", "issues")


def satisfaction(scores):
    """Mean of the aspects that were scored, 1–5.

    >>> satisfaction([5, 4, None, 4]), satisfaction([None]), satisfaction([])
    (4.333333333333333, None, None)
    """
    return mean(scores)


def contact_frequency(held, days, every):
    """Contacts held ÷ contacts wanted, in percent, 100 at most: one is wanted every so many days that have passed.

    >>> contact_frequency(3, 120, 30), contact_frequency(9, 120, 30), contact_frequency(0, 29, 30)
    (75.0, 100.0, None)
    >>> contact_frequency(3, 120, 0), contact_frequency(3, None, 30)
    (None, None)
    """
    wanted = days // every if every and days else 0
    share = ratio(held, wanted, 100.0)
    return None if share is None else min(share, 100.0)


def health(parts, weights):
    """Health of a relationship, 0–100: mean of its parts by weight; a part that isn't known counts for nothing.

    C35: coverage 80, contact frequency 75, support 60.42, satisfaction 4.5 of 5 (90), issue closure 70:

    >>> weights = {"coverage": 25, "contact": 25, "support": 20, "satisfaction": 20, "issues": 10}
    >>> parts = {"coverage": 80, "contact": 75, "support": 60.42, "satisfaction": 90, "issues": 70}
    >>> round(health(parts, weights), 3)
    75.834

    Without contacts and issues, by the weights of what is left: (20 + 12.084 + 18) ÷ 0.65

    >>> round(health({**parts, "contact": None, "issues": None}, weights), 3)
    77.052
    >>> health(dict.fromkeys(parts), weights), health(parts, {})
    (None, None)
    """
    return weighted([(parts.get(part), weights.get(part) or 0.0) for part in PARTS])


def unknown(parts, weights):
    """The parts that have a weight and aren't known: health is told without them.

    >>> unknown({"coverage": 80, "contact": None}, {"coverage": 25, "contact": 25, "issues": 0, "support": 20})
    ['contact', 'support']
    """
    return [part for part in PARTS if weights.get(part) and parts.get(part) is None]
