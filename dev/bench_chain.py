"""What it costs to open a decision chain of 60 people, against 60 employees in Odoo's own org chart.

Both stand in one throw-away database with ``hr_org_chart``, in the same shape: one on top, all others below, so
that all of them are on the screen at once. Each is opened as the web client does it: the action, the first time
the views, then the people.
"""

from dev import bench_screens as screens

PEOPLE = 60


class Chart(screens.Browser):
    """One logged-in user who opens an org chart."""

    def __init__(self, database, env, model, domain, parent):
        self.login(database)
        self.model, self.domain, self.parent = model, domain, parent
        people = screens.view_spec(env, "hierarchy", None, model)
        self.spec = {**people, parent: {"fields": {"display_name": {}}}, "child_ids": {}}
        modes = ("hierarchy", "kanban", "list", "form", "search")
        self.wanted = [[False, mode] for mode in modes]

    def open_action(self):
        raise NotImplementedError

    def open_chart(self):
        self.open_action()
        found = self.call(
            "hierarchy_read",
            [(self.parent, "=", False), *self.domain],
            self.spec,
            self.parent,
            "child_ids",
            "",
            model=self.model,
            context={"bin_size": True},
        )
        assert len(found) == PEOPLE, len(found)

    def open_chart_first(self):
        self.call("get_views", model=self.model, views=self.wanted, options={"toolbar": True})
        self.open_chart()


class Employees(Chart):
    def __init__(self, database, env):
        users = env["hr.employee"].create(
            [{"name": f"Bench {n}", "job_title": f"Post {n}", "company_id": env.company.id} for n in range(PEOPLE)]
        )
        users[1:].parent_id = users[0]
        self.action = env.ref("hr_org_chart.action_hr_employee_org_chart").id
        super().__init__(database, env, "hr.employee", [("name", "=like", "Bench %")], "parent_id")

    def open_action(self):
        self.answer("/web/action/load", {"action_id": self.action})


class Stakeholders(Chart):
    def __init__(self, database, env):
        customer = env["res.partner"].create({"name": "Bench customer", "is_company": True})
        contacts = env["res.partner"].create(
            [{"name": f"Bench {n}", "function": f"Post {n}", "parent_id": customer.id} for n in range(PEOPLE)]
        )
        deal = env["crm.lead"].create(
            {
                "name": "Bench chain",
                "type": "opportunity",
                "partner_id": customer.id,
                "team_id": env.ref("kams_sales.team_key_accounts").id,
            }
        )
        roles = env["kams.buying.role"].search([]).ids
        people = env["kams.stakeholder"].create(
            [
                {
                    "lead_id": deal.id,
                    "partner_id": contact.id,
                    "mh_role": False if n else "eb",
                    "buying_role_ids": [(6, 0, [roles[n % len(roles)], roles[(n + 1) % len(roles)]])],
                    "influence": str(1 + n % 5),
                    "political": ("outside", "political_structure", "inner_circle")[n % 3],
                    "attitude": str(n % 5 - 2),
                    "coverage": ("none", "brief", "multiple")[n % 3],
                }
                for n, contact in enumerate(contacts)
            ]
        )
        people[1:].reports_to_id = people[0]
        self.deal = deal.id
        super().__init__(database, env, "kams.stakeholder", [("lead_id", "=", deal.id)], "reports_to_id")

    def open_action(self):
        """The button on the deal, which also judges the chain for the chart's title."""
        params = {"model": "crm.lead", "method": "action_kams_chain", "args": [[self.deal]], "kwargs": {}}
        self.answer("/web/dataset/call_button/crm.lead/action_kams_chain", params)


def lines(database, line):
    """The rows of the table."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        theirs, ours = Employees(database, env), Stakeholders(database, env)
        cr.commit()
        return [
            screens.paired(name, theirs, ours, "1.50", screen, env, line)
            for name, screen in (
                (f"Open a decision chain of {PEOPLE} people, against an org chart of employees", "open_chart"),
                ("… first, with its views", "open_chart_first"),
            )
        ]
