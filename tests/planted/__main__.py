"""`python -m tests.planted`: a hundred misread utterances are said, labelled, exported and trained with, in a copy.

Shoppers say them, the live model reads them, an analyst labels them in the inbox, they are exported into a copy of the
project, a candidate is trained there and compared with the live model by the held-out questions, and reads them again. Ends
with 1 where fewer than WANTED are read right then, or where something speaks against the candidate. Some four minutes.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory

from bot.bootstrap import folded, load_shop, load_words
from bot.domain.label import InboxFilter, LabelState
from bot.domain.user import Role
from bot.engine import dataset, trainer
from bot.engine.compare import Task, compare
from bot.engine.guesses import guess
from bot.engine.judge import Reading, guess_of, read
from bot.engine.questions import Question, read_questions
from bot.engine.report import Report
from bot.language.search import search_form
from bot.services.chat import Chat
from bot.services.inbox import PAGE, Inbox, Verdict
from bot.services.training import Training
from bot.settings import ROOT, Settings
from bot.store.engine import open_engine
from bot.store.schema import migrate
from bot.store.unit_of_work import Store
from tests.builders import FakeEngine, Talk, an_answer
from tests.services.staff import a_user, users_of

PLANTED = Path(__file__).parent / "utterances.yml"
QUESTIONS = ROOT / "tests" / "heldout" / "questions.yml"
WANTED = 0.95
NOT_COPIED = ignore_patterns(".*", "__pycache__", "var", "models", "results", "docs")


def now() -> datetime:
    return datetime.now(UTC)


def main(folds: bool) -> int:
    planted, models = read_questions(PLANTED), Settings().models_dir
    live = trainer.live_path(models)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        copytree(ROOT, copy, ignore=NOT_COPIED)
        with told("said and labelled"):
            label(planted, models, Path(folder) / "shakwa.db", copy)
        with told("trained"):
            trainer.train(copy, copy / "models", copy / "train.log", as_candidate=True)
        candidate = trainer.candidate_path(copy / "models")
        with told("compared"):
            report = compare(Task(copy, live, candidate, QUESTIONS, folds=folds), folded)
        before, after = (read(model, [one.text for one in planted]) for model in (live, candidate))
    share = right(planted, after)
    print(f"{len(planted)} utterances: {right(planted, before):.1%} right before, {share:.1%} after")
    print_wrong(planted, after)
    print_report(report)
    return 0 if share >= WANTED and not report.objections else 1


@contextmanager
def told(step: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    print(f"{step}: {time.monotonic() - begun:.0f} s", flush=True)


def label(planted: list[Question], models: Path, file: Path, copy: Path) -> None:
    """Let shoppers say it all, accept each as what it means, and export that into the copy."""
    store, shop = Store(open_engine(f"sqlite:///{file}"), search_form), load_shop(ROOT / "shop.yml")
    migrate(store.engine)
    say(store, planted, models)
    inbox, meant = Inbox(store, now, partial(dataset.known_labels, ROOT)), {one.text: one for one in planted}
    analyst = a_user(users_of(store, now), Role.ANALYST)
    waiting = [one for offset in range(0, len(planted), PAGE) for one in inbox.page(InboxFilter(), offset)[0]]
    for utterance in waiting:
        assert utterance.id is not None
        inbox.decide(analyst, utterance.id, utterance.version, verdict(meant[utterance.text]))
    Training(inbox, shop, partial(dataset.changes, copy), partial(dataset.write, copy)).write()
    store.engine.dispose()


def say(store: Store, planted: list[Question], models: Path) -> None:
    """Let each be said by a shopper of its own: of what one says alone, only so much is trained with."""
    engine, chat, words = FakeEngine(), Chat(store, now, "a secret"), load_words()
    texts = [one.text for one in planted]
    for text, reading in zip(texts, guess(models, texts), strict=True):
        engine.outcomes = [replace(an_answer(), reading=reading)]
        Talk(chat, store, now, words, engine).ask(text)


def verdict(meant: Question) -> Verdict:
    marks = tuple({"start": span.start, "end": span.end, "entity": span.entity} for span in meant.spans)
    return Verdict(LabelState.ACCEPTED, meant.label, marks)


def label_of(reading: Reading) -> str:
    """Return what a text was read as, with its topic where it is a question of the help centre."""
    return str(reading["topic"]) if guess_of(reading) == "faq" else guess_of(reading)


def right(planted: list[Question], readings: list[Reading]) -> float:
    return sum(one.label == label_of(reading) for one, reading in zip(planted, readings, strict=True)) / len(planted)


def print_wrong(planted: list[Question], readings: list[Reading]) -> None:
    for one, reading in zip(planted, readings, strict=True):
        if one.label != label_of(reading):
            print(f"  {one.text}: {one.label}, read as {label_of(reading)}")


def print_report(report: Report) -> None:
    for side in (report.live, report.candidate):
        found, product = side.verdict, side.verdict.entities.get("product", 0.0)
        print(f"{side.model}: accuracy {found.accuracy:.3f}, macro F1 {found.macro_f1:.3f}, product F1 {product:.3f}")
    if report.cross_validation:
        print(f"five folds of the candidate's data: macro F1 {report.cross_validation.macro_f1:.3f}")
    print("lose most: " + ", ".join(f"{one.intent} {one.gain:+.3f}" for one in report.changes[:5]))
    print(f"only live right {report.disagreement.only_live}, only candidate {report.disagreement.only_candidate}")
    print("objections: " + ("; ".join(one.sentence for one in report.objections) or "none"))


if __name__ == "__main__":
    sys.exit(main(folds="--folds" in sys.argv))
