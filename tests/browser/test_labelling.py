"""Sixty utterances labelled by keyboard alone, and how long that takes a person.

SHAKWA_FIGURES=1 .venv/bin/pytest tests/browser/test_labelling.py -s

The time is reckoned by the keystroke-level model (Card, Moran and Newell, "The keystroke-level model for user performance
time with interactive systems", CACM 1980): 0.28 s for each key of somebody who types averagely, 1.35 s for each mental act,
and what the page takes to answer, as measured here. Mental acts are counted twice for an utterance, once to take it in and
once to decide, and once more where something is sought: a label by its letters, the words of a value, what was done wrongly.
"""

import json
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from bot.engine.questions import Question, read_questions
from bot.settings import ROOT
from tests.browser.console import STRINGS
from tests.browser.test_console import At
from tests.browser.test_console import at_desk as at_desk  # noqa: PLC0414
from tests.system.running import SHAKWA, System

pytestmark = pytest.mark.browser

SIXTY = Path(__file__).parent / "sixty.yml"
ALIKE, NOTHING, OUT_OF_SCOPE = "order_status", "nothing", "out_of_scope"
KEY_SECONDS, MENTAL_SECONDS, ALLOWED_SECONDS = 0.28, 1.35, 300
SHIFTED = 2
"""A key with Shift is two."""
PATIENCE_SECONDS = 60
SHOWN = """() => {
    const row = document.activeElement.closest(".utterance");
    const guesses = row ? [...row.querySelectorAll(".guess-button")].map((one) => one.textContent) : [];
    return [row?.getAttribute("aria-label") ?? null, guesses];
}"""
FIRST_MATCH = "() => document.querySelector('.matches small')?.textContent"
ROWS = "() => document.querySelectorAll('.utterance').length"


@dataclass
class Analyst:
    """Somebody at a keyboard: what they press and think is counted, what they wait for is measured."""

    page: Page
    names: Callable[[str], str]
    keys: int = 0
    acts: int = 0
    waited: float = 0.0
    ways: dict[str, int] = field(default_factory=dict)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += SHIFTED if key.startswith("Shift+") or key.isupper() else 1

    def until(self, script: str, holds: Callable[[Any], bool]) -> Any:
        """Wait until what a script returns is as hoped for."""
        begun = time.monotonic()
        while not holds(found := self.page.evaluate(script)):
            assert time.monotonic() - begun < PATIENCE_SECONDS, f"{script} stays {found}"
            self.page.wait_for_timeout(10)
        self.waited += time.monotonic() - begun
        return found

    def went(self, way: str, count: int = 1) -> None:
        self.ways[way] = self.ways.get(way, 0) + count

    @property
    def seconds(self) -> float:
        return self.keys * KEY_SECONDS + self.acts * MENTAL_SECONDS + self.waited

    # --- One utterance ----------------------------------------------------------------------------------------------------

    def decide(self, meant: Question) -> None:
        """Label the utterance that has the focus."""
        text, _ = self.page.evaluate(SHOWN)
        assert text == meant.text
        self.acts += 2
        if meant.spans:
            self.mark(meant)
        if meant.label in (OUT_OF_SCOPE, NOTHING):
            self.press("o" if meant.label == OUT_OF_SCOPE else "i")
            self.went(meant.label)
        else:
            self.label(meant.label)
        self.until(SHOWN, lambda shown: shown[0] != text)

    def label(self, label: str) -> None:
        """Take the guess that is right, or else seek the label."""
        guesses = self.page.evaluate(SHOWN)[1]
        at = next((at for at, guess in enumerate(guesses, 1) if self.names(label) in guess), 0)
        if at:
            self.press("Enter" if at == 1 else str(at))
            self.went("first guess" if at == 1 else "another guess")
        else:
            self.seek(label)
            self.went("by its letters")

    def seek(self, label: str) -> None:
        """Type a label's name until it is the first that fits."""
        self.acts += 1
        self.press("c")
        self.until(FIRST_MATCH, bool)
        for letter in self.names(label):
            if self.page.evaluate(FIRST_MATCH) == label:
                break
            self.page.keyboard.type(letter)
            self.keys += 1
        assert self.page.evaluate(FIRST_MATCH) == label
        self.press("Enter")

    def mark(self, meant: Question) -> None:
        """Mark a product, which is the entity that is offered first."""
        self.acts += 1
        self.press("e")
        [span] = meant.spans
        before = len(meant.text[: span.start].split())
        self.press(*["Tab"] * before, "Space", "Enter")
        self.until("() => document.querySelector('dialog') === null", bool)
        self.until(SHOWN, lambda shown: shown[0] == meant.text)
        self.went("marked")

    # --- Many -------------------------------------------------------------------------------------------------------------

    def go_on(self, meant: dict[str, Question]) -> Question | None:
        """Walk to the next utterance that is to be labelled one by one; None where none is left on the page."""
        last = None
        while (text := self.page.evaluate(SHOWN)[0]) != last:
            if text in meant:
                return meant[text]
            last = text
            self.press("j")
        return None

    def decide_group(self, meant: dict[str, Question]) -> None:
        """See look-alikes together, choose a whole group of them at once, and label it."""
        self.press("Shift+Tab", "Shift+Tab", "Space")
        self.until("() => document.querySelectorAll('.group').length", bool)
        self.press("j")
        while self.page.evaluate(SHOWN)[0] not in meant:
            self.press("j")
        self.acts += 3
        before = self.page.evaluate(ROWS)
        self.press("X")
        self.seek(ALIKE)
        self.until(ROWS, lambda rows: rows == before - len(meant))
        self.went("look-alikes", len(meant))


def bring(system: System, file: Path) -> dict[str, Question]:
    """Put sixty utterances into the inbox by an import, which has the live model read them; return them by their text."""
    meant = {one.text: one for one in read_questions(SIXTY)}
    file.write_text("text\n" + "\n".join(f'"{text}"' for text in meant), "utf-8")
    [[login]] = asked(system, "SELECT login FROM staff WHERE role = 'analyst' ORDER BY id DESC LIMIT 1")
    command = [SHAKWA, "nlu", "import", str(file), "--write", "--by", login]
    subprocess.run(command, cwd=ROOT, env=system.environment, capture_output=True, check=True, timeout=120)
    return meant


def asked(system: System, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{system.store}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchall()


def named(names: dict[str, dict[str, str]]) -> Callable[[str], str]:
    """Return what gives a label's name on the page."""
    topics = {f"faq/{topic}": name for topic, name in names["topics"].items()}
    return lambda label: (topics | names["kinds"] | STRINGS["intents"]).get(label, label)


def test_sixty_utterances_are_labelled_by_keyboard_in_five_minutes(system: System, at_desk: At, tmp_path: Path) -> None:
    noor = at_desk("نور", "analyst")
    said = bring(system, tmp_path / "said.csv")
    noor.open("nlu")
    config = json.loads(noor.page.evaluate("fetch('/console/api/config').then((answer) => answer.text())"))
    analyst = Analyst(noor.page, named(config["names"]))
    analyst.until(ROWS, bool)
    begun = time.monotonic()
    alike = {text: one for text, one in said.items() if one.label == ALIKE}
    single = {text: one for text, one in said.items() if text not in alike}
    slip(analyst, single)
    while single:
        one = analyst.go_on(single)
        if one is None:
            noor.page.reload()
            analyst.keys += 1
            analyst.until(ROWS, bool)
        else:
            analyst.decide(one)
            del single[one.text]
    analyst.press(*["k"] * noor.page.evaluate(ROWS))
    analyst.decide_group(alike)
    took = time.monotonic() - begun
    assert decided(system) == {text: as_decided(one) for text, one in said.items()}
    assert analyst.ways.keys() == {
        "first guess", "another guess", "by its letters", "marked", "out_of_scope", "nothing", "look-alikes",
    }  # fmt: skip
    told(analyst, took)
    assert analyst.seconds <= ALLOWED_SECONDS


def slip(analyst: Analyst, single: dict[str, Question]) -> None:
    """Press a wrong key on the first utterance, and take it back."""
    one = analyst.go_on(single)
    assert one is not None
    analyst.acts += 3
    analyst.press("i")
    analyst.until(SHOWN, lambda shown: shown[0] != one.text)
    analyst.press("u")
    analyst.until(SHOWN, lambda shown: shown[0] == one.text)


def as_decided(meant: Question) -> tuple[str, str | None, list[dict[str, Any]]]:
    marks = [{"start": span.start, "end": span.end, "entity": span.entity} for span in meant.spans]
    if meant.label == NOTHING:
        return "ignored", None, []
    return (OUT_OF_SCOPE if meant.label == OUT_OF_SCOPE else "accepted"), meant.label, marks


def decided(system: System) -> dict[str, tuple[str, str | None, list[dict[str, Any]]]]:
    """Return what stands in the store of those utterances that are decided."""
    query = "SELECT text, state, label, entities FROM utterance WHERE state != 'new'"
    wanted = {one.text for one in read_questions(SIXTY)}
    return {row[0]: (row[1], row[2], json.loads(row[3])) for row in asked(system, query) if row[0] in wanted}


def told(analyst: Analyst, took: float) -> None:
    if os.environ.get("SHAKWA_FIGURES") == "1":
        ways = ", ".join(f"{count} {way}" for way, count in analyst.ways.items())
        print(
            f"\n{analyst.keys} keys, {analyst.acts} mental acts, {analyst.waited:.1f} s of waiting: {analyst.seconds:.0f} s"
        )
        print(f"{ways}; the script itself took {took:.0f} s")
