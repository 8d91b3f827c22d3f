from datetime import date, datetime

from odoo.tests import tagged

from .common import KamsCase


def shanghai(day, hour=9, minute=30):
    """A moment there, as it is kept."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time()).replace(hour=hour - 8, minute=minute)


class TenderCase(KamsCase):
    """A tender whose dates are lawful, to be made unlawful."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bid_desk = cls._person("kams_bid_desk", "kams_sales.group_bid_desk")
        cls.deal = cls._deal(
            partner_id=cls.customer.id, kams_procurement_mode="tender_open", kams_legal_regime="bidding_law"
        )
        yuan = cls.env.ref("base.CNY")
        yuan.active = True
        cls.yuan = yuan

    @classmethod
    def _tender(cls, **vals):
        return cls.env["kams.tender"].create(
            {
                "name": "Boiler island",
                "lead_id": cls.deal.id,
                "currency_id": cls.yuan.id,
                "issued_at": "2026-03-02",
                "doc_end": "2026-03-09",
                "bid_deadline": shanghai("2026-03-24"),
                "opening_at": shanghai("2026-03-24"),
                "estimate": 8000000,
                **vals,
            }
        )

    def _found(self, tender, rule, level=None):
        return [
            one for one in tender._findings()[tender.id] if one["rule"] == rule and (not level or one["level"] == level)
        ]

    def _one(self, tender, rule, level=None):
        (found,) = self._found(tender, rule, level)
        return found


@tagged("post_install", "-at_install")
class TestTenderClock(TenderCase):
    """The rules L01 to L16, with the worked examples of the method."""

    # L01, L02
    def test_l01_documents_are_on_sale_for_five_days(self):
        tender = self._tender(doc_start="2026-03-02", doc_end="2026-03-06")
        self.assertEqual(self._one(tender, "L01")["lawful"], date(2026, 3, 7))
        self.assertEqual(tender.dates_state, "unlawful")
        tender.doc_end = "2026-03-07"
        self.assertEqual(self._one(tender, "L01")["level"], "info")
        self.assertEqual(tender.dates_state, "lawful")

    def test_l01_the_government_provides_them_for_five_working_days(self):
        tender = self._tender(legal_regime="gov_procurement", issued_at="2026-02-09", doc_end="2026-02-16")
        # 10, 11, 12, 13 and Saturday the 14th, which is worked before the Spring Festival
        self.assertEqual(self._one(tender, "L01")["level"], "info")
        tender.doc_end = "2026-02-13"
        self.assertEqual(self._one(tender, "L01")["lawful"], date(2026, 2, 14))
        self.assertIn("政府采购法实施条例 31", self._one(tender, "L01")["article"])

    def test_l02_prequalification_counts_from_the_end_of_the_sale(self):
        tender = self._tender(
            prequal_required=True,
            prequal_notice_at="2026-02-24",
            prequal_doc_end="2026-03-01",
            prequal_deadline=shanghai("2026-03-05"),
        )
        self.assertEqual(self._one(tender, "L02")["lawful"], date(2026, 3, 6))
        self.assertEqual(tender.dates_state, "unlawful")
        tender.is_mandatory = False
        self.assertFalse(self._found(tender, "L02"), "Article 17 is about tenders that the law requires.")

    def test_l02_in_government_procurement_it_counts_working_days_from_the_notice(self):
        tender = self._tender(
            legal_regime="gov_procurement",
            prequal_required=True,
            prequal_notice_at="2026-02-24",
            prequal_deadline=shanghai("2026-02-27"),
        )
        # 25, 26, 27, Saturday the 28th (worked), Monday the 2nd
        self.assertEqual(self._one(tender, "L02")["lawful"], date(2026, 3, 2))

    # L03
    def test_l03_issued_on_2_march_the_earliest_deadline_is_22_march(self):
        tender = self._tender(bid_deadline=shanghai("2026-03-21"), opening_at=shanghai("2026-03-21"))
        finding = self._one(tender, "L03", "error")
        self.assertEqual(finding["lawful"], date(2026, 3, 22))
        self.assertIn("招标投标法 24", finding["article"])
        self.assertEqual(tender.dates_state, "unlawful")
        tender.write({"bid_deadline": shanghai("2026-03-22"), "opening_at": shanghai("2026-03-22")})
        self.assertEqual(self._one(tender, "L03")["level"], "info")
        self.assertEqual(tender.dates_state, "lawful")
        self.assertEqual(self._one(tender, "203")["lawful"], date(2026, 3, 23), "The 22nd is a Sunday.")

    def test_l03_the_day_is_that_of_shanghai_to_the_minute(self):
        for moment, lawful in (
            (datetime(2026, 3, 21, 15, 59), False),  # 23:59 of the 21st
            (datetime(2026, 3, 21, 16, 0), False),  # midnight ends the 21st
            (datetime(2026, 3, 21, 16, 1), True),  # 00:01 of the 22nd
        ):
            tender = self._tender(bid_deadline=moment, opening_at=moment)
            self.assertEqual(tender.dates_state == "lawful", lawful, moment)
        tender.tz = "UTC"
        self.assertEqual(tender.dates_state, "unlawful")

    def test_l03_the_lawful_date_is_used_at_the_same_hour_and_opening_goes_along(self):
        deadline = shanghai("2026-03-18", 14, 0)
        tender = self._tender(
            bid_deadline=deadline, opening_at=deadline, bond_required=True, bond_deadline=shanghai("2026-03-17")
        )
        self.assertIn("2026", tender.bid_deadline_finding)
        tender.with_context(kams_field="bid_deadline").with_user(self.bid_desk).action_use_lawful_date()
        self.assertEqual(tender.bid_deadline, shanghai("2026-03-23", 14, 0), "The 22nd is a Sunday.")
        self.assertEqual(tender.opening_at, tender.bid_deadline)
        self.assertEqual(tender.bond_deadline, shanghai("2026-03-17"))
        self.assertEqual(tender.dates_state, "lawful")
        self.assertFalse(tender.bid_deadline_finding)

    def test_l03_negotiation_and_consultation_have_periods_of_their_own(self):
        tender = self._tender(legal_regime="gov_procurement", mode="competitive_consultation")
        self.assertEqual(self._one(tender, "L03")["lawful"], date(2026, 3, 12))
        tender.mode = "competitive_negotiation"
        self.assertEqual(self._one(tender, "L03")["lawful"], date(2026, 3, 5))
        tender.write({"mode": "tender_open"})
        self.assertEqual(self._one(tender, "L03")["lawful"], date(2026, 3, 22))
        tender.legal_regime = "enterprise"
        self.assertFalse(self._found(tender, "L03"))

    # L04
    def test_l04_an_addendum_thirteen_days_before_puts_the_deadline_off(self):
        tender = self._tender(bid_deadline=shanghai("2026-03-25"), opening_at=shanghai("2026-03-25"))
        addendum = self.env["kams.tender.addendum"].create(
            {"tender_id": tender.id, "name": "No. 1", "issued_on": "2026-03-12", "affects_bid": True}
        )
        self.assertEqual(self._one(tender, "L04", "error")["lawful"], date(2026, 3, 27))
        self.assertEqual(tender.dates_state, "unlawful")
        addendum.new_deadline = shanghai("2026-03-27")
        addendum.action_apply_deadline()
        self.assertEqual(tender.opening_at, shanghai("2026-03-27"))
        self.assertEqual(tender.dates_state, "lawful")

    # L05, L06
    def test_l05_objections_end_ten_days_before_whatever_the_documents_say(self):
        tender = self._tender()
        self.assertEqual(tender.objection_deadline, date(2026, 3, 14))
        tender.question_deadline = shanghai("2026-03-10")
        self.assertEqual(self._one(tender, "L05", "warning")["lawful"], date(2026, 3, 14))
        self.assertEqual(tender.dates_state, "lawful", "That is told, not held against the dates.")

    def test_l06_fewer_than_three_bids_are_not_opened(self):
        tender = self._tender(bids_received=2)
        self.assertIn("招标投标法 28", self._one(tender, "L06", "error")["article"])
        self.assertEqual(tender.dates_state, "unlawful")
        tender.action_cancelled()
        self.assertEqual(tender.state, "closed")
        self.assertFalse(tender.is_live)
        self.assertEqual(self._one(tender, "L06")["level"], "info")
        self.assertEqual(tender.dates_state, "lawful")

    # L07, L12
    def test_l07_of_an_estimate_of_8_million_the_bond_is_160000_at_most(self):
        tender = self._tender(bond_required=True, bond_deadline=shanghai("2026-03-23"), bond_amount=160000)
        self.assertEqual(tender._bond_cap(), 160000)
        self.assertFalse(self._found(tender, "L07", "warning"))
        tender.bond_amount = 160000.01
        self.assertIn("160,000", self._one(tender, "L07", "warning")["message"])
        self.assertEqual(tender.dates_state, "lawful", "A bond that is too dear isn't a date.")

    def test_l07_without_an_estimate_nothing_is_checked_and_that_is_said(self):
        tender = self._tender(
            estimate=None, bond_required=True, bond_deadline=shanghai("2026-03-23"), bond_amount=9999999
        )
        self.assertIsNone(tender._bond_cap())
        self.assertIn("isn't known", self._one(tender, "L07")["message"])
        self.assertIn("isn't checked", self._one(tender, "L16")["message"])

    def test_l13_says_when_a_small_firm_is_paid_once_the_tender_is_won(self):
        tender = self._tender(issued_at="2026-03-02")
        self.assertFalse([one for one in tender._findings()[tender.id] if one["rule"] == "L13"])
        tender.result = "won"
        [found] = [one for one in tender._findings()[tender.id] if one["rule"] == "L13"]
        self.assertEqual((found["level"], found["article"]), ("info", "保障中小企业款项支付条例 9"))
        self.assertRegex(found["message"], "within 30 days, 60 .* within 60")

    def test_l12_of_a_contract_of_6_9_million_the_bond_is_690000_at_most(self):
        tender = self._tender(bid_price=6900000, performance_bond_pct=10)
        self.assertEqual(tender._performance_bond_cap(), 690000)
        self.assertEqual(tender._performance_bond_cap(1000), 100)
        self.assertEqual(self._one(tender, "L12")["level"], "info")
        tender.performance_bond_pct = 10.5
        self.assertEqual(self._one(tender, "L12")["level"], "warning")

    # L09, L10
    def test_l09_a_committee_is_odd_large_enough_and_two_thirds_experts(self):
        tender = self._tender(committee_size=7, committee_experts=5)
        self.assertFalse(self._found(tender, "L09"))
        tender.committee_experts = 4
        self.assertEqual(self._one(tender, "L09")["field"], "committee_experts")
        for size in (4, 6, 3):
            tender.write({"committee_size": size, "committee_experts": size})
            self.assertEqual(self._one(tender, "L09")["field"], "committee_size")
        tender.write({"committee_size": 9, "committee_experts": 6})
        self.assertFalse(self._found(tender, "L09"), "Six of nine are two thirds.")

    def test_l10_candidates_are_published_soon_and_for_three_days(self):
        tender = self._tender(
            evaluation_report_at="2026-03-26", publicity_start="2026-03-30", publicity_end="2026-04-01"
        )
        self.assertEqual(self._one(tender, "L10", "error")["lawful"], date(2026, 4, 2))
        tender.publicity_end = "2026-04-02"
        self.assertFalse(self._found(tender, "L10", "error"))
        tender.publicity_start = "2026-03-31"
        self.assertEqual(self._one(tender, "L10", "warning")["lawful"], date(2026, 3, 30), "The 29th is a Sunday.")

    # L11
    def test_l11_awarded_on_10_april_the_contract_is_due_by_10_may_a_sunday(self):
        tender = self._tender(award_notice_at="2026-04-10")
        self.assertEqual(tender.contract_due, date(2026, 5, 10))
        finding = self._one(tender, "L11", "warning")
        self.assertEqual(finding["lawful"], date(2026, 5, 10), "Warned about on the earlier day.")
        self.assertIn("05/11/2026", finding["message"])
        self.assertIn("民法典 203", finding["article"])
        tender.contract_signed_at = "2026-05-09"
        self.assertEqual(self._one(tender, "L11")["level"], "info")
        tender.contract_signed_at = "2026-05-11"
        self.assertEqual(self._one(tender, "L11")["level"], "warning")
        tender.contract_signed_at = "2026-05-12"
        self.assertEqual(self._one(tender, "L11")["level"], "error")

    # L14, L15, L16
    def test_l14_complaints_have_ten_days_challenges_seven_working_days(self):
        tender = self._tender(publicity_start="2026-03-26", publicity_end="2026-03-30")
        self.assertEqual(tender.complaint_deadline, date(2026, 4, 5))
        tender.legal_regime = "gov_procurement"
        # from the end of its publication: 31, 1, 2, 3, then 7, 8, 9 after Qingming
        self.assertEqual(tender.complaint_deadline, date(2026, 4, 9))
        self.assertTrue(self._found(tender, "L14"))

    def test_l15_a_single_source_is_published_for_five_working_days(self):
        tender = self._tender(
            legal_regime="gov_procurement",
            mode="single_source",
            publicity_start="2026-03-26",
            publicity_end="2026-03-31",
        )
        self.assertEqual(self._one(tender, "L15", "error")["lawful"], date(2026, 4, 2))

    def test_l16_from_which_estimate_a_tender_is_required(self):
        tender = self._tender(is_mandatory=False, category="works", estimate=4000000)
        self.assertEqual(self._one(tender, "L16")["level"], "warning")
        tender.estimate = 3999999
        self.assertFalse(self._found(tender, "L16"))
        tender.write({"category": "goods", "issued_at": "2017-03-02", "estimate": 1500000})
        self.assertEqual(self._one(tender, "L16")["level"], "warning", "Until May 2018 it was one million.")

    def test_l16_another_currency_is_taken_at_the_days_rate_or_not_at_all(self):
        dollar = self.env.ref("base.USD")
        tender = self._tender(currency_id=dollar.id, estimate=600000, category="works", is_mandatory=False)
        company = tender.company_id or self.env.company
        rates = self.env["res.currency.rate"]
        rates.search([("currency_id", "in", (self.yuan | dollar).ids)]).unlink()
        self.env.invalidate_all()
        self.assertIn("isn't known", self._one(tender, "L16")["message"])
        for currency, rate in ((self.yuan, 7.0), (dollar, 1.0)):
            if currency != company.currency_id:
                rates.create({"currency_id": currency.id, "rate": rate, "name": "2026-01-01", "company_id": company.id})
        self.env.invalidate_all()
        if company.currency_id == dollar:
            self.assertEqual(self._one(tender, "L16")["level"], "warning", "4.2 million yuan.")

    # COMPLETENESS, CALENDAR, RULES
    def test_what_is_missing_is_said_and_the_dates_are_incomplete(self):
        tender = self._tender(bid_deadline=False, opening_at=False, doc_end=False)
        self.assertEqual(tender.dates_state, "incomplete")
        self.assertEqual(
            {one["field"] for one in self._found(tender, "missing")}, {"bid_deadline", "opening_at", "doc_end"}
        )
        tender = self._tender(legal_regime="enterprise", doc_end=False)
        self.assertEqual(tender.dates_state, "lawful", "No rule asks for the end of the sale.")

    def test_bids_are_opened_when_they_are_due(self):
        tender = self._tender(opening_at=shanghai("2026-03-24", 9, 0))
        self.assertEqual(tender.dates_state, "unlawful")
        tender.with_context(kams_field="opening_at").action_use_lawful_date()
        self.assertEqual(tender.opening_at, tender.bid_deadline)
        self.assertEqual(tender.dates_state, "lawful")

    def test_a_year_without_holidays_is_said(self):
        tender = self._tender()
        self.assertFalse(self._found(tender, "calendar"))
        tender.write({"bid_deadline": shanghai("2027-03-24"), "opening_at": shanghai("2027-03-24")})
        self.assertIn("2027", self._one(tender, "calendar")["message"])

    def test_a_holiday_that_is_entered_counts_for_running_tenders_only(self):
        vals = {"legal_regime": "gov_procurement", "issued_at": "2026-03-02", "doc_end": "2026-03-09"}
        running, closed = self._tender(**vals), self._tender(**vals)
        closed.action_abandon()
        self.assertEqual((running | closed).mapped("dates_state"), ["lawful", "lawful"])
        holiday = self.env["kams.holiday"].create({"date": "2026-03-09", "name": "Flood"})
        self.assertEqual(running.dates_state, "unlawful")
        self.assertEqual(closed.dates_state, "lawful")
        holiday.unlink()
        self.assertEqual(running.dates_state, "lawful")

    def test_an_old_tender_keeps_the_rule_of_its_day(self):
        rule = self.env.ref("kams_sales.rule_tender_bid_prepare_days_bidding")
        old = self._tender()
        self.assertEqual(old.dates_state, "lawful")
        rule.valid_to = "2026-02-28"
        new_rule = rule.copy({"valid_from": "2026-03-01", "valid_to": False, "value": 30})
        self.assertEqual(old.dates_state, "unlawful", "Issued after the change.")
        new_rule.valid_from = "2026-04-01"
        rule.valid_to = "2026-03-31"
        self.assertEqual(old.dates_state, "lawful", "Issued before it.")
        new = self._tender(
            issued_at="2026-04-02",
            doc_end="2026-04-08",
            bid_deadline=shanghai("2026-04-24"),
            opening_at=shanghai("2026-04-24"),
        )
        self.assertEqual(self._one(new, "L03", "error")["lawful"], date(2026, 5, 2))

    def test_a_company_may_have_days_off_of_its_own(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["kams.holiday"].create({"date": "2026-03-09", "name": "Our day", "company_id": company.id})
        calendars = self.env["kams.holiday"]
        self.assertTrue(calendars._calendar(company).is_off(date(2026, 3, 9)))
        self.assertFalse(calendars._calendar(self.env.company).is_off(date(2026, 3, 9)))
        self.env["kams.holiday"].create(
            {"date": "2026-02-16", "name": "We work", "is_workday": True, "company_id": company.id}
        )
        self.assertFalse(calendars._calendar(company).is_off(date(2026, 2, 16)))

    def test_each_rule_of_the_law_names_its_statute_and_article(self):
        rules = self.env["kams.legal.rule"].search([("key", "in", list(self._keys()))])
        self.assertTrue(rules)
        for rule in rules.filtered("regime"):
            self.assertRegex(rule.source, r"(法|条例|办法|规定).*\d")

    def _keys(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", "kams_sales"), ("model", "=", "kams.legal.rule"), ("name", "=like", "rule_tender_%")]
        )
        return set(self.env["kams.legal.rule"].browse(data.mapped("res_id")).mapped("key"))

    def test_what_is_read_is_read_at_once(self):
        tenders = self.env["kams.tender"].concat(*(self._tender(number=str(number)) for number in range(30)))
        self._settle()
        tenders[:1].mapped("findings_page")
        self.env.invalidate_all()
        with self.assertQueryCount(8):
            tenders.mapped("findings_page")

    def test_a_finding_shows_what_was_typed_as_text(self):
        tender = self._tender(name="<script>alert(1)</script> 招标 🏗️ مناقصة")
        self.assertNotIn("<script>", tender.findings_page)
