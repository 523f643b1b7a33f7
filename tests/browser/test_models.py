"""The page of models in a real Chromium, over a gateway whose models are made by the test; and by axe's rules."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.domain.errors import GivenUp, RunFailed
from bot.domain.label import Utterance
from bot.domain.model import Promotion
from bot.domain.shop import Shop
from bot.domain.user import Role
from bot.engine.report import Conversations, Difference, Replay, Report
from bot.language.spelling import fold
from bot.services.words import Words
from bot.store.unit_of_work import Store
from bot.worker import Trainer
from tests.browser.conftest import WATCH_POLICY
from tests.browser.console import STRINGS, Desk
from tests.browser.test_console import violations
from tests.conftest import Clock
from tests.engine.reports import a_change, a_report
from tests.services.workshop import FALLS, FakeWorkshop, until_given_up
from tests.web.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("backend", ["sqlite"], indirect=True)]

WORDS = STRINGS["models"]
WHY = "الأسئلة قديمة ولا تمثل ما يُكتب الآن"
SAID = "وين طلبي يا جماعة"

Sit = Callable[..., Desk]


@pytest.fixture
def site(store: Store, clock: Clock, words: Words, shop: Shop, tmp_path: Any) -> Site:
    return Site(store, clock, words, shop, tmp_path)


@pytest.fixture
def workshop(site: Site) -> FakeWorkshop:
    """A live model, an earlier one, and a candidate against which something speaks."""
    workshop = site.workshop
    workshop.candidate, workshop.past, workshop.against = "new.tar.gz", ["old.tar.gz"], [FALLS]
    workshop.done = [Promotion("2026-11-20T08:00:00+00:00", "promoted", "live.tar.gz", "old.tar.gz", "noor", "")]
    return workshop


@pytest.fixture
def sit(site: Site, chromium: Browser) -> Iterator[Sit]:
    """Returns colleagues of a role at the page of models; none of their pages may report an error."""
    contexts, problems = [], []
    with site.serve() as http:

        def sit_down(role: Role = Role.ANALYST, **options: Any) -> Desk:
            contexts.append(chromium.new_context(viewport={"width": 1360, "height": 1000}, locale="ar", **options))
            contexts[-1].add_init_script(WATCH_POLICY)
            contexts[-1].on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
            contexts[-1].on("weberror", lambda error: problems.append(str(error.error)))
            login = f"{role}{len(contexts)}"
            _, password = site.console.users.add(login, "نور", role)
            desk = Desk(contexts[-1], SimpleNamespace(url=str(http.base_url).rstrip("/")), login, password)  # type: ignore[arg-type]
            desk.open("nlu/models")
            expect(desk.page.locator(".models .card")).to_have_count(2)
            return desk

        yield sit_down
        for context in contexts:
            context.close()
    assert problems == []


@pytest.fixture
def worker(site: Site) -> Iterator[Trainer]:
    trainer = Trainer(site.runs, every=0.05)
    trainer.start()
    yield trainer
    trainer.stop()


def reported(utterance: int = 1, **changed: Any) -> dict[str, Any]:
    """A report with a loss, a gain, a conversation that fails and a message on which the models differ."""
    report: Report = a_report(
        changes=[replace(a_change(after=0.7), low=-0.35, high=-0.1), a_change("deny", before=0.8, after=0.95)],
        conversations=Conversations(["A late order"], ["A wrong item"]),
        replay=Replay(50, [Difference(utterance, "greet", 0.9, "deny", 0.6), Difference(999, "deny", 0.9, "greet", 0.6)]),
        leaked=["هلا"],
    )
    return asdict(replace(report, **changed))


def test_a_run_is_started_watched_and_its_report_is_read(sit: Sit, workshop: FakeWorkshop, worker: Trainer) -> None:
    workshop.trains = lambda cancelled: until(lambda: workshop.lines == ["over"], cancelled)
    workshop.lines = ["Starting to train component 'LinearIntentClassifier'."]
    noor = sit()
    noor.button(WORDS["start"]).click()
    run = noor.page.locator(".run")
    expect(run.get_by_role("status")).to_have_text(WORDS["steps"]["training"])
    expect(run.get_by_role("progressbar")).to_be_visible()
    noor.page.locator("summary", has_text=WORDS["log"]).click()
    expect(noor.page.locator(".log")).to_contain_text("LinearIntentClassifier")
    workshop.reports = {"new.tar.gz": reported()}
    workshop.lines = ["over"]
    expect(run).to_contain_text(WORDS["states"]["done"])
    expect(noor.page.get_by_text(WORDS["nothing_against"])).to_be_visible()
    expect(noor.page.locator("tr", has_text="تحية").first).to_contain_text("−20.0")


def until(over: Callable[[], bool], cancelled: Callable[[], bool]) -> None:
    """Train until the test says that it is over."""
    with suppress(GivenUp):
        until_given_up(lambda: cancelled() or over())


def test_a_run_is_cancelled_and_one_that_failed_says_why(sit: Sit, workshop: FakeWorkshop, worker: Trainer) -> None:
    workshop.trains = until_given_up
    noor = sit()
    noor.button(WORDS["start"]).click()
    expect(noor.page.locator(".run").get_by_role("status")).to_have_text(WORDS["steps"]["training"])
    noor.button(WORDS["cancel_run"]).click()
    expect(noor.page.locator(".run")).to_contain_text(WORDS["states"]["cancelled"])

    def breaks() -> None:
        raise RunFailed("file_broken", file="data/nlu/item.yml", line=3)

    workshop.validates = breaks
    noor.button(WORDS["start"]).click()
    expect(noor.page.locator(".run").get_by_role("alert")).to_contain_text("data/nlu/item.yml")


def test_the_report_opens_its_cells_and_filters_by_keyboard(
    sit: Sit, workshop: FakeWorkshop, store: Store, clock: Clock
) -> None:
    said = Utterance(fold(SAID), SAID, "greet", 0.9, "live", clock(), clock())
    with store.write() as work:
        work.labels.bring([said])
        number = work.labels.by_hashes([said.folded_hash])[said.folded_hash].id
        work.commit()
    assert number is not None
    workshop.reports = {"new.tar.gz": reported(number)}
    noor = sit()
    cell = noor.page.locator(".matrix .off button").first
    cell.focus()
    noor.page.keyboard.press("Enter")
    dialog = noor.page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_have_text(["لا"])
    noor.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(cell).to_be_focused()
    noor.page.get_by_label(WORDS["filter"]).fill("رفض")
    rows = noor.page.locator("section", has_text=WORDS["changes_hint"]).locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("+15.0")
    noor.page.get_by_label(WORDS["filter"]).fill("xyz")
    expect(noor.page.get_by_text(WORDS["none_fits"])).to_be_visible()
    expect(noor.page.get_by_role("link", name=SAID)).to_be_visible()
    expect(noor.page.get_by_text(WORDS["erased"], exact=True)).to_be_visible()
    noor.page.get_by_role("link", name=SAID).click()
    expect(noor.page.locator(".utterance")).to_contain_text(SAID)


def test_an_analyst_reads_what_speaks_against_it_and_a_supervisor_decides_with_a_reason(
    sit: Sit, workshop: FakeWorkshop, picture: Callable[[Page, str], None]
) -> None:
    workshop.reports = {"new.tar.gz": reported()}
    noor, huda = sit(), sit(Role.SUPERVISOR)
    expect(huda.page.locator(".calibration")).to_have_count(2)
    picture(huda.page, "console_models")
    expect(noor.page.locator(".objections li")).to_contain_text("تراجع «تحية» من 0.90 إلى 0.70")
    expect(noor.page.get_by_text(WORDS["needs_supervisor"])).to_be_visible()
    expect(noor.button(WORDS["promote_anyway"])).to_have_count(0)
    huda.button(WORDS["promote_anyway"]).click()
    dialog = huda.page.get_by_role("dialog")
    dialog.get_by_label(WORDS["because"]).fill("لأن")
    dialog.get_by_role("button", name=WORDS["promote_anyway"]).click()
    expect(dialog).to_be_visible()
    assert workshop.live == "live.tar.gz"
    dialog.get_by_label(WORDS["because"]).fill("")
    dialog.get_by_label(WORDS["because"]).press_sequentially(WHY)
    dialog.get_by_role("button", name=WORDS["promote_anyway"]).click()
    expect(huda.page.locator("table tr", has_text=WHY)).to_contain_text(WORDS["actions"]["promoted"])
    assert workshop.live == "new.tar.gz"
    huda.button(WORDS["roll_back"]).click()
    huda.page.get_by_role("dialog").get_by_role("button", name=WORDS["roll_back"]).click()
    expect(huda.page.locator("table tr", has_text=WORDS["actions"]["rolled_back"])).to_have_count(1)
    assert workshop.live == "live.tar.gz"


def test_what_nothing_speaks_against_goes_live_after_one_question(sit: Sit, workshop: FakeWorkshop) -> None:
    workshop.against = []
    noor = sit()
    noor.button(WORDS["promote"]).click()
    noor.page.keyboard.press("Escape")
    expect(noor.page.get_by_role("dialog")).to_have_count(0)
    assert workshop.live == "live.tar.gz"
    noor.button(WORDS["promote"]).click()
    noor.page.get_by_role("dialog").get_by_role("button", name=WORDS["promote"]).click()
    expect(noor.page.get_by_text(WORDS["no_candidate"])).to_be_visible()
    assert workshop.live == "new.tar.gz"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_page_of_models(sit: Sit, workshop: FakeWorkshop, theme: str) -> None:
    workshop.reports = {"new.tar.gz": reported()}
    huda = sit(Role.SUPERVISOR, color_scheme=theme, bypass_csp=True, reduced_motion="reduce")
    expect(huda.page.locator(".calibration")).to_have_count(2)
    for summary in huda.page.locator("summary").all():
        summary.click()
    assert violations(huda) == []
    huda.button(WORDS["promote_anyway"]).click()
    assert violations(huda) == []
