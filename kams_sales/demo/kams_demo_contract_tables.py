"""Negotiations, contracts, schedules of payment and handovers of the demo deals."""

# Kind, unit, better, opening, target, where we stop, their target, where they stop, weight, agreed
ISSUES = {
    "robots": [
        ("price", "1,000", "higher", 441, 420, 385, 390, 430, 50, 420),
        ("payment", "% before delivery", "higher", 40, 30, 20, 10, 30, 30, 30),
        ("warranty", "months", "lower", 12, 12, 24, 36, 18, 20, 18),
    ],
    "cleanroom": [
        ("price", "1,000", "higher", 252, 240, 225, 220, 242, 40, None),
        ("payment", "% before delivery", "higher", 40, 30, 20, 0, 30, 25, None),
        ("damages", "% of the contract", "lower", 3, 5, 8, 10, 5, 20, None),
        ("training", "people", "lower", 6, 8, 12, 20, 10, 15, None),
    ],
}
# Round, issue, what we give, worth, in return for
CONCESSIONS = {
    "robots": [
        (1, "price", "5 % off the list price", 21_000, "Order before the end of the quarter"),
        (2, "warranty", "Six months more warranty", 9_000, "30 % before delivery"),
    ],
    "cleanroom": [
        (1, "price", "Freight to Basel at our cost", 4_000, "One order for all six robots"),
        (2, "training", "Training of two more people", 2_000, "30 % before delivery"),
        (3, "damages", "Damages up to 6 %", 1_500, "Acceptance within ten days"),
    ],
}
PLANS = {
    "robots": ("Sell the twelve robots to the rental fleet in May", "Their second choice delivers in eight months"),
    "cleanroom": ("Keep the slot for the furnace project", "Two carts of their present supplier, and more people"),
}
# Days ago within the phase, name, minutes, next step, movements {issue: (theirs, ours)}, given (concession, amount)
ROUNDS = {
    "robots": [
        (
            8,
            "First round with the supply chain",
            "They want one price for both sites; payment is a matter of their treasury.",
            "Ask treasury for 30 % before delivery",
            {"price": (390, 430), "payment": (10, 40), "warranty": (36, 12)},
            [("5 % off the list price", 21_000, "Order before the end of the quarter")],
        ),
        (
            3,
            "Second round with the treasury",
            "30 % with the order against eighteen months of warranty.",
            "Draft of the contract by Friday",
            {"price": (420, 420), "payment": (30, 30), "warranty": (18, 18)},
            [("Six months more warranty", 9_000, "30 % before delivery")],
        ),
    ],
    "cleanroom": [
        (
            4,
            "First round at Basel",
            "Price is close; damages are what their lawyers care about.",
            "Send our text on damages",
            {"price": (225, 248), "payment": (0, 40), "damages": (10, 3)},
            [("Freight to Basel at our cost", 4_000, "One order for all six robots")],
        ),
    ],
}
# What was left open at the table, until when (days), settled
OPEN_POINTS = {
    "robots": [("Who insures the robots between the two sites?", 2, True)],
    "cleanroom": [
        ("Cap of damages: 5 % or 8 %?", 4, False),
        ("Who validates the clean room after the installation?", 7, False),
    ],
}
# Number, subject, quality, delivery, months of warranty, cap of damages
CONTRACTS = {
    "robots": (
        "CF-2026-118",
        "Twelve warehouse robots with chargers and fleet software, two sites",
        "As the confirmed survey says; 99.2 % availability in the trial run",
        "First site within 90 days, second within 140 days of the order; installed and accepted",
        18,
        5,
    ),
    "cleanroom": (
        "HV-2026-031",
        "Six clean-room robots with dock and software",
        "ISO 14644 class 7 with the robots at work",
        "Within 120 days of the signature, installed at Basel",
        24,
        8,
    ),
}
# Code of a clause: (what the contract says, deviation, what it means, risk)
DEVIATIONS = {
    "robots": {
        "warranty": ("Eighteen months from the final acceptance", "minor", "Six months longer than ours", "2"),
    },
    "cleanroom": {
        "damages_cap": ("Up to 8 % of the contract amount", "major", "Three points above what we give", "4"),
        "warranty": ("Twenty-four months", "minor", "A year longer than ours", "3"),
    },
}
# Kind, name, share, falls due upon, days to pay, expected (days from the contract)
PAYMENTS = [
    ("advance", "With the order", 30, "signature", 15, 0),
    ("arrival", "On arrival of the first site", 40, "arrival", 30, 12),
    ("final", "On final acceptance", 25, "final", 30, 120),
    ("retention", "After the warranty", 5, "warranty_end", 30, 660),
]
