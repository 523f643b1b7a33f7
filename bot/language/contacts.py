"""Ways to reach a shopper: phone numbers of the Arab countries, and e-mail addresses."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from phonenumbers import PhoneMetadata

from bot.language.bare import bare
from bot.language.found import Found, longest_first
from bot.language.phrases import NO_LETTER_BEFORE, kind
from bot.language.plain import plain
from bot.language.rows import rows

# Up to 15 figures (E.164) and an international prefix, in groups of any size with at most two separators between.
_FIGURES = re.compile(r"(?<![A-Za-z0-9])(?<!\d[.,/])(?:\+ ?|00)?\(?\d(?:[ ()./-]{0,2}\d){6,19}(?![A-Za-z0-9])")
_GROUP = re.compile(r"\+ \(?\d[^ ]*|[^ ]+")
_NOT_FIGURES = re.compile(r"\D")
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+][A-Za-z0-9._%+-]{0,63} ?@ ?"
    r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24}"
)
_AT_SIGNS = frozenset("@\uff20")
_KINDS = ("mobile", "fixed_line", "toll_free", "shared_cost", "premium_rate", "uan")
_MOST_GROUPS = 8
_SHORTEST, _LONGEST = 8, 20  # figures, with the marks between them
_WORD_REACH = 40


@cache
def _regions() -> dict[str, str]:
    return {row["region"]: row["trunk"] for row in rows("regions")}


@cache
def _dialled_bare() -> frozenset[str]:
    return frozenset(row["region"] for row in rows("regions") if row["dialled"] == "bare")


def _metadata(region: str) -> PhoneMetadata:
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        raise ValueError(f"{region!r} is no region that phonenumbers knows")
    return metadata


@cache
def _country_code(region: str) -> str:
    return str(_metadata(region).country_code)


@cache
def _national(region: str, *kinds: str) -> re.Pattern[str]:
    """What phonenumbers holds to be a number of those kinds in the region, without prefix."""
    described = (getattr(_metadata(region), kind) for kind in kinds)
    return re.compile("|".join(f"(?:{d.national_number_pattern})" for d in described if d and d.national_number_pattern))


@cache
def _by_code() -> dict[str, list[str]]:
    by_code: dict[str, list[str]] = {}
    for region in _regions():
        by_code.setdefault(_country_code(region), []).append(region)
    return by_code


def _as_international(figures: str, *kinds: str) -> str | None:
    """Figures that begin with a country's code; a trunk figure left in behind it is taken out."""
    for code in (figures[:3], figures[:2]):
        for region in _by_code().get(code, ()):
            national = figures[len(code) :].removeprefix(_regions()[region])
            if _national(region, *kinds).fullmatch(national):
                return f"+{code}{national}"
    return None


def _as_national(figures: str, region: str, *kinds: str) -> str | None:
    trunk = _regions().get(region, "0")
    national = figures.removeprefix(trunk)
    if not figures.startswith(trunk) or not _national(region, *kinds).fullmatch(national):
        return None
    return f"+{_country_code(region)}{national}"


def _elsewhere(figures: str) -> str | None:
    """A mobile number as dialled inside another country that has a trunk figure to know it by."""
    regions = (region for region, trunk in _regions().items() if trunk)
    return next(filter(None, (_as_national(figures, region, "mobile") for region in regions)), None)


def _untrunked(figures: str, region: str) -> str | None:
    """A number without its trunk figure: nothing but the words around it tells it from any other number."""
    if _national(region, *_KINDS).fullmatch(figures):
        return f"+{_country_code(region)}{figures}"
    return None


@lru_cache(maxsize=4096)
def _e164(written: str, region: str) -> str | None:
    figures = _NOT_FIGURES.sub("", written)
    if written.lstrip("( ").startswith("+"):
        return _as_international(figures, *_KINDS)
    if figures.startswith("00"):
        return _as_international(figures[2:], *_KINDS)
    if figures.startswith("0"):
        return _as_national(figures, region, *_KINDS) or _elsewhere(figures)
    own = _untrunked(figures, region) if region in _dialled_bare() else None
    return own or _as_international(figures, "mobile")


@cache
def _phone_word() -> re.Pattern[str]:
    return re.compile(f"{NO_LETTER_BEFORE}[^\\W\\d_]{{0,3}}{kind('contacts', 'phone_word')}[^\\W\\d_]{{0,3}}\\W{{0,3}}$")


def _asked_before(text: str, start: int) -> bool:
    return _phone_word().search(plain(text[max(0, start - _WORD_REACH) : start]).text) is not None


def _number_at(text: str, first: int, behind: int, region: str, asked: bool) -> str | None:
    number = _e164(text[first:behind], region)
    if number:
        return number
    bare_number = _untrunked(_NOT_FIGURES.sub("", text[first:behind]), region)
    return bare_number if bare_number and (asked or _asked_before(text, first)) else None


def _phones_in(text: str, start: int, end: int, region: str, asked: bool) -> Iterator[tuple[int, int, str]]:
    """Numbers among groups of figures: the longest run of groups that is a number, from the left."""
    groups = [match.span() for match in _GROUP.finditer(text, start, end)]
    place = 0
    while place < len(groups):
        first = groups[place][0]
        for stop in range(min(len(groups), place + _MOST_GROUPS), place, -1):
            behind = groups[stop - 1][1]
            figures = behind - first - text.count(" ", first, behind)
            if figures < _SHORTEST:
                break
            number = _number_at(text, first, behind, region, asked) if figures <= _LONGEST else None
            if number:
                yield first, behind, number
                place = stop - 1
                break
        place += 1


def _phone_claims(text: str, region: str, asked: bool) -> Iterator[Found]:
    seen = bare(text)
    for figures in _FIGURES.finditer(seen.text):
        for start, end, number in _phones_in(seen.text, *figures.span(), region, asked):
            yield seen.found(start, end, number)


def find_phones(text: str, region: str = "SA") -> list[Found]:
    """Phone numbers as E.164: international ones, the shop's region's as dialled there, other countries' mobiles.

    Numbers without their trunk figure ("55 123 4567") count only after a word for telephone.
    """
    return longest_first(_phone_claims(text, region, asked=False))


def find_emails(text: str) -> list[Found]:
    """E-mail addresses in lower case; the letters before and behind may be Arabic."""
    if _AT_SIGNS.isdisjoint(text):
        return []
    seen = bare(text)
    return [seen.found(*m.span(), m[0].replace(" ", "").lower()) for m in _EMAIL.finditer(seen.text)]


def read_contact(text: str, region: str = "SA") -> str | None:
    """The answer to "how can we reach you": the first phone number (E.164) or e-mail address in it."""
    claims = longest_first([*_phone_claims(text, region, asked=True), *find_emails(text)])
    return claims[0].value if claims else None
