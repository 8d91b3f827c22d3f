"""Arithmetic of contracts, plain: parts of an amount, words that say the same, caps by percentage."""

import hashlib
import unicodedata


def third_part(untaxed, tax, total, changed=()):
    """Complete an amount of which two parts are known: without tax, tax, and both together.

    What was just changed is kept; of the rest the tax stays rather than the sum.

    >>> third_part(100.0, 13.0, None)
    (100.0, 13.0, 113.0)
    >>> third_part(None, 13.0, 113.0), third_part(100.0, None, 113.0)
    ((100.0, 13.0, 113.0), (100.0, 13.0, 113.0))

    Another sum with the same tax, another part, or nothing to go by:

    >>> third_part(100.0, 13.0, 226.0, {"total"})
    (213.0, 13.0, 226.0)
    >>> third_part(200.0, 13.0, 113.0, {"untaxed"}), third_part(200.0, 26.0, 113.0, {"untaxed", "tax"})
    ((200.0, 13.0, 213.0), (200.0, 26.0, 226.0))
    >>> third_part(None, None, 113.0)
    (None, None, 113.0)

    All three given at once are left as they are, whether or not they add up:

    >>> third_part(1.0, 2.0, 4.0, {"untaxed", "tax", "total"})
    (1.0, 2.0, 4.0)
    """
    parts = {"untaxed": untaxed, "tax": tax, "total": total}
    blank = [name for name, part in parts.items() if part is None]
    if len(blank) == 1:
        derived = blank[0]
    elif blank or set(changed) == set(parts) or not changed:
        return untaxed, tax, total
    elif "total" not in changed:
        derived = "total"
    else:
        derived = "tax" if "untaxed" in changed else "untaxed"
    if derived == "total":
        parts["total"] = untaxed + tax
    elif derived == "tax":
        parts["tax"] = total - untaxed
    else:
        parts["untaxed"] = total - tax
    return parts["untaxed"], parts["tax"], parts["total"]


def plain(text):
    """The words alone: other spaces, width of letters and capitals make no difference.

    >>> plain("  Two　pumps,\\n IP６５ ")
    'two pumps, ip65'
    >>> plain(None), plain(False)
    ('', '')
    """
    return " ".join(unicodedata.normalize("NFKC", text or "").casefold().split())


def same_words(one, other):
    """Whether two texts say the same in the same words; nothing said is never the same.

    >>> same_words("Within 90 days", "within  90 days"), same_words("", ""), same_words("90 days", "60 days")
    (True, False, False)
    """
    return bool(plain(one)) and plain(one) == plain(other)


def fingerprint(*texts):
    """A short name for texts as they are, to see later whether they still are.

    >>> fingerprint("a", "b") == fingerprint("a", " B "), fingerprint("a", "b") == fingerprint("ab", "")
    (True, False)
    """
    return hashlib.sha256("\0".join(plain(text) for text in texts).encode()).hexdigest()


def cap(amount, pct, digits=2):
    """So many percent of an amount, None when one of them isn't known.

    >>> cap(6_900_000, 10), cap(6_900_000, 20), cap(None, 10)
    (690000.0, 1380000.0, None)
    """
    return None if amount is None or pct is None else round(amount * pct / 100, digits)
