"""Two agents and a shopper at once, in real browsers over the real system; the console by keyboard, and by axe's rules."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WATCH_POLICY, Open
from tests.browser.console import PASSWORD, STRINGS, Desk, add_user
from tests.browser.widget import STRINGS as WIDGET
from tests.browser.widget import Widget
from tests.system.running import System

pytestmark = pytest.mark.browser

ORDER = "405-1234567-1234567"

At = Callable[..., Desk]


@pytest.fixture
def at_desk(system: System, chromium: Browser) -> Iterator[At]:
    """Returns signed-in colleagues, each new and in a browser of their own; none of their pages may report an error."""
    contexts, problems = [], []
    counted = iter(range(1000))

    def sit_down(name: str, role: str = "agent", **options: Any) -> Desk:
        login = f"{role}.{next(counted)}.{id(contexts)}"[:32]
        options = {"locale": "ar", "timezone_id": "Asia/Riyadh", "device_scale_factor": 1.5} | options
        contexts.append(chromium.new_context(viewport={"width": 1360, "height": 820}, **options))
        contexts[-1].add_init_script(WATCH_POLICY)
        contexts[-1].on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        contexts[-1].on("weberror", lambda error: problems.append(str(error.error)))
        return Desk(contexts[-1], system, login, add_user(system, login, role, name))

    yield sit_down
    for context in contexts:
        context.close()
    assert [problem for problem in problems if "status of 409" not in problem] == []


def asks_for_a_person(widget: Widget) -> str:
    """Begin a complaint, then ask for a person; return the conversation."""
    widget.complain(("طلبي تأخر أسبوعين وما وصل", "order_number"))
    widget.say("أبغى أكلم موظف")
    expect(widget.page.locator(".waiting")).to_be_visible()
    return widget.conversation()


def test_a_shopper_is_taken_over_answered_and_handed_back_with_the_form(
    system: System, open_page: Open, at_desk: At, picture: Callable[[Page, str], None]
) -> None:
    sara, omar, widget = at_desk("سارة"), at_desk("عمر"), open_page()
    conversation = asks_for_a_person(widget)
    expect(widget.page.locator(".waiting")).to_contain_text(WIDGET["waiting"]["position"].format(n="").strip())
    picture(widget.page, "waiting")
    expect(omar.line(conversation)).to_contain_text("طلب موظفًا")
    picture(omar.page, "console_queue")
    sara.line(conversation).get_by_role("button").click()
    expect(sara.composer).to_be_enabled()
    expect(widget.page.locator(".waiting")).to_be_hidden()
    expect(widget.page.locator("header")).to_contain_text("تتحدث الآن مع سارة")
    omar.open(f"conversations/{conversation}")
    expect(omar.page.get_by_text("يطّلع الآن أيضًا: سارة")).to_be_visible()
    expect(omar.composer).to_be_disabled()
    sara.say("أهلًا بك، معك سارة. أراجع طلبك الآن.")
    expect(widget.page.locator(".row.agent .bubble")).to_contain_text("معك سارة")
    widget.input.press_sequentially("طيب", delay=20)
    expect(sara.page.locator(".typing")).to_contain_text("يكتب")
    widget.say("وين طلبي الحين؟")
    expect(omar.transcript.get_by_text("وين طلبي الحين؟")).to_be_visible()
    expect(sara.page.locator(".bubble.shopper", has_text="وين طلبي الحين").locator(".guess")).to_be_visible()
    picture(sara.page, "console_conversation")
    picture(widget.page, "person")
    sara.page.get_by_role("button", name=f"{STRINGS['edit']}: رقم الطلب").click()
    sara.page.locator("dialog input").fill("٤٠٥-١٢٣٤٥٦٧-١٢٣٤٥٦٧")
    sara.page.keyboard.press("Enter")
    expect(widget.page.locator(".row.system .bubble").last).to_contain_text(ORDER)
    before = widget.page.locator(".row.bot:not(.typing)").count()
    sara.button(STRINGS["hand_back"]).click()
    widget.asks("purchase_date")
    assert widget.page.locator(".row.bot:not(.typing)").count() > before
    expect(widget.page.locator("header")).to_contain_text("المساعد الآلي")
    widget.complain(("أمس", "product"), ("خلاط", "remedy"))
    widget.button("استرداد المبلغ").click()
    widget.complain(("لا", "confirmed"))
    widget.button("نعم، أرسلها").click()
    number = widget.page.locator(".number .big")
    expect(number).to_be_visible()
    assert system.order_of(str(number.text_content())) == ORDER


def test_who_claims_second_is_told_who_was_quicker(open_page: Open, at_desk: At) -> None:
    sara, omar, widget = at_desk("سارة"), at_desk("عمر"), open_page()
    conversation = asks_for_a_person(widget)
    expect(sara.line(conversation)).to_be_visible()
    omar.page.route("**/stream*", lambda route: route.abort())  # he does not hear that she was quicker
    expect(omar.line(conversation)).to_be_visible()
    sara.line(conversation).get_by_role("button").click()
    expect(sara.composer).to_be_enabled()
    code = omar.page.evaluate(
        """async (id) => {
            const { me } = await import("/static/console/api.js");
            const headers = { "X-Shakwa-CSRF": me.csrf };
            const answer = await fetch(`/console/api/conversations/${id}/claim`, { method: "POST", headers });
            return [answer.status, (await answer.json()).error.held_by];
        }""",
        conversation,
    )
    assert code == [409, "سارة"]


def test_the_shopper_gives_up_waiting(open_page: Open, at_desk: At) -> None:
    sara, widget = at_desk("سارة"), open_page()
    conversation = asks_for_a_person(widget)
    expect(sara.line(conversation)).to_be_visible()
    widget.button(WIDGET["waiting"]["stop"]).click()
    expect(widget.page.locator(".waiting")).to_be_hidden()
    expect(sara.line(conversation)).to_have_count(0)


def test_the_keyboard_alone_is_enough(open_page: Open, at_desk: At) -> None:
    sara, widget = at_desk("سارة"), open_page()
    conversation = asks_for_a_person(widget)
    expect(sara.line(conversation)).to_be_visible()
    sara.page.locator("#main").focus()
    sara.page.keyboard.press("ArrowDown")
    while conversation not in (sara.page.evaluate("document.activeElement.href") or ""):
        sara.page.keyboard.press("ArrowDown")
    sara.page.keyboard.press("Enter")
    expect(sara.button(STRINGS["claim"])).to_be_visible()
    sara.button(STRINGS["claim"]).focus()
    sara.page.keyboard.press("Enter")
    expect(sara.composer).to_be_enabled()
    sara.composer.focus()
    sara.page.keyboard.type("/ترحيب")
    expect(sara.page.locator(".offers button")).to_have_count(1)
    sara.page.keyboard.press("Enter")
    expect(sara.composer).to_have_value("أهلًا بك، معك سارة من متجر الواحة. قرأت ما كتبته، وأنا معك حتى نحل الأمر.")
    sara.page.keyboard.press("Enter")
    expect(widget.page.locator(".row.agent .bubble")).to_contain_text("معك سارة")


def test_signing_out_in_one_tab_shows_the_door_in_the_other(at_desk: At) -> None:
    sara = at_desk("سارة")
    other = sara.page.context.new_page()
    other.goto(sara.url)
    expect(other.get_by_role("navigation")).to_be_visible()
    sara.button(STRINGS["sign_out"]).click()
    expect(sara.page.get_by_label(STRINGS["login"])).to_be_visible()
    expect(other.get_by_label(STRINGS["login"])).to_be_visible()


def test_a_shoppers_script_stays_letters(open_page: Open, at_desk: At) -> None:
    sara, widget = at_desk("سارة"), open_page()
    conversation = asks_for_a_person(widget)
    widget.say("<img src=x onerror=alert(1)>")
    sara.line(conversation).get_by_role("button").click()
    expect(sara.transcript).to_contain_text("<img src=x onerror=alert(1)>")
    assert sara.page.locator(".transcript img").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_console(open_page: Open, at_desk: At, theme: str) -> None:
    admin = at_desk("هدى", "admin", color_scheme=theme, bypass_csp=True, reduced_motion="reduce")
    widget = open_page()
    conversation = asks_for_a_person(widget)
    expect(admin.line(conversation)).to_be_visible()
    found = violations(admin)
    admin.line(conversation).get_by_role("button").click()
    expect(admin.composer).to_be_enabled()
    admin.composer.fill("/")
    expect(admin.page.locator(".offers button").first).to_be_visible()
    found += violations(admin)
    admin.open("settings")
    expect(admin.page.locator("table").last).to_be_visible()
    found += violations(admin)
    admin.button(STRINGS["add"]).first.click()
    expect(admin.page.locator("dialog")).to_be_visible()
    found += violations(admin)
    assert found == []


def violations(desk: Desk) -> list[dict[str, Any]]:
    found = Axe().run(desk.page, options={"preload": False}).response["violations"]
    return [{"rule": one["id"], "where": [node["target"] for node in one["nodes"]]} for one in found]


def test_the_way_in_is_clear_and_a_wrong_password_says_so(system: System, chromium: Browser) -> None:
    context = chromium.new_context(locale="ar", bypass_csp=True)
    page = context.new_page()
    page.goto(f"{system.url}/console")
    page.get_by_label(STRINGS["login"]).fill("nobody")
    page.get_by_label(STRINGS["password"], exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("اسم المستخدم أو كلمة السر غير صحيحة.")
    assert Axe().run(page, options={"preload": False}).response["violations"] == []
    context.close()


def files(widget: Widget) -> str:
    """File a complaint and return its number."""
    widget.complain(
        ("السماعة وصلت مكسورة وما تشتغل، شريتها قبل أسبوع وأبغى فلوسي", "order_number"),
        (f"رقم الطلب {ORDER}", "contact"),
        ("لا", "confirmed"),
    )
    widget.button("نعم، أرسلها").click()
    return str(widget.page.locator(".number .big").text_content())


def test_a_complaint_is_found_answered_and_the_shopper_reads_it(
    open_page: Open, at_desk: At, picture: Callable[[Page, str], None]
) -> None:
    widget, huda = open_page(), at_desk("هدى", "supervisor")
    number = files(widget)
    huda.page.get_by_role("link", name=STRINGS["pages"]["complaints"]).click()
    huda.page.get_by_label(STRINGS["search"]).first.fill(f"{ORDER} سماعه")
    huda.page.keyboard.press("Enter")
    expect(huda.page.get_by_role("link", name=number)).to_be_visible()
    picture(huda.page, "console_complaints")
    huda.page.get_by_role("link", name=number).click()
    huda.page.get_by_label(STRINGS["answer"]).fill("استلمنا شكواك، ونرسل لك البديل غدًا.")
    huda.button(STRINGS["send_answer"]).click()
    expect(huda.page.locator(".timeline .answered")).to_contain_text("البديل غدًا")
    expect(widget.page.locator(".row.agent .bubble").last).to_contain_text("البديل غدًا")
    huda.button(STRINGS["change_status"]).click()
    huda.page.locator("dialog select").select_option("resolved")
    huda.page.locator("dialog textarea").fill("أُرسل البديل")
    huda.page.locator("dialog .primary").click()
    expect(huda.page.locator("header .tag").first).to_have_text("حُلَّت")
    picture(huda.page, "console_complaint")
    huda.page.get_by_role("link", name=STRINGS["pages"]["dashboard"]).click()
    expect(huda.page.locator(".tile").first).to_be_visible()
    picture(huda.page, "console_dashboard")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_complaints_and_figures(open_page: Open, at_desk: At, theme: str) -> None:
    files(open_page())
    huda = at_desk("هدى", "supervisor", color_scheme=theme, bypass_csp=True, reduced_motion="reduce")
    huda.open("complaints")
    expect(huda.page.locator("tbody tr").first).to_be_visible()
    huda.page.locator(".choose").first.check()
    found = violations(huda)
    huda.page.locator("tbody a").first.click()
    expect(huda.page.locator(".timeline")).to_be_visible()
    found += violations(huda)
    huda.open("dashboard")
    expect(huda.page.locator(".tile").first).to_be_visible()
    assert [*found, *violations(huda)] == []


def test_what_a_shopper_said_is_found_however_it_is_spelled(open_page: Open, at_desk: At) -> None:
    widget, sara = open_page(), at_desk("سارة")
    asks_for_a_person(widget)
    widget.say("الكنبة الزرقاء وصلت بدون المساند")
    expect(widget.rows.filter(has_text="الكنبة")).to_have_count(1)
    sara.page.get_by_label(STRINGS["search_messages"]).fill("كنبه زرقا")
    sara.page.keyboard.press("Enter")
    sara.page.locator(".found-line", has_text="الكنبة الزرقاء").first.click()
    expect(sara.page.locator(".bubble.sought")).to_contain_text("الكنبة الزرقاء")
