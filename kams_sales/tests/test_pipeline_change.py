from collections import defaultdict
from datetime import date, datetime

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .past import PastCase

START, END = datetime(2026, 2, 1), datetime(2026, 4, 1)


class ChangeCase(PastCase):
    def _changes(self, deals, start=START, end=END, until=None, user=None):
        """``{deal: {kind: amount}}`` between two moments."""
        self.env.invalidate_all()
        rows = (
            self.env["kams.pipeline.change"]
            .with_user(user or self.director)
            .with_context(kams_from=start.isoformat(), kams_to=end.isoformat(), kams_until=until and until.isoformat())
            .search([("lead_ref", "in", list(deals))])
        )
        found = defaultdict(dict)
        for row in rows:
            self.assertNotIn(row.kind, found[row.lead_ref])
            found[row.lead_ref][row.kind] = row.amount
        return found

    def _told(self, *steps, until=None, **story):
        (deal,) = self._tell({"steps": list(steps), **story})
        return self._changes(deal.ids, until=until)[deal.id]


@tagged("post_install", "-at_install")
class TestPipelineChange(ChangeCase):
    """Bars between two moments add up, deal by deal."""

    def test_a_deal_that_did_not_change_is_only_at_both_ends(self):
        told = self._told(("2026-01-10", "development", {"amount": 5.0}), ("2026-02-10", "initiation"))
        self.assertEqual(told, {"opening": 5, "closing": 5})

    def test_new_raised_and_cut(self):
        self.assertEqual(
            self._told(("2026-02-10", "development", {"amount": 5.0}), ("2026-02-11", None, {"amount": 7.0})),
            {"new": 7, "closing": 7},
        )
        self.assertEqual(
            self._told(("2026-01-10", "development", {"amount": 5.0}), ("2026-02-11", None, {"amount": 7.0})),
            {"opening": 5, "raised": 2, "closing": 7},
        )
        self.assertEqual(
            self._told(("2026-01-10", "development", {"amount": 5.0}), ("2026-02-11", None, {"amount": 0.0})),
            {"opening": 5, "cut": -5, "closing": 0},
        )

    def test_a_deal_is_won_for_what_it_was_won_for(self):
        self.assertEqual(
            self._told(
                ("2026-01-10", "negotiation", {"amount": 5.0}),
                ("2026-02-11", None, {"amount": 7.0}),
                ("2026-03-01", "won"),
            ),
            {"opening": 5, "raised": 2, "won": -7},
        )
        self.assertEqual(
            self._told(("2026-02-10", "negotiation", {"amount": 5.0}), ("2026-03-01", "won")), {"new": 5, "won": -5}
        )

    def test_lost_reopened_and_gone_otherwise(self):
        self.assertEqual(
            self._told(("2026-01-10", "proposal", {"amount": 5.0}), ("2026-03-01", "lost")), {"opening": 5, "lost": -5}
        )
        self.assertEqual(
            self._told(("2026-01-10", "proposal", {"amount": 5.0}), ("2026-01-20", "lost"), ("2026-03-01", "proposal")),
            {"reopened": 5, "closing": 5},
        )
        for end in ("archived", "left", "merged", "deleted"):
            ref = self.env["kams.deal.history"].search([], order="lead_ref desc", limit=1).lead_ref
            self._tell({"steps": [("2026-01-10", "proposal", {"amount": 5.0}), ("2026-03-01", end)]})
            (found,) = self._changes(range(ref + 1, ref + 50)).values()
            self.assertEqual(found, {"opening": 5, "other": -5}, end)
        self.assertEqual(
            self._told(("2026-01-10", "proposal", {"amount": 5.0}), ("2026-01-20", "lost"), ("2026-03-01", "archived")),
            {},
        )

    def test_moves_over_the_horizon_take_the_amount_with_them(self):
        until = date(2026, 6, 30)
        soon, late = {"deadline": date(2026, 6, 30)}, {"deadline": date(2026, 7, 1)}
        before = ("2026-01-10", "proposal", {"amount": 5.0, **soon})
        self.assertEqual(
            self._told(before, ("2026-02-10", None, {"amount": 9.0, **late}), until=until), {"opening": 5, "pushed": -5}
        )
        before = ("2026-01-10", "proposal", {"amount": 5.0, **late})
        self.assertEqual(
            self._told(before, ("2026-02-10", None, {"amount": 9.0, **soon}), until=until),
            {"pulled": 5, "raised": 4, "closing": 9},
        )
        self.assertEqual(self._told(before, ("2026-02-10", "won"), until=until), {"pulled": 5, "won": -5})
        self.assertEqual(self._told(before, ("2026-02-10", "lost"), until=until), {})
        self.assertEqual(self._told(("2026-01-10", "proposal", {"amount": 5.0}), until=until), {})  # no date at all

    def test_without_a_horizon_a_move_has_days_and_no_amount(self):
        (deal,) = self._tell(
            {
                "steps": [
                    ("2026-01-10", "proposal", {"amount": 5.0, "deadline": date(2026, 6, 30)}),
                    ("2026-02-10", None, {"deadline": date(2026, 7, 14)}),
                ]
            }
        )
        self.assertEqual(self._changes(deal.ids)[deal.id], {"opening": 5, "pushed": 0, "closing": 5})
        row = self.env["kams.pipeline.change"].with_context(kams_from=START.isoformat(), kams_to=END.isoformat())
        self.assertEqual(row.search([("lead_ref", "=", deal.id), ("kind", "=", "pushed")]).days, 14)

    def test_a_deal_that_went_back_three_times_has_not_changed(self):
        told = self._told(
            ("2026-01-10", "proposal", {"amount": 5.0}),
            *[(f"2026-02-{day:02}", phase) for day, phase in enumerate(("initiation", "proposal") * 3, 3)],
        )
        self.assertEqual(told, {"opening": 5, "closing": 5})

    def test_a_deal_that_changed_hands_is_told_of_its_last_owner_so_that_each_filter_adds_up(self):
        (deal,) = self._tell(
            {
                "steps": [
                    ("2026-01-10", "proposal", {"amount": 5.0, "user": self.colleague}),
                    ("2026-02-10", None, {"user": self.salesperson, "amount": 6.0}),
                ]
            }
        )
        told = {"opening": 5, "raised": 1, "closing": 6}
        self.assertEqual(self._changes(deal.ids, user=self.salesperson)[deal.id], told)
        self.assertFalse(self._changes(deal.ids, user=self.colleague)[deal.id])

    def test_the_bars_are_the_sums_each_leads_to_its_deals_and_all_add_up(self):
        self._tell(
            self._through(5, "won", start="2026-01-05", days=14, amount=7.5),
            self._through(2, start="2026-01-05", amount=2.5),
            self._through(2, start="2026-02-05", amount=1.0, user=self.colleague),
        )
        ask = self.env["kams.pipeline.change.ask"].with_user(self.director)
        ask = ask.create({"date_from": "2026-02-01", "date_to": "2026-03-31", "team_id": self.past_team.id})
        action = ask.action_show()
        steps = (
            self.env["kams.pipeline.change.step"].with_user(self.director).with_context(**action["context"]).search([])
        )
        found = {step.kind: (step.deals, step.amount, step.level_before, step.level_after) for step in steps}
        self.assertEqual(list(found)[0::10], ["opening", "closing"])
        self.assertEqual(
            {kind: values for kind, values in found.items() if values[0]},
            {"opening": (2, 10, 0, 10), "new": (1, 1, 10, 11), "won": (1, -7.5, 11, 3.5), "closing": (2, 3.5, 0, 3.5)},
        )
        self.assertEqual(sum(step.amount for step in steps[:-1]), steps[-1].amount)
        self.assertEqual(found["other"], (0, 0, 3.5, 3.5))
        self.assertIn("left: 0.0%; width: 90.9", steps[0].bar)
        for step in steps:
            action = step.action_open_deals()
            deals = self.env[action["res_model"]].with_user(self.director).with_context(**action["context"])
            self.assertEqual(sum(deals.search(action["domain"]).mapped("amount")), step.amount)
        # a salesperson's bars are of the own deals
        mine = (
            self.env["kams.pipeline.change.step"]
            .with_user(self.salesperson)
            .with_context(**ask.action_show()["context"])
        )
        self.assertEqual(mine.search([("kind", "=", "closing")]).amount, 2.5)

    def test_a_period_with_nothing_has_all_bars_empty(self):
        steps = self.env["kams.pipeline.change.step"].with_context(
            kams_from="1990-01-01", kams_to="1990-02-01", kams_team_id=self.past_team.id
        )
        self.assertEqual(set(steps.search([]).mapped("amount")), {0})
        self.assertEqual(len(steps.search([])), 11)

    def test_days_begin_and_end_where_the_reader_is(self):
        self.director.tz = "Asia/Shanghai"
        ask = self.env["kams.pipeline.change.ask"].with_user(self.director)
        ask = ask.create({"date_from": "2026-02-01", "date_to": "2026-02-28"})
        context = ask.action_show()["context"]
        self.assertEqual(context["kams_from"], "2026-01-31T15:59:59.999999")
        self.assertEqual(context["kams_to"], "2026-02-28T15:59:59.999999")
        (deal,) = self._tell({"steps": [(datetime(2026, 2, 28, 16), "development")]})  # 1 March in Shanghai
        rows = self.env["kams.pipeline.change"].with_user(self.director)
        self.assertFalse(rows.with_context(**context).search([("lead_ref", "=", deal.id)]))
        ask.date_to = "2026-03-01"
        self.assertTrue(rows.with_context(**ask.action_show()["context"]).search([("lead_ref", "=", deal.id)]))

    def test_days_that_make_no_sense_are_refused(self):
        with self.assertRaisesRegex(ValidationError, "lies before"):
            self.env["kams.pipeline.change.ask"].create({"date_from": "2026-03-01", "date_to": "2026-02-01"})
        later = self.env["kams.pipeline.change.ask"].create({"date_from": "2999-03-01", "date_to": "2999-04-01"})
        with self.assertRaisesRegex(UserError, "not come yet"):
            later.action_show()
        self.assertTrue(Form(self.env["kams.pipeline.change.ask"]).save().action_deals()["domain"] == [])
