"""What the board of phases costs, against the board of as many tasks in Odoo's own project.

Both stand in one database, 80 cards each in three columns. Our cards say how far each phase is by its tasks, of which
there are five on each milestone.
"""

from datetime import date, timedelta

from dev import bench_screens as screens

DELIVERIES, PHASES, TASKS = 10, 8, 5


class Board(screens.Browser):
    """One logged-in user who looks at a board."""

    def __init__(self, database, env, records, board, column):
        self.login(database)
        self.model, self.column, self.board = records._name, column, env.ref(board).id
        self.domain = [("id", "in", records.ids)]
        self.spec = screens.view_spec(env, "kanban", self.board, self.model)
        self.listed = screens.view_spec(env, "list", False, self.model)

    def open_board(self):
        found = self.call(
            "web_read_group",
            model=self.model,
            domain=self.domain,
            groupby=[self.column],
            aggregates=[],
            auto_unfold=True,
            unfold_read_specification=self.spec,
            unfold_read_default_limit=80,
        )
        assert found["groups"]

    def open_board_first(self):
        views = [[self.board, "kanban"], [False, "list"], [False, "form"], [False, "search"]]
        self.call("get_views", model=self.model, views=views, options={"toolbar": True})
        self.open_board()

    def open_list(self):
        found = self.call(
            "web_search_read",
            model=self.model,
            domain=self.domain,
            specification=self.listed,
            limit=80,
            count_limit=10001,
            context={"bin_size": True},
        )
        assert found["records"]


def _deliveries(env):
    """Deliveries half way through, with projects of their own."""
    deal = env["crm.lead"].create(
        {"name": "Bench delivery", "type": "opportunity", "team_id": env.ref("kams_sales.team_key_accounts").id}
    )
    admin = env.ref("base.user_admin")
    projects = env["project.project"].create(
        [{"name": f"Bench project {n}", "allow_milestones": True, "user_id": admin.id} for n in range(DELIVERIES)]
    )
    deliveries = env["kams.delivery"].create(
        [{"lead_id": deal.id, "user_id": admin.id, "project_id": project.id} for project in projects]
    )
    start = date.today() - timedelta(days=40)
    phases = env["kams.delivery.phase"].create(
        [
            {
                "delivery_id": delivery.id,
                "name": f"Phase {n}",
                "sequence": n,
                "weight": 100 / PHASES,
                "budget": 1000.0,
                "user_id": admin.id,
                "baseline_start": start + timedelta(days=10 * n),
                "baseline_end": start + timedelta(days=10 * n + 9),
            }
            for delivery in deliveries
            for n in range(PHASES)
        ]
    )
    for phase in phases.filtered(lambda one: one.sequence < 3):
        phase.actual_end = phase.baseline_end
    return phases


def _tasks(env, phases):
    """On each milestone as many tasks, some of them done; the first of each is a card of Odoo's board."""
    admin = env.ref("base.user_admin")
    stages = env["project.task.type"].create(
        [
            {"name": name, "sequence": n, "project_ids": [(6, 0, phases.delivery_id.project_id.ids)]}
            for n, name in enumerate(("To Do", "Doing", "Done"))
        ]
    )
    tasks = env["project.task"].create(
        [
            {
                "name": f"Task {n} of {phase.name}",
                "project_id": phase.delivery_id.project_id.id,
                "milestone_id": phase.milestone_id.id,
                "stage_id": stages[place % 3].id,
                "state": "1_done" if place % 3 == 2 else "01_in_progress",
                "allocated_hours": 8.0,
                "user_ids": [(6, 0, admin.ids)],
                "date_deadline": phase.baseline_end,
            }
            for place, phase in enumerate(phases)
            for n in range(TASKS)
        ]
    )
    return tasks[::TASKS]


def lines(database, line):
    """The rows of the table."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry

    with Registry(database).cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"mail_create_nosubscribe": True})
        admin = env(user=env.ref("base.user_admin"))  # tasks that one gives to oneself are announced to nobody
        phases = _deliveries(admin)
        tasks = _tasks(admin, phases)
        cr.commit()
        cr.execute("ANALYZE")
        cr.commit()
        theirs = Board(database, env, tasks, "project.view_task_kanban", "stage_id")
        ours = Board(database, env, phases, "kams_sales.kams_delivery_phase_view_kanban", "state")
        count = DELIVERIES * PHASES
        return [
            screens.paired(name, theirs, ours, "1.30", screen, env, line)
            for name, screen in (
                (f"Open the board of {count} phases, against {count} tasks", "open_board"),
                ("… first, with its views", "open_board_first"),
                ("… as a list", "open_list"),
            )
        ]
