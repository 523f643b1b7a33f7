"""The commands `shakwa nlu candidate`, `compare`, `promote`, `rollback` and `models`: judged before it serves anybody."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.domain.errors import NotAllowed
from bot.engine.gate import MARGIN
from bot.engine.questions import QUESTIONS
from bot.printed import out, print_report
from bot.settings import ROOT, Settings

if TYPE_CHECKING:
    from bot.engine import running
    from bot.engine.compare import Task
    from bot.engine.replay import Said

err = Console(stderr=True)

Asked = Annotated[Path, typer.Argument(help="Questions in Rasa's NLU format.")]
Margin = Annotated[float, typer.Option(min=0.0, max=1.0, help="F1 an intent with five questions or more may lose.")]


def train_candidate() -> None:
    """Train a model from what is in data/ now, without letting it serve anybody yet."""
    from bot.engine import trainer

    settings = Settings()
    with err.status("Training a candidate; this takes a minute or two…"):
        made = trainer.train(ROOT, settings.models_dir, settings.data_dir / trainer.CANDIDATE_LOG, as_candidate=True)
    err.print(f"Trained {made.file}; `shakwa nlu compare` puts it beside the live model.")


def compare_models(
    questions: Asked = ROOT / QUESTIONS,
    most: Annotated[int, typer.Option(help="Intents and differences listed.")] = 15,
    margin: Margin = MARGIN,
    replay: Annotated[int, typer.Option(min=0, help="Read so many of shoppers' newest messages with both.")] = 0,
    folds: Annotated[bool, typer.Option(help="Cross-validate the training data too; about a minute.")] = True,
) -> None:
    """Put the candidate beside the live model on the same questions, and say what speaks against it."""
    from bot.bootstrap import build, folded
    from bot.engine.compare import compare
    from bot.engine.report import keep

    said = build().console.inbox.newest(replay) if replay else []
    task = _task(questions, margin, said, folds=folds)
    with _shown() as progress:
        report = compare(task, folded, progress)
    kept = keep(task.candidate.parent, report)
    print_report(report, dict(said), most)
    err.print(f"Kept as {kept}.", highlight=False)


def promote_candidate(
    questions: Asked = ROOT / QUESTIONS,
    because: Annotated[str, typer.Option(help="Why it goes live although something speaks against it.")] = "",
    margin: Margin = MARGIN,
) -> None:
    """Let the candidate serve, if nothing speaks against it; the running system takes it up by itself."""
    from bot.bootstrap import folded
    from bot.engine import trainer
    from bot.engine.compare import compare, judged
    from bot.engine.report import keep

    task = _task(questions, margin, [], folds=False)
    report = judged(task)
    if report is None:
        with _shown() as progress:
            report = compare(task, folded, progress)
        keep(task.candidate.parent, report)
    against = "; ".join(one.sentence for one in report.objections)
    if against and not because.strip():
        raise NotAllowed(f"the candidate stays one: {against}. --because overrides this with a reason")
    live = trainer.promote(Settings().models_dir, getpass.getuser(), because if against else "")
    err.print(f"{live.file} is live{f', because {because}' if against else ''}.", highlight=False)


def roll_back(because: Annotated[str, typer.Option(help="Why; it is kept.")] = "") -> None:
    """Let the model serve again that did so before; the running system takes it up by itself."""
    from bot.engine import trainer

    live = trainer.roll_back(Settings().models_dir, getpass.getuser(), because)
    err.print(f"{live.file} is live again.", highlight=False)


def list_models() -> None:
    """List the live model, the candidate, those that can be gone back to, and who let which serve."""
    from bot.bootstrap import folded
    from bot.engine import trainer
    from bot.engine.workshop import Workshop

    settings = Settings()
    workshop = Workshop(ROOT, settings.models_dir, settings.data_dir / trainer.CANDIDATE_LOG, folded)
    table = Table("", "model", "macro F1", box=None)
    for one in workshop.models():
        table.add_row(one.role, one.file, "" if one.macro_f1 is None else f"{one.macro_f1:.3f}")
    out.print(table)
    history = Table("when", "what", "model", "by", "because", box=None)
    for promotion in workshop.promotions():
        history.add_row(promotion.at, promotion.action, promotion.model, promotion.by, promotion.because)
    out.print(history)


def _task(questions: Path, margin: float, said: list["Said"], *, folds: bool) -> "Task":
    from bot.engine import trainer
    from bot.engine.compare import Task

    models = Settings().models_dir
    live, candidate = trainer.live_path(models), trainer.candidate_path(models)
    return Task(ROOT, live, candidate, questions, said, margin, folds)


@contextmanager
def _shown() -> Iterator["running.Progress"]:
    """A bar on the terminal that shows the step at hand."""
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=err, transient=True) as bar:
        shown = bar.add_task("", total=1.0)
        yield lambda step, share: bar.update(shown, description=step, completed=share)
