from lxml import etree

from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .test_compliance import ComplianceCase
from .test_erosion import ErosionCase


@tagged("post_install", "-at_install")
class TestComplianceSlip(ComplianceCase, ErosionCase):
    """Points that were skipped, and the margin that such deals lost, from real proposals, contracts and invoices."""

    def _slips(self, domain=(), user=None):
        """What the page kams-slips shows, asked as it asks: ``{point code: {measure: figure}}``."""
        self._settle()
        self.env.invalidate_all()
        report = self.env["kams.compliance"].with_user(user or self.director)
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_compliance_slip_action")
        views = report.get_views([*action["views"], (action["search_view_id"][0], "search")])["views"]
        pivot, search = (etree.fromstring(views[kind]["arch"]) for kind in ("pivot", "search"))
        measures = pivot.xpath("field[@type='measure']/@name")
        filters = [
            condition
            for name in safe_eval(action["context"])
            for domain in search.xpath(f"//filter[@name='{name.removeprefix('search_default_')}']/@domain")
            for condition in safe_eval(domain)
        ]
        rows = report.formatted_read_group(
            [*filters, ("team_id", "=", self.past_team.id), *domain],
            pivot.xpath("field[@type='row']/@name"),
            [f"{name}:{report._fields[name].aggregator}" for name in measures],
        )
        return {
            row["point_label"].split()[0]: {
                # an empty figure reads False, which equals 0
                name: None if (value := row[f"{name}:{report._fields[name].aggregator}"]) is False else value
                for name in measures
            }
            for row in rows
        }

    def _sold(self, planned, signed, cost=650.0, costed=True, **story):
        """A won deal that was bid at one price and signed at another."""
        deal = self._tell(self._through(5, "won", partner=self.customer, **story))
        self._proposal_at(deal, planned, cost if costed else False)
        self._contract_at(deal, signed, cost)
        return deal

    def test_what_real_margins_lost_stands_beside_points_met_and_skipped(self):
        # Bid at 1000 with a cost of 650, 35 %
        lost = self._sold(1000.0, 900.0)  # signed at 250 of 900, 27.78 %: 7.22 points
        kept = self._sold(1000.0, 1000.0)  # nothing, which is known
        gained = self._sold(1000.0, 1300.0)  # 50 %: 15 points to the good
        blind = self._sold(1000.0, 900.0, costed=False)  # nobody knows
        low = self._sold(1000.0, 800.0)  # 150 of 800, 18.75 %: 16.25 points
        invoiced = self._sold(1000.0, 950.0)  # signed at 31.58 %, but invoiced at 900: 7.22 points in the end
        order = self._order(discount=10, deal=invoiced)
        order.with_user(self.director).action_confirm()
        self._invoiced(order)
        unsold = self._tell(self._through(5, partner=self.customer))  # open: the page is of won deals
        self._proposal_at(unsold, 1000.0)
        self._contract_at(unsold, 500.0, 650.0)
        self._say(lost + kept + gained + blind + unsold, S1_O1="pass", S3_O1="pass")
        self._say(low, S1_O1="fail", S3_O1="pass")
        self._say(invoiced, S1_O1="waived", S3_O1="fail")
        bid, signed = 35.0, 250 / 900 * 100
        found = self._slips()
        first = found["S1-O1"]
        self.assertEqual((first["slip_met_deals"], first["slip_missed_deals"]), (3, 2))
        self.assertAlmostEqual(first["slip_met"], (bid - signed + 0 + (bid - 50)) / 3, 4)  # −2.59
        self.assertAlmostEqual(first["slip_met"], -2.5926, 3)
        self.assertAlmostEqual(first["slip_missed"], (16.25 + bid - signed) / 2, 4)  # 11.74
        self.assertIs(first["slip_difference"], None, "Five deals are no reason to conclude anything.")
        third = found["S3-O1"]
        self.assertEqual((third["slip_met_deals"], third["slip_missed_deals"]), (4, 1))
        self.assertAlmostEqual(third["slip_met"], (bid - signed + 0 - 15 + 16.25) / 4, 4)  # 2.12
        self.assertAlmostEqual(third["slip_missed"], bid - signed, 4)
        # all points together would count a deal as often as it has points
        [(together, deals)] = self.env["kams.compliance"]._read_group(
            [("team_id", "=", self.past_team.id)], [], ["slip_met:avg", "slip_met_deals:sum"]
        )
        self.assertEqual((together, deals), (False, False))

    def test_a_difference_only_from_enough_deals(self):
        met = [self._sold(1000.0, 1000.0), self._sold(1000.0, 1000.0)]
        skipped = [self._sold(1000.0, 800.0), self._sold(1000.0, 800.0)]
        for deals, state in ((met, "pass"), (skipped, "fail")):
            for deal in deals:
                self._say(deal, S1_O1=state)
        rule = self.env["kams.legal.rule"].search([("key", "=", "verdict_least_deals")])
        rule.value = 3
        self.assertIs(self._slips()["S1-O1"]["slip_difference"], None)
        rule.value = 2
        self.assertAlmostEqual(self._slips()["S1-O1"]["slip_difference"], 16.25, 4)

    def test_margins_of_documents_that_the_reader_may_not_see_stay_unknown(self):
        """Whoever delivers sees neither the deal's proposals nor its invoices; a colleague not even the deal."""
        deal = self._sold(1000.0, 900.0)
        self._say(deal, S1_O1="fail")
        self.assertAlmostEqual(self._slips(user=self.salesperson)["S1-O1"]["slip_missed"], 35 - 250 / 900 * 100, 4)
        self.assertAlmostEqual(self._slips(user=self.auditor)["S1-O1"]["slip_missed"], 35 - 250 / 900 * 100, 4)
        self.assertEqual(self._slips(user=self.colleague), {})

    def test_a_figure_of_the_page_leads_to_its_deals(self):
        low, kept = self._sold(1000.0, 800.0), self._sold(1000.0, 1000.0)
        self._say(low, S1_O1="fail")
        self._say(kept, S1_O1="pass")
        rows = (
            self.env["kams.compliance"]
            .with_user(self.director)
            .search([("team_id", "=", self.past_team.id), ("point_code", "=", "S1-O1"), ("outcome", "=", "won")])
        )
        self.assertEqual(rows.lead_id, low + kept)
        action = rows.filtered(lambda row: row.state == "missing").action_open_deal()
        self.assertEqual((action["res_model"], action["res_id"]), ("crm.lead", low.id))
