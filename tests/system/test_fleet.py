"""Two gateways, two Rasa servers and two workers on PostgreSQL and Redis: a conversation may be anywhere at any message."""

import itertools
import json
import shutil
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Self

import httpx
import pytest

from bot.domain.user import Role
from bot.engine.spread import Engines
from tests.conftest import missing, on_postgres
from tests.redis_server import OwnRedis
from tests.services.staff import PASSWORD, a_user
from tests.system.fleet import Fleet, Receiver
from tests.system.model import current_models
from tests.system.shoppers import Tap, WidgetShopper, complain, messages_in
from tests.system.waiting import eventually

pytestmark = pytest.mark.system

TELLS_MUCH = "السماعة وصلت مكسورة وما تشتغل، شريتها قبل أسبوع وأبغى فلوسي"
SAUDI: dict[str, str | Tap] = {
    "order_number": "رقم الطلب ٤٠٥-١٢٣٤٥٦٧-٧٦٥٤٣٢١",
    "contact": "جوالي 0501234567",
    "confirmed": "ايه أرسلها",
}
AT_ONCE = 0.3
"""Seconds in which another gateway's stream hears of a message, with Redis."""
BY_POLLING = 10
"""And without."""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if shutil.which("redis-server") is None:
        missing("redis-server")
    redis = OwnRedis(tmp_path_factory.mktemp("redis"))
    redis.start()
    for database in on_postgres():
        url = database.url.render_as_string(hide_password=False)
        fleet = Fleet(tmp_path_factory.mktemp("fleet"), current_models(), url, redis)
        try:
            fleet.start()
            yield fleet
        finally:
            fleet.destroy()
            redis.stop()


class Wanderer(WidgetShopper):
    """Sends each message through another gateway than the one before, and listens at the one it did not send through."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(fleet)
        self.clients = [self.http, httpx.Client(base_url=fleet.gateways[1], timeout=30, trust_env=False)]
        self._ways = itertools.cycle([(self.clients[1], self.clients[0]), (self.clients[0], self.clients[1])])

    def send(self, client_id: str | None = None, **content: str) -> int:
        self.http, listens = next(self._ways)
        try:
            return super().send(client_id, **content)
        finally:
            self.http = listens

    def __exit__(self, *_: object) -> None:
        for client in self.clients:
            client.close()


class Listening:
    """A stream that stays open at one gateway: texts with the moment they came."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self.came: dict[str, float] = {}
        self.opened = threading.Event()
        self._url, self._headers = url, headers
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        assert self.opened.wait(30)

    def _listen(self) -> None:
        with httpx.Client(base_url=self._url, timeout=60, trust_env=False) as http:
            try:
                with http.stream("GET", "/api/stream", headers=self._headers) as response:
                    self.opened.set()
                    for message in messages_in(response.iter_lines()):
                        self.came[message["text"]] = time.monotonic()
            except httpx.TransportError:
                return  # the gateway has ended

    def delay(self, text: str, since: float) -> float:
        eventually(lambda: text in self.came, 30, f"hearing {text}")
        return self.came[text] - since


def delays(fleet: Fleet, count: int) -> list[float]:
    """Return how long after its acknowledgement at the one gateway each message was heard at the other."""
    found = []
    with Wanderer(fleet) as shopper:
        stream = Listening(fleet.gateways[1], shopper.headers)
        for number in range(count):
            body = {"client_id": f"wake-{number:04}-{time.monotonic_ns()}", "text": f"هلا {number}"}
            assert shopper.clients[0].post("/api/messages", json=body, headers=shopper.headers).is_success
            found.append(max(0.0, stream.delay(f"هلا {number}", time.monotonic())))
            time.sleep(0.37)  # not in step with polling
    return found


class Agent:
    """Somebody who works at one of the gateways."""

    def __init__(self, fleet: Fleet, url: str, login: str) -> None:
        a_user(fleet.services.console.users, Role.AGENT, login, "سارة")
        self.http = httpx.Client(base_url=f"{url}/console/api", timeout=30, trust_env=False)
        signed_in = self.http.post(
            "/sign-in", json={"login": login, "password": PASSWORD}, headers={"X-Shakwa-CSRF": "sign-in"}
        )
        assert signed_in.is_success, signed_in.text
        self.http.headers = {
            "Cookie": signed_in.headers["set-cookie"].split(";")[0],
            "X-Shakwa-CSRF": signed_in.json()["csrf"],
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def post(self, conversation: str, what: str, **body: str) -> None:
        answer = self.http.post(f"/conversations/{conversation}/{what}", json=body)
        assert answer.is_success, answer.text


def filed_in(fleet: Fleet, conversation: str) -> list[str]:
    with fleet.services.store.read() as work:
        return [complaint.number for complaint in work.complaints.of(conversation)]


def home_of(fleet: Fleet, conversation: str) -> int:
    """Return the machine whose Rasa is asked first about this conversation."""
    with fleet.services.store.read() as work:
        found = work.conversations.get(conversation)
    assert found is not None
    return fleet.engines.index(Engines(fleet.engines, "").order(found.sender_key)[0])


def test_complaints_are_filed_by_shoppers_who_change_gateways_at_each_message_and_told_of_once(fleet: Fleet) -> None:
    with Receiver().serving() as receiver:
        webhook = fleet.services.webhooks.add(receiver.url, ["complaint.filed"])
        numbers = []
        for _ in range(4):
            with Wanderer(fleet) as shopper:
                asked, last = complain(shopper, TELLS_MUCH, SAUDI)
                assert asked == list(SAUDI), [one["text"] for one in shopper.history()]
                numbers.append(last.custom["complaint_number"])
                assert filed_in(fleet, shopper.conversation) == numbers[-1:]
        eventually(lambda: len(receiver.events) >= 4, 60, "the webhook's events")
        time.sleep(5)  # two more rounds of both couriers
        fleet.services.webhooks.remove(webhook.id or 0)
        told = [json.loads(event)["data"]["number"] for event in receiver.events]
    assert sorted(told) == sorted(numbers)


def test_a_stream_at_one_gateway_hears_at_once_what_is_posted_at_the_other(fleet: Fleet) -> None:
    eventually(lambda: statistics.median(delays(fleet, 9)) < AT_ONCE, 60, "heard at once")


def test_an_agent_at_one_gateway_takes_over_a_conversation_at_the_other(fleet: Fleet) -> None:
    with Agent(fleet, fleet.gateways[1], "sara") as agent, Wanderer(fleet) as shopper:
        shopper.answer(TELLS_MUCH)
        agent.post(shopper.conversation, "claim")
        shopper.hear(lambda: "agent_joined" in shopper.notices())
        agent.post(shopper.conversation, "messages", client_id="agent-says-1", text="أهلًا، معك سارة")
        shopper.hear(lambda: shopper.messages[-1]["text"] == "أهلًا، معك سارة")
        seq = shopper.send(text="هلا فيك")
        time.sleep(2)
        assert [one["from"] for one in shopper.history()[seq - 1 :]] == ["shopper"], "the bot is silent everywhere"
        agent.post(shopper.conversation, "hand-back")
        shopper.replies(seq)
        _, last = complain(shopper, str(SAUDI["order_number"]), SAUDI)
        assert last.custom["complaint_number"] in filed_in(fleet, shopper.conversation)


def test_the_form_goes_on_when_the_rasa_server_it_was_with_is_lost(fleet: Fleet) -> None:
    with Wanderer(fleet) as shopper:
        assert shopper.answer(TELLS_MUCH).asks == "order_number"
        machine = home_of(fleet, shopper.conversation)
        fleet.kill("engine", machine)
        try:
            began = time.monotonic()
            assert shopper.answer(SAUDI["order_number"]).asks == "contact"
            assert time.monotonic() - began < 60
            assert shopper.answer(SAUDI["contact"]).asks == "confirmed"
            last = shopper.answer(SAUDI["confirmed"])
        finally:
            fleet.run("engine", machine)
        assert filed_in(fleet, shopper.conversation) == [last.custom["complaint_number"]]
        assert shopper.notices() == []
    fleet.wait_for_engine(machine)


def test_without_redis_it_goes_on_by_polling_and_afterwards_by_signals_again(fleet: Fleet) -> None:
    with Wanderer(fleet) as shopper:
        shopper.answer(TELLS_MUCH)
        fleet.redis.stop()
        try:
            assert max(delays(fleet, 5)) < BY_POLLING
            assert shopper.answer(SAUDI["order_number"]).asks == "contact"
        finally:
            fleet.redis.start()
        shopper.answer(SAUDI["contact"])
        last = shopper.answer(SAUDI["confirmed"])
        assert filed_in(fleet, shopper.conversation) == [last.custom["complaint_number"]]
    eventually(lambda: statistics.median(delays(fleet, 5)) < AT_ONCE, 60, "signals again")


@pytest.mark.parametrize("how", ["held still", "emptied"])
def test_a_redis_that_is_held_still_or_emptied_costs_nobody_more_than_a_look(fleet: Fleet, how: str) -> None:
    with Wanderer(fleet) as shopper:
        shopper.answer(TELLS_MUCH)
        with fleet.redis.paused() if how == "held still" else nullcontext(fleet.redis.flush()):
            assert max(delays(fleet, 5)) < BY_POLLING
            assert shopper.answer(SAUDI["order_number"]).asks == "contact"
        shopper.answer(SAUDI["contact"])
        last = shopper.answer(SAUDI["confirmed"])
        assert filed_in(fleet, shopper.conversation) == [last.custom["complaint_number"]]
    eventually(lambda: statistics.median(delays(fleet, 5)) < AT_ONCE, 60, "signals again")


def test_when_the_database_ends_every_connection_the_form_goes_on_and_is_filed_once(fleet: Fleet) -> None:
    with Wanderer(fleet) as shopper:
        shopper.answer(TELLS_MUCH)
        assert fleet.cut_connections() > 4
        assert shopper.answer(SAUDI["order_number"]).asks == "contact"
        seq = shopper.send(text=str(SAUDI["contact"]))
        fleet.cut_connections()  # in the middle of the turn
        assert shopper.replies(seq)[-1].asks == "confirmed"
        seq = shopper.send(text=str(SAUDI["confirmed"]))
        fleet.cut_connections()
        last = shopper.replies(seq)[-1]
        assert filed_in(fleet, shopper.conversation) == [last.custom["complaint_number"]]
        assert set(shopper.notices()) <= {"kept"}
        assert shopper.history() == shopper.messages


def test_a_shopper_whose_gateway_is_lost_goes_on_at_the_other(fleet: Fleet) -> None:
    """Last, for the second gateway is not started again."""
    with Wanderer(fleet) as shopper:
        shopper.answer(TELLS_MUCH)
        seq = shopper.send(text=str(SAUDI["order_number"]))
        fleet.kill("gateway", 1)
        shopper.http = shopper.clients[0]
        shopper._ways = itertools.repeat((shopper.http, shopper.http))
        assert shopper.replies(seq)[-1].asks == "contact"
        shopper.answer(SAUDI["contact"])
        last = shopper.answer(SAUDI["confirmed"])
        assert filed_in(fleet, shopper.conversation) == [last.custom["complaint_number"]]
