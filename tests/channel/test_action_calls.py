"""What the action server is told is what actions read, and connections to it are kept."""

import asyncio
import hashlib
import inspect
from types import ModuleType
from typing import Any

import pytest

from bot.settings import ROOT
from tests.rasa_fixtures import RASA, run_async

pytestmark = RASA

WRITTEN_FOR = {
    ("RemoteAction", "_action_call_format"): "428795b944f22edb",
    ("EndpointConfig", "session"): "e55aa13d9d4fb4bc",
    ("EndpointConfig", "request"): "ccdb778aed8208e2",
}
"""The beginning of the hash of each piece of Rasa's that `bot.channel.action_calls` replaces or counts on."""


@pytest.mark.parametrize("piece", WRITTEN_FOR, ids=lambda piece: piece[1])
def test_rasa_is_still_what_the_replacement_was_written_for(quiet_rasa: None, piece: tuple[str, str]) -> None:
    """Where this fails, compare `bot.channel.action_calls` with what Rasa does now."""
    from rasa.core.actions.action import RemoteAction
    from rasa.utils.endpoints import EndpointConfig

    owner = {"RemoteAction": RemoteAction, "EndpointConfig": EndpointConfig}[piece[0]]
    source = inspect.getsource(getattr(owner, piece[1]))
    assert hashlib.sha256(source.encode()).hexdigest()[:16] == WRITTEN_FOR[piece]


def calls(domain: Any, tracker: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the call as ours and as Rasa makes it."""
    from rasa.core.actions.action import RemoteAction

    from bot.channel.action_calls import call_format

    action = RemoteAction("validate_complaint_form", None)
    return call_format(action, tracker, domain), action._action_call_format(tracker, domain)


@pytest.fixture
def tracker(quiet_rasa: None, domain: Any) -> Any:
    from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, SlotSet, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    events: list[Any] = [ActionExecuted("action_listen")]
    for intent in ("express_anger", "nlu_fallback", "affirm"):
        parse = {"intent": {"name": intent}, "entities": [], "intent_ranking": [{"name": intent, "confidence": 0.5}] * 10}
        events += [UserUttered(f"قال {intent}", {"name": intent}, [], parse), SlotSet("product", "جوال"), BotUttered("نعم")]
    events += [ActionExecuted("complaint_form"), ActiveLoop("complaint_form")]
    return DialogueStateTracker.from_events("shopper", events, domain.slots)


@pytest.fixture(scope="module")
def domain(quiet_rasa: None) -> Any:
    from rasa.shared.core.domain import Domain

    return Domain.load(ROOT / "domain.yml")


def test_all_but_the_events_and_the_domain_is_as_rasa_sends_it(domain: Any, tracker: Any) -> None:
    ours, rasas = calls(domain, tracker)
    del ours["tracker"]["events"], rasas["tracker"]["events"], rasas["domain"]
    assert ours == rasas | {"domain": {}}


def test_a_form_is_checked_without_the_domain(domain: Any, tracker: Any) -> None:
    from rasa.core.actions.action import RemoteAction
    from rasa.utils.endpoints import EndpointConfig

    from bot.channel.action_calls import call_format

    action = RemoteAction("validate_complaint_form", EndpointConfig("http://actions", enable_selective_domain=True))
    assert domain.as_dict() == action._action_call_format(tracker, domain)["domain"]
    assert "domain" not in call_format(action, tracker, domain)


def test_actions_read_the_same_from_fewer_events(domain: Any, tracker: Any) -> None:
    from rasa_sdk import Tracker

    from actions import ask

    ours, rasas = (Tracker.from_dict(call["tracker"]) for call in calls(domain, tracker))
    assert len(str(ours.events)) * 2 < len(str(rasas.events))
    for read in (ask.said, ask.not_understood_before, ask.intents_said, ask.dealt_with):
        assert read(ours) == read(rasas), read
    assert ask.not_understood_before(ours)["intent_ranking"]
    assert ask.intents_said(ours) == {"express_anger", "nlu_fallback", "affirm"}


@pytest.mark.parametrize(("hangs_up", "connections"), [(False, 1), (True, 3)], ids=["kept", "closed by the server"])
def test_a_connection_is_used_again_as_long_as_the_server_keeps_it(
    workbench: ModuleType, monkeypatch: pytest.MonkeyPatch, hangs_up: bool, connections: int
) -> None:
    from rasa.utils.endpoints import EndpointConfig

    from bot.channel import action_calls

    monkeypatch.setattr(EndpointConfig, "session", action_calls.session)
    monkeypatch.setattr(workbench.sanic.Sanic, "test_mode", True)
    ports: set[int] = set()

    async def call() -> None:
        async with workbench.a_listener(ports, hangs_up=hangs_up) as url:
            for _ in range(3):
                assert await EndpointConfig(url).request(json={}) == {}
                await asyncio.sleep(0.1)
            await action_calls.close()

    run_async(call())
    assert len(ports) == connections
