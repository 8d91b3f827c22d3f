"""What a training came to (C37). Plain Python: no ORM, no database.

What nobody noted is None and doesn't count; without anybody to count there is nothing to say.
"""

from .arithmetic import ratio


def attendance_rate(attended, invited):
    """C37: percent of those who were invited that came.

    >>> attendance_rate(45, 50), attendance_rate(0, 0) is None, attendance_rate(0, 3)
    (90.0, True, 0.0)
    """
    return ratio(attended, invited, 100)


def pass_rate(passed, attended):
    """C37: percent of those who came that passed.

    >>> round(pass_rate(40, 45), 2), pass_rate(0, 0) is None
    (88.89, True)
    """
    return ratio(passed, attended, 100)


def mean(values):
    """The average of what is known.

    >>> mean([4, None, 5]), mean([None]) is None, mean([]) is None
    (4.5, True, True)
    """
    known = [value for value in values if value is not None]
    return ratio(sum(known), len(known))


def gain(pairs):
    """C37: by how much scores rose on average, of those who took both tests. ``[(before, after)]``

    >>> gain([(55, 82)]), gain([(50, 80), (60, 84), (10, None), (None, 90)]), gain([(None, 90)]) is None
    (27.0, 27.0, True)
    """
    return mean([after - before for before, after in pairs if before is not None and after is not None])


def presence(came, sessions, share):
    """Whether somebody who came to ``came`` has attended: for at least ``share`` percent of the sessions' hours.

    None where no session was recorded. ``{session: hours}``; a session without hours counts like one of one hour.

    >>> hours = {"Monday": 6, "Tuesday": 2}
    >>> presence({"Monday"}, hours, 75), presence({"Tuesday"}, hours, 75), presence({"Monday"}, {}, 75) is None
    (True, False, True)
    >>> presence({1, 2}, {1: 0, 2: None, 3: 1}, 60), presence(set(), {1: 1}, None)
    (True, False)
    """
    if not sessions:
        return None
    there = sum(sessions[one] or 1 for one in sessions if one in came)
    # without a rule, whoever came at all has attended
    return there > 0 and there / sum(hours or 1 for hours in sessions.values()) * 100 >= (share or 0) - 1e-9
