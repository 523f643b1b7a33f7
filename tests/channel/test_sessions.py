"""A long conversation begins a new session of Rasa's, and nobody who takes part in it notices."""

from typing import Any

import pytest

from bot.settings import ROOT
from tests.rasa_fixtures import RASA

pytestmark = RASA


@pytest.fixture(scope="module")
def domain(quiet_rasa: None) -> Any:
    from rasa.shared.core.domain import Domain

    return Domain.load(ROOT / "domain.yml")


def a_long_one(domain: Any, *, in_the_form: bool = False, intent: str = "inform", turns: int = 60) -> Any:
    from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    tracker = DialogueStateTracker.from_events("shopper", [], domain.slots)
    for number in range(turns):
        said = UserUttered(f"الرسالة {number}", {"name": intent if number == turns - 1 else "inform"})
        told = [said, SlotSet("product", f"جوال {number}"), SlotSet("requested_slot", "remedy" if in_the_form else None)]
        tracker.update_with_events([*told, ActionExecuted("action_listen")], domain)
    if in_the_form:
        tracker.update_with_events([ActiveLoop("complaint_form"), ActionExecuted("action_listen")], domain)
    return tracker


def cut(tracker: Any, domain: Any) -> list[Any]:
    """Begin anew where that is due; return the events of the latest session."""
    from bot.channel.sessions import begin_anew

    begin_anew(tracker, domain)
    return tracker.applied_events()


def test_what_was_told_goes_on_and_what_was_said_stays_behind(domain: Any) -> None:
    tracker = a_long_one(domain)
    events = cut(tracker, domain)
    assert {event.key: event.value for event in events[:-1]} == {"product": "جوال 59"}
    assert events[-1].action_name == "action_listen"
    assert tracker.get_slot("product") == "جوال 59"


def test_a_form_goes_on_in_the_new_session_with_its_question(domain: Any) -> None:
    tracker = a_long_one(domain, in_the_form=True, turns=160)
    assert len(cut(tracker, domain)) < 10
    assert tracker.active_loop_name == "complaint_form"
    assert tracker.get_slot("requested_slot") == "remedy"
    assert tracker.latest_action_name == "action_listen"


@pytest.mark.parametrize(
    "spared",
    [{"turns": 20}, {"in_the_form": True}, {"intent": "nlu_fallback"}],
    ids=["short", "in a form", "not understood"],
)
def test_a_session_goes_on(domain: Any, spared: dict[str, Any]) -> None:
    tracker = a_long_one(domain, **spared)
    assert len(cut(tracker, domain)) >= 79
