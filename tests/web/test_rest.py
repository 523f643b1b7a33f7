"""Rasa's own REST form: its replies, its buttons, and what is answered late comes with the next message."""

import uuid
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.domain.conversation import Button
from bot.domain.errors import EngineDown
from bot.services.words import Words
from bot.store import tables
from tests.builders import a_reply, an_answer, at_once, errors_in, wait_for
from tests.conftest import Clock
from tests.web.site import Shopper, Site

WEBHOOK = "/webhooks/rest/webhook"


def talk(http: httpx.Client, message: str, sender: str = "sara", **more: Any) -> list[dict[str, Any]]:
    response = http.post(WEBHOOK, json={"sender": sender, "message": message} | more)
    assert response.status_code == 200, response.text
    return response.json()


def texts(replies: list[dict[str, Any]]) -> list[str]:
    return [reply["text"] for reply in replies]


def test_one_address_begins_only_so_many_conversations_and_those_that_are_known_go_on(site: Site) -> None:
    with site.open(sessions_per_minute=10) as http:
        for number in range(10):
            talk(http, "هلا", f"sender {number}")
        refused = http.post(WEBHOOK, json={"sender": "one more", "message": "هلا"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many")
        assert int(refused.headers["retry-after"]) > 0
        assert texts(talk(http, "طلبي", "sender 0")) == ["رد على: طلبي"]


def test_replies_come_in_rasas_form(http: httpx.Client, site: Site) -> None:
    summary = a_reply("سُجلت شكواك", Button("تتبّعها", "/track_complaint"), complaint_number="SH-48210-77301-9154")
    site.engine.outcomes = [an_answer("أبشر", summary)]
    replies = talk(http, "طلبي تأخر")
    assert replies[0] == {"recipient_id": "sara", "text": "أبشر"}
    assert replies[1].keys() == {"recipient_id", "text", "buttons", "custom"}
    assert replies[1]["custom"] == {"complaint_number": "SH-48210-77301-9154"}
    [button] = replies[1]["buttons"]
    assert button.keys() == {"title", "payload"}
    assert button["title"] == "تتبّعها"


def test_the_question_that_is_asked_is_named(http: httpx.Client, site: Site) -> None:
    site.engine.outcomes = [an_answer(a_reply("ما رقم الطلب؟", asks="order_number"))]
    assert talk(http, "طلبي تأخر")[0]["custom"] == {"asks": "order_number"}


def test_a_buttons_payload_sent_back_is_that_choice(http: httpx.Client, site: Site) -> None:
    site.engine.outcomes = [an_answer(a_reply("أؤكد؟", Button("نعم", "/affirm"), Button("لا", "/deny")))]
    [question] = talk(http, "طلبي تأخر")
    assert "/affirm" not in str(question)
    with site.store.engine.connect() as connection:
        ids = {row.title: row.id for row in connection.execute(sa.select(tables.choice))}
    assert question["buttons"] == [{"title": title, "payload": ids[title]} for title in ("نعم", "لا")]
    talk(http, question["buttons"][0]["payload"])
    assert (site.engine.jobs[1].text, site.engine.jobs[1].payload) == ("نعم", "/affirm")


def test_a_payload_of_another_sender_is_only_text(http: httpx.Client, site: Site) -> None:
    site.engine.outcomes = [an_answer(a_reply("أؤكد؟", Button("نعم", "/affirm")))]
    payload = talk(http, "طلبي تأخر")[0]["buttons"][0]["payload"]
    talk(http, payload, sender="noura")
    assert (site.engine.jobs[1].text, site.engine.jobs[1].payload) == (payload, None)


@pytest.mark.parametrize("message", ["/restart", '/affirm{"a": 1}', "x\x00y", "ن" * 2_000])
def test_what_is_typed_stays_text(http: httpx.Client, site: Site, message: str) -> None:
    talk(http, message)
    assert site.engine.jobs[0].payload is None


def test_while_the_engine_is_away_the_sender_hears_so_once_and_the_answer_with_the_next_message(
    http: httpx.Client, site: Site, clock: Clock, words: Words
) -> None:
    site.engine.broken = EngineDown("away")
    [notice] = talk(http, "الأولى")
    assert notice == {"recipient_id": "sara", "text": words.notices["kept"], "custom": {"notice": "kept"}}
    assert talk(http, "الثانية") == []
    site.engine.broken = None
    clock.turn(seconds=60)
    wait_for(lambda: site.engine.jobs[-1].text == "الثانية")
    assert texts(talk(http, "الثالثة")) == ["رد على: الأولى", "رد على: الثانية", "رد على: الثالثة"]


def test_what_comes_after_the_senders_patience_is_handed_out_with_the_next_message(
    http: httpx.Client, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.web.rest.PATIENCE_SECONDS", 0.05)
    site.engine.open.clear()
    assert talk(http, "الأولى") == []
    site.engine.open.set()
    monkeypatch.setattr("bot.web.rest.PATIENCE_SECONDS", 5)
    assert texts(talk(http, "الثانية")) == ["رد على: الأولى", "رد على: الثانية"]


def test_nothing_is_handed_out_twice(http: httpx.Client) -> None:
    assert texts(talk(http, "الأولى")) == ["رد على: الأولى"]
    assert texts(talk(http, "الثانية")) == ["رد على: الثانية"]


@pytest.mark.parametrize(
    "client_id", ["delivery-1", "1", 7, "x" * 500, "مُعرّف", "with\x00null", ["a", 1], {"a": None}, False]
)
def test_a_delivery_repeated_under_one_id_is_one_message(http: httpx.Client, site: Site, client_id: Any) -> None:
    metadata = {"client_id": client_id, "anything": "else"}
    first = talk(http, "طلبي تأخر", metadata=metadata)
    assert texts(first) == ["رد على: طلبي تأخر"]
    assert talk(http, "طلبي تأخر", metadata=metadata) == []
    other = http.post(WEBHOOK, json={"sender": "sara", "message": "وصل", "metadata": metadata})
    assert other.status_code == 409
    with site.store.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.turn)) == 1


def test_without_an_id_the_same_words_twice_are_two_messages(http: httpx.Client, site: Site) -> None:
    for _ in range(2):
        talk(http, "طلبي تأخر")
    assert len(site.engine.jobs) == 2


@pytest.mark.parametrize("sender", ["s", "س" * 255, "a b\n", "x\x00y", "../../etc", "' OR 1=1 --", "😀"], ids=ascii)
def test_any_name_is_a_sender_and_is_told_back(http: httpx.Client, sender: str) -> None:
    assert talk(http, "أهلًا", sender=sender)[0]["recipient_id"] == sender


def test_senders_hear_nothing_of_one_another(http: httpx.Client) -> None:
    outcomes = at_once(10, lambda number: talk(http, f"سر {number}", sender=f"sender {number}"))
    assert errors_in(outcomes) == []
    assert [texts(replies) for replies in outcomes] == [[f"رد على: سر {number}"] for number in range(10)]


def test_the_first_messages_of_one_sender_at_once_are_all_kept(http: httpx.Client, site: Site) -> None:
    outcomes = at_once(5, lambda number: talk(http, f"رسالة {number}"))
    assert errors_in(outcomes) == []
    with site.store.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.conversation)) == 1
    assert sorted(text for replies in outcomes for text in texts(replies)) == [
        f"رد على: رسالة {number}" for number in range(5)
    ]


def test_no_sender_reaches_a_conversation_of_the_widget(http: httpx.Client, site: Site) -> None:
    shopper = Shopper(http)
    shopper.say("سر")
    shopper.answered(2)
    for sender in (shopper.conversation, shopper.token, site.engine.jobs[0].sender_key):
        assert "سر" not in str(talk(http, "ماذا قلت؟", sender=sender))
    assert len(shopper.history()) == 2


def test_one_sender_can_send_too_much(site: Site) -> None:
    with site.open(messages_per_minute=6) as http:
        statuses = [http.post(WEBHOOK, json={"sender": "sara", "message": uuid.uuid4().hex}).status_code for _ in range(11)]
        assert statuses == [200] * 10 + [429]
        assert texts(talk(http, "أهلًا", sender="noura")) == ["رد على: أهلًا"]


def test_the_form_says_that_it_is_there(http: httpx.Client) -> None:
    assert http.get("/webhooks/rest/").json() == {"status": "ok"}
