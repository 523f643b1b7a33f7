"""The channel's door: who may come in, when it opens, what typed text becomes, and which failure is whose."""

from collections.abc import Awaitable, Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import pytest
import sqlalchemy.exc
from hypothesis import example, given
from hypothesis import strategies as st

from tests.language.texts import any_text
from tests.rasa_fixtures import RASA, run_async, serving

pytestmark = RASA

BODY = {"sender": "s", "text": "هلا", "payload": None, "form": None, "turn_id": 1, "epoch": 1}


@pytest.fixture
def ask(workbench: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Callable[..., httpx.Response]:
    """Asks a server that has only our channel, with `agent` as Rasa's agent."""
    monkeypatch.setattr(workbench.sanic.Sanic, "test_mode", True)

    def once(agent: Any, method: str, path: str, secret: str | None, **body: Any) -> httpx.Response:
        async def asking() -> httpx.Response:
            async with serving(workbench.channel_app(agent)) as url, httpx.AsyncClient() as client:
                return await client.request(method, f"{url}/webhooks/shakwa{path}", headers=headers, **body)

        headers = {} if secret is None else {"X-Shakwa-Secret": secret}
        return run_async(asking())

    return once


def an_agent(*, ready: bool = True, turn: Callable[[], Awaitable[None]] | None = None) -> Any:
    """An agent whose processor is never asked, or whose every turn is `turn`."""
    return SimpleNamespace(processor=SimpleNamespace(tracker_store=None, turn=turn), is_ready=lambda: ready)


ROUTES = [("GET", "/"), ("POST", "/turn"), ("POST", "/parse"), ("POST", "/why")]


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("secret", [None, "", "wrong", "the channel's secre", "THE CHANNEL'S SECRET"])
def test_nobody_comes_in_without_the_secret(ask: Any, method: str, path: str, secret: str | None) -> None:
    answer = ask(an_agent(), method, path, secret, json=BODY)
    assert answer.status_code == 401


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("agent", [None, an_agent(ready=False)], ids=["no agent", "an agent without a model"])
def test_before_a_model_is_loaded_everything_waits(
    ask: Any, workbench: ModuleType, method: str, path: str, agent: Any
) -> None:
    """503 is the engine's, 500 would be the message's fault and use up its tries."""
    assert ask(agent, method, path, workbench.SECRET, json=BODY).status_code == 503
    assert ask(agent, method, path, "wrong", json=BODY).status_code == 401


def test_it_is_healthy_once_a_model_is_loaded(ask: Any, workbench: ModuleType) -> None:
    answer = ask(an_agent(), "GET", "/", workbench.SECRET)
    assert (answer.status_code, answer.json()) == (200, {"ready": True})


# ------------------------------------------------------------------ failures


def because(error: Exception, cause: Exception | None = None) -> Exception:
    error.__cause__ = cause
    return error


def failures() -> list[Any]:
    import aiohttp
    from rasa.shared.exceptions import RasaException
    from rasa.utils.endpoints import ClientResponseError

    from bot.channel.processor import ActionFailed
    from bot.channel.tracker_store import TrackerOvertaken

    def status(code: int) -> Exception:
        return because(ActionFailed("a"), because(RasaException("x"), ClientResponseError(code, "reason", "body")))

    return [
        (502, because(ActionFailed("a"), because(RasaException("x"), aiohttp.ClientConnectionError()))),
        (502, because(ActionFailed("a"), TimeoutError())),
        *((502, status(code)) for code in (401, 404, 503)),
        *((500, status(code)) for code in (409, 500)),
        (500, because(ActionFailed("a"), ValueError("words of the shopper"))),
        (500, ActionFailed("a")),
        (502, TrackerOvertaken("2 events are stored, 1 was read")),
        (502, TimeoutError()),
        (502, sqlalchemy.exc.OperationalError("SELECT", {}, Exception("database is locked"))),
        (500, KeyError("words of the shopper")),
    ]


def test_a_failure_says_whose_it_is_and_nothing_else(
    ask: Any, workbench: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """502: the action server's or the store's, so the turn waits; 500: this message's, and it is given up some time."""
    from bot.channel import input as channel

    for expected, error in failures():

        async def fail(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(channel, "_turn", fail)
        answer = ask(an_agent(), "POST", "/turn", workbench.SECRET, json=BODY)
        assert answer.status_code == expected, error
        assert answer.json() == {"error": type(error).__name__}


def test_a_turn_that_takes_too_long_is_given_up(ask: Any, workbench: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    from bot.channel import input as channel

    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(channel, "_turn", never)
    monkeypatch.setattr(channel, "TURN_SECONDS", 0.05)
    assert ask(an_agent(), "POST", "/turn", workbench.SECRET, json=BODY).status_code == 502


def test_it_gives_up_before_the_gateway_does(quiet_rasa: None) -> None:
    from bot.channel import input as channel
    from bot.engine import client

    assert channel.TURN_SECONDS <= client.TURN_SECONDS - 2


# ------------------------------------------------------------------ the secret


@pytest.mark.parametrize("credentials", [None, {}, {"secret": ""}, {"secret": None}, {"secret": "${SHAKWA_CHANNEL_SECRET}"}])
def test_without_a_secret_it_refuses_to_start_with_a_sentence(quiet_rasa: None, credentials: Any) -> None:
    from rasa.shared.exceptions import RasaException

    from bot.channel.input import GatewayInput

    with pytest.raises(RasaException, match=r"has no secret\. Start Rasa with `shakwa engine`"):
        GatewayInput.from_credentials(credentials)


def test_with_one_it_starts(quiet_rasa: None) -> None:
    from bot.channel.input import GatewayInput

    assert GatewayInput.from_credentials({"secret": "one"}).name() == "shakwa"


# ------------------------------------------------------------------ typed text


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        # a command: nothing is left of it, for its bare name would be read as the wish for it
        ("/restart", "-"),
        (" /restart", "-"),
        ("\u200f/x", "-"),
        ("/ /stop", "-"),
        ("\u00a0/stop", "-"),
        ("\u3000\t\n/stop", "-"),
        ("\x1f/stop", "-"),
        ("\u202e\u2066//stop", "-"),
        # a sentence
        ("/ طلبي ما وصل", "طلبي ما وصل"),
        ("\u200f/طلبي متأخر", "طلبي متأخر"),
        ("//", "-"),
        ("/", "-"),
        ("", "-"),
        (" \n", "-"),
        ("طلبي 1/2", "طلبي 1/2"),
        ("١/٢ الطلب", "١/٢ الطلب"),
        ("  هلا ", "هلا "),
    ],
)
def test_typed_text_never_begins_with_a_slash(quiet_rasa: None, text: str, typed: str) -> None:
    from bot.channel import input as channel

    assert channel.typed(text) == typed


@given(
    st.text(st.sampled_from("/ \t\n\u200f\u00a0\u2003\x1d\x85\ufeff")), any_text, st.sampled_from(["/restart", "", "/a{"])
)
@example("\x85", "", "/restart")
def test_rasa_takes_no_typed_text_for_a_command(quiet_rasa: None, before: str, text: str, command: str) -> None:
    from rasa.core.channels.channel import UserMessage
    from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
    from rasa.shared.nlu.training_data.message import Message

    from bot.channel import input as channel

    message = Message.build(UserMessage(channel.typed(before + command + text)).text)
    assert YAMLStoryReader.unpack_regex_message(message) is message


# ------------------------------------------------------------------ bubbles


@pytest.mark.parametrize(
    ("message", "bubbles"),
    [
        ({"text": "هلا"}, [("هلا", 0, {})]),
        ({"text": "واحد\n\nاثنان\n\nثلاثة", "buttons": [{"title": "t", "payload": "/p", "x": 1}]},
         [("واحد", 0, {}), ("اثنان", 0, {}), ("ثلاثة", 1, {})]),
        ({"text": "رقم", "custom": {"asks": "order_number"}}, [("رقم", 0, {"asks": "order_number"})]),
        ({"text": "سطر\nسطر", "buttons": None, "custom": None}, [("سطر\nسطر", 0, {})]),
    ],
)  # fmt: skip
def test_a_response_is_its_paragraphs_with_the_buttons_under_the_last(
    quiet_rasa: None, message: dict[str, Any], bubbles: list[tuple[str, int, dict[str, str]]]
) -> None:
    from bot.channel.input import BubbleChannel

    channel = BubbleChannel()
    run_async(channel.send_response("s", message))
    assert [(bubble["text"], len(bubble["buttons"]), bubble["custom"]) for bubble in channel.messages] == bubbles
    assert all(set(button) == {"title", "payload"} for bubble in channel.messages for button in bubble["buttons"])
