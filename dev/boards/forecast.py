"""Forecast: what is in the pipeline, how it changed, and how good our forecasts were."""

from dev.dashboard_parts import Bars, Board, Card, Chart, Rows, Table, day, many, months, phases, said, some, text

MODEL, ACTION, MENU, PHASE = "kams.pipeline", "kams_pipeline_action", "kams_menu_open_deals", ["phase_code"]
ACCURACY, AGAINST = "kams.forecast.accuracy", "kams_menu_forecast_accuracy"
# Forecasts of people: those of their teams and companies say the same once more
PEOPLE = [("kind", "=", "forecast"), ("scope", "=", "user")]
OWN = {"team": "team_id", "company": "company_id", "user": "user_id"}

FORECAST = Board(
    key="forecast",
    filters=["period", "team", "company", "user"],
    match={
        MODEL: {"period": "date_deadline:date", **OWN},
        "kams.pipeline.change": {"period": "date_deadline:date", **OWN},
        ACCURACY: {"period": "date_from:date", **OWN},
    },
    cards=[
        Card("Open Pipeline", MODEL, "amount", 18_600_000, MENU),
        Card("Weighted by Policy", MODEL, "weighted", 7_520_000, MENU),
        Card("Weighted by Own History", MODEL, "weighted_own", 5_800_000, MENU),
        Card("Stagnant Deals", MODEL, "stagnant", 6, MENU, format="number", good=False),
        Card("Forecast Error: WAPE (%)", ACCURACY, "wape", 8.4, AGAINST, PEOPLE, "percent", good=False),
        Card("Forecast Bias (%)", ACCURACY, "bias", 1.2, AGAINST, PEOPLE, "percent", good=False),
    ],
    charts=[
        Bars(
            "What Changed in 90 Days",
            "waterfall",
            "kams.pipeline.change",
            "amount",
            ["kind"],
            "kams_menu_pipeline_change",
            said(
                [
                    ("Pipeline at the Start", 16_200_000),
                    ("New Deals", 5_100_000),
                    ("Raised", 900_000),
                    ("Cut", -600_000),
                    ("Won Deals", -1_900_000),
                    ("Lost Deals", -1_100_000),
                ]
            ),
            [("kind", "!=", "closing")],
            wide=True,
            context={"kams_days": 90},
            left="Pipeline at the End",
        ),
        Chart(
            "Pipeline by Expected Closing",
            "bar",
            MODEL,
            "amount",
            ["date_deadline:month"],
            ACTION,
            months(2_900_000, 4_100_000, 3_600_000, 3_000_000, 2_800_000, 2_200_000, last=5),
            some("amount"),
        ),
        Bars(
            "Pipeline by Phase",
            "bar",
            MODEL,
            ["amount", "weighted", "weighted_own"],
            PHASE,
            MENU,
            phases(
                (2_000_000, 200_000, 200_000),
                (3_600_000, 720_000, 600_000),
                (4_000_000, 1_200_000, 1_000_000),
                (6_000_000, 3_000_000, 2_000_000),
                (3_000_000, 2_400_000, 2_000_000),
            ),
            points=6,
            titles=("Amount", "Weighted by Policy", "Weighted by Own History"),
        ),
        Bars(
            "Forecast against Actual",
            "bar",
            ACCURACY,
            ["adjusted", "actual_won", "actual_invoiced"],
            ["date_from:month"],
            AGAINST,
            months(
                (1_000_000, 800_000, 700_000),
                (1_200_000, 1_250_000, 1_100_000),
                (900_000, 1_000_000, 950_000),
                (1_100_000, 1_100_000, 1_000_000),
            ),
            PEOPLE,
            titles=("Forecast after Adjustment", "Actually Won", "Actually Invoiced"),
        ),
        Bars(
            "Forecast Error by Month: WAPE (%)",
            "line",
            ACCURACY,
            "wape",
            ["date_from:month"],
            AGAINST,
            months(25, 4, 10, 0.5),
            PEOPLE,
        ),
    ],
    tables=[
        Rows(
            "Largest Stagnant Deals",
            MODEL,
            ["lead_id", "phase_code", "user_id", "amount", "phase_days", "median_days", "ageing"],
            [("amount", False)],
            MENU,
            many(
                "Deal",
                [text("Proposal"), "", 2_100_000, 50, 30, 1.7],
                [text("Tendering"), "", 900_000, 96, 45, 2.1],
            ),
            ["Deal", "Phase", "Salesperson", "Amount", "Days in Phase", "Median Days", "Ageing"],
            [("is_stagnant", "=", True)],
        ),
        Rows(
            "Next Step Missing or Stale",
            MODEL,
            ["lead_id", "phase_code", "user_id", "amount", "step_state", "next_step_date", "last_contact"],
            [("amount", False)],
            MENU,
            many(
                "Deal",
                [text("Initiation"), "", 1_200_000, text("Next Step Missing"), "", day(-41)],
                [text("Proposal"), "", 700_000, text("Next Step Stale"), day(-35), day(-38)],
            ),
            ["Deal", "Phase", "Salesperson", "Amount", "Next Step", "Next Step On", "Last Contact"],
            [("step_state", "in", ["missing", "stale"])],
            days=("next_step_date", "last_contact"),
        ),
        Table(
            "Forecasts of Each Salesperson",
            ACCURACY,
            ["user_id"],
            ["forecast", "adjusted", "actual_won", "actual_invoiced", "wape", "bias"],
            AGAINST,
            many(
                "Salesperson",
                [1_300_000, 1_250_000, 1_200_000, 1_050_000, 4.2, 4.2],
                [900_000, 850_000, 1_000_000, 900_000, 15, -15],
            ),
            [
                *("", "Forecast", "Forecast after Adjustment", "Actually Won", "Actually Invoiced", "WAPE (%)"),
                "Bias (%)",
            ],
            PEOPLE,
            sort="forecast",
        ),
    ],
)
