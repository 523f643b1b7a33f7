"""The analysts' inbox by keyboard alone, over the real system; and by axe's rules."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from bot.domain.health import Health, LookAlike, Misread, Sentence
from bot.engine.health import keep
from tests.browser.conftest import Open
from tests.browser.console import STRINGS, Desk
from tests.browser.test_console import At, violations
from tests.browser.test_console import at_desk as at_desk  # noqa: PLC0414
from tests.system.running import System

pytestmark = pytest.mark.browser

SAID = ("الكنبة اللي طلبتها ما وصلت للحين", "الثلاجة وصلت مخدوشة من الجنب الأيمن", "زعلان عليكم مره")


def focused(desk: Desk) -> str:
    return str(desk.page.evaluate("document.activeElement.getAttribute('aria-label')"))


def go_to(desk: Desk, text: str) -> None:
    """Walk down to an utterance."""
    for _ in range(60):
        if focused(desk) == text:
            return
        desk.page.keyboard.press("ArrowDown")
    raise AssertionError(f"{text} is not in the inbox")


def row(desk: Desk, text: str) -> object:
    return desk.page.locator(f".utterance[aria-label='{text}']")


def open_inbox(desk: Desk, *texts: str) -> None:
    """Open the inbox once the bot has read what was said last."""
    for _ in range(60):
        desk.open("nlu")
        expect(desk.page.locator(".utterance, .empty").first).to_be_visible()
        if all(row(desk, text).count() for text in texts):  # type: ignore[attr-defined]
            return
        desk.page.wait_for_timeout(500)
    raise AssertionError(f"{texts} are not in the inbox")


def test_what_was_said_is_labelled_taken_back_and_shown_as_training_data_by_keyboard(
    open_page: Open, at_desk: At, picture: Callable[[Page, str], None]
) -> None:
    widget, noor = open_page(), at_desk("نور", "analyst")
    for text in SAID:
        widget.say(text)
        expect(widget.rows.filter(has_text=text)).to_have_count(1)
    open_inbox(noor, *SAID)
    picture(noor.page, "console_nlu")
    go_to(noor, SAID[0])
    noor.page.keyboard.press("c")
    noor.page.keyboard.type("لم أستلم")
    expect(noor.page.locator(".matches button").first).to_contain_text("not_received")
    noor.page.keyboard.press("Enter")
    expect(row(noor, SAID[0])).to_have_count(0)  # type: ignore[arg-type]
    go_to(noor, SAID[1])
    noor.page.keyboard.press("1")
    expect(row(noor, SAID[1])).to_have_count(0)  # type: ignore[arg-type]
    noor.page.keyboard.press("u")
    expect(row(noor, SAID[1])).to_be_visible()  # type: ignore[arg-type]
    go_to(noor, SAID[1])
    noor.page.keyboard.press("1")
    go_to(noor, SAID[2])
    noor.page.keyboard.press("i")
    expect(row(noor, SAID[2])).to_have_count(0)  # type: ignore[arg-type]
    noor.button(STRINGS["export_labels"]).click()
    diff = noor.page.locator(".diff")
    expect(diff.filter(has_text=SAID[0])).to_have_count(1)
    expect(diff.filter(has_text=SAID[1])).to_have_count(1)
    expect(diff.filter(has_text=SAID[2])).to_have_count(0)
    noor.button(STRINGS["cancel"]).click()


def test_a_reading_is_explained_and_a_file_comes_in_after_a_look(open_page: Open, at_desk: At, tmp_path: Path) -> None:
    widget, noor = open_page(), at_desk("نور", "analyst")
    text = "الخلاط وصل وغطاه مكسور"
    widget.say(text)
    open_inbox(noor, text)
    go_to(noor, text)
    noor.page.keyboard.press("w")
    why = row(noor, text).locator(".why")  # type: ignore[attr-defined]
    expect(why.locator(".word-share").first).to_contain_text("مكسور")
    noor.page.keyboard.press("w")
    expect(why).to_have_count(0)
    file = tmp_path / "جمل.csv"
    file.write_text("text,label\nالدراجة وصلت وعجلتها معوجة,app_problem\nمتى يصل طلبي,no_such_label\n", "utf-8")
    noor.button(STRINGS["import"]).click()
    noor.page.get_by_label(STRINGS["importing"]["file"], exact=True).set_input_files(file)
    noor.button(STRINGS["importing"]["show"]).click()
    shown = noor.page.get_by_role("dialog", name=STRINGS["importing"]["review"])
    expect(shown).to_contain_text("no_such_label")
    assert violations(noor) == []
    shown.get_by_role("button", name=STRINGS["write"], exact=True).click()
    noor.page.get_by_label(STRINGS["any_reason"], exact=True).select_option("corrected")
    expect(row(noor, "الدراجة وصلت وعجلتها معوجة")).to_be_visible()  # type: ignore[arg-type]
    expect(row(noor, text)).to_have_count(0)  # type: ignore[arg-type]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_inbox(open_page: Open, at_desk: At, theme: str) -> None:
    widget = open_page()
    widget.say(SAID[0])
    noor = at_desk("نور", "analyst", color_scheme=theme, bypass_csp=True, reduced_motion="reduce")
    widget.say("عندي استفسار بسيط عن الشحن")
    open_inbox(noor, "عندي استفسار بسيط عن الشحن")
    found = violations(noor)
    noor.page.keyboard.press("c")
    expect(noor.page.locator(".matches button").first).to_be_visible()
    assert [*found, *violations(noor)] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_state_of_the_training_data_is_shown_and_each_sentence_has_what_mends_it(
    system: System, at_desk: At, theme: str
) -> None:
    """What a click changes in the files is tested without a browser: here the files are the project's own."""
    late, wrong = Sentence("وين طلبي 405-1234567-1234567 تأخر", "greet"), Sentence("الكنبة وصلت مكسورة", "wrong_item")
    misread = [
        Misread(late, "late_delivery", 0.93),
        *(Misread(Sentence(f"وصلت مخدوشة {at}", "wrong_item"), "damaged_item", 0.6) for at in range(3)),
    ]
    twice = [Sentence("الكنبة وصلت مكسورة", "damaged_item"), wrong]
    alike = [
        LookAlike(Sentence("الطلب ما وصل للحين", "not_received"), Sentence("الطلب ما وصل للحين يا جماعة", "not_received"))
    ]
    found = Health(
        "2026-11-27T09:00:00+00:00",
        "",
        2400,
        [("praise", 7)],
        [twice],
        misread,
        alike,
        [("praise", ["iraqi", "msa"])],
        {"date": 90, "channel": 0},
    )
    keep(system.data / "health.json", found)
    noor = at_desk("نور", "analyst", color_scheme=theme, bypass_csp=True, reduced_motion="reduce")
    noor.open("nlu/health")
    page, words = noor.page, STRINGS["health"]
    line = page.locator(".mendable", has_text="405-1234567-1234567")
    expect(line).to_be_visible()
    assert violations(noor) == []
    sent: list[Any] = []

    def answer(route: Route) -> None:
        sent.append(route.request.post_data_json)
        left = page.request.get(f"{noor.url}/api/nlu/health").json()
        left["health"]["misread"] = left["health"]["misread"][1:]
        route.fulfill(json=left)

    page.route("**/health/mend", answer)
    line.get_by_role("button", name=words["move_to"].format(label="تأخر التوصيل")).focus()
    page.keyboard.press("Enter")
    expect(line).to_have_count(0)
    assert sent == [{"act": "move", "label": "late_delivery", "text": late.text, "under": "greet"}]
    page.get_by_text(words["confused"]).first.wait_for()
    expect(page.locator("details.card[open]")).to_have_count(6)
    (system.data / "health.json").unlink()  # it quotes sentences, as no log may
