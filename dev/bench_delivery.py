"""What it costs to make a project of 200 tasks from a contract, against Odoo's own copy of a project of that size."""

TASKS, PHASES, PROMISES = 200, 8, 10


class Making:
    """One side: Odoo's copy of a project, or the step from a contract to its project."""

    def __init__(self, side):
        self.side, self.env = side, side.env


def _template(env, roles):
    return env["kams.delivery.template"].create(
        {
            "name": "Bench",
            "phase_ids": [
                (
                    0,
                    0,
                    {
                        "name": f"Phase {phase}",
                        "sequence": phase,
                        "weight": 100 / PHASES,
                        "offset": 10 * phase,
                        "duration": 10,
                        "task_ids": [
                            (
                                0,
                                0,
                                {
                                    "name": f"Task {phase}.{n}",
                                    "hours": 8,
                                    "role_id": roles[n % len(roles)].id,
                                    "description": "As the drawing says",
                                },
                            )
                            for n in range(TASKS // PHASES)
                        ],
                    },
                )
                for phase in range(PHASES)
            ],
        }
    )


def _contract(env):
    """A contract with a handover, promises of which become tasks beside the 200."""
    deal = env["crm.lead"].create(
        {
            "name": "Bench delivery",
            "type": "opportunity",
            "team_id": env.ref("kams_sales.team_key_accounts").id,
            "partner_id": env["res.partner"].create({"name": "Bench works", "is_company": True}).id,
        }
    )
    env["kams.handover"].create(
        {
            "lead_id": deal.id,
            "line_ids": [(0, 0, {"section": "promise", "name": f"Promise {n}"}) for n in range(PROMISES)],
        }
    )
    return env["kams.contract"].create({"lead_id": deal.id, "date_start": "2030-01-01"})


def lines(side, paired):
    """The rows of the table."""
    env = side.env
    roles = env["project.role"].create([{"name": f"Bench role {n}"} for n in range(4)])
    person = env.ref("base.user_admin")
    template, contract = _template(env, roles), _contract(env)

    def wizard(promises):
        return env["kams.delivery.make"].create(
            {
                "lead_id": contract.lead_id.id,
                "contract_id": contract.id,
                "template_id": template.id,
                "promises": promises,
                "user_id": person.id,
                "role_ids": [(0, 0, {"role_key": role.id, "name": role.name, "user_id": person.id}) for role in roles],
            }
        )

    made = env["kams.delivery"].browse(wizard(False).action_make()["res_id"]).project_id
    assert len(made.task_ids) == TASKS, len(made.task_ids)
    side.cr.commit()
    theirs, ours = Making(side), Making(side)

    def prepare(making):
        return wizard(True) if making is ours else made

    def operate(making, subject):
        return subject.action_make() if making is ours else subject.copy()

    name = f"Make a project of {TASKS} tasks from a contract, with {PROMISES} promises, against a project's copy"
    return [paired(name, theirs, ours, "1.30", prepare, operate)]
