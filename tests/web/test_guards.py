"""The rate of requests: so many at once, then so many a minute, by key."""

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
    passed = 0
    for _ in range(tries):
        try:
            rate.take(key)
        except TooMany:
            continue
        passed += 1
    return passed


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
        rate.take("sara")
    time.now += refused.value.retry_after
    rate.take("sara")


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


def test_the_policy_names_no_exception() -> None:
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy == {"default-src": "'self'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'self'"}
