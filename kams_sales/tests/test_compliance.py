import doctest

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
