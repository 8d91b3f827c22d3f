"""What the web client asks of reports, written down in Odoo's shell for dev/bench_replica.py, which asks it over HTTP.

A question is a name and the calls that make it: ``{"get": address}`` or ``{"model", "method", "args", "kwargs"}``. What
is written here, a second company of another currency, a target and its forecast, is there before the standby begins.
"""

import json
from datetime import timedelta
from pathlib import Path

from lxml import etree

from dev import bench_history_books
from dev.bench_dashboards import aggregates, requests

REPORTS = (
    *("kams.funnel", "kams.phase.time", "kams.pipeline", "kams.pipeline.change", "kams.pipeline.change.step"),
    *("kams.deal.history", "kams.forecast.accuracy", "kams.compliance", "kams.winloss.report"),
    *("kams.winloss.criterion", "kams.performance", "kams.today", "kams.margin.erosion", "kams.deal.money"),
    "kams.money",
)
FIGURES = ("kams.target", "kams.forecast")
DASHBOARDS = ("funnel", "forecast", "accounts", "bids", "money", "process")


def prepare(env, path):
    """Years of deals and the questions about them."""
    bench_history_books.books(env)
    env.cr.execute("ANALYZE")
    env.cr.commit()
    abroad = company_abroad(env)
    target = env["kams.target"].create(
        {"period_kind": "year", "date_from": env.cr.now().date().replace(month=1, day=1), "quota": 5e9}
    )
    env["kams.forecast"].create(
        {"period_kind": "year", "date_from": target.date_from, "company_id": target.company_id.id}
    )
    env.cr.commit()
    Path(path).write_text(json.dumps({"questions": list(questions(env)), "companies": [env.company.id, abroad.id]}))


def company_abroad(env):
    """A company of another currency, whose rates are known, so that amounts of both have to be brought together."""
    home = env.company.currency_id
    away = env.ref("base.USD") if home != env.ref("base.USD") else env.ref("base.EUR")
    away.active = True
    env["res.currency.rate"].search([("currency_id", "=", away.id)]).unlink()
    env["res.currency.rate"].create({"currency_id": away.id, "name": "2020-01-01", "rate": 0.8})
    abroad = env["res.company"].create({"name": "Bench abroad", "currency_id": away.id})
    env.ref("base.user_admin").company_ids |= abroad
    return abroad


def questions(env):
    now = env.cr.now().replace(microsecond=0)
    then = (now - timedelta(days=365)).isoformat(sep=" ")
    for model in REPORTS:
        context, domain, name = {}, [], env[model]._description
        if model.startswith("kams.pipeline.change"):
            context = {"kams_from": then}
        if model == "kams.deal.history":
            domain = [
                (*leaf[:2], str(leaf[2]))
                if isinstance(leaf, tuple) and leaf[0].startswith("valid") and leaf[2]
                else leaf
                for leaf in env[model]._as_of_domain(now - timedelta(days=365))
            ]
            name = "Pipeline as of a day a year ago"
        yield {"name": f"{name} ({model})", "calls": report(env[model], domain, context)}
    for model in FIGURES:
        record = env[model].search([], limit=1)
        fields = {name: {} for name in env[model]._fields}
        yield {
            "name": f"{env[model]._description} ({model})",
            "calls": [call(model, "web_read", record.ids, fields), *buttons(record)],
        }
    for key in DASHBOARDS:
        dashboard = env.ref(f"kams_sales.kams_{key}_dashboard")
        asked = Written()
        for request in requests(env, dashboard):
            request(asked)
        yield {"name": f"Dashboard {dashboard.name}", "calls": asked.calls}


def report(model, domain, context):
    """A page of a report as the client opens it: its views, each of them, and what a row leads to."""
    views = {kind: etree.fromstring(model.get_view(None, kind)["arch"]) for kind in ("list", "pivot", "graph")}
    options = {"context": context}
    found = [call(model._name, "get_views", views=[[False, kind] for kind in views], options={"toolbar": True})]
    if groups := fields_of(views["graph"], "row", "col"):
        measures = [*aggregates(model, fields_of(views["graph"], "measure")), "__count"]
        found.append(call(model._name, "formatted_read_group", domain, groups, measures, **options))
    if groups := fields_of(views["pivot"], "row", "col"):
        measures = [*aggregates(model, fields_of(views["pivot"], "measure")), "__count"]
        sets = [groups[:size] for size in range(len(groups) + 1)]
        found.append(call(model._name, "formatted_read_grouping_sets", domain, sets, measures, **options))
    columns = [
        node.get("name")
        for node in views["list"].iterchildren("field")
        if node.get("optional") != "hide" and node.get("column_invisible") not in ("1", "True")
    ]
    found.append(call(model._name, "web_search_read", domain, {name: {} for name in columns}, limit=80, **options))
    row = model.with_context(**context).search(domain, limit=1)
    return found + buttons(row, context)


def fields_of(view, *types):
    """The fields of a pivot or graph that stand for rows, columns or measures, with what dates are grouped by."""
    usual = "row" if view.tag == "graph" else None
    shown = [node for node in view.iter("field") if node.get("invisible") not in ("1", "True")]
    found = [node for node in shown if node.get("type", usual) in types]
    return [":".join(filter(None, (node.get("name"), node.get("interval")))) for node in found]


def buttons(record, context=None):
    """What a row leads to: nothing of it writes. A figure of a person's work is named by the client, and left out."""
    kind = type(record)
    names = [name for name in dir(kind) if name.startswith("action_") and name != "action_part"] if record else []
    names = [
        name for name in names if name.startswith("action_open") or getattr(getattr(kind, name), "_readonly", False)
    ]
    return [call(record._name, name, record.ids, context=context or {}) for name in names]


def call(model, method, *args, **kwargs):
    return {"model": model, "method": method, "args": args, "kwargs": kwargs}


class Written:
    """Notes what dev/bench_dashboards.py would ask."""

    def __init__(self):
        self.calls, self.client = [], self

    def get(self, address):
        self.calls.append({"get": address})

    def call(self, method, *args, model, **kwargs):
        if method != "fields_get":  # what fields are called; Odoo itself asks its primary, and keeps the answer
            self.calls.append(call(model, method, *args, **kwargs))
