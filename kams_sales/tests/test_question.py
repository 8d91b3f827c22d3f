from odoo.tests import tagged

from .past import PastCase

# {report: columns that a question for the number of rows doesn't read}
UNREAD = {
    "kams.pipeline": ("median_days", "ageing", "is_stagnant", "own_probability", "step_state", "is_clean"),
    "kams.compliance": ("level", "met", "waivers", "closed_at"),
    "kams.performance": ("meetings", "open_deals", "objections", "won_amount", "quota"),
    "kams.deal.money": ("invoiced", "planned", "ordered"),
    "kams.money": ("net_invoiced", "lead_id", "forecast"),
}


@tagged("post_install", "-at_install")
class TestQuestion(PastCase):
    """A question for groups reads what it wants alone; records that its answer brings are read whole all the same."""

    def test_records_of_groups_know_nothing_of_the_question(self):
        self._tell(*[self._through(5, "won", days=days) for days in (4, 6, 9)], self._through(3), self._through(2))
        for name, columns in UNREAD.items():
            report = self.env[name]
            team = report._fields["team_id"].name
            self.env.invalidate_all()
            sets = report._read_grouping_sets(
                [], [[team], []], ["id:recordset"] if name != "kams.money" else ["__count"]
            )
            found = report._read_group([], [team], ["id:recordset"] if name != "kams.money" else ["__count"])
            for groups in (found, *sets):
                for value in (value for group in groups for value in group if hasattr(value, "env")):
                    with self.subTest(report=name, value=value._name):
                        self.assertEqual(value.env.context, self.env.context)
            if name == "kams.money":
                continue
            records = report.browse(id_ for _team, rows in found for id_ in rows.ids)
            told = {row["id"]: row for _team, rows in found for row in rows.read(columns)}
            self.env.invalidate_all()
            whole = {row["id"]: row for row in report.search([]).read(columns)}
            self.assertTrue(records)
            self.assertEqual(told, {id_: whole[id_] for id_ in records.ids})
