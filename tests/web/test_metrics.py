"""What Prometheus is told: counted exactly, with names of ours alone as labels, and to nobody without the token."""

import re
from collections.abc import Iterator

import httpx
import pytest

from bot.domain.conversation import Reading
from bot.domain.errors import EngineDown
from bot.domain.handoff import Reason
from bot.services import meter
from bot.services.meter import SECONDS, Counter, Histogram, Meter
from bot.services.queue import enter
from bot.store.unit_of_work import Store
from tests.builders import wait_for
from tests.conftest import Clock
from tests.web.site import Shopper, Site

TOKEN = "what Prometheus shows, in these tests"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}
LINE = re.compile(r'[a-z_]+(?:\{[a-z_]+="(?:[^"\\\n]|\\.)*"(?:,[a-z_]+="(?:[^"\\\n]|\\.)*")*\})? [-+0-9.e]+')


@pytest.fixture
def told(site: Site) -> Iterator[httpx.Client]:
    with site.open(metrics_token=TOKEN) as http:
        yield http


def figures(http: httpx.Client) -> dict[str, float]:
    answer = http.get("/metrics", headers=SHOWN)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_requests_are_counted_by_their_routes_and_never_by_what_a_caller_chose(told: httpx.Client) -> None:
    told.get("/files/a-secret-of-somebody?until=1&signature=0")
    told.get("/nobody/knows/this")
    told.request("BREW", "/api/messages")
    told.post("/api/session", json={})
    found = figures(told)
    assert found['shakwa_requests_total{method="POST",route="/api/session",status="201"}'] == 1
    assert found['shakwa_request_seconds_count{method="POST",route="/api/session"}'] == 1
    assert found['shakwa_requests_total{method="GET",route="other",status="404"}'] == 1
    assert found['shakwa_requests_total{method="GET",route="/files/{file_id}",status="404"}'] == 1
    assert not [name for name in found if "secret" in name or "nobody" in name or "BREW" in name]


def test_an_error_of_ours_is_counted_as_one(site: Site, told: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.services.chat.Chat.open", lambda *_: 1 / 0)
    assert told.post("/api/session", json={}).status_code == 500
    assert figures(told)['shakwa_requests_total{method="POST",route="/api/session",status="500"}'] == 1


def test_turns_are_counted_by_what_became_of_them(site: Site, told: httpx.Client, clock: Clock) -> None:
    shopper = Shopper(told)
    shopper.say("طلبي تأخر")
    shopper.answered(2)
    site.engine.outcomes = [EngineDown("away")]
    shopper.say("وين طلبي")
    shopper.answered(4)
    waiting = figures(told)
    assert waiting['shakwa_turns_total{outcome="answered"}'] == 1
    assert waiting['shakwa_turns_total{outcome="retried"}'] == 1
    assert waiting["shakwa_turn_seconds_count"] == 1
    assert waiting["shakwa_turns_pending"] == 1
    clock.turn(seconds=5)
    shopper.answered(5)
    wait_for(lambda: figures(told)["shakwa_turns_pending"] == 0)
    after = figures(told)
    assert after['shakwa_turns_total{outcome="answered"}'] == 2
    assert after["shakwa_turn_seconds_sum"] == 5, "from the message to its answer, outage and all"
    assert after['shakwa_readings_total{model="shakwa-20261122-120000.tar.gz",understood="sure"}'] == 2


def test_the_age_of_the_oldest_message_that_waits_is_told(site: Site, told: httpx.Client, clock: Clock) -> None:
    site.engine.broken = EngineDown("away")
    Shopper(told).say("وين طلبي")
    wait_for(lambda: figures(told).get('shakwa_turns_total{outcome="retried"}') == 1)
    clock.turn(seconds=0.5)
    assert figures(told)["shakwa_oldest_turn_seconds"] == 0.5


def test_what_waits_in_the_store_is_told(told: httpx.Client, site: Site, store: Store, clock: Clock, a_complaint) -> None:
    a_complaint()
    a_complaint(complaint_kind="wrong_item")
    a_complaint(complaint_kind="wrong_item")
    found = figures(told)
    assert found['shakwa_complaints{kind="damaged_item"}'] == 1
    assert found['shakwa_complaints{kind="wrong_item"}'] == 2
    assert found["shakwa_outbox_waiting"] == 3
    assert (found["shakwa_shoppers_waiting"], found["shakwa_webhooks_waiting"], found["shakwa_webhooks_given_up"]) == (
        0,
        0,
        0,
    )
    assert found["process_resident_memory_bytes"] > 10_000_000


def test_shoppers_and_deliveries_that_wait_are_told(told: httpx.Client, site: Site, store: Store, clock: Clock) -> None:
    hook = site.webhooks.add("https://erp.shop.example/hook", ["conversation.waiting"], "")
    shopper = Shopper(told)
    with store.write() as work:
        enter(work, shopper.conversation, Reason.ASKED, clock())
        for event_id in (1, 2):
            work.webhooks.fan_out(event_id, "conversation.waiting", {}, clock())
        work.commit()
    with store.write() as work:
        [first, _] = work.webhooks.deliveries(hook.id, failed=False, before=None, limit=5)
        first.not_before = None
        work.commit()
    found = figures(told)
    assert found["shakwa_shoppers_waiting"] == 1
    assert (found["shakwa_webhooks_waiting"], found["shakwa_webhooks_given_up"]) == (1, 1)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_open_streams_are_told(site: Site) -> None:
    with site.serve(metrics_token=TOKEN) as http:
        shopper = Shopper(http)
        assert figures(http)["shakwa_open_streams"] == 0
        with shopper.listen():
            wait_for(lambda: figures(http)["shakwa_open_streams"] == 1)
        wait_for(lambda: figures(http)["shakwa_open_streams"] == 0)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_parts_are_told_and_the_rest_goes_on_without_the_store(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.checks |= {"engine": lambda: False, "actions": lambda: True}
    monkeypatch.setattr("tests.web.site.vitals", lambda *_: 1 / 0)
    with site.open(metrics_token=TOKEN) as http:
        found = figures(http)
    assert (found['shakwa_part_up{part="engine"}'], found['shakwa_part_up{part="actions"}']) == (0, 1)
    assert "shakwa_turns_pending" not in found


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "given", [{}, {"Authorization": TOKEN}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"}]
)
def test_nobody_is_told_without_the_token(told: httpx.Client, given: dict[str, str]) -> None:
    answer = told.get("/metrics", headers=given)
    assert answer.status_code == 401
    assert "shakwa_" not in answer.text


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_where_no_token_is_set_there_are_no_metrics(http: httpx.Client) -> None:
    for headers in ({}, {"Authorization": "Bearer "}, SHOWN):
        assert http.get("/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("intent", "confidence", "understood"),
    [("greet", 0.5, "sure"), ("greet", 0.49, "unsure"), ("nlu_fallback", 0.9, "fallback")],
)
def test_how_sure_a_reading_was_is_counted(intent: str, confidence: float, understood: str) -> None:
    counted = Meter()
    counted.read(Reading(intent, confidence, [], [], "m.tar.gz"))
    assert list(counted.readings.lines())[2:] == [f'shakwa_readings_total{{model="m.tar.gz",understood="{understood}"}} 1']


def test_a_histogram_counts_everything_up_to_each_border() -> None:
    taken = Histogram("t", "Times.")
    for seconds in (0.005, 0.006, 3.0, 99.0):
        taken.add(seconds)
    lines = list(taken.lines())
    counts = [int(line.split()[1]) for line in lines if "_bucket" in line]
    assert len(counts) == len(SECONDS) + 1
    assert (counts[0], counts[1], counts[-4], counts[-1]) == (1, 2, 3, 4)
    assert lines[-3:] == ['t_bucket{le="+Inf"} 4', "t_sum 102.011", "t_count 4"]


def test_labels_are_escaped_and_their_number_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "MOST_SERIES", 2)
    counted = Counter("c", "Things.", "what")
    for name in ('a"\\\n', "b", "c", "d", "b"):
        counted.add(name)
    assert sorted(counted.lines())[2:] == ['c{what="a\\"\\\\\\n"} 1', 'c{what="b"} 2', 'c{what="other"} 2']
