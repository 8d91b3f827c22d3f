"""What opening our dashboards costs, against Odoo's own sales dashboard in the same database, through the HTTP layer.

What the web client asks is read from the dashboard itself: its file, the fields of each model, a question for each
chart, pivot and list. Both ways of asking were held against the requests of a browser. The books are those of reports
(deals with their history) and of money (orders, invoices, payments): ``BENCH_HISTORY`` and ``BENCH_ORDERS`` scale them.
"""

import json
import statistics

from dev.bench_screens import Browser, cpu

RUNS = 3
LIMIT = "1.20"
SALES = "spreadsheet_dashboard_sale.spreadsheet_dashboard_sales"
OURS = ("funnel", "forecast", "accounts", "bids", "money", "process")


def lines(side, database, tidy, line):
    from odoo.tools import SQL

    from dev import bench_history_books as history
    from dev import bench_money as money

    env = side.env
    history.books(env)
    money.books(env)
    tidy(side, tables=(*history.TABLES, *money.TABLES))
    # time of PostgreSQL's parallel workers wouldn't be counted
    side.cr.execute(SQL("ALTER DATABASE %s SET max_parallel_workers_per_gather = 0", SQL.identifier(database)))
    side.cr.commit()
    browser = Browser.__new__(Browser)
    browser.login(database)
    theirs = requests(env, env.ref(SALES))
    found = []
    for key in OURS:
        dashboard = env.ref(f"kams_sales.kams_{key}_dashboard")
        ours = requests(env, dashboard)
        found.append(paired(f"Open the dashboard {dashboard.name}", browser, env, theirs, ours, line))
    return found


def paired(name, browser, env, theirs, ours, line):
    from odoo import sql_db

    figures = {False: [], True: []}
    for run in range(RUNS + 1):
        for mine in (False, True) if run % 2 else (True, False):
            statements, start = sql_db.sql_counter, cpu(browser.database, env)
            for request in ours if mine else theirs:
                request(browser)
            figures[mine].append((cpu(browser.database, env) - start, sql_db.sql_counter - statements, 0))
    medians = [[statistics.median(row[n] for row in figures[side][1:]) for n in range(3)] for side in (False, True)]
    ratios = [mine[0] / other[0] for other, mine in zip(figures[False][1:], figures[True][1:], strict=True)]
    found = line(name, *medians, statistics.median(ratios), LIMIT)
    print(found.text(), flush=True)
    return found


def requests(env, dashboard):
    """What the client asks for when it opens a dashboard without filters, as functions of a browser."""
    data = json.loads(dashboard.spreadsheet_data)
    asked = [lambda browser, url=f"/spreadsheet/dashboard/data/{dashboard.id}": browser.client.get(url)]
    models = {}

    def ask(model, method, *args, **kwargs):
        models[model] = True
        asked.append(lambda browser: browser.call(method, *args, model=model, **kwargs))

    charts = [figure["data"] for sheet in data["sheets"] for figure in sheet["figures"] if figure["tag"] == "chart"]
    for figure in (figure for sheet in data["sheets"] for figure in sheet["figures"] if figure["tag"] == "carousel"):
        charts += figure["data"]["chartDefinitions"].values()
    for chart in charts:
        if chart["type"].startswith("odoo_"):
            meta, search = chart["metaData"], chart["searchParams"]
            ask(
                meta["resModel"],
                "formatted_read_group",
                domain=domain_of(search["domain"]),
                groupby=meta["groupBy"],
                aggregates=["__count", *aggregates(env[meta["resModel"]], [meta["measure"]], chart=True)],
                context={**search["context"], "fill_temporal": True},
            )
    for pivot in data["pivots"].values():
        groups = [":".join(filter(None, (row["fieldName"], row.get("granularity")))) for row in pivot["rows"]]
        groups += [":".join(filter(None, (col["fieldName"], col.get("granularity")))) for col in pivot["columns"]]
        measures = [one["fieldName"] for one in pivot["measures"] if "computedBy" not in one]
        ask(
            pivot["model"],
            "formatted_read_grouping_sets",
            domain=domain_of(pivot["domain"]),
            grouping_sets=[groups[:size] for size in range(len(groups) + 1)],
            aggregates=[*aggregates(env[pivot["model"]], measures), "__count"],
            order=", ".join(groups),
        )
    for one in data["lists"].values():
        fields = env[one["model"]]._fields
        spec = {
            name: {"fields": {"display_name": {}}} if fields[name].type == "many2one" else {} for name in one["columns"]
        }
        order = ", ".join(f"{by['name']} {'asc' if by['asc'] else 'desc'}" for by in one["orderBy"])
        ask(one["model"], "web_search_read", specification=spec, domain=domain_of(one["domain"]), order=order, limit=10)
    for model in models:
        asked.append(lambda browser, model=model: browser.call("fields_get", model=model))
    return asked


def aggregates(model, measures, chart=False):
    found = []
    for name in measures:
        if name == "__count":
            continue
        field = model._fields[name.partition(":")[0]]
        if chart and field.type == "monetary":
            currency = field.get_currency_field(model)
            found += [f"{currency}:array_agg_distinct", f"{name}:sum_currency"]
        found.append(name if ":" in name else f"{name}:{field.aggregator or 'count_distinct'}")
    return found


def domain_of(domain):
    """Odoo's own file has some domains as Python text."""
    from odoo.tools.safe_eval import safe_eval

    return safe_eval(domain) if isinstance(domain, str) else domain
