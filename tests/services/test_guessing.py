"""Guessing, at the services themselves: complaint numbers, sessions, secret links. Nothing is hit, and nothing is told.

.venv/bin/pytest tests/services/test_guessing.py                           a small share
SHAKWA_GUESSES=100000 .venv/bin/pytest tests/services/test_guessing.py     so many numbers, a tenth as many sessions
"""

import hashlib
import math
import os
import random
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from bot.domain.complaint import Complaint, new_digits, shown_number
from bot.domain.errors import ComplaintUnknown, ProofNeeded, ShakwaError, TooMany
from bot.domain.proof import TRIES
from bot.language.checks import damm
from bot.services.chat import Chat
from bot.services.doors import Doors
from bot.services.evidence import Evidence
from bot.services.files import ComplaintFiles
from bot.services.queue import Queue
from bot.store import tables
from bot.store.unit_of_work import Store
from tests.builders import noted
from tests.conftest import Clock

GUESSES = int(os.environ.get("SHAKWA_GUESSES", "3000"))
SESSIONS = max(GUESSES // 10, 2_000)
CONTACT = "mona@example.com"
ENOUGH_BITS = 40

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def filed(a_complaint: Callable[..., Complaint]) -> list[Complaint]:
    """Complaints of others, filed with CONTACT."""
    return [a_complaint() for _ in range(20)]


@pytest.fixture
def doors(store: Store, clock: Clock) -> Doors:
    return Doors(store, clock)


def numbers(filed: list[Complaint]) -> Iterator[str]:
    """Yield guesses, each with its right check digit: neighbours of what was filed, then any; none that was filed."""
    draw, taken = random.Random(11), {complaint.number for complaint in filed}
    for complaint in filed:
        digits = "".join(filter(str.isdigit, complaint.number))[:-1]
        near = [f"{(int(digits) + step) % 10**13:013}" for step in range(-50, 51)]
        for other in (*near, digits[::-1]):
            if (number := shown_number(other + damm(other))) not in taken:
                yield number
    while True:
        digits = f"{draw.randrange(10**13):013}"
        if (number := shown_number(digits + damm(digits))) not in taken:
            yield number


def outcomes(guesses: Iterator[str] | range, take: Callable[[Any], object], times: int) -> Counter[str]:
    """Count what each guess is told, with the guess itself left out."""
    told: Counter[str] = Counter()
    for guess, _ in zip(guesses, range(times), strict=False):
        try:
            take(guess)
        except ShakwaError as error:
            told[f"{type(error).__name__}: {str(error).replace(f' {guess} ', ' N ')}"] += 1
        else:
            told["a hit"] += 1
    return told


# ------------------------------------------------------------------ complaint numbers


@on_sqlite
def test_complaint_numbers_open_nothing(doors: Doors, a_shopper: Callable[[], str], filed: list[Complaint]) -> None:
    """Numbers that are nobody's and numbers that are somebody's are told the same, and the second are not shown either."""
    stranger = a_shopper()
    told = outcomes(numbers(filed), lambda number: doors.access(number, stranger, None), GUESSES)
    assert told.total() == GUESSES
    assert set(told) == {"ProofNeeded: a contact is needed to show a complaint in another conversation than its own"}
    theirs = outcomes((complaint.number for complaint in filed), lambda number: doors.access(number, stranger, None), 20)
    assert set(theirs) == set(told)


def test_whoever_knows_the_contact_guesses_five_numbers_in_a_quarter_of_an_hour(
    doors: Doors, a_shopper: Callable[[], str], filed: list[Complaint], clock: Clock
) -> None:
    stranger = a_shopper()
    told = outcomes(numbers(filed), lambda number: doors.access(number, stranger, CONTACT), 300)
    unknown = "ComplaintUnknown: no complaint N was filed with this contact"
    assert told.pop(unknown) == TRIES
    [(refused, times)] = told.items()
    assert (refused.partition(":")[0], times) == ("TooMany", 300 - TRIES)
    with pytest.raises(TooMany):
        doors.access(filed[0].number, stranger, CONTACT)
    clock.turn(minutes=15)
    assert doors.access(filed[0].number, stranger, CONTACT).number == filed[0].number


def test_whoever_knows_a_number_guesses_five_contacts_and_cannot_tell_whether_it_exists(
    doors: Doors, a_shopper: Callable[[], str], filed: list[Complaint]
) -> None:
    told = []
    for number in (filed[0].number, next(numbers(filed))):
        stranger = a_shopper()
        guesses = (f"{number}@example.com" for number in range(20))
        found = outcomes(guesses, lambda contact, n=number, s=stranger: doors.access(n, s, contact), 20)  # type: ignore[misc]
        told.append({text.replace(number, "N"): times for text, times in found.items()})
    assert told[0] == told[1]
    assert sorted(told[0].values()) == [TRIES, 20 - TRIES]


def test_a_new_conversation_for_each_contact_is_no_new_try(
    doors: Doors, a_shopper: Callable[[], str], filed: list[Complaint], clock: Clock
) -> None:
    for number in (filed[0].number, next(numbers(filed))):
        guesses = (f"{guess}@example.com" for guess in range(20))
        told = outcomes(guesses, lambda contact, n=number: doors.access(n, a_shopper(), contact), 20)  # type: ignore[misc]
        assert sorted(told.values()) == [TRIES, 20 - TRIES]
    with pytest.raises(TooMany):
        doors.access(filed[0].number, a_shopper(), CONTACT)
    assert doors.access(filed[0].number, filed[0].conversation_id, None), "who filed it needs no contact"
    assert doors.access(filed[1].number, a_shopper(), CONTACT), "nor do others' numbers suffer"
    clock.turn(minutes=15)
    assert doors.access(filed[0].number, a_shopper(), CONTACT)


@pytest.mark.parametrize("contact", [None, "wrong@example.com"])
def test_a_foreign_number_and_none_cost_the_same_statements(
    store: Store, doors: Doors, a_shopper: Callable[[], str], filed: list[Complaint], contact: str | None
) -> None:
    """Whoever measures the time learns nothing: as many statements, in the same order."""
    stranger, seen = a_shopper(), []
    for number in (filed[0].number, next(numbers(filed)), "SH-1", "", "\u0661" * 14):
        with noted(store.engine) as made, pytest.raises((ProofNeeded, ComplaintUnknown)):
            doors.access(number, stranger, contact)
        seen.append([statement for statement, _ in made])
    assert seen == [seen[0]] * len(seen)
    assert seen[0]


# ------------------------------------------------------------------ sessions, links, files


@on_sqlite
def test_sessions_open_nothing(chat: Chat, store: Store, a_shopper: Callable[[], str]) -> None:
    """Made-up tokens, and whatever of a conversation somebody may have seen: its id, what Rasa and the store know it by."""
    ids = [a_shopper() for _ in range(10)]
    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(tables.conversation)).mappings().all()
    seen = [str(value) for row in rows for value in row.values()]
    hashed = [hashlib.sha256(one.encode()).hexdigest() for one in ids]
    odd = ["", " ", "\0", "null", "undefined", "%", "_" * 43, "' OR '1'='1", "\ud800", "x" * 100_000]
    made_up = [secrets.token_urlsafe(32) for _ in range(SESSIONS - len(seen) - len(hashed) - len(odd))]
    told = outcomes(iter([*seen, *hashed, *odd, *made_up]), chat.access, SESSIONS)
    assert told == {"SessionUnknown: no conversation has this session token": SESSIONS}


@on_sqlite
def test_conversation_ids_are_nobodys(
    store: Store, clock: Clock, shop: Any, words: Any, a_shopper: Callable[[], str]
) -> None:
    queue = Queue(store, clock, shop, words)
    ids = [a_shopper() for _ in range(10)]
    guesses = [f"{int(one, 16) + step:032x}" for one in ids for step in (-2, -1, 1, 2)]
    guesses += [secrets.token_hex(16) for _ in range(SESSIONS - len(guesses))]
    assert not any(queue.news(guess, 0) for guess in guesses)
    assert all(queue.news(one, 0) for one in ids)


@on_sqlite
def test_links_to_files_of_complaints_are_not_found(
    store: Store, clock: Clock, shop: Any, words: Any, tmp_path: Any, filed: list[Complaint]
) -> None:
    evidence = Evidence(store, clock, tmp_path, "a secret of the tests")
    files = ComplaintFiles(store, clock, shop, words, evidence, "https://shop.example")
    secret = filed[0].file_secret
    near = [
        secret[:at] + letter + secret[at + 1 :] for at in range(len(secret)) for letter in "Aa0-_" if secret[at] != letter
    ]
    known = [value for complaint in filed for value in (complaint.number, complaint.conversation_id, complaint.draft_id)]
    guesses = [
        *near,
        *known,
        secret[:-1],
        secret + "A",
        secret.swapcase(),
        *(secrets.token_urlsafe(24) for _ in range(2_000)),
    ]
    assert set(outcomes(iter(guesses), files.page, len(guesses))) == {"ComplaintUnknown: no complaint has this file"}
    until = int(clock.now.timestamp()) + 60
    signatures = [secrets.token_hex(32) for _ in range(2_000)]
    told = outcomes(iter(signatures), lambda signature: evidence.open(filed[0].file_secret, until, signature), 2_000)
    assert told == {"FileUnknown: this address opens no file, or no longer": 2_000}


# ------------------------------------------------------------------ how much chance is in them


def bits(samples: list[str]) -> float:
    """Return a lower estimate of the random bits: at each place, how many letters were seen there."""
    shortest = min(map(len, samples))
    return sum(math.log2(len({sample[at] for sample in samples})) for at in range(shortest))


def test_the_estimate_can_tell_what_is_guessed() -> None:
    counted = [f"{number:032}" for number in range(400)]
    assert bits(counted) < ENOUGH_BITS / 2
    assert bits([secrets.token_hex(16) for _ in range(400)]) > 127


@on_sqlite
def test_what_is_secret_holds_enough_chance(chat: Chat, store: Store, a_complaint: Callable[..., Complaint]) -> None:
    sessions = [chat.open("widget") for _ in range(60)]
    assert bits([one.token for one in sessions]) >= 150
    assert bits([one.conversation_id for one in sessions]) >= 120
    filed = [a_complaint() for _ in range(40)]
    assert bits([one.file_secret for one in filed]) >= 120
    digits = [new_digits() for _ in range(2_000)]
    assert len(set(digits)) == len(digits)
    assert bits(digits) == pytest.approx(13 * math.log2(10))
    assert bits(digits) >= ENOUGH_BITS
    checked = ["".join(filter(str.isdigit, one.number)) for one in filed]
    assert all(len(number) == 14 and damm(number[:-1]) == number[-1] for number in checked)


def test_each_digit_is_as_likely_as_the_others() -> None:
    """Chi-squared over 26,000 digits; with nine degrees of freedom one run of a million is above 45."""
    count = Counter("".join(new_digits() for _ in range(2_000)))
    expected = 13 * 2_000 / 10
    assert sum((count[digit] - expected) ** 2 / expected for digit in "0123456789") < 45
