"""A shopper's data in the console: shown, handed out, erased; and what the shopper and those who look on see of it."""

import io
import json
import zipfile
from collections.abc import Callable

import httpx
import pytest

from bot.domain.complaint import Complaint
from bot.domain.user import Role
from tests.web.site import Shopper, Site, Stream
from tests.web.staff import Colleague


@pytest.fixture
def huda(site: Site, http: httpx.Client) -> Colleague:
    return Colleague(site, http, Role.SUPERVISOR, "huda", "هدى")


def code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def test_a_supervisor_sees_how_much_there_is_and_takes_a_copy(huda: Colleague, shopper: Shopper) -> None:
    shopper.say("غسالتي تأخرت كثيرا")
    shopper.answered(2)
    held = huda.get(f"/conversations/{shopper.conversation}/held").json()
    assert (held["conversations"], held["open"], held["complaints_are"]) == ([shopper.conversation], [], "anonymise")
    assert (held["counts"]["message"], held["counts"]["utterance"]) == (2, 1)
    copy = huda.get(f"/conversations/{shopper.conversation}/export")
    assert copy.headers["content-type"] == "application/zip"
    assert copy.headers["cache-control"] == "no-store"
    assert copy.headers["content-disposition"] == f'attachment; filename="shopper-{shopper.conversation[:8]}.zip"'
    data = json.loads(zipfile.ZipFile(io.BytesIO(copy.content)).read("data.json"))
    assert data["message"][0]["text"] == "غسالتي تأخرت كثيرا"


def test_what_is_erased_is_gone_for_everybody_and_says_so(site: Site, huda: Colleague, shopper: Shopper) -> None:
    shopper.say("غسالتي تأخرت كثيرا")
    shopper.answered(2)
    erased = huda.post(f"/conversations/{shopper.conversation}/erase")
    assert erased.json() == {"conversations": [shopper.conversation]}
    seen = huda.get(f"/conversations/{shopper.conversation}")
    assert (seen.status_code, code(seen)) == (404, "conversation_erased")
    assert seen.json()["error"]["message"] == "حُذفت هذه المحادثة وبيانات صاحبها، ولا يمكن استعادتها."
    assert huda.get(f"/conversations/{shopper.conversation}/messages").json()["messages"] == []
    assert huda.get("/messages", text="غسالتي").json()["messages"] == []
    again = huda.post(f"/conversations/{shopper.conversation}/erase")
    assert (again.status_code, code(again)) == (404, "subject_unknown")
    assert shopper.post(text="وين طلبي").status_code == 401
    assert shopper.http.get("/api/messages", headers=shopper.headers).status_code == 401


def test_an_anonymised_complaint_is_read_without_its_shopper(huda: Colleague, a_complaint: Callable[..., Complaint]) -> None:
    filed = a_complaint()
    assert huda.get(f"/complaints/{filed.number}").json()["erased"] is False
    huda.post(f"/conversations/{filed.conversation_id}/erase")
    whole = huda.get(f"/complaints/{filed.number}").json()
    assert whole["erased"] is True
    assert (whole["record"]["description"], whole["record"]["contact"]) == ("(حُذف بطلب صاحبه)", None)
    assert whole["record"]["kind"] == "damaged_item"
    for path in ("", "/held"):
        answer = huda.get(f"/conversations/{whole['conversation']}{path}")
        assert answer.status_code == 404
    assert [line["number"] for line in huda.get("/complaints").json()["complaints"]] == [filed.number]
    assert huda.get("/complaints", text="غسالة").json()["complaints"] == []
    reopened = huda.post(f"/complaints/{filed.number}/status", status="reopened")
    assert (reopened.status_code, code(reopened)) == (404, "conversation_erased")


def test_the_shoppers_open_stream_ends_and_those_who_look_on_are_told(site: Site) -> None:
    with site.serve() as http:
        shopper, huda = Shopper(http), Colleague(site, http, Role.SUPERVISOR, "huda", "هدى")
        shopper.say("غسالتي تأخرت")
        shopper.answered(2)
        with shopper.listen() as stream, huda.listen(shopper.conversation) as agents:
            stream.messages(2)
            agents.messages(2)
            huda.post(f"/conversations/{shopper.conversation}/erase")
            until_the_end(stream)
            names = [agents.next().name]
            while names[-1] != "gone":
                names.append(agents.next().name)
            assert "message" not in names
        answer = http.get("/api/stream", headers=shopper.headers)
        assert (answer.status_code, code(answer)) == (401, "session_unknown")


def until_the_end(stream: Stream) -> None:
    """Read a stream to its end; fail where it has none."""
    for _ in range(50):
        try:
            stream.next()
        except AssertionError:
            return
    raise AssertionError("the stream goes on")
