"""Three hundred texts that want to be run, in every field and on every page: the widget, both consoles, the paper.

None runs, none becomes an element, and the words beside them stay what they were.
"""

import csv
import io
import json
import uuid
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, Route, expect

from bot.domain.conversation import Reading, Sender
from bot.domain.handoff import Reason
from bot.domain.label import InboxFilter, LabelState
from bot.domain.shop import Shop
from bot.domain.user import Role, User
from bot.services.chat import Incoming, checked
from bot.services.drafts import Drafts, Given
from bot.services.inbox import Verdict, note
from bot.services.requests import Requests
from bot.services.words import Words
from bot.store import tables
from bot.store.unit_of_work import Store
from tests.browser.conftest import WATCH_POLICY
from tests.browser.console import STRINGS, Desk
from tests.conftest import Clock
from tests.nasty import scripts
from tests.services.staff import a_user
from tests.web.site import Shopper, Site

pytestmark = pytest.mark.browser

STORED = list(dict.fromkeys(checked(text) for text in scripts()))
BATCHES = ["\n".join(STORED[start : start + 20])[:2_000] for start in range(0, len(STORED), 20)]
BESIDE = "كلام بريء بجانبها 405-1234567"

FOREIGN = """() => {
    const inside = (one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])];
    const all = (root) => [...root.querySelectorAll("*")].flatMap(inside);
    const tags = "applet base bgsound embed frameset iframe isindex marquee math object plaintext portal track xmp xss";
    const leads = ({ name, value }) => ["href", "src", "action", "formaction", "data"].includes(name)
        && /^\\s*(javascript|vbscript|data:text)/i.test(value);
    const strange = (one) => tags.split(" ").includes(one.localName) || (one.localName === "script" && !one.src)
        || [...one.attributes].some((one) => one.name.startsWith("on") || leads(one));
    return [...all(document).filter(strange).map((one) => one.outerHTML.slice(0, 120)), ...(window.hit ? ["it ran"] : [])];
}"""
"""What no page of ours has: elements that load or run something, handlers in attributes, addresses that are programs."""


@pytest.fixture
def backend() -> str:
    return "sqlite"


@pytest.fixture
def site(store: Store, clock: Clock, words: Words, shop: Shop, tmp_path: Any) -> Site:
    return Site(store, clock, words, shop, tmp_path)


@pytest.fixture
def http(site: Site) -> Iterator[httpx.Client]:
    with site.serve(messages_per_minute=100_000) as http:
        yield http


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page on which no policy may be broken: an element that was refused is an element too many."""
    context, problems = chromium.new_context(locale="ar", viewport={"width": 1360, "height": 900}), []
    context.add_init_script(WATCH_POLICY)
    context.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: problems.append(str(error.error)))
    yield context.new_page()
    context.close()
    assert problems == []


def address(http: httpx.Client) -> str:
    return str(http.base_url).rstrip("/")


def said(site: Site, conversation: str) -> None:
    """Let shopper, bot and agent say each payload in turn, and something innocent at the end."""
    senders = [Sender.SHOPPER, Sender.BOT, Sender.AGENT]
    rows = []
    for seq, text in enumerate([*STORED, BESIDE], 1):
        sender = senders[seq % 3] if text != BESIDE else Sender.SHOPPER
        custom = {"agent": text[:80]} if sender is Sender.AGENT else {}
        row = {"conversation_id": conversation, "seq": seq, "sender": sender, "text": text, "created_at": site.clock()}
        rows.append(row | {"buttons": [], "custom": custom})
    with site.store.engine.begin() as connection:
        connection.execute(sa.insert(tables.message), rows)
        connection.execute(
            sa.update(tables.conversation).values(last_seq=len(rows)).where(tables.conversation.c.id == conversation)
        )


def in_the_inbox(site: Site, user: User) -> None:
    """Put each batch among the analysts' utterances; every second one is accepted, and would be written."""
    conversation, odd = site.chat.open("widget").conversation_id, STORED[0]
    for number, text in enumerate([*BATCHES, BESIDE]):
        message, _ = site.chat.receive(conversation, Incoming(uuid.uuid4().hex, text))
        with site.store.write() as work:
            note(work, message, Reading("late_delivery", 0.2, [{"name": odd, "confidence": 0.2}], [], odd))
            work.commit()
        if number % 2:
            [newest] = [one for one in site.console.inbox.page(InboxFilter())[0] if one.text == message.text]
            verdict = Verdict(LabelState.ACCEPTED, "greet")
            site.console.inbox.decide(user, newest.id or 0, newest.version, verdict)


def in_a_file() -> dict[str, Any]:
    """Return a table of sentences whose labels nobody knows."""
    table = io.StringIO()
    csv.writer(table).writerows([["text", "label"], *([text, text[:60]] for text in STORED)])
    return {"name": f"{STORED[0][:40]}.csv", "mimeType": "text/csv", "buffer": table.getvalue().encode()}


def signed_in(site: Site, http: httpx.Client, page: Page) -> Desk:
    _, one_time = site.console.users.add("mona", "منى", Role.ADMIN)
    desk = Desk(page.context, SimpleNamespace(url=address(http)), "mona", one_time)  # type: ignore[arg-type]
    desk.page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    return desk


def shows(desk: Desk, path: str, text: str) -> None:
    desk.open(path)
    expect(desk.page.get_by_text(text).first).to_be_visible()
    assert desk.page.evaluate(FOREIGN) == [], path


def test_they_are_alive(chromium: Browser) -> None:
    """On a page that takes a text for markup they run, and are found: what follows could fail."""
    page = chromium.new_page()
    page.set_content("<p></p>")
    page.evaluate(
        "(texts) => texts.forEach((text) => document.body.insertAdjacentHTML('beforeend', `<div>${text}</div>`))", STORED
    )
    page.wait_for_function("window.hit === 1")
    assert len(page.evaluate(FOREIGN)) > 100
    page.close()


def test_in_the_widget(site: Site, http: httpx.Client, page: Page) -> None:
    shopper = Shopper(http)
    said(site, shopper.conversation)
    session = json.dumps({"token": shopper.token, "conversation": shopper.conversation})
    page.add_init_script(f"localStorage['shakwa:session'] = {json.dumps(session)}")
    page.goto(address(http))
    expect(page.locator(".list .bubble").last).to_have_text(BESIDE)
    bubbles = page.locator(".list .bubble").all_inner_texts()
    missing = [text for text in STORED if not any(folded(text) in folded(bubble) for bubble in bubbles)]
    assert missing == []
    assert page.evaluate(FOREIGN) == []


def test_where_text_is_written_as_markup_the_console_turns_red(site: Site, http: httpx.Client, chromium: Browser) -> None:
    """The guard is switched off: what is no element yet goes in as HTML. The policy still runs nothing of it."""
    guard, off = ".map(straight)", ".map((one) => one.nodeType ? one : document.createRange().createContextualFragment(one))"

    def without(route: Route) -> None:
        script = route.fetch()
        assert guard in script.text()
        route.fulfill(response=script, body=script.text().replace(guard, off))

    talk = Shopper(http).conversation
    said(site, talk)
    context = chromium.new_context(locale="ar")
    context.route("**/console/dom.js", without)
    desk = signed_in(site, http, context.new_page())
    with pytest.raises(AssertionError, match="conversations"):
        shows(desk, f"conversations/{talk}", BESIDE)
    assert not desk.page.evaluate("window.hit")
    context.close()


def folded(text: str) -> str:
    return "".join(text.split())


def test_at_the_agents_console(
    site: Site, http: httpx.Client, page: Page, requests: Requests, drafts: Drafts, a_complaint: Any
) -> None:
    talk = Shopper(http).conversation
    for number, text in enumerate(BATCHES):
        boss = a_user(site.console.users, Role.ADMIN, f"boss{number}", text[:60])
        site.console.canned.add(boss, f"s{number}", text[:120], text, shared=True)
        site.console.replies.note(talk, boss, text)
        filed = a_complaint(description=f"{text}\n{BESIDE}", product=STORED[number][:120])
        site.console.desk.answer(filed.number, boss, text)
        waiting = site.chat.open("widget").conversation_id
        site.chat.receive(waiting, Incoming(uuid.uuid4().hex, text))
        requests.human(waiting, Reason.ASKED, None)
    site.chat.get_to_know(talk, {"name": STORED[0], "customer": STORED[1], "product": STORED[2]})
    written = [Given(slot, STORED[5], STORED[6]) for slot in ("product", "seller", "description")]
    drafts.record(drafts.open(talk, None).id, written, [], {}, None)
    said(site, talk)
    mona = signed_in(site, http, page)
    shows(mona, "", BATCHES[-1][:20])
    shows(mona, f"conversations/{talk}", BESIDE)
    shows(mona, "complaints", filed.number)
    shows(mona, f"complaints/{filed.number}", BESIDE)
    shows(mona, "dashboard", "منى")
    shows(mona, "settings", BATCHES[0][:20])
    mona.page.goto(f"{address(http)}/complaints/file/{filed.file_secret}")
    expect(mona.page.get_by_text(BESIDE)).to_be_visible()
    assert mona.page.evaluate(FOREIGN) == []


def test_at_the_analysts_console(site: Site, http: httpx.Client, page: Page) -> None:
    in_the_inbox(site, a_user(site.console.users, Role.ANALYST, "noor", "نور"))
    mona = signed_in(site, http, page)
    shows(mona, "nlu", BESIDE)
    mona.page.locator(".utterance").first.click()
    mona.button(STRINGS["export_labels"]).click()
    expect(mona.page.locator(".diff")).to_contain_text(BATCHES[1][:20])
    assert mona.page.evaluate(FOREIGN) == []
    shows(mona, "nlu", BESIDE)
    mona.button(STRINGS["import"]).click()
    mona.page.locator("input[type=file]").set_input_files([in_a_file()])  # type: ignore[list-item]
    mona.button(STRINGS["importing"]["show"]).click()
    expect(mona.page.locator("dialog li", has_text=STORED[0][:20]).first).to_be_visible()
    assert mona.page.evaluate(FOREIGN) == []
