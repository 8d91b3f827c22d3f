from datetime import datetime, timedelta
from random import Random

from odoo.tests import tagged

from ..demo.kams_demo_past import ENDS
from .past import PHASES, PastCase

CLOSED = ("won", "lost", "archived")


@tagged("post_install", "-at_install")
class TestFunnelOracle(PastCase):
    """The reports' one statement against the same figures told step by step in Python, for lives at random."""

    def _life(self, random):
        """Steps of a deal that goes on, jumps, turns back, closes, opens again, and ends in some way or not."""
        when, steps = datetime(2026, 1, 1, 8), []
        for _step in range(random.randint(1, 9)):
            closed = steps and steps[-1][1] in CLOSED
            what = random.choice(PHASES)
            if steps and not closed:
                what = random.choice([*PHASES, *PHASES, None, None, "lost", "archived", "won"])
            steps.append((when, what))
            when += timedelta(hours=random.randint(1, 900))
        if random.random() < 0.5:
            steps.append((when, random.choice(sorted(ENDS))))
        return steps

    def _rows(self, steps):
        """``[(from, to, phase, status)]`` as the history has them."""
        rows, phase = [], None
        for (when, what), beyond in zip(steps, [*steps[1:], (None, None)], strict=True):
            if what is not None:
                status = what if what in ENDS else "open"
                phase = "delivery" if what == "won" else phase if what in ENDS else what
            rows.append((when, beyond[0], phase, status))
        return rows

    def _told(self, steps):
        """``{phase: figures}``, the slow way."""
        rows = self._rows(steps)
        if not any(row[3] == "open" for row in rows):
            return {}
        place = {code: number for number, code in enumerate([*PHASES, "delivery"])}
        last = rows[-1][3]
        outcome = last if last in (*CLOSED, "open") else "gone"
        whole = 4 if last == "won" else max(place[row[2]] for row in rows if row[2] in PHASES)
        closed_at = False
        if outcome in CLOSED:
            closed_at = max((row[1] for row in rows if row[3] != last), default=rows[0][0])
        found = {}
        for number, code in enumerate(PHASES[: whole + 1]):
            here = [row for row in rows if row[2] == code and row[3] == "open"]
            days = sum((row[1] - row[0]).total_seconds() for row in here if row[1]) / 86400
            further = number < whole
            found[code] = {
                "outcome": outcome,
                "closed_at": closed_at,
                "entered": int(outcome in CLOSED or outcome == "open" and further),
                "advanced": int(outcome == "won" or outcome != "gone" and further),
                "leaked": int(outcome in ("lost", "archived") and not further),
                "present": int(outcome == "open" and rows[-1][2] == code),
                "entered_at": min(row[0] for row in rows if place[row[2]] >= number),
                "days": round(days, 6) if here and all(row[1] for row in here) else False,
                "went_back": sum(
                    row in here and place[beyond[2]] < number for row, beyond in zip(rows, rows[1:], strict=False)
                ),
            }
        return found

    def test_lives_at_random_are_told_alike(self):
        random = Random(8)
        stories = [self._life(random) for _deal in range(120)]
        self._tell(*({"name": f"Life {number}", "steps": steps} for number, steps in enumerate(stories)))
        found = {}
        for row in self.env["kams.funnel"].search([("team_id", "=", self.past_team.id)]):
            told = found.setdefault(row.lead_name, {}).setdefault(row.phase_code, {})
            for name in ("outcome", "closed_at", "entered", "advanced", "leaked", "present", "entered_at", "went_back"):
                told[name] = row[name]
            told["days"] = row.days if row.days is False else round(row.days, 6)
        for number, steps in enumerate(stories):
            with self.subTest(steps=steps):
                self.assertEqual(found.get(f"Life {number}", {}), self._told(steps))
        times = self.env["kams.phase.time"].search([("team_id", "=", self.past_team.id)])
        wanted = {
            (f"Life {number}", code): (figures["days"], figures["went_back"])
            for number, steps in enumerate(stories)
            for code, figures in self._told(steps).items()
            if any(row[2:] == (code, "open") for row in self._rows(steps))
        }
        told = {
            (row.lead_name, row.phase_code): (row.days if row.days is False else round(row.days, 6), row.went_back)
            for row in times
        }
        self.assertEqual({key: told.get(key) for key in wanted}, wanted)
