"""Where tracker and draft differ, the draft is right; where they agree, nothing is written."""

from typing import Any

import pytest

from bot.settings import ROOT
from tests.rasa_fixtures import RASA

pytestmark = RASA

FORM = {
    "draft_id": "d1",
    "values": {"complaint_kind": "late_delivery", "order_number": "12345678"},
    "skipped": ["purchase_date"],
    "asked": "product",
}


@pytest.fixture(scope="module")
def domain(quiet_rasa: None) -> Any:
    from rasa.shared.core.domain import Domain

    return Domain.load(ROOT / "domain.yml")


@pytest.fixture
def tracker(domain: Any) -> Any:
    from rasa.shared.core.trackers import DialogueStateTracker

    return DialogueStateTracker.from_events("shopper", [], domain.slots)


def mirrored(tracker: Any, domain: Any, **changes: Any) -> int:
    """Mirror the form and return how many events that took."""
    from bot.channel.mirror import mirror

    before = len(tracker.events)
    mirror(FORM | changes, tracker, domain)
    return len(tracker.events) - before


def test_a_lost_tracker_is_in_the_form_again(tracker: Any, domain: Any) -> None:
    mirrored(tracker, domain)
    assert tracker.active_loop_name == "complaint_form"
    assert tracker.get_slot("requested_slot") == "product"
    assert tracker.get_slot("order_number") == "12345678"
    assert tracker.get_slot("draft_id") == "d1"
    assert tracker.get_slot("skipped") == ["purchase_date"]
    assert tracker.latest_action_name == "action_listen"


def test_a_tracker_that_agrees_is_left_alone(tracker: Any, domain: Any) -> None:
    mirrored(tracker, domain)
    assert mirrored(tracker, domain) == 0


def test_a_service_that_is_under_way_is_left_to_its_end(tracker: Any, domain: Any) -> None:
    from rasa.shared.core.events import ActiveLoop

    mirrored(tracker, domain)
    tracker.update_with_events([ActiveLoop("service_form")], domain)
    assert mirrored(tracker, domain) == 0
    assert tracker.active_loop_name == "service_form"


def test_without_a_draft_nothing_is_touched(tracker: Any, domain: Any) -> None:
    from bot.channel.mirror import mirror

    mirror(None, tracker, domain)
    assert len(tracker.events) == 0


def test_a_value_the_draft_has_otherwise_is_set_alone(tracker: Any, domain: Any) -> None:
    mirrored(tracker, domain)
    assert mirrored(tracker, domain, values=FORM["values"] | {"order_number": "87654321"}) == 1
    assert tracker.get_slot("order_number") == "87654321"


def test_nothing_skipped_is_no_list(tracker: Any, domain: Any) -> None:
    mirrored(tracker, domain)
    mirrored(tracker, domain, skipped=[])
    assert tracker.get_slot("skipped") is None


def test_a_form_nobody_was_asked_in_yet_asks_from_its_opening(tracker: Any, domain: Any) -> None:
    mirrored(tracker, domain, asked=None, values={}, skipped=[])
    assert tracker.active_loop_name == "complaint_form"
    assert tracker.get_slot("requested_slot") is None
