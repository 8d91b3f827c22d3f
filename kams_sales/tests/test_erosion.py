from odoo import Command, fields
from odoo.tests import tagged

from ..tools import erosion
from .test_authority import AuthorityCase


class ErosionCase(AuthorityCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["kams.margin.erosion"]

    @classmethod
    def _proposal_at(cls, deal, price, cost=650.0):
        """A proposal that went out at this price."""
        proposal = cls.env["kams.proposal"].create(
            {
                "lead_id": deal.id,
                "user_id": cls.salesperson.id,
                "line_ids": [Command.create({"name": "Service", "quantity": 1, "list_price": price, "cost": cost})],
            }
        )
        cls.env.flush_all()
        # as the chapter of proposals submits it; here only what was offered counts
        cls.env.cr.execute(
            "UPDATE kams_proposal SET state = 'submitted', submitted_at = now() WHERE id = %s", [proposal.id]
        )
        cls.env.invalidate_all()
        return proposal

    @classmethod
    def _contract_at(cls, deal, price, cost):
        contract = cls.env["kams.contract"].create({"lead_id": deal.id})
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE kams_contract SET state = 'signed', amount_untaxed = %s, margin_pct = %s WHERE id = %s",
            [price, (price - cost) / price * 100, contract.id],
        )
        cls.env.invalidate_all()
        return contract

    @classmethod
    def _invoiced(cls, order, days=None):
        """The order, invoiced, and paid after so many days."""
        invoice = order._create_invoices()
        invoice.invoice_date = fields.Date.subtract(fields.Date.today(), days=60)
        invoice.action_post()
        if days is not None:
            paid_on = fields.Date.add(invoice.invoice_date, days=days)
            cls.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids
            ).create({"payment_date": paid_on})._create_payments()
        cls._settle()
        return invoice


@tagged("post_install", "-at_install")
class TestErosion(ErosionCase):
    """Where margins went between bid, contract and invoice, and what discounts went with."""

    def _row(self, deal):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.report.search([("lead_id", "=", deal.id)])

    def test_bid_less_contract_is_what_eroded(self):
        """Bid at 1000 with a cost of 650 (35 %), signed at 900 (27.78 %): 7.22 points, 65 of 900."""
        self._proposal_at(self.deal, 1000.0)
        self._contract_at(self.deal, 900.0, 650.0)
        row = self._row(self.deal)
        contract = 250 / 900 * 100
        self.assertAlmostEqual(row.planned_margin_pct, 35.0)
        self.assertAlmostEqual(row.contract_margin_pct, contract, 4)
        self.assertAlmostEqual(row.erosion, erosion.erosion(35.0, contract), 4)
        self.assertAlmostEqual(row.eroded, 65.0, 2)
        self.assertAlmostEqual(row.eroded_total, 65.0, 2)
        self.assertIs(row.realised_margin_pct, False)
        self.assertIs(row.erosion_after, False)

    def test_steps_add_up_to_the_whole_way(self):
        self._proposal_at(self.deal, 1000.0)
        self._contract_at(self.deal, 950.0, 650.0)
        order = self._order(discount=10)
        order.with_user(self.director).action_confirm()
        self._invoiced(order, days=20)
        row = self._row(self.deal)
        self.assertAlmostEqual(row.realised_margin_pct, 250 / 900 * 100, 3)
        parts = erosion.steps(row.planned_margin_pct, row.contract_margin_pct, row.realised_margin_pct)
        self.assertAlmostEqual(row.erosion, parts[0][2], 4)
        self.assertAlmostEqual(row.erosion_after, parts[1][2], 4)
        self.assertAlmostEqual(row.erosion_total, row.erosion + row.erosion_after, 4)
        self.assertAlmostEqual(row.eroded_total, 900 * row.erosion_total / 100, 2)
        self.assertAlmostEqual(row.days_to_pay, 20, 1)
        self.assertEqual(row.discount_role, "manager")
        self.assertAlmostEqual(row.discount_amount, 100.0, 2)

    def test_an_unknown_cost_erodes_nothing(self):
        self._proposal_at(self.deal, 1000.0, cost=False)
        self._contract_at(self.deal, 900.0, 650.0)
        row = self._row(self.deal)
        self.assertIs(row.planned_margin_pct, False)
        self.assertIs(row.erosion, False)
        self.assertIs(row.eroded_total, False)

    def test_a_groups_percentage_is_sum_over_sum(self):
        """A small deal at 50 % and a large one at 10 % earn 14 % together; one without a cost doesn't count."""
        deals = [self._deal(name=name, partner_id=self.customer.id) for name in ("Small", "Large", "Blind")]
        for deal, price, cost in zip(deals, (100.0, 900.0, 5000.0), (50.0, 810.0, False), strict=True):
            self._proposal_at(deal, price, cost)
        self._contract_at(deals[0], 100.0, 60.0)
        ids = [deal.id for deal in deals]
        [(user, planned, lost, number)] = self.report._read_group(
            [("lead_id", "in", ids)],
            ["user_id"],
            ["planned_margin_pct:avg", "erosion:avg", "__count"],
        )
        self.assertEqual((user, number), (self.salesperson, 3))
        self.assertAlmostEqual(planned, erosion.weighted([(50.0, 100.0), (10.0, 900.0), (None, 5000.0)]), 4)
        self.assertAlmostEqual(lost, 10.0, 4)

    def test_the_band_of_a_discount_is_that_of_the_matrix(self):
        ranges = self.env["kams.authority"]._roles_for("discount", self.env.company)
        deals, discounts = [], (0, 5, 5.01, 8, 12, 20, 35)
        for discount in discounts:
            deal = self._deal(name=f"At {discount}", partner_id=self.customer.id)
            self._order(discount=discount, deal=deal).with_user(self.director).action_confirm() if discount <= 20 else (
                self._proposal_at(deal, 1000.0).line_ids.sudo()
            )
            deals.append(deal)
        self._settle()
        for deal, discount in zip(deals[:-1], discounts, strict=False):
            with self.subTest(discount=discount):
                row = self._row(deal)
                self.assertAlmostEqual(row.discount_pct, discount, 3)
                self.assertEqual(row.discount_role, erosion.band(discount, ranges, "committee"))

    def test_a_companys_own_bands_go_before_those_for_all(self):
        self.env["kams.authority"].create(
            {
                "company_id": self.env.company.id,
                "aspect": "discount",
                "value_from": 0,
                "value_to": 5,
                "role": "director",
            }
        )
        order = self._order(discount=3)
        order.with_user(self.director).action_confirm()
        self._settle()
        self.assertEqual(self._row(self.deal).discount_role, "director")

    def test_approvals_that_were_asked_are_counted(self):
        order = self._order(discount=12).with_user(self.salesperson)
        order.action_kams_ask_authority()
        order.sudo().kams_approval_ids.with_user(self.director)._answer("refused", "No")
        other = self._order()
        other.with_user(self.salesperson).action_confirm()
        self._settle()
        row = self._row(self.deal)
        self.assertEqual((row.asked_count, row.refused_count), (1, 1))

    def test_each_sees_the_deals_that_they_may(self):
        theirs = self._deal(name="Theirs", user_id=self.colleague.id)
        seen = self.report.with_user(self.salesperson).search([("lead_id", "in", (self.deal.id, theirs.id))])
        self.assertEqual(seen.lead_id, self.deal)

    def test_the_pivot_opens_in_a_constant_number_of_statements(self):
        self.report.formatted_read_group([], ["user_id"], ["planned_margin_pct:avg"])
        with self.assertQueryCount(3):
            self.report.formatted_read_group(
                [], ["user_id", "discount_role"], ["realised_margin_pct:avg", "eroded_total:sum", "days_to_pay:avg"]
            )
