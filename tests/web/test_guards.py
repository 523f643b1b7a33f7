"""The rate of requests: so many at once, then so many a minute, by key."""

import asyncio
from contextlib import suppress

import pytest

from bot.domain.errors import TooMany
from bot.web.guards import Rate
from bot.web.headers import HEADERS


class Time:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr("bot.web.guards.time.monotonic", lambda: self.now)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)


def taken(rate: Rate, key: str, tries: int) -> int:
    """Return how many of so many tries were let through."""

    async def take() -> int:
        passed = 0
        for _ in range(tries):
            with suppress(TooMany):
                await rate.take(key)
                passed += 1
        return passed

    return asyncio.run(take())


def test_half_a_minutes_worth_may_come_at_once_and_ten_in_any_case(time: Time) -> None:
    assert taken(Rate(120), "sara", 200) == 60
    assert taken(Rate(6), "sara", 200) == 10


def test_what_was_used_up_comes_back_with_time(time: Time) -> None:
    rate = Rate(60)
    assert taken(rate, "sara", 100) == 30
    time.now += 5
    assert taken(rate, "sara", 100) == 5
    time.now += 3_600
    assert taken(rate, "sara", 100) == 30


def test_who_comes_back_when_told_is_let_through(time: Time) -> None:
    rate = Rate(7)
    taken(rate, "sara", 100)
    with pytest.raises(TooMany) as refused:
        asyncio.run(rate.take("sara"))
    time.now += refused.value.retry_after
    asyncio.run(rate.take("sara"))


def test_one_key_takes_nothing_from_another(time: Time) -> None:
    rate = Rate(60)
    taken(rate, "sara", 100)
    assert taken(rate, "noura", 100) == 30


def test_only_so_many_keys_are_remembered_and_the_busiest_are(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rate, "KEYS", 3)
    rate = Rate(60)
    taken(rate, "sara", 100)
    for key in "abcdefg":
        taken(rate, key, 1)
        assert taken(rate, "sara", 1) == 0
    assert len(rate._buckets) == 3


class Shared:
    """Buckets in which so many tokens are left, for whoever draws."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.keys: set[str] = set()

    async def take(self, key: str, per_second: float, burst: float) -> int:
        self.keys.add(key)
        self.left -= 1
        return 0 if self.left >= 0 else 7


def test_what_another_gateway_let_through_counts_too(time: Time) -> None:
    shared = Shared(5)
    assert taken(Rate(60, "messages", shared), "sara", 100) == 5
    with pytest.raises(TooMany) as refused:
        asyncio.run(Rate(60, "messages", shared).take("sara"))
    assert refused.value.retry_after == 7
    assert shared.keys == {"messages:sara"}


def test_a_gateway_refuses_for_itself_what_is_too_much_for_it_alone(time: Time) -> None:
    assert taken(Rate(60, "messages", Shared(1_000)), "sara", 100) == 30


def test_the_policy_names_no_exception() -> None:
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy == {"default-src": "'self'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'self'"}
