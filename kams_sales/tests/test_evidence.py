import random
from collections import defaultdict
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.kams_sales.models import evidence_dependencies
from odoo.addons.kams_sales.models.evidence_dependencies import Dependency, Untraceable

from .common import KamsCase


class EvidenceCase(KamsCase):
    """A process of two phases whose first asks whatever the test wants to ask."""

    @classmethod
    def _bind(cls, points):
        """Make a team that works by a process with these points: ``{code: values}``."""
        first, last = cls.env["crm.stage"].create(
            [{"name": "Asking", "sequence": 901}, {"name": "Asked", "sequence": 902, "is_won": True}]
        )
        process = cls.env["kams.process"].create(
            {
                "name": "Trial",
                "phase_ids": [
                    Command.create({"code": "development", "name": "Asking", "stage_id": first.id, "sequence": 1}),
                    Command.create({"code": "delivery", "name": "Asked", "stage_id": last.id, "sequence": 2}),
                ],
            }
        )
        phase = process.phase_ids.sorted("sequence")[0]
        made = cls.env["kams.control.point"].create(
            [{"phase_id": phase.id, "code": code, "name": code, **vals} for code, vals in points.items()]
        )
        process.action_activate()
        cls.trial_points = {point.code: point for point in made}
        cls.trial_stages = first + last
        cls.trial_team = cls.env["crm.team"].create({"name": "Trial team", "kams_process_id": process.id})
        (first + last).team_ids = cls.trial_team
        return process

    def _trial_deal(self, **vals):
        return self._deal(team_id=self.trial_team.id, **vals)

    def _met(self, deal):
        """Codes of the points that the deal's checks call met."""
        self._settle()
        return {check.point_id.code for check in deal.kams_check_ids if check.state == "pass"}


@tagged("post_install", "-at_install")
class TestDependencies(KamsCase):
    """Which changes can turn a rule, worked out by hand and derived by the addon."""

    def _of(self, model, domain, *paths):
        return evidence_dependencies.of_rule(self.env[model], domain, paths)

    def assertDepends(self, found, expected, dynamic=False):
        self.assertEqual(found.items, {Dependency(*item) for item in expected})
        self.assertEqual(found.dynamic, dynamic)

    def test_meetings_held(self):
        self.assertDepends(
            self._of("calendar.event", [("stop", "<=", "now")], "opportunity_id"),
            [
                ("calendar.event", "stop", ""),
                ("calendar.event", "active", ""),
                ("calendar.event", "opportunity_id", ""),
                ("crm.lead", None, "opportunity_id"),
            ],
            dynamic=True,
        )

    def test_orders_by_a_field_of_their_lines_products(self):
        """A product on an order can't be deleted, so its deletion is nothing to watch."""
        self.assertDepends(
            self._of("sale.order", [("order_line.product_id.categ_id.name", "=", "Turbines")], "opportunity_id"),
            [
                ("sale.order", "opportunity_id", ""),
                ("crm.lead", None, "opportunity_id"),
                ("sale.order.line", "order_id", "order_line"),
                ("sale.order.line", None, "order_line"),
                ("sale.order.line", "product_id", "order_line"),
                ("product.product", "product_tmpl_id", "order_line.product_id"),
                ("product.template", None, "order_line.product_id.product_tmpl_id"),
                ("product.template", "categ_id", "order_line.product_id.product_tmpl_id"),
                ("product.category", None, "order_line.product_id.product_tmpl_id.categ_id"),
                ("product.category", "name", "order_line.product_id.categ_id"),
            ],
        )

    def test_any_subdomain_equals_the_dotted_path(self):
        self.assertDepends(
            self._of("sale.order", [("order_line", "any", [("product_uom_qty", ">", 5), ("state", "=", "sale")])]),
            [
                ("sale.order.line", "order_id", "order_line"),
                ("sale.order.line", None, "order_line"),
                ("sale.order.line", "product_uom_qty", "order_line"),
                ("sale.order.line", "state", "order_line"),
            ],
        )

    def test_many2many_fields(self):
        found = self._of("crm.lead", [("tag_ids.name", "=", "VIP")])
        self.assertDepends(
            found,
            [
                ("crm.lead", "tag_ids", ""),
                ("crm.tag", None, "tag_ids"),
                ("crm.tag", "name", "tag_ids"),
                ("crm.lead", "active", ""),
            ],
        )

    def test_or_and_not_read_all_their_leaves(self):
        domain = ["!", "|", ("expected_revenue", ">", 5), "&", ("probability", "<", 9), ("city", "=", "Wuhan")]
        names = {item.field for item in self._of("crm.lead", domain).items}
        self.assertEqual(names, {"expected_revenue", "probability", "city", "active"})

    def test_which_dates_move_with_the_clock(self):
        for value, dynamic in [
            ("today", True),
            ("now", True),
            ("-3d", True),
            ("+1m", True),
            ("today -7d", True),
            ("=monday", True),
            ("2026-01-31", False),
            (fields.Date.to_date("2026-01-31"), False),
            (False, False),
        ]:
            with self.subTest(value=value):
                operator = "=" if value is False else ">="
                self.assertEqual(self._of("crm.lead", [("date_deadline", operator, value)]).dynamic, dynamic)
        inside = [("order_line", "any", [("create_date", ">=", "-3d")])]
        self.assertTrue(self._of("sale.order", inside).dynamic)

    def test_what_cannot_be_followed_is_refused_by_name(self):
        for model, domain, path in [
            ("sale.order", [("is_expired", "=", False)], "is_expired"),
            ("crm.lead", [("partner_id.credit", ">", 0)], "partner_id.credit"),
            ("crm.lead", [("no_such_field", "=", 1)], "no_such_field"),
        ]:
            with self.subTest(path=path), self.assertRaises(Untraceable) as refusal:
                self._of(model, domain)
            self.assertEqual(refusal.exception.args[0], path)


@tagged("post_install", "-at_install")
class TestRefusedRules(EvidenceCase):
    """A rule that could never be asked is refused when it is written, and says what to do."""

    def test_bad_rules(self):
        phase = self.process.copy().phase_ids[0]
        good = {
            "phase_id": phase.id,
            "code": "T",
            "name": "Try",
            "evidence_model": "sale.order",
            "evidence_path": "opportunity_id",
            "evidence_domain": "[]",
        }
        self.env["kams.control.point"].create({**good, "code": "T-OK"})
        before = self.env["kams.control.point"].search_count([])
        for vals, words in [
            ({"evidence_domain": "[('is_expired', '=', False)]"}, "is_expired"),
            ({"evidence_domain": "[('partner_id.credit', '>', 0)]"}, "partner_id.credit"),
            ({"evidence_domain": "[('no_such', '=', 1)]"}, "no_such"),
            ({"evidence_domain": "[('state', '='"}, "cannot be used"),
            ({"evidence_domain": "[('state', 'resembles', 'x')]"}, "cannot be used"),
            ({"evidence_domain": "__import__('os').system('true')"}, "cannot be used"),
            ({"evidence_model": "no.such.model"}, "no.such.model"),
            ({"evidence_model": False}, "not available"),
            ({"evidence_model": "mail.thread"}, "mail.thread"),
            ({"evidence_model": "kams.waiver", "evidence_path": "lead_id"}, "kams.waiver"),
            ({"evidence_path": "partner_id"}, "does not end at a deal"),
            ({"evidence_path": False}, "does not end at a deal"),
            ({"evidence_path": "opportunity_id.nothing"}, "nothing"),
            ({"minimum": 0}, "at least one"),
            ({"minimum": -1}, "at least one"),
            ({"applicability": "[('no_such', '=', 1)]"}, "no_such"),
            ({"applicability": "not a domain"}, "cannot be used"),
            ({"rule_type": "named", "rule_key": False}, "named rule"),
            ({"code": "T-OK"}, "T-OK"),
        ]:
            with self.subTest(vals=vals):
                with self.assertRaises(ValidationError) as refusal, self.cr.savepoint():
                    self.env["kams.control.point"].create({**good, **vals})
                self.assertIn(words, str(refusal.exception))
        self.assertEqual(self.env["kams.control.point"].search_count([]), before)


class EvidenceLife:
    """Random changes of evidence. Each method starting with ``do_`` makes one."""

    def __init__(self, case, dice, deals, partners):
        self.case, self.env, self.dice = case, case.env, dice
        self.deals, self.partners = deals, partners
        self.today, self.now = fields.Date.today(), fields.Datetime.now()

    def pick(self, records):
        return self.dice.choice(records) if records else records

    def moment(self):
        return self.now + timedelta(days=self.dice.choice([-9, -2, 3]))

    # What there is
    def event(self):
        return self.pick(
            self.env["calendar.event"]
            .with_context(active_test=False)
            .search([("opportunity_id", "in", self.deals.ids)])
        )

    def orders(self):
        return self.env["sale.order"].search([("opportunity_id", "in", self.deals.ids)])

    def line(self):
        return self.pick(self.orders().order_line)

    def projects(self):
        return self.env["project.project"].with_context(active_test=False).search([("sale_line_id", "!=", False)])

    # Meetings
    def do_add_event(self):
        start = self.moment()
        self.env["calendar.event"].create(
            {
                "name": f"Meeting {self.dice.randrange(5)}",
                "start": start,
                "stop": start + timedelta(hours=1),
                "opportunity_id": self.pick(self.deals).id,
                "partner_ids": [Command.set(self.dice.choice([self.case.boss.ids, []]))],
            }
        )

    do_add_another_event = do_add_event

    def do_shift_event(self):
        start = self.moment()
        self.event().write({"start": start, "stop": start + timedelta(hours=1)})

    def do_move_event(self):
        self.event().opportunity_id = self.pick(self.deals)

    def do_archive_event(self):
        self.event().active = self.dice.random() < 0.5

    def do_hide_event(self):
        self.event().privacy = self.dice.choice(["private", "public"])

    def do_invite(self):
        self.event().partner_ids = self.dice.choice([self.case.boss, self.case.boss.browse()])

    def do_delete_event(self):
        self.event().unlink()

    # Quotations and orders
    def do_add_order(self):
        self.env["sale.order"].create(
            {
                "partner_id": self.pick(self.partners).id,
                "opportunity_id": self.pick(self.deals).id,
                "order_line": [
                    Command.create(
                        {"product_id": self.pick(self.case.products).id, "product_uom_qty": self.dice.choice([1, 3, 4])}
                    )
                ],
            }
        )

    do_add_another_order = do_add_order

    def do_state_order(self):
        order = self.pick(self.orders())
        if order.state == "sale":
            order._action_cancel()
        elif order.state == "cancel":
            order.action_draft()
        elif order.state == "draft" and self.dice.random() < 0.5:
            order.action_quotation_sent()
        else:
            order.action_confirm()

    do_state_another_order = do_state_order

    def do_move_order(self):
        self.pick(self.orders()).opportunity_id = self.pick(self.deals)

    def do_refer(self):
        self.pick(self.orders()).client_order_ref = self.dice.choice([False, "PO"])

    def do_delete_order(self):
        order = self.pick(self.orders())
        if order.state == "sale":
            order._action_cancel()
        self.projects().filtered(lambda project: project.sale_line_id in order.order_line).sale_line_id = False
        order.unlink()

    def do_quantity(self):
        self.line().product_uom_qty = self.dice.choice([1, 3, 6])

    def do_price(self):
        self.line().price_unit = self.dice.choice([0, 10, 3000])

    def do_delete_line(self):
        self.pick(self.orders().order_line.filtered(lambda line: line.state == "draft")).unlink()

    def do_add_line(self):
        line = {"product_id": self.pick(self.case.products).id, "product_uom_qty": 3}
        self.pick(self.orders().filtered(lambda order: order.state == "draft")).order_line = [Command.create(line)]

    # What they lead to
    def do_categorise(self):
        self.pick(self.case.products).categ_id = self.dice.choice([self.case.category, self.case.other_category])

    do_categorise_another = do_categorise

    def do_rename_category(self):
        self.case.category.name = self.dice.choice(["Turbines", "Turbines", "Pumps"])

    def do_rename_tag(self):
        self.case.tags[0].name = self.dice.choice(["VIP", "VIP", "Former VIP"])

    def do_country(self):
        self.pick(self.partners).country_id = self.dice.choice(self.case.countries)

    def do_bar(self):
        self.pick(self.partners).ref = self.dice.choice(["BARRED", False])

    def do_retire_the_boss(self):
        self.case.boss.ref = self.dice.choice(["BOSS", "EX-BOSS"])

    # The deals themselves
    def do_tag(self):
        tags = self.case.tags
        self.pick(self.deals).tag_ids = self.dice.choice([tags, tags[1:], tags[:1]])

    do_tag_another = do_tag

    def do_customer(self):
        self.pick(self.deals).partner_id = self.pick(self.partners)

    def do_deadline(self):
        self.pick(self.deals).date_deadline = self.today + timedelta(days=self.dice.choice([-1, 0, 1]))

    def do_amount(self):
        self.pick(self.deals).expected_revenue = self.dice.choice([0, 1000, 5000])

    # Projects and activities
    def do_add_project(self):
        line = self.line()
        self.env["project.project"].create(
            {
                "name": self.dice.choice(["Plant", "Dud"]),
                "partner_id": line.order_id.partner_id.id,
                "allow_billable": True,
                "sale_line_id": line.id,
            }
        )

    def do_archive_project(self):
        self.pick(self.projects()).active = self.dice.random() < 0.5

    def do_rename_project(self):
        self.pick(self.projects()).name = self.dice.choice(["Plant", "Dud"])

    def do_delete_project(self):
        self.pick(self.projects()).unlink()

    def do_plan(self):
        self.pick(self.deals).activity_schedule(
            "mail.mail_activity_data_todo",
            self.today + timedelta(days=self.dice.choice([-1, 2])),
            user_id=self.case.salesperson.id,
        )

    def do_unplan(self):
        activities = [("res_model", "=", "crm.lead"), ("res_id", "in", self.deals.ids)]
        self.env["mail.activity"].search(activities, limit=1).unlink()


@tagged("post_install", "-at_install")
class TestChecksAgainstBruteForce(EvidenceCase):
    """After any random change of the evidence, each check says what a plain look at the records says."""

    POINTS = {
        "meetings": ("calendar.event", "opportunity_id", [("stop", "<=", "now")], 2),
        "meeting not private": (
            "calendar.event",
            "opportunity_id",
            ["!", ("privacy", "=", "private"), ("name", "like", "%3%")],
            1,
        ),
        "ordered": ("sale.order", "opportunity_id", [("state", "=", "sale")], 1),
        "big quotation": (
            "sale.order",
            "opportunity_id",
            [("amount_untaxed", ">", 2500), ("state", "!=", "cancel")],
            1,
        ),
        "turbine": ("sale.order", "opportunity_id", [("order_line.product_id.categ_id.name", "=", "Turbines")], 1),
        "any line": (
            "sale.order",
            "opportunity_id",
            [("order_line", "any", [("product_uom_qty", ">=", 3), ("price_unit", ">", 0)])],
            1,
        ),
        "lines": ("sale.order.line", "order_id.opportunity_id", [("product_uom_qty", ">=", 3)], 2),
        "lively": (
            "sale.order",
            "opportunity_id",
            ["|", ("client_order_ref", "!=", False), "!", ("state", "in", ["draft", "cancel"])],
            1,
        ),
        "no order at all": ("crm.lead", "id", [("order_ids", "=", False)], 1),
        "tagged": ("crm.lead", "id", [("tag_ids.name", "=", "VIP")], 1),
        "chinese": ("crm.lead", "id", [("partner_id.country_id.code", "=", "CN")], 1),
        "not barred": ("crm.lead", "id", ["!", ("partner_id.ref", "=", "BARRED")], 1),
        "in time": ("crm.lead", "id", [("date_deadline", ">=", "today")], 1),
        "project": ("project.project", "sale_line_id.order_id.opportunity_id", [("name", "!=", "Dud")], 1),
        "project by way": ("project.project", "sale_order_id.opportunity_id", [], 1),
        "contact's meeting": ("calendar.event", "opportunity_id", [("partner_ids.ref", "=", "BOSS")], 1),
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._bind(
            {
                code: {
                    "evidence_model": model,
                    "evidence_path": path,
                    "evidence_domain": repr(domain),
                    "minimum": least,
                }
                for code, (model, path, domain, least) in cls.POINTS.items()
            }
            | {
                "covered": {"rule_type": "named", "rule_key": "order_covers_revenue"},
                "next step": {"rule_type": "named", "rule_key": "next_step_planned"},
            }
        )
        country = {code: cls.env.ref(f"base.{code}") for code in ("cn", "de")}
        cls.countries = list(country.values())
        cls.category = cls.env["product.category"].create({"name": "Turbines"})
        cls.other_category = cls.env["product.category"].create({"name": "Spares"})
        cls.products = cls.env["product.product"].create(
            [{"name": f"P{n}", "list_price": 700 * n, "categ_id": cls.other_category.id} for n in (1, 2)]
        )
        cls.tags = cls.env["crm.tag"].create([{"name": "VIP"}, {"name": "Cold"}])
        cls.boss = cls.env["res.partner"].create({"name": "The boss", "ref": "BOSS"})

    def _oracle(self, deal):
        """Look at the records with plain Python: no domain, no rule, no SQL."""
        now, today = fields.Datetime.now(), fields.Date.today()
        events = [
            e
            for e in self.env["calendar.event"].with_context(active_test=False).search([])
            if e.opportunity_id == deal and e.active
        ]
        orders = [o for o in self.env["sale.order"].search([]) if o.opportunity_id == deal]
        lines = [line for order in orders for line in order.order_line]
        projects = [
            p
            for p in self.env["project.project"].with_context(active_test=False).search([])
            if p.active and p.sale_line_id.order_id.opportunity_id == deal and p.sale_line_id
        ]
        activities = [
            a for a in self.env["mail.activity"].search([("res_model", "=", "crm.lead")]) if a.res_id == deal.id
        ]
        company_amount = sum(o.amount_untaxed / o.currency_rate for o in orders if o.state == "sale")
        ordered = [o for o in orders if o.state == "sale"]
        return {
            "meetings": sum(e.stop <= now for e in events) >= 2,
            "meeting not private": any(e.privacy != "private" and "3" in e.name for e in events),
            "ordered": bool(ordered),
            "big quotation": any(o.amount_untaxed > 2500 and o.state != "cancel" for o in orders),
            "turbine": any(line.product_id.categ_id.name == "Turbines" for line in lines),
            "any line": any(line.product_uom_qty >= 3 and line.price_unit > 0 for line in lines),
            "lines": sum(line.product_uom_qty >= 3 for line in lines) >= 2,
            "lively": any(o.client_order_ref or o.state not in ("draft", "cancel") for o in orders),
            "no order at all": not orders,
            "tagged": "VIP" in deal.tag_ids.mapped("name"),
            "chinese": deal.partner_id.country_id.code == "CN",
            "not barred": deal.partner_id.ref != "BARRED",
            "in time": bool(deal.date_deadline and deal.date_deadline >= today),
            "project": any(p.name != "Dud" for p in projects),
            "project by way": bool(projects),
            "contact's meeting": any("BOSS" in e.partner_ids.mapped("ref") for e in events),
            "covered": bool(ordered) and round(company_amount - deal.expected_revenue, 2) >= 0,
            "next step": any(e.start >= now for e in events) or any(a.date_deadline >= today for a in activities),
        }

    def _acts(self, dice, deals, partners):
        """Everything that may happen to evidence, as functions that choose their records by themselves."""
        life = EvidenceLife(self, dice, deals, partners)
        return [getattr(life, name) for name in dir(life) if name.startswith("do_")]

    def test_random_evidence(self):
        dice = random.Random(314)
        partners = self.env["res.partner"].create([{"name": f"Customer {n}"} for n in range(3)])
        deals = self.env["crm.lead"].browse()
        for n in range(4):
            deals |= self._trial_deal(name=f"Deal {n}", partner_id=partners[n % 3].id)
        plain = self._deal(team_id=False, name="Plain")
        acts = self._acts(dice, deals + plain, partners)
        seen = defaultdict(set)
        for step in range(900):
            if step > 250 and all(len(seen[code]) == 2 for code in self.trial_points):
                break  # every point has been met and missed
            act = dice.choice(acts)
            try:
                with self.cr.savepoint():
                    act()
            except Exception as error:  # noqa: BLE001  Odoo's own rules may refuse a random change
                self.assertNotIn("kams", str(error).lower())
                continue
            if dice.random() < 0.3:
                continue  # let changes pile up
            self._settle()
            for deal in deals:
                expected = self._oracle(deal)
                found = {check.point_id.code: check.state == "pass" for check in deal.kams_check_ids}
                self.assertEqual(found, expected, f"{deal.name} after step {step}")
                for code, met in expected.items():
                    seen[code].add(met)
            self.assertFalse(plain.kams_check_ids)
        self.assertEqual({code for code, answers in seen.items() if len(answers) < 2}, set(), "Each point turned.")


@tagged("post_install", "-at_install")
class TestEvidenceRefresh(EvidenceCase):
    """Just the deals whose evidence changed are asked, once, however many changes there were."""

    def _asked(self, work):
        """``{point code: deal ids}`` that a piece of work makes the engine evaluate."""
        self._settle()
        asked = defaultdict(set)
        calls = []
        original = self.registry["kams.control.point"]._evaluate

        def evaluate(points, deals):
            for point in points:
                asked[point.code].update(deals.ids)
                calls.append(point.code)
            return original(points, deals)

        with patch.object(self.registry["kams.control.point"], "_evaluate", evaluate):
            work()
            self._settle()
        self.assertEqual(len(calls), len(set(calls)), "Each point is asked once for all deals together.")
        return {code: ids for code, ids in asked.items() if ids}

    def test_a_meeting_asks_the_meeting_points_of_its_deal(self):
        first, _second = self._deal(), self._deal()
        asked = self._asked(lambda: self._meeting(first))
        self.assertEqual(
            asked,
            dict.fromkeys(["S1-O2", "S2-O4", "S3-O2", "S3-O3"], {first.id}),
            "First meeting, next step, proposal meeting, next step.",
        )

    def test_fifty_meetings_ask_each_point_once_about_fifty_deals(self):
        deals = self.env["crm.lead"].browse()
        for _n in range(50):
            deals |= self._deal()
        asked = self._asked(lambda: self._meeting(deals))
        self.assertEqual(asked["S1-O2"], set(deals.ids))

    def test_many_changes_before_the_end_are_one_question(self):
        deal = self._deal()
        event = self._meeting(deal)

        def work():
            for day in range(5):
                event.write({"stop": event.stop + timedelta(days=day)})
                self.env.flush_all()

        self.assertEqual(self._asked(work).get("S1-O2"), {deal.id})

    def test_fields_that_no_rule_reads_ask_nothing(self):
        deal = self._deal()
        event, order = self._meeting(deal), self._quotation(deal)
        self.assertEqual(self._asked(lambda: event.write({"description": "Talked", "location": "Wuhan"})), {})
        self.assertEqual(self._asked(lambda: order.write({"note": "Thanks"})), {})
        self.assertEqual(self._asked(lambda: deal.write({"description": "Nice", "priority": "1"})), {})

    def test_evidence_of_plain_deals_asks_nothing(self):
        plain = self._deal(team_id=False)
        self.assertEqual(self._asked(lambda: self._meeting(plain)), {})
        self.assertEqual(self._asked(lambda: plain.write({"partner_id": self.customer.id})), {})

    def test_evidence_that_moves_asks_the_old_deal_and_the_new(self):
        first, second = self._deal(), self._deal()
        event = self._meeting(first)
        self.assertEqual(self._state(first, "S1-O2"), "pass")
        asked = self._asked(lambda: event.write({"opportunity_id": second.id}))
        self.assertEqual(asked["S1-O2"], {first.id, second.id})
        self.assertEqual((self._state(first, "S1-O2"), self._state(second, "S1-O2")), ("fail", "pass"))
        event.opportunity_id = False
        self.assertEqual(self._state(second, "S1-O2"), "fail")

    def test_evidence_moved_from_the_deals_side(self):
        first, second = self._deal(), self._deal()
        event = self._meeting(first)
        second.calendar_event_ids = [Command.link(event.id)]
        self.assertEqual((self._state(first, "S1-O2"), self._state(second, "S1-O2")), ("fail", "pass"))

    def test_archived_and_deleted_evidence_no_longer_counts(self):
        deal = self._deal()
        event = self._meeting(deal)
        self.assertEqual(self._state(deal, "S1-O2"), "pass")
        event.active = False
        self.assertEqual(self._state(deal, "S1-O2"), "fail")
        event.active = True
        self.assertEqual(self._state(deal, "S1-O2"), "pass")
        event.unlink()
        self.assertEqual(self._state(deal, "S1-O2"), "fail")

    def test_evidence_that_goes_with_its_parent_no_longer_counts(self):
        self._bind({"line": {"evidence_model": "sale.order.line", "evidence_path": "order_id.opportunity_id"}})
        deal = self._trial_deal()
        order = self._quotation(deal)
        self.assertEqual(self._met(deal), {"line"})
        order.unlink()
        self.assertEqual(self._met(deal), set())

    def test_the_check_names_the_evidence_it_rests_on(self):
        deal = self._deal()
        self._settle()
        check = deal.kams_check_ids.filtered(lambda c: c.point_id.code == "S1-O2")
        self.assertFalse(check.evidence_ref)
        event = self._meeting(deal)
        self._settle()
        self.assertEqual((check.evidence_ref, bool(check.checked_at)), (event, True))
        event.unlink()
        self._settle()
        self.assertFalse(check.evidence_ref)

    def test_checks_of_a_deal_that_is_deleted_go_with_it(self):
        deal = self._deal()
        self._settle()
        check_ids = deal.kams_check_ids.ids
        self.assertTrue(check_ids)
        deal.unlink()
        self._settle()
        self.assertFalse(self.env["kams.control.check"].browse(check_ids).exists())

    def test_merging_deals_asks_the_one_that_gets_the_evidence(self):
        winner = self._deal(probability=90, partner_id=self.customer.id)
        loser = self._deal(probability=5, partner_id=self.customer.id)
        self._meeting(loser)
        self.assertEqual(self._state(winner, "S1-O2"), "fail")
        (winner + loser).merge_opportunity()
        self.assertEqual(self._state(winner, "S1-O2"), "pass")

    def test_a_posted_invoice_counts_through_its_lines(self):
        if not self.env["account.journal"].search([("type", "=", "sale"), ("company_id", "=", self.env.company.id)]):
            self.env["account.chart.template"].try_loading("generic_coa", self.env.company, install_demo=False)
        deal = self._deal()
        order = self._quotation(deal)
        self.product.invoice_policy = "order"
        order.action_confirm()
        self.assertEqual(self._state(deal, "S6-O2"), "fail")
        invoice = order._create_invoices()
        self.assertEqual(self._state(deal, "S6-O2"), "fail")
        invoice.action_post()
        self.assertEqual(self._state(deal, "S6-O2"), "pass")
        invoice.button_draft()
        self.assertEqual(self._state(deal, "S6-O2"), "fail")

    def test_a_project_counts_through_its_order(self):
        deal, other = self._deal(), self._deal()
        order, other_order = self._quotation(deal), self._quotation(other)
        project = self.env["project.project"].create(
            {
                "name": "Plant",
                "partner_id": self.customer.id,
                "allow_billable": True,
                "sale_line_id": order.order_line.id,
            }
        )
        self.assertEqual(self._state(deal, "S6-O1"), "pass")
        project.sale_line_id = other_order.order_line
        self.assertEqual((self._state(deal, "S6-O1"), self._state(other, "S6-O1")), ("fail", "pass"))
        other_order.opportunity_id = deal
        self.assertEqual((self._state(deal, "S6-O1"), self._state(other, "S6-O1")), ("pass", "fail"))

    def test_evidence_counts_whoever_may_see_it(self):
        deal = self._deal()
        self.env["calendar.event"].with_user(self.director).create(
            {
                "name": "Lunch",
                "start": "2026-01-05 10:00:00",
                "stop": "2026-01-05 11:00:00",
                "opportunity_id": deal.id,
                "privacy": "private",
            }
        )
        self.assertEqual(self._state(deal.with_user(self.salesperson), "S1-O2"), "pass")

    def test_delivery_people_record_evidence_without_a_right_to_the_deal(self):
        deal = self._deal()
        worker = self._person("kams_calendar_only", "base.group_user")
        event = self._meeting(deal, days=5)
        event.user_id = worker
        self.assertEqual(self._state(deal, "S1-O2"), "fail")
        event.with_user(worker).write({"start": "2026-01-05 10:00:00", "stop": "2026-01-05 11:00:00"})
        self.env.cr.flush()
        self.assertEqual(self._state(deal, "S1-O2"), "pass")


@tagged("post_install", "-at_install")
class TestEvidenceAndTime(EvidenceCase):
    """Rules with relative dates, and waivers, turn with the clock; nobody passes on yesterday's answer."""

    def _check(self, deal, code):
        self._settle()
        return deal.kams_check_ids.filtered(lambda check: check.point_id.code == code)

    def test_the_gate_asks_points_that_turn_with_the_clock_again(self):
        self._bind({"in time": {"evidence_domain": "[('date_deadline', '>=', 'today')]"}})
        deal = self._trial_deal(date_deadline=fields.Date.today() + timedelta(days=1))
        self.assertEqual(self._met(deal), {"in time"})
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            self.assertEqual(self._check(deal, "in time").state, "pass", "Nothing was written since.")
            with self.assertRaisesRegex(ValidationError, "in time"), self.cr.savepoint():
                deal.stage_id = self.trial_stages[1]
            deal.date_deadline = fields.Date.today()
            deal.stage_id = self.trial_stages[1]
        self.assertEqual(deal.won_status, "won")

    def test_the_gate_notices_a_meeting_that_took_place_meanwhile(self):
        deal = self._deal()
        self._name_customer(deal)
        self._meeting(deal, days=2)
        self.assertEqual(self._check(deal, "S1-O2").state, "fail")
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            deal.stage_id = self.stages["initiation"]
        self.assertEqual(deal.kams_phase_id.code, "initiation")

    def test_the_cron_turns_them_without_anybody_moving(self):
        deal = self._deal()
        event = self._meeting(deal, days=2)
        quiet = self._deal()
        self._settle()
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            self._run_cron("kams.control.check", "_cron_refresh_dynamic")
        self.assertEqual(self._check(deal, "S1-O2").state, "pass")
        self.assertEqual(self._check(deal, "S1-O2").evidence_ref, event)
        self.assertEqual(self._check(quiet, "S1-O2").state, "fail")

    def test_the_cron_goes_through_all_checks_in_small_batches(self):
        deals = self.env["crm.lead"].browse()
        for _n in range(5):
            deals |= self._deal()
        self._meeting(deals, days=2)
        self._settle()
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            batches = self._run_cron("kams.control.check", "_cron_refresh_dynamic", batch_size=3)
        self.assertGreater(len(batches), 5)
        for deal in deals:
            self.assertEqual(self._check(deal, "S1-O2").state, "pass")

    def test_a_waiver_runs_out_at_the_gate_and_in_the_cron(self):
        deal = self._deal(partner_id=self.customer.id)
        self._known_account(self.customer)
        today = fields.Date.today()
        self._check(deal, "S1-O2").with_user(self.director).waive("They met at the fair", today + timedelta(days=1))
        self.assertEqual(self._check(deal, "S1-O2").state, "waived")
        with freeze_time(fields.Datetime.now() + timedelta(days=1)), self.cr.savepoint() as savepoint:
            self._run_cron("kams.control.check", "_cron_refresh_dynamic")
            self.assertEqual(self._check(deal, "S1-O2").state, "waived", "It holds on its last day.")
            deal.stage_id = self.stages["initiation"]
            savepoint.rollback()
        self.env.invalidate_all()
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            with self.assertRaisesRegex(ValidationError, "S1-O2"), self.cr.savepoint():
                deal.stage_id = self.stages["initiation"]
            self._run_cron("kams.control.check", "_cron_refresh_dynamic")
        check = self._check(deal, "S1-O2")
        self.assertEqual(check.state, "fail")
        self.assertEqual(check.waiver_approver_id, self.director, "The waiver stays visible.")

    def test_evidence_comes_before_a_waiver_and_the_waiver_catches_its_loss(self):
        deal = self._deal()
        self._check(deal, "S1-O2").with_user(self.director).waive(
            "They met at the fair", fields.Date.today() + timedelta(days=9)
        )
        event = self._meeting(deal)
        self.assertEqual(self._check(deal, "S1-O2").state, "pass")
        event.unlink()
        self.assertEqual(self._check(deal, "S1-O2").state, "waived")

    def test_a_next_step_is_an_activity_or_a_meeting_to_come(self):
        self._bind({"step": {"rule_type": "named", "rule_key": "next_step_planned"}})
        deal = self._trial_deal()
        today = fields.Date.today()
        self.assertEqual(self._met(deal), set())
        activity = deal.activity_schedule("mail.mail_activity_data_todo", today - timedelta(days=1))
        self.assertEqual(self._met(deal), set(), "An overdue activity is no next step.")
        activity.date_deadline = today
        self.assertEqual(self._met(deal), {"step"})
        activity.action_done()
        self.assertEqual(self._met(deal), set())
        event = self._meeting(deal, days=4)
        self.assertEqual(self._met(deal), {"step"})
        event.active = False
        self.assertEqual(self._met(deal), set())

    def test_orders_cover_the_revenue_in_company_currency(self):
        self._bind({"covered": {"rule_type": "named", "rule_key": "order_covers_revenue"}})
        currency = self.env["res.currency"].create({"name": "XTS", "symbol": "x", "rounding": 0.01})
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "rate": 4.0, "name": "2020-01-01", "company_id": self.env.company.id}
        )
        pricelist = self.env["product.pricelist"].create({"name": "XTS", "currency_id": currency.id})
        deal = self._trial_deal(company_id=self.env.company.id)
        order = self._quotation(deal, pricelist_id=pricelist.id)
        order.order_line.price_unit = 4000.0  # 1,000 in company currency
        order.action_confirm()
        deal.expected_revenue = 1000.0
        self.assertEqual(self._met(deal), {"covered"})
        deal.expected_revenue = 1000.01
        self.assertEqual(self._met(deal), set())
        order.order_line.price_unit = 4000.04
        self.assertEqual(self._met(deal), {"covered"})
        order._action_cancel()
        self.assertEqual(self._met(deal), set())


@tagged("post_install", "-at_install")
class TestTheWayToEvidence(EvidenceCase):
    """“Open It” leads to where a person records what is missing, and to the evidence once it is there."""

    def test_each_point_leads_to_the_kind_of_record_that_would_meet_it(self):
        ways = {
            "meeting": ("calendar.event", "calendar.event"),
            "quotation": ("sale.order", "sale.order"),
            "step": ("next_step_planned", "mail.activity.schedule"),
            "covered": ("order_covers_revenue", "sale.order"),
            "amount": ("crm.lead", "crm.lead"),
        }
        points = {
            code: {"rule_type": "named", "rule_key": asked}
            if code in ("step", "covered")
            else {
                "evidence_model": asked,
                "evidence_path": "id" if asked == "crm.lead" else "opportunity_id",
                "evidence_domain": "[('expected_revenue', '>', 5)]" if asked == "crm.lead" else "[]",
            }
            for code, (asked, _opened) in ways.items()
        }
        self._bind(points)
        deal = self._trial_deal(partner_id=self.customer.id)
        self._settle()
        for check in deal.kams_check_ids:
            with self.subTest(point=check.point_id.code):
                action = check.with_user(self.salesperson).action_open_evidence()
                self.assertEqual(action["res_model"], ways[check.point_id.code][1])
                self.assertEqual(check.can_open, check.point_id.code != "amount")


@tagged("post_install", "-at_install")
class TestApplicability(EvidenceCase):
    """A point that doesn't apply is not applicable by rule, never by hand, and comes back when it does."""

    def test_an_applicability_domain_follows_the_deal(self):
        self._bind(
            {
                "big": {
                    "applicability": "[('expected_revenue', '>', 1000)]",
                    "evidence_domain": "[('partner_id', '!=', False)]",
                },
                "foreign": {
                    "applicability": "[('partner_id', '!=', False), ('partner_id.country_id.code', '!=', 'CN')]",
                    "evidence_domain": "[('date_deadline', '!=', False)]",
                },
            }
        )
        deal = self._trial_deal()
        customer = self.env["res.partner"].create({"name": "Abroad", "country_id": self.env.ref("base.de").id})

        def states():
            self._settle()
            return {check.point_id.code: check.state for check in deal.kams_check_ids}

        self.assertEqual(states(), {"big": "na", "foreign": "na"})
        deal.expected_revenue = 2000
        self.assertEqual(states(), {"big": "fail", "foreign": "na"})
        deal.partner_id = customer
        self.assertEqual(states(), {"big": "pass", "foreign": "fail"})
        customer.country_id = self.env.ref("base.cn")
        self.assertEqual(states(), {"big": "pass", "foreign": "na"})
        deal.expected_revenue = 1000
        self.assertEqual(states(), {"big": "na", "foreign": "na"})
        self.assertTrue(deal.kams_gate_open)
        deal.stage_id = self.trial_stages[1]
        self.assertEqual(deal.won_status, "won")

    def test_the_procurement_mode_masks_the_tendering_phase(self):
        deal = self._deal()

        def tendering():
            self._settle()
            return {c.state for c in deal.kams_check_ids if c.phase_id.code == "tendering"}

        self.assertEqual(tendering(), {"fail"}, "Unknown: it may well come to a tender.")
        for mode, expected in [
            ("direct", {"na"}),
            ("tender_open", {"fail"}),
            ("single_source", {"na"}),
            ("inquiry", {"fail"}),
            ("competitive_negotiation", {"fail"}),
            ("competitive_consultation", {"fail"}),
            ("tender_invited", {"fail"}),
            (False, {"fail"}),
        ]:
            deal.kams_procurement_mode = mode
            self.assertEqual(tendering(), expected, mode)

    def test_checks_belong_to_the_company_of_their_deal(self):
        company = self.env["res.company"].create({"name": "Second GmbH"})
        self.salesperson.company_ids |= company
        deal = self._deal(company_id=self.env.company.id)
        self._settle()
        self.assertEqual(deal.kams_check_ids.company_id, self.env.company)
        deal.company_id = company
        self._settle()
        self.assertEqual(set(deal.kams_check_ids.mapped("company_id")), {company})
        self.assertEqual(len(deal.kams_check_ids.filtered("company_id")), len(deal.kams_check_ids))
        deal.company_id = False
        self._settle()
        self.assertFalse(deal.kams_check_ids.company_id)


@tagged("post_install", "-at_install")
class TestCounts(EvidenceCase):
    """What a card says equals a plain count, before and after the flush."""

    def test_counts_equal_a_plain_count(self):
        dice = random.Random(7)
        deals = self.env["crm.lead"].browse()
        for number in range(12):
            deal = self._deal(
                name=f"D{number}",
                partner_id=dice.choice([False, self.customer.id]),
                expected_revenue=dice.choice([0, 500]),
                date_deadline=dice.choice([False, fields.Date.today()]),
                kams_procurement_mode=dice.choice([False, "direct", "tender_open"]),
            )
            if dice.random() < 0.6:
                self._meeting(deal)
            if dice.random() < 0.3:
                self._advance(deal, dice.choice(["initiation", "proposal"]))
            deals |= deal
        waived = deals.kams_check_ids.filtered(lambda c: c.state == "fail" and c.is_current)[:2]
        waived.with_user(self.director).waive("Agreed by the board", fields.Date.today())
        self._settle()
        for deal in deals:
            asked = deal.kams_check_ids.filtered(
                lambda c, deal=deal: c.phase_id == deal.kams_phase_id and c.level == "mandatory" and c.state != "na"
            )
            done = asked.filtered(lambda c: c.state in ("pass", "waived"))
            missing = (asked - done).sorted(lambda c: (c.point_id.sequence, c.point_id.id))[:1].point_id
            self.assertEqual(
                (deal.kams_points_done, deal.kams_points_total, deal.kams_gate_open, deal.kams_missing_point_id),
                (len(done), len(asked), done == asked, missing),
                deal.name,
            )
        ready = deals.filtered("kams_gate_open")
        self.assertTrue(ready and deals - ready)
        mine = [("id", "in", deals.ids)]
        self.assertEqual(deals.search([*mine, ("kams_gate_open", "=", True)]), ready.sorted())
        self.assertEqual(deals.search([*mine, ("kams_gate_open", "=", False)]), (deals - ready).sorted())
        self.assertEqual(deals.search([*mine, ("kams_gate_open", "!=", True)]), (deals - ready).sorted())

    def test_counts_are_true_before_anything_is_flushed(self):
        deal = self._deal()
        self._settle()
        self.assertEqual((deal.kams_points_done, deal.kams_missing_point_id.code), (0, "S1-O1"))
        deal.partner_id = self.customer
        self.assertEqual((deal.kams_points_done, deal.kams_missing_point_id.code), (1, "S1-O2"))
        account = self._known_account(self.customer)
        self.assertEqual((deal.kams_points_done, deal.kams_missing_point_id.code), (5, "S1-O2"))
        event = self._meeting(deal)
        self.assertEqual((deal.kams_points_done, deal.kams_gate_open), (6, True))
        self.assertIn(deal, deal.search([("kams_gate_open", "=", True)]))
        account.credit_checked_on = False
        self.assertEqual((deal.kams_points_done, deal.kams_missing_point_id.code), (5, "A0-4"))
        event.unlink()
        self.assertEqual((deal.kams_points_done, deal.kams_gate_open), (4, False))
        self.assertNotIn(deal, deal.search([("kams_gate_open", "=", True)]))

    def test_a_plain_deal_has_no_counts(self):
        plain = self._deal(team_id=False)
        self.assertEqual((plain.kams_points_done, plain.kams_points_total, plain.kams_gate_open), (0, 0, False))
        self.assertNotIn(plain, plain.search([("kams_gate_open", "=", True)]))

    def test_days_in_phase_and_stagnation_follow_the_standard_while_nothing_was_won(self):
        self.env["kams.reminder.run"].search([]).unlink()  # what is usual of the demo's won deals
        deal = self._deal()
        self._settle()
        begun = deal.kams_phase_since
        for days, stagnant in ((0, False), (67, False), (68, True)):  # 45 standard days by a factor of 1.5 are 67.5
            with freeze_time(begun + timedelta(days=days, minutes=1)):
                deal.invalidate_recordset()
                self.assertEqual((deal.kams_phase_days, deal.kams_is_stagnant), (days, stagnant))
