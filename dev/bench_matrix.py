"""What a response matrix of 2,000 clauses costs, against a list of as many tasks in Odoo's own project.

Both stand in one database, each on one record: a tender, a project. They are opened, filtered and changed by RPC, as
the web client does it.
"""

from dev import bench_screens as screens

CLAUSES = 2000


class Matrix(screens.Browser):
    """One logged-in user who works through a long list."""

    def __init__(self, database, env, records, head, own, open_ones, answer):
        """
        :param head: the link to the one record that all stand on
        :param own: the list's view
        :param open_ones: the domain of what is still to do
        :param answer: a field and the two values that take turns when one row is saved
        """
        self.login(database)
        self.model, self.ids, self.list = records._name, records.ids, env.ref(own).id
        self.domain, self.open_ones = [(head, "=", records[head].id)], open_ones
        self.spec = screens.view_spec(env, "list", self.list, self.model)
        self.field, self.values = answer
        self.turn = 0

    def _read(self, domain):
        found = self.call(
            "web_search_read",
            model=self.model,
            domain=domain,
            specification=self.spec,
            limit=80,
            count_limit=10001,
            context={"bin_size": True},
        )
        assert found["records"], domain

    def open_list(self):
        self._read(self.domain)

    def open_list_first(self):
        views = [[self.list, "list"], [False, "form"], [False, "search"]]
        self.call("get_views", model=self.model, views=views, options={"toolbar": True})
        self.open_list()

    def filter(self):
        self._read([*self.domain, *self.open_ones])

    def save_one(self):
        self.turn += 1
        values = {self.field: self.values[self.turn % 2]}
        self.call("web_save", [self.ids[self.turn % CLAUSES]], values, model=self.model, specification=self.spec)


def _tasks(database, env):
    env = env(user=env.ref("base.user_admin"))  # tasks that one gives to oneself are announced to nobody
    project = env["project.project"].create({"name": "Bench project"})
    tasks = env["project.task"].create(
        [
            {
                "project_id": project.id,
                "name": f"Task {n}: the boiler reaches full load within {n} minutes",
                "state": "01_in_progress" if n % 2 else "1_done",
                "user_ids": [(6, 0, [env.uid])],
                "date_deadline": "2030-01-01",
            }
            for n in range(CLAUSES)
        ]
    )
    open_ones = [("state", "=", "01_in_progress")]
    answer = ("state", ("1_done", "01_in_progress"))
    return Matrix(database, env, tasks, "project_id", "project.view_task_tree2", open_ones, answer)


def _clauses(database, env):
    deal = env["crm.lead"].create(
        {"name": "Bench bid", "type": "opportunity", "team_id": env.ref("kams_sales.team_key_accounts").id}
    )
    tender = env["kams.tender"].create({"lead_id": deal.id, "name": "Bench tender"})
    clauses = env["kams.tender.clause"].create(
        [
            {
                "tender_id": tender.id,
                "clause_no": str(n),
                "text": f"{'★' if n % 9 == 0 else ''}The boiler reaches full load within {n} minutes",
                "status": "tbd" if n % 2 else "comply",
                "user_id": env.ref("base.user_admin").id,
                "date_due": "2030-01-01",
                "sequence": n,
            }
            for n in range(CLAUSES)
        ]
    )
    open_ones = [("status", "=", "tbd")]
    answer = ("status", ("comply", "tbd"))
    return Matrix(database, env, clauses, "tender_id", "kams_sales.kams_tender_clause_view_list", open_ones, answer)


def lines(database, line):
    """The rows of the table."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"mail_create_nosubscribe": True})
        theirs, ours = _tasks(database, env), _clauses(database, env)
        cr.commit()
        cr.execute("ANALYZE")
        cr.commit()
        return [
            screens.paired(name, theirs, ours, "1.30", screen, env, line)
            for name, screen in (
                (f"Open a matrix of {CLAUSES:,} clauses, against {CLAUSES:,} tasks of a project", "open_list"),
                ("… first, with its views", "open_list_first"),
                ("… filter those to answer", "filter"),
                ("… save one status", "save_one"),
            )
        ]
