"""The live model changes again and again while shoppers talk: nobody waits long, and nothing is lost or said twice.

SHAKWA_FIGURES=1 .venv/bin/pytest tests/system/test_swap.py -s    prints delays and memory, over more changes
"""

import json
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.engine import trainer
from tests.builders import errors_in
from tests.system.auditor import audit
from tests.system.model import current_models
from tests.system.running import System
from tests.system.shoppers import WidgetShopper
from tests.system.waiting import eventually

pytestmark = pytest.mark.system

FIGURES = os.environ.get("SHAKWA_FIGURES") == "1"
CHANGES = 10 if FIGURES else 3
SHOPPERS = 4
PATIENCE = 30
LONGEST_SECONDS = 13
"""What a turn may take at all: one that waited for a restart would take longer, or be told to wait."""
SAYS = ["السلام عليكم", "كم مدة الاسترجاع؟", "شكرا", "طلبي تأخر كثير", "لا خلاص ما أبغى شكوى"]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[System]:
    """A running system with models of its own: one archive under two names."""
    models = tmp_path / "models"
    models.mkdir()
    live = trainer.live_model(current_models())
    assert live is not None
    for name in ("one.tar.gz", "two.tar.gz"):
        shutil.copy(current_models() / live.file, models / name)
    note(models / "live.json", "one.tar.gz", live.sources)
    note(models / trainer.CANDIDATE, "two.tar.gz", live.sources)
    system = System(tmp_path, models)
    try:
        system.start()
        yield system
        assert system.interrupt() == 0
    finally:
        system.destroy()


def note(file: Path, name: str, sources: str) -> None:
    file.write_text(json.dumps({"file": name, "sources": sources}))


def change(system: System, back: bool) -> str:
    """Promote the candidate or roll back; return the model that is live then, which is the candidate no longer."""
    models = Path(system.environment["SHAKWA_MODELS_DIR"])
    before = trainer.live_model(models)
    assert before is not None
    live = trainer.roll_back(models) if back else trainer.promote(models)
    note(models / trainer.CANDIDATE, before.file, before.sources)
    return live.file


def test_models_change_under_load_and_nothing_is_lost_or_doubled(own: System) -> None:
    rasa = own.pid("rasa")
    memory = [resident_mb(rasa)]
    done = threading.Event()
    outcomes: list[object] = [None] * SHOPPERS
    threads = [threading.Thread(target=talk, args=(own, done, outcomes, at)) for at in range(SHOPPERS)]
    for thread in threads:
        thread.start()
    try:
        for count in range(CHANGES):
            live = change(own, back=bool(count % 2))
            eventually(lambda live=live: readings(own)[-1:] == [live], PATIENCE, f"messages read by {live}")
            assert own.ready()
            memory.append(resident_mb(rasa))
    finally:
        done.set()
        for thread in threads:
            thread.join(60)
    assert errors_in(outcomes) == []
    delays = [delay for one in outcomes for delay in one]  # type: ignore[attr-defined]
    report(delays, memory)
    assert own.pid("rasa") == rasa, "a change of models ends no process"
    assert max(delays) < LONGEST_SECONDS
    assert set(readings(own)) == {"one.tar.gz", "two.tar.gz"}
    assert len(readings(own)) == len(own.acknowledged) == len(delays)
    assert audit(own.store, own.acknowledged) == []


def test_a_model_that_cannot_be_loaded_leaves_the_one_that_serves(own: System) -> None:
    models = Path(own.environment["SHAKWA_MODELS_DIR"])
    (models / "two.tar.gz").write_bytes(b"not an archive")
    change(own, back=False)
    eventually(lambda: "channel.model.refused" in own.said(), PATIENCE, "refused")
    with WidgetShopper(own) as shopper:
        shopper.say(SAYS[0])
        assert readings(own) == ["one.tar.gz"]
        time.sleep(3)
        assert own.said().count("channel.model.refused") == 1
        assert change(own, back=True) == "one.tar.gz"
        eventually(lambda: own.said().count("channel.model.changed") == 2, PATIENCE, "back")
        shopper.say(SAYS[2])
    assert own.ready()


def talk(system: System, done: threading.Event, outcomes: list[object], at: int) -> None:
    """Say one thing after the other, each once the last is answered; leave the seconds each answer took."""
    delays: list[float] = []
    try:
        with WidgetShopper(system) as shopper:
            while not done.is_set():
                begun = time.monotonic()
                sent = shopper.send(text=SAYS[len(delays) % len(SAYS)])
                assert shopper.replies(sent), "an answer is never empty"
                delays.append(time.monotonic() - begun)
            assert shopper.notices() == [], "nobody was told to wait"
        outcomes[at] = delays
    except (AssertionError, Exception) as error:
        outcomes[at] = error if isinstance(error, Exception) else RuntimeError(str(error))


def readings(system: System) -> list[str]:
    """Return which model read each message of a shopper that was read, in their order."""
    with closing(sqlite3.connect(f"file:{system.store}?mode=ro", uri=True)) as db:
        return [row[0] for row in db.execute("SELECT model FROM reading ORDER BY rowid")]


def resident_mb(pid: int | None) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def report(delays: list[float], memory: list[float]) -> None:
    if FIGURES:
        ordered = sorted(delays)
        print(f"\n{len(ordered)} answers, median {ordered[len(ordered) // 2]:.2f} s, longest {ordered[-1]:.2f} s")
        print(f"resident MB over {CHANGES} changes: {', '.join(f'{one:.0f}' for one in memory)}")
