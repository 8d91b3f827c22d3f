import doctest
from random import Random

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from ..tools import compliance
from .past import PastCase


class ComplianceCase(PastCase):
    """Deals whose points say what a test wants them to say."""

    @classmethod
    def _say(cls, deals, **states):
        """Let the checks of these deals answer: ``{code with _ for -: state}``; all others don't apply.

        As the engine would have written them; the points behind are other tests' matter.
        """
        points = cls.process.phase_ids.point_ids
        names = {point.code.replace("-", "_"): point.id for point in points}
        for code, state in {**dict.fromkeys(names, "na"), **states}.items():
            cls.env.cr.execute(
                SQL(
                    """
                    INSERT INTO kams_control_check
                           (lead_id, point_id, company_id, phase_sequence, sequence, level, owner_role, state)
                    SELECT l.id, p.id, l.company_id, p.phase_sequence, p.sequence, p.level, p.owner_role, %s
                      FROM crm_lead l, kams_control_point p WHERE l.id = ANY(%s) AND p.id = %s
                        ON CONFLICT (lead_id, point_id) DO UPDATE SET state = excluded.state
                    """,
                    state,
                    deals.ids,
                    names[code],
                )
            )
        cls.env.invalidate_all()

    def _group(self, domain, *measures, by=()):
        rows = self.env["kams.compliance"]._read_group(
            [("team_id", "=", self.past_team.id), *domain], by, [f"{name}:avg" for name in measures]
        )
        # an empty figure reads False, which equals 0
        rows = [tuple(None if value is False else value for value in row) for row in rows]
        return rows if by else rows[0]


@tagged("post_install", "-at_install")
class TestCompliance(ComplianceCase):
    def test_arithmetic(self):
        self.assertFalse(doctest.testmod(compliance).failed)

    def test_c12_compliance(self):
        """Seven mandatory points: five met, one waived, one missing; three advisory ones, two met."""
        points = self.process.phase_ids.point_ids.filtered(lambda point: point.phase_id.code != "delivery")
        mandatory = points.filtered(lambda point: point.level == "mandatory")[:7]
        advisory = points.filtered(lambda point: point.level == "advisory")[:3]
        self.assertEqual((len(mandatory), len(advisory)), (7, 3))
        answers = ["pass"] * 5 + ["waived", "fail"] + ["pass"] * 2 + ["fail"]
        deal = self._tell(self._through(5))
        self.env.cr.execute("UPDATE kams_control_point SET weight = 1")
        codes = [point.code.replace("-", "_") for point in mandatory + advisory]
        self._say(deal, **dict(zip(codes, answers, strict=True)))
        strict, waived, weighted = self._group([], "compliance", "compliance_waived", "compliance_weighted")
        self.assertAlmostEqual(strict, 71.43, 2)
        self.assertAlmostEqual(waived, 85.71, 2)
        self.assertAlmostEqual(weighted, 70.59, 2)

    def test_points_of_phases_ahead_are_not_asked(self):
        deal = self._tell(self._through(2))
        self._say(deal, S1_O1="pass", S2_O1="fail", S3_O1="fail")
        rows = self.env["kams.compliance"].search([("lead_id", "=", deal.id)])
        self.assertEqual(
            {row.point_code: (row.state, row.phase_code) for row in rows},
            {"S1-O1": ("met", "development"), "S2-O1": ("missing", "initiation")},
        )

    def test_without_mandatory_points_there_is_no_rate(self):
        self.assertEqual(self._group([], "compliance", "compliance_waived", "compliance_weighted"), (None, None, None))
        deal = self._tell(self._through(1))
        self._say(deal, S1_O3="fail")
        self.assertEqual(self._group([], "compliance", "compliance_weighted"), (None, 0.0))

    def test_what_the_gate_saw_counts_though_it_is_gone_since(self):
        story = self._through(3)
        story["steps"] = [(*step, {"gate": "pass" if place else "none"}) for place, step in enumerate(story["steps"])]
        deal = self._tell(story)
        self._say(deal, S1_O1="fail", S1_O3="fail", S2_O1="pass", S2_O2="fail", S3_O1="fail")
        self.env.cr.execute(
            SQL(
                "UPDATE kams_control_check c SET waived_at = now(), waiver_expiry = '2026-01-20'"
                " FROM kams_control_point p WHERE p.id = c.point_id AND c.lead_id = %s AND p.code = 'S2-O2'",
                deal.id,
            )
        )
        rows = self.env["kams.compliance"].search([("lead_id", "=", deal.id)])
        self.assertEqual(
            {row.point_code: (row.state, row.lapsed) for row in rows},
            {
                "S1-O1": ("met", True),
                "S1-O3": ("missing", False),  # advisory: the gate doesn't look at it
                "S2-O1": ("met", False),
                "S2-O2": ("waived", True),  # the waiver has run out
                "S3-O1": ("missing", False),  # the deal stands here
            },
        )

    def test_a_deal_that_went_round_the_gate_misses_what_it_misses(self):
        deal = self._tell(self._through(3))  # no gate was asked
        self._say(deal, S1_O1="fail")
        self.assertEqual(self._group([("point_code", "=", "S1-O1")], "compliance"), (0.0,))

    def test_deals_that_are_gone_or_left_are_not_in_it(self):
        kept = self._tell(self._through(2, "lost"), self._through(2, "archived"), self._through(2, "left"))
        self._tell(self._through(2, "deleted"), self._through(2, "merged"))
        self._say(kept, S1_O1="pass")
        rows = self.env["kams.compliance"].search([("team_id", "=", self.past_team.id)])
        self.assertEqual(set(rows.mapped("outcome")), {"lost", "archived"})
        self.assertEqual(rows.lead_id, kept[:2])

    def test_an_old_versions_points_are_shown_and_anothers_are_not(self):
        """A deal keeps its process; checks that it has from before an adoption into another are no longer asked."""
        deal = self._tell(self._through(2))
        self._say(deal, S1_O1="pass")
        other = self.process.copy({"name": "Another"})
        self.env.cr.execute(
            SQL(
                "UPDATE kams_control_check SET point_id = %s WHERE lead_id = %s AND state = 'pass'",
                other.phase_ids.point_ids.filtered(lambda point: point.code == "S1-O1").id,
                deal.id,
            )
        )
        self.assertFalse(self.env["kams.compliance"].search([("lead_id", "=", deal.id)]))

    # WHAT GOES WITH LOSSES
    def test_skipped_points_and_losses_with_interval_and_counts(self):
        """25 deals met the point, 20 of them were won; of 20 that skipped it, 5 were."""
        met = self._tell(*[self._through(5, "won")] * 20, *[self._through(3, "lost")] * 5)
        skipped = self._tell(*[self._through(5, "won")] * 5, *[self._through(3, "lost")] * 15)
        self._say(met, S1_O1="pass")
        self._say(skipped[:10], S1_O1="fail")
        self._say(skipped[10:], S1_O1="waived")
        names = ("win_rate_met", "win_met_low", "win_met_high", "win_rate_missed", "difference")
        met_rate, low, high, missed_rate, difference = self._group([], *names)
        self.assertEqual((met_rate, missed_rate, difference), (80.0, 25.0, 55.0))
        # Wilson, 20 of 25
        self.assertAlmostEqual(low, 60.87, 2)
        self.assertAlmostEqual(high, 91.14, 2)
        counts = self.env["kams.compliance"]._read_group(
            [("team_id", "=", self.past_team.id)], [], ["closed_met:sum", "closed_missed:sum", "won_missed:sum"]
        )
        self.assertEqual(counts, [(25, 20, 5)])

    def test_no_verdict_under_twenty_deals(self):
        met, skipped = [self._through(5, "won")] * 20, [self._through(3, "lost")] * 19
        deals = self._tell(*met, *skipped)
        self._say(deals[:20], S1_O1="pass")
        self._say(deals[20:], S1_O1="fail")
        self.assertEqual(self._group([], "win_rate_met", "win_rate_missed", "difference"), (100.0, 0.0, None))
        self.env["kams.legal.rule"].search([("key", "=", "verdict_least_deals")]).value = 19
        self.assertEqual(self._group([], "difference"), (100.0,))

    def test_a_deal_lost_in_a_phase_says_nothing_about_that_phases_points(self):
        """It misses them because it was lost."""
        deals = self._tell(self._through(2, "lost"), self._through(3, "lost"), self._through(5, "won"))
        self._say(deals, S2_O1="fail")
        ((missed, won),) = self.env["kams.compliance"]._read_group(
            [("lead_id", "in", deals.ids)], [], ["closed_missed:sum", "won_missed:sum"]
        )
        self.assertEqual((missed, won), (2, 1))

    def test_deals_given_up_without_decision_are_neither_won_nor_lost(self):
        deals = self._tell(self._through(3, "archived"), self._through(3, "lost"))
        self._say(deals, S1_O1="fail")
        self.assertEqual(
            self.env["kams.compliance"]._read_group([("lead_id", "in", deals.ids)], [], ["closed_missed:sum"]), [(1,)]
        )

    def test_points_that_are_mixed_are_not_compared(self):
        deals = self._tell(self._through(5, "won"), self._through(4, "lost"))
        self._say(deals, S1_O1="pass", S2_O1="pass")
        self.assertEqual(self._group([], "win_rate_met", "win_met_low", "difference"), (None, None, None))
        ((closed,),) = self.env["kams.compliance"]._read_group(
            [("team_id", "=", self.past_team.id)], [], ["closed_met:sum"]
        )
        self.assertIs(closed, False)  # two deals, not four
        self.assertEqual(
            [(code, rate) for code, rate in self._group([], "win_rate_met", by=["point_code"])],
            [("S1-O1", 50.0), ("S2-O1", 50.0)],
        )

    def test_margins_are_read_only_when_asked_for(self):
        report = self.env["kams.compliance"]
        self.assertNotIn("planned_margin", report._table_query.code)
        self.assertIn("planned_margin", report._as_asked([], [], ["slip_met:avg"])._table_query.code)
        deals = self._tell(self._through(5, "won"))
        self._say(deals, S1_O1="pass")
        # nothing is known of its margin
        self.assertEqual(self._group([], "slip_met", "slip_missed", "slip_difference"), (None, None, None))

    def test_closing_and_leaving_are_days_of_the_history(self):
        deal = self._tell(self._through(2, "lost", start="2026-03-02", days=[10, 20]))
        self._say(deal, S1_O1="pass", S2_O1="fail")
        rows = self.env["kams.compliance"].search([("lead_id", "=", deal.id)], order="point_code")
        self.assertEqual(rows.mapped(lambda row: str(row.left_at)), ["2026-03-12 08:00:00", "2026-04-01 08:00:00"])
        self.assertEqual(set(rows.mapped(lambda row: str(row.closed_at))), {"2026-04-01 08:00:00"})

    def test_figures_are_what_plain_arithmetic_makes_of_the_rows(self):
        """Against tools/compliance.py, for random answers."""
        random = Random(8)
        codes = [point.code for point in self.process.phase_ids.point_ids]
        deals = self._tell(*[self._through(random.randint(1, 5)) for _number in range(30)])
        for deal in deals:
            self._say(
                deal,
                **{code.replace("-", "_"): random.choice(["pass", "fail", "waived", "na"]) for code in codes},
            )
        found = self._group([], "compliance", "compliance_waived", "compliance_weighted", by=["lead_id"])
        self.assertTrue(found)
        rank = {phase.id: phase.sequence for phase in self.process.phase_ids}
        for deal, *figures in found:
            checks = [
                compliance.Check(
                    {"pass": "met", "waived": "waived", "fail": "missing"}[check.state],
                    check.level == "mandatory",
                    check.point_id.weight * (2 if check.level == "mandatory" else 1),
                )
                for check in deal.kams_check_ids
                if check.state != "na" and rank[check.phase_id.id] <= rank[deal.kams_phase_id.id]
            ]
            expected = [compliance.strict(checks), compliance.with_waivers(checks), compliance.weighted(checks)]
            for value, wanted in zip(figures, expected, strict=True):
                self.assertAlmostEqual(value or 0.0, wanted or 0.0, 6)
                self.assertEqual(value is None, wanted is None)

    def test_a_row_opens_its_deal(self):
        deal = self._tell(self._through(1))
        self._say(deal, S1_O1="pass")
        action = self.env["kams.compliance"].search([("lead_id", "=", deal.id)], limit=1).action_open_deal()
        self.assertEqual((action["res_model"], action["res_id"]), ("crm.lead", deal.id))

    def test_waivers_by_director_and_reason(self):
        deal = self._deal(partner_id=self.customer.id)
        self._settle()
        check = deal.kams_check_ids.filtered(lambda one: one.point_id.code == "S1-O2")
        day = fields.Date.add(fields.Date.today(), days=5)
        check.with_user(self.director).waive("They are abroad until May", day)
        self._settle()
        rows = self.env["kams.compliance"]._read_group(
            [("lead_id", "=", deal.id), ("waived_at", "!=", False)],
            ["waiver_approver_id", "waiver_reason"],
            ["waived:sum"],
        )
        self.assertEqual(rows, [(self.director, "They are abroad until May", 1)])
