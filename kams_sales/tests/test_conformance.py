import ast
from collections import defaultdict
from pathlib import Path

from lxml import etree

from odoo import tools
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from .test_access_matrix import PEOPLE, READERS

ADDON = Path(tools.misc.file_path("kams_sales"))

# Business rules speak ORM. SQL is for what must read or write many deals in one statement.
SQL_FILES = {
    "models/kams_forecast_lock.py",  # the deals of forecasts that are locked or closed, in one statement
    "models/crm_lead_account.py",  # deals by customer, for the preview of an adoption
    "models/evidence_path.py",  # from evidence to deals along any path of links, in one statement
    "models/product_category.py",  # which categories were ever sold
    "models/kams_delivery_phase_progress.py",  # the status of a phase, for columns of boards and searches
    "models/kams_plan_measure.py",  # measures of many objectives, each with its own period, in one statement
    "models/kams_plan_health.py",  # last meeting with many customers
    "models/kams_plan_relation_health.py",  # contacts of many customers, each since its own day, in one statement
    "models/kams_development_target.py",  # what was found and won, for many scopes and periods at once
    "models/kams_supply_position.py",  # sales of many categories and customers in two statements
    "models/sale_order_terms.py",  # orders whose deal joins or leaves a process, in one statement
    "models/crm_lead_standing.py",  # a deal's figures, one statement for all deals shown
    "models/crm_lead_stage_audit.py",  # deals to audit, from the history's last rows, in one statement
    "models/crm_lead_chain.py",  # figures of many decision chains, for each deal's page
    "models/crm_lead_chapters.py",  # how much each chapter recorded, one statement for all smart buttons
    "models/crm_lead_card.py",  # cards kept ready, one statement for all that changed
    "models/kams_winloss_start.py",  # which deals were closed and have no review, asked of the history
    "models/kams_winloss_point.py",  # points skipped on many closed deals, kept in one statement
    "models/kams_risk_map.py",  # what the risks of a map may cost, one statement for any number
    "demo/kams_demo_past.py",  # what deals were, told as the engine would have written it
    "demo/kams_demo_years.py",  # what the points of these deals said, in one statement
    "demo/kams_demo_steer.py",  # deals of forecasts whose period is over
    "models/kams_deal_history.py",  # the history's guard and its look-up of present states
    "models/kams_deal_history_kept.py",  # the history's sums, kept by the database itself
    "models/kams_deal_history_record.py",  # the history's own statements
    "models/kams_deal_history_rebuild.py",  # the past of deals that join
    "models/kams_check_engine.py",  # the check engine
    "models/crm_lead_history.py",  # which deals it is written for
    "models/calendar_event_secrecy.py",  # what others may not know is masked where a column becomes SQL
    "models/kams_control_check.py",  # its search by present phase
    "models/crm_lead_response.py",  # the clocks of all leads in one statement, for search, reminding and reports
    "models/kams_lack.py",  # a setting of PostgreSQL for the statement it makes
    "models/kams_reminder_run.py",  # medians of all companies, once a night
    "models/kams_reminder.py",  # what all open deals lack, one statement a batch
    "models/kams_reminder_activity.py",  # whose reminders become activities, one statement a batch
    "models/kams_digest_send.py",  # the mornings of many people in one statement
    "models/crm_lead_key_tasks.py",  # which deals entered a phase, and the mark that they did, one statement a batch
    "models/crm_lead.py",  # the counts of a card, read from checks and history
    "models/kams_account_totals.py",  # the figures of many customers, one statement a kind
    "models/kams_account_standing.py",  # their keeping, one statement a batch
    "models/kams_account_portfolio.py",  # medians and ranks
    "models/crm_lead_survey.py",  # fit and must gaps of many deals in one statement
    "demo/kams_demo.py",  # the demo deals' own clock
    "hooks.py",
}
SQL_WORDS = {"execute", "execute_query", "execute_query_dict", "executemany", "execute_values"}


class ConformanceCase(TransactionCase):
    """What every addon of this kind owes to its users, whoever writes the next model."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            name: new_test_user(cls.env, login=f"conform_{name.replace(' ', '_')}", groups=groups)
            for name, groups in PEOPLE.items()
        }
        cls.models = [
            model for name, model in sorted(cls.env.items()) if name.startswith("kams.") and not model._abstract
        ]

    def _ours(self, model_name):
        """Records of a model that this addon brought."""
        data = self.env["ir.model.data"].search([("module", "=", "kams_sales"), ("model", "=", model_name)])
        return (
            self.env[model_name]
            .with_context(active_test=False, **{"ir.ui.menu.full_list": True})
            .browse(data.mapped("res_id"))
            .exists()
        )


@tagged("post_install", "-at_install")
class TestModels(ConformanceCase):
    def test_each_model_says_what_it_is(self):
        for model in self.models:
            with self.subTest(model=model._name):
                self.assertTrue(model._description)
                self.assertNotEqual(model._description, model._name)

    def test_each_model_has_access_lines_and_each_line_a_group(self):
        lines = self.env["ir.model.access"].search([("model_id.model", "=like", "kams.%")])
        by_model = lines.grouped(lambda line: line.model_id.model)
        for model in self.models:
            with self.subTest(model=model._name):
                self.assertIn(model._name, by_model)
                self.assertTrue(all(line.group_id for line in by_model[model._name]))

    def test_each_model_with_a_company_has_a_company_rule_for_everybody(self):
        for model in self.models:
            if "company_id" not in model._fields or model._transient:
                continue
            rules = self.env["ir.rule"].search([("model_id.model", "=", model._name), ("groups", "=", False)])
            with self.subTest(model=model._name):
                self.assertTrue(rules.filtered(lambda rule: "company_ids" in (rule.domain_force or "")))
                self.assertEqual(model._fields["company_id"].comodel_name, "res.company")

    def test_each_model_of_a_deal_or_account_carries_its_company(self):
        """Architecture: deal-side models carry lead_id, account-side ones account_id; all carry company_id."""
        for model in self.models:
            if model._transient or not {"lead_id", "account_id"} & model._fields.keys():
                continue
            with self.subTest(model=model._name):
                self.assertIn("company_id", model._fields)

    def test_each_field_has_a_label_of_its_own_in_its_model(self):
        """Two fields of one label can't be told apart in filters, exports and imports."""
        for model in [*self.models, self.env["crm.lead"]]:
            labels = defaultdict(set)
            for name, field in model._fields.items():
                labels[field.string].add(name)
            for label, names in labels.items():
                if model._name == "crm.lead" and not any(name.startswith("kams_") for name in names):
                    continue
                with self.subTest(model=model._name, label=label):
                    self.assertEqual(len(names), 1, names)


@tagged("post_install", "-at_install")
class TestViews(ConformanceCase):
    def _root(self, view):
        while view.inherit_id and view.mode == "extension":
            view = view.inherit_id
        return view

    def test_there_are_views_menus_and_actions(self):
        for model_name in ("ir.ui.view", "ir.ui.menu", "ir.actions.act_window"):
            self.assertTrue(self._ours(model_name), model_name)

    def test_each_view_parses_for_each_group_that_may_read_its_model(self):
        opened = 0
        for view in self._ours("ir.ui.view").filtered("model"):
            root = self._root(view)
            for name, user in self.people.items():
                model = self.env[view.model].with_user(user)
                if not model.has_access("read"):
                    continue
                with self.subTest(view=view.xml_id, group=name):
                    result = model.get_view(root.id, root.type)
                    etree.fromstring(result["arch"])
                    opened += 1
        self.assertGreater(opened, 50)

    def test_each_model_people_work_with_opens_in_every_usual_view(self):
        for model in self.models:
            for name in ("director", "salesperson", "auditor"):
                ours = model.with_user(self.people[name])
                if not ours.has_access("read"):
                    continue
                kinds = ["form"] if model._transient else ["list", "form", "search"]
                with self.subTest(model=model._name, group=name):
                    ours.get_views([(False, kind) for kind in kinds])

    def test_views_of_others_are_extended_not_replaced(self):
        """Inherit by stable anchors, never replace whole nodes."""
        for view in self._ours("ir.ui.view"):
            if view.mode != "extension" or view.inherit_id in self._ours("ir.ui.view"):
                continue
            arch = etree.fromstring(view.arch_db)
            with self.subTest(view=view.xml_id):
                self.assertFalse(arch.xpath("//*[@position='replace']"))

    def test_views_are_named_after_model_and_kind(self):
        """Style: ids are <model>_view_<kind>."""
        for view in self._ours("ir.ui.view").filtered(lambda view: view.mode == "primary" and view.type != "qweb"):
            with self.subTest(view=view.xml_id):
                self.assertIn(f"_view_{view.type}", view.xml_id)

    def test_no_view_asks_a_user_for_a_field_that_is_hidden_from_them_by_access(self):
        """A form that shows a list of records must not fail on who may not read these."""
        for name in READERS:
            user = self.people[name]
            with self.subTest(group=name):
                views = (
                    self.env["crm.lead"]
                    .with_user(user)
                    .get_views([(False, "kanban"), (False, "list"), (False, "form"), (False, "search")])
                )
                self.assertTrue(views["views"])


@tagged("post_install", "-at_install")
class TestMenusAndActions(ConformanceCase):
    def _eval(self, text, user):
        names = {
            "uid": user.id,
            "context": {},
            "active_id": 0,
            "active_ids": [],
            "active_model": False,
            "allowed_company_ids": user.company_ids.ids,
            "context_today": tools.safe_eval.datetime.datetime.now,
            "time": tools.safe_eval.time,
            "datetime": tools.safe_eval.datetime,
            "relativedelta": tools.safe_eval.dateutil.relativedelta.relativedelta,
        }
        return safe_eval(text or "[]", names)

    def test_each_action_leads_to_a_model_with_its_views(self):
        for action in self._ours("ir.actions.act_window"):
            with self.subTest(action=action.xml_id):
                self.assertIn(action.res_model, self.env)
                self.assertEqual(
                    set((action.view_id | action.search_view_id).mapped("model")) - {action.res_model}, set()
                )
                context = self._eval(action.context or "{}", self.env.user)
                self.assertIsInstance(context, dict)
                self.env[action.res_model].get_views(action.views, {"toolbar": True})
                self.env[action.res_model].with_context(context).search_count(
                    self._eval(action.domain, self.env.user), limit=1
                )
                search_view = self.env[action.res_model].get_view(action.search_view_id.id, "search")
                filters = set(etree.fromstring(search_view["arch"]).xpath("//filter/@name | //field/@name"))
                asked = {key.removeprefix("search_default_") for key in context if key.startswith("search_default_")}
                self.assertLessEqual(asked, filters)

    def _menus_of(self, user):
        """The menus of ours that a user finds on the way down from the top."""
        menus = self.env["ir.ui.menu"].with_user(user)
        if not menus.has_access("read"):
            return self.env["ir.ui.menu"]
        found = [key for key in menus.load_menus(False) if key != "root"]
        return self._ours("ir.ui.menu").filtered(lambda menu: menu.id in found)

    def test_each_menu_opens_for_everybody_who_sees_it(self):
        opened = defaultdict(set)
        for name, user in self.people.items():
            for menu in self._menus_of(user):
                action = menu.sudo().action
                if not action:
                    continue
                with self.subTest(group=name, menu=menu.complete_name):
                    if action._name == "ir.actions.act_window":
                        model = self.env[action.res_model].with_user(user)
                        context = self._eval(action.context or "{}", user)
                        model = model.with_context(context)
                        model.get_views(action.views)
                        if not model._transient:
                            model.search_read(self._eval(action.domain, user), ["display_name"], limit=5)
                    elif action._name == "ir.actions.client":
                        self.assertTrue(action.tag)  # the web client loads it for every user
                    elif action._name == "ir.actions.server":
                        self.assertTrue(self.env[action._name].with_user(user).browse(action.id).run())
                    else:
                        self.env[action._name].with_user(user).browse(action.id).check_access("read")
                    opened[name].add(menu)
        for name in READERS:
            self.assertTrue(opened[name], f"{name} has no menu of ours")
        for name in ("internal", "import history", "personal data", "portal", "public"):
            self.assertFalse(opened[name], f"{name} sees {opened[name]}")

    def test_configuration_is_the_directors(self):
        configuration = self.env.ref("kams_sales.kams_menu_configuration")
        for name, user in self.people.items():
            with self.subTest(group=name):
                self.assertEqual(configuration in self._menus_of(user), name == "director")

    def test_who_sells_nothing_sees_no_menu_of_leads_and_plans_no_key_tasks(self):
        leads = self.env.ref("kams_sales.kams_menu_leads")
        for name in READERS:
            user = self.people[name]
            sells = user.has_group("kams_sales.group_salesperson")
            with self.subTest(group=name):
                self.assertEqual(leads in self._menus_of(user), sells)
                form = self.env["crm.lead"].with_user(user).get_view(view_type="form")["arch"]
                self.assertEqual("action_kams_key_tasks" in form, sells)

    def test_the_app_appears_once_with_an_icon(self):
        root = self.env.ref("kams_sales.kams_menu_root")
        self.assertFalse(root.parent_id)
        self.assertTrue(root.web_icon_data)

    def test_scheduled_jobs_call_what_exists(self):
        crons = self._ours("ir.cron")
        self.assertTrue(crons)
        for cron in crons:
            with self.subTest(cron=cron.name):
                call = ast.parse(cron.code.strip()).body[0].value
                self.assertTrue(hasattr(self.env[cron.model_id.model], call.func.attr))

    def test_wizards_actions_and_buttons_of_a_user_without_rights_are_refused_not_broken(self):
        for action in self._ours("ir.actions.act_window"):
            model = self.env[action.res_model].with_user(self.people["internal"])
            if action.res_model.startswith("kams."):
                with self.subTest(action=action.xml_id), self.assertRaises(AccessError):
                    model.search([], limit=1)


@tagged("post_install", "-at_install")
class TestLayers(ConformanceCase):
    """Imports go downwards only, and SQL stays where it belongs."""

    def _sources(self, *folders):
        for path in sorted(ADDON.rglob("*.py")):
            relative = path.relative_to(ADDON).as_posix()
            if not relative.startswith("tests/") and (not folders or relative.startswith(folders)):
                yield relative, ast.parse(path.read_text(encoding="utf-8"))

    def _imports(self, tree):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield "." * node.level + (node.module or "")

    def test_tools_know_no_odoo(self):
        for name, tree in self._sources("tools/"):
            with self.subTest(file=name):
                self.assertFalse(
                    [
                        module
                        for module in self._imports(tree)
                        if module.split(".")[0] == "odoo" or module.startswith("..")
                    ]
                )

    def test_models_know_neither_reports_nor_wizards(self):
        for name, tree in self._sources("models/"):
            with self.subTest(file=name):
                self.assertFalse([module for module in self._imports(tree) if "report" in module or "wizard" in module])

    def test_sql_is_written_in_few_files_only(self):
        for name, tree in self._sources():
            if name in SQL_FILES or name.startswith(("report/", "migrations/")):
                continue
            calls = [
                node.lineno
                for node in ast.walk(tree)
                if isinstance(node, ast.Call)
                and (getattr(node.func, "attr", None) in SQL_WORDS or getattr(node.func, "id", None) == "SQL")
            ]
            with self.subTest(file=name):
                self.assertFalse(calls, f"{name}: SQL in lines {calls}")

    def test_uninstalling_forgets_each_foreign_key_registered_with_others_models(self):
        """Odoo drops the key with its column or table, and keeps that it was there (hooks.py)."""
        self.env.cr.execute(
            """
            SELECT taken.name
              FROM ir_model_constraint taken
              JOIN ir_module_module module ON module.id = taken.module AND module.name = 'kams_sales'
              JOIN ir_model model ON model.id = taken.model
             WHERE taken.type = 'f' AND model.model NOT LIKE 'kams.%'
            """
        )
        named = (ADDON / "hooks.py").read_text()
        self.assertEqual([name for (name,) in self.env.cr.fetchall() if f"'{name}'" not in named], [])

    def test_nothing_commits_by_hand(self):
        for name, tree in self._sources():
            calls = [
                node.lineno
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and getattr(node.func, "attr", None) in ("commit", "rollback")
            ]
            with self.subTest(file=name):
                self.assertFalse(calls, f"{name}: lines {calls}")

    def test_the_engines_know_no_chapter(self):
        """The gate knows evidence only as (model, domain) data."""
        chapters = ("sale.order", "project.project", "account.move")
        for name in (
            "models/kams_control_check.py",
            "models/crm_lead_gate.py",
            "models/kams_control_point.py",
            "models/kams_deal_history.py",
            "models/evidence_dependencies.py",
            "models/base.py",
        ):
            text = (ADDON / name).read_text(encoding="utf-8")
            with self.subTest(file=name):
                self.assertFalse([word for word in chapters if f'"{word}"' in text])
