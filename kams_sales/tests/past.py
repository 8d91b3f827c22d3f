"""Worlds of the worked examples: deals with a past, for reports that read what was."""

from datetime import date, datetime, timedelta

from ..demo.kams_demo_past import tell
from .common import KamsCase

PHASES = ("development", "initiation", "proposal", "tendering", "negotiation")


class PastCase(KamsCase):
    """A team of its own, without deals; what the demo data tells of others isn't in its figures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.past_team = cls.env["crm.team"].create(
            {"name": "Team of the past", "use_opportunities": True, "kams_process_id": cls.process.id}
        )

    @classmethod
    def _tell(cls, *stories, **usual):
        """See :func:`tell`; the team is this case's, the salesperson its own, ``usual`` is told of every deal."""
        told = [{"team": cls.past_team, "user": cls.salesperson, **usual, **story} for story in stories]
        return tell(cls.env, told)

    @classmethod
    def _through(cls, reached, end=None, start="2026-01-05", days=10, **story):
        """The story of a deal that went phase by phase.

        :param reached: how many phases it entered; 5 are all before delivery
        :param end: ``won``, ``lost``, ``archived`` or None for one that is still where it came to
        :param days: how long each phase took, a number or one for each
        """
        day = datetime.fromisoformat(start) if "T" in start else date.fromisoformat(start)
        each = days if isinstance(days, (list, tuple)) else [days] * reached
        steps = []
        for phase, length in zip(PHASES[:reached], each, strict=False):
            steps.append((day, phase))
            day += timedelta(days=length)
        if end:
            steps.append((day, end))
        return {**story, "steps": steps}

    @classmethod
    def _world_c01(cls, **usual):
        """C01: entered 120, 72, 48, 36, 18, and 12 won; all of them closed."""
        entered, stories = [120, 72, 48, 36, 18, 12], []
        for place, (here, beyond) in enumerate(zip(entered, entered[1:], strict=False), 1):
            stories += [cls._through(place, "lost")] * (here - beyond)
        stories += [cls._through(5, "won")] * 12
        return cls._tell(*stories, **usual)
