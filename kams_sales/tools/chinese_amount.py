"""Amounts in Chinese capital words (大写), as bids, cheques and contracts carry them beside the figures (小写).

Written by the rules of the People's Bank of China for notes and settlement vouchers (正确填写票据和结算凭证的基本规定);
read more leniently, since people leave out a 零 or use common numerals where the amount is beyond doubt all the same.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
MOST = Decimal(10) ** 16  # 万亿 is as far as the words go
# What people write instead
SAME = str.maketrans(
    "〇○一二三四五六七八九两貳參叄陸弍圆圓块正十百千萬億毛",
    "零零壹贰叁肆伍陆柒捌玖贰贰叁叁陆贰元元元整拾佰仟万亿角",
)
# What may stand before an amount without changing it
BEFORE = re.compile(
    r"^(?:大写|金额|总价|合计|投标报价|人民币|美元|欧元|港币|日元|英镑|RMB|CNY|USD|EUR|[(（)）：:￥¥])*", re.I
)
NUMBER = f"[{DIGITS[1:]}]"
AMOUNT = re.compile(f"(?:(?P<yuan>[{DIGITS}拾佰仟万亿]+)元)?零?(?:(?P<jiao>{NUMBER})角)?零?(?:(?P<fen>{NUMBER})分)?整?")
SECTION = re.compile(
    f"零?(?:(?P<k>{NUMBER})仟)?零?(?:(?P<h>{NUMBER})佰)?零?(?:(?P<t>{NUMBER})?(?P<ten>拾))?零?(?P<one>{NUMBER})?"
)


def cents(amount):
    """An amount as whole cents, halves rounded up as on paper, whatever the binary fraction says.

    >>> cents(1.005), cents("12.3"), cents(0)
    (101, 1230, 0)
    """
    return int((Decimal(str(amount)) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def in_words(amount, currency=""):
    """An amount in capital words.

    The examples of the People's Bank:

    >>> in_words(1409.50), in_words(6007.14)
    ('壹仟肆佰零玖元伍角整', '陆仟零柒元壹角肆分')
    >>> in_words(1680.32), in_words(107000.53)
    ('壹仟陆佰捌拾元零叁角贰分', '壹拾万柒仟元零伍角叁分')
    >>> in_words(16409.02), in_words(325.04)
    ('壹万陆仟肆佰零玖元零贰分', '叁佰贰拾伍元零肆分')

    Zeros within and between the groups of four digits:

    >>> in_words(100_500), in_words(10_005), in_words(100_005_000), in_words(1_050_000_000)
    ('壹拾万零伍佰元整', '壹万零伍元整', '壹亿零伍仟元整', '壹拾亿伍仟万元整')
    >>> in_words(1_000_000_000_000), in_words(0), in_words(0.05), in_words(0.5)
    ('壹万亿元整', '零元整', '伍分', '伍角整')
    >>> in_words(3_000_000, "人民币")
    '人民币叁佰万元整'

    >>> in_words(-1)
    Traceback (most recent call last):
    ...
    ValueError: An amount in words is between 0 and 10^16, not -1.
    """
    value = Decimal(str(amount))
    if not 0 <= value < MOST or cents(amount) >= MOST * 100:
        raise ValueError(f"An amount in words is between 0 and 10^16, not {amount}.")
    yuan, rest = divmod(cents(amount), 100)
    jiao, fen = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return f"{currency}{words or '零元'}整"
    if words and (not jiao or yuan % 10 == 0):
        words += "零"
    if jiao:
        words += f"{DIGITS[jiao]}角"
    words += f"{DIGITS[fen]}分" if fen else "整"
    return currency + words


def _whole(number):
    """A whole number above 0; a group that begins with a zero digit says so.

    >>> _whole(205_030_400), _whole(10_010)
    ('贰亿零伍佰零叁万零肆佰', '壹万零壹拾')
    """
    for size, unit in ((10**8, "亿"), (10**4, "万")):
        if number >= size:
            high, low = divmod(number, size)
            zero = "零" if low and low < size // 10 else ""
            return f"{_whole(high)}{unit}{zero}{_whole(low) if low else ''}"
    words, gap = "", False
    for place, unit in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        digit = number // place % 10
        if digit:
            words += ("零" if gap else "") + DIGITS[digit] + unit
            gap = False
        elif words:
            gap = True
    return words


def read(text):
    """The amount that the words say, as a Decimal with two places; None where they don't say one without doubt.

    >>> read("人民币壹拾万零柒仟元伍角叁分"), read("壹拾万柒仟圆零伍角叁分")
    (Decimal('107000.53'), Decimal('107000.53'))
    >>> read(" 叁佰万 元整 "), read("一百二十万元"), read("伍角整"), read("零元整"), read("拾元正")
    (Decimal('3000000.00'), Decimal('1200000.00'), Decimal('0.50'), Decimal('0.00'), Decimal('10.00'))
    >>> read("叁佰万整")
    Decimal('3000000.00')

    No amount, an amount that is less than nothing, figures, and what may mean this or that:

    >>> [read(text) for text in (None, "", "负壹元整", "3000000", "约叁佰万元", "壹万伍元整", "壹元贰元", "元整")]
    [None, None, None, None, None, None, None, None]
    """
    words = BEFORE.sub("", "".join((text or "").split())).translate(SAME)
    if re.fullmatch(f"[{DIGITS}拾佰仟万亿]+整?", words):
        words = words.removesuffix("整") + "元"
    found = AMOUNT.fullmatch(words)
    if not found or not any(found.groups()):
        return None
    yuan = _read_whole(found["yuan"]) if found["yuan"] else 0
    if yuan is None:
        return None
    jiao, fen = (DIGITS.index(found[name]) if found[name] else 0 for name in ("jiao", "fen"))
    return Decimal(yuan * 100 + jiao * 10 + fen).scaleb(-2)


def _read_whole(words, after=False):
    """
    :param after: the words follow a bigger unit, so that a bare digit without 零 may be short for something bigger
    """
    for size, unit in ((10**8, "亿"), (10**4, "万")):
        if unit in words:
            left, right = words.rsplit(unit, 1) if unit == "亿" else words.split(unit, 1)
            high = _read_whole(left)
            low = _read_whole(right, after=True) if right else 0
            if not high or high >= size or low is None or low >= size:
                return None
            return high * size + low
    found = SECTION.fullmatch(words)
    if not found or not words:
        return None
    thousands, hundreds, tens, ones = (
        DIGITS.index(found[name]) if found[name] else 0 for name in ("k", "h", "t", "one")
    )
    if found["ten"] and not tens:
        tens = 1
    bigger = thousands or hundreds or (after and not tens)
    if ones and not tens and bigger and "零" not in words[-2:]:
        return None
    return thousands * 1000 + hundreds * 100 + tens * 10 + ones


def agrees(text, amount):
    """Whether words and figures say the same; None if the words can't be read or there is no figure.

    >>> agrees("叁佰万元整", 3_000_000), agrees("叁拾万元整", 3_000_000), agrees("three million", 3_000_000)
    (True, False, None)
    """
    said = read(text)
    if said is None or amount is None or amount is False:
        return None
    return said == Decimal(cents(amount)).scaleb(-2)
