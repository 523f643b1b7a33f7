"""Each guard is switched off in turn: the check that it holds then turns red, and with the guard on it is green."""

import ipaddress
import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import sqlalchemy as sa

from bot.domain.complaint import Complaint
from bot.domain.conversation import Button, Message, Reading, Sender
from bot.domain.errors import ComplaintUnknown, StaleTurn, TooMany
from bot.domain.evidence import Kind
from bot.domain.label import Example
from bot.engine.dataset import changes, write
from bot.engine.questions import read_questions
from bot.services.complaints import Complaints
from bot.services.doors import Doors
from bot.services.inbox import note
from bot.services.lists import _row
from bot.services.media import Media
from bot.services.outbox import Outbox
from bot.services.training import Training
from bot.services.users import PER_ACCOUNT, PER_ADDRESS
from bot.store import tables
from bot.web.files import TEMPLATES
from tests.builders import Talk, an_answer
from tests.web.checks import (
    World,
    a_home_has_many_addresses,
    a_long_text_is_refused,
    a_page_says_what_may_run_on_it,
    a_wrong_password_opens_nothing,
    an_id_is_used_for_one_text,
    guessing_a_password_is_slowed,
    many_accounts_are_guessed_from_one_address,
    no_webhook_goes_to_a_site_of_ipv6,
    no_webhook_goes_to_this_machine,
    one_account_is_guessed_from_many_addresses,
)
from tests.web.site import IDENTITY_SECRET, Shopper, Site
from tests.web.staff import Colleague
from tests.web.test_evidence import PDF, hand_in, sent

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def world(site: Site, tmp_path: Path, talk: Talk, a_complaint: Callable[..., Complaint]) -> Iterator[World]:
    with site.open(messages_per_minute=20) as http:
        yield World(site, http, tmp_path, talk, a_complaint)


# ------------------------------------------------------------------ the checks


def a_message_delivered_twice_is_one(world: World) -> None:
    shopper = Shopper(world.http)
    answers = [shopper.post(client_id="client-1-of-a-test", text="طلبي") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 200]


def a_turn_that_was_taken_over_says_nothing(world: World) -> None:
    world.talk.say("طلبي تأخر")
    stale = world.talk.turns.claim(world.talk.id)
    world.site.clock.turn(seconds=60)
    current = world.talk.turns.claim(world.talk.id)
    assert stale is not None
    assert current is not None
    world.talk.turns.finish(current, an_answer("أبشر"))
    with pytest.raises(StaleTurn):
        world.talk.turns.finish(stale, an_answer("متأخر"))
    assert world.talk.texts(Sender.BOT) == ["أبشر"]


def a_draft_is_filed_once(world: World) -> None:
    filed = world.a_complaint()
    again = world.site.console.dossiers.complaint(filed.number).complaint
    with world.site.store.engine.connect() as connection:
        draft = connection.scalar(sa.select(tables.complaint.c.draft_id))
    assert Complaints(world.site.store, world.site.clock, world.site.shop).file(draft, None).number == again.number


def an_event_is_published_once(world: World) -> None:
    world.a_complaint()
    outbox, heard = Outbox(world.site.store, world.site.clock), []
    for _ in range(2):
        outbox.publish(lambda topic, payload: heard.append(topic))
    assert heard == ["complaint.filed"]


def a_foreign_page_is_turned_away(world: World) -> None:
    sara = Colleague(world.site, world.http)
    answer = world.http.post("/console/api/here", headers=sara.headers | {"Origin": "https://evil.example"})
    assert answer.status_code == 403


def a_page_that_knows_no_secret_is_turned_away(world: World) -> None:
    sara = Colleague(world.site, world.http)
    assert world.http.post("/console/api/here", headers=sara.headers | {"X-Shakwa-CSRF": "guess"}).status_code == 403


def an_agent_manages_nobody(world: World) -> None:
    assert Colleague(world.site, world.http).get("/users").status_code == 403


def a_session_ends(world: World) -> None:
    sara = Colleague(world.site, world.http)
    world.site.clock.turn(hours=13)
    assert sara.get("/me").status_code == 401


def a_wrong_contact_opens_no_complaint(world: World) -> None:
    doors, filed = Doors(world.site.store, world.site.clock), world.a_complaint()
    for guess in range(5):
        with pytest.raises(ComplaintUnknown):
            doors.access(filed.number, world.talk.id, f"guess{guess}@example.com")
    with pytest.raises(TooMany):
        doors.access(filed.number, world.talk.id, "mona@example.com")


def a_flood_of_messages_is_stopped(world: World) -> None:
    shopper = Shopper(world.http)
    assert {shopper.post(text="طلبي").status_code for _ in range(30)} == {202, 429}


def a_large_body_is_refused(world: World) -> None:
    shopper = Shopper(world.http)
    assert shopper.post(text="x", choice="x" * 100_000).status_code == 413


def a_choice_that_was_not_offered_is_none(world: World) -> None:
    assert Shopper(world.http).post(choice="affirm").status_code == 422


def a_forged_address_opens_no_file(world: World) -> None:
    [file] = sent(Shopper(world.http), PDF)
    assert world.http.get(file["url"][:-4] + "0000").status_code == 404


def a_page_is_no_picture(world: World) -> None:
    assert hand_in(Shopper(world.http), b"<svg><script>alert(1)</script></svg>").status_code == 415


def a_forged_identity_is_not_believed(world: World) -> None:
    shopper, forged = Shopper(world.http), jwt.encode({"sub": "x", "exp": time.time() + 60}, "another" * 10, "HS256")
    answer = world.http.post("/api/identity", json={"token": forged}, headers=shopper.headers)
    assert answer.status_code == 403
    assert IDENTITY_SECRET not in answer.text


def what_turns_text_around_is_not_stored(world: World) -> None:
    assert Shopper(world.http).say("\u202eطلبي")["text"] == "طلبي"


def a_text_is_no_markup_on_paper(world: World) -> None:
    filed = world.a_complaint(description="<script>alert(1)</script> كلام")
    assert "<script>alert(1)" not in world.http.get(f"/complaints/file/{filed.file_secret}").text


def no_cell_calculates(world: World) -> None:
    assert not _row(["=1+1"]).startswith("=")


def trained(world: World, *texts: str) -> list[Example]:
    """Return the examples that these sentences of one shopper become when an analyst accepts them all."""
    with world.site.store.write() as work:
        for seq, text in enumerate(texts, 100):
            message = Message(world.talk.id, seq, Sender.SHOPPER, text, world.site.clock())
            work.messages.add(message)
            note(work, message, Reading("greet", 0.9, [], [], "m"))
        work.commit()
    with world.site.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE utterance SET state = 'accepted', label = 'greet'")
    return Training(world.site.console.inbox, world.site.shop, lambda found: [], lambda found: None).examples()


def training_data_names_nobody(world: World) -> None:
    [example] = trained(world, "جوالي 0551234567 وطلبي 771-7654321-7654321")
    assert not {"0551234567", "771-7654321-7654321"} & set(example.text.split())
    assert world.site.shop.order_number_example in example.text


def one_shopper_teaches_three_sentences(world: World) -> None:
    assert len(trained(world, *(f"الخدمة {word}" for word in ("ممتازة", "رائعة", "جميلة", "سريعة", "نظيفة")))) == 3


def a_bracket_is_no_annotation(world: World) -> None:
    write(world.folder, changes(world.folder, [Example("greet", "[طلبي](product)"), Example("greet", "هلا")]))
    read = read_questions(*(world.folder / "data" / "nlu" / "accepted").glob("*.yml"))
    assert all(question.spans == () for question in read)


def a_named_sender_is_counted(world: World) -> None:
    with world.site.open(sessions_per_minute=10) as http:
        body = [{"sender": uuid.uuid4().hex, "message": "هلا"} for _ in range(12)]
        assert {http.post("/webhooks/rest/webhook", content=json.dumps(one), headers=JSON).status_code for one in body} == {
            200, 429,
        }  # fmt: skip


JSON = {"Content-Type": "application/json"}


def anything(*_: Any, **__: Any) -> bool:
    return True


def nothing(*_: Any, **__: Any) -> None:
    return None


async def not_counted(*_: Any) -> None: ...


def offered(self: Any, conversation_id: str, choice_id: str) -> Button:
    return Button("x", f"/{choice_id}")


GUARDS: list[tuple[Callable[[World], None], str, Any]] = [
    (a_message_delivered_twice_is_one, "bot.store.repositories.Messages.by_client_id", nothing),
    (a_turn_that_was_taken_over_says_nothing, "bot.domain.turn.Turn.require", nothing),
    (a_draft_is_filed_once, "bot.store.repositories.Complaints.by_draft", nothing),
    (an_event_is_published_once, "bot.store.repositories.Outbox.done", nothing),
    (a_foreign_page_is_turned_away, "bot.web.console.door.Door._is_ours", anything),
    (a_page_that_knows_no_secret_is_turned_away, "bot.web.console.door.hmac.compare_digest", anything),
    (an_agent_manages_nobody, "bot.domain.user.User.require", nothing),
    (a_session_ends, "bot.domain.user.UserSession.is_over", lambda *_: False),
    (guessing_a_password_is_slowed, "bot.services.users.Users._count_try", nothing),
    (a_wrong_password_opens_nothing, "bot.services.users.Users._fits", anything),
    (one_account_is_guessed_from_many_addresses, "bot.services.users.PER_ACCOUNT", (10**6, PER_ACCOUNT[1])),
    (many_accounts_are_guessed_from_one_address, "bot.services.users.PER_ADDRESS", (10**6, PER_ADDRESS[1])),
    (a_home_has_many_addresses, "bot.services.users.home", lambda address: address),
    (a_page_says_what_may_run_on_it, "bot.web.guards.with_headers", lambda send: send),
    (a_long_text_is_refused, "bot.services.chat.MAX_TEXT", 10**9),
    (an_id_is_used_for_one_text, "bot.services.chat._same", lambda known, *_, **__: known),
    (a_wrong_contact_opens_no_complaint, "bot.services.doors.opens", anything),
    (a_wrong_contact_opens_no_complaint, "bot.services.doors.require_tries_left", nothing),
    (a_flood_of_messages_is_stopped, "bot.web.guards.Rate.take", not_counted),
    (a_named_sender_is_counted, "bot.web.guards.Rate.take", not_counted),
    (a_large_body_is_refused, "bot.web.guards.Larger.most", 10**9),
    (a_choice_that_was_not_offered_is_none, "bot.store.repositories.Messages.offered", offered),
    (a_forged_address_opens_no_file, "bot.services.evidence.hmac.compare_digest", anything),
    (a_page_is_no_picture, "bot.services.evidence.recognise", lambda file: Media(Kind.DOCUMENT, "image/svg+xml")),
    (a_forged_identity_is_not_believed, "bot.services.identity.jwt.decode", lambda *_, **__: {"sub": "x"}),
    (what_turns_text_around_is_not_stored, "bot.services.chat.clean", lambda text: text),
    (a_text_is_no_markup_on_paper, "bot.web.files.TEMPLATES", TEMPLATES.overlay(autoescape=False)),
    (no_cell_calculates, "bot.services.lists.harmless", lambda cell: cell),
    (training_data_names_nobody, "bot.services.training.mask", lambda text, *_: (text, [])),
    (
        one_shopper_teaches_three_sentences,
        "bot.services.inbox.measured",
        lambda accepted: [example for example, _ in accepted],
    ),
    (a_bracket_is_no_annotation, "bot.engine.dataset._ANNOTATES", re.compile("(?!)")),
    (no_webhook_goes_to_this_machine, "bot.outward.webhooks.is_public", anything),
    (no_webhook_goes_to_a_site_of_ipv6, "bot.outward.webhooks.GIVEN_OUT", ipaddress.IPv6Network("::/0")),
]


@pytest.mark.parametrize(("check", "guard", "off"), GUARDS, ids=lambda one: one if isinstance(one, str) else None)
def test_without_its_guard_a_check_turns_red(
    world: World, monkeypatch: pytest.MonkeyPatch, check: Callable[[World], None], guard: str, off: Any
) -> None:
    monkeypatch.setattr(guard, off)
    with pytest.raises((AssertionError, pytest.fail.Exception, sa.exc.IntegrityError)):
        check(world)


@pytest.mark.parametrize("check", dict.fromkeys(check for check, _, _ in GUARDS), ids=lambda check: check.__name__)
def test_with_its_guard_it_is_green(world: World, check: Callable[[World], None]) -> None:
    check(world)
