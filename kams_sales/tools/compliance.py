"""Arithmetic of control points: how many of those that apply were met (C12). Unknown: None."""

from collections import namedtuple

from .arithmetic import ratio

# Of one point on one deal: met, waived or missing; how much it counts
Check = namedtuple("Check", "state mandatory weight")


def strict(checks):
    """Mandatory points that were met ÷ mandatory points that apply, in percent. A waiver isn't evidence.

    C12: seven mandatory points, five met, one waived, one missing; two of three advisory ones met:

    >>> checks = [Check("met", True, 2)] * 5 + [Check("waived", True, 2), Check("missing", True, 2)]
    >>> checks += [Check("met", False, 1)] * 2 + [Check("missing", False, 1)]
    >>> round(strict(checks), 2), round(with_waivers(checks), 2), round(weighted(checks), 2), gate_open(checks)
    (71.43, 85.71, 70.59, False)
    >>> strict([]), with_waivers([Check("met", False, 1)]), weighted([])
    (None, None, None)
    """
    mandatory = [check for check in checks if check.mandatory]
    return ratio(sum(check.state == "met" for check in mandatory), len(mandatory), 100.0)


def with_waivers(checks):
    """Mandatory points that were met or waived ÷ mandatory points that apply, in percent."""
    mandatory = [check for check in checks if check.mandatory]
    return ratio(sum(check.state != "missing" for check in mandatory), len(mandatory), 100.0)


def weighted(checks):
    """All points that apply, mandatory ones counting more: weight met ÷ weight, in percent."""
    met = sum(check.weight for check in checks if check.state == "met")
    return ratio(met, sum(check.weight for check in checks), 100.0)


def gate_open(checks):
    """Whether a deal may go on: every mandatory point is met or waived.

    >>> gate_open([Check("waived", True, 2), Check("missing", False, 1)]), gate_open([])
    (True, True)
    """
    return all(check.state != "missing" for check in checks if check.mandatory)


def share(answers):
    """Of questions with an answer (True or False), how many say yes, in percent; None is a question that doesn't apply.

    >>> share([True, False, None, True]), share([None]), share([])
    (66.66666666666666, None, None)
    """
    asked = [answer for answer in answers if answer is not None]
    return ratio(sum(asked), len(asked), 100.0)
