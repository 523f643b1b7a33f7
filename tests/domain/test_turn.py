"""A turn runs once at a time, comes back after a failure, and gives up on a message that always fails."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import StaleTurn
from bot.domain.turn import LEASE, LONGEST_PAUSE, TRIES, Turn, TurnRef, TurnState

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def a_turn() -> Turn:
    return Turn("c", 1, NOW, id=7)


def test_a_running_turn_cannot_be_claimed_until_its_lease_ends() -> None:
    turn = a_turn()
    turn.claim(NOW)
    assert not turn.claimable(NOW + LEASE - timedelta(seconds=1))
    assert turn.claimable(NOW + LEASE)


@pytest.mark.parametrize("back", [timedelta(minutes=1), timedelta(hours=1), timedelta(days=30)], ids=str)
def test_a_clock_that_is_put_back_holds_nobody_up(back: timedelta) -> None:
    """Else a turn whose gateway died would wait until the clock has come round again."""
    running, paused = a_turn(), a_turn()
    running.claim(NOW)
    paused.claim(NOW)
    paused.put_back(NOW, reached=False)
    assert running.claimable(NOW - back)
    assert paused.claimable(NOW - back)


@pytest.mark.parametrize("back", [timedelta(seconds=1), LEASE - timedelta(seconds=1)], ids=str)
def test_clocks_that_differ_by_seconds_take_no_turn_away(back: timedelta) -> None:
    turn = a_turn()
    turn.claim(NOW)
    assert not turn.claimable(NOW - back)


def test_a_later_claim_overtakes_an_earlier_one() -> None:
    turn = a_turn()
    first = turn.claim(NOW)
    second = turn.claim(NOW + LEASE)
    turn.require(second)
    with pytest.raises(StaleTurn, match="epoch 2, not 1"):
        turn.require(first)


def test_a_settled_turn_accepts_nobody() -> None:
    turn = a_turn()
    claim = turn.claim(NOW)
    turn.finish()
    assert not turn.claimable(NOW + 100 * LEASE)
    with pytest.raises(StaleTurn):
        turn.require(claim)


def test_pauses_double_up_to_the_longest() -> None:
    turn = a_turn()
    pauses = []
    for _ in range(7):
        turn.claim(NOW)
        turn.put_back(NOW, reached=False)
        assert turn.not_before is not None
        pauses.append((turn.not_before - NOW).total_seconds())
    assert pauses == [1, 2, 4, 8, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]


def test_an_unreachable_engine_never_uses_up_the_tries() -> None:
    turn = a_turn()
    for _ in range(50):
        turn.claim(NOW)
        turn.put_back(NOW, reached=False)
    assert turn.state is TurnState.PENDING


def test_a_message_that_always_fails_is_given_up() -> None:
    turn = a_turn()
    for _ in range(TRIES):
        assert turn.state is TurnState.PENDING
        turn.claim(NOW)
        turn.put_back(NOW, reached=True)
    assert turn.state is TurnState.FAILED


def test_a_claim_of_another_epoch_is_stale_even_while_running() -> None:
    turn = a_turn()
    turn.claim(NOW)
    with pytest.raises(StaleTurn):
        turn.require(TurnRef(7, 0))
