import ast
import re
from pathlib import Path

import polib

from odoo import tools
from odoo.models import MAGIC_COLUMNS
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import TranslationModuleReader

I18N = Path(tools.misc.file_path("kams_sales")) / "i18n"
PLACEHOLDER = re.compile(r"%\(\w+\)[sdif]|%[sdif]|\{\w*\}")
TAG = re.compile(r"<[^>]*>")
SHOWN = re.compile(r"\b(title|alt|placeholder|aria-label)=\"[^\"]*\"")
# The same in both languages; the linter wants them left empty
NEUTRAL = {"2026", "AA", "AAA", "Odoo", "PEST", "SWOT", *("BANT", "SCOTSMAN", "MEDDPICC", "EB", "UB", "TB")}


def is_neutral(term):
    """Whether a Chinese reader reads it as it is: known short names, signs without a word, names of columns."""
    text = TAG.sub("", term).strip()
    return text in NEUTRAL or not re.search(r"[^\W\d_]", text) or bool(re.fullmatch(r"[a-z]+(_[a-z]+)+", text))


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    """English and complete zh_CN: labels, helps, choices, messages and views."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = polib.pofile(str(I18N / "kams_sales.pot"))
        cls.chinese = polib.pofile(str(I18N / "zh_CN.po"))
        cls.by_id = {(entry.msgctxt, entry.msgid): entry for entry in cls.chinese}

    def test_every_term_of_the_template_is_translated(self):
        missing = [
            entry.msgid
            for entry in self.template
            if not (found := self.by_id.get((entry.msgctxt, entry.msgid)))
            or found.fuzzy
            or not (found.msgstr or is_neutral(entry.msgid))
        ]
        self.assertFalse(missing)

    def test_nothing_is_translated_that_no_longer_exists(self):
        known = {(entry.msgctxt, entry.msgid) for entry in self.template}
        self.assertFalse([key for key in self.by_id if key not in known])

    def test_each_translation_keeps_the_placeholders(self):
        for entry in self.chinese.translated_entries():
            with self.subTest(term=entry.msgid):
                self.assertEqual(sorted(PLACEHOLDER.findall(entry.msgid)), sorted(PLACEHOLDER.findall(entry.msgstr)))

    def test_each_translation_keeps_the_markup(self):
        """Tags and their attributes, but for what people read in them."""

        def markup(text):
            return [SHOWN.sub(r"\1", tag) for tag in TAG.findall(text)]

        for entry in self.chinese.translated_entries():
            with self.subTest(term=entry.msgid):
                self.assertEqual(markup(entry.msgid), markup(entry.msgstr))

    def test_the_template_knows_every_term_of_the_running_addon(self):
        """What an export would find now: views, menus, actions, groups and data as well; demo records don't count."""
        terms = {entry.msgid for entry in self.template}
        demo = {
            f"kams_sales.{name}"
            for path in I18N.parent.glob("demo/*.xml")
            for name in re.findall(r'<record\s+id="(\w+)"', path.read_text(encoding="utf-8"))
        }
        rows = TranslationModuleReader(self.env.cr, modules=["kams_sales"])
        # a product's template has its product's name
        self.assertFalse({row[4] for row in rows if str(row[3]).removesuffix("_product_template") not in demo} - terms)

    def test_the_template_knows_every_field_and_every_choice_of_ours(self):
        """An export that is older than the code would make the first test blind."""
        terms = {entry.msgid for entry in self.template}
        missing = set()
        for model_name, model in self.env.items():
            if model._abstract:
                continue
            for name, field in model._fields.items():
                if "kams_sales" not in field._modules or name in MAGIC_COLUMNS:
                    continue
                values = self.env["ir.model.fields"]._get(model_name, name)
                missing |= {values.with_context(lang="en_US").field_description} - terms
                if values.help:
                    missing |= {values.with_context(lang="en_US").help} - terms
                choices = values.with_context(lang="en_US").selection_ids
                ids = choices.get_external_id()  # choices that another module's field had before are its own
                ours = choices.filtered(lambda choice, ids=ids: ids[choice.id].startswith("kams_sales."))
                missing |= set(ours.mapped("name")) - terms
        words = {term for term in missing if len(term) > 1 and re.search(r"[^\W\d_]", term)}
        self.assertFalse(words, "Odoo exports neither single letters nor what has none.")

    def test_the_template_knows_every_message_in_the_code(self):
        """What ``self.env._`` is given in Python."""
        terms = {entry.msgid for entry in self.template}
        for path in sorted(I18N.parent.rglob("*.py")):
            if "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "_" and node.args:
                    with self.subTest(file=path.name, line=node.lineno):
                        self.assertIn(ast.literal_eval(node.args[0]), terms)

    def test_a_chinese_user_reads_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["kams_sales"], ["zh_CN"])
        self.env.invalidate_all()
        chinese = self.env["kams.process.phase"].with_context(lang="zh_CN")
        phases = self.env.ref("kams_sales.process_default").with_context(lang="zh_CN").phase_ids
        self.assertEqual(phases.mapped("name"), ["客户开发", "立项", "提案", "招投标", "商务谈判", "工程实施"])
        labels = chinese.fields_get(["code", "standard_days"], ["string", "selection"])
        for label in (labels["standard_days"]["string"], *dict(labels["code"]["selection"]).values()):
            self.assertTrue(any("\u4e00" <= char <= "\u9fff" for char in label), label)
