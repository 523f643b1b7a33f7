"""Days from their parts, in the Gregorian and the Umm al-Qura calendar, and how a year that was not said is chosen."""

import datetime
from calendar import monthrange

from hijridate import Gregorian, Hijri

HIJRI_YEARS = range(1300, 1501)  # a written year of this range is Hijri
_CONVERTIBLE = range(1343, 1501)  # what hijridate's Umm al-Qura table covers
_NEAR = 5  # a two-digit year this near to the current Hijri one is Hijri
_LOOK_BACK = 9  # years in which even 29 February has come round
_EDGES = {"first": (1,), "middle": (15,), "end": (31, 30, 29, 28)}


def day_of(year: int, month: int, day: int) -> datetime.date | None:
    """The day in the calendar that its year shows, or None if there is none (or its Hijri year is before 1343)."""
    try:
        if year not in HIJRI_YEARS:
            return datetime.date(year, month, day)
        return Hijri(year, month, day).to_gregorian() if year in _CONVERTIBLE else None
    except (ValueError, OverflowError):
        return None


def year_now(today: datetime.date, *, in_hijri: bool) -> int:
    """The year that it is, in either calendar."""
    return Gregorian.fromdate(today).to_hijri().year if in_hijri else today.year


def full_year(digits: str, today: datetime.date) -> int:
    """A year as typed. Two digits: the Hijri year if near the current one, else the latest century not ahead of us."""
    year, hijri = int(digits), year_now(today, in_hijri=True)
    if len(digits) > 2:
        return year
    if abs(year - hijri % 100) <= _NEAR:
        return hijri - hijri % 100 + year
    century = today.year - today.year % 100
    return century + year - (100 if year > today.year % 100 + 1 else 0)


def latest(month: int, day: int, today: datetime.date, *, in_hijri: bool = False) -> datetime.date | None:
    """The latest such day of any year that is not after today; None if no year has it."""
    now = year_now(today, in_hijri=in_hijri)
    days = (day_of(now - back, month, day) for back in range(_LOOK_BACK))
    return next((found for found in days if found and found <= today), None)


def hijri_in(gregorian_year: int, month: int, day: int) -> datetime.date | None:
    """The day of a Hijri month that falls in a Gregorian year ("3 Ramadan 2026"); the earlier of two."""
    first = gregorian_year - 622 + (gregorian_year - 622) // 32
    days = (day_of(year, month, day) for year in range(first - 1, first + 3))
    return next((found for found in days if found and found.year == gregorian_year), None)


def edge_of(year: int, month: int, edge: str) -> datetime.date | None:
    """The `first`, `middle` or `end` day of a month, in the calendar that its year shows."""
    return next(filter(None, (day_of(year, month, day) for day in _EDGES[edge])), None)


def months_back(day: datetime.date, months: int) -> datetime.date:
    """The same day that many months ago (ahead if negative), or the month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    year = max(datetime.MINYEAR, min(datetime.MAXYEAR, year))
    return datetime.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
