"""What the risk map costs, against the board and the pivot of as many tasks in Odoo's own project.

All stand in one database, each on one record: a delivery, a project. They are opened by RPC, as the web client does.
"""

from dev import bench_screens as screens

RISKS = 1000
STAGES = 5


class Board(screens.Browser):
    """Odoo's board of a project's tasks by stage, with its colours."""

    def __init__(self, database, env, project):
        self.login(database)
        self.domain = [("project_id", "=", project.id)]
        self.view = env.ref("project.view_task_kanban").id
        self.cards = screens.view_spec(env, "kanban", self.view, "project.task")

    def open_map(self):
        groups = self.call(
            "web_read_group",
            model="project.task",
            domain=self.domain,
            groupby=["stage_id"],
            aggregates=[],
            auto_unfold=True,
            unfold_read_specification=self.cards,
            unfold_read_default_limit=80,
        )
        assert groups["length"] == STAGES, groups["length"]
        self.call(
            "read_progress_bar", model="project.task", domain=self.domain, group_by="stage_id", progress_bar=screens.BAR
        )

    def open_map_first(self):
        self.call(
            "get_views",
            model="project.task",
            views=[[self.view, "kanban"], [False, "search"]],
            options={"toolbar": True},
        )
        self.open_map()


class Pivot(screens.Browser):
    """Odoo's pivot of a project's tasks by stage and state: a total of each row, of each column and of each cell."""

    def __init__(self, database, project):
        self.login(database)
        self.domain = [("project_id", "=", project.id)]

    def open_map(self):
        self.call(
            "formatted_read_grouping_sets",
            self.domain,
            model="project.task",
            grouping_sets=[[], ["stage_id"], ["state"], ["stage_id", "state"]],
            aggregates=["__count", "allocated_hours:sum"],
        )

    def open_map_first(self):
        self.call(
            "get_views", model="project.task", views=[[False, "pivot"], [False, "search"]], options={"toolbar": True}
        )
        self.open_map()


class Map(screens.Browser):
    """The risk map of a delivery, a screen of its own, with the gravest risks below it."""

    def __init__(self, database, env, delivery):
        self.login(database)
        self.context = {"default_delivery_id": delivery.id}
        self.view = env.ref("kams_sales.kams_risk_map_view_form").id
        self.spec = screens.view_spec(env, "form", self.view, "kams.risk.map")

    def open_map(self):
        found = self.call("onchange", [], {}, [], self.spec, model="kams.risk.map", context=self.context)
        assert "kams_risk_square" in found["value"]["map"], found

    def open_map_first(self):
        self.call(
            "get_views",
            model="kams.risk.map",
            views=[[self.view, "form"], [False, "search"]],
            options={"toolbar": True},
        )
        self.open_map()


def _project(env):
    env = env(user=env.ref("base.user_admin"))  # tasks that one gives to oneself are announced to nobody
    project = env["project.project"].create(
        {"name": "Bench risks", "type_ids": [(0, 0, {"name": f"Stage {n}"}) for n in range(STAGES)]}
    )
    env["project.task"].create(
        [
            {
                "project_id": project.id,
                "name": f"Task {n}",
                "stage_id": project.type_ids[n % STAGES].id,
                "allocated_hours": n % 9,
                "user_ids": [(6, 0, [env.uid])],
            }
            for n in range(RISKS)
        ]
    )
    return project


def _delivery(env):
    deal = env["crm.lead"].create(
        {"name": "Bench risks", "type": "opportunity", "team_id": env.ref("kams_sales.team_key_accounts").id}
    )
    delivery = env["kams.delivery"].create({"lead_id": deal.id})
    env["kams.risk"].create(
        [
            {
                "delivery_id": delivery.id,
                "name": f"The pumps of lot {n} come late",
                "probability": str(1 + n % 5),
                "impact": str(1 + n // 5 % 5),
                "probability_pct": 10 + n % 50,
                "impact_amount": 1000 + n,
                "user_id": env.ref("base.user_admin").id if n % 3 else False,
            }
            for n in range(RISKS)
        ]
    )
    return delivery


def lines(database, line):
    """The rows of the table."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"mail_create_nosubscribe": True, "tracking_disable": True})
        project, delivery = _project(env), _delivery(env)
        cr.commit()
        cr.execute("ANALYZE")
        cr.commit()
        board, pivot, ours = Board(database, env, project), Pivot(database, project), Map(database, env, delivery)
        return [
            screens.paired(name, theirs, ours, "1.30", screen, env, line)
            for name, theirs, screen in (
                (f"Open the map of {RISKS:,} risks, against the board of as many tasks", board, "open_map"),
                ("… first, with its views", board, "open_map_first"),
                ("… first, against the pivot of as many tasks", pivot, "open_map_first"),
            )
        ]
