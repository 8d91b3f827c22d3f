"""The tender of line 3, as the bid desk works on it, and an announcement that was just registered."""

# Clause number, page, text, kind, mark, disqualifies, our answer, status, where it is proven, whose, days until due
CLAUSES = [
    ("2.1", "8", "★ Qualification for signalling works, class 2 or better", "qualification", "star", False)
    + ("Class 1, certificate enclosed", "comply", "Vol. 1, p. 12", "presales", -6),
    (
        "2.2",
        "8",
        "★ Two interlockings changed over under traffic in five years",
        "qualification",
        "star",
        False,
    )
    + ("Qingzhou and Linhai, acceptance reports enclosed", "comply", "Vol. 1, p. 15–31", "presales", -6),
    ("2.3", "9", "Audited accounts of the last three years", "qualification", "normal", False)
    + ("Enclosed", "comply", "Vol. 1, p. 40", "finance", -4),
    ("2.4", "9", "No entry in the list of dishonest firms", "qualification", "normal", True)
    + ("Extract of the credit platform of this week", "comply", "Vol. 1, p. 9", "finance", -4),
    ("3.1", "14", "★ Bids are valid for 90 days from the deadline", "business", "star", False)
    + ("90 days", "comply", "Vol. 2, p. 3", "presales", -3),
    (
        "3.2",
        "14",
        "▲ 30 % with the order, 60 % after the change, 10 % after a year",
        "business",
        "important",
        False,
    )
    + ("As asked", "comply", "Vol. 2, p. 5", "finance", -3),
    ("3.3", "15", "▲ Delivery of the first track within 120 days", "business", "important", False)
    + ("110 days", "positive", "Vol. 2, p. 6", "delivery", -2),
    ("3.4", "15", "Warranty of 24 months", "business", "normal", False)
    + ("36 months on electronics", "positive", "Vol. 2, p. 7", "delivery", -2),
    ("4.1", "22", "★ Change-over track by track; no day without trains", "technical", "star", False)
    + ("Plan of forty nights, chapter 3", "comply", "Vol. 3, p. 18", "presales", -2),
    ("4.2", "23", "★ Safety level SIL 4, certified", "technical", "star", False)
    + ("Certificate is being extended, expected this week", "tbd", "", "presales", 3),
    ("4.3", "24", "▲ Headway of 120 seconds", "technical", "important", False)
    + ("105 seconds in the simulator", "positive", "Vol. 3, p. 30", "presales", -1),
    ("4.4", "25", "▲ Interface to the control centre of line 1", "technical", "important", False)
    + ("Over their own protocol; tested in our laboratory", "comply", "Vol. 3, p. 35", "presales", 1),
    ("4.5", "26", "▲ Simulator for six dispatchers", "technical", "important", False)
    + ("Four places; two more as an option", "partial", "Vol. 3, p. 41", "presales", 1),
    ("4.6", "27", "Cabling without halogens", "technical", "normal", False)
    + ("As asked", "comply", "Vol. 3, p. 44", "presales", 1),
    ("4.7", "27", "Labels in Chinese and English", "technical", "normal", False) + ("", "tbd", "", "presales", 4),
    ("4.8", "28", "Ten years of spare parts on site", "technical", "normal", False)
    + ("Stored at the depot of line 3", "comply", "Vol. 3, p. 47", "delivery", 2),
    ("5.1", "33", "Damages of 0.05 % a day, at most 5 %", "contract", "normal", False)
    + ("Accepted", "comply", "Vol. 2, p. 9", "finance", 2),
    ("6.1", "36", "★ Signed and sealed as the form says, one price only", "format", "star", True)
    + ("Checked with the seal checklist", "comply", "All volumes", "presales", 2),
    ("6.2", "36", "One original, four copies, one file on a stick", "format", "normal", False)
    + ("", "tbd", "", "presales", 8),
]

# Group, name, full marks, kind of rule, rule, what we expect, how sure, what to do
CRITERIA = [
    ("price", "Price", 30, "formula", "30 at the mean; 0.3 less per % above, 0.15 below", None, None, None),
    ("technical", "Plan of the change-over", 15, "subjective", "Completeness and risk", 13, "high", None),
    ("technical", "Headway", 10, "step", "≤ 105 s: 10, ≤ 120 s: 7", 10, "high", None),
    ("technical", "Interfaces", 8, "itemised", "2 points each", 6, "medium", "Have the centre's engineer confirm ours"),
    ("technical", "Training", 5, "itemised", "Places and days", 3, "medium", "Offer the two places after all"),
    ("technical", "Proof of safety", 7, "subjective", "Depth of the proof", 5, "low", "Certificate by Friday"),
    ("business", "References", 15, "itemised", "5 points each, 3 at most", 10, "high", "Ask Linhai for a letter"),
    ("business", "Delivery", 5, "step", "5 days sooner: 1 point", 2, "high", None),
    ("business", "Warranty", 5, "step", "6 months more: 1 point", 2, "high", None),
]

# Competitor, price, small firm, technical points, business points
RIVALS = [("ruikong", 1_236_000, False, 30, 15), ("bahnwerk", 1_372_000, False, 36, 16)]

# Question, why we ask, days ago, answer, what follows
QUESTIONS = [
    (
        "Are nights from 0:10 to 4:20 guaranteed for the works?",
        "Only our plan keeps to them",
        12,
        "Guaranteed, Sundays excepted.",
        "Plan of nights adapted.",
    ),
    ("May the simulator be delivered after the first track?", "It takes half a year", 6, None, None),
]

# What if we bid it: price, chance in percent
PRICE_OPTIONS = [(1_240_000, 60), (1_290_000, 50), (1_305_000, 45), (1_350_000, 25)]
