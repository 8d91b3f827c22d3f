import doctest
import io
import re
import unicodedata
from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from ..report.kams_paper import LANDSCAPE
from ..tools import paper
from .common import KamsCase

PROFILE = "kams_sales.report_account_profile"
VALUE = "kams_sales.report_account_value"
SUPPLY = "kams_sales.report_supply"
PLAN = "kams_sales.report_plan"
MARKETING = "kams_sales.report_marketing_plan"
SURVEY = "kams_sales.report_survey"
ASSESSMENT = "kams_sales.report_qualification"
INTERVIEW = "kams_sales.report_interview"
OBJECTIONS = "kams_sales.report_objections"
DEMO = "kams_sales.report_demo"
VISIT = "kams_sales.report_visit"
TITLES = {
    PROFILE: "Customer Profile",
    VALUE: "Value Analysis",
    SUPPLY: "Supplier Strategy",
    PLAN: "Account Plan",
    MARKETING: "Project Marketing Plan",
    SURVEY: "Survey Report",
    ASSESSMENT: "Opportunity Assessment",
    INTERVIEW: "Interview Record",
    OBJECTIONS: "Objection Log",
    DEMO: "Demonstration Plan",
    VISIT: "Visit Plan",
}
LANGUAGES = ("en_US", "zh_CN")


class PaperCase(KamsCase):
    """Prints forms for real and reads what is on the pages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["ir.module.module"]._load_module_terms(["base", "kams_sales"], ["zh_CN"])
        cls.account = cls._account()
        cls.other_customer = cls.env["res.partner"].create({"name": "华能国际电力股份有限公司", "is_company": True})
        cls.other_account = cls._account(cls.other_customer)

    def _print(self, report, records, user=None, lang="en_US"):
        """The text of each page, as a reader of the PDF finds it."""
        printer = self.env["ir.actions.report"].with_user(user or self.manager)
        printer = printer.with_context(lang=lang, force_report_rendering=True)
        content, kind = printer._render_qweb_pdf(report, records.ids)
        self.assertEqual(kind, "pdf")
        reader = PdfFileReader(io.BytesIO(content))
        pages = [reader.getPage(number) for number in range(reader.numPages)]
        texts = [(getattr(page, "extract_text", None) or page.extractText)() for page in pages]
        # the font has one glyph for a radical and the character it is, and for 户 and 戶: the text names either
        return [re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).replace("戶", "户") for text in texts]

    def _items(self, count, account=None, **vals):
        return self.env["kams.profile.item"].create(
            [
                {
                    "account_id": (account or self.account).id,
                    "key": f"Subject {number}.",
                    "value": f"Known {number}.",
                    "source": "Ms Li",
                    **vals,
                }
                for number in range(count)
            ]
        )

    def _value(self, account=None, **typed):
        """A value analysis with figures typed by hand."""
        value = self.env["kams.account.value"].create(
            {
                "account_id": (account or self.account).id,
                "date_from": date(2025, 1, 1),
                "date_to": date(2025, 12, 31),
            }
        )
        for figure in value.figure_ids.filtered(lambda figure: figure.key in typed):
            figure.write({"typed_value": typed[figure.key], "why": "Their finance director"})
        return value

    def _plan(self, account=None, objectives=0, actions=0, **vals):
        return self.env["kams.plan"].create(
            {
                "account_id": (account or self.account).id,
                "user_id": self.manager.id,
                "goal": "Become their first supplier.",
                "objective_ids": [
                    Command.create({"name": f"Objective {number}.", "target": 100.0, "strategy": "Visit"})
                    for number in range(objectives)
                ],
                "action_ids": [
                    Command.create({"name": f"Action {number}.", "date_due": date(2026, 1, 31)})
                    for number in range(actions)
                ],
                **vals,
            }
        )

    def _position(self, account=None, name="Pumps", **vals):
        category = self.env["product.category"].create({"name": name})
        return self.env["kams.supply.position"].create(
            {"account_id": (account or self.account).id, "category_id": category.id, **vals}
        )

    def _card(self, position, ours, theirs):
        """The customer's scorecard of its suppliers."""
        template = self.env.ref("kams_sales.scorecard_supplier_scorecard")
        card = self.env["kams.scorecard"].create(
            {"template_id": template.id, "account_id": position.account_id.id, "supply_id": position.id}
        )
        for line, our, their in zip(card.line_ids, ours, theirs, strict=True):
            line.write({"value": our, "best_competitor": their})
        card.action_done()
        return card


@tagged("post_install", "-at_install")
class TestPaper(PaperCase):
    """What all printed forms have in common."""

    def _records(self, report):
        """Two records, each with as many lines."""
        accounts = self.account | self.other_account
        for number, account in enumerate(accounts):
            if report == PROFILE:
                self._items(3, account)
            elif report == SUPPLY:
                position = self._position(account, f"Category {number}", step_ids=[Command.create({"name": "Ask"})])
                self._card(position, (90, 85, 70, 80), (80, 80, 80, 80))
        if report == VALUE:
            return self._value(gross_sales=1000) | self._value(self.other_account, gross_sales=1000)
        if report == PLAN:
            return self._plan(objectives=2, actions=2) | self._plan(self.other_account, objectives=2, actions=2)
        models = {MARKETING: "kams.plan", SURVEY: "kams.survey", ASSESSMENT: "kams.qualification"}
        models |= {INTERVIEW: "calendar.event", OBJECTIONS: "crm.lead", DEMO: "calendar.event", VISIT: "calendar.event"}
        if report in models:
            return self.env[models[report]].concat(*(self._of_deal(report, account) for account in accounts))
        return accounts

    def _of_deal(self, report, account):
        """What hangs on a deal with this customer."""
        deal = self._deal(name="Boiler", partner_id=account.partner_id.id)
        if report == SURVEY:
            return self.env["kams.survey"].create(
                {
                    "lead_id": deal.id,
                    "scope": "<b>Boilers</b>",
                    "problem_ids": [Command.create({"name": "Slow", "impact_amount": 9.0})],
                    "requirement_ids": [
                        Command.create({"name": "Alarm", "department": "Plant", "fit": "standard"}),
                        Command.create({"name": "Report"}),
                    ],
                }
            )
        if report == OBJECTIONS:
            self.env["kams.objection"].create({"lead_id": deal.id, "statement": "<b>Too dear</b>", "severity": "4"})
            return deal
        if report == INTERVIEW:
            meeting = self._meeting(deal)
            meeting.write(
                {
                    "kams_minutes": "<b>Boilers</b>",
                    "kams_question_ids": [Command.create({"question": "How old?"})],
                    "kams_commitment_ids": [Command.create({"what": "Drawings"})],
                }
            )
            return meeting
        if report == DEMO:
            demo = self._meeting(deal)
            demo.write({"kams_kind": "demo", "kams_script_ids": [Command.create({"scene": "<b>Cold start</b>"})]})
            return demo
        if report == VISIT:
            visit = self._meeting(deal)
            visit.write(
                {
                    "kams_kind": "company_visit",
                    "kams_itinerary_ids": [Command.create({"time": visit.start, "item": "<b>Welcome</b>"})],
                    "kams_cost_ids": [Command.create({"item": "Hotel", "amount": 100})],
                }
            )
            return visit
        if report == ASSESSMENT:
            rival = self.env["res.partner"].create({"name": f"Rival of {account.name}", "is_company": True})
            self.env["kams.competitor"].create({"lead_id": deal.id, "partner_id": rival.id, "threat": "3"})
            judgement = self.env["kams.qualification"].create({"lead_id": deal.id, "p_go": 70, "p_get": 40})
            judgement.line_ids.write({"answer": "3"})
            return judgement
        person = self.env["res.partner"].create({"name": "Ms Li", "parent_id": account.partner_id.id})
        chain = self.env["kams.stakeholder"].create({"lead_id": deal.id, "partner_id": person.id})
        return self.env["kams.plan"].create(
            {
                "kind": "project_marketing",
                "lead_id": deal.id,
                "competitive_strategy": "frontal",
                "action_ids": [Command.create({"name": "Call", "stakeholder_id": chain.id})],
            }
        )

    def test_each_form_prints_for_one_and_for_several_in_english_and_chinese(self):
        for report, title in TITLES.items():
            records = self._records(report)
            for lang in LANGUAGES:
                name = self.env["ir.actions.report"]._get_report(report).with_context(lang=lang).name
                for some in (records[0], records):
                    with self.subTest(report=report, lang=lang, records=len(some)):
                        pages = self._print(report, some, lang=lang)
                        self.assertGreaterEqual(len(pages), len(some))
                        self.assertIn(name if lang != "en_US" else title, pages[0])
                        self.assertEqual(sum(" 1 / " in page for page in pages), len(some))

    def test_each_form_is_in_the_print_menu_of_its_model(self):
        for report in TITLES:
            action = self.env["ir.actions.report"]._get_report(report)
            bound = self.env["ir.actions.actions"].with_user(self.manager).get_bindings(action.model)
            with self.subTest(report=report):
                self.assertIn(action.id, [entry["id"] for entry in bound["report"]])
                self.assertTrue(action._is_kams_paper())
                self.assertEqual(action.paperformat_id.format, "A4")

    def test_each_form_is_refused_to_who_may_not_see_the_record(self):
        stranger = self._person("kams_stranger", "sales_team.group_sale_salesman")
        for report in TITLES:
            with self.subTest(report=report), self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
                self._print(report, self._records(report)[0], user=stranger)

    def test_each_form_is_built_with_as_many_queries_for_many_as_for_one(self):
        for report in TITLES:
            builder = self.env[f"report.{report}"].with_user(self.manager)
            records = self._records(report)
            counts = []
            for some in (records[0], records):
                builder._get_report_values(some.ids)  # what is kept for the next time is kept
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                builder._get_report_values(some.ids)
                counts.append(self.env.cr.sql_log_count - before)
            with self.subTest(report=report):
                self.assertLessEqual(counts[1], counts[0] + 1, counts)

    def test_pages_are_numbered_and_headed_record_by_record(self):
        self._items(60)
        self._items(60, self.other_account)
        pages = self._print(PROFILE, self.account | self.other_account)
        half = len(pages) // 2
        self.assertGreater(half, 2)
        for number, page in enumerate(pages):
            self.assertIn(f"{number % half + 1} / {half}", page)
            mine, theirs = ("Huaneng Power", "华能国际电力") if number < half else ("华能国际电力", "Huaneng Power")
            self.assertIn(mine, page)
            self.assertNotIn(theirs, page)
            self.assertIn("Printed on", page)
            self.assertIn("Confidential", page)

    def test_a_name_too_long_for_a_line_moves_nobody_elses_head(self):
        self._items(30)
        self._items(30, self.other_account)
        self.customer.name = "Huaneng Power " + "of the Northern Provinces and Districts " * 12
        self.env.company.name = "A Company " + "of Companies " * 40
        pages = self._print(PROFILE, self.account | self.other_account)
        half = next(number for number, page in enumerate(pages[1:], 1) if " 1 / " in page)
        for number, page in enumerate(pages):
            self.assertEqual("Huaneng Power" in page, number < half, number)
            self.assertEqual("华能国际电力" in page, number >= half, number)
            self.assertIn("A Company", page)

    def test_how_text_fits_on_paper_is_as_its_examples_say(self):
        self.assertEqual(doctest.testmod(paper).failed, 0)

    def test_a_printed_page_leaves_no_row_out_and_none_twice(self):
        self._items(60)
        text = " ".join(self._print(PROFILE, self.account))
        for number in range(60):
            self.assertEqual(text.count(f"Subject {number}."), 1, number)
            self.assertEqual(text.count(f"Known {number}."), 1, number)

    def test_a_form_may_lie_on_its_side(self):
        builder = self.env["report.kams_sales.report_plan"]
        action = self.env["ir.actions.report"]._get_report(PLAN)
        action.paperformat_id = self.env.ref("kams_sales.paperformat_landscape")
        with patch.object(self.registry[builder._name], "_paper", LANDSCAPE):
            pages = self._print(PLAN, self._plan(objectives=30, actions=30))
        text = " ".join(pages)
        for number in range(30):
            self.assertEqual(text.count(f"Action {number}."), 1, number)
        for number, page in enumerate(pages, 1):
            self.assertIn(f"{number} / {len(pages)}", page)

    def test_a_text_longer_than_a_page_is_printed_to_its_end(self):
        words = [f"word{number:04}" for number in range(900)]
        self._items(1, value=" ".join(words))
        self.account.mission = " ".join(word.upper() for word in words)
        pages = self._print(PROFILE, self.account)
        text = " ".join(pages)
        for word in words:
            self.assertIn(word, text)
            self.assertIn(word.upper(), text)

    def test_the_preview_on_screen_has_the_same_rows(self):
        self._items(3)
        printer = self.env["ir.actions.report"].with_user(self.manager)
        html = printer._render_qweb_html(PROFILE, self.account.ids)[0].decode()
        for number in range(3):
            self.assertIn(f"Known {number}.", html)

    def test_markup_that_people_typed_is_printed_as_text(self):
        self._items(1, value="<b>bold</b> & <script>x</script>")
        self.assertIn("<b>bold</b> & <script>x</script>", " ".join(self._print(PROFILE, self.account)))

    def test_reports_of_others_are_left_alone(self):
        order = self.env["ir.actions.report"]._get_report("sale.report_saleorder")
        self.assertFalse(order._is_kams_paper())
        self.assertEqual(order._get_layout(), self.env.ref("web.minimal_layout"))
        args = order._build_wkhtmltopdf_args(order.get_paperformat(), False)
        delay = self.env["ir.config_parameter"].sudo().get_param("report.print_delay", "1000")
        self.assertEqual(args[args.index("--javascript-delay") + 1], delay)


@tagged("post_install", "-at_install")
class TestProfileOnPaper(PaperCase):
    """The customer profile on paper."""

    def test_a_profile_without_anything_fits_on_one_page_and_says_what_is_missing(self):
        pages = self._print(PROFILE, self.account)
        self.assertEqual(len(pages), 1)
        self.assertIn("Still Missing", pages[0])
        self.assertIn("Nothing recorded.", pages[0])

    def test_what_is_known_of_the_customer_is_on_it(self):
        self.account.write(
            {
                "uscc": "914403001922038216",
                "employees": 8650,
                "registered_capital": 1_250_000_000,
                "pains": "Spare parts come late.",
                "credit_checked_on": date(2026, 3, 1),
            }
        )
        self.env["res.partner"].create(
            {"name": "Li Ming", "parent_id": self.customer.id, "function": "Chief Engineer", "email": "li@example.cn"}
        )
        self.env["kams.account.year"].create(
            [
                {"account_id": self.account.id, "year": "2025", "revenue": 1_000_000, "gross_profit": 300_000},
                {"account_id": self.account.id, "year": "2024", "revenue": 800_000},
            ]
        )
        self.env["kams.account.swot"].create(
            {"account_id": self.account.id, "quadrant": "2w", "statement": "Old boilers", "implication": "Retrofit"}
        )
        self._items(1, reliability="b", credibility="2", expires_at=date(2026, 1, 31), collected_at=date(2025, 1, 31))
        text = " ".join(self._print(PROFILE, self.account))
        for words in (
            "914403001922038216",
            "8,650",
            "1,250,000,000",
            "Spare parts come late.",
            "03/01/2026",
            "Li Ming",
            "Chief Engineer",
            "1,000,000",
            "25.0",  # growth
            "30.0",  # gross margin
            "Old boilers",
            "Retrofit",
            "B2",
            "Expired",
        ):
            self.assertIn(words, text)
        chinese = " ".join(self._print(PROFILE, self.account, lang="zh_CN"))
        date_format = self.env["res.lang"]._lang_get("zh_CN").date_format
        self.assertIn(date(2026, 3, 1).strftime(date_format), chinese)

    def test_secret_items_are_printed_only_for_those_who_may_see_them(self):
        self._items(1, value="Their budget ends in May.", confidentiality="secret")
        self._items(1, value="They bought pumps.")
        deal = self._deal(partner_id=self.customer.id, user_id=self.colleague.id)
        self.assertEqual(deal.kams_account_id, self.account)
        for user, sees in ((self.manager, True), (self.director, True), (self.colleague, False), (self.auditor, False)):
            self.env.invalidate_all()
            text = " ".join(self._print(PROFILE, self.account, user=user))
            with self.subTest(user=user.login):
                self.assertIn("They bought pumps.", text)
                self.assertEqual("Their budget ends in May." in text, sees)

    def test_secret_items_that_somebody_read_before_in_the_same_breath_stay_off(self):
        """A one2many at hand may hold what the user can't see."""
        self._items(1, value="Their budget ends in May.", confidentiality="secret")
        self._deal(partner_id=self.customer.id, user_id=self.colleague.id)
        self.assertTrue(self.account.sudo().profile_item_ids)
        text = " ".join(self._print(PROFILE, self.account, user=self.colleague))
        self.assertNotIn("Their budget ends in May.", text)

    def test_personal_data_is_never_on_it(self):
        self.env["res.partner"].create(
            {
                "name": "Li Ming",
                "parent_id": self.customer.id,
                "kams_interests": "Calligraphy",
                "kams_pi_basis": "public",
                "kams_retention_until": date(2099, 1, 1),
            }
        )
        self.manager.group_ids |= self.env.ref("kams_sales.group_personal_data")
        text = " ".join(self._print(PROFILE, self.account))
        self.assertIn("Li Ming", text)
        self.assertNotIn("Calligraphy", text)

    def test_each_company_prints_its_own_figures_alone(self):
        company = self.env["res.company"].create({"name": "KAMS Second Company"})
        theirs = self._account(company_id=company.id)
        self.assertEqual(theirs.partner_id, self.account.partner_id)
        self._items(1, value="Known to us.")
        self._items(1, theirs, value="Known to the others.")
        text = " ".join(self._print(PROFILE, self.account))
        self.assertIn("Known to us.", text)
        self.assertNotIn("Known to the others.", text)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            self._print(PROFILE, theirs)
        self.manager.company_ids = [Command.link(company.id)]
        both = self.env["ir.actions.report"].with_context(allowed_company_ids=[self.env.company.id, company.id])
        html = both.with_user(self.manager)._render_qweb_html(PROFILE, theirs.ids)[0].decode()
        self.assertIn("Known to the others.", html)
        self.assertNotIn("Known to us.", html)
        self.assertIn("KAMS Second Company", html)


@tagged("post_install", "-at_install")
class TestValueOnPaper(PaperCase):
    """The value analysis on paper."""

    def test_c14_is_printed_from_sales_to_contribution(self):
        value = self._value(
            gross_sales=10_000_000,
            discounts=800_000,
            cogs=6_500_000,
            service_cost=1_100_000,
            capital_cost=150_000,
            receivables_average=2_500_000,
        )
        text = " ".join(self._print(VALUE, value))
        for words in ("9,200,000", "2,700,000", "1,250,000", "1,450,000", "29.35", "15.76", "13.59", "92"):
            self.assertIn(words, text)
        self.assertIn("Their finance director", text)
        self.assertIn(self.env.user.name, text)

    def test_a_draft_says_so_across_each_page_until_it_is_done(self):
        value = self._value(gross_sales=1000)
        for page in self._print(VALUE, value):
            self.assertIn("Draft", page)
        value.action_done()
        for page in self._print(VALUE, value):
            self.assertNotIn("Draft", page)

    def test_an_analysis_without_any_figure_has_no_ratio(self):
        text = " ".join(self._print(VALUE, self._value()))
        self.assertIn("Price Realisation (%)", text)
        self.assertNotIn("nan", text)
        self.assertNotIn("inf ", text)

    def test_figures_of_another_company_are_refused(self):
        company = self.env["res.company"].create({"name": "KAMS Second Company"})
        theirs = self._value(self._account(company_id=company.id), gross_sales=123_456)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
            self._print(VALUE, theirs)
        self.assertNotIn("123,456", " ".join(self._print(VALUE, self._value(gross_sales=1000))))


@tagged("post_install", "-at_install")
class TestSupplyOnPaper(PaperCase):
    """The supplier strategy on paper."""

    def test_c16_us_and_the_best_competitor_stand_side_by_side(self):
        position = self._position(annual_spend=12_000_000, attractiveness=3.6)
        self._card(position, (90, 85, 70, 80), (95, 60, 60, 60))
        text = " ".join(self._print(SUPPLY, self.account))
        self.assertIn("83.25", text)
        self.assertIn("74.00", text)
        self.assertIn("12,000,000", text)
        self.assertIn("Best Competitor", text)

    def test_only_the_last_card_that_is_done_is_printed(self):
        position = self._position()
        self._card(position, (90, 85, 70, 80), (80, 80, 80, 80))
        self._card(position, (60, 60, 60, 60), (80, 80, 80, 80))
        draft = self.env["kams.scorecard"].search([("supply_id", "=", position.id)], limit=1)._score_again()
        draft._answer({draft.line_ids[0].code: 11})
        text = " ".join(self._print(SUPPLY, self.account))
        self.assertIn("60.00", text)
        self.assertNotIn("83.25", text)

    def test_sixty_categories_and_none_print(self):
        for number in range(60):
            self._position(name=f"Category {number:02}.")
        text = " ".join(self._print(SUPPLY, self.account))
        for number in range(60):
            self.assertIn(f"Category {number:02}.: Where We Stand", text)
        self.assertIn("Nothing recorded.", self._print(SUPPLY, self.other_account)[0])


@tagged("post_install", "-at_install")
class TestPlanOnPaper(PaperCase):
    """A plan on paper."""

    def test_each_objective_and_action_is_on_it_once(self):
        text = " ".join(self._print(PLAN, self._plan(objectives=60, actions=60)))
        for number in range(60):
            self.assertEqual(text.count(f"Objective {number}."), 1, number)
            self.assertEqual(text.count(f"Action {number}."), 1, number)

    def test_progress_and_what_is_late_are_shown(self):
        plan = self._plan(objectives=1, actions=1)
        plan.objective_ids.current = 45.0
        plan.action_activate()
        plan.action_ids.date_due = date(2020, 1, 1)
        text = " ".join(self._print(PLAN, plan))
        for words in ("Become their first supplier.", "Typed by hand", "45", "Overdue"):
            self.assertIn(words, text)

    def test_an_empty_plan_is_one_page_and_a_draft(self):
        pages = self._print(PLAN, self._plan())
        self.assertEqual(len(pages), 1)
        self.assertIn("Nothing recorded.", pages[0])
        self.assertIn("Draft", pages[0])

    def test_a_plan_of_another_kind_is_called_by_its_kind(self):
        plan = self._plan(kind="relationship")
        self.assertIn("Relationship Plan", self._print(PLAN, plan)[0])
