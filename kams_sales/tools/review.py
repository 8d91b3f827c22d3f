"""How a committee's votes become an outcome, and when a decision no longer fits its deal (4.3 售前立项评审)."""

from typing import NamedTuple

# From mild to strict: what is decided may be stricter than what the votes propose, never milder.
OUTCOMES = ("approved", "conditional", "rejected")
# What a scorecard's band says about the outcome
BANDS = {"pass": "approved", "conditional": "conditional", "reject": "rejected"}


class Vote(NamedTuple):
    """One member's: agree, conditional, reject, abstain, or None while it is missing."""

    vote: str | None
    veto: bool = False


class Tally(NamedTuple):
    members: int
    cast: int
    quorum: float | None  # percent of the members who voted
    quorum_met: bool
    share: float | None  # percent of yes, with or without conditions, among those who took a side
    vetoed: bool
    proposed: str | None


def tally(votes, quorum_pct, pass_pct, band=None):
    """Count votes and say what follows from them.

    :param quorum_pct: percent of the members that must vote; 66.7 stands for two thirds
    :param pass_pct: more than so many percent of those who took a side must agree
    :param band: code of the scorecard's band, which makes the outcome stricter but never milder

    Two of three are two thirds; the third needn't vote.

    >>> tally([Vote("agree"), Vote("agree"), Vote(None)], 66.7, 50)
    Tally(members=3, cast=2, quorum=66.7, quorum_met=True, share=100.0, vetoed=False, proposed='approved')
    >>> tally([Vote("agree"), Vote(None), Vote(None)], 66.7, 50).proposed is None
    True

    One condition makes a conditional yes; half is not more than half; a veto decides alone.

    >>> tally([Vote("agree"), Vote("conditional")], 66.7, 50).proposed
    'conditional'
    >>> tally([Vote("agree"), Vote("reject")], 66.7, 50).proposed
    'rejected'
    >>> tally([Vote("agree"), Vote("agree"), Vote("reject", veto=True)], 66.7, 50).proposed
    'rejected'

    Who abstains counts for the quorum, and for neither side.

    >>> tally([Vote("agree"), Vote("abstain"), Vote("abstain")], 66.7, 50).share
    100.0
    >>> tally([Vote("abstain")], 66.7, 50)[4:]
    (None, False, None)

    The stricter of votes and scorecard counts.

    >>> [tally([Vote("agree")], 66.7, 50, band).proposed for band in ("pass", "conditional", "reject")]
    ['approved', 'conditional', 'rejected']
    >>> tally([], 66.7, 50).proposed is None
    True
    """
    members, cast = len(votes), [vote for vote in votes if vote.vote]
    sides = [vote.vote for vote in cast if vote.vote != "abstain"]
    quorum = round(100 * len(cast) / members, 1) if members else None
    quorum_met = quorum is not None and quorum >= round(quorum_pct, 1)
    share = 100 * sum(vote != "reject" for vote in sides) / len(sides) if sides else None
    vetoed = any(vote.veto and vote.vote == "reject" for vote in cast)
    return Tally(
        members,
        len(cast),
        quorum,
        quorum_met,
        share,
        vetoed,
        _proposed(sides, share, pass_pct, vetoed, band) if quorum_met else None,
    )


def _proposed(sides, share, pass_pct, vetoed, band):
    if vetoed:
        return "rejected"
    if share is None:
        return None
    if share <= pass_pct:
        return "rejected"
    return strictest("conditional" if "conditional" in sides else "approved", BANDS.get(band, "approved"))


def strictest(*outcomes):
    """
    >>> strictest("approved", "rejected", "conditional")
    'rejected'
    """
    return max(outcomes, key=OUTCOMES.index)


def allowed(proposed):
    """What may be decided: what is proposed, anything stricter, or to put it off.

    >>> allowed("conditional")
    ('conditional', 'rejected', 'deferred')
    >>> allowed(None)
    ('deferred',)
    """
    return (*(OUTCOMES[OUTCOMES.index(proposed) :] if proposed else ()), "deferred")


def amount_changed(before, after, pct):
    """Whether an amount is off by more than so many percent, up or down; exactly so many is within.

    >>> amount_changed(100, 120, 20), amount_changed(100, 120.01, 20), amount_changed(100, 79.99, 20)
    (False, True, True)
    >>> amount_changed(0.1, 0.12, 20)  # as on paper, whatever the binary fraction says
    False

    Of nothing, everything is more; a limit that isn't set is never passed.

    >>> amount_changed(0, 5, 20), amount_changed(0, 0, 20), amount_changed(100, 500, None)
    (True, False, False)
    """
    if pct is None:
        return False
    if not before:
        return bool(after)
    return round(abs(after - before) / abs(before) * 100 - pct, 6) > 0


def passed_limit(before, after, limit):
    """Whether something went up by more than the limit; unknown ends of it tell nothing.

    >>> passed_limit(0, 61, 60), passed_limit(0, 60, 60), passed_limit(None, 90, 60), passed_limit(0, 90, None)
    (True, False, False, False)
    """
    return None not in (before, after, limit) and round(after - before - limit, 6) > 0
