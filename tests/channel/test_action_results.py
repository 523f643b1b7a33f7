"""What the action server answers is checked as Rasa checks it, with the same errors, quicker."""

import hashlib
import inspect
import time
from typing import Any

import pytest

from tests.rasa_fixtures import RASA

pytestmark = RASA

WRITTEN_FOR = {
    "_validate_action_result": "f8cdb4be68123961",
    "action_response_format_spec": "091b74aa3738d126",
}
"""The beginning of the hash of each piece of `RemoteAction` that `bot.channel.action_results` replaces or counts on."""

SLOT = {"event": "slot", "timestamp": None, "name": "product", "value": "coffee machine"}
RESULTS: dict[str, Any] = {
    "nothing": {},
    "empty": {"events": [], "responses": []},
    "events": {"events": [SLOT, {"event": "active_loop", "timestamp": None, "name": None}], "responses": [{"text": "a"}]},
    "unknown event": {"events": [SLOT, {"event": "made_up"}]},
    "event without its name": {"events": [{"event": "slot", "value": 1}]},
    "slot of another time": {"events": [SLOT | {"timestamp": True}]},
    "slot whose metadata is a list": {"events": [SLOT | {"metadata": []}]},
    "slot that is a number": {"events": [SLOT | {"name": 1}]},
    "slots beside what is none": {"events": [SLOT, {"event": "slot"}], "responses": "text"},
    "event that is none": {"events": ["slot"]},
    "events that are no list": {"events": "slot"},
    "response that is none": {"events": [], "responses": ["text"]},
    "no object": [],
    "null": None,
}


@pytest.mark.parametrize("name", WRITTEN_FOR)
def test_rasa_is_still_what_the_replacement_was_written_for(quiet_rasa: None, name: str) -> None:
    """Where this fails, compare `bot.channel.action_results` with what Rasa does now."""
    from rasa.core.actions.action import RemoteAction

    source = inspect.getsource(getattr(RemoteAction, name))
    assert hashlib.sha256(source.encode()).hexdigest()[:16] == WRITTEN_FOR[name]


def told(check: Any, result: Any) -> tuple[Any, ...]:
    """What a check says: True, or all of its error that can be read."""
    from jsonschema import ValidationError

    try:
        return (check(result),)
    except ValidationError as error:
        return error.message, list(error.absolute_path), list(error.absolute_schema_path), str(error)


@pytest.mark.parametrize("name", RESULTS)
def test_it_accepts_and_refuses_what_rasa_does_with_the_same_words(quiet_rasa: None, name: str) -> None:
    from rasa.core.actions.action import RemoteAction

    from bot.channel.action_results import validate_action_result

    action = RemoteAction("any", None)
    ours = told(lambda result: validate_action_result(action, result), RESULTS[name])
    assert ours == told(action._validate_action_result, RESULTS[name])
    assert (ours == (True,)) == (name in ("nothing", "empty", "events"))


def test_a_form_of_twelve_slots_is_checked_at_least_twice_as_quickly(quiet_rasa: None) -> None:
    from rasa.core.actions.action import RemoteAction

    from bot.channel.action_results import validate_action_result

    action, result = RemoteAction("any", None), {"events": [SLOT] * 12, "responses": []}
    assert _best(lambda: validate_action_result(action, result)) * 2 < _best(lambda: action._validate_action_result(result))


def _best(work: Any) -> float:
    """Return the seconds of a core that the quickest of some runs took."""
    taken = []
    for _ in range(8):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def test_it_takes_the_place_of_rasas_own(quiet_rasa: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from rasa.core.actions.action import RemoteAction

    from bot.channel import action_results

    monkeypatch.setattr(RemoteAction, "_validate_action_result", RemoteAction._validate_action_result)
    action_results.install()
    assert RemoteAction("any", None)._validate_action_result({"events": [SLOT]}) is True
    assert RemoteAction._validate_action_result is action_results.validate_action_result
