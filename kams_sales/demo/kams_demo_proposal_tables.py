"""What the demo deals record in the proposal phase: demonstrations, objections, proposals. Keys are the deals'."""

# Days before the day on which the deal leaves the phase, issue, goal, scenes (title, requirement, minutes, proof),
# what those who came said (who, score, words), outcome
DEMOS = {
    "robots": (
        4,
        "Forklifts and people share one aisle",
        "Show the robots in Leeds' own aisle to picking and safety, so that they name the aisle of the pilot",
        [
            ("Two pallets through the narrow aisle", 0, 20, "Their own pallets"),
            ("Somebody steps in front of it", 1, 15, "Braking distance measured with them"),
            ("An order from the warehouse system", 2, 25, "Their test system"),
        ],
        [
            ("holt", "4", "Asked for the figures of the pilot"),
            ("ward", "5", "Wants it in two depots"),
            ("khan", "5", "Stood in front of it himself"),
        ],
        "advance",
    ),
    "signalling": (
        6,
        "Line 3 can't be closed while its signals are renewed",
        "Show the change-over of one track to operations and signalling, so that they write it into the tender",
        [
            ("One track changes over in a night", 0, 40, "Recording from the line in Qingzhou"),
            ("A train every three minutes", 1, 30, "Timetable of line 3 in our simulator"),
            ("A route set from the centre of line 1", 2, 30, "Their own interface description"),
        ],
        [
            ("gao", "4", "Wants to see the line in Qingzhou"),
            ("he", "5", "Exactly what the line needs"),
            ("sun", "4", "Asked for the proof of safety"),
            ("bai", "3", "Will compare with the other maker"),
        ],
        "advance",
    ),
    "cleanroom": (
        5,
        "Every passage of a person is a finding in the audit",
        "Show a passage without a person to quality and production, so that they fix the acceptance criteria",
        [
            ("The robot passes the lock", 1, 20, "Their own lock"),
            ("Wiped with alcohol, twenty times", 0, 15, "Surface test of the laboratory"),
        ],
        [("frei", "4", "Good, if validation agrees"), ("keller", "5", "This closes my finding")],
        "advance",
    ),
}

# Who, category, what it is in truth, severity, their words, our answer, what we showed, whether they accepted
OBJECTIONS = {
    "robots": [
        (
            *("price", "price", "doubt", "4", "Twelve robots cost more than four drivers."),
            *("Counted over five years, with the insurer's letter.", "Their own shift book", True),
        )
    ],
    "signalling": [
        (
            *("bai", "references", "doubt", "4", "Who has changed a line over while trains run?"),
            *("Qingzhou, three stations, without a closed day.", "Acceptance report of Qingzhou", True),
        ),
        (
            *("qian", "price", "genuine", "3", "The other maker asked for a tenth less."),
            *("Ten years of spare parts are in our price.", "Price sheet, line by line", False),
        ),
    ],
    "cleanroom": [
        (
            *("frei", "technical", "misunderstanding", "3", "A robot with wheels brings dirt in."),
            *("Its wheels are wiped in the lock; the counts stay below the class.", "Particle counts", True),
        )
    ],
    "coldchain": [
        (
            *("osei", "technical", "doubt", "4", "Batteries die at minus twenty-five."),
            *("", "", False),
        )
    ],
    "stamping": [
        (
            *("soler", "price", "pretext", "3", "Come back when the new budget is there."),
            *("Asked what would have to be true for this year.", "", False),
        )
    ],
    "records": [
        (
            *("xu", "change", "genuine", "4", "All three houses must go live on one day."),
            *("", "", False),
        )
    ],
}

# Title, chapters (title, text, requirements answered), benefit a year, years, how it was reckoned, the customer's word
PROPOSALS = {
    "robots": (
        "Transport robots for the depot in Leeds",
        [
            ("Summary", "Twelve robots take over the aisle; no forklift meets a person there any more.", ()),
            ("Your Need", "Picking stops whenever a forklift crosses the aisle: forty minutes each shift.", ()),
            ("Our Solution", "Robots that carry two pallets and stop for a person within half a metre.", (0, 1)),
            ("How It Fits Your Systems", "Orders come from your warehouse system through its own interface.", (2,)),
            ("Service", "Spare parts within a day, from our store in Manchester.", (3,)),
            ("Prices", "As in the price sheet.", ()),
        ],
        240_000,
        3,
        "Forty minutes a shift, and the insurer's surcharge, as reckoned with Hannah Price.",
        "Clear. Bring the plan of the pilot.",
    ),
    "signalling": (
        "Signalling renewal of line 3",
        [
            ("Summary", "Line 3 gets its new interlocking in forty nights, and trains run each day.", ()),
            ("Your Need", "The relays are of 1987; eleven closures last year; the certificate ends in December.", ()),
            ("Our Solution", "Track by track at night, each proven before the next begins.", (0, 1)),
            ("Control Centre", "Routes are set from the centre of line 1, over your own interface.", (2,)),
            ("People and Training", "A simulator for the dispatchers, in the training centre by summer.", (3,)),
            ("Service and Parts", "Ten years of spare parts, stored on site.", (4,)),
            ("References", "Qingzhou, three stations, changed over under traffic.", ()),
            ("Prices", "As in the price sheet.", ()),
        ],
        520_000,
        5,
        "Eleven closures of three hours, at the city's penalty, as reckoned with the head of operations.",
        "The technical part is what we want. The price goes through the tender.",
    ),
    "cleanroom": (
        "Material through the lock without a person",
        [
            ("Summary", "Six robots pass the lock; nobody enters for material.", ()),
            ("Our Solution", "Surfaces that are wiped with alcohol; the robot asks the lock for its door.", (0, 1)),
            ("Validation", "Papers for qualification, written with your validation department.", (2,)),
            ("Prices", "As in the price sheet.", ()),
        ],
        110_000,
        3,
        "Four hours a day of one person, and the audit's findings.",
        "Accepted as the base of the contract.",
    ),
}
# Proposals that are still being written: title, chapters (title, state, days until it is due)
DRAFTS = {
    "coldchain": ("Temperature of every pallet", [("Summary", "todo", 12), ("Our Solution", "draft", 5)]),
    "records": (
        "One record in three houses",
        [("Summary", "todo", 20), ("Taking Over Old Data", "draft", 6), ("Prices", "todo", 15)],
    ),
}
