"""The words of a contract: what they are about, how they come in, and where two texts differ (7.5)."""

import re
from difflib import SequenceMatcher

from .clauses import cells

# What headings of contracts say, for each kind of clause; the first that fits wins, the more particular before
HEADS = (
    (
        "precedence",
        ("优先顺序", "解释顺序", "文件组成", "合同文件", "order of precedence", "precedence", "contract documents"),
    ),
    ("damages_cap", ("违约金上限", "赔偿上限", "违约金限额", "cap on damages", "damages cap")),
    ("liability", ("责任限制", "责任限额", "免责", "limitation of liability", "limits of liability", "liability")),
    ("breach", ("违约", "赔偿", "罚则", "breach", "default", "liquidated damages", "damages", "penalt")),
    ("force_majeure", ("不可抗力", "force majeure")),
    ("confidentiality", ("保密", "商业秘密", "数据", "个人信息", "confidential", "data protection")),
    ("ip", ("知识产权", "专利", "著作权", "intellectual property", "patent", "copyright")),
    ("assignment", ("转让", "分包", "assignment", "subcontract")),
    ("termination", ("解除", "终止", "termination")),
    (
        "disputes",
        ("争议", "仲裁", "诉讼", "管辖", "适用法律", "dispute", "arbitration", "governing law", "jurisdiction"),
    ),
    ("warranty", ("质保", "质量保证", "保修", "售后", "质保金", "warranty", "defects liability", "retention")),
    ("acceptance", ("验收", "检验", "测试", "试运行", "acceptance", "inspection", "testing")),
    ("tax", ("税", "发票", "tax", "invoice")),
    ("payment", ("付款", "支付", "结算", "预付款", "payment")),
    ("price", ("价款", "价格", "合同价", "金额", "报酬", "费用", "price", "remuneration", "fee")),
    ("change", ("变更", "变动", "修改", "change", "variation", "amendment")),
    ("delivery_risk", ("交付", "交货", "风险", "所有权", "运输", "包装", "delivery", "risk", "title", "transport")),
    (
        "performance",
        ("履行期限", "履行", "工期", "期限", "地点", "进度", "performance", "time for", "schedule", "period", "place"),
    ),
    ("quality", ("质量", "技术要求", "标准", "quality", "specification", "standard")),
    ("quantity", ("数量", "quantity", "quantities")),
    ("subject", ("标的", "范围", "内容", "供货", "服务内容", "subject", "scope")),
    ("parties", ("当事人", "双方", "甲方", "乙方", "买方", "卖方", "主体", "parties", "party")),
)
# What columns of a table are called, in spreadsheets and in our own template
COLUMNS = {
    "code": ("条款号", "编号", "条款编号", "序号", "clause no.", "clause no", "no.", "no", "#"),
    "name": ("条款", "条款名称", "标题", "名称", "clause", "title", "heading", "name"),
    "standard": ("标准", "标准条款", "标准文本", "我方文本", "standard", "standard text", "our text"),
    "actual": (
        "实际",
        "合同条款",
        "合同文本",
        "对方文本",
        "内容",
        "条款内容",
        "actual",
        "contract text",
        "text",
        "their text",
    ),
    "risk": ("风险", "风险等级", "risk"),
    "opinion": ("意见", "审核意见", "opinion", "comment", "remark"),
}
_CJK = "一二三四五六七八九十百零〇"
# What begins a clause, the strongest first: "第三条 合同价款" or "Article 3 Price", "三、价款", "3. Price". Where a
# contract has the stronger ones, the weaker number what stands within them
_ARTICLES = [
    re.compile(rf"(?P<no>{number})[.、．:：)）\s]*(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
    for number in (
        rf"第\s*[{_CJK}\d]+\s*[条章]|(?:article|clause|section)\s+\d+(?![\d.])",
        rf"[{_CJK}]+(?=、)",
        r"\d{1,2}(?=[.、．)）]\s*[^\W\d_])",
    )
]
_WORDS = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?|\d+(?:[.,，]\d+)*|\s+|.", re.DOTALL)
LONGEST_HEAD = 40
# Texts of more words are compared line by line: word by word would keep the page waiting
MOST_WORDS = 4000
SHORTEST = 3  # characters that both texts must have in common between two differences, to be shown as the same


def kind_of(head):
    """What a heading says its clause is about; None where it says nothing that is known here.

    >>> kind_of("合同价款及支付方式"), kind_of("违约责任"), kind_of("Limitation of Liability"), kind_of("其他")
    ('payment', 'breach', 'liability', None)
    >>> kind_of("质量标准"), kind_of("质量保证"), kind_of("Governing Law and Disputes"), kind_of("")
    ('quality', 'warranty', 'disputes', None)
    """
    head = (head or "").lower()
    return next((kind for kind, words in HEADS if any(word in head for word in words)), None)


def same(one, other):
    """Whether two texts say the same in the same words: spaces, line ends and full-width signs don't count.

    >>> same("Paid within 30 days.", "Paid  within\\n30 days."), same("三十日（30）内", "三十日(30)内"), same("", None)
    (True, True, True)
    >>> same("30 days", "60 days"), same("30 days", "3 0days")
    (False, True)
    """
    return _plain(one) == _plain(other)


def _plain(text):
    wide = {0xFF01 + place: 0x21 + place for place in range(94)} | {0x3002: ".", 0x3001: ","}
    return re.sub(r"\s+", "", (text or "").translate(wide))


def differences(one, other):
    """Both texts in pieces, told apart: ``[(what, text), …]`` with same, gone (only in the first), new (only in the
    second). Words and numbers stay whole.

    >>> differences("Paid within 30 days.", "Paid within 60 days.")
    [('same', 'Paid within '), ('gone', '30'), ('new', '60'), ('same', ' days.')]
    >>> differences("It waits for others.", "It pays when paid.")
    [('same', 'It '), ('gone', 'waits for others'), ('new', 'pays when paid'), ('same', '.')]
    >>> differences("验收后三十日内付款", "验收后六十日内付款")
    [('same', '验收后'), ('gone', '三'), ('new', '六'), ('same', '十日内付款')]
    >>> differences("", "New"), differences("Old", None), differences("A", "A"), differences("", "")
    ([('new', 'New')], [('gone', 'Old')], [('same', 'A')], [])
    """
    first, second = _WORDS.findall(one or ""), _WORDS.findall(other or "")
    if max(len(first), len(second)) > MOST_WORDS:
        first, second = (one or "").splitlines(keepends=True), (other or "").splitlines(keepends=True)
    pieces, gone, new = [], "", ""
    for what, start, stop, begin, end in SequenceMatcher(None, first, second, autojunk=False).get_opcodes():
        old, fresh = "".join(first[start:stop]), "".join(second[begin:end])
        # a space or a short word that both have by chance isn't what they have in common
        if what != "equal" or ((gone or new) and len(old.strip()) < SHORTEST and stop < len(first)):
            gone, new = gone + old, new + fresh
            continue
        pieces += [("gone", gone), ("new", new), ("same", old)]
        gone = new = ""
    return [piece for piece in [*pieces, ("gone", gone), ("new", new)] if piece[1]]


def clauses(text):
    r"""The clauses of a pasted contract: ``[{"code", "name", "kind", "actual", "standard", "risk", "opinion"}, …]``.

    Rows of a table, or paragraphs: a heading such as 第三条, Article 3, 三、 or 3. begins a clause, and all below
    belongs to it, 3.1 and 3.2 as well. What stands before the first heading is the parties'. Nothing is lost.

    >>> found = clauses("甲方：华能\n第一条 标的\n两台锅炉\n1.1 含安装\n第二条 合同价款\n100万元")
    >>> [(one["code"], one["name"], one["actual"]) for one in found]
    [('', '', '甲方：华能'), ('第一条', '标的', '两台锅炉\n1.1 含安装'), ('第二条', '合同价款', '100万元')]
    >>> [one["kind"] for one in found]
    ['parties', 'subject', 'price']
    >>> found = clauses("1. Price\n1,000,000\n2. Payment: within 30 days of acceptance, by transfer")
    >>> [(one["code"], one["name"], one["actual"]) for one in found]
    [('1', 'Price', '1,000,000'), ('2', 'Payment', 'within 30 days of acceptance, by transfer')]
    >>> found = clauses("No.\tClause\tText\tRisk\n7\tWarranty\t12 months\t4\n\n8\tOther\tNone\t")
    >>> [(one["code"], one["name"], one["kind"], one["actual"], one["risk"]) for one in found]
    [('7', 'Warranty', 'warranty', '12 months', '4'), ('8', 'Other', 'other', 'None', '')]
    >>> [(one["code"], one["actual"]) for one in clauses("第1条 付款\n1、预付30%\n2、验收后付清")]
    [('第1条', '1、预付30%\n2、验收后付清')]
    >>> clauses(" \n ")
    []
    """
    table = [row for row in cells(text) if any(row)]
    if not table:
        return []
    found = _rows(table) if len(table[0]) > 1 else _paragraphs([row[0] for row in table])
    for clause in found:
        clause["kind"] = clause.get("kind") or kind_of(clause["name"]) or "other"
    return found


def _clause(**values):
    return {"code": "", "name": "", "actual": "", "standard": "", "risk": "", "opinion": "", **values}


def _rows(table):
    heads = [cell.strip().lower().rstrip(":：") for cell in table[0]]
    names = [next((name for name, words in COLUMNS.items() if head in words), None) for head in heads]
    names = [name if name not in names[:place] else None for place, name in enumerate(names)]
    if "actual" in names or "standard" in names:
        table = table[1:]
    else:
        names = _guess(table)
    found = []
    for row in table:
        values = {name: cell for name, cell in zip(names, row, strict=True) if name}
        rest = [cell for name, cell in zip(names, row, strict=True) if cell and not name]
        clause = _clause(**values)
        clause["actual"] = "\n".join(filter(None, [clause["actual"], *rest]))
        clause["risk"] = clause["risk"] if re.fullmatch("[1-5]", clause["risk"]) else ""
        if not clause["code"] and not clause["name"] and found:  # merged cells: what follows belongs to the one above
            for name in ("standard", "actual", "opinion"):
                found[-1][name] = "\n".join(filter(None, [found[-1][name], clause[name]]))
        else:
            found.append(clause)
    return found


def _guess(table):
    """Columns without headings: the longest is the text, numbers are numbers, a short one is the name."""
    width = len(table[0])
    lengths = [sum(len(row[place]) for row in table) for place in range(width)]
    text = max(range(width), key=lambda place: (lengths[place], -place))
    names = [None] * width
    for place in range(width):
        values = [row[place] for row in table if row[place]]
        numbers = sum(bool(re.fullmatch(rf"(第\s*)?[\d{_CJK}.．]+\s*[条章、.)）]?", value)) for value in values)
        if place == text:
            names[place] = "actual"
        elif values and numbers >= 0.8 * len(values) and "code" not in names:
            names[place] = "code"
        elif place < text and "name" not in names:
            names[place] = "name"
    return names


def _paragraphs(lines):
    begins = next((article for article in _ARTICLES if any(map(article.match, lines))), None)
    found = []
    for line in lines:
        head = begins and begins.match(line)
        if head:
            name, body = _heading(head["rest"].strip())
            found.append(_clause(code=re.sub(r"\s+", " ", head["no"].strip()), name=name, actual=body))
        elif found:
            found[-1]["actual"] = "\n".join(filter(None, [found[-1]["actual"], line]))
        else:
            found.append(_clause(actual=line, kind="parties"))
    return found


def _heading(rest):
    """A heading and what stands behind it in the same line; a sentence has no heading of its own."""
    parts = re.split(r"[:：]\s*|\s{2,}", rest, maxsplit=1)
    if len(parts[0]) <= LONGEST_HEAD and (len(parts) == 2 or not re.search(r"[。；;,，.]", parts[0])):
        return parts[0].strip(), parts[1].strip() if len(parts) == 2 else ""
    words = parts[0].split(" ", 1)
    if len(words) == 2 and re.search(r"[\u4e00-\u9fff]", words[0]) and len(words[0]) <= 12:
        return words[0], rest[len(words[0]) :].strip()
    return "", rest
