"""The commands `shakwa nlu candidate`, `compare`, `promote` and `rollback`: a new model, judged before it serves anybody."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.domain.errors import NotAllowed
from bot.printed import out
from bot.settings import ROOT, Settings

if TYPE_CHECKING:
    from bot.engine.compare import Comparison

err = Console(stderr=True)
QUESTIONS = ROOT / "tests/heldout/questions.yml"

Asked = Annotated[Path, typer.Argument(help="Questions in Rasa's NLU format.")]


def train_candidate() -> None:
    """Train a model from what is in data/ now, without letting it serve anybody yet."""
    from bot.engine import trainer

    settings = Settings()
    with err.status("Training a candidate; this takes a minute or two…"):
        made = trainer.train(ROOT, settings.models_dir, settings.data_dir / "log" / "candidate.log", as_candidate=True)
    err.print(f"Trained {made.file}; `shakwa nlu compare` puts it beside the live model.")


def compare_models(questions: Asked = QUESTIONS, most: Annotated[int, typer.Option(help="Intents listed.")] = 15) -> None:
    """Put the candidate beside the live model on the same questions, and say what speaks against it."""
    found = _compared(questions)
    table = Table("", "live", "candidate", box=None)
    for name in ("accuracy", "macro_f1", "kinds_f1", "topics", "ms_p50", "ms_p95"):
        table.add_row(name, f"{getattr(found.live, name):.3f}", f"{getattr(found.candidate, name):.3f}")
    out.print(table)
    changed = Table("intent", "questions", "live F1", "candidate F1", "change", box=None)
    for one in [one for one in found.changes if one.gain][:most]:
        changed.add_row(one.intent, str(one.asked), f"{one.live:.2f}", f"{one.candidate:.2f}", f"{one.gain:+.2f}")
    out.print(changed)
    typer.echo(
        f"right in the live model alone {found.only_live}, in the candidate alone {found.only_candidate}; p = {found.p:.3f}"
    )
    for objection in found.objections():
        typer.echo(f"against it: {objection}")


def promote_candidate(
    questions: Asked = QUESTIONS,
    because: Annotated[str, typer.Option(help="Why it goes live although something speaks against it.")] = "",
) -> None:
    """Let the candidate serve, if nothing speaks against it; the running system takes it up by itself."""
    from bot.engine import trainer

    objections = _compared(questions).objections()
    if objections and not because:
        raise NotAllowed(f"the candidate stays one: {'; '.join(objections)}. --because overrides this with a reason")
    live = trainer.promote(Settings().models_dir)
    err.print(f"{live.file} is live{f', because {because}' if objections else ''}.", highlight=False)


def roll_back() -> None:
    """Let the model serve again that did so before; the running system takes it up by itself."""
    from bot.engine import trainer

    err.print(f"{trainer.roll_back(Settings().models_dir).file} is live again.", highlight=False)


def _compared(questions: Path) -> "Comparison":
    from bot.bootstrap import folded
    from bot.engine import trainer
    from bot.engine.compare import compare
    from bot.engine.judge import read
    from bot.engine.questions import read_questions

    models, asked = Settings().models_dir, read_questions(questions)
    texts = [question.text for question in asked]
    trained = [example.text for example in read_questions(*sorted((ROOT / "data" / "nlu").rglob("*.yml")))]
    candidate = trainer.candidate_path(models)
    with err.status(f"Reading {len(texts)} questions with both models…"):
        readings = read(trainer.live_path(models), texts), read(candidate, texts)
    return compare(asked, *readings, trained, folded)
