import json
from datetime import timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools import file_open

FILTERS = {"kams-team": "crm.team", "kams-company": "res.company", "kams-user": "res.users"}
FILTERS |= {"kams-manager": "res.users", "kams-account": "kams.account"}
FILTERS |= {"kams-industry": "res.partner.industry", "kams-source": "utm.source"}
# How these stand today: a period doesn't ask
AS_OF_NOW = {"kams.account"}
# Whose right to sell is Odoo's own
SELLER = "sales_team.group_sale_salesman"
READY = "odoo.isReady === true"
# Waits until a dashboard and all that it asks are there, and looks for cells in error
LOOK = """
(async () => {
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    let dashboard, errors, waiting;
    for (let turn = 0; turn < 200; turn++) {
        await wait(100);
        const loader = odoo.__WOWL_DEBUG__?.root?.env.services["spreadsheet_dashboard_loader"];
        dashboard = loader && loader.getActiveDashboard();
        if (!dashboard || !dashboard.model) { continue; }
        const getters = dashboard.model.getters;
        errors = []; waiting = 0;
        for (const sheetId of getters.getSheetIds()) {
            const zone = getters.getSheetZone(sheetId);
            for (let row = 0; row <= zone.bottom; row++) {
                for (let col = 0; col <= zone.right; col++) {
                    const cell = getters.getEvaluatedCell({ sheetId, col, row });
                    if (cell.value === "Loading...") { waiting++; }
                    else if (cell.type === "error") { errors.push(`${col},${row} ${cell.value} ${cell.message}`); }
                }
            }
        }
        if (!waiting) { break; }
    }
    await wait(500);
    if (!dashboard || !dashboard.model || waiting) { console.error("The dashboard didn't load"); return; }
    if (errors.length) { console.error(errors.join("; ")); return; }
    if (!document.querySelectorAll(".o-figure").length) { console.error("No figure is shown"); return; }
    const SAMPLE = %(sample)s, WORD = %(word)s;
    if (!!dashboard.isSample !== SAMPLE) { console.error(`Sample: ${dashboard.isSample}`); return; }
    const sheetId = dashboard.model.getters.getSheetIds()[1];
    const first = dashboard.model.getters.getEvaluatedCell({ sheetId, col: 0, row: 0 }).value;
    if (WORD && first !== WORD) { console.error(`${first} is not ${WORD}`); return; }
    console.log("test successful");
})();
"""

# Clicks the first bar of a chart that isn't empty, and counts the rows that it leads to
CLICK = """
(async () => {
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const TITLE = %(title)s, ROWS = %(rows)s;
    let chart;
    for (let turn = 0; turn < 300 && !chart; turn++) {
        await wait(100);
        const canvases = [...document.querySelectorAll(".o-figure canvas")];
        chart = canvases.map((one) => window.Chart?.getChart(one)).find((one) =>
            one?.options.plugins.title?.text?.includes(TITLE) && one.data.labels.length);
    }
    if (!chart) { console.error(`There is no chart ${TITLE}`); return; }
    await wait(2000);
    chart = window.Chart.getChart(chart.canvas) || chart;
    const index = chart.data.datasets[0].data.findIndex((number) => [number].flat().some(Number));
    const at = chart.getDatasetMeta(0).data[index].getCenterPoint();
    const box = chart.canvas.getBoundingClientRect();
    const where = { bubbles: true, cancelable: true, clientX: box.left + at.x, clientY: box.top + at.y };
    chart.canvas.dispatchEvent(new MouseEvent("mousemove", where));
    chart.canvas.dispatchEvent(new MouseEvent("click", where));
    let rows = 0;
    for (let turn = 0; turn < 200 && rows !== ROWS; turn++) {
        await wait(100);
        rows = document.querySelectorAll(".o_list_view .o_data_row").length;
    }
    if (rows !== ROWS) { console.error(`${rows} rows instead of ${ROWS}`); return; }
    console.log("test successful");
})();
"""
# Clicks the first cell of a measure in a pivot that isn't 0, below the total
CELL = """
(async () => {
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const PLACE = %(place)s, ROWS = %(rows)s;
    let cell;
    for (let turn = 0; turn < 200 && !cell; turn++) {
        await wait(100);
        const lines = [...document.querySelectorAll(".o_pivot tbody tr")].slice(1);
        cell = lines.map((line) => line.querySelectorAll("td")[PLACE]).find((one) => one && Number(one.innerText));
    }
    if (!cell || Number(cell.innerText) !== ROWS) { console.error(`${cell?.innerText} instead of ${ROWS}`); return; }
    cell.click();
    let rows = 0;
    for (let turn = 0; turn < 200 && rows !== ROWS; turn++) {
        await wait(100);
        rows = document.querySelectorAll(".o_list_view .o_data_row").length;
    }
    if (rows !== ROWS) { console.error(`${rows} rows instead of ${ROWS}`); return; }
    const name = document.querySelector(".o_breadcrumb .active")?.innerText.trim();
    if (name !== "Leaked") { console.error(`The rows are called ${name}`); return; }
    console.log("test successful");
})();
"""


class DashboardCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ours = cls.env["ir.model.data"].search([("module", "=", "kams_sales"), ("model", "=", "spreadsheet.dashboard")])
        cls.dashboards = cls.env["spreadsheet.dashboard"].browse(ours.mapped("res_id"))

    def _sources(self, dashboard):
        """``(model, domain, groups, measures, matching)`` of all that a dashboard asks."""
        data = json.loads(dashboard.spreadsheet_data)
        for pivot in data["pivots"].values():
            groups = [":".join(filter(None, (row["fieldName"], row.get("granularity")))) for row in pivot["rows"]]
            measures = [measure["fieldName"] for measure in pivot["measures"]]
            yield pivot["model"], pivot["domain"], groups, measures, pivot["fieldMatching"]
        for one in data["lists"].values():
            yield one["model"], one["domain"], [], one["columns"], one["fieldMatching"]
        for figure in data["sheets"][0]["figures"]:
            chart = figure["data"]
            if chart["type"].startswith("odoo_"):
                meta = chart["metaData"]
                yield (
                    *(meta["resModel"], chart["searchParams"]["domain"], meta["groupBy"], [meta["measure"]]),
                    chart["fieldMatching"],
                )


@tagged("post_install", "-at_install")
class TestDashboards(DashboardCase):
    def _filtered(self, matching):
        """A domain that uses every filter of a source, as the client would."""
        parts = []
        for key, match in matching.items():
            if key == "kams-period":
                parts.append(Domain(match["chain"], ">=", "2020-01-01") & Domain(match["chain"], "<=", "2030-12-31"))
            else:
                parts.append(Domain(match["chain"], "in", [1, 2]))
        return Domain.AND(parts)

    def test_each_part_is_filtered_by_each_filter(self):
        for dashboard in self.dashboards:
            wanted = {one["id"] for one in json.loads(dashboard.spreadsheet_data)["globalFilters"]}
            self.assertLessEqual({"kams-period", "kams-team", "kams-company"}, wanted)
            for model, _domain, _groups, _measures, matching in self._sources(dashboard):
                with self.subTest(dashboard=dashboard.name, model=model):
                    self.assertEqual(set(matching), wanted - ({"kams-period"} if model in AS_OF_NOW else set()))
                    for key, match in matching.items():
                        *path, name = match["chain"].split(".")
                        records = self.env[model]
                        for step in path:
                            records = self.env[records._fields[step].comodel_name]
                        field = records._fields[name]
                        if key == "kams-period":
                            self.assertEqual(match["type"], field.type)
                        else:
                            self.assertEqual(field.comodel_name, FILTERS[key])

    def test_who_may_open_a_dashboard_may_read_all_of_it(self):
        for dashboard in self.dashboards:
            for group in dashboard.group_ids:
                xml_id = group.get_external_id()[group.id]
                groups = SELLER if xml_id == "kams_sales.group_salesperson" else xml_id
                user = new_test_user(self.env, login=f"reader {dashboard.id} {group.id}", groups=groups)
                self.assertTrue(dashboard.with_user(user).has_access("read"))
                for model, domain, groups, measures, matching in self._sources(dashboard):
                    with self.subTest(dashboard=dashboard.name, group=xml_id, model=model, measures=measures):
                        records = self.env[model].with_user(user)
                        domain = Domain(domain) & self._filtered(matching)
                        if any(records._fields[name].aggregator is None for name in measures if name != "__count"):
                            records.web_search_read(domain, {name: {} for name in measures}, limit=8)
                        else:
                            aggregates = [
                                name if name == "__count" else f"{name}:{records._fields[name].aggregator}"
                                for name in measures
                            ]
                            records.formatted_read_group(domain, groups, aggregates)

    def test_figures_lead_somewhere(self):
        for dashboard in self.dashboards:
            data = json.loads(dashboard.spreadsheet_data)
            for figure in data["sheets"][0]["figures"]:
                chart = figure["data"]
                with self.subTest(dashboard=dashboard.name, chart=chart["title"]["text"]):
                    if chart["type"].startswith("odoo_"):
                        action = self.env.ref(chart["actionXmlId"])
                        self.assertEqual(action.res_model, chart["metaData"]["resModel"])
                    else:
                        self.assertTrue(self.env.ref(data["chartOdooMenusReferences"][figure["id"]]).action)

    def test_the_waterfall_is_of_so_many_days(self):
        changes = self.env["kams.pipeline.change"]
        now = fields.Datetime.now()
        asked = [
            changes.with_context(**context)._read_group([], ["kind"], ["amount:sum", "deals:sum"])
            for context in ({"kams_days": 90}, {"kams_from": str(now - timedelta(days=90))}, {"kams_days": "90"})
        ]
        self.assertEqual(asked[0], asked[1])
        kinds = [kind for kind, *_sums in asked[0]]
        self.assertEqual(kinds, sorted(kinds, key=list(dict(changes._fields["kind"].selection)).index))
        self.assertLessEqual(
            {kind for kind, *_sums in asked[2]}, {"opening", "closing"}, "Not a number: no time passed."
        )

    def test_a_company_without_data_sees_a_sample(self):
        company = self.env["res.company"].create({"name": "New"})
        user = new_test_user(
            self.env,
            login="newcomer",
            groups="kams_sales.group_director,kams_sales.group_finance",
            company_id=company.id,
            company_ids=company.ids,
        )
        for dashboard in self.dashboards.with_user(user):
            with self.subTest(dashboard=dashboard.name):
                self.assertTrue(dashboard.with_context(allowed_company_ids=company.ids)._dashboard_is_empty())
                self.assertTrue(dashboard._get_sample_dashboard()["sheets"])

    def test_the_words_of_a_sample_are_translated(self):
        dashboard = self.env.ref("kams_sales.kams_money_dashboard")
        with file_open(dashboard.sample_dashboard_file_path) as file:
            sample = json.load(file)
        translated = dashboard._translated(sample, {"Collected": "已回款", "Customer": "客户"})
        titles = {figure["data"]["title"]["text"] for figure in translated["sheets"][0]["figures"]}
        self.assertIn("已回款", titles)
        cells = set(translated["sheets"][1]["cells"].values())
        self.assertIn('="客户"&" A"', cells)

    def test_a_sample_calls_the_phases_by_their_names(self):
        dashboard = self.env.ref("kams_sales.kams_funnel_dashboard")
        with file_open(dashboard.sample_dashboard_file_path) as file:
            sample = json.load(file)
        cells = set(sample["sheets"][0]["cells"].values())
        for code, label in self.env["kams.funnel"]._fields["phase_code"].selection:
            with self.subTest(phase=code):
                self.assertEqual(f'=_t("{label}")' in cells, code != "delivery")

    def test_axes_have_no_words(self):
        """Odoo doesn't translate them."""
        for dashboard in self.dashboards:
            for figure in json.loads(dashboard.spreadsheet_data)["sheets"][0]["figures"]:
                self.assertNotIn("axesDesign", figure["data"], dashboard.name)


@tagged("post_install", "-at_install")
class TestDashboardScreens(DashboardCase, HttpCase):
    def _look(self, dashboard, sample=False, word=None):
        code = LOOK % {"sample": json.dumps(sample), "word": json.dumps(word)}
        url = f"/odoo/dashboards?dashboard_id={dashboard.id}"
        self.browser_js(url, code, READY, login="admin", timeout=120)

    def test_dashboards_open(self):
        for dashboard in self.dashboards:
            with self.subTest(dashboard=dashboard.name):
                self._look(dashboard, sample=dashboard._dashboard_is_empty())

    def test_dashboards_open_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env.ref("base.user_admin").lang = "zh_CN"
        for dashboard in self.dashboards:
            with self.subTest(dashboard=dashboard.name):
                self._look(dashboard, sample=dashboard._dashboard_is_empty())

    def _first_that_leaked(self):
        """The phase in which deals ended without being won, and how many: the first one of those that have any."""
        groups = self.env["kams.funnel"]._read_group([], ["phase_code"], ["leaked:sum", "__count"])
        found = [(leaked, count) for _phase, leaked, count in groups if leaked]
        if not found or found[0][0] > 80 or found[0][0] == found[0][1]:
            self.skipTest("No deals to tell apart")
        return found[0][0]

    def test_a_bar_leads_to_the_deals_that_it_counts(self):
        dashboard = self.env.ref("kams_sales.kams_funnel_dashboard")
        code = CLICK % {"title": json.dumps("Where Deals Leak"), "rows": self._first_that_leaked()}
        self.browser_js(f"/odoo/dashboards?dashboard_id={dashboard.id}", code, READY, login="admin", timeout=120)

    def test_a_bar_of_what_changed_leads_to_the_changes_of_these_days(self):
        dashboard = self.env.ref("kams_sales.kams_forecast_dashboard")
        changes = self.env["kams.pipeline.change"].with_context(kams_days=90)
        groups = changes._read_group([("kind", "!=", "closing"), ("amount", "!=", 0)], ["kind"], ["__count"])
        if not groups or groups[0][1] > 80:
            self.skipTest("Nothing changed")
        code = CLICK % {"title": json.dumps("What Changed"), "rows": groups[0][1]}
        self.browser_js(f"/odoo/dashboards?dashboard_id={dashboard.id}", code, READY, login="admin", timeout=120)

    def test_a_cell_of_a_pivot_leads_to_the_deals_that_it_counts(self):
        code = CELL % {"place": 3, "rows": self._first_that_leaked()}
        self.browser_js("/odoo/kams-funnel?view_type=pivot", code, READY, login="admin", timeout=120)
