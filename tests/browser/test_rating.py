"""A rating is five stars: seen, tapped, walked through with the arrows, and said aloud."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.test_accessibility import THEMES, problems
from tests.browser.test_widget import TARGET, TO_THE_REMEDY, box_of, focused, press_until_focused
from tests.browser.widget import STRINGS, Widget

pytestmark = pytest.mark.browser

STARS = STRINGS["stars"]
NAMES = STARS["names"]
CALL_ME = "أبغى أحد يتصل علي على 0501234567 الساعة 5 العصر"
THANKS = "شكرا مع السلامة"


def asked(widget: Widget) -> Locator:
    """Be helped and say goodbye, so that the bot asks for a rating; return its stars."""
    widget.say(CALL_ME)
    expect(widget.rows.locator("bdi", has_text="CB-")).to_be_visible()
    widget.say(THANKS)
    stars = widget.page.get_by_role("radiogroup", name=STARS["label"], exact=True).get_by_role("radio")
    expect(stars).to_have_count(len(NAMES))
    return stars


def spoken(widget: Widget) -> list[str]:
    return widget.page.get_by_role("log").locator("p").all_text_contents()


def checked(stars: Locator) -> list[str | None]:
    return [star.get_attribute("aria-checked") for star in stars.all()]


def test_a_star_that_is_tapped_is_the_rating(open_page: Open, picture: Callable[[Page, str], None]) -> None:
    widget = open_page(reduced_motion="reduce")
    stars = asked(widget)
    assert [star.get_attribute("aria-label") for star in stars.all()] == NAMES
    assert checked(stars) == ["false"] * 5
    places = [box_of(star) for star in stars.all()]
    assert all(min(place["width"], place["height"]) >= TARGET for place in places)
    assert [place["x"] for place in places] == sorted((place["x"] for place in places), reverse=True), "one is on the right"
    assert len({place["y"] for place in places}) == 1
    stars.nth(3).click()
    expect(widget.rows.last.locator(".choices:not(.stars) .chip")).to_have_count(1)
    expect(stars.nth(3)).to_have_attribute("aria-checked", "true")
    assert checked(stars) == ["false", "false", "false", "true", "false"]
    expect(stars.first).to_be_disabled()
    assert STARS["given"].format(stars=NAMES[3]) in spoken(widget)
    picture(widget.page, "stars")


def test_a_rating_is_still_seen_after_a_reload(open_page: Open) -> None:
    widget = open_page()
    asked(widget)
    widget.page.reload()
    stars = widget.page.get_by_role("radio")
    expect(stars).to_have_count(5)
    stars.nth(4).click()
    expect(widget.page.locator(".shopper .bubble").last).to_have_text("5")
    widget.page.reload()
    expect(stars.nth(4)).to_have_attribute("aria-checked", "true")
    expect(stars.nth(4)).to_be_disabled()


def test_a_rating_that_is_passed_over_is_asked_no_more(open_page: Open) -> None:
    widget = open_page()
    stars = asked(widget)
    widget.say(CALL_ME)
    expect(stars).to_have_count(0)


def test_the_arrows_walk_through_the_stars_and_only_space_gives_one(open_page: Open) -> None:
    widget = open_page()
    stars = asked(widget)
    press_until_focused(widget, "Shift+Tab", NAMES[0])
    before = len(widget.texts())
    for key, name in [
        ("ArrowLeft", NAMES[1]), ("ArrowDown", NAMES[2]), ("ArrowRight", NAMES[1]), ("ArrowUp", NAMES[0]),
        ("ArrowRight", NAMES[4]), ("ArrowLeft", NAMES[0]), ("ArrowLeft", NAMES[1]),
    ]:  # fmt: skip
        widget.page.keyboard.press(key)
        assert focused(widget) == name
    assert (checked(stars), len(widget.texts())) == (["false"] * 5, before)
    widget.page.keyboard.press("Tab")
    assert focused(widget) not in NAMES, "Tab stops at one star only"
    widget.page.keyboard.press("Shift+Tab")
    assert focused(widget) == NAMES[1]
    widget.page.keyboard.press("Space")
    expect(stars.nth(1)).to_have_attribute("aria-checked", "true")
    assert focused(widget) == STRINGS["input"]


def test_other_choices_stay_buttons(open_page: Open) -> None:
    widget = open_page()
    widget.complain(*TO_THE_REMEDY)
    expect(widget.page.locator(".choices .chip").first).to_be_visible()
    expect(widget.page.get_by_role("radio")).to_have_count(0)


@THEMES
@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_wrong_with_the_stars(open_page: Open, theme: str, width: int) -> None:
    widget = open_page(width, color_scheme=theme, bypass_csp=True, reduced_motion="reduce")
    stars = asked(widget)
    assert problems(widget) == []
    stars.nth(2).hover()
    full = stars.evaluate_all("(stars) => stars.map((star) => getComputedStyle(star.firstChild).fill !== 'none')")
    assert full == [True, True, True, False, False]
    stars.nth(2).click()
    expect(stars.nth(2)).to_have_attribute("aria-checked", "true")
    assert problems(widget) == []
