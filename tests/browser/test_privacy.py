"""Consent, a copy and an end, as people meet them: the sentence, the button, and the open widget after it."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.console import STRINGS
from tests.browser.test_console import At, violations
from tests.browser.test_console import at_desk as at_desk  # noqa: PLC0414
from tests.browser.widget import STRINGS as WIDGET
from tests.system.running import System

pytestmark = pytest.mark.browser


def test_a_supervisor_takes_a_copy_and_erases_and_the_shopper_begins_anew(
    system: System, open_page: Open, at_desk: At
) -> None:
    widget, huda, omar = open_page(), at_desk("هدى", "supervisor"), at_desk("عمر", "supervisor")
    widget.complain(("غسالتي الزعفرانية تأخرت أسبوعين وما وصلت", "order_number"))
    conversation = widget.conversation()
    for desk in (huda, omar):
        desk.open(f"conversations/{conversation}")
        expect(desk.transcript.get_by_text("الزعفرانية")).to_be_visible()
    with huda.page.expect_download() as taken:
        huda.page.get_by_role("link", name=STRINGS["export_shopper"]).click()
    data = json.loads(zipfile.ZipFile(io.BytesIO(Path(taken.value.path()).read_bytes())).read("data.json"))
    assert "الزعفرانية" in data["message"][0]["text"]
    huda.button(STRINGS["erase_shopper"]).click()
    dialog = huda.page.locator("dialog")
    expect(dialog).to_contain_text(STRINGS["held"]["message"])
    expect(dialog).to_contain_text(STRINGS["erase_warns"])
    dialog.get_by_role("button", name=STRINGS["cancel"]).click()
    expect(huda.transcript.get_by_text("الزعفرانية")).to_be_visible()
    huda.button(STRINGS["erase_shopper"]).click()
    assert violations(huda) == []
    dialog.get_by_role("button", name=STRINGS["erase_now"]).click()
    system.acknowledged[:] = [one for one in system.acknowledged if "الزعفرانية" not in (one.text or "")]
    for desk in (huda, omar):
        expect(desk.page.get_by_role("heading", name=STRINGS["erased"])).to_be_visible()
        expect(desk.page.get_by_text("الزعفرانية")).to_have_count(0)
    expect(widget.page.locator(".row.system")).to_contain_text(WIDGET["expired"])
    expect(widget.page.get_by_text("الزعفرانية")).to_have_count(0)
    widget.say("السلام عليكم")
    expect(widget.page.locator(".row.bot .bubble").nth(1)).to_be_visible()
    assert widget.conversation() != conversation
    assert widget.unsent() == 0


def test_an_agent_has_no_such_button(open_page: Open, at_desk: At) -> None:
    widget, sara = open_page(), at_desk("سارة")
    widget.complain(("طلبي تأخر أسبوعين وما وصل", "order_number"))
    sara.open(f"conversations/{widget.conversation()}")
    expect(sara.page.get_by_role("heading", name=STRINGS["notes"])).to_be_visible()
    expect(sara.button(STRINGS["erase_shopper"])).to_have_count(0)


def test_the_admin_reads_who_read(open_page: Open, at_desk: At) -> None:
    widget, sara, badr = open_page(), at_desk("سارة"), at_desk("بدر", "admin")
    widget.complain(("طلبي تأخر أسبوعين وما وصل", "order_number"))
    conversation = widget.conversation()
    sara.open(f"conversations/{conversation}")
    expect(sara.transcript.get_by_text("طلبي تأخر")).to_be_visible()
    badr.open("settings")
    badr.page.get_by_label(STRINGS["conversation_number"]).fill(conversation)
    badr.button(STRINGS["search"]).click()
    lines = badr.page.get_by_role("region", name=STRINGS["audit"]).get_by_role("row")
    expect(lines).to_have_count(2)
    expect(lines.nth(1)).to_contain_text(STRINGS["audit_actions"]["read"])
    assert violations(badr) == []


def test_what_a_message_agrees_to_is_read_before_the_first_and_from_the_menu_later(system: System, open_page: Open) -> None:
    widget = open_page()
    consent = widget.page.locator(".privacy")
    kept = WIDGET["kept"]["many"].format(n=365)
    sentence = WIDGET["consent"].format(shop="متجر الواحة", kept=kept)
    expect(consent).to_contain_text(sentence)
    expect(consent).to_be_visible()
    page = consent.get_by_role("link", name=WIDGET["privacy_link"])
    expect(page).to_have_attribute("href", "https://shop.example/privacy")
    expect(page).to_have_attribute("target", "_blank")
    widget.complain(("طلبي تأخر أسبوعين وما وصل", "order_number"))
    expect(consent).to_be_hidden()
    widget.button(WIDGET["menu"]["label"]).click()
    widget.button(WIDGET["menu"]["privacy"]).click()
    expect(consent).to_be_visible()
    expect(widget.page.get_by_role("log", name=WIDGET["announcements"])).to_contain_text(sentence)
    widget.button(WIDGET["menu"]["label"]).click()
    widget.button(WIDGET["menu"]["privacy"]).click()
    expect(consent).to_be_hidden()


def test_on_a_phone_the_sentence_leaves_room_and_its_link_is_reached_by_keyboard(system: System, open_page: Open) -> None:
    widget = open_page(360, 640)
    widget.page.goto(f"{system.url}/embed")
    widget.page.locator(".launcher").click()
    expect(widget.page.locator(".privacy")).to_be_visible()
    link = widget.page.get_by_role("link", name=WIDGET["privacy_link"])
    for _ in range(40):
        if link.evaluate("(it) => it.getRootNode().activeElement === it"):
            break
        widget.page.keyboard.press("Tab")
    expect(link).to_be_focused()
    widget.page.keyboard.press("Tab")  # the panel is all there is: the focus goes round in it
    assert widget.page.evaluate("document.activeElement.tagName") == "SHAKWA-CHAT"
    room = widget.page.locator(".scroller").bounding_box()
    assert room is not None
    assert room["height"] > 200
