"""Deliveries of the demo deals, told in days from the signature."""

# Side, steering committee, role, who (user or partner), duty, share
ROLES = [
    ("us", True, "Sponsor", "user_director", "Decides what the project manager can't", 5),
    (
        "customer",
        True,
        "Customer's sponsor",
        "partner_castellan_ward",
        "Releases payments, decides on changes",
        None,
    ),
]
KICKOFF = (3, "Kick-off: Leeds first, Doncaster four weeks later. Coordination on Tuesdays; changes in writing only.")
PLAN_CONFIRMED = 5
ARRIVAL = 5
# What is inspected on arrival, standard, aspect, result, what was seen
ARRIVED = [
    ("Six robots for Leeds", "Complete by the packing list, no damage", "technical", "pass", "Serial numbers compared"),
    ("Chargers and docking stations", "Six of each", "technical", "pass", "Counted together with the warehouse"),
    ("Safety papers", "Declaration of conformity with each robot", "safety", "fail", "Two were missing"),
]
RECTIFY = ("The declarations of two robots", 4, "Sent by mail and handed to their safety officer")
# Category, what may happen, cause, likely, grave, chance, damage, response, action, due in days from today
RISKS = [
    (
        *("schedule", "Doncaster isn't ready when the robots are", "The floor is being renewed", "4", "4"),
        *(40, 60_000, "mitigate", "Look at the floor with their builder every week", 10),
    ),
    (
        *("technical", "The warehouse system sends orders in another format", "Their update in spring", "3", "4"),
        *(25, 40_000, "mitigate", "Test against their copy before the update", 21),
    ),
    (
        *("payment", "The second payment waits for their budget year", "New treasury rules", "4", "5"),
        *(30, 168_000, "mitigate", "Our director calls their treasurer", 5),
    ),
    (
        *("safety", "A robot touches somebody in the aisle", "Mixed traffic at shift change", "1", "5"),
        *(5, 200_000, "avoid", "No robots in the aisle at shift change", 30),
    ),
    (
        *("resources", "Our second engineer is called away", "Another project in June", "3", "2"),
        *(30, 15_000, "accept", "Train one of theirs on the job", 45),
    ),
]
# What they hear, how, how often, since so many days, how many of the contacts took place, of how many
CONTACTS = [
    ("Progress, open points and next steps", "meeting", "week", 35, 5, 5),
    ("Costs and dates for the steering committee", "report", "month", 35, 1, 1),
    ("Progress at Doncaster", "call", "fortnight", 30, 1, 2),
]
# Name, severity, raised so many days ago, solution
ISSUES = [
    ("Dock 4 has no power", "major", 20, "Their electrician put a socket in"),
    ("The warehouse system loses one order in a thousand", "critical", 2, None),
]
CHANGE = (
    "Two more docking stations at Leeds",
    "Two docking stations more at the north gate, with cables and installation.",
    "The north gate opens earlier than planned",
)
# Kind, what, attitude now, wanted, in days from today
RELATIONS = [
    ("executive_visit", "Our director shows the plan for Doncaster", 20),
    ("satisfaction_visit", "Ask the shift leaders at Leeds after four weeks", 10),
]
SATISFIED = {"product": "5", "schedule": "4", "people": "5", "overall": "4"}
FOLLOW_ON = "Robots for the third site, Hull"
TRAINING = ("Operation of the robots for shift leaders", "Start, stop, clear a blocked aisle, read the alarms", 8)
