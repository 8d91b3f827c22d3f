"""Funnel: how deals come through the phases, where they leak, wait and go back."""

from dev.dashboard_parts import Bars, Board, Card, Table, many, named, phases, text

MODEL, STAYS, PHASE = "kams.funnel", "kams.phase.time", ["phase_code"]
MENU, TIME, BACK = "kams_menu_funnel_phases", "kams_menu_funnel_time", "kams_menu_funnel_back"

FUNNEL = Board(
    key="funnel",
    filters=["period", "team", "company", "user", "industry", "source", "account"],
    match={
        model: {
            "period": "entered_at:datetime",
            "team": "team_id",
            "company": "company_id",
            "user": "user_id",
            "industry": "industry_id",
            "source": "source_id",
            "account": "account_id",
        }
        for model in (MODEL, STAYS)
    },
    cards=[
        Card("Deals", MODEL, "deals", 142, MENU, format="number"),
        Card("Won Deals", MODEL, "deals_won", 12, MENU, format="number"),
        Card("Lost Deals", MODEL, "deals_lost", 18, MENU, format="number", good=False),
        Card("Win Rate (%)", MODEL, "win_rate", 40, MENU, format="percent"),
        Card("Without a Decision (%)", MODEL, "undecided_rate", 22.5, MENU, format="percent", good=False),
        Card("Times Back", STAYS, "went_back", 22, BACK, format="number", good=False),
    ],
    charts=[
        Bars(
            "Deals That Entered Each Phase",
            "funnel",
            MODEL,
            "entered",
            PHASE,
            MENU,
            phases(120, 72, 48, 36, 18),
            wide=True,
        ),
        Bars(
            "Conversion by Phase (%)",
            "bar",
            MODEL,
            "conversion",
            PHASE,
            MENU,
            phases(60, 66.7, 75, 50, 66.7),
        ),
        Bars("Where Deals Leak", "bar", MODEL, "leaked", PHASE, MENU, phases(48, 24, 12, 18, 6)),
        Bars(
            "Win Probability from Each Phase (%)",
            "bar",
            MODEL,
            "win_probability",
            PHASE,
            MENU,
            phases(10, 16.7, 25, 33.3, 66.7),
        ),
        Bars(
            "Median Days in Phase",
            "bar",
            STAYS,
            "median_days",
            PHASE,
            TIME,
            phases(24, 31, 28, 45, 20),
        ),
        Bars(
            "Where Deals Go Back",
            "bar",
            STAYS,
            "went_back",
            PHASE,
            BACK,
            phases(0, 6, 9, 4, 3),
        ),
        Bars("Deals Here Now", "bar", MODEL, "present", PHASE, MENU, phases(10, 10, 8, 8, 4)),
        Bars(
            "Win Rate by Sales Team (%)",
            "bar",
            MODEL,
            "win_rate",
            ["team_id"],
            MENU,
            named("Sales Team", 44, 40, 33),
            wide=True,
        ),
    ],
    tables=[
        Table(
            "Funnel by Phase",
            MODEL,
            PHASE,
            ["entered", "advanced", "leaked", "conversion", "leak_share", "win_probability"],
            MENU,
            [
                [text("Customer Development"), 120, 72, 48, 60, 44.4, 10],
                [text("Initiation"), 72, 48, 24, 66.7, 22.2, 16.7],
                [text("Proposal"), 48, 36, 12, 75, 11.1, 25],
                [text("Tendering"), 36, 18, 18, 50, 16.7, 33.3],
                [text("Negotiation"), 18, 12, 6, 66.7, 5.6, 66.7],
            ],
            [
                *("", "Entered", "Advanced", "Leaked", "Conversion (%)", "Share of Leakage (%)"),
                "Win Probability (%)",
            ],
            rows=6,
        ),
        Table(
            "Time in Phase",
            STAYS,
            PHASE,
            ["mean_days", "median_days", "p80_days", "standard_days", "on_time_rate", "back_rate"],
            TIME,
            [
                [text("Customer Development"), 29.2, 24, 41, 30, 62, 0],
                [text("Initiation"), 35.5, 31, 48, 30, 47, 8.3],
                [text("Proposal"), 33.1, 28, 44, 30, 55, 18.7],
                [text("Tendering"), 51.4, 45, 70, 45, 51, 11.1],
                [text("Negotiation"), 24.6, 20, 33, 30, 78, 16.7],
            ],
            [
                *("", "Mean Days", "Median Days", "80 % within Days", "Standard Days", "Within Standard (%)"),
                "Went Back (%)",
            ],
            rows=6,
        ),
        Table(
            "Funnel by Salesperson",
            MODEL,
            ["user_id"],
            ["deals", "deals_won", "deals_lost", "deals_undecided", "win_rate", "present_amount"],
            MENU,
            many("Salesperson", [38, 5, 6, 3, 45.5, 2_400_000], [31, 4, 7, 2, 36.4, 1_900_000]),
            [
                *("", "Deals", "Won Deals", "Lost Deals", "Without a Decision", "Win Rate (%)"),
                "Amount Here Now",
            ],
            sort="deals_won",
        ),
    ],
)
