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
    "proposal": [
        (
            "S3-O1",
            "Quotation sent",
            "mandatory",
            "sale.order",
            "opportunity_id",
            "[('state', 'in', ('sent', 'sale'))]",
            "Make a quotation from the deal and send it to the customer.",
        ),
        (
            "S3-O2",
            "Proposal meeting held",
            "mandatory",
            "calendar.event",
            "opportunity_id",
            "[('stop', '<=', 'now')]",
            "Present the proposal to the customer: at least two meetings held in all.",
        ),
    ],
    "tendering": [
        (
            "S4-O1",
            "Bid price on a valid quotation",
            "mandatory",
            "sale.order",
            "opportunity_id",
            "[('state', 'in', ('sent', 'sale')), ('validity_date', '!=', False), ('amount_total', '>', 0)]",
            "Send a quotation with a price and an expiration date, as the bid states them.",
        ),
        (
            "S4-O2",
            "Closing date not overdue",
            "mandatory",
            "crm.lead",
            "id",
            "[('date_deadline', '>=', 'today')]",
            "Bring the expected closing date up to date with the tender's calendar.",
        ),
    ],
    "negotiation": [
        (
            "S5-O1",
            "Order confirmed",
            "mandatory",
            "sale.order",
            "opportunity_id",
            "[('state', '=', 'sale')]",
            "Confirm the quotation once the contract is signed.",
        ),
        (
            "S5-O2",
            "Customer's order on file",
            "mandatory",
            "sale.order",
            "opportunity_id",
            "[('state', '=', 'sale'), '|', ('client_order_ref', '!=', False), ('signed_by', '!=', False)]",
            "Write the customer's order or contract number on the order, or have it signed online.",
        ),
    ],
    "delivery": [
        (
            "S6-O1",
            "Project exists",
            "mandatory",
            "project.project",
            "sale_line_id.order_id.opportunity_id",
            "[]",
            "Make a project from the confirmed order.",
        ),
        (
            "S6-O2",
            "Invoice posted",
            "mandatory",
            "account.move",
            "invoice_line_ids.sale_line_ids.order_id.opportunity_id",
            "[('state', '=', 'posted'), ('move_type', '=', 'out_invoice')]",
            "Invoice the order and post the invoice.",
        ),
    ],
}
MINIMUM = {"S3-O2": 2}
# Advisory points by a rule of the addon's own: code, name, rule, hint
NEXT_STEP = ("Next step planned", "next_step_planned", "Plan an activity that is not overdue, or a meeting to come.")
NAMED = {
    "initiation": ("S2-O4", *NEXT_STEP),
    "proposal": ("S3-O3", *NEXT_STEP),
    "negotiation": (
        "S5-O3",
        "Orders cover the expected revenue",
        "order_covers_revenue",
        "Bring the expected revenue in line with what was ordered.",
    ),
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
                    "minimum": MINIMUM.get(code, 1),
                }
            )
            for number, (code, name, level, model, path, domain, hint) in enumerate(POINTS[phase.code], 1)
        ]
        if phase.code in NAMED:
            code, name, rule, hint = NAMED[phase.code]
            commands.append(
                Command.create(
                    {
                        "sequence": 40,
                        "code": code,
                        "name": name,
                        "level": "advisory",
                        "owner_role": "sales",
                        "rule_type": "named",
                        "rule_key": rule,
                        "evidence_hint": hint,
                    }
                )
            )
        for number, point in enumerate(kept, 1):
            point.sequence = 30 + 10 * number
        phase.point_ids = commands
    process.action_activate()
    return process
