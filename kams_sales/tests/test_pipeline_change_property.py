import unittest
from datetime import date, datetime, timedelta

from odoo.tests import tagged

from ..demo.kams_demo_past import tell
from .past import PHASES
from .test_pipeline_change import ChangeCase

try:
    from hypothesis import given, settings
    from hypothesis import strategies as st
except ImportError:  # an Odoo without our test requirements; `make test` has them
    st = None


@tagged("post_install", "-at_install")
class TestPipelineChangeProperty(ChangeCase):
    """Random histories against a plain reading of their rows, deal by deal."""

    @unittest.skipIf(st is None, "hypothesis is not installed: pip install hypothesis")
    def test_every_deal_adds_up(self):
        steps = st.lists(
            st.tuples(
                st.integers(0, 90),
                st.sampled_from([None, *PHASES, "won", "lost", "archived", "left"]),
                st.sampled_from([0.0, 1.25, 7.0, 1e6]),
                st.sampled_from([None, date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 1)]),
            ),
            min_size=1,
            max_size=6,
            unique_by=lambda step: step[0],
        )

        @settings(max_examples=60, derandomize=True, database=None, deadline=None)
        @given(
            histories=st.lists(steps, min_size=1, max_size=8),
            days=st.tuples(st.integers(0, 95), st.integers(0, 95)).map(sorted),
            until=st.sampled_from([None, date(2026, 6, 30)]),
        )
        def hold(histories, days, until):
            self._try(histories, days, until)

        hold()

    def _try(self, histories, days, until):
        base = datetime(2026, 1, 1)
        stories = []
        for history in histories:
            steps = sorted(history)
            steps[0] = (steps[0][0], steps[0][1] if steps[0][1] in PHASES else "development", *steps[0][2:])
            stories.append(
                {
                    "team": self.past_team,
                    "steps": [
                        (base + timedelta(days=day), what, {"amount": amount, "deadline": deadline})
                        for day, what, amount, deadline in steps
                    ],
                }
            )
        start, end = (base + timedelta(days=day, hours=1) for day in days)
        with self.env.cr.savepoint() as savepoint:
            deals = tell(self.env, stories)
            found = self._changes(deals.ids, start, end, until)
            rows = self.env["kams.deal.history"].search([("lead_ref", "in", deals.ids)])
            for deal in deals:
                history = rows.filtered(lambda row, deal=deal: row.lead_ref == deal.id)
                self._hold(found[deal.id], self._at(history, start), self._at(history, end), until)
            savepoint.rollback()
        self.env.invalidate_all()

    @staticmethod
    def _at(history, moment):
        return history.filtered(lambda row: row.valid_from <= moment and (not row.valid_to or row.valid_to > moment))

    def _hold(self, told, before, after, until):
        def counts(row):
            open_now = row and row.status == "open" and row.phase_code in PHASES
            return bool(open_now and (not until or (row.date_deadline and row.date_deadline <= until)))

        def amount(row):
            return row.expected_revenue

        self.assertEqual(told.get("opening"), amount(before) if counts(before) else None)
        self.assertEqual(told.get("closing"), amount(after) if counts(after) else None)
        changes = sum(value for kind, value in told.items() if kind not in ("opening", "closing"))
        self.assertAlmostEqual(told.get("opening", 0) + changes, told.get("closing", 0))
        if "won" in told:
            self.assertEqual((after.status, told["won"]), ("won", -amount(after)))
        if "lost" in told:
            self.assertEqual((after.status, told["lost"]), ("lost", -amount(after)))
        if "new" in told:
            self.assertFalse(before)
        if "reopened" in told:
            self.assertNotEqual(before.status, "open")
        if counts(before) and not counts(after):
            kind = {"won": "won", "lost": "lost", "open": "pushed"}.get(after.status, "other")
            self.assertIn(kind, told)
        if counts(before) and counts(after):
            self.assertAlmostEqual(told.get("raised", 0) + told.get("cut", 0), amount(after) - amount(before))
            self.assertGreaterEqual(told.get("raised", 0), 0)
            self.assertLessEqual(told.get("cut", 0), 0)
