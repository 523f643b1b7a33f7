"""The console over the wire: who comes in, who may what, and what both sides see of a takeover."""

import re
from itertools import product
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from bot.domain.handoff import Reason
from bot.domain.user import MAY, Permission, Role
from bot.services.drafts import Drafts, Given
from bot.services.requests import Requests
from tests.services.staff import PASSWORD, a_user
from tests.web.site import Event, Shopper, Site, Stream
from tests.web.staff import Colleague

ROUTES: dict[str, Permission | None] = {
    "POST /console/api/sign-out": None,
    "POST /console/api/password": None,
    "GET /console/api/me": None,
    "POST /console/api/here": None,
    "POST /console/api/available": None,
    "GET /console/api/colleagues": Permission.READ_CONVERSATIONS,
    "GET /console/api/users": Permission.MANAGE_USERS,
    "POST /console/api/users": Permission.MANAGE_USERS,
    "POST /console/api/users/{login}/disable": Permission.MANAGE_USERS,
    "POST /console/api/users/{login}/enable": Permission.MANAGE_USERS,
    "POST /console/api/users/{login}/password": Permission.MANAGE_USERS,
    "GET /console/api/queue": Permission.SEE_QUEUE,
    "GET /console/api/stream": Permission.READ_CONVERSATIONS,
    "GET /console/api/conversations/{conversation_id}": Permission.READ_CONVERSATIONS,
    "GET /console/api/conversations/{conversation_id}/messages": Permission.READ_CONVERSATIONS,
    "POST /console/api/conversations/{conversation_id}/claim": Permission.ANSWER,
    "POST /console/api/conversations/{conversation_id}/give": Permission.ANSWER,
    "POST /console/api/conversations/{conversation_id}/hand-back": Permission.ANSWER,
    "POST /console/api/conversations/{conversation_id}/close": Permission.ANSWER,
    "POST /console/api/conversations/{conversation_id}/messages": Permission.ANSWER,
    "POST /console/api/conversations/{conversation_id}/notes": Permission.ANSWER,
    "POST /console/api/conversations/{conversation_id}/form": Permission.ANSWER,
    "POST /console/api/conversations/{conversation_id}/typing": Permission.ANSWER,
    "POST /console/api/conversations/{conversation_id}/seen": Permission.ANSWER,
    "GET /console/api/complaints": Permission.SEE_COMPLAINTS,
    "GET /console/api/complaints.csv": Permission.EXPORT,
    "GET /console/api/complaints/{number}": Permission.SEE_COMPLAINTS,
    "POST /console/api/complaints/{number}/status": Permission.CHANGE_COMPLAINTS,
    "POST /console/api/complaints/{number}/level": Permission.CHANGE_COMPLAINTS,
    "POST /console/api/complaints/{number}/assign": Permission.CHANGE_COMPLAINTS,
    "POST /console/api/complaints/{number}/answer": Permission.CHANGE_COMPLAINTS,
    "POST /console/api/complaints/{number}/offer": Permission.CHANGE_COMPLAINTS,
    "POST /console/api/complaints/{number}/settle": Permission.CHANGE_COMPLAINTS,
    "POST /console/api/complaints/many": Permission.CHANGE_MANY,
    "GET /console/api/dashboard": Permission.SEE_DASHBOARD,
    "GET /console/api/webhooks": Permission.MANAGE_WEBHOOKS,
    "POST /console/api/webhooks": Permission.MANAGE_WEBHOOKS,
    "POST /console/api/webhooks/{webhook_id}/{turn}": Permission.MANAGE_WEBHOOKS,
    "DELETE /console/api/webhooks/{webhook_id}": Permission.MANAGE_WEBHOOKS,
    "POST /console/api/webhook-secrets/{webhook_id}": Permission.MANAGE_WEBHOOKS,
    "POST /console/api/webhook-tests/{webhook_id}": Permission.MANAGE_WEBHOOKS,
    "GET /console/api/deliveries": Permission.MANAGE_WEBHOOKS,
    "POST /console/api/deliveries/{delivery_id}/resend": Permission.MANAGE_WEBHOOKS,
    "GET /console/api/nlu/labels": Permission.LABEL,
    "GET /console/api/nlu/inbox": Permission.LABEL,
    "GET /console/api/nlu/clusters": Permission.LABEL,
    "GET /console/api/nlu/utterances/{utterance_id}/seen": Permission.LABEL,
    "POST /console/api/nlu/utterances/{utterance_id}": Permission.LABEL,
    "POST /console/api/nlu/many": Permission.LABEL,
    "POST /console/api/nlu/undo": Permission.LABEL,
    "GET /console/api/nlu/utterances/{utterance_id}/why": Permission.LABEL,
    "POST /console/api/nlu/import/preview": Permission.LABEL,
    "POST /console/api/nlu/import": Permission.LABEL,
    "GET /console/api/nlu/health": Permission.LABEL,
    "POST /console/api/nlu/health": Permission.LABEL,
    "POST /console/api/nlu/health/mend": Permission.LABEL,
    "GET /console/api/nlu/dataset": Permission.LABEL,
    "POST /console/api/nlu/dataset": Permission.LABEL,
    "GET /console/api/nlu/models": Permission.SEE_NLU,
    "GET /console/api/nlu/models/report": Permission.SEE_NLU,
    "POST /console/api/nlu/models/promote": Permission.TRAIN,
    "POST /console/api/nlu/models/rollback": Permission.TRAIN,
    "GET /console/api/nlu/runs": Permission.SEE_NLU,
    "GET /console/api/nlu/runs/log": Permission.SEE_NLU,
    "POST /console/api/nlu/runs": Permission.TRAIN,
    "POST /console/api/nlu/runs/cancel": Permission.TRAIN,
    "GET /console/api/audit": Permission.SEE_AUDIT,
    "GET /console/api/conversations/{conversation_id}/held": Permission.ERASE,
    "GET /console/api/conversations/{conversation_id}/export": Permission.ERASE,
    "POST /console/api/conversations/{conversation_id}/erase": Permission.ERASE,
    "GET /console/api/nlu/drift": Permission.SEE_NLU,
    "GET /console/api/nlu/shadow": Permission.SEE_NLU,
    "POST /console/api/nlu/shadow": Permission.TRAIN,
    "GET /console/api/messages": Permission.READ_CONVERSATIONS,
    "GET /console/api/views": Permission.SEE_COMPLAINTS,
    "POST /console/api/views": Permission.SEE_COMPLAINTS,
    "POST /console/api/views/drop": Permission.SEE_COMPLAINTS,
    "GET /console/api/canned": Permission.ANSWER,
    "POST /console/api/canned": Permission.ANSWER,
    "PUT /console/api/canned/{reply_id}": Permission.ANSWER,
    "DELETE /console/api/canned/{reply_id}": Permission.ANSWER,
}
"""Every route behind the door, and what it needs; None: to be signed in."""

OPEN = {"POST /console/api/sign-in", "GET /console/api/config", "GET /console", "GET /console/{page:path}"}


@pytest.fixture
def sara(site: Site, http: httpx.Client) -> Colleague:
    return Colleague(site, http)


def code(response: httpx.Response) -> str:
    return response.json()["error"]["code"]


# ------------------------------------------------------------------ the door


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_every_route_of_the_console_is_in_the_table_and_has_its_guard(site: Site) -> None:
    routers = [one.original_router for one in site.app().routes if hasattr(one, "original_router")]
    routes = [route for router in (*routers, site.app()) for route in router.routes if isinstance(route, APIRoute)]
    found = {f"{method} {route.path}": route for route in routes for method in route.methods if "/console" in route.path}
    assert set(found) == set(ROUTES) | OPEN
    for name, needed in ROUTES.items():
        guards = [one.call for one in found[name].dependant.dependencies if hasattr(one.call, "permission")]
        assert [guard.permission for guard in guards] == [needed], name


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_every_route_times_every_role_equals_the_table(site: Site, http: httpx.Client) -> None:
    people = {role: Colleague(site, http, role, f"user-{role}", str(role)) for role in Role}
    for name, role in product(ROUTES, Role):
        if name.endswith(("/sign-out", "/stream", "/password")):
            continue
        method, path = name.split()
        filled = re.sub(r"\{\w+\}", "0", path)
        answer = http.request(method, filled, headers=people[role].headers, json={})
        needed = ROUTES[name]
        may = needed is None or role in MAY[needed]
        assert (answer.status_code == 403) is not may, f"{name} as {role}: {answer.text}"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_without_a_session_every_route_answers_401(http: httpx.Client) -> None:
    for name in ROUTES:
        method, path = name.split()
        for cookie in ("", "shakwa=", "shakwa=guess", "shakwa=" + "x" * 4000):
            answer = http.request(method, re.sub(r"\{\w+\}", "0", path), headers={"Cookie": cookie}, json={})
            assert (answer.status_code, code(answer)) == (401, "sign_in_needed"), name


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(site: Site, http: httpx.Client) -> None:
    a_user(site.console.users)
    answer = http.post(
        "/console/api/sign-in", json={"login": "sara", "password": PASSWORD}, headers={"X-Shakwa-CSRF": "sign-in"}
    )
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("shakwa=")
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "token" not in answer.text


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_behind_tls_the_cookie_is_secure_and_of_this_host_alone(site: Site) -> None:
    a_user(site.console.users)
    with site.open(public_url="https://chat.shop.example") as http:
        answer = http.post(
            "/console/api/sign-in", json={"login": "sara", "password": PASSWORD}, headers={"X-Shakwa-CSRF": "sign-in"}
        )
    assert answer.headers["set-cookie"].startswith("__Host-shakwa=")
    assert "; Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://gateway.evil.example"},
        {"Origin": "http://gateway:81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"X-Shakwa-CSRF": ""},
        {"X-Shakwa-CSRF": "sign-in"},
        {"X-Shakwa-CSRF": "guess"},
    ],
)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_foreign_page_changes_nothing_in_a_users_name(site: Site, sara: Colleague, foreign: dict[str, str]) -> None:
    conversation = site.chat.open("widget").conversation_id
    answer = sara.http.post(f"/console/api/conversations/{conversation}/claim", headers=sara.headers | foreign)
    assert (answer.status_code, code(answer)) == (403, "cross_origin")
    assert site.console.queue.lines() == []
    own = {"Origin": "http://gateway", "Sec-Fetch-Site": "same-origin"}
    assert sara.http.post(f"/console/api/conversations/{conversation}/claim", headers=sara.headers | own).is_success


OWN = "https://chat.shop.example"
STRANGE = [
    "", " ", "null", "file://", "about:blank", "data:", "chat.shop.example", "//chat.shop.example", "http://chat.shop.example",
    "https://chat.shop.example/", "https://chat.shop.example:443", "https://chat.shop.example:8443",
    "https://chat.shop.example.", "https://chat.shop.example#", "https://chat.shop.example?", "https://chat.shop.example/x",
    "https://chat.shop.example@evil.example", "https://evil.example@chat.shop.example", "https://:@chat.shop.example",
    "https://chat.shop.example.evil.example", "https://evil-chat.shop.example", "https://evilchat.shop.example",
    "https://shop.example", "https://chat.shop", "https://x.chat.shop.example", "https://chat.shop.example%00",
    "https://chat.shop.example%2eevil.example", "https://chat.shop.example\\evil.example", "https:/chat.shop.example",
    "https:chat.shop.example", "HTTPS://chat.shop.example", "https://CHAT.SHOP.EXAMPLE", "ws://chat.shop.example",
    "wss://chat.shop.example", "ftp://chat.shop.example", "javascript:https://chat.shop.example",
    "https://chat.shop.example https://evil.example", "https://evil.example https://chat.shop.example",
    "https://chat.shop.example,https://evil.example", "https://[::1", "https://[::1]", "http://127.0.0.1", "http://localhost",
    "http://gateway:80", "http://gateway:81", "http://gateway.", "ws://gateway", "//gateway", "gateway",
    "http://gateway@evil.example", "https://evil.example", "https://\u0441hat.shop.example", "https://xn--hat-5cd.shop.example",
]  # fmt: skip


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_only_the_own_origin_is_ones_own(site: Site) -> None:
    with site.open(public_url=OWN) as http:
        sara = Colleague(site, http)
        for origin in STRANGE:
            headers = [*sara.headers.items(), ("Origin", origin.encode())]
            answer = http.post("/console/api/here", headers=headers)  # type: ignore[arg-type]
            assert (answer.status_code, code(answer)) == (403, "cross_origin"), origin
        for origin in (OWN, "http://gateway"):
            assert http.post("/console/api/here", headers=sara.headers | {"Origin": origin}).status_code == 204


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_foreign_page_hears_no_stream_and_reads_no_answer(site: Site) -> None:
    """Streams are read by script, and a script of another site is told neither that it may read nor with what cookie."""
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    with site.serve(allowed_origins=["https://shop.example"]) as http:
        sara, shopper = Colleague(site, http), Shopper(http)
        for path, headers in (("/console/api/stream", sara.headers), ("/api/stream", shopper.headers)):
            with http.stream("GET", path, headers=headers | foreign) as response:
                assert not {"access-control-allow-origin", "access-control-allow-credentials"} & set(response.headers)
        with http.stream("GET", "/api/stream", headers=shopper.headers | {"Origin": "https://shop.example"}) as response:
            assert response.headers["access-control-allow-origin"] == "https://shop.example"
            assert "access-control-allow-credentials" not in response.headers
        asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
        answer = http.options("/console/api/here", headers=asked | {"Access-Control-Request-Headers": "x-shakwa-csrf"})
        assert answer.status_code == 400


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("planted", ["shakwa=planted", "shakwa=planted; shakwa=planted", "shakwa="])
def test_a_planted_cookie_is_never_the_session(site: Site, http: httpx.Client, planted: str) -> None:
    a_user(site.console.users)
    given = {"login": "sara", "password": PASSWORD}
    answer = http.post("/console/api/sign-in", json=given, headers={"X-Shakwa-CSRF": "sign-in", "Cookie": planted})
    assert "planted" not in answer.headers["set-cookie"]
    http.cookies.clear()
    assert http.get("/console/api/me", headers={"Cookie": planted}).status_code == 401


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_stream_of_a_disabled_user_ends(site: Site) -> None:
    with site.serve() as http:
        a_user(site.console.users, Role.ADMIN, "admin")
        sara = Colleague(site, http)
        with sara.listen() as stream:
            assert stream.next().name == "queue"
            site.console.users.disable("sara")
            assert until(stream, "signed-out").data == {}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_no_other_site_signs_anybody_in(http: httpx.Client) -> None:
    for headers in ({}, {"Origin": "https://evil.example", "X-Shakwa-CSRF": "sign-in"}):
        answer = http.post("/console/api/sign-in", json={"login": "sara", "password": PASSWORD}, headers=headers)
        assert code(answer) == "cross_origin"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_an_unknown_user_and_a_wrong_password_get_the_same_answer(site: Site, http: httpx.Client) -> None:
    a_user(site.console.users)
    answers = [
        http.post("/console/api/sign-in", json={"login": login, "password": "guess"}, headers={"X-Shakwa-CSRF": "sign-in"})
        for login in ("sara", "nobody")
    ]
    assert [answer.status_code for answer in answers] == [403, 403]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("last", ["x", "-1", "9" * 30, "1e9", "\u0665"])
def test_a_stream_begins_after_a_number_or_not_at_all(sara: Colleague, last: str) -> None:
    headers = [*sara.headers.items(), ("Last-Event-ID", last.encode())]
    answer = sara.http.get("/console/api/stream", headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, code(answer)) == (422, "invalid")


def test_sign_out_ends_the_session_and_its_streams(site: Site) -> None:
    with site.serve() as http:
        sara = Colleague(site, http)
        with sara.listen() as stream:
            assert stream.next().name == "queue"
            assert sara.post("/sign-out").status_code == 204
            assert until(stream, "signed-out").data == {}
        assert sara.get("/me").status_code == 401


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_one_time_password_leads_to_ones_own_and_nowhere_else(site: Site, http: httpx.Client) -> None:
    _, password = site.console.users.add("omar", "عمر", Role.AGENT)
    signed_in = http.post(
        "/console/api/sign-in", json={"login": "omar", "password": password}, headers={"X-Shakwa-CSRF": "sign-in"}
    )
    headers = {"X-Shakwa-CSRF": signed_in.json()["csrf"], "Cookie": signed_in.headers["set-cookie"].split(";")[0]}
    http.cookies.clear()
    assert signed_in.json()["permissions"] == []
    assert http.get("/console/api/queue", headers=headers).status_code == 403
    chosen = http.post("/console/api/password", json={"old": password, "new": PASSWORD}, headers=headers)
    assert chosen.json()["permissions"] != []


# ------------------------------------------------------------------ both sides of a takeover


def until(stream: Stream, name: str, **fits: Any) -> Event:
    """Return the next event of this name whose data holds these values."""
    for _ in range(200):
        event = stream.next()
        if event.name == name and all(event.data.get(key) == value for key, value in fits.items()):
            return event
    raise AssertionError(f"no {name} came")


def test_shopper_and_agent_talk_and_the_bot_is_silent(site: Site) -> None:
    with site.serve() as http:
        shopper, sara = Shopper(http), Colleague(site, http)
        shopper.say("طلبي تأخر")
        shopper.answered(2)
        with sara.listen(shopper.conversation) as agents, shopper.listen(2) as stream:
            assert [message["text"] for message in agents.messages(2)] == ["طلبي تأخر", "رد على: طلبي تأخر"]
            assert sara.claim(shopper.conversation).json() == {"new": True}
            assert stream.messages(1)[0]["custom"] == {"notice": "agent_joined", "agent": "سارة"}
            sara.post(f"/conversations/{shopper.conversation}/typing", on=True)
            assert until(stream, "typing").data == {"on": True}
            assert sara.say(shopper.conversation, "أهلًا، معك سارة").status_code == 201
            [heard] = stream.messages(1)
            assert (heard["from"], heard["text"], heard["custom"]) == ("agent", "أهلًا، معك سارة", {"agent": "سارة"})
            http.post("/api/typing", json={"on": True}, headers=shopper.headers)
            assert until(agents, "typing").data == {"who": "shopper", "on": True}
            said = shopper.say("وين طلبي")
            assert until(agents, "message", seq=said["seq"]).data["text"] == "وين طلبي"
            assert until(agents, "reading", seq=said["seq"]).data["intent"] == "late_delivery"
        assert [message["text"] for message in shopper.history(said["seq"])] == []


def test_the_loser_of_a_claim_is_told_who_was_quicker(site: Site, http: httpx.Client, sara: Colleague) -> None:
    omar = Colleague(site, http, login="omar", name="عمر")
    conversation = site.chat.open("widget").conversation_id
    assert omar.claim(conversation).is_success
    answer = sara.claim(conversation)
    assert answer.status_code == 409
    assert answer.json()["error"]["held_by"] == "عمر"


def test_the_queue_is_live_for_agents_and_its_place_for_the_shopper(site: Site, requests: Requests) -> None:
    with site.serve() as http:
        shopper, sara = Shopper(http), Colleague(site, http)
        with sara.listen() as agents, shopper.listen() as stream:
            assert until_queue(agents, 0) == []
            requests.human(shopper.conversation, Reason.ASKED, None)
            site.chat.receive(shopper.conversation, incoming("هل من أحد؟"))
            [waiting] = until_queue(agents, 1)
            assert (waiting["reason"], waiting["state"], waiting["last_words"]) == ("asked", "waiting", "هل من أحد؟")
            place = until(stream, "waiting").data["place"]
            assert (place["position"], place["agents"]) == (1, 0)
            assert http.delete("/api/wait", headers=shopper.headers).status_code == 204
            assert until_queue(agents, 0) == []
            assert until(stream, "waiting").data == {"place": None}
        assert http.delete("/api/wait", headers=shopper.headers).status_code == 422


def incoming(text: str) -> Any:
    from bot.services.chat import Incoming

    return Incoming("client-of-a-test", text)


def until_queue(stream: Stream, length: int) -> list[dict[str, Any]]:
    for _ in range(200):
        event = stream.next()
        if event.name == "queue" and len(event.data) == length:
            return list(event.data)
    raise AssertionError("the queue did not come to that length")


def test_an_agent_sees_the_form_changes_it_and_the_shopper_reads_the_change(
    site: Site, http: httpx.Client, sara: Colleague, shopper: Shopper, drafts: Drafts
) -> None:
    draft = drafts.open(shopper.conversation, None)
    drafts.record(draft.id, [Given("product", "غسالة", "غسالة")], [], {}, None)
    sara.claim(shopper.conversation)
    changed = sara.post(f"/conversations/{shopper.conversation}/form", slot="order_number", value="٤٠٥-١٢٣٤٥٦٧-١٢٣٤٥٦٧")
    values = {field["slot"]: field["value"] for field in changed.json()["form"]}
    assert (values["order_number"], values["product"]) == ("405-1234567-1234567", "غسالة")
    assert "405-1234567-1234567" in shopper.history()[-1]["text"]
    refused = sara.post(f"/conversations/{shopper.conversation}/form", slot="order_number", value="لا أعرف")
    assert (refused.status_code, code(refused)) == (422, "slot_unreadable")


def test_an_agents_notes_and_the_readings_never_reach_a_shopper(
    site: Site, http: httpx.Client, sara: Colleague, shopper: Shopper
) -> None:
    shopper.say("طلبي تأخر")
    shopper.answered(2)
    sara.post(f"/conversations/{shopper.conversation}/notes", text="عميل مهم، انتبهوا")
    seen = sara.get(f"/conversations/{shopper.conversation}").json()
    assert [note["text"] for note in seen["notes"]] == ["عميل مهم، انتبهوا"]
    assert sara.get(f"/conversations/{shopper.conversation}/messages").json()["readings"]["1"]["intent"] == "late_delivery"
    told = http.get("/api/messages", headers=shopper.headers).text
    assert "عميل مهم" not in told
    assert "confidence" not in told


def test_earlier_conversations_of_the_same_shopper_are_shown_and_no_others(
    site: Site, http: httpx.Client, sara: Colleague
) -> None:
    known = [site.chat.open("widget").conversation_id for _ in range(3)]
    for conversation, customer in zip(known, ("c-1", "c-1", "c-2"), strict=True):
        site.chat.get_to_know(conversation, {"customer": customer, "name": "نورة"})
    seen = sara.get(f"/conversations/{known[0]}").json()
    assert [other["id"] for other in seen["earlier"]] == [known[1]]


@pytest.mark.parametrize("path", ["", "/messages"])
def test_a_conversation_nobody_had_is_not_found(sara: Colleague, path: str) -> None:
    answer = sara.get(f"/conversations/{'0' * 32}{path}")
    assert answer.status_code in (404, 200)
    assert path or code(answer) == "conversation_unknown"


def test_canned_replies_are_shared_by_those_who_may_and_ones_own_by_everybody(
    site: Site, http: httpx.Client, sara: Colleague
) -> None:
    assert site.console.canned.stock() > 10
    assert site.console.canned.stock() == 0
    huda = Colleague(site, http, Role.SUPERVISOR, "huda", "هدى")
    new = {"shortcut": "شحن2", "title": "الشحن", "text": "طلبك في الطريق {order}"}
    assert code(sara.post("/canned", **new, shared=True)) == "forbidden"
    own = sara.post("/canned", **new).json()["reply"]
    shared = huda.post("/canned", **new, shared=True).json()["reply"]
    assert code(huda.post("/canned", **new, shared=True)) == "shortcut_taken"
    assert [one["id"] for one in sara.get("/canned").json()["replies"] if one["shortcut"] == "شحن2"] == [
        own["id"],
        shared["id"],
    ]
    foreign = http.request("DELETE", f"/console/api/canned/{own['id']}", headers=huda.headers)
    assert code(foreign) == "canned_unknown"
    assert code(http.request("DELETE", f"/console/api/canned/{shared['id']}", headers=sara.headers)) == "forbidden"
    assert http.request("DELETE", f"/console/api/canned/{own['id']}", headers=sara.headers).status_code == 204
