"""Clauses of a tender document as people have them at hand: rows of Excel, tables or paragraphs of Word (6.4).

Nothing is lost on the way: what isn't understood becomes the text of a clause, and a mark too many is better than one
too few, since one starred clause without an answer loses the tender.
"""

import re

# Signs that tender documents put before clauses; each document says what its own mean
STAR, IMPORTANT = "★☆※*＊", "▲△"
# What columns are called there, and in our own template
HEADINGS = {
    "clause_no": (
        *("条款号", "条款编号", "条款", "条目号", "招标文件条目号", "招标文件条款号", "编号", "项号"),
        *("clause no.", "clause no", "clause number", "clause", "no.", "no", "item"),
    ),
    "page": ("页码", "页", "页数", "所在页", "page", "page no."),
    "kind": ("类别", "类型", "分类", "条款类别", "kind", "type", "category"),
    "mark": ("标记", "标识", "符号", "重要性", "星号", "星标", "mark", "importance"),
    "text": (
        *(
            "条款内容",
            "内容",
            "要求",
            "招标要求",
            "招标文件要求",
            "招标规格",
            "技术要求",
            "技术参数",
            "参数",
            "商务要求",
        ),
        *("规格", "描述", "条款原文", "原文", "text", "requirement", "requirements", "description", "specification"),
    ),
    "response": (
        *("响应", "投标响应", "应答", "投标应答", "响应内容", "投标规格", "投标文件响应"),
        *("response", "our response"),
    ),
    "status": ("偏离", "偏离情况", "响应情况", "status", "deviation"),
    "evidence": ("证明材料", "证明文件", "佐证", "佐证材料", "证据", "evidence", "proof"),
}
RUNNING = ("序号", "#", "s/n")  # running numbers are clause numbers only where there are no others
KINDS = {"资格": "qualification", "商务": "business", "技术": "technical", "合同": "contract", "格式": "format"}
STATUSES = {
    "无偏离": "comply",
    "完全响应": "comply",
    "满足": "comply",
    "符合": "comply",
    "正偏离": "positive",
    "负偏离": "negative",
    "不满足": "negative",
    "部分响应": "partial",
    "部分满足": "partial",
}
_CJK = "一二三四五六七八九十百"
_NUMBER = re.compile(
    rf"(?:第?[{_CJK}\d]+[章节条款]|[（(][{_CJK}\d]+[)）]|[{_CJK}]+、?|[A-Za-z]?\d+(?:[.．-]\d+)*[.、)）]?)"
)
# A number before a paragraph; told from a quantity ("2.5 米", "3台") by what follows
_UNITS = "米吨万元毫公千兆倍度升秒分时小年月天个台套％%"
_LEADING = re.compile(
    rf"""(?P<no>第[{_CJK}\d]+[条款章节]
           |[（(][{_CJK}\d]+[)）]
           |[{_CJK}]+、
           |[A-Za-z]?\d+(?:\.\d+){{2,}}\.?(?![\d{_UNITS}])
           |[A-Za-z]?\d+\.\d+(?=\s|、|$|[^\x00-\xff])(?!\s?[{_UNITS}])
           |[A-Za-z]?\d+(?:\.\d+)*[.、)）](?!\d)
           |\d+(?=\s))
        (?P<text>.*)""",
    re.VERBOSE | re.DOTALL,
)


def cells(text):
    r"""Rows of cells, as Excel and Word put them on the clipboard. Quotes hold a cell together only where Excel set
    them, so that a quotation in a clause stays one.

    >>> cells('1\t"two\nlines"\n\n2\t"so called" thing\r\n')
    [['1', 'two\nlines'], ['', ''], ['2', '"so called" thing']]
    """
    text = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    rows, row, place = [], [], 0
    while place <= len(text):
        quoted = re.compile(r'"((?:[^"]|"")*)"(?=[\t\n]|$)').match(text, place)
        if quoted and re.search(r'[\t\n"]', quoted[1]):
            row.append(quoted[1].replace('""', '"').strip())
            place = quoted.end()
        else:
            stop = re.compile(r"[\t\n]|$").search(text, place).start()
            row.append(text[place:stop].strip())
            place = stop
        if place >= len(text) or text[place] == "\n":
            rows.append(row)
            row = []
        place += 1
    if rows and not any(rows[-1]):
        rows.pop()
    width = max(map(len, rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


def mark_of(*texts, star=STAR, important=IMPORTANT):
    """What the signs before or in a clause say. An asterisk counts at the beginning only: elsewhere it may multiply.

    >>> mark_of("★", "Rated power"), mark_of("▲3.2"), mark_of("(★) Price"), mark_of("3*5 cores"), mark_of(" *Seal")
    ('star', 'important', 'star', None, 'star')
    """
    found = set()
    for text in filter(None, texts):
        opening = re.match(r"[\s\W_]*", text)[0]
        for mark, signs in (("star", star), ("important", important)):
            if any(sign in (opening if sign in "*#＊" else text) for sign in signs if not sign.isspace()):
                found.add(mark)
    return next((mark for mark in ("star", "important") if mark in found), None)


def bare(number, star=STAR, important=IMPORTANT):
    """A clause's number without signs and without what closes it.

    >>> bare("★ 3.2.1"), bare("7、"), bare("3.2."), bare("第五条"), bare("（二）"), bare(" ")
    ('3.2.1', '7', '3.2', '第五条', '（二）', '')
    """
    number = re.sub(f"[{re.escape(star + important)}\\s]", "", number or "")
    return re.sub(r"[.、．]$", "", re.sub(r"(?<=\d)[)）]$", "", number) if number[:1] not in "(（" else number)


def columns(table):
    """What each column holds, and whether the first row are headings: ``([meaning or None, …], bool)``.

    >>> columns([["条款号", "招标要求", "页码"], ["3.1", "Two pumps", "7"]])
    (['clause_no', 'text', 'page'], True)
    >>> columns([["3.1", "", "Two pumps of 5 kW", "12"], ["3.2", "★", "One boiler, gas fired", "12"]])
    (['clause_no', 'mark', 'text', 'page'], False)
    >>> columns([["Two pumps"], ["One boiler"]])
    (['text'], False)
    """
    if not table:
        return [], False
    filled = [row for row in table if any(row)]
    named = [_meaning(cell) for cell in (filled or table)[0]]
    width = len(named)
    if width > 1 and "text" in named:
        if "clause_no" not in named:
            running = [place for place, cell in enumerate(filled[0]) if cell.strip().lower() in RUNNING]
            if running:
                named[running[0]] = "clause_no"
        return [name if name not in named[:place] else None for place, name in enumerate(named)], True
    found = [None] * width
    lists = [[row[place] for row in filled if row[place]] for place in range(width)]
    lengths = [sum(map(len, values)) / len(values) if values else 0 for values in lists]
    text = max(range(width), key=lambda place: (lengths[place], -place)) if width else 0
    for place, values in enumerate(lists):
        if place == text:
            name = "text"
        elif not values:
            name = None
        elif _most(values, lambda value: len(value) <= 3 and mark_of(value)):
            name = "mark"
        elif _most(values, kind_of):
            name = "kind"
        elif _most(values, status_of):
            name = "status"
        elif _most(values, lambda value: re.fullmatch(r"(?i)p?\.?\s*\d+\s*页?|第\d+页", value)) and place > text:
            name = "page"
        elif _most(values, lambda value: _NUMBER.fullmatch(bare(value))):
            name = "clause_no"
        elif place > text:
            name = "response"
        else:
            name = None
        found[place] = name if name not in found else None
    return found, False


def _meaning(cell):
    word = re.sub(r"\s+", " ", cell.strip().lower().rstrip(":："))
    return next((name for name, words in HEADINGS.items() if word in words), None)


def _most(values, test):
    return sum(1 for value in values if test(value)) >= 0.8 * len(values)


def kind_of(word):
    """``kind_of("技术要求")`` is ``technical``; None where the word says nothing."""
    return next((kind for name, kind in KINDS.items() if name in (word or "") and len(word) <= 8), None)


def status_of(word):
    """``status_of("正偏离")`` is ``positive``; None where the word says nothing."""
    return STATUSES.get(re.sub(r"\s", "", word or ""))


def numbered(paragraph):
    r"""A paragraph's own number and the rest: ``(number, text)``; the number is empty where there is none.

    >>> numbered("3.2.1★投标人须提供"), numbered("★2、Seal"), numbered("2.5米以上"), numbered("(3) Price")
    (('3.2.1', '★投标人须提供'), ('2', '★ Seal'), ('', '2.5米以上'), ('(3)', 'Price'))
    """
    signs = re.match(rf"[{re.escape(STAR + IMPORTANT)}\s]*", paragraph)[0]
    found = _LEADING.match(paragraph[len(signs) :])
    if not found:
        return "", paragraph.strip()
    return bare(found["no"]), " ".join(filter(None, (signs.strip(), found["text"].strip())))


def clauses(table, meanings, heading=False, paragraphs=None, star=STAR, important=IMPORTANT):
    r"""The clauses of a table: ``[{"row": …, "clause_no": …, …}, …]``, rows counted from 1. Empty rows are skipped.

    Of merged cells only the first has a value. A row without a number belongs to the number above, and is a clause of
    its own, since each requirement wants its own answer; it shares the mark of the row above where it has none. Kind
    and page go on from row to row. Of ``paragraphs`` (by default: a table of one column) those without a number
    continue the clause above. Words of a choice that aren't known here are handed on as they are.

    >>> table = [["1", "技术", "★Boiler"], ["", "", "Two drums"], ["", "", ""], ["2", "", "Pump"]]
    >>> [(c["row"], c["clause_no"], c["mark"], c["kind"]) for c in clauses(table, ["clause_no", "kind", "text"])]
    [(1, '1', 'star', 'technical'), (2, '1 (2)', 'star', 'technical'), (4, '2', '', 'technical')]
    >>> [(c["clause_no"], c["text"]) for c in clauses([["1.1 Pump"], ["of steel"], ["1.2 Pipe"]], ["text"])]
    [('1.1', 'Pump\nof steel'), ('1.2', 'Pipe')]
    """
    signs = {"star": star, "important": important}
    if paragraphs is None:
        paragraphs = [name for name in meanings if name] == ["text"]
    found, above, bases = [], None, {}
    for row, line in enumerate(table, 1):
        if not any(line):
            continue
        if heading:
            heading = False
            continue
        has = {name: cell.strip() for name, cell in zip(meanings, line, strict=True) if name}
        number, text = has.get("clause_no", ""), has.get("text", "")
        if paragraphs:
            number, text = numbered(text)
            if not number and above:
                above["text"] += f"\n{text}"
                above["mark"] = above["mark"] or mark_of(text, **signs) or ""
                continue
        if not text:
            text = " – ".join(cell.strip() for name, cell in zip(meanings, line, strict=True) if cell and not name)
        said = has.get("mark", "")
        mark = mark_of(said, **signs)
        if not mark:  # a word without a sign, say "ordinary", was chosen by somebody
            mark = said if re.search(r"\w", said) else mark_of(number, text, **signs)
        clause = {
            "row": row,
            "clause_no": bare(number, star, important),
            "text": text,
            "mark": mark or "",
            "kind": kind_of(has.get("kind")) or has.get("kind", ""),
            "page": has.get("page", ""),
            "response": has.get("response", ""),
            "status": status_of(has.get("status")) or has.get("status", ""),
            "evidence": has.get("evidence", ""),
        }
        if above:
            clause["kind"] = clause["kind"] or above["kind"]
            clause["page"] = clause["page"] or above["page"]
            if base := not clause["clause_no"] and bases.get("last"):
                bases[base] = bases.get(base, 1) + 1
                clause["clause_no"] = f"{base} ({bases[base]})"
                clause["mark"] = clause["mark"] or above["mark"]
            else:
                bases["last"] = clause["clause_no"]
        else:
            bases["last"] = clause["clause_no"]
        found.append(clause)
        above = clause
    return found


def repeats(numbers, taken=()):
    """``{number: [places]}`` of numbers that stand more than once, or are taken already; places count from 0.

    >>> repeats(["1", "2", "1", "", "3", ""], taken={"3"})
    {'1': [0, 2], '3': [4]}
    """
    places = {}
    for place, number in enumerate(numbers):
        if number:
            places.setdefault(number, []).append(place)
    return {number: where for number, where in places.items() if len(where) > 1 or number in taken}


def renumber(numbers, taken=()):
    """Numbers that differ: a repeated one gets a suffix.

    >>> renumber(["1", "1", "2", "", "1 (2)", "1"], taken={"2"})
    ['1', '1 (3)', '2 (2)', '', '1 (2)', '1 (4)']
    """
    used, given = set(taken) | set(numbers), []
    seen = set(taken)
    for number in numbers:
        if number and number in seen:
            turn = 2
            while f"{number} ({turn})" in used:
                turn += 1
            number = f"{number} ({turn})"
            used.add(number)
        seen.add(number)
        given.append(number)
    return given
