"""What changes over the days, as an analyst sees it; and by axe's rules."""

import subprocess

import pytest
from playwright.sync_api import expect

from bot.settings import ROOT
from tests.browser.conftest import Open
from tests.browser.console import STRINGS, Desk
from tests.browser.test_console import At, violations
from tests.browser.test_console import at_desk as at_desk  # noqa: PLC0414
from tests.system.running import SHAKWA, System

pytestmark = pytest.mark.browser

WORDS = STRINGS["drift"]


def counted(system: System) -> str:
    """Count what was read as the worker does every minute, and return what the command prints."""
    command = [SHAKWA, "nlu", "drift", "--days", "14"]
    done = subprocess.run(command, cwd=ROOT, env=system.environment, capture_output=True, check=True, timeout=120)
    return done.stdout.decode() + done.stderr.decode()


def card(desk: Desk, title: str) -> object:
    return desk.page.locator(".card", has=desk.page.get_by_role("heading", name=title, exact=True))


def test_what_shoppers_said_is_counted_by_day_and_new_words_lead_to_the_inbox(
    system: System, open_page: Open, at_desk: At
) -> None:
    widget, noor = open_page(), at_desk("نور", "analyst")
    for text in ("وين طلبي الحين", "بدي شوف طلبي وين", "الزنبرك حق الكنبة طلع مكسور"):
        widget.say(text)
        expect(widget.rows.filter(has_text=text)).to_have_count(1)
        expect(widget.page.locator(".row.bot:not(.typing)").last).to_be_visible()
    widget.page.wait_for_timeout(1500)
    assert "الزنبرك" in counted(system)
    noor.open("nlu/drift")
    expect(noor.page.locator(".tabs [aria-current]")).to_have_text(STRINGS["nlu_tabs"]["drift"])
    expect(noor.page.locator(".sentence")).to_have_text(WORDS["too_few"])
    expect(card(noor, WORDS["by_variety"])).to_contain_text(STRINGS["varieties"]["gulf"])  # type: ignore[arg-type]
    noor.page.get_by_label(WORDS["variety"], exact=True).select_option("levantine")
    varieties = card(noor, WORDS["by_variety"])
    expect(varieties.locator("tbody th[scope=row] bdi")).to_have_text([STRINGS["varieties"]["levantine"]])  # type: ignore[attr-defined]
    assert "variety=levantine" in noor.page.url
    noor.page.get_by_label(WORDS["variety"], exact=True).select_option("")
    noor.page.get_by_role("link", name="الزنبرك").click()
    expect(noor.page.locator(".utterance")).to_have_count(1)
    expect(noor.page.locator(".utterance")).to_contain_text("الزنبرك حق الكنبة طلع مكسور")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_drift(system: System, open_page: Open, at_desk: At, theme: str) -> None:
    widget = open_page()
    widget.say("الزنبرك حق الكنبة طلع مكسور")
    expect(widget.page.locator(".row.bot:not(.typing)").last).to_be_visible()
    counted(system)
    noor = at_desk("نور", "analyst", color_scheme=theme, bypass_csp=True, reduced_motion="reduce")
    noor.open("nlu/drift")
    expect(noor.page.locator(".sentence")).to_be_visible()
    expect(noor.page.locator(".shadow")).to_be_visible()
    for one in noor.page.locator("summary").all():
        one.click()
    assert violations(noor) == []


def test_the_shadow_is_turned_on_and_off(at_desk: At) -> None:
    noor, words = at_desk("نور", "analyst"), STRINGS["shadow"]
    noor.open("nlu/drift")
    state = noor.page.locator(".shadow [role=status]")
    expect(state).to_have_text(words["off"])
    noor.button(words["turn_on"]).click()
    expect(state).to_have_text(words["waits"])
    noor.page.reload()
    expect(state).to_have_text(words["waits"])
    noor.button(words["turn_off"]).click()
    expect(state).to_have_text(words["off"])
