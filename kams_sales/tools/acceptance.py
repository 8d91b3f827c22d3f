"""Plain arithmetic and reading for acceptances: no ORM, doctests (8.3 阶段验收)."""

import re

SAFETY = re.compile(r"\bsafe|\bhazard|\bfire\b|explosion|安全|消防|防火|防爆|防护", re.I)
SERVICE = re.compile(
    r"\bservice|\btraining|\bmaintenance|\bwarranty|\bsupport\b|服务|培训|维护|维保|质保|售后|响应", re.I
)
WORDS = {
    "technical": {"technical", "技术"},
    "service": {"service", "services", "服务"},
    "safety": {"safety", "安全"},
    "other": {"other", "其他"},
}


def aspect_of(text, otherwise="technical"):
    """Which standard a sentence sets: safety before service, else what is given.

    >>> aspect_of("Fire protection by GB 50016"), aspect_of("两次现场培训")
    ('safety', 'service')
    >>> aspect_of("Heat rate"), aspect_of("Price list", "other")
    ('technical', 'other')
    """
    if SAFETY.search(text or ""):
        return "safety"
    return "service" if SERVICE.search(text or "") else otherwise


def read_criteria(text):
    """Rows of a pasted table as ``[(item, standard, aspect), ...]``; a bare line is an item.

    >>> read_criteria("Heat rate\\t7,900 kJ/kWh\\n\\n2. Fire alarm\\tGB 50116\\n培训\\t两次\\t服务")
    [('Heat rate', '7,900 kJ/kWh', 'technical'), ('2. Fire alarm', 'GB 50116', 'safety'), ('培训', '两次', 'service')]
    """
    rows = []
    for line in (text or "").splitlines():
        cells = [cell.strip() for cell in line.split("\t")]
        if not any(cells):
            continue
        cells += [""] * (3 - len(cells))
        item, standard, said = cells[:3]
        if not item:
            item, standard = standard, ""
        known = next((name for name, words in WORDS.items() if said.lower() in words), None)
        if item:
            rows.append((item, standard, known or aspect_of(f"{item} {standard}")))
    return rows


def signed_share(members):
    """Share of the members that signed, in percent; ``None`` without members.

    >>> signed_share([True, False]), signed_share([])
    (50.0, None)
    """
    return 100.0 * sum(map(bool, members)) / len(members) if members else None


def payment_day(acceptances):
    """The day on which all of these count for their payment: the last one's; ``None`` while one doesn't.

    Each is ``(signed, conclusion, pays anyway, signed on, [closed on or None of each rectification])``: passed counts
    from the signature; with conditions from the signature if that is agreed, else from the last condition met.

    >>> from datetime import date
    >>> one, two = date(2026, 3, 1), date(2026, 3, 9)
    >>> payment_day([(True, "passed", False, one, [None]), (True, "conditional", False, one, [two])]) == two
    True
    >>> payment_day([(True, "conditional", True, one, [None])]) == one
    True
    >>> payment_day([(True, "conditional", False, one, [None])]), payment_day([(False, "passed", False, one, [])])
    (None, None)
    >>> payment_day([])
    """
    days = []
    for signed, conclusion, anyway, day, closed in acceptances:
        if not signed or not day or conclusion not in ("passed", "conditional"):
            return None
        if conclusion == "conditional" and not anyway:
            if None in closed:
                return None
            day = max([day, *closed])
        days.append(day)
    return max(days, default=None)
