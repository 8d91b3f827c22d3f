"""A process whose first phases ask for what plain Odoo holds, so that tests of the engines stay short."""

from odoo import Command

# (code, name, level, evidence model, path, domain, hint), phase by phase
POINTS = {
    "development": [
        (
            "S1-O1",
            "Customer identified",
            "mandatory",
            "crm.lead",
            "id",
            "[('partner_id', '!=', False)]",
            "Choose the customer on the deal.",
        ),
        (
            "S1-O2",
            "First meeting held",
            "mandatory",
            "calendar.event",
            "opportunity_id",
            "[('stop', '<=', 'now')]",
            "Hold a meeting with the customer and keep it in the calendar, linked to the deal.",
        ),
        (
            "S1-O3",
            "Customer can be reached",
            "advisory",
            "crm.lead",
            "id",
            "['|', ('email_from', '!=', False), ('phone', '!=', False)]",
            "Write an e-mail address or a telephone number on the deal.",
        ),
    ],
    "initiation": [
        (
            "S2-O1",
            "Expected revenue set",
            "mandatory",
            "crm.lead",
            "id",
            "[('expected_revenue', '>', 0)]",
            "Write the expected revenue on the deal.",
        ),
        (
            "S2-O2",
            "Expected closing date set",
            "mandatory",
            "crm.lead",
            "id",
            "[('date_deadline', '!=', False)]",
            "Write the expected closing date on the deal.",
        ),
        (
            "S2-O3",
            "Procurement mode known",
            "mandatory",
            "crm.lead",
            "id",
            "[('kams_procurement_mode', '!=', False)]",
            "Ask how the customer buys, and choose the procurement mode on the deal.",
        ),
    ],
}


def starter_process(env):
    """The shipped process, active, with these points in place of its chapters' own."""
    process = env.ref("kams_sales.process_default").copy({"name": "Starter"})
    for phase in process.phase_ids:
        if phase.code not in POINTS:
            continue
        kept = phase.point_ids.filtered(lambda point: point.code.startswith("A0-"))
        (phase.point_ids - kept).unlink()
        phase.activity_plan_id = False
        commands = [
            Command.create(
                {
                    "sequence": 10 * number,
                    "code": code,
                    "name": name,
                    "level": level,
                    "owner_role": "sales",
                    "evidence_model": model,
                    "evidence_path": path,
                    "evidence_domain": domain,
                    "evidence_hint": hint,
                }
            )
            for number, (code, name, level, model, path, domain, hint) in enumerate(POINTS[phase.code], 1)
        ]
        if phase.code == "initiation":
            commands.append(
                Command.create(
                    {
                        "sequence": 40,
                        "code": "S2-O4",
                        "name": "Next step planned",
                        "level": "advisory",
                        "owner_role": "sales",
                        "rule_type": "named",
                        "rule_key": "next_step_planned",
                        "evidence_hint": "Plan an activity that is not overdue, or a meeting to come.",
                    }
                )
            )
        for number, point in enumerate(kept, 1):
            point.sequence = 30 + 10 * number
        phase.point_ids = commands
    process.action_activate()
    return process
