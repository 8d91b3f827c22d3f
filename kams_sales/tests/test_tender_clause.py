from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..tools import clauses as reading
from ..tools.deviation import deviation
from .common import KamsCase


class ClauseCase(KamsCase):
    """A deal with a tender, and somebody at the bid desk."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal(partner_id=cls.customer.id)
        cls.tender = cls.env["kams.tender"].create(
            {"lead_id": cls.deal.id, "name": "Boilers", "legal_regime": "bidding_law", "mode": "tender_open"}
        )
        cls.bidder = cls._person("kams_bid_desk", "kams_sales.group_bid_desk")
        cls.engineer = cls._person("kams_bid_engineer", "kams_sales.group_bid_desk")

    def _clauses(self, *texts, tender=None, **vals):
        return self.env["kams.tender.clause"].create(
            [{"tender_id": (tender or self.tender).id, "text": text, **vals} for text in texts]
        )

    def _submitted(self):
        """The state of a tender whose bid is in; submissions themselves are another chapter's."""
        self._at("submitted")

    def _at(self, state):
        self.env.flush_all()
        self.env.cr.execute("UPDATE kams_tender SET state = %s WHERE id = %s", (state, self.tender.id))
        self.tender.invalidate_recordset(["state"])


@tagged("post_install", "-at_install")
class TestTenderClause(ClauseCase):
    # MARKS
    def test_signs_in_a_clause_mark_it(self):
        marks = {
            "★ Rated power 5 MW": "star",
            "※ Sealed": "star",
            "▲ Noise below 60 dB": "important",
            "Cable 3*5 mm": "normal",
            "Two pumps": "normal",
        }
        clauses = self._clauses(*marks)
        self.assertEqual(clauses.mapped("mark"), list(marks.values()))
        self.assertEqual(clauses.mapped("is_mandatory"), [True, True, False, False, False])

    def test_a_mark_that_was_chosen_stays(self):
        clause = self._clauses("★ Rated power", mark="normal")
        self.assertEqual(clause.mark, "normal")
        clause = self._clauses("Rated power")
        clause.text = "★ Rated power 5 MW"
        self.assertEqual(clause.mark, "star")
        clause.text = "Rated power 5 MW"
        self.assertEqual(clause.mark, "star")

    def test_each_tender_has_signs_of_its_own(self):
        self.tender.write({"star_signs": "●", "important_signs": "★"})
        self.assertEqual(self._clauses("● A", "★ B", "▲ C").mapped("mark"), ["star", "important", "normal"])
        with self.assertRaisesRegex(ValidationError, "●"), self.cr.savepoint():
            self.tender.important_signs = "●"

    def test_the_form_marks_while_somebody_types(self):
        with Form(self.env["kams.tender.clause"].with_context(default_tender_id=self.tender.id)) as form:
            form.text = "★ Rated power"
            self.assertEqual(form.mark, "star")

    # PEOPLE
    def test_who_answers_a_clause_cannot_review_it(self):
        clause = self._clauses("Two pumps", clause_no="3.1")
        with self.assertRaisesRegex(ValidationError, "3.1"), self.cr.savepoint():
            clause.write({"user_id": self.bidder.id, "reviewer_id": self.bidder.id})

    def test_an_answer_is_checked_by_another_than_its_owner(self):
        clause = self._clauses("Two pumps", clause_no="3.1", user_id=self.bidder.id)
        with self.assertRaisesRegex(UserError, "no answer"), self.cr.savepoint():
            clause.with_user(self.engineer).closed = True
        clause.status = "comply"
        with self.assertRaisesRegex(UserError, "yourself"), self.cr.savepoint():
            clause.with_user(self.bidder).closed = True
        clause.with_user(self.engineer).closed = True
        self.assertEqual(clause.reviewer_id, self.engineer)
        with self.assertRaisesRegex(UserError, "Untick"), self.cr.savepoint():
            clause.response = "Three pumps"
        with self.assertRaisesRegex(UserError, "Untick"), self.cr.savepoint():
            clause.unlink()
        with self.assertRaisesRegex(UserError, "Untick"), self.cr.savepoint():
            clause.with_user(self.bidder).reviewer_id = self.salesperson
        clause.write({"closed": False, "response": "Three pumps"})
        with self.assertRaisesRegex(UserError, "yourself"), self.cr.savepoint():
            clause.with_user(self.bidder).write({"user_id": False, "reviewer_id": False, "closed": True})
        clause.reviewer_id = self.salesperson
        with self.assertRaisesRegex(UserError, "kams_sales_user"), self.cr.savepoint():
            clause.with_user(self.engineer).closed = True

    def test_many_clauses_are_assigned_at_once(self):
        clauses = self._clauses(*(f"Part {n}" for n in range(30)))
        clauses[0].reviewer_id = self.engineer
        due = fields.Date.today() + timedelta(days=3)
        dialog = self.env["kams.tender.clause.assign"].with_user(self.bidder)
        dialog = dialog.with_context(**clauses.action_assign()["context"]).create(
            {"user_id": self.bidder.id, "date_due": due}
        )
        dialog.action_confirm()
        self.assertEqual(clauses.user_id, self.bidder)
        self.assertEqual(set(clauses.mapped("date_due")), {due})
        self.assertEqual(clauses[0].reviewer_id, self.engineer, "What is left empty stays.")
        clauses.with_user(self.bidder).action_comply()
        self.assertEqual(set(clauses.mapped("status")), {"comply"})

    def test_this_week_ends_on_sunday(self):
        today = fields.Date.today()
        clauses = self._clauses("Late", "Today", "In ten days", "Answered")
        for clause, days in zip(clauses, (-5, 0, 10, 0), strict=True):
            clause.date_due = today + timedelta(days=days)
        clauses[3].status = "comply"
        domain = [("date_due", "<=", "today +sunday"), ("status", "=", "tbd"), ("tender_id", "=", self.tender.id)]
        self.assertEqual(self.env["kams.tender.clause"].search(domain), clauses[:2])

    # NUMBERS
    def test_a_number_names_one_clause_of_a_tender(self):
        self._clauses("Two pumps", clause_no="3.1")
        with self.assertRaisesRegex(ValidationError, "3.1"), self.cr.savepoint():
            self._clauses("Three pumps", clause_no="3.1")
        other = self.tender.copy({"name": "Boilers, lot 2"})
        self.assertEqual(other.clause_ids.mapped("clause_no"), ["3.1"], "A second lot starts from the same clauses.")
        self.assertEqual(other.clause_ids.status, "tbd")

    def test_free_text_survives_whatever_is_pasted(self):
        for text in ("<b>Bold</b> & <script>alert(1)</script>", "x" * 10_000, "שלום עולם", "⚡️ 5 MW 🙂", "★" * 300):
            clause = self._clauses(text, response=text)
            clause.invalidate_recordset()
            self.assertEqual((clause.text, clause.response), (text, text))
            self.assertLessEqual(len(clause.display_name), 60)

    # SUBMITTED
    def test_what_was_submitted_stays_on_every_route(self):
        clause = self._clauses("★ Two pumps", clause_no="3.1", status="comply")
        self._submitted()
        routes = {
            "write": lambda: clause.write({"response": "Three"}),
            "mass status": lambda: clause.action_comply(),
            "delete": lambda: clause.unlink(),
            "create": lambda: self._clauses("Three pumps"),
            "through the tender": lambda: self.tender.write({"clause_ids": [Command.clear()]}),
            "disqualification list": lambda: self.tender.action_add_disqualifications(),
            "import": lambda: self._refused_import(),
        }
        for name, route in routes.items():
            with self.subTest(route=name), self.assertRaisesRegex(UserError, "Boilers"), self.cr.savepoint():
                route()
        self._at("preparing")
        clause.response = "Three"

    def _refused_import(self):
        result = self.env["kams.tender.clause"].load(["tender_id/.id", "text"], [[str(self.tender.id), "Pump"]])
        raise UserError(" ".join(message["message"] for message in result["messages"]))

    # PROGRESS
    def test_progress_is_counted_in_one_statement_for_any_number_of_tenders(self):
        tenders = self.tender
        for n in range(20):
            tenders |= self.tender.copy({"name": f"Lot {n}"})
        for tender in tenders:
            self._clauses("★ A", "▲ B", "C", "D", tender=tender)
        tenders.clause_ids.filtered(lambda clause: clause.text == "C").status = "comply"
        tenders.clause_ids.filtered(lambda clause: clause.text == "D").write({"status": "partial", "closed": True})
        self.env.flush_all()
        self.env.invalidate_all()
        tenders.mapped("deviation_full")
        with self.assertQueryCount(1):
            tenders.mapped("clause_progress")
        figures = self.tender.read(
            ["clause_count", "clause_open", "clause_star_open", "clause_unmet", "clause_closed", "clause_progress"]
        )[0]
        figures.pop("id")
        self.assertEqual(list(figures.values()), [4, 2, 1, 1, 1, 50])

    def test_a_tender_without_clauses_has_no_progress(self):
        self.assertFalse(self.tender.clause_progress)
        self.assertEqual((self.tender.clause_count, self.tender.clause_star_open), (0, 0))

    # STARS
    def test_nothing_is_submitted_while_a_star_is_open(self):
        star, seal, normal = self._clauses("★ Power", "Seal", "Noise")
        (star | seal | normal).write({"status": "comply"})
        seal.disqualify = True
        star.clause_no, seal.clause_no = "3.1", "9.1"
        for clause in (star, seal):
            for status in ("tbd", "partial", "negative"):
                clause.status = status
                self.assertEqual(self.tender._open_stars(), clause)
                obstacles = "\n".join(self.tender._submission_obstacles())
                self.assertIn(f"Still open: {clause.clause_no}.", obstacles)
            clause.status = "positive"
        normal.status = "negative"
        self.assertFalse(self.tender._open_stars())
        self.assertNotIn("Still open", "\n".join(self.tender._submission_obstacles()))

    # DISQUALIFICATION LIST
    def test_a_matrix_starts_from_what_throws_a_bid_out(self):
        self.tender.action_add_disqualifications()
        clauses = self.tender.clause_ids
        sources = set(clauses.template_id.mapped("source"))
        self.assertLessEqual({f"招标投标法实施条例 51({n})" for n in (1, 3, 4, 5, 6, 7)}, sources)
        self.assertIn("招标投标法实施条例 36", sources)
        self.assertNotIn("招标投标法实施条例 51(2)", sources, "No consortium")
        self.assertNotIn("政府采购法实施条例 33", sources, "Not under this law")
        self.assertTrue(all(clause.is_mandatory and clause.disqualify for clause in clauses))
        count = len(clauses)
        self.tender.action_add_disqualifications()
        self.assertEqual(len(self.tender.clause_ids), count, "Once")
        self.tender.write({"consortium_allowed": True, "bond_required": True})
        self.tender.action_add_disqualifications()
        self.assertIn("招标投标法实施条例 51(2)", self.tender.clause_ids.template_id.mapped("source"))
        gov = self.tender.copy({"legal_regime": "gov_procurement", "bond_required": True, "clause_ids": False})
        gov.action_add_disqualifications()
        self.assertIn("政府采购法实施条例 33", gov.clause_ids.template_id.mapped("source"))

    def test_the_bid_desk_keeps_the_list(self):
        entry = self.env["kams.tender.clause.template"].with_user(self.bidder)
        entry = entry.create({"number": "CA", "text": "The CA certificate is valid", "source": "Province platform"})
        self.tender.with_user(self.bidder).action_add_disqualifications()
        self.assertIn(entry.sudo(), self.tender.clause_ids.template_id)
        with self.assertRaises(AccessError):
            entry.with_user(self.salesperson).number = "x"
        entry.unlink()
        self.assertTrue(self.tender.clause_ids.filtered(lambda clause: clause.clause_no == "CA"))


@tagged("post_install", "-at_install")
class TestDeviationScore(ClauseCase):
    """Deviation scoring as seen in a real file (6.4): 29 points, ▲ −2, ordinary −1, any ★ unmet is invalid."""

    def _matrix(self, stars=1, important=3, normal=6):
        self.tender.deviation_full = 29
        return (
            self._clauses(*["★ Star"] * stars, status="comply"),
            self._clauses(*["▲ Important"] * important, status="comply"),
            self._clauses(*["Ordinary"] * normal, status="comply"),
        )

    def test_deviation_example_29_points_one_important_and_four_ordinary_unmet(self):
        _stars, important, normal = self._matrix()
        self.assertEqual(self.tender.deviation_score, 29)
        important[0].status = "negative"
        normal[:4].status = "partial"
        self.assertEqual((self.tender.deviation_score, self.tender.deviation_invalid), (23, False))

    def test_deviation_example_one_star_unmet_is_invalid(self):
        stars, _important, _normal = self._matrix()
        stars.status = "negative"
        self.assertTrue(self.tender.deviation_invalid)
        self.assertIs(self.tender.deviation_score, False)

    def test_a_disqualifying_clause_unmet_is_invalid_whatever_its_mark(self):
        _stars, _important, normal = self._matrix()
        normal[0].write({"disqualify": True, "status": "partial"})
        self.assertTrue(self.tender.deviation_invalid)

    def test_deductions_are_each_tenders_own(self):
        _stars, important, normal = self._matrix()
        self.assertEqual((self.tender.deviation_important, self.tender.deviation_normal), (2, 1))
        important[0].status = normal[0].status = "negative"
        self.tender.write({"deviation_important": 3, "deviation_normal": 0.5})
        self.assertEqual(self.tender.deviation_score, 25.5)
        self.tender.deviation_normal = False
        self.assertIs(self.tender.deviation_score, False, "What one costs isn't known")
        self.tender.deviation_full = False
        self.assertIs(self.tender.deviation_score, False)
        with self.assertRaises(ValidationError):
            self.tender.deviation_normal = -1

    def test_points_do_not_fall_below_none(self):
        self.assertEqual(deviation(["normal"] * 40, 29, 2, 1).score, 0)


@tagged("post_install", "-at_install")
class TestReadingClauses(ClauseCase):
    """What comes from Excel and Word."""

    def _load(self, fields_, rows, **context):
        model = self.env["kams.tender.clause"].with_context(default_tender_id=self.tender.id, **context)
        return model.load(fields_, rows)

    def _messages(self, result):
        return " | ".join(message["message"] for message in result["messages"])

    def test_five_hundred_rows_come_in_with_merged_cells_and_empty_rows(self):
        rows = []
        for n in range(500):
            rows.append(
                [f"3.{n}" if n % 5 == 0 else "", "技术" if n == 0 else "", "★" if n % 5 == 0 else "", f"Part {n}"]
            )
            if n % 50 == 49:
                rows.append(["", "", "", ""])
        result = self._load(["clause_no", "kind", "mark", "text"], rows)
        self.assertFalse(result["messages"])
        clauses = self.tender.clause_ids
        self.assertEqual(len(clauses), 500)
        self.assertEqual(set(clauses.mapped("kind")), {"technical"})
        self.assertEqual(clauses[:6].mapped("clause_no"), ["3.0", "3.0 (2)", "3.0 (3)", "3.0 (4)", "3.0 (5)", "3.5"])
        self.assertEqual(set(clauses.mapped("mark")), {"star"}, "A merged ★ is meant for all rows it covers")

    def test_words_and_signs_of_the_documents_are_understood(self):
        self._load(
            ["clause_no", "kind", "mark", "text", "status"],
            [
                ["1", "商务", "▲", "Payment", "正偏离"],
                ["2", "Format", "", "★ Seal", ""],
                ["3", "合同条款", "Ordinary", "★ Law", "无偏离"],
            ],
        )
        self.assertEqual(
            [(c.kind, c.mark, c.status) for c in self.tender.clause_ids],
            [("business", "important", "positive"), ("format", "star", "tbd"), ("contract", "normal", "comply")],
        )

    def test_repeated_numbers_are_named_in_one_message_with_their_rows(self):
        self._clauses("Pump", clause_no="9")
        rows = [["1", "A"], ["2", "B"], ["1", "C"], ["9", "D"], ["1", "E"]]
        result = self._load(["clause_no", "text"], rows)
        self.assertFalse(result["ids"])
        (message,) = result["messages"]
        self.assertIn("1 (rows 1, 3, 5)", message["message"])
        self.assertIn("9 (on the tender already; row 4)", message["message"])
        self.assertEqual(len(self.tender.clause_ids), 1)

    def test_repeated_numbers_are_kept_apart_where_that_is_chosen(self):
        self._clauses("Pump", clause_no="9")
        rows = [["1", "A"], ["2", "B"], ["1", "C"], ["9", "D"], ["1", "E"]]
        result = self._load(["clause_no", "text"], rows, kams_number_repeats=True)
        self.assertFalse(result["messages"])
        self.assertEqual(
            self.tender.clause_ids.sorted("id")[1:].mapped("clause_no"), ["1", "2", "1 (2)", "9 (2)", "1 (3)"]
        )

    def test_good_rows_come_in_and_the_others_are_named(self):
        rows = [
            ["1", "technical", "A"],
            ["2", "nonsense", "B"],
            ["", "", ""],
            ["1", "technical", "C"],
            ["4", "技术", ""],
        ]
        result = self._load(["clause_no", "kind", "text"], rows, kams_keep_good_rows=True)
        self.assertEqual(self.tender.clause_ids.mapped("clause_no"), ["1"])
        text = self._messages(result)
        self.assertIn("1 (rows 1, 4)", text)
        self.assertIn("nonsense", text)
        self.assertTrue(any(message.get("rows", {}).get("from") == 4 for message in result["messages"]), text)

    def test_rows_of_two_tenders_number_for_themselves(self):
        other = self.env["kams.tender"].create({"lead_id": self.deal.id, "name": "Turbines"})
        result = self.env["kams.tender.clause"].load(
            ["tender_id", "clause_no", "text"],
            [["Boilers", "1", "A"], ["", "2", "B"], ["Turbines", "1", "C"], ["", "", "D"]],
        )
        self.assertFalse(result["messages"])
        self.assertEqual(self.tender.clause_ids.mapped("clause_no"), ["1", "2"])
        self.assertEqual(other.clause_ids.mapped("clause_no"), ["1", "1 (2)"])

    def test_an_export_that_comes_back_changes_the_clauses_it_names(self):
        clause = self._clauses("★ Pump", clause_no="9", mark="normal")
        result = self._load(
            [".id", "clause_no", "mark", "text", "status"],
            [[str(clause.id), "9", "Ordinary", "★ Pump of steel", "No Deviation"]],
        )
        self.assertFalse(result["messages"])
        self.assertEqual((clause.text, clause.mark, clause.status), ("★ Pump of steel", "normal", "comply"))

    # PASTE
    def _paste(self, text, user=None, **vals):
        paste = self.env["kams.tender.clause.paste"].with_user(user or self.bidder)
        form = Form(paste.with_context(default_tender_id=self.tender.id))
        form.text = text
        for name, value in vals.items():
            form[name] = value
        return form

    def test_a_table_from_excel_is_shown_as_understood_and_recorded(self):
        form = self._paste(
            '条款号\t招标要求\t页码\n3.1\t"★Two pumps\nof steel"\t7\n\n3.2\tOne boiler\t8\n', kind="business"
        )
        self.assertTrue(form.heading)
        self.assertEqual(form.number, 2)
        self.assertIn("Two pumps", form.preview)
        action = form.save().action_confirm()
        self.assertEqual(action["domain"], [("tender_id", "=", self.tender.id)])
        self.assertEqual(
            [(c.clause_no, c.text, c.page, c.mark, c.kind) for c in self.tender.clause_ids],
            [
                ("3.1", "★Two pumps\nof steel", "7", "star", "business"),
                ("3.2", "One boiler", "8", "normal", "business"),
            ],
        )

    def test_paragraphs_from_word_keep_what_belongs_together(self):
        form = self._paste("3.1 Two pumps\nof steel\n3.2 ★One boiler\n(1) Gas fired")
        form.save().action_confirm()
        self.assertEqual(
            [(c.clause_no, c.text, c.mark) for c in self.tender.clause_ids],
            [
                ("3.1", "Two pumps\nof steel", "normal"),
                ("3.2", "★One boiler", "star"),
                ("(1)", "Gas fired", "normal"),
            ],
        )

    def test_a_column_that_was_taken_for_another_is_set_right(self):
        form = self._paste("A\tB\tLong words of a clause\nC\tD\tOther words of a clause")
        with form.column_ids.edit(0) as column:
            column.meaning = "evidence"
        form.save().action_confirm()
        self.assertEqual(self.tender.clause_ids.mapped("evidence"), ["A", "C"])

    def test_repeated_numbers_of_a_paste_are_refused_or_numbered(self):
        text = "1\tPump of steel\n1\tPump of brass"
        with self.assertRaisesRegex(UserError, r"1 \(rows 1, 2\)"), self.cr.savepoint():
            self._paste(text).save().action_confirm()
        self._paste(text, repeats="number").save().action_confirm()
        self.assertEqual(self.tender.clause_ids.mapped("clause_no"), ["1", "1 (2)"])

    def test_what_is_pasted_is_text_and_never_markup(self):
        form = self._paste("1\t<script>alert(1)</script> and more")
        self.assertNotIn("<script>", form.preview)
        with self.assertRaisesRegex(UserError, "Paste the clauses first"), self.cr.savepoint():
            self._paste("\n\n").save().action_confirm()

    def test_nothing_of_a_paste_is_lost(self):
        """Whatever the columns are taken for, each row with words becomes a clause or part of one."""
        table = reading.cells("a\tb\nc\td\n\te\n")
        meanings, heading = reading.columns(table)
        words = " ".join(
            " ".join(filter(None, map(str, clause.values()))) for clause in reading.clauses(table, meanings, heading)
        )
        for cell in ("b", "d", "e"):
            self.assertIn(cell, words)

    def test_the_import_page_starts_for_this_tender(self):
        paste = self.env["kams.tender.clause.paste"].create(
            {"tender_id": self.tender.id, "source": "file", "repeats": "number", "kind": "contract"}
        )
        context = paste.action_import()["params"]["context"]
        result = (
            self.env["kams.tender.clause"].with_context(**context).load(["clause_no", "text"], [["1", "A"], ["1", "B"]])
        )
        self.assertFalse(result["messages"])
        self.assertEqual(self.tender.clause_ids.mapped("clause_no"), ["1", "1 (2)"])
        self.assertEqual(set(self.tender.clause_ids.mapped("kind")), {"contract"})


@tagged("post_install", "-at_install")
class TestClausePapers(ClauseCase):
    def _tables(self, report):
        values = self.env[f"report.kams_sales.{report}"]._get_report_values(self.tender.ids)
        (sheet,) = values["sheets"]
        tables = {section["title"]: section for section in sheet["sections"] if "columns" in section}
        return sheet["mark"], {
            title: [[cell["text"] for cell in row] for chunk in section["chunks"] for row in chunk]
            for title, section in tables.items()
        }

    def test_the_deviation_table_holds_deviations_and_is_a_draft_while_answers_are_missing(self):
        self.tender.action_add_disqualifications()
        self.tender.clause_ids.status = "comply"
        met, better, worse, open_one = self._clauses("Pump", "▲ Boiler", "Pipe", "Valve")
        for n, clause in enumerate(met | better | worse | open_one, 1):
            clause.clause_no = f"3.{n}"
        met.status, better.status, worse.status = "comply", "positive", "negative"
        worse.kind = "contract"
        mark, tables = self._tables("report_deviation_table")
        self.assertTrue(mark)
        self.assertEqual([row[1] for rows in tables.values() for row in rows], ["▲ 3.2", "3.3"])
        open_one.status = "comply"
        mark, _tables = self._tables("report_deviation_table")
        self.assertFalse(mark)

    def test_what_the_tenderee_gets_is_not_marked_confidential(self):
        for report, marked in (("report_deviation_table", False), ("report_response_matrix", True)):
            page, _kind = self.env["ir.actions.report"]._render_qweb_html(f"kams_sales.{report}", self.tender.ids)
            self.assertEqual("Confidential" in page.decode(), marked, report)
            self.assertEqual("Printed on" in page.decode(), marked, report)

    def test_the_response_matrix_holds_every_clause_by_kind(self):
        self._clauses("Pump", "<b>Boiler</b>", response="x" * 10_000)
        self._clauses("Price", kind="business")
        _mark, tables = self._tables("report_response_matrix")
        self.assertEqual(list(tables), ["Commercial", "Technical"])
        words = [row[2] for rows in tables.values() for row in rows]
        self.assertEqual([word for word in words if word], ["Price", "Pump", "<b>Boiler</b>"])


@tagged("post_install", "-at_install")
class TestClauseSecrecy(ClauseCase):
    def test_a_colleague_sees_neither_clauses_nor_questions(self):
        clause = self._clauses("Pump")
        question = self.env["kams.tender.question"].create({"tender_id": self.tender.id, "question": "Why?"})
        for record in (clause, question):
            with self.assertRaises(AccessError):
                record.with_user(self.colleague).read(["display_name"])
            record.with_user(self.bidder).read(["display_name"])

    def test_who_only_reads_cannot_answer(self):
        clause = self._clauses("Pump")
        finance = new_test_user(self.env, login="clause_finance", groups="base.group_user,kams_sales.group_finance")
        with self.assertRaises(AccessError):
            clause.with_user(finance).action_comply()
