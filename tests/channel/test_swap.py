"""Another model is loaded beside the turns under way: what they began with stays theirs, and nobody waits."""

import asyncio
import hashlib
import inspect
import shutil
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.rasa_fixtures import RASA, run_async

pytestmark = RASA

WRITTEN_FOR = {
    "_update_model_from_server": "677a9cee565c4c58",
    "_pull_model_and_fingerprint": "373d0bc12bb9a25c",
    "_run_model_pulling_worker": "f90340b53a7e6710",
    "load_from_server": "5415018b09e56109",
    "load_agent": "abc2a4cb13cbbd2b",
    "Agent.load_model": "f4c1ab4c5c7af634",
}
"""The beginning of the hash of each piece of Rasa that `bot.channel.swap` replaces or counts on."""


@pytest.mark.parametrize("name", WRITTEN_FOR)
def test_rasa_is_still_what_the_replacement_was_written_for(quiet_rasa: None, name: str) -> None:
    """Where this fails, compare `bot.channel.swap` with what Rasa does now."""
    import rasa.core.agent as piece

    for part in name.split("."):
        piece = getattr(piece, part)
    assert hashlib.sha256(inspect.getsource(piece).encode()).hexdigest()[:16] == WRITTEN_FOR[name]


class Server:
    """What Rasa pulls from: an archive under a name, and how often it was given."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive
        self.given = 0

    async def pull(self, _: object, fingerprint: str, folder: str) -> str | None:
        if fingerprint == self.archive.name:
            return None
        self.given += 1
        shutil.copy(self.archive, folder)
        return self.archive.name


@pytest.fixture
def serving(agent: Any, model: Path, tmp_path: Path, workbench: Any) -> Any:
    """An agent of this test's own, with a tracker store of ours."""
    from rasa.core.agent import Agent

    own = Agent(tracker_store=workbench.tracker_store(agent, tmp_path), action_endpoint=agent.action_endpoint)
    vars(own).update(processor=agent.processor, domain=agent.domain)
    own.tracker_store.domain = agent.domain
    return own


@pytest.fixture
def server(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet_rasa: None) -> Server:
    from rasa.core import agent as rasa_agent

    server = Server(shutil.copy(model, tmp_path / "other.tar.gz"))
    monkeypatch.setattr(rasa_agent, "_pull_model_and_fingerprint", server.pull)
    return server


def test_the_new_model_serves_under_its_own_name_over_the_same_databases(serving: Any, server: Server) -> None:
    from bot.channel.processor import TurnProcessor
    from bot.channel.swap import take_up

    before = TurnProcessor.over(serving.processor, None)
    began_with = dict(vars(before))
    locks, tracker_db = serving.lock_store, serving.tracker_store._tracker_store.engine
    run_async(take_up(None, serving))
    after = TurnProcessor.over(serving.processor, None)
    assert (after.model_filename, serving.fingerprint) == ("other.tar.gz", "other.tar.gz")
    assert after.tracker_store.engine is tracker_db
    assert serving.lock_store is after.lock_store is locks
    assert after.action_endpoint is serving.action_endpoint
    assert serving.is_ready()
    assert serving.domain is after.domain is after.tracker_store.domain
    assert serving.nlg.responses == after.domain.responses
    assert vars(before) == began_with
    assert before.graph_runner is not after.graph_runner


def test_a_turn_under_way_keeps_the_domain_and_the_responses_it_began_with(serving: Any, server: Server) -> None:
    from bot.channel.swap import take_up

    store, nlg, domain = serving.tracker_store._tracker_store, serving.nlg, serving.domain
    nlg.responses = {"utter_of_the_old_model": []}
    run_async(take_up(None, serving))
    assert store.domain is domain
    assert serving.domain is not domain
    assert nlg.responses == {"utter_of_the_old_model": []}
    assert "utter_of_the_old_model" not in serving.nlg.responses


def test_the_loop_goes_on_while_a_model_is_loaded(serving: Any, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.channel.swap import take_up

    loaded = threading.Event()
    monkeypatch.setattr("rasa.core.agent.MessageProcessor", lambda **_: loaded.wait(10) and serving.processor)

    async def meanwhile() -> None:
        taking = asyncio.create_task(take_up(None, serving))
        while not server.given:
            await asyncio.sleep(0.01)
        loaded.set()  # from the loop: a load that blocked it would wait in vain
        await asyncio.wait_for(taking, 5)

    run_async(meanwhile())
    assert serving.fingerprint == "other.tar.gz"


def test_a_broken_archive_leaves_the_old_model_and_is_not_asked_for_again(
    serving: Any, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    from bot.channel.swap import take_up

    before = dict(vars(serving))
    server.archive.write_bytes(b"not an archive")
    for _ in range(3):
        run_async(take_up(None, serving))
    assert server.given == 1
    assert vars(serving) == before | {"fingerprint": "other.tar.gz"}
    assert serving.is_ready()
    assert capsys.readouterr().out.count("channel.model.refused") == 1


def test_a_model_server_that_is_away_changes_nothing(serving: Any, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    from rasa.core import agent as rasa_agent

    from bot.channel.swap import take_up

    async def away(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(rasa_agent, "_pull_model_and_fingerprint", away)
    before = dict(vars(serving))
    run_async(take_up(None, serving))
    assert vars(serving) == before


def test_it_takes_the_place_of_rasas_own(quiet_rasa: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from rasa.core import agent as rasa_agent

    from bot.channel import swap

    monkeypatch.setattr(rasa_agent, "_update_model_from_server", rasa_agent._update_model_from_server)
    swap.install()
    asked: list[object] = []
    monkeypatch.setattr(rasa_agent, "_pull_model_and_fingerprint", lambda server, *_: _nothing_new(asked, server))
    server = SimpleNamespace(url="http://127.0.0.1:9", kwargs={"wait_time_between_pulls": 0})
    run_async(rasa_agent.load_from_server(SimpleNamespace(fingerprint="x"), server))
    run_async(rasa_agent._run_model_pulling_worker(server, SimpleNamespace(fingerprint="x")))
    assert asked == [server, server]


async def _nothing_new(asked: list[object], server: object) -> None:
    asked.append(server)
