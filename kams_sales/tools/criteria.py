"""Reads a scoring table as it is copied from a spreadsheet or a document. Plain Python: no ORM, no database."""

import re

GROUPS = {
    "price": ("price", "价格", "报价"),
    "technical": ("technical", "technique", "技术", "方案", "服务"),
    "business": ("business", "commercial", "商务", "资信", "业绩", "信誉"),
}
NUMBER = re.compile(r"^\s*(-?\d+(?:[.,]\d+)?)\s*(?:分|points?|%)?\s*$", re.IGNORECASE)


def group_of(text):
    """Which group a cell names, or None.

    >>> group_of("价格分"), group_of("Technical points"), group_of("商务部分"), group_of("Boiler")
    ('price', 'technical', 'business', None)
    """
    lowered = text.lower()
    return next((group for group, words in GROUPS.items() if any(word in lowered for word in words)), None)


def read_table(text):
    """``[(group, name, full score, rule, ours), ...]`` of rows whose cells are parted by tabs.

    A row is group, name, full marks and, if there are any, rule and our points; the group may be left out, as merged
    cells do: it is that of the row above. Rows without a number are headings; they may name the group of those below.

    >>> read_table("价格\\t报价\\t30\\n技术\\t总体方案\\t20分\\t优20 良15\\t15\\n\\t实施计划\\t10")
    [('price', '报价', 30.0, '', None), ('technical', '总体方案', 20.0, '优20 良15', 15.0), \
('technical', '实施计划', 10.0, '', None)]
    >>> read_table("评分项\\t满分\\n商务部分\\n业绩\\t8\\n\\n")
    [('business', '业绩', 8.0, '', None)]
    """
    found, group = [], None
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("\t")]
        numbers = [index for index, cell in enumerate(cells) if NUMBER.match(cell)]
        # a running number in front is no score
        if len(numbers) > 1 and numbers[0] == 0 and any(cells[1 : numbers[1]]):
            numbers, cells = [index - 1 for index in numbers[1:]], cells[1:]
        words = [cell for cell in cells[: numbers[0]] if cell] if numbers else [cell for cell in cells if cell]
        if not words:
            continue
        if not numbers:
            group = group_of(words[0]) or group
            continue
        if len(words) > 1:
            group = group_of(words[0]) or group
            words = words[1:]
        own = group or group_of(words[0]) or "technical"
        rest = cells[numbers[0] + 1 :]
        ours = next((_number(cell) for cell in reversed(rest) if NUMBER.match(cell)), None)
        rule = " ".join(cell for cell in rest if cell and not NUMBER.match(cell))
        found.append((own, " ".join(words), _number(cells[numbers[0]]), rule, ours))
    return found


def _number(cell):
    return float(NUMBER.match(cell).group(1).replace(",", "."))
