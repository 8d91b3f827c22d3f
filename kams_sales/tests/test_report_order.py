from unittest.mock import patch

from odoo.models import BaseModel
from odoo.tests import tagged

from .past import PastCase


@tagged("post_install", "-at_install")
class TestReportOrder(PastCase):
    """Reports put groups of records in order once they are added up; the order is Odoo's."""

    def test_groups_of_records_stand_as_odoo_puts_them(self):
        self._tell(
            self._through(2, "lost", user=self.colleague),
            self._through(5, "won"),
            self._through(3, user=None),
            self._through(4, "archived", user=self.director),
        )
        for name in ("kams.funnel", "kams.pipeline", "kams.compliance", "kams.phase.time", "kams.winloss.report"):
            report = self.env[name]
            links = [field.name for field in report._fields.values() if field.type == "many2one" and field.store]
            for how in ("", " desc", " nulls first", " desc nulls last"):
                for link in links:
                    with self.subTest(report=name, order=link + how):
                        ours = self._groups(report, link, how)
                        with patch.object(
                            type(self.env["kams.report"]),
                            "_read_group_orderby",
                            BaseModel._read_group_orderby,
                        ):
                            theirs = self._groups(report, link, how)
                        self.assertTrue(ours)
                        self.assertEqual(ours, theirs)

    def _groups(self, report, link, how):
        return [group.id for (group,) in report._read_group([], [link], order=link + how)]

    def test_several_at_once_and_by_a_measure(self):
        self._tell(self._through(2, "lost"), self._through(5, "won"), self._through(5, "won", user=self.colleague))
        ours = self.env["kams.funnel"]._read_group(
            [("team_id", "=", self.past_team.id)],
            ["user_id", "phase_code"],
            ["entered:sum"],
            order="user_id desc, entered:sum desc, phase_code",
        )
        people = (self.colleague | self.salesperson).sorted(reverse=True)
        place = {user: index for index, user in enumerate(people)}
        codes = [code for code, _label in self.env["kams.funnel"]._fields["phase_code"].selection]
        self.assertEqual(ours, sorted(ours, key=lambda row: (place[row[0]], -row[2], codes.index(row[1]))))
        self.assertEqual(ours[0][0], people[0])
