"""Processes that are asked to end lose no turn they are in the middle of; logs follow a turn through all of them."""

import re
import time
import uuid

import httpx
import pytest

from tests.system.running import System
from tests.system.shoppers import WidgetShopper, complain
from tests.system.test_journeys import EGYPTIAN, SAUDI, TELLS_LITTLE, TELLS_MUCH
from tests.system.waiting import eventually

pytestmark = pytest.mark.system

ORDER = "طلبي رقم 405-1234567-7654321"
CANARIES = ("كنارياالشات", "canary.shopper@example.com", "0557418529", "٠٥٥٧٤١٨٥٢٩", "IBAN-SA4420000001234567891234")
TURN = re.compile(r"turn_id=(\d+)")


def epochs(system: System, conversation: str, seq: int) -> list[int]:
    """Return how often a message's turn was begun."""
    return system._column("SELECT epoch FROM turn WHERE conversation_id = ? AND message_seq = ?", conversation, seq)


def lines_of(system: System, event: str, turn: str) -> list[str]:
    return [line for line in system.said().splitlines() if f"event='{event}'" in line and f"turn_id={turn} " in f"{line} "]


def test_one_turn_is_found_in_every_process_and_nobody_is_quoted(system: System) -> None:
    with WidgetShopper(system) as shopper:
        shopper.answer(f"{TELLS_LITTLE} {' '.join(CANARIES)}")
        shopper.say(ORDER)
        token = shopper.headers["Authorization"].removeprefix("Bearer ")
        eventually(lambda: shopper.conversation in system.said(), 60, "logged")
    answered = [line for line in system.said().splitlines() if f"conversation_id='{shopper.conversation}'" in line]
    turns = {turn for line in answered if "turn.answered" in line for turn in TURN.findall(line)}
    assert len(turns) == 2
    for turn in turns:
        assert len(lines_of(system, "turn.answered", turn)) == 1
        assert len(lines_of(system, "channel.turn.answered", turn)) == 1
        assert lines_of(system, "actions.action.ran", turn)
    logs = system.logs()
    assert token not in logs
    escaped = [canary.encode("unicode_escape").decode() for canary in CANARIES]
    assert [canary for canary in (*CANARIES, *escaped) if canary in logs] == []


def test_a_gateway_that_is_asked_to_end_finishes_its_turn_first(system: System) -> None:
    with WidgetShopper(system) as shopper:
        assert shopper.answer(TELLS_LITTLE).asks == "order_number"
        with system.paused("rasa"):
            sent = shopper.send(text=ORDER)
            eventually(lambda: system.has_begun(shopper.conversation, sent), 60, "asking Rasa")
            asked = time.monotonic()
            ended = system.terminate("gateway")
            time.sleep(0.3)  # it has begun to end, and waits for the answer
            assert ended in system.processes()
        eventually(lambda: ended not in system.processes(), 60, "ended")
        assert time.monotonic() - asked < 30, "streams and turns do not hold it up"
        assert not system.has_begun(shopper.conversation, sent)
        system.wait_until_well()
        assert [reply.asks for reply in shopper.replies(sent)] == ["purchase_date"]
        assert epochs(system, shopper.conversation, sent) == [1], "no other gateway had to take it up"
        assert shopper.notices() == []


def test_an_open_stream_ends_with_its_gateway_and_goes_on_with_the_next(system: System) -> None:
    with WidgetShopper(system) as shopper:
        shopper.say("السلام عليكم")
        headers = shopper.headers | {"Last-Event-ID": "0"}
        with httpx.stream("GET", f"{system.url}/api/stream", headers=headers, timeout=20, trust_env=False) as stream:
            ended = system.terminate("gateway")
            assert sum(line.startswith("id:") for line in stream.iter_lines()) >= 2, "it ends as a whole answer does"
        eventually(lambda: ended not in system.processes(), 60, "ended")
        system.wait_until_well()
        assert shopper.say("شكرا")


@pytest.mark.parametrize("role", ["actions", "rasa"])
def test_a_turn_in_a_process_that_is_asked_to_end_is_answered_once(system: System, role: str) -> None:
    with WidgetShopper(system) as shopper:
        assert shopper.answer(TELLS_LITTLE).asks == "order_number"
        with system.paused(role):
            sent = shopper.send(text=ORDER)
            eventually(lambda: system.has_begun(shopper.conversation, sent), 60, "under way")
            ended = system.terminate(role)
        eventually(lambda: ended not in system.processes(), 60, "ended")
        assert [reply.asks for reply in shopper.replies(sent, seconds=90)] == ["purchase_date"]
        _, last = complain(shopper, "من أسبوعين", EGYPTIAN)
        assert system.filed_in(shopper.conversation) == [last.custom["complaint_number"]]
    system.wait_until_well()


def test_a_worker_that_is_asked_to_end_leaves_its_events_to_the_next(system: System) -> None:
    with WidgetShopper(system) as shopper:
        shopper.answer(TELLS_MUCH)
        ended = system.terminate("worker")
        _, last = complain(shopper, ORDER, SAUDI)
        number = last.custom["complaint_number"]
    eventually(lambda: ended not in system.processes(), 60, "ended")
    eventually(lambda: f"number='{number}'" in system.said(), 30, "published")
    assert [line for line in system.said().splitlines() if "complaint.filed" in line and number in line][1:] == []


def test_everything_ends_when_it_is_asked_to_and_the_turn_is_taken_up_at_the_next_start(system: System) -> None:
    with WidgetShopper(system) as shopper:
        assert shopper.answer(TELLS_LITTLE).asks == "order_number"
        with system.paused("rasa"):
            sent = shopper.send(client_id=uuid.uuid4().hex, text=ORDER)
            eventually(lambda: system.has_begun(shopper.conversation, sent), 60, "asking Rasa")
            system.terminate("rasa")
        assert system.stop() == 0
        assert system.processes() == {}
        system.start()
        assert [reply.asks for reply in shopper.replies(sent, seconds=90)] == ["purchase_date"]
