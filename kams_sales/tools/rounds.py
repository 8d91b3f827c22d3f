"""Concessions over the rounds of a negotiation, against their plan. Plain Python: no ORM, no database."""

# Why a concession wasn't planned
NO_PLAN, TOO_EARLY, TOO_MUCH = "no_plan", "too_early", "too_much"


def departures(plan, given, digits=2):
    """What of a planned concession was given otherwise than planned: ``[None or why]`` in the order of ``given``.

    A plan is spent from the first round on; what goes beyond it is too much, and only that.

    :param plan: ``(round from which on, amount)``; an amount nobody planned is None and can't be overspent
    :param given: ``[(round, amount)]`` of this plan, in the order in which they were given; unknown is None

    >>> departures((2, 30_000), [(2, 20_000), (3, 10_000)])
    [None, None]
    >>> departures((2, 30_000), [(1, 20_000), (3, 10_000.01), (3, None)])
    ['too_early', 'too_much', 'too_much']
    >>> departures((1, None), [(1, 9e9)]), departures((1, 0.3), [(1, 0.1), (1, 0.2)])
    ([None], [None, None])
    """
    start, planned = plan
    spent, found = 0.0, []
    for turn, amount in given:
        spent += amount or 0.0
        if turn is not None and turn < start:
            found.append(TOO_EARLY)
        elif planned is not None and round(spent - planned, digits) > 0:
            found.append(TOO_MUCH)
        else:
            found.append(None)
    return found


def running(plan, given):
    """Round by round what was planned and what was given, alone and in all.

    :param plan: ``[(round from which on, amount)]``
    :param given: ``[(round, amount)]``; in both an unknown amount is None and adds nothing
    :return: ``[(round, planned, given, planned in all, given in all)]`` from the first round to the last

    >>> running([(1, 60), (2, 35), (4, 10)], [(1, 60), (2, 40), (2, None)])
    [(1, 60, 60, 60, 60), (2, 35, 40, 95, 100), (3, 0, 0, 95, 100), (4, 10, 0, 105, 100)]
    >>> running([], [])
    []
    """
    turns = [turn for turn, _amount in (*plan, *given) if turn]
    rows, planned_in_all, given_in_all = [], 0, 0
    for turn in range(1, max(turns, default=0) + 1):
        planned = sum(amount or 0 for number, amount in plan if number == turn)
        spent = sum(amount or 0 for number, amount in given if number == turn)
        planned_in_all += planned
        given_in_all += spent
        rows.append((turn, planned, spent, planned_in_all, given_in_all))
    return rows


def standing(moves):
    """Where both sides stand after these moves: the last word of each on each issue.

    :param moves: ``[(issue, theirs, ours)]`` in the order of the rounds; who said nothing new is None
    :return: ``{issue: (theirs, ours)}``

    >>> standing([("price", 900, 1000), ("price", 950, None), ("months", None, 24)])
    {'price': (950, 1000), 'months': (None, 24)}
    """
    found = {}
    for issue, theirs, ours in moves:
        before = found.get(issue, (None, None))
        found[issue] = (before[0] if theirs is None else theirs, before[1] if ours is None else ours)
    return found


def numbers(recorded, planned):
    """The numbers of rounds: recorded ones keep theirs, the others take what is free, in the order of their time.

    :param recorded: numbers that stand
    :param planned: how many more there are

    >>> numbers([1, 3], 3), numbers([], 2), numbers([2], 0)
    ([2, 4, 5], [1, 2], [])
    """
    taken, free, number = set(recorded), [], 1
    while len(free) < planned:
        if number not in taken:
            free.append(number)
        number += 1
    return free
