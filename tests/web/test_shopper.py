"""The widget's routes: a session, what may be said in it, and how every refusal reads."""

import re
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from bot.domain.conversation import MAX_TEXT, Button
from bot.services.words import Words
from bot.store import tables
from tests.builders import a_reply, an_answer, at_once, errors_in
from tests.web.site import Shopper, Site

UNKNOWN_TOKENS = ("", "Bearer", "Bearer nobody", "Basic bm9ib2R5", "nobody", "Bearer \u00e9")


def refusal(response: httpx.Response, words: Words) -> tuple[int, str]:
    """Return status and code, having checked that the answer is an error as the protocol has it."""
    error = response.json()["error"]
    assert error.keys() == {"code", "message"}
    assert error["message"] == words.errors[error["code"]]
    return response.status_code, error["code"]


def test_a_session_is_a_token_and_a_conversation(http: httpx.Client) -> None:
    response = http.post("/api/session", json={})
    assert response.status_code == 201
    assert response.json().keys() == {"token", "conversation"}
    assert http.post("/api/session").status_code == 201
    assert http.post("/api/session").json()["token"] != response.json()["token"]


def test_a_message_is_acknowledged_with_its_number(shopper: Shopper) -> None:
    response = shopper.post(client_id="client-1", text="طلبي تأخر")
    assert response.status_code == 202
    assert response.json() == {
        "message": {
            "seq": 1, "from": "shopper", "text": "طلبي تأخر", "at": "2026-11-22T09:00:00Z", "client_id": "client-1",
        }
    }  # fmt: skip


def test_the_same_message_again_gets_the_same_answer(shopper: Shopper) -> None:
    first = shopper.post(client_id="client-1", text="طلبي تأخر")
    again = shopper.post(client_id="client-1", text="طلبي تأخر")
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json() == again.json()
    assert [message["text"] for message in shopper.answered(2)] == ["طلبي تأخر", "رد على: طلبي تأخر"]


def test_the_same_id_with_another_text_is_a_conflict(shopper: Shopper, words: Words) -> None:
    shopper.post(client_id="client-1", text="طلبي تأخر")
    assert refusal(shopper.post(client_id="client-1", text="طلبي وصل"), words) == (409, "client_id_reused")


def test_one_message_posted_ten_times_at_once_is_answered_once(shopper: Shopper) -> None:
    outcomes = at_once(10, lambda _: shopper.post(client_id="client-1", text="طلبي تأخر"))
    assert errors_in(outcomes) == []
    assert sorted(response.status_code for response in outcomes) == [200] * 9 + [202]
    assert [message["seq"] for message in shopper.answered(2)] == [1, 2]


@pytest.mark.parametrize("authorization", UNKNOWN_TOKENS)
def test_without_a_known_token_there_is_no_conversation(http: httpx.Client, words: Words, authorization: str) -> None:
    headers = {"Authorization": authorization.encode("latin-1")} if authorization else {}
    body = {"client_id": "client-1", "text": "طلبي تأخر"}
    for response in (
        http.post("/api/messages", json=body, headers=headers),
        http.get("/api/messages", headers=headers),
        http.get("/api/stream", headers=headers),
    ):
        assert refusal(response, words) == (401, "session_unknown")


@pytest.mark.parametrize("address", ["/api/messages?token={}", "/api/messages?authorization={}", "/api/stream?token={}"])
def test_a_token_in_an_address_is_not_looked_at(shopper: Shopper, words: Words, address: str) -> None:
    response = shopper.http.get(address.format(shopper.token))
    assert refusal(response, words) == (401, "session_unknown")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": "ا" * (MAX_TEXT + 1)}, 413, "too_long"),
        ({"text": ""}, 422, "empty"),
        ({"text": "\u200b\u2060 \n"}, 422, "empty"),
        ({"text": None}, 422, "empty"),
        ({}, 422, "empty"),
        ({"text": "\x00\x01\x02"}, 422, "not_text"),
        ({"choice": "never-offered-0"}, 422, "choice_unknown"),
        ({"choice": ""}, 422, "choice_unknown"),
        ({"choice": "\x00"}, 422, "choice_unknown"),
        ({"choice": "x" * 65}, 422, "invalid"),
        ({"text": "أ", "client_id": "short"}, 422, "invalid"),
        ({"text": "أ", "client_id": "x" * 65}, 422, "invalid"),
        ({"text": "أ", "client_id": "with space"}, 422, "invalid"),
        ({"text": "أ", "client_id": "with\x00null"}, 422, "invalid"),
        ({"text": "أ", "client_id": "newline-at-end\n"}, 422, "invalid"),
        ({"text": "أ", "client_id": None}, 422, "invalid"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_what_cannot_be_taken_is_refused_with_a_code_and_a_sentence(
    shopper: Shopper, words: Words, body: dict[str, Any], status: int, code: str
) -> None:
    assert refusal(shopper.post(**body), words) == (status, code)
    assert shopper.history() == []


def test_every_code_has_an_arabic_sentence_that_tells_what_to_do(words: Words) -> None:
    for code, sentence in words.errors.items():
        assert re.fullmatch(r"[\u0600-\u06FF .،]+(JSON)?[\u0600-\u06FF .،]*\.", sentence), code


def test_broken_halves_of_an_emoji_do_not_lose_the_message(shopper: Shopper) -> None:
    body = r'{"client_id": "client-1", "text": "\u0637\u0644\u0628\u064a \ud83d \ud83d\ude00"}'
    response = shopper.http.post(
        "/api/messages", content=body, headers=shopper.headers | {"Content-Type": "application/json"}
    )
    assert (response.status_code, response.json()["message"]["text"]) == (202, "طلبي 😀")


def test_too_many_messages_are_refused_with_when_to_come_back(site: Site, words: Words) -> None:
    with site.open(messages_per_minute=6) as http:
        shopper, other = Shopper(http), Shopper(http)
        answers = [shopper.post(text=f"رسالة {number}") for number in range(11)]
        assert [answer.status_code for answer in answers] == [202] * 10 + [429]
        assert refusal(answers[-1], words) == (429, "too_many")
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 11
        assert other.post(text="أنا غيره").status_code == 202


def test_too_many_sessions_from_one_address_are_refused(site: Site, words: Words) -> None:
    with site.open(sessions_per_minute=6) as http:
        answers = [http.post("/api/session", json={}) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [201] * 10 + [429]
        assert refusal(answers[-1], words) == (429, "too_many")


def test_a_choice_is_shown_as_its_title_and_no_payload_leaves_the_server(shopper: Shopper, site: Site) -> None:
    site.engine.outcomes = [an_answer(a_reply("هل هذا صحيح؟", Button("نعم", "/affirm{}"), asks="confirmed"))]
    shopper.say("طلبي تأخر")
    question = shopper.answered(2)[1]
    assert (question["from"], question["custom"], question["buttons"][0]["title"]) == ("bot", {"asks": "confirmed"}, "نعم")
    chosen = shopper.post(choice=question["buttons"][0]["id"])
    assert (chosen.status_code, chosen.json()["message"]["text"]) == (202, "نعم")
    assert "/affirm" not in str(shopper.answered(4)) + chosen.text
    assert site.engine.jobs[1].payload == "/affirm{}"


def test_history_is_read_from_a_number_on(shopper: Shopper) -> None:
    shopper.say("طلبي تأخر")
    shopper.answered(2)
    assert [message["seq"] for message in shopper.history(after=1)] == [2]
    assert shopper.history(after=2) == []


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "99999999999999999999", "\u0661 OR 1=1", ""])
def test_a_number_that_is_none_is_refused(shopper: Shopper, words: Words, after: str) -> None:
    response = shopper.http.get("/api/messages", params={"after": after}, headers=shopper.headers)
    assert refusal(response, words) == (422, "invalid")
    stream = shopper.http.get("/api/stream", headers=shopper.headers | {"Last-Event-ID": after.encode()})
    assert refusal(stream, words) == (422, "invalid")


def test_nobody_reads_anothers_messages(shopper: Shopper, http: httpx.Client) -> None:
    shopper.say("سر")
    stranger = Shopper(http)
    assert stranger.history() == []
    assert shopper.conversation != stranger.conversation


def test_the_token_is_not_in_the_store(shopper: Shopper, site: Site) -> None:
    with site.store.engine.connect() as connection:
        [row] = connection.execute(sa.select(tables.conversation))
    assert shopper.token not in map(str, row)
