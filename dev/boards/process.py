"""Process control: do deals follow the way of selling, who waives it, and what skipped points go with."""

from dev.dashboard_parts import Bars, Board, Card, Chart, Cloud, Table, many, months, named, phases

MODEL, ACTION, PHASE = "kams.compliance", "kams_compliance_action", ["phase_code"]
MENU, WAIVERS, LOSSES = "kams_menu_compliance", "kams_menu_compliance_waivers", "kams_menu_compliance_losses"
WAIVED = [("state", "=", "waived")]

PROCESS = Board(
    key="process",
    filters=["period", "team", "company", "user"],
    match={
        MODEL: {
            "period": "left_at:datetime",
            "team": "team_id",
            "company": "company_id",
            "user": "user_id",
        },
        "kams.performance": {
            "period": "date_from:date",
            "team": "team_id",
            "company": "company_id",
            "user": "user_id",
        },
        "kams.winloss": {
            "period": "date:date",
            "team": "lead_id.team_id",
            "company": "company_id",
            "user": "lead_id.user_id",
        },
    },
    cards=[
        Card("Compliance (%)", MODEL, "compliance", 71.4, MENU, format="percent"),
        Card("Compliance with Waivers (%)", MODEL, "compliance_waived", 85.7, MENU, format="percent"),
        Card("Weighted Compliance (%)", MODEL, "compliance_weighted", 70.6, MENU, format="percent"),
        Card("Points Missing", MODEL, "missing", 23, MENU, format="number", good=False),
        Card("Points Waived", MODEL, "waived", 14, WAIVERS, format="number", good=False),
        Card(
            "Win and Loss Reviews Owed",
            "kams.winloss",
            "__count",
            5,
            "kams_menu_winloss",
            [("state", "=", "draft")],
            "number",
            good=False,
        ),
    ],
    charts=[
        Cloud(
            "Compliance (→) and Win Rate (↑) of Each Salesperson, %",
            "kams.performance",
            "user_id",
            "compliance",
            ("win_rate",),
            "kams_menu_performance",
            [(88, 52), (81, 44), (76, 47), (69, 31), (62, 35), (55, 24)],
            [("kind", "=", "person")],
            word="Salesperson",
            format="percent",
        ),
        Bars("Compliance by Phase (%)", "bar", MODEL, "compliance", PHASE, MENU, phases(88, 79, 74, 66, 81)),
        Chart(
            "Compliance by Month (%)",
            "line",
            MODEL,
            "compliance",
            ["left_at:month"],
            ACTION,
            months(62, 65, 68, 66, 70, 74),
            [("left_at", "!=", False)],
        ),
        Bars(
            "Points That Are Missing Most",
            "bar",
            MODEL,
            "missing",
            ["point_label"],
            MENU,
            named("Control Point", 9, 6, 4, 3, 1),
        ),
        Chart(
            "Waivers by Director",
            "bar",
            MODEL,
            "waived",
            ["waiver_approver_id"],
            "kams_compliance_waiver_action",
            named("Director", 8, 4, 2),
            WAIVED,
            order="DESC",
        ),
        Bars(
            "Won More Often Where Met (Points, from 20 Deals)",
            "bar",
            MODEL,
            "difference",
            ["point_label"],
            LOSSES,
            named("Control Point", 24, 17, 11, 6, -3),
            sort="difference",
        ),
    ],
    tables=[
        Table(
            "Compliance by Control Point",
            MODEL,
            ["point_label"],
            ["applicable", "met", "waived", "missing", "compliance", "difference"],
            LOSSES,
            many("Control Point", [42, 30, 3, 9, 71.4, 24], [40, 32, 2, 6, 80, 17], [38, 31, 3, 4, 81.6, 11]),
            [
                *("", "Points That Apply", "Points Met (All)", "Points Waived", "Points Missing", "Compliance (%)"),
                "Won More Often Where Met (Points)",
            ],
            sort="missing",
            rows=12,
        ),
        Table(
            "Result and Process of Each Salesperson",
            "kams.performance",
            ["user_id"],
            ["won_amount", "win_rate", "compliance", "advance_rate", "late_rate", "step_rate"],
            "kams_menu_performance",
            many("Salesperson", [2_400_000, 52, 88, 61, 4, 8], [1_900_000, 44, 81, 55, 9, 12]),
            [
                *("", "Amount Won", "Win Rate (%)", "Compliance (%)", "Advance Rate (%)", "Recorded Late (%)"),
                "Without Next Step (%)",
            ],
            [("kind", "=", "person")],
            sort="won_amount",
        ),
        Table(
            "Compliance by Salesperson",
            MODEL,
            ["user_id"],
            ["applicable", "met", "waived", "missing", "compliance", "compliance_waived"],
            MENU,
            many("Salesperson", [120, 96, 8, 16, 80, 86.7], [104, 74, 6, 24, 71.2, 76.9]),
            [
                *("", "Points That Apply", "Points Met (All)", "Points Waived", "Points Missing", "Compliance (%)"),
                "Compliance with Waivers (%)",
            ],
            sort="missing",
        ),
    ],
)
