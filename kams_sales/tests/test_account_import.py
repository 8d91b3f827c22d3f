import io

import openpyxl

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import KamsCase

HEADINGS = ["Customer", "USCC", "Credit Checked On", "Employees"]
FIELDS = ["partner_id", "uscc", "credit_checked_on", "employees"]
ROWS = [
    # 0 to 8; four are good
    ["Huaneng Power", "9144030071526726XG", "2026-01-31", "10"],
    ["Datang", "914403001922038215", "2026-01-31", "10"],  # wrong check character
    ["Guodian", "914403001922038216", "2026/2/3", "10"],  # a second way to write a date
    ["Huadian", "", "2026年3月5日", "10"],  # a third
    ["Guodian", "", "2026-01-31", "10"],  # twice in the file
    ["Taken", "", "2026-01-31", "10"],  # has an account
    ["Sinopec", "", "31st of May", "10"],  # no date
    ["Nobody Knows Them", "", "2026-01-31", "10"],  # no such customer
    ["Sinochem", "", "", "10"],
]
BAD = {1: "914403001922038215", 4: "Guodian", 5: "Taken", 6: "31st of May", 7: "Nobody Knows Them"}
GOOD = ["Guodian", "Huadian", "Huaneng Power", "Sinochem"]


@tagged("post_install", "-at_install")
class TestAccountImport(KamsCase):
    """A spreadsheet with wrong codes, duplicates and dates of three kinds: every bad row is named."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("Datang", "Guodian", "Huadian", "Sinopec", "Sinochem"):
            cls._company(name)
        cls._account(cls._company("Taken"))
        cls.before = cls.env["kams.account"].search([])

    def _import(self, rows=ROWS, model="kams.account", names=FIELDS, headings=HEADINGS, dryrun=False, **context):
        text = "\n".join(";".join(line) for line in [headings, *rows])
        wizard = self.env["base_import.import"].with_user(self.manager).with_context(**context)
        wizard = wizard.create(
            {"res_model": model, "file": text.encode(), "file_name": "accounts.csv", "file_type": "text/csv"}
        )
        options = {
            "has_headers": True,
            "separator": ";",
            "quoting": '"',
            "encoding": "utf-8",
            "date_format": "%Y-%m-%d",
            "float_thousand_separator": ",",
            "float_decimal_separator": ".",
        }
        return wizard.execute_import(names, headings, options, dryrun=dryrun)

    def _made(self):
        return sorted((self.env["kams.account"].search([]) - self.before).mapped("name"))

    def _told(self, result, kind="error"):
        return {m["record"]: m["message"] for m in result["messages"] if m["type"] == kind and "record" in m}

    def assertEachBadRowNamed(self, told):
        self.assertEqual(told.keys(), BAD.keys())
        for row, words in BAD.items():
            self.assertIn(words, told[row])

    def test_a_trial_names_every_bad_row_and_does_nothing(self):
        for keep in (False, True):
            result = self._import(dryrun=True, kams_keep_good_rows=keep)
            self.assertEachBadRowNamed(self._told(result, "warning" if keep else "error"))
            self.assertEqual(self._made(), [])

    def test_nothing_is_done_when_all_or_nothing_was_asked(self):
        result = self._import()
        self.assertFalse(result["ids"])
        self.assertEachBadRowNamed(self._told(result))
        self.assertEqual(self._made(), [])

    def test_good_rows_are_kept_when_these_were_asked_for(self):
        result = self._import(kams_keep_good_rows=True)
        self.assertEachBadRowNamed(self._told(result, "warning"))
        self.assertEqual(self._made(), GOOD)
        self.assertEqual(len(result["ids"]), 4)
        self.assertIn("4 records are in, 5 were left out", result["messages"][0]["message"])
        dates = {a.name: str(a.credit_checked_on or "") for a in self.env["kams.account"].browse(result["ids"])}
        self.assertEqual(
            dates, {"Huaneng Power": "2026-01-31", "Guodian": "2026-02-03", "Huadian": "2026-03-05", "Sinochem": ""}
        )

    def test_a_clean_file_goes_in_at_once(self):
        result = self._import([ROWS[0], ROWS[2], ROWS[3], ROWS[8]])
        self.assertFalse(result["messages"])
        self.assertEqual(self._made(), GOOD)

    def test_more_than_ten_bad_rows_are_all_named(self):
        rows = [[f"Company {number}", "", "", ""] for number in range(25)]
        self.assertEqual(len(self._told(self._import(rows))), 25)

    def test_a_tier_comes_in_with_a_director_only(self):
        rows, names = [["Huaneng Power", "A Strategic"]], ["partner_id", "tier"]
        result = self._import(rows, names=names, headings=["Customer", "Tier"])
        self.assertIn("sales director", self._told(result)[0])

    def test_profile_items_come_in_the_same_way(self):
        account = self._account()
        headings = ["Key Account", "Subject", "What We Know", "Source", "Holds Until", "Confidentiality"]
        names = ["account_id", "key", "value", "source", "expires_at", "confidentiality"]
        rows = [
            ["Huaneng Power", "Buyer", "Ms Li", "Site", "2099.1.5", "Secret"],
            ["Huaneng Power", "Seller", "Ms Wu", "Site", "2001-01-05", "Internal"],  # ended before it was collected
            ["Huaneng Power", "Board", "Five", "", "2099-01-05", "Internal"],  # no source
            ["Huaneng Power", "Plants", "Two", "Site", "2099-01-05", "Hidden"],  # no such choice
        ]
        arguments = {"model": "kams.profile.item", "names": names, "headings": headings}
        told = self._told(self._import(rows, **arguments))
        self.assertEqual(told.keys(), {1, 2, 3})
        self.assertIn("Seller", told[1])
        self.assertFalse(account.profile_item_ids)
        self._import(rows, kams_keep_good_rows=True, **arguments)
        self.assertEqual(account.profile_item_ids.mapped("key"), ["Buyer"])
        self.assertEqual(account.profile_item_ids.collector_id, self.manager)

    def test_other_models_are_imported_as_ever(self):
        arguments = {"model": "crm.lead", "names": ["name", "date_deadline"], "headings": ["Deal", "Closing"]}
        result = self._import([["X", "1st"]], **arguments)
        self.assertIn("line 1", result["messages"][0]["message"])


@tagged("post_install", "-at_install")
class TestImportTemplate(HttpCase):
    """The template has the columns in the user's language and can be filled in and imported as it is."""

    def _sheet(self, model, login):
        self.authenticate(login, login)
        (template,) = self.env[model].get_import_templates()
        response = self.url_open(template["template"])
        self.assertEqual(response.status_code, 200)
        return openpyxl.load_workbook(io.BytesIO(response.content)).active

    def test_headings_are_the_fields_labels(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["base", "kams_sales"], ["zh_CN"])
        for lang in ("en_US", "zh_CN"):
            self.env.ref("base.user_admin").lang = lang
            for name in ("kams.account", "kams.profile.item", "kams.requirement", "kams.competitor"):
                model = self.env[name].with_context(lang=lang)
                with self.subTest(model=name, lang=lang):
                    sheet = self._sheet(name, "admin")
                    columns = [column for column, _example in model._import_columns()]
                    labels = [model.fields_get([column])[column]["string"] for column in columns]
                    self.assertEqual([cell.value for cell in sheet[1]], labels)

    def test_only_what_may_be_imported_has_a_template(self):
        self.authenticate("admin", "admin")
        for model in ("res.users", "kams.control.check", "no.such.model"):
            self.assertEqual(self.url_open(f"/kams_sales/import_template/{model}").status_code, 404)

    def test_who_may_not_make_accounts_gets_none(self):
        self.authenticate("demo", "demo")
        demo = self.env.ref("base.user_demo")
        demo.write({"group_ids": [(6, 0, self.env.ref("base.group_user").ids)]})
        self.assertEqual(self.url_open("/kams_sales/import_template/kams.account").status_code, 403)
        with self.assertRaises(AccessError):
            self.env["kams.account"].with_user(demo).check_access("create")
