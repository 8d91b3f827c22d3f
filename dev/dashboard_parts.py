"""What a dashboard is made of, and the invented values of its sample."""

from dataclasses import dataclass, field

# As they are called in the addon (models/kams_process_phase.py)
PHASES = ("Customer Development", "Initiation", "Proposal", "Tendering", "Negotiation")


@dataclass
class Card:
    """One figure on top: the sum of a measure over all rows that the filters leave."""

    title: str
    model: str
    measure: str
    sample: float
    menu: str
    domain: list = field(default_factory=list)
    format: str = "money"
    below: tuple = ()  # (measure, domain) to divide by: a ratio in %
    good: bool = True  # else it is a figure to worry about, and has the colour of that


@dataclass
class Chart:
    """A chart of a model, whose parts open the rows that they are made of."""

    title: str
    kind: str  # bar, line, pie
    model: str
    measure: str
    group: list
    action: str
    sample: list  # (label, number), the label as in SampleLabels
    domain: list = field(default_factory=list)
    order: str | None = None
    stacked: bool = False
    context: dict = field(default_factory=dict)
    wide: bool = False
    extra: dict = field(default_factory=dict)


@dataclass
class Bars:
    """A chart over the cells of a pivot: many of one model and group cost one question to the server.

    A bar leads to the rows behind it (static/src/js/kams_dashboard_drill.js), the rest of the chart to its menu.
    """

    title: str
    kind: str  # bar, line, funnel, waterfall
    model: str
    measure: str | list  # or several beside each other
    group: list
    menu: str
    sample: list  # (label, number or numbers)
    domain: list = field(default_factory=list)
    points: int = 12
    titles: tuple = ()  # of several measures, in the sample
    wide: bool = False
    sort: str | None = None  # a measure, the largest first: a question of its own
    context: dict = field(default_factory=dict)
    left: str = ""  # what is left in the end, of a waterfall


@dataclass
class Cloud:
    """Each record as a point by two measures, with its name: a scatter over cells of a pivot.

    Its title says what lies across and what up: what stands on the axes isn't translated.
    """

    title: str
    model: str
    group: str
    across: str
    up: tuple  # a measure, or one and what to divide it by: a ratio in %
    menu: str
    sample: list  # (across, up)
    domain: list = field(default_factory=list)
    points: int = 20
    word: str = "Customer"  # what a point of the sample is
    format: str | None = None  # of what lies across, if it isn't an amount
    wide: bool = False


@dataclass
class Steps:
    """A waterfall from a sum to what is left of it, over cells that add up."""

    title: str
    model: str
    steps: list  # (label, measure, 1 or -1)
    left: str
    menu: str
    sample: list
    domain: list = field(default_factory=list)
    group: list = field(default_factory=list)  # of a pivot that is asked for anyway
    wide: bool = False


@dataclass
class Table:
    """Groups of a model with their measures, the largest first."""

    title: str
    model: str
    group: list
    measures: list
    menu: str
    sample: list  # rows of the sample, without the headers
    headers: list  # of the sample
    domain: list = field(default_factory=list)
    sort: str | None = None
    rows: int = 8


@dataclass
class Rows:
    """Records of a model, each of which can be opened."""

    title: str
    model: str
    columns: list
    order: list
    menu: str
    sample: list
    headers: list
    domain: list = field(default_factory=list)
    rows: int = 8
    days: tuple = ()  # columns with a moment of which only the day is shown


@dataclass
class Board:
    key: str
    filters: list
    match: dict  # {model: {filter: chain}}; a date's chain ends with ":date" or ":datetime"
    cards: list
    charts: list
    tables: list
    period: str | None = None  # what the period is at first

    @property
    def file(self):
        return f"kams_{self.key}_dashboard.json"

    @property
    def sample_file(self):
        return f"kams_{self.key}_sample_dashboard.json"


def some(measure):
    """Just the rows that a bar adds up: a click on Odoo's own chart opens these, not all of a group."""
    return ["|", (measure, ">", 0), (measure, "<", 0)]


def months(*numbers, last=0):
    """A sample's values of the months until this one, or until so many after it."""
    return [(f"=EDATE(TODAY(),{place - len(numbers) + 1 + last})", number) for place, number in enumerate(numbers)]


def said(pairs):
    """A sample's values of things with a name that can be translated."""
    return [(text(word), number) for word, number in pairs]


def phases(*numbers):
    """A sample's values of the phases of selling."""
    return said(zip(PHASES, numbers, strict=True))


def named(word, *numbers):
    """A sample's values of records that have no name of their own: Customer A, Customer B …"""
    return [(f'={text(word)[1:]}&" {chr(65 + place)}"', number) for place, number in enumerate(numbers)]


def text(word):
    return f'=_t("{word}")'


def many(word, *values):
    """Rows of a sample: each begins with a record that has no name of its own."""
    return [[label, *row] for (label, _number), row in zip(named(word, *values), values, strict=True)]


def day(number):
    """A day of a sample, so many days from today."""
    return f"=TODAY()+{number}"


def is_day(value):
    return str(value).startswith("=TODAY()")
