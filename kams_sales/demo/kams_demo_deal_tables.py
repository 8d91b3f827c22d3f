"""What was learnt of the demo deals, and what was decided on them: read by kams_demo_deal.py."""

# Need, compelling event, buy class, budget (state, amount, source), closing in so many days
NEEDS = {
    "robots": (
        "Move pallets between goods-in and picking without forklifts on two sites",
        "The insurer forbids forklifts in the picking aisles from next quarter on",
        "new_task",
        ("funded", 450_000, "Safety programme of the board"),
        -24,
    ),
    "signalling": (
        "Replace the relay interlocking of line 3 without closing the line for a day",
        "The safety certificate of the old interlocking ends with the year",
        "modified_rebuy",
        ("approved", 1_400_000, "Provincial renewal fund, second tranche"),
        45,
    ),
    "coldchain": (
        "Know the temperature of every pallet from depot to shop, and prove it to retailers",
        "The largest retailer takes no unproven pallets from spring on",
        "new_task",
        ("approved", 200_000, "Operating budget of logistics"),
        30,
    ),
    "press": (
        "Bring the press line back to its rated strokes per minute",
        "The new car platform needs the line at full rate",
        "straight_rebuy",
        ("estimated", 300_000, "Plant budget, not released"),
        -20,
    ),
    "cleanroom": (
        "Carry material into the clean room without a person passing the lock",
        "The audit in autumn counts every person who enters",
        "modified_rebuy",
        ("funded", 250_000, "Quality budget of the Basel site"),
        20,
    ),
    "records": (
        "One patient record for three houses, open to the doctor on the ward",
        "The ministry grades hospitals by their records next summer",
        "new_task",
        ("estimated", 600_000, "City health budget"),
        90,
    ),
    "stamping": (
        "Load and unload the stamping cell without waiting for the crane",
        "Two operators retire at the end of the year and won't be replaced",
        "new_task",
        ("approved", 290_000, "Plant investment plan"),
        35,
    ),
    "furnace": (
        "See what each furnace burns per tonne, and stop the peaks that cost most",
        "Peak tariffs rise by a third in January",
        "new_task",
        ("estimated", 400_000, "Energy saving programme"),
        75,
    ),
    "windfarm": (
        "One control room for the three farms that are built next year",
        False,
        "modified_rebuy",
        (False, 0, False),
        120,
    ),
}

# The decision chain: key, name or existing contact, position, role, buying roles, influence, politics, attitude,
# contact so far, superior
CHAINS = {
    "robots": [
        ("holt", "Margaret Holt", "Managing Director", "eb", "decider approver", 5, "inner_circle", "1", "brief", None),
        ("ward", "@castellan_ward", None, "ub", "initiator user", 4, "inner_circle", "2", "in_depth", "holt"),
        ("price", "Hannah Price", "Head of Purchasing", "tb", "buyer", 3, "political_structure", "0", "brief", "holt"),
        ("khan", "Imran Khan", "Shift Manager, Leeds", "coach", "user", 2, "outside", "2", "in_depth", "ward"),
    ],
    "signalling": [
        ("gao", "高远 Gao Yuan", "General Manager", "eb", "decider approver", 5, "inner_circle", "0", "brief", None),
        ("he", "@yunling_he", None, "ub", "initiator user", 4, "inner_circle", "2", "in_depth", "gao"),
        (
            "qian",
            "钱进 Qian Jin",
            "Head of Procurement",
            "tb",
            "buyer gatekeeper",
            3,
            "political_structure",
            "-1",
            "multiple",
            "gao",
        ),
        (
            "sun",
            "孙涛 Sun Tao",
            "Chief of Signalling",
            "coach",
            "influencer",
            3,
            "political_structure",
            "2",
            "in_depth",
            "he",
        ),
        ("bai", "白洁 Bai Jie", "Design Institute", "tb", "influencer", 2, "outside", "0", "brief", None),
    ],
    "coldchain": [
        ("holt", "Margaret Holt", "Managing Director", "eb", "decider", 5, "inner_circle", "0", "brief", None),
        ("ward", "@castellan_ward", None, "coach", "initiator", 4, "inner_circle", "2", "in_depth", "holt"),
        (
            "osei",
            "Grace Osei",
            "Quality Manager",
            "ub",
            "user influencer",
            3,
            "political_structure",
            "1",
            "multiple",
            "ward",
        ),
    ],
    "press": [
        ("ruiz", "@marfil_ruiz", None, "eb", "decider", 4, "inner_circle", "0", "multiple", None),
        ("vega", "Pablo Vega", "Maintenance", "ub", "user", 2, "outside", "1", "multiple", "ruiz"),
    ],
    "cleanroom": [
        ("frei", "Dr. Ursula Frei", "Site Head Basel", "eb", "decider approver", 5, "inner_circle", "1", "brief", None),
        (
            "keller",
            "@helvion_keller",
            None,
            "coach",
            "initiator influencer",
            3,
            "political_structure",
            "2",
            "in_depth",
            "frei",
        ),
        (
            "roth",
            "Beat Roth",
            "Qualified Person",
            "tb",
            "gatekeeper",
            4,
            "political_structure",
            "0",
            "multiple",
            "frei",
        ),
    ],
    "records": [
        ("xu", "徐文 Xu Wen", "Director of the Hospital", "eb", "approver", 5, "inner_circle", "0", "brief", None),
        ("liu", "@donghu_liu", None, "ub", "initiator user", 4, "inner_circle", "1", "in_depth", "xu"),
        (
            "tang",
            "唐磊 Tang Lei",
            "Information Department",
            "coach",
            "influencer",
            3,
            "political_structure",
            "2",
            "in_depth",
            "xu",
        ),
        ("fan", "范军 Fan Jun", "Purchasing Office", "tb", "buyer gatekeeper", 3, "outside", "-1", "brief", "xu"),
    ],
    "stamping": [
        ("soler", "Andrés Soler", "Managing Director", "eb", "approver", 5, "inner_circle", "0", "brief", None),
        ("ruiz", "@marfil_ruiz", None, "ub", "decider user", 4, "inner_circle", "1", "in_depth", "soler"),
        ("vega", "Pablo Vega", "Maintenance", "coach", "influencer", 2, "outside", "2", "multiple", "ruiz"),
    ],
    "furnace": [
        (
            "guo",
            "郭强 Guo Qiang",
            "Deputy General Manager",
            "eb",
            "decider approver",
            5,
            "inner_circle",
            "0",
            "brief",
            None,
        ),
        ("zhou", "@qinghe_zhou", None, "ub", "initiator user", 3, "political_structure", "1", "multiple", "guo"),
        ("ma", "马超 Ma Chao", "Furnace Master", "tb", "gatekeeper", 3, "outside", "-1", "none", "guo"),
    ],
    "windfarm": [
        ("brandt", "@nordwind_brandt", None, "ub", "initiator", 3, "political_structure", "1", "multiple", None),
    ],
    "substation": [
        ("chen", "@linhai_chen", None, "ub", "user", 3, "political_structure", False, "none", None),
    ],
}

# Answers to the four questions, five each: project, compete, win, worth ("-": not known)
FOUR_QUESTIONS = {
    "robots": ("43443", "34344", "44334", "33333"),
    "signalling": ("44334", "34343", "33233", "43324"),
    "coldchain": ("43343", "33244", "43333", "22333"),
    "press": ("32213", "33332", "22222", "22222"),
    "cleanroom": ("44443", "34344", "43343", "33333"),
    "records": ("43334", "23233", "32222", "33224"),
    "stamping": ("33334", "34333", "32323", "33323"),
    "furnace": ("33223", "33232", "22-32", "3322-"),
}
# Customer buys, from us (%), what going for it costs
CHANCES = {
    "robots": (90, 70, 14_000),
    "signalling": (85, 50, 42_000),
    "coldchain": (80, 60, 9_000),
    "press": (50, 40, 8_000),
    "cleanroom": (90, 65, 11_000),
    "records": (75, 40, 26_000),
    "stamping": (80, 55, 12_000),
    "furnace": (70, 45, 15_000),
}

# Competitor, product, price level, threat, strength, weakness, their likely strategy, our counter, in words
COMPETITORS = {
    "signalling": [
        ("ruikong", "Interlocking RK-5", "lower", "4", "Cheapest offer in the province", "No reference under traffic"),
        ("bahnwerk", "SilverLine", "higher", "3", "Strong name with the design institute", "Slow service from abroad"),
    ],
    "records": [
        ("medisoft", "Ward Suite", "lower", "4", "Installed in one of the three houses", "One record per house")
    ],
    "furnace": [("ruikong", "Furnace Eye", "lower", "3", "Has a man in the plant", "Counts, but doesn't control")],
    "stamping": [("roboteka", "Cell 400", "similar", "3", "Same robots, nearer", "No spare parts on site")],
}
COMPETITOR_NAMES = {
    "ruikong": "瑞控自动化 Ruikong Automation",
    "bahnwerk": "Bahnwerk Systems",
    "medisoft": "众康软件 Medisoft",
    "roboteka": "Roboteka S.L.",
}

# First interviews: the event, what we wanted, how they work, what hurts, what it costs them, how it ended, next step
INTERVIEWS = {
    "robots": (
        "Let us measure a week of traffic in Leeds",
        "Twelve forklifts, two shifts, three near misses a month",
        "Picking stops whenever a forklift crosses the aisle",
        "About forty minutes a shift, and the insurer's letter",
        "advance",
        "Measure the traffic of one week",
    ),
    "signalling": (
        "Get the drawings of the old interlocking",
        "Relays of 1987, two people who can mend them",
        "A failure closes the line for three hours",
        "Eleven closures last year, each in the newspaper",
        "advance",
        "Survey the relay rooms with their engineers",
    ),
    "coldchain": (
        "A trial on one route",
        "Loggers are read by hand, once a week",
        "A warm pallet is found when it is back",
        "Two per cent of fresh goods are written off",
        "advance",
        "Choose the route for the trial",
    ),
    "press": (
        "Access to the stroke counters",
        "The line runs at two thirds of its rate",
        "Nobody knows whether drive or feeder limits it",
        "One shift more each week",
        "advance",
        "Read the counters together",
    ),
    "cleanroom": (
        "A walk through the lock with quality",
        "Twenty passages a day, each logged by hand",
        "Every passage is a finding in the audit",
        "Four hours of one person each day",
        "advance",
        "Quality names its acceptance criteria",
    ),
    "records": (
        "Meet the heads of the three wards",
        "Three systems, one of them on paper",
        "The ward doesn't see what the clinic found",
        "Double examinations, and a low grade at the ministry",
        "advance",
        "Interviews with the three wards",
    ),
    "stamping": (
        "A test part to try the gripper on",
        "The crane serves three cells",
        "The press waits for the crane",
        "Nine minutes an hour",
        "advance",
        "Send a test part to our laboratory",
    ),
    "furnace": (
        "A month of meter readings",
        "One gas meter for four furnaces",
        "Peaks are seen on the bill",
        "A tenth of the energy bill",
        "advance",
        "They send the readings of last month",
    ),
}

# Steps of the customer's decision: name, who (key in the chain), days from the phase's day, done?
STEPS = {
    "robots": [("Need raised", "ward", -30, 1), ("Budget granted", "holt", -10, 1), ("Supplier chosen", "holt", 40, 1)],
    "signalling": [
        ("Need raised", "he", -60, 1),
        ("Project approved", "gao", -20, 1),
        ("Technical choice", "he", 20, 1),
        ("Tender", "qian", 60, 0),
        ("Award", "gao", 95, 0),
    ],
    "coldchain": [("Need raised", "ward", -20, 1), ("Trial", "osei", 20, 1), ("Supplier chosen", "holt", 80, 0)],
    "cleanroom": [("Need raised", "keller", -20, 1), ("Acceptance criteria", "roth", 5, 1), ("Order", "frei", 60, 0)],
    "records": [
        ("Need raised", "liu", -30, 1),
        ("Project approved", "xu", -5, 1),
        ("Technical choice", "tang", 40, 0),
        ("Consultation", "fan", 70, 0),
    ],
    "stamping": [("Need raised", "ruiz", -20, 1), ("Technical choice", "ruiz", 15, 1), ("Order", "soler", 50, 0)],
}

# Requirements: department, what, type, importance, must, how we meet it, days
REQUIREMENTS = {
    "robots": [
        ("Picking", "Carries two pallets at walking speed", "performance", "5", True, "standard", 0),
        ("Safety", "Stops for a person within half a metre", "functional", "5", True, "standard", 0),
        ("IT", "Takes its orders from the warehouse system", "interface", "4", True, "configured", 12),
        ("Maintenance", "Spare parts within a day", "service", "3", False, "standard", 0),
    ],
    "signalling": [
        ("Signalling", "Changes over at night, track by track", "functional", "5", True, "configured", 40),
        ("Operations", "Keeps a train every three minutes", "performance", "5", True, "standard", 0),
        ("Dispatching", "Speaks to the control centre of line 1", "interface", "4", True, "configured", 65),
        ("Training", "Simulator for the dispatchers", "service", "3", False, "third_party", 20),
        ("Purchasing", "Ten years of spare parts", "commercial", "4", True, "standard", 0),
    ],
    "coldchain": [
        ("Quality", "Reads each pallet every five minutes", "performance", "5", True, "standard", 0),
        ("Depots", "Works at minus twenty-five", "performance", "4", True, "standard", 0),
        ("IT", "Shows its data to retailers", "interface", "4", False, "developed", 15),
    ],
    "cleanroom": [
        ("Quality", "Surfaces that can be wiped with alcohol", "functional", "5", True, "standard", 0),
        ("Production", "Passes the lock by itself", "functional", "5", True, "configured", 10),
        ("Validation", "Papers for qualification", "service", "4", True, "configured", 14),
    ],
    "records": [
        ("Wards", "Opens a record in two seconds", "performance", "5", True, "standard", 0),
        ("Clinic", "Takes over the old system's data", "interface", "5", True, "developed", 60),
        ("Pharmacy", "Warns of interactions", "functional", "4", False, "third_party", 10),
        ("Archive", "Reads the paper files", "functional", "2", False, "unsupported", 0),
    ],
    "stamping": [
        ("Press shop", "Nine parts a minute", "performance", "5", True, "standard", 0),
        ("Maintenance", "Changes its gripper in five minutes", "functional", "4", False, "configured", 6),
        ("IT", "Reports to the plant's system", "interface", "3", True, "developed", 12),
    ],
}

# Review: scores of the five criteria, what technical, finance and delivery say, conditions, pre-sales budget
REVIEWS = {
    "robots": ((85, 75, 80, 75, 70), ("agree", "agree", "agree"), [], 16_000),
    "signalling": (
        (85, 65, 65, 75, 55),
        ("agree", "conditional", "agree"),
        [("Advance payment of 10 % or a bank guarantee for material", "Agreed in principle with their finance")],
        48_000,
    ),
    "coldchain": ((75, 80, 70, 70, 70), ("agree", "agree", "agree"), [], 10_000),
    "cleanroom": ((80, 80, 75, 80, 75), ("agree", "agree", "agree"), [], 12_000),
    "records": (
        (80, 55, 70, 60, 60),
        ("conditional", "agree", "agree"),
        [("Estimate of the data take-over by our own people", "Sixty days, checked on a copy of their data")],
        30_000,
    ),
    "stamping": ((75, 70, 75, 70, 70), ("agree", "agree", "abstain"), [], 14_000),
}

# Project marketing plan: strategy, key message, actions (what, for whom, days from today, cost, result if done)
PLANS_OF_DEALS = {
    "robots": (
        "flanking",
        "Safe aisles without a day of standstill",
        [
            ("Visit the automated depot in Hull", "holt", -70, 900, "She saw it run, and asked for dates"),
            ("Safety case with the insurer", "price", 2, 400, None),
        ],
    ),
    "signalling": (
        "flanking",
        "Change over at night, keep the line open by day",
        [
            ("Show the changeover on line 1 to the general manager", "gao", 12, 3_000, None),
            ("Win procurement for life-cycle cost", "qian", 20, 500, None),
            ("Paper on night changeover with the design institute", "bai", -12, 1_200, "Read, and quoted in the draft"),
        ],
    ),
    "coldchain": (
        "develop",
        "Prove every pallet",
        [
            ("Report of the trial to the managing director", "holt", 9, 300, None),
            ("Quality manager speaks at the retailers' day", "osei", -8, 600, "She did, and named us"),
        ],
    ),
    "cleanroom": (
        "defend",
        "The robots you know, inside the lock",
        [("Qualification papers with quality", "roth", 14, 0, None)],
    ),
    "records": (
        "fragment",
        "Begin with the wards, one record from the first day",
        [
            ("Doctors of the eastern house try the ward view", "liu", 7, 2_000, None),
            ("Answer the purchasing office's questions on lots", "fan", 16, 0, None),
        ],
    ),
    "stamping": (
        "frontal",
        "Nine parts a minute, shown on your part",
        [("Film of the test part for the managing director", "soler", 11, 400, None)],
    ),
}

# Clues: name, source, detail, what it is about, how far to trust source and news, found so many days ago, answered
# after so many hours, what became of it
LEADS = [
    ("Heat recovery for a second kiln", "referral", "Zhou Min told us", "expansion", "b", "2", 2, None, None),
    ("Depot in Cork to be automated", "event", "Logistics fair, hall 4", "need", "c", "3", 5, 30, None),
    (
        "Substation programme of the prefecture",
        "government",
        "Draft, page 12",
        "budget",
        "a",
        "2",
        1,
        None,
        None,
    ),
    ("Second site of Helvion", "upsell", "Their quality manager asked", "expansion", "a", "1", 40, 3, None),
    ("Dispatching system, tender notice", "tender_site", "Notice of the exchange", "tender", "a", "1", 18, 20, None),
    ("Press line of a supplier of Marfil", "cold_visit", "Gate 2", "need", "d", "4", 60, 70, "Too small to need us"),
    ("Robots for a bakery", "phone", "Called the number on the van", "need", "e", "5", 75, 4, "A prank"),
]
# What finding clues cost: source, days ago from and to, amount, for what
LEAD_COSTS = [
    ("event", 30, 1, 6_500, "Stand at the logistics fair"),
    ("tender_site", 365, 1, 1_200, "Subscription"),
    ("cold_visit", 90, 1, 900, "Travel"),
]
# Where the demo deals came from
DEAL_SOURCES = {
    "robots": "upsell",
    "signalling": "government",
    "coldchain": "upsell",
    "press": "referral",
    "cleanroom": "referral",
    "records": "tender_site",
    "stamping": "event",
    "furnace": "cold_visit",
}
