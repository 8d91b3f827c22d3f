from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged

from . import evidence
from .delivery_eyes import seen
from .test_change import ChangeCase
from .test_review import ReviewCase

NUMBERS = ("float", "monetary", "html", "json")
RIGHTS = "kams_sales.group_delivery,project.group_project_user"
# What tells a margin, where we stop, or what competitors ask
SECRET = {
    "kams.review": (
        *("snapshot", "margin_floor", "est_revenue", "est_cost", "est_margin", "margin_pct", "margin_below_floor"),
        *("bid_cost", "bid_margin_pct", "approved_min_price", "approved_target_price", "offer_margin"),
        *("offer_discount", "presales_day_cost"),
    ),
    "kams.review.policy": ("margin_floor",),
    "kams.account": (
        *("net_sales_12m", "gross_margin_12m", "contribution_12m", "contribution_pct_12m", "price_realisation_12m"),
        *("cts_ratio_12m", "potential_gap_12m", "value_score", "value_grade", "value_ids", "cost_ids", "supply_ids"),
        *("group_net_sales_12m", "group_contribution_12m", "scorecard_ids", "whitespace_grid", "cell_standings"),
    ),
    "kams.tender": ("bidder_ids", "winner_price", "lowest_price", "our_points", "winloss_ids"),
    "kams.negotiation.given": ("amount",),
    "crm.lead": ("kams_competitor_ids", "kams_winloss_ids", "kams_qualification_ids", "kams_judged_score"),
    "res.partner": ("kams_competitor_sheet",),
    "sale.order": ("kams_approval_ids", "kams_authority_text"),
    "calendar.event": ("kams_settlement_ours", "kams_settlement_theirs"),
}


@tagged("post_install", "-at_install")
class TestDeliveryEyes(ReviewCase):
    """A project manager without sales rights sees the delivery, not margins, limits or competitors' prices (8)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._person("kams_pm", RIGHTS)
        cls.fitter = cls._person("kams_fitter", RIGHTS)
        cls.env.ref("kams_sales.review_policy_initiation_c_technical").user_id = cls.manager

    # WHAT THERE IS
    def test_every_number_that_delivery_sees_was_decided_upon(self):
        found = {}
        for name in self.registry.models:
            model = self.env[name].with_user(self.manager)
            if not name.startswith("kams.") or model._abstract or not model.has_access("read"):
                continue
            numbers = {field for field, about in model.fields_get().items() if about["type"] in NUMBERS}
            if numbers := numbers - {"rating_avg"}:
                found[name] = numbers
        allowed = seen()
        unasked = {name: sorted(names - allowed.get(name, set())) for name, names in found.items()}
        self.assertEqual({name: names for name, names in unasked.items() if names}, {}, "see delivery_eyes.py")

    def test_the_list_names_nothing_that_is_gone(self):
        for name, names in seen().items():
            with self.subTest(model=name):
                self.assertLessEqual(names, set(self.env[name]._fields))

    def test_what_is_secret_is_read_on_no_way(self):
        for name, names in SECRET.items():
            model = self.env[name].with_user(self.manager)
            known = model.fields_get()
            for field in names:
                with self.subTest(model=name, field=field):
                    self.assertNotIn(field, known)
                    with self.assertRaises(AccessError):
                        model.search_read([], [field])
                    if model._fields[field].store and model._fields[field].type != "one2many":
                        for attempt in (
                            lambda model=model, field=field: model.search([(field, "!=", False)]),
                            lambda model=model, field=field: model.search([], order=field),
                            lambda model=model, field=field: model.formatted_read_group([], [field], ["__count"]),
                        ):
                            if model._fields[field].type != "json":
                                with self.assertRaises(AccessError):
                                    attempt()

    def test_the_floor_of_margins_is_no_parameter_of_theirs(self):
        rules = self.env["kams.legal.rule"].with_user(self.manager)
        self.assertTrue(rules.search([]))
        self.assertFalse(rules.search([("key", "=", "price_margin_floor")]))
        self.assertTrue(rules.with_user(self.salesperson).search([("key", "=", "price_margin_floor")]))

    # REVIEWS
    def test_delivery_reads_the_reviews_it_sits_in_and_no_others(self):
        mine = self._submitted()
        self.assertEqual(self.env["kams.review"].with_user(self.fitter).search([]), self.env["kams.review"])
        self.assertIn(mine, self.env["kams.review"].with_user(self.manager).search([]))
        with self.assertRaises(AccessError):
            mine.with_user(self.fitter).read(["state"])
        for line in (mine.opinion_ids, mine.opinion_ids[:1]):
            with self.assertRaises(AccessError):
                line.with_user(self.fitter).read(["vote"])

    def test_who_sits_in_a_review_sees_its_facts_without_margin_and_rivals(self):
        rival = self.env["res.partner"].create({"name": "Rival Boilers", "is_company": True})
        self.env["kams.competitor"].create(
            {"lead_id": self.deal.id, "partner_id": rival.id, "price_estimate": 87_654.0}
        )
        review = self._submitted(est_revenue=100_000.0, est_cost=34_567.0)
        for user, told in ((self.accountant, True), (self.manager, False)):
            for when in ("open", "decided"):
                if when == "decided" and user == self.accountant:
                    for one in (self.director, self.manager, self.accountant):
                        self._vote(review, one)
                    self._score(review)
                    review.with_user(self.chair)._decide("approved", "As discussed.", ())
                self.env.invalidate_all()
                page = str(review.with_user(user).facts_page)
                paper = self.env["report.kams_sales.report_review"].with_user(user)._sheets(review.with_user(user))
                with self.subTest(user=user.login, when=when):
                    for text in (page, str(paper)):
                        self.assertEqual("Rival Boilers" in text, told)
                        self.assertEqual("87,654" in text, told)
                        self.assertEqual("Margin of the Latest Quotation" in text, told)
                    self.assertEqual("34,567" in str(paper), told)

    def test_a_project_manager_votes(self):
        review = self._submitted()
        self._vote(review, self.manager)
        self.assertEqual(self._seat(review, self.manager).vote, "agree")
        self.assertTrue(review.with_user(self.manager).read())

    # SCREENS
    def _spec(self, model, node):
        """What a web client would ask for to show a view."""
        found = {}
        for field in node.iterfind(".//field"):
            above = field.iterancestors("field")
            if (parent := next(above, None)) is not None and parent is not node:
                continue
            about = self.env[model]._fields.get(field.get("name"))
            if about is None:
                continue
            if about.type in ("many2one", "reference"):
                found[about.name] = {"fields": {"display_name": {}}}
            elif about.relational:
                lines = {"display_name": {}}
                for inner in field.iterchildren("list", "kanban", "form"):
                    lines |= self._spec_of_inner(about.comodel_name, inner)
                found[about.name] = {"fields": lines, "limit": 40}
            else:
                found[about.name] = {}
        return found

    def _spec_of_inner(self, model, node):
        return self._spec(model, etree.fromstring(etree.tostring(node)))

    def test_each_screen_that_delivery_may_open_opens(self):
        """Forms, lists and cards of all our models on what there is, and the deal."""
        names = [name for name, model in self.registry.items() if name.startswith("kams.") and not model._transient]
        for name in sorted([*names, "crm.lead", "calendar.event"]):
            model = self.env[name].with_user(self.manager)
            if model._abstract or not model.has_access("read"):
                continue
            domain = [("model", "=", name), ("mode", "=", "primary"), ("type", "in", ("form", "list", "kanban"))]
            for view in self.env["ir.ui.view"].search(domain):
                with self.subTest(model=name, view=view.name):
                    self.env.invalidate_all()
                    arch = model.get_views([(view.id, view.type)])["views"][view.type]["arch"]
                    model.search([], limit=5).web_read(self._spec(name, etree.fromstring(arch)))


@tagged("post_install", "-at_install")
class TestChangeForDelivery(ChangeCase):
    """The review of a change is delivery's to read, the price isn't."""

    def test_a_review_of_a_change_tells_delivery_no_price(self):
        change = self._change(cost=2_000.0, days=3, price_change=76_543.0)
        review = evidence.review(self.deal, "change", {self.deal: {"change_id": change.id}})
        pm = self._person("kams_other_pm", RIGHTS)
        self.env.invalidate_all()
        self.assertEqual(self.env["kams.review"].with_user(pm).search([("id", "=", review.id)]), review)
        for user, told in ((pm, False), (self.director, True)):
            page = str(review.with_user(user).facts_page)
            self.assertEqual("76,543" in page, told)
            self.assertIn("2,000", page)
