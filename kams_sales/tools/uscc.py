"""Unified social credit codes (统一社会信用代码, GB 32100-2015): eighteen characters, the last a check character."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z, which are too like digits
LENGTH = 18
_MODULUS = len(ALPHABET)


def normalise(code):
    """Upper case, without the blanks and dashes that people type; None when nothing is left.

    >>> normalise(" 9144 0300-71526726xg ")
    '9144030071526726XG'
    >>> normalise(None), normalise("  ")
    (None, None)
    """
    return "".join((code or "").replace("-", "").split()).upper() or None


def check_character(body):
    """The eighteenth character for the seventeen before it.

    >>> check_character("9144030071526726X")
    'G'
    >>> check_character("91440300192203821")
    '6'
    >>> check_character("91330100799655058")
    'B'
    """
    total = sum(ALPHABET.index(character) * pow(3, place, _MODULUS) for place, character in enumerate(body))
    return ALPHABET[-total % _MODULUS]


def problem(code):
    """What is wrong with a normalised code: None, or (kind, detail).

    ``length``: how many characters it has; ``character``: the first that may not occur, and its place;
    ``check``: the check character that the others ask for.

    >>> problem("914403001922038216")
    >>> problem("91440300192203821")
    ('length', 17)
    >>> problem("91440300192203821O")
    ('character', ('O', 18))
    >>> problem("914403001922038215")
    ('check', '6')
    >>> problem("914403001922038261")  # two digits changed places
    ('check', 'M')
    """
    if len(code) != LENGTH:
        return "length", len(code)
    for place, character in enumerate(code, 1):
        if character not in ALPHABET:
            return "character", (character, place)
    expected = check_character(code[:-1])
    return None if code[-1] == expected else ("check", expected)
