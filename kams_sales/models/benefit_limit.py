"""The one lock on what a customer's people get, for plans and visits alike (反不正当竞争法 art. 8)."""

# What goes to a person, and the rule that says how much at most
PERSONAL = {"hospitality": "benefit_hospitality_limit", "gift": "benefit_gift_limit", "favour": "benefit_gift_limit"}


def benefit_limit(env, kind, day, regime=None):
    """``(most per head, who says so)`` on the day it is given; without a rule nothing is allowed."""
    found = env["kams.legal.rule"]._found(PERSONAL[kind], day, regime or None)
    return (found.value, found.source) if found else (0.0, "")
