"""Ten thousand tries to sign in, at the service `Users` itself: the limits hold, and what they refuse costs no hash."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from bot.domain.errors import ShakwaError, SignInFailed, TooMany
from bot.domain.user import Role, User
from bot.services.users import AT_ONCE, PER_ACCOUNT, PER_ADDRESS, Users
from bot.store.unit_of_work import Store
from tests.builders import at_once, errors_in
from tests.conftest import Clock
from tests.services.staff import PASSWORD, a_user

TRIES = {"sqlite": 3_400, "postgresql": 300}
"""Tries in each of three tests; on PostgreSQL each waits for the server."""

BLANKS = ["", " ", "\t", "\u00a0", "\u2003", "\u3000", "\n"]
INVISIBLE = [
    "",
    "\u200b",
    "\u200c",
    "\u200e",
    "\u200f",
    "\u202e",
    "\u2066",
    "\u061c",
    "\u00ad",
    "\ufeff",
    "\u0301",
    "\u0640",
]
DIGITS = ["7", "\u0667", "\u06f7", "\uff17", "\u2077", "\U0001d7ed"]
"""A seven: plain, Arabic, Persian, wide, raised, mathematical."""


class Counted(PasswordHasher):
    """Notes against which hash each password was held."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.held: Counter[str] = Counter()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.held[str(hash)] += 1
        return super().verify(hash, password)


@pytest.fixture
def hasher() -> Counted:
    return Counted()


@pytest.fixture
def users(store: Store, clock: Clock, hasher: Counted) -> Users:
    return Users(store, clock, hasher=hasher)


@pytest.fixture
def sara(users: Users, hasher: Counted) -> User:
    user = a_user(users, login="sara.7")
    hasher.held.clear()
    return user


@pytest.fixture
def tries(backend: str) -> range:
    return range(TRIES[backend])


def outcome(users: Users, login: str, password: str, address: str) -> str:
    try:
        users.sign_in(login, password, address)
    except ShakwaError as error:
        return type(error).__name__
    return "in"


def address(number: int) -> str:
    return f"100.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def crowded(moments: list[datetime], most: int, within: timedelta) -> list[datetime]:
    """Return the moments with which more than `most` fall into a span that is open at its end."""
    return [last for first, last in zip(moments, moments[most:], strict=False) if last - first < within]


def let_through(clock: Clock, tries: range, take: Callable[[int], str]) -> list[datetime]:
    """Try once a second; return when a try was looked at."""
    moments = []
    for number in tries:
        told = take(number)
        assert told in ("SignInFailed", "TooMany"), told
        if told == "SignInFailed":
            moments.append(clock.now)
        clock.turn(seconds=1)
    return moments


def test_one_account_from_many_addresses(users: Users, hasher: Counted, sara: User, clock: Clock, tries: range) -> None:
    looked_at = let_through(clock, tries, lambda number: outcome(users, "sara.7", f"guess {number}", address(number)))
    assert crowded(looked_at, *PER_ACCOUNT) == []
    assert len(looked_at) <= PER_ACCOUNT[0] * (len(tries) // PER_ACCOUNT[1].total_seconds() + 1)
    assert hasher.held.total() == len(looked_at) == hasher.held[sara.password_hash], "a refused try takes no hash"
    assert outcome(users, "sara.7", PASSWORD, "203.0.113.1") == "TooMany", "the right password is refused, too"
    clock.turn(minutes=15)
    assert outcome(users, "sara.7", PASSWORD, "203.0.113.1") == "in"


def test_many_accounts_from_one_address(users: Users, hasher: Counted, sara: User, clock: Clock, tries: range) -> None:
    looked_at = let_through(clock, tries, lambda number: outcome(users, f"user{number}", PASSWORD, "192.0.2.66"))
    assert crowded(looked_at, *PER_ADDRESS) == []
    assert len(looked_at) <= PER_ADDRESS[0] * (len(tries) // PER_ADDRESS[1].total_seconds() + 1)
    assert hasher.held.total() == len(looked_at)
    assert hasher.held[sara.password_hash] == 0


def spellings() -> Iterator[str]:
    """Yield user names that look like sara.7, or nearly."""
    draw = random.Random(7)
    while True:
        name = "".join(draw.choice([letter, letter.upper(), chr(ord(letter) + 0xFEE0)]) for letter in "sara.")
        at = draw.randrange(len(name) + 1)
        marked = name[:at] + draw.choice(INVISIBLE * (draw.random() < 0.5) or [""]) + name[at:] + draw.choice(DIGITS)
        yield draw.choice(BLANKS) + marked + draw.choice(BLANKS)


def test_however_the_name_is_spelled(users: Users, hasher: Counted, sara: User, tries: range) -> None:
    """A spelling is the account, and counts with it, or it is nobody's name: no password is held against the account's."""
    told = Counter(outcome(users, name, "guess", address(number)) for number, name in zip(tries, spellings(), strict=False))
    assert set(told) == {"SignInFailed", "TooMany"}
    assert hasher.held[sara.password_hash] == PER_ACCOUNT[0]
    assert hasher.held.total() == told["SignInFailed"]


def test_which_spellings_are_the_account(users: Users, sara: User, clock: Clock) -> None:
    told = {}
    for name, number in zip(spellings(), range(200), strict=False):
        clock.turn(minutes=2)  # so that no limit is reached
        told[name] = outcome(users, name, PASSWORD, address(number))
    assert set(told.values()) == {"in", "SignInFailed"}
    assert all(told[name] == "in" for name in told if name.isascii() and name.strip().lower() == "sara.7")
    assert all(told[name] == "SignInFailed" for name in told if {"\u0667", "\u200b", "\u202e", "\u0640"} & set(name))


def test_who_cannot_come_in_is_told_the_same_at_the_same_cost(users: Users, hasher: Counted, sara: User) -> None:
    a_user(users, Role.ADMIN, "admin")
    a_user(users, login="gone")
    users.disable("gone")
    told = set()
    for number, login in enumerate(["sara.7", "gone", "nobody", "sara.\u0667", "", "x" * 500, "' OR 1=1 --", "\u202e"]):
        hasher.held.clear()
        with pytest.raises(SignInFailed) as refused:
            users.sign_in(login, "guess", address(number))
        told.add((str(refused.value), refused.value.code))
        assert hasher.held.total() == 1, login
    assert len(told) == 1


def test_a_limit_says_nothing_of_whether_somebody_is_there(users: Users, sara: User) -> None:
    told = []
    for account, login in enumerate(("sara.7", "nobody")):
        for number in range(PER_ACCOUNT[0]):
            assert outcome(users, login, "guess", address(account << 16 | number)) == "SignInFailed"
        with pytest.raises(TooMany) as refused:
            users.sign_in(login, "guess", "203.0.113.1")
        told.append((str(refused.value), refused.value.retry_after))
    assert told[0] == told[1]


@pytest.mark.parametrize(
    "homes", [["198.51.100.7", "::ffff:198.51.100.7", "::ffff:c633:6407"], ["2001:db8:1:2::1", "2001:db8:1:2:f::9"]]
)
def test_a_home_is_one_however_its_address_is_written(users: Users, homes: list[str]) -> None:
    for number in range(PER_ADDRESS[0]):
        assert outcome(users, f"user{number}", "guess", homes[number % len(homes)]) == "SignInFailed"
    assert {outcome(users, "another", "guess", home) for home in homes} == {"TooMany"}


def test_behind_a_listener_of_ipv6_clients_of_ipv4_are_not_one_home(users: Users, sara: User) -> None:
    for number in range(PER_ADDRESS[0]):
        assert outcome(users, f"user{number}", "guess", "::ffff:192.0.2.66") == "SignInFailed"
    assert outcome(users, "sara.7", PASSWORD, "::ffff:192.0.2.67") == "in"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_few_passwords_are_checked_at_the_same_time(store: Store, clock: Clock) -> None:
    """Forty strangers at once, from forty addresses: each check takes 64 MB, and there is room for AT_ONCE."""

    class Slow(PasswordHasher):
        busy = most = 0
        lock = threading.Lock()

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            with self.lock:
                self.busy += 1
                self.most = max(self.most, self.busy)
            time.sleep(0.01)
            with self.lock:
                self.busy -= 1
            raise VerifyMismatchError

    slow = Slow(time_cost=1, memory_cost=8, parallelism=1)
    users = Users(store, clock, hasher=slow)
    told = at_once(40, lambda number: users.sign_in(f"user{number}", "guess", address(number)))
    assert [type(error) for error in errors_in(told)] == [SignInFailed] * 40
    assert 1 < slow.most <= AT_ONCE
