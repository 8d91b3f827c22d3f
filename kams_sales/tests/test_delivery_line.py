from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import KamsCase

MONDAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestDeliveryLine(KamsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.project_manager = new_test_user(
            cls.env,
            login="kams_pm",
            groups="base.group_user,kams_sales.group_delivery,project.group_project_user",
        )
        cls.delivery = cls.env["kams.delivery"].create({"lead_id": cls.deal.id, "user_id": cls.project_manager.id})
        cls.pump, cls.valve = cls.env["product.product"].create(
            [{"name": "Feed pump", "type": "consu"}, {"name": "Valve", "type": "consu"}]
        )
        cls.service = cls.env["product.product"].create({"name": "Commissioning", "type": "service"})

    def _order(self, *products, quantity=4):
        order = self._quotation(
            self.deal,
            order_line=[Command.create({"product_id": product.id, "product_uom_qty": quantity}) for product in products]
            + [Command.create({"display_type": "line_section", "name": "Section"})],
        )
        order.action_confirm()
        return order

    def _line(self, **vals):
        return self.env["kams.delivery.line"].create(
            {"delivery_id": self.delivery.id, "name": "Feed pump", "planned_qty": 4.0, **vals}
        )

    # FROM THE ORDER
    def test_goods_of_the_order_are_taken_once_and_services_on_wish(self):
        self._order(self.pump, self.valve, self.service)
        mine = self.delivery.with_user(self.project_manager)
        mine.action_take_lines()
        self.assertEqual(mine.line_ids.mapped("name"), ["Feed pump", "Valve"])
        self.assertEqual(mine.line_ids.mapped("planned_qty"), [4.0, 4.0])
        mine.action_take_lines()
        self.assertEqual(len(mine.line_ids), 2)
        mine.action_take_services()
        self.assertEqual(mine.line_ids.mapped("name"), ["Feed pump", "Valve", "Commissioning"])

    def test_a_contract_without_goods_has_no_lines_and_nothing_complains(self):
        self._order(self.service)
        self.delivery.action_take_lines()
        self.assertFalse(self.delivery.line_ids)
        self.assertEqual((self.delivery.line_count, self.delivery.inspection_count), (0, 0))
        report = self.env["report.kams_sales.report_delivery_list"]
        sheet = report._get_report_values(self.delivery.ids)["sheets"][0]
        self.assertIn("Services only", str(sheet["sections"]))

    def test_without_a_confirmed_order_goods_are_typed(self):
        with self.assertRaisesRegex(UserError, "no confirmed order"):
            self.delivery.action_take_lines()
        self.assertEqual(self._line().inspection_state, "not_arrived")

    def test_two_projects_for_one_contract_share_the_order(self):
        self._order(self.pump)
        other = self.delivery.copy()
        self.delivery.action_take_lines()
        other.action_take_lines()
        self.assertFalse(other.line_ids)  # all four are the first one's
        self.delivery.line_ids.planned_qty = 3.0
        other.action_take_lines()
        self.assertEqual(other.line_ids.planned_qty, 1.0)

    def test_an_order_of_another_deal_isnt_delivered_here(self):
        order = self._quotation(self._deal(name="Other"))
        with self.assertRaises(ValidationError):
            self._line(order_line_id=order.order_line.id)

    def test_what_was_accepted_is_delivered_says_the_order(self):
        order = self._order(self.pump)
        other = self.delivery.copy()
        self.delivery.action_take_lines()
        self.delivery.line_ids.planned_qty = 3.0
        other.action_take_lines()
        self.assertEqual(order.order_line[0].qty_delivered, 0.0)
        mine = self.delivery.line_ids.with_user(self.project_manager)
        mine.write({"arrived_qty": 3.0, "arrived_on": MONDAY, "accepted_qty": 2.0})
        self.assertEqual(order.order_line[0].qty_delivered, 2.0)
        other.line_ids.write({"arrived_qty": 1.0, "arrived_on": MONDAY, "accepted_qty": 1.0})
        self.assertEqual(order.order_line[0].qty_delivered, 3.0)
        mine.unlink()
        self.assertEqual(order.order_line[0].qty_delivered, 1.0)

    def test_nobody_says_delivered_while_nothing_is_accepted(self):
        order = self._order(self.pump)
        order.order_line[0].qty_delivered = 4.0  # typed by hand before
        self.delivery.action_take_lines()
        self.delivery.line_ids.write({"shipped_qty": 4.0})
        self.assertEqual(order.order_line[0].qty_delivered, 4.0)

    # FIGURES
    def test_figures_that_cant_be(self):
        line = self._line()
        tomorrow = fields.Date.today() + timedelta(days=1)
        for vals in (
            {"planned_qty": -1.0},
            {"arrived_qty": 2.0, "accepted_qty": 3.0},
            {"shipped_on": MONDAY, "arrived_on": MONDAY - timedelta(days=1)},
            {"arrived_on": tomorrow},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError), self.cr.savepoint():
                line.write(vals)
        self.assertIs(line.shipped_qty, False)  # unknown isn't nought

    def test_a_closed_delivery_keeps_what_was_delivered(self):
        line = self._line()
        self.delivery._engine().state = "running"
        self.delivery._engine().state = "closed"
        for attempt in (lambda: line.write({"serials": "x"}), line.unlink, self._line):
            with self.assertRaises(UserError), self.cr.savepoint():
                attempt()

    # INSPECTION
    def test_agreed_period_counts_from_the_day_after_and_moves_past_a_day_off(self):
        self.delivery.inspection_days = 10
        line = self._line(arrived_on=MONDAY, arrived_qty=4.0)
        self.assertEqual(line.inspection_until, date(2026, 3, 12))
        line.inspection_days = 5  # a Saturday: 民法典 203
        self.assertEqual(line.inspection_until, date(2026, 3, 9))

    def test_without_an_agreed_period_two_years_or_the_warranty(self):
        line = self._line(arrived_on=MONDAY, arrived_qty=4.0)
        self.assertEqual(line.inspection_until, date(2028, 3, 2))
        self.assertEqual(line.inspect_by, date(2026, 4, 1))
        contract = self.env["kams.contract"].create({"lead_id": self.deal.id, "warranty_months": 12})
        self.delivery.contract_id = contract
        self.assertEqual(line.inspection_until, date(2027, 3, 2))

    def test_the_rule_of_the_day_of_arrival_is_cited(self):
        line = self._line(arrived_on=MONDAY)
        self.assertIn("民法典 621", line.findings)
        line.arrived_on = date(2020, 3, 2)
        self.assertIn("合同法 158", line.findings)
        self.assertEqual(line.inspection_state, "deemed")

    def test_silence_beyond_the_period_counts_as_conforming(self):
        day = fields.Date.today() - timedelta(days=20)
        line = self._line(arrived_on=day, arrived_qty=4.0, inspection_days=5)
        self.assertEqual(line.inspection_state, "deemed")
        line.notified_on = fields.Date.today()  # too late
        self.assertEqual(line.inspection_state, "deemed")
        line.known_defect = True  # 621, third paragraph
        self.assertEqual(line.inspection_state, "notified")
        line.write({"known_defect": False, "notified_on": day})
        self.assertEqual(line.inspection_state, "notified")
        line.accepted_qty = 4.0
        self.assertEqual(line.inspection_state, "accepted")

    def test_goods_are_found_by_where_their_inspection_stands(self):
        day = fields.Date.today() - timedelta(days=20)
        lines = {
            "not_arrived": self._line(),
            "open": self._line(arrived_on=day),
            "deemed": self._line(arrived_on=day, inspection_days=5),
            "notified": self._line(arrived_on=day, notified_on=day),
            "accepted": self._line(arrived_on=day, accepted_qty=1.0),
        }
        mine = [("delivery_id", "=", self.delivery.id)]
        for state, line in lines.items():
            with self.subTest(state):
                self.assertEqual(line.inspection_state, state)
                self.assertEqual(line.search([*mine, ("inspection_state", "=", state)]), line)
                others = line.search([*mine, ("inspection_state", "!=", state)])
                self.assertEqual(others | line, line.search(mine))
                self.assertNotIn(line, others)

    def test_discrepancies_until_they_are_put_right(self):
        line = self._line(arrived_on=MONDAY, shipped_qty=4.0, arrived_qty=3.0)
        self.assertIn("isn't what was shipped", line.findings)
        line.discrepancy_kind = "short"
        self.assertEqual(line.search([("has_open_discrepancy", "=", True), ("id", "=", line.id)]), line)
        self.assertEqual(self.delivery.discrepancy_count, 1)
        line.discrepancy_closed_on = MONDAY
        self.assertFalse(line.search([("has_open_discrepancy", "=", True), ("id", "=", line.id)]))

    def test_the_project_manager_is_reminded_once_for_all_goods(self):
        today = fields.Date.today()
        self._line(arrived_on=today, inspection_days=1)
        line = self._line(arrived_on=today, inspection_days=1)
        self._line(arrived_on=today, inspection_days=90)
        self.delivery.action_start()
        self._run_cron("kams.delivery.line", "_cron_remind")
        kind = self.env.ref("kams_sales.mail_activity_type_inspection")
        found = self.delivery.activity_ids.filtered(lambda one: one.activity_type_id == kind)
        self.assertEqual(found.user_id, self.project_manager)
        self.assertIn("2 goods", found.summary)
        self._run_cron("kams.delivery.line", "_cron_remind")
        self.assertEqual(len(self.delivery.activity_ids.filtered(lambda one: one.activity_type_id == kind)), 1)
        line.inspection_days = 2  # another day is another reminder
        self.assertFalse(line.inspection_told)

    # MANY
    def test_counts_of_many_deliveries_cost_as_much_as_of_one(self):
        others = self.delivery.copy() | self.delivery.copy()
        for delivery in self.delivery | others:
            delivery.line_ids = [Command.create({"name": f"Part {n}", "arrived_on": MONDAY}) for n in range(5)]
        names = ("line_count", "inspection_count", "discrepancy_count")
        counts = []
        for deliveries in (self.delivery, self.delivery | others):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            deliveries.mapped(lambda one: [one[name] for name in names])
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_goods_come_in_by_spreadsheet(self):
        self.delivery.name = "Boilers of Huaneng"
        result = self.env["kams.delivery.line"].load(
            ["delivery_id", "name", "planned_qty", "arrived_qty", "arrived_on", "serials"],
            [
                ["Boilers of Huaneng", "泵 🔧", "2", "2", "2026-03-05", "FP-1"],
                ["Boilers of Huaneng", "<b>Valve</b>", "8", "", "", ""],
            ],
        )
        self.assertTrue(result["ids"], result["messages"])
        self.assertEqual(self.delivery.line_ids.mapped("name"), ["泵 🔧", "<b>Valve</b>"])
