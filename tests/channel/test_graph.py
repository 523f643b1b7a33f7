"""The graph run without Dask gives what Rasa's own runner gives, and breaks where it does."""

import hashlib
import inspect
from typing import Any

import pytest

from tests.rasa_fixtures import RASA, run_async

pytestmark = RASA

WRITTEN_FOR = {
    "run": "45f0f52f574f3aa9",
    "_build_dask_graph": "5bb99f974d512a36",
    "_add_inputs_to_graph": "d04a0ca2df6241c1",
}
"""The beginning of the hash of each method of Rasa's runner that `bot.channel.graph` replaces or counts on."""

TEXTS = ("طلبي رقم 405-1234567-1234567 متأخر أسبوعين", "كم مدة الضمان؟", "/affirm", "-", "هلا والله")


@pytest.mark.parametrize("name", WRITTEN_FOR)
def test_rasa_is_still_what_the_replacement_was_written_for(quiet_rasa: None, name: str) -> None:
    """Where this fails, compare `bot.channel.graph` with what Rasa does now."""
    from rasa.engine.runner.dask import DaskGraphRunner

    source = inspect.getsource(getattr(DaskGraphRunner, name))
    assert hashlib.sha256(source.encode()).hexdigest()[:16] == WRITTEN_FOR[name]


@pytest.mark.parametrize("text", TEXTS)
def test_a_message_is_read_and_answered_as_by_rasas_own(agent: Any, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from rasa.engine.runner.dask import DaskGraphRunner

    from bot.channel.graph import run

    own = read_and_predicted(agent, text)
    monkeypatch.setattr(DaskGraphRunner, "run", run)
    assert read_and_predicted(agent, text) == own


def read_and_predicted(agent: Any, text: str) -> tuple[dict[str, Any], Any]:
    from rasa.core.channels.channel import UserMessage
    from rasa.shared.core.events import ActionExecuted, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    processor = agent.processor
    parse = run_async(processor.parse_message(UserMessage(text)))
    said = UserUttered(text, parse["intent"], parse["entities"], parse, timestamp=1.0)
    tracker = DialogueStateTracker.from_events("shopper", [ActionExecuted("action_listen"), said], processor.domain.slots)
    prediction = processor._predict_next_with_tracker(tracker)
    return parse, (prediction.probabilities, prediction.policy_name, prediction.is_end_to_end_prediction)


def test_an_input_called_like_a_node_is_refused(agent: Any) -> None:
    from rasa.engine.exceptions import GraphRunError

    from bot.channel.graph import run

    runner, target = agent.processor.graph_runner, agent.processor.model_metadata.nlu_target
    with pytest.raises(GraphRunError, match="clashes with a node name"):
        run(runner, {"__message__": target}, [target])


def test_what_a_node_raises_is_raised(agent: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from rasa.engine.exceptions import GraphRunError

    from bot.channel.graph import run

    runner, target = agent.processor.graph_runner, agent.processor.model_metadata.nlu_target

    def broken(*_: Any) -> None:
        raise RuntimeError("the node is broken")

    monkeypatch.setitem(runner._instantiated_nodes, target, broken)
    monkeypatch.setattr(runner, "_orders", {}, raising=False)
    with pytest.raises(GraphRunError):
        run(runner, {"__message__": [], "__tracker__": None}, [target])
