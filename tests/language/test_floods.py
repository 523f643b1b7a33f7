"""Floods: 100 kB of one piece over and over take every function a moment, and twice as much twice the moment."""

import datetime
import gc
import time
from collections.abc import Callable

import pytest

from bot.language import amounts, bare, contacts, dates, numbers, orders, plain, remedies, spelling, words
from tests.language.cases import cases
from tests.pace import seconds_here

TODAY = datetime.date(2026, 11, 22)
PATTERN = r"\d{3}-\d{7}-\d{7}|[A-Z]{0,3}\d{5,12}"
SIZE = 100_000
# On an idle machine the slowest takes 0.2 s. The limit is for the thread's own time, but a neighbour on the same core
# slows that too, so a piece that is over it is tried again.
LIMIT, TRIES = 0.25, 12
MOST_GROWTH = 2.5
FUNCTIONS: dict[str, Callable[[str], object]] = {
    "clean": spelling.clean,
    "fold": spelling.fold,
    "words": words.words,
    "find_numbers": numbers.find_numbers,
    "find_amounts": amounts.find_amounts,
    "find_dates": lambda text: dates.find_dates(text, TODAY),
    "find_order_numbers": lambda text: orders.find_order_numbers(text, PATTERN),
    "read_order_number": lambda text: orders.read_order_number(text, PATTERN),
    "find_complaint_numbers": orders.find_complaint_numbers,
    "find_phones": contacts.find_phones,
    "find_emails": contacts.find_emails,
    "find_remedies": remedies.find_remedies,
}


def flood(piece: str, size: int = SIZE) -> str:
    return piece * (size // len(piece.encode("utf-8", "surrogatepass")) + 1)


def seconds(work: Callable[[str], object], text: str) -> float:
    plain.plain.cache_clear()
    bare.bare.cache_clear()
    gc.disable()  # as timeit does: whatever else the test run keeps alive is not this function's affair
    started = time.thread_time()
    work(text)
    took = time.thread_time() - started
    gc.enable()
    return took


@pytest.mark.parametrize("name", FUNCTIONS)
def test_floods_are_quick(name: str) -> None:
    work = FUNCTIONS[name]
    work("١٢ رمضان ابغى فلوسي 350 ريال 0551234567")  # tables are read once
    limit = seconds_here(LIMIT)
    for (piece,) in cases("floods"):
        text = flood(piece)
        took = seconds(work, text)
        for _ in range(TRIES):
            if took <= limit:
                break
            took, limit = min(took, seconds(work, text)), max(limit, seconds_here(LIMIT))
        assert took <= limit, (piece, took)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_twice_the_flood_takes_at_most_two_and_a_half_times_as_long(name: str) -> None:
    for piece in ("1 ", "ا ", "12 رمضان 1447 رقم الطلب 12345 رجعوا لي فلوسي 350 ريال "):
        assert growth(FUNCTIONS[name], piece) < MOST_GROWTH, piece


def growth(work: Callable[[str], object], piece: str) -> float:
    """Return how many times as long twice the flood takes: the least of some tries where it seems too much."""
    ratios: list[float] = []
    while not ratios or (min(ratios) >= MOST_GROWTH and len(ratios) < TRIES):
        ratios.append(seconds(work, flood(piece, SIZE // 2)) / seconds(work, flood(piece, SIZE // 4)))
    return min(ratios)
