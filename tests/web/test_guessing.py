"""Guessing over the wire, in process: what is another's and what is not there get one answer, to the letter."""

import asyncio
import secrets
from collections import Counter

import httpx
import pytest

from bot.domain.conversation import Button
from tests.builders import a_reply, an_answer, wait_for
from tests.web.site import Shopper, Site
from tests.web.test_evidence import PDF, hand_in, sent

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def told(answer: httpx.Response) -> tuple[int, str, tuple[str, ...]]:
    return answer.status_code, answer.text, tuple(sorted(answer.headers))


def test_a_thousand_tokens_open_no_conversation(http: httpx.Client, shopper: Shopper) -> None:
    shopper.say("طلبي تأخر")
    guesses = [
        shopper.conversation,
        shopper.token[:-1],
        shopper.token.swapcase(),
        *(secrets.token_urlsafe(32) for _ in range(997)),
    ]
    answers = Counter(told(http.get("/api/messages", headers={"Authorization": f"Bearer {one}"})) for one in guesses)
    [((status, text, _), times)] = answers.items()
    assert (status, times) == (401, 1_000)
    assert "طلبي" not in text


def test_a_file_of_anothers_and_none_are_one(http: httpx.Client, shopper: Shopper) -> None:
    waiting, [file] = hand_in(shopper, PDF).json()["file"]["id"], sent(shopper, PDF)
    stranger = Shopper(http)
    ids = [waiting, file["id"], *(secrets.token_urlsafe(24) for _ in range(20))]
    assert len({told(http.delete(f"/api/files/{one}", headers=stranger.headers)) for one in ids}) == 1
    assert len({told(stranger.post(files=[one])) for one in ids}) == 1
    opened = {told(http.get(f"/files/{one}?until=9999999999&signature={'0' * 64}")) for one in ids}
    assert {status for status, _, _ in opened} == {404}
    assert len(opened) == 1
    assert http.get(file["url"]).status_code == 200


def test_a_choice_of_anothers_and_none_are_one(site: Site, http: httpx.Client, shopper: Shopper) -> None:
    site.engine.outcomes = [an_answer(a_reply("أؤكد؟", Button("نعم", "/affirm")))]
    shopper.say("طلبي تأخر")
    [button] = shopper.answered(2)[1]["buttons"]
    stranger = Shopper(http)
    answers = {
        told(stranger.post(choice=one)) for one in (button["id"], secrets.token_urlsafe(12), "affirm", "x", "/affirm")
    }
    assert [status for status, _, _ in answers] == [422]
    assert shopper.post(choice=button["id"]).status_code == 202
    wait_for(lambda: len(site.engine.jobs) == 2)


def test_links_are_guessed_by_the_minute_and_found_by_nobody(http: httpx.Client) -> None:
    answers = Counter(http.get(f"/complaints/file/{secrets.token_urlsafe(24)}").status_code for _ in range(200))
    assert set(answers) == {404, 429}
    assert answers[404] < 60


def opened_from(site: Site, addresses: list[str]) -> Counter[int]:
    """Begin a conversation from each address, of which ten may be begun at once; return the answers."""
    app = site.app(sessions_per_minute=10)

    async def go() -> Counter[int]:
        found: Counter[int] = Counter()
        for address in addresses:
            transport = httpx.ASGITransport(app, client=(address, 50_000))
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
                found[(await http.post("/api/session", json={})).status_code] += 1
        return found

    return asyncio.run(go())


def test_a_home_of_ipv6_opens_conversations_as_one(site: Site) -> None:
    """Otherwise each of its 2^64 addresses had a rate of its own, and five guesses at a complaint in each conversation."""
    assert opened_from(site, [f"2001:db8:1:1:{at:x}::1" for at in range(25)]) == {201: 10, 429: 15}
    assert opened_from(site, [f"2001:db8:1:{at:x}::1" for at in range(25)]) == {201: 25}
    assert opened_from(site, [f"::ffff:192.0.2.{at}" for at in range(25)]) == {201: 25}
