"""The commands under `shakwa bench`: what is measured, how it looks in a terminal, and where it is written."""

import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.printed import out
from bot.settings import ROOT, Settings

bench = typer.Typer(help="Measure, beside stock Rasa in the same run.", no_args_is_help=True)
err = Console(stderr=True)

EmptyDatabase = Annotated[str, typer.Option(help="An EMPTY database; without one, SQLite in a temporary folder.")]

if TYPE_CHECKING:
    from bot.engine.bench_figures import Page


@bench.command("lists")
def bench_lists(
    url: EmptyDatabase = "",
    complaints: Annotated[int, typer.Option(min=1_000, help="How many complaints.")] = 100_000,
    messages: Annotated[int, typer.Option(min=1_000, help="How many messages.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=2, help="How often each is asked.")] = 30,
) -> None:
    """Fill a database and time the console's lists and search in it."""
    from bot.bootstrap import measure_lists

    sentences, words = _vocabulary()
    with _filled(url, complaints * 3 + messages * 2 + max(complaints, messages // 10)) as (_, asked, done):
        measured = measure_lists(asked, sentences, words, complaints, messages, rounds, done)
    _print(((one.name, one.p50, one.p95) for one in measured), f"{complaints:,} complaints, {messages:,} messages")


@bench.command("inbox")
def bench_inbox(
    url: EmptyDatabase = "",
    messages: Annotated[int, typer.Option(min=1_000, help="How many messages of shoppers.")] = 1_000_000,
    distinct: Annotated[int, typer.Option(min=500, help="How many different utterances they are.")] = 300_000,
    rounds: Annotated[int, typer.Option(min=2, help="How often each is asked.")] = 30,
) -> None:
    """Fill a database and time the analysts' inbox over it."""
    if messages < distinct:
        raise typer.BadParameter(
            f"{messages} messages cannot be {distinct} different utterances: ask for fewer with --distinct"
        )
    from bot.bootstrap import measure_inbox
    from bot.engine.made_up import utterances
    from bot.engine.questions import training_data

    with _filled(url, messages * 2 + messages // 10 + distinct) as (_, asked, done):
        said, words = utterances(training_data(ROOT), distinct), _vocabulary()[1]
        measured = measure_inbox(asked, said, words, messages, rounds, done)
    _print(((one.name, one.p50, one.p95) for one in measured), f"{messages:,} messages, {distinct:,} utterances")


@bench.command("export")
def bench_export(
    url: EmptyDatabase = "",
    labels: Annotated[int, typer.Option(min=100, help="How many accepted labels.")] = 100_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often they are exported.")] = 5,
) -> None:
    """Fill a database with accepted labels and time their export: read, masked, compared and written."""
    from bot.bootstrap import measure_export
    from bot.engine.made_up import utterances
    from bot.engine.questions import training_data

    with _filled(url, labels) as (folder, asked, done):
        seconds = measure_export(asked, utterances(training_data(ROOT), labels), folder, rounds, done)
    middle, worked = (median(column) for column in zip(*seconds, strict=True))
    out.print(f"{labels:,} labels: median {middle:.2f} s ({worked:.2f} s of a core), {labels / middle:,.0f} a second")


@bench.command("nlu")
def bench_nlu(
    arbanking: Annotated[
        Path | None, typer.Option(help="Folder of the ArBanking77 files; without it they are left out.")
    ] = None,
    stock: Annotated[bool, typer.Option(help="Train the pipeline of `rasa init` too: some 15 minutes.")] = True,
    write: Annotated[Path | None, typer.Option(help="Write the tables to this Markdown file.")] = None,
) -> None:
    """Train our pipeline and the one of `rasa init` on the same data and judge both by the same questions."""
    from bot.engine import bench_nlu as run
    from bot.engine.bench_table import markdown

    with err.status("") as status:
        results = list(run.own_questions(ROOT, ROOT / "tests/heldout/questions.yml", status.update, stock=stock))
        if arbanking:
            results += run.arbanking(ROOT, arbanking, status.update, stock=stock)
    table = markdown(results)
    typer.echo(table)
    if write:
        write.write_text(table, "utf-8")


@bench.command("turns")
def bench_turns(
    examples: Annotated[float, typer.Option(min=0.01, max=1, help="Share of our sentences stock is trained on.")] = 1.0,
    epochs: Annotated[
        int, typer.Option(min=0, help="Epochs of stock's training; 0: the 100 of `rasa init`, an hour or more.")
    ] = 0,
    shoppers: Annotated[str, typer.Option(help="How many shoppers at once, with commas between.")] = "1,10,50",
    seconds: Annotated[float, typer.Option(min=2, help="How long each of them is measured in a round.")] = 20.0,
    rounds: Annotated[int, typer.Option(min=1, help="How often the sides take turns.")] = 3,
    turns: Annotated[int, typer.Option(min=20, help="Turns of the one long conversation.")] = 300,
    grown: Annotated[str, typer.Option(help="Train ours on so many times the sentences, as 1,3,10; empty: not.")] = "",
    stored: Annotated[int, typer.Option(min=0, help="Measure ours with so many stored messages, too; 0: not.")] = 0,
    write: Annotated[Path | None, typer.Option(help="Write the page here, and its chart beside it.")] = None,
) -> None:
    """Measure Shakwa whole beside stock Rasa; trained models are kept for the next run."""
    from bot.engine import bench_turns as run
    from bot.engine.stock_project import Recipe

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers it has started end with it
    with tempfile.TemporaryDirectory() as folder, Progress(console=err) as progress:
        plan = run.Plan(
            ROOT, Settings().data_dir / "bench", Path(folder), _typed_command(), Recipe(examples, epochs or None),
            _counts(shoppers), seconds, rounds, turns, _counts(grown), stored,
        )  # fmt: skip
        page = run.measure(plan, _told(progress, run.steps(plan)), lambda url: _fill_messages(url, stored))
    _show(page, write)


@contextmanager
def _filled(url: str, rows: int) -> Iterator[tuple[Path, str, Callable[[int], None]]]:
    """Yield a temporary folder, the database (SQLite in it unless `url` names one), and what moves the bar by rows."""
    with tempfile.TemporaryDirectory() as folder, Progress(console=err) as progress:
        filling = progress.add_task("Filling", total=rows)
        yield Path(folder), url or f"sqlite:///{Path(folder) / 'bench.db'}", lambda count: progress.advance(filling, count)


def _typed_command() -> str:
    return " ".join(["shakwa", *sys.argv[1:]])


def _counts(text: str) -> tuple[int, ...]:
    try:
        counts = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        counts = (0,)
    if any(count < 1 for count in counts):
        raise typer.BadParameter(f"{text!r} is not like 1,10,50")
    return counts


def _told(progress: Progress, steps: int) -> Callable[[str], None]:
    """Return what names the step that begins, the one before being done; in a file it is a line of its own."""
    task = progress.add_task("", total=steps, completed=-1)

    def tell(step: str) -> None:
        progress.update(task, advance=1, description=step)
        if not err.is_terminal:
            err.print(step)

    return tell


def _fill_messages(url: str, messages: int) -> None:
    from bot.bootstrap import measure_lists

    sentences, words = _vocabulary()
    measure_lists(
        url, sentences, words, max(1, messages // 10), messages, 2, lambda _: None
    )  # what lists take is passed over


def _show(page: "Page", write: Path | None) -> None:
    from bot.engine.bench_figures import chart, markdown

    table = markdown(page, write.with_suffix(".svg").name if write else "benchmarks.svg")
    typer.echo(table)
    if write:
        write.write_text(table, "utf-8")
        write.with_suffix(".svg").write_text(chart([row for row in page.rows if row.unit == "1/s"]), "utf-8")


def _print(measured: Iterable[tuple[str, float, float]], title: str) -> None:
    table = Table("what", "p50 ms", "p95 ms", title=title, box=None)
    for name, middle, slow in measured:
        table.add_row(name, f"{middle:.1f}", f"{slow:.1f}")
    out.print(table)


def _vocabulary() -> tuple[list[str], list[str]]:
    """Return sentences as shoppers write them, and a common, a middling and a rare word of theirs."""
    from bot.engine.questions import read_questions

    sentences = [question.text for question in read_questions(*sorted((ROOT / "data" / "nlu").glob("*.yml")))]
    counted = Counter(word for sentence in sentences for word in sentence.split() if len(word) > 3)
    ranked = [word for word, _ in counted.most_common()]
    return sentences, [ranked[0], ranked[50], ranked[-1]]
