"""Files in the widget: chosen, dropped, pasted, refused with a reason, sent once, and shown to who may see them."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from bot.domain.evidence import LARGEST_FILE, MOST_FILES
from tests.browser.conftest import Open
from tests.browser.widget import STRINGS, Widget
from tests.system.running import System

pytestmark = pytest.mark.browser

FILES = STRINGS["files"]
OPENING = "السماعة وصلت مكسورة وما تشتغل، شريتها قبل أسبوع وأبغى فلوسي"
AS_IF = """([kind, transfer, name, content]) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(content)], name, { type: "image/png" }));
    const target = document.querySelector("shakwa-chat").shadowRoot.querySelector(kind === "drop" ? ".panel" : "textarea");
    const Kind = kind === "drop" ? DragEvent : ClipboardEvent;
    target.dispatchEvent(new Kind(kind, { [transfer]: data, bubbles: true, cancelable: true, composed: true }));
}"""


def a_photo(side: int = 300) -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").resize((side, side)).convert("RGB").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "كرتون السماعة.png").write_bytes(a_photo())
    (tmp_path / "فاتورة.pdf").write_bytes(b"%PDF-1.7\n" + b"0" * 340_000)
    (tmp_path / "large.pdf").write_bytes(b"%PDF-1.7\n" + b"0" * LARGEST_FILE)
    (tmp_path / "photo.jpg").write_text("<svg onload='alert(1)'>")
    return tmp_path


def choose(widget: Widget, *files: Path) -> None:
    widget.page.locator("input[type=file]").set_input_files(list(files))


def waiting(widget: Widget, count: int) -> None:
    """Wait until so many files are handed in."""
    expect(widget.page.locator(".tray li:not(.refused)")).to_have_count(count)
    expect(widget.page.locator(".tray progress")).to_have_count(0)


def send(widget: Widget) -> None:
    widget.button(STRINGS["send"]).click()


def test_files_are_sent_with_the_complaint_and_stand_in_its_printed_file(
    system: System, open_page: Open, folder: Path, picture: Callable[[Page, str], None]
) -> None:
    widget = open_page()
    widget.complain((OPENING, "order_number"))
    choose(widget, folder / "كرتون السماعة.png", folder / "فاتورة.pdf")
    waiting(widget, 2)
    picture(widget.page, "files_waiting")
    send(widget)
    photo = widget.page.get_by_role("img", name="كرتون السماعة.png")
    expect(photo).to_be_visible()
    assert photo.evaluate("async (image) => (await image.decode(), image.naturalWidth)") == 300
    expect(widget.page.locator(".files a", has_text="فاتورة.pdf")).to_be_visible()
    picture(widget.page, "files_sent")
    widget.complain(("405-1234567-1234567", "contact"), ("0501234567", "confirmed"))
    widget.say("نعم")
    link = widget.page.locator(".bot .bubble a").last
    expect(link).to_be_visible()
    widget.page.goto(str(link.get_attribute("href")))
    expect(widget.page.get_by_role("link", name="فاتورة.pdf")).to_be_visible()
    with widget.page.expect_download() as download:
        widget.page.get_by_role("link", name="فاتورة.pdf").click()
    assert download.value.path().stat().st_size == 340_009


@pytest.mark.parametrize(("kind", "transfer"), [("drop", "dataTransfer"), ("paste", "clipboardData")])
def test_a_picture_is_dropped_or_pasted(open_page: Open, kind: str, transfer: str) -> None:
    widget = open_page()
    widget.page.evaluate(AS_IF, [kind, transfer, "لقطة.png", list(a_photo(80))])
    waiting(widget, 1)
    send(widget)
    expect(widget.page.get_by_role("img", name="لقطة.png")).to_be_visible()


def test_what_is_refused_says_why_and_the_rest_is_sent(open_page: Open, folder: Path) -> None:
    widget = open_page()
    choose(widget, folder / "large.pdf", folder / "photo.jpg", folder / "فاتورة.pdf")
    waiting(widget, 1)
    problems = widget.page.locator(".tray .problem")
    expect(problems).to_have_count(2)
    expect(problems.nth(0)).to_have_text(FILES["too_large"])
    expect(problems.nth(1)).to_contain_text("لا نستقبل هذا النوع من الملفات")
    send(widget)
    expect(widget.page.locator(".shopper .files li")).to_have_count(1)
    expect(widget.page.locator(".tray li")).to_have_count(0)


def test_a_ninth_file_is_too_many(open_page: Open, tmp_path: Path) -> None:
    widget = open_page()
    files = [tmp_path / f"{n}.pdf" for n in range(MOST_FILES + 1)]
    for file in files:
        file.write_bytes(b"%PDF-1.7")
    choose(widget, *files)
    waiting(widget, MOST_FILES)
    expect(widget.page.locator(".tray .problem")).to_have_text(FILES["too_many"])


def test_a_file_taken_back_is_not_sent(open_page: Open, folder: Path) -> None:
    widget = open_page()
    choose(widget, folder / "فاتورة.pdf")
    waiting(widget, 1)
    with widget.page.expect_request(lambda request: request.method == "DELETE"):
        widget.button(FILES["remove"].format(name="فاتورة.pdf")).click()
    expect(widget.page.locator(".tray")).to_be_hidden()
    expect(widget.button(STRINGS["send"])).to_be_disabled()


def test_a_broken_line_while_it_is_handed_in_is_tried_again_by_a_tap(open_page: Open, folder: Path) -> None:
    widget = open_page()
    widget.page.route("**/api/files", lambda route: route.abort())
    choose(widget, folder / "فاتورة.pdf")
    expect(widget.page.locator(".tray .problem")).to_contain_text(FILES["failed"])
    widget.page.unroute("**/api/files")
    widget.button(STRINGS["retry"]).click()
    waiting(widget, 1)
    send(widget)
    expect(widget.page.locator(".shopper .files li")).to_have_count(1)


def test_files_whose_acknowledgement_is_lost_are_sent_once(system: System, open_page: Open, folder: Path) -> None:
    widget = open_page()
    choose(widget, folder / "فاتورة.pdf")
    waiting(widget, 1)
    lost: list[str] = []

    def lose_the_first(route: object) -> None:
        if not lost and '"files"' in (route.request.post_data or ""):  # type: ignore[attr-defined]
            lost.append(route.fetch().text())  # type: ignore[attr-defined]
            route.abort()  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    widget.page.route("**/api/messages", lose_the_first)
    send(widget)
    expect(widget.page.locator(".shopper .files a")).to_have_count(1)
    expect(widget.page.locator(".list .bot .bubble").last).to_contain_text("ملفاتك")
    widget.page.wait_for_function("!Object.keys(localStorage).some((key) => key.startsWith('shakwa:outbox:'))")
    assert len(lost) == 1
    assert widget.page.locator(".shopper .files").count() == 1
