"""Texts that turn what stands beside them around, at both consoles: nobody's words but their own move.

Each page is drawn twice over the same rows: with harmless texts, and with the same letters and controls between them.
The texts are written into the store itself, past the cleaning on the way in. Their letters (Persian, and Latin of
Africa) are on no page of ours, so that every other letter is a neighbour.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, Route, expect

from bot.domain.conversation import Reading, Sender
from bot.domain.handoff import Reason
from bot.domain.turn import TurnState
from bot.domain.user import Role, User
from bot.services.chat import Incoming
from bot.services.inbox import note
from bot.services.requests import Requests
from bot.store import tables
from tests.browser.console import Desk
from tests.browser.test_scripts import backend as backend  # noqa: PLC0414
from tests.browser.test_scripts import page as page  # noqa: PLC0414
from tests.browser.test_scripts import signed_in
from tests.browser.test_scripts import site as site  # noqa: PLC0414
from tests.services.staff import a_user
from tests.web.site import Site

pytestmark = pytest.mark.browser

CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
LETTERS = "گچپژ۰۱۲۳۴۵۶۷۸۹ƀƈƌ"
SHAPES: tuple[Callable[[str, str], str], ...] = (
    lambda text, control: control + text,
    lambda text, control: text + control,
    lambda text, control: text.replace(" ", f" {control}"),
    lambda text, control: control.join(text),
    lambda text, control: f"\u2069\u202c{control}{text}",
)
"""Where the control stands: before, behind, before each word, between all letters, behind an end that nothing began."""
ESCAPES = (
    "\u2069\u2069\u202e",
    "\u202c\u202e",
    "\u2069\u2067\u202e",
    "\u202e" * 130,
    "\u2067" * 130,
    "\u2069" * 40 + "\u202d",
)
"""Ends of what others began, then an override; more levels than the algorithm has."""


def harmless(number: int) -> str:
    return f"گچپ ƀƈƌ {number:02} پژگ".translate({ord(str(digit)): "۰۱۲۳۴۵۶۷۸۹"[digit] for digit in range(10)})


def spoof(number: int) -> str:
    """Return the same letters with controls."""
    return SPOOFS[number](harmless(number))


def _spoofs() -> Iterator[Callable[[str], str]]:
    for shape in SHAPES:
        for control in CONTROLS:
            yield lambda text, shape=shape, control=control: shape(text, control)  # type: ignore[misc]
    for escape in ESCAPES:
        yield lambda text, escape=escape: f"{text}{escape}"  # type: ignore[misc]
        if len(escape) < 20:  # a preview is cut, and a longer flood before a text would be all that is left of it
            yield lambda text, escape=escape: f"{escape}{text}"  # type: ignore[misc]


SPOOFS = list(_spoofs())
COUNT = len(SPOOFS)

NEIGHBOURS = """([letters, controls]) => {
    const own = new Set([...letters, ...controls]);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const [found, range] = [[], document.createRange()];
    let texts = 0;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.parentElement.closest("script, style, option, textarea, [hidden]")) continue;
        if (/[گچپ]/.test(node.data)) texts += 1;
        for (let at = 0; at < node.data.length; at++) {
            const letter = node.data[at];
            if (own.has(letter) || !letter.trim()) continue;
            range.setStart(node, at);
            range.setEnd(node, at + 1);
            const { x, y, width } = range.getBoundingClientRect();
            found.push([letter, x + scrollX, y + scrollY, width]);
        }
    }
    return [texts, found];
}"""
"""Returns how many texts of users are there, and every other letter with its place."""

BOXES = """() => [...document.querySelectorAll(
    "article, a.line, tr, li, td, .tag, .card, small, time, button, h1, h2, nav, main"
)].map((one) => {
    const { x, y, width, height } = one.getBoundingClientRect();
    return [x + scrollX, y + scrollY, width, height];
})"""

MIXED = """([letters, controls]) => {
    const own = new Set([...letters, ...controls]);
    const apart = (one) => one.localName === "bdi" || getComputedStyle(one).unicodeBidi !== "normal";
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set();
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (!/[گچپ]/.test(node.data) || node.parentElement.closest("script, style, option, textarea, .timeline")) continue;
        let place = node.parentElement;
        while (place !== document.body && !apart(place)) place = place.parentElement;
        const whole = place.cloneNode(true);
        whole.querySelectorAll("mark small").forEach((one) => one.remove());
        if ([...whole.textContent].some((one) => /[\\p{L}\\p{N}]/u.test(one) && !own.has(one))) found.add(whole.outerHTML);
    }
    return [...found];
}"""
"""Returns where texts of users stand in one piece with letters of ours: in no element of their own that keeps them apart.

A line of a timeline is one sentence, at whose end the words stand: nothing follows them. In a text that is labelled the
names of what is marked stand within.
"""


# ------------------------------------------------------------------ rows


def in_the_talk(site: Site, conversation: str) -> None:
    last = site.chat.history(conversation)[-1].seq
    rows = [
        {
            "conversation_id": conversation, "seq": last + number + 1, "text": harmless(number), "created_at": site.clock(),
            "sender": [Sender.SHOPPER, Sender.BOT, Sender.AGENT][number % 3], "buttons": [],
            "custom": {"agent": harmless(number)},
        }
        for number in range(COUNT)
    ]  # fmt: skip
    with site.store.engine.begin() as connection:
        connection.execute(sa.insert(tables.message), rows)
        connection.execute(
            sa.update(tables.conversation).values(last_seq=last + COUNT).where(tables.conversation.c.id == conversation)
        )


def in_the_queue(site: Site, requests: Requests, people: list[User], number: int) -> str:
    """Let a shopper wait whose name and words are texts; every second is held by a colleague whose name is one."""
    conversation = site.chat.open("widget").conversation_id
    site.chat.get_to_know(conversation, {"name": harmless(number), "product": harmless(number)})
    site.chat.receive(conversation, Incoming(uuid.uuid4().hex, harmless(number)))
    requests.human(conversation, Reason.ASKED, None)
    if number % 2:
        site.console.takeover.claim(conversation, people[number])
    return conversation


def in_the_inbox(site: Site, number: int) -> None:
    """An utterance that is a text, with a marked value; its labels are texts, too."""
    conversation, text = site.chat.open("widget").conversation_id, harmless(number)
    message, _ = site.chat.receive(conversation, Incoming(uuid.uuid4().hex, text))
    value = {"entity": "product", "value": text[:3], "start": 0, "end": 3}
    other = {"entity": text, "value": text[4:7], "start": 4, "end": 7}
    with site.store.write() as work:
        note(work, message, Reading("late_delivery", 0.2, [{"name": text, "confidence": 0.2}], [value, other], "m"))
        work.commit()


@contextmanager
def quiet(site: Site) -> Iterator[httpx.Client]:
    """Serve what was filled in; no turn is left to run, so that nothing changes by itself.

    Notices ("… is with you now") are sentences of ours in one piece, with a name that only an admin gives.
    """
    with site.store.engine.begin() as connection:
        connection.execute(sa.update(tables.turn).values(state=TurnState.SUPPRESSED))
        connection.execute(sa.delete(tables.message).where(tables.message.c.sender == Sender.SYSTEM))
    with site.serve() as http:
        yield http


def swap(site: Site) -> int:
    """Put the spoof where each harmless text stands, in every column of every table; return how many rows changed."""
    pairs = [(harmless(number), spoof(number)) for number in range(COUNT)]
    pairs += [(json.dumps(one)[1:-1], json.dumps(other)[1:-1]) for one, other in pairs]
    changed = 0
    with site.store.engine.begin() as connection:
        for table in tables.metadata.sorted_tables:
            rows = connection.exec_driver_sql(f"SELECT rowid AS row_id, * FROM {table.name}").mappings().all()
            for row in rows:
                fresh = {name: swapped(value, pairs) for name, value in row.items() if isinstance(value, str)}
                fresh = {name: value for name, value in fresh.items() if value != row[name]}
                if fresh:
                    told = ", ".join(f'"{name}" = ?' for name in fresh)
                    connection.exec_driver_sql(
                        f"UPDATE {table.name} SET {told} WHERE rowid = ?", (*fresh.values(), row["row_id"])
                    )
                    changed += 1
    return changed


def swapped(value: str, pairs: list[tuple[str, str]]) -> str:
    if "گچپ" in value or "\\u06af" in value:
        for one, other in pairs:
            value = value.replace(one, other)
    return value


# ------------------------------------------------------------------ what is seen


def seen(desk: Desk, path: str, ready: str) -> tuple[int, list[Any], list[Any]]:
    """Return how many texts of users a page shows, the letters beside them, and the boxes, each with its place."""
    desk.open(path)
    expect(desk.page.locator(ready).first).to_be_visible()
    desk.page.wait_for_timeout(300)  # until everything that comes by itself has come
    assert desk.page.evaluate(MIXED, [LETTERS, CONTROLS]) == [], path
    texts, letters = desk.page.evaluate(NEIGHBOURS, [LETTERS, CONTROLS])
    return texts, letters, desk.page.evaluate(BOXES)


def moved(before: list[Any], after: list[Any]) -> list[Any]:
    """Return what is not where it was, to a pixel."""
    said = ["".join(one[0] for one in places if isinstance(one[0], str)) for places in (before, after)]
    assert said[0] == said[1]
    assert len(before) == len(after)
    places = zip(before, after, strict=True)
    return [
        (one, other)
        for one, other in places
        if any(abs(a - b) > 1 for a, b in zip(one, other, strict=True) if not isinstance(a, str))
    ]


def unmoved(desk: Desk, site: Site, pages: dict[str, str]) -> dict[str, int]:
    """Hold each page with the spoofs against itself without; return how many texts of users each has."""
    before = {path: seen(desk, path, ready) for path, ready in pages.items()}
    assert swap(site) >= COUNT
    with site.store.engine.begin() as connection:
        connection.execute(sa.delete(tables.metadata.tables["audit"]))  # which tells of the first round
    for path, ready in pages.items():
        texts, letters, boxes = seen(desk, path, ready)
        was, letters_before, boxes_before = before[path]
        assert texts == was > 0, path
        assert len(letters) > 20, path
        assert moved(letters_before, letters) == [], path
        assert moved(boxes_before, boxes) == [], path
    desk.page.goto("about:blank")  # before its stream is cut
    return {path: texts for path, (texts, _, _) in before.items()}


def test_there_are_many_spoofs_of_the_same_letters() -> None:
    assert COUNT >= 60
    assert len({spoof(number) for number in range(COUNT)}) == COUNT
    for number in range(COUNT):
        assert spoof(number).translate(dict.fromkeys(map(ord, CONTROLS))) == harmless(number)


def test_at_the_agents_console(site: Site, page: Page, requests: Requests, a_complaint: Any) -> None:
    people = [a_user(site.console.users, Role.ADMIN, f"boss{number}", harmless(number)) for number in range(COUNT)]
    talk = in_the_queue(site, requests, people, 1)
    for number, person in enumerate(people):
        in_the_queue(site, requests, people, number)
        site.console.replies.note(talk, person, harmless(number))
        site.console.canned.add(person, f"s{number}", harmless(number), harmless(number), shared=True)
        filed = a_complaint(description=harmless(number), product=harmless(number), seller=harmless(number))
        site.console.desk.answer(filed.number, person, harmless(number))
    in_the_talk(site, talk)
    pages = {"settings": "td", "": "a.line", f"conversations/{talk}": ".bubble", "complaints": "tbody tr"}
    with quiet(site) as http:
        counted = unmoved(signed_in(site, http, page), site, pages | {f"complaints/{filed.number}": ".timeline li"})
    assert counted[""] >= 2 * COUNT
    assert counted[f"conversations/{talk}"] >= 3 * COUNT
    assert counted["settings"] >= COUNT


@pytest.mark.parametrize(
    ("guard", "off"),
    [
        ('child.replace(TURNING, "")', "child"),  # an end of an isolate in a text ends the element's own
        ('el("bdi", {}, text ?? "")', 'el("span", {}, text ?? "")'),
    ],
)
def test_without_its_guard_it_turns_red(site: Site, page: Page, guard: str, off: str) -> None:
    for number in range(COUNT):
        in_the_inbox(site, number)

    def without(route: Route) -> None:
        script = route.fetch()
        assert guard in script.text()
        route.fulfill(response=script, body=script.text().replace(guard, off))

    page.context.route("**/console/dom.js", without)
    with quiet(site) as http:
        desk = signed_in(site, http, page)
        with pytest.raises(AssertionError, match="nlu"):
            unmoved(desk, site, {"nlu": ".utterance"})
        desk.page.goto("about:blank")


def test_at_the_analysts_console(site: Site, page: Page) -> None:
    for number in range(COUNT):
        in_the_inbox(site, number)
    with quiet(site) as http:
        counted = unmoved(signed_in(site, http, page), site, {"nlu": ".utterance"})
    assert counted["nlu"] >= COUNT
