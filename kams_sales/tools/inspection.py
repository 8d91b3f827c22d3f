"""What the law makes of goods that arrived and that nobody complains of (民法典 620–621). Plain Python: no ORM."""

STATES = ("not_arrived", "open", "accepted", "notified", "deemed")


def state(today, arrived_on, until, arrived=None, accepted=None, notified_on=None, known_defect=False):
    """Where goods stand with their buyer on a day.

    :param until: last day on which the buyer may say that something is wrong; None: not known
    :param arrived, accepted: quantities; None is unknown
    :param known_defect: we knew that they don't conform: no period helps us then (民法典 621, third paragraph)

    >>> from datetime import date
    >>> came, until = date(2026, 3, 2), date(2026, 3, 12)
    >>> state(date(2026, 3, 5), None, None), state(until, came, until), state(date(2026, 3, 13), came, until)
    ('not_arrived', 'open', 'deemed')

    Told in time, it stays told; told too late, it doesn't help them, unless we knew:

    >>> state(date(2026, 4, 1), came, until, notified_on=until)
    'notified'
    >>> state(date(2026, 4, 1), came, until, notified_on=date(2026, 3, 13))
    'deemed'
    >>> state(date(2026, 4, 1), came, until, notified_on=date(2026, 3, 13), known_defect=True)
    'notified'
    >>> state(date(2026, 4, 1), came, until, known_defect=True), state(date(2026, 4, 1), came, None)
    ('open', 'open')

    Accepted is what was accepted in whole; the rest of a part acceptance goes on:

    >>> state(date(2026, 4, 1), came, until, 5.0, 5.0), state(date(2026, 3, 5), came, until, 5.0, 3.0)
    ('accepted', 'open')
    >>> state(date(2026, 4, 1), came, until, 5.0, 3.0, notified_on=until), state(date(2026, 3, 5), came, until, None, 3)
    ('notified', 'accepted')
    """
    if not arrived_on:
        return "not_arrived"
    if accepted is not None and accepted > 0 and (arrived is None or accepted >= arrived):
        return "accepted"
    over = until is not None and not known_defect
    if notified_on and not (over and notified_on > until):
        return "notified"
    return "deemed" if over and today > until else "open"
