"""Bids: which tenders run, how they end, which guarantees are out."""

from dev.dashboard_parts import Board, Card, Chart, Rows, day, many, months, said, some, text

RUNNING = [("state", "!=", "closed"), ("is_live", "=", True)]
WON = [("result", "=", "won")]
OUT = [("state", "=", "paid")]

BIDS = Board(
    key="bids",
    filters=["period", "team", "company", "user"],
    match={
        "kams.tender": {
            "period": "bid_deadline:datetime",
            "team": "lead_id.team_id",
            "company": "company_id",
            "user": "lead_id.user_id",
        },
        "kams.guarantee": {
            "period": "due_back:date",
            "team": "lead_id.team_id",
            "company": "company_id",
            "user": "lead_id.user_id",
        },
        "kams.winloss": {
            "period": "date:date",
            "team": "lead_id.team_id",
            "company": "company_id",
            "user": "lead_id.user_id",
        },
    },
    cards=[
        Card("Running Tenders", "kams.tender", "__count", 9, "kams_menu_tender_list", RUNNING, "number"),
        Card(
            "Bids Submitted",
            "kams.tender",
            "__count",
            31,
            "kams_menu_tender_submissions",
            [("state", "in", ["submitted", "opened", "closed"]), ("is_live", "=", True)],
            "number",
        ),
        Card(
            "Awarded to Us", "kams.tender", "__count", 12, "kams_menu_tender_list", [("result", "=", "won")], "number"
        ),
        Card(
            "Bids Won (%)",
            "kams.tender",
            "__count",
            38.7,
            "kams_menu_tender_list",
            WON,
            "percent",
            below=("__count", [("result", "in", ["won", "lost"])]),
        ),
        Card(
            "Awarded to Another",
            "kams.tender",
            "__count",
            19,
            "kams_menu_tender_list",
            [("result", "=", "lost")],
            "number",
            good=False,
        ),
        Card(
            "Guarantees Out", "kams.guarantee", "outstanding_company", 860_000, "kams_menu_guarantees", OUT, good=False
        ),
    ],
    charts=[
        Chart(
            "Tenders by Status",
            "bar",
            "kams.tender",
            "__count",
            ["state"],
            "kams_tender_action",
            said([("Registered", 12), ("Preparing", 9), ("Submitted", 7), ("Opened", 4)]),
            RUNNING,
        ),
        Chart(
            "Results by Month",
            "bar",
            "kams.tender",
            "__count",
            ["bid_deadline:month", "result"],
            "kams_tender_action",
            months(3, 5, 4, 6, 5, 8),
            [("result", "!=", False)],
            stacked=True,
        ),
        Chart(
            "Why We Lose",
            "bar",
            "kams.winloss",
            "__count",
            ["main_reason"],
            "kams_winloss_action",
            said([("Price", 8), ("Technical Solution", 5), ("Relationship and Trust", 4), ("Contract Terms", 2)]),
            [("result", "=", "lost")],
            order="DESC",
        ),
        Chart(
            "Tenders by Procurement Mode",
            "pie",
            "kams.tender",
            "__count",
            ["mode"],
            "kams_tender_action",
            said([("Open tender", 17), ("Invited tender", 8), ("Competitive negotiation", 5)]),
        ),
        Chart(
            "Guarantees Out by Kind",
            "bar",
            "kams.guarantee",
            "outstanding_company",
            ["kind"],
            "kams_guarantee_action",
            said([("Bid Bond", 240_000), ("Performance Bond", 420_000), ("Quality Retention", 200_000)]),
            [*OUT, *some("outstanding_company")],
        ),
        Chart(
            "Guarantees Due Back by Month",
            "bar",
            "kams.guarantee",
            "outstanding_company",
            ["due_back:month"],
            "kams_guarantee_action",
            months(60_000, 120_000, 90_000, 210_000, 180_000, 200_000),
            [*OUT, *some("outstanding_company")],
        ),
    ],
    tables=[
        Rows(
            "Next Bid Deadlines",
            "kams.tender",
            ["name", "lead_id", "tenderee_id", "state", "user_id", "bid_deadline"],
            [("bid_deadline", True)],
            "kams_menu_tender_list",
            many(
                "Tender",
                ["", "", text("Preparing"), "", day(4)],
                ["", "", text("Registered"), "", day(15)],
            ),
            ["Tender", "Deal", "Tenderee", "Status", "Bid Manager", "Bid Deadline"],
            [*RUNNING, ("bid_deadline", ">=", "today")],
        ),
        Rows(
            "Guarantees to Get Back",
            "kams.guarantee",
            ["lead_id", "kind", "beneficiary_id", "user_id", "due_back", "outstanding_company"],
            [("due_back", True)],
            "kams_menu_guarantees",
            many(
                "Deal",
                [text("Bid Bond"), "", "", day(-3), 80_000],
                [text("Performance Bond"), "", "", day(20), 150_000],
            ),
            ["Deal", "Kind", "Beneficiary", "Person in Charge", "Due Back", "Outstanding"],
            OUT,
        ),
    ],
)
