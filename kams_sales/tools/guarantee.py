"""What a guarantee is worth, as plain arithmetic: caps, whether a bid bond holds, interest on money that lay there.

``None`` is unknown; what depends on it is unknown as well.
"""

from datetime import date
from typing import NamedTuple

DAYS_A_YEAR = 365
CENT = 0.005


class Bond(NamedTuple):
    """One bid bond that was put up, as far as judging it needs."""

    amount: float
    paid_on: date | None
    expires_on: date | None = None
    #: a letter that names no last day can't be shown to last; money lies there until it is returned
    is_letter: bool = False


def cap(base, pct):
    """The most that may be demanded.

    >>> cap(8_000_000, 2), cap(6_900_000, 10)
    (160000.0, 690000.0)
    >>> cap(None, 2)
    """
    return None if base is None or pct is None else base * pct / 100


def bond_state(required, deadline, valid_until, bonds):
    """Whether a tender's bid bonds are there, enough, in time and last long enough; the worst that is wrong.

    :param required: the amount demanded, or None if nobody knows: then no amount is enough
    :param deadline: the last day on which a bond counts, or None
    :param valid_until: the day until which the bid binds us, or None

    >>> cash = Bond(160_000, date(2026, 3, 20))
    >>> bond_state(160_000, date(2026, 3, 22), date(2026, 6, 20), [cash])
    'valid'
    >>> bond_state(160_000.01, date(2026, 3, 22), None, [cash]), bond_state(None, None, None, [cash])
    ('short', 'short')
    >>> bond_state(160_000, date(2026, 3, 19), None, [cash]), bond_state(160_000, None, None, [])
    ('late', 'missing')
    >>> letter = Bond(160_000, date(2026, 3, 20), date(2026, 6, 19), True)
    >>> bond_state(160_000, date(2026, 3, 22), date(2026, 6, 20), [letter])
    'expires'
    """
    if not bonds:
        return "missing"
    in_time = [bond for bond in bonds if bond.paid_on and (not deadline or bond.paid_on <= deadline)]
    lasting = [bond for bond in in_time if _lasts(bond, valid_until)]
    for state, counted in (("short", bonds), ("late", in_time), ("expires", lasting)):
        if required is None or sum(bond.amount for bond in counted) < required - CENT:
            return state
    return "valid"


def performance_bond_state(required, most, due, until, bonds):
    """Whether a contract's performance bonds are there, lawful, enough, in time and last; the worst that is wrong.

    Nobody may demand more than the law's cap (L12), so that what reaches the cap is enough.

    :param required: the amount the contract demands, or None if nobody knows: then no amount is enough
    :param most: what the law allows, or None where it caps nothing
    :param due: the last day to hand it in, or None
    :param until: the day until which it must last, or None

    >>> cash = Bond(690_000, date(2026, 4, 29))
    >>> performance_bond_state(690_000, 690_000, date(2026, 4, 29), date(2027, 3, 31), [cash])
    'valid'
    >>> performance_bond_state(828_000, 690_000, None, None, [cash])
    'valid'
    >>> performance_bond_state(690_000, 690_000, None, None, [Bond(690_000.01, date(2026, 4, 29))])
    'beyond_cap'
    >>> performance_bond_state(690_000, None, None, None, []), performance_bond_state(None, 690_000, None, None, [cash])
    ('missing', 'short')
    >>> performance_bond_state(690_000, 690_000, date(2026, 4, 28), None, [cash])
    'late'
    """
    if bonds and most is not None and sum(bond.amount for bond in bonds) > most + CENT:
        return "beyond_cap"
    if required is not None and most is not None:
        required = min(required, most)
    return bond_state(required, due, until, bonds)


def _lasts(bond, valid_until):
    if bond.expires_on:
        return not valid_until or bond.expires_on >= valid_until
    return not bond.is_letter


def interest(amount, pct, days):
    """Simple interest for some days, at a yearly rate.

    >>> round(interest(365_000, 0.35, 90), 2)
    315.0
    >>> interest(365_000, None, 90)
    """
    return None if amount is None or pct is None or days is None else amount * pct / 100 * max(days, 0) / DAYS_A_YEAR
