import base64
import doctest
import hashlib
import io
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from ..report import paper_booklet
from ..report.kams_proposal_report import SHOWN
from .test_proposal import ProposalCase

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestProposalReport(ProposalCase):
    """What a customer gets: all that was written, nothing that is ours alone."""

    def _page(self, proposal=None, user=None):
        reports = self.env["ir.actions.report"].with_user(user or self.salesperson)
        page, _kind = reports._render_qweb_html("kams_sales.report_proposal", (proposal or self.proposal).ids)
        return page.decode()

    def _print(self, proposal=None):
        reports = self.env["ir.actions.report"].with_user(self.salesperson).with_context(force_report_rendering=True)
        content, _kind = reports._render_qweb_pdf("kams_sales.report_proposal", (proposal or self.proposal).ids)
        return PdfFileReader(io.BytesIO(content))

    def test_the_examples_in_the_code_hold(self):
        self.assertEqual(doctest.testmod(paper_booklet).failed, 0)

    def test_cost_and_margin_are_in_no_customers_copy(self):
        """Figures that occur nowhere else: unit cost, cost, margin, in all the ways they may be written."""
        self.proposal.line_ids = [
            Command.create({"name": "Boiler", "quantity": 3, "list_price": 9_000, "discount": 10, "cost": 7_123.45}),
            Command.create({"name": "Service", "quantity": 1, "list_price": 500, "cost": 411.17}),
        ]
        secret = self.proposal
        self.assertEqual((secret.amount_total, round(secret.cost_total, 2)), (24_800, 21_781.52))
        for shown in (False, True):
            self.proposal.print_discount = shown
            page = self._page()
            with self.subTest(discounts=shown):
                self.assertIn("24,800.00", page)
                self.assertEqual("9,000.00" in page, shown)
                for figure in ("7,123", "7123", "21,370", "21,781", "21781", "411", "3,018", "3018", "12.17", "Margin"):
                    self.assertNotIn(figure, page)

    def test_what_went_out_is_no_draft_and_has_no_empty_chapter(self):
        self.proposal.chapter_ids[0].body = "<p>Summary</p>"
        page = self._page(self._submitted())
        self.assertNotIn("Draft", page)
        self.assertNotIn("Not written yet", page)
        self.assertIn("Zhang Wei", page)

    def test_what_went_out_is_kept_as_a_file(self):
        self.proposal.name = "Boilers: gas/oil"
        self._ready()
        self.proposal.with_context(force_report_rendering=True).action_submit()
        file = self.proposal.sent_file_ids
        self.assertEqual(
            (file.name, file.res_model, file.res_id), ("Boilers- gas-oil v1.pdf", "kams.proposal", self.proposal.id)
        )
        self.assertTrue(file.raw.startswith(b"%PDF"))
        self.assertIn(hashlib.sha256(file.raw).hexdigest(), "".join(self.proposal.message_ids.mapped("body")))
        with self.assertRaisesRegex(UserError, "stays as it was"), self.cr.savepoint():
            self.proposal.sent_file_ids = False
        for attempt in (lambda: file.with_user(self.salesperson).write({"raw": b"x"}), lambda: file.unlink()):
            with self.assertRaisesRegex(UserError, "stays as it was"), self.cr.savepoint():
                attempt()
        self.assertFalse(self.proposal._new_version().sent_file_ids)

    def test_a_proposal_goes_out_where_nothing_can_be_printed(self):
        self._ready()
        reports = type(self.env["ir.actions.report"])
        with (
            patch.object(reports, "_render_qweb_pdf", side_effect=UserError("Unable to find Wkhtmltopdf")),
            mute_logger("odoo.addons.kams_sales.models.kams_proposal_file"),
        ):
            self.proposal.action_submit()
        self.assertEqual(self.proposal.state, "submitted")
        self.assertIn("No PDF of what was sent", self.proposal.message_ids[0].body)

    def test_a_price_line_gives_away_no_field_that_is_ours_alone(self):
        self.assertFalse({"cost", "margin"} & set(SHOWN))

    def test_pictures_are_inside_and_nothing_is_fetched(self):
        chapter = self.proposal.chapter_ids[0]
        picture = self.env["ir.attachment"].create(
            {"name": "x.png", "raw": PIXEL, "res_model": chapter._name, "res_id": chapter.id}
        )
        hidden = self.env["ir.attachment"].create({"name": "z.png", "raw": PIXEL + b"2"})
        chapter.body = (
            f'<p>One</p><img src="/web/image/{picture.id}-abc/x.png"/><img src="/web/image/{hidden.id}"/>'
            '<img src="https://example.com/spy.png"/><table><tr><td>a</td></tr><tr><td>b</td></tr></table>tail'
        )
        page = self._page()
        self.assertIn("data:image/png;base64,", page)
        self.assertEqual(page.count("<img"), page.count("data:image"))
        self.assertNotIn("spy.png", page)
        self.assertNotIn(base64.b64encode(hidden.raw).decode(), page)
        self.assertIn("tail", page)

    def test_attachments_are_listed_with_their_chapter(self):
        file = self.env["ir.attachment"].with_user(self.salesperson).create({"name": "Licence.pdf", "raw": b"x"})
        self.proposal.chapter_ids[3].attachment_ids = file
        page = self._page()
        self.assertIn("Licence.pdf", page)
        self.assertEqual(page.count("Technical Solution"), 3)  # contents, chapter, list of attachments

    def test_prices_without_a_chapter_for_them_have_one_of_their_own(self):
        proposal = self._propose(chapter_ids=[Command.create({"name": "One", "body": "<p>Text</p>"})])
        self.assertNotIn("Price Sheet", self._page(proposal))
        self._priced(100, 70, proposal=proposal)
        self.assertIn("Price Sheet", self._page(proposal))

    def test_labels_are_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self.proposal.validity_date = "2026-12-31"
        self.assertIn("31/12/2026", self._page())

    @mute_logger("odoo.addons.base.models.ir_actions_report")
    def test_contents_say_on_which_page_a_chapter_begins(self):
        long = "".join(f"<p>{number} {'word ' * 200}</p>" for number in range(12))
        proposal = self._propose(
            chapter_ids=[
                Command.create({"name": "Long", "body": long}),
                Command.create({"name": "长城 مرحبا 🏭", "body": "<p>Short</p>"}),
            ]
        )
        document = self._print(proposal)
        self.assertGreaterEqual(document.numPages, 5)  # cover, contents, two or more, one

    @mute_logger("odoo.addons.base.models.ir_actions_report")
    def test_two_proposals_are_printed_at_once(self):
        both = self.proposal | self._propose(chapter_ids=[Command.create({"name": "One"})])
        self.assertEqual(self._print(both).numPages, 14 + 3)

    def test_a_reviewer_prints_what_they_review(self):
        review = self.env["kams.review"].browse(self.proposal.action_ask_gold()["res_id"])
        review.opinion_ids.user_id = self.colleague
        review.action_submit()
        self.env.invalidate_all()
        self.assertIn("Executive Summary", self._page(user=self.colleague))

    def test_the_day_on_the_cover_is_the_day_it_went_out(self):
        report = self.env["report.kams_sales.report_proposal"]
        self.assertEqual(report._day(self.proposal), fields.Date.context_today(self.proposal))
