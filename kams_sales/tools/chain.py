"""Arithmetic of a decision chain: how much of its weight supports us, how much of it we know. Unknown: None."""

from .arithmetic import ratio


def support_index(people):
    """Support by weight, 0–100: 50 is neutral, 100 all of them advocates. ``[(influence, attitude), ...]``

    C20: economic buyer 5 × 0, technical buyer 3 × −1, user buyer 2 × 2, coach 2 × 2 (5/24 = 0.208333):

    >>> round(support_index([(5, 0), (3, -1), (2, 2), (2, 2)]), 2)
    60.42
    >>> support_index([(1, -2)]), support_index([(4, 2), (2, 2)]), support_index([(3, 0)])
    (0.0, 100.0, 50.0)

    Who isn't known doesn't count, and where nobody is known there is nothing to say:

    >>> support_index([(5, 0), (3, None), (None, 2)]), support_index([(3, None)]), support_index([])
    (50.0, None, None)
    """
    known = [(weight, attitude) for weight, attitude in people if weight and attitude is not None]
    share = ratio(sum(weight * attitude for weight, attitude in known), 2 * sum(weight for weight, _attitude in known))
    return None if share is None else (share + 1) / 2 * 100


def coverage(met):
    """Share of the key players that we have met, in percent; ``met`` says it of each.

    C20: three of four.

    >>> coverage([True, True, True, False]), coverage([False]), coverage([])
    (75.0, 0.0, None)
    """
    return ratio(sum(map(bool, met)), len(met), 100.0)


def map_status(people):
    """Red: no key player supports us. Amber: some do. Green: one of them decides or approves.

    :param people: of each ``(is a key player, attitude, decides or approves)``; without anybody there is no status

    >>> map_status([(True, 0, True), (False, 2, True)]), map_status([(True, 1, False), (True, None, True)])
    ('red', 'amber')
    >>> map_status([(True, 1, True), (True, -2, True)]), map_status([])
    ('green', None)
    """
    if not people:
        return None
    supporters = [decides for key, attitude, decides in people if key and (attitude or 0) > 0]
    if not supporters:
        return "red"
    return "green" if any(supporters) else "amber"


def above(person, superior):
    """All those above somebody, next first. ``superior`` is ``{person: superior}``; a circle ends where it closes.

    >>> above("c", {"c": "b", "b": "a"}), above("a", {"c": "b"}), above("a", {"a": "b", "b": "a"})
    (['b', 'a'], [], ['b'])
    """
    found, seen = [], {person}
    while (person := superior.get(person)) and person not in seen:
        found.append(person)
        seen.add(person)
    return found


def in_order(people, superior):
    """``[(depth, person), ...]`` as a chart is read: those on top in their order, each followed by their own.

    >>> in_order("abcd", {"b": "a", "c": "b", "d": "a"})
    [(0, 'a'), (1, 'b'), (2, 'c'), (1, 'd')]
    >>> in_order("ba", {"a": "z"})
    [(0, 'b'), (0, 'a')]
    """
    own, there = {}, set(people)
    for person in people:
        chief = superior.get(person)
        own.setdefault(chief if chief in there else None, []).append(person)
    found, waiting = [], [(0, person) for person in reversed(own.get(None, []))]
    while waiting:
        depth, person = waiting.pop()
        found.append((depth, person))
        waiting += [(depth + 1, below) for below in reversed(own.get(person, []))]
    return found
