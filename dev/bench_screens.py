"""Screens opened by RPC as the web client opens them, through Odoo's whole HTTP layer in this process."""

import os
import statistics
import time
from pathlib import Path

RUNS = 11
TIMES = 10
BAR = {"field": "activity_state", "colors": {"planned": "success", "today": "warning", "overdue": "danger"}}


class Browser:
    """One logged-in user of a database, and the deals that this one looks at."""

    def __init__(self, database, pipeline):
        self.login(database)
        env = pipeline.env
        self.kanban = env.ref("crm.crm_case_kanban_view_leads").id
        self.form = env.ref("crm.crm_lead_view_form").id
        self.cards = view_spec(env, "kanban", self.kanban)
        self.record = view_spec(env, "form", self.form)
        self.deals = env["crm.lead"].search([("partner_id", "=", pipeline.partner.id)], limit=80).ids

    def login(self, database):
        from werkzeug.test import Client

        from odoo.http import root

        def application(environ, start_response):
            return root({**environ, "REMOTE_ADDR": "127.0.0.1"}, start_response)

        self.client, self.database = Client(application), database
        self.answer("/web/session/authenticate", {"db": database, "login": "admin", "password": "admin"})

    def answer(self, route, params):
        answer = self.client.post(route, json={"jsonrpc": "2.0", "params": params}).json
        if "result" not in answer:
            raise RuntimeError(answer)
        return answer["result"]

    def call(self, method, *args, model="crm.lead", **kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.answer(f"/web/dataset/call_kw/{model}/{method}", params)

    # SCREENS
    def views(self):
        wanted = [[self.kanban, "kanban"], [False, "list"], [self.form, "form"], [False, "search"]]
        self.call("get_views", views=wanted, options={"toolbar": True})

    def open_pipeline(self):
        domain = [("id", "in", self.deals)]
        self.call(
            "web_read_group",
            domain=domain,
            groupby=["stage_id"],
            aggregates=["expected_revenue:sum"],
            auto_unfold=True,
            unfold_read_specification=self.cards,
            unfold_read_default_limit=80,
        )
        self.call("read_progress_bar", domain=domain, group_by="stage_id", progress_bar=BAR)

    def open_deal(self):
        self.call("web_read", self.deals[:1], specification=self.record)

    def open_pipeline_first(self):
        self.views()
        self.open_pipeline()

    def open_deal_first(self):
        self.call("get_views", views=[[self.form, "form"], [False, "search"]], options={"toolbar": True})
        self.open_deal()


def specification(env, model, arch_fields):
    """The web client's specification for the fields of a view: names of links, and lines one level deep."""
    spec = {}
    for name, (sub, visible) in arch_fields.items():
        field = env[model]._fields[name]
        if field.type == "many2one":
            spec[name] = {"fields": {"display_name": {}} if visible else {}}
        elif field.type in ("one2many", "many2many"):
            spec[name] = {"fields": specification(env, field.comodel_name, sub), "limit": 40}
        else:
            spec[name] = {}
    return spec


def arch_fields(node):
    """``{field: (sub-fields, shown at all)}`` of a view, as the client would ask for them."""
    found = {}

    def add(name, sub, visible):
        known, seen = found.get(name, ({}, False))
        found[name] = ({**known, **sub}, seen or visible)

    for child in node:
        if child.tag == "field":
            hidden = {child.get("invisible"), child.get("column_invisible")} & {"1", "True"}
            add(child.get("name"), arch_fields(child), not hidden)
        elif isinstance(child.tag, str):
            for name, (sub, visible) in arch_fields(child).items():
                add(name, sub, visible)
    return found


def view_spec(env, view_type, view_id, model="crm.lead"):
    from lxml import etree

    view = env[model].get_view(view_id, view_type)
    fields = arch_fields(etree.fromstring(view["arch"]))
    return specification(env, model, {n: s for n, s in fields.items() if n in env[model]._fields})


def cpu(database, env):
    """CPU seconds of this process and of its PostgreSQL backends on a database, where /proc shows them."""
    env.cr.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", (database,))
    total = time.process_time()
    for (pid,) in env.cr.fetchall():
        try:
            stat = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
    return total


def paired(name, theirs, ours, limit, screen, env, line):
    """Take turns, both orders alike: medians, and what they are compared with."""
    from odoo import sql_db

    figures = {theirs: [], ours: []}
    for run in range(RUNS + 1):
        for browser in (theirs, ours) if run % 2 else (ours, theirs):
            statements, start = sql_db.sql_counter, cpu(browser.database, env)
            for _turn in range(TIMES):
                getattr(browser, screen)()
            spent = cpu(browser.database, env) - start
            figures[browser].append((spent, (sql_db.sql_counter - statements - 1) / TIMES, 0))
    medians = [[statistics.median(row[n] for row in figures[side][1:]) for n in range(3)] for side in (theirs, ours)]
    ratios = [b[0] / a[0] for a, b in zip(figures[theirs][1:], figures[ours][1:], strict=True)]
    found = line(name, *medians, statistics.median(ratios), limit)
    print(found.text(), flush=True)
    return found


def lines(databases, bare, gated, plain, line):
    """The rows of all screens: Odoo without the addon against gated and against plain deals with it."""
    browsers = {pipeline: Browser(database, pipeline) for pipeline, database in databases.items()}
    env = bare.env
    rows = [
        ("Open the pipeline, 80 cards", gated, "1.10", "open_pipeline"),
        ("… first, with its views", gated, "1.10", "open_pipeline_first"),
        ("Open a deal", gated, "1.25", "open_deal"),
        ("… first, with its view", gated, "1.25", "open_deal_first"),
        ("Plain: open the pipeline", plain, "1.00", "open_pipeline"),
        ("… first, with its views", plain, "", "open_pipeline_first"),
        ("Plain: open a deal", plain, "1.00", "open_deal"),
        ("… first, with its view", plain, "", "open_deal_first"),
    ]
    return [
        paired(name, browsers[bare], browsers[side], limit, screen, env, line) for name, side, limit, screen in rows
    ]
