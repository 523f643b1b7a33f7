"""Numbers of orders, whose form is the shop's own affair (shop.yml), and numbers of complaints, whose form is ours."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from bot.language.amounts import find_amounts
from bot.language.bare import bare, bare_number
from bot.language.checks import damm
from bot.language.contacts import find_emails, find_phones
from bot.language.found import Found, longest_first, outside
from bot.language.phrases import NO_LETTER_AFTER, NO_LETTER_BEFORE, kind
from bot.language.plain import Plain, plain
from bot.language.written_dates import dates_in_figures

_NOT_BEFORE = r"(?<![A-Z0-9])(?<![0-9][-./])"
_NOT_AFTER = r"(?![A-Z0-9])(?![-./][0-9])"
_COMPLAINT = re.compile(
    rf"{_NOT_BEFORE}(?P<mark>(?:SH|\u0634) ?-? ?)?(?P<number>\d{{5}} ?-? ?\d{{5}} ?-? ?\d{{4}}){_NOT_AFTER}"
)
_FIVE_FIGURES = re.compile(r"\d{5}")
_LOOSE_DASH = re.compile(r"(?<=[A-Z0-9]) - ?(?=[0-9])|(?<=[A-Z0-9])- (?=[0-9])")
_BLANK = re.compile(r"(?<=[0-9]) (?=[0-9])")
_FIGURE = re.compile(r"\d|[\u3200-\u33ff]")
"""A figure, or one of the squared characters that fold to a letter and one figure or two: no two of all these make four."""
_FOUR_FIGURES = re.compile(r"[0-9](?:-?[0-9]){3}")
"""What every number of _FREE has in it: looked for first, as nearly all that has figures has too few of them."""
_FREE = r"[A-Z]{0,4}-?[0-9](?:-?[0-9]){3,19}"
_YEAR = re.compile(r"(?:1[34]|19|20)\d\d")
_BARE_NUMBER = re.compile(rf"{_NOT_BEFORE}[A-Z]{{0,5}}[ -]?[0-9](?:[ -]?[0-9]){{3,19}}[A-Z]{{0,2}}{_NOT_AFTER}")
_CLITIC = "[\u0648\u0628\u0644]?"
_THREE_FIGURES = re.compile(r"\d{3}")
_ANSWER = 10_000  # characters of an answer that are read
_LENGTHS = range(4, 21)
_SMALL = re.compile("[a-z]")
_UPPER = {small: small - 32 for small in range(ord("a"), ord("z") + 1)}


MOST_READ = 20_000  # ten times the longest message


@cache
def _cued() -> re.Pattern[str]:
    """A number behind an order word (`#` is one), or before "… is the order number"; for folded text."""
    order, filler, number = (kind("orders", name) for name in ("order", "filler", "number"))
    gap = r"[ :.=_/-]{0,3}"
    named = f"{NO_LETTER_BEFORE}{_CLITIC}(?:{number} )?{order}{NO_LETTER_AFTER}"
    steps = f"{gap}(?:(?:{filler}{NO_LETTER_AFTER}|#){gap}){{0,3}}"
    return re.compile(
        f"(?P<cue>{named}{steps}|# ?)(?<![A-Z0-9])(?P<behind>{_FREE}){_NOT_AFTER}"
        f"|{_NOT_BEFORE}(?P<before>{_FREE})[ ,:-]{{1,3}}(?:{filler} ){{0,2}}{number} {order}{NO_LETTER_AFTER}",
        re.IGNORECASE,
    )


@cache
def _sure() -> re.Pattern[str]:
    return re.compile(f"{NO_LETTER_BEFORE}{_CLITIC}{kind('orders', 'number')}{NO_LETTER_AFTER}|#")


@cache
def _other() -> re.Pattern[str]:
    word = f"{NO_LETTER_BEFORE}{_CLITIC}{kind('orders', 'other')}{NO_LETTER_AFTER}"
    return re.compile(f"{word}(?: [^\\W\\d_]{{1,8}})?[ :.#-]{{0,3}}(?=[A-Z0-9])", re.IGNORECASE)


def _upper(text: Plain) -> Plain:
    if not _SMALL.search(text.text):
        return text
    return Plain(text.original, text.text.translate(_UPPER), text.starts, text.ends)


def _tightened(text: Plain) -> Plain:
    dashes = [(match.start(), match.end(), "-") for match in _LOOSE_DASH.finditer(text.text)] if "-" in text.text else []
    return text.replaced(dashes) if dashes else text


@lru_cache(maxsize=32)
def _typed(text: str) -> Plain:
    return _upper(bare(text))


@lru_cache(maxsize=32)
def _tight(text: str) -> Plain:
    return _tightened(_typed(text))


def _dashed(text: Plain) -> Plain:
    """Blanks between figures read as the dashes they may stand for."""
    return Plain(text.original, _BLANK.sub("-", text.text), text.starts, text.ends)


@lru_cache(maxsize=32)
def _shop_pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(f"{_NOT_BEFORE}(?:{pattern}){_NOT_AFTER}")


def _named_otherwise(typed: Plain) -> frozenset[int]:
    """Where in the original something begins that stands behind a word for another kind of number."""
    folded = plain(typed.text)
    return frozenset(typed.starts[folded.starts[match.end()]] for match in _other().finditer(folded.text))


def _in_pattern(text: str, pattern: str) -> Iterator[Found]:
    """What fits the shop's pattern as typed, with loose dashes closed up, or with blanks in place of dashes."""
    shape, typed, tight = _shop_pattern(pattern), _typed(text), _tight(text)
    forms = {form.text: form for form in ((_dashed(tight), tight, typed) if "-" in pattern else (tight, typed))}
    matches = [(form, match) for form in forms.values() for match in shape.finditer(form.text)]
    others = _named_otherwise(typed) if matches else frozenset()
    for form, match in matches:
        if form.starts[match.start()] not in others:
            yield form.found(*match.span(), match[0])


def _normal(number: str) -> str:
    return bare_number(number).translate(_UPPER)


def _with_four_figures(pattern: re.Pattern[str], text: str) -> tuple[Plain, list[re.Match[str]]]:
    """Return where a pattern with _FREE in it matches, and the folded text whose places those are."""
    seen = _tight(text)
    if len(_FIGURE.findall(text)) < 3:
        return seen, []
    folded = plain(seen.text)
    matches = list(pattern.finditer(folded.text)) if _FOUR_FIGURES.search(folded.text) else []
    return (folded.over(seen) if matches else seen), matches


def _beside_a_word(text: str) -> Iterator[tuple[Found, bool]]:
    """Numbers with an order word, and whether "number" is said as well: then it is one, whatever it looks like."""
    folded, matches = _with_four_figures(_cued(), text)
    for match in matches:
        name = "behind" if match["behind"] else "before"
        found = folded.found(*match.span(name), "")
        value = _normal(found.text)
        sure = name == "before" or _sure().search(match["cue"]) is not None
        if _THREE_FIGURES.search(value) and (sure or not _YEAR.fullmatch(value)):
            yield Found(found.start, found.end, found.text, value), sure


def _not_orders(text: str) -> list[Found]:
    return [*find_complaint_numbers(text), *find_emails(text), *find_amounts(text), *dates_in_figures(text)]


def _orders(text: str, pattern: str) -> list[Found]:
    beside = list(_beside_a_word(text))
    likely = [*_in_pattern(text, pattern), *(found for found, sure in beside if not sure)]
    if likely:
        likely = outside(likely, find_phones(text))
    return longest_first([*likely, *(found for found, sure in beside if sure)])


def find_order_numbers(text: str, pattern: str) -> list[Found]:
    """Order numbers in upper case with Western digits and plain dashes.

    `pattern` is the shop's regular expression for them; besides, four figures or more beside an order word are one.
    Amounts, dates, complaint numbers, years and numbers beside a word for another kind of number are none; nor are
    phone numbers, unless "order number" is what stands beside them. Only the first MOST_READ characters are read.
    """
    text = text[:MOST_READ]
    orders = _orders(text, pattern)
    return outside(orders, _not_orders(text)) if orders else []


def read_order_number(text: str, pattern: str) -> str | None:
    """The answer to "what is your order number": the first found, or else a bare number of 4 to 20 characters."""
    text = text[:_ANSWER]
    found = find_order_numbers(text, pattern)
    if found:
        return found[0].value
    seen = _tight(text)
    numbers = [seen.found(*match.span(), _normal(match[0])) for match in _BARE_NUMBER.finditer(seen.text)]
    fitting = [number for number in numbers if len(number.value) in _LENGTHS]
    bare_numbers = outside(fitting, [*_not_orders(text), *find_phones(text)]) if fitting else []
    return bare_numbers[0].value if bare_numbers else None


def find_complaint_numbers(text: str) -> list[Found]:
    """Our own public numbers, "SH-48210-77301-9151", and whatever number is called a complaint's.

    The mark (SH or its Arabic letter), the dashes and the blanks may be missing. Without a mark or a word for a complaint
    beside it, fourteen digits are a complaint number only if the last is right by Damm's check, and do not begin with 00,
    as phone numbers do. Marked ones are found with a wrong digit too: a shopper may have misread it.
    """
    seen = _typed(text)
    matches = _COMPLAINT.finditer(seen.text) if _FIVE_FIGURES.search(seen.text) else ()
    claims = [_ours(seen, match) for match in matches if _is_ours(match)]
    called = list(_called_complaints(text))
    return longest_first([*claims, *outside(called, claims)]) if called else claims


def _is_ours(match: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", match["number"])
    return bool(match["mark"]) or (damm(digits[:-1]) == digits[-1] and not digits.startswith("00"))


def _ours(seen: Plain, match: re.Match[str]) -> Found:
    digits = re.sub(r"\D", "", match["number"])
    return seen.found(*match.span(), f"SH-{digits[:5]}-{digits[5:10]}-{digits[10:]}")


@cache
def _called() -> re.Pattern[str]:
    """A number behind "complaint number" or "complaint no."; for folded text."""
    complaint, filler, number = kind("orders", "complaint"), kind("orders", "filler"), kind("orders", "number")
    gap = r"[ :.=_/-]{0,3}"
    named = f"{NO_LETTER_BEFORE}{_CLITIC}(?:{number} {complaint}|{complaint} {number}){NO_LETTER_AFTER}"
    steps = f"{gap}(?:(?:{filler}{NO_LETTER_AFTER}|#){gap}){{0,3}}"
    return re.compile(f"{named}{steps}(?<![A-Z0-9])(?P<number>{_FREE}){_NOT_AFTER}", re.IGNORECASE)


def _called_complaints(text: str) -> Iterator[Found]:
    folded, matches = _with_four_figures(_called(), text)
    for match in matches:
        found = folded.found(*match.span("number"), "")
        yield Found(found.start, found.end, found.text, _normal(found.text))
