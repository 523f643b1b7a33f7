"""Every nasty text in every place a text can go: it comes back as it was to the eye, or is refused in words, at once."""

import csv
import io
import re
import time
import unicodedata
import uuid
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.domain.complaint import Complaint
from bot.domain.errors import Refused
from bot.domain.label import Example
from bot.domain.lists import ComplaintFilter
from bot.domain.names import Status
from bot.domain.shop import Shop
from bot.domain.user import Role
from bot.engine.dataset import changes, write
from bot.engine.questions import read_questions
from bot.language.masking import mask
from bot.services.chat import Chat, Incoming, checked
from bot.services.console import Console, console_over
from bot.services.fields import VALIDATE, Unclear
from bot.services.lists import _row
from bot.services.words import Words
from bot.store.unit_of_work import Store
from tests.conftest import Clock
from tests.nasty import nasty, scripts
from tests.pace import seconds_here
from tests.services.staff import a_user, users_of

TRIES = 6
STALL = 0.2
"""Seconds that no text may take of a thread."""
TODAY = date(2026, 11, 22)
INVISIBLE = {"Cc", "Cf", "Cs", "Cn", "Zs", "Zl", "Zp", "Mn", "Me"}
TEXTS = [one.text for one in nasty()] + list(scripts())
SHORT = [text for text in TEXTS if len(text) <= 2_000]
ON_POSTGRESQL = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)


def to_the_eye(text: str) -> str:
    """Return what a reader sees: visible characters, composed, none more than 12 times in a row."""
    paired = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    seen = "".join(char for char in unicodedata.normalize("NFC", paired) if unicodedata.category(char) not in INVISIBLE)
    bare = "".join(char for char in unicodedata.normalize("NFD", seen) if unicodedata.category(char) not in INVISIBLE)
    return re.sub(r"(.)\1{11,}", r"\1", bare)


def quickly(work: Callable[[str], Any], text: str) -> Any:
    """Return what the work makes of a text, having seen that it does so at once: the best of some tries."""
    for _ in range(TRIES):
        began = time.thread_time()
        made = work(text)
        took = time.thread_time() - began
        if took < STALL:
            return made
    assert took < seconds_here(STALL), (text[:80], took)
    return made


def kept(work: Callable[[str], str | None], texts: list[str]) -> int:
    """Give each text to `work`; return how many were kept, each as it was to the eye, the rest being refused in words."""
    taken = 0
    for text in texts:
        try:
            back = work(text)
        except Refused:
            continue
        assert back is None or to_the_eye(back) == to_the_eye(text), ascii(text[:80])
        taken += 1
    return taken


@pytest.fixture
def console(store: Store, clock: Clock, shop: Shop, words: Words) -> Console:
    return console_over(store, clock, shop, words, lambda _: "link", frozenset, users_of(store, clock))


def test_there_are_enough_of_them() -> None:
    assert len(nasty()) >= 500
    assert len(scripts()) >= 300
    assert len({one.kind for one in nasty()}) >= 18


def test_the_stored_form_is_what_it_says_and_does_not_change_again() -> None:
    assert kept(partial(quickly, checked), TEXTS) > 950
    for text in SHORT:
        try:
            once = checked(text)
        except Refused:
            continue
        assert checked(once) == once
        assert not any(unicodedata.category(char) in ("Cc", "Cs") and char != "\n" for char in once)


def test_in_the_chat(chat: Chat) -> None:
    conversation = chat.open("widget").conversation_id

    def say(text: str) -> str:
        return chat.receive(conversation, Incoming(uuid.uuid4().hex, text))[0].text

    taken = kept(say, TEXTS)
    last, read = 0, []
    while page := chat.history(conversation, last):
        last = page[-1].seq
        read += page
    assert len(read) == taken > 950


@pytest.mark.parametrize("slot", VALIDATE)
def test_in_each_slot(shop: Shop, slot: str) -> None:
    for text in SHORT:
        try:
            value = quickly(lambda text: VALIDATE[slot](text, shop, TODAY), text)
        except Unclear:
            continue
        assert isinstance(value, str)


def test_through_the_mask(shop: Shop) -> None:
    pattern = shop.order_number_pattern
    for text in SHORT:
        masked, replaced = quickly(lambda text: mask(text, pattern, shop.order_number_example, shop.region), text)
        assert replaced or masked == text


@ON_POSTGRESQL
def test_at_an_agents_desk(console: Console, a_complaint: Callable[..., Complaint], a_shopper: Callable[[], str]) -> None:
    sara = a_user(console.users, Role.ADMIN)
    conversation, number = a_shopper(), a_complaint().number
    console.takeover.claim(conversation, sara)
    some = SHORT[::3]
    assert kept(lambda text: console.replies.say(conversation, sara, uuid.uuid4().hex, text).message.text, some) > 300
    assert kept(lambda text: console.replies.note(conversation, sara, text).text, some) > 300
    assert kept(lambda text: console.replies.change(conversation, sara, "product", text).value("product"), some) > 100
    assert kept(lambda text: console.replies.change(conversation, sara, "seller", text).value("seller"), some) > 300
    assert (
        kept(lambda text: console.canned.add(sara, uuid.uuid4().hex[:8], "عنوان", text, shared=False).text, some[::3]) > 90
    )
    kept(lambda text: console.lists.save_view(sara, text, {"text": text}) and None, some)
    numbered, names = iter(range(1_000)), [text for text in some[::4] if to_the_eye(text)]
    assert kept(lambda text: console.users.add(f"user{next(numbered)}", text, Role.AGENT)[0].name, names) > 50
    assert kept(lambda text: console.desk.answer(number, sara, text) and None, some[::4]) > 50
    for text in some[::4]:
        for status in (Status.WAITING_SHOPPER, Status.IN_REVIEW):
            kept(lambda text, status=status: console.desk.move(number, status, sara.login, text) and None, [text])


def test_in_every_search(console: Console, chat: Chat) -> None:
    conversation = chat.open("widget").conversation_id
    chat.receive(conversation, Incoming(uuid.uuid4().hex, "طلبي تأخر"))
    for text in SHORT[::3]:
        searched = text.replace("\0", "")[:200]  # no address holds a NUL: the gateway refuses it
        found = console.lists.messages(searched)
        console.lists.complaints(ComplaintFilter(text=searched))
        assert len(found) <= 1


def test_no_cell_of_an_exported_list_is_a_formula() -> None:
    for text in SHORT:
        cells = [text, "x" + text, "آخر"]
        [row] = csv.reader(io.StringIO(_row(cells), newline=""), strict=True)
        assert row[1:] == cells[1:], ascii(text[:80])
        assert row[0].removeprefix("'") == text.removeprefix("'")
        plain = unicodedata.normalize("NFKC", row[0].lstrip(" \u00a0\u3000\u200e\u200f\ufeff\u202e"))
        calculates = plain[:1] in ("=", "+", "-", "@", "\t", "\r", "|", "%") and not re.fullmatch(r"[+-]?[\d\s.,-]*", plain)
        assert not calculates, ascii(text[:80])


def test_as_training_sentences(tmp_path: Path) -> None:
    stored = []
    for text in SHORT:
        try:
            stored.append(checked(text))
        except Refused:
            continue
    write(tmp_path, changes(tmp_path, [Example("greet", text) for text in stored] + [Example("deny", "لا")]))
    read = read_questions(*sorted((tmp_path / "data" / "nlu" / "accepted").glob("*.yml")))
    blank = {re.sub(r"\](?=[(\[{])", "] ", " ".join(text.split())) for text in stored}
    assert {question.text for question in read if question.label == "greet"} == blank
    assert all(question.spans == () for question in read)
    assert {question.label for question in read} == {"greet", "deny"}
