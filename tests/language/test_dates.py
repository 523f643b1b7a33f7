import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.dates import DateProblem, find_dates, hijri, read_past_date
from tests.language.cases import cases

TODAY = datetime.date(2026, 11, 22)
DAYS = st.dates(datetime.date(2021, 11, 22), TODAY)


@pytest.mark.parametrize(("text", "found", "answer"), cases("dates"))
def test_dates(text: str, found: str, answer: str) -> None:
    dates = find_dates(text, TODAY)
    assert " ".join(one.value for one in dates) == found.removeprefix("-")
    assert all(text[one.start : one.end] == one.text for one in dates)
    assert str(read_past_date(text, TODAY)) == (found.split()[0] if answer == "=" else answer)


@pytest.mark.parametrize(
    ("text", "stretch"),
    [
        ("طلبته والخميس اللي فات وصل", "الخميس اللي فات"),
        ("يوم الخميس الموافق ١٢/١١/٢٠٢٦ طلبت", "يوم الخميس الموافق ١٢/١١/٢٠٢٦"),
        ("شريته قبل أُسبوعين تقريبا", "قبل أُسبوعين"),
        ("وصل باكتوبر", "اكتوبر"),
        ("في ١٢ رمضان ١٤٤٧ هـ كان", "١٢ رمضان ١٤٤٧ هـ"),
    ],
)
def test_the_stretch_that_is_the_date(text: str, stretch: str) -> None:
    (found,) = find_dates(text, TODAY)
    assert found.text == stretch


def test_the_weekday_of_today_is_today_and_the_last_one_a_week_ago() -> None:
    for ahead in range(7):
        today = TODAY + datetime.timedelta(days=ahead)
        (named,) = find_dates("يوم الأحد", today)
        (last,) = find_dates("الأحد الماضي", today)
        assert named.value == (today - datetime.timedelta(days=ahead)).isoformat()
        assert last.value == (today - datetime.timedelta(days=ahead or 7)).isoformat()


def test_five_years_to_the_day_are_not_too_old() -> None:
    assert read_past_date("22/11/2021", TODAY) == datetime.date(2021, 11, 22)
    assert read_past_date("21/11/2021", TODAY) is DateProblem.TOO_OLD


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("الأسبوع الماضي، قصدي قبل 10 أيام", 10),
        ("أمس أقصد قبل يومين", 2),
        ("قبل يومين يعني", 2),
        ("يعني تقريبا قبل ثلاثة أيام", 3),
    ],
)
def test_who_corrects_a_date_means_the_last(text: str, ago: int) -> None:
    assert read_past_date(text, TODAY) == TODAY - datetime.timedelta(days=ago)


@given(DAYS)
def test_every_way_of_writing_a_day_reads_back(day: datetime.date) -> None:
    for text in (
        day.isoformat(),
        f"{day.day}/{day.month}/{day.year}",
        f"{day.day:02}-{day.month:02}-{day.year}",
        f"{day.year}.{day.month}.{day.day}",
        f"{day:%d %B %Y}",
        f"{hijri(day)} هـ",
        "/".join(reversed(hijri(day).split("-"))),
    ):
        assert read_past_date(text, TODAY) == day, text


@given(DAYS)
def test_a_day_without_its_year_is_never_ahead_nor_a_year_gone(day: datetime.date) -> None:
    read = read_past_date(f"{day.day}/{day.month}", TODAY)
    assert isinstance(read, datetime.date)
    assert (read.day, read.month) == (day.day, day.month)
    assert read <= TODAY
    assert (TODAY - read).days < 366 or (day.month, day.day) == (2, 29)


@given(st.integers(1, 99), st.sampled_from([("يوم", 1), ("اسبوع", 7)]))
def test_so_many_units_ago(count: int, unit: tuple[str, int]) -> None:
    word, days = unit
    (found,) = find_dates(f"قبل {count} {word}", TODAY)
    assert found.value == (TODAY - datetime.timedelta(days=count * days)).isoformat()


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        ((2026, 3, 1), "1447-09-12"),
        ((2026, 6, 16), "1448-01-01"),
        ((2026, 11, 22), "1448-06-12"),
        ((2023, 3, 23), "1444-09-01"),
    ],
)
def test_a_day_in_the_umm_al_qura_calendar(day: tuple[int, int, int], shown: str) -> None:
    assert hijri(datetime.date(*day)) == shown
